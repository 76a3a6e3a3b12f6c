//! Bulk actions over the API: the same plans as the screen's.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, ApiRoute, Cursor, Json, Page, Path, Problem, Query, api};
use platform::i18n::{Lang, Translate};
use platform::tr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::report::{Report, ReportRow};
use super::service::{self, Selection};
use super::{Action, Outcome, PlanRow, PlanState, store};
use crate::customer::list::ListFilter;
use crate::directory::Directory;
use crate::view;

/// Plans and rows a page.
const PAGE: usize = 50;

/// The operations on bulk actions.
pub fn routes() -> Vec<ApiRoute> {
    let view = Access::Needs(Permission::CustomerView);
    vec![
        api(view, routes!(list_plans)),
        api(view, routes!(create_plan)),
        api(view, routes!(read_plan)),
        api(view, routes!(read_rows)),
        api(view, routes!(preview_again)),
        api(view, routes!(run_plan)),
        api(view, routes!(undo_plan)),
        api(view, routes!(discard_plan)),
    ]
}

/// A bulk action to plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkWrite {
    /// `activate`, `deactivate`, `delete`, `add_group`, `remove_group`, `add_tag`, `remove_tag`, `assign`, `set_source`,
    /// `set_channel` or `set_language`.
    pub action: String,
    /// Id or name of the group, tag, source or channel, id or e-mail address of the person, or a language code. Empty takes
    /// away what is there, where that can be.
    #[serde(default)]
    pub value: String,
    /// Customers one by one.
    #[serde(default)]
    pub ids: Vec<Uuid>,
    /// Or everybody whom this finds: the query of `GET /api/v1/customers`, for example `view=VIP&status=lead`.
    #[serde(default)]
    pub query: Option<String>,
}

/// A bulk action with its dry run or its results.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkPlanBody {
    pub id: Uuid,
    pub action: String,
    pub value: String,
    /// What it does, in English.
    pub title: String,
    pub state: PlanState,
    pub staff: String,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub finished_at: Option<i64>,
    pub undone_at: Option<i64>,
    /// Customers by outcome.
    pub counts: std::collections::BTreeMap<&'static str, i64>,
    /// Why it was given up.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub failure: String,
}

async fn body(app: &App, directory: &Directory, plan: PlanRow) -> AppResult<BulkPlanBody> {
    let tally = store::tally(app.db.read(), plan.id).await?;
    Ok(BulkPlanBody {
        title: plan.action()?.title(directory).translate(Lang::En),
        state: plan.state(),
        id: plan.id,
        action: plan.action,
        value: plan.value,
        staff: plan.staff_name,
        created_at: plan.created_at,
        started_at: plan.started_at,
        finished_at: plan.finished_at,
        undone_at: plan.undone_at,
        counts: tally.0.into_iter().map(|(outcome, count)| (outcome.key(), count)).collect(),
        failure: plan.failure,
    })
}

async fn answer(app: &App, plan: PlanRow) -> AppResult<axum::Json<BulkPlanBody>> {
    let directory = Directory::load(app.db.read()).await?;
    Ok(axum::Json(body(app, &directory, plan).await?))
}

/// Where to go on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    pub cursor: String,
}

/// Your bulk actions, newest first; everybody's with the permission `activity.view`.
#[utoipa::path(get, path = "/api/v1/bulk-plans", tag = "bulk actions", params(PageParams),
    responses((status = 200, body = Page<BulkPlanBody>)))]
async fn list_plans(
    State(app): State<App>,
    caller: Caller,
    Query(params): Query<PageParams>,
) -> AppResult<axum::Json<Page<BulkPlanBody>>> {
    let before = if params.cursor.is_empty() { None } else { Some(Cursor::unpack(&params.cursor)?) };
    let only = (!caller.has(Permission::ActivityView)).then_some(caller.staff_id);
    let mut plans = store::list(app.db.read(), only, before, PAGE as i64 + 1).await?;
    let more = plans.len() > PAGE;
    plans.truncate(PAGE);
    let next = plans.last().filter(|_| more).map(|last| Cursor::pack(&(last.created_at, last.id)));
    let directory = Directory::load(app.db.read()).await?;
    let mut items = Vec::with_capacity(plans.len());
    for plan in plans {
        items.push(body(&app, &directory, plan).await?);
    }
    Ok(axum::Json(Page { items, next }))
}

