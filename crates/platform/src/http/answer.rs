//! Turning errors into answers, in one place: JSON problems (RFC 9457) for programs, pages for
//! people.

use std::sync::Arc;

use axum::Json;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::error::{AppError, FieldConflict, FieldError, ReasonRow};
use crate::i18n::{Lang, Message, Translate};
use crate::ids::new_secret;
use crate::{names, tr, ui};

/// The body of every refusal of the API (`application/problem+json`, RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells the problems apart.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    /// Stable reason code.
    pub code: String,
    pub detail: String,
    /// One entry per refused field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// One entry per field that somebody else changed as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<FieldConflict>,
    /// The rows that stand in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<ReasonRow>,
    /// What would clear it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

#[derive(Clone)]
struct Carried(Arc<AppError>);

impl IntoResponse for AppError {
    /// Carries the error to the route's guard, which knows whether a page or JSON is wanted.
    fn into_response(self) -> Response {
        let mut response = status(&self).into_response();
        response.extensions_mut().insert(Carried(Arc::new(self)));
        response
    }
}

/// The error a handler answered with, if it did.
pub(super) fn peek_error(response: &Response) -> Option<&AppError> {
    response.extensions().get::<Carried>().map(|carried| carried.0.as_ref())
}

/// Splits a handler's answer into success and error.
pub(super) fn take_error(response: Response) -> Result<Response, Arc<AppError>> {
    match response.extensions().get::<Carried>() {
        Some(carried) => Err(carried.0.clone()),
        None => Ok(response),
    }
}

pub(crate) fn status(error: &AppError) -> StatusCode {
    match error {
        AppError::NotFound => StatusCode::NOT_FOUND,
        AppError::Unauthenticated => StatusCode::UNAUTHORIZED,
        AppError::Forbidden(_) => StatusCode::FORBIDDEN,
        AppError::Conflict(_) | AppError::EditConflict { .. } | AppError::Merged { .. } => StatusCode::CONFLICT,
        AppError::Stale { .. } => StatusCode::PRECONDITION_FAILED,
        AppError::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        AppError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        AppError::BadRequest(_) => StatusCode::BAD_REQUEST,
        AppError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        AppError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        AppError::Database(_) | AppError::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What an error says, before it is put into a language.
struct Told {
    code: &'static str,
    detail: Message,
    remedy: Option<Message>,
    /// Names the line of the log that has the cause.
    error_id: Option<String>,
}

/// Finds the words for an error. Something that broke is logged here, once, with an id that the
/// person sees instead of the cause.
fn tell(error: &AppError) -> Told {
    let (code, detail): (&str, Message) = match error {
        AppError::NotFound => ("not_found", tr!("There is nothing here, or not any more.").into()),
        AppError::Merged { .. } => ("customer_merged", tr!("This customer became part of another one.").into()),
        AppError::Unauthenticated => ("sign_in_needed", tr!("Sign in first.").into()),
        AppError::Forbidden(reason) | AppError::Conflict(reason) | AppError::BadRequest(reason) => {
            let remedy = reason.remedy.clone();
            return Told { code: reason.code, detail: reason.detail.clone(), remedy, error_id: None };
        }
        AppError::EditConflict { .. } => {
            ("edit_conflict", tr!("Somebody else changed the same fields meanwhile.").into())
        }
        AppError::Stale { .. } => ("stale_version", tr!("This was changed meanwhile.").into()),
        AppError::PreconditionRequired => {
            ("if_match_required", tr!("Send If-Match with the ETag that you read.").into())
        }
        AppError::Invalid(_) => ("invalid", tr!("Some fields need mending.").into()),
        AppError::TooMany { retry_after_seconds } => {
            let one = tr!("Try again in one second.");
            ("too_many_requests", Message::counted(retry_after_seconds, one, tr!("Try again in {n} seconds.")))
        }
        AppError::TooLarge => ("too_large", tr!("This is more than can be taken at once.").into()),
        AppError::Database(_) | AppError::Broken(_) => {
            let id = new_secret()[..12].to_owned();
            tracing::error!(error_id = id, error = %error, "a request failed");
            let text = Message::new(tr!("Something broke on our side. Mention the id {id}.")).with("id", &id);
            return Told { code: "broken", detail: text, remedy: None, error_id: Some(id) };
        }
    };
    Told { code, detail, remedy: None, error_id: None }
}

fn problem_of(error: &AppError) -> Problem {
    let status = status(error);
    let told = tell(error);
    let mut problem = Problem {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        code: told.code.to_owned(),
        detail: told.detail.translate(Lang::En),
        errors: Vec::new(),
        conflicts: Vec::new(),
        rows: Vec::new(),
        remedy: told.remedy.map(|remedy| remedy.translate(Lang::En)),
    };
    match error {
        AppError::Forbidden(reason) | AppError::Conflict(reason) | AppError::BadRequest(reason) => {
            problem.rows.clone_from(&reason.rows);
        }
        AppError::EditConflict { conflicts, .. } => problem.conflicts.clone_from(conflicts),
        AppError::Invalid(errors) => problem.errors.clone_from(&errors.0),
        _ => {}
    }
    problem
}

/// The JSON answer for a described error.
pub fn problem_json(problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(problem)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// Where a record that was asked for is now: the same address with the id of the record that it became part of (R2).
pub(super) fn moved_to(error: &AppError, parts: &Parts) -> Option<Response> {
    let AppError::Merged { old, survivor } = error else { return None };
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return None;
    }
    let asked = parts.uri.path_and_query()?.as_str();
    let place = asked.replacen(&old.to_string(), &survivor.to_string(), 1);
    let is_elsewhere = place != asked;
    is_elsewhere.then(|| (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, place)]).into_response())
}

