//! A group's own page: what it decides and who is in it.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, Query, get, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Count, Errors, Pager, Shell, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::GroupRow;
use super::members;
use super::pages::capabilities;
use crate::customer::list::{self, ListRow};
use crate::customer::save::Writer;
use crate::directory::Directory;
use crate::forms::{list_address, refused_fields, status_of};

pub(super) fn routes() -> Vec<PageRoute> {
    let assign = Access::Needs(Permission::GroupAssign);
    vec![
        get("/groups/{id}", Access::Needs(Permission::CustomerView), show),
        post("/groups/{id}/members", assign, add),
        post("/groups/{id}/members/{customer}/remove", assign, remove),
    ]
}

#[derive(Template)]
#[template(path = "settings/group.html")]
struct GroupPage {
    shell: Shell,
    group: GroupRow,
    capabilities: Vec<&'static str>,
    count: Count,
    q: String,
    /// What was typed to add and refused.
    typed: String,
    members: Vec<ListRow>,
    pager: Pager,
    may_assign: bool,
    may_configure: bool,
    errors: Errors,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MembersQuery {
    q: String,
    cursor: String,
}

async fn page(
    app: &App,
    context: &PageContext,
    id: Uuid,
    query: MembersQuery,
    typed: String,
    errors: Errors,
) -> PageResult {
    let group = super::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    let sight = context.caller()?.sight();
    let found = members::page(app, sight, id, &query.q, &query.cursor).await?;
    let count = list::count(&app.db, sight, &members::filter(sight, id, &query.q, "")).await?;
    let at = |cursor: &str| list_address(&format!("/groups/{id}"), [("q", query.q.as_str()), ("cursor", cursor)]);
    let status = status_of(&errors);
    let page = GroupPage {
        shell: context.shell.clone(),
        capabilities: capabilities(&group),
        count,
        pager: Pager { previous: found.previous.as_deref().map(at), next: found.next.as_deref().map(at) },
        members: found.rows,
        may_assign: context.may(Permission::GroupAssign),
        may_configure: context.may(Permission::GroupConfigure),
        q: query.q,
        group,
        typed,
        errors,
    };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn show(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Query(query): Query<MembersQuery>,
) -> PageResult {
    page(&app, &context, id, query, String::new(), Errors::none()).await
}

#[derive(Deserialize)]
struct AddForm {
    customer: String,
}

async fn put_in(app: &App, context: &PageContext, id: Uuid, named: &str) -> AppResult<String> {
    let tx = app.begin_write().await?;
    let group = super::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let directory = Directory::load(&tx).await?;
    members::add(&tx, &directory, &Writer::of(app, context.caller()?), group.id, named).await?;
    tx.commit().await?;
    Ok(group.name)
}

async fn add(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(form): Form<AddForm>,
) -> PageResult {
    match refused_fields(put_in(&app, &context, id, &form.customer).await)? {
        Ok(name) => {
            let text = Message::new(tr!("Added to {group}")).with("group", name);
            Ok(ui::redirect_to(format!("/groups/{id}")).saying(text).into_response())
        }
        Err(errors) => page(&app, &context, id, MembersQuery::default(), form.customer, errors).await,
    }
}

async fn remove(State(app): State<App>, context: PageContext, Path((id, customer)): Path<(Uuid, Uuid)>) -> PageResult {
    let tx = app.begin_write().await?;
    let directory = Directory::load(&tx).await?;
    members::remove(&tx, &directory, &Writer::of(&app, context.caller()?), id, customer).await?;
    tx.commit().await?;
    Ok(ui::redirect_to(format!("/groups/{id}")).saying(tr!("Removed from the group")).into_response())
}
