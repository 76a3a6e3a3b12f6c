//! Pages: the shell around them, how they are rendered, and the small types that the templates in `templates/ui` take.
//!
//! - A page is an askama template with a field `shell: Shell` that extends `layout.html` (or `layout_plain.html`).
//! - Every text goes through `|t`, every moment through `|date_time` or `|ago`, every count through `|number`: they find
//!   the reader's language in the values that [`render`] passes along.
//! - No inline script or style: [`CONTENT_SECURITY_POLICY`] forbids both.
//!
//! Start with `templates/layout.html`, then [`Shell`] and [`render`].

pub mod assets;
mod error_page;
pub mod filters;
mod flash;
mod form;
mod htmx;
mod list;
mod search;
mod shell;

use askama::Template;
use axum::http::header::{SET_COOKIE, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};

pub use assets::{asset, serve_asset};
pub use error_page::{ErrorPage, error_page};
pub use flash::{Flash, FlashKind, Redirect, UndoAction, cookie, redirect_to, with_toast};
pub use form::{Choice, Errors, choices};
pub use htmx::{Htmx, push_url, tell_htmx_of_redirects};
pub use list::{Column, Count, Direction, Pager};
pub use search::{Hit, HitGroup, SearchResults};
pub use shell::{MenuEntry, MenuGroup, Person, Shell, Theme, initials};

/// Everything comes from this host; a page that needs an exception is wrong.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A whole page, 200. Shows and forgets the flash.
pub fn render(page: &impl Template, shell: &Shell) -> Response {
    render_status(StatusCode::OK, page, shell)
}

/// A whole page with another status: 422 for a refused form, 409 for a conflict.
pub fn render_status(status: StatusCode, page: &impl Template, shell: &Shell) -> Response {
    let mut response = fragment_status(status, page, shell);
    if shell.flash.is_some() {
        response.headers_mut().append(SET_COOKIE, flash::forget());
    }
    response
}

/// One block of a page for htmx. A waiting flash is left for the next whole page.
pub fn fragment(block: &impl Template, shell: &Shell) -> Response {
    fragment_status(StatusCode::OK, block, shell)
}

pub fn fragment_status(status: StatusCode, block: &impl Template, shell: &Shell) -> Response {
    let html = match to_html(block, shell) {
        Ok(html) => html,
        Err(broken) => {
            tracing::error!(error = %broken, "a template could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, Html(html)).into_response();
    response.headers_mut().insert(VARY, HeaderValue::from_static("HX-Request, Cookie"));
    response
}

/// The text of a template, for tests and for pieces that are put into other answers.
pub fn to_html(template: &impl Template, shell: &Shell) -> askama::Result<String> {
    template.render_with_values(&filters::Reader(&shell.locale))
}
