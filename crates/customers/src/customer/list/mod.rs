//! The customer list: every filter and sort of the screen and the API, paged by keyset.

mod breakdown;
mod chosen;
mod conditions;
mod fields;
mod plan;
mod query;
pub mod rights;
mod rows;

use platform::auth::Sight;
use platform::db::{Database, SqlExt, TextMatch};
use platform::error::{AppError, AppResult, Reason};
use platform::http::Cursor;
use platform::sea_orm::{self, FromQueryResult, Value};
use platform::tr;
use platform::ui::Count;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

pub use self::breakdown::{By, Part, breakdown};
use self::conditions::{Conditions, bad, conditions};
use self::plan::{Order, Route};
pub use self::query::refuse_unknown_keys;
use self::rows::{rows_by_ways, rows_of};
use super::visible::visible_rows;

/// Counting stops here: more is shown as "10,000+".
pub const COUNT_LIMIT: i64 = 10_000;
/// Rows of a page by default and at most.
pub const PAGE_SIZE: i64 = 50;
const LARGEST_PAGE: i64 = 200;
/// The assignee that stands for whoever asks.
pub const ME: &str = "me";

/// Ids; a form sends empty ones for what nobody chose.
fn filled_ids<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Uuid>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().filter(|text| !text.is_empty()).map(|text| text.parse().map_err(D::Error::custom)).collect()
}

fn filled_id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Uuid>, D::Error> {
    let text = Option::<String>::deserialize(from)?.unwrap_or_default();
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
}

/// Filters of the list: all must hold, within one filter any of its values (S4-02).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListFilter {
    /// Id or name of a saved view: its filter must hold too, its sort holds unless another is asked for (S4-11).
    pub view: String,
    /// Anything: name, e-mail, phone, number, company, postcode; typing errors are forgiven.
    pub q: String,
    /// Part of the first or last name.
    pub name: String,
    /// Whole address, its beginning, or `@domain`.
    pub email: String,
    /// Any notation, whole or part.
    pub phone: String,
    /// Part of the company name.
    pub company: String,
    /// Beginning of a postcode.
    pub postcode: String,
    /// Part of a town.
    pub town: String,
    /// `active` (default), `inactive` or `all`.
    pub activity: String,
    pub status: Vec<String>,
    /// `retail` or `trade`.
    pub customer_type: Vec<String>,
    pub origin: Vec<String>,
    /// Ids of customers: only these.
    #[serde(deserialize_with = "filled_ids")]
    pub id: Vec<Uuid>,
    /// Ids of groups.
    #[serde(deserialize_with = "filled_ids")]
    pub group: Vec<Uuid>,
    /// Ids of channels, home and further ones (R26).
    #[serde(deserialize_with = "filled_ids")]
    pub channel: Vec<Uuid>,
    /// Ids of tags.
    #[serde(deserialize_with = "filled_ids")]
    pub tag: Vec<Uuid>,
    #[serde(deserialize_with = "filled_ids")]
    pub source: Vec<Uuid>,
    #[serde(deserialize_with = "filled_ids")]
    pub property_type: Vec<Uuid>,
    /// Ids of staff members; `me` for whoever asks (S4-32), `none` for nobody.
    pub assignee: Vec<String>,
    pub language: Vec<String>,
    /// ISO country codes of the primary address.
    pub country: Vec<String>,
    /// Id of a company record.
    #[serde(deserialize_with = "filled_id")]
    pub company_id: Option<Uuid>,
    /// Id of the parent account.
    #[serde(deserialize_with = "filled_id")]
    pub owner: Option<Uuid>,
    /// Lacks: `email`, `phone`, `address`, `first_name`, `last_name`, `company`.
    pub missing: Vec<String>,
    /// Marked incomplete (R6).
    pub incomplete: bool,
    /// Notes ask for attention.
    pub flagged: bool,
    /// Created at or after this day, `YYYY-MM-DD` UTC.
    pub created_from: String,
    /// Created before the end of this day, `YYYY-MM-DD` UTC.
    pub created_to: String,
    /// `name`, `company`, `email`, `created` or `updated`; `-` in front turns the order.
    pub sort: String,
    /// Position given by the page before.
    pub cursor: String,
    /// Rows a page, 1 to 200.
    pub limit: Option<i64>,
    /// The filter of the view named, looked up; both must hold.
    #[serde(skip)]
    #[param(ignore)]
    #[schema(ignore)]
    pub within: Option<Box<ListFilter>>,
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct ListRow {
    pub id: Uuid,
    pub number: String,
    pub display_name: String,
    pub company_name: String,
    pub main_email: String,
    pub main_phone: String,
    pub main_town: String,
    pub main_postcode: String,
    pub main_country: String,
    pub status: String,
    pub active: bool,
    pub customer_type: String,
    pub origin: String,
    pub incomplete: bool,
    pub note_flag: bool,
    pub language: String,
    pub source_id: Option<Uuid>,
    pub assignee_id: Option<Uuid>,
    pub home_channel_id: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
    pub version: i64,
    pub sort_text: String,
    pub sort_number: i64,
}

