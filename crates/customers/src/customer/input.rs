//! What may be written of a customer, the same for forms, the API and imports. A field that is
//! `None` is left as it is; an empty text clears it.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{Address, Email, Phone};

fn null_clears<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Some(Option::<String>::deserialize(deserializer)?.unwrap_or_default()))
}

fn null_empties<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Some(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default()))
}

macro_rules! customer_input {
    ($($(#[$doc:meta])* $field:ident;)*) => {
        /// Fields of a customer to write. Missing means unchanged, `null` or an empty text clears.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct CustomerInput {
            $(
                $(#[$doc])*
                #[serde(deserialize_with = "null_clears", skip_serializing_if = "Option::is_none")]
                pub $field: Option<String>,
            )*
            pub active: Option<bool>,
            pub note_flag: Option<bool>,
            /// All e-mail addresses; replaces the list. Rows keep their identity by `id`.
            #[serde(deserialize_with = "null_empties")]
            pub emails: Option<Vec<EmailInput>>,
            /// All phone numbers; replaces the list.
            #[serde(deserialize_with = "null_empties")]
            pub phones: Option<Vec<PhoneInput>>,
            /// All addresses; replaces the list.
            #[serde(deserialize_with = "null_empties")]
            pub addresses: Option<Vec<AddressInput>>,
            /// Ids or names of all groups; replaces the list.
            #[serde(deserialize_with = "null_empties")]
            pub groups: Option<Vec<String>>,
            /// Ids or names of further channels; replaces the list.
            #[serde(deserialize_with = "null_empties")]
            pub channels: Option<Vec<String>>,
            /// Ids or names of all tags; replaces the list.
            #[serde(deserialize_with = "null_empties")]
            pub tags: Option<Vec<String>>,
        }

        impl CustomerInput {
            /// The plain text fields with their names, those that are given.
            pub fn texts(&self) -> Vec<(&'static str, &str)> {
                let mut texts = Vec::new();
                $(if let Some(text) = &self.$field { texts.push((stringify!($field), text.as_str())); })*
                texts
            }

            /// Sets a plain text field by name; answers whether there is one of this name.
            pub fn set_text(&mut self, field: &str, text: String) -> bool {
                match field {
                    $(stringify!($field) => self.$field = Some(text),)*
                    _ => return false,
                }
                true
            }

            /// Leaves a plain text field as it is stored.
            pub fn forget(&mut self, field: &str) {
                match field {
                    $(stringify!($field) => self.$field = None,)*
                    _ => {}
                }
            }

            /// Leaves a list as it is stored.
            pub fn forget_list(&mut self, list: &str) {
                match list {
                    "emails" => self.emails = None,
                    "phones" => self.phones = None,
                    "addresses" => self.addresses = None,
                    "groups" => self.groups = None,
                    "channels" => self.channels = None,
                    "tags" => self.tags = None,
                    _ => {}
                }
            }
        }
    };
}

customer_input! {
    title;
    first_name;
    last_name;
    company_name;
    company_number;
    vat_number;
    account_code;
    /// Language code, for example `nl`.
    language;
    /// `lead`, `guest`, `in_store` or `registered`.
    status;
    /// `retail` or `trade`.
    customer_type;
    /// Id or name of a company record.
    company;
    /// `employee`, `buyer`, `accountant`, `manager` or `owner` of the company.
    company_role;
    /// Id or name of an entry of the source list.
    source;
    /// Id or name of an entry of the property list.
    property_type;
    /// Id or e-mail address of a staff member.
    assignee;
    /// E-mail address or id of the parent account.
    owner;
    /// Id or name of the home channel.
    home_channel;
    /// Id or name of the primary group.
    primary_group;
    /// A password for the customer's account; only its hash is stored.
    password;
    /// The primary e-mail address.
    email;
    /// The primary phone number.
    phone;
    /// The second phone number.
    phone2;
    /// First line of the primary address.
    address1;
    address2;
    town;
    county;
    postcode;
    /// ISO 3166-1 alpha-2 code or name.
    country;
}

/// An e-mail address to write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EmailInput {
    pub id: Option<Uuid>,
    pub address: String,
    pub kind: String,
    pub is_primary: bool,
}

/// A phone number to write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PhoneInput {
    pub id: Option<Uuid>,
    /// Any notation.
    pub number: String,
    pub kind: String,
    pub is_primary: bool,
}

/// A postal address to write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AddressInput {
    pub id: Option<Uuid>,
    pub label: String,
    pub line1: String,
    pub line2: String,
    pub town: String,
    pub county: String,
    pub postcode: String,
    /// ISO 3166-1 alpha-2 code or name.
    pub country: String,
    pub is_primary: bool,
    pub is_billing: bool,
    pub is_delivery: bool,
}

impl From<&Email> for EmailInput {
    fn from(email: &Email) -> Self {
        let (address, kind) = (email.address.clone(), email.kind.key().to_owned());
        Self { id: Some(email.id), address, kind, is_primary: email.is_primary }
    }
}

impl From<&Phone> for PhoneInput {
    fn from(phone: &Phone) -> Self {
        let (number, kind) = (phone.typed.clone(), phone.kind.key().to_owned());
        Self { id: Some(phone.id), number, kind, is_primary: phone.is_primary }
    }
}

impl From<&Address> for AddressInput {
    fn from(address: &Address) -> Self {
        Self {
            id: Some(address.id),
            label: address.label.clone(),
            line1: address.line1.clone(),
            line2: address.line2.clone(),
            town: address.town.clone(),
            county: address.county.clone(),
            postcode: address.postcode.clone(),
            country: address.country.clone(),
            is_primary: address.is_primary,
            is_billing: address.is_billing,
            is_delivery: address.is_delivery,
        }
    }
}
