//! Settings of the customer area.

use platform::settings::Setting;
use serde::{Deserialize, Serialize};

/// What administrators decide about customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerSettings {
    /// Country assumed for phone numbers and postcodes without one (ISO 3166-1 alpha-2).
    pub country: String,
    /// Domains of marketplaces that mask the buyer's address (R7, S2-23).
    pub relay_domains: Vec<String>,
    /// Days a deleted customer stays in the bin; 0 deletes at once (R3).
    pub bin_days: i64,
    /// Days in which a merge can be undone (R2).
    pub merge_undo_days: i64,
}

impl Setting for CustomerSettings {
    const KEY: &'static str = "customers";
}

impl Default for CustomerSettings {
    fn default() -> Self {
        let domains = [
            "marketplace.amazon.com",
            "marketplace.amazon.co.uk",
            "marketplace.amazon.de",
            "marketplace.amazon.fr",
            "marketplace.amazon.nl",
            "members.ebay.com",
            "privaterelay.appleid.com",
            "relay.firefox.com",
            "order.etsy.example",
            "marketplace.amazon.example",
            "members.ebay.example",
            "verkopen.bol.com",
        ];
        Self {
            country: "NL".to_owned(),
            relay_domains: domains.map(str::to_owned).to_vec(),
            bin_days: 30,
            merge_undo_days: 90,
        }
    }
}
