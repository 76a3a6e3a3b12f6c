//! Phone numbers, e-mail addresses and company names.

use platform::contact::fold;

use super::random::Chance;

/// A number that the country's numbering plan allows, in one of the notations people use.
pub(super) fn phone(country: &str, area_code: &str, is_mobile: bool, chance: &mut Chance) -> String {
    let (code, trunk) = if country == "US" { ("1", "") } else { (calling_code(country), "0") };
    let national = national_number(country, area_code, is_mobile, chance);
    let (first, rest) = national.split_at(if country == "US" { 3 } else { 2.min(national.len()) });
    match chance.below(8) {
        0 => format!("+{code}{national}"),
        1 => format!("+{code} {first} {rest}"),
        2 => format!("00{code}{national}"),
        3 if country == "US" => format!("({first}) {}-{}", &rest[..3], &rest[3..]),
        3 => format!("+{code} (0){first} {rest}"),
        4 if country == "US" => format!("{first}.{}.{}", &rest[..3], &rest[3..]),
        4 => format!("{trunk}{first}-{rest}"),
        5 => format!("{trunk}{first} {rest}"),
        6 if country == "US" => format!("1-{first}-{}-{}", &rest[..3], &rest[3..]),
        _ => format!("{trunk}{national}"),
    }
}

fn calling_code(country: &str) -> &'static str {
    match country {
        "GB" => "44",
        "DE" => "49",
        "FR" => "33",
        _ => "31",
    }
}

/// The digits without country code and trunk zero.
fn national_number(country: &str, area_code: &str, is_mobile: bool, chance: &mut Chance) -> String {
    let area = area_code.trim_start_matches('0');
    let (start, length) = match (country, is_mobile) {
        ("US", _) => (format!("{area}{}", chance.between(2, 9)), 10),
        ("GB", true) => (format!("7{}", chance.between(4, 9)), 10),
        ("GB", false) => (format!("{area}{}", chance.between(2, 8)), 10),
        ("DE", true) => (format!("1{}{}", chance.between(5, 7), chance.between(0, 9)), 10),
        ("DE", false) => (format!("{area}{}", chance.between(2, 9)), 9),
        ("FR", true) => (format!("6{}", chance.between(0, 9)), 9),
        (_, true) => (format!("6{}", chance.between(1, 5)), 9),
        (_, false) => (format!("{area}{}", chance.between(2, 7)), 9),
    };
    let digits = length - start.len();
    format!("{start}{:0digits$}", chance.below(10_u64.pow(digits as u32)))
}

/// An address of that person. With `number` it is like no other's.
pub(super) fn email(country: &str, first: &str, last: &str, number: Option<u64>, chance: &mut Chance) -> String {
    let join = |name: &str| fold(name).replace(' ', "");
    let first = first.split([' ', '-']).next().unwrap_or(first);
    let (first, last) = (join(first), join(last));
    let initial = first.get(..1).unwrap_or_default();
    let mut local = match chance.below(6) {
        0 => format!("{initial}{last}"),
        1 => format!("{last}.{first}"),
        2 => format!("{first}{last}"),
        3 => format!("{first}_{last}"),
        _ => format!("{first}.{last}"),
    };
    if let Some(number) = number {
        local.push_str(&number.to_string());
    } else if chance.percent(40) {
        local.push_str(&chance.between(1, 99).to_string());
    }
    format!("{local}@{}", chance.pick_common(mail_hosts(country)))
}

/// The address a marketplace gives out instead of the buyer's.
pub(super) fn masked_email(chance: &mut Chance) -> String {
    format!(
        "{:013x}@{}",
        chance.number() >> 12,
        chance.pick(&["market.bol.example", "members.ebay.example", "order.etsy.example"])
    )
}

