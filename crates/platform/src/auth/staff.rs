//! The people who work in the back office.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::password::{self, HashCost};
use super::role::{self, RoleRow};
use super::{PermissionSet, Reach, Visibility, ids_text};
use crate::clock::Micros;
use crate::contact::{Email, clean_line};
use crate::db::{SqlExt, Tx, is_unique_violation};
use crate::error::{AppError, AppResult, FieldErrors, Reason};
use crate::history::{self, Actor, Entry};
use crate::ids::new_id;
use crate::params;

/// A staff member with the name of their role.
#[derive(Clone, Debug, FromQueryResult)]
pub struct StaffRow {
    pub id: Uuid,
    pub email: String,
    pub name: String,
    pub role_id: Uuid,
    pub role_key: String,
    pub role_name: String,
    /// Keys of the role's permissions, and its rights on fields, as roles store them.
    pub permissions: String,
    pub field_rights: String,
    /// Ids of the channels the person belongs to, separated by blanks.
    pub channels: String,
    /// The setting [`Visibility`], as it is stored.
    pub visibility: String,
    pub password_hash: String,
    pub totp_secret: String,
    pub totp_since: Option<i64>,
    pub totp_last_step: i64,
    pub requires_second_factor: bool,
    pub active: bool,
    pub language: String,
    pub time_zone: String,
    pub theme: String,
    pub preferences: String,
    pub created_at: i64,
    pub version: i64,
}

impl StaffRow {
    /// What the person's role allows, for the customers of the person's channels.
    pub fn permission_set(&self) -> PermissionSet {
        let visibility: Visibility = serde_json::from_str(&self.visibility).unwrap_or_default();
        let reach = Reach::stored(visibility, &self.channels);
        let mut permissions = PermissionSet::stored(&self.permissions, &self.field_rights).within(reach);
        permissions.sight.own = Some(self.id);
        permissions
    }
}

const COLUMNS: &str = "select s.id, s.email, s.name, s.role_id, r.key as role_key, \
    r.name as role_name, r.permissions, r.field_rights, s.channels, \
    coalesce((select value from setting where key = 'visibility'), '') as visibility, s.password_hash, s.totp_secret, s.totp_since, s.totp_last_step, \
    r.requires_second_factor, s.active, s.language, s.time_zone, s.theme, s.preferences, \
    s.created_at, s.version from staff s join role r on r.id = s.role_id";

pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<StaffRow>, DbErr> {
    db.all(&format!("{COLUMNS} order by s.name, s.id"), vec![]).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<StaffRow>, DbErr> {
    db.first(&format!("{COLUMNS} where s.id = $1"), params![id]).await
}

pub async fn find_by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<StaffRow>, DbErr> {
    let folded = email.trim().to_lowercase();
    db.first(&format!("{COLUMNS} where s.email_folded = $1"), params![folded]).await
}

pub async fn count(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    Ok(db.value("select count(*) from staff", vec![]).await?.unwrap_or(0))
}

/// A new or changed staff member as typed.
#[derive(Clone, Debug)]
pub struct StaffInput {
    pub email: String,
    pub name: String,
    pub role_id: Uuid,
    /// Channels the person belongs to, which exist; none of them stands for the whole shop (R26).
    pub channels: BTreeSet<Uuid>,
    pub active: bool,
}

struct Checked {
    email: Email,
    name: String,
}

fn check(input: &StaffInput) -> Result<Checked, FieldErrors> {
    let mut errors = FieldErrors::default();
    let email = Email::parse(&input.email);
    if let Err(invalid) = &email {
        errors.add("email", invalid.code(), "This is not an e-mail address.");
    }
    let name = clean_line(&input.name, 120);
    match &name {
        Err(unclean) => errors.add("name", unclean.code(), "This name cannot be stored."),
        Ok(name) if name.is_empty() => errors.add("name", "required", "A name is needed."),
        Ok(_) => {}
    }
    match (email, name) {
        (Ok(email), Ok(name)) if errors.is_empty() => Ok(Checked { email, name }),
        _ => Err(errors),
    }
}

/// The role, unless it allows more than the person who gives it (`granted`) may do themselves.
async fn role_to_give(tx: &Tx, granted: &PermissionSet, id: Uuid, old: Option<Uuid>) -> AppResult<RoleRow> {
    let role =
        role::find(tx, id).await?.ok_or_else(|| AppError::field("role", "unknown_role", "There is no such role."))?;
    // What it allows for the customers that the giver sees; which ones the person sees is asked by itself.
    let given = role.permission_set().within(granted.sight.reach.clone());
    if old != Some(id) && !granted.covers(&given) {
        return Err(AppError::field("role", "role_too_powerful", "This role may do more than you may."));
    }
    Ok(role)
}

/// Refuses to touch somebody who may do more than the person who manages them: whoever could set an
/// administrator's password would be one.
///
/// # Errors
/// `NotFound`, or `Forbidden` with `staff_above_you`.
pub async fn ensure_manageable(db: &impl ConnectionTrait, granted: &PermissionSet, id: Uuid) -> AppResult<StaffRow> {
    let person = find(db, id).await?.ok_or(AppError::NotFound)?;
    if granted.covers(&person.permission_set()) {
        return Ok(person);
    }
    Err(AppError::Forbidden(Reason::new("staff_above_you", "This person may do more than you may.")))
}

/// Refuses channels beyond the reach of the person who gives them: whoever sees some may not let anybody see more.
fn ensure_within_reach(granted: &PermissionSet, channels: &BTreeSet<Uuid>) -> AppResult<()> {
    let given = if channels.is_empty() { Reach::All } else { Reach::Channels(channels.clone()) };
    if granted.sight.reach.covers(&given) {
        return Ok(());
    }
    let detail = crate::tr!("You can give the channels that you see yourself, and at least one.");
    Err(AppError::field("channels", "channel_out_of_reach", detail))
}

fn taken(error: DbErr) -> AppError {
    if is_unique_violation(&error) {
        AppError::field("email", "taken", "Somebody else signs in with this address already.")
    } else {
        error.into()
    }
}

/// Checks and hashes a new person's password, outside any transaction.
pub async fn prepare_password(cost: HashCost, input: &StaffInput, password: &str) -> AppResult<String> {
    check(input)?;
    password::check_policy("password", password, &[&input.email, &input.name])?;
    password::hash(cost, password.to_owned()).await
}

/// Adds a staff member.
///
/// # Errors
/// `Invalid` beside the field: bad or taken e-mail, missing name, unknown or too powerful role.
pub async fn add(
    tx: &Tx,
    actor: &Actor,
    granted: &PermissionSet,
    now: Micros,
    input: &StaffInput,
    password_hash: &str,
) -> AppResult<Uuid> {
    let checked = check(input)?;
    let role = role_to_give(tx, granted, input.role_id, None).await?;
    ensure_within_reach(granted, &input.channels)?;
    if find_by_email(tx, checked.email.folded()).await?.is_some() {
        return Err(AppError::field("email", "taken", "Somebody else signs in with this address already."));
    }
    let id = new_id(now);
    tx.run(
        "insert into staff (id, email, email_folded, name, role_id, password_hash, active, channels, \
         created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            id,
            checked.email.as_typed(),
            checked.email.folded(),
            checked.name.clone(),
            input.role_id,
            password_hash,
            input.active,
            ids_text(&input.channels),
            now
        ],
    )
    .await
    .map_err(taken)?;
    let entry = Entry::new("staff", id, "created")
        .change("name", "", &checked.name)
        .change("role", "", &role.name)
        .change("channels", "", &ids_text(&input.channels));
    history::record(tx, actor, now, entry).await?;
    Ok(id)
}

