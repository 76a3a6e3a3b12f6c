//! Lists that administrators fill: how customers heard of the shop (S1-16, S3-23) and what kind of
//! property they have (S1-17), and the tags they can bear (S4-10, S4-14). A retired entry stays on old records and is no longer offered.

pub mod api;
pub mod pages;

use platform::clock::Micros;
use platform::contact::{clean_line, fold};
use platform::db::{SqlExt, Tx};
use platform::error::{AppError, AppResult};
use platform::history::{self, Actor, Entry};
use platform::ids::new_id;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult};
use platform::{params, tr};
use uuid::Uuid;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChoiceList {
    Source,
    PropertyType,
    Tag,
}

impl ChoiceList {
    pub const ALL: [ChoiceList; 3] = [ChoiceList::Source, ChoiceList::PropertyType, ChoiceList::Tag];

    pub fn key(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::PropertyType => "property_type",
            Self::Tag => "tag",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Source => tr!("How did you hear about us"),
            Self::PropertyType => tr!("Property types"),
            Self::Tag => tr!("Tags"),
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.key() == key)
    }
}

/// An entry of a list.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ChoiceRow {
    pub id: Uuid,
    pub name: String,
    pub retired_at: Option<i64>,
}

pub async fn list(db: &impl ConnectionTrait, list: ChoiceList) -> Result<Vec<ChoiceRow>, DbErr> {
    db.all(
        "select id, name, retired_at from choice where list = $1 order by position, name_folded, id",
        params![list.key()],
    )
    .await
}

async fn find(db: &impl ConnectionTrait, list: ChoiceList, id: Uuid) -> AppResult<ChoiceRow> {
    let sql = "select id, name, retired_at from choice where list = $1 and id = $2";
    db.first(sql, params![list.key(), id]).await?.ok_or(AppError::NotFound)
}

fn check(name: &str) -> AppResult<String> {
    let name = clean_line(name, 80)
        .map_err(|unclean| AppError::field("name", unclean.code(), tr!("This name cannot be stored.")))?;
    if fold(&name).is_empty() {
        return Err(AppError::field("name", "required", tr!("Enter a name.")));
    }
    Ok(name)
}

async fn refuse_taken(tx: &Tx, list: ChoiceList, name: &str, except: Uuid) -> AppResult<()> {
    let taken: Option<i64> = tx
        .value(
            "select count(*) from choice where list = $1 and name_folded = $2 and id <> $3",
            params![list.key(), fold(name), except],
        )
        .await?;
    match taken {
        Some(0) | None => Ok(()),
        Some(_) => Err(AppError::field("name", "taken", tr!("There is one of this name already."))),
    }
}

/// Adds an entry at the end of its list.
pub async fn add(tx: &Tx, actor: &Actor, now: Micros, list: ChoiceList, name: &str) -> AppResult<Uuid> {
    let name = check(name)?;
    refuse_taken(tx, list, &name, Uuid::nil()).await?;
    let id = new_id(now);
    tx.run(
        "insert into choice (id, list, name, name_folded, position, created_at) values ($1, $2, $3, $4, \
         (select coalesce(max(position), 0) + 1 from choice where list = $2), $5)",
        params![id, list.key(), name.clone(), fold(&name), now],
    )
    .await?;
    let entry = Entry::new("choice", id, "created").change("name", "", &name);
    history::record(tx, actor, now, entry).await?;
    Ok(id)
}

/// Renames an entry; records that name it show the new name.
pub async fn rename(tx: &Tx, actor: &Actor, now: Micros, list: ChoiceList, id: Uuid, name: &str) -> AppResult<()> {
    let before = find(tx, list, id).await?;
    let name = check(name)?;
    refuse_taken(tx, list, &name, id).await?;
    tx.run("update choice set name = $1, name_folded = $2 where id = $3", params![name.clone(), fold(&name), id])
        .await?;
    let entry = Entry::new("choice", id, "changed").change("name", &before.name, &name);
    history::record(tx, actor, now, entry).await?;
    Ok(())
}

/// Retires an entry or brings it back.
pub async fn set_retired(
    tx: &Tx,
    actor: &Actor,
    now: Micros,
    list: ChoiceList,
    id: Uuid,
    retired: bool,
) -> AppResult<()> {
    find(tx, list, id).await?;
    let at = retired.then_some(now);
    tx.run("update choice set retired_at = $1 where id = $2", params![at, id]).await?;
    let action = if retired { "retired" } else { "restored" };
    history::record(tx, actor, now, Entry::new("choice", id, action)).await?;
    Ok(())
}
