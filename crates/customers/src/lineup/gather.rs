//! Gathering the words of documents for [`Words`], part after part.

use std::collections::HashMap;

use super::question::Lately;
use super::words::{Field, GOES_ON, INSIDE, PART, Part, SHORTEST_INSIDE, Words};

/// Gathers words, slot after slot.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    parts: Vec<Gathered>,
    number: usize,
    slots: HashMap<Box<str>, Vec<u16>>,
}

/// A part with its own words, in ascending order, each before a line break.
#[derive(Debug)]
struct Gathered {
    number: usize,
    text: Box<str>,
    found: Box<[u32]>,
    slots: Box<[u16]>,
}

impl Gatherer {
    /// Takes in a document or a field of it; slots must ascend.
    pub(super) fn put(&mut self, slot: usize, field: Field, text: &str) {
        if slot / PART != self.number {
            self.end_part();
            self.number = slot / PART;
        }
        let slot = (slot % PART) as u16;
        let mut marked = String::new();
        for token in text.split(' ').filter(|token| !token.is_empty()) {
            words_of(token, |word| {
                marked.clear();
                marked.push_str(field.mark());
                marked.push_str(word);
                match self.slots.get_mut(marked.as_str()) {
                    Some(slots) if slots.last() == Some(&slot) => {}
                    Some(slots) => slots.push(slot),
                    None => {
                        self.slots.insert(marked.as_str().into(), vec![slot]);
                    }
                }
            });
        }
    }

    fn end_part(&mut self) {
        let mut words: Vec<(Box<str>, Vec<u16>)> = std::mem::take(&mut self.slots).into_iter().collect();
        words.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut text = String::with_capacity(words.iter().map(|(word, _)| word.len() + 1).sum());
        let mut slots = Vec::with_capacity(words.iter().map(|(_, slots)| slots.len()).sum());
        let mut found = Vec::with_capacity(words.len() + 1);
        for (word, of_word) in &words {
            text.push_str(word);
            text.push('\n');
            found.push(slots.len() as u32);
            slots.extend(of_word);
        }
        found.push(slots.len() as u32);
        self.parts.push(Gathered { number: self.number, text: text.into(), found: found.into(), slots: slots.into() });
    }

    /// What was gathered, each word written once.
    pub(super) fn finish(mut self) -> Words {
        self.end_part();
        let mut words: Vec<&str> = self.parts.iter().flat_map(|part| part.text.lines()).collect();
        // Stable: it makes use of each part's being in order.
        words.sort();
        words.dedup();
        let mut text = String::with_capacity(words.iter().map(|word| word.len() + 1).sum::<usize>() + 1);
        let mut begins = Vec::with_capacity(words.len() + 1);
        for word in &words {
            text.push('\n');
            begins.push(text.len() as u32);
            text.push_str(word);
        }
        text.push('\n');
        begins.push(text.len() as u32);
        let numbers: Vec<Box<[u32]>> = self.parts.iter().map(|part| numbers(&words, &part.text)).collect();
        let part = |(part, words): (Gathered, Box<[u32]>)| {
            let Gathered { number, found, slots, .. } = part;
            Part { number, words, found, slots }
        };
        let parts = self.parts.into_iter().zip(numbers).map(part).collect();
        Words { text: text.into(), begins: begins.into(), parts, lately: Lately::default() }
    }
}

/// Places of a part's words among all words; both ascend.
fn numbers(words: &[&str], text: &str) -> Box<[u32]> {
    let mut all = words.iter().zip(0_u32..);
    text.lines().filter_map(|word| all.find(|(known, _)| **known == word).map(|(_, at)| at)).collect()
}

/// The words that are kept of a token of a document.
fn words_of(token: &str, mut put: impl FnMut(&str)) {
    if token.contains('@') {
        // Its letters stand in the document as words of their own.
        return token.match_indices('@').for_each(|(at, _)| put(&token[at..]));
    }
    let mut begins = 0;
    for run in token.split(|character: char| !character.is_ascii_alphabetic()) {
        if run.len() == token.len() {
            put(run);
        } else if begins == 0 && !run.is_empty() {
            put(&format!("{run}{GOES_ON}"));
        } else if run.len() >= SHORTEST_INSIDE {
            put(&format!("{INSIDE}{run}"));
        }
        begins += run.len() + 1;
    }
}
