//! Channels in the settings: shops, marketplaces, tills and other systems (R26).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::tr;
use platform::ui::{self, Choice, Errors, Shell, choices, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::{ChannelInput, ChannelRow};
use crate::channel;
use crate::forms::{refused_fields, status_of};

/// The screens of channels.
pub fn routes() -> Vec<PageRoute> {
    let needed = || Access::Needs(Permission::SettingsEdit);
    vec![
        get("/settings/channels", needed(), list_channels),
        get("/settings/channels/new", needed(), new_channel),
        post("/settings/channels/new", needed(), add_channel),
        get("/settings/channels/{id}", needed(), edit_channel),
        post("/settings/channels/{id}", needed(), save_channel),
    ]
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
