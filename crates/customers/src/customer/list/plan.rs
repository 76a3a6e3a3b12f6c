//! The way to the rows of a filter.
//!
//! Two ways lead there, and each is long where the other is short. What few customers have is looked up by its own index
//! and sorted afterwards. What many have is met soon on a walk along the sort's index; marks in that index (see
//! [`marks`](crate::customer::marks)) tell which customers need not be looked at. So the rarest condition is counted
//! first, up to a bound, and decides. SQLite keeps no statistics that could, and PostgreSQL's know nothing about words.

use platform::clock::Micros;
use platform::db::{Database, SqlExt, TextMatch, only_used};
use platform::error::AppResult;
use platform::sea_orm::Value;
use platform::ui::Count;

use super::conditions::Conditions;
use crate::lineup::{Field, Starting};

/// Customers that are sorted rather than walked past.
pub(super) const FEW: i64 = 2_500;
/// The same where they lie side by side in the table.
pub(super) const FEW_IN_A_ROW: i64 = 6_000;
/// Customers that are noted first, so that a walk passes over the others without reading their records.
const SOME: i64 = 20_000;
/// The same where noting them means reading their documents.
pub(super) const SOME_DOCUMENTS: i64 = 10_000;
/// Customers that are looked up and sorted when a walk of this length does not meet them.
const MANY: i64 = 30_000;
/// Index entries looked at on such a walk. What is not met by then lies elsewhere in the order, and is sorted.
const WALKED: i64 = 25_000;
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
    /// So many are noted before a walk; `few` where marks tell as much.
    pub some: i64,
    /// Selects the numbers of search documents instead, as column `seq`, where that is the shorter way.
    pub documents: Option<String>,
    /// What their documents hold, and where in them.
    pub text: Option<(TextMatch, Field)>,
    /// They have a value that begins so.
    pub starting: Option<(Starting, String)>,
    /// They were created between these moments, the second one left out.
    pub created: Option<(Micros, Micros)>,
}

impl Way {
    /// A way whose ids are counted by selecting them.
    pub(super) fn of(ids: String) -> Self {
        let frequency = format!("select count(*) from (select 1 from ({ids}) w limit {{most}}) counted");
        Self { ids, frequency, few: FEW, some: SOME, documents: None, text: None, starting: None, created: None }
    }

    /// Whether marks tell as much.
    pub(super) fn is_marked(&self) -> bool {
        self.some == self.few
    }

    /// So many can be sorted at all.
    fn most(&self) -> i64 {
        if !self.is_marked() { MANY } else { self.few }
    }

    /// A way to what marks in the sorts' indexes tell as well.
    pub(super) fn marked(ids: String) -> Self {
        Self { some: FEW, ..Self::of(ids) }
    }
}

/// How the rows of a page are reached.
#[derive(Clone, Debug)]
pub(super) enum Route {
    /// They are looked up and sorted.
    Few(Way),
    /// Their ids are noted, then the sort's index is walked for a while.
    Some(Way),
    /// The sort's index is walked for a while: they are likely to be met.
    Many(Way),
    /// The sort's index is walked.
    Walk,
}

/// The order of a page and where it begins.
pub(super) struct Order {
    pub column: &'static str,
    pub descending: bool,
    /// Value and id of the row before the first one, as SQL.
    pub beyond: Option<(String, String)>,
}

impl Order {
    pub(super) fn by(&self, row: &str) -> String {
        let direction = if self.descending { "desc" } else { "asc" };
        format!("{row}.{} {direction}, {row}.id {direction}", self.column)
    }

    pub(super) fn begins(&self, row: &str) -> Option<String> {
        let than = if self.descending { "<" } else { ">" };
        let (value, id) = self.beyond.as_ref()?;
        Some(format!("({row}.{}, {row}.id) {than} ({value}, {id})", self.column))
    }
}

/// Where rows come from: `from` and `where` with the record as `c`, and the alias that rows are sorted by.
pub(super) struct Source {
    pub from: String,
    pub filter: String,
    pub sorted_by: &'static str,
}

/// The shortest of the ways when no more customers than `most` says lie on it, and how many do.
async fn short_way<'a>(
    db: &Database,
    sql: &'a Conditions,
    most: impl Fn(&Way) -> i64,
) -> AppResult<Option<(i64, &'a Way)>> {
    let mut shortest: Option<(i64, &Way)> = None;
    for way in &sql.ways {
        let most = shortest.map_or(i64::MAX, |(count, _)| count).min(most(way) + 1);
        let mut params = sql.params.clone();
        params.push(most.into());
        let text = way.frequency.replace("{most}", &format!("${}", params.len()));
        let (text, params) = only_used(&text, &params);
        let count: i64 = db.read().value(&text, params).await?.unwrap_or(0);
        if count < most {
            shortest = Some((count, way));
        }
    }
    Ok(shortest)
}

