//! The file that is imported: made-up customers as a shop's export would show them.

use std::path::Path;

use customers::generate;

const SEED: u64 = 11;

/// Writes a CSV file of `count` customers.
pub fn write(path: &Path, count: u64) {
    let mut writer = csv::Writer::from_path(path).expect("a file");
    let header = [
        "title", "first_name", "last_name", "company", "vat_number", "email", "email2", "phone", "phone2", "address1",
        "address2", "town", "county", "postcode", "country", "language", "status", "type", "active", "account_code",
    ];
    writer.write_record(header).expect("written");
    for customer in generate::customers(SEED, count) {
        let address = customer.addresses.first().cloned().unwrap_or_default();
        let email = |at: usize| customer.emails.get(at).map_or("", String::as_str);
        let phone = |at: usize| customer.phones.get(at).map_or("", |(number, _)| number.as_str());
        let row: [&str; 20] = [
            &customer.title,
            &customer.first_name,
            &customer.last_name,
            &customer.company,
            &customer.vat_number,
            email(0),
            email(1),
            phone(0),
            phone(1),
            &address.line1,
            &address.line2,
            &address.town,
            &address.county,
            &address.postcode,
            address.country,
            customer.language,
            customer.status,
            if customer.is_trade { "trade" } else { "retail" },
            if customer.active { "yes" } else { "no" },
            &customer.account_code,
        ];
        writer.write_record(row).expect("written");
    }
    writer.flush().expect("written");
}
