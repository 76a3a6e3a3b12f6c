//! Names: titles and particles set aside, both names found when they share a field.

use crate::knowledge::{NameWord, given_name, name_word};
use crate::person::{Gender, Person, Word, Words};
use crate::record::Record;
use crate::sound::sound;
use crate::text::{Short, fold, squeeze_umlauts};

/// Words of a name that are compared.
const MOST_WORDS: usize = 4;

pub fn read(record: &Record<'_>, person: &mut Person) {
    note_titles(record.title, person);
    let mut first = Field::read(record.first_name);
    let mut last = Field::read(record.last_name);
    first.set_titles_aside(person);
    last.set_titles_aside(person);
    last.join_prefixes();
    // A single letter in front of the name is an initial when the first name has no field of its own.
    last.drop_particles(if first.words.is_empty() { 2 } else { 1 });
    first.drop_particles(2);
    if first.words.is_empty() && last.words.len() > 1 {
        let split = last.comma.filter(|comma| (1..last.words.len()).contains(comma));
        match split {
            Some(comma) => first.words = last.words.split_off(comma),
            None => first.words = last.words.drain(..1).collect(),
        }
    } else if last.words.is_empty() && first.words.len() > 1 {
        last.words = first.words.drain(1..).collect();
    }
    person.first = first.into_words();
    person.last = last.into_words();
}

fn note_titles(title: &str, person: &mut Person) {
    let folded = fold(title);
    for word in folded.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        note_beside_name(name_word(word), person);
    }
}

/// Keeps what a title or generation says; answers whether it was one.
fn note_beside_name(word: Option<NameWord>, person: &mut Person) -> bool {
    match word {
        Some(NameWord::Title(gender)) => {
            if gender != Gender::Unknown {
                person.gender = gender;
            }
            true
        }
        Some(NameWord::Generation(generation)) => {
            person.generation = generation;
            true
        }
        _ => false,
    }
}

/// The words of one field.
struct Field {
    words: Vec<String>,
    /// How many words stand before the first comma.
    comma: Option<usize>,
}

impl Field {
    fn read(text: &str) -> Self {
        let folded = fold(text);
        let mut field = Self { words: Vec::new(), comma: None };
        let mut word = String::new();
        for letter in folded.bytes().chain([b' ']) {
            match letter {
                b'a'..=b'z' | b'0'..=b'9' => word.push(letter as char),
                b'\'' | b'`' => {}
                _ => {
                    if !word.is_empty() {
                        field.words.push(std::mem::take(&mut word));
                    }
                    if letter == b',' && field.comma.is_none() {
                        field.comma = Some(field.words.len());
                    }
                }
            }
        }
        field
    }

    /// Leaves out titles and generations, as long as a name remains.
    fn set_titles_aside(&mut self, person: &mut Person) {
        let mut place = 0;
        while place < self.words.len() && self.words.len() > 1 {
            let meaning = name_word(&self.words[place]);
            let is_leading_title = matches!(meaning, Some(NameWord::Title(_))) && place == 0 && self.words[0].len() > 1;
            let is_generation = matches!(meaning, Some(NameWord::Generation(_))) && place > 0;
            if is_leading_title || is_generation {
                note_beside_name(meaning, person);
                self.remove(place);
            } else {
                place += 1;
            }
        }
    }

    fn remove(&mut self, place: usize) {
        self.words.remove(place);
        self.comma = self.comma.map(|comma| if place < comma { comma - 1 } else { comma });
    }

    /// "Mc Donald" becomes "mcdonald".
    fn join_prefixes(&mut self) {
        let mut place = 0;
        while place + 1 < self.words.len() {
            if name_word(&self.words[place]) == Some(NameWord::Prefix) {
                let next = self.words[place + 1].clone();
                self.words[place].push_str(&next);
                self.remove(place + 1);
            }
            place += 1;
        }
    }

    /// Leaves out particles of at least so many letters, as long as a name remains.
    fn drop_particles(&mut self, shortest: usize) {
        let is_particle = |word: &String| word.len() >= shortest && name_word(word) == Some(NameWord::Particle);
        if self.words.iter().all(is_particle) {
            return;
        }
        for place in (0..self.words.len()).rev() {
            if is_particle(&self.words[place]) {
                self.remove(place);
            }
        }
    }

    fn into_words(self) -> Words {
        self.words.iter().take(MOST_WORDS).map(|text| word(text)).collect()
    }
}

/// A word of a name from its folded text.
pub fn word(folded: &str) -> Word {
    let mut spelling = String::with_capacity(folded.len());
    squeeze_umlauts(folded, &mut spelling);
    Word { text: Short::new(&spelling), sound: sound(spelling.as_bytes()), given: given_name(&spelling) }
}
