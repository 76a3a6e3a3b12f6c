//! The customer screens: read the form, call the model, render or redirect.
//!
//! `*_view.rs` hold what a template shows; the other files hold the handlers that fill it. No rule lives here: what may
//! be saved is decided by [`super::save`] and [`super::actions`].

mod actions;
mod addresses;
mod asked;
mod bin;
mod compare;
mod contacts;
mod edit;
mod edit_conflict;
mod edit_merged;
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
mod panes;
mod past;
mod past_view;
mod preferences;
pub(crate) mod profile_line;
mod put_back;
mod record;
mod record_view;
mod rules;
mod search;
mod shown;
mod sub_accounts;
mod topics;

pub(crate) use fields::is_field;
pub use fields::{path_label, shown};
pub use list::counted;
pub use list_columns::column_keys;
pub use list_filters::active_filters;
pub use list_view::ActiveFilter;
use platform::http::PageRoute;
pub use record::{back_to_list, find, load};
pub use record_view::Record;
pub use search::hits;

/// All routes of the customer screens.
pub fn routes() -> Vec<PageRoute> {
    [
        list::routes(),
        preferences::routes(),
        panes::routes(),
        bin::routes(),
        search::routes(),
        topics::routes(),
        sub_accounts::routes(),
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
        rules::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
