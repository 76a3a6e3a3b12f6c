//! What was typed, as documents have it.

use platform::contact::{fold, search_digits, words};
use platform::db::TextMatch;

/// Longest question taken into account, in characters; the rest is ignored.
const LONGEST_QUESTION: usize = 200;
const MOST_WORDS: usize = 8;
/// Letters from which a part of a word is worth looking for.
const SHORTEST_PART: usize = 3;

/// Digits of a national number from which it counts as whole.
const WHOLE_PHONE: usize = 7;
/// Letters in front of digits from which they are no postcode.
const MAILBOX_LETTERS: usize = 3;
/// Digits behind letters from which they are a number and no postcode.
const NUMBER_DIGITS: usize = 5;
/// Calling codes of the countries that shops of this kind deal with; numbers of others are found by their end.
const CALLING_CODES: &[&str] = &[
    "", "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
    "49", "52", "55", "60", "61", "62", "63", "64", "65", "66", "81", "82", "86", "90", "91", "212", "216", "351",
    "352", "353", "354", "355", "356", "357", "358", "359", "370", "371", "372", "380", "381", "385", "386", "420",
    "421", "852", "886", "971", "972",
];

/// How a word stands in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Whole,
    Beginning,
    Part,
}

impl Level {
    /// The text to look for.
    pub(super) fn text(self, word: &str) -> String {
        match self {
            Self::Whole => format!(" {word} "),
            Self::Beginning => format!(" {word}"),
            Self::Part => word.to_owned(),
        }
    }
}

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Question {
    /// Without blanks around it.
    pub(super) typed: String,
    /// Words as they stand in documents: e-mail parts stay whole, phone numbers become digits.
    pub(super) words: Vec<String>,
    /// Postcodes are stored without blanks; "1075 ee" is asked as "1075ee" too.
    joined: Option<String>,
    pub(super) is_phone: bool,
}

impl Question {
    pub(super) fn read(typed: &str) -> Self {
        let typed: String = typed.chars().take(LONGEST_QUESTION).collect();
        let typed = typed.trim().to_owned();
        let lower = typed.to_lowercase();
        // Few plain digits are a customer number or postcode, not a phone number in some notation.
        let is_short_number = lower.len() < 8 && lower.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(digits) = search_digits(&lower).filter(|_| !is_short_number || lower.starts_with('0')) {
            return Self { typed, words: vec![digits], joined: None, is_phone: true };
        }
        let mut found = Vec::new();
        for part in lower.split_whitespace() {
            let is_code = part.contains('@') || (part.contains('-') && part.chars().any(|c| c.is_ascii_digit()));
            if is_code {
                found.push(part.to_owned());
            } else {
                found.extend(words(part));
            }
        }
        found.truncate(MOST_WORDS);
        let joined: String = fold(&lower).split_whitespace().collect();
        let has_digit = joined.chars().any(|character| character.is_ascii_digit());
        let joined = (found.len() > 1 && found.len() < 4 && has_digit && joined.len() <= 10).then_some(joined);
        Self { typed, words: found, joined, is_phone: false }
    }

    /// What documents must contain.
    pub(super) fn at(&self, level: Level) -> TextMatch {
        // One or two letters alone are part of everything; as the beginning of a word they say something.
        let says_something = self.words.iter().any(|word| word.len() >= SHORTEST_PART);
        let level = if level == Level::Part && !says_something { Level::Beginning } else { level };
        let mut text = TextMatch::all(self.words.iter().map(|word| level.text(word)));
        text.any.extend(self.joined.iter().map(|joined| vec![vec![level.text(joined)]]));
        text
    }

    /// A whole e-mail address.
    pub(super) fn email(&self) -> Option<String> {
        let (local, host) = self.typed.split_once('@')?;
        let is_whole = !local.is_empty() && host.contains('.') && !self.typed.contains(char::is_whitespace);
        is_whole.then(|| self.typed.to_lowercase())
    }

