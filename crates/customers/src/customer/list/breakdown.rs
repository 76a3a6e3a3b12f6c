//! How the customers that a filter finds are spread: where looking at a chart says more than reading rows.

use platform::auth::Sight;
use platform::clock::{DAY, Micros};
use platform::db::Database;
use platform::error::AppResult;
use platform::sea_orm::{self, FromQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ListFilter;
use super::conditions::{Conditions, conditions};
use super::plan::every_row;
use super::rows::rows_of;

/// Weeks that a chart of new customers goes back.
pub const WEEKS: i64 = 26;
const WEEK: i64 = 7 * DAY;
/// 1 January 1970 was a Thursday; weeks begin on Monday.
const MONDAY: i64 = 3 * DAY;
/// Countries told apart; the rest is left out.
const MOST: i64 = 12;

/// What customers are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The week they were created in, the last 26.
    Week,
    /// Home channel.
    Channel,
    /// Each group they are in.
    Group,
    /// Country of the primary address, the 12 most frequent.
    Country,
}

impl By {
    /// The field of a customer that it tells of.
    pub fn field(self) -> Option<&'static str> {
        match self {
            Self::Week => None,
            Self::Channel => Some("home_channel"),
            Self::Group => Some("groups"),
            Self::Country => Some("country"),
        }
    }
}

/// A part and how many customers are in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Part {
    /// First day of the week, id of the channel or group, country code; empty where there is none.
    pub key: String,
    pub count: i64,
}

/// The first day, `YYYY-MM-DD`, of the week that a moment is in.
fn monday(at: Micros) -> String {
    platform::clock::rfc3339((at + MONDAY).div_euclid(WEEK) * WEEK - MONDAY)[..10].to_owned()
}

/// Counts the customers that a filter finds by one of their properties.
///
/// # Errors
/// As the list.
pub async fn breakdown(db: &Database, sight: &Sight, filter: &ListFilter, by: By, now: Micros) -> AppResult<Vec<Part>> {
    by.field().map_or(Ok(()), |field| sight.fields.may_ask(field))?;
    let sql = conditions(db, sight, filter).await?;
    match by {
        By::Week => weeks(db, sql, now).await,
        By::Channel => by_id(db, sql, "c.home_channel_id", "").await,
        By::Group => by_id(db, sql, "m.group_id", " join customer_membership m on m.customer_id = c.id").await,
        By::Country => countries(db, sql).await,
    }
}

async fn weeks(db: &Database, mut sql: Conditions, now: Micros) -> AppResult<Vec<Part>> {
    #[derive(FromQueryResult)]
    struct WeekRow {
        week: i64,
        n: i64,
    }
    let this = (now + MONDAY).div_euclid(WEEK);
    let since = sql.param((this - WEEKS + 1) * WEEK - MONDAY);
    sql.parts.push(format!("c.created_at >= {since}"));
    let source = every_row(db, &sql).await?;
    let text = format!(
        "select (c.created_at + {MONDAY}) / {WEEK} as week, count(*) as n from {} where {} group by 1",
        source.from, source.filter,
    );
    let rows: Vec<WeekRow> = rows_of(db, &text, &sql.params).await?;
    let count = |week: i64| rows.iter().find(|row| row.week == week).map_or(0, |row| row.n);
    let part = |week: i64| Part { key: monday(week * WEEK - MONDAY), count: count(week) };
    Ok((this - WEEKS + 1..=this).map(part).collect())
}

async fn by_id(db: &Database, sql: Conditions, column: &str, join: &str) -> AppResult<Vec<Part>> {
    #[derive(FromQueryResult)]
    struct IdRow {
        id: Option<Uuid>,
        n: i64,
    }
    let source = every_row(db, &sql).await?;
    let text = format!(
        "select {column} as id, count(*) as n from {}{join} where {} group by 1 order by 2 desc, 1",
        source.from, source.filter,
    );
    let rows: Vec<IdRow> = rows_of(db, &text, &sql.params).await?;
    Ok(rows
        .into_iter()
        .map(|row| Part { key: row.id.map(|id| id.to_string()).unwrap_or_default(), count: row.n })
        .collect())
}

async fn countries(db: &Database, mut sql: Conditions) -> AppResult<Vec<Part>> {
    #[derive(FromQueryResult)]
    struct CountryRow {
        country: String,
        n: i64,
    }
    let most = sql.param(MOST);
    let source = every_row(db, &sql).await?;
    let text = format!(
        "select c.main_country as country, count(*) as n from {} where {} group by 1 order by 2 desc, 1 limit {most}",
        source.from, source.filter,
    );
    let rows: Vec<CountryRow> = rows_of(db, &text, &sql.params).await?;
    Ok(rows.into_iter().map(|row| Part { key: row.country, count: row.n }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        let noon = |day: &str| platform::clock::day_start(day).expect("a day") + DAY / 2;
        assert_eq!(monday(noon("2026-11-22")), "2026-11-16");
        assert_eq!(monday(noon("2026-11-23")), "2026-11-23");
        assert_eq!(monday(noon("1970-01-01")), "1969-12-29");
    }
}
