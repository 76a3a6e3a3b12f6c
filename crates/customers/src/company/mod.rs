//! Companies that customers belong to (R25, S2-01).

pub mod api;
pub mod members;
mod members_api;
mod page;
pub mod pages;
use platform::auth::{FieldRights, Reach};
use platform::clock::Micros;
use platform::contact::{clean_line, fold};
use platform::db::{SqlExt, Tx};
use platform::error::{AppError, AppResult, FieldErrors, Reason};
use platform::history::{self, Actor, Entry};
use platform::ids::new_id;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult, Value};
use platform::{params, tr};
use uuid::Uuid;

use crate::customer::reach;

/// A company with the number of its customers.
#[derive(Clone, Debug, FromQueryResult)]
pub struct CompanyRow {
    pub id: Uuid,
    pub name: String,
    pub name_folded: String,
    pub number: String,
    pub vat_number: String,
    pub version: i64,
    pub customers: i64,
}

impl CompanyRow {
    /// As somebody sees it who does not see all fields of its customers.
    #[must_use]
    pub fn seen(mut self, rights: &FieldRights) -> Self {
        if !rights.reads("company_number") {
            self.number.clear();
        }
        if !rights.reads("vat_number") {
            self.vat_number.clear();
        }
        self
    }
}

/// Refuses the whole record of a company, its history too, to whoever does not read all of these fields.
///
/// # Errors
/// `Forbidden` with `field_hidden` or `field_masked`.
pub fn ensure_readable(rights: &FieldRights) -> AppResult<()> {
    ["company_name", "company_number", "vat_number"].into_iter().try_for_each(|field| rights.may_ask(field))
}

/// Refuses to write a company to whoever may not write these fields of its customers.
///
/// # Errors
/// `Forbidden` with `field_hidden` or `field_read_only`.
pub fn ensure_writable(rights: &FieldRights) -> AppResult<()> {
    let refused = ["company_name", "company_number", "vat_number"].into_iter().find_map(|field| rights.refusal(field));
    refused.map_or(Ok(()), |(code, detail)| Err(AppError::Forbidden(Reason::new(code, detail))))
}

const COLUMNS: &str = "select k.id, k.name, k.name_folded, k.number, k.vat_number, k.version, \
    (select count(*) from customer c where c.company_id = k.id and c.deleted_at is null) as customers \
    from company k";

/// Companies by name from `after` (folded name and id of the last one seen); `q` narrows by the
/// beginning of the name.
pub async fn list(
    db: &impl ConnectionTrait,
    q: &str,
    after: Option<(String, Uuid)>,
    limit: i64,
) -> Result<Vec<CompanyRow>, DbErr> {
    let mut params = params![];
    let mut sql = format!("{COLUMNS} where true");
    let q = fold(q);
    if !q.is_empty() {
        params.push(q.clone().into());
        params.push(format!("{q}\u{7f}").into());
        sql += &format!(" and k.name_folded >= ${} and k.name_folded < ${}", params.len() - 1, params.len());
    }
    if let Some((name, id)) = after {
        params.push(name.into());
        params.push(id.into());
        sql += &format!(" and (k.name_folded, k.id) > (${}, ${})", params.len() - 1, params.len());
    }
    params.push(limit.into());
    sql += &format!(" order by k.name_folded, k.id limit ${}", params.len());
    db.all(&sql, params).await
}

/// Counts only the customers that somebody sees.
///
/// # Errors
/// When the database cannot be read.
pub async fn count_within(db: &impl ConnectionTrait, reach: &Reach, rows: &mut [CompanyRow]) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct CountRow {
        company_id: Uuid,
        customers: i64,
    }
    let mut params: Vec<Value> = rows.iter().map(|row| row.id.into()).collect();
    let places = (1..=params.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let Some(condition) = reach::condition(reach, &mut params) else { return Ok(()) };
    rows.iter_mut().for_each(|row| row.customers = 0);
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "select c.company_id, count(*) as customers from customer c \
         where c.company_id in ({places}) and c.deleted_at is null and {condition} group by c.company_id"
    );
    for counted in db.all::<CountRow>(&sql, params).await? {
        if let Some(row) = rows.iter_mut().find(|row| row.id == counted.company_id) {
            row.customers = counted.customers;
        }
    }
    Ok(())
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<CompanyRow>, DbErr> {
    db.first(&format!("{COLUMNS} where k.id = $1"), params![id]).await
}

