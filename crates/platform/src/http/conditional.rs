//! `ETag` and `If-Match` over version numbers (RFC 9110, section 13).

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::error::{AppError, Reason};

/// The entity tag of a version.
pub fn etag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// The version a client read, from `If-Match`; required for changes of one entity.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        let value = parts.headers.get(header::IF_MATCH).ok_or(AppError::PreconditionRequired)?;
        let version =
            value.to_str().ok().and_then(|text| text.trim().strip_prefix("\"v")?.strip_suffix('"')?.parse().ok());
        version.map(IfMatch).ok_or_else(|| {
            let detail = "If-Match must be an ETag that this API gave, such as \"v3\".";
            AppError::BadRequest(Reason::new("if_match_invalid", detail))
        })
    }
}
