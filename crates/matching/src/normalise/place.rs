//! Postal addresses: street, house number, part of the house, postcode and town, wherever they were typed.

use crate::knowledge::{PlaceWord, country_code, place_word, without_street_kind};
use crate::person::Place;
use crate::record::Address;
use crate::text::{Short, fold, squeeze_umlauts, stable_hash};

/// The comparable form of an address; none when nothing of it is known.
pub fn read(address: &Address<'_>) -> Option<Place> {
    let country = fold(address.country.trim());
    let mut place = Place {
        postcode: postcode(address.postcode, country_code(&country)),
        town: town(address.town),
        state: state(address.state),
        ..Place::default()
    };
    let lines = [Line::read(address.line1), Line::read(address.line2)];
    let has_number = |line: &Line| line.number > 0;
    let (street, extra) = match (has_number(&lines[0]), has_number(&lines[1])) {
        (false, true) => (&lines[1], &lines[0]),
        (false, false) if lines[0].street.is_empty() => (&lines[1], &lines[0]),
        _ => (&lines[0], &lines[1]),
    };
    place.street = Short::new(&street.street);
    place.extra = Short::new(&extra.street);
    place.number = street.number;
    place.letter = street.letter;
    place.unit = lines.iter().map(|line| line.unit).find(|unit| *unit != 0).unwrap_or(0);
    let is_known = place.number > 0 || !place.street.is_empty() || !place.postcode.is_empty() || !place.town.is_empty();
    is_known.then_some(place)
}

/// Letters and digits of a postcode, without a country's mark before it and the four digits that US carriers add.
fn postcode(text: &str, country: &str) -> Short {
    let folded = fold(text.trim());
    let bare = folded.split_once('-').map_or(&folded[..], |(before, after)| {
        let is_mark = before.len() <= 3 && before.bytes().all(|byte| byte.is_ascii_alphabetic());
        match (is_mark, before.len() == 5 && after.len() == 4) {
            (true, _) => after,
            (_, true) => before,
            _ => &folded[..],
        }
    });
    let mut code: String = bare.chars().filter(char::is_ascii_alphanumeric).collect();
    if country == "us" && code.len() == 9 {
        code.truncate(5);
    }
    // Spreadsheets drop the leading zero.
    if code.len() == 4
        && matches!(country, "us" | "de" | "fr" | "es" | "it")
        && code.bytes().all(|byte| byte.is_ascii_digit())
    {
        code.insert(0, '0');
    }
    Short::new(&code)
}

fn town(text: &str) -> Short {
    let folded = fold(text);
    let mut name = String::new();
    for word in folded.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        squeeze_umlauts(if word == "saint" || word == "sankt" { "st" } else { word }, &mut name);
    }
    Short::new(&name)
}

fn state(text: &str) -> u32 {
    let folded = fold(text.trim());
    if folded.is_empty() { 0 } else { stable_hash(b'S', &[folded.as_bytes()]) as u32 | 1 }
}

/// One line of an address, read.
#[derive(Default)]
struct Line {
    street: String,
    number: u32,
    letter: u8,
    unit: u32,
}

impl Line {
    fn read(text: &str) -> Self {
        let mut line = Self::default();
        if text.is_empty() {
            return line;
        }
        let folded = fold(text);
        let mut words = words(&folded);
        line.take_units(&mut words);
        line.take_number(&mut words);
        line.take_street(&words);
        line
    }

    /// "flat 3", "whg. 12", "# 4".
    fn take_units(&mut self, words: &mut Vec<&str>) {
        let mut place = 0;
        while place + 1 < words.len() {
            let names_unit = place_word(words[place]) == Some(PlaceWord::Unit);
            if names_unit && words[place + 1].len() <= 5 && has_digit(words[place + 1]) {
                self.unit = unit(words[place + 1]);
                words.drain(place..place + 2);
            } else {
                place += 1;
            }
        }
    }

    /// The number at the beginning of the line, or the first of those at its end.
    fn take_number(&mut self, words: &mut Vec<&str>) {
        let is_number = |word: &&str| house_number(word).is_some();
        let place = match words.first() {
            Some(word) if is_number(word) => 0,
            _ => match words.iter().rposition(is_number) {
                Some(last) => (0..last).rev().take_while(|place| is_number(&words[*place])).last().unwrap_or(last),
                None => return,
            },
        };
        let Some((number, letter)) = house_number(words[place]) else { return };
        (self.number, self.letter) = (number, letter);
        words.remove(place);
        let Some(next) = words.get(place).copied() else { return };
        let is_letter = next.len() == 1 && next.as_bytes()[0].is_ascii_lowercase() && place > 0;
        if is_letter && letter == 0 {
            self.letter = next.as_bytes()[0];
            words.remove(place);
        } else if place > 0 && is_number(&next) {
            self.unit = unit(next);
            words.remove(place);
        }
    }

    fn take_street(&mut self, words: &[&str]) {
        let names = words.iter().filter(|word| place_word(word) != Some(PlaceWord::Kind));
        let mut rest: Vec<&str> = names.copied().collect();
        if rest.is_empty() {
            rest = words.to_vec();
        }
        for word in rest {
            squeeze_umlauts(without_street_kind(word), &mut self.street);
        }
    }
}

fn words(folded: &str) -> Vec<&str> {
    let is_gap = |letter: char| !letter.is_ascii_alphanumeric() && letter != '#';
    let mut words: Vec<&str> = Vec::new();
    for word in folded.split(is_gap).filter(|word| !word.is_empty()) {
        match word.strip_prefix('#') {
            Some(number) if !number.is_empty() => words.extend(["#", number]),
            _ => words.push(word),
        }
    }
    words
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// "12" and "12b", but not "2nd".
fn house_number(word: &str) -> Option<(u32, u8)> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let number = word.get(..digits)?.parse().ok()?;
    match word.as_bytes()[digits..] {
        [] => Some((number, 0)),
        [letter] if letter.is_ascii_lowercase() => Some((number, letter)),
        _ => None,
    }
}

fn unit(word: &str) -> u32 {
    stable_hash(b'U', &[word.as_bytes()]) as u32 | 1
}
