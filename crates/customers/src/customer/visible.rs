//! What somebody sees of a customer: the one place where hidden fields are left out and masked ones masked, for pages,
//! lists, search, export, history and the API alike. A role without limits gets the record as it is, without a copy.

use std::borrow::Cow;

use platform::app::App;
use platform::auth::{FieldRight, FieldRights, Sight};
use platform::contact::fold;
use platform::db::Database;
use platform::error::AppResult;
use platform::history::Change;
use platform::names::NameFuture;
use uuid::Uuid;

use super::field_rights::{of_address_part, of_alias, of_path};
use super::flatten::Flat;
use super::list::ListRow;
use super::model::{Address, AliasKind, Customer};
use super::{reach, store};

/// Number and name of a customer, for answers of the platform that name one.
pub fn name_of(app: App, id: Uuid, sight: Sight) -> NameFuture {
    Box::pin(async move {
        let found = store::find(app.db.read(), id).await?;
        let seen = found.filter(|customer| reach::holds(&sight.reach, customer));
        Ok(seen.map(|customer| visible(&customer, &sight.fields).numbered_name()))
    })
}

const DOTS: &str = "•••";

/// `V•••`; what is too short to hide shows nothing.
fn mask_text(text: &str) -> String {
    match text.chars().next() {
        None => String::new(),
        Some(first) if text.chars().count() > 3 => format!("{first}{DOTS}"),
        Some(_) => DOTS.to_owned(),
    }
}

/// `j•••@e•••.nl`
fn mask_email(address: &str) -> String {
    let Some((name, domain)) = address.split_once('@') else { return mask_text(address) };
    let (host, ending) = domain.rsplit_once('.').unwrap_or((domain, ""));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    format!("{}{DOTS}@{}{DOTS}.{ending}", first(name), first(host))
}

/// `•••78`
fn mask_phone(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let shown: String = if digits.len() > 6 { digits[digits.len() - 2..].iter().collect() } else { String::new() };
    if number.is_empty() { String::new() } else { format!("{DOTS}{shown}") }
}

/// A value of a field as these rights show it.
fn shown(rights: &FieldRights, field: &str, value: &str) -> String {
    match (rights.right(field), field) {
        (FieldRight::Hidden, _) => String::new(),
        (FieldRight::Masked, "email") => mask_email(value),
        (FieldRight::Masked, "phone") => mask_phone(value),
        (FieldRight::Masked, _) => mask_text(value),
        _ => value.to_owned(),
    }
}

/// The customer as these rights show it.
pub fn visible<'a>(customer: &'a Customer, rights: &FieldRights) -> Cow<'a, Customer> {
    if rights.is_unlimited() {
        return Cow::Borrowed(customer);
    }
    let mut seen = customer.clone();
    for (field, value) in [
        ("title", &mut seen.title),
        ("first_name", &mut seen.first_name),
        ("last_name", &mut seen.last_name),
        ("company_name", &mut seen.company_name),
        ("company_number", &mut seen.company_number),
        ("vat_number", &mut seen.vat_number),
        ("account_code", &mut seen.account_code),
        ("language", &mut seen.language),
    ] {
        *value = shown(rights, field, value);
    }
    for (field, id) in [
        ("company_name", &mut seen.company_id),
        ("source", &mut seen.source_id),
        ("property_type", &mut seen.property_type_id),
        ("assignee", &mut seen.assignee_id),
        ("owner", &mut seen.owner_id),
        ("home_channel", &mut seen.home_channel_id),
    ] {
        *id = id.filter(|_| rights.reads(field));
    }
    seen.company_role = seen.company_role.filter(|_| rights.reads("company_name"));
    seen.note_flag &= rights.reads("note_flag");
    if !rights.reads("groups") {
        seen.groups.clear();
    }
    if !rights.reads("tags") {
        seen.tags.clear();
    }
    if !rights.reads("channels") {
        seen.channels.clear();
    }
    seen.aliases.retain(|alias| rights.reads_all(of_alias(alias.kind)));
    contacts(&mut seen, rights);
    Cow::Owned(seen)
}

fn contacts(seen: &mut Customer, rights: &FieldRights) {
    if rights.hides("email") {
        seen.emails.clear();
        seen.account = None;
    } else if !rights.reads("email") {
        for email in &mut seen.emails {
            email.address = mask_email(&email.address);
            email.folded.clear();
            email.domain.clear();
        }
        if let Some(account) = &mut seen.account {
            account.login_email = mask_email(&account.login_email);
            account.login_folded.clear();
        }
    }
    if rights.hides("phone") {
        seen.phones.clear();
    } else if !rights.reads("phone") {
        for phone in &mut seen.phones {
            phone.typed = mask_phone(&phone.typed);
            phone.e164.clear();
            phone.digits.clear();
        }
    }
    seen.addresses.iter_mut().for_each(|address| hide_in_address(address, rights));
    let has_something = |address: &Address| !address.one_line().is_empty() || !address.label.is_empty();
    seen.addresses.retain(|address| rights.reads("address") || has_something(address));
}

