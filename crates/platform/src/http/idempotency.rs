//! `Idempotency-Key` on every POST of the API: the same request sent twice is carried out once and
//! answered twice.

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use sea_orm::FromQueryResult;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::guard::Gate;
use super::routes::Kind;
use crate::app::App;
use crate::auth::{Caller, Via};
use crate::clock::{DAY, MINUTE};
use crate::db::SqlExt;
use crate::error::{AppError, AppResult, Reason};
use crate::params;

const LONGEST_KEY: usize = 255;
/// Answers larger than this are not kept; none of the API's POST answers comes near.
const MOST_KEPT: usize = 1 << 20;
const KEPT_HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

#[derive(FromQueryResult)]
struct Kept {
    request_hash: Vec<u8>,
    status: i64,
    headers: String,
    body: Vec<u8>,
    created_at: i64,
}

/// Runs the handler at most once per key.
pub(super) async fn run<F>(gate: &Gate, parts: &Parts, body: &Bytes, handler: impl FnOnce() -> F) -> AppResult<Response>
where
    F: Future<Output = Response>,
{
    run_hashed(gate, parts, body, handler).await
}

/// As [`run`] for a streamed body, which is told apart by its declared length only.
pub(super) async fn run_upload<F>(gate: &Gate, parts: &Parts, handler: impl FnOnce() -> F) -> AppResult<Response>
where
    F: Future<Output = Response>,
{
    let length = parts.headers.get(header::CONTENT_LENGTH).map(HeaderValue::as_bytes);
    run_hashed(gate, parts, length.unwrap_or_default(), handler).await
}

async fn run_hashed<F>(gate: &Gate, parts: &Parts, body: &[u8], handler: impl FnOnce() -> F) -> AppResult<Response>
where
    F: Future<Output = Response>,
{
    let Some((token_id, key)) = key_of(gate, parts)? else {
        return Ok(handler().await);
    };
    let mut hash = Sha256::new();
    hash.update(parts.uri.to_string().as_bytes());
    hash.update([0]);
    hash.update(body);
    let hash = hash.finalize().to_vec();
    if let Some(kept) = reserve(&gate.app, token_id, &key, &hash).await? {
        return replay(gate, &hash, kept);
    }
    let response = handler().await;
    match super::answer::take_error(response) {
        Ok(response) => keep(&gate.app, token_id, &key, response).await,
        Err(error) => {
            let response = super::answer::problem_for(&gate.app, &error, parts).await;
            keep(&gate.app, token_id, &key, response).await
        }
    }
}

fn key_of(gate: &Gate, parts: &Parts) -> AppResult<Option<(Uuid, String)>> {
    if gate.kind != Kind::Api || parts.method != Method::POST {
        return Ok(None);
    }
    let Some(Via::Token { id, .. }) = parts.extensions.get::<Caller>().map(|caller| &caller.via) else {
        return Ok(None);
    };
    let Some(value) = parts.headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= LONGEST_KEY => Ok(Some((*id, key.to_owned()))),
        _ => Err(AppError::BadRequest(Reason::new(
            "idempotency_key_invalid",
            "Idempotency-Key must be 1 to 255 printable ASCII characters.",
        ))),
    }
}

/// Claims the key; answers what is kept under it when it is in use.
async fn reserve(app: &App, token: Uuid, key: &str, hash: &[u8]) -> AppResult<Option<Kept>> {
    loop {
        let outcome = reserve_once(app, token, key, hash).await;
        match outcome {
            Err(error) if error.is_retryable() => {}
            other => return other,
        }
    }
}

async fn reserve_once(app: &App, token: Uuid, key: &str, hash: &[u8]) -> AppResult<Option<Kept>> {
    let now = app.clock.now();
    let tx = app.begin_write().await?;
    tx.run("delete from idempotency where created_at < $1", params![now - DAY]).await?;
    let fresh = tx
        .run(
            "insert into idempotency (token_id, key, request_hash, status, headers, body, created_at) \
             values ($1, $2, $3, 0, '', $4, $5) on conflict (token_id, key) do nothing",
            params![token, key, hash.to_vec(), Vec::<u8>::new(), now],
        )
        .await?;
    let kept = if fresh == 1 {
        None
    } else {
        tx.first(
            "select request_hash, status, headers, body, created_at from idempotency \
             where token_id = $1 and key = $2",
            params![token, key],
        )
        .await?
    };
    tx.commit().await?;
    Ok(kept)
}

fn replay(gate: &Gate, hash: &[u8], kept: Kept) -> AppResult<Response> {
    if kept.request_hash != hash {
        return Err(AppError::Conflict(
            Reason::new("idempotency_key_reused", "This Idempotency-Key was used for another request.")
                .with_remedy("Use a new key for a new request."),
        ));
    }
    if kept.status == 0 {
        let stalled = gate.app.clock.now() - kept.created_at > MINUTE;
        let (code, detail) = if stalled {
            (
                "idempotency_outcome_unknown",
                "The first request with this key was cut off. Look whether it was carried out, then use a new key.",
            )
        } else {
            ("idempotency_in_progress", "The first request with this key is still running.")
        };
        return Err(AppError::Conflict(Reason::new(code, detail)));
    }
    let mut response = Response::new(Body::from(kept.body));
    *response.status_mut() = StatusCode::from_u16(kept.status as u16).map_err(AppError::broken)?;
    let headers: Vec<(String, String)> = serde_json::from_str(&kept.headers).map_err(AppError::broken)?;
    for (name, value) in headers {
        let name = HeaderName::try_from(name).map_err(AppError::broken)?;
        response.headers_mut().insert(name, value.parse().map_err(AppError::broken)?);
    }
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    Ok(response)
}

/// Keeps the answer for a replay; an answer that may differ next time is not kept.
async fn keep(app: &App, token: Uuid, key: &str, response: Response) -> AppResult<Response> {
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, MOST_KEPT).await.map_err(AppError::broken)?;
    let passing = head.status.is_server_error() || head.status == StatusCode::TOO_MANY_REQUESTS;
    let headers = kept_headers(&head.headers)?;
    loop {
        let tx = app.begin_write().await?;
        let written = if passing {
            tx.run("delete from idempotency where token_id = $1 and key = $2", params![token, key]).await
        } else {
            tx.run(
                "update idempotency set status = $1, headers = $2, body = $3 \
                 where token_id = $4 and key = $5",
                params![i64::from(head.status.as_u16()), headers.clone(), body.to_vec(), token, key],
            )
            .await
        };
        match written {
            Ok(_) => match tx.commit().await {
                Err(error) if crate::db::is_retryable(&error) => {}
                other => {
                    other?;
                    return Ok(Response::from_parts(head, Body::from(body)));
                }
            },
            Err(error) if crate::db::is_retryable(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn kept_headers(headers: &HeaderMap) -> AppResult<String> {
    let kept: Vec<(String, String)> = KEPT_HEADERS
        .iter()
        .filter_map(|name| {
            let value = headers.get(name)?.to_str().ok()?;
            Some((name.to_string(), value.to_owned()))
        })
        .collect();
    serde_json::to_string(&kept).map_err(AppError::broken)
}
