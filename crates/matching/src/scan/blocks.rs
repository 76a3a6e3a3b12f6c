//! Candidate pairs: those that share a match key, with a bound on what common keys may cost.

use rayon::prelude::*;

use super::Cancelled;
use crate::keys::{self, KeyKind, MatchKey};
use crate::person::Person;
use crate::text::stable_hash;

/// Customers who share a key and are all compared with one another; larger blocks are split by area first.
const BLOCK: usize = 40;
/// The same for weak keys; larger blocks are left to the other keys.
const WEAK_BLOCK: usize = 8;
/// Neighbours in a block that cannot be split further that are compared.
const WINDOW: usize = 12;

/// Two places as one number, the lower first.
fn pack(a: u32, b: u32) -> u64 {
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}

/// The two places of a candidate.
pub fn unpack(pair: u64) -> (u32, u32) {
    ((pair >> 32) as u32, pair as u32)
}

/// All candidates, sorted, each once.
pub fn candidates(people: &[Person], tell: &dyn Fn(f64) -> Result<(), Cancelled>) -> Result<Vec<u64>, Cancelled> {
    let mut pairs: Vec<u64> = Vec::new();
    for (done, kind) in KeyKind::ALL.into_iter().enumerate() {
        tell(done as f64 / KeyKind::ALL.len() as f64)?;
        let mut keyed = keyed(people, kind);
        keyed.par_sort_unstable();
        let blocks = keyed.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1);
        for block in blocks {
            if block.len() <= if kind.is_weak() { WEAK_BLOCK } else { BLOCK } {
                all_pairs(block, &mut pairs);
            } else if !kind.is_weak() {
                split(people, block, &mut pairs);
            }
        }
    }
    pairs.par_sort_unstable();
    pairs.dedup();
    Ok(pairs)
}

fn keyed(people: &[Person], kind: KeyKind) -> Vec<(u64, u32)> {
    let chunk = 4096;
    people
        .par_chunks(chunk)
        .enumerate()
        .flat_map_iter(|(index, part)| {
            let mut keyed = Vec::with_capacity(part.len());
            for (place, person) in part.iter().enumerate() {
                let place = (index * chunk + place) as u32;
                keys::of_kind(person, kind, |hash| keyed.push((MatchKey { kind, hash }.hash, place)));
            }
            keyed
        })
        .collect()
}

fn all_pairs(block: &[(u64, u32)], pairs: &mut Vec<u64>) {
    for (place, (_, a)) in block.iter().enumerate() {
        pairs.extend(block[place + 1..].iter().filter(|(_, b)| a != b).map(|(_, b)| pack(*a, *b)));
    }
}

/// Splits a large block by what else the customers have; what is still too large is compared with its neighbours only.
fn split(people: &[Person], block: &[(u64, u32)], pairs: &mut Vec<u64>) {
    let finer = |place: u32| {
        let person = &people[place as usize];
        let town = person.places.first().map(|place| keys::area(place).unwrap_or(place.town.as_bytes()));
        let initial = [person.first.first().map_or(0, |word| word.text.first())];
        stable_hash(0, &[town.unwrap_or_default(), &initial])
    };
    let mut finer: Vec<(u64, u32)> = block.iter().map(|(_, place)| (finer(*place), *place)).collect();
    finer.sort_unstable();
    for block in finer.chunk_by(|a, b| a.0 == b.0) {
        if block.len() <= BLOCK {
            all_pairs(block, pairs);
        } else {
            for (place, (_, a)) in block.iter().enumerate() {
                let neighbours = block[place + 1..].iter().take(WINDOW);
                pairs.extend(neighbours.filter(|(_, b)| a != b).map(|(_, b)| pack(*a, *b)));
            }
        }
    }
}
