//! Phone numbers: what was typed, the E.164 form when there is one, and finding a number in any notation.

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, country};

/// The longest number anyone writes, blanks, brackets and extension included.
const MAX_CHARS: usize = 40;
/// Fewer digits are no number and would find half the customers.
const MIN_DIGITS: usize = 3;
/// E.164: digits of a number with its country code.
const MAX_E164_DIGITS: usize = 15;

/// A phone number of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    typed: String,
    e164: Option<String>,
    digits: String,
}

/// The text is no phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This is not a phone number.")]
pub struct InvalidPhone;

impl InvalidPhone {
    /// The stable reason code.
    pub fn code(self) -> &'static str {
        "phone_invalid"
    }
}

impl Phone {
    /// Reads a number as people type it; `default_country` (ISO two-letter code) is where a number without a
    /// country code is dialled. A number that no country knows is kept without an E.164 form: shops have
    /// extensions, service numbers and numbers of plans younger than the table. Refused is what cannot be dialled:
    /// fewer than 3 digits, letters other than an extension's `x` or `ext`, more than 40 characters.
    pub fn parse(raw: &str, default_country: Option<&str>) -> Result<Self, InvalidPhone> {
        let typed = raw.trim();
        let dialled = Dialled::read(typed).ok_or(InvalidPhone)?;
        if typed.chars().count() > MAX_CHARS || dialled.digits.len() < MIN_DIGITS {
            return Err(InvalidPhone);
        }
        // A reading that drops more than a trunk prefix is a wrong one (`112111111111` as `+1 211 111 1111`), and nobody would
        // find the number by what is printed on the card.
        let asked = search_digits(typed);
        let e164 =
            dialled.e164(default_country).filter(|e164| asked.as_ref().is_some_and(|asked| e164.contains(asked)));
        let digits = match &e164 {
            Some(e164) => e164.trim_start_matches('+').to_owned(),
            None => dialled.digits,
        };
        Ok(Self { typed: typed.to_owned(), e164, digits })
    }

    /// What was typed, without the blanks around it.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// `+` and digits (ITU-T E.164), without the extension, when the number fits its country's numbering plan.
    pub fn e164(&self) -> Option<&str> {
        self.e164.as_deref()
    }

    /// The digits to store for searching: those of the E.164 form, else those typed. What [`search_digits`] makes of any
    /// notation of this number is contained in them.
    pub fn digits(&self) -> &str {
        &self.digits
    }
}

/// An E.164 number as its country writes it for the world: `+31612345678` becomes `+31 6 12345678`.
/// What cannot be read comes back unchanged.
pub fn readable(e164: &str) -> String {
    match phonenumber::parse(None, e164) {
        Ok(number) => number.format().mode(Mode::International).to_string(),
        Err(_) => e164.to_owned(),
    }
}

/// The digits that every stored number meant by `query` contains: the national part, without trunk zeros and
/// without a country code that is marked as one (`+`, `00`, `011`). `None` when the query is not a number (letters,
/// or fewer than 3 digits left).
///
/// All steps only shorten the digits from the left, so they can find too much but never too little.
pub fn search_digits(query: &str) -> Option<String> {
    let dialled = Dialled::read(query.trim())?;
    let national =
        if dialled.international { national_as_stored(&dialled.digits) } else { without_trunk_prefix(&dialled.digits) };
    let national = national.trim_start_matches('0');
    (national.len() >= MIN_DIGITS).then(|| national.to_owned())
}

/// A number reduced to what is dialled.
struct Dialled {
    /// Whether the digits start with a country code, as a `+` or `00` in front said.
    international: bool,
    /// ASCII digits, extension and `+` or `00` left out.
    digits: String,
}

impl Dialled {
    /// `None` when the text holds what no phone number does.
    fn read(text: &str) -> Option<Self> {
        let mut digits = String::with_capacity(text.len().min(MAX_CHARS));
        let mut plus = false;
        let mut characters = text.chars();
        for character in characters.by_ref() {
            match character {
                '0'..='9' => digits.push(character),
                '+' | '\u{ff0b}' => plus |= digits.is_empty(),
                'x' | 'X' | 'e' | 'E' if !digits.is_empty() => {
                    return is_extension(character, characters.as_str()).then(|| Self::of(plus, digits));
                }
                '#' if digits.len() >= MIN_DIGITS => break,
                _ if is_separator(character) => {}
                _ => digits.push(foreign_digit(character)?),
            }
        }
        Some(Self::of(plus, digits))
    }

    fn of(plus: bool, mut digits: String) -> Self {
        let international = plus || digits.starts_with("00");
        if international {
            // No country code starts with 0: `+0261` and `000261` are `+261`.
            digits.drain(..digits.len() - digits.trim_start_matches('0').len());
        }
        Self { international, digits }
    }

