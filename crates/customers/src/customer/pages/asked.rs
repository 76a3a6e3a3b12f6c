//! What the form of a new customer asks for, by the channel that is chosen in it (R6).

use std::collections::{BTreeMap, BTreeSet};

use platform::ui::Choice;
use uuid::Uuid;

use crate::customer::profile::{EntryProfiles, Profile};

/// Parts of an address that can be asked for.
const ADDRESS: [&str; 4] = ["address1", "postcode", "town", "country"];

/// What a form asks for.
pub(super) struct Asked {
    /// In the channel that is chosen.
    pub required: Vec<String>,
    /// By channel, as JSON for the page: the empty key stands for none. Empty where every channel asks the same.
    pub by_channel: String,
    /// In any channel that can be chosen.
    pub anywhere: BTreeSet<String>,
}

impl Asked {
    pub fn of(profiles: &EntryProfiles, profile: Profile, chosen: Option<Uuid>, offered: &[Choice]) -> Self {
        let required = profiles.required(profile, chosen).to_vec();
        let channels = offered.iter().filter_map(|choice| choice.value.parse().ok()).map(Some);
        let of_channel = |channel: Option<Uuid>| {
            let key = channel.map(|id| id.to_string()).unwrap_or_default();
            (key, profiles.required(profile, channel).to_vec())
        };
        let by_channel: BTreeMap<String, Vec<String>> = channels.chain([None, chosen]).map(of_channel).collect();
        let anywhere = by_channel.values().flatten().cloned().collect();
        let is_same = by_channel.values().all(|fields| *fields == required);
        let by_channel = if is_same { String::new() } else { serde_json::json!(by_channel).to_string() };
        Self { required, by_channel, anywhere }
    }

    pub fn asks_for_phone(&self) -> bool {
        self.anywhere.contains("phone")
    }

    pub fn asks_for_address(&self) -> bool {
        ADDRESS.iter().any(|field| self.anywhere.contains(*field))
    }
}
