//! Better agreement never says less than worse agreement of the same field.
//!
//! Learned freely, the rates need not keep to that: members of a household mostly have one phone, so an exact number may end up
//! telling a customer from a household less than a mistyped one does. It may even be true of the data at hand, but nobody who
//! reads an explanation would believe it, and in the next data it is not true. The ratio of the rates of the same customer
//! and of another relation must therefore not fall from a worse finding to a better one; findings that break this are given
//! the ratio they have together (pool adjacent violators, Ayer and others 1955).

use super::{Model, Relation};
use crate::compare::{Field, Finding};

/// Findings of each field, each at least as good as those before it.
const ORDERS: &[(Field, &[Finding])] = {
    use Finding::*;
    &[
        (Field::LastName, &[Different, Similar, Typo, SoundsAlike, Part, Same]),
        (Field::LastName, &[OtherInitial, Initial]),
        (Field::FirstName, &[Different, Similar, Part, Nickname, Typo, SoundsAlike, Swapped, Same]),
        (Field::FirstName, &[OtherInitial, Initial]),
        (Field::FirstName, &[OtherInMailbox, FromMailbox]),
        (Field::DateOfBirth, &[Different, Typo, Same]),
        (Field::Email, &[Different, SharedMailbox, Similar, LocalPart, Typo, Same]),
        (Field::Email, &[PlainDifferent, PlainLocalPart, PlainTypo, PlainMailbox]),
        (Field::Phone, &[Different, Typo, Same]),
        (Field::Address, &[Different, SameTown, SamePostcode, SameStreet, Neighbour, OtherUnit, Typo, Same]),
        (Field::Address, &[ElsewhereOnly, TownOnly, Part]),
        (Field::Company, &[Different, Typo, Same]),
        (Field::Title, &[Different, Same]),
        (Field::Country, &[Different, Same]),
    ]
};

impl Model {
    /// The same weights, held to the orders.
    pub(super) fn straightened(mut self) -> Self {
        let rates = &mut self.rates[Relation::Same as usize][Field::Address as usize];
        let [exact, near] = [Finding::Same as usize, Finding::Typo as usize];
        if rates[near] > rates[exact] {
            // Strangers have either as rarely, so the better one must not be the rarer one among duplicates.
            rates[exact] = f64::midpoint(rates[exact], rates[near]);
            rates[near] = rates[exact];
        }
        for (field, order) in ORDERS {
            for relation in Relation::ALL.into_iter().skip(1).filter(|relation| !relation.is_chance(*field)) {
                let rate = |relation, finding: &Finding| self.rate(relation, *field, *finding);
                let rates = order.iter().map(|finding| (rate(Relation::Same, finding), rate(relation, finding)));
                for (finding, rate) in order.iter().zip(pooled(rates)) {
                    self.rates[relation as usize][*field as usize][*finding as usize] = rate;
                }
            }
        }
        self
    }
}

/// The second of each pair, changed so that the ratio of first to second never falls; firsts and sums stay.
fn pooled(rates: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
    // Runs of findings with one ratio: the sums of both rates, and how many they are.
    let mut runs: Vec<(f64, f64, Vec<f64>)> = Vec::new();
    for (same, other) in rates {
        let mut run = (same, other, vec![same]);
        while let Some(before) = runs.pop_if(|before| before.0 * run.1 > run.0 * before.1) {
            run = (before.0 + run.0, before.1 + run.1, [before.2, run.2].concat());
        }
        runs.push(run);
    }
    runs.into_iter()
        .flat_map(|(same, other, firsts)| firsts.into_iter().map(move |first| first * other / same))
        .collect()
}
