//! What lists show around their rows.

use serde::{Deserialize, Serialize};

/// A count that is exact only where counting is cheap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Count {
    Exactly(u64),
    MoreThan(u64),
}

impl Count {
    pub fn is_zero(&self) -> bool {
        *self == Count::Exactly(0)
    }

    /// For texts that hold it: the filters group its digits.
    pub fn shown(&self) -> String {
        match self {
            Count::Exactly(n) => n.to_string(),
            Count::MoreThan(n) => format!("{n}+"),
        }
    }

    /// For "1 customer" and "2 customers".
    pub fn is_one(&self) -> bool {
        *self == Count::Exactly(1)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    pub fn aria(&self) -> &'static str {
        match self {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        }
    }

    pub fn icon(&self) -> &'static str {
        match self {
            Direction::Ascending => "arrow-up",
            Direction::Descending => "arrow-down",
        }
    }
}

/// The head of a column. With `href` it sorts; `sorted` says whether the list is sorted by it now.
#[derive(Clone, Debug)]
pub struct Column {
    pub label: &'static str,
    pub href: Option<String>,
    pub sorted: Option<Direction>,
    pub is_number: bool,
    /// Shown only where the window has room for it.
    pub is_roomy: bool,
}

impl Column {
    pub fn plain(label: &'static str) -> Column {
        Column { label, href: None, sorted: None, is_number: false, is_roomy: false }
    }

    pub fn sortable(label: &'static str, href: impl Into<String>, sorted: Option<Direction>) -> Column {
        Column { label, href: Some(href.into()), sorted, is_number: false, is_roomy: false }
    }

    #[must_use]
    pub fn number(mut self) -> Column {
        self.is_number = true;
        self
    }
}

impl Column {
    #[must_use]
    pub fn roomy(mut self, is_roomy: bool) -> Column {
        self.is_roomy = is_roomy;
        self
    }
}

/// Keyset paging: there is a page before or after, and its address, but no page number.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    pub previous: Option<String>,
    pub next: Option<String>,
}
