//! The search box over the API.

use axum::extract::State;
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::AppResult;
use platform::http::{Access, ApiRoute, Page, Query, api};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::Found;

/// Hits given by default and at most.
const HITS: usize = 10;
const MOST_HITS: usize = 50;

/// The search.
pub fn routes() -> Vec<ApiRoute> {
    vec![api(Access::Needs(Permission::CustomerView), routes!(search_customers))]
}

/// What to look for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchParams {
    /// Name, e-mail, phone in any notation, number, company, postcode; typing errors are forgiven.
    pub q: String,
    /// 1 to 50, by default 10.
    pub limit: Option<usize>,
}

/// A customer found, the best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct HitBody {
    pub id: Uuid,
    pub number: String,
    pub name: String,
    pub company: String,
    pub email: String,
    pub phone: String,
    pub town: String,
    pub status: String,
    pub active: bool,
    /// Found by forgiving typing errors.
    pub corrected: bool,
}

impl From<Found> for HitBody {
    fn from(found: Found) -> Self {
        let Found { id, number, name, company, email, phone, town, status, active, corrected } = found;
        Self { id, number, name, company, email, phone, town, status, active, corrected }
    }
}

/// Search customers by anything, the best hit first.
#[utoipa::path(get, path = "/api/v1/search", tag = "customers", params(SearchParams),
    responses((status = 200, body = Page<HitBody>)))]
async fn search_customers(
    State(app): State<App>,
    caller: Caller,
    Query(params): Query<SearchParams>,
) -> AppResult<axum::Json<Page<HitBody>>> {
    let limit = params.limit.unwrap_or(HITS).clamp(1, MOST_HITS);
    let found = super::find(&app.db, caller.sight(), &params.q, limit).await?;
    Ok(axum::Json(Page { items: found.into_iter().map(HitBody::from).collect(), next: None }))
}
