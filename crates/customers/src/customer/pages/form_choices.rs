//! The drop-downs of the form and which of its parts are shown.

use platform::auth::Permission;
use platform::http::PageContext;
use platform::ui::{Choice, choices};
use uuid::Uuid;

use super::addresses::countries;
use super::asked::Asked;
use super::edit_view::{FormChoices, Parts, Values};
use super::list_filters::LANGUAGES;
use crate::choice::ChoiceRow;
use crate::customer::model::{Customer, CustomerType, Status};
use crate::customer::profile::Profile;
use crate::directory::Directory;

/// What the form offers: retired entries, closed channels and groups that may not be assigned only where the record has
/// them already. `typed` answers what a list held in a form that was refused.
pub(super) fn form_choices(
    customer: &Customer,
    values: &Values,
    typed: impl Fn(&str) -> Option<Vec<String>>,
    directory: &Directory,
    context: &PageContext,
) -> FormChoices {
    let groups =
        typed("groups").unwrap_or_else(|| customer.groups.iter().map(|group| group.group_id.to_string()).collect());
    let channels = typed("channels").unwrap_or_else(|| customer.channels.iter().map(Uuid::to_string).collect());
    let tags = typed("tags").unwrap_or_else(|| customer.tags.iter().map(Uuid::to_string).collect());
    let offered_tags =
        directory.tags.iter().filter(|row| row.retired_at.is_none() || tags.contains(&row.id.to_string()));
    let offered_groups =
        directory.groups.iter().filter(|group| group.assignable || groups.contains(&group.id.to_string()));
    let reach = context.caller().ok().map(|caller| &caller.sight().reach);
    let is_own = |id: Uuid| reach.is_none_or(|reach| reach.holds([id]));
    let is_open = |row: &&crate::channel::ChannelRow| {
        (row.active && is_own(row.id))
            || customer.home_channel_id == Some(row.id)
            || channels.contains(&row.id.to_string())
    };
    let open: Vec<_> = directory.channels.iter().filter(is_open).collect();
    let staff = directory.staff.iter().map(|(id, name, _)| (id.to_string(), name.clone()));
    let shown = |field: &str, default: &'static str| match values.of(field) {
        "" => default.to_owned(),
        value => value.to_owned(),
    };
    FormChoices {
        countries: countries(values.of("country"), context.shell.lang()),
        languages: languages(values.of("language")),
        statuses: statuses(customer, &shown("status", customer.status.key())),
        types: choices(
            CustomerType::ALL.iter().map(|kind| (kind.key(), kind.label())),
            &shown("customer_type", customer.customer_type.key()),
        ),
        sources: entries(&directory.sources, values.of("source")),
        property_types: entries(&directory.property_types, values.of("property_type")),
        assignees: choices(staff, values.of("assignee")),
        home_channels: choices(
            open.iter().map(|row| (row.id.to_string(), row.name.clone())),
            values.of("home_channel"),
        ),
        channels: ticked(open.iter().map(|row| (row.id, row.name.as_str())), &channels),
        tags: ticked(offered_tags.map(|row| (row.id, row.name.as_str())), &tags),
        groups: ticked(offered_groups.map(|row| (row.id, row.name.as_str())), &groups),
    }
}

fn ticked<'a>(rows: impl Iterator<Item = (Uuid, &'a str)>, chosen: &[String]) -> Vec<Choice> {
    rows.map(|(id, name)| Choice::new(id.to_string(), name, chosen.contains(&id.to_string()))).collect()
}

fn entries(rows: &[ChoiceRow], chosen: &str) -> Vec<Choice> {
    let offered = rows.iter().filter(|row| row.retired_at.is_none() || row.id.to_string() == chosen);
    choices(offered.map(|row| (row.id.to_string(), row.name.clone())), chosen)
}

fn languages(chosen: &str) -> Vec<Choice> {
    let mut offered = choices(LANGUAGES, chosen);
    if !chosen.is_empty() && offered.iter().all(|choice| !choice.selected) {
        offered.push(Choice::new(chosen, chosen, true));
    }
    offered
}

/// A new record may get any status that staff may give; a stored one only where the catalogue lets it go.
fn statuses(customer: &Customer, chosen: &str) -> Vec<Choice> {
    let is_new = customer.id.is_nil();
    let is_offered = |status: Status| {
        if is_new { status != Status::PendingApproval } else { customer.status.can_become(status) }
    };
    let offered = Status::ALL.iter().copied().filter(|status| is_offered(*status));
    choices(offered.map(|status| (status.key(), status.label())), chosen)
}

/// Which parts a way of entry shows: what it is for, and what it asks for. Changing shows all.
pub(super) fn parts_of(profile: Option<Profile>, asked: Option<&Asked>, context: &PageContext) -> Parts {
    let is_limited = context.caller().is_ok_and(|caller| caller.sight().reach.is_limited());
    let is_full = matches!(profile, None | Some(Profile::Full | Profile::Import));
    let is_register = profile == Some(Profile::Register);
    Parts {
        title: is_full || is_register,
        company_details: is_full,
        phones: is_full || is_register || asked.is_some_and(Asked::asks_for_phone),
        address: is_full || is_register || asked.is_some_and(Asked::asks_for_address),
        // Whoever sees some channels has to name one of theirs, unless it is the only one.
        home_channel: is_full || is_limited,
        classification: is_full,
        groups: is_full && context.may(Permission::GroupAssign),
        password: is_register || (is_full && context.may(Permission::CustomerPasswordSet)),
        note_flag: profile.is_none(),
    }
}
