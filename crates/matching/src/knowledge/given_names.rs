//! Which given names stand for one another.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::text::squeeze_umlauts;

/// The families of `given_names.txt`: a number per name, and the families it stands in.
struct Families {
    numbers: FxHashMap<String, u16>,
    of: Vec<Vec<u16>>,
}

static FAMILIES: LazyLock<Families> = LazyLock::new(|| {
    let mut families = Families { numbers: FxHashMap::default(), of: vec![Vec::new()] };
    let lines = include_str!("given_names.txt").lines().filter(|line| !line.starts_with('#'));
    for (family, line) in lines.enumerate() {
        for name in line.split_whitespace() {
            let mut spelling = String::new();
            squeeze_umlauts(&crate::text::fold(name), &mut spelling);
            let number = *families.numbers.entry(spelling).or_insert_with(|| {
                families.of.push(Vec::new());
                (families.of.len() - 1) as u16
            });
            families.of[usize::from(number)].push(family as u16);
        }
    }
    families
});

/// The number of a given name that has a family, 0 for all others.
pub fn given_name(spelling: &str) -> u16 {
    FAMILIES.numbers.get(spelling).copied().unwrap_or(0)
}

/// Whether two names, by their numbers, stand in one family.
pub fn related(a: u16, b: u16) -> bool {
    a != 0 && b != 0 && {
        let (a, b) = (&FAMILIES.of[usize::from(a)], &FAMILIES.of[usize::from(b)]);
        a.iter().any(|family| b.contains(family))
    }
}
