//! Every query about channels.

use platform::clock::Micros;
use platform::contact::{clean_line, fold};
use platform::db::{SqlExt, Tx};
use platform::error::{AppError, AppResult, FieldErrors};
use platform::history::{self, Actor, Entry};
use platform::ids::new_id;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult};
use platform::{params, settings, tr};
use uuid::Uuid;

use crate::customer::completeness;
use crate::customer::profile::{EntryProfiles, Requirements, check_requirements};

/// A sales channel.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ChannelRow {
    pub id: Uuid,
    pub name: String,
    pub kind: String,
    pub number_prefix: String,
    pub active: bool,
    pub version: i64,
}

const COLUMNS: &str = "select id, name, kind, number_prefix, active, version from channel";

pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<ChannelRow>, DbErr> {
    db.all(&format!("{COLUMNS} order by name_folded, id"), vec![]).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<ChannelRow>, DbErr> {
    db.first(&format!("{COLUMNS} where id = $1"), params![id]).await
}

/// A channel as typed.
#[derive(Clone, Debug, Default)]
pub struct ChannelInput {
    pub name: String,
    pub kind: String,
    /// Put before the numbers of customers whose home channel this is; 1 to 6 letters or digits.
    pub number_prefix: String,
    pub active: bool,
    /// What its entry forms ask for (R6); what is missing or empty is asked as in the whole shop. `None` leaves all of it.
    pub required: Option<Requirements>,
}

fn check(input: &ChannelInput) -> Result<ChannelInput, FieldErrors> {
    let mut errors = FieldErrors::default();
    let name = clean_line(&input.name, 80).unwrap_or_else(|unclean| {
        errors.add("name", unclean.code(), tr!("This name cannot be stored."));
        String::new()
    });
    if fold(&name).is_empty() && errors.is_empty() {
        errors.add("name", "required", tr!("Enter a name."));
    }
    if !super::KINDS.iter().any(|(kind, _)| *kind == input.kind) {
        errors.add("kind", "unknown_kind", tr!("Choose a kind from the list."));
    }
    let prefix = input.number_prefix.trim().to_uppercase();
    let plain = prefix.chars().all(|character| character.is_ascii_alphanumeric());
    if prefix.is_empty() || prefix.len() > 6 || !plain {
        errors.add("number_prefix", "prefix_invalid", tr!("Use one to six letters or digits."));
    }
    if let Some(required) = &input.required {
        check_requirements(required, &mut errors);
    }
    errors.into_result()?;
    Ok(ChannelInput { name, number_prefix: prefix, ..input.clone() })
}

async fn refuse_taken(tx: &Tx, name: &str, except: Uuid) -> AppResult<()> {
    let taken: Option<i64> = tx
        .value("select count(*) from channel where name_folded = $1 and id <> $2", params![fold(name), except])
        .await?;
    match taken {
        Some(0) | None => Ok(()),
        Some(_) => Err(AppError::field("name", "taken", tr!("There is one of this name already."))),
    }
}

/// Adds a channel.
///
/// # Errors
/// `Invalid` beside the field.
pub async fn add(tx: &Tx, actor: &Actor, now: Micros, input: &ChannelInput) -> AppResult<Uuid> {
    let input = check(input)?;
    refuse_taken(tx, &input.name, Uuid::nil()).await?;
    let id = new_id(now);
    tx.run(
        "insert into channel (id, name, name_folded, kind, number_prefix, active, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7)",
        params![
            id,
            input.name.clone(),
            fold(&input.name),
            input.kind.clone(),
            input.number_prefix.clone(),
            input.active,
            now
        ],
    )
    .await?;
    let entry = Entry::new("channel", id, "created").change("name", "", &input.name);
    history::record(tx, actor, now, entry).await?;
    require(tx, actor, now, id, &input).await?;
    Ok(id)
}

/// Saves a channel.
///
/// # Errors
/// `Invalid` beside the field, `Stale` when someone else saved in between.
pub async fn save(tx: &Tx, actor: &Actor, now: Micros, id: Uuid, version: i64, input: &ChannelInput) -> AppResult<()> {
    let before = find(tx, id).await?.ok_or(AppError::NotFound)?;
    let input = check(input)?;
    if before.version != version {
        return Err(AppError::Stale { current: before.version });
    }
    refuse_taken(tx, &input.name, id).await?;
    tx.run(
        "update channel set name = $1, name_folded = $2, kind = $3, number_prefix = $4, active = $5, \
         version = version + 1 where id = $6",
        params![
            input.name.clone(),
            fold(&input.name),
            input.kind.clone(),
            input.number_prefix.clone(),
            input.active,
            id
        ],
    )
    .await?;
    let entry = Entry::new("channel", id, "changed")
        .change("name", &before.name, &input.name)
        .change("kind", &before.kind, &input.kind)
        .change("number_prefix", &before.number_prefix, &input.number_prefix)
        .change("active", &before.active.to_string(), &input.active.to_string());
    history::record(tx, actor, now, entry).await?;
    require(tx, actor, now, id, &input).await
}

async fn require(tx: &Tx, actor: &Actor, now: Micros, id: Uuid, input: &ChannelInput) -> AppResult<()> {
    let Some(required) = &input.required else { return Ok(()) };
    let before: EntryProfiles = settings::load(tx).await?;
    let profiles = before.clone().with_channel(id, required);
    if profiles == before {
        return Ok(());
    }
    completeness::save(tx, actor, now, &profiles).await
}
