//! Which column of a file holds what.

use csv::ByteRecord;

/// What a column may hold. The names are those of `COLUMNS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Column {
    Id,
    Title,
    FirstName,
    LastName,
    Email,
    Phone,
    Company,
    Address1,
    Address2,
    StreetNumber,
    Town,
    Postcode,
    State,
    Country,
    DateOfBirth,
}

/// The names of each column, compared without case, blanks, dashes and underscores.
const COLUMNS: [(Column, &[&str]); 15] = [
    (Column::Id, &["id", "recid", "customerid", "customernumber"]),
    (Column::Title, &["title", "salutation"]),
    (Column::FirstName, &["firstname", "givenname", "forename"]),
    (Column::LastName, &["lastname", "surname", "familyname"]),
    (Column::Email, &["email", "emailaddress", "mail"]),
    (Column::Phone, &["phone", "phonenumber", "telephone"]),
    (Column::Company, &["company", "companyname"]),
    (Column::Address1, &["address1", "addressline1", "address", "street"]),
    (Column::Address2, &["address2", "addressline2"]),
    (Column::StreetNumber, &["streetnumber", "housenumber"]),
    (Column::Town, &["town", "city", "suburb"]),
    (Column::Postcode, &["postcode", "postalcode", "zip", "zipcode"]),
    (Column::State, &["state", "province", "region", "county"]),
    (Column::Country, &["country", "countrycode"]),
    (Column::DateOfBirth, &["dateofbirth", "birthdate", "dob"]),
];

/// The place of each column in a file.
#[derive(Debug)]
pub struct Columns {
    places: [Option<usize>; COLUMNS.len()],
}

impl Columns {
    /// Finds the columns by a file's first line. Answers what is wrong with it otherwise.
    pub fn find(header: &ByteRecord) -> Result<Self, String> {
        // Each with how good its name is: a file may have a `town` and a `suburb`, and the name that stands first means more.
        let mut found: [Option<(usize, usize)>; COLUMNS.len()] = [None; COLUMNS.len()];
        for (place, name) in header.iter().enumerate() {
            let name = plain(name);
            let rank = |names: &[&str]| names.iter().position(|known| *known == name);
            let known = COLUMNS.iter().find_map(|(column, names)| Some((*column as usize, rank(names)?)));
            let Some((column, rank)) = known else { continue };
            match found[column] {
                Some((_, other)) if other == rank => return Err(format!("the column {name:?} is there twice")),
                Some((_, better)) if better < rank => {}
                _ => found[column] = Some((place, rank)),
            }
        }
        let places = found.map(|found| found.map(|(place, _)| place));
        if places[Column::Id as usize].is_none() {
            return Err("there is no column id".to_owned());
        }
        if places[1..].iter().all(Option::is_none) {
            return Err("there is no column of a name, an e-mail address, a phone number or an address".to_owned());
        }
        Ok(Self { places })
    }

    /// The bytes in a column of a row; nothing when the file has no such column.
    pub fn get<'a>(&self, row: &'a ByteRecord, column: Column) -> &'a [u8] {
        self.places[column as usize].and_then(|place| row.get(place)).unwrap_or_default()
    }

    /// The name that the file gives a column.
    pub fn name(&self, column: Column, header: &ByteRecord) -> String {
        let name = self.places[column as usize].and_then(|place| header.get(place)).unwrap_or_default();
        String::from_utf8_lossy(name).into_owned()
    }
}

fn plain(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
