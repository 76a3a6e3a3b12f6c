//! Which fields a filter asks for: a person who may not see a field may not find anybody by it, nor learn an order from it.

use platform::auth::FieldRights;
use platform::error::AppResult;

use super::{ListFilter, Sort, SortKey};
use crate::customer::field_rights::NAME;

/// Refuses filters and sorts by fields that these rights hide or mask.
///
/// # Errors
/// `Forbidden` with `field_hidden` or `field_masked`.
pub(super) fn check(filter: &ListFilter, rights: &FieldRights) -> AppResult<()> {
    if rights.is_unlimited() {
        return Ok(());
    }
    let sort = sort_fields(Sort::parse(&filter.sort)?.key);
    let missing = filter.missing.iter().filter_map(|missing| fields_of(missing)).flatten();
    let asked = asked(filter).into_iter().filter_map(fields_of).flatten();
    asked.chain(missing).chain(sort).try_for_each(|field| rights.may_ask(field))
}

/// Whether the list may be sorted this way.
pub fn sorts(rights: &FieldRights, key: SortKey) -> bool {
    rights.reads_all(sort_fields(key))
}

fn sort_fields(key: SortKey) -> &'static [&'static str] {
    match key {
        SortKey::Name => NAME,
        SortKey::Company => &["company_name"],
        SortKey::Email => &["email"],
        SortKey::Created | SortKey::Updated => &[],
    }
}

/// Whether a filter of this name may be used.
pub fn offers(rights: &FieldRights, name: &str) -> bool {
    fields_of(name).is_none_or(|fields| rights.reads_all(fields))
}

/// The fields that a filter asks for, by its name in the address; `None` for those that ask for no field.
fn fields_of(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "name" => &["first_name", "last_name"],
        "first_name" => &["first_name"],
        "last_name" => &["last_name"],
        "email" => &["email"],
        "phone" => &["phone"],
        "company" | "company_id" => &["company_name"],
        "postcode" => &["postcode"],
        "town" => &["town"],
        "address" => &["address"],
        "country" => &["country"],
        "group" => &["groups"],
        "channel" => &["home_channel", "channels"],
        "tag" => &["tags"],
        "source" => &["source"],
        "property_type" => &["property_type"],
        "assignee" => &["assignee"],
        "language" => &["language"],
        "owner" => &["owner"],
        "flagged" => &["note_flag"],
        _ => return None,
    })
}

/// The names of the filters that are set.
fn asked(filter: &ListFilter) -> Vec<&'static str> {
    let is_set = |text: &String| !text.trim().is_empty();
    let all = [
        ("name", is_set(&filter.name)),
        ("email", is_set(&filter.email)),
        ("phone", is_set(&filter.phone)),
        ("company", is_set(&filter.company)),
        ("company_id", filter.company_id.is_some()),
        ("postcode", is_set(&filter.postcode)),
        ("town", is_set(&filter.town)),
        ("country", !filter.country.is_empty()),
        ("group", !filter.group.is_empty()),
        ("channel", !filter.channel.is_empty()),
        ("tag", !filter.tag.is_empty()),
        ("source", !filter.source.is_empty()),
        ("property_type", !filter.property_type.is_empty()),
        ("assignee", !filter.assignee.is_empty()),
        ("language", !filter.language.is_empty()),
        ("owner", filter.owner.is_some()),
        ("flagged", filter.flagged),
    ];
    all.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect()
}
