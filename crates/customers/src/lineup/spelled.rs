//! The dictionary of words that typing errors are looked for in, in memory: as `search_word` holds it.

use platform::db::Database;
use platform::error::AppResult;

use crate::search::{Walk, errors_between};

/// Words of each length.
#[derive(Debug, Default)]
pub(crate) struct Spelled(Vec<Alike>);

/// Words of one length, one behind the other, and the letters of each as bits.
#[derive(Clone, Debug, Default)]
struct Alike {
    letters: Vec<u32>,
    text: String,
}

/// The letters of a word, one bit each.
fn letters(word: &str) -> u32 {
    word.bytes().filter(u8::is_ascii_lowercase).fold(0, |letters, byte| letters | 1 << (byte - b'a'))
}

fn has_more_bits(mut bits: u32, than: usize) -> bool {
    (0..than).for_each(|_| bits &= bits.saturating_sub(1));
    bits != 0
}

impl Spelled {
    pub(super) async fn read(db: &Database) -> AppResult<Self> {
        let mut spelled = Self::default();
        let mut walk = Walk::begin();
        while let Some(words) = walk.next(db).await? {
            spelled.extend(words);
        }
        for alike in &mut spelled.0 {
            alike.letters.shrink_to_fit();
            alike.text.shrink_to_fit();
        }
        Ok(spelled)
    }

    fn extend(&mut self, words: Vec<String>) {
        for word in words {
            if word.len() >= self.0.len() {
                self.0.resize(word.len() + 1, Alike::default());
            }
            let alike = &mut self.0[word.len()];
            alike.letters.push(letters(&word));
            alike.text.push_str(&word);
        }
    }

    /// Words that differ by no more than so many errors: each adds, takes away or changes one letter or swaps two.
    pub(crate) fn near(&self, typed: &str, errors: usize) -> impl Iterator<Item = &str> {
        let (asked, length) = (letters(typed), typed.len());
        // An error brings one letter at most, and takes one away.
        let may_be_near =
            move |letters: u32| !has_more_bits(asked & !letters, errors) && !has_more_bits(letters & !asked, errors);
        let of_length = move |alike: usize| {
            let Alike { letters, text } = &self.0[alike];
            let near = letters.iter().enumerate().filter(move |(_, letters)| may_be_near(**letters));
            near.map(move |(at, _)| &text[at * alike..(at + 1) * alike])
        };
        let lengths = length.saturating_sub(errors)..self.0.len().min(length + errors + 1);
        lengths.flat_map(of_length).filter(move |word| errors_between(typed, word, errors).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_spelled_alike_are_found() {
        let mut spelled = Spelled::default();
        spelled.extend(["anna", "hanna", "nana", "smith", "smyth", "thims"].map(str::to_owned).to_vec());
        let near = |typed: &str, errors: usize| spelled.near(typed, errors).collect::<Vec<_>>();
        assert_eq!(near("anan", 1), ["anna"]);
        assert_eq!(near("anan", 2), ["anna", "nana", "hanna"]);
        assert_eq!(near("smit", 1), ["smith"]);
        assert_eq!(near("smit", 2), ["smith", "smyth"]);
        assert_eq!(near("x", 2), Vec::<&str>::new());
    }
}
