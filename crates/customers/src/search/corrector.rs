//! Questions with the words that may have been meant beside the misspelled ones.

use platform::db::TextMatch;
use platform::error::AppResult;

use super::query::Searched;
use super::question::{Level, Question};
use super::spelling;
use crate::lineup;

/// Corrects a question: first the words that nobody has, then every word.
pub(super) struct Corrector<'a> {
    searched: &'a Searched<'a>,
    question: &'a Question,
    /// What may be meant by each word; `None` where it was not looked for.
    near: Vec<Option<Vec<String>>>,
    is_begun: bool,
}

impl<'a> Corrector<'a> {
    pub(super) fn new(searched: &'a Searched<'a>, question: &'a Question) -> Self {
        Self { searched, question, near: vec![None; question.words.len()], is_begun: false }
    }

    /// The next corrected question that asks anything new; `None` when there is no other.
    pub(super) async fn next(&mut self) -> AppResult<Option<TextMatch>> {
        if self.question.is_phone {
            return Ok(None);
        }
        if !std::mem::replace(&mut self.is_begun, true) {
            let known = self.known().await?;
            if self.look_for(|at| !known[at]).await? {
                return Ok(Some(self.corrected()));
            }
        }
        Ok(self.look_for(|_| true).await?.then(|| self.corrected()))
    }

    /// Looks for what may be meant by these of the words; answers whether there is anything new.
    async fn look_for(&mut self, is_meant: impl Fn(usize) -> bool) -> AppResult<bool> {
        let mut is_changed = false;
        for (at, word) in self.question.words.iter().enumerate() {
            if self.near[at].is_none() && is_meant(at) {
                let near = spelling::corrections(self.searched.db, self.searched.line.as_deref(), word).await?;
                is_changed |= !near.is_empty();
                self.near[at] = Some(near);
            }
        }
        Ok(is_changed)
    }

    fn corrected(&self) -> TextMatch {
        let of_word = |(word, near): (&String, &Option<Vec<String>>)| {
            [word].into_iter().chain(near.iter().flatten()).map(|text| Level::Beginning.text(text)).collect()
        };
        TextMatch { any: vec![self.question.words.iter().zip(&self.near).map(of_word).collect()] }
    }

    /// Whether somebody has each of the words, or it is none that could be misspelled.
    async fn known(&self) -> AppResult<Vec<bool>> {
        let (db, words) = (self.searched.db, &self.question.words);
        let told = match &self.searched.line {
            Some(line) => lineup::known_words(db, line, words).await,
            None => None,
        };
        let told = told.unwrap_or_else(|| vec![None; words.len()]);
        let untold = words.iter().zip(&told).filter(|(_, told)| told.is_none()).map(|(word, _)| word.clone());
        let known = spelling::known(db.read(), &untold.collect::<Vec<_>>()).await?;
        Ok(words.iter().zip(told).map(|(word, told)| told.unwrap_or_else(|| known.contains(word))).collect())
    }
}
