//! A score in one line of plain English, for files. Pages translate the codes of fields and findings themselves.

use std::fmt::Write;

use crate::compare::{Field, Finding};
use crate::model::{Contribution, Score};

impl Score {
    /// What agreed and what did not, with the weight of each: "last name the same (1 in 2400) +9.1; first name a nickname
    /// +3.2; before comparing -17.8". The weights are log2 of odds and add up to those of the probability.
    pub fn explanation(&self) -> String {
        let mut text = String::new();
        for contribution in &self.contributions {
            contribution.write(&mut text);
            text.push_str("; ");
        }
        let _ = write!(text, "before comparing {:+.1}", self.prior);
        text
    }
}

/// Rarity from which on it is worth saying.
const RARE: f64 = 0.1;

impl Contribution {
    fn write(&self, text: &mut String) {
        let _ = write!(text, "{} {}", self.field.name(), self.finding.phrase());
        if self.rarity <= RARE && self.finding != Finding::Different {
            let _ = write!(text, " (1 in {:.0})", 1.0 / self.rarity);
        }
        let _ = write!(text, " {:+.1}", self.weight);
    }
}

impl Field {
    /// The field in plain English.
    fn name(self) -> &'static str {
        match self {
            Self::LastName => "last name",
            Self::FirstName => "first name",
            Self::DateOfBirth => "date of birth",
            Self::Email => "e-mail",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Company => "company",
            Self::Title => "title",
            Self::Country => "country",
        }
    }
}

impl Finding {
    /// What was found, in plain English, as it reads behind the name of a field.
    fn phrase(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Same => "the same",
            Self::Part => "the same in part",
            Self::Nickname => "a form of the other",
            Self::SoundsAlike => "sounds alike",
            Self::Typo => "nearly the same",
            Self::Similar => "like another usual one",
            Self::Swapped => "in the other name's place",
            Self::Initial => "initial fits",
            Self::OtherInitial => "initial does not fit",
            Self::FromMailbox => "fits the mailbox",
            Self::OtherInMailbox => "contradicts the mailbox",
            Self::SharedMailbox => "the same shared mailbox",
            Self::LocalPart => "the same at another provider",
            Self::PlainMailbox => "the same, made of the name",
            Self::PlainTypo => "nearly the same, made of the name",
            Self::PlainLocalPart => "the same at another provider, made of the name",
            Self::OtherUnit => "the same house, another flat",
            Self::Neighbour => "the same street, another number",
            Self::SameStreet => "a street of the same name nearby",
            Self::SamePostcode => "the same postcode",
            Self::SameTown => "the same town",
            Self::TownOnly => "the same town, no street",
            Self::ElsewhereOnly => "elsewhere, no street",
            Self::PlainDifferent => "different, both made of the name",
            Self::Different => "different",
        }
    }
}
