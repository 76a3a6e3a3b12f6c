//! Likely duplicates of one customer, found at once through stored match keys (S3-67, S3-69, S3-70): on the customer's
//! page, over the API, and in a form before it is saved.
//!
//! Always true: looking up is bounded, whatever many customers share; the same surname at the same postcode and the same
//! e-mail address are always recommended, however unlikely the score.

pub mod api;
mod pages;
mod words;

use std::collections::{BTreeSet, HashMap};

use customers::customer::model::Customer;
use customers::customer::reach::holds;
use customers::customer::store;
use customers::match_keys;
use matching::{KeyKind, Model, Person, Score, Statistics, Value, ValueKind};
use platform::app::App;
use platform::clock::MINUTE;
use platform::db::SqlExt;
use platform::error::{AppError, AppResult, Reason};
use platform::http::PageRoute;
use platform::sea_orm::Value as SqlValue;
use platform::{auth, params, settings, tr};
use uuid::Uuid;

use crate::review::decide;
use crate::review::settings::DuplicateSettings;

pub use words::{certainty, field_words, finding_words};

/// The pages of this slice.
pub fn page_routes() -> Vec<PageRoute> {
    pages::routes()
}

/// Customers looked at for one key: a value that more of them share tells little.
const MOST_PER_KEY: i64 = 40;
/// Customers compared at most.
const MOST_COMPARED: usize = 80;
/// Duplicates shown at most.
const MOST_SHOWN: usize = 20;
/// How long the number of customers is kept; it moves the prior by a hair.
const COUNTED_FOR: i64 = 10 * MINUTE;
/// Below this nobody wants to look.
const LEAST: f64 = 0.5;

/// A rule by which two records are always recommended, as the catalogue names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// S3-69.
    LastNamePostcode,
    /// S3-70.
    Email,
}

impl Rule {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::LastNamePostcode => "same_last_name_and_postcode",
            Self::Email => "same_email",
        }
    }
}

/// A customer who may be the same, and why.
#[derive(Clone, Debug)]
pub struct Likely {
    pub customer: Customer,
    pub score: Score,
    pub rules: Vec<Rule>,
}

impl Likely {
    /// Whether it is worth saying unasked, where this is the shop's threshold.
    pub fn is_recommended(&self, threshold: f64) -> bool {
        self.score.probability >= threshold || !self.rules.is_empty()
    }
}

/// How often values occur, as far as the customers found tell: everybody who shares a mailbox, number or address is among
/// them; names are left to what is usual.
struct Around {
    customers: u64,
    counts: HashMap<u64, u32>,
}

impl Statistics for Around {
    fn customers(&self) -> u64 {
        self.customers
    }

    fn count(&self, value: Value) -> Option<u32> {
        let kind = value.code() >> 56;
        let exact = [ValueKind::Mailbox, ValueKind::Phone, ValueKind::Address, ValueKind::Company];
        let is_exact = exact.into_iter().any(|known| known as u64 == kind);
        is_exact.then(|| self.counts.get(&value.code()).copied().unwrap_or(1))
    }
}

impl Around {
    fn of<'a>(customers: u64, people: impl Iterator<Item = &'a Person>) -> Self {
        let mut counts: HashMap<u64, u32> = HashMap::new();
        for person in people {
            matching::values(person, |value| *counts.entry(value.code()).or_default() += 1);
        }
        Self { customers, counts }
    }
}

/// Refuses those who do not see every field: what is alike would tell them what they may not see.
///
/// # Errors
/// `Forbidden` with `duplicates_need_all_fields`.
pub fn may_compare(rights: &auth::FieldRights) -> AppResult<()> {
    if rights.is_unlimited() {
        return Ok(());
    }
    let detail = tr!("Comparing customers needs a role that sees every field of a customer.");
    Err(AppError::Forbidden(Reason::new("duplicates_need_all_fields", detail)))
}

async fn sharing_a_key(app: &App, keys: &BTreeSet<i64>, but: Option<Uuid>) -> AppResult<Vec<Uuid>> {
    let mut found: HashMap<Uuid, usize> = HashMap::new();
    let part = |place: usize| {
        format!(
            "select * from (select customer_id from customer_match_key where hash = ${place} limit {MOST_PER_KEY}) k{place}"
        )
    };
    let sql = (1..=keys.len()).map(part).collect::<Vec<_>>().join(" union all ");
    let values: Vec<SqlValue> = keys.iter().map(|key| SqlValue::from(*key)).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    for id in app.db.read().values::<Uuid>(&sql, values).await? {
        *found.entry(id).or_default() += 1;
    }
    but.and_then(|id| found.remove(&id));
    let mut ids: Vec<(usize, Uuid)> = found.into_iter().map(|(id, shared)| (shared, id)).collect();
    ids.sort_by_key(|(shared, id)| (std::cmp::Reverse(*shared), *id));
    Ok(ids.into_iter().take(MOST_COMPARED).map(|(_, id)| id).collect())
}

