//! The boxes by which an entry form is told what to ask for, for the whole shop and for a channel.

use platform::tr;
use platform::ui::Choice;

use crate::customer::profile::{Profile, REQUIRABLE};

/// One entry form with the fields it can ask for.
pub struct ProfileLine {
    /// Name of the boxes: `required_full`.
    pub name: String,
    pub label: &'static str,
    pub fields: Vec<Choice>,
}

impl ProfileLine {
    pub fn of(profile: Profile, required: &[String]) -> Self {
        let choice = |field: &&str| Choice::new(*field, label(field), required.iter().any(|name| name == field));
        Self { name: profile.boxes(), label: profile.label(), fields: REQUIRABLE.iter().map(choice).collect() }
    }
}

/// What a field is called, among what can be asked for.
pub fn label(field: &str) -> &'static str {
    if field == "name" { tr!("A person's or a company's name") } else { super::fields::label(field) }
}
