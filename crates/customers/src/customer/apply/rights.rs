//! What a role may not change is refused here, before anything else is looked at: the one place for forms, the API,
//! imports and putting back. What comes back exactly as the person saw it (blank where it is hidden, dots where it is
//! masked) is no change, so a program may send a record back whole.

use std::borrow::Cow;
use std::collections::BTreeSet;

use platform::auth::FieldRights;
use platform::error::FieldErrors;
use uuid::Uuid;

use super::Resolved;
use crate::customer::conflict::text_values;
use crate::customer::field_rights::{of_address_part, of_input};
use crate::customer::flatten::flatten;
use crate::customer::input::{AddressInput, CustomerInput, EmailInput, PhoneInput};
use crate::customer::model::Customer;
use crate::customer::visible::visible;

const ADDRESS_FIELDS: [&str; 5] = ["address", "town", "county", "postcode", "country"];

/// The input without what the person may not change.
///
/// # Errors
/// `field_hidden` or `field_read_only` for each field that was to be changed all the same.
pub(super) fn guard<'a>(
    input: &'a CustomerInput,
    before: Option<&Customer>,
    rights: &FieldRights,
) -> Result<Cow<'a, CustomerInput>, FieldErrors> {
    if rights.is_unlimited() {
        return Ok(Cow::Borrowed(input));
    }
    let seen = before.map(|before| visible(before, rights).into_owned());
    let mut guarding = Guarding { rights, before, seen: seen.as_ref(), errors: FieldErrors::default() };
    let mut input = input.clone();
    guarding.texts(&mut input);
    guarding.flags(&mut input);
    guarding.lists(&mut input);
    guarding.addresses(&mut input);
    guarding.errors.into_result().map(|()| Cow::Owned(input))
}

/// What an input names that these rights do not let anybody write, whatever is stored.
pub fn unwritable(input: &CustomerInput, rights: &FieldRights) -> FieldErrors {
    guard(input, None, rights).err().unwrap_or_default()
}

/// Company and parent were looked up before; where they may not be changed they were not asked for.
pub(super) fn guard_resolved<'a>(resolved: &'a Resolved, rights: &FieldRights) -> Cow<'a, Resolved> {
    if rights.edits("company_name") && rights.edits("owner") {
        return Cow::Borrowed(resolved);
    }
    let mut resolved = resolved.clone();
    resolved.company = resolved.company.filter(|_| rights.edits("company_name"));
    resolved.owner = resolved.owner.filter(|_| rights.edits("owner"));
    Cow::Owned(resolved)
}

struct Guarding<'a> {
    rights: &'a FieldRights,
    before: Option<&'a Customer>,
    seen: Option<&'a Customer>,
    errors: FieldErrors,
}

