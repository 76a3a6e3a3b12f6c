//! Giving all sub-accounts of a customer another parent in one act (R25): what has to happen before a parent account can be
//! deleted.

use platform::db::Tx;
use platform::error::{AppError, AppResult, Reason};
use platform::tr;
use uuid::Uuid;

use super::input::CustomerInput;
use super::model::Customer;
use super::save::{self, Writer};
use super::{reach, store};
use crate::directory::Directory;

/// Gives every sub-account of `from` the parent that `to` names by id, number or e-mail address; an empty text lets them
/// stand on their own. One of the sub-accounts themselves can be named: it takes the place of `from`. Each moved account
/// has its own history entry. Answers how many moved.
///
/// # Errors
/// `Invalid` on `to` or for a circle, `Conflict` when there is nothing to move.
pub async fn reassign(tx: &Tx, directory: &Directory, writer: &Writer, from: &Customer, to: &str) -> AppResult<usize> {
    super::actions::ensure_editable(from)?;
    let target = target(tx, writer, from, to).await?;
    let mut children = store::children(tx, from.id).await?;
    if children.is_empty() {
        return Err(AppError::Conflict(Reason::new("no_sub_accounts", tr!("This customer has no sub-accounts."))));
    }
    let reach = &writer.permissions.sight.reach;
    if reach::those_within(tx, reach, children.clone()).await?.len() < children.len() {
        let reason =
            Reason::new("sub_accounts_out_of_reach", tr!("Some sub-accounts belong to channels that you do not see."));
        return Err(AppError::Conflict(reason.with_remedy(tr!("Ask somebody who sees all customers."))));
    }
    // Whoever takes the parent's place goes first, or the others would be put below a sub-account of their own parent.
    children.sort_by_key(|id| Some(*id) != target);
    for id in &children {
        let child = store::find(tx, *id).await?.ok_or(AppError::NotFound)?;
        let parent = if Some(*id) == target { from.owner_id } else { target };
        let owner = Some(parent.map(|id| id.to_string()).unwrap_or_default());
        let input = CustomerInput { owner, ..CustomerInput::default() };
        let resolved = save::resolve(tx, &input, None).await?;
        save::edit(tx, directory, writer, &child, &input, &resolved).await?;
    }
    Ok(children.len())
}

async fn target(tx: &Tx, writer: &Writer, from: &Customer, to: &str) -> AppResult<Option<Uuid>> {
    if to.trim().is_empty() {
        return Ok(None);
    }
    let id = save::named(tx, writer, "to", to).await?.id;
    if id == from.id {
        return Err(AppError::field("to", "same_parent", tr!("They belong to this customer already.")));
    }
    Ok(Some(id))
}
