//! The search mix: 10,000 questions as people at a counter or on the phone type them, made from the customers that are
//! there, always the same ones for the same data. Described in bench/README.md.

use std::collections::BTreeMap;

use customers::generate::random::Chance;
use platform::contact::fold;
use serde_json::Value;

use super::client::{Client, escaped};
use super::sample::Person;
use super::times::Times;

const SEED: u64 = 10_000;

/// What somebody knows of the person they look for, and how many of 10,000 questions are of this kind.
pub const KINDS: &[(Kind, usize)] = &[
    (Kind::NameWithError, 2000),
    (Kind::TwoPrefixes, 1500),
    (Kind::ThreeLetters, 1000),
    (Kind::WholeName, 500),
    (Kind::Phone, 1500),
    (Kind::EmailPart, 1000),
    (Kind::Domain, 500),
    (Kind::Postcode, 800),
    (Kind::Number, 700),
    (Kind::Miss, 500),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    NameWithError,
    TwoPrefixes,
    ThreeLetters,
    WholeName,
    Phone,
    EmailPart,
    Domain,
    Postcode,
    Number,
    Miss,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::NameWithError => "name, one typing error",
            Self::TwoPrefixes => "two beginnings of words",
            Self::ThreeLetters => "three letters",
            Self::WholeName => "whole name",
            Self::Phone => "phone, five notations",
            Self::EmailPart => "part of an e-mail address",
            Self::Domain => "domain",
            Self::Postcode => "postcode",
            Self::Number => "customer number",
            Self::Miss => "nobody",
        }
    }
}

/// A question and the customer it is about.
pub struct Question {
    pub kind: Kind,
    pub text: String,
    person: Person,
}

/// The mix for these people; `thousandths` of it for a quick look.
pub fn questions(people: &[Person], share: usize) -> Vec<Question> {
    let mut all = Vec::new();
    for (kind, count) in KINDS {
        let mut at = 0;
        let wanted = (count / share).max(20);
        let before = all.len();
        while all.len() - before < wanted && at < wanted * 20 {
            let chance = &mut Chance::of(SEED + *kind as u64, at as u64);
            let person = &people[chance.below(people.len() as u64) as usize];
            if let Some(text) = text(*kind, person, chance) {
                all.push(Question { kind: *kind, text, person: person.clone() });
            }
            at += 1;
        }
    }
    // Mixed, as they come in a shop: no cache gets to know one kind.
    let mut order: Vec<(u64, usize)> = (0..all.len()).map(|at| (Chance::of(SEED, at as u64).number(), at)).collect();
    order.sort_unstable();
    let mut all: Vec<Option<Question>> = all.into_iter().map(Some).collect();
    order.into_iter().filter_map(|(_, at)| all[at].take()).collect()
}

fn text(kind: Kind, person: &Person, chance: &mut Chance) -> Option<String> {
    let name = format!("{} {}", person.first_name, person.last_name);
    match kind {
        Kind::NameWithError => with_error(&name, chance),
        Kind::TwoPrefixes => {
            let first: String = person.first_name.chars().take(3 + chance.below(2) as usize).collect();
            let last: String = person.last_name.chars().take(3 + chance.below(2) as usize).collect();
            let (first, last) = (first.trim().to_owned(), last.trim().to_owned());
            Some(if chance.percent(70) { format!("{first} {last}") } else { format!("{last} {first}") })
        }
        Kind::ThreeLetters => {
            let from = if chance.percent(60) { &person.last_name } else { &person.first_name };
            let start: String = fold(from).chars().take(3).collect();
            Some(start).filter(|start| start.len() == 3 && !start.contains(' '))
        }
        Kind::WholeName => Some(if chance.percent(50) { name.to_lowercase() } else { name }),
        Kind::Phone => phone(person, chance),
        Kind::EmailPart => email_part(person, chance),
        Kind::Domain => {
            let domain = person.email.split('@').nth(1)?;
            Some(if chance.percent(50) { format!("@{domain}") } else { domain.to_owned() })
        }
        Kind::Postcode => {
            let code = Some(&person.postcode).filter(|code| !code.is_empty())?;
            Some(match chance.below(3) {
                0 => code.clone(),
                1 => code.replace(' ', ""),
                _ => code.to_lowercase(),
            })
        }
        Kind::Number => Some(match chance.below(3) {
            0 => person.number.clone(),
            1 => person.number.to_lowercase().replace('-', ""),
            _ => person.number.split('-').nth(1)?.to_owned(),
        }),
        Kind::Miss => Some(match chance.below(3) {
            0 => format!("xq{:06}", chance.below(1_000_000)),
            1 => format!("zw{}kv {}", chance.below(100), fold(&person.last_name)),
            _ => format!("{}@nowhere.invalid", fold(&person.first_name).replace(' ', "")),
        }),
    }
}

