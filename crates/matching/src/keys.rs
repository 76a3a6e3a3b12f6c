//! Match keys: small values such that two records of one customer most likely share at least one.

use smallvec::SmallVec;

use crate::person::{Mailbox, MailboxKind, Person, Place, Word};
use crate::text::stable_hash;

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
pub fn of_kind(person: &Person, kind: KeyKind, each: impl FnMut(u64)) {
    let given = person.first.first().copied().or(person.mailbox_given);
    let maker = Maker { person, kind, given, each };
    match kind {
        KeyKind::Mailbox | KeyKind::LocalPart | KeyKind::Phone | KeyKind::CompanyName | KeyKind::Birth => {
            maker.contacts()
        }
        KeyKind::FullName | KeyKind::FullSound => maker.names(),
        KeyKind::LastNamePostcode | KeyKind::SoundArea | KeyKind::FirstNamePostcode | KeyKind::StreetSound => {
            maker.names_in_places();
        }
        KeyKind::Address | KeyKind::StreetName | KeyKind::StreetArea | KeyKind::TownNumber => maker.places(),
    }
}

/// Makes the keys of one kind.
struct Maker<'a, Each> {
    person: &'a Person,
    kind: KeyKind,
    /// The first name, or what the mailbox tells of it.
    given: Option<Word>,
    each: Each,
}

impl<Each: FnMut(u64)> Maker<'_, Each> {
    fn key(&mut self, parts: &[&[u8]]) {
        (self.each)(stable_hash(self.kind as u8, parts));
    }

    /// Keys of what belongs to one customer.
    fn contacts(mut self) {
        let person = self.person;
        match self.kind {
            KeyKind::Mailbox => {
                person.mailboxes.iter().for_each(|found| self.key(&[found.local.as_bytes(), found.domain.as_bytes()]));
            }
            KeyKind::LocalPart => {
                let telling = |found: &&Mailbox| found.kind != MailboxKind::Shared && found.local.len() > 4;
                person.mailboxes.iter().filter(telling).for_each(|found| self.key(&[found.local.as_bytes()]));
            }
            KeyKind::Phone => person.phones.iter().for_each(|number| self.key(&[&number.to_le_bytes()])),
            KeyKind::CompanyName => {
                if let (Some(company), Some(last)) = (&person.company, person.last.first()) {
                    self.key(&[company.as_bytes(), &last.sound.to_le_bytes()]);
                }
            }
            _ if person.born != 0 => self.key(&[&person.born.to_le_bytes()]),
            _ => {}
        }
    }

    /// Keys of both names, the same in either order.
    fn names(mut self) {
        let given = self.given.into_iter().chain(self.person.mailbox_given).filter(|word| !word.is_initial());
        for given in given {
            for last in self.person.last.iter().take(2) {
                if self.kind == KeyKind::FullName {
                    let (a, b) = (given.text.as_bytes(), last.text.as_bytes());
                    self.key(&[a.min(b), a.max(b)]);
                } else {
                    let (a, b) = (given.sound, last.sound);
                    self.key(&[&a.min(b).to_le_bytes(), &a.max(b).to_le_bytes()]);
                }
            }
        }
    }

    /// The first name's initial; that of the last name where there is no first.
    fn initial(&self) -> Option<[u8; 1]> {
        self.given.as_ref().or(self.person.last.first()).map(|word| [word.text.first()])
    }

    /// Keys of a name and a place.
    fn names_in_places(mut self) {
        let person = self.person;
        let initial = self.initial();
        let last = || person.last.iter().take(2).filter(|word| !word.is_initial());
        let given = self.given.filter(|word| !word.is_initial());
        for place in &person.places {
            let postcode = place.postcode.as_bytes();
            match self.kind {
                KeyKind::StreetSound if place.street.len() >= 4 => {
                    let street = &place.street.as_bytes()[..4];
                    let words = given.iter().chain(person.last.first().filter(|word| !word.is_initial()));
                    words.for_each(|word| self.key(&[street, &word.sound.to_le_bytes()]));
                }
                KeyKind::SoundArea => {
                    if let (Some(area), Some(initial)) = (area(place), &initial) {
                        last().for_each(|word| self.key(&[&word.sound.to_le_bytes(), initial, area]));
                    }
                }
                KeyKind::LastNamePostcode if !postcode.is_empty() => {
                    last().for_each(|word| self.key(&[word.text.as_bytes(), postcode]));
                }
                KeyKind::FirstNamePostcode if !postcode.is_empty() => {
                    given.iter().for_each(|word| self.key(&[word.text.as_bytes(), postcode]));
                }
                _ => {}
            }
        }
    }

    /// Keys of a place, with an initial at most.
    fn places(mut self) {
        let initial = self.initial();
        for place in &self.person.places {
            let (number, postcode) = (place.number.to_le_bytes(), place.postcode.as_bytes());
            let has_number = place.number > 0;
            let street = Some(place.street.as_bytes()).filter(|street| street.len() > 1);
            match (self.kind, &initial, street) {
                (KeyKind::Address, _, _) if has_number && !postcode.is_empty() => self.key(&[&number, postcode]),
                (KeyKind::StreetName, Some(initial), Some(street)) if has_number => {
                    self.key(&[street, &number, initial])
                }
                (KeyKind::StreetArea, Some(initial), Some(street)) => {
                    area(place).into_iter().for_each(|area| self.key(&[street, area, initial]));
                }
                (KeyKind::TownNumber, Some(initial), _) if has_number && !place.town.is_empty() => {
                    self.key(&[place.town.as_bytes(), &number, initial]);
                }
                _ => {}
            }
        }
    }
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
