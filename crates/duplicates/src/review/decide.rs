//! Deciding about a pair: not the same, one household, later; and taking a decision back.

use customers::customer::model::Customer;
use customers::customer::store as customer_store;
use customers::match_keys;
use matching::Person;
use platform::app::App;
use platform::auth::Caller;
use platform::clock::Micros;
use platform::db::Tx;
use platform::error::{AppError, AppResult, Reason};
use platform::history::{self, Actor, Entry};
use platform::ids::new_id;
use platform::sea_orm::ConnectionTrait;
use platform::tr;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::decision_store::{self as decisions, Decision, Side, Sided};
use super::explain::{Explanation, doubt_of_odds, field_names, read_fields};
use super::store::{self, Pair, PairState, ordered};
use crate::likely;

/// What can be decided about two customers, besides merging them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    NotSame,
    SameHousehold,
    /// Comes back at a chosen time, or behind all others.
    Later,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::NotSame, Self::SameHousehold, Self::Later];

    /// The stable key.
    pub fn key(self) -> &'static str {
        match self {
            Self::NotSame => "not_same",
            Self::SameHousehold => "same_household",
            Self::Later => "later",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The name of the history entry.
    fn action(self) -> &'static str {
        match self {
            Self::NotSame => "duplicate_not_same",
            Self::SameHousehold => "duplicate_same_household",
            Self::Later => "duplicate_later",
        }
    }
}

fn stored(print: u64) -> i64 {
    print.cast_signed()
}

impl Sided {
    /// Whether none of the fields that mattered changed. A fingerprint of a record that became part of this one cannot be
    /// compared; [`super::follow`] takes it anew.
    pub(super) fn fits(&self, own: &Person, other: &Person) -> bool {
        let fields = read_fields(&self.fields);
        let same = |id: Uuid, person: &Person, from: Uuid, print: i64| {
            from != id || print == stored(person.fingerprint(&fields))
        };
        same(self.own_id, own, self.own_taken_from_id, self.own_print)
            && same(self.other_id, other, self.other_taken_from_id, self.other_print)
    }

    /// Whether the pair is to be left in peace at this moment.
    pub fn rests(&self, now: Micros) -> bool {
        Kind::from_key(&self.kind) != Some(Kind::Later) || self.due_at.is_some_and(|due| due > now)
    }

    /// The state of the pair.
    pub fn pair_state(&self, now: Micros) -> PairState {
        self.state(now).0
    }

    /// The state and the turn of a pair about which this was decided.
    pub(super) fn state(&self, now: Micros) -> (PairState, i64) {
        match Kind::from_key(&self.kind) {
            Some(Kind::NotSame) => (PairState::NotSame, 0),
            Some(Kind::SameHousehold) => (PairState::SameHousehold, 0),
            Some(Kind::Later) if self.rests(now) => (PairState::Later, 0),
            Some(Kind::Later) if self.due_at.is_none() => (PairState::Open, self.decided_at),
            _ => (PairState::Open, 0),
        }
    }
}

/// The decisions about a customer that stand, one for each other customer: those that none of the fields that mattered has
/// overtaken. The latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(db: &impl ConnectionTrait, own: Uuid, person: &Person) -> AppResult<Vec<Sided>> {
    let decisions = decisions::standing_of(db, own).await?;
    let ids: Vec<Uuid> = decisions.iter().map(|decision| decision.other_id).collect();
    let others = customer_store::find_many(db, &ids).await?;
    let mut found: Vec<Sided> = Vec::new();
    for decision in decisions {
        let other = others.iter().find(|other| other.id == decision.other_id).filter(|other| other.can_be_edited());
        let Some(other) = other else { continue };
        let is_new = !found.iter().any(|known| known.other_id == decision.other_id);
        if is_new && decision.fits(person, &match_keys::person(other)) {
            found.push(decision);
        }
    }
    Ok(found)
}

/// The two customers of a pair as they may be decided about.
///
/// # Errors
/// `NotFound`; `Merged` for one that became part of another meanwhile; `Invalid` for one and the same.
pub async fn both(db: &impl ConnectionTrait, a: Uuid, b: Uuid) -> AppResult<(Customer, Customer)> {
    if a == b {
        return Err(AppError::field("customer_ids", "same_customer", tr!("A pair is two different customers.")));
    }
    let (low, high) = ordered(a, b);
    Ok((customer_store::get(db, low).await?, customer_store::get(db, high).await?))
}

