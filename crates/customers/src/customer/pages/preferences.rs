//! What a person chose for their own screens: columns and layout of the list.

use axum::extract::State;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::{Permission, staff};
use platform::error::{AppError, AppResult};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::view;

pub(super) fn routes() -> Vec<PageRoute> {
    let view = Access::Needs(Permission::CustomerView);
    vec![post("/customers/columns", view, choose_columns), post("/customers/layout", view, choose_layout)]
}

/// The two ways to look at the list (R17).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Layout {
    #[default]
    Table,
    Workspace,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Preferences {
    pub customer_columns: Option<Vec<String>>,
    pub customer_layout: Layout,
    /// Choices of other screens, kept as they are.
    #[serde(flatten)]
    others: serde_json::Map<String, serde_json::Value>,
}

pub(super) async fn preferences(app: &App, context: &PageContext) -> AppResult<Preferences> {
    let person = staff::find(app.db.read(), context.caller()?.staff_id).await?.ok_or(AppError::Unauthenticated)?;
    Ok(serde_json::from_str(&person.preferences).unwrap_or_default())
}

async fn keep(app: &App, context: &PageContext, change: impl FnOnce(&mut Preferences)) -> AppResult<()> {
    let mut preferences = preferences(app, context).await?;
    change(&mut preferences);
    let text = serde_json::to_string(&preferences).map_err(AppError::broken)?;
    let tx = app.begin_write().await?;
    staff::save_preferences(&tx, context.caller()?.staff_id, &text).await?;
    Ok(tx.commit().await?)
}

fn back_to(back: String) -> String {
    if back.starts_with("/customers?") { back } else { "/customers".to_owned() }
}

#[derive(Deserialize)]
struct ColumnsForm {
    #[serde(default)]
    column: Vec<String>,
    #[serde(default)]
    back: String,
    /// The view that is shown, when it has columns of its own.
    #[serde(default)]
    view: Option<Uuid>,
}

async fn choose_columns(State(app): State<App>, context: PageContext, Form(form): Form<ColumnsForm>) -> PageResult {
    let back = back_to(form.back);
    let Some(id) = form.view else {
        keep(&app, &context, |preferences| preferences.customer_columns = Some(form.column)).await?;
        return Ok(ui::redirect_to(back).into_response());
    };
    let caller = context.caller()?;
    let shown = view::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    if shown.staff_id != caller.staff_id {
        let text = Message::new(tr!("Only {name} can change this view.")).with("name", &shown.owner_name);
        return Ok(ui::redirect_to(back).warning(text).into_response());
    }
    let input = view::ViewInput {
        name: shown.name.clone(),
        shared: shown.shared,
        filter: shown.filter()?,
        columns: form.column,
    };
    let tx = app.begin_write().await?;
    let now = app.clock.now();
    view::save((&app.db, caller.sight()), &tx, &caller.actor(), now, (id, shown.version), caller.staff_id, &input)
        .await?;
    tx.commit().await?;
    Ok(ui::redirect_to(back).into_response())
}

#[derive(Deserialize)]
struct LayoutForm {
    layout: Layout,
    #[serde(default)]
    back: String,
}

async fn choose_layout(State(app): State<App>, context: PageContext, Form(form): Form<LayoutForm>) -> PageResult {
    keep(&app, &context, |preferences| preferences.customer_layout = form.layout).await?;
    Ok(ui::redirect_to(back_to(form.back)).into_response())
}
