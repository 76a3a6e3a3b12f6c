//! Customers over the API: the same functions as the screen's.

use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult};
use platform::history::{self, Change, HistoryFilter};
use platform::http::{Access, ApiRoute, Cursor, IfMatch, Json, Page, Path, Problem, Query, api, etag};
use platform::settings;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::input::CustomerInput;
use super::list::{self, ListFilter, ListRow};
use super::model::{ContactKind, Customer, CustomerType, Origin, PrivacyState, Status};
use super::profile::Profile;
use super::save::{self, Writer};
use super::{actions, conflict, store};
use crate::directory::Directory;
use crate::settings::CustomerSettings;

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
        api(needs(Permission::CustomerDeactivate), routes!(activate_customer)),
        api(needs(Permission::CustomerDeactivate), routes!(deactivate_customer)),
        api(needs(Permission::CustomerTypeApprove), routes!(approve_customer)),
        api(needs(Permission::CustomerTypeApprove), routes!(reject_customer)),
        api(needs(Permission::HistoryView), routes!(customer_history)),
    ]
}

/// A customer as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerBody {
    pub id: Uuid,
    /// Readable number.
    pub number: String,
    /// Also sent as `ETag`.
    pub version: i64,
    pub status: Status,
    pub active: bool,
    pub customer_type: CustomerType,
    pub privacy_state: PrivacyState,
    pub origin: Origin,
    pub incomplete: bool,
    pub note_flag: bool,
    pub display_name: String,
    pub title: String,
    pub first_name: String,
    pub last_name: String,
    pub company_name: String,
    pub company_number: String,
    pub vat_number: String,
    pub account_code: String,
    pub language: String,
    pub company_id: Option<Uuid>,
    pub source_id: Option<Uuid>,
    pub property_type_id: Option<Uuid>,
    pub assignee_id: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    pub home_channel_id: Option<Uuid>,
    pub channel_ids: Vec<Uuid>,
    pub group_ids: Vec<Uuid>,
    pub primary_group_id: Option<Uuid>,
    pub emails: Vec<EmailBody>,
    pub phones: Vec<PhoneBody>,
    pub addresses: Vec<AddressBody>,
    /// Sign-in address of the customer's account.
    pub login_email: Option<String>,
    /// Microseconds since 1970 UTC.
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EmailBody {
    pub id: Uuid,
    pub address: String,
    pub kind: ContactKind,
    pub is_primary: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PhoneBody {
    pub id: Uuid,
    /// As it was typed.
    pub number: String,
    /// ITU-T E.164, when the number could be read.
    pub e164: Option<String>,
    pub kind: ContactKind,
    pub is_primary: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AddressBody {
    pub id: Uuid,
    pub label: String,
    pub line1: String,
    pub line2: String,
    pub town: String,
    pub county: String,
    pub postcode: String,
    pub country: String,
    pub is_primary: bool,
    pub is_billing: bool,
    pub is_delivery: bool,
}

impl From<Customer> for CustomerBody {
    fn from(customer: Customer) -> Self {
        let emails = customer.emails.iter().map(|email| EmailBody {
            id: email.id,
            address: email.address.clone(),
            kind: email.kind,
            is_primary: email.is_primary,
        });
        let phones = customer.phones.iter().map(|phone| PhoneBody {
            id: phone.id,
            number: phone.typed.clone(),
            e164: Some(phone.e164.clone()).filter(|e164| !e164.is_empty()),
            kind: phone.kind,
            is_primary: phone.is_primary,
        });
        let (emails, phones) = (emails.collect(), phones.collect());
        Self {
            display_name: customer.display_name(),
            primary_group_id: customer.primary_group(),
            group_ids: customer.groups.iter().map(|group| group.group_id).collect(),
            emails,
            phones,
            addresses: customer.addresses.into_iter().map(AddressBody::from).collect(),
            login_email: customer.account.map(|account| account.login_email),
            id: customer.id,
            number: customer.number,
            version: customer.version,
            status: customer.status,
            active: customer.active,
            customer_type: customer.customer_type,
            privacy_state: customer.privacy_state,
            origin: customer.origin,
            incomplete: customer.incomplete,
            note_flag: customer.note_flag,
            title: customer.title,
            first_name: customer.first_name,
            last_name: customer.last_name,
            company_name: customer.company_name,
            company_number: customer.company_number,
            vat_number: customer.vat_number,
            account_code: customer.account_code,
            language: customer.language,
            company_id: customer.company_id,
            source_id: customer.source_id,
            property_type_id: customer.property_type_id,
            assignee_id: customer.assignee_id,
            owner_id: customer.owner_id,
            home_channel_id: customer.home_channel_id,
            channel_ids: customer.channels,
            created_at: customer.created_at,
            updated_at: customer.updated_at,
        }
    }
}

impl From<super::model::Address> for AddressBody {
    fn from(address: super::model::Address) -> Self {
        Self {
            id: address.id,
            label: address.label,
            line1: address.line1,
            line2: address.line2,
            town: address.town,
            county: address.county,
            postcode: address.postcode,
            country: address.country,
            is_primary: address.is_primary,
            is_billing: address.is_billing,
            is_delivery: address.is_delivery,
        }
    }
}

/// A row of the list: the main facts.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerRowBody {
    pub id: Uuid,
    pub number: String,
    pub version: i64,
    pub display_name: String,
    pub company_name: String,
    pub email: String,
    pub phone: String,
    pub town: String,
    pub postcode: String,
    pub country: String,
    pub status: String,
    pub active: bool,
    pub customer_type: String,
    pub origin: String,
    pub incomplete: bool,
    pub note_flag: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

impl From<ListRow> for CustomerRowBody {
    fn from(row: ListRow) -> Self {
        Self {
            id: row.id,
            number: row.number,
            version: row.version,
            display_name: row.display_name,
            company_name: row.company_name,
            email: row.main_email,
            phone: row.main_phone,
            town: row.main_town,
            postcode: row.main_postcode,
            country: row.main_country,
            status: row.status,
            active: row.active,
            customer_type: row.customer_type,
            origin: row.origin,
            incomplete: row.incomplete,
            note_flag: row.note_flag,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

fn writer(app: &App, caller: &Caller) -> Writer {
    Writer { actor: caller.actor(), permissions: caller.permissions.clone(), now: app.clock.now() }
}

fn with_etag(status: StatusCode, customer: Customer) -> Response {
    let tag: [(HeaderName, String); 1] = [(header::ETAG, etag(customer.version))];
    (status, tag, axum::Json(CustomerBody::from(customer))).into_response()
}

async fn found(db: &impl platform::sea_orm::ConnectionTrait, id: Uuid) -> AppResult<Customer> {
    let customer = store::find(db, id).await?;
    customer.filter(|customer| customer.deleted_at.is_none()).ok_or(AppError::NotFound)
}

/// List customers with every filter of the screen.
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers", params(ListFilter),
    responses((status = 200, body = Page<CustomerRowBody>), (status = 400, body = Problem)))]
async fn list_customers(
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> AppResult<axum::Json<Page<CustomerRowBody>>> {
    let page = list::page(&app.db, &filter).await?;
    let items = page.rows.into_iter().map(CustomerRowBody::from).collect();
    Ok(axum::Json(Page { items, next: page.next }))
}

/// Which entry profile's required fields hold (R6).
#[derive(Debug, Deserialize, IntoParams)]
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
    let writer = writer(&app, &caller);
    let customer = save::create(&tx, &directory, &writer, Origin::Api, params.profile, &input, &resolved).await?;
    tx.commit().await?;
    let place = [(header::LOCATION, format!("/api/v1/customers/{}", customer.id))];
    Ok((place, with_etag(StatusCode::CREATED, customer)).into_response())
}

/// Read one customer.
#[utoipa::path(get, path = "/api/v1/customers/{id}", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 200, body = CustomerBody), (status = 404, body = Problem)))]
async fn read_customer(State(app): State<App>, Path(id): Path<Uuid>) -> AppResult<Response> {
    Ok(with_etag(StatusCode::OK, found(app.db.read(), id).await?))
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
    let rebased = conflict::rebase(&tx, &before, version, input).await?;
    if !rebased.conflicts.is_empty() {
        return Err(AppError::EditConflict { version: before.version, conflicts: rebased.conflicts });
    }
    let resolved = save::resolve(&tx, &rebased.input, password_hash).await?;
    let writer = writer(&app, &caller);
    let after = save::edit(&tx, &directory, &writer, &before, &rebased.input, &resolved).await?;
    tx.commit().await?;
    Ok(with_etag(StatusCode::OK, after))
}

/// Delete a customer (to the bin for the days set in the settings).
#[utoipa::path(delete, path = "/api/v1/customers/{id}", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 409, body = Problem)))]
async fn delete_customer(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<StatusCode> {
    let tx = app.begin_write().await?;
    let customer = found(&tx, id).await?;
    let settings: CustomerSettings = settings::load(&tx).await?;
    actions::delete(&tx, &app.registry, &writer(&app, &caller), &customer, settings.bin_days).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a customer out of the bin.
#[utoipa::path(post, path = "/api/v1/customers/{id}/restore", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 200, body = CustomerBody), (status = 404, body = Problem)))]
async fn restore_customer(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    let customer = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let after = actions::restore(&tx, &writer(&app, &caller), &customer).await?;
    tx.commit().await?;
    Ok(with_etag(StatusCode::OK, after))
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
    let after = actions::set_active(&tx, &writer(app, caller), &customer, active).await?;
    tx.commit().await?;
    Ok(with_etag(StatusCode::OK, after))
}

/// Approve a trade registration.
#[utoipa::path(post, path = "/api/v1/customers/{id}/approve", tag = "customers", params(("id" = Uuid, Path)),
    responses((status = 200, body = CustomerBody), (status = 409, body = Problem)))]
async fn approve_customer(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    let customer = found(&tx, id).await?;
    let after = actions::approve(&tx, &writer(&app, &caller), &customer).await?;
    tx.commit().await?;
    Ok(with_etag(StatusCode::OK, after))
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
    let after = actions::reject(&tx, &writer(&app, &caller), &customer, &body.comment).await?;
    tx.commit().await?;
    Ok(with_etag(StatusCode::OK, after))
}

/// Filters of the history.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct HistoryParams {
    /// Only entries that changed this field.
    pub field: String,
    /// Only entries of this staff member.
    pub staff: Option<Uuid>,
    pub cursor: String,
}

/// An entry of a customer's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryEntryBody {
    pub id: Uuid,
    /// Microseconds since 1970 UTC.
    pub at: i64,
    pub actor: String,
    pub actor_id: Option<Uuid>,
    /// `screen`, `api`, `import`, `cli` or `job`.
    pub source: String,
    /// Token name, or import and line.
    pub source_detail: String,
    pub action: String,
    pub version: i64,
    pub reason: String,
    /// Names of the changed fields.
    pub fields: Vec<String>,
    /// Values before and after; absent once they were erased.
    pub changes: Option<Vec<ChangeBody>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeBody {
    pub field: String,
    pub before: String,
    pub after: String,
}

impl From<Change> for ChangeBody {
    fn from(change: Change) -> Self {
        Self { field: change.field, before: change.before, after: change.after }
    }
}

/// Entries a page of the history.
const HISTORY_PAGE: usize = 50;

/// What happened to a customer, newest first.
#[utoipa::path(get, path = "/api/v1/customers/{id}/history", tag = "customers",
    params(("id" = Uuid, Path), HistoryParams),
    responses((status = 200, body = Page<HistoryEntryBody>), (status = 404, body = Problem)))]
