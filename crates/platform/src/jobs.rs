//! Work done later: enqueued inside the caller's transaction, claimed with a lease, run outside
//! it, tried again with growing pauses, visible with its progress.
//!
//! A job may run twice (its server died, its lease ran out); handlers are written so that this is
//! harmless.

use std::pin::Pin;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use crate::app::App;
use crate::clock::{Micros, SECOND};
use crate::db::{Database, SqlExt, Tx, is_retryable};
use crate::error::AppResult;
use crate::ids::new_id;
use crate::params;

/// How long a claimed job is left alone before another worker may take it over.
const LEASE: Micros = 20 * SECOND;
/// After so many failed runs a job is given up and shown as failed.
const MOST_ATTEMPTS: i64 = 8;
/// A job that gives way rests so many times as long as it works.
const RESTS: u32 = 9;
/// How often an idle worker looks for work that another server enqueued.
const POLL: Duration = Duration::from_secs(2);

/// A job's handler.
pub type JobFuture = Pin<Box<dyn Future<Output = AppResult<()>> + Send>>;

/// A kind of job: its name and what runs it.
#[derive(Clone, Copy)]
pub struct JobKind {
    pub name: &'static str,
    pub run: fn(App, Job) -> JobFuture,
    /// Runs again so long after each end; `None` for jobs that are enqueued.
    pub every: Option<Micros>,
}

/// A job as claimed or listed.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Job {
    pub id: Uuid,
    pub kind: String,
    pub payload: String,
    pub state: String,
    pub run_at: i64,
    pub attempts: i64,
    pub progress_done: i64,
    pub progress_total: i64,
    pub last_error: String,
    pub created_at: i64,
    pub finished_at: Option<i64>,
}

const COLUMNS: &str = "id, kind, payload, state, run_at, attempts, progress_done, \
    progress_total, last_error, created_at, finished_at";

/// Enqueues a job; it runs after the caller's transaction is committed.
pub async fn enqueue(tx: &Tx, now: Micros, kind: &str, payload: &str) -> Result<Uuid, DbErr> {
    let id = new_id(now);
    tx.run(
        "insert into job (id, kind, payload, state, run_at, created_at) \
         values ($1, $2, $3, 'waiting', $4, $4)",
        params![id, kind, payload, now],
    )
    .await?;
    Ok(id)
}

/// The newest jobs, for the page that shows them.
pub async fn list(db: &impl ConnectionTrait, limit: i64) -> Result<Vec<Job>, DbErr> {
    db.all(&format!("select {COLUMNS} from job order by created_at desc, id desc limit $1"), params![limit]).await
}

/// Notes how far a running job is and renews its lease.
pub async fn progress(tx: &Tx, now: Micros, id: Uuid, done: i64, total: i64) -> Result<(), DbErr> {
    tx.run(
        "update job set progress_done = $1, progress_total = $2, leased_until = $3 where id = $4",
        params![done, total, now + LEASE, id],
    )
    .await?;
    Ok(())
}

async fn claim(db: &Database, now: Micros) -> Result<Option<Job>, DbErr> {
    let waiting: Option<Uuid> = db
        .read()
        .value(
            "select id from job where state in ('waiting', 'running') and run_at <= $1 \
             and leased_until <= $1 order by run_at, id limit 1",
            params![now],
        )
        .await?;
    let Some(id) = waiting else { return Ok(None) };
    let tx = db.begin_write().await?;
    let sql = format!(
        "update job set state = 'running', leased_until = $1, attempts = attempts + 1 \
         where id = $2 and state in ('waiting', 'running') and leased_until <= $3 \
         returning {COLUMNS}"
    );
    let job = tx.first(&sql, params![now + LEASE, id, now]).await?;
    tx.commit().await?;
    Ok(job)
}

/// Enqueues the recurring kinds that are not waiting yet; once at the start of a server.
pub async fn schedule_recurring(app: &App) -> Result<(), DbErr> {
    loop {
        match schedule_once(app).await {
            Err(error) if is_retryable(&error) => {}
            other => return other,
        }
    }
}

async fn schedule_once(app: &App) -> Result<(), DbErr> {
    let tx = app.begin_write().await?;
    for kind in app.job_kinds().filter(|kind| kind.every.is_some()) {
        let sql = "select count(*) from job where kind = $1 and state in ('waiting', 'running')";
        let waiting: Option<i64> = tx.value(sql, params![kind.name]).await?;
        if waiting == Some(0) {
            enqueue(&tx, app.clock.now(), kind.name, "").await?;
        }
    }
    tx.commit().await
}

