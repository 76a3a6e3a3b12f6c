//! Groups in the settings: what each decides, and whether it may be assigned (S1-56, S1-57).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::tr;
use platform::ui::{self, Errors, Shell, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::{GroupInput, GroupRow};
use crate::forms::{refused_fields, status_of};
use crate::group;

/// The screens of groups.
pub fn routes() -> Vec<PageRoute> {
    let needed = || Access::Needs(Permission::GroupConfigure);
    vec![
        get("/settings/groups", needed(), list_groups),
        get("/settings/groups/new", needed(), new_group),
        post("/settings/groups/new", needed(), add_group),
        get("/settings/groups/{id}", needed(), edit_group),
        post("/settings/groups/{id}", needed(), save_group),
        post("/settings/groups/{id}/delete", needed(), delete_group),
    ]
    .into_iter()
    .chain(super::page::routes())
    .collect()
}

/// What a group is for, in words (R8).
pub(crate) fn capabilities(group: &GroupRow) -> Vec<&'static str> {
    let all = [
        (group.pricing, tr!("Pricing")),
        (group.tax, tr!("Tax")),
        (group.rights, tr!("Rights")),
        (group.mailing, tr!("Mailing")),
    ];
    all.into_iter().filter(|(is_on, _)| *is_on).map(|(_, label)| label).collect()
}

struct GroupLine {
    group: GroupRow,
    capabilities: Vec<&'static str>,
    members: i64,
}

#[derive(Template)]
#[template(path = "settings/groups.html")]
struct GroupsPage {
    shell: Shell,
    lines: Vec<GroupLine>,
}

async fn list_groups(State(app): State<App>, context: PageContext) -> PageResult {
    let counts = group::member_counts(app.db.read(), &context.caller()?.sight().reach).await?;
    let members = |id: Uuid| counts.iter().find(|(group, _)| *group == id).map_or(0, |(_, members)| *members);
    let line = |group: GroupRow| GroupLine { capabilities: capabilities(&group), members: members(group.id), group };
    let lines = group::list(app.db.read()).await?.into_iter().map(line).collect();
    Ok(ui::render(&GroupsPage { shell: context.shell.clone(), lines }, &context.shell))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct GroupForm {
    name: String,
    description: String,
    pricing: bool,
    tax: bool,
    rights: bool,
    mailing: bool,
    assignable: bool,
    version: i64,
}

impl GroupForm {
    fn of(group: &GroupRow) -> GroupForm {
        GroupForm {
            name: group.name.clone(),
            description: group.description.clone(),
            pricing: group.pricing,
            tax: group.tax,
            rights: group.rights,
            mailing: group.mailing,
            assignable: group.assignable,
            version: group.version,
        }
    }

    fn input(&self) -> GroupInput {
        GroupInput {
            name: self.name.clone(),
            description: self.description.clone(),
            pricing: self.pricing,
            tax: self.tax,
            rights: self.rights,
            mailing: self.mailing,
            assignable: self.assignable,
        }
    }
}

#[derive(Template)]
#[template(path = "settings/group_form.html")]
struct GroupFormPage {
    shell: Shell,
    /// Empty for a new one.
    id: String,
    form: GroupForm,
    errors: Errors,
}

fn group_page(context: &PageContext, id: Option<Uuid>, form: GroupForm, errors: Errors) -> PageResult {
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    let status = status_of(&errors);
    let page = GroupFormPage { shell: context.shell.clone(), id, form, errors };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn new_group(context: PageContext) -> PageResult {
    let form = GroupForm { mailing: true, assignable: true, ..GroupForm::default() };
    group_page(&context, None, form, Errors::none())
}

async fn edit_group(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let group = group::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    group_page(&context, Some(id), GroupForm::of(&group), Errors::none())
}

async fn store_group(app: &App, context: &PageContext, id: Option<Uuid>, form: &GroupForm) -> AppResult<()> {
    let tx = app.begin_write().await?;
    let (actor, now) = (context.caller()?.actor(), app.clock.now());
    match id {
        Some(id) => group::save(&tx, &actor, now, id, form.version, &form.input()).await?,
        None => drop(group::add(&tx, &actor, now, &form.input()).await?),
    }
    tx.commit().await?;
    Ok(())
}

async fn answer_group(app: &App, context: &PageContext, id: Option<Uuid>, form: GroupForm) -> PageResult {
    match refused_fields(store_group(app, context, id, &form).await)? {
        Ok(()) => Ok(ui::redirect_to("/settings/groups").saying(tr!("Group saved")).into_response()),
        Err(errors) => group_page(context, id, form, errors),
    }
}

async fn add_group(State(app): State<App>, context: PageContext, Form(form): Form<GroupForm>) -> PageResult {
    answer_group(&app, &context, None, form).await
}

async fn save_group(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(form): Form<GroupForm>,
) -> PageResult {
    answer_group(&app, &context, Some(id), form).await
}

async fn delete_group(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let tx = app.begin_write().await?;
    let group = group::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    match refused_fields(group::delete(&tx, &context.caller()?.actor(), app.clock.now(), id).await)? {
        Ok(()) => {
            tx.commit().await?;
            Ok(ui::redirect_to("/settings/groups").saying(tr!("Group deleted")).into_response())
        }
        Err(errors) => group_page(&context, Some(id), GroupForm::of(&group), errors),
    }
}
