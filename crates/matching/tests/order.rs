//! Better agreement of a field never says less than worse agreement of it, the rest of the two customers being equal.

mod retail;

use std::sync::LazyLock;

use matching::{Counted, Model, Options, scan};
use proptest::prelude::*;
use retail::Row;

/// The file with weights learned from it.
struct Learned {
    rows: Vec<Row>,
    /// Pairs of places in the file that a scan thinks likely: what a reader sees explained.
    pairs: Vec<(usize, usize)>,
    statistics: Counted,
    model: Model,
}

static LEARNED: LazyLock<Learned> = LazyLock::new(|| {
    let rows = retail::rows();
    let people: Vec<_> = rows.iter().map(Row::person).collect();
    let options = Options { threshold: 0.2, ..Options::default() };
    let found = scan(&people, &options, &|_, _| true).expect("nobody cancelled");
    let pairs = found.pairs.iter().map(|pair| (pair.a as usize, pair.b as usize)).collect();
    Learned { rows, pairs, statistics: found.statistics, model: found.model }
});

/// The log2 of the odds of two customers.
fn log_odds(model: &Model, a: &Row, b: &Row) -> f64 {
    model.score(&a.person(), &b.person(), &LEARNED.statistics).log_odds()
}

/// A text with one of its last four letters or digits replaced.
fn mistyped_at_end(text: &str, place: usize) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric).count();
    mistyped(text, letters.saturating_sub(4) + place % 4)
}

/// A text with one of its letters or digits replaced by another one of its kind.
fn mistyped(text: &str, place: usize) -> String {
    let letters: Vec<usize> =
        text.char_indices().filter(|(_, letter)| letter.is_ascii_alphanumeric()).map(|(at, _)| at).collect();
    let Some(at) = letters.get(place % letters.len().max(1)) else { return text.to_owned() };
    let other = match text.as_bytes()[*at] {
        b'9' => '4',
        digit @ b'0'..=b'8' => char::from(digit + 1),
        b'x' | b'X' => 'k',
        _ => 'x',
    };
    format!("{}{other}{}", &text[..*at], &text[at + 1..])
}

/// A field of the second customer: what is put there so that the two have it in common exactly, nearly, and not at all, and how
/// it is put there. Nothing where the first customer has no such value.
struct Change {
    field: &'static str,
    values: fn(&Row, usize) -> [String; 3],
    set: fn(&mut Row, &str),
}

const CHANGES: [Change; 4] = [
    Change {
        field: "phone",
        // In the last digits: one more in front is an area code.
        values: |row, place| [row.phone.clone(), mistyped_at_end(&row.phone, place), "+376 812 345".to_owned()],
        set: |row, text| row.phone = text.to_owned(),
    },
    Change {
        field: "e-mail",
        values: |row, place| {
            let near = row.email.split_once('@').map(|(local, domain)| format!("{}@{domain}", mistyped(local, place)));
            [row.email.clone(), near.unwrap_or_default(), "qzwvkj7@else.example".to_owned()]
        },
        set: |row, text| row.email = text.to_owned(),
    },
    Change {
        field: "street",
        values: |row, place| [row.line1.clone(), mistyped(&row.line1, place), "Qzwvkj".to_owned()],
        set: |row, text| row.line1 = text.to_owned(),
    },
    Change {
        field: "date of birth",
        values: |_, place| ["1961-03-17".to_owned(), format!("1961-03-1{}", place % 7), "1948-11-30".to_owned()],
        set: |row, text| row.born = text.to_owned(),
    },
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn what_agrees_better_never_adds_less(pair in any::<prop::sample::Index>(), place in 0..20_usize, turned in any::<bool>()) {
        let (a, b) = *pair.get(&LEARNED.pairs);
        let (a, b) = if turned { (b, a) } else { (a, b) };
        for Change { field, values, set } in &CHANGES {
            let (mut a, mut b) = (LEARNED.rows[a].clone(), LEARNED.rows[b].clone());
            let values = values(&a, place);
            set(&mut a, &values[0]);
            for model in [&LEARNED.model, &Model::shipped()] {
                let odds = values.each_ref().map(|value| {
                    set(&mut b, value);
                    log_odds(model, &a, &b)
                });
                prop_assert!(
                    values[0].is_empty() || odds[0] >= odds[1] - 1e-6 && odds[1] >= odds[2] - 1e-6,
                    "{field} {values:?}: {odds:?}"
                );
            }
        }
    }
}
