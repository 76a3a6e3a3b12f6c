//! Counting in memory what marks and words tell whole.

use platform::db::{Database, SqlExt, only_used, these};
use platform::error::AppResult;
use uuid::Uuid;

use super::super::conditions::Conditions;
use super::choice::has_marks;
use crate::lineup::{self, Bits, Question};

/// Customers whose conditions the database checks one by one: who was written since the line-up was read, and records of
/// older versions, whose marks say nothing.
const MOST_CHECKED: usize = 500;
/// Marks of a record that an older version wrote.
const UNKNOWN: i64 = -1;

/// How many customers meet all conditions; `None` where memory does not tell.
pub(in super::super) async fn count(db: &Database, sql: &Conditions) -> AppResult<Option<u64>> {
    if sql.told != sql.parts.len() {
        return Ok(None);
    }
    let Some(line) = lineup::current(db).await? else { return Ok(None) };
    let mut among: Option<Bits> = None;
    for question in
        sql.ways.iter().filter_map(|way| way.text.as_ref()).filter_map(|(text, field)| Question::read(text, *field))
    {
        let one = line.words().all(&question, line.len());
        match &mut among {
            None => among = Some(one),
            Some(all) => all.keep(&one),
        }
    }
    let counted = lineup::with_news(db, &line, |news| {
        let mut count = 0_u64;
        let mut unsure: Vec<Uuid> = news.rows.iter().filter(|row| row.is_there).map(|row| row.id).collect();
        let mut look = |slot: usize| {
            let marks = line.marks(slot);
            if news.stale.has(slot) || !has_marks(&sql.marks, marks) {
                return;
            }
            if marks.0 == UNKNOWN || marks.1 == UNKNOWN {
                unsure.push(line.id(slot));
            } else {
                count += 1;
            }
        };
        match &among {
            Some(among) => among.numbers().for_each(&mut look),
            None => (0..line.len()).for_each(&mut look),
        }
        (count, unsure)
    });
    let Some((count, unsure)) = counted.await.filter(|(_, unsure)| unsure.len() <= MOST_CHECKED) else {
        return Ok(None);
    };
    if unsure.is_empty() {
        return Ok(Some(count));
    }
    let mut params = sql.params.clone();
    let from = these("customer", &unsure, &mut params);
    let text = format!("select count(*) from {from} c where {}", sql.parts.join(" and "));
    let (text, params) = only_used(&text, &params);
    Ok(Some(count + db.read().value::<i64>(&text, params).await?.unwrap_or(0).unsigned_abs()))
}
