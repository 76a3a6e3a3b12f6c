//! A customer as of any moment: the record of now, rewound over the events since (R19, S2-22).

use platform::clock::{Micros, TimeZone, read_moment};
use platform::error::{AppError, AppResult, Reason};
use platform::history::{self, HistoryKey};
use platform::sea_orm::ConnectionTrait;
use platform::tr;

use super::flatten::{Flat, flatten, rewind};
use super::model::Customer;
use super::unflatten::unflatten;
use crate::directory::Directory;

/// A moment of a customer's past, as people pick it: the state that an entry left, or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Version(i64),
    Time(Micros),
}

impl Moment {
    /// Reads `v3`, RFC 3339, microseconds since 1970, or a local time on the clock of `zone`.
    ///
    /// # Errors
    /// `BadRequest` with `moment_invalid`.
    pub fn parse(text: &str, zone: &TimeZone) -> AppResult<Self> {
        let text = text.trim();
        let version = text.strip_prefix('v').and_then(|number| number.parse().ok());
        version.map(Self::Version).or_else(|| read_moment(text, zone).map(Self::Time)).ok_or_else(|| {
            let detail = tr!("Give the moment as a version such as v3 or as a time such as 2026-11-21T14:05:00Z.");
            AppError::BadRequest(Reason::new("moment_invalid", detail))
        })
    }
}

/// A customer as it stood at a moment.
#[derive(Clone, Debug)]
pub struct Past {
    /// For showing only: what is put back goes through the rules of a save.
    pub customer: Customer,
    pub flat: Flat,
    /// When this state was stored.
    pub since: Micros,
}

impl Past {
    pub fn version(&self) -> i64 {
        self.customer.version
    }
}

/// Rewinds a record to a moment.
///
/// # Errors
/// `BadRequest` for a moment before the record was made or a version it never had, `Conflict` once the old values were
/// destroyed with the customer's key.
pub async fn as_of(
    db: &impl ConnectionTrait,
    now: &Customer,
    directory: &Directory,
    moment: Moment,
) -> AppResult<Past> {
    let version = match moment {
        Moment::Version(version) => version,
        Moment::Time(at) => history::version_at(db, now.id, at).await?.unwrap_or(0),
    };
    if version < 1 {
        let detail = tr!("The customer was not there yet at this moment.");
        return Err(AppError::BadRequest(Reason::new("moment_before_creation", detail)));
    }
    if version > now.version {
        let detail = tr!("The customer has not come to this version yet.");
        return Err(AppError::BadRequest(Reason::new("moment_unknown", detail)));
    }
    let mut flat = flatten(now);
    if version < now.version {
        rewind_to(db, now, version, &mut flat).await?;
    }
    let since = history::version_time(db, now.id, version).await?.unwrap_or(now.created_at);
    let mut customer = if version == now.version { now.clone() } else { unflatten(&flat, now, directory) };
    (customer.version, customer.updated_at) = (version, since);
    Ok(Past { customer, flat, since })
}

/// Undoes every event after `version`, newest first.
pub(super) async fn rewind_to(
    db: &impl ConnectionTrait,
    now: &Customer,
    version: i64,
    flat: &mut Flat,
) -> AppResult<()> {
    let key: Option<&HistoryKey> = now.history_key.as_ref();
    for event in history::since_version(db, now.id, version).await?.iter().rev() {
        let changes = event.open(key).ok_or_else(|| {
            let detail = tr!("The values were destroyed with this customer's key.");
            AppError::Conflict(Reason::new("history_sealed", detail))
        })?;
        rewind(flat, &changes);
    }
    Ok(())
}
