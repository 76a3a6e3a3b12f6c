//! Pages of the list chosen from the [line-up](crate::lineup): customers that a page can begin with, whatever it is filtered
//! and sorted by. The database then checks every condition on their records and sorts them.
//!
//! Always true: what is chosen holds every row of the page. Where that cannot be told, or the choice leads to too few rows,
//! nothing is answered and the list takes its way through the database (see [`super::plan`]).

mod choice;
mod count;
mod reach;

use platform::db::{Database, these};
use platform::error::AppResult;
use uuid::Uuid;

use self::choice::{Asked, choose};
pub(super) use self::count::count;
use self::reach::Reach;
use super::conditions::Conditions;
use super::plan::{Order, Source};
use super::rows::{ids_of, rows_from};
use super::{ListRow, SortKey};
use crate::lineup::{self, Line};

/// Customers that are looked at first, beyond those wanted.
const SPARE: usize = 14;
/// Customers that are looked at with one statement.
const AT_ONCE: usize = 400;
/// Customers that are looked at before what is common is read after all.
const LOOKED_AT_FIRST: usize = 900;
/// More are not looked at.
const MOST_LOOKED_AT: usize = 6_000;
/// Index entries looked at to find where a page begins.
const LOOKED_AT: i64 = 100;

/// The first rows of a page, `None` where the database must find its own way.
pub(super) async fn rows(
    db: &Database,
    sql: &Conditions,
    key: SortKey,
    order: &Order,
    most: i64,
) -> AppResult<Option<Vec<ListRow>>> {
    let Some(line) = lineup::current(db).await? else { return Ok(None) };
    let begins = match order.beyond {
        None => None,
        Some(_) => Some(following(db, sql, order).await?),
    };
    let page = Page { sql, key, order, most, begins };
    let reach = reach::read(db, sql, &line, false).await?;
    if !reach.is_partial {
        return page.looked_at(db, &line, &reach, MOST_LOOKED_AT).await;
    }
    // What is common is met soon, unless it is common elsewhere in this order.
    if let Some(rows) = page.looked_at(db, &line, &reach, LOOKED_AT_FIRST).await? {
        return Ok(Some(rows));
    }
    let reach = reach::read(db, sql, &line, true).await?;
    page.looked_at(db, &line, &reach, MOST_LOOKED_AT).await
}

/// The customers behind the row that the page begins after, the nearest first.
async fn following(db: &Database, sql: &Conditions, order: &Order) -> AppResult<Vec<Uuid>> {
    let begins = order.begins("k").unwrap_or_else(|| "true".to_owned());
    let text = format!(
        "select k.id from customer k where k.deleted_at is null and {begins} order by {} limit {LOOKED_AT}",
        order.by("k")
    );
    ids_of(db, &text, &sql.params).await
}

/// A page that is asked for.
struct Page<'a> {
    sql: &'a Conditions,
    key: SortKey,
    order: &'a Order,
    most: i64,
    begins: Option<Vec<Uuid>>,
}

impl Page<'_> {
    /// Looks at the records of those chosen, at no more than `most`, until there are enough that meet the conditions.
    async fn looked_at(
        &self,
        db: &Database,
        line: &Line,
        reach: &Reach,
        most: usize,
    ) -> AppResult<Option<Vec<ListRow>>> {
        let asked = Asked {
            key: self.key,
            descending: self.order.descending,
            begins: self.begins.as_deref(),
            marks: &self.sql.marks,
            reached: &reach.all,
            most,
        };
        let choice = lineup::with_news(db, line, |news| choose(line, news, &asked)).await.flatten();
        let Some(choice) = choice else { return Ok(None) };
        let wanted = usize::try_from(self.most).unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        for (chosen, is_whole) in [(&choice.lined_up, choice.is_whole), (&choice.changed, true)] {
            let mut found: Vec<ListRow> = Vec::new();
            let mut rest = &chosen[..];
            let mut at_once = if choice.is_in_order { wanted + SPARE } else { AT_ONCE };
            while !rest.is_empty() && found.len() < wanted {
                let (now, later) = rest.split_at(rest.len().min(at_once));
                found.extend(self.of_these(db, now).await?);
                rest = later;
                at_once = AT_ONCE;
            }
            if found.len() < wanted && !is_whole {
                return Ok(None);
            }
            rows.extend(found);
        }
        rows.sort_by(|a, b| {
            let ascending = (&a.sort_text, a.sort_number, a.id).cmp(&(&b.sort_text, b.sort_number, b.id));
            if self.order.descending { ascending.reverse() } else { ascending }
        });
        rows.truncate(wanted);
        Ok(Some(rows))
    }

    async fn of_these(&self, db: &Database, ids: &[Uuid]) -> AppResult<Vec<ListRow>> {
        let mut sql = self.sql.clone();
        let from = format!("{} c", these("customer", ids, &mut sql.params));
        let parts: Vec<String> = sql.parts.iter().cloned().chain(self.order.begins("c")).collect();
        let source = Source { from, filter: parts.join(" and "), sorted_by: "c" };
        rows_from(db, sql, &source, self.key, self.order, self.most).await
    }
}
