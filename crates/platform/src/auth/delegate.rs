//! Rights of work that runs later, when the person who started it is gone from the request.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{PermissionSet, staff};
use crate::error::{AppError, AppResult};

/// Name and rights of the person who started some work: what was granted then, as far as they still have it. Somebody
/// who left, or lost a right, must not go on writing; a token that had fewer rights than its owner gains none.
///
/// # Errors
/// `NotFound` when the person is no longer active.
pub async fn delegated(db: &impl ConnectionTrait, staff_id: Uuid, granted: &str) -> AppResult<(String, PermissionSet)> {
    let person = staff::find(db, staff_id).await?.filter(|person| person.active).ok_or(AppError::NotFound)?;
    let permissions = person.permission_set().narrowed_to(&PermissionSet::parse(granted));
    Ok((person.name, permissions))
}
