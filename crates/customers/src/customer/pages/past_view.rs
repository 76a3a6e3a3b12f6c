//! What the pages about a customer's past show: the record as of a moment, two moments side by side, what putting back
//! would change.

use askama::Template;
use platform::i18n::Message;
use platform::ui::{Shell, filters};

use super::record_view::{AddressCard, ContactPanel, FactGroup, FactValue, GroupLine, Record};

/// A moment with its name in addresses.
#[derive(Clone, Debug)]
pub struct MomentView {
    pub at: i64,
    /// `v3`
    pub name: String,
    /// For a form's field: `2026-11-21T14:05:09` on the reader's clock.
    pub typed: String,
    pub is_now: bool,
}

/// One part of the record at two moments.
#[derive(Clone, Debug)]
pub struct Difference {
    pub part: String,
    pub label: Message,
    pub one: String,
    pub other: String,
    /// Why it cannot be put back.
    pub refused: Option<Message>,
}

#[derive(Template)]
#[template(path = "customer/as_of.html")]
pub struct AsOfPage {
    pub shell: Shell,
    pub record: Record,
    pub moment: MomentView,
    pub was_deleted: bool,
    /// The states before and after this one.
    pub earlier: Option<String>,
    pub later: Option<String>,
    pub facts: Vec<FactGroup>,
    pub panels: Vec<ContactPanel>,
    pub addresses: Vec<AddressCard>,
    /// Never, in the past.
    pub may_edit_addresses: bool,
    pub groups: Vec<GroupLine>,
    /// What is different today: `one` is then, `other` now.
    pub differences: Vec<Difference>,
    pub may_put_back: bool,
}

#[derive(Template)]
#[template(path = "customer/compare.html", blocks = ["record"])]
pub struct ComparePage {
    pub shell: Shell,
    pub record: Record,
    pub from: MomentView,
    pub to: MomentView,
    pub differences: Vec<Difference>,
}

#[derive(Template)]
#[template(path = "customer/put_back.html")]
pub struct PutBackPage {
    pub shell: Shell,
    pub record: Record,
    pub moment: MomentView,
    pub version: i64,
    /// `one` is now, `other` what it would be.
    pub differences: Vec<Difference>,
    /// How many can be put back.
    pub possible: usize,
    pub refused: Option<Message>,
}
