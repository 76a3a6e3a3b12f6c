//! The line-up: every customer's marks, place in each order and words, in memory. From it lists and the search box choose the
//! customers that they look at, in a few milliseconds among a million; the database then checks every condition on
//! their records.
//!
//! Always true: what is chosen holds everybody who is meant. The line-up is as old as the moment it was read; who was
//! written since (the event log tells) is known with marks and document. Where that cannot be told nothing is chosen, and
//! lists and searches take their ways through the database.

mod bits;
mod gather;
mod line;
mod marks;
mod news;
mod question;
mod spelled;
mod starts;
mod words;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use platform::db::{Database, SqlExt, TextMatch};
use platform::error::AppResult;
use platform::params;
use uuid::Uuid;

pub(crate) use self::bits::Bits;
pub(crate) use self::line::Line;
pub(crate) use self::news::{Changed, News};
pub(crate) use self::question::Question;
pub(crate) use self::starts::Starting;
pub(crate) use self::words::Field;
use crate::search::errors_between;

/// In smaller shops every way through the database is short.
const WORTH_IT: i64 = 5_000;
/// A shop that was too small is looked at again after this time.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// So many changed customers are worth reading everybody anew.
const MOST_CHANGED: usize = 5_000;

/// The line-up of a database, kept beside it.
#[derive(Debug, Default)]
pub(crate) struct LineUp {
    line: Mutex<Option<Arc<Line>>>,
    news: tokio::sync::Mutex<News>,
    reading: tokio::sync::Mutex<()>,
    /// When the shop was last seen to be too small.
    small: Mutex<Option<Instant>>,
}

impl LineUp {
    fn line(&self) -> Option<Arc<Line>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_small(&self, since: Duration) -> bool {
        let small = *self.small.lock().unwrap_or_else(PoisonError::into_inner);
        small.is_some_and(|seen| seen.elapsed() < since)
    }

    fn note_small(&self, seen: Option<Instant>) {
        *self.small.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    fn put(&self, line: Option<Arc<Line>>) {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }
}

/// Reads the line-up of a shop that is large enough to be worth it; waits for whoever reads it already.
///
/// # Errors
/// When the database cannot be read.
pub async fn line_up(db: &Database) -> AppResult<()> {
    let lineup = db.beside::<LineUp>();
    let _reading = lineup.reading.lock().await;
    if lineup.line().is_some() { Ok(()) } else { read(db, &lineup).await }
}

async fn read(db: &Database, lineup: &LineUp) -> AppResult<()> {
    let is_large = "select 1 from customer order by id limit 1 offset $1";
    if db.read().value::<i32>(is_large, params![WORTH_IT]).await?.is_none() {
        lineup.note_small(Some(Instant::now()));
        return Ok(());
    }
    let begins = Instant::now();
    if lineup.news.lock().await.begin(db).await? {
        let line = Line::read(db).await?;
        let (customers, milliseconds) = (line.len(), begins.elapsed().as_millis());
        tracing::info!(customers, milliseconds, "lists and searches are chosen from memory now");
        lineup.put(Some(Arc::new(line)));
    }
    Ok(())
}

/// Whether lists and searches are chosen from memory.
pub fn is_lined_up(db: &Database) -> bool {
    db.beside::<LineUp>().line().is_some()
}

/// Forgets the line-up: somebody wrote customers of the past.
pub fn forget(db: &Database) {
    let lineup = db.beside::<LineUp>();
    lineup.put(None);
    lineup.note_small(None);
}

fn line_up_later(db: &Database) {
    let lineup = db.beside::<LineUp>();
    if lineup.is_small(LOOK_AGAIN) || lineup.reading.try_lock().is_err() {
        return;
    }
    let db = db.clone();
    tokio::spawn(async move {
        if let Err(error) = line_up(&db).await {
            tracing::warn!(%error, "customers cannot be lined up");
        }
    });
}

/// The line-up, its news as new as this moment; `None` where there is none, or where it cannot be told what changed.
pub(crate) async fn current(db: &Database) -> AppResult<Option<Arc<Line>>> {
    let lineup = db.beside::<LineUp>();
    // The line belongs to the news: both are taken together.
    let mut news = lineup.news.lock().await;
    let Some(line) = lineup.line() else {
        drop(news);
        line_up_later(db);
        return Ok(None);
    };
    if !news.catch_up(db, &line).await? || news.rows.len() > MOST_CHANGED {
        lineup.put(None);
        line_up_later(db);
        return Ok(None);
    }
    Ok(Some(line))
}

/// Looks at what changed since the line was read; `None` when it was read anew meanwhile: the news are of the new one.
pub(crate) async fn with_news<T>(db: &Database, line: &Line, look: impl FnOnce(&News) -> T) -> Option<T> {
    let lineup = db.beside::<LineUp>();
    let news = lineup.news.lock().await;
    let is_current = lineup.line().is_some_and(|now| std::ptr::eq(&raw const *now, line));
    is_current.then(|| look(&news))
}

/// The customers whom words choose.
pub(crate) struct Chosen {
    /// The newest first.
    pub ids: Vec<Uuid>,
    /// Words alone say who is meant.
    pub is_exact: bool,
}

/// Words within so many errors of a typed one, by those that everybody has; what was written since is among them.
pub(crate) async fn near_words(db: &Database, line: &Line, typed: &str, errors: usize) -> Option<Vec<String>> {
    with_news(db, line, |news| {
        let is_near = |word: &&str| !word.contains('@') && errors_between(typed, word, errors).is_some();
        let written = news.documents().flat_map(str::split_ascii_whitespace).filter(is_near);
        line.spelled().near(typed, errors).chain(written).map(str::to_owned).collect()
    })
    .await
}

/// Which of the words somebody's document holds, and which of them words of letters tell; `None` where it cannot be told.
pub(crate) async fn known_words(db: &Database, line: &Line, words: &[String]) -> Option<Vec<Option<bool>>> {
    with_news(db, line, |news| {
        let is_written = |word: &String| news.documents().any(|document| document.contains(&format!(" {word} ")));
        words.iter().map(|word| Some(line.words().has(word, &news.stale)? || is_written(word))).collect()
    })
    .await
}

/// Whether words in memory say all that is asked of documents.
pub(crate) fn tells(text: &TextMatch) -> bool {
    Question::read(text, Field::Document).is_some_and(|question| question.is_whole())
}

/// Customers whose documents may match, the newest first, no more than `most`; `None` where words cannot tell.
pub(crate) async fn newest(db: &Database, line: &Line, text: &TextMatch, most: usize) -> Option<Chosen> {
    let question = Question::read(text, Field::Document)?;
    let is_exact = question.is_whole();
    with_news(db, line, |news| {
        let lined_up = line.words().latest(&question).filter(|slot| !news.stale.has(*slot)).take(most);
        let changed = news.rows.iter().filter(|row| row.is_there && text.is_met_by(&row.document)).map(|row| row.id);
        let mut ids: Vec<Uuid> = lined_up.map(|slot| line.id(slot)).chain(changed).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.truncate(most);
        Chosen { ids, is_exact }
    })
    .await
}