/// The pair as stored; one that no scan stored is compared now.
pub(super) async fn pair(app: &App, low: &Customer, high: &Customer) -> AppResult<Pair> {
    if let Some(pair) = store::find(app.db.read(), low.id, high.id).await? {
        return Ok(pair);
    }
    let score = likely::score(app, &match_keys::person(low), &match_keys::person(high)).await?;
    Ok(Pair {
        low_id: low.id,
        high_id: high.id,
        doubt: doubt_of_odds(score.log_odds()),
        over_id: None,
        explanation: Explanation::of(&score).to_text(),
        found_at: app.clock.now(),
        state: PairState::Open.key().to_owned(),
        turn: 0,
    })
}

fn check_due(kind: Kind, due_at: Option<Micros>, now: Micros) -> AppResult<()> {
    match (kind, due_at) {
        (Kind::Later, Some(due)) if due <= now => {
            Err(AppError::field("due_at", "in_the_past", tr!("A moment in the future.")))
        }
        (Kind::NotSame | Kind::SameHousehold, Some(_)) => {
            Err(AppError::field("due_at", "not_for_this", tr!("Only a pair that is put off has a time.")))
        }
        _ => Ok(()),
    }
}

/// Decides about two customers, in the caller's transaction, with an entry in the history of both.
///
/// # Errors
/// As [`both`]; `Forbidden` for those who do not see every field; `Invalid` for a time that cannot be.
pub async fn decide(
    tx: &Tx,
    app: &App,
    caller: &Caller,
    (a, b): (Uuid, Uuid),
    kind: Kind,
    due_at: Option<Micros>,
) -> AppResult<Decision> {
    likely::may_compare(caller.fields())?;
    let now = app.clock.now();
    check_due(kind, due_at, now)?;
    let (low, high) = both(tx, a, b).await?;
    let pair = pair(app, &low, &high).await?;
    for known in decisions::standing_between(tx, low.id, high.id).await? {
        decisions::end(tx, known.id, now, "replaced").await?;
    }
    let fields = Explanation::read(&pair.explanation)?.fields();
    let actor = caller.actor();
    let decision = Decision {
        id: new_id(now),
        kind: kind.key().to_owned(),
        fields: field_names(&fields),
        staff_id: actor.id,
        actor_name: actor.name.clone(),
        decided_at: now,
        due_at,
        ended_at: None,
        ended_by: String::new(),
    };
    let side = |customer: &Customer| Side {
        decision_id: decision.id,
        customer_id: customer.id,
        taken_from_id: customer.id,
        print: stored(match_keys::person(customer).fingerprint(&fields)),
    };
    decisions::add(tx, &decision, &[side(&low), side(&high)]).await?;
    store::put(tx, &[pair]).await?;
    settle(tx, low.id, high.id, now).await?;
    note(tx, &actor, now, decision.id, kind.action(), (&low, &high)).await?;
    Ok(decision)
}

/// An entry in the history of both, each naming the other.
async fn note(
    tx: &Tx,
    actor: &Actor,
    now: Micros,
    decision: Uuid,
    action: &'static str,
    (a, b): (&Customer, &Customer),
) -> AppResult<()> {
    for (own, other) in [(a, b), (b, a)] {
        let mut entry = Entry::new("duplicate_decision", decision, action);
        entry.customer = own.history_key.clone().map(|key| (own.id, key));
        let entry = entry.change("other_customer", "", &other.id.to_string());
        history::record(tx, actor, now, entry).await?;
    }
    Ok(())
}

/// Brings the state of a pair in line with the decisions that stand.
pub(super) async fn settle(tx: &Tx, low: Uuid, high: Uuid, now: Micros) -> AppResult<()> {
    let decision = decisions::standing_between(tx, low, high).await?.into_iter().next();
    let (state, turn) = decision.map_or((PairState::Open, 0), |decision| decision.state(now));
    Ok(store::set_state(tx, low, high, state, turn).await?)
}

/// Takes a decision back: the pair is open again.
///
/// # Errors
/// `NotFound`; `Conflict` with `decision_ended` for one that stands no more.
pub async fn undo(tx: &Tx, app: &App, caller: &Caller, id: Uuid) -> AppResult<Decision> {
    likely::may_compare(caller.fields())?;
    let now = app.clock.now();
    let mut decision = decisions::find(tx, id).await?.ok_or(AppError::NotFound)?;
    if !decisions::end(tx, id, now, "undone").await? {
        let detail = tr!("This decision does not stand any more.");
        return Err(AppError::Conflict(Reason::new("decision_ended", detail)));
    }
    decision.ended_at = Some(now);
    "undone".clone_into(&mut decision.ended_by);
    if let [a, b] = decisions::customers_of(tx, id).await?[..] {
        let (low, high) = ordered(a, b);
        settle(tx, low, high, now).await?;
        let found = customer_store::find_many(tx, &[low, high]).await?;
        if let [a, b] = &found[..] {
            note(tx, &caller.actor(), now, id, "duplicate_decision_undone", (a, b)).await?;
        }
    }
    Ok(decision)
}
