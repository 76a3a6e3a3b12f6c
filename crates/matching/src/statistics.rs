//! How often values occur: agreeing on a rare value says much, on a common one little.

use rustc_hash::FxHashMap;

use crate::person::{Mailbox, Person, Place, Word};
use crate::text::Short;

/// Kinds of values that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ValueKind {
    FirstName = 1,
    LastName,
    Mailbox,
    LocalPart,
    Phone,
    Address,
    Postcode,
    Town,
    Company,
    DateOfBirth,
}

/// Number of kinds, counted from 1.
const KINDS: usize = 11;

/// A value that is counted: its kind and a hash of it, the same in every process and on every platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(u64);

impl Value {
    /// The kind is the highest byte; names carry the country in the next two: "Jan" is common in one country only.
    fn new(kind: ValueKind, culture: u16, hash: u64) -> Self {
        Self((kind as u64) << 56 | u64::from(culture) << 40 | (hash & 0xff_ffff_ffff))
    }

    /// The value as one number, to be stored.
    pub fn code(self) -> u64 {
        self.0
    }

    pub fn first_name(word: &Word, culture: u16) -> Self {
        Self::new(ValueKind::FirstName, culture, u64::from(word.text.hash()))
    }

    pub fn last_name(word: &Word, culture: u16) -> Self {
        Self::new(ValueKind::LastName, culture, u64::from(word.text.hash()))
    }

    pub fn mailbox(mailbox: &Mailbox) -> Self {
        let domain = u64::from(mailbox.domain.hash()).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
        Self::new(ValueKind::Mailbox, 0, u64::from(mailbox.local.hash()) ^ domain)
    }

    pub fn local_part(mailbox: &Mailbox) -> Self {
        Self::new(ValueKind::LocalPart, 0, u64::from(mailbox.local.hash()))
    }

    pub fn phone(number: u64) -> Self {
        Self::new(ValueKind::Phone, 0, number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24)
    }

    /// House number and postcode, or street and town where there is no postcode.
    pub fn address(place: &Place) -> Option<Self> {
        let area =
            if place.postcode.is_empty() { place.street.hash() ^ place.town.hash() } else { place.postcode.hash() };
        let number = u64::from(place.number).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
        (place.number > 0).then(|| Self::new(ValueKind::Address, 0, u64::from(area) ^ number))
    }

    pub fn postcode(place: &Place) -> Self {
        Self::new(ValueKind::Postcode, 0, u64::from(place.postcode.hash()))
    }

    pub fn town(place: &Place) -> Self {
        Self::new(ValueKind::Town, 0, u64::from(place.town.hash()))
    }

    pub fn company(company: &Short) -> Self {
        Self::new(ValueKind::Company, 0, u64::from(company.hash()))
    }

    pub fn date_of_birth(born: u32) -> Self {
        Self::new(ValueKind::DateOfBirth, 0, u64::from(born))
    }
}

/// Calls `each` with every value of a person that is counted.
pub fn values(person: &Person, mut each: impl FnMut(Value)) {
    person.first.iter().for_each(|word| each(Value::first_name(word, person.culture)));
    person.last.iter().for_each(|word| each(Value::last_name(word, person.culture)));
    for mailbox in &person.mailboxes {
        each(Value::mailbox(mailbox));
        each(Value::local_part(mailbox));
    }
    person.phones.iter().for_each(|number| each(Value::phone(*number)));
    for place in &person.places {
        Value::address(place).into_iter().for_each(&mut each);
        if !place.postcode.is_empty() {
            each(Value::postcode(place));
        }
        if !place.town.is_empty() {
            each(Value::town(place));
        }
    }
    person.company.iter().for_each(|company| each(Value::company(company)));
    if person.born != 0 {
        each(Value::date_of_birth(person.born));
    }
}

/// What is known of the customers as a whole.
pub trait Statistics: Sync {
    /// How many customers there are.
    fn customers(&self) -> u64;

