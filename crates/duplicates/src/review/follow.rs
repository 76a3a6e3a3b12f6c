//! Following the event log, so that the queue knows of every change: new and changed customers are compared by their match
//! keys, those that were merged, deleted or made anonymous leave, and what was decided stands only as long as it may.
//!
//! A job does it all the time; whoever looks at the queue waits for the last few changes ([`catch_up`]).

use std::collections::BTreeMap;

use customers::customer::model::Customer;
use customers::customer::store as customer_store;
use customers::match_keys;
use matching::Person;
use platform::app::App;
use platform::clock::Micros;
use platform::db::Tx;
use platform::error::{AppError, AppResult};
use platform::history::{Actor, Source};
use platform::ids::first_id;
use uuid::Uuid;

use super::decision_store as decisions;
use super::explain::{Explanation, doubt_of_odds, read_fields};
use super::scan_store::{self, ChangeRow, OVERLAP, Position};
use super::store::{self, Pair, PairState, ordered};
use super::{decide, scan};
use crate::likely::{self, Likely};

/// Changes that are looked at together.
const CHUNK: i64 = 200;
/// So many changes at once are left to the job by those who look at the queue.
const MOST_WAITED_FOR: usize = 50;
/// Races that are run before the rest is left to those who won.
const MOST_RACES: usize = 5;
/// More changed customers than this are not compared one by one: a scan of the whole shop is quicker.
const WORTH_A_SCAN: i64 = 5_000;

/// Works through everything that is waiting.
///
/// # Errors
/// When the database cannot be used.
pub async fn follow(app: &App) -> AppResult<()> {
    reopen_due(app).await?;
    if scan_store::running(app.db.read()).await?.is_some() {
        return Ok(());
    }
    let position = scan_store::position(app.db.read(), app.clock.now()).await?;
    let waiting = scan_store::changes(app.db.read(), position.event, WORTH_A_SCAN + 1).await?;
    if waiting.len() as i64 > WORTH_A_SCAN {
        return match scan::start(app, &Actor::system(Source::Job, scan::JOB)).await {
            Err(AppError::Conflict(_)) => Ok(()),
            other => other.map(drop),
        };
    }
    while step(app, usize::MAX).await? {}
    Ok(())
}

/// Works through what is waiting when it is little, so that a page shows what its reader has just done. Whoever loses
/// several races against others who follow leaves the rest to them, instead of showing nothing.
///
/// # Errors
/// When the database cannot be used.
pub async fn catch_up(app: &App) -> AppResult<()> {
    for _ in 0..MOST_RACES {
        match work_through_few(app).await {
            Err(error) if error.is_retryable() => {}
            other => return other,
        }
    }
    Ok(())
}

async fn work_through_few(app: &App) -> AppResult<()> {
    reopen_due(app).await?;
    if scan_store::running(app.db.read()).await?.is_none() {
        step(app, MOST_WAITED_FOR).await?;
    }
    Ok(())
}

/// Works through some changes; answers whether there may be more.
async fn step(app: &App, most: usize) -> AppResult<bool> {
    let now = app.clock.now();
    let position = scan_store::position(app.db.read(), now).await?;
    let read = scan_store::changes(app.db.read(), position.event, CHUNK).await?;
    let is_full = read.len() as i64 == CHUNK;
    let fresh: Vec<&ChangeRow> = read.iter().filter(|change| !position.seen.contains(&change.id)).collect();
    if fresh.is_empty() && !is_full {
        return Ok(false);
    }
    let mut changed: BTreeMap<Uuid, Option<Micros>> = BTreeMap::new();
    for change in fresh {
        let edited = changed.entry(change.customer_id).or_default();
        *edited = (*edited).max(change.is_edit().then_some(change.at));
    }
    if changed.len() > most {
        return Ok(false);
    }
    for (id, edited_at) in changed {
        look_at(app, id, edited_at).await?;
    }
    let next = behind(&position, &read, now);
    let moves = next != position;
    if moves {
        let tx = app.begin_write().await?;
        scan_store::set_position(&tx, &next).await?;
        tx.commit().await?;
    }
    Ok(is_full && moves)
}

/// The position behind some changes. Ids are made before the commit, so changes can appear behind the newest one: the last
/// seconds are read again, and those known are left out.
fn behind(position: &Position, read: &[ChangeRow], now: Micros) -> Position {
    let settled = first_id(now - OVERLAP);
    let event = read.iter().map(|change| change.id).filter(|id| *id < settled).max().unwrap_or(position.event);
    let event = event.max(position.event);
    let seen = read.iter().map(|change| change.id).filter(|id| *id > event).collect();
    Position { event, seen }
}

/// Compares a customer anew with all who share a key or a pair with them; `edited_at` is when somebody changed them last.
async fn look_at(app: &App, id: Uuid, edited_at: Option<Micros>) -> AppResult<()> {
    while !compare(app, id, edited_at).await? {}
    Ok(())
}

