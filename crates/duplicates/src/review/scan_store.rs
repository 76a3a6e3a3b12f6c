//! Every query about scans, and the place in the event log up to which the queue knows of changes.

use platform::clock::{MINUTE, Micros, SECOND};
use platform::db::{SqlExt, Tx};
use platform::ids::first_id;
use platform::params;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

/// A scan of which nobody heard for so long was cut off.
const SILENT: Micros = 2 * MINUTE;
/// A transaction may commit so long after it made its ids: younger events are looked at again.
pub const OVERLAP: Micros = 10 * SECOND;

/// A scan of the whole shop.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct ScanRow {
    pub id: Uuid,
    /// `running`, `done` or `failed`.
    pub state: String,
    pub staff_id: Option<Uuid>,
    pub actor_name: String,
    pub source: String,
    pub created_at: i64,
    /// When it was last heard of.
    pub beat_at: i64,
    pub finished_at: Option<i64>,
    /// How far it is, of a hundred.
    pub percent: i64,
    pub customers: i64,
    /// Candidates that were compared.
    pub compared: i64,
    /// Pairs found, down to what is stored.
    pub pairs: i64,
    pub failure: String,
}

impl ScanRow {
    pub fn is_running(&self) -> bool {
        self.state == "running"
    }
}

const SELECT: &str = "select id, state, staff_id, actor_name, source, created_at, beat_at, finished_at, percent, \
    customers, compared, pairs, failure from duplicate_scan";

pub async fn add(tx: &Tx, scan: &ScanRow) -> Result<(), DbErr> {
    let columns = &["id", "state", "staff_id", "actor_name", "source", "created_at", "beat_at"];
    let row = params![
        scan.id,
        scan.state.clone(),
        scan.staff_id,
        scan.actor_name.clone(),
        scan.source.clone(),
        scan.created_at,
        scan.beat_at
    ];
    tx.insert_rows("duplicate_scan", columns, vec![row]).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<ScanRow>, DbErr> {
    db.first(&format!("{SELECT} where id = $1"), params![id]).await
}

/// The newest scans.
pub async fn list(db: &impl ConnectionTrait, limit: i64) -> Result<Vec<ScanRow>, DbErr> {
    db.all(&format!("{SELECT} order by created_at desc, id desc limit $1"), params![limit]).await
}

pub async fn running(db: &impl ConnectionTrait) -> Result<Option<ScanRow>, DbErr> {
    db.first(&format!("{SELECT} where state = 'running'"), params![]).await
}

/// Marks a scan of which nobody heard for long as failed.
pub async fn give_up_silent(tx: &Tx, now: Micros, why: &str) -> Result<(), DbErr> {
    let sql = "update duplicate_scan set state = 'failed', finished_at = $1, failure = $2 \
        where state = 'running' and beat_at < $3";
    tx.run(sql, params![now, why, now - SILENT]).await?;
    Ok(())
}

/// Notes how far a scan is; answers whether it is still to be done.
pub async fn beat(tx: &Tx, id: Uuid, now: Micros, percent: i64) -> Result<bool, DbErr> {
    let sql = "update duplicate_scan set beat_at = $1, percent = $2 where id = $3 and state = 'running'";
    Ok(tx.run(sql, params![now, percent, id]).await? == 1)
}

/// Notes the end. `failure` is empty when it did its work.
pub async fn finish(tx: &Tx, scan: &ScanRow, now: Micros) -> Result<(), DbErr> {
    let sql = "update duplicate_scan set state = $1, finished_at = $2, percent = 100, customers = $3, compared = $4, \
        pairs = $5, failure = $6 where id = $7 and state = 'running'";
    let state = if scan.failure.is_empty() { "done" } else { "failed" };
    tx.run(sql, params![state, now, scan.customers, scan.compared, scan.pairs, scan.failure.clone(), scan.id]).await?;
    Ok(())
}

/// Customers to be read, by id.
pub async fn customers_after(db: &impl ConnectionTrait, after: Uuid, limit: i64) -> Result<Vec<Uuid>, DbErr> {
    let sql = "select id from customer where id > $1 and deleted_at is null order by id limit $2";
    db.values(sql, params![after, limit]).await
}

/// How many customers there are outside the bin.
pub async fn customers(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    Ok(db.value("select count(*) from customer where deleted_at is null", params![]).await?.unwrap_or(0))
}

/// Up to which event the queue knows of changes: everything up to one, and those seen behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub event: Uuid,
    pub seen: Vec<Uuid>,
}

/// The position; of a shop that never had one, a moment ago.
pub async fn position(db: &impl ConnectionTrait, now: Micros) -> Result<Position, DbErr> {
    #[derive(FromQueryResult)]
    struct FollowRow {
        event_id: Uuid,
        seen: String,
    }
    let row: Option<FollowRow> =
        db.first("select event_id, seen from duplicate_follow where id = 1", params![]).await?;
    Ok(match row {
        Some(row) => {
            Position { event: row.event_id, seen: row.seen.split(',').filter_map(|id| id.parse().ok()).collect() }
        }
        None => Position { event: first_id(now - OVERLAP), seen: Vec::new() },
    })
}

pub async fn set_position(tx: &Tx, position: &Position) -> Result<(), DbErr> {
    let seen = position.seen.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",");
    let sql = "insert into duplicate_follow (id, event_id, seen) values (1, $1, $2) \
        on conflict (id) do update set event_id = excluded.event_id, seen = excluded.seen";
    tx.run(sql, params![position.event, seen]).await?;
    Ok(())
}

/// A change of a customer in the log.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct ChangeRow {
    pub id: Uuid,
    pub customer_id: Uuid,
    pub action: String,
    /// Microseconds since 1970.
    pub at: i64,
}

impl ChangeRow {
    /// Whether somebody changed what the customer is, rather than which records make it up.
    pub fn is_edit(&self) -> bool {
        !matches!(self.action.as_str(), "merged" | "merged_into" | "merge_undone")
    }
}

/// Changes of customers behind an event.
pub async fn changes(db: &impl ConnectionTrait, after: Uuid, limit: i64) -> Result<Vec<ChangeRow>, DbErr> {
    let sql = "select id, customer_id, action, at from event where id > $1 and customer_id is not null and entity = 'customer' \
        order by id limit $2";
    db.all(sql, params![after, limit]).await
}
