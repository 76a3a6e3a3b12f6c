//! What each field of a filter asks, as conditions, ways and marks.

use platform::auth::Sight;
use platform::clock::Micros;
use platform::contact::{Country, fold, search_digits, words};
use platform::db::{Database, TextMatch, contains_folded};
use platform::error::AppResult;
use platform::tr;
use uuid::Uuid;

use super::conditions::{Conditions, bad, some_row};
use super::plan::{self, Way};
use super::{ListFilter, ME};
use crate::customer::marks::{self, Lane};
use crate::customer::model::{CustomerType, Origin, Status};
use crate::lineup::{Field, Starting};

/// Digits from which a phone number counts as whole.
const WHOLE_PHONE: usize = 7;

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

pub(super) fn activity(db: &Database, filter: &ListFilter, usual: &str, sql: &mut Conditions) -> AppResult<()> {
    match filter.activity.as_str() {
        "" if usual == "active" => match known_by_identity(db, &filter.q, sql) {
            Some(known) => sql.parts.push(format!("(c.active or {known})")),
            None => sql.active(true),
        },
        "active" => sql.active(true),
        "inactive" => sql.active(false),
        "" | "all" => {}
        _ => return Err(bad("filter_unknown_value", tr!("A filter has a value that does not exist."))),
    }
    Ok(())
}

/// One of some values, each of which has a mark of its own.
fn any_told(column: &str, values: Vec<String>, sql: &mut Conditions) {
    if !values.is_empty() {
        sql.is_told();
        sql.any_of(column, values);
    }
}

/// Values of short lists.
pub(super) fn keys(filter: &ListFilter, sql: &mut Conditions) -> AppResult<()> {
    let statuses = known_keys(&filter.status, |key| Status::from_key(key).is_some())?;
    let position = |keys: &[String], known: &dyn Fn(&str) -> Option<usize>, lane: Lane| -> Vec<i64> {
        keys.iter().filter_map(|key| known(key)).map(|at| lane.of_position(at)).collect()
    };
    let of_status = |key: &str| Status::ALL.iter().position(|known| known.key() == key);
    sql.marked(marks::STATUS, position(&statuses, &of_status, marks::STATUS));
    if statuses.iter().all(|key| key == Status::PendingApproval.key()) && !statuses.is_empty() {
        // Few wait for approval, and they have an index of their own.
        sql.marked_way("select c.id from customer c where c.status = 'pending_approval'".to_owned());
    }
    any_told("c.status", statuses, sql);
    let types = known_keys(&filter.customer_type, |key| CustomerType::from_key(key).is_some())?;
    let of_type = |key: &str| CustomerType::ALL.iter().position(|known| known.key() == key);
    sql.marked(marks::TYPE, position(&types, &of_type, marks::TYPE));
    any_told("c.customer_type", types, sql);
    let origins = known_keys(&filter.origin, |key| Origin::from_key(key).is_some())?;
    let of_origin = |key: &str| Origin::ALL.iter().position(|known| known.key() == key);
    sql.marked(marks::ORIGIN, position(&origins, &of_origin, marks::ORIGIN));
    any_told("c.origin", origins, sql);
    let languages: Vec<&String> = filter.language.iter().filter(|code| !code.is_empty()).collect();
    sql.marked(marks::LANGUAGE, languages.iter().map(|code| marks::LANGUAGE.of_text(code)));
    sql.looked_up("language", languages.into_iter().cloned());
    let countries = countries(&filter.country)?;
    sql.marked(marks::COUNTRY, countries.iter().map(|code| marks::COUNTRY.of_text(code)));
    sql.looked_up("main_country", countries);
    Ok(())
}

