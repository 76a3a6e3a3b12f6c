//! Field names of a record in the words of the screen, and their values as people read them.

use platform::contact::Country;
use platform::i18n::{Lang, Message, Translate};
use platform::tr;
use uuid::Uuid;

use super::list_filters::LANGUAGES;
use crate::customer::flatten::Flat;
use crate::customer::model::{CompanyRole, ContactKind, CustomerType, Status};
use crate::customer::parts::fields_of;
use crate::directory::Directory;

const LABELS: [(&str, &str); 41] = [
    ("number", tr!("Number")),
    ("status", tr!("Status")),
    ("active", tr!("Active")),
    ("customer_type", tr!("Type")),
    ("note_flag", tr!("Notes ask for attention")),
    ("deleted", tr!("In the bin")),
    ("merged_into", tr!("Part of")),
    ("alias", tr!("Also known as")),
    ("title", tr!("Title")),
    ("first_name", tr!("First name")),
    ("last_name", tr!("Last name")),
    ("company_name", tr!("Company")),
    ("company_number", tr!("Company number")),
    ("vat_number", tr!("VAT number")),
    ("account_code", tr!("Account code")),
    ("language", tr!("Language")),
    ("company", tr!("Company record")),
    ("company_role", tr!("Role in the company")),
    ("source", tr!("How did you hear about us")),
    ("property_type", tr!("Property type")),
    ("assignee", tr!("Assigned to")),
    ("owner", tr!("Owner")),
    ("home_channel", tr!("Home channel")),
    ("login_email", tr!("Signs in with")),
    ("password", tr!("Password")),
    ("email", tr!("E-mail address")),
    ("phone", tr!("Phone")),
    ("phone2", tr!("Second phone")),
    ("address", tr!("Address")),
    ("address1", tr!("Address line 1")),
    ("address2", tr!("Address line 2")),
    ("line1", tr!("Address line 1")),
    ("line2", tr!("Address line 2")),
    ("town", tr!("Town")),
    ("county", tr!("County")),
    ("postcode", tr!("Postcode")),
    ("country", tr!("Country")),
    ("label", tr!("Label")),
    ("group", tr!("Group")),
    ("channel", tr!("Channel")),
    ("other_customer", tr!("Customer")),
];

/// The fields that the history can be narrowed to.
pub(super) const GROUPS: [&str; 22] = [
    "first_name", "last_name", "title", "email", "phone", "address", "company_name", "company_number", "vat_number",
    "status", "active", "customer_type", "group", "channel", "home_channel", "language", "source", "property_type",
    "assignee", "owner", "account_code", "login_email",
];

/// Whether a path of the history begins with a field that there is.
pub(crate) fn is_field(path: &str) -> bool {
    path.split('.').next().and_then(known).is_some()
}

fn known(name: &str) -> Option<&'static str> {
    LABELS.iter().find(|(field, _)| *field == name).map(|(_, label)| *label)
}

/// The label of a field or of a group of fields.
pub(super) fn label(name: &str) -> &'static str {
    known(name).unwrap_or(tr!("Field"))
}

/// "Address: Town" for `address.<id>.town`, "Group: Wholesale" for `group.<id>`.
pub fn path_label(path: &str, directory: &Directory) -> Message {
    let mut parts = path.split('.');
    let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    match (first, second, third) {
        ("email" | "phone", Some(_), Some("address" | "number")) => Message::new(label(first)),
        ("email" | "phone" | "address", Some(_), Some(part)) => Message::new(part_label(first, part)),
        ("group" | "channel" | "tag", Some(id), _) => {
            let name = id.parse().ok().and_then(|id| directory.label(id)).unwrap_or("–");
            let text = match first {
                "group" => tr!("Group {name}"),
                "channel" => tr!("Channel {name}"),
                _ => tr!("Tag {name}"),
            };
            Message::new(text).with("name", name)
        }
        _ => Message::new(label(first)),
    }
}

fn part_label(first: &str, part: &str) -> &'static str {
    match (first, part) {
        ("email", "kind") => tr!("Kind of e-mail address"),
        ("email", "primary") => tr!("Primary e-mail address"),
        ("phone", "kind") => tr!("Kind of phone number"),
        ("phone", "primary") => tr!("Primary phone number"),
        (_, "primary") => tr!("Primary address"),
        (_, "billing") => tr!("Billing address"),
        (_, "delivery") => tr!("Delivery address"),
        (_, other) => label(other),
    }
}

/// A stored value as people read it: names behind ids, words for keys.
pub fn shown(path: &str, value: &str, directory: &Directory, lang: Lang) -> Message {
    let last = path.rsplit('.').next().unwrap_or_default();
    let word = match (last, value) {
        (_, "") => return Message::default(),
        (_, "yes") => Some(tr!("yes")),
        (_, "primary") if path.starts_with("group.") => Some(tr!("primary member")),
        (_, "member") if path.starts_with("group.") => Some(tr!("member")),
        ("status", key) => Status::from_key(key).map(Status::label),
        ("company_role", key) => CompanyRole::from_key(key).map(CompanyRole::label),
        ("customer_type", key) => CustomerType::from_key(key).map(CustomerType::label),
        ("kind", key) => ContactKind::from_key(key).map(ContactKind::label),
        ("language", code) => LANGUAGES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name),
        _ => None,
    };
    if let Some(word) = word {
        return Message::new(word);
    }
    if last == "country"
        && let Some(country) = Country::from_code(value)
    {
        let name = if lang == Lang::Nl { country.dutch() } else { country.english() };
        return Message::verbatim(name);
    }
    let name = Uuid::parse_str(value).ok().and_then(|id| directory.label(id));
    Message::verbatim(name.unwrap_or(value))
}

/// The label of a part that is compared: "E-mail address", "Address", "Group Wholesale", "Title".
pub(super) fn part_name(part: &str, directory: &Directory) -> Message {
    match part.split('.').next() {
        Some(row @ ("email" | "phone" | "address")) => Message::new(label(row)),
        _ => path_label(part, directory),
    }
}

/// A part of a record on one line: a plain value, or a row with its kind and its marks.
pub(super) fn part_text(flat: &Flat, part: &str, directory: &Directory, lang: Lang) -> String {
    let mut values = Vec::new();
    for (name, value) in fields_of(flat, part) {
        let word = match name {
            "e164" => continue,
            "primary" if !part.starts_with("group.") => tr!("Primary").translate(lang),
            "billing" => tr!("Billing").translate(lang),
            "delivery" => tr!("Delivery").translate(lang),
            _ => shown(&format!("{part}.{name}"), value, directory, lang).translate(lang),
        };
        let place = PART_ORDER.iter().position(|known| *known == name).unwrap_or(0);
        values.push((place, if name.is_empty() { shown(part, value, directory, lang).translate(lang) } else { word }));
    }
    values.sort_by_key(|(place, _)| *place);
    values.into_iter().map(|(_, value)| value).collect::<Vec<_>>().join(" · ")
}

/// How the fields of a row follow each other on a line.
const PART_ORDER: [&str; 13] = [
    "address", "number", "line1", "line2", "postcode", "town", "county", "country", "label", "kind", "primary",
    "billing", "delivery",
];

/// The ids that the values of flat records hold, for looking up their names.
pub(super) fn ids_in<'a>(flats: impl IntoIterator<Item = &'a Flat>) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for (field, value) in flats.into_iter().flatten() {
        ids.extend(Uuid::parse_str(value).ok());
        if field.starts_with("group.") || field.starts_with("channel.") {
            ids.extend(field.split('.').nth(1).and_then(|id| Uuid::parse_str(id).ok()));
        }
    }
    ids
}