/// A page of the list with the cursors to its neighbours.
#[derive(Clone, Debug)]
pub struct ListPage {
    pub rows: Vec<ListRow>,
    pub next: Option<String>,
    pub previous: Option<String>,
}

/// What the list can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    Name,
    Company,
    Email,
    Created,
    Updated,
}

impl SortKey {
    pub const ALL: [SortKey; 5] = [SortKey::Name, SortKey::Company, SortKey::Email, SortKey::Created, SortKey::Updated];

    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Company => "company",
            Self::Email => "email",
            Self::Created => "created",
            Self::Updated => "updated",
        }
    }

    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::Name => "sort_name",
            Self::Company => "company_folded",
            Self::Email => "main_email",
            Self::Created => "created_at",
            Self::Updated => "updated_at",
        }
    }

    pub(crate) fn is_time(self) -> bool {
        matches!(self, Self::Created | Self::Updated)
    }
}

/// A key and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub key: SortKey,
    pub descending: bool,
}

impl Sort {
    /// Reads `name` or `-created`; the newest first by default.
    ///
    /// # Errors
    /// `BadRequest` with `sort_unknown`.
    pub fn parse(text: &str) -> AppResult<Self> {
        if text.is_empty() {
            return Ok(Self { key: SortKey::Created, descending: true });
        }
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let key = SortKey::ALL.into_iter().find(|key| key.key() == name);
        key.map(|key| Self { key, descending })
            .ok_or_else(|| AppError::BadRequest(Reason::new("sort_unknown", tr!("The list cannot be sorted by this."))))
    }
}

/// Where a page begins: the sort value and id of the row beside it, and on which side.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Position {
    /// Key of the sort it belongs to.
    sort: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(default)]
    number: i64,
    id: Uuid,
    #[serde(default)]
    backwards: bool,
}

/// One page of the list.
///
/// # Errors
/// `BadRequest` for an unknown filter value, sort or cursor; `Forbidden` for a filter or sort by a field that may not be seen.
pub async fn page(db: &Database, sight: &Sight, filter: &ListFilter) -> AppResult<ListPage> {
    let sort = Sort::parse(&filter.sort)?;
    let limit = filter.limit.unwrap_or(PAGE_SIZE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(bad("limit_invalid", tr!("A page has 1 to 200 rows.")));
    }
    let position: Option<Position> =
        if filter.cursor.is_empty() { None } else { Some(Cursor::unpack(&filter.cursor)?) };
    if position.as_ref().is_some_and(|position| position.sort != sort.key.key() || position.text.contains('\0')) {
        return Err(bad("cursor_invalid", tr!("This cursor was not given by this list.")));
    }
    let mut sql = conditions(db, sight, filter).await?;
    let backwards = position.as_ref().is_some_and(|position| position.backwards);
    let descending = sort.descending != backwards;
    let beyond = position.as_ref().map(|position| {
        let value = if sort.key.is_time() { sql.param(position.number) } else { sql.param(position.text.clone()) };
        (value, sql.param(position.id))
    });
    let order = Order { column: sort.key.column(), descending, beyond };
    let mut rows = listed(db, &sql, sort.key, &order, limit + 1).await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    if backwards {
        rows.reverse();
    }
    let mark = |row: Option<&ListRow>, backwards: bool| {
        row.map(|row| {
            let text = row.sort_text.clone();
            Cursor::pack(&Position {
                sort: sort.key.key().to_owned(),
                text,
                number: row.sort_number,
                id: row.id,
                backwards,
            })
        })
    };
    let has_next = if backwards { true } else { more };
    let has_previous = if backwards { more } else { position.is_some() };
    Ok(ListPage {
        next: has_next.then(|| mark(rows.last(), false)).flatten(),
        previous: has_previous.then(|| mark(rows.first(), true)).flatten(),
        rows: visible_rows(db, rows, &sight.fields).await?,
    })
}

