//! What htmx asks and what it must be told.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request};
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

/// Did htmx ask, and for which element? A handler answers one block of its page then.
#[derive(Clone, Debug, Default)]
pub struct Htmx {
    pub is_request: bool,
    target: Option<String>,
}

impl Htmx {
    pub fn of(headers: &HeaderMap) -> Htmx {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Htmx { is_request: text("hx-request").as_deref() == Some("true"), target: text("hx-target") }
    }

    /// `if htmx.wants("customer-list") { ... page.as_list() ... }`
    pub fn wants(&self, id: &str) -> bool {
        self.is_request && self.target.as_deref() == Some(id)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Htmx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Htmx::of(&parts.headers))
    }
}

/// Layer for all pages: a browser follows a 303 inside htmx's request and would put a whole page into a fragment's
/// place, so htmx gets the address as `HX-Redirect` instead.
pub async fn tell_htmx_of_redirects(request: Request, next: Next) -> Response {
    let htmx = Htmx::of(request.headers());
    let mut response = next.run(request).await;
    if htmx.is_request
        && response.status().is_redirection()
        && let Some(to) = response.headers_mut().remove(LOCATION)
    {
        response.headers_mut().insert("hx-redirect", to);
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}

/// After a fragment: show this address in the browser.
pub fn push_url(mut response: Response, url: &str) -> Response {
    if let Ok(url) = HeaderValue::from_str(url) {
        response.headers_mut().insert("hx-push-url", url);
    }
    response
}
