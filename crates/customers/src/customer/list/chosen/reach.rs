//! Reading whom the indexes of a filter's conditions lead to, without their records.

use std::sync::Arc;

use platform::clock::Micros;
use platform::db::{Database, SqlExt, TextMatch, only_used, packed_ids, packed_numbers, unpacked_ids};
use platform::error::AppResult;
use platform::params;
use platform::sea_orm::{TryGetable, Value};
use uuid::Uuid;

use super::super::conditions::Conditions;
use super::super::plan::Way;
use super::{LOOKED_AT, LOOKED_AT_FIRST};
use crate::lineup::{Bits, Line, Question};

/// The same where marks narrow as well: only what is so rare that marks, of which values share some, say little.
const MOST_MARKED: i64 = ENOUGH as i64;
/// The same for documents on SQLite, whose numbers are read quickly.
const MOST_DOCUMENTS: usize = 120_000;
/// Newest documents that tell how common something is.
const PROBED: usize = 1_000;
/// Rows that a page usually wants.
const A_PAGE: usize = 50;
/// So many whose value begins as asked are told by memory: it names some others with them.
const MANY_START: usize = 1_000;
/// So few need no other condition.
const ENOUGH: usize = 300;

/// Whom an index leads to.
pub(super) enum Reached {
    Customers(Vec<u128>),
    /// Numbers of search documents.
    Documents(Vec<i64>),
    /// Whose words answer.
    Words {
        lined_up: Arc<Bits>,
        text: TextMatch,
    },
    /// Who was created between two moments, and who follows upon each of them.
    Created {
        between: (Micros, Micros),
        first: Vec<Uuid>,
        beyond: Vec<Uuid>,
    },
}

/// What was read of the ways to a filter's customers.
#[derive(Default)]
pub(super) struct Reach {
    pub all: Vec<Reached>,
    /// Some were left out for being common.
    pub is_partial: bool,
}

impl Reached {
    fn len(&self) -> usize {
        match self {
            Self::Customers(ids) => ids.len(),
            Self::Documents(numbers) => numbers.len(),
            Self::Words { lined_up, .. } => lined_up.count(),
            Self::Created { .. } => usize::MAX,
        }
    }
}

/// Reads the ways to a filter's customers; unless it is to be thorough, without those that are common.
pub(super) async fn read(db: &Database, sql: &Conditions, line: &Line, thorough: bool) -> AppResult<Reach> {
    let mut reach = Reach::default();
    let mut others = Vec::new();
    for way in &sql.ways {
        if let Some(reached) = starting(way, line) {
            reach.all.push(reached);
            continue;
        }
        let question = way.text.as_ref().and_then(|(text, field)| Question::read(text, *field));
        // Words alone say who is meant, unless something is asked that they do not hold.
        if !question.as_ref().is_some_and(Question::is_whole) {
            others.push(way);
        }
        if let (Some(question), Some((text, _))) = (question, &way.text) {
            let lined_up = line.words().all(&question, line.len());
            reach.all.push(Reached::Words { lined_up, text: text.clone() });
        }
    }
    for way in others {
        if reach.all.iter().any(|reached| reached.len() <= ENOUGH) {
            break;
        }
        let reached = match (way.created, &way.documents) {
            (Some(between), _) => Some(read_created(db, between).await?),
            (None, Some(documents)) => read_documents(db, sql, documents, line, thorough).await?,
            (None, None) => read_customers(db, sql, way, line, thorough).await?,
        };
        reach.is_partial |= reached.is_none();
        reach.all.extend(reached);
    }
    Ok(reach)
}

/// Who has a value that begins as asked, where they are many.
fn starting(way: &Way, line: &Line) -> Option<Reached> {
    let (what, start) = way.starting.as_ref()?;
    let slots = line.starting(*what, start);
    if slots.len() < MANY_START {
        return None;
    }
    let mut lined_up = Bits::with_room(line.len());
    slots.iter().for_each(|slot| lined_up.put(*slot as usize));
    // It stands in their documents as a word.
    Some(Reached::Words { lined_up: Arc::new(lined_up), text: TextMatch::all([format!(" {start}")]) })
}

/// Who was created from a moment on, the first ones.
async fn created_from(db: &Database, moment: Micros) -> AppResult<Vec<Uuid>> {
    let sql = "select id from customer where deleted_at is null and created_at >= $1 order by created_at, id limit $2";
    Ok(db.read().values(sql, params![moment, LOOKED_AT]).await?)
}

async fn read_created(db: &Database, between: (Micros, Micros)) -> AppResult<Reached> {
    let (first, beyond) = (created_from(db, between.0).await?, created_from(db, between.1).await?);
    Ok(Reached::Created { between, first, beyond })
}

async fn packed<P: TryGetable + Default + Send>(
    db: &Database,
    sql: &Conditions,
    text: &str,
    most: i64,
) -> AppResult<P> {
    let mut params = sql.params.clone();
    params.push(Value::from(most));
    let text = text.replace("{most}", &format!("${}", params.len()));
    let (text, params) = only_used(&text, &params);
    Ok(db.read().value(&text, params).await?.unwrap_or_default())
}

async fn read_customers(
    db: &Database,
    sql: &Conditions,
    way: &Way,
    line: &Line,
    thorough: bool,
) -> AppResult<Option<Reached>> {
    // More are common: those looked at first hold two pages of them, in most orders.
    let common = (line.len() / (LOOKED_AT_FIRST / (2 * A_PAGE))) as i64;
    let most = match (thorough, way.is_marked()) {
        (true, false) => i64::MAX - 1,
        (false, true) => MOST_MARKED,
        (true, true) | (false, false) => common,
    };
    let text =
        format!("select {} from (select w.id from ({}) w limit {{most}}) w", packed_ids(db.engine(), "w.id"), way.ids);
    let found = unpacked_ids(&packed::<Vec<u8>>(db, sql, &text, most + 1).await?);
    Ok((found.len() as i64 <= most).then_some(Reached::Customers(found)))
}

/// Where there are many, from how far back the newest come it is told how many.
async fn read_documents(
    db: &Database,
    sql: &Conditions,
    way: &str,
    line: &Line,
    thorough: bool,
) -> AppResult<Option<Reached>> {
    let some =
        |order: &str| format!("select {} from ({way}{order} limit {{most}}) w", packed_numbers(db.engine(), "w.seq"));
    // The index goes forwards more quickly.
    let first = numbers(&packed::<String>(db, sql, &some(""), PROBED as i64).await?);
    if first.len() < PROBED {
        return Ok(Some(Reached::Documents(first)));
    }
    let newest_first = some(" order by rowid desc");
    let newest = numbers(&packed::<String>(db, sql, &newest_first, PROBED as i64).await?);
    let all = line.documents();
    let span = all.saturating_sub(newest.last().map_or(0, |number| usize::try_from(*number).unwrap_or(0))) + 1;
    if !thorough && PROBED * all / span > MOST_DOCUMENTS {
        return Ok(None);
    }
    Ok(Some(Reached::Documents(numbers(&packed::<String>(db, sql, &some(""), i64::MAX).await?))))
}

fn numbers(packed: &str) -> Vec<i64> {
    packed.split(',').filter_map(|number| number.parse().ok()).collect()
}
