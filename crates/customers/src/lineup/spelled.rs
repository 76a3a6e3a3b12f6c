//! The dictionary of words that typing errors are looked for in, in memory: as `search_word` holds it.

use platform::db::Database;
use platform::error::AppResult;

use crate::search::Walk;

/// Words, one behind the other, and the letters of each as bits.
#[derive(Debug, Default)]
pub(crate) struct Spelled {
    letters: Vec<u32>,
    /// Where each word ends.
    ends: Vec<u32>,
    text: String,
}

/// The letters of a word, one bit each.
fn letters(word: &str) -> u32 {
    word.bytes().filter(u8::is_ascii_lowercase).fold(0, |letters, byte| letters | 1 << (byte - b'a'))
}

impl Spelled {
    pub(super) async fn read(db: &Database) -> AppResult<Self> {
        let mut spelled = Self::default();
        let mut walk = Walk::begin();
        while let Some(words) = walk.next(db).await? {
            spelled.extend(words);
        }
        spelled.letters.shrink_to_fit();
        spelled.ends.shrink_to_fit();
        spelled.text.shrink_to_fit();
        Ok(spelled)
    }

    fn extend(&mut self, words: Vec<String>) {
        for word in words {
            self.letters.push(letters(&word));
            self.text.push_str(&word);
            self.ends.push(self.text.len() as u32);
        }
    }

    /// Words that may differ by no more than so many errors: each adds, takes away or changes one letter.
    pub(crate) fn near(&self, typed: &str, errors: usize) -> impl Iterator<Item = &str> {
        let (asked, length) = (letters(typed), typed.len());
        let is_near = move |letters: u32| {
            (asked & !letters).count_ones() as usize <= errors && (letters & !asked).count_ones() as usize <= errors
        };
        let near = self.letters.iter().enumerate().filter(move |(_, letters)| is_near(**letters));
        near.map(|(at, _)| self.word(at)).filter(move |word| word.len().abs_diff(length) <= errors)
    }

    fn word(&self, at: usize) -> &str {
        let begins = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.text[begins..self.ends[at] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_other_letters_are_passed_over() {
        let mut spelled = Spelled::default();
        spelled.extend(["anna", "hanna", "smith", "smyth", "thims"].map(str::to_owned).to_vec());
        assert_eq!(spelled.near("anan", 1).collect::<Vec<_>>(), ["anna", "hanna"]);
        assert_eq!(spelled.near("smit", 1).collect::<Vec<_>>(), ["smith", "thims"]);
        assert_eq!(spelled.near("smit", 2).collect::<Vec<_>>(), ["smith", "smyth", "thims"]);
    }
}
