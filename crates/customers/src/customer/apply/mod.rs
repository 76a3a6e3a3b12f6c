//! Writing a [`CustomerInput`] into a record: the one place where typed values are checked,
//! whichever way they came in (R6, X-06).

mod contacts;
mod reach;
mod references;
mod rights;
mod standing;

use platform::auth::{Permission, PermissionSet};
use platform::clock::Micros;
use platform::contact::{clean_line, clean_vat_number};
use platform::error::FieldErrors;
use platform::i18n::Message;
use platform::tr;
use uuid::Uuid;

use super::input::CustomerInput;
use super::model::Customer;
use super::profile::Profile;
use crate::directory::Directory;

/// What the rules need to know besides the input.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    pub directory: &'a Directory,
    pub permissions: &'a PermissionSet,
    pub now: Micros,
    pub profile: Profile,
}

/// Values that had to be looked up or computed before the rules run.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// The company named, `Some(None)` when there is none of this id or name.
    pub company: Option<Option<(Uuid, String)>>,
    /// The parent account named, `Some(None)` when nobody has this address.
    pub owner: Option<Option<Uuid>>,
    /// Hash of the password given.
    pub password_hash: Option<String>,
    /// Ids of rows this customer had once, which they get back when they are put back.
    pub former_rows: Vec<Uuid>,
}

pub use rights::unwritable;

/// Longest values in characters.
const NAME: usize = 120;
const LINE: usize = 160;
const CODE: usize = 40;
/// Most e-mails, phones and addresses of one customer.
const MOST_CONTACTS: usize = 100;

struct Applying<'a> {
    rules: Rules<'a>,
    errors: FieldErrors,
}

/// Writes the input into `customer` and checks everything that needs no database.
/// `before` is `None` for a new record.
///
/// # Errors
/// Every refused field with its reason; `customer` is then not to be used.
pub fn apply(
    customer: &mut Customer,
    before: Option<&Customer>,
    input: &CustomerInput,
    resolved: &Resolved,
    rules: Rules<'_>,
) -> Result<(), FieldErrors> {
    let input = &*rights::guard(input, before, &rules.permissions.sight.fields)?;
    let resolved = &*rights::guard_resolved(resolved, &rules.permissions.sight.fields);
    let mut applying = Applying { rules, errors: FieldErrors::default() };
    applying.names(customer, input);
    applying.references(customer, before, input, resolved);
    applying.contacts(customer, input, resolved);
    applying.vat_number(customer, input);
    applying.groups_and_channels(customer, input);
    applying.within_reach(customer, before);
    applying.tags(customer, input);
    applying.standing(customer, before, input);
    customer.settle_primaries();
    applying.account(customer, input, resolved);
    let profiles = &rules.directory.profiles;
    match before {
        None => profiles.check_new(rules.profile, customer, &mut applying.errors),
        Some(before) => profiles.check_edit(before, customer, &mut applying.errors),
    }
    customer.incomplete = !profiles.missing(Profile::Full, customer).is_empty();
    applying.errors.into_result()
}

impl Applying<'_> {
    fn refuse(&mut self, field: &str, code: &'static str, detail: impl Into<Message>) {
        if self.errors.of(field).is_none() {
            self.errors.add(field, code, detail);
        }
    }

    fn need(&mut self, permission: Permission, field: &str) -> bool {
        let has = self.rules.permissions.has(permission);
        if !has {
            let detail =
                Message::new(tr!("This needs the permission {permission}.")).with("permission", permission.key());
            self.refuse(field, "permission_missing", detail);
        }
        has
    }

    /// One line of text, cleaned; a refused one leaves the target as it is.
    fn line(&mut self, target: &mut String, field: &str, text: Option<&str>, most: usize) {
        let Some(text) = text else { return };
        match clean_line(text, most) {
            Ok(clean) => *target = clean,
            Err(unclean) => self.refuse_unclean(field, unclean.code(), most),
        }
    }

    fn refuse_unclean(&mut self, field: &str, code: &'static str, most: usize) {
        let detail = match code {
            "too_long" => Message::new(tr!("At most {n} characters fit here.")).with("n", most),
            "bidi_control" => tr!("This holds hidden marks that turn the direction of text.").into(),
            _ => tr!("This holds characters that cannot be stored.").into(),
        };
        self.refuse(field, code, detail);
    }

    fn names(&mut self, customer: &mut Customer, input: &CustomerInput) {
        self.line(&mut customer.title, "title", input.title.as_deref(), CODE);
        self.line(&mut customer.first_name, "first_name", input.first_name.as_deref(), NAME);
        self.line(&mut customer.last_name, "last_name", input.last_name.as_deref(), NAME);
        self.line(&mut customer.company_name, "company_name", input.company_name.as_deref(), LINE);
        self.line(&mut customer.company_number, "company_number", input.company_number.as_deref(), CODE);
        self.line(&mut customer.account_code, "account_code", input.account_code.as_deref(), CODE);
        self.language(customer, input);
        if let Some(flag) = input.note_flag {
            customer.note_flag = flag;
        }
    }

    /// Checked by the country of its prefix, else of the primary address (S3-48).
    fn vat_number(&mut self, customer: &mut Customer, input: &CustomerInput) {
        if input.vat_number.is_none() {
            return;
        }
        let mut typed = String::new();
        self.line(&mut typed, "vat_number", input.vat_number.as_deref(), CODE);
        let country = customer.primary_address().map_or("", |address| &address.country);
        match clean_vat_number(&typed, country) {
            Some(number) => customer.vat_number = number,
            None => self.refuse("vat_number", "vat_number_invalid", tr!("This is not a VAT number.")),
        }
    }

    fn language(&mut self, customer: &mut Customer, input: &CustomerInput) {
        let Some(text) = input.language.as_deref() else { return };
        let code = text.trim().split(['-', '_']).next().unwrap_or_default().to_lowercase();
        let is_code = isolang::Language::from_639_1(&code).is_some();
        if text.trim().is_empty() {
            customer.language.clear();
        } else if is_code && text.trim().len() <= 5 {
            customer.language = code;
        } else {
            self.refuse("language", "unknown_language", tr!("Use a language code such as en or nl."));
        }
    }
}