fn mail_hosts(country: &str) -> &'static [&'static str] {
    match country {
        "GB" => &[
            "gmail.example", "hotmail.example", "btinternet.example", "outlook.example", "icloud.example",
            "sky.example",
        ],
        "US" => {
            &["gmail.example", "yahoo.example", "aol.example", "icloud.example", "comcast.example", "outlook.example"]
        }
        "DE" => {
            &["gmail.example", "web.example", "gmx.example", "t-online.example", "outlook.example", "freenet.example"]
        }
        "FR" => {
            &["gmail.example", "orange.example", "free.example", "sfr.example", "laposte.example", "hotmail.example"]
        }
        _ => &[
            "gmail.example", "hotmail.example", "ziggo.example", "kpnmail.example", "outlook.example", "planet.example",
        ],
    }
}

/// A company's name and its mail domain.
pub(super) fn company(country: &str, owner: &str, chance: &mut Chance) -> (String, String) {
    let word = chance.pick(COMPANY_WORDS);
    let trade = chance.pick(COMPANY_TRADES);
    let form = chance.pick(company_forms(country));
    let name = match chance.below(4) {
        0 => format!("{owner} {trade}"),
        1 => format!("{owner} & {}", chance.pick(&["Sons", "Partners", "Co", "Daughters"])),
        2 => format!("{word} {}", chance.pick(COMPANY_WORDS)),
        _ => format!("{word} {trade}"),
    };
    let domain = format!("{}.example", fold(&name).replace(' ', "-"));
    (format!("{name} {form}"), domain)
}

/// A company's number in the trade register of its country.
pub(super) fn company_number(chance: &mut Chance) -> String {
    format!("{:08}", chance.below(100_000_000))
}

/// A VAT number of the country's shape; the United States have none.
pub(super) fn vat_number(country: &str, chance: &mut Chance) -> Option<String> {
    match country {
        "GB" => Some(format!("GB{:09}", chance.below(1_000_000_000))),
        "DE" => Some(format!("DE{:09}", chance.below(1_000_000_000))),
        "FR" => Some(format!("FR{:02}{:09}", chance.below(97), chance.below(1_000_000_000))),
        "NL" => Some(format!("NL{:09}B{:02}", chance.below(1_000_000_000), chance.between(1, 9))),
        _ => None,
    }
}

fn company_forms(country: &str) -> &'static [&'static str] {
    match country {
        "GB" => &["Ltd", "Limited", "LLP", "plc"],
        "US" => &["Inc", "LLC", "Corp", "Inc."],
        "DE" => &["GmbH", "GmbH & Co. KG", "e.K.", "AG"],
        "FR" => &["SARL", "SAS", "SA", "EURL"],
        _ => &["B.V.", "BV", "VOF", "N.V."],
    }
}

const COMPANY_WORDS: &[&str] = &[
    "Acorn", "Amber", "Anchor", "Apex", "Atlas", "Beacon", "Birch", "Blue River", "Bright", "Cedar", "City", "Coral",
    "Crown", "Delta", "Eagle", "Echo", "Elm", "Falcon", "First", "Fusion", "Golden", "Granite", "Green Leaf",
    "Harbour", "Iris", "Ivory", "Juniper", "Lion", "Maple", "Meridian", "Metro", "Nova", "Oak", "Omega", "Onyx",
    "Pacific", "Pearl", "Pioneer", "Prime", "Quantum", "Red Fox", "Royal", "Sapphire", "Silver", "Solar", "Spark",
    "Summit", "Sunrise", "Titan", "Unity", "Vista",
];
const COMPANY_TRADES: &[&str] = &[
    "Bakery", "Books", "Catering", "Consulting", "Cycles", "Dental", "Design", "Electrical", "Events", "Fitness",
    "Foods", "Garden", "Interiors", "Jewellery", "Kitchens", "Legal", "Lighting", "Logistics", "Media", "Motors",
    "Music", "Optics", "Pharma", "Plumbing", "Print", "Security", "Studio", "Textiles", "Toys", "Tools", "Trading",
    "Travel", "Wines",
];
