//! What administrators decide about the search for duplicates.

use matching::DEFAULT_THRESHOLD;
use platform::error::{AppResult, FieldErrors};
use platform::i18n::Message;
use platform::settings::Setting;
use platform::tr;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::FLOOR;

/// Longest pause between two scans, in days.
const LONGEST_PAUSE: i64 = 365;

/// When two customers count as likely the same, and how often the whole shop is looked through.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DuplicateSettings {
    /// Least probability of a pair that is shown unasked, from 0.5 to 0.999.
    pub threshold: f64,
    /// Days after which a scan is repeated; 0 for never. The first one is always started by hand, or by so many changes at
    /// once that going through them one by one would take longer.
    pub repeat_days: i64,
}

impl Default for DuplicateSettings {
    fn default() -> Self {
        Self { threshold: DEFAULT_THRESHOLD, repeat_days: 7 }
    }
}

impl Setting for DuplicateSettings {
    const KEY: &'static str = "duplicates";
}

/// Refuses a threshold that cannot be.
///
/// # Errors
/// `Invalid` on `threshold`: below what is stored, or too near certainty.
pub fn check_threshold(threshold: f64) -> AppResult<()> {
    let mut errors = FieldErrors::default();
    note_threshold(threshold, &mut errors);
    Ok(errors.into_result()?)
}

fn note_threshold(threshold: f64, errors: &mut FieldErrors) {
    if threshold.is_nan() {
        errors.add("threshold", "not_a_number", tr!("Write a number, such as 82."));
    } else if threshold > 0.999 {
        errors.add("threshold", "too_high", tr!("A threshold is 99.9 % at most."));
    } else if threshold < FLOOR {
        let text = Message::new(tr!("Pairs less likely than {n} % are not stored; a threshold cannot be lower."));
        errors.add("threshold", "below_what_is_stored", text.with("n", (FLOOR * 100.0) as i64));
    }
}

impl DuplicateSettings {
    /// Refuses what cannot be.
    ///
    /// # Errors
    /// `Invalid` beside each field.
    pub fn check(&self) -> AppResult<()> {
        let mut errors = FieldErrors::default();
        note_threshold(self.threshold, &mut errors);
        if !(0..=LONGEST_PAUSE).contains(&self.repeat_days) {
            errors.add("repeat_days", "out_of_range", tr!("A number of days from 0 to 365."));
        }
        Ok(errors.into_result()?)
    }
}
