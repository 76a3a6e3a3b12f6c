//! Taking back what a bulk action did to one customer.

use platform::error::{AppResult, Reason};
use platform::history::{self, Change};
use platform::sea_orm::ConnectionTrait;
use platform::tr;
use uuid::Uuid;

use crate::customer::Customer;
use crate::customer::model::Membership;

/// The record as it was before the version that the batch made, or why it is left alone.
pub(super) async fn before_batch(
    db: &impl ConnectionTrait,
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
    let mut after = customer.clone();
    for change in &changes {
        put_back(&mut after, change);
    }
    after.settle_primaries();
    Ok(Ok(after))
}

fn put_back(customer: &mut Customer, change: &Change) {
    let id = || Uuid::parse_str(&change.before).ok();
    match change.field.as_str() {
        "active" => customer.active = change.before == "yes",
        "deleted" => customer.deleted_at = None,
        "assignee" => customer.assignee_id = id(),
        "source" => customer.source_id = id(),
        "home_channel" => customer.home_channel_id = id(),
        "language" => customer.language.clone_from(&change.before),
        field => {
            if let Some(group_id) = field.strip_prefix("group.").and_then(|id| id.parse().ok()) {
                customer.groups.retain(|member| member.group_id != group_id);
                if !change.before.is_empty() {
                    customer.groups.push(Membership { group_id, is_primary: change.before == "primary" });
                }
                customer.groups.sort_by_key(|member| member.group_id);
            } else if let Some(channel) = field.strip_prefix("channel.").and_then(|id| id.parse().ok()) {
                customer.channels.retain(|known| *known != channel);
                if !change.before.is_empty() {
                    customer.channels.push(channel);
                }
                customer.channels.sort();
            }
        }
    }
}
