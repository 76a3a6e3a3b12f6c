//! Two people saving the same record (R24): a save names the version it read; what others changed
//! in between is kept, and only the same field changed by both is put before the second person.

use std::collections::{BTreeMap, BTreeSet};

use platform::auth::FieldRights;
use platform::error::{AppError, AppResult, FieldConflict};
use platform::history;
use platform::sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::field_rights::of_input;
use super::flatten::{Flat, flatten, rewind};
use super::input::CustomerInput;
use super::model::Customer;

/// Values of the plain text fields of a form or patch as the record has them.
pub(super) fn text_values(flat: &Flat) -> BTreeMap<&'static str, String> {
    let value = |field: &str| flat.get(field).cloned().unwrap_or_default();
    let mut values = BTreeMap::new();
    for field in [
        "title", "first_name", "last_name", "company_name", "company_number", "vat_number", "account_code", "language",
        "status", "customer_type", "company", "company_role", "source", "property_type", "assignee", "owner",
        "home_channel",
    ] {
        values.insert(field, value(field));
    }
    let primary = |kind: &str, field: &str, wanted: bool| {
        let prefix = format!("{kind}.");
        let mut ids: Vec<&str> =
            flat.keys().filter_map(|key| key.strip_prefix(&prefix)?.strip_suffix(&format!(".{field}"))).collect();
        ids.sort_unstable();
        ids.into_iter()
            .find(|id| flat.contains_key(&format!("{kind}.{id}.primary")) == wanted)
            .map(|id| value(&format!("{kind}.{id}.{field}")))
            .unwrap_or_default()
    };
    values.insert("email", primary("email", "address", true));
    values.insert("phone", primary("phone", "number", true));
    values.insert("phone2", primary("phone", "number", false));
    let address = |field: &str| {
        let id = flat.keys().find_map(|key| key.strip_prefix("address.")?.strip_suffix(".primary"));
        id.map(|id| value(&format!("address.{id}.{field}"))).unwrap_or_default()
    };
    for (name, field) in [
        ("address1", "line1"),
        ("address2", "line2"),
        ("town", "town"),
        ("county", "county"),
        ("postcode", "postcode"),
        ("country", "country"),
    ] {
        values.insert(name, address(field));
    }
    values
}

/// What became of an input that was typed against an older version.
#[derive(Clone, Debug)]
pub struct Rebased {
    /// The input with every field dropped that the person did not change.
    pub input: CustomerInput,
    pub conflicts: Vec<FieldConflict>,
}

/// Moves an input typed against `version` onto the record as it is now.
///
/// Fields that the person may not change are no conflict: they are refused, or what was seen comes back as it was.
///
/// # Errors
/// `Stale` when a list of contacts (or of groups by name) was typed against an older version that others changed: it
/// cannot be mended field by field.
pub async fn rebase(
    db: &impl ConnectionTrait,
    current: &Customer,
    version: i64,
    mut input: CustomerInput,
    rights: &FieldRights,
) -> AppResult<Rebased> {
    if version > current.version {
        return Err(AppError::Stale { current: current.version });
    }
    if version == current.version {
        return Ok(Rebased { input, conflicts: Vec::new() });
    }
    let events = history::since_version(db, current.id, version).await?;
    let now = flatten(current);
    let mut then = now.clone();
    for event in events.iter().rev() {
        match event.open(current.history_key.as_ref()) {
            Some(changes) => rewind(&mut then, &changes),
            None => return Err(AppError::Stale { current: current.version }),
        }
    }
    merge_set(&mut input.groups, &then, &now, "group.");
    merge_set(&mut input.channels, &then, &now, "channel.");
    merge_set(&mut input.tags, &then, &now, "tag.");
    refuse_stale_lists(&input, &then, &now, current.version)?;
    let (then_values, now_values) = (text_values(&then), text_values(&now));
    let typed: Vec<(&'static str, String)> =
        input.texts().into_iter().map(|(field, text)| (field, text.trim().to_owned())).collect();
    let mut conflicts = Vec::new();
    for (field, yours) in typed.into_iter().filter(|(field, _)| rights.edits(of_input(field))) {
        let (Some(before), Some(theirs)) = (then_values.get(field), now_values.get(field)) else { continue };
        if yours == *before || yours == *theirs {
            // Not changed by this person, or both did the same: what is stored stays.
            input.set_text(field, theirs.clone());
        } else if before != theirs {
            conflicts.push(FieldConflict {
                field: field.to_owned(),
                before: before.clone(),
                theirs: theirs.clone(),
                yours,
            });
        }
    }
    rebase_flag(&mut input.active, &then, &now, "active");
    rebase_flag(&mut input.note_flag, &then, &now, "note_flag");
    Ok(Rebased { input, conflicts })
}

/// A flag that this person left alone takes what is stored now; a flag has only two values, so both
/// changing it means both did the same.
fn rebase_flag(flag: &mut Option<bool>, then: &Flat, now: &Flat, field: &str) {
    if *flag == Some(then.contains_key(field)) {
        *flag = Some(now.contains_key(field));
    }
}

/// Groups, channels and tags are sets: what each of both people added or took away is kept. Entries given by name instead of id
/// are left to [`refuse_stale_lists`].
fn merge_set(given: &mut Option<Vec<String>>, then: &Flat, now: &Flat, prefix: &str) {
    let ids = |flat: &Flat| -> BTreeSet<Uuid> {
        flat.keys().filter_map(|key| Uuid::parse_str(key.strip_prefix(prefix)?).ok()).collect()
    };
    let Some(list) = given else { return };
    let filled = list.iter().filter(|text| !text.trim().is_empty());
    let Some(yours) = filled.map(|text| Uuid::parse_str(text.trim()).ok()).collect::<Option<BTreeSet<Uuid>>>() else {
        return;
    };
    let (then, now) = (ids(then), ids(now));
    let merged = now.iter().filter(|id| yours.contains(id) || !then.contains(id)).chain(yours.difference(&then));
    *list = merged.collect::<BTreeSet<_>>().into_iter().map(Uuid::to_string).collect();
}

fn is_ids(list: Option<&Vec<String>>) -> bool {
    list.is_none_or(|list| list.iter().all(|text| text.trim().is_empty() || Uuid::parse_str(text.trim()).is_ok()))
}

fn refuse_stale_lists(input: &CustomerInput, then: &Flat, now: &Flat, version: i64) -> AppResult<()> {
    let given = [
        ("email.", input.emails.is_some()),
        ("phone.", input.phones.is_some()),
        ("address.", input.addresses.is_some()),
        ("group.", !is_ids(input.groups.as_ref())),
        ("channel.", !is_ids(input.channels.as_ref())),
        ("tag.", !is_ids(input.tags.as_ref())),
    ];
    for (prefix, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        let part = |flat: &Flat| -> Flat {
            let rows = flat.iter().filter(|(key, _)| key.starts_with(prefix));
            rows.map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        if part(then) != part(now) {
            return Err(AppError::Stale { current: version });
        }
    }
    Ok(())
}
