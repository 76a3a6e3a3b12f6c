//! The words of the search documents and who has them: what is made of letters, and domains of mailboxes. What holds digits
//! (numbers, postcodes, telephones) is found by indexes of the database, and would fill the memory here.
//!
//! Kept for some sixty thousand customers at a time, so that a place takes two bytes and the newest are found without
//! looking at the others.

use std::collections::HashMap;

use memchr::memmem;
use platform::db::TextMatch;

use super::bits::Bits;

/// Customers of one part.
const PART: usize = 1 << 16;
/// Letters from which a word is looked for inside others.
const SHORTEST_INSIDE: usize = 3;
/// Stands before the letters that follow upon digits or marks: no word begins there.
const INSIDE: char = '-';

/// Where a word stands: anywhere in the document, or in a field that is asked for by itself. What is common in documents
/// may be rare there, as London is in names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Document,
    Name,
    Company,
}

impl Field {
    /// Stands before its words.
    fn mark(self) -> &'static str {
        match self {
            Self::Document => "",
            Self::Name => "=",
            Self::Company => "+",
        }
    }

    fn of(word: &str) -> Self {
        match word.as_bytes().first() {
            Some(b'=') => Self::Name,
            Some(b'+') => Self::Company,
            _ => Self::Document,
        }
    }
}

/// Words of documents, and slots of the line-up by word.
#[derive(Debug, Default)]
pub(crate) struct Words(Vec<Part>);

/// Slots `number * PART ..` and their words.
#[derive(Debug)]
struct Part {
    number: usize,
    /// The words in ascending order, each behind a line break; one more at the end.
    text: Box<str>,
    /// Where each word begins in the text, and where one more would.
    begins: Box<[u32]>,
    /// Where the slots of each word begin, and where the last ones end.
    found: Box<[u32]>,
    /// Without what all of the part have in common.
    slots: Box<[u16]>,
}

/// Gathers words, slot after slot.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    parts: Vec<Part>,
    number: usize,
    slots: HashMap<Box<str>, Vec<u16>>,
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

    pub(super) fn finish(mut self) -> Words {
        self.end_part();
        Words(self.parts)
    }

    fn end_part(&mut self) {
        let mut words: Vec<(Box<str>, Vec<u16>)> = std::mem::take(&mut self.slots).into_iter().collect();
        words.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut text = String::with_capacity(words.iter().map(|(word, _)| word.len() + 1).sum::<usize>() + 1);
        let mut slots = Vec::with_capacity(words.iter().map(|(_, slots)| slots.len()).sum());
        let (mut begins, mut found) = (Vec::with_capacity(words.len() + 1), Vec::with_capacity(words.len() + 1));
        for (word, of_word) in &words {
            text.push('\n');
            begins.push(text.len() as u32);
            found.push(slots.len() as u32);
            text.push_str(word);
            slots.extend(of_word);
        }
        text.push('\n');
        begins.push(text.len() as u32);
        found.push(slots.len() as u32);
        self.parts.push(Part {
            number: self.number,
            text: text.into(),
            begins: begins.into(),
            found: found.into(),
            slots: slots.into(),
        });
    }
}

/// The words that are kept of a token of a document.
fn words_of(token: &str, mut put: impl FnMut(&str)) {
    if token.contains('@') {
        // Its letters stand in the document as words of their own.
        return token.match_indices('@').for_each(|(at, _)| put(&token[at..]));
    }
    let mut begins = 0;
    for run in token.split(|character: char| !character.is_ascii_alphabetic()) {
        if begins == 0 && !run.is_empty() {
            put(run);
        } else if run.len() >= SHORTEST_INSIDE {
            put(&format!("{INSIDE}{run}"));
        }
        begins += run.len() + 1;
    }
}

/// How a text stands in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    Word(String),
    Beginning(String),
    Inside(String),
}

/// What is asked of words: one of these, and within it of each item one of its texts. Who answers it may lack what words do
/// not tell; nobody else has it.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    field: Field,
    any: Vec<Vec<Vec<Asked>>>,
    is_whole: bool,
}

impl Question {
    /// What can be asked of the words of a field; `None` where that would say nothing. Of fields other than the document
    /// it is asked what stands in them anywhere.
    pub(crate) fn read(text: &TextMatch, field: Field) -> Option<Self> {
        let of_items = |items: &Vec<Vec<String>>| {
            let texts =
                |texts: &Vec<String>| texts.iter().map(|text| Asked::read(text)).collect::<Option<Vec<Asked>>>();
            let items: Vec<Vec<Asked>> = items.iter().filter_map(texts).collect();
            (!items.is_empty()).then_some(items)
        };
        let any: Vec<Vec<Vec<Asked>>> = text.any.iter().map(of_items).collect::<Option<_>>()?;
        let is_whole = any.iter().zip(&text.any).all(|(asked, items)| asked.len() == items.len());
        (!any.is_empty()).then_some(Self { field, any, is_whole })
    }

