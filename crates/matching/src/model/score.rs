//! The probability of a pair, and what each field added to it.

use super::{Model, Relation};
use crate::compare::{Comparison, Field, Finding, Found};
use crate::person::Person;
use crate::statistics::Statistics;

/// Relations and strangers.
const KINDS: usize = Relation::ALL.len() + 1;
const STRANGERS: usize = KINDS - 1;

/// How sure it is that two records are one customer, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Between 0 and 1.
    pub probability: f64,
    /// log2 of the odds before anything was compared; it falls with the number of customers.
    pub prior: f64,
    /// What each field added. The prior and all weights add up to log2 of the odds.
    pub contributions: Vec<Contribution>,
}

/// What one field added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    pub field: Field,
    pub finding: Finding,
    /// Probability that strangers show this finding with just these values.
    pub rarity: f64,
    /// log2 of the factor by which the odds changed.
    pub weight: f64,
}

impl Score {
    /// log2 of the odds.
    pub fn log_odds(&self) -> f64 {
        self.prior + self.contributions.iter().map(|contribution| contribution.weight).sum::<f64>()
    }
}

/// The probability that belongs to log2 of odds.
pub fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp2())
}

/// Evidence for each relation so far: probabilities of what was seen, not normalised.
#[derive(Clone, Copy)]
pub struct Evidence {
    of: [f64; KINDS],
    /// The smallest number of customers who share a value on which the two agree.
    shared_by: u32,
}

impl Evidence {
    fn prior(model: &Model, customers: u64) -> Self {
        let mut of = [1.0; KINDS];
        for (relation, per_customer) in model.per_customer.iter().enumerate() {
            of[relation] = 2.0 * per_customer / customers.max(2) as f64;
        }
        Self { of, shared_by: 0 }
    }

    fn add(&mut self, model: &Model, field: Field, found: Found) {
        if found.finding == Finding::Missing {
            return;
        }
        let chance = f64::from(found.chance);
        for relation in Relation::ALL {
            self.of[relation as usize] *=
                if relation.is_chance(field) { chance } else { model.rate(relation, field, found.finding) };
        }
        // Strangers of one name build their mailboxes from it as namesakes do.
        let is_plain = matches!(
            found.finding,
            Finding::PlainMailbox | Finding::PlainTypo | Finding::PlainLocalPart | Finding::PlainDifferent
        );
        self.of[STRANGERS] *= if is_plain { model.rate(Relation::Namesakes, field, found.finding) } else { chance };
        if found.shared_by > 0 {
            self.shared_by = if self.shared_by == 0 { found.shared_by } else { self.shared_by.min(found.shared_by) };
        }
    }

    /// Probability of each relation, strangers last. The more customers share what the two agree on, the more of them are
    /// household or colleagues: each has few duplicates, but all the others as company.
    pub fn shares(&self) -> [f64; KINDS] {
        let crowd = f64::from(self.shared_by.saturating_sub(1).max(1));
        let mut shares = self.of;
        shares[Relation::Household as usize] *= crowd;
        shares[Relation::Colleagues as usize] *= crowd;
        let all: f64 = shares.iter().sum();
        shares.map(|share| share / all)
    }

    fn log_odds(&self) -> f64 {
        let shares = self.shares();
        let others: f64 = shares[1..].iter().sum();
        (shares[0].max(f64::MIN_POSITIVE) / others.max(f64::MIN_POSITIVE)).log2()
    }
}

impl Model {
    /// What the findings of a comparison say together.
    pub fn evidence(&self, comparison: &Comparison, customers: u64) -> Evidence {
        let mut evidence = Evidence::prior(self, customers);
        comparison.iter().for_each(|(field, found)| evidence.add(self, field, found));
        evidence
    }

    /// log2 of the odds that two records are one customer.
    pub fn log_odds(&self, comparison: &Comparison, customers: u64) -> f64 {
        self.evidence(comparison, customers).log_odds()
    }

    /// How sure it is that two records are one customer, explained.
    pub fn score(&self, a: &Person, b: &Person, statistics: &dyn Statistics) -> Score {
        self.explain(&Comparison::of(a, b, statistics), statistics.customers())
    }

    /// The score of a comparison. Fields are taken one after another; each is worth what it adds to those before it,
    /// so that what is known already counts once.
    pub fn explain(&self, comparison: &Comparison, customers: u64) -> Score {
        let mut evidence = Evidence::prior(self, customers);
        let prior = evidence.log_odds();
        let mut before = prior;
        let mut contributions = Vec::with_capacity(Field::ALL.len());
        for (field, found) in comparison.iter().filter(|(_, found)| found.finding != Finding::Missing) {
            evidence.add(self, field, found);
            let after = evidence.log_odds();
            let (finding, rarity) = (found.finding, f64::from(found.chance));
            contributions.push(Contribution { field, finding, rarity, weight: after - before });
            before = after;
        }
        Score { probability: probability(before), prior, contributions }
    }
}
