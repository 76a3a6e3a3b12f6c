//! The lists that administrators fill, over the API.

use axum::extract::State;
use axum::http::StatusCode;
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult};
use platform::http::{Access, ApiRoute, Json, Page, Path, Problem, api};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{ChoiceList, ChoiceRow};

/// The operations on lists.
pub fn routes() -> Vec<ApiRoute> {
    vec![
        api(Access::Needs(Permission::CustomerView), routes!(list_choices)),
        api(Access::Needs(Permission::SettingsEdit), routes!(create_choice)),
        api(Access::Needs(Permission::SettingsEdit), routes!(change_choice)),
    ]
}

/// An entry of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChoiceBody {
    pub id: Uuid,
    pub name: String,
    /// No longer offered for new records.
    pub retired: bool,
}

impl From<ChoiceRow> for ChoiceBody {
    fn from(row: ChoiceRow) -> Self {
        Self { id: row.id, name: row.name, retired: row.retired_at.is_some() }
    }
}

/// A new entry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceCreate {
    pub name: String,
}

/// What to change of an entry; missing means unchanged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceWrite {
    pub name: Option<String>,
    pub retired: Option<bool>,
}

fn list_of(key: &str) -> AppResult<ChoiceList> {
    ChoiceList::from_key(key).ok_or(AppError::NotFound)
}

async fn body_of(db: &impl platform::sea_orm::ConnectionTrait, list: ChoiceList, id: Uuid) -> AppResult<ChoiceBody> {
    Ok(super::find(db, list, id).await?.into())
}

/// List the entries of `source` or `property_type`.
#[utoipa::path(get, path = "/api/v1/lists/{list}", tag = "lists", params(("list" = String, Path)),
    responses((status = 200, body = Page<ChoiceBody>), (status = 404, body = Problem)))]
async fn list_choices(State(app): State<App>, Path(list): Path<String>) -> AppResult<axum::Json<Page<ChoiceBody>>> {
    let rows = super::list(app.db.read(), list_of(&list)?).await?;
    Ok(axum::Json(Page { items: rows.into_iter().map(ChoiceBody::from).collect(), next: None }))
}

/// Add an entry at the end of a list.
#[utoipa::path(post, path = "/api/v1/lists/{list}", tag = "lists", params(("list" = String, Path)),
    request_body = ChoiceCreate,
    responses((status = 201, body = ChoiceBody), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn create_choice(
    State(app): State<App>,
    caller: Caller,
    Path(list): Path<String>,
    Json(body): Json<ChoiceCreate>,
) -> AppResult<(StatusCode, axum::Json<ChoiceBody>)> {
    let list = list_of(&list)?;
    let tx = app.begin_write().await?;
    let id = super::add(&tx, &caller.actor(), app.clock.now(), list, &body.name).await?;
    let created = body_of(&tx, list, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(created)))
}

/// Rename an entry, retire it or bring it back.
#[utoipa::path(patch, path = "/api/v1/lists/{list}/{id}", tag = "lists",
    params(("list" = String, Path), ("id" = Uuid, Path)), request_body = ChoiceWrite,
    responses((status = 200, body = ChoiceBody), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn change_choice(
    State(app): State<App>,
    caller: Caller,
    Path((list, id)): Path<(String, Uuid)>,
    Json(body): Json<ChoiceWrite>,
) -> AppResult<axum::Json<ChoiceBody>> {
    let list = list_of(&list)?;
    let (actor, now) = (caller.actor(), app.clock.now());
    let tx = app.begin_write().await?;
    if let Some(name) = &body.name {
        super::rename(&tx, &actor, now, list, id, name).await?;
    }
    if let Some(retired) = body.retired {
        super::set_retired(&tx, &actor, now, list, id, retired).await?;
    }
    let changed = body_of(&tx, list, id).await?;
    tx.commit().await?;
    Ok(axum::Json(changed))
}
