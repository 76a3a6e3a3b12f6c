//! The customer screens: read the form, call the model, render or redirect.
//!
//! `*_view.rs` hold what a template shows; the other files hold the handlers that fill it. No rule lives here: what may
//! be saved is decided by [`super::save`] and [`super::actions`].

mod actions;
mod addresses;
mod bulk;
mod compare;
mod contacts;
mod edit;
mod edit_view;
mod export;
mod fields;
mod form_choices;
mod groups;
mod history;
mod list;
mod list_columns;
mod list_filters;
mod list_view;
mod past;
mod past_view;
mod put_back;
mod record;
mod record_view;
mod rules;
mod search;
mod topics;

use platform::http::PageRoute;

/// All routes of the customer screens.
pub fn routes() -> Vec<PageRoute> {
    [
        list::routes(),
        search::routes(),
        topics::routes(),
        edit::routes(),
        contacts::routes(),
        addresses::routes(),
        groups::routes(),
        export::routes(),
        history::routes(),
        past::routes(),
        compare::routes(),
        put_back::routes(),
        actions::routes(),
        bulk::routes(),
        rules::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
