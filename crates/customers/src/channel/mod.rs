//! Sales channels: shops, marketplaces, points of sale and external systems (R26).

pub mod api;
pub mod pages;
mod store;

pub use store::{ChannelInput, ChannelRow, add, find, list, save};

use platform::tr;

/// The kinds of channel, as stored, with their English labels.
pub const KINDS: [(&str, &str); 4] = [
    ("shop", tr!("Web shop")),
    ("marketplace", tr!("Marketplace")),
    ("pos", tr!("Point of sale")),
    ("external", tr!("External system")),
];
