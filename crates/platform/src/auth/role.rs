//! Roles: named sets of permissions that administrators edit.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{FieldDef, FieldRights, Permission, PermissionSet, STARTER_ROLES};
use crate::clock::Micros;
use crate::db::{SqlExt, Tx};
use crate::error::{AppError, AppResult, FieldErrors, Reason};
use crate::history::{self, Actor, Entry};
use crate::ids::new_id;
use crate::params;
use crate::tr;

/// A role as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct RoleRow {
    pub id: Uuid,
    pub key: String,
    pub name: String,
    pub permissions: String,
    pub field_rights: String,
    pub requires_second_factor: bool,
    pub version: i64,
}

impl RoleRow {
    pub fn permission_set(&self) -> PermissionSet {
        PermissionSet::stored(&self.permissions, &self.field_rights)
    }
}

const COLUMNS: &str = "select id, key, name, permissions, field_rights, requires_second_factor, version from role";

pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<RoleRow>, DbErr> {
    db.all(&format!("{COLUMNS} order by created_at, key"), vec![]).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<RoleRow>, DbErr> {
    db.first(&format!("{COLUMNS} where id = $1"), params![id]).await
}

pub async fn find_by_key(db: &impl ConnectionTrait, key: &str) -> Result<Option<RoleRow>, DbErr> {
    db.first(&format!("{COLUMNS} where key = $1"), params![key]).await
}

/// Adds the starter roles to an empty database; changes nothing afterwards.
pub async fn seed(tx: &Tx, now: Micros) -> Result<(), DbErr> {
    let some: Option<i64> = tx.value("select count(*) from role", vec![]).await?;
    if some.unwrap_or(0) > 0 {
        return Ok(());
    }
    for (position, role) in STARTER_ROLES.iter().enumerate() {
        tx.run(
            "insert into role (id, key, name, permissions, created_at) values ($1, $2, $3, $4, $5)",
            params![
                new_id(now),
                role.key,
                role.name,
                PermissionSet::of(role.permissions).to_text(),
                now + position as i64
            ],
        )
        .await?;
    }
    Ok(())
}

/// What an administrator may change of a role.
#[derive(Clone, Debug)]
pub struct RoleEdit {
    pub name: String,
    /// With the rights on fields.
    pub permissions: PermissionSet,
    pub requires_second_factor: bool,
}

/// Saves a role.
///
/// # Errors
/// `Invalid` for an empty name, `Conflict` when nobody could manage roles afterwards, `Stale`
/// when someone else saved in between.
///
/// The caller has checked the rights on fields against the fields there are.
pub async fn save(tx: &Tx, actor: &Actor, now: Micros, id: Uuid, version: i64, edit: RoleEdit) -> AppResult<()> {
    let role = find(tx, id).await?.ok_or(AppError::NotFound)?;
    let name = crate::contact::clean_line(&edit.name, 80)
        .map_err(|unclean| AppError::field("name", unclean.code(), "This name cannot be stored."))?;
    if name.is_empty() {
        return Err(FieldErrors::one("name", "required", "A role needs a name.").into());
    }
    if version != role.version {
        return Err(AppError::Stale { current: role.version });
    }
    let fields = edit.permissions.sight.fields.to_text();
    tx.run(
        "update role set name = $1, permissions = $2, requires_second_factor = $3, field_rights = $4, \
         version = version + 1 where id = $5",
        params![name.clone(), edit.permissions.to_text(), edit.requires_second_factor, fields.clone(), id],
    )
    .await?;
    ensure_someone_manages_roles(tx).await?;
    let entry = Entry::new("role", id, "changed")
        .change("name", &role.name, &name)
        .change("permissions", &role.permissions, &edit.permissions.to_text())
        .change("field_rights", &role.field_rights, &fields)
        .change(
            "requires_second_factor",
            &role.requires_second_factor.to_string(),
            &edit.requires_second_factor.to_string(),
        );
    history::record(tx, actor, now, entry).await?;
    Ok(())
}

/// Adds a role without permissions.
pub async fn add(tx: &Tx, actor: &Actor, now: Micros, name: &str) -> AppResult<Uuid> {
    let name = crate::contact::clean_line(name, 80)
        .map_err(|unclean| AppError::field("name", unclean.code(), "This name cannot be stored."))?;
    let key = crate::contact::fold(&name).replace(' ', "_");
    if key.is_empty() {
        return Err(FieldErrors::one("name", "required", "A role needs a name.").into());
    }
    if find_by_key(tx, &key).await?.is_some() {
        return Err(AppError::field("name", "taken", "There is a role of this name already."));
    }
    let id = new_id(now);
    tx.run(
        "insert into role (id, key, name, permissions, created_at) values ($1, $2, $3, '', $4)",
        params![id, key, name.clone(), now],
    )
    .await?;
    history::record(tx, actor, now, Entry::new("role", id, "created").change("name", "", &name)).await?;
    Ok(id)
}

/// Refuses a change that would leave the shop without anyone who can manage roles and staff.
pub(super) async fn ensure_someone_manages_roles(tx: &Tx) -> AppResult<()> {
    let sets: Vec<String> =
        tx.values("select r.permissions from staff s join role r on r.id = s.role_id where s.active", vec![]).await?;
    let needed = PermissionSet::of(&[Permission::RolesEdit, Permission::StaffEdit]);
    if sets.iter().any(|set| PermissionSet::parse(set).covers(&needed)) {
        return Ok(());
    }
    Err(AppError::Conflict(
        Reason::new("last_administrator", "Nobody could manage staff and roles any more.")
            .with_remedy("Give another active person a role with these permissions first."),
    ))
}

/// Permissions with rights on fields, checked against the fields there are.
///
/// # Errors
/// `Invalid` on `field_rights`: unknown, not offered, or for a role that may edit roles and so is never limited.
pub fn checked(permissions: PermissionSet, fields: FieldRights, known: &[FieldDef]) -> AppResult<PermissionSet> {
    fields.check(known)?;
    if permissions.has(Permission::RolesEdit) && !fields.is_unlimited() {
        let detail = tr!("A role that may edit roles is never limited in fields.");
        return Err(AppError::field("field_rights", "never_limited", detail));
    }
    Ok(permissions.limited(fields))
}
