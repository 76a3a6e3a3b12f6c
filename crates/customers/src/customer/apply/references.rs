//! What a record names: lists, staff, company, parent account, groups and channels (R8, R25, R26).

use platform::auth::Permission;
use platform::i18n::Message;
use platform::tr;
use uuid::Uuid;

use super::{Applying, Resolved};
use crate::customer::input::CustomerInput;
use crate::customer::model::{CompanyRole, Customer, Membership};

impl Applying<'_> {
    pub(super) fn references(
        &mut self,
        customer: &mut Customer,
        before: Option<&Customer>,
        input: &CustomerInput,
        resolved: &Resolved,
    ) {
        let directory = self.rules.directory;
        if let Some(text) = input.source.as_deref() {
            let found = directory.source(text).map(|row| (row.id, row.retired_at.is_some()));
            let old = before.and_then(|before| before.source_id);
            customer.source_id = self.choice("source", text, found, old);
        }
        if let Some(text) = input.property_type.as_deref() {
            let found = directory.property_type(text).map(|row| (row.id, row.retired_at.is_some()));
            let old = before.and_then(|before| before.property_type_id);
            customer.property_type_id = self.choice("property_type", text, found, old);
        }
        if let Some(text) = input.assignee.as_deref() {
            customer.assignee_id = directory.staff_member(text);
            if customer.assignee_id.is_none() && !text.trim().is_empty() {
                self.refuse("assignee", "unknown_staff", tr!("Nobody here has this address."));
            }
        }
        match &resolved.company {
            Some(Some((id, name))) => {
                customer.company_id = Some(*id);
                if customer.company_name.is_empty() || input.company_name.is_none() {
                    customer.company_name.clone_from(name);
                }
            }
            Some(None) if input.company.as_deref().is_some_and(|text| !text.trim().is_empty()) => {
                self.refuse("company", "unknown_company", tr!("There is no company of this name."));
            }
            Some(None) => customer.company_id = None,
            None => {}
        }
        self.company_role(customer, input);
        match resolved.owner {
            Some(Some(id)) if id == customer.id => {
                self.refuse("owner", "owner_self", tr!("A customer cannot be their own parent account."));
            }
            Some(Some(id)) => customer.owner_id = Some(id),
            Some(None) if input.owner.as_deref().is_some_and(|text| !text.trim().is_empty()) => {
                self.refuse("owner", "owner_unknown", tr!("No customer has this number or address."));
            }
            Some(None) => customer.owner_id = None,
            None => {}
        }
    }

    /// A role is one in a company; whoever leaves it has none.
    fn company_role(&mut self, customer: &mut Customer, input: &CustomerInput) {
        match input.company_role.as_deref().map(str::trim) {
            Some("") => customer.company_role = None,
            Some(key) => match CompanyRole::from_key(key) {
                Some(_) if customer.company_id.is_none() => {
                    self.refuse("company_role", "no_company", tr!("Only a member of a company has a role in it."));
                }
                Some(role) => customer.company_role = Some(role),
                None => self.refuse("company_role", "unknown_role", tr!("Choose a role from the list.")),
            },
            None => {}
        }
        customer.company_role = customer.company_role.filter(|_| customer.company_id.is_some());
    }

    fn choice(&mut self, field: &str, text: &str, found: Option<(Uuid, bool)>, old: Option<Uuid>) -> Option<Uuid> {
        if text.trim().is_empty() {
            return None;
        }
        match found {
            Some((id, retired)) if !retired || old == Some(id) => Some(id),
            Some(_) => {
                self.refuse(field, "choice_retired", tr!("This choice is no longer offered."));
                old
            }
            None => {
                self.refuse(field, "unknown_choice", tr!("Choose an entry of the list."));
                old
            }
        }
    }

    /// Replaces the tags; a retired one stays where it is and is not given any more.
    pub(super) fn tags(&mut self, customer: &mut Customer, input: &CustomerInput) {
        let Some(list) = &input.tags else { return };
        let mut tags = Vec::new();
        for text in list.iter().filter(|text| !text.trim().is_empty()) {
            match self.rules.directory.tag(text) {
                Some(row) if row.retired_at.is_some() && !customer.tags.contains(&row.id) => {
                    self.refuse("tags", "choice_retired", tr!("This choice is no longer offered."));
                }
                Some(row) => tags.push(row.id),
                None => self.refuse("tags", "unknown_tag", tr!("There is no tag of this name.")),
            }
        }
        tags.sort();
        tags.dedup();
        customer.tags = tags;
    }

    pub(super) fn groups_and_channels(&mut self, customer: &mut Customer, input: &CustomerInput) {
        let directory = self.rules.directory;
        if let Some(text) = input.home_channel.as_deref() {
            let found = directory.channel(text);
            match found {
                Some(row) if row.active || customer.home_channel_id == Some(row.id) => {
                    customer.home_channel_id = Some(row.id);
                }
                Some(_) => self.refuse("home_channel", "channel_inactive", tr!("This channel is closed.")),
                None if text.trim().is_empty() => customer.home_channel_id = None,
                None => self.refuse("home_channel", "unknown_channel", tr!("There is no channel of this name.")),
            }
        }
        if let Some(list) = &input.channels {
            let mut channels = Vec::new();
            for text in list.iter().filter(|text| !text.trim().is_empty()) {
                match directory.channel(text) {
                    Some(row) if !channels.contains(&row.id) => channels.push(row.id),
                    Some(_) => {}
                    None => self.refuse("channels", "unknown_channel", tr!("There is no channel of this name.")),
                }
            }
            customer.channels = channels;
        }
        customer.channels.retain(|channel| Some(*channel) != customer.home_channel_id);
        customer.channels.sort();
        if let Some(list) = &input.groups {
            self.group_list(customer, list);
        }
        if let Some(text) = input.primary_group.as_deref().filter(|text| !text.trim().is_empty()) {
            let id = directory.group(text).map(|row| row.id);
            match id {
                Some(id) if customer.primary_group() == Some(id) => {}
                Some(id) if customer.groups.iter().any(|group| group.group_id == id) => {
                    // The primary group wins where groups differ: whoever chooses it needs the same right.
                    if !self.need(Permission::GroupAssign, "primary_group") {
                        return;
                    }
                    customer.groups.iter_mut().for_each(|group| group.is_primary = group.group_id == id);
                }
                _ => self.refuse("primary_group", "not_a_member", tr!("The primary group must be one of the groups.")),
            }
        }
    }

    /// Replaces the memberships; whoever adds or removes one needs the right, and only assignable
    /// groups can be added (R8).
    fn group_list(&mut self, customer: &mut Customer, list: &[String]) {
        let mut wanted: Vec<Uuid> = Vec::new();
        for text in list.iter().filter(|text| !text.trim().is_empty()) {
            let Some(group) = self.rules.directory.group(text) else {
                self.refuse("groups", "unknown_group", tr!("There is no group of this name."));
                continue;
            };
            let is_member = customer.groups.iter().any(|member| member.group_id == group.id);
            if !group.assignable && !is_member {
                let detail = Message::new(tr!("Nobody may be put into the group {name}.")).with("name", &group.name);
                self.refuse("groups", "group_not_assignable", detail);
            }
            if !wanted.contains(&group.id) {
                wanted.push(group.id);
            }
        }
        let primary = customer.primary_group();
        let same = wanted.len() == customer.groups.len()
            && customer.groups.iter().all(|member| wanted.contains(&member.group_id));
        if same || !self.need(Permission::GroupAssign, "groups") {
            return;
        }
        wanted.sort();
        customer.groups =
            wanted.into_iter().map(|id| Membership { group_id: id, is_primary: Some(id) == primary }).collect();
    }
}
