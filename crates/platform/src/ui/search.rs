//! What the box on top shows while someone types: the answer of `GET /search?q=...` to htmx.

use askama::Template;

use super::filters;

#[derive(Template)]
#[template(path = "ui/search_results.html")]
pub struct SearchResults {
    pub query: String,
    pub groups: Vec<HitGroup>,
}

/// One kind of thing that was found; each area can add its own.
#[derive(Clone, Debug)]
pub struct HitGroup {
    pub label: &'static str,
    pub hits: Vec<Hit>,
}

#[derive(Clone, Debug, Default)]
pub struct Hit {
    pub href: String,
    pub name: String,
    /// The second line: number, company, e-mail, town.
    pub details: String,
    pub is_company: bool,
    pub is_inactive: bool,
    pub is_pending: bool,
    /// A page or view instead of a person.
    pub icon: &'static str,
}
