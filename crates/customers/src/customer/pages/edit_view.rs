//! What the one form for adding and changing shows (S4-24).

use std::collections::BTreeMap;

use askama::Template;
use platform::auth::FieldRights;
use platform::ui::{Choice, Errors, Shell, filters};

use super::record_view::Record;
use crate::customer::field_rights::of_input;

/// The values of the fields by name, as stored or as typed.
#[derive(Clone, Debug, Default)]
pub struct Values(pub BTreeMap<String, String>);

impl Values {
    pub fn of(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }
}

/// The drop-downs and boxes of the form.
#[derive(Clone, Debug, Default)]
pub struct FormChoices {
    pub countries: Vec<Choice>,
    pub languages: Vec<Choice>,
    pub statuses: Vec<Choice>,
    pub types: Vec<Choice>,
    pub sources: Vec<Choice>,
    pub property_types: Vec<Choice>,
    pub assignees: Vec<Choice>,
    pub home_channels: Vec<Choice>,
    pub channels: Vec<Choice>,
    pub groups: Vec<Choice>,
    pub tags: Vec<Choice>,
}

/// The parts of the form that are shown: an entry profile asks only for what it needs (R6).
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts {
    pub title: bool,
    pub company_details: bool,
    pub phones: bool,
    pub address: bool,
    pub home_channel: bool,
    pub classification: bool,
    pub groups: bool,
    pub password: bool,
    pub note_flag: bool,
}

/// The same form for a new customer and a stored one; `record` is `None` for a new one.
#[derive(Template)]
#[template(path = "customer/edit.html")]
pub struct EditPage {
    pub shell: Shell,
    pub record: Option<Record>,
    pub form: EditForm,
    pub errors: Errors,
    pub conflict: Option<Conflict>,
}

#[derive(Clone, Debug, Default)]
pub struct EditForm {
    /// `full`, `register` or `quick`; empty when changing.
    pub profile: &'static str,
    /// The version that was read (R24).
    pub version: i64,
    pub values: Values,
    pub active: bool,
    pub note_flag: bool,
    pub may_deactivate: bool,
    pub choices: FormChoices,
    pub parts: Parts,
    pub required: Vec<String>,
    /// What is asked for by home channel, as JSON (the empty one stands for none); empty where every channel asks the same.
    pub asks: String,
    /// What of single fields may be seen and changed.
    pub rights: FieldRights,
    pub back: String,
}

impl EditForm {
    /// A hidden field is absent.
    pub fn sees(&self, field: &str) -> bool {
        !self.rights.hides(of_input(field))
    }

    /// A field that may not be changed is shown and not sent.
    pub fn is_fixed(&self, field: &str) -> bool {
        !self.rights.edits(of_input(field))
    }

    /// Does this way of entry ask for the field? "name" stands for a person's or a company's.
    pub fn needs(&self, field: &str) -> bool {
        self.required.iter().any(|required| required == field)
    }
}

/// Two people changed the same fields: both values, to choose from.
#[derive(Clone, Debug)]
pub struct Conflict {
    pub id: String,
    /// The version that is stored now.
    pub version: i64,
    pub fields: Vec<ConflictField>,
    /// The rest of the form, sent along unseen.
    pub kept: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub struct ConflictField {
    pub name: String,
    pub label: &'static str,
    /// The raw values that are sent.
    pub theirs: String,
    pub yours: String,
    /// As people read them: the name behind an id.
    pub theirs_shown: String,
    pub yours_shown: String,
}
