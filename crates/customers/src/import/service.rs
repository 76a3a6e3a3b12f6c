//! Imports as staff and programs handle them: hand in a file, correct the columns, check, carry out, look at the
//! result. The screen, the API and the command line call these.

use std::io::Read;

use platform::app::App;
use platform::auth::{Caller, Permission, PermissionSet, delegated};
use platform::db::Tx;
use platform::error::{AppError, AppResult, Reason};
use platform::history::{self, Actor, ActorKind, Entry, Source};
use platform::jobs::{self, Job, JobFuture, JobKind};
use platform::tr;
use tokio_util::io::{StreamReader, SyncIoBridge};
use uuid::Uuid;

use super::error::FileError;
use super::format::Format;
use super::mapping::{Mapping, MappingError};
use super::records::{ReadOptions, Record, Records};
use super::run::{Counts, ImportRun, OnExisting, RunOptions, RunState};
use super::store::{self, NewRun};
use super::work::{POLITE_CHUNK, Plan, WorkError, carry_out};

/// Name of the job that carries out an import.
const JOB: &str = "import_customers";
/// After so many runs of the job that ended badly an import is given up.
const MOST_ATTEMPTS: i64 = 8;
/// Records shown with the columns, so that people see what they are correcting.
const SAMPLE: usize = 5;

/// The jobs of imports.
pub fn job_kinds() -> Vec<JobKind> {
    vec![JobKind { name: JOB, run: run_job, every: None }, super::retention::job_kind()]
}

/// Where the file of an import is in the blob store.
pub fn file_key(id: Uuid) -> String {
    format!("imports/{id}")
}

/// Takes in a file that was stored under [`file_key`] and guesses what its columns mean. A file that cannot be
/// read is removed again.
///
/// # Errors
/// `Invalid` on `file` with the reason.
pub async fn create(
    app: &App,
    caller: &Caller,
    id: Uuid,
    file_name: &str,
    bytes: u64,
    format: Option<Format>,
) -> AppResult<ImportRun> {
    caller.may(Permission::CustomerImport)?;
    let key = file_key(id);
    let looked = look_at(app, &key, format).await;
    let options = match looked {
        Ok(options) => options,
        Err(error) => {
            app.blobs.delete(&key).await?;
            return Err(error);
        }
    };
    let file = NewRun {
        file_name: file_name.chars().filter(|c| !c.is_control()).take(200).collect(),
        file_key: key,
        file_bytes: bytes,
        file_digest: String::new(),
    };
    let now = app.clock.now();
    let tx = app.begin_write().await?;
    store::add_with_id(&tx, id, &caller.actor(), now, &file, &options).await?;
    history::record(&tx, &caller.actor(), now, Entry::new("import", id, "created")).await?;
    tx.commit().await?;
    find(app, caller, id).await
}

async fn look_at(app: &App, key: &str, format: Option<Format>) -> AppResult<RunOptions> {
    let input = open_blob(app, key).await?;
    let looked = tokio::task::spawn_blocking(move || describe(input, ReadOptions::default(), format)).await;
    looked.map_err(AppError::broken)?.map_err(|error| match error {
        FileError::Unreadable(error) => AppError::broken(error),
        refused => AppError::field("file", refused.code(), refused.to_string()),
    })
}

/// What a file turns out to be: format, separator, and the guess for each column.
///
/// # Errors
/// When it is no text, or has no header that can be read.
pub fn describe(input: impl Read, options: ReadOptions, format: Option<Format>) -> Result<RunOptions, FileError> {
    let records = Records::open(input, options)?;
    let mapping = Mapping::guess(records.header(), format);
    let separator = char::from(records.separator()).to_string();
    Ok(RunOptions { separator, encoding: records.encoding().to_owned(), ..RunOptions::of(&mapping) })
}

async fn open_blob(app: &App, key: &str) -> AppResult<Box<dyn Read + Send>> {
    let stream = app.blobs.read(key).await?;
    Ok(Box::new(SyncIoBridge::new(StreamReader::new(stream))))
}

