//! One's own name, language, time zone, theme and password.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::REFERER;
use axum::response::IntoResponse;
use serde::Deserialize;

use super::part::{ProfileTopic, profile_topics, refusals, session_id, status_of};
use crate::app::App;
use crate::auth::staff::{self, ProfileInput, StaffRow};
use crate::auth::{Caller, password};
use crate::error::{AppError, AppResult};
use crate::http::{Access, Form, PageContext, PageResult, PageRoute, get, post};
use crate::i18n::Lang;
use crate::tr;
use crate::ui::{self, Choice, Errors, Shell, Theme, choices, filters};

pub(super) fn routes() -> Vec<PageRoute> {
    vec![
        get("/", Access::SignedIn, home),
        get("/profile", Access::SignedIn, show),
        post("/profile", Access::SignedIn, save),
        post("/profile/theme", Access::SignedIn, save_theme),
        post("/profile/language", Access::SignedIn, save_language),
        post("/profile/password", Access::SignedIn, save_password),
    ]
}

/// The first entry of the person's menu.
async fn home(context: PageContext) -> PageResult {
    let first = context.shell.menu.iter().flat_map(|group| &group.entries).map(|entry| entry.href).next();
    Ok(ui::redirect_to(first.unwrap_or("/profile")).into_response())
}

#[derive(Template)]
#[template(path = "auth/profile.html")]
struct ProfilePage {
    shell: Shell,
    topics: [ProfileTopic; 4],
    email: String,
    name: String,
    languages: Vec<Choice>,
    time_zones: Vec<Choice>,
    themes: Vec<Choice>,
    errors: Errors,
    password_errors: Errors,
}

impl ProfilePage {
    fn new(context: &PageContext, email: String, input: &ProfileInput) -> ProfilePage {
        let languages = Lang::ALL.map(|lang| (lang.code(), lang.name()));
        let themes = Theme::ALL.map(|theme| (theme.code(), theme.label()));
        let zones = jiff::tz::db().available().map(|zone| zone.to_string()).filter(|zone| is_offered(zone));
        ProfilePage {
            shell: context.shell.clone(),
            topics: profile_topics("/profile"),
            email,
            name: input.name.clone(),
            languages: choices(languages, &input.language),
            time_zones: choices(zones.map(|zone| (zone.clone(), zone.replace('_', " "))), &input.time_zone),
            themes: choices(themes, &input.theme),
            errors: Errors::none(),
            password_errors: Errors::none(),
        }
    }
}

/// Places and UTC; the database also holds old aliases.
fn is_offered(zone: &str) -> bool {
    const AREAS: [&str; 9] =
        ["Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"];
    zone == "UTC" || AREAS.iter().any(|area| zone.starts_with(area))
}

fn stored(person: &StaffRow) -> ProfileInput {
    ProfileInput {
        name: person.name.clone(),
        language: person.language.clone(),
        time_zone: person.time_zone.clone(),
        theme: person.theme.clone(),
    }
}

async fn person_of(app: &App, caller: &Caller) -> AppResult<StaffRow> {
    staff::find(app.db.read(), caller.staff_id).await?.ok_or(AppError::Unauthenticated)
}

async fn show(State(app): State<App>, context: PageContext) -> PageResult {
    let person = person_of(&app, context.caller()?).await?;
    let page = ProfilePage::new(&context, person.email.clone(), &stored(&person));
    Ok(ui::render(&page, &context.shell))
}

#[derive(Deserialize)]
struct ProfileForm {
    name: String,
    language: String,
    time_zone: String,
    theme: String,
}

async fn store(app: &App, caller: &Caller, input: &ProfileInput) -> AppResult<()> {
    let tx = app.begin_write().await?;
    staff::save_profile(&tx, &caller.actor(), app.clock.now(), caller.staff_id, input).await?;
    tx.commit().await?;
    Ok(())
}

async fn save(State(app): State<App>, context: PageContext, Form(form): Form<ProfileForm>) -> PageResult {
    let caller = context.caller()?;
    let ProfileForm { name, language, time_zone, theme } = form;
    let input = ProfileInput { name, language, time_zone, theme };
    match refusals(store(&app, caller, &input).await)? {
        Ok(()) => Ok(ui::redirect_to("/profile").saying("Profile saved").into_response()),
        Err(errors) => {
            let mut page = ProfilePage::new(&context, caller.email.clone(), &input);
            page.errors = errors;
            Ok(ui::render_status(status_of(&page.errors), &page, &context.shell))
        }
    }
}

/// Back to the page where the choice was made; only its path is taken.
fn back(headers: &HeaderMap) -> String {
    let referer = headers.get(REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = referer.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    path.filter(|path| !path.starts_with("//")).unwrap_or("/").to_owned()
}

#[derive(Deserialize)]
struct ThemeForm {
    theme: String,
}

async fn save_theme(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Form(form): Form<ThemeForm>,
) -> PageResult {
    let caller = context.caller()?;
    let person = person_of(&app, caller).await?;
    store(&app, caller, &ProfileInput { theme: form.theme, ..stored(&person) }).await?;
    Ok(ui::redirect_to(back(&headers)).into_response())
}

#[derive(Deserialize)]
struct LanguageForm {
    language: String,
}

async fn save_language(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Form(form): Form<LanguageForm>,
) -> PageResult {
    let caller = context.caller()?;
    let person = person_of(&app, caller).await?;
    store(&app, caller, &ProfileInput { language: form.language, ..stored(&person) }).await?;
    Ok(ui::redirect_to(back(&headers)).into_response())
}

#[derive(Deserialize)]
struct PasswordForm {
    current: String,
    password: String,
    repeated: String,
}

async fn new_hash(app: &App, person: &StaffRow, form: PasswordForm) -> AppResult<String> {
    let cost = app.options.hash_cost;
    if !password::verify(cost, form.current, Some(person.password_hash.clone())).await? {
        return Err(AppError::field("current", "password_wrong", tr!("This is not your current password.")));
    }
    password::check_policy("password", &form.password, &[&person.email, &person.name])?;
    if form.password != form.repeated {
        return Err(AppError::field("repeated", "password_differs", tr!("The two new passwords differ.")));
    }
    password::hash(cost, form.password).await
}

async fn save_password(State(app): State<App>, context: PageContext, Form(form): Form<PasswordForm>) -> PageResult {
    let caller = context.caller()?;
    let person = person_of(&app, caller).await?;
    match refusals(new_hash(&app, &person, form).await)? {
        Ok(hash) => {
            let tx = app.begin_write().await?;
            let keep = session_id(caller);
            staff::set_password(&tx, &caller.actor(), app.clock.now(), person.id, &hash, keep).await?;
            tx.commit().await?;
            let done = ui::redirect_to("/profile").saying("Password changed; your other sessions are ended");
            Ok(done.into_response())
        }
        Err(errors) => {
            let mut page = ProfilePage::new(&context, person.email.clone(), &stored(&person));
            page.password_errors = errors;
            Ok(ui::render_status(status_of(&page.password_errors), &page, &context.shell))
        }
    }
}
