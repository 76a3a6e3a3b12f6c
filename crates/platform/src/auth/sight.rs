//! What somebody sees of customers: which ones (R26), and what of their fields.
//!
//! - A shop decides whether its people see the customers of every channel or only those of their own ([`Visibility`]).
//! - Somebody who belongs to no channel sees all of them, and so does whoever may edit roles.
//! - The sight travels inside [`super::PermissionSet`], so that imports, jobs and tokens see no more than their person.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::FieldRights;
use crate::error::{AppError, AppResult, Reason};
use crate::settings::Setting;
use crate::tr;

/// Whether customers are seen across channels (R26).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Visibility {
    /// People who belong to channels see the customers of these only.
    pub own_channels_only: bool,
}

impl Setting for Visibility {
    const KEY: &'static str = "visibility";
}

/// Which customers somebody sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    All,
    /// Those whose home channel or one of whose further channels is one of these.
    Channels(BTreeSet<Uuid>),
}

impl Reach {
    /// The reach of somebody who belongs to these channels, stored as ids separated by blanks.
    pub fn stored(visibility: Visibility, channels: &str) -> Self {
        let channels = ids(channels);
        if visibility.own_channels_only && !channels.is_empty() { Self::Channels(channels) } else { Self::All }
    }

    /// The channels it is limited to.
    pub fn channels(&self) -> Option<&BTreeSet<Uuid>> {
        match self {
            Self::All => None,
            Self::Channels(channels) => Some(channels),
        }
    }

    pub fn is_limited(&self) -> bool {
        self.channels().is_some()
    }

    /// Whether somebody in one of these channels is seen.
    pub fn holds(&self, channels: impl IntoIterator<Item = Uuid>) -> bool {
        self.channels().is_none_or(|own| channels.into_iter().any(|channel| own.contains(&channel)))
    }

    /// Whether nobody with `other` sees a customer that is not seen here.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Channels(_), Self::All) => false,
            (Self::Channels(own), Self::Channels(others)) => others.is_subset(own),
        }
    }

    /// Refuses what concerns the customers of the whole shop.
    ///
    /// # Errors
    /// `Forbidden` with `channels_limited`.
    pub fn must_be_all(&self) -> AppResult<()> {
        if !self.is_limited() {
            return Ok(());
        }
        let reason = Reason::new(
            "channels_limited",
            tr!("This concerns the customers of every channel, and you see those of some."),
        );
        Err(AppError::Forbidden(reason.with_remedy(tr!("Ask somebody who sees all customers."))))
    }
}

/// Ids separated by blanks.
pub fn ids(text: &str) -> BTreeSet<Uuid> {
    text.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// The stored form of ids.
pub fn ids_text(ids: &BTreeSet<Uuid>) -> String {
    ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(" ")
}

/// Which customers somebody sees, and what of their fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    pub reach: Reach,
    pub fields: FieldRights,
    /// Who looks, where it is a person: a filter may ask for their own customers.
    pub own: Option<Uuid>,
}

impl Sight {
    /// Whether every customer is seen whole.
    pub fn is_unlimited(&self) -> bool {
        !self.reach.is_limited() && self.fields.is_unlimited()
    }

    /// A text that differs where what is seen differs, whoever looks.
    pub fn key(&self) -> String {
        let channels = self.reach.channels().map(ids_text).unwrap_or_default();
        format!("{}|{channels}", self.fields.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_is_limited_by_the_setting_and_by_channels() {
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let limited = Visibility { own_channels_only: true };
        assert_eq!(Reach::stored(Visibility::default(), &own.to_string()), Reach::All);
        assert_eq!(Reach::stored(limited, ""), Reach::All);
        let reach = Reach::stored(limited, &own.to_string());
        assert!(reach.holds([other, own]) && !reach.holds([other]) && !reach.holds([]));
        assert!(reach.must_be_all().is_err() && Reach::All.holds([]));
        assert!(Reach::All.covers(&reach) && !reach.covers(&Reach::All) && reach.covers(&reach));
        assert!(!reach.covers(&Reach::Channels([own, other].into())));
    }
}
