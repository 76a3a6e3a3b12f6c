//! Browser sessions: listed and revocable by their owner.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use crate::clock::{HOUR, MINUTE, Micros};
use crate::db::{SqlExt, Tx};
use crate::ids::{new_id, new_secret, secret_hash};
use crate::params;

/// Idle time after which a session ends.
pub const SESSION_LIFE: Micros = 12 * HOUR;
/// A session's last use is written at most this often: a read must not become a write.
const TOUCH_EVERY: Micros = 5 * MINUTE;

/// A live session as its owner sees it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct SessionRow {
    pub id: Uuid,
    pub staff_id: Uuid,
    pub awaiting_second_factor: bool,
    pub created_at: i64,
    pub last_seen_at: i64,
    pub expires_at: i64,
    pub address: String,
    pub browser: String,
}

/// Starts a session; answers its id and the secret for the cookie.
pub async fn start(
    tx: &Tx,
    now: Micros,
    staff_id: Uuid,
    awaiting_second_factor: bool,
    address: &str,
    browser: &str,
) -> Result<(Uuid, String), DbErr> {
    let (id, secret) = (new_id(now), new_secret());
    let browser: String = browser.chars().take(200).collect();
    tx.run(
        "insert into session (id, staff_id, token_hash, awaiting_second_factor, created_at, \
         last_seen_at, expires_at, address, browser) values ($1, $2, $3, $4, $5, $5, $6, $7, $8)",
        params![id, staff_id, secret_hash(&secret), awaiting_second_factor, now, now + SESSION_LIFE, address, browser],
    )
    .await?;
    tx.run("delete from session where expires_at < $1", params![now]).await?;
    Ok((id, secret))
}

/// The live session of a cookie's secret.
pub async fn find(db: &impl ConnectionTrait, now: Micros, secret: &str) -> Result<Option<SessionRow>, DbErr> {
    db.first(
        "select id, staff_id, awaiting_second_factor, created_at, last_seen_at, expires_at, \
         address, browser from session where token_hash = $1 and expires_at > $2",
        params![secret_hash(secret), now],
    )
    .await
}

/// Whether the last use should be written now.
pub fn is_touch_due(session: &SessionRow, now: Micros) -> bool {
    now - session.last_seen_at > TOUCH_EVERY
}

/// Notes that a session is in use and prolongs it.
pub async fn touch(tx: &Tx, now: Micros, id: Uuid) -> Result<(), DbErr> {
    tx.run("update session set last_seen_at = $1, expires_at = $2 where id = $3", params![now, now + SESSION_LIFE, id])
        .await?;
    Ok(())
}

/// The second factor was given.
pub async fn complete(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    tx.run("update session set awaiting_second_factor = false where id = $1", params![id]).await?;
    Ok(())
}

pub async fn list(db: &impl ConnectionTrait, now: Micros, staff_id: Uuid) -> Result<Vec<SessionRow>, DbErr> {
    db.all(
        "select id, staff_id, awaiting_second_factor, created_at, last_seen_at, expires_at, \
         address, browser from session where staff_id = $1 and expires_at > $2 \
         order by last_seen_at desc, id",
        params![staff_id, now],
    )
    .await
}

/// Ends one session of a person; answers whether there was one.
pub async fn end(tx: &Tx, staff_id: Uuid, id: Uuid) -> Result<bool, DbErr> {
    let ended = tx.run("delete from session where id = $1 and staff_id = $2", params![id, staff_id]).await?;
    Ok(ended == 1)
}

/// Ends all sessions of a person, save one.
pub async fn end_all(tx: &Tx, staff_id: Uuid, keep: Option<Uuid>) -> Result<u64, DbErr> {
    let keep = keep.unwrap_or_default();
    tx.run("delete from session where staff_id = $1 and id <> $2", params![staff_id, keep]).await
}
