//! What two customers have in common, field by field: a finding each, and how likely strangers would show it.

mod contact;
mod names;
mod place;

use crate::person::{Gender, Person};
use crate::statistics::Statistics;

/// The fields that are compared, in the order in which they are explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Field {
    LastName,
    FirstName,
    DateOfBirth,
    Email,
    Phone,
    Address,
    Company,
    Title,
    Country,
}

impl Field {
    pub const ALL: [Self; 9] = [
        Self::LastName,
        Self::FirstName,
        Self::DateOfBirth,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::Company,
        Self::Title,
        Self::Country,
    ];

    /// A stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LastName => "last_name",
            Self::FirstName => "first_name",
            Self::DateOfBirth => "date_of_birth",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Company => "company",
            Self::Title => "title",
            Self::Country => "country",
        }
    }
}

/// What comparing a field found. Not every finding occurs in every field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Finding {
    /// One of the two has no such value.
    Missing,
    Same,
    /// One of two names or words, or a postcode without a street.
    Part,
    /// A short form or another form of the same name.
    Nickname,
    SoundsAlike,
    Typo,
    /// Nearly the same, but both are values that others have too: "Julia" and "Julie".
    Similar,
    /// First and last name stand in each other's place.
    Swapped,
    /// An initial that fits.
    Initial,
    /// An initial that does not fit.
    OtherInitial,
    /// The mailbox tells a given name that fits.
    FromMailbox,
    /// The mailbox tells a given name that does not fit.
    OtherInMailbox,
    /// A mailbox of a task, such as info@.
    SharedMailbox,
    /// The same local part at another provider.
    LocalPart,
    /// The same mailbox, made of the name alone.
    PlainMailbox,
    /// Nearly the same mailbox, made of the name alone.
    PlainTypo,
    /// The same local part at another provider, made of the name alone.
    PlainLocalPart,
    /// The same house, another flat.
    OtherUnit,
    /// The same street and postcode, another house.
    Neighbour,
    /// The same street in one town or postcode, another house.
    SameStreet,
    SamePostcode,
    SameTown,
    /// Only the towns are known, and they are the same.
    TownOnly,
    /// Only towns or postcodes are known, and they differ.
    ElsewhereOnly,
    /// Two mailboxes made of the same name, in different ways.
    PlainDifferent,
    Different,
}

/// Number of findings.
pub const FINDINGS: usize = Finding::Different as usize + 1;

impl Finding {
    pub const ALL: [Self; FINDINGS] = [
        Self::Missing,
        Self::Same,
        Self::Part,
        Self::Nickname,
        Self::SoundsAlike,
        Self::Typo,
        Self::Similar,
        Self::Swapped,
        Self::Initial,
        Self::OtherInitial,
        Self::FromMailbox,
        Self::OtherInMailbox,
        Self::SharedMailbox,
        Self::LocalPart,
        Self::PlainMailbox,
        Self::PlainTypo,
        Self::PlainLocalPart,
        Self::OtherUnit,
        Self::Neighbour,
        Self::SameStreet,
        Self::SamePostcode,
        Self::SameTown,
        Self::TownOnly,
        Self::ElsewhereOnly,
        Self::PlainDifferent,
        Self::Different,
    ];

    /// A stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Same => "same",
            Self::Part => "part",
            Self::Nickname => "nickname",
            Self::SoundsAlike => "sounds_alike",
            Self::Typo => "typo",
            Self::Similar => "similar",
            Self::Swapped => "swapped",
            Self::Initial => "initial",
            Self::OtherInitial => "other_initial",
            Self::FromMailbox => "from_mailbox",
            Self::OtherInMailbox => "other_in_mailbox",
            Self::SharedMailbox => "shared_mailbox",
            Self::LocalPart => "local_part",
            Self::PlainMailbox => "plain_mailbox",
            Self::PlainTypo => "plain_typo",
            Self::PlainLocalPart => "plain_local_part",
            Self::PlainDifferent => "plain_different",
            Self::OtherUnit => "other_unit",
            Self::Neighbour => "neighbour",
            Self::SameStreet => "same_street",
            Self::SamePostcode => "same_postcode",
            Self::SameTown => "same_town",
            Self::TownOnly => "town_only",
            Self::ElsewhereOnly => "elsewhere_only",
            Self::Different => "different",
        }
    }
}

