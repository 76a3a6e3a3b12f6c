//! Saved views over the API.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult};
use platform::http::{Access, ApiRoute, IfMatch, Json, Path, Problem, api, etag};
use platform::ui::Count;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{Condition, SavedView, ViewInput};
use crate::customer::list::{self, ListFilter};
use crate::customer::store;
use crate::directory::Directory;

/// The operations on views.
pub fn routes() -> Vec<ApiRoute> {
    let view = Access::Needs(Permission::CustomerView);
    let edit = Access::Needs(Permission::ViewEdit);
    vec![
        api(view, routes!(list_views)),
        api(edit, routes!(create_view)),
        api(view, routes!(read_view)),
        api(edit, routes!(change_view)),
        api(edit, routes!(delete_view)),
        api(view, routes!(explain_view)),
    ]
}

/// A saved view.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewBody {
    pub id: Uuid,
    pub version: i64,
    pub name: String,
    /// Everybody who may see customers can use it.
    pub shared: bool,
    /// Who made it and alone may change it.
    pub owner: String,
    pub is_mine: bool,
    /// The filter as the query of `GET /api/v1/customers`.
    pub query: String,
    /// The order of the list, as its `sort`.
    pub sort: String,
    /// Keys of its columns on screen; empty for each reader's own.
    pub columns: Vec<String>,
    /// How many customers it finds; `null` means too many to be counted at once. Only where one view is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Option<i64>>,
}

fn body(view: SavedView, caller: &Caller, count: Option<Option<i64>>) -> ViewBody {
    ViewBody {
        columns: view.column_keys().unwrap_or_default(),
        is_mine: view.staff_id == caller.staff_id,
        id: view.id,
        version: view.version,
        name: view.name,
        shared: view.shared,
        owner: view.owner_name,
        query: view.query,
        sort: view.sort,
        count,
    }
}

/// A view to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewWrite {
    pub name: String,
    #[serde(default)]
    pub shared: bool,
    /// The filter as the query of `GET /api/v1/customers`, for example `status=lead&group=...&sort=-created`.
    #[serde(default)]
    pub query: String,
    #[serde(default)]
    pub columns: Vec<String>,
}

impl ViewWrite {
    fn input(self) -> AppResult<ViewInput> {
        let filter = ListFilter::from_query(&self.query)?;
        Ok(ViewInput { name: self.name, shared: self.shared, filter, columns: self.columns })
    }
}

async fn found(app: &App, caller: &Caller, id: Uuid) -> AppResult<SavedView> {
    let view = super::find(app.db.read(), id).await?;
    view.filter(|view| view.may_be_used_by(caller.staff_id)).ok_or(AppError::NotFound)
}

async fn answer(app: &App, caller: &Caller, status: StatusCode, id: Uuid) -> AppResult<Response> {
    let view = found(app, caller, id).await?;
    let count = match list::count(&app.db, caller.sight(), &view.filter()?).await? {
        Count::Exactly(number) => Some(number as i64),
        Count::MoreThan(_) => None,
    };
    let tag = [(header::ETAG, etag(view.version))];
    Ok((status, tag, axum::Json(body(view, caller, Some(count)))).into_response())
}

/// The views you may use: your own and the shared ones.
#[utoipa::path(get, path = "/api/v1/views", tag = "views", responses((status = 200, body = [ViewBody])))]
async fn list_views(State(app): State<App>, caller: Caller) -> AppResult<axum::Json<Vec<ViewBody>>> {
    let views = super::list(app.db.read(), caller.staff_id).await?;
    Ok(axum::Json(views.into_iter().map(|view| body(view, &caller, None)).collect()))
}

/// Save a view.
#[utoipa::path(post, path = "/api/v1/views", tag = "views", request_body = ViewWrite,
    responses((status = 201, body = ViewBody), (status = 400, body = Problem), (status = 422, body = Problem)))]
async fn create_view(State(app): State<App>, caller: Caller, Json(write): Json<ViewWrite>) -> AppResult<Response> {
    let input = write.input()?;
    let tx = app.begin_write().await?;
    let id =
        super::add((&app.db, caller.sight()), &tx, &caller.actor(), app.clock.now(), caller.staff_id, &input).await?;
    tx.commit().await?;
    let place = [(header::LOCATION, format!("/api/v1/views/{id}"))];
    Ok((place, answer(&app, &caller, StatusCode::CREATED, id).await?).into_response())
}

/// Read a view with the number of customers it finds now.
#[utoipa::path(get, path = "/api/v1/views/{id}", tag = "views", params(("id" = Uuid, Path)),
    responses((status = 200, body = ViewBody), (status = 404, body = Problem)))]
async fn read_view(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    answer(&app, &caller, StatusCode::OK, id).await
}

/// Change a view of your own.
#[utoipa::path(put, path = "/api/v1/views/{id}", tag = "views",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = ViewWrite,
    responses((status = 200, body = ViewBody), (status = 403, body = Problem), (status = 412, body = Problem),
        (status = 422, body = Problem)))]
async fn change_view(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(write): Json<ViewWrite>,
) -> AppResult<Response> {
    let input = write.input()?;
    let tx = app.begin_write().await?;
    let now = app.clock.now();
    super::save((&app.db, caller.sight()), &tx, &caller.actor(), now, (id, version), caller.staff_id, &input).await?;
    tx.commit().await?;
    answer(&app, &caller, StatusCode::OK, id).await
}

/// Delete a view of your own; customers are not touched.
#[utoipa::path(delete, path = "/api/v1/views/{id}", tag = "views", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn delete_view(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<StatusCode> {
    let tx = app.begin_write().await?;
    super::delete(&tx, &caller.actor(), app.clock.now(), id, caller.staff_id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why a customer is in a view, or what keeps them out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplanationBody {
    pub is_in: bool,
    pub conditions: Vec<ConditionBody>,
}

/// One part of the filter.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConditionBody {
    /// Name of the filter.
    pub filter: String,
    /// Any of these is asked for.
    pub wanted: Vec<String>,
    /// What the customer has, where it can be said in a word.
    pub actual: String,
    pub holds: bool,
}

impl From<Condition> for ConditionBody {
    fn from(condition: Condition) -> Self {
        let Condition { key, wanted, actual, holds, .. } = condition;
        Self { filter: key, wanted, actual, holds }
    }
}

/// Why a customer is in this view, or what keeps them out: each part of its filter.
#[utoipa::path(get, path = "/api/v1/views/{id}/customers/{customer}", tag = "views",
    params(("id" = Uuid, Path), ("customer" = Uuid, Path)),
    responses((status = 200, body = ExplanationBody), (status = 404, body = Problem)))]
async fn explain_view(
    State(app): State<App>,
    caller: Caller,
    Path((id, customer)): Path<(Uuid, Uuid)>,
) -> AppResult<axum::Json<ExplanationBody>> {
    let filter = found(&app, &caller, id).await?.filter()?;
    let customer = store::get(app.db.read(), customer).await?;
    let directory = Directory::load(app.db.read()).await?;
    let conditions = super::explain(&app.db, caller.sight(), &directory, &filter, &customer).await?;
    let is_in = list::matches(&app.db, caller.sight(), &filter, customer.id).await?;
    Ok(axum::Json(ExplanationBody { is_in, conditions: conditions.into_iter().map(ConditionBody::from).collect() }))
}
