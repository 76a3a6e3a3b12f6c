//! Plans as staff and programs handle them: choose customers and an action, look at the dry run, carry out, undo. The
//! screen and the API call these.

use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::clock::DAY;
use platform::db::Tx;
use platform::error::{AppError, AppResult, Reason, ReasonRow};
use platform::history::{self, Entry};
use platform::i18n::Message;
use platform::ids::new_id;
use platform::{jobs, tr};
use uuid::Uuid;

use super::work::{JOB, Mandate, Payload, Step, prepare};
use super::{Action, PlanRow, PlanState, store};
use crate::customer::list::{self, ListFilter};
use crate::customer::reach;

/// Customers that can be named one by one.
pub const MOST_IDS: usize = 10_000;
/// Up to so many customers the dry run is made while the person waits.
const AT_ONCE: i64 = 200;
/// Rows named in a refusal at most.
const MOST_NAMED: i64 = 20;
/// A dry run that nobody carried out is forgotten after a day, a batch after a year.
const UNUSED: i64 = DAY;
const KEPT: i64 = 365 * DAY;

/// Who is to be changed.
#[derive(Clone, Debug)]
pub enum Selection {
    Ids(Vec<Uuid>),
    /// Everybody whom the filter finds when the dry run is made.
    Matching(Box<ListFilter>),
}

/// Makes a plan with its dry run, at once for a few customers, in the background for many.
///
/// # Errors
/// `Invalid` without customers, `BadRequest` for a filter that the list refuses.
pub async fn create(app: &App, caller: &Caller, action: Action, selection: Selection) -> AppResult<PlanRow> {
    let now = app.clock.now();
    let (question, ids) = match selection {
        Selection::Ids(mut ids) => {
            ids.sort();
            ids.dedup();
            if ids.is_empty() {
                return Err(AppError::field("ids", "required", tr!("Select customers first.")));
            }
            if ids.len() > MOST_IDS {
                return Err(AppError::field("ids", "too_many", tr!("Name at most 10,000 customers, or use a filter.")));
            }
            (String::new(), ids)
        }
        Selection::Matching(filter) => {
            list::page(&app.db, caller.sight(), &ListFilter { limit: Some(1), ..filter.question() }).await?;
            (as_query(&filter.settled(caller.staff_id)), Vec::new())
        }
    };
    let plan = PlanRow {
        id: new_id(now),
        staff_id: caller.staff_id,
        staff_name: caller.name.clone(),
        action: action.kind.key().to_owned(),
        value: action.value.clone(),
        question,
        granted: caller.permissions.to_text(),
        state: PlanState::Preparing.key().to_owned(),
        created_at: now,
        started_at: None,
        finished_at: None,
        undone_at: None,
        total: ids.len() as i64,
        failure: String::new(),
    };
    make(app, caller, plan, ids).await
}

/// A filter within a view is written out as both: the batch must not change when the view does.
fn as_query(filter: &ListFilter) -> String {
    match &filter.within {
        None => format!("?{}", filter.question().to_query()),
        Some(view) => format!("?{}&&{}", view.question().to_query(), filter.question().to_query()),
    }
}

/// Reads what [`as_query`] wrote.
pub(super) fn from_query(question: &str) -> AppResult<ListFilter> {
    let Some((view, rest)) = question.split_once("&&") else { return ListFilter::from_query(question) };
    let within = Some(Box::new(ListFilter::from_query(view)?));
    Ok(ListFilter { within, ..ListFilter::from_query(rest)? })
}

async fn make(app: &App, caller: &Caller, plan: PlanRow, ids: Vec<Uuid>) -> AppResult<PlanRow> {
    let is_small = match plan.filter() {
        None => plan.total <= AT_ONCE,
        Some(query) => {
            list::keys(&app.db, caller.sight(), &from_query(query)?, None, AT_ONCE + 1).await?.len() as i64 <= AT_ONCE
        }
    };
    let id = plan.id;
    let tx = app.begin_write().await?;
    store::insert(&tx, &plan).await?;
    super::work::choose(&tx, &plan, &ids).await?;
    let entry = Entry::new("bulk", id, "created").change("action", "", &plan.action);
    history::record(&tx, &caller.actor(), plan.created_at, entry).await?;
    if !is_small {
        enqueue(&tx, app, caller, id, Step::Prepare).await?;
    }
    tx.commit().await?;
    if is_small {
        prepare(app, id, &Mandate::of(caller), None).await?;
    } else {
        app.wake_jobs();
    }
    find(app, caller, id).await
}

/// The job works with the rights of whoever asks now, and in their name.
async fn enqueue(tx: &Tx, app: &App, caller: &Caller, plan: Uuid, step: Step) -> AppResult<()> {
    let payload = Payload { plan, step, mandate: Mandate::of(caller) };
    let payload = serde_json::to_string(&payload).map_err(AppError::broken)?;
    jobs::enqueue(tx, app.clock.now(), JOB, &payload).await?;
    Ok(())
}

/// A plan: one's own, or anybody's for those who may see what staff did.
///
/// # Errors
/// `NotFound`.
pub async fn find(app: &App, caller: &Caller, id: Uuid) -> AppResult<PlanRow> {
    let plan = store::find(app.db.read(), id).await?;
    plan.filter(|plan| plan.staff_id == caller.staff_id || caller.has(Permission::ActivityView))
        .ok_or(AppError::NotFound)
}

