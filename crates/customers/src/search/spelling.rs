//! Typing errors: a dictionary of the words in use, reachable by what remains of a word when one or
//! two of its letters are left out. A typed word and a known word that differ by at most two
//! errors share such a remainder, so a handful of key look-ups finds every candidate (symmetric
//! deletion, after W. Garbe's SymSpell).

use std::collections::{BTreeSet, HashSet};

use platform::db::{Database, SqlExt, Tx};
use platform::error::AppResult;
use platform::jobs::Pace;
use platform::params;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult, Value};

use super::errors::errors_between;
use crate::lineup::{self, Line};

/// Shortest word in which one error is forgiven.
const ONE_ERROR: usize = 4;
/// Shortest word in which two errors are forgiven.
const TWO_ERRORS: usize = 7;
/// Remainders are made of so many leading letters; the rest is compared afterwards.
const PREFIX: usize = 7;
const LONGEST: usize = 40;
/// Corrections tried per word.
const MOST_CORRECTIONS: usize = 6;
/// Words compared at most.
const MOST_CANDIDATES: usize = 5_000;

fn errors_allowed(length: usize) -> usize {
    match length {
        0..ONE_ERROR => 0,
        ONE_ERROR..TWO_ERRORS => 1,
        _ => 2,
    }
}

