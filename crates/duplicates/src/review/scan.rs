//! Looking through the whole shop: every customer is read, the crate `matching` finds the likely pairs, and they are stored.
//!
//! Only one scan runs at a time, wherever it was started. A scan that was cut off is begun anew by its job; one of which
//! nobody hears any more counts as failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use customers::customer::model::Customer;
use customers::customer::store as customer_store;
use customers::match_keys;
use matching::{Person, Scan, Stage};
use platform::app::App;
use platform::clock::DAY;
use platform::db::Tx;
use platform::error::{AppError, AppResult, Reason};
use platform::history::{self, Actor, Entry, Source};
use platform::ids::{first_id, new_id};
use platform::jobs::{self, Job, JobFuture};
use platform::{settings, tr};
use uuid::Uuid;

use super::explain::{Explanation, doubt_of, doubt_of_odds};
use super::scan_store::{self, OVERLAP, Position, ScanRow};
use super::settings::DuplicateSettings;
use super::store::{self, Pair, PairState, ordered};
use super::{FLOOR, decide, decision_store};

/// Name of the job that scans.
pub const JOB: &str = "duplicates.scan";
/// Customers read, or pairs written, at once.
const CHUNK: usize = 500;
const PAIRS_AT_ONCE: usize = 2000;
/// After so many runs that ended badly a scan is given up.
const MOST_ATTEMPTS: i64 = 3;
/// Customers from which on weights are learned from the shop. Among fewer there are too few duplicates to learn from: in a shop
/// of 400 the learned weights missed two records of one name and one mailbox.
const WORTH_LEARNING: usize = 5_000;
/// How often progress is noted.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// Starts a scan in the background.
///
/// # Errors
/// `Conflict` with `scan_running` while another one runs.
pub async fn start(app: &App, actor: &Actor) -> AppResult<ScanRow> {
    let tx = app.begin_write().await?;
    let scan = begin(&tx, app, actor).await?;
    jobs::enqueue(&tx, app.clock.now(), JOB, &scan.id.to_string()).await?;
    tx.commit().await?;
    app.wake_jobs();
    Ok(scan)
}

/// Notes that a scan begins, in the caller's transaction. Whoever calls it also carries it out.
///
/// # Errors
/// `Conflict` with `scan_running` while another one runs.
pub async fn begin(tx: &Tx, app: &App, actor: &Actor) -> AppResult<ScanRow> {
    let now = app.clock.now();
    scan_store::give_up_silent(tx, now, tr!("The scan was cut off.")).await?;
    if scan_store::running(tx).await?.is_some() {
        let detail = tr!("The shop is being looked through already.");
        return Err(AppError::Conflict(Reason::new("scan_running", detail)));
    }
    let scan = ScanRow {
        id: new_id(now),
        state: "running".to_owned(),
        staff_id: actor.id,
        actor_name: actor.name.clone(),
        source: actor.source.key().to_owned(),
        created_at: now,
        beat_at: now,
        finished_at: None,
        percent: 0,
        customers: 0,
        compared: 0,
        pairs: 0,
        failure: String::new(),
    };
    scan_store::add(tx, &scan).await?;
    history::record(tx, actor, now, Entry::new("duplicate_scan", scan.id, "started")).await?;
    Ok(scan)
}

/// Starts the next scan when the last one is old enough; the first one is never started by the clock.
///
/// # Errors
/// When the database cannot be used.
pub async fn repeat(app: &App) -> AppResult<()> {
    let settings: DuplicateSettings = settings::load(app.db.read()).await?;
    let last = scan_store::list(app.db.read(), 1).await?.into_iter().next();
    let is_due =
        last.is_some_and(|scan| !scan.is_running() && app.clock.now() - scan.created_at >= settings.repeat_days * DAY);
    if is_due && settings.repeat_days > 0 {
        match start(app, &Actor::system(Source::Job, JOB)).await {
            Err(AppError::Conflict(_)) => {}
            other => drop(other?),
        }
    }
    Ok(())
}

