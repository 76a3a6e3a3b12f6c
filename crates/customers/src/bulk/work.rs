//! The work behind a plan, chunk by chunk, each in one transaction with its notes: a job that was cut off goes on where
//! it stopped and changes nobody twice.

use std::collections::HashMap;

use platform::app::App;
use platform::auth::{Caller, PermissionSet, delegated};
use platform::clock::HOUR;
use platform::db::Tx;
use platform::error::{AppError, AppResult, KeptReason, Reason};
use platform::history::{Actor, ActorKind, Source};
use platform::jobs::{self, Job, JobFuture, JobKind};
use platform::tr;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::effect::{Effect, Ground, beyond_reach, effect, refusal};
use super::service::from_query;
use super::store::{self, Judged};
use super::{Action, ActionKind, Outcome, PlanRow, PlanState, PlannedRow, revert};
use crate::customer::list::{self, ListFilter};
use crate::customer::save::{Writer, write};
use crate::customer::{Customer, actions, reach, store as customers};
use crate::directory::Directory;

/// Name of the job that works on a plan.
pub(super) const JOB: &str = "customers.bulk";
/// Customers in one transaction: few enough that nobody waits long for it.
const CHUNK: i64 = 200;
/// After so many runs that ended badly a plan is given up.
const MOST_ATTEMPTS: i64 = 8;
/// How often a chunk is tried again when PostgreSQL says that somebody else was in the way.
const MOST_TRIES: usize = 20;

/// The jobs of bulk actions.
pub fn job_kinds() -> Vec<JobKind> {
    vec![
        JobKind { name: JOB, run: |app, job| run_job(app, job), every: None },
        JobKind {
            name: "customers.forget_bulk",
            run: |app, _| Box::pin(async move { super::service::forget_old(&app).await.map(|_| ()) }),
            every: Some(HOUR),
        },
    ]
}

/// Which part of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    Prepare,
    Run,
    Undo,
}

/// In whose name and with which rights the work is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Mandate {
    staff: Uuid,
    /// What they might do when they asked: a token may have fewer rights than its owner's role.
    granted: String,
}

impl Mandate {
    pub fn of(caller: &Caller) -> Self {
        Self { staff: caller.staff_id, granted: caller.permissions.to_text() }
    }
}

/// What the job is told.
#[derive(Serialize, Deserialize)]
pub(super) struct Payload {
    pub plan: Uuid,
    pub step: Step,
    pub mandate: Mandate,
}

fn run_job(app: App, job: Job) -> JobFuture {
    Box::pin(async move {
        let payload: Payload = serde_json::from_str(&job.payload).map_err(AppError::broken)?;
        let outcome = match payload.step {
            Step::Prepare => prepare(&app, payload.plan, &payload.mandate, Some(job.id)).await,
            Step::Run => carry_out(&app, &payload, job.id, Outcome::Change).await,
            Step::Undo => carry_out(&app, &payload, job.id, Outcome::Done).await,
        };
        match outcome {
            Err(error) if job.attempts >= MOST_ATTEMPTS => {
                tracing::error!(plan = %payload.plan, %error, "a bulk action was given up");
                let tx = app.begin_write().await?;
                let text = tr!("Something broke. Ask whoever runs the program to look at its log.");
                store::give_up(&tx, payload.plan, text).await?;
                Ok(tx.commit().await?)
            }
            other => other,
        }
    })
}

/// Stores which customers were ticked; those of a filter are found by [`prepare`].
pub(super) async fn choose(tx: &Tx, plan: &PlanRow, ids: &[Uuid]) -> AppResult<()> {
    let rows = ids.iter().zip(0..).map(|(id, position)| (position, *id, 0, Outcome::Change, None)).collect();
    Ok(store::add_rows(tx, plan.id, rows).await?)
}

struct Worker {
    directory: Directory,
    action: Action,
    actor: Actor,
    permissions: PermissionSet,
}

impl Worker {
    /// With the rights that were granted, as far as the person still has them.
    async fn of(app: &App, plan: &PlanRow, mandate: &Mandate) -> AppResult<Self> {
        let (name, permissions) = delegated(app.db.read(), mandate.staff, &mandate.granted).await?;
        Ok(Self {
            directory: Directory::load(app.db.read()).await?,
            action: plan.action()?,
            actor: Actor {
                kind: ActorKind::Staff,
                id: Some(mandate.staff),
                name,
                source: Source::Bulk,
                source_detail: plan.id.to_string(),
            },
            permissions,
        })
    }

