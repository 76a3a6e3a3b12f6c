//! What is found between two customers, pair by pair.

use matching::{Address, Comparison, Field, Finding, KeyKind, Model, Record, Unknown, match_keys, normalise};

/// What is found in a field between two records that differ from a usual one as said.
fn found<'a>(field: Field, a: impl FnOnce(&mut Record<'a>), b: impl FnOnce(&mut Record<'a>)) -> Finding {
    let mut records = [Record::default(), Record::default()];
    a(&mut records[0]);
    b(&mut records[1]);
    let [a, b] = [normalise(&records[0]), normalise(&records[1])];
    Comparison::of(&a, &b, &Unknown { customers: 1000 }).get(field).finding
}

fn first_names<'a>(a: &'a str, b: &'a str) -> Finding {
    let named = |name| move |record: &mut Record<'a>| (record.first_name, record.last_name) = (name, "Thornbury");
    found(Field::FirstName, named(a), named(b))
}

fn last_names<'a>(a: &'a str, b: &'a str) -> Finding {
    let named = |name| move |record: &mut Record<'a>| (record.first_name, record.last_name) = ("Anna", name);
    found(Field::LastName, named(a), named(b))
}

fn emails(a: &str, b: &str) -> Finding {
    found(Field::Email, |record| record.emails = vec![a], |record| record.emails = vec![b])
}

fn phones(a: &str, b: &str, country: &str) -> Finding {
    let [a, b] = [a, b].map(|phone: &str| {
        let addresses = vec![Address { country, ..Address::default() }];
        normalise(&Record { phones: vec![phone], addresses, ..Record::default() })
    });
    Comparison::of(&a, &b, &Unknown { customers: 1000 }).get(Field::Phone).finding
}

fn addresses(a: [&'static str; 4], b: [&'static str; 4], country: &'static str) -> Finding {
    let address = |[line1, line2, town, postcode]: [&'static str; 4]| Address {
        line1,
        line2,
        town,
        postcode,
        state: "",
        country,
    };
    let (a, b) = (vec![address(a)], vec![address(b)]);
    let records = [a, b].map(|addresses| Record { addresses, ..Record::default() });
    let [a, b] = records.each_ref().map(normalise);
    Comparison::of(&a, &b, &Unknown { customers: 1000 }).get(Field::Address).finding
}

#[test]
fn first_names_may_be_one_in_many_ways() {
    for (a, b, finding) in [
        ("Elizabeth", "ELIZABETH", Finding::Same),
        ("Anne Marie", "Annemarie", Finding::Same),
        ("Jürgen", "Juergen", Finding::Same),
        ("Łukasz", "Lukasz", Finding::Same),
        ("Jean-Pierre", "Jean", Finding::Part),
        ("William", "Bill", Finding::Nickname),
        ("Cornelis", "Kees", Finding::Nickname),
        ("Francisco", "Paco", Finding::Nickname),
        ("Friedrich", "Fritz", Finding::Nickname),
        ("Małgorzata", "Gosia", Finding::Nickname),
        ("Jean-Pierre", "JP", Finding::Initial),
        ("William", "W.", Finding::Initial),
        ("William", "M", Finding::OtherInitial),
        ("Thomas", "Thoams", Finding::SoundsAlike),
        ("Charlotte", "Charlptte", Finding::Typo),
        ("Julie", "Ollie", Finding::Similar),
        ("John", "Mary", Finding::Different),
        ("John", "", Finding::Missing),
    ] {
        assert_eq!(first_names(a, b), finding, "{a} {b}");
        assert_eq!(first_names(b, a), finding, "{b} {a}");
    }
}

