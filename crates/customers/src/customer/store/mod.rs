//! Every query about customers that reads or writes the record itself.

mod read;
mod tree;
mod write;

use std::collections::BTreeMap;

use platform::db::SqlExt;
use platform::error::{AppError, AppResult};
use platform::params;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::Customer;
pub use read::{find, find_many};
pub use tree::{TreeRow, above, below, children};
pub use write::{Columns, remove, rows_of_new, update};

/// One record whole, outside the bin.
///
/// # Errors
/// `NotFound`; `Merged` for one that became part of another.
pub async fn get(db: &impl ConnectionTrait, id: Uuid) -> AppResult<Customer> {
    let customer = find(db, id).await?.ok_or(AppError::NotFound)?;
    if customer.merged_into.is_some() {
        return Err(AppError::Merged { old: id, survivor: standing(db, id).await? });
    }
    if customer.deleted_at.is_some() { Err(AppError::NotFound) } else { Ok(customer) }
}

/// As [`get`], and records that became part of another too: their past is their own.
///
/// # Errors
/// `NotFound`.
pub async fn get_with_past(db: &impl ConnectionTrait, id: Uuid) -> AppResult<Customer> {
    let customer = find(db, id).await?.ok_or(AppError::NotFound)?;
    let is_reachable = customer.deleted_at.is_none() || customer.merged_into.is_some();
    if is_reachable { Ok(customer) } else { Err(AppError::NotFound) }
}

/// Those of some contact rows that belong to another customer.
pub async fn contact_rows_of_others(
    db: &impl ConnectionTrait,
    customer: Uuid,
    rows: &[Uuid],
) -> Result<Vec<Uuid>, DbErr> {
    let mut found = Vec::new();
    for ids in rows.chunks(500) {
        let places = (2..ids.len() + 2).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        for table in ["customer_email", "customer_phone", "customer_address"] {
            let sql = format!("select id from {table} where customer_id <> $1 and id in ({places})");
            let mut values = params![customer];
            values.extend(ids.iter().map(|id| Value::from(*id)));
            found.extend(db.values::<Uuid>(&sql, values).await?);
        }
    }
    Ok(found)
}

/// The id behind a readable number.
pub async fn find_by_number(db: &impl ConnectionTrait, number: &str) -> Result<Option<Uuid>, DbErr> {
    let number = number.trim().to_uppercase();
    db.value("select id from customer where number = $1", params![number]).await
}

/// The customer whose account signs in with this address.
pub async fn find_by_login(db: &impl ConnectionTrait, folded: &str) -> Result<Option<Uuid>, DbErr> {
    db.value("select customer_id from customer_account where login_folded = $1", params![folded]).await
}

/// Longest chain of merges followed to the record that stands.
const MOST_MERGES: usize = 100;

/// The record that stands for a customer: itself, or the one that it became part of (R2).
pub async fn standing(db: &impl ConnectionTrait, id: Uuid) -> Result<Uuid, DbErr> {
    let mut id = id;
    for _ in 0..MOST_MERGES {
        let next: Option<Option<Uuid>> =
            db.value("select merged_into from customer where id = $1", params![id]).await?;
        match next.flatten() {
            Some(next) => id = next,
            None => break,
        }
    }
    Ok(id)
}

/// The records that became part of a customer, directly or through others.
pub async fn absorbed(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Uuid>, DbErr> {
    let mut found = vec![id];
    let mut at = 0;
    while let Some(id) = found.get(at) {
        let parts: Vec<Uuid> =
            db.values("select id from customer where merged_into = $1 order by id", params![*id]).await?;
        found.extend(parts);
        at += 1;
    }
    found.remove(0);
    Ok(found)
}

/// The only customer with this address: by account, else by an address that one record alone has.
pub async fn find_by_email(db: &impl ConnectionTrait, folded: &str) -> Result<Option<Uuid>, DbErr> {
    if let Some(id) = find_by_login(db, folded).await? {
        return Ok(Some(standing(db, id).await?));
    }
    let mut ids: Vec<Uuid> = db
        .values(
            "select distinct e.customer_id from customer_email e join customer c on c.id = e.customer_id \
             where e.folded = $1 and c.deleted_at is null limit 2",
            params![folded],
        )
        .await?;
    Ok(if ids.len() == 1 { ids.pop() } else { None })
}

/// The customer that an id, a number or an e-mail address names; a record that became part of another names that one.
pub async fn find_named(db: &impl ConnectionTrait, text: &str) -> Result<Option<Uuid>, DbErr> {
    let text = text.trim();
    let named = match Uuid::parse_str(text) {
        Ok(id) => Some(id),
        Err(_) if text.contains('@') => find_by_email(db, &text.to_lowercase()).await?,
        Err(_) => find_by_number(db, text).await?,
    };
    match named {
        Some(id) => Ok(Some(standing(db, id).await?)),
        None => Ok(None),
    }
}

/// The customer with this account code.
pub async fn find_by_account_code(db: &impl ConnectionTrait, code: &str) -> Result<Option<Uuid>, DbErr> {
    if code.is_empty() {
        return Ok(None);
    }
    db.value("select id from customer where account_code = $1", params![code]).await
}

/// The parent of a customer.
pub async fn owner_of(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Uuid>, DbErr> {
    let owner: Option<Option<Uuid>> = db.value("select owner_id from customer where id = $1", params![id]).await?;
    Ok(owner.flatten())
}

/// Display names and numbers of some customers, for links.
pub async fn names(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<BTreeMap<Uuid, (String, String)>, DbErr> {
    names_where(db, ids, "").await
}

/// The versions of some customers; those that do not exist are left out.
pub async fn versions(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<BTreeMap<Uuid, i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct VersionRow {
        id: Uuid,
        version: i64,
    }
    let mut found = BTreeMap::new();
    for ids in ids.chunks(500) {
        let places = (1..=ids.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let sql = format!("select id, version from customer where id in ({places})");
        let rows: Vec<VersionRow> = db.all(&sql, ids.iter().map(|id| (*id).into()).collect()).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row.version)));
    }
    Ok(found)
}

/// As [`names`], without those in the bin.
pub async fn names_in_use(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<BTreeMap<Uuid, (String, String)>, DbErr> {
    names_where(db, ids, " and deleted_at is null").await
}

async fn names_where(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    also: &str,
) -> Result<BTreeMap<Uuid, (String, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct NameRow {
        id: Uuid,
        display_name: String,
        number: String,
    }
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let places = (1..=ids.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let sql = format!("select id, display_name, number from customer where id in ({places}){also}");
    let rows: Vec<NameRow> = db.all(&sql, ids.iter().map(|id| Value::from(*id)).collect()).await?;
    Ok(rows.into_iter().map(|row| (row.id, (row.display_name, row.number))).collect())
}