/// The way to the rows of a filter.
pub(super) async fn route(db: &Database, sql: &Conditions) -> AppResult<Route> {
    Ok(match short_way(db, sql, Way::most).await? {
        Some((count, way)) if count <= way.few => Route::Few(way.clone()),
        Some((count, way)) if count <= way.some => Route::Some(way.clone()),
        Some((_, way)) => Route::Many(way.clone()),
        None => Route::Walk,
    })
}

/// The rows that lie on a route, from where the page begins.
pub(super) fn source(route: &Route, sql: &mut Conditions, order: &Order) -> Source {
    let mut source = match route {
        Route::Few(way) => few(way, way.most(), sql),
        Route::Some(way) => return for_a_while(Some(way), sql, order),
        Route::Many(_) => return for_a_while(None, sql, order),
        Route::Walk => walk(sql, order),
    };
    if let Some(begins) = order.begins(source.sorted_by) {
        source.filter.push_str(&format!(" and {begins}"));
    }
    source
}

/// What can be told from the entry `k` of a sort's index.
fn told_by_index(sql: &mut Conditions, order: &Order) -> Vec<String> {
    let mut parts = vec!["k.deleted_at is null".to_owned()];
    for (column, bits) in sql.marks.clone() {
        let bits = sql.param(bits);
        parts.push(format!("(k.{} & {bits}) <> 0", column.name()));
    }
    parts.extend(sql.in_index.iter().filter(|(column, _)| *column == order.column).map(|(_, part)| part.clone()));
    parts
}

fn walk(sql: &mut Conditions, order: &Order) -> Source {
    let mut parts = vec!["c.id = k.id".to_owned()];
    parts.extend(told_by_index(sql, order));
    parts.extend(sql.parts.iter().cloned());
    // SQLite keeps the order of a cross join: along the index first, to the record where the marks allow it.
    Source { from: "customer k cross join customer c".to_owned(), filter: parts.join(" and "), sorted_by: "k" }
}

/// A bounded walk, past customers that do not lie on the way where one is given.
fn for_a_while(way: Option<&Way>, sql: &mut Conditions, order: &Order) -> Source {
    let column = order.column;
    let begins = order.begins("k").map(|begins| format!(" and {begins}")).unwrap_or_default();
    let told = told_by_index(sql, order);
    let from = format!(
        "(select k.id, k.{column}, k.marks, k.links, k.deleted_at from customer k where k.deleted_at is null{begins} \
         order by {} limit {WALKED}) k cross join customer c",
        order.by("k"),
    );
    // "is true" keeps PostgreSQL from joining what is to be a look-up.
    let is_noted = way.map(|way| format!("(k.id in (select w.id from ({}) w)) is true", way.ids));
    let parts = [told, is_noted.into_iter().collect(), vec!["c.id = k.id".to_owned()], sql.parts.clone()];
    let filter = parts.concat().join(" and ");
    Source { from, filter, sorted_by: "k" }
}

/// The rows of a filter where all of them are wanted, in no order.
pub(super) async fn every_row(db: &Database, sql: &Conditions) -> AppResult<Source> {
    Ok(match short_way(db, sql, Way::most).await? {
        Some((_, way)) => few(way, way.most(), sql),
        None => Source { from: "customer c".to_owned(), filter: sql.parts.join(" and "), sorted_by: "c" },
    })
}

fn few(way: &Way, most: i64, sql: &Conditions) -> Source {
    // The inner bound tells PostgreSQL's planner that they are few; the outer one keeps it from walking in the order that
    // is asked for, in the hope of meeting them soon.
    let from = format!(
        "(select c.* from (select distinct id from ({}) w limit {most}) few cross join customer c where c.id = few.id \
         and {} limit {most}) c",
        way.ids,
        sql.parts.join(" and ")
    );
    Source { from, filter: "true".to_owned(), sorted_by: "c" }
}

/// How many rows the filter finds: exactly where they are few or the shop is small, else how many there are at least.
pub(super) async fn count(db: &Database, mut sql: Conditions, most: i64) -> AppResult<Count> {
    if let Some((_, way)) = short_way(db, &sql, |way| way.few).await? {
        let source = few(way, way.few, &sql);
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

/// Exactly so many, or more than are counted.
pub(super) fn at_most(found: u64, most: i64) -> Count {
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
