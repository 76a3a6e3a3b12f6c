//! The one source of the current time. Nothing else may ask the operating system.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

pub use jiff::tz::TimeZone;

/// Microseconds since 1970-01-01 UTC.
pub type Micros = i64;

pub const SECOND: Micros = 1_000_000;
pub const MINUTE: Micros = 60 * SECOND;
pub const HOUR: Micros = 60 * MINUTE;
pub const DAY: Micros = 24 * HOUR;

/// Tells the time; movable in tests and for acceptance tests.
#[derive(Clone, Debug)]
pub struct Clock {
    fixed: Option<Arc<AtomicI64>>,
    offset: Micros,
}

impl Clock {
    /// The operating system's time plus `offset` microseconds.
    pub fn system(offset: Micros) -> Self {
        Self { fixed: None, offset }
    }

    /// A clock that stands still until it is moved.
    pub fn fixed(at: Micros) -> Self {
        Self { fixed: Some(Arc::new(AtomicI64::new(at))), offset: 0 }
    }

    /// The current time in microseconds UTC.
    pub fn now(&self) -> Micros {
        match &self.fixed {
            // Two events in one test still differ by a microsecond, as they do in life.
            Some(at) => at.fetch_add(1, Ordering::SeqCst),
            None => system_micros() + self.offset,
        }
    }

    /// Moves a fixed clock forward; a system clock is not moved.
    pub fn advance(&self, by: Micros) {
        if let Some(at) = &self.fixed {
            at.fetch_add(by, Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the clock is the one place that asks the system")]
fn system_micros() -> Micros {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64)
}

/// The first microsecond of a day written `YYYY-MM-DD`, in UTC.
pub fn day_start(text: &str) -> Option<Micros> {
    let date: jiff::civil::Date = text.parse().ok()?;
    let start = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(start.timestamp().as_microsecond())
}

/// A moment as RFC 3339 in UTC, for files and programs.
pub fn rfc3339(at: Micros) -> String {
    jiff::Timestamp::from_microsecond(at).map(|moment| moment.to_string()).unwrap_or_default()
}

/// A moment as programs and people write it: microseconds since 1970, RFC 3339, or a day and a time on the clock of
/// `zone` (`2026-11-21T14:05`).
pub fn read_moment(text: &str, zone: &TimeZone) -> Option<Micros> {
    if let Ok(micros) = text.parse::<i64>() {
        return jiff::Timestamp::from_microsecond(micros).ok().map(|at| at.as_microsecond());
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_microsecond());
    }
    let local: jiff::civil::DateTime = text.parse().ok()?;
    Some(local.to_zoned(zone.clone()).ok()?.timestamp().as_microsecond())
}

/// A moment on the clock of `zone`, as a form's field wants it: `2026-11-21T14:05:09`.
pub fn on_the_clock(at: Micros, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_microsecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
