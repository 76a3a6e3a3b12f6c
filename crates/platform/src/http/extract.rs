//! Extractors that refuse with our own errors.

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::request::Parts;
use axum_extra::extract::{FormRejection, QueryRejection};

use crate::app::App;
use crate::auth::Caller;
use crate::error::{AppError, Reason};

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(AppError))]
pub struct Json<T>(pub T);

/// A form's body; repeated fields become lists.
#[derive(FromRequest)]
#[from_request(via(axum_extra::extract::Form), rejection(AppError))]
pub struct Form<T>(pub T);

/// The query; repeated keys become lists.
#[derive(FromRequestParts)]
#[from_request(via(axum_extra::extract::Query), rejection(AppError))]
pub struct Query<T>(pub T);

/// Parts of the path. One that is no id answers "not found", as any unknown id does.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(AppError))]
pub struct Path<T>(pub T);

impl From<JsonRejection> for AppError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::BytesRejection(_) => Self::TooLarge,
            other => Self::BadRequest(Reason::new("json_invalid", other.body_text())),
        }
    }
}

impl From<FormRejection> for AppError {
    fn from(rejection: FormRejection) -> Self {
        Self::BadRequest(Reason::new("form_invalid", rejection.to_string()))
    }
}

impl From<QueryRejection> for AppError {
    fn from(rejection: QueryRejection) -> Self {
        Self::BadRequest(Reason::new("query_invalid", rejection.to_string()))
    }
}

impl From<PathRejection> for AppError {
    fn from(_: PathRejection) -> Self {
        Self::NotFound
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        parts.extensions.get::<Caller>().cloned().ok_or(AppError::Unauthenticated)
    }
}

/// The network address a request comes from, for limits and the session list.
pub fn client_address(app: &App, parts: &Parts) -> String {
    let forwarded = app.options.trust_proxy.then(|| {
        let value = parts.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok())?;
        value.rsplit(',').next().map(|last| last.trim().chars().take(64).collect::<String>())
    });
    let peer =
        parts.extensions.get::<axum::extract::ConnectInfo<std::net::SocketAddr>>().map(|info| info.0.ip().to_string());
    forwarded.flatten().or(peer).unwrap_or_else(|| "unknown".to_owned())
}