/// How a run ended.
enum Ending {
    Done,
    /// A recurring job waits for its next time.
    Again(Micros),
    TryAgain(Micros, String),
    GivenUp(String),
}

fn ending(job: &Job, every: Option<Micros>, failure: Option<String>) -> Ending {
    match (failure, every) {
        (None, None) => Ending::Done,
        (None, Some(every)) => Ending::Again(every),
        (Some(text), None) if job.attempts >= MOST_ATTEMPTS => Ending::GivenUp(text),
        (Some(text), _) => Ending::TryAgain(SECOND << job.attempts.clamp(0, 10), text),
    }
}

async fn finish(db: &Database, now: Micros, job: &Job, ending: &Ending) -> Result<(), DbErr> {
    let (state, run_at, finished_at, attempts, text) = match ending {
        Ending::Done => ("done", job.run_at, Some(now), job.attempts, ""),
        Ending::Again(every) => ("waiting", now + every, Some(now), 0, ""),
        Ending::TryAgain(pause, text) => ("waiting", now + pause, None, job.attempts, text.as_str()),
        Ending::GivenUp(text) => ("failed", job.run_at, Some(now), job.attempts, text.as_str()),
    };
    let tx = db.begin_write().await?;
    tx.run(
        "update job set state = $1, run_at = $2, finished_at = $3, attempts = $4, last_error = $5, \
         leased_until = 0 where id = $6",
        params![state, run_at, finished_at, attempts, text, job.id],
    )
    .await?;
    tx.commit().await
}

async fn keep_lease(app: App, id: Uuid) {
    loop {
        tokio::time::sleep(Duration::from_secs(6)).await;
        let renewed = async {
            let tx = app.db.begin_write().await?;
            tx.run(
                "update job set leased_until = $1 where id = $2 and state = 'running'",
                params![app.clock.now() + LEASE, id],
            )
            .await?;
            tx.commit().await
        };
        if let Err(error) = renewed.await {
            tracing::warn!(job = %id, %error, "a job's lease could not be renewed");
        }
    }
}

/// Runs one job that is due; answers whether there was one.
///
/// # Errors
/// When the job table cannot be used; a failing handler is noted on the job instead.
pub async fn run_one(app: &App) -> Result<bool, DbErr> {
    let claimed = match claim(&app.db, app.clock.now()).await {
        Err(error) if is_retryable(&error) => return Ok(true),
        other => other?,
    };
    let Some(job) = claimed else { return Ok(false) };
    let kind = app.job_kinds().find(|kind| kind.name == job.kind).copied();
    let failure = carry_out(app, kind, &job).await;
    if let Some(text) = &failure {
        tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempts, error = text, "a job failed");
    }
    let ending = ending(&job, kind.and_then(|kind| kind.every), failure);
    loop {
        match finish(&app.db, app.clock.now(), &job, &ending).await {
            Err(error) if is_retryable(&error) => {}
            other => return other.map(|()| true),
        }
    }
}

/// Runs a job's handler on a task of its own while its lease is kept; answers what went wrong.
async fn carry_out(app: &App, kind: Option<JobKind>, job: &Job) -> Option<String> {
    let Some(kind) = kind else { return Some(format!("no handler for jobs of kind {}", job.kind)) };
    let lease = tokio::spawn(keep_lease(app.clone(), job.id));
    let outcome = tokio::spawn((kind.run)(app.clone(), job.clone())).await;
    lease.abort();
    match outcome {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => Some(panic.to_string()),
    }
}

/// Lets those who wait for an answer go first: a job that reads very much rests nine times as long as it works.
pub struct Pace {
    works_since: Instant,
}

impl Pace {
    /// Begins to work.
    pub fn begin() -> Self {
        Self { works_since: Instant::now() }
    }

    /// Rests for the work that was done since the last time.
    pub async fn rest(&mut self) {
        tokio::time::sleep(self.works_since.elapsed() * RESTS).await;
        self.works_since = Instant::now();
    }
}

/// Runs due jobs until the program stops.
pub async fn work(app: App) {
    loop {
        match run_one(&app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the job table cannot be read"),
        }
        tokio::select! {
            () = app.jobs_waiting.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}
