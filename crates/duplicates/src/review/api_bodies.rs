//! What the API answers about scans, pairs and decisions.

use std::collections::BTreeMap;

use platform::error::AppResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::decision_store::{Decision, Sided};
use super::explain::{Explanation, read_fields};
use super::scan_store::ScanRow;
use super::simulate::Simulation;
use super::store::{Pair, PairState, StateCount};
use crate::likely::api::ContributionBody;

/// A scan of the whole shop.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScanBody {
    pub id: Uuid,
    /// `running`, `done` or `failed`.
    pub state: String,
    pub by: String,
    /// Microseconds UTC.
    pub created_at: i64,
    pub finished_at: Option<i64>,
    /// How far it is, of a hundred.
    pub percent: i64,
    /// Customers that were looked at.
    pub customers: i64,
    /// Candidate pairs that were compared.
    pub compared: i64,
    /// Pairs that were stored, those below the threshold too.
    pub pairs: i64,
    /// Why it failed, if so.
    pub failure: String,
}

impl From<ScanRow> for ScanBody {
    fn from(scan: ScanRow) -> Self {
        Self {
            id: scan.id,
            state: scan.state,
            by: scan.actor_name,
            created_at: scan.created_at,
            finished_at: scan.finished_at,
            percent: scan.percent,
            customers: scan.customers,
            compared: scan.compared,
            pairs: scan.pairs,
            failure: scan.failure,
        }
    }
}

/// One of the two of a pair.
#[derive(Debug, Serialize, ToSchema)]
pub struct PairCustomerBody {
    pub id: Uuid,
    pub number: String,
    pub display_name: String,
}

/// Two customers who are likely one.
#[derive(Debug, Serialize, ToSchema)]
pub struct PairBody {
    /// The one with the lower id first.
    pub customers: Vec<PairCustomerBody>,
    /// Between 0 and 1.
    pub probability: f64,
    pub state: PairState,
    /// The third customer that holds the two together, when they alone are less sure.
    pub over_id: Option<Uuid>,
    /// When it was compared last, microseconds UTC.
    pub found_at: i64,
    /// log2 of the odds before anything was compared.
    pub prior: f64,
    pub contributions: Vec<ContributionBody>,
    /// The decision that stands; only where one pair is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionBody>,
}

/// Names and numbers of customers by id.
pub type Names = BTreeMap<Uuid, (String, String)>;

impl PairBody {
    /// A pair with the names of both.
    ///
    /// # Errors
    /// `Broken` for an explanation that cannot be read.
    pub fn of(pair: &Pair, names: &Names) -> AppResult<Self> {
        let explanation = Explanation::read(&pair.explanation)?;
        let customer = |id: Uuid| {
            let (display_name, number) = names.get(&id).cloned().unwrap_or_default();
            PairCustomerBody { id, number, display_name }
        };
        let contribution = |step: &super::Step| ContributionBody {
            field: step.field.as_str(),
            finding: step.finding.as_str(),
            rarity: step.rarity,
            weight: step.weight,
        };
        Ok(Self {
            customers: vec![customer(pair.low_id), customer(pair.high_id)],
            probability: pair.probability(),
            state: pair.state(),
            over_id: pair.over_id,
            found_at: pair.found_at,
            prior: explanation.prior,
            contributions: explanation.steps.iter().map(contribution).collect(),
            decision: None,
        })
    }
}

/// How many pairs of a state are sure enough for the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateCountBody {
    pub state: PairState,
    /// Those put to the end of the queue are not among them.
    pub pairs: i64,
    /// Open pairs that were put to the end of the queue.
    pub put_off: i64,
}

impl From<StateCount> for StateCountBody {
    fn from(count: StateCount) -> Self {
        Self { state: count.state, pairs: count.pairs, put_off: count.put_off }
    }
}

/// A page of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueBody {
    pub items: Vec<PairBody>,
    /// Send as `cursor` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Least probability of the pairs that are listed.
    pub threshold: f64,
    pub counts: Vec<StateCountBody>,
}

/// What somebody decided about two customers.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionBody {
    pub id: Uuid,
    /// Both; one where they became one customer.
    pub customer_ids: Vec<Uuid>,
    /// `not_same`, `same_household` or `later`.
    pub decision: String,
    pub by: String,
    /// Microseconds UTC.
    pub decided_at: i64,
    /// When a pair put off comes back; none for the end of the queue.
    pub due_at: Option<i64>,
    /// The decision stands until one of these changes.
    pub fields: Vec<&'static str>,
    pub ended_at: Option<i64>,
    /// `undone`, `changed`, `replaced` or `due`; empty while it stands.
    pub ended_by: String,
}

fn names_of(fields: &str) -> Vec<&'static str> {
    read_fields(fields).into_iter().map(|field| field.as_str()).collect()
}

impl DecisionBody {
    pub fn of(decision: Decision, customer_ids: Vec<Uuid>) -> Self {
        Self {
            id: decision.id,
            customer_ids,
            fields: names_of(&decision.fields),
            decision: decision.kind,
            by: decision.actor_name,
            decided_at: decision.decided_at,
            due_at: decision.due_at,
            ended_at: decision.ended_at,
            ended_by: decision.ended_by,
        }
    }

    /// As seen from one of its customers.
    pub fn sided(own: Uuid, decision: Sided) -> Self {
        Self {
            id: decision.id,
            customer_ids: vec![own, decision.other_id],
            fields: names_of(&decision.fields),
            decision: decision.kind,
            by: decision.actor_name,
            decided_at: decision.decided_at,
            due_at: decision.due_at,
            ended_at: None,
            ended_by: String::new(),
        }
    }
}

/// Open pairs in a range of probability.
#[derive(Debug, Serialize, ToSchema)]
pub struct RangeBody {
    pub from: f64,
    pub to: f64,
    pub pairs: i64,
}

/// What another threshold would bring.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulationBody {
    pub threshold: f64,
    /// The threshold that is set.
    pub current: f64,
    /// Pairs less likely than this are not stored.
    pub floor: f64,
    /// Open pairs now and then.
    pub pairs_now: i64,
    pub pairs_then: i64,
    pub added: i64,
    pub removed: i64,
    /// Customers in the pairs that would be open.
    pub customers_then: i64,
    /// Some of the pairs that come or go, those nearest to the threshold that is set first.
    pub samples: Vec<PairBody>,
    pub ranges: Vec<RangeBody>,
}

impl SimulationBody {
    /// A simulation with the names of the customers in its samples.
    ///
    /// # Errors
    /// As [`PairBody::of`].
    pub fn of(simulation: &Simulation, names: &Names) -> AppResult<Self> {
        let range = |step: &super::simulate::Step| RangeBody { from: step.from, to: step.to, pairs: step.pairs };
        Ok(Self {
            threshold: simulation.threshold,
            current: simulation.current,
            floor: super::FLOOR,
            pairs_now: simulation.pairs_now,
            pairs_then: simulation.pairs_then,
            added: simulation.added(),
            removed: simulation.removed(),
            customers_then: simulation.customers_then,
            samples: simulation.changed.iter().map(|pair| PairBody::of(pair, names)).collect::<AppResult<_>>()?,
            ranges: simulation.steps.iter().map(range).collect(),
        })
    }
}
