//! The pages that every installation has, whatever its areas: signing in, one's own profile, staff and roles, what staff
//! did, what the program is doing, and what it is.

mod about;
mod activity;
mod live;
mod part;
mod profile;
mod roles;
mod second_factor;
mod sessions;
mod sign_in;
mod staff;
mod tokens;

use crate::http::PageRoute;

/// All routes of this folder, for the platform's module.
pub fn routes() -> Vec<PageRoute> {
    [
        sign_in::routes(),
        profile::routes(),
        second_factor::routes(),
        sessions::routes(),
        tokens::routes(),
        staff::routes(),
        roles::routes(),
        activity::routes(),
        about::routes(),
        live::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
