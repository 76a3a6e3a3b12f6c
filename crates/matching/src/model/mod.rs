//! How likely two records are one customer: a Fellegi-Sunter model with four ways of being different people.
//!
//! Fields that people share are not independent: those who live at one address mostly have one last name and one phone.
//! Adding up field by field would count that as three agreements. Each pair is therefore explained by one of five
//! *relations*, and within each of them the fields are independent:
//!
//! - the same customer,
//! - members of one household,
//! - colleagues at one company,
//! - namesakes, who share a full name and a town more often than chance would have it,
//! - strangers, who agree by chance alone, as likely as the values are common.
//!
//! The probability is that of the first relation against all others (Bayes).

mod learn;
mod order;
mod score;
mod shipped;

pub use score::{Contribution, Score, probability};

use crate::compare::{FINDINGS, Field, Finding};

/// Ways in which two records may belong together, strangers left out: they need no rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Relation {
    Same,
    Household,
    Colleagues,
    Namesakes,
}

impl Relation {
    pub const ALL: [Self; 4] = [Self::Same, Self::Household, Self::Colleagues, Self::Namesakes];

    /// Whether agreement in a field is no more than chance in this relation.
    fn is_chance(self, field: Field) -> bool {
        match self {
            Self::Same => false,
            Self::Household => matches!(field, Field::DateOfBirth | Field::Company),
            Self::Colleagues => matches!(field, Field::LastName | Field::DateOfBirth),
            Self::Namesakes => matches!(field, Field::Phone | Field::Company | Field::DateOfBirth),
        }
    }
}

type Rates = [[f64; FINDINGS]; Field::ALL.len()];

/// The weights: how often each relation occurs, and how often it shows each finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Pairs of each relation per customer: a shop with twice the customers has twice the duplicates, but four times the
    /// pairs of strangers.
    per_customer: [f64; Relation::ALL.len()],
    /// Probability of each finding, given the relation and that the field can be compared.
    rates: [Rates; Relation::ALL.len()],
}

/// Findings that exclude one another given what of a field is known; the rates of each group add up to 1.
const GROUPS: &[(Field, &[&[Finding]])] = {
    use Finding::*;
    &[
        (
            Field::LastName,
            &[&[Same, Part, SoundsAlike, Typo, Similar, Different], &[Swapped], &[Initial, OtherInitial]],
        ),
        (
            Field::FirstName,
            &[
                &[Same, Part, Nickname, SoundsAlike, Typo, Similar, Swapped, Different],
                &[Initial, OtherInitial],
                &[FromMailbox, OtherInMailbox],
            ],
        ),
        (Field::DateOfBirth, &[&[Same, Typo, Different]]),
        (
            Field::Email,
            &[
                &[Same, SharedMailbox, LocalPart, Typo, Similar, Different],
                &[PlainMailbox, PlainTypo, PlainLocalPart, PlainDifferent],
            ],
        ),
        (Field::Phone, &[&[Same, Typo, Different]]),
        (
            Field::Address,
            &[
                &[Same, OtherUnit, Typo, Neighbour, SameStreet, SamePostcode, SameTown, Different],
                &[Part, TownOnly, ElsewhereOnly],
            ],
        ),
        (Field::Company, &[&[Same, Typo, Different]]),
        (Field::Title, &[&[Same, Different], &[Similar]]),
        (Field::Country, &[&[Same, Different]]),
    ]
};

impl Model {
    /// The weights that the product is shipped with.
    pub fn shipped() -> Self {
        shipped::model().straightened()
    }

    /// Whether the data at hand may change the rates of a field. How often the first names of different people agree is
    /// what tells them apart: a model that may learn it ends by calling duplicates namesakes.
    fn is_learned(relation: Relation, field: Field) -> bool {
        match relation {
            Relation::Same => true,
            Relation::Household | Relation::Colleagues => !matches!(field, Field::FirstName),
            Relation::Namesakes => matches!(field, Field::Email),
        }
    }

    /// Probability of a finding in a relation, given that the field can be compared.
    fn rate(&self, relation: Relation, field: Field, finding: Finding) -> f64 {
        self.rates[relation as usize][field as usize][finding as usize]
    }
}