/// An error as a program reads it, in a request of somebody: what it names is named as far as they may see it.
pub(super) async fn problem_for(app: &App, error: &AppError, parts: &Parts) -> Response {
    let mut problem = problem_of(error);
    if let AppError::Merged { survivor, .. } = error {
        let label = match parts.extensions.get::<Caller>() {
            Some(caller) => names::of_customer(app, *survivor, caller.sight()).await,
            None => survivor.to_string(),
        };
        problem.rows.push(ReasonRow { label, href: format!("/customers/{survivor}") });
    }
    let mut response = problem_json(problem);
    add_headers(error, &mut response);
    response
}

fn to_problem(error: &AppError) -> Response {
    let mut response = problem_json(problem_of(error));
    add_headers(error, &mut response);
    response
}

fn add_headers(error: &AppError, response: &mut Response) {
    match error {
        AppError::TooMany { retry_after_seconds } => {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_seconds));
        }
        AppError::Unauthenticated => {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        AppError::Stale { current } | AppError::EditConflict { version: current, .. } => {
            if let Ok(value) = HeaderValue::from_str(&super::etag(*current)) {
                response.headers_mut().insert(header::ETAG, value);
            }
        }
        _ => {}
    }
}

/// The page for an error; somebody not signed in is sent to sign in and back again.
pub(super) fn to_page(app: &App, error: &AppError, parts: &Parts) -> Response {
    if matches!(error, AppError::Unauthenticated) {
        let next = if parts.method == Method::GET {
            parts.uri.path_and_query().map_or("/", |path| path.as_str())
        } else {
            "/"
        };
        let target = match serde_html_form::to_string([("next", next)]) {
            Ok(query) if next != "/" => format!("/sign-in?{query}"),
            _ => "/sign-in".to_owned(),
        };
        return ui::redirect_to(target).into_response();
    }
    let shell = super::page::shell_of(app, parts);
    let told = tell(error);
    let text = match error {
        AppError::Invalid(errors) => errors.0.first().map(|first| first.detail.clone()),
        AppError::Forbidden(_) | AppError::Conflict(_) | AppError::BadRequest(_) => Some(told.detail),
        AppError::TooMany { .. } | AppError::EditConflict { .. } | AppError::Stale { .. } | AppError::Merged { .. } => {
            Some(told.detail)
        }
        _ => None,
    };
    let mut response = ui::error_page(&shell, status(error), text, told.error_id);
    add_headers(error, &mut response);
    response
}

/// The answer for a method that an address does not know.
pub(crate) fn method_not_allowed(app: &App, parts: &Parts) -> Response {
    let detail = tr!("This address does not take requests of this kind.");
    if !parts.uri.path().starts_with("/api/") {
        let shell = super::page::shell_of(app, parts);
        return ui::error_page(&shell, StatusCode::METHOD_NOT_ALLOWED, Some(detail.into()), None);
    }
    let reason = AppError::BadRequest(crate::error::Reason::new("method_not_allowed", detail));
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let title = status.canonical_reason().unwrap_or("Error");
    problem_json(Problem { status: status.as_u16(), title, ..problem_of(&reason) })
}

/// The answer for an address that leads nowhere.
pub(crate) fn not_found(app: &App, parts: &Parts) -> Response {
    if parts.uri.path().starts_with("/api/") {
        to_problem(&AppError::NotFound)
    } else {
        to_page(app, &AppError::NotFound, parts)
    }
}
