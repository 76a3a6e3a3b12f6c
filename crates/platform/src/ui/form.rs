//! What a form's template takes besides the values: the refusals by field, and the choices of a drop-down.

use std::collections::BTreeMap;

use crate::error::FieldErrors;
use crate::i18n::Message;

/// Why fields were refused. The field names are those of the form; `""` is the form as a whole.
#[derive(Clone, Debug, Default)]
pub struct Errors(BTreeMap<String, Message>);

impl Errors {
    pub fn none() -> Errors {
        Errors::default()
    }

    /// The first refusal of a field is the one that is shown.
    pub fn add(&mut self, field: impl Into<String>, why: impl Into<Message>) {
        self.0.entry(field.into()).or_insert_with(|| why.into());
    }

    #[must_use]
    pub fn with(mut self, field: impl Into<String>, why: impl Into<Message>) -> Errors {
        self.add(field, why);
        self
    }

    /// `errors.of("email")`, for the field's template.
    pub fn of(&self, field: &str) -> Option<&Message> {
        self.0.get(field)
    }

    pub fn any(&self) -> bool {
        !self.0.is_empty()
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl<F: Into<String>, W: Into<Message>> FromIterator<(F, W)> for Errors {
    fn from_iter<I: IntoIterator<Item = (F, W)>>(refusals: I) -> Errors {
        let mut errors = Errors::none();
        for (field, why) in refusals {
            errors.add(field, why);
        }
        errors
    }
}

impl From<&FieldErrors> for Errors {
    fn from(errors: &FieldErrors) -> Errors {
        errors.0.iter().map(|error| (error.field.as_str(), error.detail.clone())).collect()
    }
}

/// One line of a drop-down or one box of several.
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    /// Passed through the translator: texts of our own are translated, names from the database have no translation.
    pub label: String,
    pub selected: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>, selected: bool) -> Choice {
        Choice { value: value.into(), label: label.into(), selected }
    }
}

/// The choices of a drop-down from pairs of value and label, with the chosen one marked.
pub fn choices<V: Into<String>, L: Into<String>>(pairs: impl IntoIterator<Item = (V, L)>, chosen: &str) -> Vec<Choice> {
    let choice = |(value, label): (V, L)| {
        let value = value.into();
        let selected = value == chosen;
        Choice::new(value, label, selected)
    };
    pairs.into_iter().map(choice).collect()
}