    /// Whether words say all that is asked of documents.
    pub(crate) fn is_all(text: &TextMatch) -> bool {
        Self::read(text, Field::Document).is_some_and(|question| question.is_whole && question.is_of_parts())
    }

    /// Whether no whole words are asked for: of tokens with digits only the letters are kept.
    fn is_of_parts(&self) -> bool {
        self.any.iter().flatten().flatten().all(|asked| !matches!(asked, Asked::Word(_)))
    }

    /// Whether all that was asked can be asked of words.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }
}

impl Asked {
    fn read(text: &str) -> Option<Self> {
        let word = text.trim_matches(' ');
        let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        match (text.starts_with(' '), text.ends_with(' ')) {
            (false, _) if word.starts_with('@') => Some(Self::Beginning(word.to_owned())),
            (true, true) if is_word => Some(Self::Word(word.to_owned())),
            (true, false) if is_word => Some(Self::Beginning(word.to_owned())),
            (false, _) if is_word && word.len() >= SHORTEST_INSIDE => Some(Self::Inside(word.to_owned())),
            _ => None,
        }
    }
}

impl Words {
    /// Slots that answer, the last ones first.
    pub(crate) fn latest<'a>(&'a self, question: &'a Question) -> impl Iterator<Item = usize> + 'a {
        self.0.iter().rev().flat_map(|part| {
            let mut slots: Vec<usize> = part.answer(question).numbers().map(|slot| part.number * PART + slot).collect();
            slots.reverse();
            slots
        })
    }

    /// All slots that answer, of so many.
    pub(crate) fn all(&self, question: &Question, count: usize) -> Bits {
        let mut all = Bits::with_room(count);
        self.0.iter().for_each(|part| all.put_all(part.number * PART, &part.answer(question)));
        all
    }

    /// Whether somebody's document holds this word; `None` for what is not kept.
    pub(crate) fn has(&self, word: &str) -> Option<bool> {
        let asked = Asked::read(&format!(" {word} "))?;
        Some(self.0.iter().any(|part| part.words(&asked, Field::Document).next().is_some()))
    }
}

impl Part {
    fn answer(&self, question: &Question) -> Bits {
        let mut any = Bits::with_room(PART);
        for items in &question.any {
            let mut all: Option<Bits> = None;
            for texts in items {
                let one = self.of_texts(texts, question.field);
                match &mut all {
                    None => all = Some(one),
                    Some(all) => all.keep(&one),
                }
            }
            any.put_all(0, &all.unwrap_or_default());
        }
        any
    }

    fn of_texts(&self, texts: &[Asked], field: Field) -> Bits {
        let mut bits = Bits::with_room(PART);
        for asked in texts {
            for word in self.words(asked, field) {
                let slots = &self.slots[self.found[word] as usize..self.found[word + 1] as usize];
                slots.iter().for_each(|slot| bits.put(usize::from(*slot)));
            }
        }
        bits
    }

    /// Places of the words that answer.
    fn words<'a>(&'a self, asked: &'a Asked, field: Field) -> Box<dyn Iterator<Item = usize> + 'a> {
        match asked {
            Asked::Word(word) => {
                let at = self.from(word);
                Box::new((at..at + 1).filter(move |at| *at < self.count() && self.word(*at) == word))
            }
            Asked::Beginning(start) => {
                let from = self.from(start);
                let after = (from..self.count()).take_while(move |at| self.word(*at).starts_with(start.as_str()));
                Box::new(after)
            }
            Asked::Inside(text) => {
                let mut last = None;
                let places = memmem::find_iter(self.text.as_bytes(), text.as_bytes());
                let words = places.map(|at| self.begins.partition_point(|begins| *begins as usize <= at) - 1);
                let is_first = move |word: &usize| last.replace(*word) != Some(*word);
                Box::new(words.filter(is_first).filter(move |word| Field::of(self.word(*word)) == field))
            }
        }
    }

    fn count(&self) -> usize {
        self.begins.len() - 1
    }

    fn word(&self, at: usize) -> &str {
        &self.text[self.begins[at] as usize..self.begins[at + 1] as usize - 1]
    }

