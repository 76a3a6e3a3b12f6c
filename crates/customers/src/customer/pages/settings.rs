//! What administrators keep: groups, channels, lists of choices, and the rules of the customer area.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::tr;
use platform::ui::{self, Choice, Errors, Shell, choices, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::groups::capabilities;
use crate::channel::{self, ChannelInput, ChannelRow};
use crate::choice::{self, ChoiceList, ChoiceRow};
use crate::group::{self, GroupInput, GroupRow};

pub(super) fn routes() -> Vec<PageRoute> {
    let groups = Access::Needs(Permission::GroupConfigure);
    let settings = Access::Needs(Permission::SettingsEdit);
    vec![
        get("/settings/groups", groups, list_groups),
        get("/settings/groups/new", groups, new_group),
        post("/settings/groups/new", groups, add_group),
        get("/settings/groups/{id}", groups, edit_group),
        post("/settings/groups/{id}", groups, save_group),
        post("/settings/groups/{id}/delete", groups, delete_group),
        get("/settings/channels", settings, list_channels),
        get("/settings/channels/new", settings, new_channel),
        post("/settings/channels/new", settings, add_channel),
        get("/settings/channels/{id}", settings, edit_channel),
        post("/settings/channels/{id}", settings, save_channel),
        get("/settings/lists", settings, show_lists),
        post("/settings/lists/{list}", settings, add_choice),
        post("/settings/lists/{list}/{id}/rename", settings, rename_choice),
        post("/settings/lists/{list}/{id}/retire", settings, retire_choice),
        post("/settings/lists/{list}/{id}/restore", settings, restore_choice),
    ]
}

/// What a refused form shows; anything else goes on as it is.
pub(super) fn refused_fields<T>(outcome: AppResult<T>) -> AppResult<Result<T, Errors>> {
    match outcome {
        Ok(done) => Ok(Ok(done)),
        Err(AppError::Invalid(errors)) => Ok(Err(Errors::from(&errors))),
        Err(AppError::Stale { .. }) => {
            let text =
                tr!("Somebody else changed this meanwhile. Reload the page to see it; your changes are not saved.");
            Ok(Err(Errors::none().with("", text)))
        }
        Err(AppError::Conflict(reason)) => Ok(Err(Errors::none().with("", reason.detail))),
        Err(other) => Err(other),
    }
}

pub(super) fn status_of(errors: &Errors) -> StatusCode {
    if errors.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
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
    let counts = group::member_counts(app.db.read()).await?;
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

struct ChannelLine {
    channel: ChannelRow,
    kind: &'static str,
}

#[derive(Template)]
#[template(path = "settings/channels.html")]
struct ChannelsPage {
    shell: Shell,
    lines: Vec<ChannelLine>,
}

fn kind_label(kind: &str) -> &'static str {
    channel::KINDS.iter().find(|(key, _)| *key == kind).map_or("", |(_, label)| label)
}

async fn list_channels(State(app): State<App>, context: PageContext) -> PageResult {
    let line = |channel: ChannelRow| ChannelLine { kind: kind_label(&channel.kind), channel };
    let lines = channel::list(app.db.read()).await?.into_iter().map(line).collect();
    Ok(ui::render(&ChannelsPage { shell: context.shell.clone(), lines }, &context.shell))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ChannelForm {
    name: String,
    kind: String,
    number_prefix: String,
    active: bool,
    version: i64,
}

impl ChannelForm {
    fn input(&self) -> ChannelInput {
        ChannelInput {
            name: self.name.clone(),
            kind: self.kind.clone(),
            number_prefix: self.number_prefix.clone(),
            active: self.active,
        }
    }
}

#[derive(Template)]
#[template(path = "settings/channel_form.html")]
struct ChannelFormPage {
    shell: Shell,
    id: String,
    kinds: Vec<Choice>,
    form: ChannelForm,
    errors: Errors,
}

fn channel_page(context: &PageContext, id: Option<Uuid>, form: ChannelForm, errors: Errors) -> PageResult {
    let status = status_of(&errors);
    let page = ChannelFormPage {
        shell: context.shell.clone(),
        id: id.map(|id| id.to_string()).unwrap_or_default(),
        kinds: choices(channel::KINDS, &form.kind),
        form,
        errors,
    };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn new_channel(context: PageContext) -> PageResult {
    let form = ChannelForm { active: true, number_prefix: "C".to_owned(), ..ChannelForm::default() };
    channel_page(&context, None, form, Errors::none())
}

async fn edit_channel(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let ChannelRow { name, kind, number_prefix, active, version, .. } =
        channel::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    channel_page(&context, Some(id), ChannelForm { name, kind, number_prefix, active, version }, Errors::none())
}

async fn store_channel(app: &App, context: &PageContext, id: Option<Uuid>, form: &ChannelForm) -> AppResult<()> {
    let tx = app.begin_write().await?;
    let (actor, now) = (context.caller()?.actor(), app.clock.now());
    match id {
        Some(id) => channel::save(&tx, &actor, now, id, form.version, &form.input()).await?,
        None => drop(channel::add(&tx, &actor, now, &form.input()).await?),
    }
    tx.commit().await?;
    Ok(())
}

async fn answer_channel(app: &App, context: &PageContext, id: Option<Uuid>, form: ChannelForm) -> PageResult {
    match refused_fields(store_channel(app, context, id, &form).await)? {
        Ok(()) => Ok(ui::redirect_to("/settings/channels").saying(tr!("Channel saved")).into_response()),
        Err(errors) => channel_page(context, id, form, errors),
    }
}

async fn add_channel(State(app): State<App>, context: PageContext, Form(form): Form<ChannelForm>) -> PageResult {
    answer_channel(&app, &context, None, form).await
}

async fn save_channel(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(form): Form<ChannelForm>,
) -> PageResult {
    answer_channel(&app, &context, Some(id), form).await
}

struct ListPart {
    list: ChoiceList,
    entries: Vec<ChoiceRow>,
    /// What was typed and refused.
    typed: String,
    errors: Errors,
}

#[derive(Template)]
#[template(path = "settings/lists.html")]
struct ListsPage {
    shell: Shell,
    parts: Vec<ListPart>,
}

async fn lists_page(app: &App, context: &PageContext, refused: Option<(ChoiceList, String, Errors)>) -> PageResult {
    let mut parts = Vec::new();
    let mut status = StatusCode::OK;
    for list in ChoiceList::ALL {
        let entries = choice::list(app.db.read(), list).await?;
        let (typed, errors) = match &refused {
            Some((which, typed, errors)) if *which == list => (typed.clone(), errors.clone()),
            _ => (String::new(), Errors::none()),
        };
        if errors.any() {
            status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        parts.push(ListPart { list, entries, typed, errors });
    }
    Ok(ui::render_status(status, &ListsPage { shell: context.shell.clone(), parts }, &context.shell))
}

async fn show_lists(State(app): State<App>, context: PageContext) -> PageResult {
    lists_page(&app, &context, None).await
}

fn list_of(key: &str) -> AppResult<ChoiceList> {
    ChoiceList::from_key(key).ok_or(AppError::NotFound)
}

#[derive(Deserialize)]
struct NameForm {
    name: String,
}

async fn store_choice(
    app: &App,
    context: &PageContext,
    list: ChoiceList,
    id: Option<Uuid>,
    name: &str,
) -> AppResult<()> {
    let tx = app.begin_write().await?;
    let (actor, now) = (context.caller()?.actor(), app.clock.now());
    match id {
        Some(id) => choice::rename(&tx, &actor, now, list, id, name).await?,
        None => drop(choice::add(&tx, &actor, now, list, name).await?),
    }
    tx.commit().await?;
    Ok(())
}

async fn answer_choice(
    app: &App,
    context: &PageContext,
    list: ChoiceList,
    id: Option<Uuid>,
    name: String,
) -> PageResult {
    match refused_fields(store_choice(app, context, list, id, &name).await)? {
        Ok(()) => Ok(ui::redirect_to("/settings/lists").saying(tr!("List saved")).into_response()),
        Err(errors) => lists_page(app, context, Some((list, name, errors))).await,
    }
}

async fn add_choice(
    State(app): State<App>,
    context: PageContext,
    Path(list): Path<String>,
    Form(form): Form<NameForm>,
) -> PageResult {
    answer_choice(&app, &context, list_of(&list)?, None, form.name).await
}

async fn rename_choice(
    State(app): State<App>,
    context: PageContext,
    Path((list, id)): Path<(String, Uuid)>,
    Form(form): Form<NameForm>,
) -> PageResult {
    answer_choice(&app, &context, list_of(&list)?, Some(id), form.name).await
}

async fn set_retired(app: &App, context: &PageContext, list: &str, id: Uuid, retired: bool) -> PageResult {
    let tx = app.begin_write().await?;
    choice::set_retired(&tx, &context.caller()?.actor(), app.clock.now(), list_of(list)?, id, retired).await?;
    tx.commit().await?;
    Ok(ui::redirect_to("/settings/lists").saying(tr!("List saved")).into_response())
}

async fn retire_choice(
    State(app): State<App>,
    context: PageContext,
    Path((list, id)): Path<(String, Uuid)>,
) -> PageResult {
    set_retired(&app, &context, &list, id, true).await
}

async fn restore_choice(
    State(app): State<App>,
    context: PageContext,
    Path((list, id)): Path<(String, Uuid)>,
) -> PageResult {
    set_retired(&app, &context, &list, id, false).await
}
