//! `GET /customers`: the list with its filters, and the choice of columns.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::{Permission, staff};
use platform::db::SqlExt;
use platform::error::{AppError, AppResult};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Query, get, post};
use platform::ui::{self, Count, Direction, Pager};
use serde::{Deserialize, Serialize};

use super::list_columns::{self, ListColumn, Naming};
use super::list_filters::{active_filters, sections};
use super::list_view::{ListPage, ListRights};
use super::record::LIST_COOKIE;
use crate::customer::list::{self as customers, ListFilter, Sort};
use crate::directory::Directory;

/// Longer filters are not remembered for the way back.
const LONGEST_REMEMBERED: usize = 1500;

pub(super) fn routes() -> Vec<PageRoute> {
    let view = Access::Needs(Permission::CustomerView);
    vec![get("/customers", view, show), post("/customers/columns", view, choose_columns)]
}

/// What a person chose for their own screens.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Preferences {
    customer_columns: Option<Vec<String>>,
    /// Choices of other screens, kept as they are.
    #[serde(flatten)]
    others: serde_json::Map<String, serde_json::Value>,
}

async fn preferences(app: &App, context: &PageContext) -> AppResult<Preferences> {
    let person = staff::find(app.db.read(), context.caller()?.staff_id).await?.ok_or(AppError::Unauthenticated)?;
    Ok(serde_json::from_str(&person.preferences).unwrap_or_default())
}

async fn show(State(app): State<App>, context: PageContext, Query(filter): Query<ListFilter>) -> PageResult {
    let page = page(&app, &context, &filter).await?;
    let response = if context.htmx.wants("customer-list") {
        ui::fragment(&page.as_region(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    };
    Ok(remember(response, &filter.to_query()))
}

fn remember(mut response: Response, query: &str) -> Response {
    let kept = if query.len() > LONGEST_REMEMBERED { "" } else { query };
    let cookie = format!("{LIST_COOKIE}={kept}; Path=/; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

async fn page(app: &App, context: &PageContext, filter: &ListFilter) -> AppResult<ListPage> {
    let directory = Directory::load(app.db.read()).await?;
    let chosen = list_columns::chosen(preferences(app, context).await?.customer_columns);
    let found = customers::page(&app.db, filter).await?;
    let groups = if chosen.columns.contains(&ListColumn::Groups) {
        customers::group_ids(&app.db, &found.rows).await?
    } else {
        Vec::new()
    };
    let count = match customers::count(&app.db, filter).await? {
        Some(exact) => Count::Exactly(exact.unsigned_abs()),
        None => Count::MoreThan(customers::COUNT_LIMIT.unsigned_abs()),
    };
    let base = filter.without_position();
    let naming = Naming { directory: &directory, groups: &groups, lang: context.shell.lang() };
    let at =
        |cursor: &str| format!("/customers?{}", ListFilter { cursor: cursor.to_owned(), ..base.clone() }.to_query());
    Ok(ListPage {
        shell: context.shell.clone(),
        q: filter.q.clone(),
        sections: sections(filter, &directory, context.caller()?),
        active_filters: active_filters(filter, &directory),
        is_fresh: count.is_zero() && is_empty(app).await?,
        count,
        columns: list_columns::heads(&chosen, &base, Sort::parse(&filter.sort)?),
        column_choices: list_columns::choices(&chosen),
        rows: found.rows.iter().map(|row| list_columns::row(row, &chosen, &naming)).collect(),
        pager: Pager { previous: found.previous.as_deref().map(at), next: found.next.as_deref().map(at) },
        query: base.to_query(),
        sort: filter.sort.clone(),
        may: rights(context),
    })
}

async fn is_empty(app: &App) -> AppResult<bool> {
    let some: Option<i32> = app.db.read().value("select 1 from customer limit 1", vec![]).await?;
    Ok(some.is_none())
}

fn rights(context: &PageContext) -> ListRights {
    ListRights {
        create: context.may(Permission::CustomerCreate),
        edit: context.may(Permission::CustomerEdit),
        deactivate: context.may(Permission::CustomerDeactivate),
        delete: context.may(Permission::CustomerDeleteBulk),
        import: context.may(Permission::CustomerImport),
        export: context.may(Permission::CustomerExport),
    }
}

/// The direction a head shows for the current sort.
pub(super) fn direction_of(sort: Sort) -> Direction {
    if sort.descending { Direction::Descending } else { Direction::Ascending }
}

#[derive(Deserialize)]
struct ColumnsForm {
    #[serde(default)]
    column: Vec<String>,
    #[serde(default)]
    back: String,
}

async fn choose_columns(State(app): State<App>, context: PageContext, Form(form): Form<ColumnsForm>) -> PageResult {
    let mut preferences = preferences(&app, &context).await?;
    preferences.customer_columns = Some(form.column);
    let text = serde_json::to_string(&preferences).map_err(AppError::broken)?;
    let tx = app.begin_write().await?;
    staff::save_preferences(&tx, context.caller()?.staff_id, &text).await?;
    tx.commit().await?;
    let back = if form.back.starts_with("/customers?") { form.back } else { "/customers".to_owned() };
    Ok(ui::redirect_to(back).into_response())
}
