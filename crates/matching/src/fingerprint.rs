//! A fingerprint of chosen fields: the same as long as they compare as the same, whatever their spelling.

use crate::compare::Field;
use crate::person::{Person, Words};
use crate::text::stable_hash;

impl Person {
    /// A hash of what is compared in these fields, the same in every process and on every platform for one
    /// [`crate::KEYS_VERSION`]. The order of several addresses, numbers or mailboxes does not count.
    pub fn fingerprint(&self, fields: &[Field]) -> u64 {
        let mut prints: Vec<[u8; 8]> = Vec::new();
        for field in Field::ALL.into_iter().filter(|field| fields.contains(field)) {
            let mut own = self.prints_of(field);
            own.sort_unstable();
            own.dedup();
            prints.push([field as u8; 8]);
            prints.extend(own.into_iter().map(u64::to_le_bytes));
        }
        let parts: Vec<&[u8]> = prints.iter().map(<[u8; 8]>::as_slice).collect();
        stable_hash(0, &parts)
    }

    fn prints_of(&self, field: Field) -> Vec<u64> {
        let number = |value: u64| stable_hash(field as u8, &[&value.to_le_bytes()]);
        let words = |words: &Words| words.iter().map(|word| u64::from(word.text.hash())).map(number).collect();
        match field {
            Field::LastName => words(&self.last),
            Field::FirstName => words(&self.first),
            Field::DateOfBirth => vec![number(self.born.into())],
            Field::Email => {
                let both =
                    |found: &crate::person::Mailbox| [found.local.hash(), found.domain.hash()].map(u32::to_le_bytes);
                self.mailboxes
                    .iter()
                    .map(both)
                    .map(|[local, domain]| stable_hash(field as u8, &[&local, &domain]))
                    .collect()
            }
            Field::Phone => self.phones.iter().copied().map(number).collect(),
            Field::Address => self.places.iter().map(place_print).collect(),
            Field::Company => self.company.iter().map(|company| number(company.hash().into())).collect(),
            Field::Title => vec![number(self.gender as u64 * 16 + u64::from(self.generation))],
            Field::Country => vec![number(self.country.into())],
        }
    }
}

fn place_print(place: &crate::person::Place) -> u64 {
    let texts = [place.street, place.extra, place.postcode, place.town].map(|text| text.hash().to_le_bytes());
    let numbers = [place.number, u32::from(place.letter), place.unit, place.state].map(u32::to_le_bytes);
    let parts: Vec<&[u8]> = texts.iter().chain(&numbers).map(<[u8; 4]>::as_slice).collect();
    stable_hash(Field::Address as u8, &parts)
}

#[cfg(test)]
mod tests {
    use crate::{Address, Field, Record, normalise};

    fn record<'a>(last: &'a str, phones: &[&'a str]) -> Record<'a> {
        let home = Address {
            line1: "Dorpsstraat 12",
            postcode: "2801 XY",
            town: "Gouda",
            country: "NL",
            ..Address::default()
        };
        Record {
            first_name: "Anna",
            last_name: last,
            phones: phones.to_vec(),
            addresses: vec![home],
            ..Record::default()
        }
    }

    #[test]
    fn only_the_chosen_fields_count_and_spelling_does_not() {
        let print = |record: &Record<'_>, fields: &[Field]| normalise(record).fingerprint(fields);
        let one = record("Bakker", &["+31 6 1234 5678", "+31 20 123 4567"]);
        let fields = [Field::LastName, Field::Phone, Field::Address];
        assert_eq!(print(&one, &fields), print(&record("BAKKER", &["+31201234567", "0612345678"]), &fields));
        assert_ne!(print(&one, &fields), print(&record("Bakker", &["+31 6 1234 5678"]), &fields));
        assert_ne!(print(&one, &fields), print(&record("Bakkers", &["+31 6 1234 5678", "+31 20 123 4567"]), &fields));
        let moved = Record { first_name: "Hanna", ..one.clone() };
        assert_eq!(print(&one, &fields), print(&moved, &fields), "the first name was not asked for");
        assert_ne!(print(&one, &[Field::FirstName]), print(&moved, &[Field::FirstName]));
    }
}
