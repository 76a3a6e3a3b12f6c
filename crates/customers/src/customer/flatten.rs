//! A customer as a flat map of field names and values: the common language of history, conflict
//! detection and comparing two moments.

use std::collections::BTreeMap;

use platform::history::Change;
use uuid::Uuid;

use super::model::Customer;

/// Field names and values; empty values are left out.
pub type Flat = BTreeMap<String, String>;

/// Stands for the international form of a number that has none.
pub const UNREADABLE: &str = "none";

fn id_text(id: Option<Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// Flattens a record. Derived values (search copies, `incomplete`, times) are not part of it.
pub fn flatten(customer: &Customer) -> Flat {
    let mut flat = Flat::new();
    let mut put = |field: &str, value: String| {
        if !value.is_empty() {
            flat.insert(field.to_owned(), value);
        }
    };
    let yes = |is: bool| if is { "yes".to_owned() } else { String::new() };
    put("number", customer.number.clone());
    put("status", customer.status.key().to_owned());
    put("active", yes(customer.active));
    put("customer_type", customer.customer_type.key().to_owned());
    put("note_flag", yes(customer.note_flag));
    put("deleted", yes(customer.deleted_at.is_some()));
    put("merged_into", id_text(customer.merged_into));
    put("title", customer.title.clone());
    put("first_name", customer.first_name.clone());
    put("last_name", customer.last_name.clone());
    put("company_name", customer.company_name.clone());
    put("company_number", customer.company_number.clone());
    put("vat_number", customer.vat_number.clone());
    put("account_code", customer.account_code.clone());
    put("language", customer.language.clone());
    put("company", id_text(customer.company_id));
    put("company_role", customer.company_role.map_or(String::new(), |role| role.key().to_owned()));
    put("source", id_text(customer.source_id));
    put("property_type", id_text(customer.property_type_id));
    put("assignee", id_text(customer.assignee_id));
    put("owner", id_text(customer.owner_id));
    put("home_channel", id_text(customer.home_channel_id));
    for email in &customer.emails {
        put(&format!("email.{}.address", email.id), email.address.clone());
        put(&format!("email.{}.kind", email.id), email.kind.key().to_owned());
        put(&format!("email.{}.primary", email.id), yes(email.is_primary));
    }
    for phone in &customer.phones {
        put(&format!("phone.{}.number", phone.id), phone.typed.clone());
        if !phone.typed.starts_with('+') {
            // Typed without a country: what it was read as cannot be told later from the number alone.
            let read = if phone.e164.is_empty() { UNREADABLE } else { &phone.e164 };
            put(&format!("phone.{}.e164", phone.id), read.to_owned());
        }
        put(&format!("phone.{}.kind", phone.id), phone.kind.key().to_owned());
        put(&format!("phone.{}.primary", phone.id), yes(phone.is_primary));
    }
    for address in &customer.addresses {
        let field = |name: &str| format!("address.{}.{name}", address.id);
        put(&field("label"), address.label.clone());
        put(&field("line1"), address.line1.clone());
        put(&field("line2"), address.line2.clone());
        put(&field("town"), address.town.clone());
        put(&field("county"), address.county.clone());
        put(&field("postcode"), address.postcode.clone());
        put(&field("country"), address.country.clone());
        put(&field("primary"), yes(address.is_primary));
        put(&field("billing"), yes(address.is_billing));
        put(&field("delivery"), yes(address.is_delivery));
    }
    for group in &customer.groups {
        let value = if group.is_primary { "primary" } else { "member" };
        put(&format!("group.{}", group.group_id), value.to_owned());
    }
    for channel in &customer.channels {
        put(&format!("channel.{channel}"), "yes".to_owned());
    }
    for tag in &customer.tags {
        put(&format!("tag.{tag}"), "yes".to_owned());
    }
    for alias in &customer.aliases {
        put(&format!("alias.{}.{}", alias.id, alias.kind.key()), alias.value.clone());
    }
    if let Some(account) = &customer.account {
        put("login_email", account.login_email.clone());
        put("password", yes(!account.password_hash.is_empty()));
    }
    flat
}

/// What differs between two records, by field name.
pub fn diff(before: &Flat, after: &Flat) -> Vec<Change> {
    let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
    fields.sort();
    fields.dedup();
    let value = |flat: &Flat, field: &String| flat.get(field).cloned().unwrap_or_default();
    fields
        .into_iter()
        .filter(|field| before.get(*field) != after.get(*field))
        .map(|field| Change { field: field.clone(), before: value(before, field), after: value(after, field) })
        .collect()
}

/// Undoes changes on a flat record, newest first: the record as it was before them.
pub fn rewind(flat: &mut Flat, changes: &[Change]) {
    for change in changes {
        if change.before.is_empty() {
            flat.remove(&change.field);
        } else {
            flat.insert(change.field.clone(), change.before.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewinding_a_diff_gives_the_record_before() {
        let before = Flat::from([("a".into(), "1".into()), ("b".into(), "2".into())]);
        let after = Flat::from([("b".into(), "3".into()), ("c".into(), "4".into())]);
        let changes = diff(&before, &after);
        assert_eq!(changes.len(), 3);
        let mut rewound = after;
        rewind(&mut rewound, &changes);
        assert_eq!(rewound, before);
    }
}