    /// How many customers have a value, the two that are compared among them; none when nobody counted.
    fn count(&self, value: Value) -> Option<u32>;

    /// How many customers there are of a country, or with postcodes of one shape where the country is not known; all of them
    /// when nobody counted. The number is the one in the values of names.
    fn of_culture(&self, _culture: u16) -> u64 {
        self.customers()
    }

    /// How many customers have any value of a kind; all of them when that is not known.
    fn with_any(&self, _kind: ValueKind) -> u64 {
        self.customers()
    }
}

/// Statistics counted over a whole set of customers.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    customers: u64,
    cultures: FxHashMap<u16, u64>,
    with_any: [u64; KINDS],
    /// Values that occur twice or more.
    counts: FxHashMap<u64, u32>,
}

impl Counted {
    /// Counts the values of all persons.
    pub fn of(people: &[Person]) -> Self {
        use rayon::prelude::*;
        let mut codes: Vec<u64> = people
            .par_chunks(4096)
            .flat_map_iter(|people| {
                let mut codes = Vec::with_capacity(people.len() * 10);
                people.iter().for_each(|person| values(person, |value| codes.push(value.code())));
                codes
            })
            .collect();
        codes.par_sort_unstable();
        let mut counted = Self { customers: people.len() as u64, ..Self::default() };
        people.iter().for_each(|person| *counted.cultures.entry(person.culture).or_default() += 1);
        for run in codes.chunk_by(|a, b| a == b) {
            counted.with_any[(run[0] >> 56) as usize] += run.len() as u64;
            if run.len() > 1 {
                counted.counts.insert(run[0], run.len() as u32);
            }
        }
        counted
    }
}

impl Statistics for Counted {
    fn customers(&self) -> u64 {
        self.customers
    }

    fn count(&self, value: Value) -> Option<u32> {
        Some(self.counts.get(&value.code()).copied().unwrap_or(1))
    }

    fn of_culture(&self, culture: u16) -> u64 {
        self.cultures.get(&culture).copied().unwrap_or(self.customers)
    }

    fn with_any(&self, kind: ValueKind) -> u64 {
        self.with_any[kind as usize]
    }
}

/// Statistics when nothing but the number of customers is known: names of middling frequency, everything else nearly
/// unique.
#[derive(Clone, Copy, Debug)]
pub struct Unknown {
    pub customers: u64,
}

impl Statistics for Unknown {
    fn customers(&self) -> u64 {
        self.customers
    }

    fn count(&self, _: Value) -> Option<u32> {
        None
    }
}

/// Share of customers with a value that nobody counted, and that of a value that nobody else has.
fn usual_share(kind: ValueKind) -> f64 {
    match kind {
        ValueKind::FirstName => 0.004,
        ValueKind::LastName => 0.000_4,
        ValueKind::Town => 0.01,
        ValueKind::Postcode => 0.000_1,
        ValueKind::DateOfBirth => 0.000_05,
        ValueKind::Company => 0.000_1,
        ValueKind::Mailbox | ValueKind::LocalPart | ValueKind::Phone | ValueKind::Address => 0.000_001,
    }
}

/// How many customers the usual share is worth beside those that were counted.
const USUAL_WEIGHT: f64 = 1000.0;

/// The probability that another customer of a country has a value, as the others show it: the two that are compared are
/// left out. Values are counted within the country; the country itself is compared as a field.
pub fn share(statistics: &dyn Statistics, value: Value, kind: ValueKind, culture: u16) -> f64 {
    let usual = usual_share(kind);
    let Some(count) = statistics.count(value) else { return usual };
    let all = statistics.customers().max(2) as f64;
    let within = if culture == 0 { 1.0 } else { (statistics.of_culture(culture) as f64 / all).max(2.0 / all) };
    let with_any = (statistics.with_any(kind) as f64 * within).max(2.0);
    ((f64::from(count.saturating_sub(2)) + USUAL_WEIGHT * usual) / (with_any + USUAL_WEIGHT)).min(1.0)
}