async fn customer_history(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Query(params): Query<HistoryParams>,
) -> AppResult<axum::Json<Page<HistoryEntryBody>>> {
    let customer = found(app.db.read(), id).await?;
    let before = if params.cursor.is_empty() { None } else { Some(Cursor::unpack(&params.cursor)?) };
    let filter = HistoryFilter { field: params.field, actor_id: params.staff, before };
    let mut events = history::of_customer(app.db.read(), id, &filter, HISTORY_PAGE as i64 + 1).await?;
    let more = events.len() > HISTORY_PAGE;
    events.truncate(HISTORY_PAGE);
    let next = events.last().filter(|_| more).map(|last| Cursor::pack(&(last.at, last.id)));
    let items = events
        .into_iter()
        .map(|event| HistoryEntryBody {
            changes: event
                .open(customer.history_key.as_ref())
                .map(|changes| changes.into_iter().map(ChangeBody::from).collect()),
            fields: event.field_names().into_iter().map(str::to_owned).collect(),
            id: event.id,
            at: event.at,
            actor: event.actor_name,
            actor_id: event.actor_id,
            source: event.source,
            source_detail: event.source_detail,
            action: event.action,
            version: event.version,
            reason: event.reason,
        })
        .collect();
    Ok(axum::Json(Page { items, next }))
}
