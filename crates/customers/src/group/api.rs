//! Customer groups over the API.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult};
use platform::http::{Access, ApiRoute, IfMatch, Json, Page, Path, Problem, api, etag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{GroupInput, GroupRow};

/// The operations on groups.
pub fn routes() -> Vec<ApiRoute> {
    let needs = Access::Needs;
    vec![
        api(needs(Permission::CustomerView), routes!(list_groups)),
        api(needs(Permission::CustomerView), routes!(read_group)),
        api(needs(Permission::GroupConfigure), routes!(create_group)),
        api(needs(Permission::GroupConfigure), routes!(change_group)),
        api(needs(Permission::GroupConfigure), routes!(delete_group)),
    ]
    .into_iter()
    .chain(super::members_api::routes())
    .collect()
}

/// A customer group.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupBody {
    pub id: Uuid,
    pub version: i64,
    pub name: String,
    pub description: String,
    pub pricing: bool,
    pub tax: bool,
    pub rights: bool,
    pub mailing: bool,
    pub assignable: bool,
}

impl From<GroupRow> for GroupBody {
    fn from(row: GroupRow) -> Self {
        let GroupRow { id, name, description, pricing, tax, rights, mailing, assignable, version } = row;
        Self { id, version, name, description, pricing, tax, rights, mailing, assignable }
    }
}

/// A group to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupWrite {
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub pricing: bool,
    #[serde(default)]
    pub tax: bool,
    #[serde(default)]
    pub rights: bool,
    #[serde(default = "yes")]
    pub mailing: bool,
    #[serde(default = "yes")]
    pub assignable: bool,
}

fn yes() -> bool {
    true
}

impl From<GroupWrite> for GroupInput {
    fn from(body: GroupWrite) -> Self {
        let GroupWrite { name, description, pricing, tax, rights, mailing, assignable } = body;
        Self { name, description, pricing, tax, rights, mailing, assignable }
    }
}

fn answer(status: StatusCode, row: GroupRow) -> Response {
    (status, [(header::ETAG, etag(row.version))], axum::Json(GroupBody::from(row))).into_response()
}

/// List all groups.
#[utoipa::path(get, path = "/api/v1/groups", tag = "groups", responses((status = 200, body = Page<GroupBody>)))]
async fn list_groups(State(app): State<App>) -> AppResult<axum::Json<Page<GroupBody>>> {
    let items = super::list(app.db.read()).await?.into_iter().map(GroupBody::from).collect();
    Ok(axum::Json(Page { items, next: None }))
}

/// Read one group.
#[utoipa::path(get, path = "/api/v1/groups/{id}", tag = "groups", params(("id" = Uuid, Path)),
    responses((status = 200, body = GroupBody), (status = 404, body = Problem)))]
async fn read_group(State(app): State<App>, Path(id): Path<Uuid>) -> AppResult<Response> {
    let row = super::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    Ok(answer(StatusCode::OK, row))
}

/// Create a group.
#[utoipa::path(post, path = "/api/v1/groups", tag = "groups", request_body = GroupWrite,
    responses((status = 201, body = GroupBody), (status = 422, body = Problem)))]
async fn create_group(State(app): State<App>, caller: Caller, Json(body): Json<GroupWrite>) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    let id = super::add(&tx, &caller.actor(), app.clock.now(), &body.into()).await?;
    let row = super::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    let place = [(header::LOCATION, format!("/api/v1/groups/{id}"))];
    Ok((place, answer(StatusCode::CREATED, row)).into_response())
}

/// Change a group.
#[utoipa::path(put, path = "/api/v1/groups/{id}", tag = "groups",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = GroupWrite,
    responses((status = 200, body = GroupBody), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn change_group(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(body): Json<GroupWrite>,
) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    super::save(&tx, &caller.actor(), app.clock.now(), id, version, &body.into()).await?;
    let row = super::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(answer(StatusCode::OK, row))
}

/// Delete a group without members.
#[utoipa::path(delete, path = "/api/v1/groups/{id}", tag = "groups", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 409, body = Problem)))]
async fn delete_group(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<StatusCode> {
    let tx = app.begin_write().await?;
    super::delete(&tx, &caller.actor(), app.clock.now(), id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
