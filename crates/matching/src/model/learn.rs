//! Learning the weights from the data at hand, without labels: expectation maximisation (Dempster, Laird and Rubin 1977)
//! over pairs that share a match key, starting from the shipped weights and held to them where the data says little.

use rayon::prelude::*;

use super::{GROUPS, Model, Rates, Relation, shipped};
use crate::compare::{Comparison, FINDINGS, Field, Finding};
use crate::statistics::{Statistics, ValueKind};

/// Rounds; the weights hardly move after the first few.
const ROUNDS: usize = 15;
/// Least share of a pair that is counted.
const LEAST_SHARE: f64 = 1e-6;
/// How many pairs of each relation the shipped weights are worth.
const PRIOR_PAIRS: f64 = 150.0;
/// How many customers the shipped frequencies of the relations are worth.
const PRIOR_CUSTOMERS: f64 = 2.0;
/// The part of the shipped frequency of namesakes that is believed whatever was seen, where all towns are known and where none are.
const NAMESAKES_KEPT: (f64, f64) = (0.05, 0.1);

impl Model {
    /// The weights after seeing comparisons of candidate pairs, starting with the shipped ones. `of` says how many candidates
    /// each of the comparisons stands for, when they are a sample.
    pub fn learned(comparisons: &[Comparison], of: f64, statistics: &dyn Statistics) -> Self {
        let shipped = shipped::model();
        let mut model = shipped.clone();
        for _ in 0..ROUNDS {
            model = shipped.round(&model, comparisons, of, statistics);
        }
        // Not in each round: held to an order while they learn, the relations mix where the data has few fields.
        model.straightened()
    }

    /// One round: how likely each pair is of each relation under the current weights, and the weights that follow.
    fn round(&self, current: &Self, comparisons: &[Comparison], of: f64, statistics: &dyn Statistics) -> Self {
        let customers = statistics.customers();
        let seen = Seen::of(comparisons, current, customers);
        let mut next = current.clone();
        for relation in Relation::ALL {
            let index = relation as usize;
            let shipped = self.per_customer[index];
            let learned = (seen.pairs[index] * of + shipped * PRIOR_CUSTOMERS) / (customers as f64 + PRIOR_CUSTOMERS);
            next.per_customer[index] = learned + kept(relation, statistics) * (shipped - learned).max(0.0);
            for (field, groups) in GROUPS.iter().filter(|(field, _)| Self::is_learned(relation, *field)) {
                let field = *field as usize;
                let row = &seen.findings[index][field];
                // A finding that has nothing to be told from would be certain in all relations.
                for group in groups.iter().filter(|group| group.len() > 1) {
                    let all: f64 = group.iter().map(|finding| row[*finding as usize] * of).sum();
                    for finding in group.iter().map(|finding| *finding as usize) {
                        let shipped = self.rates[index][field][finding] * PRIOR_PAIRS;
                        next.rates[index][field][finding] = (row[finding] * of + shipped) / (all + PRIOR_PAIRS);
                    }
                }
            }
        }
        next
    }
}

/// The part of the shipped frequency of a relation that stays, however few of its pairs were seen. What is learned from are
/// pairs that share a key: few members of a household are among them where few addresses are known, and without towns
/// namesakes are taken for duplicates whose mailbox and phone have changed.
fn kept(relation: Relation, statistics: &dyn Statistics) -> f64 {
    let unseen = |kind| {
        let known = statistics.with_any(kind) as f64 / statistics.customers().max(1) as f64;
        (1.0 - 2.0 * known * known).clamp(0.0, 1.0)
    };
    match relation {
        Relation::Same | Relation::Colleagues => 0.0,
        Relation::Household => unseen(ValueKind::Address),
        Relation::Namesakes => unseen(ValueKind::Town).clamp(NAMESAKES_KEPT.0, NAMESAKES_KEPT.1),
    }
}

/// How many pairs, in parts, are of each relation, and which findings they show.
#[derive(Clone)]
struct Seen {
    pairs: [f64; Relation::ALL.len()],
    findings: [Rates; Relation::ALL.len()],
}

impl Default for Seen {
    fn default() -> Self {
        Self { pairs: [0.0; Relation::ALL.len()], findings: [[[0.0; FINDINGS]; Field::ALL.len()]; Relation::ALL.len()] }
    }
}

impl Seen {
    /// What the comparisons show under some weights.
    fn of(comparisons: &[Comparison], model: &Model, customers: u64) -> Self {
        comparisons
            .par_chunks(2048)
            .map(|comparisons| {
                let mut seen = Self::default();
                comparisons.iter().for_each(|comparison| seen.add(model, comparison, customers));
                seen
            })
            // In order: sums of floating point numbers depend on it, and a scan shall answer the same each time.
            .collect::<Vec<_>>()
            .into_iter()
            .fold(Self::default(), Self::plus)
    }

    fn add(&mut self, model: &Model, comparison: &Comparison, customers: u64) {
        let shares = model.evidence(comparison, customers).shares();
        for relation in Relation::ALL {
            let mut share = shares[relation as usize];
            self.pairs[relation as usize] += share;
            if relation == Relation::Namesakes {
                // Strangers of one name build their mailboxes as namesakes do.
                share += shares[Relation::ALL.len()];
            }
            if share < LEAST_SHARE {
                continue;
            }
            let row = &mut self.findings[relation as usize];
            for (field, found) in comparison.iter().filter(|(_, found)| found.finding != Finding::Missing) {
                row[field as usize][found.finding as usize] += share;
            }
        }
    }

    fn plus(mut self, other: Self) -> Self {
        for relation in 0..Relation::ALL.len() {
            self.pairs[relation] += other.pairs[relation];
            for (row, more) in self.findings[relation].iter_mut().zip(&other.findings[relation]) {
                row.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
        }
        self
    }
}
