//! Taking back what a bulk action did to one customer.

use platform::error::{AppResult, Reason};
use platform::history;
use platform::sea_orm::ConnectionTrait;
use platform::tr;

use crate::customer::Customer;
use crate::customer::flatten::{flatten, rewind};
use crate::customer::unflatten::unflatten;
use crate::directory::Directory;

/// The record as it was before the version that the batch made, or why it is left alone.
pub(super) async fn before_batch(
    db: &impl ConnectionTrait,
    directory: &Directory,
    customer: &Customer,
    made: i64,
) -> AppResult<Result<Customer, Reason>> {
    if customer.version != made {
        let detail = tr!("Somebody changed this customer after the batch.");
        return Ok(Err(Reason::new("changed_since", detail).with_remedy(tr!("Look at the history of the customer."))));
    }
    let events = history::since_version(db, customer.id, made - 1).await?;
    let event = events.iter().find(|event| event.version == made);
    let changes = event.and_then(|event| event.open(customer.history_key.as_ref()));
    let Some(changes) = changes else {
        let detail = tr!("What it was before can no longer be read.");
        return Ok(Err(Reason::new("history_gone", detail)));
    };
    let mut flat = flatten(customer);
    rewind(&mut flat, &changes);
    let past = unflatten(&flat, customer, directory);
    // Only what bulk actions change: contacts, names and the password are not theirs to touch.
    let mut before = Customer {
        active: past.active,
        deleted_at: past.deleted_at,
        assignee_id: past.assignee_id,
        source_id: past.source_id,
        home_channel_id: past.home_channel_id,
        language: past.language,
        groups: past.groups,
        channels: past.channels,
        tags: past.tags,
        ..customer.clone()
    };
    before.groups.retain(|member| directory.groups.iter().any(|group| group.id == member.group_id));
    before.settle_primaries();
    Ok(Ok(before))
}
