//! Staff and roles over the API.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::role::RoleEdit;
use super::role::{self, RoleRow};
use super::staff::{self, StaffInput, StaffRow};
use super::{Caller, FieldRight, FieldRights, Permission, PermissionSet, ids};
use crate::app::App;
use crate::error::{AppError, AppResult};
use crate::http::{Access, ApiRoute, IfMatch, Json, Page, Path, Problem, api, etag};
use crate::i18n::Message;
use crate::reach;

/// The operations on staff and roles.
pub fn routes() -> Vec<ApiRoute> {
    let needs = Access::Needs;
    vec![
        api(Access::SignedIn, routes!(read_me)),
        api(needs(Permission::StaffEdit), routes!(list_staff)),
        api(needs(Permission::StaffEdit), routes!(read_staff)),
        api(needs(Permission::StaffEdit), routes!(create_staff)),
        api(needs(Permission::StaffEdit), routes!(change_staff)),
        api(needs(Permission::RolesEdit), routes!(list_roles)),
        api(needs(Permission::RolesEdit), routes!(read_role)),
        api(needs(Permission::RolesEdit), routes!(change_role)),
    ]
}

/// A staff member.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffBody {
    pub id: Uuid,
    pub version: i64,
    pub email: String,
    pub name: String,
    pub role_id: Uuid,
    /// Key of the role, for example `manager`.
    pub role: String,
    /// Ids of the channels the person belongs to; none for the whole shop (R26).
    pub channels: BTreeSet<Uuid>,
    pub active: bool,
    /// Has a second factor set up.
    pub second_factor: bool,
    /// Microseconds since 1970 UTC.
    pub created_at: i64,
}

impl From<StaffRow> for StaffBody {
    fn from(row: StaffRow) -> Self {
        Self {
            id: row.id,
            version: row.version,
            email: row.email,
            name: row.name,
            role_id: row.role_id,
            channels: ids(&row.channels),
            role: row.role_key,
            active: row.active,
            second_factor: row.totp_since.is_some(),
            created_at: row.created_at,
        }
    }
}

/// A new staff member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffCreate {
    pub email: String,
    pub name: String,
    /// Key of the role.
    pub role: String,
    /// Ids or names of channels; none for the whole shop.
    pub channels: Option<Vec<String>>,
    /// At least 10 characters.
    pub password: String,
}

/// A staff member to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffWrite {
    pub email: String,
    pub name: String,
    /// Key of the role.
    pub role: String,
    /// Ids or names of channels; left out, they stay as they are.
    pub channels: Option<Vec<String>>,
    pub active: bool,
}

/// A role with its permissions.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleBody {
    pub id: Uuid,
    pub key: String,
    pub name: String,
    pub permissions: Vec<&'static str>,
    /// Fields that are not editable: `hidden`, `masked` or `read_only`.
    pub field_rights: BTreeMap<String, &'static str>,
    pub requires_second_factor: bool,
    pub version: i64,
}

impl From<RoleRow> for RoleBody {
    fn from(row: RoleRow) -> Self {
        Self {
            permissions: row.permission_set().iter().map(Permission::key).collect(),
            field_rights: FieldRights::parse(&row.field_rights)
                .iter()
                .map(|(field, right)| (field.to_owned(), right.key()))
                .collect(),
            id: row.id,
            key: row.key,
            name: row.name,
            requires_second_factor: row.requires_second_factor,
            version: row.version,
        }
    }
}

async fn role_id(db: &impl sea_orm::ConnectionTrait, key: &str) -> AppResult<Uuid> {
    let role = role::find_by_key(db, key).await?;
    role.map(|role| role.id)
        .ok_or_else(|| AppError::field("role", "unknown_role", crate::tr!("There is no such role.")))
}

fn answer(status: StatusCode, row: StaffRow) -> Response {
    (status, [(header::ETAG, etag(row.version))], axum::Json(StaffBody::from(row))).into_response()
}

/// Who the token acts for.
#[utoipa::path(get, path = "/api/v1/me", tag = "staff", responses((status = 200, body = StaffBody)))]
async fn read_me(State(app): State<App>, caller: Caller) -> AppResult<Response> {
    let row = staff::find(app.db.read(), caller.staff_id).await?.ok_or(AppError::NotFound)?;
    Ok(answer(StatusCode::OK, row))
}

/// List all staff.
#[utoipa::path(get, path = "/api/v1/staff", tag = "staff", responses((status = 200, body = Page<StaffBody>)))]
async fn list_staff(State(app): State<App>) -> AppResult<axum::Json<Page<StaffBody>>> {
    let items = staff::list(app.db.read()).await?.into_iter().map(StaffBody::from).collect();
    Ok(axum::Json(Page { items, next: None }))
}

/// Read one staff member.
#[utoipa::path(get, path = "/api/v1/staff/{id}", tag = "staff", params(("id" = Uuid, Path)),
    responses((status = 200, body = StaffBody), (status = 404, body = Problem)))]
