//! Who belongs to which channel, told by the area that knows customers: the platform keeps people apart, but knows neither
//! channels nor customers.

use std::collections::BTreeSet;
use std::pin::Pin;

use uuid::Uuid;

use crate::app::App;
use crate::auth::{Caller, Reach};
use crate::error::{AppError, AppResult};
use crate::i18n::Message;
use crate::tr;

/// What the area answers.
pub type Answer<T> = Pin<Box<dyn Future<Output = AppResult<T>> + Send>>;

/// Whether a customer is within a reach; a customer that does not exist is not.
pub type InReach = fn(App, Uuid, Reach) -> Answer<bool>;

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
    let reach = &caller.permissions.sight.reach;
    match app.in_reach {
        Some(in_reach) if reach.is_limited() && !in_reach(app.clone(), customer, reach.clone()).await? => {
            Err(AppError::NotFound)
        }
        _ => Ok(()),
    }
}

/// Where the path of a route names customers, counted in segments: `{customer}` anywhere, and `{id}` behind `customers`.
pub fn customers_in(route: &str) -> Vec<usize> {
    let segments: Vec<&str> = route.split('/').collect();
    let names_one = |place: &usize| {
        segments[*place] == "{customer}" || (segments[*place] == "{id}" && segments[place - 1] == "customers")
    };
    (1..segments.len()).filter(names_one).collect()
}

/// The customers that an address names at these places.
pub fn customers_at(path: &str, places: &[usize]) -> Vec<Uuid> {
    let segments: Vec<&str> = path.split('/').collect();
    places.iter().filter_map(|place| segments.get(*place)?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_found_in_addresses() {
        let (id, other) = (Uuid::from_u128(7), Uuid::from_u128(8));
        assert_eq!(customers_at(&format!("/api/v1/customers/{id}/x"), &customers_in("/api/v1/customers/{id}/x")), [id]);
        let path = format!("/customers/views/{other}/why/{id}");
        assert_eq!(customers_at(&path, &customers_in("/customers/views/{id}/why/{customer}")), [id]);
        assert!(customers_in("/imports/{id}").is_empty());
    }
}
