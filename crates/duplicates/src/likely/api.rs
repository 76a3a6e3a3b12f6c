//! Likely duplicates over the API.

use axum::extract::State;
use customers::customer::model::{Address as StoredAddress, ContactKind, Customer};
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
    page(&app, &find(&app, &caller.sight().reach, &match_keys::person(&customer), Some(id)).await?).await
}

/// Somebody who is not stored yet, as a form has them.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
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
        self.with(&[], &[], &[])
    }

    /// Somebody who is stored, with what a form has typed over it: what the form leaves out stays as it is stored.
    pub fn over(mut self, stored: &Customer) -> Person {
        let fill = |typed: &mut String, known: &str| {
            if typed.trim().is_empty() {
                known.clone_into(typed);
            }
        };
        fill(&mut self.title, &stored.title);
        fill(&mut self.first_name, &stored.first_name);
        fill(&mut self.last_name, &stored.last_name);
        fill(&mut self.company_name, &stored.company_name);
        let email = stored.primary_email().filter(|email| email.kind != ContactKind::Relay);
        fill(&mut self.email, email.map_or("", |email| &email.address));
        fill(&mut self.phone, stored.main_phone());
        let mut others: Vec<&StoredAddress> = stored.addresses.iter().collect();
        if filled(&[&self.address1, &self.address2, &self.town, &self.postcode]) {
            others.retain(|address| !address.is_primary);
        }
        let emails = stored.emails.iter().filter(|email| !email.is_primary && email.kind != ContactKind::Relay);
        let emails: Vec<&str> = emails.map(|email| email.folded.as_str()).collect();
        let phones = stored.phones.iter().filter(|phone| !phone.is_primary);
        let phones: Vec<&str> = phones.map(|phone| phone.typed.as_str()).collect();
        self.with(&emails, &phones, &others)
    }

    fn with(&self, emails: &[&str], phones: &[&str], addresses: &[&StoredAddress]) -> Person {
        let typed = Address {
            line1: &self.address1,
            line2: &self.address2,
            town: &self.town,
            postcode: &self.postcode,
            state: &self.county,
            country: &self.country,
        };
        let is_somewhere = filled(&[&self.address1, &self.address2, &self.town, &self.postcode]);
        let stored = addresses.iter().map(|address| Address {
            line1: &address.line1,
            line2: &address.line2,
            town: &address.town,
            postcode: &address.postcode,
            state: &address.county,
            country: &address.country,
        });
        let own_phones = [&self.phone, &self.phone2].into_iter().filter(|phone| filled(&[*phone])).map(String::as_str);
        let own_email = Some(self.email.trim()).filter(|email| !email.is_empty());
        normalise(&Record {
            title: &self.title,
            first_name: &self.first_name,
            last_name: &self.last_name,
            emails: own_email.into_iter().chain(emails.iter().copied()).collect(),
            phones: own_phones.chain(phones.iter().copied()).collect(),
            company: &self.company_name,
            addresses: is_somewhere.then_some(typed).into_iter().chain(stored).collect(),
            date_of_birth: "",
        })
    }
}

fn filled(texts: &[&String]) -> bool {
    texts.iter().any(|text| !text.trim().is_empty())
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
    page(&app, &find(&app, &caller.sight().reach, &input.person(), None).await?).await
}