/// Plan a bulk action: nothing changes until it is run. Up to 200 customers are previewed at once, more in the
/// background.
#[utoipa::path(post, path = "/api/v1/bulk-plans", tag = "bulk actions", request_body = BulkWrite,
    responses((status = 201, body = BulkPlanBody), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn create_plan(State(app): State<App>, caller: Caller, Json(write): Json<BulkWrite>) -> AppResult<Response> {
    let directory = Directory::load(app.db.read()).await?;
    let action = Action::read(&caller, &directory, &write.action, &write.value)?;
    let selection = match write.query {
        Some(_) if !write.ids.is_empty() => {
            return Err(AppError::field("query", "not_both", tr!("Name customers or give a filter, not both.")));
        }
        Some(query) if query.trim().is_empty() => {
            let detail = tr!("An empty filter would mean everybody. Write activity=active or activity=all for that.");
            return Err(AppError::field("query", "everybody_not_named", detail));
        }
        Some(query) => {
            let filter = view::resolve(app.db.read(), caller.staff_id, ListFilter::from_query(&query)?).await?;
            Selection::Matching(Box::new(filter))
        }
        None => Selection::Ids(write.ids),
    };
    let plan = service::create(&app, &caller, action, selection).await?;
    let place = [(header::LOCATION, format!("/api/v1/bulk-plans/{}", plan.id))];
    Ok((StatusCode::CREATED, place, answer(&app, plan).await?).into_response())
}

/// Read a bulk action.
#[utoipa::path(get, path = "/api/v1/bulk-plans/{id}", tag = "bulk actions", params(("id" = Uuid, Path)),
    responses((status = 200, body = BulkPlanBody), (status = 404, body = Problem)))]
async fn read_plan(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> AppResult<axum::Json<BulkPlanBody>> {
    answer(&app, service::find(&app, &caller, id).await?).await
}

/// Which rows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RowParams {
    /// `change`, `same`, `refused`, `done`, `failed`, `undone` or `left_alone`.
    pub outcome: String,
    pub cursor: String,
}

/// One customer of a bulk action.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkRowBody {
    pub customer: Uuid,
    pub number: String,
    pub name: String,
    pub outcome: Outcome,
    /// Fields with the value before and after.
    pub changes: Vec<BulkChangeBody>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// One field of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkChangeBody {
    pub field: String,
    pub before: String,
    pub after: String,
}

impl From<ReportRow> for BulkRowBody {
    fn from(row: ReportRow) -> Self {
        let change = |change: platform::history::Change| BulkChangeBody {
            field: change.field,
            before: change.before,
            after: change.after,
        };
        Self {
            customer: row.customer_id,
            number: row.number,
            name: row.name,
            outcome: row.outcome,
            changes: row.changes.into_iter().map(change).collect(),
            code: row.why.as_ref().map(|why| why.code.clone()),
            detail: row.why.map(|why| why.detail.translate(Lang::En)),
        }
    }
}

/// The customers of a bulk action with what becomes of each.
#[utoipa::path(get, path = "/api/v1/bulk-plans/{id}/rows", tag = "bulk actions", params(("id" = Uuid, Path), RowParams),
    responses((status = 200, body = Page<BulkRowBody>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn read_rows(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(params): Query<RowParams>,
) -> AppResult<axum::Json<Page<BulkRowBody>>> {
    let plan = service::find(&app, &caller, id).await?;
    let outcome = match params.outcome.as_str() {
        "" => None,
        key => Some(Outcome::from_key(key).ok_or_else(|| {
            AppError::BadRequest(Reason::new("filter_unknown_value", tr!("A filter has a value that does not exist.")))
        })?),
    };
    let after = if params.cursor.is_empty() { -1 } else { Cursor::unpack(&params.cursor)? };
    let directory = Directory::load(app.db.read()).await?;
    let report = Report { app: &app, plan: &plan, directory: &directory, sight: caller.sight() };
    let mut rows = report.rows(outcome, after, PAGE as i64 + 1).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|last| Cursor::pack(&last.position));
    Ok(axum::Json(Page { items: rows.into_iter().map(BulkRowBody::from).collect(), next }))
}

/// Make the dry run again.
#[utoipa::path(post, path = "/api/v1/bulk-plans/{id}/preview", tag = "bulk actions", params(("id" = Uuid, Path)),
    responses((status = 200, body = BulkPlanBody), (status = 409, body = Problem)))]
async fn preview_again(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> AppResult<axum::Json<BulkPlanBody>> {
    answer(&app, service::refresh(&app, &caller, id).await?).await
}

/// Carry out what the dry run showed, in the background. Refused with `plan_stale` when a customer of it was changed
/// since.
#[utoipa::path(post, path = "/api/v1/bulk-plans/{id}/run", tag = "bulk actions", params(("id" = Uuid, Path)),
    responses((status = 200, body = BulkPlanBody), (status = 409, body = Problem)))]
async fn run_plan(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<axum::Json<BulkPlanBody>> {
    answer(&app, service::start(&app, &caller, id).await?).await
}

/// Take a bulk action back, in the background. Customers that were changed since are left alone and listed.
#[utoipa::path(post, path = "/api/v1/bulk-plans/{id}/undo", tag = "bulk actions", params(("id" = Uuid, Path)),
    responses((status = 200, body = BulkPlanBody), (status = 409, body = Problem)))]
async fn undo_plan(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> AppResult<axum::Json<BulkPlanBody>> {
    answer(&app, service::undo(&app, &caller, id).await?).await
}

/// Throw away a dry run that was not carried out.
#[utoipa::path(delete, path = "/api/v1/bulk-plans/{id}", tag = "bulk actions", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 409, body = Problem)))]
async fn discard_plan(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<StatusCode> {
    service::discard(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