/// Compares and writes what came of it. Others may follow at the same time, in this program or another, and may have seen
/// a later state: when any of those compared moved meanwhile, nothing is written, and the answer is `false`.
async fn compare(app: &App, id: Uuid, edited_at: Option<Micros>) -> AppResult<bool> {
    let known = store::of_customer(app.db.read(), id).await?;
    let partners: Vec<Uuid> = known.iter().map(|pair| pair.other(id)).collect();
    let mut seen = customer_store::versions(app.db.read(), &[&[id], &partners[..]].concat()).await?;
    let customer = customer_store::find(app.db.read(), id).await?.filter(Customer::can_be_edited);
    if customer.is_none() && known.is_empty() {
        return Ok(true);
    }
    let person = customer.as_ref().map(match_keys::person);
    let found = match &person {
        Some(person) => likely::find_among(app, person, Some(id), &partners).await?,
        None => Vec::new(),
    };
    for likely in &found {
        seen.entry(likely.customer.id).or_insert(likely.customer.version);
    }
    let tx = app.begin_write().await?;
    let ids: Vec<Uuid> = seen.keys().copied().collect();
    let same_pairs = store::of_customer(&tx, id).await? == known;
    if !same_pairs || customer_store::versions(&tx, &ids).await? != seen {
        return Ok(false);
    }
    match (&customer, &person) {
        (Some(customer), Some(person)) => {
            end_overtaken(&tx, customer, person, edited_at, app.clock.now()).await?;
            renew(&tx, customer, &known, &found, app.clock.now()).await?;
        }
        _ => {
            for pair in &known {
                store::remove(&tx, pair.low_id, pair.high_id).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(true)
}

/// Ends decisions about a customer of whom one of the fields that mattered changed. A merge or its undo is no such change:
/// the fingerprint is taken anew. Nor is a change from before the decision.
async fn end_overtaken(
    tx: &Tx,
    customer: &Customer,
    person: &Person,
    edited_at: Option<Micros>,
    now: Micros,
) -> AppResult<()> {
    for decision in decisions::standing_of(tx, customer.id).await? {
        let print = person.fingerprint(&read_fields(&decision.fields)).cast_signed();
        if decision.own_taken_from_id == customer.id && decision.own_print == print {
            continue;
        }
        let is_later = edited_at.is_some_and(|edited| edited >= decision.decided_at);
        if is_later && decision.own_taken_from_id == customer.id {
            decisions::end(tx, decision.id, now, "changed").await?;
        } else {
            decisions::set_print(tx, decision.id, customer.id, print).await?;
        }
    }
    Ok(())
}

async fn renew(tx: &Tx, customer: &Customer, known: &[Pair], found: &[Likely], now: Micros) -> AppResult<()> {
    let id = customer.id;
    let still = store::there(tx, &found.iter().map(|likely| likely.customer.id).collect::<Vec<_>>()).await?;
    let found: Vec<&Likely> = found
        .iter()
        .filter(|likely| likely.score.probability >= super::FLOOR && still.contains(&likely.customer.id))
        .collect();
    let is_found = |other: Uuid| found.iter().any(|likely| likely.customer.id == other);
    for pair in known.iter().filter(|pair| !is_found(pair.other(id))) {
        let holds = pair.over_id.is_some_and(is_found);
        if !holds && pair.state() == PairState::Open {
            store::remove(tx, pair.low_id, pair.high_id).await?;
        } else {
            decide::settle(tx, pair.low_id, pair.high_id, now).await?;
        }
    }
    for likely in found {
        let (low_id, high_id) = ordered(id, likely.customer.id);
        let pair = Pair {
            low_id,
            high_id,
            doubt: doubt_of_odds(likely.score.log_odds()),
            over_id: None,
            explanation: Explanation::of(&likely.score).to_text(),
            found_at: now,
            state: PairState::Open.key().to_owned(),
            turn: 0,
        };
        store::put(tx, &[pair]).await?;
        decide::settle(tx, low_id, high_id, now).await?;
    }
    Ok(())
}

/// Pairs that were put off and whose time has come are open again.
async fn reopen_due(app: &App) -> AppResult<()> {
    let now = app.clock.now();
    let due = decisions::due(app.db.read(), now, CHUNK).await?;
    if due.is_empty() {
        return Ok(());
    }
    let tx = app.begin_write().await?;
    for decision in due {
        decisions::end(&tx, decision.id, now, "due").await?;
        if let [a, b] = decisions::customers_of(&tx, decision.id).await?[..] {
            let (low, high) = ordered(a, b);
            decide::settle(&tx, low, high, now).await?;
        }
    }
    Ok(tx.commit().await?)
}
