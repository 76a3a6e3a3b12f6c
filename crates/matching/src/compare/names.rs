//! Names: how two of them may be one.

use super::{Finding, Found};
use crate::knowledge::{NameWord, name_word, related};
use crate::person::{Person, Word};
use crate::statistics::{Statistics, Value, ValueKind, share};

/// Which name a word is taken from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    First,
    Last,
}

impl Part {
    fn value(self, word: &Word, culture: u16) -> Value {
        match self {
            Self::First => Value::first_name(word, culture),
            Self::Last => Value::last_name(word, culture),
        }
    }

    fn kind(self) -> ValueKind {
        match self {
            Self::First => ValueKind::FirstName,
            Self::Last => ValueKind::LastName,
        }
    }
}

/// Whether a finding of a name speaks for one person.
pub fn agree(finding: Finding) -> bool {
    use Finding::{FromMailbox, Initial, Nickname, Part, Same, SoundsAlike, Swapped, Typo};
    matches!(finding, Same | Part | Nickname | SoundsAlike | Typo | Swapped | Initial | FromMailbox)
}

/// Compares first and last names, also crosswise.
pub fn compare(a: &Person, b: &Person, statistics: &dyn Statistics) -> (Found, Found) {
    let scale = Scale { statistics, cultures: [a.culture, b.culture] };
    let last = scale.words(&a.last, &b.last, Part::Last);
    let first = scale.first(a, b);
    let is_straight = agree(last.finding) || agree(first.finding);
    if !is_straight && let Some(swapped) = scale.swapped(a, b) {
        return swapped;
    }
    (first, last)
}

struct Scale<'a> {
    statistics: &'a dyn Statistics,
    cultures: [u16; 2],
}

impl Scale<'_> {
    /// Share of customers with a word in this part of the name, in the country where it is more common.
    fn share(&self, word: &Word, part: Part) -> f64 {
        let in_culture = |culture: u16| share(self.statistics, part.value(word, culture), part.kind(), culture);
        let [one, other] = self.cultures;
        let share = in_culture(one);
        if one == other { share } else { share.max(in_culture(other)) }
    }

    fn count(&self, word: &Word, part: Part) -> u32 {
        let counts = self.cultures.map(|culture| self.statistics.count(part.value(word, culture)).unwrap_or(1));
        counts[0].max(counts[1])
    }

    fn first(&self, a: &Person, b: &Person) -> Found {
        let told = |person: &Person| {
            let is_hidden = person.first.first().is_none_or(Word::is_initial);
            if is_hidden { person.mailbox_given } else { None }
        };
        match (told(a), told(b)) {
            (None, None) => self.words(&a.first, &b.first, Part::First),
            (Some(told), None) if !b.first.is_empty() => self.told(&told, &b.first),
            (None, Some(told)) if !a.first.is_empty() => self.told(&told, &a.first),
            (Some(x), Some(y)) => self.told(&x, &[y]),
            _ => Found::MISSING,
        }
    }

    /// A given name from a mailbox against one that was typed.
    fn told(&self, told: &Word, words: &[Word]) -> Found {
        let found = self.words(&[*told], words, Part::First);
        match found.finding {
            Finding::Initial | Finding::OtherInitial | Finding::Missing => found,
            finding if agree(finding) => Found { finding: Finding::FromMailbox, ..found },
            _ => Found::new(Finding::OtherInMailbox, 1.0),
        }
    }

    fn words(&self, a: &[Word], b: &[Word], part: Part) -> Found {
        let (Some(x), Some(y)) = (a.first(), b.first()) else { return Found::MISSING };
        if x.text == y.text && a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.text == y.text) {
            let finding = if x.is_initial() { Finding::Initial } else { Finding::Same };
            return self.same(finding, a, part);
        }
        if let Some(found) = initials(a, b) {
            return found;
        }
        if joined_alike(a, b) {
            return self.same(Finding::Same, if a.len() > b.len() { a } else { b }, part);
        }
        if part == Part::Last && (holds_particles(x, y) || holds_particles(y, x)) {
            return self.same(Finding::Same, if x.text.len() > y.text.len() { b } else { a }, part);
        }
        let common = a.iter().find(|word| !word.is_initial() && b.iter().any(|other| other.text == word.text));
        if let Some(word) = common {
            let both_go_on = a.len() > 1 && b.len() > 1 && part == Part::First;
            let finding = if both_go_on { Finding::Similar } else { Finding::Part };
            return Found::new(finding, self.share(word, part) * 2.0);
        }
        let pairs = a.iter().take(2).flat_map(|x| b.iter().take(2).map(move |y| (x, y)));
        let best = pairs.filter_map(|(x, y)| self.nearly(x, y, part)).min_by_key(|found| found.finding);
        best.unwrap_or_else(|| Found::new(Finding::Different, 1.0))
    }

    fn same(&self, finding: Finding, words: &[Word], part: Part) -> Found {
        if finding == Finding::Initial {
            return Found::new(finding, INITIALS_FIT);
        }
        let share = words.iter().map(|word| self.share(word, part)).fold(1.0, f64::min);
        // A second name that is the same as well is half as rare again.
        Found::new(finding, if words.len() > 1 { share * 0.5 } else { share })
    }

    /// Two different words that may be one name.
    fn nearly(&self, x: &Word, y: &Word, part: Part) -> Option<Found> {
        if part == Part::First && related(x.given, y.given) {
            return Some(Found::new(Finding::Nickname, self.share(x, part) + self.share(y, part)));
        }
        let shorter = x.text.len().min(y.text.len());
        let (allowed, allowed_by_ear) = match shorter {
            0..=2 => return None,
            3..=4 => (1, 1),
            5..=6 => (1, 2),
            _ => (2, 3),
        };
        let alike = x.sound == y.sound && x.text.within(&y.text, allowed_by_ear);
        let finding = match x.text.distance(&y.text, allowed) {
            Some(_) if alike => Finding::SoundsAlike,
            Some(_) => Finding::Typo,
            None if alike => Finding::SoundsAlike,
            None => return None,
        };
        let (few, many) = {
            let (x, y) = (self.count(x, part), self.count(y, part));
            (x.min(y), x.max(y))
        };
        let both_are_known = part == Part::First && x.given != 0 && y.given != 0;
        if both_are_known || f64::from(few) >= (f64::from(many) * ESTABLISHED_SHARE).max(ESTABLISHED_COUNT) {
            return Some(Found::new(Finding::Similar, 0.02));
        }
        let (x, y) = (self.share(x, part), self.share(y, part));
        Some(Found::new(finding, 0.2 * x.max(y) + 10.0 * x.min(y)))
    }

    /// First and last name in each other's place.
    fn swapped(&self, a: &Person, b: &Person) -> Option<(Found, Found)> {
        let one = self.words(&a.first, &b.last, Part::Last);
        let other = self.words(&a.last, &b.first, Part::First);
        let sure = |found: &Found| {
            matches!(found.finding, Finding::Same | Finding::Part | Finding::Typo | Finding::SoundsAlike)
        };
        if !sure(&one) && !sure(&other) {
            return None;
        }
        let is_half = !agree(one.finding) || !agree(other.finding);
        if is_half {
            // The only thing in common must be the very word.
            let exact = |found: &Found| matches!(found.finding, Finding::Same | Finding::Part);
            return (exact(&one) || exact(&other)).then(|| self.half_swapped(a, exact(&one)));
        }
        // In its own field one of the two words is common, in the other's it is rare.
        let common = |x: Option<&Word>, y: Option<&Word>, part: Part| {
            let shares = [x, y].into_iter().flatten().map(|word| self.share(word, part));
            shares.fold(0.0, f64::max)
        };
        let last = common(a.last.first(), b.last.first(), Part::Last);
        let first = common(a.first.first(), b.first.first(), Part::First);
        Some((Found::new(Finding::Swapped, first * SWAPPED_BY_CHANCE), Found::new(Finding::Swapped, last)))
    }
}