/// The finding of one field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    pub finding: Finding,
    /// Probability that two strangers who both have the field show this finding, with just these values.
    pub chance: f32,
    /// How many customers share the value, when it is one that a household or a firm may share; 0 otherwise.
    pub shared_by: u32,
}

impl Found {
    pub const MISSING: Self = Self { finding: Finding::Missing, chance: 1.0, shared_by: 0 };

    fn new(finding: Finding, chance: f64) -> Self {
        Self { finding, chance: (chance as f32).clamp(1e-12, 1.0), shared_by: 0 }
    }

    fn shared(finding: Finding, chance: f64, shared_by: Option<u32>) -> Self {
        Self { shared_by: shared_by.unwrap_or(2).max(2), ..Self::new(finding, chance) }
    }
}

/// The findings of all fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    found: [Found; Field::ALL.len()],
}

impl Comparison {
    /// Compares two customers. The order of the two does not matter.
    pub fn of(a: &Person, b: &Person, statistics: &dyn Statistics) -> Self {
        let (a, b) = if a.order <= b.order { (a, b) } else { (b, a) };
        Self::with_names(a, b, names::compare(a, b, statistics), statistics)
    }

    /// Compares two customers unless their names alone leave no hope: both clash, and neither a mailbox nor dates of birth
    /// could outweigh that. Most candidates in a scan are of this kind.
    pub(crate) fn of_hopeful(a: &Person, b: &Person, statistics: &dyn Statistics) -> Option<Self> {
        let (a, b) = if a.order <= b.order { (a, b) } else { (b, a) };
        let names = names::compare(a, b, statistics);
        let clash = |found: Found| matches!(found.finding, Finding::Different | Finding::OtherInitial);
        let has_more = a.born != 0 && b.born != 0 || contact::share_mailbox(a, b);
        (has_more || !clash(names.0) || !clash(names.1)).then(|| Self::with_names(a, b, names, statistics))
    }

    fn with_names(a: &Person, b: &Person, (first, last): (Found, Found), statistics: &dyn Statistics) -> Self {
        let mut found = [Found::MISSING; Field::ALL.len()];
        let names_in_common = u8::from(names::agree(first.finding)) + u8::from(names::agree(last.finding));
        found[Field::FirstName as usize] = first;
        found[Field::LastName as usize] = last;
        found[Field::DateOfBirth as usize] = contact::birth(a, b, statistics);
        found[Field::Email as usize] = contact::mailboxes(a, b, names_in_common, statistics);
        found[Field::Phone as usize] = contact::phones(a, b, statistics);
        found[Field::Address as usize] = place::compare(a, b, statistics);
        found[Field::Company as usize] = contact::company(a, b, statistics);
        found[Field::Title as usize] = title(a, b);
        found[Field::Country as usize] = country(a, b, statistics);
        Self { found }
    }

    pub fn get(&self, field: Field) -> Found {
        self.found[field as usize]
    }

    /// The fields with what was found, in the order in which they are explained.
    pub fn iter(&self) -> impl Iterator<Item = (Field, Found)> + '_ {
        Field::ALL.into_iter().map(|field| (field, self.get(field)))
    }
}

/// Gender and generation.
fn title(a: &Person, b: &Person) -> Found {
    let generations_clash = a.generation != b.generation && (a.generation.max(b.generation) > 1);
    match (a.gender, b.gender) {
        _ if generations_clash => Found::new(Finding::Similar, 0.01),
        (Gender::Unknown, _) | (_, Gender::Unknown) => Found::MISSING,
        (a, b) if a == b => Found::new(Finding::Same, 0.5),
        _ => Found::new(Finding::Different, 0.5),
    }
}

/// The country of the address. Other fields are counted within it.
fn country(a: &Person, b: &Person, statistics: &dyn Statistics) -> Found {
    match (a.country, b.country) {
        (0, _) | (_, 0) => Found::MISSING,
        (x, y) if x == y => {
            Found::new(Finding::Same, statistics.of_culture(a.culture) as f64 / statistics.customers().max(1) as f64)
        }
        _ => Found::new(Finding::Different, 1.0),
    }
}
