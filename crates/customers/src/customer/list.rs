//! The customer list: every filter and sort of the screen and the API, paged by keyset.

use platform::contact::{fold, search_digits, words};
use platform::db::{Database, SqlExt, contains_folded, full_text_match};
use platform::error::{AppError, AppResult, Reason};
use platform::http::Cursor;
use platform::sea_orm::{self, FromQueryResult, Value};
use platform::tr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::model::{CustomerType, Origin, Status};
use crate::search::{self, Narrowing};

/// Counting stops here: more is shown as "10,000+".
pub const COUNT_LIMIT: i64 = 10_000;
/// Rows of a page by default and at most.
pub const PAGE_SIZE: i64 = 50;
const LARGEST_PAGE: i64 = 200;

/// Filters of the list: all must hold, within one filter any of its values (S4-02).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, ToSchema)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListFilter {
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
    /// Ids of groups.
    pub group: Vec<Uuid>,
    /// Ids of channels, home and further ones (R26).
    pub channel: Vec<Uuid>,
    pub source: Vec<Uuid>,
    pub property_type: Vec<Uuid>,
    /// Ids of staff members; `none` for nobody.
    pub assignee: Vec<String>,
    pub language: Vec<String>,
    /// ISO country codes of the primary address.
    pub country: Vec<String>,
    /// Id of a company record.
    pub company_id: Option<Uuid>,
    /// Id of the parent account.
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

    fn column(self) -> &'static str {
        match self {
            Self::Name => "c.sort_name",
            Self::Company => "c.company_folded",
            Self::Email => "c.main_email",
            Self::Created => "c.created_at",
            Self::Updated => "c.updated_at",
        }
    }

    fn is_time(self) -> bool {
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
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(default)]
    number: i64,
    id: Uuid,
    #[serde(default)]
    backwards: bool,
}

/// SQL text and parameters of the conditions.
struct Conditions {
    parts: Vec<String>,
    params: Vec<Value>,
    searches: bool,
}

