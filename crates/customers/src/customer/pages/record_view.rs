//! What a customer's page shows: the head that stays, the topic menu, and one topic at a time.
//!
//! Every topic is a page of its own (`/customers/{id}/{slug}`) that extends `customer/record.html`; its block `record`
//! alone answers htmx, topic menu included, so that the counts are fresh.

use askama::Template;
use platform::i18n::Message;
use platform::origins::Origin;
use platform::ui::{Choice, Errors, Shell, filters};

/// Name, state and main contact, without opening a section (S0-09).
#[derive(Clone, Debug, Default)]
pub struct Head {
    pub id: String,
    pub version: i64,
    pub name: String,
    pub number: String,
    pub company: String,
    pub is_company: bool,
    pub is_active: bool,
    /// Part of another customer now: only its past is shown.
    pub is_merged: bool,
    pub is_pending: bool,
    pub is_incomplete: bool,
    pub is_trade: bool,
    /// The notes ask for attention.
    pub has_note: bool,
    pub status: Dot,
    pub groups: Vec<String>,
    pub channel: String,
    pub email: String,
    pub email_is_relay: bool,
    pub phone: String,
    /// For the `tel:` link.
    pub phone_dial: String,
    pub may: HeadRights,
}

/// A state: a dot of that tone and its word.
#[derive(Default, Clone, Copy, Debug)]
pub struct Dot {
    pub tone: &'static str,
    pub label: &'static str,
}

/// Which actions the head offers; the others are absent (S4-15).
#[derive(Clone, Copy, Debug, Default)]
pub struct HeadRights {
    pub edit: bool,
    pub deactivate: bool,
    pub delete: bool,
    pub approve: bool,
    pub merge: bool,
}

/// One line of the topic menu.
#[derive(Clone, Debug)]
pub struct Topic {
    pub slug: &'static str,
    pub label: &'static str,
    pub count: Option<i64>,
    pub is_current: bool,
}

/// What every topic's page has around it.
#[derive(Clone, Debug)]
pub struct Record {
    pub head: Head,
    pub topics: Vec<Topic>,
    /// The list as it was left.
    pub back: String,
}

/// A fact: what it is and its value; an empty value is shown as "none".
#[derive(Clone, Debug)]
pub struct Fact {
    pub label: &'static str,
    pub value: FactValue,
    /// The record that the value came from, when it was another one.
    pub came_from: Option<Origin>,
}

#[derive(Clone, Debug)]
pub enum FactValue {
    Text(String),
    /// One of our own words, translated.
    Word(&'static str),
    Link {
        href: String,
        text: String,
    },
    Moment(i64),
    /// Names, each with the record that it came from.
    Several(Vec<(String, Option<Origin>)>),
}

impl FactValue {
    pub fn is_empty(&self) -> bool {
        match self {
            FactValue::Text(text) | FactValue::Link { text, .. } => text.is_empty(),
            FactValue::Word(word) => word.is_empty(),
            FactValue::Moment(_) => false,
            FactValue::Several(names) => names.is_empty(),
        }
    }
}

impl Fact {
    pub fn text(label: &'static str, text: impl Into<String>) -> Fact {
        Fact::of(label, FactValue::Text(text.into()))
    }

    pub fn word(label: &'static str, word: &'static str) -> Fact {
        Fact::of(label, FactValue::Word(word))
    }

