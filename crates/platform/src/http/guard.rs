//! The one guard in front of every route: who is it, may they, is the change meant, and what to
//! do with a lost race.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::DbErr;
use sha2::Sha256;

use super::answer::{moved_to, problem_for, take_error, to_page};
use super::idempotency;
use super::routes::{Access, Kind};
use crate::app::App;
use crate::auth::{Caller, PermissionSet, Via, session, staff, token};
use crate::db::is_retryable;
use crate::error::{AppError, AppResult, Reason};
use crate::reach;
use crate::tr;

/// Name of the session cookie.
pub const SESSION_COOKIE: &str = "clientele_session";
/// Largest form or JSON body in bytes; uploads are streamed and have a limit of their own.
const MOST_BODY: usize = 2 << 20;
/// How often a request that lost a race is run before giving up.
const MOST_RUNS: usize = 12;

/// What the guard of one route knows.
#[derive(Clone)]
pub(super) struct Gate {
    pub app: App,
    pub access: Access,
    pub kind: Kind,
    pub upload: bool,
    /// The parameters of the path that name customers ([`reach::customers_in`]).
    pub customers: Vec<&'static str>,
}

/// The token that must come back with every change made in this session.
pub fn csrf_token(session_secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(session_secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(b"csrf");
    hex::encode(&mac.finalize().into_bytes()[..16])
}

/// The cookie that carries a session's secret.
pub fn session_cookie(app: &App, secret: String) -> Cookie<'static> {
    Cookie::build((SESSION_COOKIE, secret))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.options.secure_cookies)
        .build()
}

/// The cookie that removes the session's secret.
pub fn session_cookie_gone() -> Cookie<'static> {
    Cookie::build((SESSION_COOKIE, "")).path("/").removal().build()
}

pub(super) async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let outcome = match admit(&gate, &mut parts).await {
        Err(error) => Err(error),
        Ok(()) => pass(&gate, &parts, body, next).await,
    };
    let response = match outcome {
        Ok(response) => response,
        Err(error) => return answer(&gate, &parts, &error).await,
    };
    match take_error(response) {
        Ok(response) => response,
        Err(error) => answer(&gate, &parts, &error).await,
    }
}

async fn answer(gate: &Gate, parts: &Parts, error: &AppError) -> Response {
    if let Some(elsewhere) = moved_to(error, parts) {
        return elsewhere;
    }
    match gate.kind {
        Kind::Api => problem_for(&gate.app, error, parts).await,
        Kind::Page => to_page(&gate.app, error, parts),
    }
}

/// PostgreSQL stores no NUL, and nobody types one.
fn refuse_nul(parts: &Parts) -> AppResult<()> {
    if parts.uri.query().is_some_and(|query| query.contains("%00")) {
        let detail = tr!("The address holds a character that no text can have.");
        return Err(AppError::BadRequest(Reason::new("text_unusable", detail)));
    }
    Ok(())
}

/// Finds out who it is and whether they may.
async fn admit(gate: &Gate, parts: &mut Parts) -> AppResult<()> {
    refuse_nul(parts)?;
    let caller = match gate.kind {
        Kind::Page => caller_by_session(gate, parts).await?,
        Kind::Api => caller_by_token(gate, &parts.headers).await?,
    };
    if let Some(caller) = &caller
        && caller.must_set_up_second_factor
        && gate.access != Access::Public
        && !parts.uri.path().starts_with("/profile")
        && parts.uri.path() != "/sign-out"
    {
        return Err(AppError::Forbidden(
            Reason::new("second_factor_required", "Your role asks for a second factor.")
                .with_remedy("Set it up in your profile first."),
        ));
    }
    match (gate.access, &caller) {
        (Access::Public, _) | (Access::SignedIn | Access::SecondFactor, Some(_)) => {}
        (Access::Needs(permission), Some(caller)) => caller.may(permission)?,
        (Access::SignedIn | Access::SecondFactor | Access::Needs(_), None) => return Err(AppError::Unauthenticated),
    }
    if let Some(caller) = caller {
        parts.extensions.insert(caller.clone());
        reach::ensure_all(&gate.app, &caller, &gate.customers, parts).await?;
    }
    Ok(())
}

/// That a session or token is in use was noted, by this request or by another one of theirs that won the race for it.
fn noted(outcome: Result<(), DbErr>) -> AppResult<()> {
    match outcome {
        Err(error) if is_retryable(&error) => Ok(()),
        other => Ok(other?),
    }
}

async fn caller_by_session(gate: &Gate, parts: &mut Parts) -> AppResult<Option<Caller>> {
    let jar = CookieJar::from_headers(&parts.headers);
    let Some(secret) = jar.get(SESSION_COOKIE).map(|cookie| cookie.value().to_owned()) else {
        return Ok(None);
    };
    let app = &gate.app;
    let now = app.clock.now();
    let Some(session) = session::find(app.db.read(), now, &secret).await? else {
        return Ok(None);
    };
    if session.awaiting_second_factor != (gate.access == Access::SecondFactor) {
        return Ok(None);
    }
    let Some(person) = staff::find(app.db.read(), session.staff_id).await? else {
        return Ok(None);
    };
    if session::is_touch_due(&session, now) {
        let touch = async {
            let tx = app.begin_write().await?;
            session::touch(&tx, now, session.id).await?;
            tx.commit().await
        };
        noted(touch.await)?;
    }
    let permissions = person.permission_set();
    let via = Via::Session { id: session.id };
    Ok(Some(caller_of(person, permissions, csrf_token(&secret), via)))
}

