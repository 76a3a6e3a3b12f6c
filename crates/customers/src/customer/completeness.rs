//! Which customers lack a field of the full form (R6), kept true when the shop asks for others.

use platform::app::App;
use platform::clock::Micros;
use platform::db::{SqlExt, Tx};
use platform::error::AppResult;
use platform::history::{self, Actor, Entry, Source};
use platform::jobs::{self, Job};
use platform::{ids, params, settings};
use uuid::Uuid;

use super::model::Customer;
use super::profile::{EntryProfiles, Profile};
use super::store::{self, Columns};

/// The job that looks through all customers after the profiles changed.
pub const JOB: &str = "customers.completeness";
/// Customers looked at with one statement, and written in one transaction.
const AT_ONCE: i64 = 200;
/// Progress is told after so many customers, a multiple of those looked at together.
const TOLD_EVERY: i64 = 25 * AT_ONCE;

/// Stores the profiles and has every customer's mark looked at where they changed.
///
/// # Errors
/// When the database does not take them.
pub async fn save(tx: &Tx, actor: &Actor, now: Micros, profiles: &EntryProfiles) -> AppResult<()> {
    let before: EntryProfiles = settings::load(tx).await?;
    settings::save(tx, actor, now, profiles).await?;
    if before.default != profiles.default || before.per_channel != profiles.per_channel {
        jobs::enqueue(tx, now, JOB, "{}").await?;
    }
    Ok(())
}

/// Marks every customer anew whose mark is not what the profiles of now say. May run twice: the second run finds nothing.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn refresh(app: &App, job: &Job) -> AppResult<()> {
    let total: i64 = app.db.read().value("select count(*) from customer", params![]).await?.unwrap_or(0);
    let profiles: EntryProfiles = settings::load(app.db.read()).await?;
    let mut last = ids::first_id(0);
    let mut done = 0;
    loop {
        let sql = "select id from customer where id > $1 and deleted_at is null order by id limit $2";
        let ids: Vec<Uuid> = app.db.read().values(sql, params![last, AT_ONCE]).await?;
        let Some(end) = ids.last() else { return Ok(()) };
        last = *end;
        let customers = store::find_many(app.db.read(), &ids).await?;
        let wrong: Vec<Uuid> =
            customers.iter().filter(|known| is_wrong(&profiles, known)).map(|known| known.id).collect();
        done += ids.len() as i64;
        if wrong.is_empty() && done % TOLD_EVERY != 0 {
            continue;
        }
        let tx = app.begin_write().await?;
        mark(&tx, app.clock.now(), &profiles, &wrong).await?;
        jobs::progress(&tx, app.clock.now(), job.id, done, total).await?;
        tx.commit().await?;
    }
}

fn is_wrong(profiles: &EntryProfiles, customer: &Customer) -> bool {
    customer.can_be_edited() && customer.incomplete == profiles.missing(Profile::Full, customer).is_empty()
}

/// The mark follows from the record and the profiles: that it changes is no change of the customer, who keeps version and
/// history. The log is told all the same, so that what is kept in memory follows.
async fn mark(tx: &Tx, now: Micros, profiles: &EntryProfiles, ids: &[Uuid]) -> AppResult<()> {
    let actor = Actor::system(Source::Job, JOB);
    for customer in store::find_many(tx, ids).await?.iter().filter(|known| is_wrong(profiles, known)) {
        let after = Customer { incomplete: !customer.incomplete, ..customer.clone() };
        store::update(tx, customer, &after, Columns::Differing).await?;
        history::record(tx, &actor, now, Entry::new("customer", customer.id, "marked")).await?;
    }
    Ok(())
}
