//! The topic of groups: memberships are added and removed from a drop-down (S1-47).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::AppError;
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::i18n::Message;
use platform::origins;
use platform::tr;
use platform::ui::{self, Choice};
use serde::Deserialize;
use uuid::Uuid;

use super::edit::save_input;
use super::record::{find, load};
use super::record_view::{GroupLine, GroupsPage};
use super::topics::came_from;
use crate::customer::input::CustomerInput;
use crate::customer::model::{Customer, Membership};
use crate::directory::Directory;
use crate::group::GroupRow;
use crate::group::pages::capabilities;

pub(super) fn routes() -> Vec<PageRoute> {
    let view = Access::Needs(Permission::CustomerView);
    let assign = Access::Needs(Permission::GroupAssign);
    vec![
        get("/customers/{id}/groups", view, show),
        post("/customers/{id}/groups", assign, add),
        post("/customers/{id}/groups/{group}/primary", assign, make_primary),
        post("/customers/{id}/groups/{group}/remove", assign, remove),
    ]
}

async fn show(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    let customer = find(&app, &context, id).await?;
    page(&app, &context, &headers, &customer, None).await
}

/// The memberships of a record, by the groups' names. A group that was deleted since still has the name it had.
pub(super) fn lines(customer: &Customer, directory: &Directory) -> Vec<GroupLine> {
    let line = |member: &Membership| {
        let group = directory.groups.iter().find(|group| group.id == member.group_id);
        GroupLine {
            id: member.group_id.to_string(),
            name: directory.label(member.group_id).unwrap_or("–").to_owned(),
            capabilities: group.map(capabilities).unwrap_or_default(),
            is_primary: member.is_primary,
            came_from: None,
        }
    };
    let mut lines: Vec<GroupLine> = customer.groups.iter().map(line).collect();
    lines.sort_by(|one, other| one.name.cmp(&other.name));
    lines
}

async fn page(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    customer: &Customer,
    refused: Option<Message>,
) -> PageResult {
    let rights = context.caller()?.fields();
    rights.may_ask("groups")?;
    let directory = Directory::load(app.db.read()).await?;
    let record = load(app, context, headers, customer, &directory, "groups").await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let origins = origins::of_customer(app, customer.id).await?;
    let mut groups = lines(customer, &directory);
    for group in &mut groups {
        group.came_from = came_from(&origins, &format!("group.{}", group.id));
    }
    let is_member = |group: &GroupRow| customer.groups.iter().any(|member| member.group_id == group.id);
    let offered = directory.groups.iter().filter(|group| group.assignable && !is_member(group));
    let page = GroupsPage {
        shell: context.shell.clone(),
        groups,
        offered: offered.map(|group| Choice::new(group.id.to_string(), &group.name, false)).collect(),
        may_assign: customer.can_be_edited() && context.may(Permission::GroupAssign) && rights.edits("groups"),
        record,
        refused,
    };
    Ok(if context.htmx.wants("record") {
        ui::fragment_status(status, &page.as_record(), &context.shell)
    } else {
        ui::render_status(status, &page, &context.shell)
    })
}

fn ids(customer: &Customer) -> Vec<String> {
    customer.groups.iter().map(|group| group.group_id.to_string()).collect()
}

#[derive(Deserialize)]
struct GroupForm {
    group: String,
}

async fn add(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Form(form): Form<GroupForm>,
) -> PageResult {
    let customer = find(&app, &context, id).await?;
    let mut groups = ids(&customer);
    groups.push(form.group);
    let input = CustomerInput { groups: Some(groups), ..CustomerInput::default() };
    save(&app, &context, &headers, &customer, input, tr!("Added to the group")).await
}

async fn save(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    customer: &Customer,
    input: CustomerInput,
    saying: &'static str,
) -> PageResult {
    match save_input(app, context, customer, input).await {
        Ok(_) => Ok(ui::redirect_to(format!("/customers/{}/groups", customer.id)).saying(saying).into_response()),
        Err(AppError::Invalid(errors)) => {
            let why = errors.0.into_iter().next().map(|error| error.detail);
            page(app, context, headers, customer, why).await
        }
        Err(other) => Err(other),
    }
}

async fn make_primary(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path((id, group)): Path<(Uuid, Uuid)>,
) -> PageResult {
    let customer = find(&app, &context, id).await?;
    let input = CustomerInput { primary_group: Some(group.to_string()), ..CustomerInput::default() };
    save(&app, &context, &headers, &customer, input, tr!("This is the primary group now")).await
}

async fn remove(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path((id, group)): Path<(Uuid, Uuid)>,
) -> PageResult {
    let customer = find(&app, &context, id).await?;
    let mut groups = ids(&customer);
    groups.retain(|member| *member != group.to_string());
    let input = CustomerInput { groups: Some(groups), ..CustomerInput::default() };
    save(&app, &context, &headers, &customer, input, tr!("Removed from the group")).await
}
