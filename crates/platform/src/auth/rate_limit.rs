//! Counts attempts in the database, so that several servers share one limit.

use sea_orm::DbErr;

use crate::clock::{DAY, Micros, SECOND};
use crate::db::{Database, SqlExt};
use crate::error::{AppError, AppResult};
use crate::params;

/// At most `attempts` per `window` microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub attempts: i64,
    pub window: Micros,
}

/// Counts one attempt under `key` in a transaction of its own, so that it counts even when the
/// request then fails.
///
/// # Errors
/// `TooMany` with the seconds to wait once the limit is passed.
pub async fn count(db: &Database, now: Micros, key: &str, limit: Limit) -> AppResult<()> {
    let window_start = now - now.rem_euclid(limit.window);
    let used = loop {
        match count_once(db, now, key, window_start).await {
            Err(error) if crate::db::is_retryable(&error) => {}
            other => break other?,
        }
    };
    if used > limit.attempts {
        let wait = (window_start + limit.window - now) / SECOND + 1;
        return Err(AppError::TooMany { retry_after_seconds: wait });
    }
    Ok(())
}

async fn count_once(db: &Database, now: Micros, key: &str, window_start: Micros) -> Result<i64, DbErr> {
    let tx = db.begin_write().await?;
    tx.run("delete from rate_limit where window_start < $1", params![now - 2 * DAY]).await?;
    let used: Option<i64> = tx
        .value(
            "insert into rate_limit (key, window_start, used) values ($1, $2, 1) \
             on conflict (key, window_start) do update set used = rate_limit.used + 1 \
             returning used",
            params![key, window_start],
        )
        .await?;
    tx.commit().await?;
    Ok(used.unwrap_or(1))
}

/// Forgets the attempts under `key`, after a success.
pub async fn reset(db: &Database, key: &str) -> Result<(), DbErr> {
    let tx = db.begin_write().await?;
    tx.run("delete from rate_limit where key = $1", params![key]).await?;
    tx.commit().await
}
