//! Who belongs to which channel, told by the area that knows customers: the platform keeps people apart, but knows neither
//! channels nor customers.

use std::collections::BTreeSet;
use std::pin::Pin;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use uuid::Uuid;

use crate::app::App;
use crate::auth::{Caller, Reach};
use crate::error::{AppError, AppResult};
use crate::i18n::Message;
use crate::tr;

/// What the area answers.
pub type Answer<T> = Pin<Box<dyn Future<Output = AppResult<T>> + Send>>;

/// Those of some customers who are within a reach, or became part of somebody who is; one that does not exist is not.
pub type InReach = fn(App, Vec<Uuid>, Reach) -> Answer<Vec<Uuid>>;

/// Every channel with its name, in the order they are shown.
pub type ChannelsOf = fn(App) -> Answer<Vec<(Uuid, String)>>;

/// The channels people can belong to.
///
/// # Errors
/// When they cannot be read.
pub async fn channels(app: &App) -> AppResult<Vec<(Uuid, String)>> {
    match app.channels_of {
        Some(channels_of) => channels_of(app.clone()).await,
        None => Ok(Vec::new()),
    }
}

/// The channels that these texts name, by id or name.
///
/// # Errors
/// `Invalid` on `channels` with `unknown_channel`.
pub async fn named_channels(app: &App, texts: &[String]) -> AppResult<BTreeSet<Uuid>> {
    let known = channels(app).await?;
    let find = |text: &String| {
        let is = |(id, name): &&(Uuid, String)| id.to_string() == *text || name.eq_ignore_ascii_case(text);
        known.iter().find(is).map(|(id, _)| *id).ok_or_else(|| {
            let detail = Message::new(tr!("There is no channel {name}.")).with("name", text);
            AppError::field("channels", "unknown_channel", detail)
        })
    };
    texts.iter().filter(|text| !text.is_empty()).map(find).collect()
}

/// Refuses a customer whom somebody does not see, as if there were none.
///
/// # Errors
/// `NotFound`.
pub async fn ensure(app: &App, caller: &Caller, customer: Uuid) -> AppResult<()> {
    match those_within(app, &caller.sight().reach, vec![customer]).await?.is_empty() {
        true => Err(AppError::NotFound),
        false => Ok(()),
    }
}

/// Those of some customers who are within a reach.
///
/// # Errors
/// When they cannot be read.
pub async fn those_within(app: &App, reach: &Reach, customers: Vec<Uuid>) -> AppResult<Vec<Uuid>> {
    match app.in_reach {
        Some(in_reach) if reach.is_limited() => in_reach(app.clone(), customers, reach.clone()).await,
        _ => Ok(customers),
    }
}

/// The parameters of a route's path that name customers: `{customer}` anywhere, and `{id}` behind `customers`.
pub fn customers_in(route: &str) -> Vec<&'static str> {
    let segments: Vec<&str> = route.split('/').collect();
    let named = |place: usize| match segments[place] {
        "{customer}" => Some("customer"),
        "{id}" if segments[place - 1] == "customers" => Some("id"),
        _ => None,
    };
    (1..segments.len()).filter_map(named).collect()
}

/// Refuses a request for a customer whom the caller does not see, or whose id cannot be read.
///
/// # Errors
/// `NotFound`.
pub async fn ensure_all(app: &App, caller: &Caller, names: &[&str], parts: &mut Parts) -> AppResult<()> {
    if names.is_empty() || !caller.sight().reach.is_limited() {
        return Ok(());
    }
    // As the handler reads them: decoded.
    let params = RawPathParams::from_request_parts(parts, &()).await.map_err(|_| AppError::NotFound)?;
    for (_, value) in params.iter().filter(|(name, _)| names.contains(name)) {
        let id = Uuid::parse_str(value).map_err(|_| AppError::NotFound)?;
        ensure(app, caller, id).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_found_in_routes() {
        assert_eq!(customers_in("/api/v1/customers/{id}/x"), ["id"]);
        assert_eq!(customers_in("/customers/views/{id}/why/{customer}"), ["customer"]);
        assert!(customers_in("/imports/{id}").is_empty());
    }
}
