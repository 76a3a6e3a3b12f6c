//! Who is within somebody's reach: customers with one of their channels as home or further channel (R26).

use std::collections::{BTreeMap, BTreeSet};

use platform::app::App;
use platform::auth::Reach;
use platform::db::{SqlExt, these};
use platform::error::{AppError, AppResult, Reason};
use platform::reach::Answer;
use platform::sea_orm::{ConnectionTrait, DbErr, Value};
use platform::tr;
use uuid::Uuid;

use super::model::Customer;
use super::store;
use crate::channel;

/// Customers looked up with one statement.
const AT_ONCE: usize = 500;

/// Whether the customer is within the reach.
pub fn holds(reach: &Reach, customer: &Customer) -> bool {
    reach.holds(customer.home_channel_id.into_iter().chain(customer.channels.iter().copied()))
}

/// Refuses a change beyond the reach: of a customer whom the writer does not see, or of a channel that is not theirs.
///
/// # Errors
/// `NotFound` for such a customer, `Forbidden` with `channel_out_of_reach` for such a change.
pub fn ensure_change(reach: &Reach, before: &Customer, after: &Customer) -> AppResult<()> {
    let Some(own) = reach.channels() else { return Ok(()) };
    if !holds(reach, before) {
        return Err(AppError::NotFound);
    }
    let all = |customer: &Customer| -> BTreeSet<Uuid> {
        customer.home_channel_id.into_iter().chain(customer.channels.iter().copied()).collect()
    };
    let touched: BTreeSet<Uuid> = all(before).symmetric_difference(&all(after)).copied().collect();
    if touched.is_subset(own) && holds(reach, after) {
        return Ok(());
    }
    let detail = tr!("This concerns a channel whose customers you do not see.");
    Err(AppError::Forbidden(Reason::new("channel_out_of_reach", detail)))
}

/// SQL by which a customer `c` has one of the channels that these places name.
pub fn has_channel(places: &str) -> String {
    format!(
        "(c.home_channel_id in ({places}) or exists \
         (select 1 from customer_channel x where x.customer_id = c.id and x.channel_id in ({places})))"
    )
}

/// SQL by which a customer `c` is within the reach; `None` where everybody is.
pub fn condition(reach: &Reach, params: &mut Vec<Value>) -> Option<String> {
    let place = |channel: &Uuid| {
        params.push((*channel).into());
        format!("${}", params.len())
    };
    let places: Vec<String> = reach.channels()?.iter().map(place).collect();
    Some(has_channel(&places.join(", ")))
}

/// Those of some customers who are within the reach, in the order given.
///
/// # Errors
/// When the database cannot be read.
pub async fn those_within(db: &impl ConnectionTrait, reach: &Reach, ids: Vec<Uuid>) -> Result<Vec<Uuid>, DbErr> {
    if !reach.is_limited() {
        return Ok(ids);
    }
    let mut found: BTreeSet<Uuid> = BTreeSet::new();
    for chunk in ids.chunks(AT_ONCE) {
        let mut params = Vec::new();
        let from = these("customer", chunk, &mut params);
        let condition = condition(reach, &mut params).unwrap_or_else(|| "true".to_owned());
        found.extend(db.values::<Uuid>(&format!("select c.id from {from} c where {condition}"), params).await?);
    }
    Ok(ids.into_iter().filter(|id| found.contains(id)).collect())
}

/// Names and numbers of customers, where whoever is beyond the reach is called by the number alone.
///
/// # Errors
/// When the database cannot be read.
pub async fn call_by_number(
    db: &impl ConnectionTrait,
    reach: &Reach,
    names: &mut BTreeMap<Uuid, (String, String)>,
) -> Result<(), DbErr> {
    if !reach.is_limited() {
        return Ok(());
    }
    let seen = those_within(db, reach, names.keys().copied().collect()).await?;
    for (_, (name, number)) in names.iter_mut().filter(|(id, _)| !seen.contains(id)) {
        name.clone_from(number);
    }
    Ok(())
}

/// Those of some customers who are within the reach, or became part of somebody who is.
pub fn in_reach(app: App, ids: Vec<Uuid>, reach: Reach) -> Answer<Vec<Uuid>> {
    Box::pin(async move {
        let mut standing = Vec::with_capacity(ids.len());
        for id in &ids {
            standing.push(store::standing(app.db.read(), *id).await?);
        }
        let within = those_within(app.db.read(), &reach, standing.clone()).await?;
        Ok(ids.into_iter().zip(standing).filter(|(_, standing)| within.contains(standing)).map(|(id, _)| id).collect())
    })
}

/// Every channel with its name.
pub fn channels_of(app: App) -> Answer<Vec<(Uuid, String)>> {
    Box::pin(async move {
        let rows = channel::list(app.db.read()).await?;
        Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
    })
}
