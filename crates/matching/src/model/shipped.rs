//! The weights that the product is shipped with.

use super::{GROUPS, Model, Relation};
use crate::compare::{FINDINGS, Field, Finding};

use Finding::*;

/// Probability of a finding that is not listed.
const ELSE: f64 = 0.001;

type Row = (Field, &'static [(Finding, f64)]);

const PER_CUSTOMER: [f64; 4] = [0.2, 0.25, 0.04, 0.04];

const SAME: &[Row] = &[
    (
        Field::LastName,
        &[
            (Same, 0.83),
            (Part, 0.03),
            (SoundsAlike, 0.05),
            (Typo, 0.06),
            (Similar, 0.01),
            (Different, 0.02),
            (Swapped, 1.0),
            (Initial, 0.97),
            (OtherInitial, 0.03),
        ],
    ),
    (
        Field::FirstName,
        &[
            (Same, 0.75),
            (Part, 0.03),
            (Nickname, 0.1),
            (SoundsAlike, 0.02),
            (Typo, 0.05),
            (Similar, 0.005),
            (Swapped, 0.03),
            (Different, 0.01),
            (Initial, 0.97),
            (OtherInitial, 0.03),
            (FromMailbox, 0.97),
            (OtherInMailbox, 0.03),
        ],
    ),
    (Field::DateOfBirth, &[(Same, 0.9), (Typo, 0.07), (Different, 0.03)]),
    (
        Field::Email,
        &[
            (Same, 0.63),
            (SharedMailbox, 0.003),
            (LocalPart, 0.07),
            (PlainMailbox, 0.7),
            (PlainTypo, 0.05),
            (PlainLocalPart, 0.19),
            (PlainDifferent, 0.06),
            (Typo, 0.05),
            (Similar, 0.01),
            (Different, 0.187),
        ],
    ),
    (Field::Phone, &[(Same, 0.77), (Typo, 0.05), (Different, 0.18)]),
    (
        Field::Address,
        &[
            (Same, 0.66),
            (OtherUnit, 0.005),
            (Typo, 0.2),
            (Neighbour, 0.02),
            (SameStreet, 0.01),
            (SamePostcode, 0.01),
            (SameTown, 0.05),
            (Different, 0.05),
            (Part, 0.8),
            (TownOnly, 0.15),
            (ElsewhereOnly, 0.05),
        ],
    ),
    (Field::Company, &[(Same, 0.9), (Typo, 0.05), (Different, 0.05)]),
    (Field::Title, &[(Same, 0.98), (Different, 0.02), (Similar, 0.01)]),
    (Field::Country, &[(Same, 0.99), (Different, 0.01)]),
];

const STRANGE_FIRST_NAME: &[(Finding, f64)] = &[
    (Same, 0.01),
    (Part, 0.0005),
    (Nickname, 0.008),
    (SoundsAlike, 0.0015),
    (Typo, 0.001),
    (Similar, 0.003),
    (Swapped, 0.0005),
    (Different, 0.97),
    (Initial, 0.1),
    (OtherInitial, 0.9),
    (FromMailbox, 0.012),
    (OtherInMailbox, 0.988),
];

const HOUSEHOLD: &[Row] = &[
    (
        Field::LastName,
        &[
            (Same, 0.6),
            (Part, 0.03),
            (SoundsAlike, 0.03),
            (Typo, 0.04),
            (Similar, 0.01),
            (Different, 0.29),
            (Swapped, 0.05),
            (Initial, 0.7),
            (OtherInitial, 0.3),
        ],
    ),
    (Field::FirstName, STRANGE_FIRST_NAME),
    (
        Field::Email,
        &[
            (Same, 0.06),
            (SharedMailbox, 0.005),
            (LocalPart, 0.01),
            (PlainMailbox, 0.12),
            (PlainTypo, 0.01),
            (PlainLocalPart, 0.33),
            (PlainDifferent, 0.54),
            (Typo, 0.003),
            (Similar, 0.005),
            (Different, 0.91),
        ],
    ),
    (Field::Phone, &[(Same, 0.5), (Typo, 0.02), (Different, 0.48)]),
    (
        Field::Address,
        &[
            (Same, 0.75),
            (OtherUnit, 0.01),
            (Typo, 0.15),
            (Neighbour, 0.03),
            (SamePostcode, 0.005),
            (SameTown, 0.02),
            (Different, 0.03),
            (Part, 0.9),
            (TownOnly, 0.05),
            (ElsewhereOnly, 0.05),
        ],
    ),
    (Field::Title, &[(Same, 0.4), (Different, 0.6), (Similar, 0.1)]),
    (Field::Country, &[(Same, 0.99), (Different, 0.01)]),
];

const COLLEAGUES: &[Row] = &[
    (Field::FirstName, STRANGE_FIRST_NAME),
    (
        Field::Email,
        &[
            (Same, 0.02),
            (SharedMailbox, 0.1),
            (LocalPart, 0.001),
            (PlainMailbox, 0.12),
            (PlainTypo, 0.01),
            (PlainLocalPart, 0.33),
            (PlainDifferent, 0.54),
            (Typo, 0.005),
            (Similar, 0.005),
            (Different, 0.87),
        ],
    ),
    (Field::Phone, &[(Same, 0.8), (Typo, 0.03), (Different, 0.17)]),
    (
        Field::Address,
        &[
            (Same, 0.75),
            (OtherUnit, 0.01),
            (Typo, 0.15),
            (Neighbour, 0.03),
            (SamePostcode, 0.005),
            (SameTown, 0.02),
            (Different, 0.03),
            (Part, 0.9),
            (TownOnly, 0.05),
            (ElsewhereOnly, 0.05),
        ],
    ),
    (Field::Company, &[(Same, 0.9), (Typo, 0.05), (Different, 0.05)]),
    (Field::Title, &[(Same, 0.5), (Different, 0.5), (Similar, 0.01)]),
    (Field::Country, &[(Same, 0.99), (Different, 0.01)]),
];

const NAMESAKES: &[Row] = &[
    (
        Field::LastName,
        &[
            (Same, 0.83),
            (Part, 0.03),
            (SoundsAlike, 0.05),
            (Typo, 0.06),
            (Similar, 0.01),
            (Different, 0.005),
            (Swapped, 1.0),
            (Initial, 0.97),
            (OtherInitial, 0.03),
        ],
    ),
    (
        Field::FirstName,
        &[
            (Same, 0.75),
            (Part, 0.03),
            (Nickname, 0.1),
            (SoundsAlike, 0.02),
            (Typo, 0.05),
            (Similar, 0.005),
            (Swapped, 0.03),
            (Different, 0.005),
            (Initial, 0.97),
            (OtherInitial, 0.03),
            (FromMailbox, 0.97),
            (OtherInMailbox, 0.03),
        ],
    ),
    (
        Field::Email,
        &[
            (Same, 0.0005),
            (SharedMailbox, 0.0005),
            (LocalPart, 0.002),
            (PlainMailbox, 0.12),
            (PlainTypo, 0.01),
            (PlainLocalPart, 0.42),
            (PlainDifferent, 0.45),
            (Typo, 0.005),
            (Similar, 0.03),
            (Different, 0.85),
        ],
    ),
    (
        Field::Address,
        &[
            (Same, 0.001),
            (OtherUnit, 0.001),
            (Typo, 0.001),
            (Neighbour, 0.001),
            (SameStreet, 0.02),
            (SamePostcode, 0.003),
            (SameTown, 0.95),
            (Different, 0.05),
            (Part, 0.003),
            (TownOnly, 0.95),
            (ElsewhereOnly, 0.05),
        ],
    ),
    (Field::Title, &[(Same, 0.95), (Different, 0.05), (Similar, 0.1)]),
    (Field::Country, &[(Same, 0.99), (Different, 0.01)]),
];

/// The weights as they are learned from: not held to an order yet.
pub fn model() -> Model {
    let mut rates = [[[ELSE; FINDINGS]; Field::ALL.len()]; Relation::ALL.len()];
    for (relation, rows) in [SAME, HOUSEHOLD, COLLEAGUES, NAMESAKES].into_iter().enumerate() {
        for (field, row) in rows {
            row.iter().for_each(|(finding, rate)| rates[relation][*field as usize][*finding as usize] = *rate);
        }
        for (field, groups) in GROUPS {
            let row = &mut rates[relation][*field as usize];
            for group in groups.iter().filter(|group| group.len() > 1) {
                let all: f64 = group.iter().map(|finding| row[*finding as usize]).sum();
                group.iter().for_each(|finding| row[*finding as usize] /= all);
            }
        }
    }
    Model { per_customer: PER_CUSTOMER, rates }
}
