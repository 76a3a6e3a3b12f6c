//! The line-up: every customer's marks and place in each order, in memory. From it the customers that a page can begin with
//! are chosen, whatever it is filtered and sorted by, in a few milliseconds among a million; the database then checks
//! every condition on their records and sorts them.
//!
//! Always true: what is chosen holds every row of the page. The line-up is as old as the moment it was read; who was
//! written since (the event log tells) counts as being anywhere in it. Where that cannot be told, or the choice leads to too
//! few rows, nothing is answered and the list takes its way through the database (see [`super::plan`]).

mod bits;
mod choice;
mod line;
mod news;
mod reach;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use platform::db::{Database, SqlExt};
use platform::error::AppResult;
use platform::params;
use uuid::Uuid;

use self::choice::{Asked, choose};
use self::line::Line;
use self::news::News;
use self::reach::Reach;
use super::conditions::Conditions;
use super::plan::{Order, Source};
use super::rows::{ids_of, rows_from};
use super::{ListRow, SortKey};

/// In smaller shops every way through the database is short.
const WORTH_IT: i64 = 5_000;
/// So many changed customers are worth reading everybody anew.
const MOST_CHANGED: usize = 5_000;
/// Customers that are looked at first, beyond those wanted.
const SPARE: usize = 14;
/// Customers that are looked at with one statement.
const AT_ONCE: usize = 400;
/// Customers that are looked at before what is common is read after all.
const LOOKED_AT_FIRST: usize = 600;
/// More are not looked at.
const MOST_LOOKED_AT: usize = 6_000;
/// Index entries looked at to find where a page begins.
const LOOKED_AT: i64 = 100;

/// The line-up of a database, kept beside it.
#[derive(Debug, Default)]
pub(super) struct LineUp {
    line: Mutex<Option<Arc<Line>>>,
    news: tokio::sync::Mutex<News>,
    is_being_read: AtomicBool,
}

impl LineUp {
    fn line(&self) -> Option<Arc<Line>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, line: Option<Arc<Line>>) {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }
}

/// Reads the line-up of a shop that is large enough to be worth it.
///
/// # Errors
/// When the database cannot be read.
pub async fn line_up(db: &Database) -> AppResult<()> {
    let lineup = db.beside::<LineUp>();
    if lineup.is_being_read.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    let read = read(db, &lineup).await;
    lineup.is_being_read.store(false, Ordering::Release);
    read
}

async fn read(db: &Database, lineup: &LineUp) -> AppResult<()> {
    let is_large = "select 1 from customer order by id limit 1 offset $1";
    if db.read().value::<i32>(is_large, params![WORTH_IT]).await?.is_none() {
        return Ok(());
    }
    // The old one goes first: two would need twice the memory.
    lineup.put(None);
    if lineup.news.lock().await.begin(db).await? {
        lineup.put(Some(Arc::new(Line::read(db).await?)));
    }
    Ok(())
}

/// Whether pages are chosen from memory.
pub fn is_lined_up(db: &Database) -> bool {
    db.beside::<LineUp>().line().is_some()
}

/// Forgets the line-up: somebody wrote customers of the past.
pub fn forget(db: &Database) {
    db.beside::<LineUp>().put(None);
}

fn line_up_later(db: &Database) {
    let db = db.clone();
    tokio::spawn(async move {
        if let Err(error) = line_up(&db).await {
            tracing::warn!(%error, "the line-up of the list cannot be read");
        }
    });
}

