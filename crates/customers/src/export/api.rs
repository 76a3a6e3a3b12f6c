//! The export over HTTP, streamed as it is read.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use platform::app::App;
use platform::auth::{Caller, Permission, Sight};
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, ApiRoute, Path, Problem, Query, api};
use platform::tr;
use tokio::sync::mpsc;
use utoipa_axum::routes;

use super::stream::{ExportFormat, write};
use crate::customer::list::{self, ListFilter};
use crate::view;

/// Pieces of the file that wait for a slow reader.
const WAITING: usize = 4;

/// The export.
pub fn routes() -> Vec<ApiRoute> {
    vec![api(Access::Needs(Permission::CustomerExport), routes!(export_customers))]
}

/// Every customer that the filter finds, as CSV (`csv`) or JSON lines (`jsonl`).
#[utoipa::path(get, path = "/api/v1/exports/customers.{format}", tag = "customers",
    params(("format" = String, Path, description = "`csv` or `jsonl`"), ListFilter),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = Problem)))]
async fn export_customers(
    State(app): State<App>,
    caller: Caller,
    Path(format): Path<String>,
    RawQuery(query): RawQuery,
    Query(filter): Query<ListFilter>,
) -> AppResult<Response> {
    list::refuse_unknown_keys(query.as_deref())?;
    let filter = view::resolve(app.db.read(), caller.staff_id, filter).await?;
    download(&app, caller.sight(), filter, &format).await
}

/// The customers that the filter finds as a download; `format` is `csv` or `jsonl`.
///
/// # Errors
/// `BadRequest` for an unknown format or filter value, before anything is sent.
pub async fn download(app: &App, sight: &Sight, filter: ListFilter, format: &str) -> AppResult<Response> {
    let kind = ExportFormat::of_name(format)
        .ok_or_else(|| AppError::BadRequest(Reason::new("format_unknown", tr!("This format is not known."))))?;
    list::page(&app.db, sight, &ListFilter { limit: Some(1), ..filter.clone() }).await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    let (app, sight) = (app.clone(), sight.clone());
    tokio::spawn(async move {
        if let Err(error) = write(&app, &sight, filter, kind, &sender).await {
            tracing::error!(%error, "an export was cut off");
        }
    });
    let stream = futures::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (Ok::<Bytes, Infallible>(piece), receiver))
    });
    let headers: [(HeaderName, String); 2] = [
        (header::CONTENT_TYPE, content_type(kind).to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"customers.{format}\"")),
    ];
    Ok((headers, Body::from_stream(stream)).into_response())
}

fn content_type(kind: ExportFormat) -> &'static str {
    match kind {
        ExportFormat::Csv => "text/csv; charset=utf-8",
        ExportFormat::JsonLines => "application/x-ndjson",
    }
}
