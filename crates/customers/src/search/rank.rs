//! Which of the customers that were found come first.

use platform::contact::fold;
use platform::sea_orm::{self, FromQueryResult};
use uuid::Uuid;

use super::errors::errors_between;

/// What is spelled almost alike differs by no more.
const LIKELY_ERRORS: usize = 2;

/// A hit of the search box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub id: Uuid,
    pub number: String,
    pub name: String,
    pub company: String,
    pub email: String,
    pub phone: String,
    pub town: String,
    pub status: String,
    pub active: bool,
    /// Found by forgiving typing errors.
    pub corrected: bool,
}

/// A customer that may be a hit.
#[derive(Default, FromQueryResult)]
pub(super) struct Candidate {
    pub id: Uuid,
    pub number: String,
    pub display_name: String,
    pub company_name: String,
    pub main_email: String,
    pub main_phone: String,
    pub main_town: String,
    pub status: String,
    pub active: bool,
    pub document: String,
}

/// How well a document answers: whole words before beginnings of words before parts of words, near
/// spellings by their distance; words of the name before words of a street or town.
fn score(document: &str, name: &str, asked: &[String]) -> i64 {
    let of_word = |word: &String| {
        if document.contains(&format!(" {word} ")) {
            100
        } else if document.contains(&format!(" {word}")) {
            60
        } else if document.contains(word.as_str()) {
            30
        } else {
            20 - nearest(document, word).unwrap_or(20).min(20) as i64
        }
    };
    let in_name = |word: &String| {
        let whole = name.split(' ').any(|known| known == word);
        let begins = name.split(' ').any(|known| known.starts_with(word.as_str()));
        if whole { 20 } else { i64::from(begins) * 10 }
    };
    asked.iter().map(|word| of_word(word) + in_name(word)).sum()
}

/// Errors of the word of the document that differs least.
fn nearest(document: &str, word: &str) -> Option<usize> {
    let known = || document.split(' ');
    let near = known().filter_map(|known| errors_between(word, known, LIKELY_ERRORS)).min();
    near.or_else(|| known().map(|known| strsim::damerau_levenshtein(word, known)).min())
}

pub(super) fn ranked(candidates: Vec<Candidate>, asked: &[String], corrected: bool) -> Vec<Found> {
    let mut scored: Vec<(i64, Candidate)> = candidates
        .into_iter()
        .map(|candidate| {
            let active = i64::from(candidate.active);
            (2 * score(&candidate.document, &fold(&candidate.display_name), asked) + active, candidate)
        })
        .collect();
    // Stable: the newest stay first among equals.
    scored.sort_by_key(|(score, _)| -score);
    scored
        .into_iter()
        .map(|(_, candidate)| Found {
            id: candidate.id,
            number: candidate.number,
            name: candidate.display_name,
            company: candidate.company_name,
            email: candidate.main_email,
            phone: candidate.main_phone,
            town: candidate.main_town,
            status: candidate.status,
            active: candidate.active,
            corrected,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_rank_before_beginnings_before_parts() {
        let asked = ["ann".to_owned()];
        let [whole, start, part] = [" ann lee ", " anna lee ", " joann lee "].map(|line| score(line, "", &asked));
        assert!(whole > start && start > part);
    }

    #[test]
    fn names_rank_before_streets() {
        let asked = ["york".to_owned()];
        assert!(score(" anna york hill 5 ", "anna york", &asked) > score(" bert lee york 5 ", "bert lee", &asked));
    }
}