/// An import. Its rows are customers of any channel, so whoever sees those of some channels sees their own imports only.
///
/// # Errors
/// `NotFound`.
pub async fn find(app: &App, caller: &Caller, id: Uuid) -> AppResult<ImportRun> {
    let run = store::find(app.db.read(), id).await?;
    let is_seen = |run: &ImportRun| only_of(caller).is_none_or(|staff| run.staff_id == Some(staff));
    run.filter(is_seen).ok_or(AppError::NotFound)
}

/// Whose imports somebody sees; `None` for everybody's.
pub fn only_of(caller: &Caller) -> Option<Uuid> {
    caller.sight().reach.is_limited().then_some(caller.staff_id)
}

/// The first records of an import's file, as they stand.
pub async fn sample(app: &App, run: &ImportRun) -> AppResult<Vec<Record>> {
    let options = run.options()?.read_options();
    let input = match open_blob(app, &run.file_key).await {
        Err(AppError::NotFound) => return Ok(Vec::new()),
        other => other?,
    };
    let read = move || -> Result<Vec<Record>, FileError> {
        let records = Records::open(input, options)?;
        Ok(records.filter_map(Result::ok).filter(|record| !record.is_empty()).take(SAMPLE).collect())
    };
    tokio::task::spawn_blocking(read).await.map_err(AppError::broken)?.map_err(AppError::broken)
}

/// What can be corrected before an import is carried out; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Corrections {
    pub format: Option<Format>,
    /// Column name and field name; the field `ignore` leaves the column out.
    pub columns: Vec<(String, String)>,
    /// `Some(None)` takes the channel away.
    pub channel: Option<Option<Uuid>>,
    pub on_existing: Option<OnExisting>,
}

/// Corrects how a file is read.
///
/// # Errors
/// `Invalid` on `columns`, `Conflict` when the import is under way or done.
pub async fn correct(app: &App, caller: &Caller, id: Uuid, corrections: Corrections) -> AppResult<ImportRun> {
    caller.may(Permission::CustomerImport)?;
    let run = find(app, caller, id).await?;
    let mut options = run.options()?;
    ensure_can_start(&run, &options)?;
    let mut mapping = options.mapping();
    if let Some(format) = corrections.format {
        let header: Vec<String> = mapping.columns.iter().map(|column| column.name.clone()).collect();
        mapping = Mapping::guess(&header, Some(format));
    }
    for (column, field) in &corrections.columns {
        let field = if field.is_empty() { "ignore" } else { field };
        mapping.assign(column, field).map_err(refuse_columns)?;
    }
    let RunOptions { format, columns, .. } = RunOptions::of(&mapping);
    (options.format, options.columns) = (format, columns);
    options.channel = corrections.channel.unwrap_or(options.channel);
    options.on_existing = corrections.on_existing.unwrap_or(options.on_existing);
    let tx = app.begin_write().await?;
    store::set_options(&tx, id, &options).await?;
    tx.commit().await?;
    find(app, caller, id).await
}

fn refuse_columns(error: MappingError) -> AppError {
    AppError::field("columns", error.code(), error.to_string())
}

/// Starts an import, or the check of one, in the background. An import that was carried out cannot be carried out again:
/// its failed rows come back as a file of their own.
///
/// # Errors
/// `Forbidden` without the right to write what it would write, `Invalid` when no column makes a customer, `Conflict` when
/// it is under way or done.
pub async fn start(app: &App, caller: &Caller, id: Uuid, dry_run: bool) -> AppResult<ImportRun> {
    caller.may(Permission::CustomerImport)?;
    caller.may(Permission::CustomerCreate)?;
    let run = find(app, caller, id).await?;
    let mut options = run.options()?;
    if options.on_existing == OnExisting::Update {
        caller.may(Permission::CustomerEdit)?;
    }
    options.mapping().check().map_err(refuse_columns)?;
    ensure_can_start(&run, &options)?;
    options.dry_run = dry_run;
    let now = app.clock.now();
    let tx = app.begin_write().await?;
    store::set_options(&tx, id, &options).await?;
    store::reset(&tx, id, RunState::Waiting).await?;
    let granted = caller.permissions.to_text();
    let payload = serde_json::json!({ "import": id, "staff": caller.staff_id, "granted": granted }).to_string();
    jobs::enqueue(&tx, now, JOB, &payload).await?;
    let action = if dry_run { "checked" } else { "started" };
    history::record(&tx, &caller.actor(), now, Entry::new("import", id, action)).await?;
    tx.commit().await?;
    app.wake_jobs();
    find(app, caller, id).await
}