impl Conditions {
    fn param(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    fn any_of<V: Into<Value>>(&mut self, column: &str, values: impl IntoIterator<Item = V>) {
        let places: Vec<String> = values.into_iter().map(|value| self.param(value)).collect();
        if !places.is_empty() {
            self.parts.push(format!("{column} in ({})", places.join(", ")));
        }
    }

    fn begins_with(&mut self, column: &str, start: &str) -> String {
        let from = self.param(start);
        let to = self.param(format!("{start}\u{7f}"));
        format!("({column} >= {from} and {column} < {to})")
    }

    /// Narrows by the search index, then compares the column itself.
    fn contains(&mut self, db: &Database, column: &str, typed: &str) {
        let narrowing = words(typed);
        let sql = full_text_match(db.engine(), "d", "customer_search_fts", &narrowing, &mut self.params);
        self.searches = true;
        self.parts.push(sql);
        for word in narrowing {
            self.parts.push(contains_folded(db.engine(), column, &word, &mut self.params));
        }
    }
}

fn bad(code: &'static str, detail: &'static str) -> AppError {
    AppError::BadRequest(Reason::new(code, detail))
}

fn known_keys(values: &[String], known: impl Fn(&str) -> bool) -> AppResult<Vec<String>> {
    match values.iter().find(|value| !value.is_empty() && !known(value)) {
        Some(_) => Err(bad("filter_unknown_value", tr!("A filter has a value that does not exist."))),
        None => Ok(values.iter().filter(|value| !value.is_empty()).cloned().collect()),
    }
}

fn day(text: &str) -> AppResult<Option<i64>> {
    if text.is_empty() {
        return Ok(None);
    }
    platform::clock::day_start(text)
        .map(Some)
        .ok_or_else(|| bad("date_invalid", tr!("Write the day as year-month-day, such as 2026-11-21.")))
}

async fn conditions(db: &Database, filter: &ListFilter) -> AppResult<Conditions> {
    let mut sql = Conditions { parts: vec!["c.deleted_at is null".to_owned()], params: Vec::new(), searches: false };
    let narrowing: Narrowing = search::narrowing(db, &filter.q).await?;
    if !narrowing.is_empty() {
        let condition = narrowing.condition(db, &mut sql.params);
        sql.parts.push(condition);
        sql.searches = true;
    }
    match filter.activity.as_str() {
        "" | "active" => sql.parts.push("c.active".to_owned()),
        "inactive" => sql.parts.push("not c.active".to_owned()),
        "all" => {}
        _ => return Err(bad("filter_unknown_value", tr!("A filter has a value that does not exist."))),
    }
    texts(db, filter, &mut sql);
    sql.any_of("c.status", known_keys(&filter.status, |key| Status::from_key(key).is_some())?);
    sql.any_of("c.customer_type", known_keys(&filter.customer_type, |key| CustomerType::from_key(key).is_some())?);
    sql.any_of("c.origin", known_keys(&filter.origin, |key| Origin::from_key(key).is_some())?);
    sql.any_of("c.source_id", filter.source.iter().copied());
    sql.any_of("c.property_type_id", filter.property_type.iter().copied());
    sql.any_of("c.language", filter.language.iter().filter(|code| !code.is_empty()).cloned());
    sql.any_of("c.main_country", filter.country.iter().filter(|code| !code.is_empty()).map(|code| code.to_uppercase()));
    memberships(filter, &mut sql);
    links(filter, &mut sql)?;
    marks(filter, &mut sql)?;
    Ok(sql)
}

fn texts(db: &Database, filter: &ListFilter, sql: &mut Conditions) {
    if !fold(&filter.name).is_empty() {
        sql.contains(db, "c.name_folded", &filter.name);
    }
    if !fold(&filter.company).is_empty() {
        sql.contains(db, "c.company_folded", &filter.company);
    }
    if !fold(&filter.town).is_empty() {
        let narrowing = words(&filter.town);
        let part = full_text_match(db.engine(), "d", "customer_search_fts", &narrowing, &mut sql.params);
        sql.searches = true;
        sql.parts.push(part);
    }
    let email = filter.email.trim().to_lowercase();
    if let Some(domain) = email.strip_prefix('@') {
        let domain = sql.param(domain);
        sql.parts.push(format!("c.id in (select e.customer_id from customer_email e where e.domain = {domain})"));
    } else if !email.is_empty() {
        let start = sql.begins_with("e.folded", &email);
        sql.parts.push(format!("c.id in (select e.customer_id from customer_email e where {start})"));
    }
    let phone = filter.phone.trim();
    if !phone.is_empty() {
        let digits = search_digits(phone).unwrap_or_else(|| phone.to_lowercase());
        let part =
            full_text_match(db.engine(), "d", "customer_search_fts", std::slice::from_ref(&digits), &mut sql.params);
        let compare = contains_folded(db.engine(), "p.digits", &digits, &mut sql.params);
        sql.searches = true;
        sql.parts.push(part);
        sql.parts.push(format!("exists (select 1 from customer_phone p where p.customer_id = c.id and {compare})"));
    }
    let postcode = fold(&filter.postcode).replace(' ', "");
    if !postcode.is_empty() {
        let start = sql.begins_with("a.postcode_folded", &postcode);
        sql.parts.push(format!("c.id in (select a.customer_id from customer_address a where {start})"));
    }
}

fn memberships(filter: &ListFilter, sql: &mut Conditions) {
    if !filter.group.is_empty() {
        let places: Vec<String> = filter.group.iter().map(|group| sql.param(*group)).collect();
        sql.parts.push(format!(
            "c.id in (select m.customer_id from customer_membership m where m.group_id in ({}))",
            places.join(", ")
        ));
    }
    if !filter.channel.is_empty() {
        let places: Vec<String> = filter.channel.iter().map(|channel| sql.param(*channel)).collect();
        let places = places.join(", ");
        sql.parts.push(format!(
            "(c.home_channel_id in ({places}) or c.id in \
             (select k.customer_id from customer_channel k where k.channel_id in ({places})))"
        ));
    }
}

fn links(filter: &ListFilter, sql: &mut Conditions) -> AppResult<()> {
    let mut people = Vec::new();
    let mut nobody = false;
    for text in filter.assignee.iter().filter(|text| !text.is_empty()) {
        match (text.as_str(), Uuid::parse_str(text)) {
            ("none", _) => nobody = true,
            (_, Ok(id)) => people.push(sql.param(id)),
            _ => return Err(bad("filter_unknown_value", tr!("A filter has a value that does not exist."))),
        }
    }
    let mut parts = Vec::new();
    if !people.is_empty() {
        parts.push(format!("c.assignee_id in ({})", people.join(", ")));
    }
    if nobody {
        parts.push("c.assignee_id is null".to_owned());
    }
    if !parts.is_empty() {
        sql.parts.push(format!("({})", parts.join(" or ")));
    }
    if let Some(company) = filter.company_id {
        sql.any_of("c.company_id", [company]);
    }
    if let Some(owner) = filter.owner {
        sql.any_of("c.owner_id", [owner]);
    }
    Ok(())
}

fn marks(filter: &ListFilter, sql: &mut Conditions) -> AppResult<()> {
    for missing in filter.missing.iter().filter(|missing| !missing.is_empty()) {
        let part = match missing.as_str() {
            "email" => "c.main_email = ''",
            "phone" => "c.main_phone = ''",
            "address" => "not exists (select 1 from customer_address a where a.customer_id = c.id)",
            "first_name" => "c.first_name = ''",
            "last_name" => "c.last_name = ''",
            "company" => "c.company_name = ''",
            _ => return Err(bad("filter_unknown_value", tr!("A filter has a value that does not exist."))),
        };
        sql.parts.push(part.to_owned());
    }
    if filter.incomplete {
        sql.parts.push("c.incomplete".to_owned());
    }
    if filter.flagged {
        sql.parts.push("c.note_flag".to_owned());
    }
    if let Some(from) = day(&filter.created_from)? {
        let from = sql.param(from);
        sql.parts.push(format!("c.created_at >= {from}"));
    }
    if let Some(to) = day(&filter.created_to)? {
        let to = sql.param(to + platform::clock::DAY);
        sql.parts.push(format!("c.created_at < {to}"));
    }
    Ok(())
}

fn from_clause(sql: &Conditions) -> &'static str {
    if sql.searches { "customer_search d join customer c on c.id = d.customer_id" } else { "customer c" }
}

