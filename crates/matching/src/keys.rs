//! Match keys: small values such that two records of one customer most likely share at least one.

use smallvec::SmallVec;

use crate::person::{MailboxKind, Person, Place, Word};
use crate::text::{Short, stable_hash};

/// Changes whenever a key of the same record would become another one: stored keys must then be made anew.
pub const KEYS_VERSION: u32 = 2;

/// Keys that one customer has at most.
pub const MOST_KEYS: usize = 24;

/// Keys of one kind that one customer has at most.
const MOST_OF_A_KIND: usize = 8;

/// What a key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum KeyKind {
    Mailbox = 1,
    Phone = 2,
    /// Last name and postcode.
    LastNamePostcode = 3,
    /// First and last name, in either order.
    FullName = 4,
    /// House number and postcode.
    Address = 5,
    /// The part before the @.
    LocalPart = 6,
    /// Sound of the last name, initial, and the area of the postcode.
    SoundArea = 7,
    /// Company and sound of the last name.
    CompanyName = 8,
    /// House number, street and initial: for a mistyped postcode.
    StreetName = 9,
    /// Street, area of the postcode and initial: for a mistyped house number.
    StreetArea = 10,
    /// Date of birth alone.
    Birth = 11,
    /// First name and postcode.
    FirstNamePostcode = 12,
    /// Town, house number and initial.
    TownNumber = 13,
    /// Sound of both names, in either order.
    FullSound = 14,
    /// Beginning of the street and sound of either name: for a mistyped street or swapped names.
    StreetSound = 15,
}

impl KeyKind {
    /// All kinds, the most telling first.
    pub const ALL: [Self; 15] = [
        Self::LastNamePostcode,
        Self::Mailbox,
        Self::Phone,
        Self::FullName,
        Self::Address,
        Self::LocalPart,
        Self::SoundArea,
        Self::CompanyName,
        Self::StreetName,
        Self::StreetArea,
        Self::Birth,
        Self::FirstNamePostcode,
        Self::TownNumber,
        Self::FullSound,
        Self::StreetSound,
    ];

    /// Whether the key is worth something only where few share it.
    pub fn is_weak(self) -> bool {
        matches!(self, Self::FirstNamePostcode | Self::TownNumber | Self::FullSound | Self::StreetSound)
    }
}

/// A key to be stored and looked up. The hash already holds the kind; it is the same in every process and on every
/// platform, for one [`KEYS_VERSION`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MatchKey {
    pub kind: KeyKind,
    pub hash: u64,
}

/// The keys of a customer, at most [`MOST_KEYS`], the most telling kinds first.
pub fn match_keys(person: &Person) -> SmallVec<[MatchKey; MOST_KEYS]> {
    let mut keys: SmallVec<[MatchKey; MOST_KEYS]> = SmallVec::new();
    for kind in KeyKind::ALL {
        let most = MOST_KEYS.min(keys.len() + MOST_OF_A_KIND);
        of_kind(person, kind, |hash| {
            let key = MatchKey { kind, hash };
            if keys.len() < most && !keys.contains(&key) {
                keys.push(key);
            }
        });
    }
    keys
}

