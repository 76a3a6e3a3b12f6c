//! What the settings forms of the area share.

use axum::http::StatusCode;
use platform::error::{AppError, AppResult};
use platform::tr;
use platform::ui::Errors;

/// The address of a list with those of its filters that are set.
pub(crate) fn list_address<'a>(path: &str, pairs: impl IntoIterator<Item = (&'static str, &'a str)>) -> String {
    let set: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    format!("{path}?{}", serde_html_form::to_string(set).unwrap_or_default())
}

/// What a refused form shows; anything else goes on as it is.
pub(crate) fn refused_fields<T>(outcome: AppResult<T>) -> AppResult<Result<T, Errors>> {
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

pub(crate) fn status_of(errors: &Errors) -> StatusCode {
    if errors.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}