/// The keys of a person that rules look at.
struct RuleKeys([(Rule, BTreeSet<u64>); 2]);

impl RuleKeys {
    fn of(person: &Person) -> Self {
        let keys = matching::match_keys(person);
        let of_kind = |kind: KeyKind| keys.iter().filter(|key| key.kind == kind).map(|key| key.hash).collect();
        Self([(Rule::LastNamePostcode, of_kind(KeyKind::LastNamePostcode)), (Rule::Email, of_kind(KeyKind::Mailbox))])
    }

    /// The rules by which two are recommended.
    fn shared(&self, other: &Self) -> Vec<Rule> {
        let pairs = self.0.iter().zip(&other.0);
        pairs.filter(|((_, own), (_, others))| !own.is_disjoint(others)).map(|((rule, _), _)| *rule).collect()
    }
}

async fn customers(app: &App) -> AppResult<u64> {
    let count = async {
        let sql = "select count(*) from customer where deleted_at is null";
        Ok(app.db.read().value::<i64>(sql, params![]).await?.unwrap_or(0))
    };
    let customers = app.memo.get("duplicates.customers", app.clock.now(), COUNTED_FOR, count).await?;
    Ok(customers.max(2).cast_unsigned())
}

/// Least probability of a pair that the shop wants to see unasked.
///
/// # Errors
/// When the database cannot be read.
pub async fn threshold(app: &App) -> AppResult<f64> {
    let settings: DuplicateSettings = settings::load(app.db.read()).await?;
    Ok(settings.threshold)
}

/// How likely two customers are one.
///
/// # Errors
/// When the database cannot be read.
pub async fn score(app: &App, a: &Person, b: &Person) -> AppResult<Score> {
    let around = Around::of(customers(app).await?, [a, b].into_iter());
    Ok(Model::shipped().score(a, b, &around))
}

/// Customers who are likely the same as `asked`, the likeliest first, save those about whom it was decided otherwise. `own`
/// is left out, and whoever is beyond the reach of the reader.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(app: &App, reach: &auth::Reach, asked: &Person, own: Option<Uuid>) -> AppResult<Vec<Likely>> {
    let mut likely = find_among(app, asked, own, &[]).await?;
    likely.retain(|known| holds(reach, &known.customer));
    if let Some(own) = own {
        let now = app.clock.now();
        let decided = decide::standing(app.db.read(), own, asked).await?;
        let rests = |id: Uuid| decided.iter().any(|decision| decision.other_id == id && decision.rests(now));
        likely.retain(|known| !rests(known.customer.id));
    }
    likely.truncate(MOST_SHOWN);
    Ok(likely)
}

/// All customers who are likely the same as `asked`, decided or not, and what comparing those of `also` answers.
///
/// # Errors
/// When the database cannot be read.
pub async fn find_among(app: &App, asked: &Person, own: Option<Uuid>, also: &[Uuid]) -> AppResult<Vec<Likely>> {
    let mut ids = sharing_a_key(app, &match_keys::keys_of(asked), own).await?;
    ids.extend(also.iter().filter(|id| !ids.contains(id)).copied().collect::<Vec<_>>());
    let others: Vec<(Customer, Person)> = store::find_many(app.db.read(), &ids)
        .await?
        .into_iter()
        .filter(Customer::can_be_edited)
        .map(|customer| (match_keys::person(&customer), customer))
        .map(|(person, customer)| (customer, person))
        .collect();
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let people = others.iter().map(|(_, person)| person).chain([asked]);
    let around = Around::of(customers(app).await?, people);
    let model = Model::shipped();
    let keys = RuleKeys::of(asked);
    let mut likely: Vec<Likely> = others
        .into_iter()
        .map(|(customer, person)| Likely {
            score: model.score(asked, &person, &around),
            rules: keys.shared(&RuleKeys::of(&person)),
            customer,
        })
        .filter(|likely| likely.score.probability >= LEAST || !likely.rules.is_empty())
        .collect();
    likely.sort_by(|a, b| b.score.probability.total_cmp(&a.score.probability).then(a.customer.id.cmp(&b.customer.id)));
    Ok(likely)
}
