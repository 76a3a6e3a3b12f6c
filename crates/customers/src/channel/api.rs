//! Sales channels over the API.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult};
use platform::http::{Access, ApiRoute, IfMatch, Json, Page, Path, Problem, api, etag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{ChannelInput, ChannelRow};

/// The operations on channels.
pub fn routes() -> Vec<ApiRoute> {
    let needs = Access::Needs;
    vec![
        api(needs(Permission::CustomerView), routes!(list_channels)),
        api(needs(Permission::CustomerView), routes!(read_channel)),
        api(needs(Permission::SettingsEdit), routes!(create_channel)),
        api(needs(Permission::SettingsEdit), routes!(change_channel)),
    ]
}

/// A sales channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelBody {
    pub id: Uuid,
    pub version: i64,
    pub name: String,
    /// `shop`, `marketplace`, `pos` or `external`.
    pub kind: String,
    pub number_prefix: String,
    pub active: bool,
}

impl From<ChannelRow> for ChannelBody {
    fn from(row: ChannelRow) -> Self {
        let ChannelRow { id, name, kind, number_prefix, active, version } = row;
        Self { id, version, name, kind, number_prefix, active }
    }
}

/// A channel to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelWrite {
    pub name: String,
    pub kind: String,
    #[serde(default = "prefix")]
    pub number_prefix: String,
    #[serde(default = "yes")]
    pub active: bool,
}

fn prefix() -> String {
    "C".to_owned()
}

fn yes() -> bool {
    true
}

impl From<ChannelWrite> for ChannelInput {
    fn from(body: ChannelWrite) -> Self {
        let ChannelWrite { name, kind, number_prefix, active } = body;
        Self { name, kind, number_prefix, active }
    }
}

fn answer(status: StatusCode, row: ChannelRow) -> Response {
    (status, [(header::ETAG, etag(row.version))], axum::Json(ChannelBody::from(row))).into_response()
}

/// List all channels.
#[utoipa::path(get, path = "/api/v1/channels", tag = "channels",
    responses((status = 200, body = Page<ChannelBody>)))]
async fn list_channels(State(app): State<App>) -> AppResult<axum::Json<Page<ChannelBody>>> {
    let items = super::list(app.db.read()).await?.into_iter().map(ChannelBody::from).collect();
    Ok(axum::Json(Page { items, next: None }))
}

/// Read one channel.
#[utoipa::path(get, path = "/api/v1/channels/{id}", tag = "channels", params(("id" = Uuid, Path)),
    responses((status = 200, body = ChannelBody), (status = 404, body = Problem)))]
async fn read_channel(State(app): State<App>, Path(id): Path<Uuid>) -> AppResult<Response> {
    let row = super::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    Ok(answer(StatusCode::OK, row))
}

/// Create a channel.
#[utoipa::path(post, path = "/api/v1/channels", tag = "channels", request_body = ChannelWrite,
    responses((status = 201, body = ChannelBody), (status = 422, body = Problem)))]
async fn create_channel(State(app): State<App>, caller: Caller, Json(body): Json<ChannelWrite>) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    let id = super::add(&tx, &caller.actor(), app.clock.now(), &body.into()).await?;
    let row = super::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    let place = [(header::LOCATION, format!("/api/v1/channels/{id}"))];
    Ok((place, answer(StatusCode::CREATED, row)).into_response())
}

/// Change a channel.
#[utoipa::path(put, path = "/api/v1/channels/{id}", tag = "channels",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = ChannelWrite,
    responses((status = 200, body = ChannelBody), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn change_channel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(body): Json<ChannelWrite>,
) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    super::save(&tx, &caller.actor(), app.clock.now(), id, version, &body.into()).await?;
    let row = super::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(answer(StatusCode::OK, row))
}
