//! Mailboxes: one spelling of each, and what the part before the @ tells of the name.

use crate::knowledge::{is_relay, is_shared_box, provider};
use crate::person::{Mailbox, MailboxKind, Person};
use crate::text::{Short, fold, squeeze_umlauts};

/// Shortest name that is looked for inside a mailbox.
const SHORTEST_NAME: usize = 3;

/// Adds the mailbox of an e-mail address, unless a relay hides who it is.
pub fn read(email: &str, person: &mut Person) {
    let folded = fold(email.trim());
    let Some((local, domain)) = folded.rsplit_once('@') else { return };
    let domain = provider(domain.trim_end_matches('.'));
    if domain.is_empty() || is_relay(domain) {
        return;
    }
    let local = local.split('+').next().unwrap_or_default();
    let mut squeezed = String::with_capacity(local.len());
    squeeze_umlauts(local, &mut squeezed);
    let joined: String = squeezed.chars().filter(char::is_ascii_alphanumeric).collect();
    if joined.is_empty() {
        return;
    }
    let kind = if is_shared_box(local) { MailboxKind::Shared } else { read_name(&squeezed, person) };
    let mailbox = Mailbox { local: Short::new(&joined), domain: Short::new(domain), kind };
    if !person.mailboxes.contains(&mailbox) {
        person.mailboxes.push(mailbox);
    }
}

/// Looks for the names in a local part; keeps the given name it tells when the record has only an initial.
fn read_name(local: &str, person: &mut Person) -> MailboxKind {
    let has_digits = local.bytes().any(|byte| byte.is_ascii_digit());
    let mut rest: String = local.chars().filter(char::is_ascii_lowercase).collect();
    let mut names_surname = false;
    for name in person.last.iter().filter(|word| word.text.len() >= SHORTEST_NAME) {
        if let Some(without) = without(&rest, as_str(&name.text)) {
            rest = without;
            names_surname = true;
        }
    }
    if names_surname {
        rest = without_particles(&rest).to_owned();
    }
    let rest = Short::new(&rest);
    let is_first = person.first.iter().any(|word| word.text == rest || word.text.within(&rest, TYPING_ERRORS))
        || rest.as_bytes().iter().eq(person.first.iter().flat_map(|word| word.text.as_bytes()));
    if names_surname && !is_first {
        keep_given_name(as_str(&rest), person);
    }
    let is_explained = is_first
        || (names_surname && (rest.len() <= 2 || crate::knowledge::given_name(as_str(&rest)) != 0))
        || names_mistyped(local, person);
    match (is_explained, has_digits) {
        (true, false) => MailboxKind::Plain,
        (true, true) => MailboxKind::Numbered,
        _ => MailboxKind::Distinct,
    }
}

/// Errors within which a part of a mailbox is still taken for the name.
const TYPING_ERRORS: u32 = 2;

/// Whether a local part names the person when the last name was mistyped: without the first name, it is nearly the last.
fn names_mistyped(local: &str, person: &Person) -> bool {
    let parts: Vec<String> = local
        .split(|letter: char| !letter.is_ascii_lowercase())
        .filter(|part| part.len() >= SHORTEST_NAME)
        .map(String::from)
        .collect();
    let letters: String = local.chars().filter(char::is_ascii_lowercase).collect();
    let first = person.first.first().map(|word| word.text);
    let without_first = first.and_then(|first| without(&letters, as_str(&first)));
    let candidates = parts.into_iter().chain(without_first);
    let nearly = |candidate: String| {
        let candidate = Short::new(without_particles(&candidate));
        person.last.iter().any(|word| word.text.len() >= 4 && word.text.within(&candidate, TYPING_ERRORS))
    };
    candidates.into_iter().any(nearly)
}

/// The letters without a name that occurs in them.
fn without(letters: &str, name: &str) -> Option<String> {
    letters.contains(name).then(|| letters.replacen(name, "", 1))
}

/// Particles as they are written in mailboxes, the longer before the shorter.
const PARTICLES: &[&str] = &[
    "vanden", "vander", "vande", "vanhet", "van", "von", "den", "der", "de", "ter", "le", "la", "du", "di", "el", "al",
];

/// What is left of a given name with particles before or behind it: "truusde" is "truus".
fn without_particles(rest: &str) -> &str {
    let is_name = |name: &&str| name.len() <= 1 || crate::knowledge::given_name(name) != 0;
    let stripped =
        PARTICLES.iter().flat_map(|particle| [rest.strip_suffix(particle), rest.strip_prefix(particle)]).flatten();
    if rest.len() > 2 && crate::knowledge::given_name(rest) != 0 {
        return rest;
    }
    let mut stripped = stripped.peekable();
    let first = stripped.peek().copied();
    stripped.find(is_name).or(first).unwrap_or(rest)
}

fn keep_given_name(rest: &str, person: &mut Person) {
    let wanted = match person.first.first() {
        None => true,
        Some(first) => first.is_initial() && rest.as_bytes().first() == Some(&first.text.first()),
    };
    if wanted && rest.len() >= SHORTEST_NAME {
        person.mailbox_given = Some(super::names::word(rest));
    }
}

fn as_str(name: &Short) -> &str {
    std::str::from_utf8(name.as_bytes()).unwrap_or_default()
}
