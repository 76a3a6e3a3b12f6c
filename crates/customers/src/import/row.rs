//! A record with a mapping becomes what we know of one customer; cells that cannot be read say why.

use platform::contact::Country;

use super::error::CellError;
use super::field::{Field, Part};
use super::format::Format;
use super::mapping::Mapping;
use super::names::split_name;
use super::records::Record;
use super::values;
use crate::export::csv::unescape_formula;

/// A customer as a file tells of one. Text is trimmed and otherwise as it stood; whether it will do is for the same
/// check to say that the form uses (catalogue row X-06).
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct ImportedRow {
    /// Physical line of the file on which the customer starts.
    pub line: u64,
    pub title: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub company: Option<String>,
    pub company_number: Option<String>,
    pub vat_number: Option<String>,
    /// The first is the primary one; no two are the same.
    pub emails: Vec<String>,
    pub phones: Vec<ImportedPhone>,
    pub addresses: Vec<ImportedAddress>,
    /// ISO two-letter code of the main address's country, also when there is no more of an address.
    pub country: Option<String>,
    /// Two-letter code.
    pub language: Option<String>,
    pub groups: Vec<String>,
    pub tags: Vec<String>,
    /// Channels besides the home channel.
    pub channels: Vec<String>,
    pub property_type: Option<String>,
    /// E-mail address of a staff member.
    pub assignee: Option<String>,
    pub source: Option<String>,
    pub channel: Option<String>,
    pub account_code: Option<String>,
    /// The customer's id in the system the file comes from.
    pub external_id: Option<String>,
    pub customer_number: Option<String>,
    /// A code of rule R5.
    pub status: Option<&'static str>,
    /// A code of rule R5.
    pub customer_type: Option<&'static str>,
    pub active: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ImportedPhone {
    pub number: String,
    pub is_mobile: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct ImportedAddress {
    /// Who it is addressed to, when the file names somebody for this address.
    pub recipient: Option<String>,
    pub company: Option<String>,
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub town: Option<String>,
    pub county: Option<String>,
    pub postcode: Option<String>,
    /// ISO two-letter code.
    pub country: Option<String>,
    pub is_billing: bool,
    pub is_delivery: bool,
}

impl ImportedRow {
    /// Reads a record. All cells that cannot be read are reported at once, so that a row is mended in one go.
    pub fn read(record: &Record, mapping: &Mapping) -> Result<Self, Vec<CellError>> {
        let mut reader = RowReader { record, mapping, errors: Vec::new() };
        let row = reader.row();
        if reader.errors.is_empty() { Ok(row) } else { Err(reader.errors) }
    }

    /// Whether this row goes on about the customer before it: Magento writes each further address as a row of its own, with
    /// the same e-mail address or none.
    pub fn continues(&self, previous: &Self, format: Format) -> bool {
        let same_email = self.emails.first() == previous.emails.first();
        let nameless = self.first_name.is_none() && self.last_name.is_none() && self.emails.is_empty();
        format == Format::Magento && !self.addresses.is_empty() && (nameless || (same_email && !self.emails.is_empty()))
    }

    /// Takes in the addresses and phone numbers of a row that goes on about this customer.
    pub fn take_in(&mut self, further: Self) {
        for address in further.addresses {
            let known = self.addresses.iter_mut().find(|known| {
                let flags = (known.is_billing, known.is_delivery);
                **known == ImportedAddress { is_billing: flags.0, is_delivery: flags.1, ..address.clone() }
            });
            match known {
                Some(known) => {
                    known.is_billing |= address.is_billing;
                    known.is_delivery |= address.is_delivery;
                }
                None => self.addresses.push(address),
            }
        }
        for phone in further.phones {
            self.add_phone(phone);
        }
    }

    fn add_email(&mut self, email: &str) {
        let folded = email.to_lowercase();
        if !self.emails.iter().any(|known| known.to_lowercase() == folded) {
            self.emails.push(email.to_owned());
        }
    }

    fn add_phone(&mut self, phone: ImportedPhone) {
        let digits = |number: &str| number.chars().filter(char::is_ascii_digit).collect::<String>();
        let wanted = digits(&phone.number);
        if !self.phones.iter().any(|known| digits(&known.number) == wanted) {
            self.phones.push(phone);
        }
    }
}

struct RowReader<'a> {
    record: &'a Record,
    mapping: &'a Mapping,
    errors: Vec<CellError>,
}

impl RowReader<'_> {
    fn row(&mut self) -> ImportedRow {
        self.refuse_lost_characters();
        self.refuse_surplus_cells();
        let mut row = ImportedRow {
            line: self.record.line,
            title: self.text(Field::Title),
            first_name: joined(self.text(Field::FirstName), self.text(Field::MiddleName)),
            last_name: joined(self.text(Field::Infix), self.text(Field::LastName)),
            company: self.text(Field::Company),
            company_number: self.text(Field::CompanyNumber),
            vat_number: self.text(Field::VatNumber),
            country: self.country(Field::Main(Part::Country)),
            language: self.read(Field::Language, "language_unknown", "This language is not known.", values::language),
            source: self.text(Field::Source),
            channel: self.text(Field::Channel),
            account_code: self.text(Field::AccountCode),
            external_id: self.text(Field::ExternalId),
            customer_number: self.text(Field::CustomerNumber),
            status: self.read(Field::Status, "status_unknown", "This status is not known.", values::status),
            customer_type: self.read(Field::Type, "type_unknown", "This type is not known.", values::customer_type),
            active: self.read(Field::Active, "yes_or_no", "This should be yes or no.", values::yes_or_no),
            groups: self.list(Field::Groups),
            tags: self.list(Field::Tags),
            channels: self.list(Field::FurtherChannels),
            property_type: self.text(Field::PropertyType),
            assignee: self.text(Field::Assignee),
            ..ImportedRow::default()
        };
        self.name_in_one_cell(&mut row);
        self.contacts(&mut row);
        self.addresses(&mut row);
        row
    }

    /// The cell of a field; `None` when there is no such column or nothing stands in it.
    fn cell(&self, field: Field) -> Option<(usize, &str)> {
        let column = self.mapping.column_of(field)?;
        let text = unescape_formula(self.record.get(column)).trim();
        let text = if is_code(field) { text.strip_prefix('\'').unwrap_or(text) } else { text };
        (!text.is_empty()).then_some((column, text))
    }

    fn text(&self, field: Field) -> Option<String> {
        self.cell(field).map(|(_, text)| text.to_owned())
    }

    fn read<T>(&mut self, field: Field, code: &str, message: &str, read: fn(&str) -> Option<T>) -> Option<T> {
        let (column, text) = self.cell(field)?;
        let value = read(text);
        if value.is_none() {
            let text = text.to_owned();
            self.refuse(column, &text, code, message);
        }
        value
    }

    fn refuse(&mut self, column: usize, value: &str, code: &str, message: &str) {
        let name = self.mapping.columns.get(column).map_or_else(|| format!("#{}", column + 1), |c| c.name.clone());
        self.errors.push(CellError::in_cell(self.record.line, &name, value, code, message));
    }

    /// What could not be decoded must not be kept as a question mark.
    fn refuse_lost_characters(&mut self) {
        for column in 0..self.mapping.columns.len().min(self.record.len()) {
            let text = self.record.get(column);
            if self.mapping.columns[column].field.is_some() && text.contains('\u{fffd}') {
                let text = text.to_owned();
                self.refuse(column, &text, "unreadable_character", "The text holds a character that cannot be read.");
            }
        }
    }

    /// More cells than columns come from a separator inside a cell without quotation marks: everything behind it would
    /// land in the wrong column.
    fn refuse_surplus_cells(&mut self) {
        let surplus =
            (self.mapping.columns.len()..self.record.len()).find(|column| !self.record.get(*column).trim().is_empty());
        if let Some(column) = surplus {
            let text = self.record.get(column).to_owned();
            self.refuse(column, &text, "too_many_cells", "The row has more cells than the header has columns.");
        }
    }

    fn country(&mut self, field: Field) -> Option<String> {
        self.read(field, "country_unknown", "This country is not known.", |text| {
            Country::find(text).map(|country| country.code().to_owned())
        })
    }

    /// Several values of one cell, each once.
    fn list(&self, field: Field) -> Vec<String> {
        let Some((_, text)) = self.cell(field) else { return Vec::new() };
        let separators: &[char] =
            if self.mapping.format == Format::Clientele || text.contains([';', '|']) { &[';', '|'] } else { &[','] };
        let mut values: Vec<String> = Vec::new();
        for value in text.split(separators).map(str::trim).filter(|value| !value.is_empty()) {
            if !values.iter().any(|known| known == value) {
                values.push(value.to_owned());
            }
        }
        values
    }

    fn name_in_one_cell(&self, row: &mut ImportedRow) {
        if row.first_name.is_some() || row.last_name.is_some() {
            return;
        }
        let Some((_, text)) = self.cell(Field::FullName) else { return };
        let name = split_name(text);
        row.title = row.title.take().or_else(|| filled(name.title));
        row.first_name = filled(name.first);
        row.last_name = filled(name.last);
    }

    fn contacts(&self, row: &mut ImportedRow) {
        for rank in 1..=super::field::MAX_RANK {
            for email in self.cell(Field::Email(rank)).into_iter().flat_map(|(_, text)| text.split([';', ',', '|'])) {
                if !email.trim().is_empty() {
                    row.add_email(email.trim());
                }
            }
        }
        let phones = (1..=super::field::MAX_RANK).map(Field::Phone);
        let all = phones.chain([Field::Mobile, Field::Main(Part::Phone), Field::Delivery(Part::Phone)]);
        for field in all {
            for number in self.cell(field).into_iter().flat_map(|(_, text)| text.split([';', '|'])) {
                if !number.trim().is_empty() {
                    row.add_phone(ImportedPhone {
                        number: number.trim().to_owned(),
                        is_mobile: field == Field::Mobile,
                    });
                }
            }
        }
    }

    fn addresses(&mut self, row: &mut ImportedRow) {
        let mut main = self.address(Field::Main, row.country.clone());
        let delivery_country = self.country(Field::Delivery(Part::Country));
        let delivery = self.address(Field::Delivery, delivery_country);
        let flagged = self.mapping.column_of(Field::Main(Part::IsBilling)).is_some();
        let flag = |cell: Option<(usize, &str)>| cell.and_then(|(_, text)| values::yes_or_no(text)).unwrap_or(false);
        if let Some(main) = &mut main {
            main.is_billing = !flagged || flag(self.cell(Field::Main(Part::IsBilling)));
            main.is_delivery = match flagged {
                true => flag(self.cell(Field::Main(Part::IsDelivery))),
                false => delivery.is_none(),
            };
        }
        row.addresses.extend(main);
        if let Some(delivery) = delivery {
            row.take_in(ImportedRow {
                addresses: vec![ImportedAddress { is_delivery: true, ..delivery }],
                ..ImportedRow::default()
            });
        }
    }

    /// One address, if more than its country is known.
    fn address(&self, of: fn(Part) -> Field, country: Option<String>) -> Option<ImportedAddress> {
        let text = |part| self.text(of(part));
        let street = text(Part::Street).unwrap_or_default();
        let mut lines = street.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().map(str::to_owned);
        let further = filled(lines.collect::<Vec<_>>().join(", "));
        let address = ImportedAddress {
            line1: joined(text(Part::Line1).or(first), text(Part::HouseNumber)),
            line2: text(Part::Line2).or(further),
            town: text(Part::Town),
            county: text(Part::County),
            postcode: text(Part::Postcode),
            ..ImportedAddress::default()
        };
        if address == ImportedAddress::default() {
            return None;
        }
        let recipient = joined(text(Part::FirstName), text(Part::LastName));
        Some(ImportedAddress { recipient, company: text(Part::Company), country, ..address })
    }
}

/// Numbers that no apostrophe belongs to: Shopify puts one before each, so that a spreadsheet keeps it as text.
fn is_code(field: Field) -> bool {
    matches!(
        field,
        Field::Phone(_)
            | Field::Mobile
            | Field::ExternalId
            | Field::CustomerNumber
            | Field::Main(Part::Postcode | Part::Phone)
            | Field::Delivery(Part::Postcode | Part::Phone)
    )
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn joined(first: Option<String>, second: Option<String>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first} {second}")),
        (first, second) => first.or(second),
    }
}