async fn read_staff(State(app): State<App>, Path(id): Path<Uuid>) -> AppResult<Response> {
    let row = staff::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    Ok(answer(StatusCode::OK, row))
}

/// Add a staff member.
#[utoipa::path(post, path = "/api/v1/staff", tag = "staff", request_body = StaffCreate,
    responses((status = 201, body = StaffBody), (status = 422, body = Problem)))]
async fn create_staff(State(app): State<App>, caller: Caller, Json(body): Json<StaffCreate>) -> AppResult<Response> {
    let role_id = role_id(app.db.read(), &body.role).await?;
    let channels = reach::named_channels(&app, &body.channels.unwrap_or_default()).await?;
    let input = StaffInput { email: body.email, name: body.name, role_id, channels, active: true };
    let hash = staff::prepare_password(app.options.hash_cost, &input, &body.password).await?;
    let tx = app.begin_write().await?;
    let id = staff::add(&tx, &caller.actor(), &caller.permissions, app.clock.now(), &input, &hash).await?;
    let row = staff::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    let place = [(header::LOCATION, format!("/api/v1/staff/{id}"))];
    Ok((place, answer(StatusCode::CREATED, row)).into_response())
}

/// Change a staff member.
#[utoipa::path(put, path = "/api/v1/staff/{id}", tag = "staff",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = StaffWrite,
    responses((status = 200, body = StaffBody), (status = 409, body = Problem), (status = 412, body = Problem),
        (status = 422, body = Problem)))]
async fn change_staff(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(body): Json<StaffWrite>,
) -> AppResult<Response> {
    let named = match &body.channels {
        Some(texts) => Some(reach::named_channels(&app, texts).await?),
        None => None,
    };
    let tx = app.begin_write().await?;
    let role_id = role_id(&tx, &body.role).await?;
    let channels = match named {
        Some(channels) => channels,
        None => ids(&staff::find(&tx, id).await?.ok_or(AppError::NotFound)?.channels),
    };
    let input = StaffInput { email: body.email, name: body.name, role_id, channels, active: body.active };
    staff::save(&tx, &caller.actor(), &caller.permissions, app.clock.now(), id, version, &input).await?;
    let row = staff::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(answer(StatusCode::OK, row))
}

/// List all roles with their permissions.
#[utoipa::path(get, path = "/api/v1/roles", tag = "staff", responses((status = 200, body = Page<RoleBody>)))]
async fn list_roles(State(app): State<App>) -> AppResult<axum::Json<Page<RoleBody>>> {
    let items = role::list(app.db.read()).await?.into_iter().map(RoleBody::from).collect();
    Ok(axum::Json(Page { items, next: None }))
}

/// A role to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleWrite {
    pub name: String,
    pub permissions: Vec<String>,
    /// Right by field: `hidden`, `masked`, `read_only` or `editable`. Fields that are not named are editable.
    #[serde(default)]
    pub field_rights: BTreeMap<String, String>,
    #[serde(default)]
    pub requires_second_factor: bool,
}

fn role_answer(row: RoleRow) -> Response {
    ([(header::ETAG, etag(row.version))], axum::Json(RoleBody::from(row))).into_response()
}

/// Read one role.
#[utoipa::path(get, path = "/api/v1/roles/{id}", tag = "staff", params(("id" = Uuid, Path)),
    responses((status = 200, body = RoleBody), (status = 404, body = Problem)))]
async fn read_role(State(app): State<App>, Path(id): Path<Uuid>) -> AppResult<Response> {
    Ok(role_answer(role::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?))
}

impl RoleWrite {
    fn edit(self, app: &App) -> AppResult<RoleEdit> {
        if let Some(unknown) = self.permissions.iter().find(|key| Permission::from_key(key).is_none()) {
            let detail = Message::new(crate::tr!("There is no permission {key}.")).with("key", unknown);
            return Err(AppError::field("permissions", "unknown_permission", detail));
        }
        let mut rights = Vec::new();
        for (field, key) in self.field_rights {
            let right = FieldRight::from_key(&key).ok_or_else(|| {
                let detail = Message::new(crate::tr!("There is no right {key}.")).with("key", &key);
                AppError::field("field_rights", "unknown_right", detail)
            })?;
            rights.push((field, right));
        }
        let permissions = PermissionSet::parse(&self.permissions.join(" "));
        let permissions = role::checked(permissions, FieldRights::of(rights), &app.fields)?;
        Ok(RoleEdit { name: self.name, permissions, requires_second_factor: self.requires_second_factor })
    }
}

/// Change a role: its name, permissions and rights on fields.
#[utoipa::path(put, path = "/api/v1/roles/{id}", tag = "staff",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = RoleWrite,
    responses((status = 200, body = RoleBody), (status = 409, body = Problem), (status = 412, body = Problem),
        (status = 422, body = Problem)))]
async fn change_role(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(body): Json<RoleWrite>,
) -> AppResult<Response> {
    let edit = body.edit(&app)?;
    let tx = app.begin_write().await?;
    role::save(&tx, &caller.actor(), app.clock.now(), id, version, edit).await?;
    let row = role::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(role_answer(row))
}
