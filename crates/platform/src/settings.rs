//! Settings an administrator changes while the program runs: one row per key, JSON values.

use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Micros;
use crate::db::{SqlExt, Tx};
use crate::error::{AppError, AppResult};
use crate::history::{self, Actor, Entry};
use crate::params;

/// A setting with its key, type and default.
pub trait Setting: Serialize + DeserializeOwned + Default + Send {
    const KEY: &'static str;
}

/// The stored value, or the default.
pub async fn load<S: Setting>(db: &impl ConnectionTrait) -> Result<S, DbErr> {
    let text: Option<String> = db.value("select value from setting where key = $1", params![S::KEY]).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Stores a value and records the change.
pub async fn save<S: Setting>(tx: &Tx, actor: &Actor, now: Micros, value: &S) -> AppResult<()> {
    let before: S = load(tx).await?;
    let before = serde_json::to_string(&before).map_err(AppError::broken)?;
    let after = serde_json::to_string(value).map_err(AppError::broken)?;
    tx.run(
        "insert into setting (key, value, changed_at) values ($1, $2, $3) \
         on conflict (key) do update set value = excluded.value, changed_at = excluded.changed_at",
        params![S::KEY, after.clone(), now],
    )
    .await?;
    let entry = Entry::new("setting", uuid::Uuid::nil(), "changed").change(S::KEY, &before, &after);
    history::record(tx, actor, now, entry).await?;
    Ok(())
}
