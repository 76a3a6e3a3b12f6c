//! What several of these pages share.

use axum::http::StatusCode;
use uuid::Uuid;

use crate::auth::{Caller, Via};
use crate::error::{AppError, AppResult};
use crate::tr;
use crate::ui::Errors;

/// A line of the menu beside the profile pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProfileTopic {
    pub href: &'static str,
    pub label: &'static str,
    pub is_current: bool,
}

/// The pages about oneself.
pub(super) fn profile_topics(path: &str) -> [ProfileTopic; 4] {
    [
        ("/profile", tr!("Profile")),
        ("/profile/second-factor", tr!("Second factor")),
        ("/profile/sessions", tr!("Sessions")),
        ("/profile/tokens", tr!("API tokens")),
    ]
    .map(|(href, label)| ProfileTopic { href, label, is_current: path == href })
}

/// The session that this request came with; API tokens have none.
pub(super) fn session_id(caller: &Caller) -> Option<Uuid> {
    match caller.via {
        Via::Session { id } => Some(id),
        Via::Token { .. } => None,
    }
}

/// What a refused form shows: the same form again with these errors. Anything else goes on as it is.
pub(super) fn refusals<T>(outcome: AppResult<T>) -> AppResult<Result<T, Errors>> {
    match outcome {
        Ok(done) => Ok(Ok(done)),
        Err(AppError::Invalid(errors)) => Ok(Err(Errors::from(&errors))),
        Err(AppError::Stale { .. }) => {
            let text =
                tr!("Somebody else changed this meanwhile. Reload the page to see it; your changes are not saved.");
            Ok(Err(Errors::none().with("", text)))
        }
        Err(AppError::Conflict(reason)) => Ok(Err(Errors::none().with("", reason.detail))),
        Err(other) => Err(other),
    }
}

/// The status of a page with a form: 422 when something was refused.
pub(super) fn status_of(errors: &Errors) -> StatusCode {
    if errors.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}
