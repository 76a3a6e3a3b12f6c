//! Imports over the API: the same steps as on the screen.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, ApiRoute, Cursor, Json, Page, Path, Problem, Query, RawUpload, api, api_upload};
use platform::ids::new_id;
use platform::tr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::error::CellError;
use super::failed;
use super::format::Format;
use super::run::{ColumnChoice, ImportRun, OnExisting, RunState};
use super::service::{self, Corrections};
use super::store;

/// Imports and problems on a page.
const PAGE: i64 = 50;
const PROBLEMS: i64 = 200;

/// The operations on imports.
pub fn routes() -> Vec<ApiRoute> {
    let import = || Access::Needs(Permission::CustomerImport);
    vec![
        api(import(), routes!(list_imports)),
        api_upload(import(), routes!(create_import)),
        api(import(), routes!(read_import)),
        api(import(), routes!(correct_import)),
        api(import(), routes!(check_import)),
        api(import(), routes!(start_import)),
        api(import(), routes!(list_problems)),
        api(import(), routes!(failed_rows)),
    ]
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportBody {
    pub id: Uuid,
    pub file_name: String,
    pub file_bytes: i64,
    pub created_at: i64,
    pub created_by: String,
    pub state: RunState,
    /// The last run was a check: it counted and wrote nothing.
    pub dry_run: bool,
    /// `clientele`, `shopify`, `woocommerce`, `magento` or `generic`.
    pub format: String,
    pub encoding: String,
    pub separator: String,
    pub on_existing: OnExisting,
    /// Home channel of customers whose row names none.
    pub channel_id: Option<Uuid>,
    pub columns: Vec<ColumnChoice>,
    /// How much of the file is dealt with, in percent.
    pub percent: i64,
    /// Customers of the file that are dealt with.
    pub rows: i64,
    pub created: i64,
    pub updated: i64,
    pub skipped: i64,
    pub failed: i64,
    /// Why the import stopped before the end of the file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub failure: String,
    pub started_at: Option<i64>,
    pub finished_at: Option<i64>,
}

impl ImportBody {
    fn of(run: ImportRun) -> AppResult<Self> {
        let options = run.options()?;
        Ok(Self {
            id: run.id,
            created_at: run.created_at,
            state: run.state()?,
            dry_run: options.dry_run,
            format: options.format,
            encoding: options.encoding,
            separator: options.separator,
            on_existing: options.on_existing,
            channel_id: options.channel,
            columns: options.columns,
            percent: run.percent(),
            rows: run.rows_done,
            created: run.created,
            updated: run.updated,
            skipped: run.skipped,
            failed: run.failed,
            file_name: run.file_name,
            file_bytes: run.file_bytes,
            created_by: run.actor_name,
            failure: run.failure,
            started_at: run.started_at,
            finished_at: run.finished_at,
        })
    }
}

fn answer(status: StatusCode, run: ImportRun) -> AppResult<Response> {
    Ok((status, axum::Json(ImportBody::of(run)?)).into_response())
}

/// Where a page of a list begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Given by the page before.
    pub cursor: String,
}

impl PageParams {
    fn position<T: serde::de::DeserializeOwned>(&self) -> AppResult<Option<T>> {
        if self.cursor.is_empty() { Ok(None) } else { Cursor::unpack(&self.cursor).map(Some) }
    }
}

/// List imports, the newest first.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", params(PageParams),
    responses((status = 200, body = Page<ImportBody>), (status = 400, body = Problem)))]
async fn list_imports(
    State(app): State<App>,
    caller: Caller,
    Query(params): Query<PageParams>,
) -> AppResult<axum::Json<Page<ImportBody>>> {
    let mut runs = store::list(app.db.read(), service::only_of(&caller), params.position()?, PAGE + 1).await?;
    let more = runs.len() as i64 > PAGE;
    runs.truncate(PAGE as usize);
    let next = runs.last().filter(|_| more).map(|run| Cursor::pack(&(run.created_at, run.id)));
    let items = runs.into_iter().map(ImportBody::of).collect::<AppResult<_>>()?;
    Ok(axum::Json(Page { items, next }))
}

/// What is said of a file that is handed in.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CreateParams {
    pub file_name: String,
    /// `auto` (default), `clientele`, `shopify`, `woocommerce`, `magento` or `generic`.
    pub format: String,
}

fn format_of(name: &str) -> AppResult<Option<Format>> {
    match (name, Format::of_name(name)) {
        ("" | "auto", _) => Ok(None),
        (_, Some(format)) => Ok(Some(format)),
        _ => Err(AppError::field("format", "format_unknown", tr!("This format is not known."))),
    }
}

