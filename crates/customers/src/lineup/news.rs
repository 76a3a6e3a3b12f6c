//! What changed since the line-up was read: told by the event log, which every write of a customer adds to.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use platform::app::RunningClock;
use platform::clock::{Micros, SECOND};
use platform::db::{Database, LONGEST_WRITE, SqlExt, packed_ids, unpacked_ids};
use platform::error::AppResult;
use platform::ids::first_id;
use platform::params;
use platform::sea_orm::{self, FromQueryResult, Value};
use uuid::Uuid;

use super::bits::Bits;
use super::line::Line;
use crate::customer::list::SortKey;

/// Further ahead of this machine's clock no event's id may be: its writer's clock is wrong, and the log's order says nothing.
const CLOCKS_DIFFER: Micros = 30 * SECOND;
/// How often it is noted how far the log went.
const NOTED_EVERY: Duration = Duration::from_secs(2);
/// More events in that time are an import or a bulk action.
const MOST_EVENTS: i64 = 5_000;
/// Ids in one statement.
const AT_ONCE: usize = 500;

/// Customers that were written since the line-up was read, as they are now.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Events after this one may still come.
    since: Option<u128>,
    /// How far the log went, and when.
    noted: VecDeque<(Instant, u128)>,
    seen: HashSet<u128>,
    pub rows: Vec<Changed>,
    by_id: HashMap<u128, usize>,
    by_document: HashMap<i64, usize>,
    /// Slots in the line-up that no longer hold.
    pub stale: Bits,
}

/// A customer that was written.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Changed {
    pub id: Uuid,
    sort_name: String,
    company_folded: String,
    main_email: String,
    created_at: i64,
    updated_at: i64,
    pub marks: i64,
    pub links: i64,
    number: Option<i64>,
    /// Its search document.
    pub document: String,
    pub is_there: bool,
}

impl Changed {
    /// What it is sorted by: one of the two, the other is empty.
    pub(crate) fn value(&self, key: SortKey) -> (&str, i64) {
        match key {
            SortKey::Name => (&self.sort_name, 0),
            SortKey::Company => (&self.company_folded, 0),
            SortKey::Email => (&self.main_email, 0),
            SortKey::Created => ("", self.created_at),
            SortKey::Updated => ("", self.updated_at),
        }
    }
}

/// The first id that can be made at the time of another one.
fn beginning(id: u128) -> u128 {
    id >> 80 << 80
}

impl News {
    /// Forgets what changed: the line-up is about to be read anew. `false` while too much is being written.
    pub(crate) async fn begin(&mut self, db: &Database) -> AppResult<bool> {
        self.rows.clear();
        self.by_id.clear();
        self.by_document.clear();
        self.stale = Bits::default();
        let Some((_, seen)) = self.look(db).await? else { return Ok(false) };
        self.seen = seen;
        Ok(true)
    }

    /// Reads what changed since the last time. `false` when too much was, to be kept track of.
    pub(crate) async fn catch_up(&mut self, db: &Database, line: &Line) -> AppResult<bool> {
        let Some((fresh, seen)) = self.look(db).await? else { return Ok(false) };
        for events in fresh.chunks(AT_ONCE) {
            let places = (1..=events.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
            let sql = format!("select distinct entity_id from event where id in ({places}) and entity = 'customer'");
            let of_ids = events.iter().map(|id| Value::from(Uuid::from_u128(*id))).collect();
            let customers: Vec<Uuid> = db.read().values(&sql, of_ids).await?;
            self.note(db, line, customers).await?;
        }
        self.seen = seen;
        Ok(true)
    }

    /// Events that were not seen before, and all that are young; `None` when they are too many.
    async fn look(&mut self, db: &Database) -> AppResult<Option<(Vec<u128>, HashSet<u128>)>> {
        let newest = "select id from event order by id desc limit 1";
        let since = match self.since {
            Some(since) => since,
            None => {
                let last: Option<Uuid> = db.read().value(newest, params![]).await?;
                (last.map_or(0, |id| id.as_u128()) >> 80).saturating_sub(LONGEST_WRITE.as_millis()) << 80
            }
        };
        let sql = format!(
            "select {} from (select id from event where id >= $1 order by id desc limit $2) e",
            packed_ids(db.engine(), "id")
        );
        let packed: Option<Vec<u8>> = db.read().value(&sql, params![Uuid::from_u128(since), MOST_EVENTS + 1]).await?;
        let young = unpacked_ids(&packed.unwrap_or_default());
        let last = young.iter().copied().max().unwrap_or(since);
        let latest = db.beside::<RunningClock>().now().map(|now| first_id(now + CLOCKS_DIFFER).as_u128());
        if latest.is_some_and(|latest| last > latest) {
            tracing::warn!("the newest event is of the future: a clock is wrong, and lists take longer ways");
            return Ok(None);
        }
        // Whatever is older than what was the last one so long ago has been seen now.
        self.since = Some(self.last_before(last).unwrap_or(since).max(since));
        if young.len() as i64 > MOST_EVENTS {
            return Ok(None);
        }
        let fresh = young.iter().filter(|id| !self.seen.contains(*id)).copied().collect();
        Ok(Some((fresh, young.into_iter().collect())))
    }

    /// Notes how far the log goes; answers how far it went longer ago than any write takes.
    fn last_before(&mut self, last: u128) -> Option<u128> {
        let now = Instant::now();
        if self.noted.back().is_none_or(|(at, _)| now.duration_since(*at) >= NOTED_EVERY) {
            self.noted.push_back((now, last));
        }
        let mut before = None;
        while let Some((at, id)) = self.noted.front().copied()
            && now.duration_since(at) >= LONGEST_WRITE
        {
            before = Some(beginning(id));
            self.noted.pop_front();
        }
        before
    }

    async fn note(&mut self, db: &Database, line: &Line, customers: Vec<Uuid>) -> AppResult<()> {
        if customers.is_empty() {
            return Ok(());
        }
        let places = (1..=customers.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "select c.id, c.sort_name, c.company_folded, c.main_email, c.created_at, c.updated_at, c.marks, c.links, \
             d.seq as number, coalesce(d.document, '') as document, c.deleted_at is null as is_there \
             from customer c left join customer_search d on d.customer_id = c.id where c.id in ({places})"
        );
        let rows: Vec<Changed> = db.read().all(&sql, customers.iter().map(|id| Value::from(*id)).collect()).await?;
        for id in &customers {
            if let Some(slot) = line.slot(id.as_u128()) {
                self.stale.put(slot);
            }
            if let Some(at) = self.by_id.get(&id.as_u128()) {
                self.rows[*at].is_there = false;
            }
        }
        for row in rows {
            let at = *self.by_id.entry(row.id.as_u128()).or_insert(self.rows.len());
            row.number.map(|number| self.by_document.insert(number, at));
            if at < self.rows.len() {
                self.rows[at] = row;
            } else {
                self.rows.push(row);
            }
        }
        Ok(())
    }

    /// Documents of those who were written and are there.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().filter(|row| row.is_there).map(|row| row.document.as_str())
    }

    pub(crate) fn place(&self, id: u128) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    pub(crate) fn place_of_document(&self, number: i64) -> Option<usize> {
        self.by_document.get(&number).copied()
    }
}
