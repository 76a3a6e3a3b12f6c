//! Telling open pages that somebody changed a customer. Each server looks at the event log twice a second while anybody
//! listens, so it tells of changes made through any server of the shop, by the screen, the API, imports and jobs alike.
//! What is sent names customers by id and version only: the page asks for what its reader may see.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use sea_orm::FromQueryResult;
use serde::Serialize;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Reach;
use crate::clock::{Micros, SECOND};
use crate::db::SqlExt;
use crate::error::AppResult;
use crate::ids::first_id;
use crate::params;
use crate::reach;

/// How often the log is read.
const PAUSE: Duration = Duration::from_millis(500);
/// A transaction may commit so long after it made its ids: younger events are looked at again.
const OVERLAP: Micros = 10 * SECOND;
/// More changes at once are told as "many": an import is running.
const MOST: usize = 200;
/// Ticks a slow reader may fall behind before it is told "many".
const WAITING: usize = 32;

/// What a tick tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum News {
    Changed {
        customers: Vec<ChangedCustomer>,
    },
    /// More than can be named, or some were missed: look again.
    Many,
    /// The server stops.
    Closed,
}

impl News {
    /// What somebody with this reach hears of it: nothing of customers whom they do not see.
    pub async fn heard(self, app: &App, reach: &Reach) -> Option<Self> {
        let Self::Changed { customers } = self else { return Some(self) };
        let ids = customers.iter().map(|customer| customer.id).collect();
        let within = reach::those_within(app, reach, ids).await.unwrap_or_default();
        let customers: Vec<_> = customers.into_iter().filter(|customer| within.contains(&customer.id)).collect();
        (!customers.is_empty()).then_some(Self::Changed { customers })
    }
}

/// A customer that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedCustomer {
    pub id: Uuid,
    /// The version it has now.
    pub version: i64,
    /// Name of the staff member or job that wrote it last.
    pub by: String,
}

/// Where pages listen.
#[derive(Debug)]
pub struct Live(broadcast::Sender<News>);

impl Default for Live {
    fn default() -> Self {
        Self(broadcast::channel(WAITING).0)
    }
}

impl Live {
    /// Hears of everything from now on.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.0.subscribe()
    }

    /// Ends all streams, so that a stopping server does not wait for them.
    pub fn close(&self) {
        self.tell(News::Closed);
    }

    fn tell(&self, news: News) {
        // Nobody listening is no fault.
        let _listeners = self.0.send(news);
    }
}

#[derive(FromQueryResult)]
struct ChangeRow {
    id: Uuid,
    customer_id: Uuid,
    version: i64,
    actor_name: String,
}

/// What was seen of the log so far.
#[derive(Debug, Default)]
pub struct Watch {
    seen: HashSet<Uuid>,
}

impl Watch {
    /// Reads what is new in the log; `None` when nothing is.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn look(&mut self, app: &App) -> AppResult<Option<News>> {
        let since = first_id(app.clock.now() - OVERLAP);
        let sql = "select id, customer_id, version, actor_name from event \
            where id > $1 and customer_id is not null order by id desc limit $2";
        let rows: Vec<ChangeRow> = app.db.read().all(sql, params![since, MOST as i64 + 1]).await?;
        let is_cut = rows.len() > MOST;
        let before = std::mem::replace(&mut self.seen, rows.iter().map(|row| row.id).collect());
        let fresh: Vec<&ChangeRow> = rows.iter().filter(|row| !before.contains(&row.id)).collect();
        if fresh.is_empty() {
            return Ok(None);
        }
        if is_cut {
            return Ok(Some(News::Many));
        }
        let mut latest: HashMap<Uuid, &ChangeRow> = HashMap::new();
        for row in fresh {
            let known = latest.entry(row.customer_id).or_insert(row);
            if known.version < row.version {
                *known = row;
            }
        }
        let changed =
            |row: &ChangeRow| ChangedCustomer { id: row.customer_id, version: row.version, by: row.actor_name.clone() };
        Ok(Some(News::Changed { customers: latest.into_values().map(changed).collect() }))
    }
}

/// Watches the log until the program stops.
pub async fn watch(app: App) {
    let mut watch = Watch::default();
    let mut is_watching = false;
    loop {
        tokio::time::sleep(PAUSE).await;
        if app.live.0.receiver_count() == 0 {
            is_watching = false;
            continue;
        }
        let news = watch.look(&app).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the event log cannot be watched");
            None
        });
        // What happened before anybody listened is on the page already.
        if let Some(news) = news.filter(|_| is_watching) {
            app.live.tell(news);
        }
        is_watching = true;
    }
}
