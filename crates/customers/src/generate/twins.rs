//! Second records of made-up customers, as they come about in a shop: ordered as a guest, typed at the till, moved house.
//! Now and then it is somebody else of the household, who must not be taken for the same.

use super::random::Chance;
use super::{GeneratedCustomer, generate};

/// One customer in so many is there twice.
const ONE_IN: usize = 30;

/// Second records for the first `count` customers of a seed, the same every time.
pub fn twins(seed: u64, count: u64) -> Vec<GeneratedCustomer> {
    let people = (0..count).map(|index| (index, generate(seed, index))).filter(|(_, person)| !person.is_trade);
    people.step_by(ONE_IN).map(|(index, person)| twin(person, &mut Chance::of(!seed, index))).collect()
}

fn twin(mut person: GeneratedCustomer, chance: &mut Chance) -> GeneratedCustomer {
    // A guest's address may be that of an account (R7); nothing but the person is copied.
    person.status = if chance.percent(60) { "guest" } else { "in_store" };
    person.active = true;
    person.lot = chance.below(1 << 32);
    person.emails.truncate(1);
    person.phones.truncate(1);
    person.addresses.truncate(1);
    match chance.below(6) {
        0 => typed_in_a_hurry(&mut person),
        1 => initial_only(&mut person),
        2 => person.last_name = swapped(&person.last_name),
        3 => person.emails.clear(),
        4 => person.phones.clear(),
        _ => of_the_household(&mut person, chance),
    }
    person
}

fn typed_in_a_hurry(person: &mut GeneratedCustomer) {
    person.first_name = person.first_name.to_lowercase();
    person.last_name = person.last_name.to_uppercase();
    person.title.clear();
    for (number, _) in &mut person.phones {
        number.retain(|character| !character.is_whitespace());
    }
}

fn initial_only(person: &mut GeneratedCustomer) {
    person.first_name = person.first_name.chars().take(1).chain(['.']).collect();
}

/// The last two letters of a long name the wrong way round.
fn swapped(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let is_long = letters.iter().rev().take_while(|letter| letter.is_alphabetic()).count() > 3;
    if let Some(last) = letters.len().checked_sub(1).filter(|_| is_long) {
        letters.swap(last - 1, last);
    }
    letters.into_iter().collect()
}

fn of_the_household(person: &mut GeneratedCustomer, chance: &mut Chance) {
    let own = person.first_name.clone();
    let others = ["Anna", "Thomas", "Julia", "Peter"];
    person.first_name =
        others.into_iter().find(|name| *name != own && chance.percent(50)).unwrap_or("Maria").to_owned();
    person.title.clear();
    person.emails.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_customers_are_there_twice_and_none_of_the_second_has_an_account() {
        let twins = twins(2026, 2_000);
        assert!((40..=80).contains(&twins.len()), "{}", twins.len());
        assert!(twins.iter().all(|twin| matches!(twin.status, "guest" | "in_store") && twin.account_code.is_empty()));
        assert_eq!(twins, super::twins(2026, 2_000));
        assert_eq!((swapped("de Jansen"), swapped("de Po")), ("de Jansne".to_owned(), "de Po".to_owned()));
    }
}
