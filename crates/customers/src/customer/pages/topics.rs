//! `GET /customers/{id}` and the topics that only show: details, sub-accounts.

use axum::extract::State;
use axum::http::HeaderMap;
use platform::app::App;
use platform::auth::Permission;
use platform::db::SqlExt;
use platform::error::AppResult;
use platform::http::{Access, PageContext, PageResult, PageRoute, Path, get};
use platform::sea_orm::{self, FromQueryResult};
use platform::{params, tr, ui};
use uuid::Uuid;

use super::list_filters::LANGUAGES;
use super::record::{find, linked, load};
use super::record_view::{DetailsPage, Fact, FactGroup, FactValue, LinkedCustomer, SubAccountsPage};
use super::search::remember_opened;
use crate::customer::model::Customer;
use crate::directory::Directory;

/// Sub-accounts listed at most.
const MOST_CHILDREN: i64 = 500;

pub(super) fn routes() -> Vec<PageRoute> {
    let view = Access::Needs(Permission::CustomerView);
    vec![
        get("/customers/{id}", view, details),
        get("/customers/{id}/details", view, details),
        get("/customers/{id}/sub-accounts", view, sub_accounts),
    ]
}

async fn details(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    let customer = find(&app, id).await?;
    let directory = Directory::load(app.db.read()).await?;
    let record = load(&app, &context, &headers, &customer, &directory, "details").await?;
    let owner = match customer.owner_id {
        Some(owner) => linked(&app, &[owner]).await?.remove(&owner).map(|(name, _)| (owner, name)),
        None => None,
    };
    let groups = fact_groups(&customer, &directory, owner);
    let page = DetailsPage { shell: context.shell.clone(), record, groups };
    let mut response = if context.htmx.wants("record") {
        ui::fragment(&page.as_record(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    };
    remember_opened(&mut response, &headers, id);
    Ok(response)
}

pub(super) fn fact_groups(customer: &Customer, directory: &Directory, owner: Option<(Uuid, String)>) -> Vec<FactGroup> {
    let group = |label: &'static str, facts: Vec<Fact>| FactGroup { label, facts, is_fixed: false };
    vec![
        group(tr!("Person"), person(customer, directory)),
        group(tr!("Account"), account(customer, directory)),
        group(tr!("Company"), company(customer, owner)),
        FactGroup { is_fixed: true, ..group(tr!("Record"), origin(customer)) },
    ]
}

fn name_of(directory: &Directory, id: Option<Uuid>) -> String {
    id.and_then(|id| directory.label(id)).unwrap_or_default().to_owned()
}

fn person(customer: &Customer, directory: &Directory) -> Vec<Fact> {
    let language = LANGUAGES.iter().find(|(code, _)| *code == customer.language);
    let language = language
        .map_or_else(|| Fact::text(tr!("Language"), &customer.language), |(_, name)| Fact::word(tr!("Language"), name));
    vec![
        Fact::text(tr!("Title"), &customer.title),
        Fact::text(tr!("First name"), &customer.first_name),
        Fact::text(tr!("Last name"), &customer.last_name),
        language,
        Fact::text(tr!("How did you hear about us"), name_of(directory, customer.source_id)),
        Fact::text(tr!("Property type"), name_of(directory, customer.property_type_id)),
    ]
}

fn account(customer: &Customer, directory: &Directory) -> Vec<Fact> {
    let channels: Vec<&str> = customer.channels.iter().filter_map(|id| directory.label(*id)).collect();
    let sign_in = customer.account.as_ref().map(|account| account.login_email.clone()).unwrap_or_default();
    vec![
        Fact::word(tr!("Status"), customer.status.label()),
        Fact::word(tr!("Type"), customer.customer_type.label()),
        Fact::text(tr!("Signs in with"), sign_in),
        Fact::text(tr!("Account code"), &customer.account_code),
        Fact::text(tr!("Home channel"), name_of(directory, customer.home_channel_id)),
        Fact::text(tr!("Further channels"), channels.join(", ")),
        Fact::text(tr!("Assigned to"), name_of(directory, customer.assignee_id)),
    ]
}

fn company(customer: &Customer, owner: Option<(Uuid, String)>) -> Vec<Fact> {
    let name = match customer.company_id {
        Some(id) => {
            let text = customer.company_name.clone();
            FactValue::Link { href: format!("/customers?activity=all&company_id={id}"), text }
        }
        None => FactValue::Text(customer.company_name.clone()),
    };
    let owner = match owner {
        Some((id, text)) => FactValue::Link { href: format!("/customers/{id}"), text },
        None => FactValue::Text(String::new()),
    };
    vec![
        Fact { label: tr!("Company"), value: name },
        Fact::text(tr!("Company number"), &customer.company_number),
        Fact::text(tr!("VAT number"), &customer.vat_number),
        Fact { label: tr!("Owner"), value: owner },
    ]
}

fn origin(customer: &Customer) -> Vec<Fact> {
    vec![
        Fact::text(tr!("Number"), &customer.number),
        Fact::word(tr!("Came in by"), customer.origin.label()),
        Fact { label: tr!("Created"), value: FactValue::Moment(customer.created_at) },
        Fact { label: tr!("Changed"), value: FactValue::Moment(customer.updated_at) },
    ]
}

async fn children(app: &App, id: Uuid) -> AppResult<Vec<LinkedCustomer>> {
    #[derive(FromQueryResult)]
    struct ChildRow {
        id: Uuid,
        display_name: String,
        number: String,
    }
    let sql = "select id, display_name, number from customer where owner_id = $1 and deleted_at is null \
        order by sort_name, id limit $2";
    let rows: Vec<ChildRow> = app.db.read().all(sql, params![id, MOST_CHILDREN]).await?;
    let child = |row: ChildRow| LinkedCustomer { id: row.id.to_string(), name: row.display_name, number: row.number };
    Ok(rows.into_iter().map(child).collect())
}

async fn sub_accounts(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> PageResult {
    let customer = find(&app, id).await?;
    let directory = Directory::load(app.db.read()).await?;
    let record = load(&app, &context, &headers, &customer, &directory, "sub-accounts").await?;
    let ids: Vec<Uuid> = customer.owner_id.into_iter().collect();
    let owner = linked(&app, &ids).await?.into_iter().next();
    let page = SubAccountsPage {
        shell: context.shell.clone(),
        record,
        owner: owner.map(|(id, (name, number))| LinkedCustomer { id: id.to_string(), name, number }),
        children: children(&app, id).await?,
    };
    Ok(if context.htmx.wants("record") {
        ui::fragment(&page.as_record(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    })
}
