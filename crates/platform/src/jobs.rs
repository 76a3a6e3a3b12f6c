//! Work done later: enqueued inside the caller's transaction, claimed with a lease, run outside
//! it, tried again with growing pauses, visible with its progress.
//!
//! A job may run twice (its server died, its lease ran out); handlers are written so that this is
//! harmless.

use std::pin::Pin;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use crate::app::App;
use crate::clock::{MINUTE, Micros, SECOND};
use crate::db::{Database, SqlExt, Tx, is_retryable};
use crate::error::AppResult;
use crate::ids::new_id;
use crate::params;

/// How long a claimed job is left alone before another worker may take it over.
const LEASE: Micros = MINUTE;
/// After so many failed runs a job is given up and shown as failed.
const MOST_ATTEMPTS: i64 = 8;
/// How often an idle worker looks for work that another server enqueued.
const POLL: Duration = Duration::from_secs(2);

/// A job's handler.
pub type JobFuture = Pin<Box<dyn Future<Output = AppResult<()>> + Send>>;

/// A kind of job: its name and what runs it.
#[derive(Clone, Copy)]
pub struct JobKind {
    pub name: &'static str,
    pub run: fn(App, Job) -> JobFuture,
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

async fn finish(db: &Database, now: Micros, job: &Job, failure: Option<String>) -> Result<(), DbErr> {
    let tx = db.begin_write().await?;
    match failure {
        None => {
            tx.run(
                "update job set state = 'done', finished_at = $1, leased_until = 0, \
                 last_error = '' where id = $2",
                params![now, job.id],
            )
            .await?
        }
        Some(text) if job.attempts >= MOST_ATTEMPTS => {
            tx.run(
                "update job set state = 'failed', finished_at = $1, leased_until = 0, \
                 last_error = $2 where id = $3",
                params![now, text, job.id],
            )
            .await?
        }
        Some(text) => {
            let pause = SECOND << job.attempts.clamp(0, 10);
            tx.run(
                "update job set state = 'waiting', run_at = $1, leased_until = 0, \
                 last_error = $2 where id = $3",
                params![now + pause, text, job.id],
            )
            .await?
        }
    };
    tx.commit().await
}

async fn keep_lease(app: App, id: Uuid) {
    loop {
        tokio::time::sleep(Duration::from_secs(20)).await;
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
    let handler = app.job_kinds().find(|kind| kind.name == job.kind);
    let failure = match handler {
        None => Some(format!("no handler for jobs of kind {}", job.kind)),
        Some(kind) => {
            let lease = tokio::spawn(keep_lease(app.clone(), job.id));
            let outcome = tokio::spawn((kind.run)(app.clone(), job.clone())).await;
            lease.abort();
            match outcome {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(panic) => Some(panic.to_string()),
            }
        }
    };
    if let Some(text) = &failure {
        tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempts, error = text, "a job failed");
    }
    loop {
        match finish(&app.db, app.clock.now(), &job, failure.clone()).await {
            Err(error) if is_retryable(&error) => {}
            other => return other.map(|()| true),
        }
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
