//! From modules to a running server: schema, router, health, metrics.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;

use crate::app::{App, Module};
use crate::auth::role;
use crate::db::{Database, Migration, MigrationError, migrate};
use crate::http::{RouteFacts, build_router, security_headers};
use crate::ui;

/// All migrations of all modules, in order.
pub fn migrations(modules: &[Module]) -> Vec<Migration> {
    modules.iter().flat_map(|module| module.migrations.clone()).collect()
}

/// Brings the schema up to date and adds the starter roles.
///
/// # Errors
/// When a step fails; the database is then as before.
pub async fn prepare(db: &Database, modules: &[Module], now: i64) -> Result<Vec<&'static str>, MigrationError> {
    let applied = migrate(db, &migrations(modules), now).await?;
    let tx = db.begin_write().await?;
    role::seed(&tx, now).await?;
    tx.commit().await?;
    Ok(applied)
}

/// The program's front door with facts about every route and the API's description.
pub struct Site {
    pub router: Router,
    pub routes: Vec<RouteFacts>,
    pub description: OpenApi,
}

/// What is counted, once counting began: the recorder's clock is compared with the machine's first, for up to a fifth of a
/// second, and nobody waits for that.
pub type Metrics = Arc<OnceLock<PrometheusHandle>>;

fn rendered(metrics: Option<&Metrics>) -> String {
    metrics.and_then(|metrics| metrics.get()).map_or_else(String::new, PrometheusHandle::render)
}

/// Builds the router from the modules.
pub fn site(app: &App, modules: Vec<Module>, description: OpenApi, metrics: Option<Metrics>) -> Site {
    let (mut pages, mut operations) = (Vec::new(), Vec::new());
    for module in modules {
        pages.extend(module.pages);
        operations.extend(module.api);
    }
    let (router, routes, description) = build_router(app, pages, operations, description);
    let document = description.to_json().unwrap_or_default();
    let router = router
        .layer(from_fn(ui::tell_htmx_of_redirects))
        .route("/assets/{*path}", get(ui::serve_asset))
        .route("/api/openapi.json", get(move || openapi_json(document.clone())))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(move || std::future::ready(rendered(metrics.as_ref()))))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(app.clone(), observe))
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new().quality(tower_http::CompressionLevel::Fastest))
        .layer(from_fn(add_security_headers))
        .with_state(app.clone());
    Site { router, routes, description }
}

async fn openapi_json(document: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

/// Ready when the database answers.
async fn ready(State(app): State<App>) -> Response {
    use crate::db::SqlExt;
    match app.db.read().value::<i32>("select 1", vec![]).await {
        Ok(_) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response(),
    }
}

async fn not_found(State(app): State<App>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    crate::http::not_found(&app, &parts)
}

async fn method_not_allowed(State(app): State<App>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    crate::http::method_not_allowed(&app, &parts)
}

/// Counts and times requests by route; no path with ids, no personal data.
async fn observe(State(_): State<App>, request: Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let seconds = started.elapsed().as_secs_f64();
    let labels = [("method", method.to_string()), ("route", route.clone()), ("status", status.to_string())];
    metrics::histogram!("clientele_http_request_seconds", &labels).record(seconds);
    tracing::debug!(%method, route, status, seconds, "request");
    response
}

async fn add_security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in security_headers() {
        headers.insert(name, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