/// The company of this name, when there is exactly one.
pub async fn find_by_name(db: &impl ConnectionTrait, name: &str) -> Result<Option<(Uuid, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct NameRow {
        id: Uuid,
        name: String,
    }
    let sql = "select id, name from company where name_folded = $1 order by id limit 2";
    let mut rows: Vec<NameRow> = db.all(sql, params![fold(name)]).await?;
    Ok(if rows.len() == 1 { rows.pop().map(|row| (row.id, row.name)) } else { None })
}

/// Names of some companies, for showing what a record pointed to.
pub async fn names(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct NameRow {
        id: Uuid,
        name: String,
    }
    let places = (1..=ids.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let sql = format!("select id, name from company where id in ({places})");
    let rows: Vec<NameRow> = db.all(&sql, ids.iter().map(|id| (*id).into()).collect()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// A company as typed.
#[derive(Clone, Debug, Default)]
pub struct CompanyInput {
    pub name: String,
    pub number: String,
    pub vat_number: String,
}

fn check(input: &CompanyInput) -> Result<CompanyInput, FieldErrors> {
    let mut errors = FieldErrors::default();
    let mut clean = |field: &'static str, text: &str, most: usize| {
        clean_line(text, most).unwrap_or_else(|unclean| {
            errors.add(field, unclean.code(), tr!("This text cannot be stored."));
            String::new()
        })
    };
    let checked = CompanyInput {
        name: clean("name", &input.name, 160),
        number: clean("number", &input.number, 40),
        vat_number: clean("vat_number", &input.vat_number, 24),
    };
    if fold(&checked.name).is_empty() && errors.is_empty() {
        errors.add("name", "required", tr!("Enter a name."));
    }
    errors.into_result()?;
    Ok(checked)
}

/// Adds a company.
///
/// # Errors
/// `Invalid` beside the field.
pub async fn add(tx: &Tx, actor: &Actor, now: Micros, input: &CompanyInput) -> AppResult<Uuid> {
    let input = check(input)?;
    let id = new_id(now);
    tx.run(
        "insert into company (id, name, name_folded, number, vat_number, created_at) values ($1, $2, $3, $4, $5, $6)",
        params![id, input.name.clone(), fold(&input.name), input.number.clone(), input.vat_number.clone(), now],
    )
    .await?;
    let entry = Entry::new("company", id, "created")
        .change("name", "", &input.name)
        .change("number", "", &input.number)
        .change("vat_number", "", &input.vat_number);
    history::record(tx, actor, now, entry).await?;
    Ok(id)
}

/// Saves a company.
///
/// # Errors
/// `Invalid` beside the field, `Stale` when someone else saved in between.
pub async fn save(tx: &Tx, actor: &Actor, now: Micros, id: Uuid, version: i64, input: &CompanyInput) -> AppResult<()> {
    let before = find(tx, id).await?.ok_or(AppError::NotFound)?;
    let input = check(input)?;
    if before.version != version {
        return Err(AppError::Stale { current: before.version });
    }
    tx.run(
        "update company set name = $1, name_folded = $2, number = $3, vat_number = $4, version = version + 1 \
         where id = $5",
        params![input.name.clone(), fold(&input.name), input.number.clone(), input.vat_number.clone(), id],
    )
    .await?;
    let entry = Entry::new("company", id, "changed")
        .change("name", &before.name, &input.name)
        .change("number", &before.number, &input.number)
        .change("vat_number", &before.vat_number, &input.vat_number);
    history::record(tx, actor, now, entry).await?;
    Ok(())
}
