//! Actions on the ticked rows of the list: row by row, the eligible ones proceed, the others are reported with their
//! reason (R3).

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Shell, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::record::{back_to_list, writer};
use crate::customer::model::Customer;
use crate::customer::{actions, store};
use crate::directory::Directory;

/// Ticked rows come from one page of the list.
const MOST_ROWS: usize = 200;

pub(super) fn routes() -> Vec<PageRoute> {
    vec![post("/customers/bulk", Access::Needs(Permission::CustomerView), act)]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Activate,
    Deactivate,
    Delete,
}

impl Act {
    fn permission(self) -> Permission {
        match self {
            Act::Activate | Act::Deactivate => Permission::CustomerDeactivate,
            Act::Delete => Permission::CustomerDeleteBulk,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Act::Activate => tr!("Activate {n} customers"),
            Act::Deactivate => tr!("Deactivate {n} customers"),
            Act::Delete => tr!("Delete {n} customers"),
        }
    }

    fn done(self) -> &'static str {
        match self {
            Act::Activate => tr!("{n} customers are active"),
            Act::Deactivate => tr!("{n} customers are inactive"),
            Act::Delete => tr!("{n} customers deleted"),
        }
    }
}

#[derive(Deserialize)]
struct BulkForm {
    act: Act,
    #[serde(default)]
    id: Vec<Uuid>,
    /// Deleting asks for a Yes first (S0-61).
    #[serde(default)]
    sure: bool,
}

#[derive(Template)]
#[template(path = "customer/bulk.html")]
struct BulkPage {
    shell: Shell,
    act: &'static str,
    title: Message,
    back: String,
    /// Still to be confirmed.
    ids: Vec<Uuid>,
    bin_days: i64,
    done: Option<Message>,
    refused: Vec<RefusedRow>,
}

struct RefusedRow {
    href: String,
    name: String,
    reason: Reason,
}

async fn act(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Form(form): Form<BulkForm>,
) -> PageResult {
    context.caller()?.may(form.act.permission())?;
    let back = back_to_list(&headers);
    let mut ids = form.id;
    ids.truncate(MOST_ROWS);
    if ids.is_empty() {
        return Ok(ui::redirect_to(back).warning(tr!("Select customers first")).into_response());
    }
    let bin_days = Directory::load(app.db.read()).await?.settings.bin_days;
    let mut page = BulkPage {
        shell: context.shell.clone(),
        act: "delete",
        title: Message::new(form.act.title()).with("n", ids.len()),
        back,
        ids,
        bin_days,
        done: None,
        refused: Vec::new(),
    };
    if form.act == Act::Delete && !form.sure {
        return Ok(ui::render(&page, &context.shell));
    }
    let (done, refused) = run(&app, &context, form.act, &page.ids, bin_days).await?;
    let text = Message::new(form.act.done()).with("n", done);
    if refused.is_empty() {
        return Ok(ui::redirect_to(page.back).saying(text).into_response());
    }
    page.done = Some(text);
    page.refused = refused;
    Ok(ui::render_status(StatusCode::OK, &page, &context.shell))
}

/// Each row in a transaction of its own: one refusal keeps nothing else back.
async fn run(
    app: &App,
    context: &PageContext,
    act: Act,
    ids: &[Uuid],
    bin_days: i64,
) -> AppResult<(usize, Vec<RefusedRow>)> {
    let mut done = 0;
    let mut refused = Vec::new();
    for id in ids {
        let Some(customer) = store::find(app.db.read(), *id).await? else { continue };
        match one(app, context, act, *id, bin_days).await {
            Ok(()) => done += 1,
            Err(AppError::Conflict(reason)) => refused.push(refused_row(&customer, reason)),
            Err(AppError::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Ok((done, refused))
}

fn refused_row(customer: &Customer, reason: Reason) -> RefusedRow {
    RefusedRow { href: format!("/customers/{}", customer.id), name: customer.display_name(), reason }
}

async fn one(app: &App, context: &PageContext, act: Act, id: Uuid, bin_days: i64) -> AppResult<()> {
    let tx = app.begin_write().await?;
    let customer = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let writer = writer(app, context.caller()?);
    match act {
        Act::Activate => actions::set_active(&tx, &writer, &customer, true).await?,
        Act::Deactivate => actions::set_active(&tx, &writer, &customer, false).await?,
        Act::Delete => actions::delete(&tx, &app.registry, &writer, &customer, bin_days).await?,
    };
    tx.commit().await?;
    Ok(())
}