fn wrong_state(plan: &PlanRow) -> AppError {
    let detail = Message::new(tr!("This batch is not ready for that: {state}.")).with("state", plan.state().label());
    AppError::Conflict(Reason::new("bulk_state", detail))
}

fn allowed(caller: &Caller, plan: &PlanRow) -> AppResult<()> {
    plan.action()?.kind.permissions().iter().try_for_each(|permission| caller.may(*permission))
}

/// Carries out what the dry run showed.
///
/// # Errors
/// `Conflict` with `plan_stale` when a customer of it was changed since, `Forbidden` without the rights.
pub async fn start(app: &App, caller: &Caller, id: Uuid) -> AppResult<PlanRow> {
    let plan = find(app, caller, id).await?;
    allowed(caller, &plan)?;
    // Read outside the write transaction: a million rows take a while, and each is compared again when its turn comes.
    let stale = store::stale(app.db.read(), id, MOST_NAMED).await?;
    if plan.state() == PlanState::Ready && !stale.is_empty() {
        let ids = stale.iter().map(|(id, _)| *id).collect();
        let seen = reach::those_within(app.db.read(), &caller.sight().reach, ids).await?;
        let named = stale.into_iter().filter(|(id, _)| seen.contains(id)).collect();
        return Err(AppError::Conflict(stale_reason(named)));
    }
    let tx = app.begin_write().await?;
    let now = app.clock.now();
    if !store::advance(&tx, id, PlanState::Ready, PlanState::Running, now).await? {
        return Err(wrong_state(&plan));
    }
    enqueue(&tx, app, caller, id, Step::Run).await?;
    history::record(&tx, &caller.actor(), now, Entry::new("bulk", id, "started")).await?;
    tx.commit().await?;
    app.wake_jobs();
    find(app, caller, id).await
}

fn stale_reason(stale: Vec<(Uuid, String)>) -> Reason {
    let rows = stale
        .into_iter()
        .map(|(id, number)| ReasonRow { label: number, href: format!("/customers/{id}") })
        .collect::<Vec<_>>();
    let detail =
        Message::new(tr!("What was previewed is no longer true: {n} or more of these customers were changed."))
            .with("n", rows.len());
    Reason::new("plan_stale", detail).with_rows(rows).with_remedy(tr!("Preview again."))
}

/// Makes the dry run again, of the same question or the same customers.
///
/// # Errors
/// `Conflict` when it was carried out.
pub async fn refresh(app: &App, caller: &Caller, id: Uuid) -> AppResult<PlanRow> {
    let plan = find(app, caller, id).await?;
    allowed(caller, &plan)?;
    let ids: Vec<Uuid> = match plan.filter() {
        Some(_) => Vec::new(),
        None => {
            let rows = store::rows(app.db.read(), id, None, -1, MOST_IDS as i64).await?;
            rows.iter().map(|row| row.customer_id).collect()
        }
    };
    let tx = app.begin_write().await?;
    let now = app.clock.now();
    if !store::advance(&tx, id, PlanState::Ready, PlanState::Preparing, now).await? {
        return Err(wrong_state(&plan));
    }
    store::clear_rows(&tx, id).await?;
    super::work::choose(&tx, &plan, &ids).await?;
    enqueue(&tx, app, caller, id, Step::Prepare).await?;
    tx.commit().await?;
    app.wake_jobs();
    find(app, caller, id).await
}

/// Takes back what the batch did; customers that others changed in between are left alone and listed.
///
/// # Errors
/// `Conflict` when it was not carried out.
pub async fn undo(app: &App, caller: &Caller, id: Uuid) -> AppResult<PlanRow> {
    let plan = find(app, caller, id).await?;
    allowed(caller, &plan)?;
    let tx = app.begin_write().await?;
    let now = app.clock.now();
    if !store::advance(&tx, id, PlanState::Done, PlanState::Undoing, now).await? {
        return Err(wrong_state(&plan));
    }
    enqueue(&tx, app, caller, id, Step::Undo).await?;
    history::record(&tx, &caller.actor(), now, Entry::new("bulk", id, "undone")).await?;
    tx.commit().await?;
    app.wake_jobs();
    find(app, caller, id).await
}

/// Throws away a dry run that was not carried out.
///
/// # Errors
/// `Conflict` when it was.
pub async fn discard(app: &App, caller: &Caller, id: Uuid) -> AppResult<()> {
    let plan = find(app, caller, id).await?;
    if !matches!(plan.state(), PlanState::Ready | PlanState::Failed) || plan.started_at.is_some() {
        return Err(wrong_state(&plan));
    }
    let tx = app.begin_write().await?;
    store::delete(&tx, id).await?;
    history::record(&tx, &caller.actor(), app.clock.now(), Entry::new("bulk", id, "discarded")).await?;
    Ok(tx.commit().await?)
}

/// Removes plans that nobody needs any more; answers how many.
pub(super) async fn forget_old(app: &App) -> AppResult<usize> {
    let now = app.clock.now();
    let ids = store::outdated(app.db.read(), now - UNUSED, now - KEPT).await?;
    for id in &ids {
        let tx = app.begin_write().await?;
        store::delete(&tx, *id).await?;
        tx.commit().await?;
    }
    Ok(ids.len())
}
