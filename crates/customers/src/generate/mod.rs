//! Made-up customers that look like a real shop's: for the demo shop, for tests and for measuring.
//!
//! Always true:
//! - the same seed and index give the same customer, on every machine and in any order;
//! - no address can be mailed: every domain ends in `.example`;
//! - a registered customer's first e-mail address is like no other's, as rule R7 wants.

mod contacts;
pub mod fill;
mod names;
mod places;
pub mod random;
mod twins;

use names::Naming;
use random::Chance;
pub use twins::twins;

/// A made-up customer; texts are empty where a real one would have left a field empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GeneratedCustomer {
    pub title: String,
    pub first_name: String,
    pub last_name: String,
    pub company: String,
    pub company_number: String,
    pub vat_number: String,
    /// The primary one first.
    pub emails: Vec<String>,
    /// As typed, the primary one first; whether it is a mobile one.
    pub phones: Vec<(String, bool)>,
    /// The billing address first, then perhaps one for delivery.
    pub addresses: Vec<GeneratedAddress>,
    /// Two-letter code.
    pub language: &'static str,
    /// A code of rule R5.
    pub status: &'static str,
    pub is_trade: bool,
    pub active: bool,
    pub account_code: String,
    /// A number to choose by among what the shop at hand has: channels, groups, sources.
    pub lot: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GeneratedAddress {
    pub line1: String,
    pub line2: String,
    pub town: String,
    pub county: String,
    pub postcode: String,
    /// ISO two-letter code.
    pub country: &'static str,
}

/// Account codes count up from here, so that no two are the same.
const FIRST_ACCOUNT: u64 = 100_000;

/// The customer of a seed at an index.
pub fn generate(seed: u64, index: u64) -> GeneratedCustomer {
    let chance = &mut Chance::of(seed, index);
    let (country, language, naming) = home(chance);
    let town = chance.pick_common(places::towns(country));
    let (first_name, title) = naming.first(chance);
    let last_name = naming.last(chance);
    let is_trade = chance.percent(12);
    let status = status(is_trade, chance);
    let mut customer = GeneratedCustomer {
        title: if chance.percent(45) { title.to_owned() } else { String::new() },
        language,
        status,
        is_trade,
        active: status != "pending_approval" && chance.percent(94),
        lot: chance.below(1 << 32),
        ..GeneratedCustomer::default()
    };
    let unique = unique(status, index);
    if is_trade || chance.percent(4) {
        add_company(&mut customer, country, (&first_name, &last_name), index, chance);
    }
    if customer.emails.is_empty() && (unique.is_some() || chance.percent(88)) {
        customer.emails.push(match unique {
            None if status == "guest" && chance.percent(25) => contacts::masked_email(chance),
            _ => contacts::email(country, &first_name, &last_name, unique, chance),
        });
    }
    add_phones(&mut customer, country, town.area_code, chance);
    add_addresses(&mut customer, country, town, chance);
    customer.first_name = first_name;
    customer.last_name = last_name;
    customer
}

/// The first `count` customers of a seed.
pub fn customers(seed: u64, count: u64) -> impl Iterator<Item = GeneratedCustomer> {
    (0..count).map(move |index| generate(seed, index))
}

/// What makes the e-mail address of a registered customer like no other's (R7).
fn unique(status: &str, index: u64) -> Option<u64> {
    (status == "registered").then_some(index)
}

fn home(chance: &mut Chance) -> (&'static str, &'static str, &'static Naming) {
    match chance.below(100) {
        0..=27 => ("GB", "en", &names::GB),
        28..=52 => ("US", "en", &names::US),
        53..=71 => ("DE", "de", &names::DE),
        72..=88 => ("NL", "nl", &names::NL),
        _ => ("FR", "fr", &names::FR),
    }
}

fn status(is_trade: bool, chance: &mut Chance) -> &'static str {
    match chance.below(100) {
        0..=1 if is_trade => "pending_approval",
        0..=54 => "registered",
        55..=79 => "guest",
        80..=93 => "in_store",
        _ => "lead",
    }
}

