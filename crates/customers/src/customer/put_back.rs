//! Putting back a field or a whole earlier state (R19). What is put back is written as an input and saved by the rules of
//! every save, so nothing comes back that could not be typed today: no sign-in that somebody else has, no group that may
//! not be assigned, no parent that would make a circle.

use std::collections::{BTreeMap, BTreeSet};

use platform::clock::rfc3339;
use platform::db::Tx;
use platform::error::{AppError, AppResult, FieldError, FieldErrors, Reason};
use platform::sea_orm::ConnectionTrait;
use platform::tr;
use uuid::Uuid;

use super::apply::Resolved;
use super::field_rights::of_path;
use super::flatten::{Flat, flatten};
use super::input::{AddressInput, CustomerInput, EmailInput, PhoneInput};
use super::model::Customer;
use super::moment::Past;
use super::parts::{differing, is_named, take_over};
use super::save::{self, Writer};
use super::store;
use super::unflatten::{row_ids, unflatten};
use crate::directory::Directory;

/// What is never put back: it has actions of its own.
const FIXED: [&str; 6] = ["number", "deleted", "login_email", "password", "merged_into", "alias"];

/// Whether a part has actions of its own and is never put back.
pub fn is_fixed(part: &str) -> bool {
    FIXED.contains(&part.split('.').next().unwrap_or(part))
}

/// The action under which it stands in the history.
pub const ACTION: &str = "put_back";

/// One part of the record that was different then.
#[derive(Clone, Debug)]
pub struct Line {
    /// `title`, `email.<id>`, `group.<id>`.
    pub part: String,
    /// Why it stays as it is.
    pub refused: Option<FieldError>,
}

/// What putting back would change.
#[derive(Clone, Debug)]
pub struct Plan {
    pub lines: Vec<Line>,
}

impl Plan {
    /// The parts that can be put back.
    pub fn possible(&self) -> Vec<String> {
        self.lines.iter().filter(|line| line.refused.is_none()).map(|line| line.part.clone()).collect()
    }
}

/// The sides of a plan.
pub struct Sides<'a> {
    pub directory: &'a Directory,
    pub writer: &'a Writer,
    pub now: &'a Customer,
    pub past: &'a Past,
}

impl Sides<'_> {
    /// What would change, part by part, and what the rules refuse. `names` narrows to some fields; empty means all.
    ///
    /// # Errors
    /// `Conflict` for a record that takes no change.
    pub async fn plan(&self, db: &impl ConnectionTrait, names: &[String]) -> AppResult<Plan> {
        super::actions::ensure_editable(self.now)?;
        let parts: Vec<String> = differing(&flatten(self.now), &self.past.flat)
            .into_iter()
            .filter(|part| !self.writer.permissions.sight.fields.hides(of_path(part)))
            .filter(|part| names.is_empty() || names.iter().any(|name| is_named(part, name)))
            .collect();
        let (fixed, open): (Vec<String>, Vec<String>) = parts.into_iter().partition(|part| is_fixed(part));
        let mut refusals = self.refusals(db, &open).await?;
        let lines = open.into_iter().map(|part| Line { refused: refusals.remove(&part), part });
        let fixed = fixed.into_iter().map(|part| Line { refused: Some(stays(&part)), part });
        Ok(Plan { lines: lines.chain(fixed).collect() })
    }

    /// Tries all parts at once; where that is refused, the parts it is about are tried one by one.
    async fn refusals(&self, db: &impl ConnectionTrait, parts: &[String]) -> AppResult<BTreeMap<String, FieldError>> {
        let mut refusals = BTreeMap::new();
        let mut accepted = parts.to_vec();
        while let Err(errors) = self.try_out(db, &accepted).await? {
            let Some(first) = errors.0.first() else { break };
            let is_suspect = |part: &String| errors.0.iter().any(|error| is_about(&error.field, part));
            let (suspects, rest): (Vec<String>, Vec<String>) = accepted.into_iter().partition(is_suspect);
            let suspects_of = |rest: &[String]| if suspects.is_empty() { rest.to_vec() } else { suspects.clone() };
            let known = refusals.len();
            accepted = rest;
            for part in &suspects {
                accepted.push(part.clone());
                let Err(errors) = self.try_out(db, &accepted).await? else { continue };
                if let Some(error) = errors.0.into_iter().find(|error| is_about(&error.field, part)) {
                    accepted.pop();
                    refusals.insert(part.clone(), error);
                }
            }
            if refusals.len() == known {
                // Refused together, though none is refused alone.
                let together = suspects_of(&accepted);
                accepted.retain(|part| !together.contains(part));
                refusals.extend(together.into_iter().map(|part| (part, first.clone())));
            }
        }
        Ok(refusals)
    }

    async fn try_out(&self, db: &impl ConnectionTrait, parts: &[String]) -> AppResult<Result<(), FieldErrors>> {
        match self.after(db, parts).await {
            Ok(_) => Ok(Ok(())),
            Err(AppError::Invalid(errors)) => Ok(Err(errors)),
            Err(other) => Err(other),
        }
    }

    /// The record with these parts as they were.
    async fn after(&self, db: &impl ConnectionTrait, parts: &[String]) -> AppResult<Customer> {
        let input = self.input(parts);
        let former = ["email.", "phone.", "address."].into_iter().flat_map(|rows| row_ids(&self.past.flat, rows));
        let mut former: Vec<Uuid> = former.collect();
        // A merge that was undone gave them back to the customer they came from.
        let of_others = store::contact_rows_of_others(db, self.now.id, &former).await?;
        former.retain(|id| !of_others.contains(id));
        let resolved = Resolved { former_rows: former.into_iter().collect(), ..save::resolve(db, &input, None).await? };
        save::changed(db, self.directory, self.writer, self.now, &input, &resolved).await
    }

    /// Puts these fields back, all or none; empty means all that can be.
    ///
    /// # Errors
    /// `Invalid` beside each refused part; `Conflict` when nothing differs or the record takes no change.
    pub async fn carry_out(&self, tx: &Tx, names: &[String]) -> AppResult<Customer> {
        let plan = self.plan(tx, names).await?;
        let is_asked = |line: &Line| !names.is_empty() || !is_fixed(&line.part);
        let refused: Vec<FieldError> = plan.lines.iter().filter(|line| is_asked(line)).filter_map(refusal).collect();
        if !refused.is_empty() {
            return Err(FieldErrors(refused).into());
        }
        let after = self.after(tx, &plan.possible()).await?;
        if flatten(&after) == flatten(self.now) {
            let detail = tr!("Nothing is different from that moment.");
            return Err(AppError::Conflict(Reason::new("nothing_to_put_back", detail)));
        }
        save::write(tx, self.writer, self.now, after, ACTION, rfc3339(self.past.since).as_str()).await
    }

    fn input(&self, parts: &[String]) -> CustomerInput {
        let now = flatten(self.now);
        let mut flat = now.clone();
        for part in parts {
            take_over(&mut flat, &self.past.flat, part);
        }
        for row in ["email.", "phone.", "address."] {
            one_mark(&mut flat, &self.past.flat, parts, row, "primary");
        }
        for mark in ["billing", "delivery"] {
            one_mark(&mut flat, &self.past.flat, parts, "address.", mark);
        }
        let target = unflatten(&flat, self.now, self.directory);
        let is_given = |prefix: &str| parts.iter().any(|part| part.starts_with(prefix));
        let mut input = CustomerInput {
            emails: is_given("email.").then(|| target.emails.iter().map(EmailInput::from).collect()),
            phones: is_given("phone.").then(|| target.phones.iter().map(PhoneInput::from).collect()),
            addresses: is_given("address.").then(|| target.addresses.iter().map(AddressInput::from).collect()),
            channels: is_given("channel.").then(|| target.channels.iter().map(Uuid::to_string).collect()),
            tags: is_given("tag.").then(|| target.tags.iter().map(Uuid::to_string).collect()),
            ..CustomerInput::default()
        };
        if is_given("group.") {
            input.groups = Some(target.groups.iter().map(|group| group.group_id.to_string()).collect());
            input.primary_group = primary_group(&self.past.flat, &target, parts);
        }
        let has = |field: &str| parts.iter().any(|part| part == field);
        input.active = has("active").then_some(target.active);
        input.note_flag = has("note_flag").then_some(target.note_flag);
        let names_company = has("company") || has("company_name");
        for field in [
            "title", "first_name", "last_name", "company_number", "vat_number", "account_code", "language", "status",
            "customer_type", "source", "property_type", "assignee", "owner", "home_channel", "company", "company_name",
            "company_role",
        ] {
            if has(field) || (names_company && matches!(field, "company" | "company_name" | "company_role")) {
                input.set_text(field, flat.get(field).cloned().unwrap_or_default());
            }
        }
        input
    }
}