pub(super) fn run_job(app: App, job: Job) -> JobFuture {
    Box::pin(async move {
        let id: Uuid = job.payload.parse().map_err(AppError::broken)?;
        let running = scan_store::find(app.db.read(), id).await?.filter(ScanRow::is_running);
        let Some(scan) = running else { return Ok(()) };
        match carry_out(&app, &scan, &|_| {}).await {
            Err(error) if job.attempts >= MOST_ATTEMPTS => {
                tracing::error!(scan = %id, %error, "a scan for duplicates was given up");
                fail(&app, &scan, tr!("Something broke. Ask whoever runs the program to look at its log.")).await
            }
            other => other.map(drop),
        }
    })
}

/// Marks a scan as failed.
///
/// # Errors
/// When the database cannot be written.
pub async fn fail(app: &App, scan: &ScanRow, why: &str) -> AppResult<()> {
    let tx = app.begin_write().await?;
    let failed = ScanRow { failure: why.to_owned(), ..scan.clone() };
    scan_store::finish(&tx, &failed, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// How far a scan is and whether it is still wanted, shared with whoever notes it.
struct Meter {
    percent: AtomicI64,
    is_wanted: AtomicBool,
}

impl Meter {
    fn at(&self, percent: i64) {
        self.percent.fetch_max(percent, Ordering::Relaxed);
    }

    fn is_wanted(&self) -> bool {
        self.is_wanted.load(Ordering::Relaxed)
    }
}

/// Shares of a hundred by which reading, and then searching, are done.
const READ: i64 = 40;
const SEARCHED: i64 = 85;

/// Carries a scan out; `tell` hears how far it is, of a hundred.
///
/// # Errors
/// When the database cannot be used, or the scan was given up meanwhile.
pub async fn carry_out(app: &App, scan: &ScanRow, tell: &(dyn Fn(i64) + Sync)) -> AppResult<ScanRow> {
    let meter = Arc::new(Meter { percent: AtomicI64::new(0), is_wanted: AtomicBool::new(true) });
    // Side by side: whoever notes the progress must not keep the work from giving back the lock on the database.
    let beats = async {
        loop {
            tokio::time::sleep(PAUSE).await;
            let percent = meter.percent.load(Ordering::Relaxed);
            tell(percent);
            if let Err(error) = note(app, scan.id, percent, &meter).await
                && !error.is_retryable()
            {
                return error;
            }
        }
    };
    tokio::select! {
        done = search(app, scan, &meter) => done,
        error = beats => Err(error),
    }
}

async fn note(app: &App, id: Uuid, percent: i64, meter: &Meter) -> AppResult<()> {
    let tx = app.begin_write().await?;
    let is_wanted = scan_store::beat(&tx, id, app.clock.now(), percent).await?;
    tx.commit().await?;
    meter.is_wanted.store(is_wanted, Ordering::Relaxed);
    Ok(())
}

fn cut_off() -> AppError {
    AppError::Conflict(Reason::new("scan_given_up", tr!("The scan was cut off.")))
}

async fn search(app: &App, scan: &ScanRow, meter: &Arc<Meter>) -> AppResult<ScanRow> {
    let began = app.clock.now();
    let (ids, people) = read(app, meter).await?;
    let found = find(people, meter.clone()).await?;
    let mut done = ScanRow { customers: ids.len() as i64, compared: found.scan.compared as i64, ..scan.clone() };
    done.pairs = write(app, &ids, &found, began, meter).await?;
    while !committed(end(app, &done, began).await)? {}
    scan_store::find(app.db.read(), scan.id).await?.ok_or(AppError::NotFound)
}

/// The end of a scan: changes since it began are followed from now on.
async fn end(app: &App, done: &ScanRow, began: i64) -> AppResult<()> {
    let tx = app.begin_write().await?;
    scan_store::set_position(&tx, &Position { event: first_id(began - OVERLAP), seen: Vec::new() }).await?;
    scan_store::finish(&tx, done, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

async fn read(app: &App, meter: &Meter) -> AppResult<(Vec<Uuid>, Vec<Person>)> {
    let total = scan_store::customers(app.db.read()).await?.max(1);
    let (mut ids, mut people) = (Vec::new(), Vec::new());
    let mut last = first_id(0);
    loop {
        let chunk = scan_store::customers_after(app.db.read(), last, CHUNK as i64).await?;
        let Some(end) = chunk.last() else { return Ok((ids, people)) };
        last = *end;
        let customers = customer_store::find_many(app.db.read(), &chunk).await?;
        for customer in customers.iter().filter(|customer| Customer::can_be_edited(customer)) {
            ids.push(customer.id);
            people.push(match_keys::person(customer));
        }
        meter.at(READ * (ids.len() as i64) / total);
        if !meter.is_wanted() {
            return Err(cut_off());
        }
    }
}

/// What was found, with the customers in comparable form: both explain a pair.
struct Found {
    scan: Scan,
    people: Vec<Person>,
}

async fn find(people: Vec<Person>, meter: Arc<Meter>) -> AppResult<Found> {
    let work = move || {
        let learn = people.len() >= WORTH_LEARNING;
        let options = matching::Options { threshold: FLOOR, learn };
        let tell = |stage: Stage, share: f64| {
            let before = match stage {
                Stage::Counting => 0.0,
                Stage::Blocking => 0.1,
                Stage::Learning => 0.4,
                Stage::Comparing => 0.5,
                Stage::Clustering => 0.95,
            };
            let width = if stage == Stage::Comparing { 0.45 } else { 0.1 };
            meter.at(READ + ((before + share * width) * (SEARCHED - READ) as f64) as i64);
            meter.is_wanted()
        };
        let scan = matching::scan(&people, &options, &tell).map_err(|matching::Cancelled| cut_off())?;
        Ok(Found { scan, people })
    };
    tokio::task::spawn_blocking(work).await.map_err(AppError::broken)?
}

impl Found {
    fn pair(&self, ids: &[Uuid], pair: &matching::Pair, found_at: i64) -> Pair {
        let (a, b) = (pair.a as usize, pair.b as usize);
        let score = self.scan.model.score(&self.people[a], &self.people[b], &self.scan.statistics);
        let (low_id, high_id) = ordered(ids[a], ids[b]);
        Pair {
            low_id,
            high_id,
            doubt: match pair.over {
                Some(_) => doubt_of(pair.probability),
                None => doubt_of_odds(score.log_odds()),
            },
            over_id: pair.over.map(|over| ids[over as usize]),
            explanation: Explanation::of(&score).to_text(),
            found_at,
            state: PairState::Open.key().to_owned(),
            turn: 0,
        }
    }
}

/// Stores the pairs chunk by chunk; answers how many there are.
async fn write(app: &App, ids: &[Uuid], found: &Found, began: i64, meter: &Meter) -> AppResult<i64> {
    let likely: Vec<&matching::Pair> = found.scan.pairs.iter().filter(|pair| pair.probability >= FLOOR).collect();
    for (at, chunk) in likely.chunks(PAIRS_AT_ONCE).enumerate() {
        let pairs: Vec<Pair> = chunk.iter().map(|pair| found.pair(ids, pair, began)).collect();
        while !committed(put(app, &pairs).await)? {}
        let done = (at * PAIRS_AT_ONCE) as i64 * (100 - SEARCHED) / (likely.len() as i64);
        meter.at(SEARCHED + done);
        if !meter.is_wanted() {
            return Err(cut_off());
        }
    }
    while !committed(tidy(app, began).await)? {}
    Ok(likely.len() as i64)
}

/// Whether a transaction went through; one that lost a race is tried again.
fn committed(outcome: AppResult<()>) -> AppResult<bool> {
    match outcome {
        Err(error) if error.is_retryable() => Ok(false),
        other => other.map(|()| true),
    }
}

/// Takes out what was not found again, and leaves in peace what was decided already.
async fn tidy(app: &App, began: i64) -> AppResult<()> {
    let tx = app.begin_write().await?;
    store::remove_unseen(&tx, began).await?;
    for (low, high) in decision_store::undecided_pairs(&tx).await? {
        decide::settle(&tx, low, high, app.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}

/// Customers may be removed for good while the scan works: their pairs are left out.
async fn put(app: &App, pairs: &[Pair]) -> AppResult<()> {
    let tx = app.begin_write().await?;
    let mut ids: Vec<Uuid> = pairs.iter().flat_map(|pair| [pair.low_id, pair.high_id]).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut there = store::there(&tx, &ids).await?;
    there.sort_unstable();
    let is_there = |id: &Uuid| there.binary_search(id).is_ok();
    let both_there = |pair: &&Pair| is_there(&pair.low_id) && is_there(&pair.high_id);
    let pairs: Vec<Pair> = pairs.iter().filter(both_there).cloned().collect();
    store::put(&tx, &pairs).await?;
    Ok(tx.commit().await?)
}
