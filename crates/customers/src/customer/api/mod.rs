//! Customers over the API: the same functions as the screen's.

mod bodies;
mod past;
mod rules;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult};
use platform::http::{Access, ApiRoute, Cursor, IfMatch, Json, Page, Path, Problem, Query, api, etag};
use platform::settings;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use self::bodies::{CustomerBody, customer_body};
pub use self::bodies::{CustomerRowBody, row_body};
use super::bin::{self, BinRow};
use super::input::CustomerInput;
use super::list::{self, ListFilter};
use super::model::{Customer, Origin};
use super::profile::Profile;
use super::save::{self, Writer};
use super::{actions, conflict, store, sub_accounts};
use crate::directory::Directory;
use crate::settings::CustomerSettings;
use crate::view;

/// The operations on customers.
pub fn routes() -> Vec<ApiRoute> {
    let needs = Access::Needs;
    vec![
        api(needs(Permission::CustomerView), routes!(list_customers)),
        api(needs(Permission::CustomerCreate), routes!(create_customer)),
        api(needs(Permission::CustomerView), routes!(read_customer)),
        api(needs(Permission::CustomerEdit), routes!(change_customer)),
        api(needs(Permission::CustomerDelete), routes!(delete_customer)),
        api(needs(Permission::CustomerDelete), routes!(restore_customer)),
        api(needs(Permission::CustomerDelete), routes!(list_bin)),
        api(needs(Permission::CustomerDeactivate), routes!(activate_customer)),
        api(needs(Permission::CustomerDeactivate), routes!(deactivate_customer)),
        api(needs(Permission::CustomerTypeApprove), routes!(approve_customer)),
        api(needs(Permission::CustomerTypeApprove), routes!(reject_customer)),
        api(needs(Permission::CustomerEdit), routes!(reassign_sub_accounts)),
    ]
    .into_iter()
    .chain(past::routes())
    .chain(rules::routes())
    .collect()
}

fn with_etag(status: StatusCode, caller: &Caller, customer: &Customer) -> Response {
    let tag: [(HeaderName, String); 1] = [(header::ETAG, etag(customer.version))];
    (status, tag, axum::Json(customer_body(customer, caller.fields()))).into_response()
}

async fn found(db: &impl platform::sea_orm::ConnectionTrait, id: Uuid) -> AppResult<Customer> {
    store::get(db, id).await
}

/// List customers with every filter of the screen.
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers", params(ListFilter),
    responses((status = 200, body = Page<CustomerRowBody>), (status = 400, body = Problem)))]
async fn list_customers(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
    Query(filter): Query<ListFilter>,
) -> AppResult<axum::Json<Page<Value>>> {
    list::refuse_unknown_keys(query.as_deref())?;
    let filter = view::resolve(app.db.read(), caller.staff_id, filter).await?;
    let page = list::page(&app.db, caller.sight(), &filter).await?;
    let items = page.rows.into_iter().map(|row| row_body(row, caller.fields())).collect();
    Ok(axum::Json(Page { items, next: page.next }))
}

/// Which entry profile's required fields hold (R6).
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CreateParams {
    #[serde(default)]
    pub profile: Profile,
}

/// Create a customer.
#[utoipa::path(post, path = "/api/v1/customers", tag = "customers", params(CreateParams),
    request_body = CustomerInput,
    responses((status = 201, body = CustomerBody), (status = 422, body = Problem)))]
async fn create_customer(
    State(app): State<App>,
    caller: Caller,
    Query(params): Query<CreateParams>,
    Json(input): Json<CustomerInput>,
) -> AppResult<Response> {
    let password_hash = save::hash_password(app.options.hash_cost, &input).await?;
    let tx = app.begin_write().await?;
    let directory = Directory::load(&tx).await?;
    let resolved = save::resolve(&tx, &input, password_hash).await?;
    let writer = Writer::of(&app, &caller);
    let customer = save::create(&tx, &directory, &writer, Origin::Api, params.profile, &input, &resolved).await?;
    tx.commit().await?;
    let place = [(header::LOCATION, format!("/api/v1/customers/{}", customer.id))];
    Ok((place, with_etag(StatusCode::CREATED, &caller, &customer)).into_response())
}

/// Which state of a customer to read.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReadParams {
    /// As the customer was then: a version such as `v3`, RFC 3339, or microseconds since 1970. Needs `history.view`.
    pub as_of: Option<String>,
}

/// Read one customer, as it is or as it was at any moment.
#[utoipa::path(get, path = "/api/v1/customers/{id}", tag = "customers", params(("id" = Uuid, Path), ReadParams),
    responses((status = 200, body = CustomerBody), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn read_customer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(params): Query<ReadParams>,
) -> AppResult<Response> {
    match params.as_of {
        None => Ok(with_etag(StatusCode::OK, &caller, &found(app.db.read(), id).await?)),
        Some(moment) => {
            let customer = store::get_with_past(app.db.read(), id).await?;
            past::read(&app, &caller, &customer, &moment).await
        }
    }
}

/// Change fields of a customer. What others changed since the version of `If-Match` is kept; the
/// same field changed by both is answered with both values.
#[utoipa::path(patch, path = "/api/v1/customers/{id}", tag = "customers",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = CustomerInput,
    responses((status = 200, body = CustomerBody), (status = 409, body = Problem),
        (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)))]