    fn e164(&self, default_country: Option<&str>) -> Option<String> {
        if self.international {
            return international(&self.digits);
        }
        let country: country::Id = default_country?.to_ascii_uppercase().parse().ok()?;
        if country_code(country) == Some(1)
            && let Some(abroad) = self.digits.strip_prefix("011")
        {
            return international(abroad);
        }
        let number = phonenumber::parse(Some(country), &self.digits).ok()?;
        usable(&number)
    }
}

/// Read without a default country: with one, the library strips that country's trunk prefix from foreign
/// numbers too (`+44 1316809838` read in the United States loses its 1).
fn international(digits: &str) -> Option<String> {
    if digits.len() > MAX_E164_DIGITS + 1 {
        return None;
    }
    read_abroad(digits).or_else(|| {
        // `+44 (0)20` and `+44 020`: the trunk zero of a number dialled at home, left in by habit.
        let national = without_calling_code(digits);
        let code = &digits[..digits.len() - national.len()];
        read_abroad(&format!("{code}{}", national.strip_prefix('0')?))
    })
}

fn read_abroad(digits: &str) -> Option<String> {
    usable(&phonenumber::parse(None, format!("+{digits}")).ok()?)
}

/// The E.164 form, if the national part fits the general pattern of a country with that code. Not checked is whether that
/// very series has been given out: tables lag behind, and customers have the number all the same.
fn usable(number: &phonenumber::PhoneNumber) -> Option<String> {
    let national = number.national().to_string();
    let countries = DATABASE.by_code(&number.code().value())?;
    let fits = countries.iter().any(|country| fits_plan(country, &national));
    fits.then(|| number.format().mode(Mode::E164).to_string())
}

/// Matched to the end: the library's own `is_match` is content with a number that starts right.
fn fits_plan(country: &phonenumber::Metadata, national: &str) -> bool {
    let pattern = country.descriptors().general().national_number();
    pattern.find(national).is_some_and(|found| found.start() == 0 && found.end() == national.len())
}

fn country_code(country: country::Id) -> Option<u16> {
    DATABASE.by_id(country.as_ref()).map(|metadata| metadata.country_code())
}

/// The digits after the country code. Country codes are prefix-free, so the first that is known is the one.
fn without_calling_code(digits: &str) -> &str {
    for length in 1..=3 {
        let Some((code, national)) = digits.split_at_checked(length) else { break };
        if code.parse().is_ok_and(|code: u16| DATABASE.by_code(&code).is_some()) {
            return national;
        }
    }
    digits
}

/// The digits after the country code, as far from the end as they are those of the number that would be stored: plans
/// drop trunk prefixes (`8` after `+7`), move a mobile mark (`15` in Argentina) or add a digit (`20` in Madagascar).
fn national_as_stored(digits: &str) -> &str {
    let national = without_calling_code(digits);
    let Some(stored) = international(digits) else { return national };
    let same = national.bytes().rev().zip(stored.bytes().rev()).take_while(|(typed, stored)| typed == stored);
    &national[national.len() - same.count()..]
}

/// The digits after a trunk prefix: zeros nearly everywhere, 1 in North America, 8 in Russia and its neighbours;
/// and after `011`, which is how North America dials abroad.
fn without_trunk_prefix(digits: &str) -> &str {
    if let Some(abroad) = digits.strip_prefix("011")
        && abroad.len() >= 10
    {
        return without_calling_code(abroad);
    }
    let trunk = digits.strip_prefix(['1', '8']).filter(|national| national.len() == 10);
    trunk.unwrap_or(digits)
}

fn is_separator(character: char) -> bool {
    let dash = matches!(character, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '\u{b7}' | '\u{2022}');
    dash || character.is_ascii_punctuation()
        || (character.is_whitespace() && !character.is_control())
        || character == '\t'
}

/// A digit of another script as an ASCII one: `٣` becomes `3`.
fn foreign_digit(character: char) -> Option<char> {
    if !character.is_numeric() {
        return None;
    }
    match any_ascii::any_ascii_char(character).as_bytes() {
        [digit @ b'0'..=b'9'] => Some(char::from(*digit)),
        _ => None,
    }
}

