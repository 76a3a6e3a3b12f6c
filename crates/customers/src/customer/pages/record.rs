//! What every page about one customer starts from.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use platform::app::App;
use platform::auth::{Permission, Sight};
use platform::contact::readable_phone;
use platform::db::SqlExt;
use platform::error::AppResult;
use platform::http::PageContext;
use platform::params;
use platform::registry::{Tab, TabCount};
use platform::ui::cookie;
use uuid::Uuid;

use super::record_view::{Dot, Head, HeadRights, Record, Topic};
use crate::customer::field_rights::name_or_number;
use crate::customer::model::{ContactKind, Customer, CustomerType, Status};
use crate::customer::reach;
use crate::customer::store;
use crate::customer::visible::visible;
use crate::directory::Directory;

/// Remembers the list as it was, filters and all, for the way back.
pub(super) const LIST_COOKIE: &str = "customer_list";

pub fn back_to_list(headers: &HeaderMap) -> String {
    match cookie(headers, LIST_COOKIE) {
        Some(query) if !query.is_empty() => format!("/customers?{query}"),
        _ => "/customers".to_owned(),
    }
}

/// The customer of an address, if it is not in the bin, as the reader sees it. What a form made of it sends back unchanged
/// is no change, so pages that edit start from it too.
pub async fn find(app: &App, context: &PageContext, id: Uuid) -> AppResult<Customer> {
    let whole = find_whole(app, id).await?;
    Ok(visible(&whole, context.caller()?.fields()).into_owned())
}

/// The customer with what the reader may not see: for rewinding the past only.
pub(super) async fn find_whole(app: &App, id: Uuid) -> AppResult<Customer> {
    store::get(app.db.read(), id).await
}

/// As [`find_whole`], for pages that only look back: a record that became part of another has a past of its own.
pub(super) async fn find_past(app: &App, id: Uuid) -> AppResult<Customer> {
    store::get_with_past(app.db.read(), id).await
}

/// The dot of a status; the word is the status itself.
pub(super) fn status_dot(status: Status) -> Dot {
    let tone = match status {
        Status::Registered => "good",
        Status::PendingApproval => "warn",
        Status::Lead => "info",
        Status::Guest | Status::InStore => "",
    };
    Dot { tone, label: status.label() }
}

/// What stays in view over every topic.
pub(super) fn head(customer: &Customer, directory: &Directory, context: &PageContext) -> Head {
    let label = |id: Uuid| directory.label(id).map(str::to_owned);
    let email = customer.primary_email();
    let phone = customer.primary_phone();
    let is_editable = customer.can_be_edited();
    Head {
        id: customer.id.to_string(),
        version: customer.version,
        name: customer.display_name(),
        number: customer.number.clone(),
        company: customer.company_name.clone(),
        is_company: customer.first_name.is_empty()
            && customer.last_name.is_empty()
            && !customer.company_name.is_empty(),
        is_active: customer.active,
        is_pending: customer.status == Status::PendingApproval,
        is_incomplete: customer.incomplete,
        is_trade: customer.customer_type == CustomerType::Trade,
        has_note: customer.note_flag,
        is_merged: customer.merged_into.is_some(),
        status: status_dot(customer.status),
        groups: customer.groups.iter().filter_map(|group| label(group.group_id)).collect(),
        channel: customer.home_channel_id.and_then(label).unwrap_or_default(),
        email: email.map(|email| email.address.clone()).unwrap_or_default(),
        email_is_relay: email.is_some_and(|email| email.kind == ContactKind::Relay),
        phone: phone.map(|phone| shown_phone(&phone.typed, &phone.e164)).unwrap_or_default(),
        phone_dial: phone
            .map(|phone| if phone.e164.is_empty() { &phone.typed } else { &phone.e164 })
            .cloned()
            .unwrap_or_default(),
        may: HeadRights {
            edit: is_editable && context.may(Permission::CustomerEdit),
            deactivate: is_editable && context.may(Permission::CustomerDeactivate),
            delete: is_editable && context.may(Permission::CustomerDelete),
            approve: is_editable && context.may(Permission::CustomerTypeApprove),
            merge: is_editable && context.may(Permission::CustomerMerge),
        },
    }
}

