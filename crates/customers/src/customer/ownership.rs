//! Parent accounts: never in a circle (R25).

use platform::auth::Reach;
use platform::error::{AppResult, FieldErrors};
use platform::sea_orm::ConnectionTrait;
use platform::tr;
use uuid::Uuid;

use super::model::Customer;
use super::{reach, store};

/// Longest chain of parent accounts followed before it counts as a cycle.
const DEEPEST_OWNERSHIP: usize = 50;

/// Refuses a parent account that makes a circle, or that whoever writes does not see.
///
/// # Errors
/// When the database cannot be read; refusals are added to `errors`.
pub(super) async fn check(
    tx: &impl ConnectionTrait,
    reach: &Reach,
    after: &Customer,
    errors: &mut FieldErrors,
) -> AppResult<()> {
    let Some(owner) = after.owner_id else { return Ok(()) };
    if reach::those_within(tx, reach, vec![owner]).await?.is_empty() {
        errors.add("owner", "owner_unknown", tr!("No customer has this number or address."));
    } else if is_under(tx, owner, &[after.id]).await? {
        errors.add("owner", "owner_cycle", tr!("This would make the customer their own parent account."));
    }
    Ok(())
}

/// Whether a customer is one of `accounts` or stands below one: as parent of theirs it would make a circle (R25). Too
/// long a chain counts as one.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_under(db: &impl ConnectionTrait, customer: Uuid, accounts: &[Uuid]) -> AppResult<bool> {
    let mut next = Some(customer);
    for _ in 0..DEEPEST_OWNERSHIP {
        match next {
            None => return Ok(false),
            Some(id) if accounts.contains(&id) => return Ok(true),
            Some(id) => next = store::owner_of(db, id).await?,
        }
    }
    Ok(true)
}
