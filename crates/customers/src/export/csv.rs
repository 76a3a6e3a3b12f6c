//! CSV that a spreadsheet opens without running anything.

use std::borrow::Cow;
use std::io::{self, Write};

use super::row::{ExportAddress, ExportRow};

/// E-mail addresses and phone numbers with a column of their own; further ones stand in the last of them.
const CONTACT_COLUMNS: usize = 3;

/// The columns, named as [`crate::import::field::Field`] reads them. `privacy_state`, `id` and `created_at` are for people
/// and programs; an import does not set them.
pub const COLUMNS: [&str; 41] = [
    "customer_number", "status", "type", "active", "privacy_state", "title", "first_name", "last_name", "company",
    "company_number", "vat_number", "email", "email2", "email3", "phone", "phone2", "phone3", "address1", "address2",
    "town", "county", "postcode", "country", "delivery_address1", "delivery_address2", "delivery_town",
    "delivery_county", "delivery_postcode", "delivery_country", "language", "source", "channel", "channels", "groups",
    "tags", "property_type", "assignee", "account_code", "id", "created_at", "addresses_left_out",
];

/// Puts an apostrophe before text that a spreadsheet would take for a formula. [`unescape_formula`] takes it off again,
/// so phone numbers with a `+` survive the way out and back.
pub fn escape_formula(text: &str) -> Cow<'_, str> {
    if is_dangerous(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text as it was before [`escape_formula`]. Other shops' exports (Shopify's) write phone numbers the same way.
pub fn unescape_formula(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_dangerous(rest) => rest,
        _ => text,
    }
}

/// Apostrophes in front count as part of the danger, or text like `'=1` would lose its own on the way back.
fn is_dangerous(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Writes customers as CSV: UTF-8 with a byte order mark (without one Excel guesses wrongly), commas, CRLF.
pub struct CsvWriter<W: Write> {
    writer: ::csv::Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    /// Writes the header.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
        writer.write_record(COLUMNS)?;
        Ok(Self { writer })
    }

    /// Adds one customer.
    pub fn write(&mut self, row: &ExportRow) -> io::Result<()> {
        let cells = cells(row);
        debug_assert_eq!(cells.len(), COLUMNS.len());
        self.writer.write_record(cells.iter().map(|cell| escape_formula(cell).into_owned()))?;
        Ok(())
    }

    /// Hands everything on that is written so far.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    /// Flushes and hands back what was written to.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(|error| error.into_error())
    }
}

fn cells(row: &ExportRow) -> Vec<Cow<'_, str>> {
    let main = row.addresses.iter().find(|address| address.is_billing).or_else(|| row.addresses.first());
    let delivery =
        row.addresses.iter().find(|address| address.is_delivery && !main.is_some_and(|m| std::ptr::eq(m, *address)));
    let shown = usize::from(main.is_some()) + usize::from(delivery.is_some());
    let mut cells: Vec<Cow<'_, str>> = vec![
        Cow::Borrowed(&row.customer_number),
        Cow::Borrowed(&row.status),
        Cow::Borrowed(&row.customer_type),
        Cow::Borrowed(if row.active { "yes" } else { "no" }),
        Cow::Borrowed(&row.privacy_state),
        text(row.title.as_ref()),
        text(row.first_name.as_ref()),
        text(row.last_name.as_ref()),
        text(row.company.as_ref()),
        text(row.company_number.as_ref()),
        text(row.vat_number.as_ref()),
    ];
    cells.extend(contact_cells(&row.emails));
    cells.extend(contact_cells(&row.phones));
    cells.extend(address_cells(main));
    cells.extend(address_cells(delivery));
    cells.extend([
        text(row.language.as_ref()),
        text(row.source.as_ref()),
        text(row.channel.as_ref()),
        Cow::Owned(row.channels.join("; ")),
        Cow::Owned(row.groups.join("; ")),
        Cow::Owned(row.tags.join("; ")),
        text(row.property_type.as_ref()),
        text(row.assignee.as_ref()),
        text(row.account_code.as_ref()),
        Cow::Borrowed(row.id.as_str()),
        Cow::Borrowed(row.created_at.as_str()),
        Cow::Owned((row.addresses.len() - shown).to_string()),
    ]);
    cells
}

fn text(value: Option<&String>) -> Cow<'_, str> {
    Cow::Borrowed(value.map_or("", String::as_str))
}

fn contact_cells(contacts: &[String]) -> [Cow<'_, str>; CONTACT_COLUMNS] {
    std::array::from_fn(|at| {
        let last = at + 1 == CONTACT_COLUMNS;
        match contacts.get(at) {
            Some(_) if last => Cow::Owned(contacts[at..].join("; ")),
            Some(contact) => Cow::Borrowed(contact.as_str()),
            None => Cow::Borrowed(""),
        }
    })
}

fn address_cells(address: Option<&ExportAddress>) -> [Cow<'_, str>; 6] {
    let Some(address) = address else { return std::array::from_fn(|_| Cow::Borrowed("")) };
    let parts =
        [&address.address1, &address.address2, &address.town, &address.county, &address.postcode, &address.country];
    parts.map(|part| text(part.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_become_text() {
        for (typed, written) in [
            ("=cmd()", "'=cmd()"),
            ("+31612345678", "'+31612345678"),
            ("-1", "'-1"),
            ("@sum", "'@sum"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("'=x", "''=x"),
            ("'t Hooft", "'t Hooft"),
            ("Anna", "Anna"),
            ("", ""),
        ] {
            assert_eq!(escape_formula(typed), written);
            assert_eq!(unescape_formula(written), typed);
        }
    }

    #[test]
    fn a_customer_is_one_line_under_the_header() {
        let row = ExportRow {
            customer_number: "1001".to_owned(),
            active: true,
            last_name: Some("=1+1".to_owned()),
            emails: ["a@x.example", "b@x.example", "c@x.example", "d@x.example"].map(str::to_owned).to_vec(),
            phones: vec!["+31 6 12345678".to_owned()],
            addresses: vec![
                ExportAddress { town: Some("Delft".to_owned()), is_delivery: true, ..ExportAddress::default() },
                ExportAddress { town: Some("Gouda".to_owned()), is_billing: true, ..ExportAddress::default() },
                ExportAddress::default(),
            ],
            groups: vec!["VIP".to_owned(), "Trade, large".to_owned()],
            ..ExportRow::default()
        };
        let mut writer = CsvWriter::new(Vec::new()).expect("memory");
        writer.write(&row).expect("memory");
        let text = String::from_utf8(writer.finish().expect("memory")).expect("UTF-8");
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], format!("\u{feff}{}", COLUMNS.join(",")));
        assert_eq!(
            lines[1],
            "1001,,,yes,,,,'=1+1,,,,a@x.example,b@x.example,c@x.example; d@x.example,'+31 6 12345678,,,,,Gouda,,,,,,Delft,,,,,,,,\
             \"VIP; Trade, large\",,,,,,,1"
        );
        assert_eq!(lines.len(), 3);
    }

    proptest! {
        #[test]
        fn what_was_escaped_comes_back(text in "['=+@\t\ra-]{0,6}") {
            let written = escape_formula(&text).into_owned();
            prop_assert!(!written.starts_with(['=', '+', '-', '@', '\t', '\r']));
            prop_assert_eq!(unescape_formula(&written), text);
        }
    }
}