async fn change_customer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(input): Json<CustomerInput>,
) -> AppResult<Response> {
    let password_hash = save::hash_password(app.options.hash_cost, &input).await?;
    let tx = app.begin_write().await?;
    let directory = Directory::load(&tx).await?;
    let before = found(&tx, id).await?;
    let rebased = conflict::rebase(&tx, &before, version, input, caller.fields()).await?;
    if !rebased.conflicts.is_empty() {
        return Err(AppError::EditConflict { version: before.version, conflicts: rebased.conflicts });
    }
    let resolved = save::resolve(&tx, &rebased.input, password_hash).await?;
    let writer = Writer::of(&app, &caller);
    let after = save::edit(&tx, &directory, &writer, &before, &rebased.input, &resolved).await?;
    tx.commit().await?;
    Ok(with_etag(StatusCode::OK, &caller, &after))
}

/// Delete a customer (to the bin for the days set in the settings).
#[utoipa::path(delete, path = "/api/v1/customers/{id}", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 409, body = Problem)))]
async fn delete_customer(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<StatusCode> {
    let tx = app.begin_write().await?;
    let customer = found(&tx, id).await?;
    let settings: CustomerSettings = settings::load(&tx).await?;
    actions::delete(&tx, &app.registry, &Writer::of(&app, &caller), &customer, settings.bin_days).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a customer out of the bin.
#[utoipa::path(post, path = "/api/v1/customers/{id}/restore", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 200, body = CustomerBody), (status = 404, body = Problem)))]
async fn restore_customer(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    let customer = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let after = actions::restore(&tx, &Writer::of(&app, &caller), &customer).await?;
    tx.commit().await?;
    Ok(with_etag(StatusCode::OK, &caller, &after))
}

/// Rows a page of the bin.
const BIN_PAGE: usize = 50;

/// What to look for in the bin.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BinParams {
    /// Parts of the name.
    pub q: String,
    pub cursor: String,
}

/// Deleted customers that can still be restored, the latest first.
#[utoipa::path(get, path = "/api/v1/bin/customers", tag = "customers", params(BinParams),
    responses((status = 200, body = Page<BinRow>)))]
async fn list_bin(
    State(app): State<App>,
    caller: Caller,
    Query(params): Query<BinParams>,
) -> AppResult<axum::Json<Page<BinRow>>> {
    let before = if params.cursor.is_empty() { None } else { Some(Cursor::unpack(&params.cursor)?) };
    let mut items = bin::list(&app.db, caller.sight(), &params.q, before, BIN_PAGE as i64 + 1).await?;
    let more = items.len() > BIN_PAGE;
    items.truncate(BIN_PAGE);
    let next = items.last().filter(|_| more).map(|last| Cursor::pack(&(last.deleted_at, last.id)));
    Ok(axum::Json(Page { items, next }))
}

/// Make a customer active.
#[utoipa::path(post, path = "/api/v1/customers/{id}/activate", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 200, body = CustomerBody), (status = 409, body = Problem)))]
async fn activate_customer(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    set_active(&app, &caller, id, true).await
}

/// Make a customer inactive.
#[utoipa::path(post, path = "/api/v1/customers/{id}/deactivate", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 200, body = CustomerBody), (status = 409, body = Problem)))]
async fn deactivate_customer(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    set_active(&app, &caller, id, false).await
}

async fn set_active(app: &App, caller: &Caller, id: Uuid, active: bool) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    let customer = found(&tx, id).await?;
    let after = actions::set_active(&tx, &Writer::of(app, caller), &customer, active).await?;
    tx.commit().await?;
    Ok(with_etag(StatusCode::OK, caller, &after))
}

/// Approve a trade registration.
#[utoipa::path(post, path = "/api/v1/customers/{id}/approve", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 200, body = CustomerBody), (status = 409, body = Problem)))]
async fn approve_customer(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    let customer = found(&tx, id).await?;
    let after = actions::approve(&tx, &Writer::of(&app, &caller), &customer).await?;
    tx.commit().await?;
    Ok(with_etag(StatusCode::OK, &caller, &after))
}

/// Why a registration is rejected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectBody {
    pub comment: String,
}

/// Reject a trade registration; the customer stays a retail customer.
#[utoipa::path(post, path = "/api/v1/customers/{id}/reject", tag = "customers", params(("id" = Uuid, Path)),
    request_body = RejectBody,
    responses((status = 200, body = CustomerBody), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn reject_customer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(body): Json<RejectBody>,
) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    let customer = found(&tx, id).await?;
    let after = actions::reject(&tx, &Writer::of(&app, &caller), &customer, &body.comment).await?;
    tx.commit().await?;
    Ok(with_etag(StatusCode::OK, &caller, &after))
}

/// Where sub-accounts go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReassignBody {
    /// Id, number or e-mail address of the new parent account; `null` lets them stand on their own.
    pub to: Option<String>,
}

/// How many sub-accounts moved.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct ReassignedBody {
    pub moved: usize,
}

/// Give all sub-accounts of a customer another parent account in one act.
#[utoipa::path(post, path = "/api/v1/customers/{id}/sub-accounts/reassign", tag = "customers",
    params(("id" = Uuid, Path)), request_body = ReassignBody,
    responses((status = 200, body = ReassignedBody), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn reassign_sub_accounts(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(body): Json<ReassignBody>,
) -> AppResult<axum::Json<ReassignedBody>> {
    let tx = app.begin_write().await?;
    let customer = found(&tx, id).await?;
    let directory = Directory::load(&tx).await?;
    let to = body.to.unwrap_or_default();
    let moved = sub_accounts::reassign(&tx, &directory, &Writer::of(&app, &caller), &customer, &to).await?;
    tx.commit().await?;
    Ok(axum::Json(ReassignedBody { moved }))
}
