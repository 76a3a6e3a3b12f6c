//! The customer's own fields in a merge: whose value is taken, by which policy, and what becomes an alias
//! (table of merge rules, R21).

use std::collections::BTreeMap;

use customers::customer::model::{Alias, AliasKind, Customer, CustomerType, Origin, Status};
use platform::auth::Permission;
use platform::clock::Micros;
use platform::contact::fold;
use platform::error::FieldErrors;
use platform::i18n::Message;
use platform::ids::new_id;
use platform::tr;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use super::values::{put, value};

/// Whose value of a field is taken where nobody picks one by hand. Empty values never win.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// The survivor's; an empty one is filled from the others in their order.
    #[default]
    Survivor,
    /// Of the record changed last.
    Newest,
    /// The longest text.
    MostComplete,
    /// What allows least: inactive before active, retail before trade; else the survivor's.
    MostRestrictive,
    /// Of the most trusted origin: by hand, point of sale, website, API, synchronised, import.
    Source,
}

impl Policy {
    pub const ALL: &[Policy] = &[Self::Survivor, Self::Newest, Self::MostComplete, Self::MostRestrictive, Self::Source];

    /// The stable key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Survivor => "survivor",
            Self::Newest => "newest",
            Self::MostComplete => "most_complete",
            Self::MostRestrictive => "most_restrictive",
            Self::Source => "source",
        }
    }

    /// The policy of a key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|policy| policy.key() == key)
    }

    /// English label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Survivor => tr!("The surviving record's"),
            Self::Newest => tr!("Of the record changed last"),
            Self::MostComplete => tr!("The most complete"),
            Self::MostRestrictive => tr!("The most restrictive"),
            Self::Source => tr!("Of the most trusted origin"),
        }
    }
}

/// A field of which one value survives.
pub struct Field {
    /// Its name in the history, the API and forms.
    pub key: &'static str,
    /// Whether an empty value of the survivor is filled from the others.
    fills: bool,
    /// Asked of whoever gives the survivor another record's value: what gives rights or prices is never gained silently.
    pub permission: Option<Permission>,
}

const fn field(key: &'static str) -> Field {
    Field { key, fills: true, permission: None }
}

/// The fields, in the order of the customer page. Status follows its own rule.
pub const FIELDS: &[Field] = &[
    field("title"),
    field("first_name"),
    field("last_name"),
    field("company_name"),
    field("company_number"),
    field("vat_number"),
    field("account_code"),
    field("language"),
    field("company"),
    field("source"),
    field("property_type"),
    field("assignee"),
    field("home_channel"),
    Field { key: "owner", fills: false, permission: None },
    Field { key: "customer_type", fills: false, permission: Some(Permission::CustomerTypeApprove) },
    Field { key: "active", fills: false, permission: Some(Permission::CustomerDeactivate) },
];

/// Whether an empty value of the survivor is filled from the others: what gives rights or makes a hierarchy is not.
pub fn fills(path: &str) -> bool {
    FIELDS.iter().any(|field| field.key == path && field.fills) || matches!(path, "company_role" | "note_flag")
}

/// What somebody asked for: a policy for all fields, for single ones, and values picked by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Choices {
    /// For every field without a policy of its own.
    pub policy: Policy,
    /// Field name and policy.
    pub policies: BTreeMap<String, Policy>,
    /// Field name and the id of the record whose value is taken, an empty one too.
    pub fields: BTreeMap<String, Uuid>,
}

impl Choices {
    /// Refuses fields that there are not and records that take no part.
    pub fn check(&self, order: &[Uuid], errors: &mut FieldErrors) {
        let names = self.policies.keys().chain(self.fields.keys());
        for name in names.filter(|name| !FIELDS.iter().any(|field| field.key == name.as_str())) {
            let text = Message::new(tr!("There is no field {field} to choose.")).with("field", name);
            errors.add(format!("fields.{name}"), "unknown_field", text);
        }
        for (name, _) in self.fields.iter().filter(|(_, id)| !order.contains(id)) {
            errors.add(format!("fields.{name}"), "not_in_merge", tr!("This customer is not part of the merge."));
        }
    }

    /// Which record gives a field: an index into the records, the survivor being the first.
    fn source(&self, field: &Field, records: &[Customer]) -> usize {
        if let Some(picked) = self.fields.get(field.key) {
            return records.iter().position(|record| record.id == *picked).unwrap_or(0);
        }
        let policy = self.policies.get(field.key).copied().unwrap_or(self.policy);
        let filled = |at: &usize| !value(&records[*at], field.key).is_empty();
        let all = || (0..records.len()).filter(filled);
        // What gives rights follows the survivor unless somebody picks, or the policy only takes away.
        let policy =
            if field.permission.is_some() && policy != Policy::MostRestrictive { Policy::Survivor } else { policy };
        let best = match policy {
            Policy::Survivor if field.fills => all().next(),
            Policy::Survivor => None,
            Policy::Newest => all().max_by_key(|at| (records[*at].updated_at, std::cmp::Reverse(*at))),
            Policy::MostComplete => {
                all().max_by_key(|at| (value(&records[*at], field.key).chars().count(), std::cmp::Reverse(*at)))
            }
            Policy::MostRestrictive => {
                (0..records.len()).find(|at| restricts(&records[*at], field.key)).or_else(|| all().next())
            }
            Policy::Source => all().min_by_key(|at| (trust(records[*at].origin), *at)),
        };
        best.unwrap_or(0)
    }
}

