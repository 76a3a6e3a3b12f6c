//! Who belongs to a company and what they are in it. The link and the role are fields of the customer, so each change is
//! an entry of the customer's own history and keeps every rule of a save.

use platform::app::App;
use platform::auth::Sight;
use platform::db::Tx;
use platform::error::{AppError, AppResult};
use platform::i18n::Message;
use platform::tr;
use uuid::Uuid;

use crate::customer::input::CustomerInput;
use crate::customer::list::{self, ListFilter, ListRow};
use crate::customer::model::{CompanyRole, Customer};
use crate::customer::save::{self, Writer};
use crate::customer::store;
use crate::directory::Directory;

/// Members a page.
const PAGE: i64 = 50;

/// A member as the list shows customers, with the role.
#[derive(Clone, Debug)]
pub struct Member {
    pub row: ListRow,
    pub role: Option<CompanyRole>,
}

/// One page of members.
#[derive(Clone, Debug)]
pub struct MemberPage {
    pub members: Vec<Member>,
    pub next: Option<String>,
    pub previous: Option<String>,
}

/// The members of a company, found by anything as in the customer list.
///
/// # Errors
/// `BadRequest` for a cursor of another list, `Forbidden` where companies may not be seen.
pub async fn page(app: &App, sight: &Sight, company: Uuid, q: &str, cursor: &str) -> AppResult<MemberPage> {
    let filter = ListFilter {
        company_id: Some(company),
        activity: "all".to_owned(),
        q: q.to_owned(),
        cursor: cursor.to_owned(),
        limit: Some(PAGE),
        ..ListFilter::default()
    };
    let found = list::page(&app.db, sight, &filter).await?;
    let ids: Vec<Uuid> = found.rows.iter().map(|row| row.id).collect();
    let customers = store::find_many(app.db.read(), &ids).await?;
    let role =
        |id: Uuid| customers.iter().find(|customer| customer.id == id).and_then(|customer| customer.company_role);
    let members = found.rows.into_iter().map(|row| Member { role: role(row.id), row }).collect();
    Ok(MemberPage { members, next: found.next, previous: found.previous })
}

/// Attaches a customer, named by id, number or e-mail address, with a role or none.
///
/// # Errors
/// `Invalid` on `customer` (unknown, in this or another company) or `company_role`.
pub async fn add(
    tx: &Tx,
    directory: &Directory,
    writer: &Writer,
    company: Uuid,
    named: &str,
    role: &str,
) -> AppResult<Customer> {
    let customer = save::named(tx, writer, "customer", named).await?;
    match customer.company_id {
        Some(known) if known == company => {
            let detail = tr!("This customer belongs to the company already.");
            return Err(AppError::field("customer", "already_member", detail));
        }
        Some(other) => {
            let name = super::find(tx, other).await?.map(|row| row.name).unwrap_or_default();
            let detail = Message::new(tr!("This customer belongs to {company}. Remove them there first."));
            return Err(AppError::field("customer", "in_other_company", detail.with("company", name)));
        }
        None => {}
    }
    write(tx, directory, writer, &customer, Some(company), role).await
}

/// Gives a member another role; an empty one takes it away.
///
/// # Errors
/// `NotFound` for somebody who is no member, `Invalid` on `company_role`.
pub async fn set_role(
    tx: &Tx,
    directory: &Directory,
    writer: &Writer,
    company: Uuid,
    id: Uuid,
    role: &str,
) -> AppResult<Customer> {
    let customer = member(tx, company, id).await?;
    write(tx, directory, writer, &customer, Some(company), role).await
}

/// Takes a customer out of the company; the company stays.
///
/// # Errors
/// `NotFound` for somebody who is no member.
pub async fn remove(tx: &Tx, directory: &Directory, writer: &Writer, company: Uuid, id: Uuid) -> AppResult<Customer> {
    let customer = member(tx, company, id).await?;
    write(tx, directory, writer, &customer, None, "").await
}

async fn member(tx: &Tx, company: Uuid, id: Uuid) -> AppResult<Customer> {
    let found = store::find(tx, id).await?;
    found
        .filter(|customer| customer.deleted_at.is_none() && customer.company_id == Some(company))
        .ok_or(AppError::NotFound)
}

async fn write(
    tx: &Tx,
    directory: &Directory,
    writer: &Writer,
    customer: &Customer,
    company: Option<Uuid>,
    role: &str,
) -> AppResult<Customer> {
    let moves = customer.company_id != company;
    let input = CustomerInput {
        company: moves.then(|| company.map(|id| id.to_string()).unwrap_or_default()),
        company_role: Some(role.to_owned()),
        ..CustomerInput::default()
    };
    let resolved = save::resolve(tx, &input, None).await?;
    save::edit(tx, directory, writer, customer, &input, &resolved).await
}