/// A number as people read it; one that could not be read stays as it was typed.
pub(super) fn shown_phone(typed: &str, e164: &str) -> String {
    if e164.is_empty() { typed.to_owned() } else { readable_phone(e164) }
}

/// Head and topic menu; `current` is the slug of the topic that is shown.
pub async fn load(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    customer: &Customer,
    directory: &Directory,
    current: &str,
) -> AppResult<Record> {
    if customer.merged_into.is_some() {
        // Its other topics lead to the survivor.
        let topics = vec![topic("history", platform::tr!("History"), None, current)];
        return Ok(Record { head: head(customer, directory, context), topics, back: back_to_list(headers) });
    }
    let sight = context.caller()?.sight();
    let fields = &sight.fields;
    let is_hidden = |tab: &Tab| match tab.slug {
        "groups" => fields.hides("groups"),
        // What is alike would tell what may not be seen.
        "duplicates" => !fields.is_unlimited(),
        _ => false,
    };
    let tabs = app.registry.tabs().into_iter().filter(|(tab, _)| !is_hidden(tab) && context.may(tab.permission));
    // How many look like this customer counts everybody's.
    let uncounted = |tab: &Tab| sight.reach.is_limited() && matches!(tab.slug, "duplicates" | "sub-accounts");
    let counted = |(tab, of_kinds): (Tab, Vec<TabCount>)| (tab, if uncounted(&tab) { Vec::new() } else { of_kinds });
    let tabs: Vec<(Tab, Vec<TabCount>)> = tabs.map(counted).collect();
    let counts = counts(app, customer.id, tabs.iter().flat_map(|(_, of_kinds)| of_kinds)).await?;
    let mut counts = counts.into_iter();
    let mut topics = vec![topic("details", platform::tr!("Details"), None, current)];
    for (tab, of_kinds) in tabs {
        let rows = of_kinds.iter().filter_map(|_| counts.next().flatten());
        topics.push(topic(tab.slug, tab.label, rows.reduce(|all, rows| all + rows), current));
    }
    Ok(Record { head: head(customer, directory, context), topics, back: back_to_list(headers) })
}

/// What each of these counts of a customer; the queries are asked with one statement.
async fn counts(app: &App, customer: Uuid, of_kinds: impl Iterator<Item = &TabCount>) -> AppResult<Vec<Option<i64>>> {
    let of_kinds: Vec<TabCount> = of_kinds.copied().collect();
    let query = |count: &TabCount| match count {
        TabCount::Sql(sql) => Some(format!("coalesce(({sql}), 0)")),
        TabCount::None | TabCount::By(_) => None,
    };
    let queries: Vec<String> = of_kinds.iter().filter_map(query).collect();
    let mut counted = String::new();
    if !queries.is_empty() {
        let sql = format!("select '' || {}", queries.join(" || ',' || "));
        counted = app.db.read().value(&sql, params![customer]).await?.unwrap_or_default();
    }
    let mut counted = counted.split(',');
    let mut counts = Vec::with_capacity(of_kinds.len());
    for count in of_kinds {
        counts.push(match count {
            TabCount::None => None,
            TabCount::Sql(_) => counted.next().and_then(|count| count.parse().ok()),
            TabCount::By(count) => Some(count(app.clone(), customer).await?),
        });
    }
    Ok(counts)
}

/// A head alone, for a page about the past: its topics would lead to today.
pub(super) fn past_record(head: Head, headers: &HeaderMap) -> Record {
    Record { head, topics: Vec::new(), back: back_to_list(headers) }
}

fn topic(slug: &'static str, label: &'static str, count: Option<i64>, current: &str) -> Topic {
    Topic { slug, label, count, is_current: slug == current }
}

/// Names of the customers that an id of this record points to.
pub(super) async fn linked(app: &App, sight: &Sight, ids: &[Uuid]) -> AppResult<BTreeMap<Uuid, (String, String)>> {
    let mut names = store::names(app.db.read(), ids).await?;
    reach::call_by_number(app.db.read(), &sight.reach, &mut names).await?;
    let seen = |(name, number): (String, String)| (name_or_number(&sight.fields, &name, &number).to_owned(), number);
    Ok(names.into_iter().map(|(id, names)| (id, seen(names))).collect())
}
