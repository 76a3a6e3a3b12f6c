//! API tokens: a staff member's rights, narrowed to scopes, for a program.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{Permission, PermissionSet};
use crate::clock::{MINUTE, Micros};
use crate::contact::clean_line;
use crate::db::{SqlExt, Tx};
use crate::error::{AppError, AppResult};
use crate::history::{self, Actor, Entry};
use crate::i18n::Message;
use crate::ids::{new_id, new_secret, secret_hash};
use crate::params;

/// Marks our tokens, so that secret scanners recognise them.
const PREFIX: &str = "clt_";
const TOUCH_EVERY: Micros = 5 * MINUTE;

/// A token without its secret.
#[derive(Clone, Debug, FromQueryResult)]
pub struct TokenRow {
    pub id: Uuid,
    pub staff_id: Uuid,
    pub staff_name: String,
    pub name: String,
    pub scopes: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

impl TokenRow {
    /// What the token allows at most; an empty scope list means all of its owner's rights.
    pub fn scope_set(&self) -> PermissionSet {
        if self.scopes.is_empty() { PermissionSet::of(Permission::ALL) } else { PermissionSet::parse(&self.scopes) }
    }

    pub fn is_touch_due(&self, now: Micros) -> bool {
        self.last_used_at.is_none_or(|last| now - last > TOUCH_EVERY)
    }
}

const COLUMNS: &str = "select t.id, t.staff_id, s.name as staff_name, t.name, t.scopes, \
    t.created_at, t.last_used_at, t.revoked_at from api_token t join staff s on s.id = t.staff_id";

/// Creates a token and answers its secret, which is never shown again.
///
/// # Errors
/// `Invalid` for an empty name or an unknown scope.
pub async fn create(
    tx: &Tx,
    actor: &Actor,
    now: Micros,
    staff_id: Uuid,
    name: &str,
    scopes: &[String],
) -> AppResult<(Uuid, String)> {
    let name = clean_line(name, 80)
        .map_err(|unclean| AppError::field("name", unclean.code(), "This name cannot be stored."))?;
    if name.is_empty() {
        return Err(AppError::field("name", "required", "A token needs a name."));
    }
    if let Some(scope) = scopes.iter().find(|scope| Permission::from_key(scope).is_none()) {
        let detail = Message::new("There is no scope {scope}.").with("scope", scope);
        return Err(AppError::field("scopes", "unknown_scope", detail));
    }
    let (id, secret) = (new_id(now), format!("{PREFIX}{}", new_secret()));
    tx.run(
        "insert into api_token (id, staff_id, name, token_hash, scopes, created_at) \
         values ($1, $2, $3, $4, $5, $6)",
        params![id, staff_id, name.clone(), secret_hash(&secret), scopes.join(" "), now],
    )
    .await?;
    let entry = Entry::new("api_token", id, "created").change("name", "", &name);
    history::record(tx, actor, now, entry).await?;
    Ok((id, secret))
}

/// The live token of a secret.
pub async fn find(db: &impl ConnectionTrait, secret: &str) -> Result<Option<TokenRow>, DbErr> {
    let sql = format!("{COLUMNS} where t.token_hash = $1 and t.revoked_at is null");
    db.first(&sql, params![secret_hash(secret)]).await
}

pub async fn list(db: &impl ConnectionTrait, staff_id: Uuid) -> Result<Vec<TokenRow>, DbErr> {
    let sql = format!("{COLUMNS} where t.staff_id = $1 order by t.created_at desc, t.id");
    db.all(&sql, params![staff_id]).await
}

/// Revokes a token of a person at once.
pub async fn revoke(tx: &Tx, actor: &Actor, now: Micros, staff_id: Uuid, id: Uuid) -> AppResult<()> {
    let changed = tx
        .run(
            "update api_token set revoked_at = $1 \
             where id = $2 and staff_id = $3 and revoked_at is null",
            params![now, id, staff_id],
        )
        .await?;
    if changed == 0 {
        return Err(AppError::NotFound);
    }
    history::record(tx, actor, now, Entry::new("api_token", id, "revoked")).await?;
    Ok(())
}

/// Notes that a token was used.
pub async fn touch(tx: &Tx, now: Micros, id: Uuid) -> Result<(), DbErr> {
    tx.run("update api_token set last_used_at = $1 where id = $2", params![now, id]).await?;
    Ok(())
}
