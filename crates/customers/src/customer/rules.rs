//! What administrators decide about customers, as one form and one body of the API: entry profiles, relay domains, the bin,
//! merges, the country that is assumed, and who sees whose customers.

use std::collections::{BTreeMap, BTreeSet};

use platform::auth::Visibility;
use platform::clock::Micros;
use platform::contact::Country;
use platform::db::Tx;
use platform::error::{AppResult, FieldErrors};
use platform::history::Actor;
use platform::sea_orm::ConnectionTrait;
use platform::{settings, tr};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::completeness;
use super::profile::{EntryProfiles, Profile, check_requirements, once};
use crate::settings::CustomerSettings;

/// A year in the bin is long enough for anything.
const LONGEST_BIN_DAYS: i64 = 365;
const LONGEST_UNDO_DAYS: i64 = 3650;
/// More domains than any shop sells through.
const MOST_DOMAINS: usize = 500;

/// Everything that can be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Country assumed for phone numbers and postcodes without one (ISO 3166-1 alpha-2).
    pub country: String,
    /// Domains of marketplaces that mask the buyer's address (R7, S2-23).
    pub relay_domains: Vec<String>,
    /// Days a deleted customer stays in the bin, 0 to 365; 0 deletes at once (R3).
    pub bin_days: i64,
    /// Days in which a merge can be undone, 0 to 3650 (R2).
    pub merge_undo_days: i64,
    /// The form that the create button opens: `full`, `register` or `quick`.
    pub opens_first: Profile,
    /// Fields that each form asks for (R6).
    pub required: BTreeMap<Profile, Vec<String>>,
    /// Whether people who belong to channels see the customers of these only (R26).
    pub own_channels_only: bool,
}

impl Rules {
    /// What holds now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(db: &impl ConnectionTrait) -> AppResult<Self> {
        let settings: CustomerSettings = settings::load(db).await?;
        let profiles: EntryProfiles = settings::load(db).await?;
        let visibility: Visibility = settings::load(db).await?;
        let required = |profile| (profile, profiles.required(profile, None).to_vec());
        Ok(Self {
            country: settings.country,
            relay_domains: settings.relay_domains,
            bin_days: settings.bin_days,
            merge_undo_days: settings.merge_undo_days,
            opens_first: profiles.opens_first,
            required: Profile::FORMS.map(required).into(),
            own_channels_only: visibility.own_channels_only,
        })
    }

    /// Checks and stores them, each setting with its own history entry.
    ///
    /// # Errors
    /// `Invalid` beside each refused field.
    pub async fn save(&self, tx: &Tx, actor: &Actor, now: Micros) -> AppResult<()> {
        let before: EntryProfiles = settings::load(tx).await?;
        let (rules, profiles) = self.checked(before)?;
        settings::save(tx, actor, now, &rules).await?;
        completeness::save(tx, actor, now, &profiles).await?;
        settings::save(tx, actor, now, &Visibility { own_channels_only: self.own_channels_only }).await
    }

    fn checked(&self, before: EntryProfiles) -> Result<(CustomerSettings, EntryProfiles), FieldErrors> {
        let mut errors = FieldErrors::default();
        if !(0..=LONGEST_BIN_DAYS).contains(&self.bin_days) {
            errors.add("bin_days", "out_of_range", tr!("Choose 0 to 365 days."));
        }
        if !(0..=LONGEST_UNDO_DAYS).contains(&self.merge_undo_days) {
            errors.add("merge_undo_days", "out_of_range", tr!("Choose 0 to 3650 days."));
        }
        if Country::from_code(&self.country).is_none() {
            errors.add("country", "unknown_country", tr!("Choose a country from the list."));
        }
        if self.opens_first == Profile::Import {
            errors.add("opens_first", "unknown_choice", tr!("Choose an entry of the list."));
        }
        let relay_domains = domains(&self.relay_domains, &mut errors);
        let mut default = before.default.clone();
        for profile in Profile::FORMS {
            let asked = self.required.get(&profile).map_or(&[][..], Vec::as_slice);
            if asked.is_empty() {
                errors.add(profile.boxes(), "required", tr!("Ask for one field at least."));
            }
            default.insert(profile, once(asked));
        }
        check_requirements(&self.required, &mut errors);
        errors.into_result()?;
        let rules = CustomerSettings {
            country: self.country.clone(),
            relay_domains,
            bin_days: self.bin_days,
            merge_undo_days: self.merge_undo_days,
        };
        Ok((rules, EntryProfiles { default, opens_first: self.opens_first, ..before }))
    }
}

/// Blanks, capitals and a leading @ do not matter.
fn domains(typed: &[String], errors: &mut FieldErrors) -> Vec<String> {
    let domains: BTreeSet<String> =
        typed.iter().map(|domain| domain.trim().trim_start_matches('@').to_lowercase()).collect();
    let domains: Vec<String> = domains.into_iter().filter(|domain| !domain.is_empty()).collect();
    let is_domain = |domain: &String| {
        domain.len() <= 253
            && domain.contains('.')
            && domain.chars().all(|character| character.is_alphanumeric() || matches!(character, '.' | '-'))
    };
    if domains.len() > MOST_DOMAINS || !domains.iter().all(is_domain) {
        errors.add("relay_domains", "domain_invalid", tr!("Write one domain a line, such as marketplace.example."));
    }
    domains
}
