//! What holds for any two customers, whatever they typed.

use matching::{Address, MOST_KEYS, Model, Record, Unknown, match_keys, normalise};
use proptest::prelude::*;

/// Owned texts of a record.
#[derive(Clone, Debug)]
struct Typed([String; 12]);

impl Typed {
    fn record(&self) -> Record<'_> {
        let [title, first, last, email, phone, company, line1, line2, town, postcode, country, born] = &self.0;
        Record {
            title,
            first_name: first,
            last_name: last,
            emails: vec![email],
            phones: vec![phone],
            company,
            addresses: vec![Address { line1, line2, town, postcode, state: "", country }],
            date_of_birth: born,
        }
    }
}

/// Anything, or something that looks like a customer's data.
fn text(usual: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![3 => proptest::sample::select(usual).prop_map(String::from), 1 => any::<String>(), 1 => Just(String::new())]
}

fn typed() -> impl Strategy<Value = Typed> {
    (
        [
            text(&["Mr", "Mrs", "Frau Dr.", "Mevrouw"]),
            text(&["John", "Jack", "J.", "Anne-Marie", "Jürgen", "Łukasz", "Mohammed"]),
            text(&["Smith", "van der Berg", "O'Brien", "Smith-Jones", "Müller", "Mueller"]),
            text(&["john.smith@gmail.com", "JohnSmith+shop@googlemail.com", "info@acme.example", "@", "x@y"]),
            text(&["+44 20 7946 0018", "020 7946 0018", "0044 (0)20 79460018", "1", "+"]),
            text(&["Acme Ltd", "Acme", "GmbH & Co. KG"]),
        ],
        [
            text(&[
                "12 High Street", "Flat 3, 12 High St", "Hauptstraße 5b", "Kerkstraat 12-3", "12, rue du 8 Mai 1945",
            ]),
            text(&["Flat 3", "#4"]),
            text(&["London", "'s-Hertogenbosch", "Köln"]),
            text(&["SW1A 1AA", "sw1a1aa", "12345-6789", "D-50667", "1234 AB"]),
            text(&["GB", "Germany", "NL"]),
            text(&["1970-12-31", "31.12.1970", "19701231", "12/31/1970"]),
        ],
    )
        .prop_map(|([a, b, c, d, e, f], [g, h, i, j, k, l])| Typed([a, b, c, d, e, f, g, h, i, j, k, l]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_order_of_two_customers_does_not_matter(a in typed(), b in typed()) {
        let (a, b) = (normalise(&a.record()), normalise(&b.record()));
        let statistics = Unknown { customers: 1000 };
        let model = Model::shipped();
        let (one, other) = (model.score(&a, &b, &statistics), model.score(&b, &a, &statistics));
        prop_assert!((one.probability - other.probability).abs() < 1e-9, "{one:?} {other:?}");
    }

    #[test]
    fn contributions_add_up_to_the_score(a in typed(), b in typed(), customers in 2..10_000_000_u64) {
        let (a, b) = (normalise(&a.record()), normalise(&b.record()));
        let score = Model::shipped().score(&a, &b, &Unknown { customers });
        prop_assert!((0.0..=1.0).contains(&score.probability));
        let odds = score.probability / (1.0 - score.probability);
        if odds.is_normal() {
            prop_assert!((score.log_odds() - odds.log2()).abs() < 1e-3, "{score:?}");
        }
    }

    #[test]
    fn keys_are_few_and_each_once(a in typed()) {
        let keys = match_keys(&normalise(&a.record()));
        prop_assert!(keys.len() <= MOST_KEYS);
        for (place, key) in keys.iter().enumerate() {
            prop_assert!(!keys[place + 1..].contains(key));
        }
    }

    #[test]
    fn capitals_and_spaces_around_do_not_matter(a in typed()) {
        let shouted = Typed(a.0.clone().map(|text| if text.is_ascii() { format!(" {} ", text.to_uppercase()) } else { text }));
        prop_assert_eq!(normalise(&a.record()), normalise(&shouted.record()));
    }
}
