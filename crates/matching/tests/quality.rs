//! How good the finder is, on made-up customers of five countries whose duplicates are known. The floors lie a little
//! under what is reached; whoever changes a weight sees here what it costs.

mod retail;

use std::collections::HashMap;

use matching::{Options, Person, Scan, match_keys, scan};

/// The customers, and which of them are one and the same.
fn customers() -> (Vec<Person>, Vec<String>) {
    retail::rows().into_iter().map(|(row, entity)| (row.person(), entity)).unzip()
}

/// Pairs that are one customer.
fn true_pairs(entities: &[String]) -> usize {
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    entities.iter().for_each(|entity| *sizes.entry(entity).or_default() += 1);
    sizes.values().map(|size| size * (size - 1) / 2).sum()
}

fn scanned(people: &[Person], options: &Options) -> Scan {
    scan(people, options, &|_, _| true).expect("nobody cancelled")
}

/// Precision and recall.
fn measured(scan: &Scan, entities: &[String]) -> (f64, f64) {
    let right = scan.pairs.iter().filter(|pair| entities[pair.a as usize] == entities[pair.b as usize]).count() as f64;
    (right / scan.pairs.len() as f64, right / true_pairs(entities) as f64)
}

#[test]
fn finds_nearly_all_duplicates_and_little_else() {
    let (people, entities) = customers();
    let (precision, recall) = measured(&scanned(&people, &Options::default()), &entities);
    assert!(precision >= 0.975, "precision {precision}");
    assert!(recall >= 0.92, "recall {recall}");
}

#[test]
fn the_shipped_weights_alone_do_well() {
    let (people, entities) = customers();
    let options = Options { learn: false, ..Options::default() };
    let (precision, recall) = measured(&scanned(&people, &options), &entities);
    assert!(precision >= 0.975, "precision {precision}");
    assert!(recall >= 0.91, "recall {recall}");
}

#[test]
fn a_higher_threshold_finds_fewer_pairs_and_more_certain_ones() {
    let (people, entities) = customers();
    let usual = scanned(&people, &Options::default());
    let strict = scanned(&people, &Options { threshold: 0.99, ..Options::default() });
    assert!(strict.pairs.len() < usual.pairs.len());
    let (precision, recall) = measured(&strict, &entities);
    assert!(precision >= 0.99, "precision {precision}");
    assert!(recall >= 0.55, "recall {recall}");
}

#[test]
fn nearly_all_duplicates_share_a_key() {
    let (people, entities) = customers();
    let mut of: HashMap<&str, Vec<usize>> = HashMap::new();
    entities.iter().enumerate().for_each(|(place, entity)| of.entry(entity).or_default().push(place));
    let keys: Vec<_> = people.iter().map(match_keys).collect();
    let mut found = 0;
    for places in of.values() {
        for (index, a) in places.iter().enumerate() {
            found += places[index + 1..].iter().filter(|b| keys[*a].iter().any(|key| keys[**b].contains(key))).count();
        }
    }
    let share = found as f64 / true_pairs(&entities) as f64;
    assert!(share >= 0.985, "{share}");
}

#[test]
fn a_scan_answers_the_same_each_time_and_can_be_cancelled() {
    let (people, _) = customers();
    let (one, other) = (scanned(&people, &Options::default()), scanned(&people, &Options::default()));
    assert_eq!(one.pairs, other.pairs);
    assert_eq!(one.clusters, other.clusters);
    assert!(scan(&people, &Options::default(), &|stage, _| stage != matching::Stage::Learning).is_err());
}