/// How many rows the filter finds: exactly where few are found or the shop is small, else how many there are at least, up
/// to [`COUNT_LIMIT`].
pub async fn count(db: &Database, sight: &Sight, filter: &ListFilter) -> AppResult<Count> {
    let sql = conditions(db, sight, filter).await?;
    match chosen::count(db, &sql).await? {
        Some(found) => Ok(plan::at_most(found, COUNT_LIMIT)),
        None => plan::count(db, sql, COUNT_LIMIT).await,
    }
}

/// Ids and versions of the customers that the filter finds, oldest first, from after `after`.
///
/// # Errors
/// As [`page`].
pub async fn keys(
    db: &Database,
    sight: &Sight,
    filter: &ListFilter,
    after: Option<Uuid>,
    limit: i64,
) -> AppResult<Vec<(Uuid, i64)>> {
    #[derive(FromQueryResult)]
    struct KeyRow {
        id: Uuid,
        version: i64,
    }
    let mut sql = conditions(db, sight, filter).await?;
    let beyond = after.map(|after| {
        let after = sql.param(after);
        (after.clone(), after)
    });
    let order = Order { column: "id", descending: false, beyond };
    // What is noted would be noted again for each part of a long way.
    let route = match plan::route(db, &sql).await? {
        Route::Some(way) | Route::Many(way) => Route::Few(way),
        other => other,
    };
    let source = plan::source(&route, &mut sql, &order);
    let most = sql.param(limit);
    let text = format!(
        "select c.id, c.version from {} where {} order by {}.id limit {most}",
        source.from, source.filter, source.sorted_by
    );
    let rows: Vec<KeyRow> = rows_of(db, &text, &sql.params).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.version)).collect())
}

/// The newest customers of somebody's sight whose documents match, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub async fn matching(db: &Database, sight: &Sight, text: &TextMatch, limit: usize) -> AppResult<Vec<Uuid>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let sql = conditions::of_documents(db, sight, text);
    let order = Order { column: SortKey::Created.column(), descending: true, beyond: None };
    let rows = listed(db, &sql, SortKey::Created, &order, limit as i64).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Rows in order, chosen from memory where that can tell.
async fn listed(db: &Database, sql: &Conditions, key: SortKey, order: &Order, limit: i64) -> AppResult<Vec<ListRow>> {
    match chosen::rows(db, sql, key, order, limit).await? {
        Some(rows) => Ok(rows),
        None => rows_by_ways(db, sql, key, order, limit).await,
    }
}

/// Whether the filter finds this customer.
///
/// # Errors
/// As [`page`].
pub async fn matches(db: &Database, sight: &Sight, filter: &ListFilter, customer: Uuid) -> AppResult<bool> {
    let only = ListFilter { id: vec![customer], limit: Some(1), ..filter.without_position() };
    Ok(!page(db, sight, &only).await?.rows.is_empty())
}

/// Names of the groups of some customers, for the list's column.
pub async fn group_ids(db: &Database, rows: &[ListRow]) -> AppResult<Vec<(Uuid, Uuid)>> {
    #[derive(FromQueryResult)]
    struct PairRow {
        customer_id: Uuid,
        group_id: Uuid,
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let places = (1..=rows.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "select customer_id, group_id from customer_membership where customer_id in ({places}) \
         order by is_primary desc, group_id"
    );
    let pairs: Vec<PairRow> = db.read().all(&sql, rows.iter().map(|row| Value::from(row.id)).collect()).await?;
    Ok(pairs.into_iter().map(|pair| (pair.customer_id, pair.group_id)).collect())
}
