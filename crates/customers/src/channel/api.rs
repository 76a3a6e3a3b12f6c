//! Sales channels over the API.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult};
use platform::http::{Access, ApiRoute, IfMatch, Json, Page, Path, Problem, api, etag};
use platform::sea_orm::ConnectionTrait;
use platform::settings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{ChannelInput, ChannelRow};
use crate::customer::profile::{EntryProfiles, Profile};

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
    /// Fields that its entry forms ask for, where these are not those of the whole shop (R6).
    pub required: BTreeMap<Profile, Vec<String>>,
}

impl ChannelBody {
    fn of(row: ChannelRow, profiles: &EntryProfiles) -> Self {
        let ChannelRow { id, name, kind, number_prefix, active, version } = row;
        Self { id, version, name, kind, number_prefix, active, required: profiles.of_channel(id) }
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
    /// Fields that its entry forms (`full`, `register`, `quick`, `import`) ask for; a form that is missing or empty asks as
    /// in the whole shop. Left out, it stays as it is.
    pub required: Option<BTreeMap<Profile, Vec<String>>>,
}

fn prefix() -> String {
    "C".to_owned()
}

fn yes() -> bool {
    true
}

impl From<ChannelWrite> for ChannelInput {
    fn from(body: ChannelWrite) -> Self {
        let ChannelWrite { name, kind, number_prefix, active, required } = body;
        Self { name, kind, number_prefix, active, required }
    }
}

async fn answer(db: &impl ConnectionTrait, status: StatusCode, id: Uuid) -> AppResult<Response> {
    let row = super::find(db, id).await?.ok_or(AppError::NotFound)?;
    let profiles = settings::load(db).await?;
    Ok((status, [(header::ETAG, etag(row.version))], axum::Json(ChannelBody::of(row, &profiles))).into_response())
}

/// List all channels.
#[utoipa::path(get, path = "/api/v1/channels", tag = "channels",
    responses((status = 200, body = Page<ChannelBody>)))]
async fn list_channels(State(app): State<App>) -> AppResult<axum::Json<Page<ChannelBody>>> {
    let profiles = settings::load(app.db.read()).await?;
    let body = |row| ChannelBody::of(row, &profiles);
    let items = super::list(app.db.read()).await?.into_iter().map(body).collect();
    Ok(axum::Json(Page { items, next: None }))
}

/// Read one channel.
#[utoipa::path(get, path = "/api/v1/channels/{id}", tag = "channels", params(("id" = Uuid, Path)),
    responses((status = 200, body = ChannelBody), (status = 404, body = Problem)))]
async fn read_channel(State(app): State<App>, Path(id): Path<Uuid>) -> AppResult<Response> {
    answer(app.db.read(), StatusCode::OK, id).await
}

/// Create a channel.
#[utoipa::path(post, path = "/api/v1/channels", tag = "channels", request_body = ChannelWrite,
    responses((status = 201, body = ChannelBody), (status = 422, body = Problem)))]
async fn create_channel(State(app): State<App>, caller: Caller, Json(body): Json<ChannelWrite>) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    let id = super::add(&tx, &caller.actor(), app.clock.now(), &body.into()).await?;
    let answer = answer(&tx, StatusCode::CREATED, id).await?;
    tx.commit().await?;
    app.wake_jobs();
    Ok(([(header::LOCATION, format!("/api/v1/channels/{id}"))], answer).into_response())
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
    let answer = answer(&tx, StatusCode::OK, id).await?;
    tx.commit().await?;
    app.wake_jobs();
    Ok(answer)
}
