//! Counting in memory what marks and words tell whole.

use platform::db::{Database, SqlExt, only_used, these};
use platform::error::AppResult;
use uuid::Uuid;

use super::super::conditions::Conditions;
use crate::lineup::{self, Bits, Question};

/// Customers whose conditions the database checks one by one: who was written since the line-up was read, and records of
/// older versions, whose marks say nothing.
const MOST_CHECKED: usize = 500;

/// How many customers meet all conditions; `None` where memory does not tell.
pub(in super::super) async fn count(db: &Database, sql: &Conditions) -> AppResult<Option<u64>> {
    if sql.told != sql.parts.len() {
        return Ok(None);
    }
    let Some(line) = lineup::current(db).await? else { return Ok(None) };
    let mut among = line.marks().having(&sql.marks).unwrap_or_else(|| Bits::all(line.len()));
    for question in
        sql.ways.iter().filter_map(|way| way.text.as_ref()).filter_map(|(text, field)| Question::read(text, *field))
    {
        among.keep(&line.words().all(&question, line.len()));
    }
    let counted = lineup::with_news(db, &line, |news| {
        among.take_out(&news.stale);
        let mut unknown = line.marks().unknown().clone();
        unknown.keep(&among);
        among.take_out(&unknown);
        let changed = news.rows.iter().filter(|row| row.is_there).map(|row| row.id);
        let unsure: Vec<Uuid> = changed.chain(unknown.numbers().map(|slot| line.id(slot))).collect();
        (among.count() as u64, unsure)
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