/// Calls `each` with the hash of every key of one kind.
pub fn of_kind(person: &Person, kind: KeyKind, mut each: impl FnMut(u64)) {
    let hash = |parts: &[&[u8]]| stable_hash(kind as u8, parts);
    let first = person.first.first().copied().or(person.mailbox_given);
    let initial = first.as_ref().or(person.last.first()).map(|word| [word.text.first()]);
    match kind {
        KeyKind::Mailbox => {
            person.mailboxes.iter().for_each(|box_| each(hash(&[box_.local.as_bytes(), box_.domain.as_bytes()])));
        }
        KeyKind::LocalPart => {
            let telling =
                person.mailboxes.iter().filter(|box_| box_.kind != MailboxKind::Shared && box_.local.len() > 4);
            telling.for_each(|box_| each(hash(&[box_.local.as_bytes()])));
        }
        KeyKind::Phone => person.phones.iter().for_each(|number| each(hash(&[&number.to_le_bytes()]))),
        KeyKind::LastNamePostcode => pairs(&person.last, &person.places, |word, place| {
            if !place.postcode.is_empty() {
                each(hash(&[word.text.as_bytes(), place.postcode.as_bytes()]));
            }
        }),
        KeyKind::FullName => {
            let given = first.into_iter().chain(person.mailbox_given).filter(|word| !word.is_initial());
            for given in given {
                person.last.iter().take(2).for_each(|last| each(sorted(&given.text, &last.text, &hash)));
            }
        }
        KeyKind::Address => {
            let known = person.places.iter().filter(|place| place.number > 0 && !place.postcode.is_empty());
            known.for_each(|place| each(hash(&[&place.number.to_le_bytes(), place.postcode.as_bytes()])));
        }
        KeyKind::SoundArea => pairs(&person.last, &person.places, |word, place| {
            if let (Some(area), Some(initial)) = (area(place), &initial) {
                each(hash(&[&word.sound.to_le_bytes(), initial, area]));
            }
        }),
        KeyKind::CompanyName => {
            if let (Some(company), Some(last)) = (&person.company, person.last.first()) {
                each(hash(&[company.as_bytes(), &last.sound.to_le_bytes()]));
            }
        }
        KeyKind::StreetName => {
            for place in person.places.iter().filter(|place| place.number > 0 && place.street.len() > 1) {
                if let Some(initial) = &initial {
                    each(hash(&[place.street.as_bytes(), &place.number.to_le_bytes(), initial]));
                }
            }
        }
        KeyKind::StreetArea => {
            for place in person.places.iter().filter(|place| place.street.len() > 1) {
                if let (Some(area), Some(initial)) = (area(place), &initial) {
                    each(hash(&[place.street.as_bytes(), area, initial]));
                }
            }
        }
        KeyKind::FirstNamePostcode => {
            let Some(first) = first.filter(|word| !word.is_initial()) else { return };
            for place in person.places.iter().filter(|place| !place.postcode.is_empty()) {
                each(hash(&[first.text.as_bytes(), place.postcode.as_bytes()]));
            }
        }
        KeyKind::TownNumber => {
            for place in person.places.iter().filter(|place| place.number > 0 && !place.town.is_empty()) {
                if let Some(initial) = &initial {
                    each(hash(&[place.town.as_bytes(), &place.number.to_le_bytes(), initial]));
                }
            }
        }
        KeyKind::FullSound => {
            if let (Some(first), Some(last)) = (first.filter(|word| !word.is_initial()), person.last.first()) {
                let sounds = (first.sound.min(last.sound), first.sound.max(last.sound));
                each(hash(&[&sounds.0.to_le_bytes(), &sounds.1.to_le_bytes()]));
            }
        }
        KeyKind::StreetSound => {
            for place in person.places.iter().filter(|place| place.street.len() >= 4) {
                for word in first.iter().chain(person.last.first()).filter(|word| !word.is_initial()) {
                    each(hash(&[&place.street.as_bytes()[..4], &word.sound.to_le_bytes()]));
                }
            }
        }
        KeyKind::Birth if person.born == 0 => {}
        KeyKind::Birth => each(hash(&[&person.born.to_le_bytes()])),
    }
}

fn pairs(words: &[Word], places: &[Place], mut each: impl FnMut(&Word, &Place)) {
    for word in words.iter().take(2).filter(|word| !word.is_initial()) {
        places.iter().for_each(|place| each(word, place));
    }
}

fn sorted(a: &Short, b: &Short, hash: &dyn Fn(&[&[u8]]) -> u64) -> u64 {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a <= b { hash(&[a, b]) } else { hash(&[b, a]) }
}

/// The part of a postcode that stands for a wider area: the outward code in Britain, the first three characters elsewhere.
pub fn area(place: &Place) -> Option<&[u8]> {
    let code = place.postcode.as_bytes();
    let is_british = code.len() >= 5 && code[0].is_ascii_alphabetic() && code[code.len() - 1].is_ascii_alphabetic();
    match code.len() {
        0..=2 => None,
        length if is_british => Some(&code[..length - 3]),
        _ => Some(&code[..3]),
    }
}
