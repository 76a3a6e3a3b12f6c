//! What the caller knows of a customer, as typed: borrowed text, nothing cleaned.

/// A customer as its owner typed it. Empty text means "not known".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record<'a> {
    pub title: &'a str,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub emails: Vec<&'a str>,
    pub phones: Vec<&'a str>,
    pub company: &'a str,
    pub addresses: Vec<Address<'a>>,
    /// Any order of year, month and day; `1970-12-31`, `31.12.1970` and `19701231` are understood.
    pub date_of_birth: &'a str,
}

/// A postal address as typed. The house number may stand in either line, in front or behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address<'a> {
    pub line1: &'a str,
    pub line2: &'a str,
    pub town: &'a str,
    pub postcode: &'a str,
    pub state: &'a str,
    /// ISO 3166 alpha-2 code or an English or native name of the country.
    pub country: &'a str,
}