pub(super) fn references(filter: &ListFilter, sql: &mut Conditions) {
    for (column, lane, ids) in
        [("source_id", marks::SOURCE, &filter.source), ("property_type_id", marks::PROPERTY, &filter.property_type)]
    {
        sql.marked(lane, ids.iter().map(|id| lane.of_id(*id)));
        sql.looked_up(column, ids.iter().copied());
    }
    sql.looked_up("company_id", filter.company_id);
    sql.looked_up("owner_id", filter.owner);
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

pub(super) fn texts(db: &Database, filter: &ListFilter, sql: &mut Conditions) {
    // What is typed but is no text, such as punctuation, is in nobody's name.
    let typed = [&filter.name, &filter.company, &filter.town, &filter.postcode];
    if typed.into_iter().any(|text| !text.trim().is_empty() && words(text).is_empty()) {
        sql.nothing();
    }
    if !fold(&filter.name).is_empty() {
        sql.contains(db, "name_folded", "sort_name", &filter.name);
    }
    if !fold(&filter.company).is_empty() {
        sql.has(marks::HAS_COMPANY);
        sql.contains(db, "company_folded", "company_folded", &filter.company);
    }
    if !fold(&filter.town).is_empty() {
        sql.matches(db, &TextMatch::all(words(&filter.town)));
    }
    let email = filter.email.trim().to_lowercase();
    if !email.is_empty() {
        sql.has(marks::HAS_EMAIL);
    }
    if let Some(domain) = email.strip_prefix('@') {
        let domain = sql.param(domain);
        sql.marked(marks::MAIL_DOMAIN, [marks::MAIL_DOMAIN.of_text(&email[1..])]);
        let condition = format!("x.domain = {domain}");
        sql.marked_way(format!("select x.customer_id as id from customer_email x where {condition}"));
        sql.parts.push(some_row("customer_email", &condition));
    } else if !email.is_empty() {
        sql.starts(Starting::Email, &email);
    }
    let phone = filter.phone.trim();
    if !phone.is_empty() {
        sql.has(marks::HAS_PHONE);
        let digits = search_digits(phone).unwrap_or_else(|| phone.to_lowercase());
        let compare = contains_folded(db.engine(), "p.digits", &digits, &mut sql.params);
        sql.parts.push(format!("exists (select 1 from customer_phone p where p.customer_id = c.id and {compare})"));
        sql.documents(db, &TextMatch::all([digits]), Field::Document);
    }
    let postcode = fold(&filter.postcode).replace(' ', "");
    if !postcode.is_empty() {
        sql.has(marks::HAS_ADDRESS);
        sql.starts(Starting::Postcode, &postcode);
    }
}

pub(super) fn memberships(filter: &ListFilter, sql: &mut Conditions) {
    if !filter.group.is_empty() {
        sql.marked(marks::GROUP, filter.group.iter().map(|group| marks::GROUP.of_id(*group)));
        let places: Vec<String> = filter.group.iter().map(|group| sql.param(*group)).collect();
        let condition = format!("x.group_id in ({})", places.join(", "));
        sql.marked_way(format!("select x.customer_id as id from customer_membership x where {condition}"));
        sql.parts.push(some_row("customer_membership", &condition));
    }
    if !filter.tag.is_empty() {
        let places: Vec<String> = filter.tag.iter().map(|tag| sql.param(*tag)).collect();
        let places = places.join(", ");
        sql.has_row("customer_tag", &format!("x.tag_id in ({places})"));
    }
    if !filter.channel.is_empty() {
        sql.in_channels(&filter.channel);
    }
}

pub(super) fn links(filter: &ListFilter, sight: &Sight, sql: &mut Conditions) -> AppResult<()> {
    let mut people = Vec::new();
    let mut bits = 0;
    let mut nobody = false;
    for text in filter.assignee.iter().filter(|text| !text.is_empty()) {
        let person = if text == ME { sight.own } else { Uuid::parse_str(text).ok() };
        match (text.as_str(), person) {
            ("none", _) => {
                nobody = true;
                bits |= marks::NOBODY.of_position(0);
            }
            (_, Some(id)) => {
                bits |= marks::ASSIGNEE.of_id(id);
                people.push(sql.param(id));
            }
            _ => return Err(bad("filter_unknown_value", tr!("A filter has a value that does not exist."))),
        }
    }
    sql.marked(marks::ASSIGNEE, [bits]);
    let mut parts = Vec::new();
    if !people.is_empty() {
        parts.push(format!("c.assignee_id in ({})", people.join(", ")));
    }
    if nobody {
        parts.push("c.assignee_id is null".to_owned());
    }
    if !nobody && !people.is_empty() {
        sql.marked_way(format!("select c.id from customer c where {}", parts[0]));
    }
    if !parts.is_empty() {
        sql.parts.push(format!("({})", parts.join(" or ")));
    }
    Ok(())
}

pub(super) fn lacking(filter: &ListFilter, sql: &mut Conditions) -> AppResult<()> {
    for missing in filter.missing.iter().filter(|missing| !missing.is_empty()) {
        let (position, part) = match missing.as_str() {
            "email" => (0, "c.main_email = ''"),
            "phone" => (1, "c.main_phone = ''"),
            "address" => (2, "not exists (select 1 from customer_address a where a.customer_id = c.id)"),
            "first_name" => (3, "c.first_name = ''"),
            "last_name" => (4, "c.last_name = ''"),
            "company" => (5, "c.company_name = ''"),
            _ => return Err(bad("filter_unknown_value", tr!("A filter has a value that does not exist."))),
        };
        sql.marked(marks::MISSING, [marks::MISSING.of_position(position)]);
        if missing.ends_with("_name") {
            sql.marked_way(format!("select c.id from customer c where {part}"));
        }
        sql.is_told();
        sql.parts.push(part.to_owned());
    }
    for (is_asked, lane, part) in
        [(filter.incomplete, marks::INCOMPLETE, "c.incomplete"), (filter.flagged, marks::FLAGGED, "c.note_flag")]
    {
        if is_asked {
            sql.marked(lane, [lane.of_position(0)]);
            sql.marked_way(format!("select c.id from customer c where {part}"));
            sql.is_told();
            sql.parts.push(part.to_owned());
        }
    }
    Ok(())
}

pub(super) fn created(filter: &ListFilter, sql: &mut Conditions) -> AppResult<()> {
    let mut parts = Vec::new();
    let mut between = (Micros::MIN, Micros::MAX);
    if let Some(moment) = day(&filter.created_from)? {
        between.0 = moment;
        let from = sql.param(moment);
        parts.push(format!("c.created_at >= {from}"));
        sql.in_index.push(("created_at", format!("k.created_at >= {from}")));
        // Nothing is changed before it is created; a day is left for clocks that are put back.
        let changed = sql.param(moment - platform::clock::DAY);
        sql.in_index.push(("updated_at", format!("k.updated_at >= {changed}")));
    }
    if let Some(to) = day(&filter.created_to)? {
        between.1 = to + platform::clock::DAY;
        let to = sql.param(between.1);
        parts.push(format!("c.created_at < {to}"));
        sql.in_index.push(("created_at", format!("k.created_at < {to}")));
    }
    if !parts.is_empty() {
        // The records lie side by side in the order they were made, and many of them are read quickly.
        let ids = format!("select c.id from customer c where c.deleted_at is null and {}", parts.join(" and "));
        sql.ways.push(Way { few: plan::FEW_IN_A_ROW, created: Some(between), ..Way::of(ids) });
    }
    sql.parts.extend(parts);
    Ok(())
}
