//! The whole way from bytes to rows, on files as shops export them (`tests/data`).

use std::fs::File;
use std::path::Path;

use super::error::CellError;
use super::format::Format;
use super::mapping::Mapping;
use super::records::{ReadOptions, Records};
use super::row::{ImportedAddress, ImportedRow};

struct Read {
    format: Format,
    encoding: &'static str,
    rows: Vec<ImportedRow>,
    errors: Vec<CellError>,
}

fn read(name: &str) -> Read {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let mut records = Records::open(File::open(path).expect("the file"), ReadOptions::default()).expect("a CSV file");
    let mapping = Mapping::guess(records.header(), None);
    let (mut rows, mut errors): (Vec<ImportedRow>, Vec<CellError>) = (Vec::new(), Vec::new());
    for record in records.by_ref() {
        match record.map(|record| ImportedRow::read(&record, &mapping)) {
            Err(refused) => errors.push(refused.problem),
            Ok(Err(refused)) => errors.extend(refused),
            Ok(Ok(row)) => match rows.last_mut() {
                Some(last) if row.continues(last, mapping.format) => last.take_in(row),
                _ => rows.push(row),
            },
        }
    }
    Read { format: mapping.format, encoding: records.encoding(), rows, errors }
}

fn name(row: &ImportedRow) -> String {
    let parts = [&row.title, &row.first_name, &row.last_name];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn numbers(row: &ImportedRow) -> Vec<&str> {
    row.phones.iter().map(|phone| phone.number.as_str()).collect()
}

/// `line1 / line2 / postcode town / country`, with B for billing and D for delivery.
fn address(address: &ImportedAddress) -> String {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let place = format!("{} {}", text(&address.postcode), text(&address.town));
    let flags =
        [(address.is_billing, "B"), (address.is_delivery, "D")].map(|(is, flag)| if is { flag } else { "" }).concat();
    format!("{} / {} / {} / {} {}", text(&address.line1), text(&address.line2), place, text(&address.country), flags)
}

fn addresses(row: &ImportedRow) -> Vec<String> {
    row.addresses.iter().map(address).collect()
}

#[test]
fn ten_thousand_retail_customers_are_read_without_a_word() {
    let file = read("retail_10k.csv");
    assert_eq!((file.format, file.encoding, file.rows.len()), (Format::Generic, "UTF-8", 10_000));
    assert_eq!(file.errors, []);
    let row = &file.rows[1];
    assert_eq!((row.line, name(row).as_str(), row.external_id.as_deref()), (3, "FATMA ALTBRUNER", Some("2")));
    assert_eq!(
        (row.emails.as_slice(), numbers(row)),
        (&["faltbrunner91@outlook.example".to_owned()][..], vec!["+4917646947906"])
    );
    assert_eq!(addresses(row), ["WALDSTR. 134 /  / 30315 HANNOVER / DE BD"]);
    assert!(file.rows.iter().all(|row| row.country.is_some()));
}

#[test]
fn reads_shopify() {
    let file = read("shopify.csv");
    assert_eq!((file.format, file.errors.as_slice()), (Format::Shopify, &[][..]));
    let [anna, jose, chloe, li] = file.rows.as_slice() else { panic!("four customers") };
    assert_eq!((name(anna).as_str(), anna.external_id.as_deref()), ("Anna O'Brien", Some("6940095062340")));
    assert_eq!(numbers(anna), ["+353871234567", "+353 1 234 5678"]);
    assert_eq!(addresses(anna), ["12 Harbour Street / Flat 3 / D02 X285 Dublin / IE BD"]);
    assert_eq!(jose.company.as_deref(), Some("Núñez y Hijos S.L."));
    assert_eq!((chloe.line, numbers(chloe), chloe.emails.len()), (4, vec!["+32 3 123 45 67"], 0));
    assert_eq!((li.line, name(li).as_str(), addresses(li).len()), (6, "李 小龍", 0));
    let older = read("shopify_older.csv");
    assert_eq!((older.format, older.rows.len(), older.errors.len()), (Format::Shopify, 2, 0));
    assert_eq!(addresses(&older.rows[1]), ["77 Rue Saint-Paul /  / G1K 3V9 Québec / CA BD"]);
}

#[test]
fn reads_woocommerce() {
    let file = read("woocommerce_excel.csv");
    assert_eq!((file.format, file.encoding, file.errors.as_slice()), (Format::WooCommerce, "windows-1252", &[][..]));
    let [jorg, celine, pat] = file.rows.as_slice() else { panic!("three customers") };
    assert_eq!((name(jorg).as_str(), jorg.company.as_deref()), ("Jörg Groß", Some("Groß & Söhne GmbH")));
    assert_eq!(
        (jorg.emails.join(","), jorg.language.as_deref()),
        ("m.gross@laden.example,rechnung@laden.example".to_owned(), Some("de"))
    );
    assert_eq!(
        addresses(jorg),
        ["Königstraße 7 /  / 80331 München / DE B", "Fürther Weg 2 /  / 90403 Nürnberg / DE D"]
    );
    assert_eq!(jorg.addresses[1].recipient.as_deref(), Some("Lager Süd"));
    assert_eq!(addresses(celine), ["3 rue de l’Église /  / 76000 Rouen / FR BD"]);
    assert_eq!((name(pat).as_str(), pat.country.as_deref(), pat.addresses.len()), ("Pat", Some("GB"), 0));
    let plain = read("woocommerce.csv");
    assert_eq!((plain.format, plain.rows.len(), plain.errors.len()), (Format::WooCommerce, 2, 0));
}

#[test]
fn reads_magento() {
    let file = read("magento_composite.csv");
    assert_eq!((file.format, file.errors.as_slice()), (Format::Magento, &[][..]));
    let [veronica, bjorn, nora] = file.rows.as_slice() else { panic!("three customers") };
    assert_eq!(name(veronica), "Mrs. Veronica Costello");
    assert_eq!(
        addresses(veronica),
        [
            "6146 Honey Bluff Parkway /  / 49628-7978 Calder / US B",
            "12 Depot Road / Unit 4 / 49503 Grand Rapids / US D",
            "PO Box 9 /  / 48901 Lansing / US "
        ]
    );
    assert_eq!(numbers(veronica), ["(555) 229-3326", "(616) 555-0101"]);
    assert_eq!((name(bjorn).as_str(), bjorn.vat_number.as_deref()), ("Björn Erik Åkesson", Some("SE556677889901")));
    assert_eq!((nora.line, nora.addresses.len()), (7, 0));
    let main = read("magento_main_utf16.csv");
    assert_eq!((main.format, main.encoding, main.errors.len()), (Format::Magento, "UTF-16LE", 0));
    assert_eq!(main.rows.iter().map(name).collect::<Vec<_>>(), ["Zoë Jansen", "Herr Jürgen Müller"]);
}

#[test]
fn bad_cells_are_reported_with_line_column_value_and_reason() {
    let file = read("broken.csv");
    let errors: Vec<_> = file
        .errors
        .iter()
        .map(|e| (e.line, e.column.as_deref().unwrap_or("-"), e.value.as_str(), e.code.as_str()))
        .collect();
    assert_eq!(
        errors,
        [
            (3, "country", "Atlantis", "country_unknown"),
            (4, "active", "perhaps", "yes_or_no"),
            (7, "#6", "surplus", "too_many_cells"),
            (9, "first_name", "Gr\u{fffd}\u{fffd}", "unreadable_character"),
        ]
    );
    assert_eq!(file.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 5, 8]);
}
