//! The workspace's panes for the selected customer: emails, phones and addresses at the right, orders at the bottom
//! (R17, S2-09 to S2-13). Both come in one answer.

use askama::Template;
use axum::extract::State;
use platform::app::App;
use platform::auth::Permission;
use platform::error::AppResult;
use platform::http::{Access, PageContext, PageResult, PageRoute, Path, Query, get};
use platform::tr;
use platform::ui::{self, filters};
use uuid::Uuid;

use super::record::{find, head, shown_phone};
use super::record_view::Head;
use super::shown::{Origin, Shown};
use crate::customer::Customer;
use crate::customer::list::ListFilter;
use crate::directory::Directory;
use crate::view::{self, Condition};

pub(super) fn routes() -> Vec<PageRoute> {
    vec![get("/customers/{id}/panes", Access::Needs(Permission::CustomerView), panes)]
}

#[derive(Template)]
#[template(path = "customer/panes.html")]
struct Panes {
    head: Head,
    emails: Vec<Line>,
    phones: Vec<Line>,
    addresses: Vec<AddressLine>,
    facts: Vec<(&'static str, String)>,
    /// Why the customer is in the view that the list shows.
    conditions: Vec<Condition>,
}

struct Line {
    value: String,
    href: String,
    kind: &'static str,
}

struct AddressLine {
    lines: Vec<String>,
    marks: Vec<&'static str>,
}

async fn panes(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Query(filter): Query<ListFilter>,
    Query(origin): Query<Origin>,
) -> PageResult {
    let customer = find(&app, &context, id).await?;
    let directory = Directory::load(app.db.read()).await?;
    let page = Panes {
        head: head(&customer, &directory, &context),
        emails: customer
            .emails
            .iter()
            .map(|email| Line {
                value: email.address.clone(),
                href: format!("mailto:{}", email.address),
                kind: email.kind.label(),
            })
            .collect(),
        phones: customer
            .phones
            .iter()
            .map(|phone| Line {
                value: shown_phone(&phone.typed, &phone.e164),
                href: format!("tel:{}", if phone.e164.is_empty() { &phone.typed } else { &phone.e164 }),
                kind: phone.kind.label(),
            })
            .collect(),
        addresses: addresses(&customer),
        facts: facts(&customer, &directory),
        conditions: conditions(&app, &context, &directory, &customer, &filter, &origin).await?,
    };
    Ok(ui::fragment(&page, &context.shell))
}

fn addresses(customer: &Customer) -> Vec<AddressLine> {
    let card = |address: &crate::customer::Address| {
        let town = format!("{} {}", address.postcode, address.town).trim().to_owned();
        let lines = [&address.label, &address.line1, &address.line2, &town, &address.county, &address.country];
        let marks = [
            (address.is_primary, tr!("Primary")),
            (address.is_billing, tr!("Billing")),
            (address.is_delivery, tr!("Delivery")),
        ];
        AddressLine {
            lines: lines.into_iter().filter(|line| !line.is_empty()).cloned().collect(),
            marks: marks.into_iter().filter(|(is, _)| *is).map(|(_, label)| label).collect(),
        }
    };
    customer.addresses.iter().map(card).collect()
}

fn facts(customer: &Customer, directory: &Directory) -> Vec<(&'static str, String)> {
    let name = |id: Option<Uuid>| id.and_then(|id| directory.label(id)).unwrap_or_default().to_owned();
    let facts = vec![
        (tr!("Company"), customer.company_name.clone()),
        (tr!("Channel"), name(customer.home_channel_id)),
        (tr!("Assigned to"), name(customer.assignee_id)),
        (tr!("Source"), name(customer.source_id)),
    ];
    facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// Only where the list shows a view.
async fn conditions(
    app: &App,
    context: &PageContext,
    directory: &Directory,
    customer: &Customer,
    filter: &ListFilter,
    origin: &Origin,
) -> AppResult<Vec<Condition>> {
    let shown = Shown::read(app, context.caller()?.staff_id, filter, origin).await?;
    if shown.view.is_none() {
        return Ok(Vec::new());
    }
    view::explain(&app.db, context.caller()?.sight(), directory, &shown.filter, customer).await
}
