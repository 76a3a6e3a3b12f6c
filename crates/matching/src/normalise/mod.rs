//! From typed text to a [`Person`]: folded, cut into parts, without what people leave out or write in many ways.

mod birth;
mod company;
mod mailbox;
mod names;
mod phone;
mod place;

use crate::knowledge::country_code;
use crate::person::Person;
use crate::record::Record;
use crate::statistics::values;
use crate::text::{fold, stable_hash};

/// Mailboxes, phones and addresses of one customer that are compared; more would make keys and pairs explode.
pub const MOST_OF_A_KIND: usize = 8;

/// The comparable form of a record. Never fails: what cannot be read is not known.
pub fn normalise(record: &Record<'_>) -> Person {
    let country = record.addresses.iter().map(|address| address.country.trim()).find(|country| !country.is_empty());
    let country = fold(country.unwrap_or_default());
    let country = country_code(&country);

    let mut person = Person { country: country_number(country), ..Person::default() };
    names::read(record, &mut person);
    for email in record.emails.iter().take(MOST_OF_A_KIND) {
        mailbox::read(email, &mut person);
    }
    for phone in record.phones.iter().take(MOST_OF_A_KIND) {
        if let Some(number) = phone::national_number(phone, country)
            && !person.phones.contains(&number)
        {
            person.phones.push(number);
        }
    }
    person.company = company::read(record.company);
    for address in record.addresses.iter().take(MOST_OF_A_KIND) {
        if let Some(place) = place::read(address)
            && !person.places.contains(&place)
        {
            person.places.push(place);
        }
    }
    person.born = birth::read(record.date_of_birth);
    person.culture = if person.country == 0 { postcode_shape(&person) } else { person.country };
    person.order = order(&person);
    person
}

fn order(person: &Person) -> u64 {
    let mut order = u64::from(person.country);
    let mut mix = |value: u64| order = (order ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    values(person, |value| mix(value.code()));
    for place in &person.places {
        mix(u64::from(place.street.hash()) << 32 | u64::from(place.extra.hash()));
        mix(u64::from(place.unit) << 8 | u64::from(place.letter));
    }
    order
}

/// Which characters are letters and which digits in the postcode; one shape for those that begin with a letter, which are
/// of varying length.
fn postcode_shape(person: &Person) -> u16 {
    let Some(place) = person.places.iter().find(|place| !place.postcode.is_empty()) else { return 0 };
    let code = place.postcode.as_bytes();
    let shape: Vec<u8> = code.iter().map(|byte| if byte.is_ascii_digit() { b'9' } else { b'a' }).collect();
    let shape = if shape[0] == b'a' { &shape[..1] } else { &shape[..] };
    stable_hash(b'P', &[shape]) as u16 | 1
}

fn country_number(code: &str) -> u16 {
    if code.is_empty() { 0 } else { stable_hash(b'C', &[code.as_bytes()]) as u16 | 1 }
}