#[test]
fn last_names_lose_particles_and_gain_names() {
    for (a, b, finding) in [
        ("van den Berg", "Berg, van den", Finding::Same),
        ("van der Meer", "v.d. Meer", Finding::Same),
        ("O'Brien", "O Brien", Finding::Same),
        ("McDonald", "Mc Donald", Finding::Same),
        ("Müller", "Mueller", Finding::Same),
        ("Smith-Jones", "Jones", Finding::Part),
        ("García López", "Garcia", Finding::Part),
        ("Vandermolen", "van der Molen", Finding::Same),
        ("de la Croix", "Delacroix", Finding::Same),
        ("Denis", "Nis", Finding::Different),
        ("Meyer", "Maier", Finding::SoundsAlike),
        ("Philips", "Filips", Finding::SoundsAlike),
        ("Johnson", "Johmson", Finding::SoundsAlike),
        ("Baker", "Bager", Finding::SoundsAlike),
        ("Walker", "Walter", Finding::Typo),
        ("Smith", "Jones", Finding::Different),
    ] {
        assert_eq!(last_names(a, b), finding, "{a} {b}");
    }
}

#[test]
fn names_in_each_others_place_are_seen() {
    let names = |field| {
        found(
            field,
            |record| (record.first_name, record.last_name) = ("Harriet", "Thornbury"),
            |record| (record.first_name, record.last_name) = ("Thornbury", "Harriet"),
        )
    };
    assert_eq!((names(Field::FirstName), names(Field::LastName)), (Finding::Swapped, Finding::Swapped));
    let in_one_field = found(
        Field::FirstName,
        |record| (record.first_name, record.last_name) = ("Harriet", "Thornbury"),
        |record| record.last_name = "Harriet Thornbury",
    );
    assert_eq!(in_one_field, Finding::Same);
}

#[test]
fn mailboxes_have_one_spelling_and_relays_none() {
    for (a, b, finding) in [
        ("anna.k82@gmail.com", "AnnaK82+shop@googlemail.com", Finding::Same),
        ("anna.k82@gmail.com", "annak82@web.de", Finding::LocalPart),
        ("annabell82@gmail.com", "annabell82@gmial.com", Finding::Typo),
        ("info@acme.example", "info@acme.example", Finding::SharedMailbox),
        ("info@acme.example", "info@other.example", Finding::Different),
        ("x8f3k2@privaterelay.appleid.com", "x8f3k2@privaterelay.appleid.com", Finding::Missing),
        ("x8f3k2@marketplace.amazon.de", "anna@web.de", Finding::Missing),
        ("not an address", "anna@web.de", Finding::Missing),
    ] {
        assert_eq!(emails(a, b), finding, "{a} {b}");
    }
}

#[test]
fn a_mailbox_tells_the_first_name_behind_an_initial() {
    let finding = |other: &str| {
        found(
            Field::FirstName,
            |record| {
                (record.first_name, record.last_name) = ("J.", "Thornbury");
                record.emails = vec!["jane.thornbury@web.example"];
            },
            |record| {
                (record.first_name, record.last_name) = (if other == "Jane" { "Jane" } else { "John" }, "Thornbury")
            },
        )
    };
    assert_eq!((finding("Jane"), finding("John")), (Finding::FromMailbox, Finding::OtherInMailbox));
}

#[test]
fn phone_numbers_are_read_in_every_notation() {
    for (a, b, country, finding) in [
        ("020 7946 0018", "+44 (0)20 7946-0018", "GB", Finding::Same),
        ("(212) 555-0187", "1-212-555-0187", "US", Finding::Same),
        ("06 12 34 56 78", "0033612345678", "FR", Finding::Same),
        ("06-12345678", "+31 6 12345678", "Netherlands", Finding::Same),
        ("612 345 678", "+34612345678", "ES", Finding::Same),
        ("020 7946 0018", "020 7946 0081", "GB", Finding::Typo),
        ("020 7946 0018", "020 7946 0810", "GB", Finding::Different),
        ("000000", "000000", "GB", Finding::Missing),
    ] {
        assert_eq!(phones(a, b, country), finding, "{a} {b}");
    }
}