fn is_spelled(word: &str) -> bool {
    (ONE_ERROR..=LONGEST).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// FNV-1a over the remainder: a stable 64-bit key that both engines store as an integer.
fn key(remainder: &[u8]) -> i64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in remainder {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash as i64
}

/// Keys of all remainders of the word's beginning with up to `errors` letters left out.
fn remainders(word: &str, errors: usize) -> BTreeSet<i64> {
    let start: Vec<u8> = word.bytes().take(PREFIX).collect();
    let mut level: HashSet<Vec<u8>> = HashSet::from([start.clone()]);
    let mut keys: BTreeSet<i64> = BTreeSet::from([key(&start)]);
    for _ in 0..errors {
        let shorter: HashSet<Vec<u8>> = level
            .iter()
            .flat_map(|text| {
                (0..text.len()).map(move |at| {
                    let mut rest = text.clone();
                    rest.remove(at);
                    rest
                })
            })
            .collect();
        keys.extend(shorter.iter().map(|rest| key(rest)));
        level = shorter;
    }
    keys
}

/// Adds words to the dictionary; known ones change nothing.
pub(super) async fn learn(tx: &Tx, words: BTreeSet<String>) -> Result<(), DbErr> {
    let words: Vec<String> = words.into_iter().filter(|word| is_spelled(word)).collect();
    if words.is_empty() {
        return Ok(());
    }
    let known = known_words(tx, &words).await?;
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for word in words.iter().filter(|word| !known.contains(*word)) {
        rows.push(vec![own_key(word).into(), word.clone().into()]);
        for key in remainders(word, errors_allowed(word.len())) {
            rows.push(vec![key.into(), word.clone().into()]);
        }
    }
    // Sorted by key: pages of the index are filled in order, and two servers never deadlock.
    rows.sort_by_key(|row| match &row[0] {
        Value::BigInt(key) => *key,
        _ => None,
    });
    tx.insert_rows_with("search_word", &["key", "word"], rows, "on conflict (key, word) do nothing").await
}

/// Rows of the dictionary looked through at once.
const AT_ONCE: i64 = 2_000;

/// A walk through the dictionary, piece by piece.
pub(crate) struct Walk {
    last: (i64, String),
}

impl Walk {
    pub(crate) fn begin() -> Self {
        Self { last: (i64::MIN, String::new()) }
    }

    /// The next words, each once in the whole walk; `None` at its end.
    pub(crate) async fn next(&mut self, db: &Database) -> AppResult<Option<Vec<String>>> {
        #[derive(FromQueryResult)]
        struct WordRow {
            key: i64,
            word: String,
        }
        let sql = "select key, word from search_word where (key, word) > ($1, $2) order by key, word limit $3";
        let rows: Vec<WordRow> = db.read().all(sql, params![self.last.0, self.last.1.clone(), AT_ONCE]).await?;
        let Some(row) = rows.last() else { return Ok(None) };
        self.last = (row.key, row.word.clone());
        Ok(Some(rows.into_iter().filter(|row| row.key == own_key(&row.word)).map(|row| row.word).collect()))
    }
}

/// Forgets the words that no document holds any more: those of people who were renamed or are gone. In large shops memory
/// tells which ones to look for: a look-up of each in the index of documents took both cores for minutes among a million.
pub async fn sweep(db: &Database) -> AppResult<()> {
    lineup::line_up(db).await?;
    let mut walk = Walk::begin();
    let mut pace = Pace::begin();
    while let Some(words) = walk.next(db).await? {
        let told = match lineup::current(db).await? {
            Some(line) => lineup::known_words(db, &line, &words).await,
            None => None,
        };
        let told = told.unwrap_or_else(|| vec![None; words.len()]);
        for (word, _) in words.iter().zip(told).filter(|(_, told)| *told != Some(true)) {
            if !super::query::is_used(db, word).await? {
                forget(db, word).await?;
            }
            pace.rest().await;
        }
        pace.rest().await;
    }
    Ok(())
}

async fn forget(db: &Database, word: &str) -> AppResult<()> {
    let tx = db.begin_write().await?;
    for key in remainders(word, errors_allowed(word.len())).into_iter().chain([own_key(word)]) {
        tx.run("delete from search_word where key = $1 and word = $2", params![key, word]).await?;
    }
    Ok(tx.commit().await?)
}

/// The key under which a word itself is noted, apart from all remainders.
fn own_key(word: &str) -> i64 {
    let mut marked = vec![0];
    marked.extend_from_slice(word.as_bytes());
    key(&marked)
}

async fn known_words(db: &impl ConnectionTrait, words: &[String]) -> Result<HashSet<String>, DbErr> {
    let mut known = HashSet::new();
    for chunk in words.chunks(500) {
        let keys = chunk.iter().map(|word| own_key(word)).collect();
        known.extend(words_of(db, keys).await?);
    }
    Ok(known)
}

/// Which of the words somebody has, or are no words that could be misspelled.
pub async fn known(db: &impl ConnectionTrait, words: &[String]) -> Result<HashSet<String>, DbErr> {
    let mut known = known_words(db, words).await?;
    known.extend(words.iter().filter(|word| !is_spelled(word)).cloned());
    Ok(known)
}

async fn words_of(db: &impl ConnectionTrait, keys: Vec<i64>) -> Result<Vec<String>, DbErr> {
    let places = (1..=keys.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let sql = format!("select word from search_word where key in ({places}) limit {MOST_CANDIDATES}");
    db.values(&sql, keys.into_iter().map(Value::from).collect()).await
}

/// Known words that differ from the typed one by one error, or where there is none and the length allows it by two, the
/// nearest first. A large shop's words are in memory.
pub(super) async fn corrections(db: &Database, line: Option<&Line>, typed: &str) -> AppResult<Vec<String>> {
    if !is_spelled(typed) {
        return Ok(Vec::new());
    }
    for errors in 1..=errors_allowed(typed.len()) {
        let in_memory = match line {
            Some(line) => lineup::near_words(db, line, typed, errors).await,
            None => None,
        };
        let found = match in_memory {
            Some(found) => found,
            None => words_of(db.read(), remainders(typed, errors).into_iter().collect()).await?,
        };
        let near = nearest(typed, found, errors);
        if !near.is_empty() {
            return Ok(near);
        }
    }
    Ok(Vec::new())
}

/// Those of the words that differ by no more than so many errors, the nearest first.
fn nearest(typed: &str, words: Vec<String>, errors: usize) -> Vec<String> {
    let distance = |word: String| Some((errors_between(typed, &word, errors)?, word.len().abs_diff(typed.len()), word));
    let spelled = words.into_iter().filter(|word| is_spelled(word));
    let near: BTreeSet<(usize, usize, String)> = spelled.filter_map(distance).collect();
    near.into_iter().map(|(_, _, word)| word).take(MOST_CORRECTIONS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_within_two_errors_share_a_remainder() {
        let share = |a: &str, b: &str| {
            let (a, b) = (remainders(a, errors_allowed(a.len())), remainders(b, errors_allowed(b.len())));
            a.intersection(&b).next().is_some()
        };
        assert!(share("goldmann", "goldman"));
        assert!(share("goldmann", "godlmann"));
        assert!(share("goldmann", "holdmamn"));
        assert!(share("anna", "annna"));
        assert!(!share("goldmann", "altbruner"));
    }

    #[test]
    fn short_words_forgive_less() {
        assert_eq!([2, 4, 6, 7, 12].map(errors_allowed), [0, 1, 1, 2, 2]);
    }
}