/// One page of the list.
///
/// # Errors
/// `BadRequest` for an unknown filter value, sort or cursor.
pub async fn page(db: &Database, filter: &ListFilter) -> AppResult<ListPage> {
    let sort = Sort::parse(&filter.sort)?;
    let limit = filter.limit.unwrap_or(PAGE_SIZE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(bad("limit_invalid", tr!("A page has 1 to 200 rows.")));
    }
    let position: Option<Position> =
        if filter.cursor.is_empty() { None } else { Some(Cursor::unpack(&filter.cursor)?) };
    let mut sql = conditions(db, filter).await?;
    let backwards = position.as_ref().is_some_and(|position| position.backwards);
    let descending = sort.descending != backwards;
    let column = sort.key.column();
    if let Some(position) = &position {
        let value = if sort.key.is_time() { sql.param(position.number) } else { sql.param(position.text.clone()) };
        let id = sql.param(position.id);
        let than = if descending { "<" } else { ">" };
        sql.parts.push(format!("({column}, c.id) {than} ({value}, {id})"));
    }
    let most = sql.param(limit + 1);
    let direction = if descending { "desc" } else { "asc" };
    let (sort_text, sort_number) = if sort.key.is_time() { ("''", column) } else { (column, "0") };
    // 0 is an int4 on PostgreSQL; the row wants an int8 from both engines.
    let text = format!(
        "select c.id, c.number, c.display_name, c.company_name, c.main_email, c.main_phone, c.main_town, \
         c.main_postcode, c.main_country, c.status, c.active, c.customer_type, c.origin, c.incomplete, c.note_flag, \
         c.language, c.source_id, c.assignee_id, c.home_channel_id, c.created_at, c.updated_at, c.version, \
         {sort_text} as sort_text, cast({sort_number} as bigint) as sort_number \
         from {} where {} order by {column} {direction}, c.id {direction} limit {most}",
        from_clause(&sql),
        sql.parts.join(" and "),
    );
    let mut rows: Vec<ListRow> = db.read().all(&text, sql.params).await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    if backwards {
        rows.reverse();
    }
    let mark = |row: Option<&ListRow>, backwards: bool| {
        row.map(|row| {
            let text = row.sort_text.clone();
            Cursor::pack(&Position { text, number: row.sort_number, id: row.id, backwards })
        })
    };
    let has_next = if backwards { true } else { more };
    let has_previous = if backwards { more } else { position.is_some() };
    Ok(ListPage {
        next: has_next.then(|| mark(rows.last(), false)).flatten(),
        previous: has_previous.then(|| mark(rows.first(), true)).flatten(),
        rows,
    })
}

/// How many rows the filter finds, counted to [`COUNT_LIMIT`]; `None` means more.
pub async fn count(db: &Database, filter: &ListFilter) -> AppResult<Option<i64>> {
    let mut sql = conditions(db, filter).await?;
    let most = sql.param(COUNT_LIMIT + 1);
    let text = format!(
        "select count(*) from (select 1 from {} where {} limit {most}) counted",
        from_clause(&sql),
        sql.parts.join(" and "),
    );
    let counted: i64 = db.read().value(&text, sql.params).await?.unwrap_or(0);
    Ok((counted <= COUNT_LIMIT).then_some(counted))
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
