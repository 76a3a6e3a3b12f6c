//! Channels in the settings: shops, marketplaces, tills and other systems (R26).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::ui::{self, Choice, Errors, Shell, choices, filters};
use platform::{settings, tr};
use serde::Deserialize;
use uuid::Uuid;

use super::{ChannelInput, ChannelRow};
use crate::channel;
use crate::customer::pages::profile_line::{ProfileLine, label};
use crate::customer::profile::{EntryProfiles, Profile, Requirements};
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
    /// Its entry forms ask for fields of their own.
    asks: bool,
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
    let profiles: EntryProfiles = settings::load(app.db.read()).await?;
    let line = |channel: ChannelRow| ChannelLine {
        kind: kind_label(&channel.kind),
        asks: !profiles.of_channel(channel.id).is_empty(),
        channel,
    };
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
    required_full: Vec<String>,
    required_register: Vec<String>,
    required_quick: Vec<String>,
}

impl ChannelForm {
    fn of(channel: ChannelRow, required: &Requirements) -> Self {
        let ChannelRow { name, kind, number_prefix, active, version, .. } = channel;
        let asked = |profile| required.get(&profile).cloned().unwrap_or_default();
        Self {
            name,
            kind,
            number_prefix,
            active,
            version,
            required_full: asked(Profile::Full),
            required_register: asked(Profile::Register),
            required_quick: asked(Profile::Quick),
        }
    }

    /// What its forms ask for; imports ask as they did before.
    fn required(&self, before: &Requirements) -> Requirements {
        let mut required = before.clone();
        required.insert(Profile::Full, self.required_full.clone());
        required.insert(Profile::Register, self.required_register.clone());
        required.insert(Profile::Quick, self.required_quick.clone());
        required
    }

    fn input(&self, before: &Requirements) -> ChannelInput {
        ChannelInput {
            required: Some(self.required(before)),
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
    forms: Vec<FormLine>,
    errors: Errors,
}

/// What an entry form asks for in this channel, and in the whole shop.
struct FormLine {
    boxes: ProfileLine,
    /// Labels of what the shop asks for.
    usual: Vec<&'static str>,
}

async fn channel_page(
    app: &App,
    context: &PageContext,
    id: Option<Uuid>,
    form: ChannelForm,
    errors: Errors,
) -> PageResult {
    let profiles: EntryProfiles = settings::load(app.db.read()).await?;
    let asked = form.required(&Requirements::default());
    let line = |profile: Profile| FormLine {
        boxes: ProfileLine::of(profile, asked.get(&profile).map_or(&[], Vec::as_slice)),
        usual: profiles.required(profile, None).iter().map(|field| label(field)).collect(),
    };
    let status = status_of(&errors);
    let page = ChannelFormPage {
        shell: context.shell.clone(),
        id: id.map(|id| id.to_string()).unwrap_or_default(),
        kinds: choices(channel::KINDS, &form.kind),
        forms: Profile::FORMS.into_iter().map(line).collect(),
        form,
        errors,
    };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn new_channel(State(app): State<App>, context: PageContext) -> PageResult {
    let form = ChannelForm { active: true, number_prefix: "C".to_owned(), ..ChannelForm::default() };
    channel_page(&app, &context, None, form, Errors::none()).await
}

async fn edit_channel(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let channel = channel::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    let profiles: EntryProfiles = settings::load(app.db.read()).await?;
    let form = ChannelForm::of(channel, &profiles.of_channel(id));
    channel_page(&app, &context, Some(id), form, Errors::none()).await
}

async fn store_channel(app: &App, context: &PageContext, id: Option<Uuid>, form: &ChannelForm) -> AppResult<()> {
    let tx = app.begin_write().await?;
    let (actor, now) = (context.caller()?.actor(), app.clock.now());
    let profiles: EntryProfiles = settings::load(&tx).await?;
    let input = form.input(&id.map(|id| profiles.of_channel(id)).unwrap_or_default());
    match id {
        Some(id) => channel::save(&tx, &actor, now, id, form.version, &input).await?,
        None => drop(channel::add(&tx, &actor, now, &input).await?),
    }
    tx.commit().await?;
    app.wake_jobs();
    Ok(())
}

async fn answer_channel(app: &App, context: &PageContext, id: Option<Uuid>, form: ChannelForm) -> PageResult {
    match refused_fields(store_channel(app, context, id, &form).await)? {
        Ok(()) => Ok(ui::redirect_to("/settings/channels").saying(tr!("Channel saved")).into_response()),
        Err(errors) => channel_page(app, context, id, form, errors).await,
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
