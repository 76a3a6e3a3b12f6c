//! Figures over the API.

use axum::extract::{RawQuery, State};
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, ApiRoute, Path, Problem, Query, api};
use platform::tr;
use utoipa_axum::routes;

use crate::customer::list::{self, By, ListFilter, Part};
use crate::view;

/// The operations on figures.
pub fn routes() -> Vec<ApiRoute> {
    vec![api(Access::Needs(Permission::CustomerView), routes!(count_customers))]
}

/// How the customers that a filter finds are spread, at most a minute old.
#[utoipa::path(get, path = "/api/v1/figures/customers/{by}", tag = "customers",
    params(("by" = By, Path, description = "`week`, `channel`, `group` or `country`"), ListFilter),
    responses((status = 200, body = [Part]), (status = 400, body = Problem)))]
async fn count_customers(
    State(app): State<App>,
    caller: Caller,
    Path(by): Path<String>,
    RawQuery(query): RawQuery,
    Query(filter): Query<ListFilter>,
) -> AppResult<axum::Json<Vec<Part>>> {
    list::refuse_unknown_keys(query.as_deref())?;
    let by: By = serde_json::from_value(by.into())
        .map_err(|_| AppError::BadRequest(Reason::new("figure_unknown", tr!("Customers are not counted by this."))))?;
    let filter = view::resolve(app.db.read(), caller.staff_id, filter).await?;
    Ok(axum::Json(super::parts(&app, caller.sight(), &filter, by).await?))
}
