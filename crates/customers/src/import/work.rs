//! Carrying out an import: chunk by chunk, each with its checkpoint in one transaction, so that an import that was cut
//! off goes on where it stopped and no row is taken in twice.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;
use std::time::Instant;

use platform::app::App;
use platform::auth::PermissionSet;
use platform::clock::Micros;
use platform::contact::fold;
use platform::db::Tx;
use platform::error::{AppError, AppResult, FieldErrors, Reason};
use platform::history::{Actor, Source};
use platform::i18n::{Lang, Translate};
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult};
use platform::{jobs, tr};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::error::{CellError, FileError};
use super::existing::Existing;
use super::mapping::Mapping;
use super::merge::with_what_is_there;
use super::pace::Pace;
use super::reader::{Candidate, Chunk, Parsed, Reading, read};
use super::run::{Counts, OnExisting, RunOptions};
use super::store::{self, FailedRow};
use super::taken::Taken;
use crate::customer::apply::Resolved;
use crate::customer::save::{self, Writer};
use crate::customer::{Customer, reach, store as customer_store};
use crate::directory::Directory;

/// Chunks read ahead of the writing.
const AHEAD: usize = 1;
/// Customers in one transaction while a server answers others: few enough that nobody waits long for it.
pub const POLITE_CHUNK: usize = 500;
/// Customers in one transaction at most when nobody waits.
pub const LARGE_CHUNK: usize = 8_192;
/// How often a chunk is tried again when PostgreSQL says that somebody else was in the way.
const MOST_TRIES: usize = 20;

/// Longer numbers are somebody else's codes, which our series will never reach.
const HIGHEST_RUNNING_NUMBER: i64 = 1_000_000_000_000;

/// What is to be done.
pub struct Plan {
    /// The stored import; `None` for a check that leaves no trace.
    pub run: Option<Uuid>,
    /// The job that carries it out, whose progress is shown.
    pub job: Option<Uuid>,
    pub file_name: String,
    pub file_bytes: u64,
    /// Customers written in one transaction at most.
    pub chunk: usize,
    pub options: RunOptions,
    pub actor: Actor,
    pub permissions: PermissionSet,
    /// What was done before the import was cut off.
    pub done: Counts,
    /// When the import first began: customers created since are its own.
    pub since: Micros,
}

/// What an import told while it ran.
pub struct Report<'a> {
    pub counts: &'a Counts,
    /// Rows of the last chunk that were not taken in.
    pub failures: &'a [FailedRow],
}

/// Why an import could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The file cannot be read; trying again will not help.
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    App(#[from] AppError),
}

