//! Signing in: the same answer for known and unknown addresses, counted per address and network.

use super::password::{self, HashCost};
use super::rate_limit::{self, Limit};
use super::{session, staff};
use crate::clock::{MINUTE, Micros};
use crate::db::Database;
use crate::error::{AppError, AppResult};
use crate::history::{self, Actor, ActorKind, Entry, Source};

const PER_EMAIL: Limit = Limit { attempts: 10, window: 15 * MINUTE };
const PER_ADDRESS: Limit = Limit { attempts: 100, window: 15 * MINUTE };
/// Wrong second factors per session's owner.
pub const PER_SECOND_FACTOR: Limit = Limit { attempts: 10, window: 15 * MINUTE };

/// A started session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// For the cookie.
    pub secret: String,
    /// The session can do nothing until the second factor is given.
    pub needs_second_factor: bool,
}

/// Where an attempt comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub address: &'a str,
    pub browser: &'a str,
}

/// Checks e-mail and password and starts a session.
///
/// # Errors
/// `TooMany` past the limits; otherwise one `Invalid` that does not tell what was wrong.
pub async fn sign_in(
    db: &Database,
    cost: HashCost,
    now: Micros,
    email: &str,
    password: &str,
    origin: Origin<'_>,
) -> AppResult<SignedIn> {
    let key: String = email.trim().to_lowercase().chars().take(254).collect();
    let email_key = format!("sign-in:{}", hex::encode(crate::ids::secret_hash(&key)));
    rate_limit::count(db, now, &format!("sign-in-from:{}", origin.address), PER_ADDRESS).await?;
    rate_limit::count(db, now, &email_key, PER_EMAIL).await?;
    if password.len() > password::LONGEST_PASSWORD {
        return Err(refused());
    }
    let person = staff::find_by_email(db.read(), &key).await?.filter(|person| person.active);
    let stored = person.as_ref().map(|person| person.password_hash.clone());
    let fits = password::verify(cost, password.to_owned(), stored).await?;
    let Some(person) = person.filter(|_| fits) else {
        return Err(refused());
    };
    rate_limit::reset(db, &email_key).await?;
    let needs_second_factor = person.totp_since.is_some();
    let tx = db.begin_write().await?;
    let (id, secret) = session::start(&tx, now, person.id, needs_second_factor, origin.address, origin.browser).await?;
    let actor = Actor {
        kind: ActorKind::Staff,
        id: Some(person.id),
        name: person.name.clone(),
        source: Source::Screen,
        source_detail: String::new(),
    };
    history::record(&tx, &actor, now, Entry::new("session", id, "signed_in")).await?;
    tx.commit().await?;
    Ok(SignedIn { secret, needs_second_factor })
}

fn refused() -> AppError {
    AppError::field("password", "sign_in_refused", "E-mail address or password is not right.")
}