/// The first rows of a page, `None` where the database must find its own way.
pub(super) async fn rows(
    db: &Database,
    sql: &Conditions,
    key: SortKey,
    order: &Order,
    most: i64,
) -> AppResult<Option<Vec<ListRow>>> {
    let lineup = db.beside::<LineUp>();
    // The line belongs to the news: both are taken together.
    let mut news = lineup.news.lock().await;
    let Some(line) = lineup.line() else {
        drop(news);
        line_up_later(db);
        return Ok(None);
    };
    if !news.catch_up(db, &line).await? || news.rows.len() > MOST_CHANGED {
        lineup.put(None);
        line_up_later(db);
        return Ok(None);
    }
    drop(news);
    let begins = match order.beyond {
        None => None,
        Some(_) => Some(following(db, sql, order).await?),
    };
    let page = Page { sql, key, order, most, begins };
    let reach = reach::read(db, sql, &line, false).await?;
    if !reach.is_partial {
        return page.looked_at(db, &lineup, &line, &reach, MOST_LOOKED_AT).await;
    }
    // What is common is met soon, unless it is common elsewhere in this order.
    if let Some(rows) = page.looked_at(db, &lineup, &line, &reach, LOOKED_AT_FIRST).await? {
        return Ok(Some(rows));
    }
    let reach = reach::read(db, sql, &line, true).await?;
    page.looked_at(db, &lineup, &line, &reach, MOST_LOOKED_AT).await
}

/// The customers behind the row that the page begins after, the nearest first.
async fn following(db: &Database, sql: &Conditions, order: &Order) -> AppResult<Vec<Uuid>> {
    let begins = order.begins("k").unwrap_or_else(|| "true".to_owned());
    let text = format!(
        "select k.id from customer k where k.deleted_at is null and {begins} order by {} limit {LOOKED_AT}",
        order.by("k")
    );
    ids_of(db, &text, &sql.params).await
}

/// A page that is asked for.
struct Page<'a> {
    sql: &'a Conditions,
    key: SortKey,
    order: &'a Order,
    most: i64,
    begins: Option<Vec<Uuid>>,
}

impl Page<'_> {
    /// Looks at the records of those chosen, at no more than `most`, until there are enough that meet the conditions.
    async fn looked_at(
        &self,
        db: &Database,
        lineup: &LineUp,
        line: &Line,
        reach: &Reach,
        most: usize,
    ) -> AppResult<Option<Vec<ListRow>>> {
        let choice = {
            let news = lineup.news.lock().await;
            if !lineup.line().is_some_and(|now| std::ptr::eq(&raw const *now, line)) {
                // It was read anew meanwhile; the news are of the new one.
                return Ok(None);
            }
            let asked = Asked {
                key: self.key,
                descending: self.order.descending,
                begins: self.begins.as_deref(),
                marks: &self.sql.marks,
                reached: &reach.all,
                most,
            };
            choose(line, &news, &asked)
        };
        let Some(choice) = choice else { return Ok(None) };
        let wanted = usize::try_from(self.most).unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        for (chosen, is_whole) in [(&choice.lined_up, choice.is_whole), (&choice.changed, true)] {
            let mut found: Vec<ListRow> = Vec::new();
            let mut rest = &chosen[..];
            let mut at_once = if choice.is_in_order { wanted + SPARE } else { AT_ONCE };
            while !rest.is_empty() && found.len() < wanted {
                let (now, later) = rest.split_at(rest.len().min(at_once));
                found.extend(self.of_these(db, now).await?);
                rest = later;
                at_once = AT_ONCE;
            }
            if found.len() < wanted && !is_whole {
                return Ok(None);
            }
            rows.extend(found);
        }
        rows.sort_by(|a, b| {
            let ascending = (&a.sort_text, a.sort_number, a.id).cmp(&(&b.sort_text, b.sort_number, b.id));
            if self.order.descending { ascending.reverse() } else { ascending }
        });
        rows.truncate(wanted);
        Ok(Some(rows))
    }

    async fn of_these(&self, db: &Database, ids: &[Uuid]) -> AppResult<Vec<ListRow>> {
        let mut sql = self.sql.clone();
        let places: Vec<String> = ids.iter().map(|id| sql.param(*id)).collect();
        let mut parts = vec![format!("c.id in ({})", places.join(", "))];
        parts.extend(sql.parts.iter().cloned());
        parts.extend(self.order.begins("c"));
        let source = Source { from: "customer c".to_owned(), filter: parts.join(" and "), sorted_by: "c" };
        rows_from(db, sql, &source, self.key, self.order, self.most).await
    }
}
