//! Filters as SQL.

use platform::auth::FieldRights;
use platform::contact::{Country, fold, search_digits, words};
use platform::db::{Database, contains_folded, full_text_match};
use platform::error::{AppError, AppResult, Reason};
use platform::sea_orm::Value;
use platform::tr;
use uuid::Uuid;

use super::ListFilter;
use crate::customer::model::{CustomerType, Origin, Status};
use crate::search::{self, Narrowing};

/// Digits from which a phone number counts as whole.
const WHOLE_PHONE: usize = 7;

/// More ids make SQLite slow to read the query.
const MOST_IDS: usize = 500;

/// SQL text and parameters of the conditions.
pub(super) struct Conditions {
    pub parts: Vec<String>,
    pub params: Vec<Value>,
    searches: bool,
}

impl Conditions {
    pub fn param(&mut self, value: impl Into<Value>) -> String {
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

pub(super) fn bad(code: &'static str, detail: &'static str) -> AppError {
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

/// The conditions of a filter.
///
/// # Errors
/// `BadRequest` for a value that does not exist.
pub(super) async fn conditions(db: &Database, rights: &FieldRights, filter: &ListFilter) -> AppResult<Conditions> {
    for asked in [Some(filter), filter.within.as_deref()].into_iter().flatten() {
        super::rights::check(asked, rights)?;
    }
    let mut sql = Conditions { parts: vec!["c.deleted_at is null".to_owned()], params: Vec::new(), searches: false };
    match &filter.within {
        None => add(db, rights, filter, "active", &mut sql).await?,
        Some(view) => {
            add(db, rights, view, "active", &mut sql).await?;
            add(db, rights, filter, "all", &mut sql).await?;
        }
    }
    Ok(sql)
}

/// Adds what one filter asks; `usual` is the activity where it names none.
async fn add(
    db: &Database,
    rights: &FieldRights,
    filter: &ListFilter,
    usual: &str,
    sql: &mut Conditions,
) -> AppResult<()> {
    let narrowing: Narrowing = search::narrowing(db, &filter.q).await?;
    if !narrowing.is_empty() && !rights.is_unlimited() {
        // What the index finds by a field that may not be seen must not be found.
        let ids = search::visible_ids(db, rights, &filter.q).await?;
        if ids.is_empty() {
            sql.parts.push("false".to_owned());
        }
        sql.any_of("c.id", ids);
    } else if !narrowing.is_empty() {
        let condition = narrowing.condition(db, &mut sql.params);
        sql.parts.push(condition);
        sql.searches = true;
    }
    match filter.activity.as_str() {
        "" if usual == "active" => {
            let known = known_by_identity(db, &filter.q, sql);
            sql.parts.push(known.map_or_else(|| "c.active".to_owned(), |known| format!("(c.active or {known})")));
        }
        "active" => sql.parts.push("c.active".to_owned()),
        "inactive" => sql.parts.push("not c.active".to_owned()),
        "" | "all" => {}
        _ => return Err(bad("filter_unknown_value", tr!("A filter has a value that does not exist."))),
    }
    texts(db, filter, sql);
    if filter.id.len() > MOST_IDS {
        return Err(bad("too_many_ids", tr!("At most 500 customers can be named.")));
    }
    sql.any_of("c.id", filter.id.iter().copied());
    sql.any_of("c.status", known_keys(&filter.status, |key| Status::from_key(key).is_some())?);
    sql.any_of("c.customer_type", known_keys(&filter.customer_type, |key| CustomerType::from_key(key).is_some())?);
    sql.any_of("c.origin", known_keys(&filter.origin, |key| Origin::from_key(key).is_some())?);
    sql.any_of("c.source_id", filter.source.iter().copied());
    sql.any_of("c.property_type_id", filter.property_type.iter().copied());
    sql.any_of("c.language", filter.language.iter().filter(|code| !code.is_empty()).cloned());
    sql.any_of("c.main_country", countries(&filter.country)?);
    memberships(filter, sql);
    links(filter, sql)?;
    marks(filter, sql)
}

/// Codes of countries given by code or name.
fn countries(texts: &[String]) -> AppResult<Vec<&'static str>> {
    let code = |text: &String| {
        let found = Country::find(text.trim()).map(Country::code);
        found.ok_or_else(|| bad("country_unknown", tr!("There is no country of this name.")))
    };
    texts.iter().filter(|text| !text.trim().is_empty()).map(code).collect()
}

/// R18: a whole e-mail address, phone or customer number finds inactive customers too.
fn known_by_identity(db: &Database, question: &str, sql: &mut Conditions) -> Option<String> {
    let typed = question.trim();
    if typed.contains('@') {
        let email = sql.param(typed.to_lowercase());
        return Some(format!(
            "exists (select 1 from customer_email e where e.customer_id = c.id and e.folded = {email})"
        ));
    }
    let number = typed.to_uppercase();
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    if number.starts_with(|character: char| character.is_ascii_alphabetic()) && digits > 0 {
        return Some(format!("c.number = {}", sql.param(number)));
    }
    let phone = search_digits(typed).filter(|digits| digits.len() >= WHOLE_PHONE)?;
    let compare = contains_folded(db.engine(), "p.digits", &phone, &mut sql.params);
    Some(format!("exists (select 1 from customer_phone p where p.customer_id = c.id and {compare})"))
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
    if !filter.tag.is_empty() {
        let places: Vec<String> = filter.tag.iter().map(|tag| sql.param(*tag)).collect();
        let places = places.join(", ");
        sql.parts.push(format!("c.id in (select t.customer_id from customer_tag t where t.tag_id in ({places}))"));
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

/// The tables that the conditions speak of.
pub(super) fn from_clause(sql: &Conditions) -> &'static str {
    if sql.searches { "customer_search d join customer c on c.id = d.customer_id" } else { "customer c" }
}