fn restricts(record: &Customer, field: &str) -> bool {
    match field {
        "active" => !record.active,
        "customer_type" => record.customer_type == CustomerType::Retail,
        _ => false,
    }
}

fn trust(origin: Origin) -> u8 {
    match origin {
        Origin::Manual => 0,
        Origin::Pos => 1,
        Origin::Web => 2,
        Origin::Api => 3,
        Origin::Sync => 4,
        Origin::Import => 5,
    }
}

/// The survivor with the chosen values, and which record gave each that is not its own.
#[derive(Clone, Debug)]
pub struct Combined {
    pub survivor: Customer,
    /// Path of the history and the record it came from.
    pub taken: BTreeMap<String, Uuid>,
}

/// Combines the records. `records` starts with the survivor as it is stored; the rows of the others need not have moved.
pub fn combine(records: &[Customer], choices: &Choices, now: Micros) -> Combined {
    let mut combined = Combined { survivor: records[0].clone(), taken: BTreeMap::new() };
    for field in FIELDS {
        let at = choices.source(field, records);
        combined.take(field.key, &records[at]);
        if field.key == "company" {
            combined.take("company_role", &records[at]);
        }
    }
    status(&mut combined, records);
    for record in records {
        if record.note_flag {
            combined.take("note_flag", record);
        }
    }
    home_channels(&mut combined, records);
    aliases(&mut combined, records, now);
    combined
}

impl Combined {
    fn take(&mut self, field: &str, from: &Customer) {
        let new = value(from, field);
        if value(&self.survivor, field) != new {
            put(&mut self.survivor, field, &new);
            self.taken.insert(field.to_owned(), from.id);
        }
    }
}

impl Combined {
    /// Whose value took the place of the survivor's own name or code.
    fn replaced_by(&self, kind: AliasKind) -> Option<Uuid> {
        let fields: &[&str] = match kind {
            AliasKind::Name => &["first_name", "last_name"],
            AliasKind::Company => &["company_name"],
            AliasKind::Number => &[],
            AliasKind::AccountCode => &["account_code"],
        };
        fields.iter().find_map(|field| self.taken.get(*field).copied())
    }
}

/// The furthest of lead, guest, in-store, registered; a pending approval stays open unless the survivor is an approved
/// trade customer.
fn status(combined: &mut Combined, records: &[Customer]) {
    combined.take("status", furthest(records));
}

/// The record whose status survives: see [`status`]; the survivor is the first.
pub fn furthest(records: &[Customer]) -> &Customer {
    let rank = |status: Status| match status {
        Status::Lead => 0,
        Status::Guest => 1,
        Status::InStore => 2,
        Status::Registered => 3,
        Status::PendingApproval => 4,
    };
    let survivor = &records[0];
    let is_approved = survivor.status == Status::Registered && survivor.customer_type == CustomerType::Trade;
    let counts = |record: &&Customer| !(is_approved && record.status == Status::PendingApproval);
    let mut furthest = survivor;
    for record in records.iter().filter(counts) {
        if rank(record.status) > rank(furthest.status) {
            furthest = record;
        }
    }
    furthest
}

/// The home channels of the others become further channels.
fn home_channels(combined: &mut Combined, records: &[Customer]) {
    for record in records {
        let Some(channel) = record.home_channel_id else { continue };
        let is_known = combined.survivor.home_channel_id == Some(channel)
            || records.iter().any(|record| record.channels.contains(&channel))
            || combined.survivor.channels.contains(&channel);
        if !is_known {
            combined.survivor.channels.push(channel);
            combined.survivor.channels.sort();
            let replaced = combined.taken.get("home_channel").filter(|_| record.id == records[0].id);
            let cause = replaced.copied().unwrap_or(record.id);
            combined.taken.insert(format!("channel.{channel}"), cause);
        }
    }
}

/// What a record is called: each of it can become an alias.
pub fn names(record: &Customer) -> [(AliasKind, String); 4] {
    [
        (AliasKind::Name, format!("{} {}", record.first_name, record.last_name).trim().to_owned()),
        (AliasKind::Company, record.company_name.clone()),
        (AliasKind::Number, record.number.clone()),
        (AliasKind::AccountCode, record.account_code.clone()),
    ]
}

