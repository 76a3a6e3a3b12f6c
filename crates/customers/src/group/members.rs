//! Who is in a group: the customer list narrowed to it, and adding and removing one by the rules of every save, so the
//! list of assignable groups and the permission hold here too (R8).

use platform::app::App;
use platform::auth::Sight;
use platform::db::Tx;
use platform::error::{AppError, AppResult};
use platform::tr;
use uuid::Uuid;

use crate::customer::field_rights::NAME;
use crate::customer::input::CustomerInput;
use crate::customer::list::{self, ListFilter, ListPage};
use crate::customer::model::Customer;
use crate::customer::save::{self, Writer};
use crate::customer::store;
use crate::directory::Directory;

/// Members a page.
const PAGE: i64 = 50;

/// The list of customers that shows exactly the members; the link from the group's page leads to the same.
pub fn filter(sight: &Sight, group: Uuid, q: &str, cursor: &str) -> ListFilter {
    let by_name = if sight.fields.reads_all(NAME) { "name" } else { "" };
    ListFilter {
        group: vec![group],
        activity: "all".to_owned(),
        q: q.to_owned(),
        cursor: cursor.to_owned(),
        sort: by_name.to_owned(),
        limit: Some(PAGE),
        ..ListFilter::default()
    }
}

/// A page of members.
///
/// # Errors
/// `BadRequest` for a cursor of another list.
pub async fn page(app: &App, sight: &Sight, group: Uuid, q: &str, cursor: &str) -> AppResult<ListPage> {
    list::page(&app.db, sight, &filter(sight, group, q, cursor)).await
}

/// Puts a customer, named by id, number or e-mail address, into a group.
///
/// # Errors
/// `Invalid` on `customer` or `groups`.
pub async fn add(tx: &Tx, directory: &Directory, writer: &Writer, group: Uuid, named: &str) -> AppResult<Customer> {
    let customer = save::named(tx, writer, "customer", named).await?;
    if customer.groups.iter().any(|member| member.group_id == group) {
        return Err(AppError::field("customer", "already_member", tr!("This customer is in the group already.")));
    }
    set(tx, directory, writer, &customer, |groups| groups.push(group)).await
}

/// Takes a customer out of a group.
///
/// # Errors
/// `NotFound` for somebody who is not in it, `Invalid` on `groups` without the right.
pub async fn remove(tx: &Tx, directory: &Directory, writer: &Writer, group: Uuid, id: Uuid) -> AppResult<Customer> {
    let customer = store::get(tx, id).await?;
    if !customer.groups.iter().any(|member| member.group_id == group) {
        return Err(AppError::NotFound);
    }
    set(tx, directory, writer, &customer, |groups| groups.retain(|member| *member != group)).await
}

async fn set(
    tx: &Tx,
    directory: &Directory,
    writer: &Writer,
    customer: &Customer,
    change: impl FnOnce(&mut Vec<Uuid>),
) -> AppResult<Customer> {
    let mut groups: Vec<Uuid> = customer.groups.iter().map(|member| member.group_id).collect();
    change(&mut groups);
    let groups = groups.iter().map(Uuid::to_string).collect();
    let input = CustomerInput { groups: Some(groups), ..CustomerInput::default() };
    let resolved = save::resolve(tx, &input, None).await?;
    save::edit(tx, directory, writer, customer, &input, &resolved).await
}
