//! What the API gives of customers.

use platform::auth::{FieldRight, FieldRights};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::customer::list::ListRow;
use crate::customer::model::{
    Address, AliasKind, CompanyRole, ContactKind, Customer, CustomerType, Origin, PrivacyState, Status,
};
use crate::customer::visible::visible;

/// A customer as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerBody {
    pub id: Uuid,
    /// Readable number.
    pub number: String,
    /// Also sent as `ETag`.
    pub version: i64,
    pub status: Status,
    pub active: bool,
    pub customer_type: CustomerType,
    pub privacy_state: PrivacyState,
    pub origin: Origin,
    pub incomplete: bool,
    pub note_flag: bool,
    pub display_name: String,
    pub title: String,
    pub first_name: String,
    pub last_name: String,
    pub company_name: String,
    pub company_number: String,
    pub vat_number: String,
    pub account_code: String,
    pub language: String,
    pub company_id: Option<Uuid>,
    pub company_role: Option<CompanyRole>,
    pub source_id: Option<Uuid>,
    pub property_type_id: Option<Uuid>,
    pub assignee_id: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    pub home_channel_id: Option<Uuid>,
    pub channel_ids: Vec<Uuid>,
    pub tag_ids: Vec<Uuid>,
    pub group_ids: Vec<Uuid>,
    pub primary_group_id: Option<Uuid>,
    pub emails: Vec<EmailBody>,
    pub phones: Vec<PhoneBody>,
    pub addresses: Vec<AddressBody>,
    /// Earlier names, numbers and account codes, of records that became part of this one.
    pub aliases: Vec<AliasBody>,
    /// Sign-in address of the customer's account.
    pub login_email: Option<String>,
    /// Microseconds since 1970 UTC.
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EmailBody {
    pub id: Uuid,
    pub address: String,
    pub kind: ContactKind,
    pub is_primary: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PhoneBody {
    pub id: Uuid,
    /// As it was typed.
    pub number: String,
    /// ITU-T E.164, when the number could be read.
    pub e164: Option<String>,
    pub kind: ContactKind,
    pub is_primary: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AddressBody {
    pub id: Uuid,
    pub label: String,
    pub line1: String,
    pub line2: String,
    pub town: String,
    pub county: String,
    pub postcode: String,
    pub country: String,
    pub is_primary: bool,
    pub is_billing: bool,
    pub is_delivery: bool,
}

impl From<Customer> for CustomerBody {
    fn from(customer: Customer) -> Self {
        let emails = customer.emails.iter().map(|email| EmailBody {
            id: email.id,
            address: email.address.clone(),
            kind: email.kind,
            is_primary: email.is_primary,
        });
        let phones = customer.phones.iter().map(|phone| PhoneBody {
            id: phone.id,
            number: phone.typed.clone(),
            e164: Some(phone.e164.clone()).filter(|e164| !e164.is_empty()),
            kind: phone.kind,
            is_primary: phone.is_primary,
        });
        let (emails, phones) = (emails.collect(), phones.collect());
        Self {
            display_name: customer.display_name(),
            primary_group_id: customer.primary_group(),
            group_ids: customer.groups.iter().map(|group| group.group_id).collect(),
            emails,
            phones,
            addresses: customer.addresses.into_iter().map(AddressBody::from).collect(),
            login_email: customer.account.map(|account| account.login_email),
            id: customer.id,
            number: customer.number,
            version: customer.version,
            status: customer.status,
            active: customer.active,
            customer_type: customer.customer_type,
            privacy_state: customer.privacy_state,
            origin: customer.origin,
            incomplete: customer.incomplete,
            note_flag: customer.note_flag,
            title: customer.title,
            first_name: customer.first_name,
            last_name: customer.last_name,
            company_name: customer.company_name,
            company_number: customer.company_number,
            vat_number: customer.vat_number,
            account_code: customer.account_code,
            language: customer.language,
            company_id: customer.company_id,
            company_role: customer.company_role,
            source_id: customer.source_id,
            property_type_id: customer.property_type_id,
            assignee_id: customer.assignee_id,
            owner_id: customer.owner_id,
            home_channel_id: customer.home_channel_id,
            channel_ids: customer.channels,
            tag_ids: customer.tags,
            aliases: customer
                .aliases
                .into_iter()
                .map(|alias| AliasBody { kind: alias.kind, value: alias.value })
                .collect(),
            created_at: customer.created_at,
            updated_at: customer.updated_at,
        }
    }
}

impl From<Address> for AddressBody {
    fn from(address: Address) -> Self {
        Self {
            id: address.id,
            label: address.label,
            line1: address.line1,
            line2: address.line2,
            town: address.town,
            county: address.county,
            postcode: address.postcode,
            country: address.country,
            is_primary: address.is_primary,
            is_billing: address.is_billing,
            is_delivery: address.is_delivery,
        }
    }
}

/// An earlier name, number or account code.
#[derive(Debug, Serialize, ToSchema)]
pub struct AliasBody {
    pub kind: AliasKind,
    pub value: String,
}

/// A row of the list: the main facts.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerRowBody {
    pub id: Uuid,
    pub number: String,
    pub version: i64,
    pub display_name: String,
    pub company_name: String,
    pub email: String,
    pub phone: String,
    pub town: String,
    pub postcode: String,
    pub country: String,
    pub status: String,
    pub active: bool,
    pub customer_type: String,
    pub origin: String,
    pub incomplete: bool,
    pub note_flag: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

impl From<ListRow> for CustomerRowBody {
    fn from(row: ListRow) -> Self {
        Self {
            id: row.id,
            number: row.number,
            version: row.version,
            display_name: row.display_name,
            company_name: row.company_name,
            email: row.main_email,
            phone: row.main_phone,
            town: row.main_town,
            postcode: row.main_postcode,
            country: row.main_country,
            status: row.status,
            active: row.active,
            customer_type: row.customer_type,
            origin: row.origin,
            incomplete: row.incomplete,
            note_flag: row.note_flag,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Names in the API of what a field is.
const NAMES: &[(&str, &[&str])] = &[
    ("company_name", &["company_name", "company_id", "company_role"]),
    ("source", &["source_id"]),
    ("property_type", &["property_type_id"]),
    ("assignee", &["assignee_id"]),
    ("owner", &["owner_id"]),
    ("home_channel", &["home_channel_id"]),
    ("channels", &["channel_ids"]),
    ("tags", &["tag_ids"]),
    ("groups", &["group_ids", "primary_group_id"]),
    ("email", &["emails", "email", "login_email"]),
    ("phone", &["phones", "phone"]),
    ("address", &["label", "line1", "line2"]),
];

/// Leaves out what these rights hide; values that are not hidden come masked already.
fn without_hidden(body: &impl Serialize, rights: &FieldRights) -> Value {
    let mut json = serde_json::to_value(body).unwrap_or_default();
    for field in rights.iter().filter(|(_, right)| *right == FieldRight::Hidden).map(|(field, _)| field) {
        let names = NAMES.iter().find(|(known, _)| *known == field).map_or(&[] as &[&str], |(_, names)| names);
        for name in names.iter().copied().chain(names.is_empty().then_some(field)) {
            remove(&mut json, name);
        }
    }
    json
}

fn remove(json: &mut Value, name: &str) {
    let Some(body) = json.as_object_mut() else { return };
    body.remove(name);
    for address in body.get_mut("addresses").and_then(Value::as_array_mut).into_iter().flatten() {
        address.as_object_mut().and_then(|address| address.remove(name));
    }
}

/// A customer as the API gives it to somebody with these rights.
pub fn customer_body(customer: &Customer, rights: &FieldRights) -> Value {
    without_hidden(&CustomerBody::from(visible(customer, rights).into_owned()), rights)
}

/// A row of the list, already as these rights show it.
pub fn row_body(row: ListRow, rights: &FieldRights) -> Value {
    without_hidden(&CustomerRowBody::from(row), rights)
}
