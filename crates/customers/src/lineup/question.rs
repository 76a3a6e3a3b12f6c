//! What is asked of the [words](super::words), and what it was answered lately.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use platform::db::TextMatch;

use super::bits::Bits;
use super::words::{Field, SHORTEST_INSIDE};

/// How a text stands in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Word(String),
    Beginning(String),
    Inside(String),
}

/// What is asked of words: one of these, and within it of each item one of its texts. Who answers it may lack what words do
/// not tell; nobody else has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(super) field: Field,
    pub(super) any: Vec<Vec<Vec<Asked>>>,
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
    pub(super) fn read(text: &str) -> Option<Self> {
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

/// Who answered what was asked lately: somebody who sorts a list or goes through its pages asks the same again and again.
#[derive(Debug, Default)]
pub(super) struct Lately(Mutex<VecDeque<(Question, Arc<Bits>)>>);

/// Answers that are kept.
const KEPT: usize = 6;

impl Lately {
    pub(super) fn answer(&self, question: &Question, find: impl FnOnce() -> Bits) -> Arc<Bits> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = kept().iter().find(|(asked, _)| asked == question) {
            return Arc::clone(known);
        }
        let found = Arc::new(find());
        let mut kept = kept();
        kept.truncate(KEPT - 1);
        kept.push_front((question.clone(), Arc::clone(&found)));
        found
    }
}
