//! What a role may see and change of single fields. The platform knows the rights and keeps them with the role; which
//! fields there are, the areas say ([`FieldDef`]).
//!
//! - A field that is not named is editable, so a role without limits costs nothing.
//! - Whoever may edit roles is never limited: they could lift the limit themselves.
//! - The rights travel inside [`super::PermissionSet`], so everything that acts with somebody's permissions (tokens,
//!   imports, jobs) acts with their field rights too.

use std::collections::BTreeMap;

use crate::error::{AppError, AppResult, FieldErrors, Reason};
use crate::i18n::Message;
use crate::tr;

/// What may be done with a field, from nothing to everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldRight {
    Hidden,
    Masked,
    ReadOnly,
    Editable,
}

impl FieldRight {
    pub const ALL: [FieldRight; 4] = [Self::Hidden, Self::Masked, Self::ReadOnly, Self::Editable];

    /// The stored key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Masked => "masked",
            Self::ReadOnly => "read_only",
            Self::Editable => "editable",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Hidden => tr!("Hidden"),
            Self::Masked => tr!("Masked"),
            Self::ReadOnly => tr!("Read-only"),
            Self::Editable => tr!("Editable"),
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.key() == key)
    }
}

/// A field that roles can be limited in, and the rights that make sense for it.
#[derive(Clone, Copy, Debug)]
pub struct FieldDef {
    pub key: &'static str,
    pub label: &'static str,
    pub offered: &'static [FieldRight],
}

/// The rights of somebody by field; fields that are not named are editable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldRights(BTreeMap<String, FieldRight>);

impl FieldRights {
    /// Reads the stored form, `vat_number=hidden email=masked`.
    pub fn parse(text: &str) -> Self {
        let pairs = text.split_whitespace().filter_map(|pair| pair.split_once('='));
        Self::of(pairs.filter_map(|(field, right)| Some((field.to_owned(), FieldRight::from_key(right)?))))
    }

    /// From pairs; what is editable needs no name.
    pub fn of(pairs: impl IntoIterator<Item = (String, FieldRight)>) -> Self {
        Self(pairs.into_iter().filter(|(_, right)| *right != FieldRight::Editable).collect())
    }

    /// The stored form.
    pub fn to_text(&self) -> String {
        self.0.iter().map(|(field, right)| format!("{field}={}", right.key())).collect::<Vec<_>>().join(" ")
    }

    /// Whether nothing is limited.
    pub fn is_unlimited(&self) -> bool {
        self.0.is_empty()
    }

    pub fn right(&self, field: &str) -> FieldRight {
        self.0.get(field).copied().unwrap_or(FieldRight::Editable)
    }

    /// Whether the field may be seen as it is stored.
    pub fn reads(&self, field: &str) -> bool {
        self.right(field) >= FieldRight::ReadOnly
    }

    pub fn hides(&self, field: &str) -> bool {
        self.right(field) == FieldRight::Hidden
    }

    pub fn edits(&self, field: &str) -> bool {
        self.right(field) == FieldRight::Editable
    }

    /// Whether all of these may be seen as they are stored.
    pub fn reads_all(&self, fields: &[&str]) -> bool {
        self.is_unlimited() || fields.iter().all(|field| self.reads(field))
    }

    /// Whether nobody with `other` sees or changes a field that is limited more here.
    pub fn covers(&self, other: &Self) -> bool {
        self.0.iter().all(|(field, right)| other.right(field) <= *right)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, FieldRight)> {
        self.0.iter().map(|(field, right)| (field.as_str(), *right))
    }

    /// Refuses to look for or sort by a field that may not be seen.
    ///
    /// # Errors
    /// `Forbidden` with `field_hidden` or `field_masked`.
    pub fn may_ask(&self, field: &str) -> AppResult<()> {
        match self.right(field) {
            FieldRight::Hidden => Err(refused(field, "field_hidden", tr!("Your role does not see the field {field}."))),
            FieldRight::Masked => {
                let detail = tr!("Your role sees the field {field} masked: search for whole values in the search box.");
                Err(refused(field, "field_masked", detail))
            }
            FieldRight::ReadOnly | FieldRight::Editable => Ok(()),
        }
    }

    /// Why a field may not be written.
    pub fn refusal(&self, field: &str) -> Option<(&'static str, Message)> {
        let (code, detail) = match self.right(field) {
            FieldRight::Editable => return None,
            FieldRight::Hidden => ("field_hidden", tr!("Your role does not see the field {field}.")),
            _ => ("field_read_only", tr!("Your role may not change the field {field}.")),
        };
        Some((code, Message::new(detail).with("field", field)))
    }

    /// Checks what an administrator chose against the fields there are.
    ///
    /// # Errors
    /// `Invalid` on `field_rights` for unknown fields and rights that a field does not offer.
    pub fn check(&self, fields: &[FieldDef]) -> Result<(), FieldErrors> {
        for (name, right) in &self.0 {
            let Some(field) = fields.iter().find(|field| field.key == name) else {
                let detail = Message::new(tr!("There is no field {field}.")).with("field", name);
                return Err(FieldErrors::one("field_rights", "unknown_field", detail));
            };
            if !field.offered.contains(right) {
                let detail = Message::new(tr!("The field {field} does not offer this right.")).with("field", name);
                return Err(FieldErrors::one("field_rights", "right_not_offered", detail));
            }
        }
        Ok(())
    }
}

fn refused(field: &str, code: &'static str, detail: &'static str) -> AppError {
    AppError::Forbidden(Reason::new(code, Message::new(detail).with("field", field)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_read_as_they_are_written() {
        let rights = FieldRights::parse("email=masked vat_number=hidden title=editable junk x=nonsense");
        assert_eq!(rights.to_text(), "email=masked vat_number=hidden");
        assert!(rights.hides("vat_number") && !rights.reads("email") && rights.edits("title"));
        assert_eq!(FieldRights::parse(&rights.to_text()), rights);
    }

    #[test]
    fn whoever_sees_less_covers_nobody_who_sees_more() {
        let (all, some) = (FieldRights::default(), FieldRights::parse("email=masked"));
        let none = FieldRights::parse("email=hidden");
        assert!(all.covers(&some) && some.covers(&none) && all.covers(&none));
        assert!(!some.covers(&all) && !none.covers(&some));
    }
}