    pub fn of(label: &'static str, value: FactValue) -> Fact {
        Fact { label, value, came_from: None }
    }
}

/// A panel of facts.
#[derive(Clone, Debug)]
pub struct FactGroup {
    pub label: &'static str,
    pub facts: Vec<Fact>,
    /// Nothing of it can be edited.
    pub is_fixed: bool,
}

#[derive(Template)]
#[template(path = "customer/details.html", blocks = ["record"])]
pub struct DetailsPage {
    pub shell: Shell,
    pub record: Record,
    pub groups: Vec<FactGroup>,
}

/// An e-mail address or phone number.
#[derive(Clone, Debug, Default)]
pub struct ContactPoint {
    pub id: String,
    pub value: String,
    pub href: String,
    pub kind: &'static str,
    pub is_primary: bool,
    pub is_relay: bool,
    /// The international form where it differs from what was typed.
    pub normalised: String,
    /// The record that it came from, when it was another one.
    pub came_from: Option<Origin>,
}

#[derive(Clone, Debug, Default)]
pub struct AddressCard {
    pub id: String,
    pub lines: Vec<String>,
    pub label: String,
    pub is_primary: bool,
    pub is_billing: bool,
    pub is_delivery: bool,
    /// The postcode does not look like one of that country: a hint, never a block.
    pub postcode_hint: bool,
    /// The record that it came from, when it was another one.
    pub came_from: Option<Origin>,
}

/// The kinds of contact points, each with its own panel and inline row (S2-21).
#[derive(Clone, Debug)]
pub struct ContactPanel {
    /// `emails` or `phones`, in addresses and ids.
    pub slug: &'static str,
    pub label: &'static str,
    pub icon: &'static str,
    pub input_type: &'static str,
    pub field_label: &'static str,
    pub add_label: &'static str,
    pub may_edit: bool,
    pub items: Vec<ContactPoint>,
    pub kinds: Vec<Choice>,
    /// What was typed and refused, to be mended in place.
    pub typed: String,
    pub refused: Option<Message>,
}

#[derive(Template)]
#[template(path = "customer/contacts.html", blocks = ["record"])]
pub struct ContactsPage {
    pub shell: Shell,
    pub record: Record,
    pub panels: Vec<ContactPanel>,
    pub addresses: Vec<AddressCard>,
    pub may_edit_addresses: bool,
}

/// One address in a form of its own.
#[derive(Template)]
#[template(path = "customer/address_form.html")]
pub struct AddressFormPage {
    pub shell: Shell,
    pub record: Record,
    /// Empty for a new one.
    pub id: String,
    pub values: AddressValues,
    pub countries: Vec<Choice>,
    pub errors: Errors,
}

#[derive(Clone, Debug, Default)]
pub struct AddressValues {
    pub label: String,
    pub line1: String,
    pub line2: String,
    pub postcode: String,
    pub town: String,
    pub county: String,
    pub is_primary: bool,
    pub is_billing: bool,
    pub is_delivery: bool,
}

#[derive(Clone, Debug)]
pub struct GroupLine {
    pub id: String,
    pub name: String,
    pub capabilities: Vec<&'static str>,
    pub is_primary: bool,
    /// The record that the membership came from, when it was another one.
    pub came_from: Option<Origin>,
}

#[derive(Template)]
#[template(path = "customer/groups.html", blocks = ["record"])]
pub struct GroupsPage {
    pub shell: Shell,
    pub record: Record,
    pub groups: Vec<GroupLine>,
    /// Only those that may be assigned (S1-57).
    pub offered: Vec<Choice>,
    pub may_assign: bool,
    pub refused: Option<Message>,
}

/// A customer in the tree of parents and sub-accounts.
#[derive(Clone, Debug)]
pub struct TreeLine {
    pub id: String,
    pub name: String,
    pub number: String,
    /// Levels below the topmost that is shown.
    pub depth: usize,
    pub is_self: bool,
    /// Whether the reader can open it.
    pub is_seen: bool,
    pub is_active: bool,
}

#[derive(Template)]
#[template(path = "customer/sub_accounts.html", blocks = ["record"])]
pub struct SubAccountsPage {
    pub shell: Shell,
    pub record: Record,
    pub tree: Vec<TreeLine>,
    /// Neither a parent nor sub-accounts.
    pub stands_alone: bool,
    /// Direct sub-accounts.
    pub children: usize,
    pub may_move: bool,
    pub typed: String,
    pub errors: Errors,
}

/// One event of the history as a dot on the line.
#[derive(Clone, Debug)]
pub struct HistoryStep {
    pub at: i64,
    /// The state it left; 0 where it left none.
    pub version: i64,
    pub tone: &'static str,
    pub what: Message,
    /// Where what was done can be looked at whole.
    pub href: Option<String>,
    pub who: String,
    /// From where: "Screen", "API: till 3", "Import: line 12".
    pub source: Message,
    pub source_href: Option<String>,
    pub changes: Vec<HistoryChange>,
    /// The values are gone: the customer was erased.
    pub is_sealed: bool,
    pub reason: String,
}

#[derive(Clone, Debug)]
pub struct HistoryChange {
    pub field: Message,
    /// Empty where there was nothing.
    pub before: Message,
    pub after: Message,
    /// Where putting back the value before begins.
    pub put_back: Option<String>,
}

/// The events of one day.
#[derive(Clone, Debug)]
pub struct HistoryDay {
    pub at: i64,
    pub steps: Vec<HistoryStep>,
}

#[derive(Template)]
#[template(path = "customer/history.html", blocks = ["record"])]
pub struct HistoryPage {
    pub shell: Shell,
    pub record: Record,
    pub fields: Vec<Choice>,
    pub people: Vec<Choice>,
    pub days: Vec<HistoryDay>,
    pub next: Option<String>,
    /// The state of today.
    pub version: i64,
}
