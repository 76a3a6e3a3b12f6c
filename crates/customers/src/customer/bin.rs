//! What is in the bin.

use platform::auth::Sight;
use platform::contact::words;
use platform::db::{Database, SqlExt, contains_folded};
use platform::error::AppResult;
use platform::params;
use platform::sea_orm::{self, FromQueryResult};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::visible::visible;
use super::{reach, store};

/// A deleted customer.
#[derive(Clone, Debug, Serialize, ToSchema, FromQueryResult)]
pub struct BinRow {
    pub id: Uuid,
    pub number: String,
    #[serde(rename = "name")]
    pub display_name: String,
    #[serde(rename = "company")]
    pub company_name: String,
    #[serde(rename = "email")]
    pub main_email: String,
    /// Microseconds UTC.
    pub deleted_at: i64,
    /// Who deleted it.
    pub deleted_by: String,
}

/// Deleted customers, the latest first, from before `before`; `q` narrows by parts of the name.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &Database,
    sight: &Sight,
    q: &str,
    before: Option<(i64, Uuid)>,
    limit: i64,
) -> AppResult<Vec<BinRow>> {
    if !q.trim().is_empty() {
        ["first_name", "last_name"].into_iter().try_for_each(|field| sight.fields.may_ask(field))?;
    }
    let mut params = params![];
    let mut sql = "select c.id, c.number, c.display_name, c.company_name, c.main_email, c.deleted_at, \
        coalesce((select e.actor_name from event e where e.customer_id = c.id and e.action = 'deleted' \
        order by e.at desc, e.id desc limit 1), '') as deleted_by from customer c where c.deleted_at is not null and c.merged_into is null"
        .to_owned();
    for word in words(q) {
        sql += " and ";
        sql += &contains_folded(db.engine(), "c.name_folded", &word, &mut params);
    }
    if let Some(condition) = reach::condition(&sight.reach, &mut params) {
        sql += &format!(" and {condition}");
    }
    if let Some((at, id)) = before {
        params.push(at.into());
        params.push(id.into());
        sql += &format!(" and (c.deleted_at, c.id) < (${}, ${})", params.len() - 1, params.len());
    }
    params.push(limit.into());
    sql += &format!(" order by c.deleted_at desc, c.id desc limit ${}", params.len());
    let rows: Vec<BinRow> = db.read().all(&sql, params).await?;
    as_seen(db, sight, rows).await
}

async fn as_seen(db: &Database, sight: &Sight, mut rows: Vec<BinRow>) -> AppResult<Vec<BinRow>> {
    if sight.fields.is_unlimited() {
        return Ok(rows);
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    for customer in store::find_many(db.read(), &ids).await? {
        let seen = visible(&customer, &sight.fields);
        for row in rows.iter_mut().filter(|row| row.id == seen.id) {
            row.display_name = seen.display_name();
            row.company_name.clone_from(&seen.company_name);
            row.main_email = seen.main_email().to_owned();
        }
    }
    Ok(rows)
}
