//! The way to the rows of a filter.
//!
//! Two ways lead there, and each is long where the other is short. What few customers have is looked up by its own index
//! and sorted afterwards. What many have is met soon on a walk along the sort's index; marks in that index (see
//! [`marks`](crate::customer::marks)) tell which customers need not be looked at. So the rarest condition is counted
//! first, up to a bound, and decides. SQLite keeps no statistics that could, and PostgreSQL's know nothing about words.

use platform::db::{Database, SqlExt, only_used};
use platform::error::AppResult;
use platform::sea_orm::Value;
use platform::ui::Count;

use super::conditions::Conditions;

/// Customers that are sorted rather than walked past.
pub(super) const FEW: i64 = 2_000;
/// The same where they lie side by side in the table.
pub(super) const FEW_IN_A_ROW: i64 = 6_000;
/// Newest customers looked at to count what has no short way.
const COUNTED_AMONG: i64 = 20_000;
/// Newest customers that tell how common something is.
const SAMPLE: i64 = 500;

/// A condition that an index of its own answers.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// Selects customer ids, as column `id`.
    pub ids: String,
    /// Selects how many there are; the bound is its parameter `{most}`.
    pub frequency: String,
    /// So many are few.
    pub few: i64,
}

impl Way {
    /// A way whose ids are counted by selecting them.
    pub(super) fn of(ids: String) -> Self {
        let frequency = format!("select count(*) from (select 1 from ({ids}) w limit {{most}}) counted");
        Self { ids, frequency, few: FEW }
    }
}

/// Where rows come from: `from` and `where` with the record as `c`, and the alias that rows are sorted by.
pub(super) struct Source {
    pub from: String,
    pub filter: String,
    pub sorted_by: &'static str,
}

/// The shortest of the ways when few customers lie on it.
async fn short_way<'a>(db: &Database, sql: &'a Conditions) -> AppResult<Option<&'a Way>> {
    let mut shortest: Option<(i64, &Way)> = None;
    for way in &sql.ways {
        let most = shortest.map_or(way.few + 1, |(count, _)| count);
        let mut params = sql.params.clone();
        params.push(most.into());
        let text = way.frequency.replace("{most}", &format!("${}", params.len()));
        let (text, params) = only_used(&text, &params);
        let count: i64 = db.read().value(&text, params).await?.unwrap_or(0);
        if count < most {
            shortest = Some((count, way));
        }
    }
    Ok(shortest.map(|(_, way)| way))
}

/// The rows of a filter.
pub(super) async fn source(db: &Database, sql: &mut Conditions, sort_column: &str) -> AppResult<Source> {
    if let Some(way) = short_way(db, sql).await? {
        return Ok(few(way, sql));
    }
    let mut parts = vec!["c.id = k.id".to_owned(), "k.deleted_at is null".to_owned()];
    for (column, bits) in sql.marks.clone() {
        let bits = sql.param(bits);
        parts.push(format!("(k.{} & {bits}) <> 0", column.name()));
    }
    parts.extend(sql.in_index.iter().filter(|(column, _)| *column == sort_column).map(|(_, part)| part.clone()));
    parts.extend(sql.parts.iter().cloned());
    // SQLite keeps the order of a cross join: along the index first, to the record where the marks allow it.
    let from = "customer k cross join customer c".to_owned();
    Ok(Source { from, filter: parts.join(" and "), sorted_by: "k" })
}

/// The rows of a filter where all of them are wanted, in no order.
pub(super) async fn every_row(db: &Database, sql: &Conditions) -> AppResult<Source> {
    Ok(match short_way(db, sql).await? {
        Some(way) => few(way, sql),
        None => Source { from: "customer c".to_owned(), filter: sql.parts.join(" and "), sorted_by: "c" },
    })
}

fn few(way: &Way, sql: &Conditions) -> Source {
    // The bound tells PostgreSQL's planner that they are few.
    let from = format!("(select distinct id from ({}) w limit {}) few cross join customer c", way.ids, way.few);
    Source { from, filter: format!("c.id = few.id and {}", sql.parts.join(" and ")), sorted_by: "c" }
}

/// How many rows the filter finds: exactly where they are few or the shop is small, else how many there are at least.
pub(super) async fn count(db: &Database, mut sql: Conditions, most: i64) -> AppResult<Count> {
    if let Some(way) = short_way(db, &sql).await? {
        let source = few(way, &sql);
        let text = format!("select count(*) from {} where {}", source.from, source.filter);
        return Ok(Count::Exactly(number(db, &text, &sql.params).await?));
    }
    if let Some(found) = count_common(db, &mut sql, most).await? {
        return Ok(at_most(found, most));
    }
    let counted = sql.param(COUNTED_AMONG);
    let text = format!(
        "select count(*) from (select * from customer where deleted_at is null order by created_at desc, id desc limit \
         {counted}) c where {}",
        sql.parts.join(" and ")
    );
    let found = number(db, &text, &sql.params).await?;
    let beyond = "select 1 from customer where deleted_at is null order by created_at, id limit 1 offset $1";
    if db.read().value::<i32>(beyond, vec![COUNTED_AMONG.into()]).await?.is_none() {
        return Ok(at_most(found, most));
    }
    let mut found = found;
    for way in &sql.ways {
        let mut params = sql.params.clone();
        params.push(FEW.into());
        let text = format!(
            "select count(*) from (select distinct id from ({}) w limit ${}) few cross join customer c \
             where c.id = few.id and {}",
            way.ids,
            params.len(),
            sql.parts.join(" and ")
        );
        if found < FEW.unsigned_abs() / 2 {
            found = found.max(number(db, &text, &params).await?);
        }
    }
    Ok(match at_most(found, most) {
        Count::Exactly(found) => Count::MoreThan(rounded(found)),
        more => more,
    })
}

/// What most customers are is counted by reading them as they lie, until there are enough: the sample of the newest tells
/// that this will be soon.
async fn count_common(db: &Database, sql: &mut Conditions, most: i64) -> AppResult<Option<u64>> {
    let sampled = sql.param(SAMPLE);
    let conditions = sql.parts.join(" and ");
    let sample = format!(
        "select count(*) from (select * from customer where deleted_at is null order by created_at desc, id desc limit \
         {sampled}) c where {conditions}"
    );
    if number(db, &sample, &sql.params).await? < SAMPLE.unsigned_abs() / 2 {
        return Ok(None);
    }
    let enough = sql.param(most + 1);
    let text = format!("select count(*) from (select 1 from customer c where {conditions} limit {enough}) counted");
    Ok(Some(number(db, &text, &sql.params).await?))
}

async fn number(db: &Database, text: &str, params: &[Value]) -> AppResult<u64> {
    let (text, params) = only_used(text, params);
    Ok(db.read().value::<i64>(&text, params).await?.unwrap_or(0).unsigned_abs())
}

fn at_most(found: u64, most: i64) -> Count {
    let most = most.unsigned_abs();
    if found > most { Count::MoreThan(most) } else { Count::Exactly(found) }
}

/// Two leading digits: "1,437+" would look exact.
fn rounded(found: u64) -> u64 {
    let mut unit = 1;
    while found / unit >= 100 {
        unit *= 10;
    }
    found / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_numbers_are_round() {
        assert_eq!([0, 7, 99, 1437, 9999].map(rounded), [0, 7, 99, 1400, 9900]);
        assert_eq!(at_most(10_001, 10_000), Count::MoreThan(10_000));
        assert_eq!(at_most(3, 10_000), Count::Exactly(3));
    }
}