/// Carries out the plan on a file and answers what came of it. `report` is told after each chunk.
///
/// # Errors
/// When the file cannot be read or the database does not take it; what was reported stays done.
pub async fn carry_out(
    app: &App,
    plan: Plan,
    input: Box<dyn Read + Send>,
    report: &mut (dyn FnMut(Report<'_>) + Send),
) -> Result<Counts, WorkError> {
    let directory = Arc::new(Directory::load(app.db.read()).await?);
    let mapping = plan.options.mapping();
    let pace = Pace::up_to(plan.chunk);
    let reading = Reading {
        mapping: mapping.clone(),
        options: plan.options.read_options(),
        channel: plan.options.channel,
        passed: plan.done.records,
        pace: pace.clone(),
        directory: Arc::clone(&directory),
        permissions: plan.permissions.clone(),
        clock: app.clock.clone(),
    };
    let (sender, mut chunks) = mpsc::channel(AHEAD);
    let reader = tokio::task::spawn_blocking(move || read(&reading, input, &sender));
    let mut counts = plan.done;
    let mut import = Import { app, directory, mapping, plan, taken: Taken::default() };
    while let Some(chunk) = chunks.recv().await {
        let began = Instant::now();
        let done = import.deal_with(&chunk, &counts).await?;
        pace.learn(chunk.rows.len(), began.elapsed());
        counts = done.counts;
        report(Report { counts: &counts, failures: &done.failures });
    }
    reader.await.map_err(AppError::broken)??;
    Ok(counts)
}

struct Import<'a> {
    app: &'a App,
    directory: Arc<Directory>,
    mapping: Mapping,
    plan: Plan,
    /// What the rows of a check would have taken; a real import finds it in the database.
    taken: Taken,
}

#[derive(Default)]
struct Done {
    counts: Counts,
    failures: Vec<FailedRow>,
    /// New customers and the lines they stand on.
    new: Vec<(Customer, u64)>,
}

impl Import<'_> {
    async fn deal_with(&mut self, chunk: &Chunk, before: &Counts) -> AppResult<Done> {
        for _ in 1..MOST_TRIES {
            match self.try_chunk(chunk, before).await {
                Err(error) if error.is_retryable() => {}
                other => return other,
            }
        }
        self.try_chunk(chunk, before).await
    }

    async fn try_chunk(&mut self, chunk: &Chunk, before: &Counts) -> AppResult<Done> {
        let tx = self.app.begin_write().await?;
        let mut done = self.judge(&tx, chunk).await?;
        done.counts = added(before, &done.counts, chunk);
        if !self.plan.options.dry_run {
            self.write_new(&tx, &mut done).await?;
        }
        let now = self.app.clock.now();
        if let Some(run) = self.plan.run {
            store::add_failures(&tx, run, &done.failures).await?;
            store::advance(&tx, run, before, &done.counts).await?;
        }
        if let Some(job) = self.plan.job {
            jobs::progress(&tx, now, job, done.counts.bytes as i64, self.plan.file_bytes as i64).await?;
        }
        tx.commit().await?;
        Ok(done)
    }

    /// Decides what happens to each row; updates are written at once, new customers are collected.
    async fn judge(&mut self, tx: &Tx, chunk: &Chunk) -> AppResult<Done> {
        let candidates: Vec<&Candidate> = chunk.rows.iter().filter_map(Parsed::good).collect();
        let marks: Vec<_> = candidates.iter().map(|candidate| candidate.marks.clone()).collect();
        let existing = Existing::load(tx, &marks, self.plan.since).await?;
        let companies = companies(tx, &candidates).await?;
        let in_database = Taken::load(tx, &candidates).await?;
        let mut new_here = if self.plan.options.dry_run { std::mem::take(&mut self.taken) } else { Taken::default() };
        let mut done = Done::default();
        for row in &chunk.rows {
            let candidate = match row {
                Parsed::Good(candidate) => candidate,
                Parsed::Bad(failed) => {
                    done.failures.push(failed.clone());
                    continue;
                }
            };
            match existing.find(&candidate.marks) {
                Some(id) => self.meet(tx, candidate, id, &mut done).await?,
                None => match self.admit(candidate, &in_database, &mut new_here) {
                    Ok(mut customer) => {
                        customer.company_id = companies.get(&fold(&customer.company_name)).copied();
                        done.new.push((customer, candidate.row.line));
                    }
                    Err(problems) => done.failures.push(candidate.failed(problems)),
                },
            }
        }
        if self.plan.options.dry_run {
            self.taken = new_here;
        }
        done.counts.created = done.new.len() as u64;
        done.counts.failed = done.failures.len() as u64;
        Ok(done)
    }

    /// A row whose customer is there already.
    async fn meet(&self, tx: &Tx, candidate: &Candidate, id: Uuid, done: &mut Done) -> AppResult<()> {
        let reach = &self.plan.permissions.sight.reach;
        if reach.is_limited() && reach::those_within(tx, reach, vec![id]).await?.is_empty() {
            let message = tr!("This customer belongs to a channel that you do not see.");
            let problem = CellError::of_row(candidate.row.line, "", "customer_out_of_reach", message);
            done.failures.push(candidate.failed(vec![problem]));
            return Ok(());
        }
        match self.plan.options.on_existing {
            OnExisting::Skip => done.counts.skipped += 1,
            OnExisting::Fail => {
                let message = tr!("This customer exists already.");
                let problem = CellError::of_row(candidate.row.line, "", "customer_exists", message);
                done.failures.push(candidate.failed(vec![problem]));
            }
            OnExisting::Update => match self.update(tx, candidate, id).await {
                Ok(true) => done.counts.updated += 1,
                Ok(false) => done.counts.skipped += 1,
                Err(AppError::Invalid(errors)) => {
                    done.failures.push(candidate.failed(candidate.problems(&errors, &self.mapping)));
                }
                Err(AppError::Conflict(reason) | AppError::Forbidden(reason)) => {
                    done.failures.push(candidate.failed(vec![refusal(candidate.row.line, &reason)]));
                }
                Err(other) => return Err(other),
            },
        }
        Ok(())
    }

    /// Writes what the row says over what is there; answers whether that changed anything.
    async fn update(&self, tx: &Tx, candidate: &Candidate, id: Uuid) -> AppResult<bool> {
        let before = customer_store::find(tx, id).await?.ok_or(AppError::NotFound)?;
        let mut input = with_what_is_there(&candidate.input, &before);
        if candidate.row.channel.is_none() {
            input.home_channel = None;
        }
        let resolved = save::resolve(tx, &input, None).await?;
        let writer = Writer {
            actor: self.actor(candidate.row.line),
            permissions: self.plan.permissions.clone(),
            now: self.app.clock.now(),
        };
        let after = match self.plan.options.dry_run {
            false => save::edit(tx, &self.directory, &writer, &before, &input, &resolved).await?,
            true => return self.would_change(&before, &input, &resolved, &writer),
        };
        Ok(after.version != before.version)
    }

    fn would_change(
        &self,
        before: &Customer,
        input: &crate::customer::CustomerInput,
        resolved: &Resolved,
        writer: &Writer,
    ) -> AppResult<bool> {
        use crate::customer::apply::{Rules, apply};
        use crate::customer::flatten::flatten;
        use crate::customer::profile::Profile;
        crate::customer::actions::ensure_editable(before)?;
        let mut after = before.clone();
        let rules = Rules {
            directory: &self.directory,
            permissions: &writer.permissions,
            now: writer.now,
            profile: Profile::Full,
        };
        apply(&mut after, Some(before), input, resolved, rules)?;
        Ok(flatten(before) != flatten(&after))
    }

    /// A row that makes a new customer, unless it wants a key that somebody else has.
    fn admit(&self, candidate: &Candidate, others: &Taken, new_here: &mut Taken) -> Result<Customer, Vec<CellError>> {
        let customer = candidate.customer.clone()?;
        let mut errors = FieldErrors::default();
        if let Some(account) = &customer.account
            && (others.logins.contains(&account.login_folded) || !new_here.logins.insert(account.login_folded.clone()))
        {
            errors.add("email", "email_taken", tr!("Another customer signs in with this address already."));
        }
        let code = &customer.account_code;
        if !code.is_empty() && (others.codes.contains(code) || !new_here.codes.insert(code.clone())) {
            errors.add("account_code", "taken", tr!("Another customer has this account code already."));
        }
        let number = &customer.number;
        if !number.is_empty() && (others.numbers.contains(number) || !new_here.numbers.insert(number.clone())) {
            errors.add("customer_number", "taken", tr!("Another customer has this number already."));
        }
        if errors.is_empty() { Ok(customer) } else { Err(candidate.problems(&errors, &self.mapping)) }
    }

    async fn write_new(&self, tx: &Tx, done: &mut Done) -> AppResult<()> {
        if done.new.is_empty() {
            return Ok(());
        }
        let (mut customers, lines): (Vec<Customer>, Vec<u64>) = std::mem::take(&mut done.new).into_iter().unzip();
        let actors = lines.iter().map(|line| self.actor(*line)).collect();
        let now = self.app.clock.now();
        // They were read a while before: who looks for news looks a limited time back.
        customers.iter_mut().for_each(|customer| customer.begin_at(now));
        raise_series(tx, &customers).await?;
        save::insert_new(tx, &self.directory, actors, now, customers).await
    }

    /// Who did it, with the file and line: never the customer's data.
    fn actor(&self, line: u64) -> Actor {
        self.plan.actor.clone().through(Source::Import, format!("{} line {line}", self.plan.file_name))
    }
}

