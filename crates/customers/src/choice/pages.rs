//! The lists of choices in the settings: how customers heard of the shop, what kind of property they have.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::tr;
use platform::ui::{self, Errors, Shell, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::{ChoiceList, ChoiceRow};
use crate::choice;
use crate::forms::refused_fields;

/// The screen of the lists.
pub fn routes() -> Vec<PageRoute> {
    let needed = || Access::Needs(Permission::SettingsEdit);
    vec![
        get("/settings/lists", needed(), show_lists),
        post("/settings/lists/{list}", needed(), add_choice),
        post("/settings/lists/{list}/{id}/rename", needed(), rename_choice),
        post("/settings/lists/{list}/{id}/retire", needed(), retire_choice),
        post("/settings/lists/{list}/{id}/restore", needed(), restore_choice),
    ]
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