#[test]
fn addresses_are_read_in_every_order() {
    for (a, b, country, finding) in [
        (
            ["12 High Street", "Flat 3", "London", "SW1A 1AA"],
            ["Flat 3, 12 High St", "", "London", "sw1a1aa"],
            "GB",
            Finding::Same,
        ),
        (
            ["12 High Street", "Flat 3", "London", "SW1A 1AA"],
            ["12 High St", "Flat 4", "London", "SW1A1AA"],
            "GB",
            Finding::OtherUnit,
        ),
        (["Hauptstraße 5", "", "Köln", "50667"], ["Haupstr. 5", "", "Koeln", "D-50667"], "DE", Finding::Typo),
        (["Kerkstraat 12-3", "", "Breda", "4811 AB"], ["Kerkstr. 12", "3", "Breda", "4811ab"], "NL", Finding::Same),
        (
            ["3, rue du 8 Mai 1945", "", "Lyon", "69003"],
            ["3 r. du 8 Mai 1945", "", "Lyon", "69003"],
            "FR",
            Finding::Same,
        ),
        (
            ["Acme Ltd", "12 High Street", "Leeds", "LS1 4AB"],
            ["12 High St", "", "Leeds", "LS1 4AB"],
            "GB",
            Finding::Same,
        ),
        (
            ["12 High Street", "", "Leeds", "LS1 4AB"],
            ["14 High Street", "", "Leeds", "LS1 4AB"],
            "GB",
            Finding::Neighbour,
        ),
        (
            ["12 High Street", "", "Leeds", "LS1 4AB"],
            ["7 Mill Lane", "", "Leeds", "LS1 4AB"],
            "GB",
            Finding::SamePostcode,
        ),
        (["12 High Street", "", "Leeds", "LS1 4AB"], ["7 Mill Lane", "", "Leeds", "LS9 8XY"], "GB", Finding::SameTown),
        (["12 High Street", "", "Leeds", "LS1 4AB"], ["7 Mill Lane", "", "York", "YO1 8XY"], "GB", Finding::Different),
        (["12 High Street", "", "Leeds", "LS1 4AB"], ["", "", "", "LS1 4AB"], "GB", Finding::Part),
        (
            ["10025 Pine St", "", "Austin", "78701-1234"],
            ["10025 PINE STREET", "", "Austin", "78701"],
            "US",
            Finding::Same,
        ),
    ] {
        assert_eq!(addresses(a, b, country), finding, "{a:?} {b:?}");
    }
}

#[test]
fn a_clashing_first_name_outweighs_a_shared_household() {
    let person = |first_name| {
        normalise(&Record {
            first_name,
            last_name: "Thornbury",
            phones: vec!["020 7946 0018"],
            addresses: vec![Address {
                line1: "12 High Street",
                town: "London",
                postcode: "SW1A 1AA",
                country: "GB",
                ..Address::default()
            }],
            ..Record::default()
        })
    };
    let model = Model::shipped();
    let statistics = Unknown { customers: 100_000 };
    let probability = |a, b| model.score(&person(a), &person(b), &statistics).probability;
    assert!(probability("George", "Elizabeth") < 0.1);
    assert!(probability("Elizabeth", "Elizabeth") > 0.9);
    assert!(probability("Elizabeth", "Liz") > 0.8);
}

#[test]
fn last_name_and_postcode_are_always_a_key_and_keys_never_move() {
    let many: Vec<String> = (0..20).map(|number| format!("box{number}@web.example")).collect();
    let record = Record {
        first_name: "Liz",
        last_name: "Thornbury",
        emails: many.iter().map(String::as_str).collect(),
        phones: vec!["020 7946 0018"],
        addresses: vec![Address { line1: "12 High St", postcode: "SW1A 1AA", country: "GB", ..Address::default() }],
        ..Record::default()
    };
    let keys = match_keys(&normalise(&record));
    let key = keys.iter().find(|key| key.kind == KeyKind::LastNamePostcode).expect("the key");
    // Stored in databases: when this changes, KEYS_VERSION must too.
    assert_eq!((matching::KEYS_VERSION, key.hash), (2, 15_054_270_481_355_258_724));
}
