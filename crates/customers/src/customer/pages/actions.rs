//! What staff do with one customer besides editing: activate, deactivate, approve, reject, delete, restore.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Errors, Shell, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::record::{back_to_list, find, load};
use super::record_view::Record;
use crate::customer::model::Customer;
use crate::customer::save::Writer;
use crate::customer::{actions, store};
use crate::directory::Directory;

pub(super) fn routes() -> Vec<PageRoute> {
    let deactivate = Access::Needs(Permission::CustomerDeactivate);
    let approve = Access::Needs(Permission::CustomerTypeApprove);
    let delete = Access::Needs(Permission::CustomerDelete);
    vec![
        post("/customers/{id}/activate", deactivate, activate),
        post("/customers/{id}/deactivate", deactivate, deactivate_customer),
        post("/customers/{id}/approve", approve, approve_customer),
        get("/customers/{id}/reject", approve, ask_reject),
        post("/customers/{id}/reject", approve, reject),
        get("/customers/{id}/delete", delete, ask_delete),
        post("/customers/{id}/delete", delete, delete_customer),
        post("/customers/{id}/restore", delete, restore),
    ]
}

async fn set_active(app: &App, context: &PageContext, id: Uuid, active: bool) -> AppResult<()> {
    let tx = app.begin_write().await?;
    let customer = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    actions::set_active(&tx, &Writer::of(app, context.caller()?), &customer, active).await?;
    tx.commit().await?;
    Ok(())
}

async fn activate(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    set_active(&app, &context, id, true).await?;
    let done = ui::redirect_to(format!("/customers/{id}")).saying(tr!("Customer is active"));
    Ok(done.with_undo(format!("/customers/{id}/deactivate"), tr!("Undo")).into_response())
}

async fn deactivate_customer(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    set_active(&app, &context, id, false).await?;
    let done = ui::redirect_to(format!("/customers/{id}")).saying(tr!("Customer is inactive"));
    Ok(done.with_undo(format!("/customers/{id}/activate"), tr!("Undo")).into_response())
}

async fn approve_customer(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let tx = app.begin_write().await?;
    let customer = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    actions::approve(&tx, &Writer::of(&app, context.caller()?), &customer).await?;
    tx.commit().await?;
    Ok(ui::redirect_to(format!("/customers/{id}")).saying(tr!("Customer is approved")).into_response())
}

#[derive(Template)]
#[template(path = "customer/reject.html")]
struct RejectPage {
    shell: Shell,
    record: Record,
    comment: String,
    errors: Errors,
}

async fn reject_page(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    id: Uuid,
    comment: String,
    errors: Errors,
) -> PageResult {
    let customer = find(app, context, id).await?;
    let directory = Directory::load(app.db.read()).await?;
    let record = load(app, context, headers, &customer, &directory, "reject").await?;
    let status = if errors.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = RejectPage { shell: context.shell.clone(), record, comment, errors };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn ask_reject(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> PageResult {
    reject_page(&app, &context, &headers, id, String::new(), Errors::none()).await
}

#[derive(Deserialize)]
struct RejectForm {
    comment: String,
}

async fn reject(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Form(form): Form<RejectForm>,
) -> PageResult {
    let tx = app.begin_write().await?;
    let customer = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    match actions::reject(&tx, &Writer::of(&app, context.caller()?), &customer, &form.comment).await {
        Ok(_) => {
            tx.commit().await?;
            Ok(ui::redirect_to(format!("/customers/{id}")).saying(tr!("Trade application rejected")).into_response())
        }
        Err(AppError::Invalid(errors)) => {
            drop(tx);
            reject_page(&app, &context, &headers, id, form.comment, Errors::from(&errors)).await
        }
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "customer/delete.html")]
struct DeletePage {
    shell: Shell,
    record: Record,
    bin_days: i64,
    /// Why it was refused, and what would clear it.
    refused: Option<Reason>,
}

async fn delete_page(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    customer: &Customer,
    refused: Option<Reason>,
) -> PageResult {
    let directory = Directory::load(app.db.read()).await?;
    let record = load(app, context, headers, customer, &directory, "delete").await?;
    let status = if refused.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let bin_days = directory.settings.bin_days;
    let page = DeletePage { shell: context.shell.clone(), record, bin_days, refused };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn ask_delete(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> PageResult {
    let customer = find(&app, &context, id).await?;
    delete_page(&app, &context, &headers, &customer, None).await
}

async fn delete_customer(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> PageResult {
    let tx = app.begin_write().await?;
    let customer = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let bin_days = Directory::load(&tx).await?.settings.bin_days;
    let writer = Writer::of(&app, context.caller()?);
    match actions::delete(&tx, &app.registry, &writer, &customer, bin_days).await {
        Ok(_) => {
            tx.commit().await?;
            let text = Message::new(tr!("{number} deleted")).with("number", &customer.number);
            let mut done = ui::redirect_to(back_to_list(&headers)).saying(text);
            if bin_days > 0 {
                done = done.with_undo(format!("/customers/{id}/restore"), tr!("Undo"));
            }
            Ok(done.into_response())
        }
        Err(AppError::Conflict(reason)) => {
            drop(tx);
            delete_page(&app, &context, &headers, &customer, Some(reason)).await
        }
        Err(other) => Err(other),
    }
}

async fn restore(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let tx = app.begin_write().await?;
    let customer = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    actions::restore(&tx, &Writer::of(&app, context.caller()?), &customer).await?;
    tx.commit().await?;
    Ok(ui::redirect_to(format!("/customers/{id}")).saying(tr!("Customer restored")).into_response())
}
