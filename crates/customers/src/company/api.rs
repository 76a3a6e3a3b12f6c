//! Companies over the API.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::{Caller, Permission, Reach};
use platform::error::{AppError, AppResult};
use platform::http::{Access, ApiRoute, Cursor, IfMatch, Json, Page, Path, Problem, Query, api, etag};
use platform::sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::{CompanyInput, CompanyRow};

/// Companies a page.
pub const PAGE: usize = 50;

/// The operations on companies.
pub fn routes() -> Vec<ApiRoute> {
    let needs = Access::Needs;
    vec![
        api(needs(Permission::CustomerView), routes!(list_companies)),
        api(needs(Permission::CustomerView), routes!(read_company)),
        api(needs(Permission::CustomerEdit), routes!(create_company)),
        api(needs(Permission::CustomerEdit), routes!(change_company)),
    ]
    .into_iter()
    .chain(super::members_api::routes())
    .collect()
}

/// A company.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompanyBody {
    pub id: Uuid,
    pub version: i64,
    pub name: String,
    pub number: String,
    pub vat_number: String,
    /// Customers that belong to it.
    pub customers: i64,
}

impl From<CompanyRow> for CompanyBody {
    fn from(row: CompanyRow) -> Self {
        let CompanyRow { id, name, number, vat_number, version, customers, .. } = row;
        Self { id, version, name, number, vat_number, customers }
    }
}

/// A company to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompanyWrite {
    pub name: String,
    #[serde(default)]
    pub number: String,
    #[serde(default)]
    pub vat_number: String,
}

impl From<CompanyWrite> for CompanyInput {
    fn from(body: CompanyWrite) -> Self {
        let CompanyWrite { name, number, vat_number } = body;
        Self { name, number, vat_number }
    }
}

/// Filters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompanyParams {
    /// Beginning of the name.
    pub q: String,
    pub cursor: String,
}

async fn answer(db: &impl ConnectionTrait, status: StatusCode, caller: &Caller, id: Uuid) -> AppResult<Response> {
    let row = super::find(db, id).await?.ok_or(AppError::NotFound)?;
    let mut row = [row.seen(caller.fields())];
    super::count_within(db, &caller.sight().reach, &mut row).await?;
    let [row] = row;
    Ok((status, [(header::ETAG, etag(row.version))], axum::Json(CompanyBody::from(row))).into_response())
}

/// One page of companies with the cursor of the next.
async fn page(app: &App, reach: &Reach, q: &str, cursor: &str) -> AppResult<(Vec<CompanyRow>, Option<String>)> {
    let after = if cursor.is_empty() { None } else { Some(Cursor::unpack(cursor)?) };
    let mut rows = super::list(app.db.read(), q, after, PAGE as i64 + 1).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    super::count_within(app.db.read(), reach, &mut rows).await?;
    let next = rows.last().filter(|_| more).map(|last| Cursor::pack(&(&last.name_folded, last.id)));
    Ok((rows, next))
}

/// List companies by name.
#[utoipa::path(get, path = "/api/v1/companies", tag = "companies", params(CompanyParams),
    responses((status = 200, body = Page<CompanyBody>)))]
async fn list_companies(
    State(app): State<App>,
    caller: Caller,
    Query(params): Query<CompanyParams>,
) -> AppResult<axum::Json<Page<CompanyBody>>> {
    caller.fields().may_ask("company_name")?;
    let (rows, next) = page(&app, &caller.sight().reach, &params.q, &params.cursor).await?;
    let items = rows.into_iter().map(|row| CompanyBody::from(row.seen(caller.fields()))).collect();
    Ok(axum::Json(Page { items, next }))
}

/// Read one company.
#[utoipa::path(get, path = "/api/v1/companies/{id}", tag = "companies", params(("id" = Uuid, Path)),
    responses((status = 200, body = CompanyBody), (status = 404, body = Problem)))]
async fn read_company(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    caller.fields().may_ask("company_name")?;
    answer(app.db.read(), StatusCode::OK, &caller, id).await
}

/// Create a company.
#[utoipa::path(post, path = "/api/v1/companies", tag = "companies", request_body = CompanyWrite,
    responses((status = 201, body = CompanyBody), (status = 422, body = Problem)))]
async fn create_company(State(app): State<App>, caller: Caller, Json(body): Json<CompanyWrite>) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    super::ensure_writable(caller.fields())?;
    let id = super::add(&tx, &caller.actor(), app.clock.now(), &body.into()).await?;
    let answer = answer(&tx, StatusCode::CREATED, &caller, id).await?;
    tx.commit().await?;
    Ok(([(header::LOCATION, format!("/api/v1/companies/{id}"))], answer).into_response())
}

/// Change a company.
#[utoipa::path(put, path = "/api/v1/companies/{id}", tag = "companies",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = CompanyWrite,
    responses((status = 200, body = CompanyBody), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn change_company(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(body): Json<CompanyWrite>,
) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    super::ensure_writable(caller.fields())?;
    super::save(&tx, &caller.actor(), app.clock.now(), id, version, &body.into()).await?;
    let answer = answer(&tx, StatusCode::OK, &caller, id).await?;
    tx.commit().await?;
    Ok(answer)
}
