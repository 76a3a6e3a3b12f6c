//! The words of the search documents and who has them: what is made of letters, and domains of mailboxes. What holds digits
//! (numbers, postcodes, telephones) is found by indexes of the database, and would fill the memory here.
//!
//! Each word is written once. Who has it is kept for some sixty thousand customers at a time, so that a place takes two
//! bytes and the newest are found without looking at the others.

use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;

use super::bits::Bits;
use super::question::{Asked, Lately, Question};

/// Customers of one part.
pub(super) const PART: usize = 1 << 16;
/// Letters from which a word is looked for inside others.
pub(super) const SHORTEST_INSIDE: usize = 3;
/// Stands before the letters that follow upon digits or marks: no word begins there.
pub(super) const INSIDE: char = '-';

/// Stands behind the letters of a token that goes on with digits or marks: they are no whole word.
pub(super) const GOES_ON: char = '#';

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

    /// Between which texts its words stand among all.
    fn stretches(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let all: &[_] = match self {
            Self::Company => &[("+", ",")],
            Self::Name => &[("=", ">")],
            Self::Document => &[("", "+"), (",", "="), (">", "\u{7f}")],
        };
        all.iter().copied()
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
    pub(super) lately: Lately,
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
    pub(crate) fn all(&self, question: &Question, count: usize) -> Arc<Bits> {
        self.lately.answer(question, || {
            let places = self.places(question);
            let mut all = Bits::with_room(count);
            self.parts.iter().for_each(|part| all.put_all(part.number * PART, &part.answer(&places)));
            all
        })
    }

    /// Whether the document of somebody who is not among these holds this word; `None` for what is not kept.
    pub(crate) fn has(&self, word: &str, gone: &Bits) -> Option<bool> {
        let places = self.of_text(&Asked::read(&format!(" {word} "))?, Field::Document);
        let is_there = |part: &Part, slot: &u16| !gone.has(part.number * PART + usize::from(*slot));
        Some(
            self.parts
                .iter()
                .any(|part| places.iter().any(|at| part.slots(at, 0).iter().any(|slot| is_there(part, slot)))),
        )
    }

    fn places(&self, question: &Question) -> Places {
        let of_item = |texts: &Vec<Asked>| {
            let mut places: Vec<Range<u32>> =
                texts.iter().flat_map(|asked| self.of_text(asked, question.field)).collect();
            places.sort_unstable_by_key(|words| words.start);
            places
        };
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
            Asked::Inside(text) => self.inside(text, field),
        }
    }

    /// Places of the words of a field that hold a text.
    fn inside(&self, text: &str, field: Field) -> Vec<Range<u32>> {
        let finder = memmem::Finder::new(text);
        let mut places: Vec<Range<u32>> = Vec::new();
        for words in field.stretches().map(|(from, to)| self.from(|known| known < from)..self.from(|known| known < to))
        {
            let (begins, ends) = (self.begins[words.start] as usize, self.begins[words.end] as usize);
            let mut next = words.start;
            for at in finder.find_iter(&self.text.as_bytes()[begins..ends]) {
                next = onward(&self.begins, next, |begin| *begin as usize <= begins + at);
                let word = next as u32 - 1;
                match places.last_mut() {
                    Some(last) if last.end > word => {}
                    Some(last) if last.end == word => last.end += 1,
                    _ => places.push(word..word + 1),
                }
            }
        }
        places
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

/// As `partition_point`, where everything before `from` is `before`, and where it ends is likely to be near.
fn onward<T>(all: &[T], mut from: usize, before: impl Fn(&T) -> bool) -> usize {
    let mut step = 1;
    while all.get(from + step - 1).is_some_and(&before) {
        from += step;
        step *= 2;
    }
    let to = all.len().min(from + step - 1);
    from + all[from..to].partition_point(before)
}

impl Part {
    fn answer(&self, places: &Places) -> Bits {
        let mut any = Bits::with_room(PART);
        for items in places {
            // What few have comes first: where nobody has it, the others need not be read.
            let mut items: Vec<Vec<&[u16]>> = items.iter().map(|words| self.having(words)).collect();
            items.sort_by_key(|slots| slots.iter().map(|slots| slots.len()).sum::<usize>());
            let mut all: Option<Bits> = None;
            for slots in items {
                let mut one = Bits::with_room(PART);
                slots.into_iter().flatten().for_each(|slot| one.put(usize::from(*slot)));
                match &mut all {
                    None => all = Some(one),
                    Some(all) => all.keep(&one),
                }
                if all.as_ref().is_some_and(Bits::has_none) {
                    break;
                }
            }
            any.add(&all.unwrap_or_default());
        }
        any
    }

    /// Slots that have one of the words, of which the first ones come first.
    fn having(&self, places: &[Range<u32>]) -> Vec<&[u16]> {
        let mut near = 0;
        let of_words = |words: &Range<u32>| {
            near = onward(&self.words, near, |word| *word < words.start);
            self.slots(words, near)
        };
        places.iter().map(of_words).filter(|slots| !slots.is_empty()).collect()
    }

    /// Slots that have one of the words from one place to another, word by word; none of the part's words before `near`
    /// is among them.
    fn slots(&self, words: &Range<u32>, near: usize) -> &[u16] {
        let from = onward(&self.words, near, |word| *word < words.start);
        let to = onward(&self.words, from, |word| *word < words.end);
        &self.slots[self.found[from] as usize..self.found[to] as usize]
    }
}

#[cfg(test)]
mod tests {
    use platform::db::TextMatch;
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
        assert_eq!(found(&words, &[" klein "]), [0]);
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

    #[test]
    fn what_lies_near_is_found_from_anywhere_before_it() {
        let all = [1, 3, 3, 7, 9, 12, 20];
        for sought in 0..22 {
            let there = all.partition_point(|number| *number < sought);
            (0..=there).for_each(|from| assert_eq!(onward(&all, from, |number| *number < sought), there));
        }
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
