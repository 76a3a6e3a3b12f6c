//! Signing in, giving the second factor, signing out.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::response::{IntoResponse, Redirect as PlainRedirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use super::part::{refusals, session_id, status_of};
use crate::app::App;
use crate::auth::sign_in::{Origin, PER_SECOND_FACTOR, SignedIn, sign_in};
use crate::auth::{rate_limit, second_factor, session};
use crate::http::{
    Access, Form, PageContext, PageResult, PageRoute, Query, client_address, get, post, session_cookie,
    session_cookie_gone,
};
use crate::ui::{self, Errors, Shell, filters};

pub(super) fn routes() -> Vec<PageRoute> {
    vec![
        get("/sign-in", Access::Public, show),
        post("/sign-in", Access::Public, submit),
        get("/sign-in/code", Access::SecondFactor, show_code),
        post("/sign-in/code", Access::SecondFactor, submit_code),
        post("/sign-out", Access::SignedIn, sign_out),
    ]
}

#[derive(Template)]
#[template(path = "auth/sign_in.html")]
struct SignInPage {
    shell: Shell,
    email: String,
    next: String,
    errors: Errors,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Next {
    next: String,
}

/// Only addresses of our own are followed after signing in.
fn safe(next: &str) -> &str {
    let is_ours = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(|character: char| character == '\\' || character.is_control());
    if is_ours { next } else { "/" }
}

async fn show(context: PageContext, Query(query): Query<Next>) -> PageResult {
    if context.caller().is_ok() {
        return Ok(ui::redirect_to(safe(&query.next)).into_response());
    }
    let page =
        SignInPage { shell: context.shell.clone(), email: String::new(), next: query.next, errors: Errors::none() };
    Ok(ui::render(&page, &context.shell))
}

#[derive(Deserialize)]
struct SignInForm {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

async fn submit(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    request_address: ClientAddress,
    Form(form): Form<SignInForm>,
) -> PageResult {
    let browser = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let origin = Origin { address: &request_address.0, browser };
    let now = app.clock.now();
    let outcome = sign_in(&app.db, app.options.hash_cost, now, &form.email, &form.password, origin).await;
    match refusals(outcome)? {
        Ok(signed_in) => Ok(welcome(&app, signed_in, safe(&form.next))),
        Err(errors) => {
            let status = status_of(&errors);
            let page = SignInPage { shell: context.shell.clone(), email: form.email, next: form.next, errors };
            Ok(ui::render_status(status, &page, &context.shell))
        }
    }
}

fn welcome(app: &App, signed_in: SignedIn, next: &str) -> Response {
    let jar = CookieJar::new().add(session_cookie(app, signed_in.secret));
    let to = if signed_in.needs_second_factor {
        let query = serde_html_form::to_string([("next", next)]).unwrap_or_default();
        format!("/sign-in/code?{query}")
    } else {
        next.to_owned()
    };
    (jar, PlainRedirect::to(&to)).into_response()
}

#[derive(Template)]
#[template(path = "auth/code.html")]
struct CodePage {
    shell: Shell,
    next: String,
    errors: Errors,
}

async fn show_code(context: PageContext, Query(query): Query<Next>) -> PageResult {
    context.caller()?;
    let page = CodePage { shell: context.shell.clone(), next: query.next, errors: Errors::none() };
    Ok(ui::render(&page, &context.shell))
}

#[derive(Deserialize)]
struct CodeForm {
    code: String,
    #[serde(default)]
    next: String,
}

async fn submit_code(State(app): State<App>, context: PageContext, Form(form): Form<CodeForm>) -> PageResult {
    let caller = context.caller()?;
    let session = session_id(caller).ok_or(crate::error::AppError::Unauthenticated)?;
    let now = app.clock.now();
    rate_limit::count(&app.db, now, &format!("second-factor:{}", caller.staff_id), PER_SECOND_FACTOR).await?;
    let tx = app.begin_write().await?;
    match refusals(second_factor::accept(&tx, now, caller.staff_id, &form.code).await)? {
        Ok(()) => {
            session::complete(&tx, session).await?;
            tx.commit().await?;
            Ok(ui::redirect_to(safe(&form.next)).into_response())
        }
        Err(errors) => {
            let page = CodePage { shell: context.shell.clone(), next: form.next, errors };
            Ok(ui::render_status(status_of(&page.errors), &page, &context.shell))
        }
    }
}

async fn sign_out(State(app): State<App>, context: PageContext) -> PageResult {
    let caller = context.caller()?;
    if let Some(session) = session_id(caller) {
        let tx = app.begin_write().await?;
        session::end(&tx, caller.staff_id, session).await?;
        tx.commit().await?;
    }
    let jar = CookieJar::new().add(session_cookie_gone());
    Ok((jar, ui::redirect_to("/sign-in").saying("You are signed out")).into_response())
}

/// The network address of the request, as an extractor.
struct ClientAddress(String);

impl axum::extract::FromRequestParts<App> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(client_address(app, parts)))
    }
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn signing_in_never_leads_to_another_site() {
        assert_eq!(safe("/customers?q=a"), "/customers?q=a");
        for elsewhere in ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "", "customers"] {
            assert_eq!(safe(elsewhere), "/");
        }
    }
}
