//! What the customer list shows, ready for its template.

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
    /// Kept through filtering: the sort order in the address.
    pub sort: String,
    pub may: ListRights,
    /// Nothing at all in the database: the empty state then says how to begin.
    pub is_fresh: bool,
}

/// Which actions are offered.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListRights {
    pub create: bool,
    pub edit: bool,
    pub deactivate: bool,
    pub delete: bool,
    pub import: bool,
    pub export: bool,
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
    Dates {
        from_name: &'static str,
        from: String,
        to_name: &'static str,
        to: String,
    },
}

#[derive(Clone, Debug)]
pub struct ActiveFilter {
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
