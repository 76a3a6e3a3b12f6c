//! Entry profiles: which fields a way of entry requires (R6).

use std::collections::BTreeMap;

use platform::error::FieldErrors;
use platform::settings::Setting;
use platform::tr;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::Customer;

/// The way a record is entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Add new, website: the four fields of S1.
    #[default]
    Full,
    /// Register, POS: an e-mail address.
    Register,
    /// New Customer: the name of a person or company.
    Quick,
    /// Import: a name or an e-mail address, whatever the source system had.
    Import,
}

impl Profile {
    /// The three forms of the screen.
    pub const FORMS: [Profile; 3] = [Profile::Full, Profile::Register, Profile::Quick];

    pub fn key(self) -> &'static str {
        match self {
            Profile::Full => "full",
            Profile::Register => "register",
            Profile::Quick => "quick",
            Profile::Import => "import",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Profile::Full => tr!("Add new"),
            Profile::Register => tr!("Register"),
            Profile::Quick => tr!("Quick"),
            Profile::Import => tr!("Import"),
        }
    }

    /// Name of the form's boxes for the fields that it asks for.
    pub fn boxes(self) -> String {
        format!("required_{}", self.key())
    }

    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Full, Self::Register, Self::Quick, Self::Import].into_iter().find(|profile| profile.key() == key)
    }
}

/// Fields a profile can require. `name` means a person's or a company's name, `name_or_email` one
/// of both.
pub const REQUIRABLE: [&str; 10] =
    ["first_name", "last_name", "email", "phone", "company_name", "address1", "postcode", "town", "country", "name"];

/// Required fields per profile.
pub type Requirements = BTreeMap<Profile, Vec<String>>;

/// Which fields each profile requires, with exceptions per home channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryProfiles {
    pub default: Requirements,
    #[serde(default)]
    pub per_channel: BTreeMap<Uuid, Requirements>,
    /// The form that the create button opens first.
    pub opens_first: Profile,
}

impl Setting for EntryProfiles {
    const KEY: &'static str = "entry_profiles";
}

impl Default for EntryProfiles {
    fn default() -> Self {
        let fields = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Self {
            default: Requirements::from([
                (Profile::Full, fields(&["first_name", "last_name", "email", "phone"])),
                (Profile::Register, fields(&["email"])),
                (Profile::Quick, fields(&["name"])),
                (Profile::Import, fields(&["name_or_email"])),
            ]),
            per_channel: BTreeMap::new(),
            opens_first: Profile::Full,
        }
    }
}

/// Refuses fields that no form can ask for, beside the form's boxes (`required_full`).
pub fn check_requirements(required: &Requirements, errors: &mut FieldErrors) {
    for (profile, fields) in required {
        let is_known = |field: &String| REQUIRABLE.contains(&field.as_str()) || field == "name_or_email";
        if !fields.iter().all(is_known) {
            errors.add(profile.boxes(), "unknown_field", tr!("A form cannot ask for this field."));
        }
    }
}

impl EntryProfiles {
    /// With what the forms of a channel ask for; what a form of it leaves open is asked as in the whole shop.
    #[must_use]
    pub fn with_channel(mut self, channel: Uuid, required: &Requirements) -> Self {
        let own: Requirements = required.iter().filter(|(_, fields)| !fields.is_empty()).map(own_pair).collect();
        match own.is_empty() {
            true => self.per_channel.remove(&channel),
            false => self.per_channel.insert(channel, own),
        };
        self
    }

    /// What the forms of a channel ask for where that is not what the shop asks.
    pub fn of_channel(&self, channel: Uuid) -> Requirements {
        self.per_channel.get(&channel).cloned().unwrap_or_default()
    }

    /// What a profile requires in a channel.
    pub fn required(&self, profile: Profile, channel: Option<Uuid>) -> &[String] {
        let own = channel.and_then(|channel| self.per_channel.get(&channel)?.get(&profile));
        own.or_else(|| self.default.get(&profile)).map_or(&[], Vec::as_slice)
    }

    /// The required fields of a profile that a record lacks.
    pub fn missing<'a>(&'a self, profile: Profile, customer: &Customer) -> Vec<&'a str> {
        self.required(profile, customer.home_channel_id)
            .iter()
            .map(String::as_str)
            .filter(|field| !has(customer, field))
            .collect()
    }

    /// Refuses each missing field of a new record.
    pub fn check_new(&self, profile: Profile, customer: &Customer, errors: &mut FieldErrors) {
        for field in self.missing(profile, customer) {
            refuse_missing(field, errors);
        }
    }

    /// An edit may leave a record incomplete but may not make it lack more than before.
    pub fn check_edit(&self, before: &Customer, after: &Customer, errors: &mut FieldErrors) {
        for field in self.missing(Profile::Full, after) {
            if has(before, field) {
                refuse_missing(field, errors);
            }
        }
        if !has(after, "name_or_email") {
            refuse_missing("name", errors);
        }
    }
}

fn own_pair((profile, fields): (&Profile, &Vec<String>)) -> (Profile, Vec<String>) {
    (*profile, once(fields))
}

/// Each field once, in the order given.
pub fn once(fields: &[String]) -> Vec<String> {
    let is_first = |(at, field): &(usize, &String)| !fields[..*at].contains(field);
    fields.iter().enumerate().filter(is_first).map(|(_, field)| field.clone()).collect()
}

fn refuse_missing(field: &str, errors: &mut FieldErrors) {
    let (field, detail) = match field {
        "first_name" => ("first_name", tr!("Enter a first name.")),
        "last_name" => ("last_name", tr!("Enter a last name.")),
        "email" => ("email", tr!("Enter an e-mail address.")),
        "phone" => ("phone", tr!("Enter a phone number.")),
        "name" => ("last_name", tr!("Enter the name of a person or a company.")),
        "name_or_email" => ("last_name", tr!("Enter a name or an e-mail address.")),
        "company_name" => ("company_name", tr!("Enter the company.")),
        "address1" => ("address1", tr!("Enter the street and number.")),
        "postcode" => ("postcode", tr!("Enter the postcode.")),
        "town" => ("town", tr!("Enter the town.")),
        _ => ("country", tr!("Choose the country.")),
    };
    if errors.of(field).is_none() {
        errors.add(field, "required", detail);
    }
}

fn has(customer: &Customer, field: &str) -> bool {
    let named =
        || [&customer.first_name, &customer.last_name, &customer.company_name].iter().any(|name| !name.is_empty());
    let address = |part: fn(&super::model::Address) -> &String| {
        customer.primary_address().is_some_and(|address| !part(address).is_empty())
    };
    match field {
        "first_name" => !customer.first_name.is_empty(),
        "last_name" => !customer.last_name.is_empty(),
        "company_name" => !customer.company_name.is_empty(),
        "email" => !customer.emails.is_empty(),
        "phone" => !customer.phones.is_empty(),
        "name" => named(),
        "name_or_email" => named() || !customer.emails.is_empty(),
        "address1" => address(|address| &address.line1),
        "postcode" => address(|address| &address.postcode),
        "town" => address(|address| &address.town),
        "country" => address(|address| &address.country),
        _ => true,
    }
}