fn refusal(line: &Line) -> Option<FieldError> {
    line.refused.clone().map(|error| FieldError { field: line.part.clone(), ..error })
}

fn stays(part: &str) -> FieldError {
    FieldError {
        field: part.to_owned(),
        code: "not_put_back",
        detail: tr!("This is not put back: it has an action of its own.").into(),
    }
}

/// Is a refusal of an input's field about this part?
fn is_about(field: &str, part: &str) -> bool {
    let first = field.split('.').next().unwrap_or_default();
    match first {
        "email" | "emails" => part.starts_with("email.") || part == "status",
        "phone" | "phone2" | "phones" => part.starts_with("phone."),
        "addresses" | "address1" | "address2" | "town" | "county" | "postcode" | "country" => {
            part.starts_with("address.")
        }
        "groups" | "primary_group" => part.starts_with("group."),
        "channels" => part.starts_with("channel."),
        "tags" => part.starts_with("tag."),
        "company" | "company_name" | "company_role" => matches!(part, "company" | "company_name" | "company_role"),
        "name" => matches!(part, "first_name" | "last_name" | "company_name"),
        _ => first == part,
    }
}

/// A mark that only one row can have: a row put back with it takes it from the others; one that gives it up leaves it to
/// the row that had it then.
fn one_mark(flat: &mut Flat, then: &Flat, parts: &[String], rows: &str, mark: &str) {
    let marked = |flat: &Flat| -> Vec<Uuid> {
        row_ids(flat, rows).filter(|id| flat.contains_key(&format!("{rows}{id}.{mark}"))).collect()
    };
    let own: BTreeSet<&str> = parts.iter().map(String::as_str).collect();
    let before = marked(then);
    let now = marked(flat);
    let put_back = now.iter().find(|id| before.contains(id) && own.contains(format!("{rows}{id}").as_str()));
    let keeps = put_back.or(now.first()).or(before.first()).copied();
    for id in now {
        flat.remove(&format!("{rows}{id}.{mark}"));
    }
    if let Some(id) = keeps.filter(|id| row_ids(flat, rows).any(|row| row == *id)) {
        flat.insert(format!("{rows}{id}.{mark}"), "yes".to_owned());
    }
}

fn primary_group(then: &Flat, target: &Customer, parts: &[String]) -> Option<String> {
    let was = then.iter().find(|(field, value)| field.starts_with("group.") && *value == "primary");
    let was = was.and_then(|(field, _)| field.strip_prefix("group.").map(str::to_owned));
    let is_member = |id: &String| target.groups.iter().any(|group| group.group_id.to_string() == *id);
    was.filter(is_member).filter(|id| parts.contains(&format!("group.{id}")))
}
