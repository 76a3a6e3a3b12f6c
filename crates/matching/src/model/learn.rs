//! Learning the weights from the data at hand, without labels: expectation maximisation (Dempster, Laird and Rubin 1977)
//! over pairs that share a match key, starting from the shipped weights and held to them where the data says little.

use rayon::prelude::*;

use super::{GROUPS, Model, Rates, Relation};
use crate::compare::{Comparison, FINDINGS, Field, Finding};

/// Rounds; the weights hardly move after the first few.
const ROUNDS: usize = 15;
/// Least share of a pair that is counted.
const LEAST_SHARE: f64 = 1e-6;
/// How many pairs of each relation the shipped weights are worth.
const PRIOR_PAIRS: f64 = 150.0;
/// How many customers the shipped frequencies of the relations are worth.
const PRIOR_CUSTOMERS: f64 = 2.0;

impl Model {
    /// The weights after seeing comparisons of candidate pairs. `of` says how many candidates each of them stands for,
    /// when they are a sample.
    pub fn learn(&self, comparisons: &[Comparison], of: f64, customers: u64) -> Self {
        let mut model = self.clone();
        for _ in 0..ROUNDS {
            model = self.round(&model, comparisons, of, customers);
        }
        model
    }

    /// One round: how likely each pair is of each relation under the current weights, and the weights that follow.
    fn round(&self, current: &Self, comparisons: &[Comparison], of: f64, customers: u64) -> Self {
        let seen = comparisons
            .par_chunks(2048)
            .map(|comparisons| {
                let mut seen = Seen::default();
                comparisons.iter().for_each(|comparison| seen.add(current, comparison, customers));
                seen
            })
            // In order: sums of floating point numbers depend on it, and a scan shall answer the same each time.
            .collect::<Vec<_>>()
            .into_iter()
            .fold(Seen::default(), Seen::plus);
        let mut next = current.clone();
        for relation in Relation::ALL {
            let index = relation as usize;
            next.per_customer[index] = (seen.pairs[index] * of + self.per_customer[index] * PRIOR_CUSTOMERS)
                / (customers as f64 + PRIOR_CUSTOMERS);
            for (field, groups) in GROUPS.iter().filter(|(field, _)| Self::is_learned(relation, *field)) {
                let field = *field as usize;
                let row = &seen.findings[index][field];
                for group in *groups {
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