/// The name with two letters swapped, one left out, one too many, or one wrong, in a word of at least five letters.
fn with_error(name: &str, chance: &mut Chance) -> Option<String> {
    let folded = fold(name);
    let mut words: Vec<String> = folded.split(' ').map(str::to_owned).collect();
    let long: Vec<usize> = (0..words.len()).filter(|at| words[*at].len() >= 5).collect();
    let at = *long.get(chance.below(long.len().max(1) as u64) as usize)?;
    let mut letters: Vec<char> = words[at].chars().collect();
    let place = chance.between(1, letters.len() as u64 - 2) as usize;
    let other = char::from(b'a' + chance.below(26) as u8);
    match chance.below(4) {
        0 if letters[place] != letters[place + 1] => letters.swap(place, place + 1),
        1 => letters.insert(place, other),
        2 if letters[place] != other => letters[place] = other,
        _ => {
            letters.remove(place);
        }
    }
    words[at] = letters.into_iter().collect();
    Some(words.join(" "))
}

fn phone(person: &Person, chance: &mut Chance) -> Option<String> {
    let code = match person.country.as_str() {
        "GB" => "44",
        "US" => "1",
        "DE" => "49",
        "FR" => "33",
        "NL" => "31",
        _ => return None,
    };
    let national = person.phone.strip_prefix(code)?;
    let trunk = if code == "1" { "" } else { "0" };
    let (start, rest) = national.split_at_checked(3)?;
    Some(match chance.below(5) {
        0 => format!("+{code}{national}"),
        1 => format!("00{code} {start} {rest}"),
        2 => format!("{trunk}{national}"),
        3 => format!("({trunk}{start}) {}-{}", &rest[..3], &rest[3..]),
        _ => format!("+{code} (0){start} {} {}", &rest[..2], &rest[2..]),
    })
}

fn email_part(person: &Person, chance: &mut Chance) -> Option<String> {
    let (local, domain) = person.email.split_once('@')?;
    let part = match chance.below(4) {
        0 => local.to_owned(),
        1 => person.email.clone(),
        2 => local.get(..local.len().min(7))?.to_owned(),
        _ => format!("{}@{}", local.rsplit(['.', '_']).next()?, domain.get(..3)?),
    };
    Some(part).filter(|part| part.len() >= 4)
}

/// What came of the questions of one kind.
#[derive(Default, Clone)]
pub struct Outcome {
    pub times: Times,
    /// The very customer was the first hit, or among the first five.
    pub first: usize,
    pub among_five: usize,
    /// The first hit answers the question as well as the customer who was meant.
    pub fits: usize,
}

/// Asks every question once.
pub fn ask(client: &Client, questions: &[Question]) -> BTreeMap<Kind, Outcome> {
    let mut outcomes: BTreeMap<Kind, Outcome> = BTreeMap::new();
    for question in questions {
        let outcome = outcomes.entry(question.kind).or_default();
        let path = format!("/api/v1/search?q={}", escaped(&question.text));
        let answer = outcome.times.measure(|| client.read(&path));
        judge(question, &answer, outcome);
    }
    outcomes
}

fn judge(question: &Question, answer: &Value, outcome: &mut Outcome) {
    let hits = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    if question.kind == Kind::Miss {
        outcome.fits += usize::from(hits.is_empty());
        return;
    }
    let wanted = question.person.id.to_string();
    let place = hits.iter().position(|hit| hit["id"] == wanted.as_str());
    outcome.first += usize::from(place == Some(0));
    outcome.among_five += usize::from(place.is_some_and(|place| place < 5));
    outcome.fits += usize::from(place == Some(0) || hits.first().is_some_and(|hit| fits(question, hit)));
}

/// Whether a hit has all that the question says: a namesake, somebody in the same mail domain.
fn fits(question: &Question, hit: &Value) -> bool {
    let text = |field: &str| hit[field].as_str().unwrap_or_default().to_lowercase();
    let person = &question.person;
    match question.kind {
        Kind::NameWithError | Kind::WholeName => {
            fold(&text("name")) == fold(&format!("{} {}", person.first_name, person.last_name))
        }
        Kind::TwoPrefixes | Kind::ThreeLetters => {
            let all = fold(&format!("{} {} {} {}", text("name"), text("company"), text("town"), text("email")));
            let begins = |start: &str| all.split(' ').any(|word| word.starts_with(start));
            fold(&question.text).split(' ').all(begins)
        }
        Kind::Phone => text("phone").chars().filter(char::is_ascii_digit).collect::<String>() == person.phone,
        Kind::Domain => text("email").ends_with(question.text.trim_start_matches('@')),
        Kind::EmailPart => text("email").contains(&question.text),
        // The API's hits do not tell the postcode: whoever lives in the same town is near enough to look right.
        Kind::Postcode => text("town") == person.town.to_lowercase(),
        Kind::Number | Kind::Miss => false,
    }
}
