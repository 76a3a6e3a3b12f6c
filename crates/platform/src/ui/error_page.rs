//! The page for what cannot be shown: not found, forbidden, changed meanwhile, broken.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::{Shell, filters, render_status};
use crate::i18n::Message;
use crate::tr;

#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    pub shell: Shell,
    pub status: u16,
    pub title: &'static str,
    pub text: Message,
    /// Of what broke: the person tells it, the log has the cause.
    pub id: Option<String>,
}

/// `text` replaces the general sentence of that status, for refusals with a reason.
pub fn error_page(shell: &Shell, status: StatusCode, text: Option<Message>, id: Option<String>) -> Response {
    let (title, sentence) = words(status);
    let text = text.unwrap_or_else(|| Message::new(sentence));
    let page = ErrorPage { shell: shell.clone(), status: status.as_u16(), title, text, id };
    render_status(status, &page, shell)
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        403 => (tr!("Not allowed"), tr!("Your role does not include this. Ask an administrator if you need it.")),
        404 => (tr!("Not found"), tr!("There is nothing at this address, or it was removed.")),
        409 => (
            tr!("Changed meanwhile"),
            tr!("Somebody else changed this at the same time. Go back, reload and try again."),
        ),
        413 => (tr!("Too large"), tr!("What you sent is larger than what is accepted here.")),
        429 => (tr!("Too many attempts"), tr!("Wait a few minutes and try again.")),
        400..=499 => (tr!("Not accepted"), tr!("The request could not be understood.")),
        _ => {
            (tr!("Something broke"), tr!("It is not your fault, and it has been written down. Nothing was half saved."))
        }
    }
}