    fn ground<'a>(&'a self, app: &'a App) -> Ground<'a> {
        Ground {
            registry: &app.registry,
            directory: &self.directory,
            permissions: &self.permissions,
            now: app.clock.now(),
        }
    }

    fn writer(&self, app: &App) -> Writer {
        Writer { actor: self.actor.clone(), permissions: self.permissions.clone(), now: app.clock.now() }
    }
}

/// Makes the dry run: what would become of each customer chosen.
pub(super) async fn prepare(app: &App, id: Uuid, mandate: &Mandate, job: Option<Uuid>) -> AppResult<()> {
    let Some(plan) = waiting(app, id, PlanState::Preparing).await? else { return Ok(()) };
    let worker = Worker::of(app, &plan, mandate).await?;
    match plan.filter() {
        None => judge_ticked(app, &plan, &worker).await?,
        Some(query) => judge_matching(app, id, &from_query(query)?, &worker, job).await?,
    }
    let tx = app.begin_write().await?;
    let total = store::tally(&tx, id).await?.total();
    store::set_total(&tx, id, total).await?;
    store::advance(&tx, id, PlanState::Preparing, PlanState::Ready, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

async fn waiting(app: &App, id: Uuid, state: PlanState) -> AppResult<Option<PlanRow>> {
    Ok(store::find(app.db.read(), id).await?.filter(|plan| plan.state() == state))
}

async fn judge(
    app: &App,
    worker: &Worker,
    customer: Option<&Customer>,
) -> AppResult<(i64, Outcome, Option<KeptReason>)> {
    let Some(customer) = customer else {
        let gone = Reason::new("customer_deleted", tr!("This customer is deleted."));
        return Ok((0, Outcome::Refused, Some(gone.into())));
    };
    let (outcome, reason) = match effect(app.db.read(), &worker.ground(app), &worker.action, customer).await? {
        Effect::Change(_) => (Outcome::Change, None),
        Effect::Same => (Outcome::Same, None),
        Effect::Refused(reason) => (Outcome::Refused, Some(reason.into())),
    };
    Ok((customer.version, outcome, reason))
}

async fn judge_ticked(app: &App, plan: &PlanRow, worker: &Worker) -> AppResult<()> {
    let mut after = -1;
    loop {
        let rows = store::rows(app.db.read(), plan.id, None, after, CHUNK).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.position;
        let found = by_id(app, rows.iter().map(|row| row.customer_id)).await?;
        let tx = app.begin_write().await?;
        for row in &rows {
            let (version, outcome, reason) = judge(app, worker, found.get(&row.customer_id)).await?;
            store::settle(&tx, plan.id, row, outcome, version, reason.as_ref()).await?;
        }
        tx.commit().await?;
    }
}

async fn by_id(app: &App, ids: impl Iterator<Item = Uuid>) -> AppResult<HashMap<Uuid, Customer>> {
    let ids: Vec<Uuid> = ids.collect();
    let found = customers::find_many(app.db.read(), &ids).await?;
    Ok(found.into_iter().map(|customer| (customer.id, customer)).collect())
}

/// Begins anew when it was cut off: the question may find others by then.
async fn judge_matching(
    app: &App,
    plan: Uuid,
    filter: &ListFilter,
    worker: &Worker,
    job: Option<Uuid>,
) -> AppResult<()> {
    let tx = app.begin_write().await?;
    store::clear_rows(&tx, plan).await?;
    tx.commit().await?;
    let (mut after, mut position) = (None, 0);
    loop {
        let keys = list::keys(&app.db, &worker.permissions.sight, filter, after, CHUNK).await?;
        let Some((last, _)) = keys.last() else { return Ok(()) };
        after = Some(*last);
        let found = by_id(app, keys.iter().map(|(id, _)| *id)).await?;
        let mut rows: Vec<Judged> = Vec::new();
        for (id, _) in &keys {
            let (version, outcome, reason) = judge(app, worker, found.get(id)).await?;
            rows.push((position, *id, version, outcome, reason));
            position += 1;
        }
        let tx = app.begin_write().await?;
        store::add_rows(&tx, plan, rows).await?;
        if let Some(job) = job {
            jobs::progress(&tx, app.clock.now(), job, position, 0).await?;
        }
        tx.commit().await?;
    }
}

/// Carries a plan out, or takes it back: the rows with the outcome `open` are those still to be done.
async fn carry_out(app: &App, payload: &Payload, job: Uuid, open: Outcome) -> AppResult<()> {
    let id = payload.plan;
    let (from, to) = match open {
        Outcome::Change => (PlanState::Running, PlanState::Done),
        _ => (PlanState::Undoing, PlanState::Undone),
    };
    let Some(plan) = waiting(app, id, from).await? else { return Ok(()) };
    let worker = Worker::of(app, &plan, &payload.mandate).await?;
    let total = store::tally(app.db.read(), id).await?.of(open);
    let mut done = 0;
    loop {
        let rows = store::rows(app.db.read(), id, Some(open), -1, CHUNK).await?;
        if rows.is_empty() {
            break;
        }
        done += rows.len() as i64;
        try_chunk(app, &worker, &plan, &rows, open, (job, done.min(total), total)).await?;
    }
    let tx = app.begin_write().await?;
    store::advance(&tx, id, from, to, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

async fn try_chunk(
    app: &App,
    worker: &Worker,
    plan: &PlanRow,
    rows: &[PlannedRow],
    open: Outcome,
    progress: (Uuid, i64, i64),
) -> AppResult<()> {
    for _ in 1..MOST_TRIES {
        match chunk(app, worker, plan, rows, open, progress).await {
            Err(error) if error.is_retryable() => {}
            other => return other,
        }
    }
    chunk(app, worker, plan, rows, open, progress).await
}

async fn chunk(
    app: &App,
    worker: &Worker,
    plan: &PlanRow,
    rows: &[PlannedRow],
    open: Outcome,
    (job, done, total): (Uuid, i64, i64),
) -> AppResult<()> {
    let tx = app.begin_write().await?;
    for row in rows {
        let customer = customers::find(&tx, row.customer_id).await?;
        let settled = match (open, customer) {
            (_, None) => Err(Reason::new("customer_gone", tr!("This customer was removed for good."))),
            (_, Some(customer)) if !reach::holds(&worker.permissions.sight.reach, &customer) => Err(beyond_reach()),
            (Outcome::Change, Some(customer)) => change(app, &tx, worker, row, &customer).await?,
            (_, Some(customer)) => change_back(app, &tx, worker, row, &customer).await?,
        };
        let (good, bad) = match open {
            Outcome::Change => (Outcome::Done, Outcome::Failed),
            _ => (Outcome::Undone, Outcome::LeftAlone),
        };
        match settled {
            Ok(version) => store::settle(&tx, plan.id, row, good, version, None).await?,
            Err(reason) => store::settle(&tx, plan.id, row, bad, row.version, Some(&reason.into())).await?,
        }
    }
    jobs::progress(&tx, app.clock.now(), job, done, total).await?;
    Ok(tx.commit().await?)
}

/// Does to a customer what the dry run showed; answers the version it made, or why not.
async fn change(
    app: &App,
    tx: &Tx,
    worker: &Worker,
    row: &PlannedRow,
    customer: &Customer,
) -> AppResult<Result<i64, Reason>> {
    if customer.version != row.version {
        let detail = tr!("Somebody changed this customer after the preview.");
        return Ok(Err(Reason::new("changed_since", detail)));
    }
    let after = match effect(tx, &worker.ground(app), &worker.action, customer).await? {
        Effect::Change(after) => *after,
        Effect::Same => return Ok(Ok(customer.version)),
        Effect::Refused(reason) => return Ok(Err(reason)),
    };
    let name = match worker.action.kind {
        ActionKind::Activate | ActionKind::Deactivate => actions::activity_action(after.active),
        ActionKind::Delete => "deleted",
        _ => "changed",
    };
    let written = write(tx, &worker.writer(app), customer, after, name, "").await?;
    if worker.action.kind == ActionKind::Delete && worker.directory.settings.bin_days <= 0 {
        customers::remove(tx, customer.id).await?;
    }
    Ok(Ok(written.version))
}

async fn change_back(
    app: &App,
    tx: &Tx,
    worker: &Worker,
    row: &PlannedRow,
    customer: &Customer,
) -> AppResult<Result<i64, Reason>> {
    let before = match revert::before_batch(tx, &worker.directory, customer, row.version).await? {
        Ok(before) => before,
        Err(reason) => return Ok(Err(reason)),
    };
    let name = if customer.deleted_at.is_some() { "restored" } else { "changed" };
    match write(tx, &worker.writer(app), customer, before, name, "").await {
        Ok(written) => Ok(Ok(written.version)),
        Err(error) => refusal(error).map(Err),
    }
}
