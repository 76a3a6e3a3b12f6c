//! Likely duplicates over the API.

use axum::extract::State;
use customers::customer::store;
use customers::match_keys;
use matching::{Address, Person, Record, normalise};
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::AppResult;
use platform::http::{Access, ApiRoute, Json, Page, Path, Problem, api};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{Likely, find, may_compare};
use crate::review::follow;

/// The operations on likely duplicates.
pub fn routes() -> Vec<ApiRoute> {
    let needed = Access::Needs(Permission::CustomerView);
    vec![api(needed, routes!(of_customer)), api(needed, routes!(of_input))]
}

/// What a field added to the score.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContributionBody {
    /// For example `last_name`.
    pub field: &'static str,
    /// For example `same`, `nickname`, `typo`, `different`.
    pub finding: &'static str,
    /// How likely strangers show this finding.
    pub rarity: f64,
    /// log2 of the factor by which the odds changed; the prior and all weights add up to log2 of the odds.
    pub weight: f64,
}

/// A customer who is likely the same.
#[derive(Debug, Serialize, ToSchema)]
pub struct LikelyBody {
    pub customer_id: Uuid,
    pub number: String,
    pub display_name: String,
    /// Between 0 and 1.
    pub probability: f64,
    /// Worth acting upon: above the threshold, or by one of the rules.
    pub recommended: bool,
    /// `same_email`, `same_last_name_and_postcode`.
    pub rules: Vec<&'static str>,
    /// log2 of the odds before anything was compared.
    pub prior: f64,
    pub contributions: Vec<ContributionBody>,
}

impl LikelyBody {
    fn of(likely: &Likely, threshold: f64) -> Self {
        let contributions = likely.score.contributions.iter().map(|part| ContributionBody {
            field: part.field.as_str(),
            finding: part.finding.as_str(),
            rarity: part.rarity,
            weight: part.weight,
        });
        Self {
            customer_id: likely.customer.id,
            number: likely.customer.number.clone(),
            display_name: likely.customer.display_name(),
            probability: likely.score.probability,
            recommended: likely.is_recommended(threshold),
            rules: likely.rules.iter().map(|rule| rule.code()).collect(),
            prior: likely.score.prior,
            contributions: contributions.collect(),
        }
    }
}

async fn page(app: &App, likely: &[Likely]) -> AppResult<axum::Json<Page<LikelyBody>>> {
    let threshold = super::threshold(app).await?;
    Ok(axum::Json(Page { items: likely.iter().map(|known| LikelyBody::of(known, threshold)).collect(), next: None }))
}

/// List the customers who are likely the same as one, the likeliest first.
#[utoipa::path(get, path = "/api/v1/customers/{id}/duplicates", tag = "merges", params(("id" = Uuid, Path)),
    responses((status = 200, body = Page<LikelyBody>), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn of_customer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> AppResult<axum::Json<Page<LikelyBody>>> {
    may_compare(caller.fields())?;
    follow::catch_up(&app).await?;
    let customer = store::get(app.db.read(), id).await?;
    page(&app, &find(&app, &match_keys::person(&customer), Some(id)).await?).await
}

/// Somebody who is not stored yet, as a form has them.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct LikelyInput {
    pub title: String,
    pub first_name: String,
    pub last_name: String,
    pub company_name: String,
    pub email: String,
    pub phone: String,
    pub phone2: String,
    pub address1: String,
    pub address2: String,
    pub town: String,
    pub county: String,
    pub postcode: String,
    pub country: String,
}

impl LikelyInput {
    /// The form in which people are compared.
    pub fn person(&self) -> Person {
        let filled = |texts: &[&'_ String]| texts.iter().any(|text| !text.trim().is_empty());
        let address = Address {
            line1: &self.address1,
            line2: &self.address2,
            town: &self.town,
            postcode: &self.postcode,
            state: &self.county,
            country: &self.country,
        };
        let is_somewhere = filled(&[&self.address1, &self.address2, &self.town, &self.postcode]);
        normalise(&Record {
            title: &self.title,
            first_name: &self.first_name,
            last_name: &self.last_name,
            emails: Some(self.email.trim()).filter(|email| !email.is_empty()).into_iter().collect(),
            phones: [&self.phone, &self.phone2]
                .into_iter()
                .filter(|phone| filled(&[*phone]))
                .map(String::as_str)
                .collect(),
            company: &self.company_name,
            addresses: is_somewhere.then_some(address).into_iter().collect(),
            date_of_birth: "",
        })
    }
}

/// List the customers who are likely the same as somebody who is not stored yet.
#[utoipa::path(post, path = "/api/v1/duplicates/likely", tag = "merges", request_body = LikelyInput,
    responses((status = 200, body = Page<LikelyBody>), (status = 403, body = Problem)))]
async fn of_input(
    State(app): State<App>,
    caller: Caller,
    Json(input): Json<LikelyInput>,
) -> AppResult<axum::Json<Page<LikelyBody>>> {
    may_compare(caller.fields())?;
    page(&app, &find(&app, &input.person(), None).await?).await
}