    /// The first word that is not before this one.
    fn from(&self, word: &str) -> usize {
        let (mut from, mut to) = (0, self.count());
        while from < to {
            let middle = usize::midpoint(from, to);
            if self.word(middle) < word {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gathered(documents: &[String]) -> Words {
        let mut gatherer = Gatherer::default();
        documents.iter().enumerate().for_each(|(slot, document)| gatherer.put(slot, Field::Document, document));
        gatherer.finish()
    }

    fn found(words: &Words, texts: &[&str]) -> Vec<usize> {
        let question = Question::read(&TextMatch::all(texts.iter().map(|text| (*text).to_owned())), Field::Document)
            .expect("words");
        words.latest(&question).collect()
    }

    #[test]
    fn who_has_the_words_is_found_the_latest_first() {
        let lines = [" c-10001 anna klein anna@gmail.example ", " bob klein4 1075ee ", " c10003 annabel 12straat "];
        let words = gathered(&lines.map(str::to_owned));
        assert_eq!(found(&words, &[" anna"]), [2, 0]);
        assert_eq!(found(&words, &[" anna "]), [0]);
        assert_eq!(found(&words, &["lei"]), [1, 0]);
        assert_eq!(found(&words, &["lei", " bo"]), [1]);
        assert_eq!(found(&words, &["@gma"]), [0]);
        assert_eq!(found(&words, &[" c"]), [2, 0]);
        assert_eq!((found(&words, &["straat"]), found(&words, &[" straat"])), (vec![2], vec![]));
        assert_eq!((words.has("klein"), words.has("klei"), words.has("klein4")), (Some(true), Some(false), None));
    }

    #[test]
    fn fields_are_asked_by_themselves() {
        let mut gatherer = Gatherer::default();
        gatherer.put(0, Field::Document, " anna london ");
        gatherer.put(0, Field::Name, "anna london");
        gatherer.put(1, Field::Document, " bob london ");
        gatherer.put(1, Field::Name, "bob");
        let words = gatherer.finish();
        let text = TextMatch::all(["ondo".to_owned()]);
        let of = |field| words.latest(&Question::read(&text, field).expect("words")).collect::<Vec<_>>();
        assert_eq!((of(Field::Document), of(Field::Name), of(Field::Company)), (vec![1, 0], vec![0], vec![]));
    }

    #[test]
    fn what_holds_digits_is_not_asked_of_words() {
        let asked = |texts: &[&str]| {
            Question::read(&TextMatch::all(texts.iter().map(|text| (*text).to_owned())), Field::Document)
        };
        assert!(asked(&[" 1075ee"]).is_none() && asked(&["ee"]).is_none() && asked(&[]).is_none());
        assert!(asked(&[" 12", " anna"]).is_some());
    }

    #[test]
    fn many_customers_are_kept_in_parts() {
        let lines: Vec<String> =
            (0..PART + 10).map(|at| format!(" {} ", if at % 7 == 0 { "anna" } else { "bob" })).collect();
        let words = gathered(&lines);
        let expected: Vec<usize> = (0..PART + 10).rev().filter(|at| at % 7 == 0).collect();
        assert_eq!(found(&words, &[" anna"]), expected);
        let question = Question::read(&TextMatch::all([" anna".to_owned()]), Field::Document).expect("words");
        assert_eq!(words.all(&question, lines.len()).count(), expected.len());
    }

    proptest! {
        /// Nobody whose document holds the texts is left out.
        #[test]
        fn everybody_who_matches_answers(
            tokens in prop::collection::vec(prop::collection::vec("[ab]{1,3}[1@-]?[ab]{0,4}[1.]?", 1..4), 1..12),
            asked in prop::collection::vec(" ?[ab1@]{1,4} ?", 1..3),
        ) {
            // As documents are made: mailboxes stand whole and in words.
            let line = |tokens: &Vec<String>| {
                let token = |token: &String| match token.contains('@') {
                    true => format!("{token} {}", token.replace(['@', '-', '.'], " ")),
                    false => token.clone(),
                };
                format!(" {} ", tokens.iter().map(token).collect::<Vec<_>>().join(" "))
            };
            let lines: Vec<String> = tokens.iter().map(line).collect();
            let text = TextMatch::all(asked);
            if let Some(question) = Question::read(&text, Field::Document) {
                let words = gathered(&lines);
                let found: Vec<usize> = words.latest(&question).collect();
                for (slot, line) in lines.iter().enumerate() {
                    prop_assert!(!text.is_met_by(line) || found.contains(&slot), "{line} is left out of {found:?}");
                }
            }
        }
    }
}
