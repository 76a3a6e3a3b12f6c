//! What the customer list shows, ready for its template.

use crate::view::pages::ViewTab;
use askama::Template;
use platform::ui::{Choice, Column, Count, Pager, Shell, filters};

/// The list of customers with its filters. The block `region` alone answers htmx.
#[derive(Template)]
#[template(path = "customer/list.html", blocks = ["region"])]
pub struct ListPage {
    pub shell: Shell,
    /// What the person searches, also in the box over the table.
    pub q: String,
    pub sections: Vec<FilterSection>,
    /// The filters in force, each with the address of the list without it.
    pub active_filters: Vec<ActiveFilter>,
    pub count: Count,
    pub columns: Vec<Column>,
    pub column_choices: Vec<Choice>,
    pub rows: Vec<ListRow>,
    pub pager: Pager,
    /// Everything of the current filter as a query, for exports and actions on all that match.
    pub query: String,
    /// The tabs over the list.
    pub views: Vec<ViewTab>,
    /// Id of the view that is shown or was changed; empty for all customers.
    pub current: String,
    /// The saved view that is shown, as it is or changed since.
    pub view: Option<CurrentView>,
    /// Something is asked for that could be saved as a view.
    pub is_filtered: bool,
    /// The address of this list from its beginning.
    pub address: String,
    /// Kept through filtering: the sort order in the address.
    pub sort: String,
    /// Four panes instead of the table alone (R17).
    pub is_workspace: bool,
    pub may: ListRights,
    /// The bulk actions with a choice of their own.
    pub bulk: Vec<BulkChoice>,
    /// Nothing at all in the database: the empty state then says how to begin.
    pub is_fresh: bool,
}

impl ListPage {
    /// More customers match than are on this page.
    pub fn has_more(&self) -> bool {
        self.pager.next.is_some() || self.pager.previous.is_some()
    }

    /// The filter is nobody's view yet.
    pub fn can_be_saved(&self) -> bool {
        self.is_filtered && self.view.as_ref().is_none_or(|view| view.is_changed)
    }
}

/// The view that the list shows.
#[derive(Clone, Debug)]
pub struct CurrentView {
    pub id: String,
    pub is_mine: bool,
    pub version: i64,
    /// The filter or the sort is another than the one saved.
    pub is_changed: bool,
    /// It comes with columns of its own.
    pub has_columns: bool,
    pub href: String,
}

/// Which actions are offered.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListRights {
    pub create: bool,
    pub edit: bool,
    pub deactivate: bool,
    pub delete: bool,
    /// May bring deleted customers back.
    pub bin: bool,
    pub merge: bool,
    pub import: bool,
    pub export: bool,
}

/// A bulk action that needs a group, person and the like.
#[derive(Clone, Debug)]
pub struct BulkChoice {
    pub key: &'static str,
    pub label: &'static str,
    pub can_clear: bool,
    pub choices: Vec<Choice>,
}

/// One foldable part of the filter panel.
#[derive(Clone, Debug)]
pub struct FilterSection {
    pub label: &'static str,
    pub is_open: bool,
    pub fields: Vec<FilterField>,
}

#[derive(Clone, Debug)]
pub enum FilterField {
    Text {
        name: &'static str,
        label: &'static str,
        value: String,
    },
    /// Any of these (OR within the filter).
    Ticks {
        name: &'static str,
        choices: Vec<Choice>,
    },
    /// Exactly one of these.
    OneOf {
        name: &'static str,
        choices: Vec<Choice>,
    },
    /// One of many, or none: `label` is the word for none.
    Select {
        name: &'static str,
        label: &'static str,
        choices: Vec<Choice>,
    },
    Dates {
        from_name: &'static str,
        from: String,
        to_name: &'static str,
        to: String,
    },
}

#[derive(Clone, Debug)]
pub struct ActiveFilter {
    /// As in the address.
    pub name: String,
    /// A query with this filter alone.
    pub query_alone: String,
    pub label: &'static str,
    /// Any of these.
    pub values: Vec<String>,
    pub href_without: String,
}

#[derive(Clone, Debug)]
pub struct ListRow {
    pub id: String,
    pub href: String,
    pub name: String,
    pub is_inactive: bool,
    pub is_pending: bool,
    pub is_incomplete: bool,
    pub cells: Vec<Cell>,
}

/// One value of a row, and where it goes on a telephone, where rows are small cards.
#[derive(Clone, Debug)]
pub struct Cell {
    pub value: Value,
    pub place: Place,
    /// Shown only where the window has room for it.
    pub is_roomy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Line,
    End,
    Hidden,
}

#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    Code(String),
    /// One of our own words, translated.
    Word(&'static str),
    Status {
        tone: &'static str,
        label: &'static str,
    },
    Chips(Vec<String>),
    Ago(i64),
}

impl Cell {
    pub fn class(&self) -> &'static str {
        match self.place {
            Place::Line => "card-line",
            Place::End => "card-end",
            Place::Hidden if self.is_roomy => "roomy",
            Place::Hidden => "",
        }
    }
}
