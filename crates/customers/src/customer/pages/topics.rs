//! `GET /customers/{id}`: the details.

use axum::extract::State;
use axum::http::HeaderMap;
use platform::app::App;
use platform::auth::{FieldRights, Permission, Sight};
use platform::error::AppResult;
use platform::http::{Access, PageContext, PageResult, PageRoute, Path, get};
use platform::origins::{self, Origin};
use platform::{tr, ui};
use uuid::Uuid;

use super::list_filters::LANGUAGES;
use super::record::{find, linked, load};
use super::record_view::{DetailsPage, Fact, FactGroup, FactValue};
use super::search::remember_opened;
use crate::customer::model::{CompanyRole, Customer};
use crate::customer::reach;
use crate::directory::Directory;

pub(super) fn routes() -> Vec<PageRoute> {
    let view = Access::Needs(Permission::CustomerView);
    vec![get("/customers/{id}", view, details), get("/customers/{id}/details", view, details)]
}

async fn details(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    let (customer, directory, origins) =
        futures::try_join!(find(&app, &context, id), Directory::load(app.db.read()), origins::of_customer(&app, id),)?;
    let record = load(&app, &context, &headers, &customer, &directory, "details").await?;
    let owner = owner_value(&app, context.caller()?.sight(), customer.owner_id).await?;
    let groups = fact_groups(&customer, &directory, owner, context.caller()?.fields(), &origins);
    let page = DetailsPage { shell: context.shell.clone(), record, groups };
    let mut response = if context.htmx.wants("record") {
        ui::fragment(&page.as_record(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    };
    remember_opened(&mut response, &headers, id);
    Ok(response)
}

/// The parent account: a link, or the number alone where the reader does not see who it is (R26).
pub(super) async fn owner_value(app: &App, sight: &Sight, owner: Option<Uuid>) -> AppResult<FactValue> {
    let Some(owner) = owner else { return Ok(FactValue::Text(String::new())) };
    let named = linked(app, sight, &[owner]).await?.remove(&owner);
    let Some((text, number)) = named else { return Ok(FactValue::Text(String::new())) };
    let is_seen = !reach::those_within(app.db.read(), &sight.reach, vec![owner]).await?.is_empty();
    Ok(if is_seen { FactValue::Link { href: format!("/customers/{owner}"), text } } else { FactValue::Text(number) })
}

/// The record that a field or a row came from.
pub(super) fn came_from(origins: &[Origin], part: &str) -> Option<Origin> {
    origins.iter().find(|origin| origin.part == part).cloned()
}

/// The panels of facts; what the reader may not see is not among them.
pub(super) fn fact_groups(
    customer: &Customer,
    directory: &Directory,
    owner: FactValue,
    rights: &FieldRights,
    origins: &[Origin],
) -> Vec<FactGroup> {
    let marked = |field: &str, fact: Fact| Fact { came_from: came_from(origins, field), ..fact };
    let group = |label: &'static str, facts: Vec<(&'static str, Fact)>| FactGroup {
        label,
        facts: facts
            .into_iter()
            .filter(|(field, _)| !rights.hides(field))
            .map(|(field, fact)| marked(field, fact))
            .collect(),
        is_fixed: false,
    };
    vec![
        group(tr!("Person"), person(customer, directory)),
        group(tr!("Account"), account(customer, directory, origins)),
        group(tr!("Company"), company(customer, owner)),
        FactGroup { label: tr!("Record"), facts: origin(customer), is_fixed: true },
    ]
}

fn name_of(directory: &Directory, id: Option<Uuid>) -> String {
    id.and_then(|id| directory.label(id)).unwrap_or_default().to_owned()
}

fn person(customer: &Customer, directory: &Directory) -> Vec<(&'static str, Fact)> {
    let language = LANGUAGES.iter().find(|(code, _)| *code == customer.language);
    let language = language
        .map_or_else(|| Fact::text(tr!("Language"), &customer.language), |(_, name)| Fact::word(tr!("Language"), name));
    vec![
        ("title", Fact::text(tr!("Title"), &customer.title)),
        ("first_name", Fact::text(tr!("First name"), &customer.first_name)),
        ("last_name", Fact::text(tr!("Last name"), &customer.last_name)),
        ("language", language),
        ("source", Fact::text(tr!("How did you hear about us"), name_of(directory, customer.source_id))),
        ("property_type", Fact::text(tr!("Property type"), name_of(directory, customer.property_type_id))),
    ]
}

fn account(customer: &Customer, directory: &Directory, origins: &[Origin]) -> Vec<(&'static str, Fact)> {
    let names = |kind: &str, ids: &[Uuid]| {
        let name = |id: &Uuid| Some((directory.label(*id)?.to_owned(), came_from(origins, &format!("{kind}.{id}"))));
        FactValue::Several(ids.iter().filter_map(name).collect())
    };
    let sign_in = customer.account.as_ref().map(|account| account.login_email.clone()).unwrap_or_default();
    vec![
        ("status", Fact::word(tr!("Status"), customer.status.label())),
        ("customer_type", Fact::word(tr!("Type"), customer.customer_type.label())),
        ("email", Fact::text(tr!("Signs in with"), sign_in)),
        ("account_code", Fact::text(tr!("Account code"), &customer.account_code)),
        ("home_channel", Fact::text(tr!("Home channel"), name_of(directory, customer.home_channel_id))),
        ("channels", Fact::of(tr!("Further channels"), names("channel", &customer.channels))),
        ("tags", Fact::of(tr!("Tags"), names("tag", &customer.tags))),
        ("assignee", Fact::text(tr!("Assigned to"), name_of(directory, customer.assignee_id))),
    ]
}

fn company(customer: &Customer, owner: FactValue) -> Vec<(&'static str, Fact)> {
    let name = match customer.company_id {
        Some(id) => {
            let text = customer.company_name.clone();
            FactValue::Link { href: format!("/companies/{id}"), text }
        }
        None => FactValue::Text(customer.company_name.clone()),
    };
    vec![
        ("company_name", Fact::of(tr!("Company"), name)),
        ("company_name", Fact::word(tr!("Role in the company"), customer.company_role.map_or("", CompanyRole::label))),
        ("company_number", Fact::text(tr!("Company number"), &customer.company_number)),
        ("vat_number", Fact::text(tr!("VAT number"), &customer.vat_number)),
        ("owner", Fact::of(tr!("Owner"), owner)),
    ]
}

fn origin(customer: &Customer) -> Vec<Fact> {
    vec![
        Fact::text(tr!("Number"), &customer.number),
        Fact::word(tr!("Came in by"), customer.origin.label()),
        Fact::of(tr!("Created"), FactValue::Moment(customer.created_at)),
        Fact::of(tr!("Changed"), FactValue::Moment(customer.updated_at)),
    ]
}