fn ensure_can_start(run: &ImportRun, options: &RunOptions) -> AppResult<()> {
    let refuse = |code, detail: &'static str| Err(AppError::Conflict(Reason::new(code, detail)));
    match run.state()? {
        RunState::Waiting | RunState::Running => refuse("import_running", tr!("This import is under way.")),
        RunState::Done | RunState::Failed if !options.dry_run && run.records_done > 0 => {
            refuse("import_done", tr!("This import was carried out. Send the failed rows as a new file."))
        }
        _ => Ok(()),
    }
}

#[derive(serde::Deserialize)]
struct Payload {
    import: Uuid,
    staff: Uuid,
    /// What whoever started it might do then: a token may have had fewer rights than its owner's role.
    granted: String,
}

fn run_job(app: App, job: Job) -> JobFuture {
    Box::pin(async move {
        let payload: Payload = serde_json::from_str(&job.payload).map_err(AppError::broken)?;
        let run = store::find(app.db.read(), payload.import).await?.ok_or(AppError::NotFound)?;
        if !matches!(run.state()?, RunState::Waiting | RunState::Running) {
            return Ok(());
        }
        match carry_out_run(&app, &job, &run, &payload).await {
            Ok(_) => finish(&app, run.id, "").await,
            Err(WorkError::File(refused)) => finish(&app, run.id, &refused.to_string()).await,
            Err(WorkError::App(error)) if job.attempts >= MOST_ATTEMPTS => {
                tracing::error!(import = %run.id, %error, "an import was given up");
                finish(&app, run.id, tr!("Something broke. Ask whoever runs the program to look at its log.")).await
            }
            Err(WorkError::App(error)) => Err(error),
        }
    })
}

async fn carry_out_run(app: &App, job: &Job, run: &ImportRun, payload: &Payload) -> Result<Counts, WorkError> {
    let (actor, permissions) = rights_of(app, payload).await?;
    let tx = app.begin_write().await.map_err(AppError::from)?;
    let now = app.clock.now();
    store::begin(&tx, run.id, now).await.map_err(AppError::from)?;
    tx.commit().await.map_err(AppError::from)?;
    let plan = Plan {
        run: Some(run.id),
        job: Some(job.id),
        file_name: run.file_name.clone(),
        file_bytes: run.file_bytes.unsigned_abs(),
        chunk: POLITE_CHUNK,
        options: run.options()?,
        actor,
        permissions,
        done: run.counts(),
        since: run.started_at.unwrap_or(now),
    };
    let input = open_blob(app, &run.file_key).await?;
    carry_out(app, plan, input, &mut |_| {}).await
}

async fn rights_of(app: &App, payload: &Payload) -> AppResult<(Actor, PermissionSet)> {
    let (name, permissions) = delegated(app.db.read(), payload.staff, &payload.granted).await?;
    let id = Some(payload.staff);
    let actor = Actor { kind: ActorKind::Staff, id, name, source: Source::Import, source_detail: String::new() };
    Ok((actor, permissions))
}

async fn finish(app: &App, id: Uuid, failure: &str) -> AppResult<()> {
    let now = app.clock.now();
    let tx = app.begin_write().await?;
    store::finish(&tx, id, now, failure).await?;
    note_end(&tx, id, now, failure).await?;
    Ok(tx.commit().await?)
}

async fn note_end(tx: &Tx, id: Uuid, now: i64, failure: &str) -> AppResult<()> {
    let actor = Actor::system(Source::Job, JOB);
    let action = if failure.is_empty() { "finished" } else { "failed" };
    Ok(history::record(tx, &actor, now, Entry::new("import", id, action)).await?)
}