impl Parsed {
    fn good(&self) -> Option<&Candidate> {
        match self {
            Self::Good(candidate) => Some(candidate),
            Self::Bad(_) => None,
        }
    }
}

fn refusal(line: u64, reason: &Reason) -> CellError {
    CellError::of_row(line, "", reason.code, &reason.detail.translate(Lang::En))
}

fn added(before: &Counts, chunk_counts: &Counts, chunk: &Chunk) -> Counts {
    Counts {
        records: before.records + chunk.records,
        bytes: chunk.bytes.max(before.bytes),
        rows: before.rows + chunk.rows.len() as u64,
        created: before.created + chunk_counts.created,
        updated: before.updated + chunk_counts.updated,
        skipped: before.skipped + chunk_counts.skipped,
        failed: before.failed + chunk_counts.failed,
    }
}

/// Companies of these names, where one name means one company (S3-46).
async fn companies(db: &impl ConnectionTrait, candidates: &[&Candidate]) -> Result<HashMap<String, Uuid>, DbErr> {
    #[derive(FromQueryResult)]
    struct Named {
        id: Uuid,
        name_folded: String,
    }
    let names: HashSet<String> =
        candidates.iter().filter_map(|candidate| candidate.input.company_name.as_deref()).map(fold).collect();
    let sql = "select id, name_folded from company where name_folded in ({IN})";
    let rows: Vec<Named> = store::of_keys(db, sql, names, &[]).await?;
    let mut found: HashMap<String, Vec<Uuid>> = HashMap::new();
    for row in rows {
        found.entry(row.name_folded).or_default().push(row.id);
    }
    Ok(found.into_iter().filter(|(_, ids)| ids.len() == 1).map(|(name, ids)| (name, ids[0])).collect())
}

/// Keeps the shop's own running numbers above the numbers a file brings, or the next customer typed in would get one that
/// is taken.
async fn raise_series(tx: &Tx, customers: &[Customer]) -> Result<(), DbErr> {
    let mut highest: HashMap<&str, i64> = HashMap::new();
    for customer in customers {
        let Some((prefix, digits)) = customer.number.rsplit_once('-') else { continue };
        if let Ok(number) = digits.parse::<i64>()
            && number < HIGHEST_RUNNING_NUMBER
        {
            let known = highest.entry(prefix).or_default();
            *known = number.max(*known);
        }
    }
    for (prefix, number) in highest {
        platform::numbers::raise(tx, &format!("customer:{prefix}"), number).await?;
    }
    Ok(())
}
