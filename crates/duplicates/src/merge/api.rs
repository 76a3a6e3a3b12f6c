//! Merging and undoing over the API: the same functions as the screen's.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use customers::customer::MERGE;
use customers::customer::save::Writer;
use customers::directory::Directory;
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::db::Tx;
use platform::error::{AppError, AppResult, Reason};
use platform::history::{self, Entry};
use platform::http::{Access, ApiRoute, Json, Page, Path, Problem, Query, api};
use platform::reach;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::api_bodies::{MergeBody, PreviewBody, merge_body, preview_body};
use super::carry_out::carry_out;
use super::plan::{Request, all_fields, plan};
use super::store::{self, MergeRow};
use super::undo::{self, UndoRequest};
use crate::review::objections::objections;

/// The operations on merges.
pub fn routes() -> Vec<ApiRoute> {
    let needs = Access::Needs;
    vec![
        api(needs(Permission::CustomerMerge), routes!(preview)),
        api(needs(Permission::CustomerMerge), routes!(merge)),
        api(needs(Permission::CustomerView), routes!(list_merges)),
        api(needs(Permission::CustomerView), routes!(read_merge)),
        api(needs(Permission::CustomerMergeUndo), routes!(undo_merge)),
        api(needs(Permission::CustomerMergeUndo), routes!(finalise_merge)),
    ]
}

/// Show what a merge would do. Nothing is changed.
#[utoipa::path(post, path = "/api/v1/merges/preview", tag = "merges", request_body = Request,
    responses((status = 200, body = PreviewBody), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn preview(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<Request>,
) -> AppResult<axum::Json<PreviewBody>> {
    let now = app.clock.now();
    let directory = Directory::load(app.db.read()).await?;
    let plan = plan(app.db.read(), &app.registry, &caller.permissions, &request, now).await?;
    let undo_until = now + directory.settings.merge_undo_days * platform::clock::DAY;
    let objections = objections(app.db.read(), &plan.records).await?;
    Ok(axum::Json(preview_body(&plan, undo_until, objections)))
}

/// Merge customers into the survivor.
#[utoipa::path(post, path = "/api/v1/merges", tag = "merges", request_body = Request,
    responses((status = 201, body = MergeBody), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn merge(State(app): State<App>, caller: Caller, Json(request): Json<Request>) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    let merge = run(&tx, &app, &caller, &request).await?;
    let body = merge_body(&tx, &app, &caller, &merge).await?;
    tx.commit().await?;
    let place = [(header::LOCATION, format!("/api/v1/merges/{}", merge.id))];
    Ok((StatusCode::CREATED, place, axum::Json(body)).into_response())
}

/// Plans and merges in one transaction, for the API and the screen.
///
/// # Errors
/// As [`plan`] and [`carry_out`].
pub async fn run(tx: &Tx, app: &App, caller: &Caller, request: &Request) -> AppResult<MergeRow> {
    let writer = Writer::of(app, caller);
    let directory = Directory::load(tx).await?;
    let plan = plan(tx, &app.registry, &caller.permissions, request, writer.now).await?;
    carry_out(tx, &app.registry, &directory, &writer, &plan, request.plan.as_deref()).await
}

/// Whose merges to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MergesOf {
    /// A customer that survived a merge or became part of another.
    pub customer: Uuid,
}

/// List the merges in which a customer took part, the latest first.
#[utoipa::path(get, path = "/api/v1/merges", tag = "merges", params(MergesOf),
    responses((status = 200, body = Page<MergeBody>), (status = 400, body = Problem)))]
async fn list_merges(
    State(app): State<App>,
    caller: Caller,
    Query(of): Query<MergesOf>,
) -> AppResult<axum::Json<Page<MergeBody>>> {
    reach::ensure(&app, &caller, of.customer).await?;
    let mut items = Vec::new();
    for merge in store::of_customer(app.db.read(), of.customer).await? {
        if reach::ensure(&app, &caller, merge.survivor_id).await.is_err() {
            continue;
        }
        items.push(merge_body(app.db.read(), &app, &caller, &merge).await?);
    }
    Ok(axum::Json(Page { items, next: None }))
}

/// Read one merge.
#[utoipa::path(get, path = "/api/v1/merges/{id}", tag = "merges", params(("id" = Uuid, Path)),
    responses((status = 200, body = MergeBody), (status = 404, body = Problem)))]
async fn read_merge(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<axum::Json<MergeBody>> {
    let merge = store::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    reach::ensure(&app, &caller, merge.survivor_id).await?;
    Ok(axum::Json(merge_body(app.db.read(), &app, &caller, &merge).await?))
}

/// What an undo answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoneBody {
    pub merge: MergeBody,
    /// What could not go back, each with the reason.
    pub remarks: Vec<Reason>,
}

/// Undo a merge, whole or for some of its records. What was changed since stays changed.
#[utoipa::path(post, path = "/api/v1/merges/{id}/undo", tag = "merges", params(("id" = Uuid, Path)),
    request_body = UndoRequest,
    responses((status = 200, body = UndoneBody), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn undo_merge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(request): Json<UndoRequest>,
) -> AppResult<axum::Json<UndoneBody>> {
    let tx = app.begin_write().await?;
    let remarks = take_back(&tx, &app, &caller, id, &request).await?;
    let merge = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let merge = merge_body(&tx, &app, &caller, &merge).await?;
    tx.commit().await?;
    Ok(axum::Json(UndoneBody { merge, remarks }))
}

/// Undoes in the caller's transaction, for the API and the screen.
///
/// # Errors
/// `NotFound`, and as [`undo::undo`].
pub async fn take_back(
    tx: &Tx,
    app: &App,
    caller: &Caller,
    id: Uuid,
    request: &UndoRequest,
) -> AppResult<undo::Remarks> {
    all_fields(&caller.permissions)?;
    let merge = store::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let directory = Directory::load(tx).await?;
    undo::undo(tx, &app.registry, &directory, &Writer::of(app, caller), &merge, request).await
}

/// Make a merge final: it can never be undone.
#[utoipa::path(post, path = "/api/v1/merges/{id}/finalise", tag = "merges", params(("id" = Uuid, Path)),
    responses((status = 200, body = MergeBody), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn finalise_merge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> AppResult<axum::Json<MergeBody>> {
    let tx = app.begin_write().await?;
    finalise(&tx, &app, &caller, id).await?;
    let merge = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let body = merge_body(&tx, &app, &caller, &merge).await?;
    tx.commit().await?;
    Ok(axum::Json(body))
}

/// Ends the time for undoing, with a history entry.
///
/// # Errors
/// `NotFound`; `Conflict` for a merge that cannot be undone any more anyway.
pub async fn finalise(tx: &Tx, app: &App, caller: &Caller, id: Uuid) -> AppResult<()> {
    all_fields(&caller.permissions)?;
    let merge = store::find(tx, id).await?.ok_or(AppError::NotFound)?;
    if let Some(reason) = undo::refusal(tx, &merge, app.clock.now()).await? {
        return Err(AppError::Conflict(reason));
    }
    store::finalise(tx, id, app.clock.now()).await?;
    let entry = Entry::new(MERGE, id, "merge_finalised");
    history::record(tx, &caller.actor(), app.clock.now(), entry).await?;
    Ok(())
}