/// Hand in a file, as the body: CSV in any usual encoding. Its columns are guessed; nothing is imported yet.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", params(CreateParams),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 201, body = ImportBody), (status = 413, body = Problem), (status = 422, body = Problem)))]
async fn create_import(
    State(app): State<App>,
    caller: Caller,
    Query(params): Query<CreateParams>,
    upload: RawUpload,
) -> AppResult<Response> {
    let format = format_of(&params.format)?;
    let id = new_id(app.clock.now());
    let bytes = upload.store(&app, &service::file_key(id)).await?;
    let name = if params.file_name.is_empty() { "import.csv" } else { &params.file_name };
    let run = service::create(&app, &caller, id, name, bytes, format).await?;
    let place = [(header::LOCATION, format!("/api/v1/imports/{id}"))];
    Ok((place, answer(StatusCode::CREATED, run)?).into_response())
}

/// Read an import: how it is read, how far it is, what came of it.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports", params(("id" = Uuid, Path)),
    responses((status = 200, body = ImportBody), (status = 404, body = Problem)))]
async fn read_import(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    answer(StatusCode::OK, service::find(&app, &caller, id).await?)
}

/// Corrections; what is missing stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CorrectionsBody {
    /// Guesses the columns anew for this format.
    pub format: Option<String>,
    /// Columns by name and the field each is read into; `ignore` leaves one out.
    pub columns: std::collections::BTreeMap<String, String>,
    /// Home channel of customers whose row names none.
    pub channel_id: Option<Uuid>,
    pub on_existing: Option<OnExisting>,
}

/// Correct how a file is read.
#[utoipa::path(patch, path = "/api/v1/imports/{id}", tag = "imports", params(("id" = Uuid, Path)),
    request_body = CorrectionsBody,
    responses((status = 200, body = ImportBody), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn correct_import(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(body): Json<CorrectionsBody>,
) -> AppResult<Response> {
    let corrections = Corrections {
        format: format_of(body.format.as_deref().unwrap_or_default())?,
        columns: body.columns.into_iter().collect(),
        channel: body.channel_id.map(Some),
        on_existing: body.on_existing,
    };
    answer(StatusCode::OK, service::correct(&app, &caller, id, corrections).await?)
}

/// Check a file: everything an import does except writing.
#[utoipa::path(post, path = "/api/v1/imports/{id}/check", tag = "imports", params(("id" = Uuid, Path)),
    responses((status = 202, body = ImportBody), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn check_import(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    answer(StatusCode::ACCEPTED, service::start(&app, &caller, id, true).await?)
}

/// Carry an import out, in the background.
#[utoipa::path(post, path = "/api/v1/imports/{id}/start", tag = "imports", params(("id" = Uuid, Path)),
    responses((status = 202, body = ImportBody), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn start_import(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    answer(StatusCode::ACCEPTED, service::start(&app, &caller, id, false).await?)
}

/// A cell that was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Physical line of the file, counted from 1 with the header.
    pub line: u64,
    /// The column's name; absent when the whole row is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What stands there, shortened.
    pub value: String,
    pub code: String,
    pub detail: String,
}

impl From<CellError> for ProblemBody {
    fn from(problem: CellError) -> Self {
        let CellError { line, column, value, code, message } = problem;
        Self { line, column, value, code, detail: message }
    }
}

/// List what was refused, in the order of the file.
#[utoipa::path(get, path = "/api/v1/imports/{id}/problems", tag = "imports",
    params(("id" = Uuid, Path), PageParams),
    responses((status = 200, body = Page<ProblemBody>), (status = 404, body = Problem)))]
async fn list_problems(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(params): Query<PageParams>,
) -> AppResult<axum::Json<Page<ProblemBody>>> {
    service::find(&app, &caller, id).await?;
    let (line, at): (i64, i64) = params.position()?.unwrap_or((-1, 0));
    let mut problems = store::problems(app.db.read(), id, (line, at), PROBLEMS + 1).await?;
    let more = problems.len() as i64 > PROBLEMS;
    problems.truncate(PROBLEMS as usize);
    let next = problems.last().filter(|_| more).map(|last| {
        let before = problems.iter().rev().take_while(|problem| problem.line == last.line).count() as i64;
        let at = if line == last.line as i64 { at + before } else { before - 1 };
        Cursor::pack(&(last.line as i64, at))
    });
    Ok(axum::Json(Page { items: problems.into_iter().map(ProblemBody::from).collect(), next }))
}

/// The rows that were not taken in, as CSV: mend it and send it again.
#[utoipa::path(get, path = "/api/v1/imports/{id}/failed.csv", tag = "imports", params(("id" = Uuid, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, body = Problem)))]
async fn failed_rows(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<Response> {
    let run = service::find(&app, &caller, id).await?;
    failed_csv(&app, &run).await
}

/// The failed rows of an import as a download.
pub async fn failed_csv(app: &App, run: &ImportRun) -> AppResult<Response> {
    if run.failed == 0 {
        return Err(AppError::Conflict(Reason::new("nothing_failed", tr!("Every row was taken in."))));
    }
    let mut file = Vec::new();
    failed::write(app.db.read(), run, &mut file).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"failed-rows.csv\""),
    ];
    Ok((headers, file).into_response())
}
