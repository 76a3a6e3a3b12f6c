//! The dictionary of words that typing errors are looked for in, in memory: as `search_word` holds it.

use platform::db::Database;
use platform::error::AppResult;

use crate::search::Walk;

/// Words, each beside its letters as bits.
#[derive(Debug, Default)]
pub(crate) struct Spelled(Vec<(u32, Box<str>)>);

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
        spelled.0.shrink_to_fit();
        Ok(spelled)
    }

    fn extend(&mut self, words: Vec<String>) {
        self.0.extend(words.into_iter().map(|word| (letters(&word), word.into())));
    }

    /// Words that may differ by no more than so many errors: each adds, takes away or changes one letter.
    pub(crate) fn near<'a>(&'a self, typed: &str, errors: usize) -> impl Iterator<Item = &'a str> {
        let (asked, length) = (letters(typed), typed.len());
        let is_near = move |letters: u32, word: &str| {
            (asked & !letters).count_ones() as usize <= errors
                && (letters & !asked).count_ones() as usize <= errors
                && word.len().abs_diff(length) <= errors
        };
        self.0.iter().filter(move |(letters, word)| is_near(*letters, word)).map(|(_, word)| &**word)
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
