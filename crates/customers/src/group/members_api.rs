//! The members of a group over the API.

use axum::extract::State;
use axum::http::StatusCode;
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult};
use platform::http::{Access, ApiRoute, Json, Page, Path, Problem, Query, api};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::members;
use crate::customer::api::{CustomerRowBody, row_body};
use crate::customer::save::Writer;
use crate::directory::Directory;

pub(super) fn routes() -> Vec<ApiRoute> {
    let assign = Access::Needs(Permission::GroupAssign);
    vec![
        api(Access::Needs(Permission::CustomerView), routes!(list_group_members)),
        api(assign, routes!(add_group_member)),
        api(assign, routes!(remove_group_member)),
    ]
}

/// Which members.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MemberParams {
    /// Anything, as in the customer list.
    pub q: String,
    pub cursor: String,
}

/// List the members of a group: the customer list narrowed to it, inactive customers too.
#[utoipa::path(get, path = "/api/v1/groups/{id}/members", tag = "groups", params(("id" = Uuid, Path), MemberParams),
    responses((status = 200, body = Page<CustomerRowBody>), (status = 404, body = Problem)))]
async fn list_group_members(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(params): Query<MemberParams>,
) -> AppResult<axum::Json<Page<Value>>> {
    super::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    let page = members::page(&app, caller.sight(), id, &params.q, &params.cursor).await?;
    let items = page.rows.into_iter().map(|row| row_body(row, caller.fields())).collect();
    Ok(axum::Json(Page { items, next: page.next }))
}

/// Whom to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberAdd {
    /// Id, number or e-mail address of a customer.
    pub customer: String,
}

/// Put a customer into a group.
#[utoipa::path(post, path = "/api/v1/groups/{id}/members", tag = "groups", params(("id" = Uuid, Path)),
    request_body = MemberAdd, responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn add_group_member(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(body): Json<MemberAdd>,
) -> AppResult<StatusCode> {
    let tx = app.begin_write().await?;
    super::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let directory = Directory::load(&tx).await?;
    members::add(&tx, &directory, &Writer::of(&app, &caller), id, &body.customer).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a customer out of a group.
#[utoipa::path(delete, path = "/api/v1/groups/{id}/members/{customer}", tag = "groups",
    params(("id" = Uuid, Path), ("customer" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn remove_group_member(
    State(app): State<App>,
    caller: Caller,
    Path((id, customer)): Path<(Uuid, Uuid)>,
) -> AppResult<StatusCode> {
    let tx = app.begin_write().await?;
    let directory = Directory::load(&tx).await?;
    members::remove(&tx, &directory, &Writer::of(&app, &caller), id, customer).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
