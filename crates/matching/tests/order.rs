//! Better agreement of a field never says less than worse agreement of it, the rest of the two customers being equal.

mod retail;

use std::sync::LazyLock;

use matching::{Comparison, Counted, Field, Finding, Model, Options, Statistics, ValueKind, scan, values};
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
    let rows: Vec<Row> = retail::rows().into_iter().map(|(row, _)| row).collect();
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

/// What the two have in common with each of the values.
fn explained(model: &Model, a: &Row, b: &mut Row, values: &[String; 3], set: fn(&mut Row, &str)) -> String {
    let explain = |value: &String| {
        set(b, value);
        model.score(&a.person(), &b.person(), &LEARNED.statistics).explanation()
    };
    values.iter().map(explain).collect::<Vec<_>>().join("\n")
}

/// What a mailbox changes beside its own finding: whether it is made of the name they share, and what it tells of a first name.
fn read_from_mailbox(a: &Row, b: &Row) -> (bool, Finding) {
    use Finding::{PlainDifferent, PlainLocalPart, PlainMailbox, PlainTypo};
    let comparison = Comparison::of(&a.person(), &b.person(), &LEARNED.statistics);
    let email = comparison.get(Field::Email).finding;
    let is_plain = matches!(email, PlainMailbox | PlainTypo | PlainLocalPart | PlainDifferent);
    (is_plain, comparison.get(Field::FirstName).finding)
}

/// Whether more than two customers have a value of a kind that a customer has.
fn is_shared(row: &Row, kind: ValueKind) -> bool {
    let mut shared = false;
    values(&row.person(), |value| {
        let is_of_kind = value.code() >> 56 == kind as u64;
        shared |= is_of_kind && LEARNED.statistics.count(value).is_some_and(|count| count > 2);
    });
    shared
}

/// Explanations show one decimal; how rare a value is may differ by a trifle between two that agree alike.
const ROUNDING: f64 = 0.05;

/// A field of the second customer: what is put there so that the two have it in common exactly, nearly, and not at all, and how
/// it is put there. Nothing where the first customer has no such value.
struct Change {
    field: &'static str,
    kind: ValueKind,
    values: fn(&Row, usize) -> [String; 3],
    set: fn(&mut Row, &str),
}

const CHANGES: [Change; 4] = [
    Change {
        field: "phone",
        kind: ValueKind::Phone,
        // In the last digits: one more in front is an area code.
        values: |row, place| [row.phone.clone(), mistyped_at_end(&row.phone, place), "+376 812 345".to_owned()],
        set: |row, text| row.phone = text.to_owned(),
    },
    Change {
        field: "e-mail",
        kind: ValueKind::Mailbox,
        values: |row, place| {
            let near = row.email.split_once('@').map(|(local, domain)| format!("{}@{domain}", mistyped(local, place)));
            [row.email.clone(), near.unwrap_or_default(), "qzwvkj7@else.example".to_owned()]
        },
        set: |row, text| row.email = text.to_owned(),
    },
    Change {
        field: "street",
        kind: ValueKind::Address,
        values: |row, place| [row.line1.clone(), mistyped(&row.line1, place), "Qzwvkj".to_owned()],
        // The other line may hold the street as well.
        set: |row, text| (row.line1, row.line2) = (text.to_owned(), String::new()),
    },
    Change {
        field: "date of birth",
        kind: ValueKind::DateOfBirth,
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
        for Change { field, kind, values, set } in &CHANGES {
            let (mut a, mut b) = (LEARNED.rows[a].clone(), LEARNED.rows[b].clone());
            let values = values(&a, place);
            set(&mut a, &values[0]);
            set(&mut b, &values[0]);
            let shared = is_shared(&a, *kind) || is_shared(&b, *kind);
            let read = values.each_ref().map(|value| {
                set(&mut b, value);
                read_from_mailbox(&a, &b)
            });
            // A neighbour does not share the house, and a mistyped mailbox may no longer be made of the name, of which another
            // made of the same name says more against the two than any other does.
            let other_kind = shared && *kind == ValueKind::Address || read[0] != read[1];
            for model in [&LEARNED.model, &Model::shipped()] {
                let odds = values.each_ref().map(|value| {
                    set(&mut b, value);
                    log_odds(model, &a, &b)
                });
                let near_is_no_more = other_kind || odds[0] >= odds[1] - ROUNDING;
                // What many share says less on purpose: they are merely together.
                let other_is_least =
                    |place: usize| shared || read[place].1 != read[2].1 || odds[place] >= odds[2] - ROUNDING;
                let other_is_least = other_is_least(0) && (read[1] != read[2] || other_is_least(1));
                prop_assert!(
                    values[0].is_empty() || near_is_no_more && other_is_least,
                    "{field} {values:?}: {odds:?} {}",
                    explained(model, &a, &mut b, &values, *set)
                );
            }
        }
    }
}
