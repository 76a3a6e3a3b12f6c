//! What an action does to one customer: the one function behind the dry run, the report and the run itself.

use platform::auth::PermissionSet;
use platform::clock::Micros;
use platform::db::SqlExt;
use platform::error::{AppError, AppResult, Reason};
use platform::registry::Registry;
use platform::tr;

use super::{Action, ActionKind};
use crate::customer::apply::{Resolved, Rules, apply};
use crate::customer::flatten::flatten;
use crate::customer::profile::Profile;
use crate::customer::{Customer, CustomerInput, actions, reach};
use crate::directory::Directory;

/// What the rules need to know.
pub(super) struct Ground<'a> {
    pub registry: &'a Registry,
    pub directory: &'a Directory,
    pub permissions: &'a PermissionSet,
    pub now: Micros,
}

/// What an action would make of a customer.
pub(super) enum Effect {
    Change(Box<Customer>),
    Same,
    Refused(Reason),
}

/// The record as the action would leave it, by the same rules as a form's save.
pub(super) async fn effect(
    db: &impl SqlExt,
    ground: &Ground<'_>,
    action: &Action,
    customer: &Customer,
) -> AppResult<Effect> {
    match changed(db, ground, action, customer).await {
        Ok(after) if flatten(&after) == flatten(customer) => Ok(Effect::Same),
        Ok(after) => Ok(Effect::Change(Box::new(after))),
        Err(error) => refusal(error).map(Effect::Refused),
    }
}

/// The reason in a refusal; anything that broke goes on as it is.
pub(super) fn refusal(error: AppError) -> AppResult<Reason> {
    match error {
        AppError::Conflict(reason) | AppError::Forbidden(reason) => Ok(reason),
        AppError::Invalid(errors) => {
            let first = errors.0.into_iter().next().ok_or_else(|| AppError::broken("an empty refusal"))?;
            Ok(Reason::new(first.code, first.detail))
        }
        AppError::Merged { .. } => Ok(Reason::new("customer_merged", tr!("This customer became part of another one."))),
        AppError::NotFound => Ok(Reason::new("customer_deleted", tr!("This customer is deleted."))),
        other => Err(other),
    }
}

/// Why nothing is done to a customer whom the person does not see (R26).
pub(super) fn beyond_reach() -> Reason {
    Reason::new("customer_out_of_reach", tr!("This customer belongs to a channel that you do not see."))
}

async fn changed(db: &impl SqlExt, ground: &Ground<'_>, action: &Action, customer: &Customer) -> AppResult<Customer> {
    actions::ensure_editable(customer)?;
    if !reach::holds(&ground.permissions.sight.reach, customer) {
        return Err(AppError::Forbidden(beyond_reach()));
    }
    match action.kind {
        ActionKind::Activate => actions::with_activity(customer, true, &ground.permissions.sight.fields),
        ActionKind::Deactivate => actions::with_activity(customer, false, &ground.permissions.sight.fields),
        ActionKind::Delete => {
            actions::in_bin(db, ground.registry, customer, ground.now, &ground.permissions.sight).await
        }
        _ => {
            let rules = Rules {
                directory: ground.directory,
                permissions: ground.permissions,
                now: ground.now,
                profile: Profile::Full,
            };
            let mut after = customer.clone();
            apply(&mut after, Some(customer), &input(action, customer), &Resolved::default(), rules)?;
            Ok(after)
        }
    }
}

fn input(action: &Action, customer: &Customer) -> CustomerInput {
    let value = Some(action.value.clone());
    let mut input = CustomerInput::default();
    let groups = || customer.groups.iter().map(|group| group.group_id.to_string());
    let tags = || customer.tags.iter().map(uuid::Uuid::to_string);
    match action.kind {
        ActionKind::AddGroup => {
            let others = groups().filter(|group| *group != action.value);
            input.groups = Some(others.chain([action.value.clone()]).collect());
        }
        ActionKind::RemoveGroup => input.groups = Some(groups().filter(|group| *group != action.value).collect()),
        ActionKind::AddTag => {
            let others = tags().filter(|tag| *tag != action.value);
            input.tags = Some(others.chain([action.value.clone()]).collect());
        }
        ActionKind::RemoveTag => input.tags = Some(tags().filter(|tag| *tag != action.value).collect()),
        ActionKind::Assign => input.assignee = value,
        ActionKind::SetSource => input.source = value,
        ActionKind::SetChannel => input.home_channel = value,
        ActionKind::SetLanguage => input.language = value,
        ActionKind::Activate | ActionKind::Deactivate | ActionKind::Delete => {}
    }
    input
}
