//! A customer in comparable form: folded, cut into parts, small. Made by [`crate::normalise`], never by hand.

use smallvec::SmallVec;

use crate::text::Short;

/// One word of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: Short,
    /// See [`crate::sound::sound`].
    pub sound: u32,
    /// Index among the known given names, 0 when it is none.
    pub given: u16,
}

impl Word {
    /// Whether only the first letter is known.
    pub fn is_initial(&self) -> bool {
        self.text.len() == 1
    }
}

pub type Words = SmallVec<[Word; 2]>;

/// A mailbox that may tell who somebody is. Relay addresses are left out before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The part before the @ without dots, dashes and what follows a plus.
    pub local: Short,
    pub domain: Short,
    pub kind: MailboxKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailboxKind {
    /// Made of the names alone: "anna.smith" says no more than the name does.
    Plain,
    /// The names with a number: "anna.smith82".
    Numbered,
    /// Holds something that the name does not.
    Distinct,
    /// Belongs to a task: "info", "sales".
    Shared,
}

/// Where a person lives or works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Street without its kind ("High" of "High Street").
    pub street: Short,
    /// What stands in the other line: a building, an estate, a care-of.
    pub extra: Short,
    pub number: u32,
    /// Letter behind the house number, 0 for none.
    pub letter: u8,
    /// Flat, door or floor; empty when not named.
    pub unit: u32,
    pub postcode: Short,
    pub town: Short,
    pub state: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gender {
    #[default]
    Unknown,
    Female,
    Male,
}

/// A customer in comparable form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub(crate) first: Words,
    pub(crate) last: Words,
    /// A given name that only the mailbox tells, when the name has none or an initial.
    pub(crate) mailbox_given: Option<Word>,
    pub(crate) mailboxes: SmallVec<[Mailbox; 1]>,
    /// National significant numbers.
    pub(crate) phones: SmallVec<[u64; 2]>,
    pub(crate) company: Option<Short>,
    pub(crate) places: SmallVec<[Place; 1]>,
    /// Year, month and day as one number, 0 when not known.
    pub(crate) born: u32,
    pub(crate) gender: Gender,
    /// 1 for a senior, 2 for a junior, 3 for a third; 0 when not said.
    pub(crate) generation: u8,
    /// Hash of the country, 0 when not known.
    pub(crate) country: u16,
    /// The country, or the shape of the postcode where it is not known: names are counted within it.
    pub(crate) culture: u16,
    /// Puts two customers in an order that is the same whichever is asked about first.
    pub(crate) order: u64,
}

impl Person {
    /// Reads a little of every part, so that it is near when the whole is compared.
    pub(crate) fn touch(&self) -> u64 {
        let words = [self.first.first(), self.last.first(), self.last.get(1)];
        let words =
            words.into_iter().flatten().map(|word| u64::from(word.text.hash()) + u64::from(word.given)).sum::<u64>();
        let mailbox = self.mailboxes.first().map_or(0, |mailbox| u64::from(mailbox.domain.hash()));
        let place = self.places.first().map_or(0, |place| u64::from(place.state) + u64::from(place.postcode.hash()));
        words
            + mailbox
            + place
            + self.phones.first().copied().unwrap_or(0) % 2
            + u64::from(self.country)
            + self.order % 2
    }

    /// What stands for the country of both, 0 when it is not the same.
    pub(crate) fn common_culture(&self, other: &Self) -> u16 {
        if self.culture == other.culture { self.culture } else { 0 }
    }
}
