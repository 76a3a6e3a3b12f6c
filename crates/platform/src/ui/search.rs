//! What a search box shows while someone types, as a fragment for htmx: the one on top (`GET /search?q=...`), and those that
//! pick a record.

use askama::Template;

use super::filters;

#[derive(Template)]
#[template(path = "ui/search_results.html")]
pub struct SearchResults {
    /// Begins the ids of the hits: two boxes can stand on one page.
    pub box_name: &'static str,
    /// What Enter does with a hit, in a word.
    pub verb: &'static str,
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