/// Saves a staff member; deactivating ends their sessions and tokens.
///
/// # Errors
/// As [`add`], and `Conflict` when nobody could manage staff and roles afterwards.
pub async fn save(
    tx: &Tx,
    actor: &Actor,
    granted: &PermissionSet,
    now: Micros,
    id: Uuid,
    version: i64,
    input: &StaffInput,
) -> AppResult<()> {
    let before = ensure_manageable(tx, granted, id).await?;
    let checked = check(input)?;
    if before.version != version {
        return Err(AppError::Stale { current: before.version });
    }
    let role = role_to_give(tx, granted, input.role_id, Some(before.role_id)).await?;
    ensure_within_reach(granted, &input.channels)?;
    let channels = ids_text(&input.channels);
    tx.run(
        "update staff set email = $1, email_folded = $2, name = $3, role_id = $4, active = $5, \
         channels = $6, version = version + 1 where id = $7",
        params![
            checked.email.as_typed(),
            checked.email.folded(),
            checked.name.clone(),
            input.role_id,
            input.active,
            channels.clone(),
            id
        ],
    )
    .await
    .map_err(taken)?;
    if !input.active {
        super::session::end_all(tx, id, None).await?;
    }
    role::ensure_someone_manages_roles(tx).await?;
    let entry = Entry::new("staff", id, "changed")
        .change("name", &before.name, &checked.name)
        .change("role", &before.role_name, &role.name)
        .change("channels", &before.channels, &channels)
        .change("active", &before.active.to_string(), &input.active.to_string());
    history::record(tx, actor, now, entry).await?;
    Ok(())
}

/// Stores a new password hash and ends the person's other sessions.
pub async fn set_password(
    tx: &Tx,
    actor: &Actor,
    now: Micros,
    id: Uuid,
    hash: &str,
    keep_session: Option<Uuid>,
) -> AppResult<()> {
    tx.run("update staff set password_hash = $1 where id = $2", params![hash, id]).await?;
    super::session::end_all(tx, id, keep_session).await?;
    history::record(tx, actor, now, Entry::new("staff", id, "password_set")).await?;
    Ok(())
}

/// What a person sets for themselves.
#[derive(Clone, Debug)]
pub struct ProfileInput {
    pub name: String,
    pub language: String,
    pub time_zone: String,
    pub theme: String,
}

/// Saves a person's own name, language, time zone and theme.
pub async fn save_profile(tx: &Tx, actor: &Actor, now: Micros, id: Uuid, input: &ProfileInput) -> AppResult<()> {
    let before = find(tx, id).await?.ok_or(AppError::NotFound)?;
    let mut errors = FieldErrors::default();
    let name = clean_line(&input.name, 120).unwrap_or_default();
    if name.is_empty() {
        errors.add("name", "required", "A name is needed.");
    }
    if !["en", "nl"].contains(&input.language.as_str()) {
        errors.add("language", "unknown_language", "This language is not offered.");
    }
    if jiff::tz::TimeZone::get(&input.time_zone).is_err() {
        errors.add("time_zone", "unknown_time_zone", "There is no such time zone.");
    }
    if !["auto", "light", "dark"].contains(&input.theme.as_str()) {
        errors.add("theme", "unknown_theme", "This theme is not offered.");
    }
    errors.into_result()?;
    tx.run(
        "update staff set name = $1, language = $2, time_zone = $3, theme = $4, \
         version = version + 1 where id = $5",
        params![name.clone(), input.language.clone(), input.time_zone.clone(), input.theme.clone(), id],
    )
    .await?;
    let entry = Entry::new("staff", id, "changed")
        .change("name", &before.name, &name)
        .change("language", &before.language, &input.language)
        .change("time_zone", &before.time_zone, &input.time_zone)
        .change("theme", &before.theme, &input.theme);
    history::record(tx, actor, now, entry).await?;
    Ok(())
}

/// Stores a person's private screen preferences (columns, collapsed panels) as JSON text.
pub async fn save_preferences(tx: &Tx, id: Uuid, preferences: &str) -> Result<(), DbErr> {
    tx.run("update staff set preferences = $1 where id = $2", params![preferences, id]).await?;
    Ok(())
}
