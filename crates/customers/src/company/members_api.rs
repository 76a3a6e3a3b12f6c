//! The members of a company and its history over the API.

use axum::extract::State;
use axum::http::StatusCode;
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult};
use platform::history::{self, EventRow};
use platform::http::{Access, ApiRoute, Cursor, Json, Page, Path, Problem, Query, api};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::members::{self, Member};
use crate::customer::api::row_body;
use crate::customer::model::CompanyRole;
use crate::customer::save::Writer;
use crate::directory::Directory;

/// Entries a page of the history.
const HISTORY_PAGE: usize = 50;

pub(super) fn routes() -> Vec<ApiRoute> {
    let edit = Access::Needs(Permission::CustomerEdit);
    vec![
        api(Access::Needs(Permission::CustomerView), routes!(list_company_members)),
        api(edit, routes!(add_company_member)),
        api(edit, routes!(change_company_member)),
        api(edit, routes!(remove_company_member)),
        api(Access::Needs(Permission::HistoryView), routes!(company_history)),
    ]
}

/// Which members.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompanyMemberParams {
    /// Anything, as in the customer list.
    pub q: String,
    pub cursor: String,
}

/// A member of a company.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompanyMember {
    /// As in the list of customers.
    #[schema(value_type = Object)]
    pub customer: Value,
    pub role: Option<CompanyRole>,
}

/// List the members of a company with their roles.
#[utoipa::path(get, path = "/api/v1/companies/{id}/members", tag = "companies",
    params(("id" = Uuid, Path), CompanyMemberParams),
    responses((status = 200, body = Page<CompanyMember>), (status = 404, body = Problem)))]
async fn list_company_members(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(params): Query<CompanyMemberParams>,
) -> AppResult<axum::Json<Page<CompanyMember>>> {
    super::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    let page = members::page(&app, caller.sight(), id, &params.q, &params.cursor).await?;
    let body = |member: Member| CompanyMember { customer: row_body(member.row, caller.fields()), role: member.role };
    Ok(axum::Json(Page { items: page.members.into_iter().map(body).collect(), next: page.next }))
}

/// Whom to attach, as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompanyMemberAdd {
    /// Id, number or e-mail address of a customer.
    pub customer: String,
    /// `employee`, `buyer`, `accountant`, `manager`, `owner` or empty.
    #[serde(default)]
    pub role: String,
}

/// Attach a customer to a company.
#[utoipa::path(post, path = "/api/v1/companies/{id}/members", tag = "companies", params(("id" = Uuid, Path)),
    request_body = CompanyMemberAdd,
    responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn add_company_member(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(body): Json<CompanyMemberAdd>,
) -> AppResult<StatusCode> {
    let tx = app.begin_write().await?;
    super::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let directory = Directory::load(&tx).await?;
    members::add(&tx, &directory, &Writer::of(&app, &caller), id, &body.customer, &body.role).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a member is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompanyMemberWrite {
    /// `employee`, `buyer`, `accountant`, `manager`, `owner` or empty.
    pub role: String,
}

/// Change the role of a member.
#[utoipa::path(put, path = "/api/v1/companies/{id}/members/{customer}", tag = "companies",
    params(("id" = Uuid, Path), ("customer" = Uuid, Path)), request_body = CompanyMemberWrite,
    responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn change_company_member(
    State(app): State<App>,
    caller: Caller,
    Path((id, customer)): Path<(Uuid, Uuid)>,
    Json(body): Json<CompanyMemberWrite>,
) -> AppResult<StatusCode> {
    let tx = app.begin_write().await?;
    let directory = Directory::load(&tx).await?;
    members::set_role(&tx, &directory, &Writer::of(&app, &caller), id, customer, &body.role).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a customer out of a company.
#[utoipa::path(delete, path = "/api/v1/companies/{id}/members/{customer}", tag = "companies",
    params(("id" = Uuid, Path), ("customer" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn remove_company_member(
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

/// An entry of a company's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompanyEntry {
    /// Microseconds since 1970 UTC.
    pub at: i64,
    pub actor: String,
    pub source: String,
    pub action: String,
    pub changes: Vec<CompanyChange>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CompanyChange {
    pub field: String,
    pub before: String,
    pub after: String,
}

impl From<EventRow> for CompanyEntry {
    fn from(event: EventRow) -> Self {
        let changes = event.open(None).unwrap_or_default().into_iter();
        let change =
            |change: history::Change| CompanyChange { field: change.field, before: change.before, after: change.after };
        let changes = changes.map(change).collect();
        Self { at: event.at, actor: event.actor_name, source: event.source, action: event.action, changes }
    }
}

/// What happened to a company, newest first.
#[utoipa::path(get, path = "/api/v1/companies/{id}/history", tag = "companies",
    params(("id" = Uuid, Path), CompanyMemberParams),
    responses((status = 200, body = Page<CompanyEntry>), (status = 403, body = Problem)))]
async fn company_history(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(params): Query<CompanyMemberParams>,
) -> AppResult<axum::Json<Page<CompanyEntry>>> {
    super::ensure_readable(caller.fields())?;
    let before = if params.cursor.is_empty() { None } else { Some(Cursor::unpack(&params.cursor)?) };
    let mut events = history::of_entity(app.db.read(), "company", id, before, HISTORY_PAGE as i64 + 1).await?;
    let more = events.len() > HISTORY_PAGE;
    events.truncate(HISTORY_PAGE);
    let next = events.last().filter(|_| more).map(|last| Cursor::pack(&(last.at, last.id)));
    Ok(axum::Json(Page { items: events.into_iter().map(CompanyEntry::from).collect(), next }))
}
