//! What holds digits (numbers, parts of telephones and addresses) is looked for by the index of documents, which takes
//! milliseconds for each time it is asked. So it is asked once, and how the words stand in the few that it finds is looked up
//! in these.

use platform::db::SqlExt;
use platform::error::AppResult;
use platform::sea_orm::Value;

use super::query::{COLUMNS, DOCUMENTS, Searched};
use super::question::{Level, Question};
use super::rank::Candidate;
use crate::lineup;

/// So few documents are read.
const FEW: i64 = 100;

/// Everybody whose document holds the words anywhere, the newest first; `None` where they are many, or where memory tells who
/// they are.
pub(super) async fn few(searched: &Searched<'_>, question: &Question) -> AppResult<Option<Vec<Candidate>>> {
    let (db, text) = (searched.db, question.at(Level::Part));
    let first = if question.is_part() { &text } else { &question.at(Level::Beginning) };
    if searched.line.is_some() && lineup::tells(first) {
        return Ok(None);
    }
    let mut params = Vec::new();
    let Some(numbers) = text.numbers(db.engine(), DOCUMENTS, &mut params) else { return Ok(None) };
    params.push((FEW + 1).into());
    let found: Vec<i64> = db.read().values(&format!("{numbers} limit ${}", params.len()), params).await?;
    if found.len() as i64 > FEW {
        return Ok(None);
    }
    let places = (1..=found.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "select {COLUMNS} from customer_search d join customer c on c.id = d.customer_id \
         where d.seq in ({places}) and c.deleted_at is null order by d.seq desc"
    );
    let mut read: Vec<Candidate> = db.read().all(&sql, found.into_iter().map(Value::from).collect()).await?;
    read.retain(|candidate| text.is_met_by(&candidate.document));
    Ok(Some(read))
}

/// Of these the best, at most so many: words at their beginning before words anywhere, whole ones first.
pub(super) fn best(all: Vec<Candidate>, question: &Question, wanted: usize) -> Vec<Candidate> {
    let (beginning, whole) = (question.at(Level::Beginning), question.at(Level::Whole));
    let begins = |candidate: &Candidate| !question.is_part() && beginning.is_met_by(&candidate.document);
    let mut all = all;
    if all.iter().any(begins) {
        all.retain(begins);
        // The newest stay first among equals.
        all.sort_by_key(|candidate| !whole.is_met_by(&candidate.document));
    }
    all.truncate(wanted);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(document: &str) -> Candidate {
        Candidate { document: document.to_owned(), ..Candidate::default() }
    }

    #[test]
    fn beginnings_come_before_parts_and_whole_words_first() {
        let documents = |typed: &str, all: &[&str], wanted: usize| {
            let all = all.iter().map(|document| candidate(document)).collect();
            best(all, &Question::read(typed), wanted).into_iter().map(|found| found.document).collect::<Vec<_>>()
        };
        assert_eq!(documents("1012", &[" a1012 ", " 10124 ", " 1012 "], 9), [" 1012 ", " 10124 "]);
        assert_eq!(documents("1012", &[" a1012 ", " b1012 ", " c1012 "], 2), [" a1012 ", " b1012 "]);
        assert_eq!(documents("@1x", &[" a@1x.example "], 2), [" a@1x.example "]);
    }
}
