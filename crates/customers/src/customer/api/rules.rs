//! The rules of the customer area over the API.

use axum::extract::State;
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::AppResult;
use platform::http::{Access, ApiRoute, Json, Problem, api};
use utoipa_axum::routes;

use crate::customer::rules::Rules;

pub(super) fn routes() -> Vec<ApiRoute> {
    let needed = Access::Needs(Permission::SettingsEdit);
    vec![api(needed, routes!(read_rules)), api(needed, routes!(write_rules))]
}

/// Read what was decided about customers: required fields, relay domains, bin, merges, visibility across channels.
#[utoipa::path(get, path = "/api/v1/settings/customers", tag = "customers",
    responses((status = 200, body = Rules), (status = 403, body = Problem)))]
async fn read_rules(State(app): State<App>) -> AppResult<axum::Json<Rules>> {
    Ok(axum::Json(Rules::load(app.db.read()).await?))
}

/// Decide about customers: all of it at once.
#[utoipa::path(put, path = "/api/v1/settings/customers", tag = "customers", request_body = Rules,
    responses((status = 200, body = Rules), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn write_rules(
    State(app): State<App>,
    caller: Caller,
    Json(wanted): Json<Rules>,
) -> AppResult<axum::Json<Rules>> {
    let tx = app.begin_write().await?;
    wanted.save(&tx, &caller.actor(), app.clock.now()).await?;
    let stored = Rules::load(&tx).await?;
    tx.commit().await?;
    app.wake_jobs();
    Ok(axum::Json(stored))
}