impl Scale<'_> {
    /// One word stands in the other field, and nothing else agrees: either the last name is the same and the first name is
    /// another one, or the other way round. How common the word is in either field tells which.
    fn half_swapped(&self, a: &Person, from_first_of_a: bool) -> (Found, Found) {
        let word = if from_first_of_a { a.first.first() } else { a.last.first() };
        let Some(word) = word else { return (Found::MISSING, Found::MISSING) };
        let is_last = self.count(word, Part::Last) >= self.count(word, Part::First);
        let different = Found::new(Finding::Different, 1.0);
        if is_last {
            (different, Found::new(Finding::Swapped, self.share(word, Part::Last)))
        } else {
            (Found::new(Finding::Swapped, self.share(word, Part::First) * SWAPPED_BY_CHANCE), different)
        }
    }
}

/// Share of strangers whose names stand in each other's place.
const SWAPPED_BY_CHANCE: f64 = 0.02;
/// Chance that a stranger's initial fits.
const INITIALS_FIT: f64 = 0.08;
/// A spelling is a name of its own when so many have it, and at least this share of those with the other spelling.
const ESTABLISHED_COUNT: f64 = 3.0;
const ESTABLISHED_SHARE: f64 = 0.02;

/// Whether an initial, or two in one word ("JP"), fits the other name; none when neither side is an initial.
fn initials(a: &[Word], b: &[Word]) -> Option<Found> {
    let fits = |short: &[Word], long: &[Word]| {
        let word = &short[0];
        if word.is_initial() {
            return Some(long.iter().any(|other| other.text.first() == word.text.first()));
        }
        let both = short.len() == 1 && word.text.len() == 2 && long.len() == 2;
        let is_both =
            both && word.text.as_bytes().iter().zip(long).all(|(letter, other)| *letter == other.text.first());
        is_both.then_some(true)
    };
    let fits = fits(a, b).or_else(|| fits(b, a))?;
    Some(if fits {
        Found::new(Finding::Initial, INITIALS_FIT)
    } else {
        Found::new(Finding::OtherInitial, 1.0 - INITIALS_FIT)
    })
}

/// Whether a last name is the other one with its particles written in front as one word: "Vandermolen" and "(van der)
/// Molen". A single particle of two letters begins too many other names.
fn holds_particles(long: &Word, short: &Word) -> bool {
    let (long, short) = (long.text.as_bytes(), short.text.as_bytes());
    let Some(head) = long.strip_suffix(short).and_then(|head| str::from_utf8(head).ok()) else { return false };
    short.len() >= 3 && head.len() >= 3 && is_particles(head)
}

fn is_particles(text: &str) -> bool {
    let is_particle = |word: &str| name_word(word) == Some(NameWord::Particle);
    is_particle(text)
        || (2..text.len().saturating_sub(1)).any(|at| is_particle(&text[..at]) && is_particles(&text[at..]))
}

/// Whether the words are the same when written as one: "Anne Marie" and "Annemarie".
fn joined_alike(a: &[Word], b: &[Word]) -> bool {
    let letters = |words: &[Word]| words.iter().map(|word| word.text.len()).sum::<usize>();
    a.len() != b.len()
        && letters(a) == letters(b)
        && a.iter().flat_map(|word| word.text.as_bytes()).eq(b.iter().flat_map(|word| word.text.as_bytes()))
}