    /// A customer number with its letters, with or without the dash.
    pub(super) fn number(&self) -> Option<String> {
        let upper = self.typed.to_uppercase();
        let letters = upper.find(|character: char| !character.is_ascii_alphabetic())?;
        let (prefix, rest) = upper.split_at(letters);
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        let is_number = !prefix.is_empty() && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| format!("{prefix}-{digits}"))
    }

    /// Digits that can be a customer number without its letters.
    pub(super) fn bare_number(&self) -> Option<String> {
        let is_bare = (4..=12).contains(&self.typed.len()) && self.typed.bytes().all(|byte| byte.is_ascii_digit());
        is_bare.then(|| self.typed.clone())
    }

    /// Every number that is meant whole: the typed one behind each country's calling code, and as it stands.
    pub(super) fn whole_phones(&self) -> Vec<String> {
        let Some(national) = self.words.first().filter(|digits| self.is_phone && digits.len() >= WHOLE_PHONE) else {
            return Vec::new();
        };
        CALLING_CODES.iter().map(|code| format!("{code}{national}")).collect()
    }

    /// What can be a whole postcode, as it is stored.
    pub(super) fn postcode(&self) -> Option<String> {
        let joined: String = fold(&self.typed).split_whitespace().collect();
        let has_digit = joined.bytes().any(|byte| byte.is_ascii_digit());
        ((3..=10).contains(&joined.len()) && has_digit && self.words.len() <= 3).then_some(joined)
    }

    /// What can be the beginning of an e-mail address and nothing else.
    pub(super) fn beginning_of_email(&self) -> Option<String> {
        let lower = self.typed.to_lowercase();
        let mark = lower.find(['.', '_', '@'])?;
        (mark > 0 && !lower.contains(char::is_whitespace) && !self.is_phone).then_some(lower)
    }

    /// Letters and then digits, as names of mailboxes have them; a postcode has fewer letters in front.
    pub(super) fn name_of_mailbox(&self) -> Option<String> {
        let lower = self.typed.to_lowercase();
        let letters = lower.bytes().take_while(u8::is_ascii_lowercase).count();
        let digits = &lower[letters..];
        let is_one =
            letters >= MAILBOX_LETTERS && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_one.then_some(lower)
    }

    /// Whether a customer with this very number need not be the one who is meant: few digits are postcodes as well.
    pub(super) fn is_ambiguous(&self) -> bool {
        let digits = self.typed.bytes().filter(u8::is_ascii_digit).count();
        let is_lettered = self.number().is_some() && digits >= NUMBER_DIGITS;
        self.email().is_none() && !self.typed.contains('-') && !is_lettered
    }

    /// Whether it is never the beginning of a word.
    pub(super) fn is_part(&self) -> bool {
        self.typed.starts_with('@')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(typed: &str) -> Vec<String> {
        Question::read(typed).words
    }

    #[test]
    fn questions_become_words_as_documents_have_them() {
        assert_eq!(words_of("  José  VAN der Berg"), ["jose", "van", "der", "berg"]);
        assert_eq!(words_of("anna@gmail.example"), ["anna@gmail.example"]);
        assert_eq!(words_of("C-10023"), ["c-10023"]);
        assert_eq!(words_of("06-12345678"), ["612345678"]);
        let postcode = Question::read("1075 EE").at(Level::Beginning);
        let words = vec![vec![" 1075".to_owned()], vec![" ee".to_owned()]];
        assert_eq!(postcode.any, [words, vec![vec![" 1075ee".to_owned()]]]);
    }

    #[test]
    fn numbers_are_told_from_words() {
        let number = |typed: &str| Question::read(typed).number();
        assert_eq!(number("c10002"), Some("C-10002".to_owned()));
        assert_eq!(number(" C-10002 "), Some("C-10002".to_owned()));
        assert_eq!([number("10002"), number("anna"), number("sw1a 1aa")], [None, None, None]);
        assert_eq!(Question::read("10002").bare_number(), Some("10002".to_owned()));
        assert_eq!(Question::read("anna@x.example").email(), Some("anna@x.example".to_owned()));
        assert_eq!(Question::read("anna@x").email(), None);
        assert_eq!(Question::read("1075 EE").postcode(), Some("1075ee".to_owned()));
        assert_eq!(Question::read("anna.smi").beginning_of_email(), Some("anna.smi".to_owned()));
        assert_eq!(Question::read("@x.example").beginning_of_email(), None);
        assert_eq!(Question::read("Smith77").name_of_mailbox(), Some("smith77".to_owned()));
        assert_eq!(
            ["se15", "smith", "77smith", "anna b7"].map(|typed| Question::read(typed).name_of_mailbox()),
            [const { None }; 4]
        );
        assert_eq!(["c10002", "c1002", "10002"].map(|typed| Question::read(typed).is_ambiguous()), [false, true, true]);
        assert!(Question::read("06-12345678").whole_phones().contains(&"31612345678".to_owned()));
    }
}
