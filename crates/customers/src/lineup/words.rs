//! The words of the search documents and who has them: what is made of letters, and domains of mailboxes. What holds digits
//! (numbers, postcodes, telephones) is found by indexes of the database, and would fill the memory here.
//!
//! Each word is written once. Who has it is kept for some sixty thousand customers at a time, so that a place takes two
//! bytes and the newest are found without looking at the others.

use std::ops::Range;

use memchr::memmem;
use platform::db::TextMatch;

use super::bits::Bits;

/// Customers of one part.
pub(super) const PART: usize = 1 << 16;
/// Letters from which a word is looked for inside others.
pub(super) const SHORTEST_INSIDE: usize = 3;
/// Stands before the letters that follow upon digits or marks: no word begins there.
pub(super) const INSIDE: char = '-';

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
    pub(super) fn mark(self) -> &'static str {
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
pub(crate) struct Words {
    /// All words in ascending order, each behind a line break; one more at the end.
    pub(super) text: Box<str>,
    /// Where each word begins in the text, and where one more would.
    pub(super) begins: Box<[u32]>,
    pub(super) parts: Vec<Part>,
}

/// Slots `number * PART ..` and their words.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) number: usize,
    /// Places of its words among all words, ascending.
    pub(super) words: Box<[u32]>,
    /// Where the slots of each of them begin, and where the last ones end.
    pub(super) found: Box<[u32]>,
    /// Without what all of the part have in common.
    pub(super) slots: Box<[u16]>,
}

/// Places of words, for each item of each alternative that is asked for.
type Places = Vec<Vec<Vec<Range<u32>>>>;

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
    pub(crate) fn latest<'a>(&'a self, question: &Question) -> impl Iterator<Item = usize> + 'a {
        let places = self.places(question);
        self.parts.iter().rev().flat_map(move |part| {
            let mut slots: Vec<usize> = part.answer(&places).numbers().map(|slot| part.number * PART + slot).collect();
            slots.reverse();
            slots
        })
    }

    /// All slots that answer, of so many.
    pub(crate) fn all(&self, question: &Question, count: usize) -> Bits {
        let places = self.places(question);
        let mut all = Bits::with_room(count);
        self.parts.iter().for_each(|part| all.put_all(part.number * PART, &part.answer(&places)));
        all
    }

    /// Whether the document of somebody who is not among these holds this word; `None` for what is not kept.
    pub(crate) fn has(&self, word: &str, gone: &Bits) -> Option<bool> {
        let places = self.of_text(&Asked::read(&format!(" {word} "))?, Field::Document);
        let is_there = |part: &Part, slot: &u16| !gone.has(part.number * PART + usize::from(*slot));
        Some(
            self.parts
                .iter()
                .any(|part| places.iter().any(|at| part.slots(at).iter().any(|slot| is_there(part, slot)))),
        )
    }

    fn places(&self, question: &Question) -> Places {
        let of_item = |texts: &Vec<Asked>| texts.iter().flat_map(|asked| self.of_text(asked, question.field)).collect();
        question.any.iter().map(|items| items.iter().map(of_item).collect()).collect()
    }

    /// Places of the words that answer, ascending.
    fn of_text(&self, asked: &Asked, field: Field) -> Vec<Range<u32>> {
        match asked {
            Asked::Word(word) => {
                let at = self.from(|known| known < word.as_str());
                let is_there = at < self.count() && self.word(at) == word;
                is_there.then_some(at as u32..at as u32 + 1).into_iter().collect()
            }
            Asked::Beginning(start) => {
                let from = self.from(|known| known < start.as_str());
                let to = self.from(|known| known < start.as_str() || known.starts_with(start.as_str()));
                Some(from as u32..to as u32).into_iter().collect()
            }
            Asked::Inside(text) => {
                let mut places: Vec<Range<u32>> = Vec::new();
                for at in memmem::find_iter(self.text.as_bytes(), text.as_bytes()) {
                    let word = self.begins.partition_point(|begins| *begins as usize <= at) - 1;
                    if Field::of(self.word(word)) != field {
                        continue;
                    }
                    let word = word as u32;
                    match places.last_mut() {
                        Some(last) if last.end > word => {}
                        Some(last) if last.end == word => last.end += 1,
                        _ => places.push(word..word + 1),
                    }
                }
                places
            }
        }
    }

    fn count(&self) -> usize {
        self.begins.len().saturating_sub(1)
    }

    fn word(&self, at: usize) -> &str {
        &self.text[self.begins[at] as usize..self.begins[at + 1] as usize - 1]
    }

    /// The first word that is not `before`, which holds for words up to one.
    fn from(&self, before: impl Fn(&str) -> bool) -> usize {
        let (mut from, mut to) = (0, self.count());
        while from < to {
            let middle = usize::midpoint(from, to);
            if before(self.word(middle)) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }
}

impl Part {
    fn answer(&self, places: &Places) -> Bits {
        let mut any = Bits::with_room(PART);
        for items in places {
            let mut all: Option<Bits> = None;
            for ranges in items {
                let one = self.having(ranges);
                match &mut all {
                    None => all = Some(one),
                    Some(all) => all.keep(&one),
                }
            }
            any.put_all(0, &all.unwrap_or_default());
        }
        any
    }

    /// Slots that have one of the words.
    fn having(&self, ranges: &[Range<u32>]) -> Bits {
        let mut bits = Bits::with_room(PART);
        ranges.iter().flat_map(|range| self.slots(range)).for_each(|slot| bits.put(usize::from(*slot)));
        bits
    }

    /// Slots that have one of the words from one place to another, word by word.
    fn slots(&self, words: &Range<u32>) -> &[u16] {
        let from = self.words.partition_point(|word| *word < words.start);
        let to = from + self.words[from..].partition_point(|word| *word < words.end);
        &self.slots[self.found[from] as usize..self.found[to] as usize]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::gather::Gatherer;
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
        let nobody = Bits::default();
        let has = |word: &str| words.has(word, &nobody);
        assert_eq!((has("klein"), has("klei"), has("klein4")), (Some(true), Some(false), None));
        let mut gone = Bits::default();
        gone.put(1);
        assert_eq!((words.has("klein", &gone), words.has("bob", &gone)), (Some(true), Some(false)));
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