impl Guarding<'_> {
    fn refuse(&mut self, name: &str, field: &str) {
        if let Some((code, detail)) = self.rights.refusal(field) {
            self.errors.add(name, code, detail);
        }
    }

    fn texts(&mut self, input: &mut CustomerInput) {
        let seen = self.seen.map(|seen| text_values(&flatten(seen))).unwrap_or_default();
        let typed: Vec<(&'static str, String)> =
            input.texts().into_iter().map(|(name, text)| (name, text.trim().to_owned())).collect();
        if input.owner.as_deref().is_some_and(|text| text.contains('@')) && self.rights.hides("email") {
            // Whether somebody has this address is what the person may not know.
            let (code, detail) = self.rights.refusal("email").unwrap_or_default();
            self.errors.add("owner", code, detail);
        }
        for (name, text) in typed.into_iter().filter(|(name, _)| !self.rights.edits(of_input(name))) {
            if seen.get(name).map_or(text.is_empty(), |known| *known == text) {
                input.forget(name);
            } else {
                self.refuse(name, of_input(name));
            }
        }
    }

    fn flags(&mut self, input: &mut CustomerInput) {
        let flags = [
            ("active", &mut input.active, self.seen.map(|seen| seen.active)),
            ("note_flag", &mut input.note_flag, self.seen.map(|seen| seen.note_flag)),
        ];
        for (name, given, seen) in flags {
            if self.rights.edits(name) || given.is_none() {
                continue;
            }
            // A new customer is active, and its notes ask for nothing.
            if *given == Some(seen.unwrap_or(name == "active")) {
                *given = None;
            } else {
                self.refuse(name, name);
            }
        }
    }

    fn lists(&mut self, input: &mut CustomerInput) {
        let emails = |seen: &Customer| seen.emails.iter().map(EmailInput::from).collect::<Vec<_>>();
        let phones = |seen: &Customer| seen.phones.iter().map(PhoneInput::from).collect::<Vec<_>>();
        let groups = |seen: &Customer| seen.groups.iter().map(|group| group.group_id).collect::<BTreeSet<_>>();
        let tags = |seen: &Customer| seen.tags.iter().copied().collect::<BTreeSet<_>>();
        let channels = |seen: &Customer| seen.channels.iter().copied().collect::<BTreeSet<_>>();
        let same = [
            ("emails", input.emails.as_ref().map(|given| *given == self.seen.map(emails).unwrap_or_default())),
            ("phones", input.phones.as_ref().map(|given| *given == self.seen.map(phones).unwrap_or_default())),
            ("groups", input.groups.as_ref().map(|given| is_set(given, self.seen.map(groups).unwrap_or_default()))),
            (
                "channels",
                input.channels.as_ref().map(|given| is_set(given, self.seen.map(channels).unwrap_or_default())),
            ),
            ("tags", input.tags.as_ref().map(|given| is_set(given, self.seen.map(tags).unwrap_or_default()))),
        ];
        for (name, is_same) in same {
            match is_same {
                Some(is_same) if !self.rights.edits(of_input(name)) => {
                    if is_same {
                        input.forget_list(name)
                    } else {
                        self.refuse(name, of_input(name))
                    }
                }
                _ => {}
            }
        }
    }

    /// Parts of an address are fields of their own: those that may not be changed keep what is stored.
    fn addresses(&mut self, input: &mut CustomerInput) {
        let fixed: Vec<&str> = ADDRESS_FIELDS.into_iter().filter(|field| !self.rights.edits(field)).collect();
        let (Some(rows), Some(first)) = (&mut input.addresses, fixed.first()) else { return };
        let stored: Vec<AddressInput> =
            self.before.map(|before| before.addresses.iter().map(AddressInput::from).collect()).unwrap_or_default();
        let seen: Vec<AddressInput> =
            self.seen.map(|seen| seen.addresses.iter().map(AddressInput::from).collect()).unwrap_or_default();
        let is_kept = |row: &AddressInput| rows.iter().any(|given| given.id == row.id);
        if !stored.iter().all(is_kept) {
            // To remove a row is to change all of its parts.
            return self.refuse("addresses", first);
        }
        let mut refused = Vec::new();
        for row in rows.iter_mut() {
            let kept = stored.iter().find(|known| known.id == row.id && row.id.is_some());
            let shown = seen.iter().find(|known| known.id == row.id && row.id.is_some());
            keep_parts(row, kept, shown, self.rights, &mut refused);
        }
        for field in refused {
            self.refuse("addresses", field);
        }
    }
}

fn keep_parts(
    row: &mut AddressInput,
    stored: Option<&AddressInput>,
    seen: Option<&AddressInput>,
    rights: &FieldRights,
    refused: &mut Vec<&'static str>,
) {
    let empty = AddressInput::default();
    let (stored, seen) = (stored.unwrap_or(&empty), seen.unwrap_or(&empty));
    for (part, given, kept, shown) in [
        ("label", &mut row.label, &stored.label, &seen.label),
        ("line1", &mut row.line1, &stored.line1, &seen.line1),
        ("line2", &mut row.line2, &stored.line2, &seen.line2),
        ("town", &mut row.town, &stored.town, &seen.town),
        ("county", &mut row.county, &stored.county, &seen.county),
        ("postcode", &mut row.postcode, &stored.postcode, &seen.postcode),
        ("country", &mut row.country, &stored.country, &seen.country),
    ] {
        let field = of_address_part(part);
        if rights.edits(field) {
            continue;
        }
        if given.trim() == shown {
            given.clone_from(kept);
        } else {
            refused.extend(ADDRESS_FIELDS.into_iter().filter(|known| *known == field));
        }
    }
}

fn is_set(given: &[String], known: BTreeSet<Uuid>) -> bool {
    let ids: Option<BTreeSet<Uuid>> =
        given.iter().filter(|text| !text.trim().is_empty()).map(|text| text.trim().parse().ok()).collect();
    ids == Some(known)
}
