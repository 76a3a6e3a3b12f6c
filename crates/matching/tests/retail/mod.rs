//! Made-up customers of five countries whose duplicates are known.

use matching::{Address, Person, Record, normalise};

/// A customer of the file.
#[derive(Clone)]
pub struct Row {
    pub title: String,
    pub first: String,
    pub last: String,
    pub email: String,
    pub phone: String,
    pub company: String,
    pub line1: String,
    pub line2: String,
    pub town: String,
    pub postcode: String,
    pub country: String,
    pub born: String,
}

impl Row {
    pub fn person(&self) -> Person {
        normalise(&Record {
            title: &self.title,
            first_name: &self.first,
            last_name: &self.last,
            emails: vec![&self.email],
            phones: vec![&self.phone],
            company: &self.company,
            addresses: vec![Address {
                line1: &self.line1,
                line2: &self.line2,
                town: &self.town,
                postcode: &self.postcode,
                state: "",
                country: &self.country,
            }],
            date_of_birth: &self.born,
        })
    }
}

/// The customers of the file, each with who it is: two records are one customer exactly when that is equal.
pub fn rows() -> Vec<(Row, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../customers/tests/data/retail_10k.csv");
    let mut reader = csv::Reader::from_path(path).expect("the file of the customers crate");
    let header = reader.headers().expect("a header").clone();
    let place = |name: &str| header.iter().position(|other| other == name).expect("the column");
    let names = [
        "title", "first_name", "last_name", "email", "phone", "company", "address1", "address2", "town", "postcode",
        "country", "entity_id",
    ];
    let places = names.map(place);
    let row = |record: csv::StringRecord| {
        let [title, first, last, email, phone, company, line1, line2, town, postcode, country, entity] =
            places.map(|place| record[place].to_owned());
        let born = String::new();
        (Row { title, first, last, email, phone, company, line1, line2, town, postcode, country, born }, entity)
    };
    reader.records().map(|record| row(record.expect("a row"))).collect()
}