/// Whether an `x` or `e` starts `x12`, `ext 12`, `ext. 12` or `extension 12`.
fn is_extension(first: char, rest: &str) -> bool {
    let rest = rest.to_ascii_lowercase();
    let after = match first {
        'x' | 'X' => Some(rest.as_str()),
        _ => rest.strip_prefix("xtension").or_else(|| rest.strip_prefix("xt")),
    };
    after.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit() || is_separator(c)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_the_international_form() {
        for (country, typed, e164) in [
            ("NL", "06-12345678", Some("+31612345678")),
            ("NL", "(020) 658-6407", Some("+31206586407")),
            ("NL", "+31 (0)20 658 6407", Some("+31206586407")),
            ("NL", "0031612345678", Some("+31612345678")),
            ("NL", "31612345678", Some("+31612345678")),
            ("GB", "+44 (0)2022 717660", Some("+442022717660")),
            ("GB", "+44 0191 347 7516", Some("+441913477516")),
            ("IT", "+39 06 1234 5678", Some("+390612345678")),
            ("US", "+44 1316 809 838", Some("+441316809838")),
            ("US", "1-215-530-4160", Some("+12155304160")),
            ("US", "(404) 534-5329 x12", Some("+14045345329")),
            ("US", "404.534.5329 ext. 12", Some("+14045345329")),
            ("US", "011 44 7882 975649", Some("+447882975649")),
            ("GB", "07882 975 649", Some("+447882975649")),
            ("GB", "00 44 7882 975649", Some("+447882975649")),
            ("DE", "0170/6661382", Some("+491706661382")),
            ("FR", "02.35.81.98.25", Some("+33235819825")),
            ("IT", "06 1234 5678", Some("+390612345678")),
            ("RU", "8 912 345-67-89", Some("+79123456789")),
            ("NL", "٠٦١٢٣٤٥٦٧٨", Some("+31612345678")),
            ("NL", "+31‑6‑1234‑5678", Some("+31612345678")),
            ("NL", "123", None),
            ("US", "+1 215 530 4160 99", None),
            ("DE", "110", None),
            ("NL", "+999 12345678", None),
            ("XX", "06-12345678", None),
        ] {
            let phone = Phone::parse(typed, Some(country)).unwrap_or_else(|_| panic!("{typed}"));
            assert_eq!(phone.e164(), e164, "{country} {typed}");
            assert_eq!(phone.as_typed(), typed);
        }
        let phone = Phone::parse(" 0612345678 ", None);
        assert_eq!(
            phone.as_ref().map(|p| (p.as_typed(), p.e164(), p.digits())),
            Ok(("0612345678", None, "0612345678"))
        );
    }

    #[test]
    fn refuses_what_cannot_be_dialled() {
        for typed in [
            "", "12", "call me", "0612345678 mobile", "anna@example.com", "06\u{0}12345678", "x123", "06 extra 12",
            "1 2", "½½½",
        ] {
            assert_eq!(Phone::parse(typed, Some("NL")), Err(InvalidPhone), "{typed:?}");
        }
        assert!(Phone::parse(&"1".repeat(40), None).is_ok());
        assert!(Phone::parse(&"1".repeat(41), None).is_err());
        assert!(Phone::parse(&"1".repeat(10_000_000), Some("US")).is_err());
    }

    #[test]
    fn every_notation_of_a_number_finds_it() {
        let notations: [(&str, &str, &[&str]); 5] = [
            (
                "NL",
                "+31612345678",
                &[
                    "+31 6 1234 5678", "0031612345678", "06-12345678", "0612345678", "612345678", "6 1234",
                    "31612345678",
                ],
            ),
            ("NL", "020 6586407", &["(020) 658-6407", "+31 (0)20 6586407", "0206586407", "658 64 07", "6586407"]),
            (
                "US",
                "215-530-4160",
                &["1-215-530-4160", "+1 215 530 4160", "(215) 530-4160", "2155304160", "0012155304160", "530-4160"],
            ),
            ("IT", "06 1234 5678", &["+39 06 1234 5678", "06 12345678", "1234 5678"]),
            ("RU", "8 912 345-67-89", &["8 912 345 67 89", "+7 912 345-67-89", "912 345"]),
        ];
        for (country, typed, queries) in notations {
            let phone = Phone::parse(typed, Some(country)).unwrap_or_else(|_| panic!("{typed}"));
            for query in queries {
                let digits = search_digits(query).unwrap_or_else(|| panic!("{query}"));
                assert!(phone.digits().contains(&digits), "{query} as {digits} in {}", phone.digits());
            }
        }
    }

    #[test]
    fn what_is_no_number_searches_no_number() {
        for query in ["", "ab", "06", "020", "+31", "anna 0612345678", "12 ab 34", "a@b.example"] {
            assert_eq!(search_digits(query), None, "{query}");
        }
    }

    #[test]
    fn reads_well() {
        assert_eq!(readable("+31612345678"), "+31 6 12345678");
        assert_eq!(readable("nothing"), "nothing");
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}", country in "[A-Z]{2}") {
            let _ = Phone::parse(&text, Some(&country));
            let _ = search_digits(&text);
        }

        #[test]
        fn a_number_is_found_by_itself(digits in "0?[1-9]{5,14}", plus in any::<bool>()) {
            let typed = if plus { format!("+{digits}") } else { digits };
            for country in ["NL", "GB", "US", "DE", "FR", "IT"] {
                if let (Ok(phone), Some(query)) = (Phone::parse(&typed, Some(country)), search_digits(&typed)) {
                    prop_assert!(phone.digits().contains(&query), "{} in {}", query, phone.digits());
                }
            }
        }
    }
}
