//! The fields of a customer that roles can be limited in, and which field a name of a form, a filter or the history means.

use platform::auth::{FieldDef, FieldRight, FieldRights};
use platform::tr;

use super::model::AliasKind;
use FieldRight::{Editable, Hidden, Masked, ReadOnly};

const TEXT: &[FieldRight] = &[Hidden, Masked, ReadOnly, Editable];
/// Choices have nothing of which a part could be shown.
const CHOICE: &[FieldRight] = &[Hidden, ReadOnly, Editable];
/// What decides over everything else on a page is always seen.
const STANDING: &[FieldRight] = &[ReadOnly, Editable];

const fn field(key: &'static str, label: &'static str, offered: &'static [FieldRight]) -> FieldDef {
    FieldDef { key, label, offered }
}

/// Every field that can be limited; a customer's number never is, or nobody could say who is meant.
pub const FIELDS: &[FieldDef] = &[
    field("title", tr!("Title"), TEXT),
    field("first_name", tr!("First name"), TEXT),
    field("last_name", tr!("Last name"), TEXT),
    field("company_name", tr!("Company"), TEXT),
    field("company_number", tr!("Company number"), TEXT),
    field("vat_number", tr!("VAT number"), TEXT),
    field("account_code", tr!("Account code"), TEXT),
    field("email", tr!("E-mail addresses"), TEXT),
    field("phone", tr!("Phone numbers"), TEXT),
    field("address", tr!("Street and label of addresses"), TEXT),
    field("town", tr!("Town"), TEXT),
    field("county", tr!("County"), TEXT),
    field("postcode", tr!("Postcode"), TEXT),
    field("country", tr!("Country"), CHOICE),
    field("language", tr!("Language"), CHOICE),
    field("source", tr!("How did you hear about us"), CHOICE),
    field("property_type", tr!("Property type"), CHOICE),
    field("assignee", tr!("Assigned to"), CHOICE),
    field("owner", tr!("Owner"), CHOICE),
    field("home_channel", tr!("Home channel"), CHOICE),
    field("channels", tr!("Further channels"), CHOICE),
    field("groups", tr!("Groups"), CHOICE),
    field("tags", tr!("Tags"), CHOICE),
    field("note_flag", tr!("Notes ask for attention"), CHOICE),
    field("status", tr!("Status"), STANDING),
    field("customer_type", tr!("Type"), STANDING),
    field("active", tr!("Active"), STANDING),
];

/// What the name that a list shows is made of.
pub const NAME: &[&str] = &["first_name", "last_name", "company_name", "email"];

/// The field that a part of an address belongs to.
pub fn of_address_part(part: &str) -> &str {
    match part {
        "town" | "county" | "postcode" | "country" => part,
        _ => "address",
    }
}

/// The field that a name of an input or a form means; empty for what no role is limited in.
pub fn of_input(name: &str) -> &str {
    match name {
        "company" | "company_role" => "company_name",
        "emails" | "login_email" => "email",
        "phone2" | "phones" => "phone",
        "address1" | "address2" | "addresses" => "address",
        "primary_group" => "groups",
        "password" | "number" | "deleted" | "merged_into" => "",
        other => other,
    }
}

/// The field that a path of the history means: `email.<id>.kind`, `group.<id>`, `title`.
pub fn of_path(path: &str) -> &str {
    let mut parts = path.split('.');
    match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
        ("address", _, Some(part)) => of_address_part(part),
        ("group", _, _) => "groups",
        ("channel", _, _) => "channels",
        ("tag", _, _) => "tags",
        (first, _, _) => of_input(first),
    }
}

/// What must be read to see an alias of this kind.
pub fn of_alias(kind: AliasKind) -> &'static [&'static str] {
    match kind {
        AliasKind::Name => &["first_name", "last_name"],
        AliasKind::Company => &["company_name"],
        AliasKind::Number => &[],
        AliasKind::AccountCode => &["account_code"],
    }
}

/// What stands for a customer whose name may not be read.
pub fn name_or_number<'a>(rights: &FieldRights, name: &'a str, number: &'a str) -> &'a str {
    if rights.reads_all(NAME) { name } else { number }
}
