//! Reading the event log.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{Change, HistoryKey, unseal};
use crate::clock::Micros;
use crate::db::SqlExt;
use crate::params;

/// An event as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct EventRow {
    pub id: Uuid,
    pub at: i64,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub actor_name: String,
    pub source: String,
    pub source_detail: String,
    pub entity: String,
    pub entity_id: Uuid,
    pub customer_id: Option<Uuid>,
    pub version: i64,
    pub action: String,
    pub fields: String,
    pub changes: Option<Vec<u8>>,
    pub reason: String,
    pub about: String,
    pub about_id: Option<Uuid>,
}

impl EventRow {
    /// The changed values, readable while the customer's key exists; `None` once they are gone.
    pub fn open(&self, key: Option<&HistoryKey>) -> Option<Vec<Change>> {
        let Some(bytes) = &self.changes else { return Some(Vec::new()) };
        if self.customer_id.is_none() {
            return serde_json::from_slice(bytes).ok();
        }
        serde_json::from_slice(&unseal(key?, self.id, bytes)?).ok()
    }

    /// The id of what the entry belongs to, when it is one of these: see [`super::About`].
    pub fn about(&self, entity: &str) -> Option<Uuid> {
        self.about_id.filter(|_| self.about == entity)
    }

    /// Names of the changed fields, known even when the values are gone.
    pub fn field_names(&self) -> Vec<&str> {
        self.fields.split(',').filter(|name| !name.is_empty()).collect()
    }
}

/// Which events of a customer to list, newest first.
#[derive(Clone, Debug, Default)]
pub struct HistoryFilter {
    /// Only events that changed this field.
    pub field: String,
    /// Only events by this staff member.
    pub actor_id: Option<Uuid>,
    /// Only events before this one (keyset: time and id of the last row seen).
    pub before: Option<(i64, Uuid)>,
}

const SELECT: &str = "select id, at, actor_kind, actor_id, actor_name, source, source_detail, \
    entity, entity_id, customer_id, version, action, fields, changes, reason, about, about_id from event";

/// Events of a customer, newest first.
pub async fn of_customer(
    db: &impl ConnectionTrait,
    customer: Uuid,
    filter: &HistoryFilter,
    limit: i64,
) -> Result<Vec<EventRow>, DbErr> {
    let mut sql = format!("{SELECT} where customer_id = $1");
    let mut params = params![customer];
    if !filter.field.is_empty() {
        // A group like "email" matches every field of the group ("email.<id>.address").
        params.push(format!("%,{},%", filter.field).into());
        params.push(format!("%,{}.%", filter.field).into());
        sql += &format!(" and (fields like ${} or fields like ${})", params.len() - 1, params.len());
    }
    if let Some(actor) = filter.actor_id {
        params.push(actor.into());
        sql += &format!(" and actor_id = ${}", params.len());
    }
    if let Some((at, id)) = filter.before {
        params.push(at.into());
        params.push(id.into());
        sql += &format!(" and (at, id) < (${}, ${})", params.len() - 1, params.len());
    }
    params.push(limit.into());
    sql += &format!(" order by at desc, id desc limit ${}", params.len());
    db.all(&sql, params).await
}

/// Events of a customer after a version, oldest first; the base of conflict detection (R24).
pub async fn since_version(db: &impl ConnectionTrait, customer: Uuid, version: i64) -> Result<Vec<EventRow>, DbErr> {
    let sql = format!("{SELECT} where customer_id = $1 and version > $2 order by version, at, id");
    db.all(&sql, params![customer, version]).await
}

/// The people who changed a customer, for the filter of the history.
pub async fn actors_of(db: &impl ConnectionTrait, customer: Uuid) -> Result<Vec<(Uuid, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct ActorRow {
        actor_id: Uuid,
        actor_name: String,
    }
    let sql = "select actor_id, max(actor_name) as actor_name from event \
        where customer_id = $1 and actor_id is not null group by actor_id order by 2, 1";
    let rows: Vec<ActorRow> = db.all(sql, params![customer]).await?;
    Ok(rows.into_iter().map(|row| (row.actor_id, row.actor_name)).collect())
}

/// Everything staff did (S1-28), newest first; `actor` narrows to one person.
pub async fn activity(
    db: &impl ConnectionTrait,
    actor: Option<Uuid>,
    before: Option<(i64, Uuid)>,
    limit: i64,
) -> Result<Vec<EventRow>, DbErr> {
    let mut sql = format!("{SELECT} where actor_kind = 'staff'");
    let mut params = params![];
    if let Some(actor) = actor {
        params.push(actor.into());
        sql += &format!(" and actor_id = ${}", params.len());
    }
    if let Some((at, id)) = before {
        params.push(at.into());
        params.push(id.into());
        sql += &format!(" and (at, id) < (${}, ${})", params.len() - 1, params.len());
    }
    params.push(limit.into());
    sql += &format!(" order by at desc, id desc limit ${}", params.len());
    db.all(&sql, params).await
}

/// The last version a customer had at a moment; `None` before the record was made. Saves that ran side by side may be
/// stored in another order than their times: a version counts from its own time on, with all versions before it.
pub async fn version_at(db: &impl ConnectionTrait, customer: Uuid, at: Micros) -> Result<Option<i64>, DbErr> {
    let sql = "select max(version) from event where customer_id = $1 and at <= $2 and version > 0";
    Ok(db.value::<Option<i64>>(sql, params![customer, at]).await?.flatten())
}

/// When a version of a customer was stored.
pub async fn version_time(db: &impl ConnectionTrait, customer: Uuid, version: i64) -> Result<Option<Micros>, DbErr> {
    let sql = "select at from event where customer_id = $1 and version = $2 order by at, id limit 1";
    db.value(sql, params![customer, version]).await
}

/// Events of anything that is not a customer, newest first.
pub async fn of_entity(
    db: &impl ConnectionTrait,
    entity: &str,
    id: Uuid,
    before: Option<(i64, Uuid)>,
    limit: i64,
) -> Result<Vec<EventRow>, DbErr> {
    let mut sql = format!("{SELECT} where entity = $1 and entity_id = $2 and customer_id is null");
    let mut params = params![entity, id];
    if let Some((at, id)) = before {
        params.push(at.into());
        params.push(id.into());
        sql += " and (at, id) < ($3, $4)";
    }
    params.push(limit.into());
    sql += &format!(" order by at desc, id desc limit ${}", params.len());
    db.all(&sql, params).await
}

/// The name that something had when it was last written, for ids of what is gone.
pub async fn last_name(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<String>, DbErr> {
    let sql = format!(
        "{SELECT} where entity in ('group', 'channel', 'choice', 'company') and entity_id = $1 \
        and customer_id is null order by at desc, id desc limit 20"
    );
    let events: Vec<EventRow> = db.all(&sql, params![id]).await?;
    let changes = events.iter().filter_map(|event| event.open(None)).flatten();
    let mut names = changes.filter(|change| change.field == "name");
    Ok(names.next().map(|change| if change.after.is_empty() { change.before } else { change.after }))
}