async fn caller_by_token(gate: &Gate, headers: &HeaderMap) -> AppResult<Option<Caller>> {
    let Some(secret) = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
    else {
        return Ok(None);
    };
    let app = &gate.app;
    let Some(token) = token::find(app.db.read(), secret.trim()).await? else {
        return Ok(None);
    };
    let Some(person) = staff::find(app.db.read(), token.staff_id).await? else {
        return Ok(None);
    };
    if !person.active {
        return Ok(None);
    }
    let now = app.clock.now();
    if token.is_touch_due(now) {
        let touch = async {
            let tx = app.begin_write().await?;
            token::touch(&tx, now, token.id).await?;
            tx.commit().await
        };
        noted(touch.await)?;
    }
    let permissions = person.permission_set().narrowed_to(&token.scope_set());
    let via = Via::Token { id: token.id, name: token.name };
    Ok(Some(caller_of(person, permissions, String::new(), via)))
}

fn caller_of(person: staff::StaffRow, permissions: PermissionSet, csrf: String, via: Via) -> Caller {
    let browser = matches!(via, Via::Session { .. });
    Caller {
        must_set_up_second_factor: browser && person.requires_second_factor && person.totp_since.is_none(),
        staff_id: person.id,
        name: person.name,
        email: person.email,
        role_name: person.role_name,
        permissions,
        language: person.language,
        time_zone: person.time_zone,
        theme: person.theme,
        csrf,
        via,
    }
}

/// Checks that the change is meant, then runs the handler, again if it lost a race.
async fn pass(gate: &Gate, parts: &Parts, body: Body, next: Next) -> AppResult<Response> {
    let is_change = !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if gate.upload {
        check_origin(parts)?;
        let request = Request::from_parts(parts.clone(), body);
        return idempotency::run_upload(gate, parts, || next.clone().run(request)).await;
    }
    let body = axum::body::to_bytes(body, MOST_BODY).await.map_err(|_| AppError::TooLarge)?;
    if is_change && gate.kind == Kind::Page {
        check_origin(parts)?;
        check_csrf(parts, &body)?;
    }
    idempotency::run(gate, parts, &body, || run_with_retries(parts, &body, next.clone())).await
}

async fn run_with_retries(parts: &Parts, body: &Bytes, next: Next) -> Response {
    let mut runs = 1;
    loop {
        let request = Request::from_parts(parts.clone(), Body::from(body.clone()));
        let response = next.clone().run(request).await;
        let lost = super::answer::peek_error(&response).is_some_and(AppError::is_retryable);
        if !lost || runs == MOST_RUNS {
            return response;
        }
        runs += 1;
        metrics::counter!("clientele_transaction_retries_total").increment(1);
        // Losers wait a little, each a different while, so that they do not meet again.
        let pause = std::time::Duration::from_millis(rand::random_range(1..=5 * runs as u64));
        tokio::time::sleep(pause).await;
    }
}

fn refused() -> AppError {
    AppError::Forbidden(
        Reason::new("csrf_token_wrong", "This form is no longer valid.")
            .with_remedy("Reload the page and send the form again."),
    )
}

/// A browser says where a change comes from; another site's page is refused.
fn check_origin(parts: &Parts) -> AppResult<()> {
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if matches!(text("sec-fetch-site"), Some("cross-site" | "same-site")) {
        return Err(refused());
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) if origin.split("://").nth(1) != Some(host) => Err(refused()),
        _ => Ok(()),
    }
}

/// Compares the session's token with the header (htmx) or the form's field.
fn check_csrf(parts: &Parts, body: &[u8]) -> AppResult<()> {
    let Some(caller) = parts.extensions.get::<Caller>() else {
        return Ok(());
    };
    let sent = parts.headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
    let sent = sent.map(str::to_owned).or_else(|| form_field(body, "_csrf"));
    check_token(caller, sent.as_deref())
}

/// Whether the token sent is the session's.
pub(super) fn check_token(caller: &Caller, sent: Option<&str>) -> AppResult<()> {
    use subtle::ConstantTimeEq;
    let same = sent.is_some_and(|sent| bool::from(sent.as_bytes().ct_eq(caller.csrf.as_bytes())));
    if same { Ok(()) } else { Err(refused()) }
}

fn form_field(body: &[u8], name: &str) -> Option<String> {
    let fields: Vec<(String, String)> = serde_html_form::from_bytes(body).ok()?;
    fields.into_iter().find(|(field, _)| field == name).map(|(_, value)| value)
}

/// Headers every answer carries.
pub(crate) fn security_headers() -> [(header::HeaderName, HeaderValue); 5] {
    let csp = crate::ui::CONTENT_SECURITY_POLICY;
    [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(csp)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    ]
}
