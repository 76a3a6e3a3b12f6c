//! Imports on the screen: upload, columns with a guess, check with counts, progress, result.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult};
use platform::http::{
    Access, Cursor, Form, PageContext, PageResult, PageRoute, Path, Query, Upload, get, page_upload, post,
};
use platform::ids::new_id;
use platform::tr;
use platform::ui::{self, Choice, Errors, Shell, choices, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::api::failed_csv;
use super::error::CellError;
use super::field::Field;
use super::format::Format;
use super::labels::field_label;
use super::run::{ImportRun, OnExisting, RunOptions, RunState};
use super::service::{self, Corrections};
use super::store;
use crate::directory::Directory;

/// Imports of one page of the list.
const PER_PAGE: i64 = 50;
/// Problems shown; the rest is in the file of failed rows.
const PROBLEMS_SHOWN: i64 = 200;

/// The routes of the import screens.
pub fn routes() -> Vec<PageRoute> {
    let import = || Access::Needs(Permission::CustomerImport);
    vec![
        get("/imports", import(), list),
        get("/imports/new", import(), new),
        page_upload("/imports/new", import(), upload),
        get("/imports/{id}", import(), show),
        post("/imports/{id}", import(), correct),
        post("/imports/{id}/start", import(), start),
        get("/imports/{id}/failed.csv", import(), failed),
    ]
}

/// A state as a dot and a word.
fn dot(run: &ImportRun, is_check: bool) -> (&'static str, &'static str) {
    match run.state() {
        Ok(RunState::Draft) => ("", tr!("Not started")),
        Ok(RunState::Waiting) => ("info", tr!("Waiting")),
        Ok(RunState::Running) if is_check => ("info", tr!("Checking")),
        Ok(RunState::Running) => ("info", tr!("Running")),
        Ok(RunState::Done) if is_check => ("", tr!("Checked")),
        Ok(RunState::Done) => ("good", tr!("Done")),
        Ok(RunState::Failed) | Err(_) => ("bad", tr!("Stopped")),
    }
}

struct RunLine {
    run: ImportRun,
    tone: &'static str,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "import/list.html")]
struct ListPage {
    shell: Shell,
    lines: Vec<RunLine>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct ListQuery {
    #[serde(default)]
    before: String,
}

async fn list(State(app): State<App>, context: PageContext, Query(query): Query<ListQuery>) -> PageResult {
    let before = if query.before.is_empty() { None } else { Some(Cursor::unpack(&query.before)?) };
    let mut runs = store::list(app.db.read(), service::only_of(context.caller()?), before, PER_PAGE + 1).await?;
    let has_more = runs.len() as i64 > PER_PAGE;
    runs.truncate(PER_PAGE as usize);
    let next = runs
        .last()
        .filter(|_| has_more)
        .map(|last| format!("/imports?before={}", Cursor::pack(&(last.created_at, last.id))));
    let line = |run: ImportRun| {
        let is_check = run.options().is_ok_and(|options| options.dry_run);
        let (tone, state) = dot(&run, is_check);
        RunLine { run, tone, state }
    };
    let page = ListPage { shell: context.shell.clone(), lines: runs.into_iter().map(line).collect(), next };
    Ok(ui::render(&page, &context.shell))
}

#[derive(Template)]
#[template(path = "import/new.html")]
struct UploadPage {
    shell: Shell,
    errors: Errors,
}

async fn new(context: PageContext) -> PageResult {
    let page = UploadPage { shell: context.shell.clone(), errors: Errors::none() };
    Ok(ui::render(&page, &context.shell))
}

async fn take_in(app: &App, context: &PageContext, upload: Upload) -> AppResult<ImportRun> {
    let id = new_id(app.clock.now());
    let uploaded = upload.store(app, &service::file_key(id)).await?;
    service::create(app, context.caller()?, id, &uploaded.file_name, uploaded.bytes, None).await
}

async fn upload(State(app): State<App>, context: PageContext, upload: Upload) -> PageResult {
    match take_in(&app, &context, upload).await {
        Ok(run) => Ok(ui::redirect_to(format!("/imports/{}", run.id)).into_response()),
        Err(AppError::Invalid(errors)) => {
            let page = UploadPage { shell: context.shell.clone(), errors: Errors::from(&errors) };
            Ok(ui::render_status(StatusCode::UNPROCESSABLE_ENTITY, &page, &context.shell))
        }
        Err(other) => Err(other),
    }
}

/// One column of the file: its name, what it is taken for, and the first values in it.
struct ColumnLine {
    name: String,
    fields: Vec<Choice>,
    is_sure: bool,
    is_read: bool,
    samples: Vec<String>,
}

/// Format and columns, to be corrected.
#[derive(Template)]
#[template(path = "import/columns.html")]
struct ColumnsPage {
    shell: Shell,
    run: ImportRun,
    format: &'static str,
    options: RunOptions,
    columns: Vec<ColumnLine>,
    channels: Vec<Choice>,
    on_existing: Vec<Choice>,
    read_count: usize,
    errors: Errors,
}

/// Progress and result. The block `region` is fetched again while the import runs.
#[derive(Template)]
#[template(path = "import/result.html", blocks = ["region"])]
struct ResultPage {
    shell: Shell,
    run: ImportRun,
    is_check: bool,
    is_running: bool,
    tone: &'static str,
    state: &'static str,
    problems: Vec<CellError>,
}

async fn show(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Query(query): Query<ShowQuery>,
) -> PageResult {
    let run = service::find(&app, context.caller()?, id).await?;
    match run.state()? {
        RunState::Draft => columns_page(&app, &context, run, Errors::none()).await,
        // A checked file can be corrected and checked again.
        RunState::Done | RunState::Failed if query.columns && run.options()?.dry_run => {
            columns_page(&app, &context, run, Errors::none()).await
        }
        _ => result_page(&app, &context, run).await,
    }
}

#[derive(Deserialize)]
struct ShowQuery {
    #[serde(default)]
    columns: bool,
}

fn on_existing_label(choice: OnExisting) -> &'static str {
    match choice {
        OnExisting::Skip => tr!("Leave the customer as it is"),
        OnExisting::Update => tr!("Write the file's values over it"),
        OnExisting::Fail => tr!("Refuse the row"),
    }
}

async fn columns_page(app: &App, context: &PageContext, run: ImportRun, errors: Errors) -> PageResult {
    let options = run.options()?;
    let samples = service::sample(app, &run).await?;
    let directory = Directory::load(app.db.read()).await?;
    let all: Vec<(String, &'static str)> =
        Field::all().iter().map(|field| (field.to_string(), field_label(*field))).collect();
    let columns: Vec<ColumnLine> = options
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| ColumnLine {
            name: column.name.clone(),
            fields: choices(
                all.iter().map(|(name, label)| (name.clone(), *label)),
                column.field.as_deref().unwrap_or_default(),
            ),
            is_sure: column.confidence >= 90,
            is_read: column.field.is_some(),
            samples: samples
                .iter()
                .map(|record| record.get(at))
                .filter(|value| !value.is_empty())
                .map(shorten)
                .take(3)
                .collect(),
        })
        .collect();
    let channel = options.channel.map(|id| id.to_string()).unwrap_or_default();
    let channels = directory.channels.iter().filter(|row| row.active).map(|row| (row.id.to_string(), row.name.clone()));
    let status = if errors.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = ColumnsPage {
        shell: context.shell.clone(),
        read_count: columns.iter().filter(|column| column.is_read).count(),
        columns,
        channels: choices(channels, &channel),
        on_existing: choices(
            OnExisting::ALL.map(|choice| (choice.key(), on_existing_label(choice))),
            options.on_existing.key(),
        ),
        format: format_label(&options.format),
        run,
        options,
        errors,
    };
    Ok(ui::render_status(status, &page, &context.shell))
}

fn shorten(value: &str) -> String {
    let shown: String = value.chars().take(40).collect();
    if shown.len() < value.len() { shown + "…" } else { shown }
}

async fn result_page(app: &App, context: &PageContext, run: ImportRun) -> PageResult {
    let is_check = run.options()?.dry_run;
    let (tone, state) = dot(&run, is_check);
    let page = ResultPage {
        shell: context.shell.clone(),
        is_running: matches!(run.state()?, RunState::Waiting | RunState::Running),
        problems: store::problems(app.db.read(), run.id, (-1, 0), PROBLEMS_SHOWN).await?,
        is_check,
        tone,
        state,
        run,
    };
    Ok(if context.htmx.wants("import") {
        ui::fragment(&page.as_region(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    })
}

/// The form of columns as it was sent: `column` in the order of the file.
#[derive(Deserialize)]
struct ColumnsForm {
    #[serde(default)]
    column: Vec<String>,
    #[serde(default)]
    channel: String,
    on_existing: String,
    /// `check` or `start`.
    then: String,
}

/// Only what differs from the guess is said by hand; fields are freed first, so that two columns can swap.
fn corrections(form: &ColumnsForm, options: &RunOptions) -> AppResult<Corrections> {
    let known = |field: &str| options.columns.iter().filter(|column| column.field.as_deref() == Some(field)).count();
    let mut columns = Vec::new();
    let mut said = Vec::new();
    for (at, (column, field)) in options.columns.iter().zip(&form.column).enumerate() {
        if column.field.as_deref().unwrap_or_default() == field {
            continue;
        }
        columns.push((format!("#{}", at + 1), String::new()));
        if !field.is_empty() {
            said.push((format!("#{}", at + 1), field.clone()));
        }
    }
    let is_twice = |field: &String| !field.is_empty() && form.column.iter().filter(|other| *other == field).count() > 1;
    if form.column.iter().any(|field| is_twice(field) && known(field) < 2) {
        return Err(AppError::field("columns", "field_twice", tr!("Two columns are read into the same field.")));
    }
    columns.extend(said);
    Ok(Corrections {
        format: None,
        columns,
        channel: Some(form.channel.parse().ok()),
        on_existing: OnExisting::from_key(&form.on_existing),
    })
}

async fn correct(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(form): Form<ColumnsForm>,
) -> PageResult {
    let caller = context.caller()?;
    let run = service::find(&app, context.caller()?, id).await?;
    let outcome = match corrections(&form, &run.options()?) {
        Ok(corrections) => match service::correct(&app, caller, id, corrections).await {
            Ok(_) => service::start(&app, caller, id, form.then != "start").await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => Ok(ui::redirect_to(format!("/imports/{id}")).into_response()),
        Err(AppError::Invalid(errors)) => {
            let run = service::find(&app, context.caller()?, id).await?;
            columns_page(&app, &context, run, Errors::from(&errors)).await
        }
        Err(other) => Err(other),
    }
}

/// After a check: carry it out as it was checked.
async fn start(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    service::start(&app, context.caller()?, id, false).await?;
    Ok(ui::redirect_to(format!("/imports/{id}")).into_response())
}

async fn failed(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> AppResult<Response> {
    let run = service::find(&app, context.caller()?, id).await?;
    failed_csv(&app, &run).await
}

/// Formats by the name of the program they come from.
fn format_label(name: &str) -> &'static str {
    match Format::of_name(name) {
        Some(Format::Shopify) => "Shopify",
        Some(Format::WooCommerce) => "WooCommerce",
        Some(Format::Magento) => "Magento",
        Some(Format::Clientele) => "Clientele",
        _ => tr!("Any file"),
    }
}
