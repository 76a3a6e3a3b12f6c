//! Customer groups with capabilities (R8). Only assignable groups may be given to customers, by
//! form, bulk action, import and API alike (S1-56, S1-57).

pub mod api;
pub mod members;
mod members_api;
mod page;
pub mod pages;
use platform::auth::Reach;
use platform::clock::Micros;
use platform::contact::{clean_line, clean_text, fold};
use platform::db::{SqlExt, Tx};
use platform::error::{AppError, AppResult, FieldErrors, Reason};
use platform::history::{self, Actor, Entry};
use platform::i18n::Message;
use platform::ids::new_id;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult};
use platform::{params, tr};
use uuid::Uuid;

use crate::customer::reach;

/// A customer group.
#[derive(Clone, Debug, FromQueryResult)]
pub struct GroupRow {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    /// Members get the group's prices.
    pub pricing: bool,
    /// Members are taxed differently.
    pub tax: bool,
    /// Members may do more or less.
    pub rights: bool,
    /// The group is a mailing list (R8: on by default).
    pub mailing: bool,
    /// Staff may put customers into it.
    pub assignable: bool,
    pub version: i64,
}

const COLUMNS: &str = "select id, name, description, pricing, tax, rights, mailing, assignable, version \
    from customer_group";

pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<GroupRow>, DbErr> {
    db.all(&format!("{COLUMNS} order by name_folded, id"), vec![]).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<GroupRow>, DbErr> {
    db.first(&format!("{COLUMNS} where id = $1"), params![id]).await
}

/// Number of members per group whom somebody sees, customers in the bin left out.
pub async fn member_counts(db: &impl ConnectionTrait, reach: &Reach) -> Result<Vec<(Uuid, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct CountRow {
        group_id: Uuid,
        members: i64,
    }
    let mut params = Vec::new();
    let within = reach::condition(reach, &mut params).unwrap_or_else(|| "true".to_owned());
    let sql = format!(
        "select m.group_id, count(*) as members from customer_membership m \
         join customer c on c.id = m.customer_id where c.deleted_at is null and {within} group by m.group_id"
    );
    let rows: Vec<CountRow> = db.all(&sql, params).await?;
    Ok(rows.into_iter().map(|row| (row.group_id, row.members)).collect())
}

/// A group as typed.
#[derive(Clone, Debug, Default)]
pub struct GroupInput {
    pub name: String,
    pub description: String,
    pub pricing: bool,
    pub tax: bool,
    pub rights: bool,
    pub mailing: bool,
    pub assignable: bool,
}

fn check(input: &GroupInput) -> Result<GroupInput, FieldErrors> {
    let mut errors = FieldErrors::default();
    let name = clean_line(&input.name, 80).unwrap_or_else(|unclean| {
        errors.add("name", unclean.code(), tr!("This name cannot be stored."));
        String::new()
    });
    if fold(&name).is_empty() && errors.is_empty() {
        errors.add("name", "required", tr!("Enter a name."));
    }
    let description = clean_text(&input.description, 500).unwrap_or_else(|unclean| {
        errors.add("description", unclean.code(), tr!("This text cannot be stored."));
        String::new()
    });
    errors.into_result()?;
    Ok(GroupInput { name, description, ..input.clone() })
}

async fn refuse_taken(tx: &Tx, name: &str, except: Uuid) -> AppResult<()> {
    let taken: Option<i64> = tx
        .value("select count(*) from customer_group where name_folded = $1 and id <> $2", params![fold(name), except])
        .await?;
    match taken {
        Some(0) | None => Ok(()),
        Some(_) => Err(AppError::field("name", "taken", tr!("There is one of this name already."))),
    }
}

/// Adds a group.
///
/// # Errors
/// `Invalid` beside the field.
pub async fn add(tx: &Tx, actor: &Actor, now: Micros, input: &GroupInput) -> AppResult<Uuid> {
    let input = check(input)?;
    refuse_taken(tx, &input.name, Uuid::nil()).await?;
    let id = new_id(now);
    tx.run(
        "insert into customer_group (id, name, name_folded, description, pricing, tax, rights, mailing, \
         assignable, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            id,
            input.name.clone(),
            fold(&input.name),
            input.description,
            input.pricing,
            input.tax,
            input.rights,
            input.mailing,
            input.assignable,
            now
        ],
    )
    .await?;
    let entry = Entry::new("group", id, "created").change("name", "", &input.name);
    history::record(tx, actor, now, entry).await?;
    Ok(id)
}

/// Saves a group.
///
/// # Errors
/// `Invalid` beside the field, `Stale` when someone else saved in between.
pub async fn save(tx: &Tx, actor: &Actor, now: Micros, id: Uuid, version: i64, input: &GroupInput) -> AppResult<()> {
    let before = find(tx, id).await?.ok_or(AppError::NotFound)?;
    let input = check(input)?;
    if before.version != version {
        return Err(AppError::Stale { current: before.version });
    }
    refuse_taken(tx, &input.name, id).await?;
    tx.run(
        "update customer_group set name = $1, name_folded = $2, description = $3, pricing = $4, tax = $5, \
         rights = $6, mailing = $7, assignable = $8, version = version + 1 where id = $9",
        params![
            input.name.clone(),
            fold(&input.name),
            input.description.clone(),
            input.pricing,
            input.tax,
            input.rights,
            input.mailing,
            input.assignable,
            id
        ],
    )
    .await?;
    let flag = |is: bool| is.to_string();
    let entry = Entry::new("group", id, "changed")
        .change("name", &before.name, &input.name)
        .change("description", &before.description, &input.description)
        .change("pricing", &flag(before.pricing), &flag(input.pricing))
        .change("tax", &flag(before.tax), &flag(input.tax))
        .change("rights", &flag(before.rights), &flag(input.rights))
        .change("mailing", &flag(before.mailing), &flag(input.mailing))
        .change("assignable", &flag(before.assignable), &flag(input.assignable));
    history::record(tx, actor, now, entry).await?;
    Ok(())
}

/// Deletes a group without members.
///
/// # Errors
/// `Conflict` with the number of members.
pub async fn delete(tx: &Tx, actor: &Actor, now: Micros, id: Uuid) -> AppResult<()> {
    let group = find(tx, id).await?.ok_or(AppError::NotFound)?;
    refuse_with_members(tx, id).await?;
    tx.run("delete from customer_group where id = $1", params![id]).await?;
    let entry = Entry::new("group", id, "deleted").change("name", &group.name, "");
    history::record(tx, actor, now, entry).await?;
    Ok(())
}

async fn refuse_with_members(tx: &Tx, id: Uuid) -> AppResult<()> {
    let count = async |state: &str| -> AppResult<i64> {
        let sql = format!(
            "select count(*) from customer_membership m join customer c on c.id = m.customer_id \
             where m.group_id = $1 and c.deleted_at is {state}"
        );
        Ok(tx.value(&sql, params![id]).await?.unwrap_or(0))
    };
    let (members, binned) = (count("null").await?, count("not null").await?);
    let (detail, remedy) = match (members, binned) {
        (0, 0) => return Ok(()),
        (0, n) => {
            let one = tr!("One customer in the bin is in this group.");
            let detail = Message::counted(n, one, tr!("{n} customers in the bin are in this group."));
            (detail, tr!("It can go once the bin is emptied."))
        }
        (n, _) => {
            let one = tr!("One customer is in this group.");
            let detail = Message::counted(n, one, tr!("{n} customers are in this group."));
            (detail, tr!("Take them out of the group first."))
        }
    };
    Err(AppError::Conflict(Reason::new("group_has_members", detail).with_remedy(remedy)))
}