/// Names, companies, numbers and account codes that the survivor does not have itself (S2-18).
fn aliases(combined: &mut Combined, records: &[Customer], now: Micros) {
    let known: Vec<(AliasKind, String)> = names(&combined.survivor)
        .into_iter()
        .map(|(kind, text)| (kind, fold(&text)))
        .chain(records.iter().flat_map(|record| &record.aliases).map(|alias| (alias.kind, fold(&alias.value))))
        .collect();
    let mut known = known;
    for record in records {
        for (kind, text) in names(record) {
            let folded = (kind, fold(&text));
            if folded.1.is_empty() || known.contains(&folded) {
                continue;
            }
            known.push(folded);
            let alias = Alias { id: new_id(now), kind, value: text };
            let cause = if record.id == records[0].id { combined.replaced_by(kind) } else { Some(record.id) };
            combined.taken.insert(format!("alias.{}.{}", alias.id, kind.key()), cause.unwrap_or(record.id));
            combined.survivor.aliases.push(alias);
        }
    }
    combined.survivor.aliases.sort_by_key(|alias| alias.id);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: u128, change: impl FnOnce(&mut Customer)) -> Customer {
        let mut customer = Customer::new(Uuid::from_u128(id), Origin::Manual, 1);
        customer.number = format!("C-{id}");
        change(&mut customer);
        customer
    }

    /// Policy, the values of the survivor and two others (with the time of their last change), what survives.
    #[test]
    fn a_policy_decides_whose_value_survives() {
        for (policy, values, expected) in [
            (Policy::Survivor, ["Anna", "Annabel", "A."], "Anna"),
            (Policy::Survivor, ["", "Annabel", "A."], "Annabel"),
            (Policy::Newest, ["Anna", "Annabel", "A."], "A."),
            (Policy::Newest, ["Anna", "Annabel", ""], "Annabel"),
            (Policy::MostComplete, ["Anna", "Annabel", "A."], "Annabel"),
            (Policy::MostRestrictive, ["Anna", "Annabel", "A."], "Anna"),
            (Policy::Source, ["Anna", "Annabel", "A."], "Annabel"),
        ] {
            let origins = [Origin::Import, Origin::Manual, Origin::Api];
            let records: Vec<Customer> = (0..3)
                .map(|at| {
                    record(at as u128 + 1, |customer| {
                        values[at].clone_into(&mut customer.first_name);
                        customer.origin = origins[at];
                        customer.updated_at = at as i64;
                    })
                })
                .collect();
            let combined = combine(&records, &Choices { policy, ..Choices::default() }, 1);
            assert_eq!(combined.survivor.first_name, expected, "{policy:?} of {values:?}");
        }
    }

    #[test]
    fn the_furthest_status_survives_and_a_pending_approval_stays_open() {
        use Status::*;
        for (survivor, kind, other, expected) in [
            (Lead, CustomerType::Retail, Guest, Guest),
            (Registered, CustomerType::Retail, InStore, Registered),
            (Guest, CustomerType::Retail, Registered, Registered),
            (Registered, CustomerType::Retail, PendingApproval, PendingApproval),
            (Registered, CustomerType::Trade, PendingApproval, Registered),
        ] {
            let records = [
                record(1, |customer| (customer.status, customer.customer_type) = (survivor, kind)),
                record(2, |customer| customer.status = other),
            ];
            assert_eq!(combine(&records, &Choices::default(), 1).survivor.status, expected);
        }
    }

    #[test]
    fn rights_are_never_gained_by_a_policy_but_can_be_lost() {
        let retail = record(1, |_| {});
        let trade = record(2, |customer| (customer.customer_type, customer.updated_at) = (CustomerType::Trade, 9));
        for policy in Policy::ALL {
            let choices = Choices { policy: *policy, ..Choices::default() };
            let combined = combine(&[retail.clone(), trade.clone()], &choices, 1);
            assert_eq!(combined.survivor.customer_type, CustomerType::Retail, "{policy:?}");
        }
        let strict = Choices { policy: Policy::MostRestrictive, ..Choices::default() };
        assert_eq!(combine(&[trade, retail], &strict, 1).survivor.customer_type, CustomerType::Retail);
    }

    #[test]
    fn what_is_lost_becomes_an_alias() {
        let bob = record(1, |customer| (customer.first_name, customer.last_name) = ("Bob".into(), "Jones".into()));
        let robert = record(2, |customer| {
            (customer.first_name, customer.last_name) = ("Robert".into(), "Jones".into());
            customer.account_code = "K7".into();
        });
        let mut choices = Choices::default();
        choices.fields.insert("first_name".into(), robert.id);
        let survivor = combine(&[bob, robert], &choices, 1).survivor;
        let aliases: Vec<(AliasKind, &str)> =
            survivor.aliases.iter().map(|alias| (alias.kind, alias.value.as_str())).collect();
        assert_eq!(survivor.first_name, "Robert");
        assert_eq!(survivor.account_code, "K7");
        assert!(aliases.contains(&(AliasKind::Name, "Bob Jones")));
        assert!(aliases.contains(&(AliasKind::Number, "C-2")));
        assert_eq!(aliases.len(), 2);
    }
}