fn hide_in_address(address: &mut Address, rights: &FieldRights) {
    for (part, value) in [
        ("label", &mut address.label),
        ("line1", &mut address.line1),
        ("line2", &mut address.line2),
        ("town", &mut address.town),
        ("county", &mut address.county),
        ("postcode", &mut address.postcode),
        ("country", &mut address.country),
    ] {
        *value = shown(rights, of_address_part(part), value);
    }
    if !rights.reads("postcode") {
        address.postcode_folded.clear();
    }
}

/// The whole values of masked fields, folded as questions are: what somebody must know whole to find it.
pub fn masked_values(customer: &Customer, rights: &FieldRights) -> Vec<String> {
    let is_masked = |field: &str| rights.right(field) == FieldRight::Masked;
    let mut values = Vec::new();
    for (field, value) in [
        ("first_name", &customer.first_name),
        ("last_name", &customer.last_name),
        ("company_name", &customer.company_name),
        ("company_number", &customer.company_number),
        ("account_code", &customer.account_code),
        ("vat_number", &customer.vat_number),
    ] {
        if is_masked(field) {
            values.extend([fold(value), fold(value).replace(' ', ""), value.to_lowercase()]);
        }
    }
    if is_masked("email") {
        values.extend(customer.emails.iter().map(|email| email.folded.clone()));
    }
    if is_masked("phone") {
        let international = |e164: &String| e164.trim_start_matches('+').to_owned();
        values.extend(customer.phones.iter().flat_map(|phone| [phone.digits.clone(), international(&phone.e164)]));
    }
    for address in &customer.addresses {
        let parts = [("town", &address.town), ("postcode", &address.postcode_folded), ("address", &address.line1)];
        values.extend(parts.into_iter().filter(|(field, _)| is_masked(field)).map(|(_, value)| fold(value)));
    }
    values.retain(|value| !value.is_empty());
    values
}

/// One change of the history as these rights show it; `None` where the field is hidden.
pub fn visible_change(change: Change, rights: &FieldRights) -> Option<Change> {
    if let Some(alias) = change.field.strip_prefix("alias.") {
        let kind = alias.split_once('.').and_then(|(_, kind)| AliasKind::from_key(kind));
        return kind.is_some_and(|kind| rights.reads_all(of_alias(kind))).then_some(change);
    }
    let field = of_path(&change.field);
    if rights.reads(field) {
        return Some(change);
    }
    // A company's id would lead to its name, a number's international form to the number.
    if rights.hides(field)
        || change.field == "company"
        || change.field == "company_role"
        || change.field.ends_with(".e164")
    {
        return None;
    }
    let is_mark = [".kind", ".primary", ".billing", ".delivery"].iter().any(|mark| change.field.ends_with(mark));
    let value = |text: &str| if is_mark { text.to_owned() } else { shown(rights, field, text) };
    Some(Change { before: value(&change.before), after: value(&change.after), field: change.field })
}

/// A flat record as these rights show it.
pub fn visible_flat(flat: &Flat, rights: &FieldRights) -> Flat {
    if rights.is_unlimited() {
        return flat.clone();
    }
    let whole =
        flat.iter().map(|(field, value)| Change { field: field.clone(), before: String::new(), after: value.clone() });
    whole.filter_map(|change| visible_change(change, rights)).map(|change| (change.field, change.after)).collect()
}

/// Rows of a list as these rights show them. The stored rows hold copies of several fields, so where something is limited
/// they are made anew from the records.
pub async fn visible_rows(db: &Database, rows: Vec<ListRow>, rights: &FieldRights) -> AppResult<Vec<ListRow>> {
    if rights.is_unlimited() {
        return Ok(rows);
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let customers = store::find_many(db.read(), &ids).await?;
    let row = |row: ListRow| {
        let customer = customers.iter().find(|customer| customer.id == row.id)?;
        let seen = visible(customer, rights);
        let address = seen.primary_address();
        let part = |pick: fn(&Address) -> &String| address.map(pick).cloned().unwrap_or_default();
        Some(ListRow {
            display_name: seen.display_name(),
            company_name: seen.company_name.clone(),
            main_email: seen.main_email().to_owned(),
            main_phone: seen.main_phone().to_owned(),
            main_town: part(|address| &address.town),
            main_postcode: part(|address| &address.postcode),
            main_country: part(|address| &address.country),
            note_flag: seen.note_flag,
            language: seen.language.clone(),
            source_id: seen.source_id,
            assignee_id: seen.assignee_id,
            home_channel_id: seen.home_channel_id,
            ..row
        })
    };
    Ok(rows.into_iter().filter_map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_where_to_look_and_not_what_it_is() {
        assert_eq!(mask_email("jan.bos@example.nl"), "j•••@e•••.nl");
        assert_eq!(mask_phone("06-12345678"), "•••78");
        assert_eq!(mask_phone("112"), "•••");
        assert_eq!([mask_text("Vermeulen"), mask_text("Bos"), mask_text("")], ["V•••", "•••", ""]);
    }
}