fn add_company(
    customer: &mut GeneratedCustomer,
    country: &'static str,
    (first, last): (&str, &str),
    index: u64,
    chance: &mut Chance,
) {
    let (company, domain) = contacts::company(country, last, chance);
    customer.company = company;
    if customer.is_trade {
        customer.company_number = contacts::company_number(chance);
        customer.vat_number = contacts::vat_number(country, chance).unwrap_or_default();
        customer.account_code = format!("D{}", FIRST_ACCOUNT + index);
    }
    if chance.percent(70) {
        let private = contacts::email(country, first, last, unique(customer.status, index), chance);
        let local = private.split('@').next().unwrap_or_default();
        customer.emails.push(format!("{local}@{domain}"));
        if chance.percent(30) {
            customer.emails.push(format!("{}@{domain}", chance.pick(&["info", "office", "accounts", "orders"])));
        }
    }
}

fn add_phones(customer: &mut GeneratedCustomer, country: &str, area_code: &str, chance: &mut Chance) {
    let count = match chance.below(100) {
        0..=24 => 0,
        25..=84 => 1,
        _ => 2,
    };
    for at in 0..count {
        let is_mobile = (at == 0) != chance.percent(35);
        customer.phones.push((contacts::phone(country, area_code, is_mobile, chance), is_mobile));
    }
}

fn add_addresses(customer: &mut GeneratedCustomer, country: &'static str, town: &places::Town, chance: &mut Chance) {
    if chance.percent(4) {
        return;
    }
    customer.addresses.push(address(country, town, chance));
    for _ in 0..further_addresses(chance) {
        let other = chance.pick_common(places::towns(country));
        customer.addresses.push(address(country, other, chance));
    }
}

/// Customers have two addresses on average: work, parents, the last house.
fn further_addresses(chance: &mut Chance) -> u64 {
    match chance.below(100) {
        0..=36 => 0,
        37..=70 => 1,
        71..=87 => 2,
        88..=95 => 3,
        _ => 4,
    }
}

fn address(country: &'static str, town: &places::Town, chance: &mut Chance) -> GeneratedAddress {
    GeneratedAddress {
        line1: places::street(country, chance),
        line2: if chance.percent(12) { places::second_line(country, chance) } else { String::new() },
        town: town.name.to_owned(),
        county: if country == "US" || chance.percent(20) { town.county.to_owned() } else { String::new() },
        postcode: places::postcode(country, town, chance),
        country,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::contact::{Email, Phone, postcode_warning};
    use std::collections::HashSet;

    const MANY: u64 = 20_000;

    #[test]
    fn the_same_seed_gives_the_same_customers() {
        let first: Vec<_> = customers(7, 50).collect();
        assert_eq!(first, customers(7, 50).collect::<Vec<_>>());
        assert_eq!(first[49], generate(7, 49));
        assert_ne!(first, customers(8, 50).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_made_up_passes_for_real() {
        for customer in customers(1, MANY) {
            assert!(!customer.first_name.is_empty() && !customer.last_name.is_empty());
            for email in &customer.emails {
                let parsed = Email::parse(email).unwrap_or_else(|refused| panic!("{email}: {refused}"));
                assert!(parsed.domain().ends_with(".example"), "{email}");
            }
            for address in &customer.addresses {
                assert!(!postcode_warning(address.country, &address.postcode), "{address:?}");
                for (phone, _) in &customer.phones {
                    let parsed = Phone::parse(phone, Some(address.country)).unwrap_or_else(|_| panic!("{phone}"));
                    assert!(parsed.e164().is_some(), "{} {phone}", address.country);
                }
            }
        }
    }

    #[test]
    fn registered_customers_have_an_address_of_their_own() {
        let mut seen = HashSet::new();
        for customer in customers(3, MANY).filter(|customer| customer.status == "registered") {
            assert!(seen.insert(customer.emails[0].to_lowercase()), "{}", customer.emails[0]);
        }
        assert!(seen.len() > MANY as usize / 2);
    }

    #[test]
    fn common_names_are_common_and_rare_ones_many() {
        let names: Vec<_> = customers(5, MANY).map(|customer| customer.last_name).collect();
        let distinct: HashSet<_> = names.iter().collect();
        assert!(distinct.len() > 8_000, "{} distinct last names", distinct.len());
        let smiths = names.iter().filter(|name| *name == "Smith").count();
        assert!((150..800).contains(&smiths), "{smiths} Smiths");
        let trade = customers(5, MANY).filter(|customer| customer.is_trade).count();
        assert!((2_000..2_800).contains(&trade), "{trade} trade customers");
    }
}
