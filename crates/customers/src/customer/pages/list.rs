//! `GET /customers`: the list with its filters, as a table or as the workspace of four panes (R17).

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use platform::app::App;
use platform::auth::{Permission, Sight};
use platform::clock::MINUTE;
use platform::db::SqlExt;
use platform::error::AppResult;
use platform::http::{Access, PageContext, PageResult, PageRoute, Query, get};
use platform::ui::{self, Choice, Count, Direction, Pager};
use uuid::Uuid;

use super::list_columns::{self, ListColumn, Naming};
use super::list_filters::{LANGUAGES, active_filters, sections};
use super::list_view::{BulkChoice, CurrentView, ListPage, ListRights};
use super::preferences::{Layout, preferences};
use super::record::LIST_COOKIE;
use super::shown::{Origin, Shown};
use crate::bulk::ActionKind;
use crate::customer::list::{self as customers, ListFilter, Sort};
use crate::directory::Directory;
use crate::view;

/// Longer filters are not remembered for the way back.
const LONGEST_REMEMBERED: usize = 1500;

pub(super) fn routes() -> Vec<PageRoute> {
    vec![get("/customers", Access::Needs(Permission::CustomerView), show)]
}

async fn show(
    State(app): State<App>,
    context: PageContext,
    Query(filter): Query<ListFilter>,
    Query(origin): Query<Origin>,
) -> PageResult {
    let shown = Shown::read(&app, context.caller()?.staff_id, &filter, &origin).await?;
    let page = page(&app, &context, &shown).await?;
    let response = if context.htmx.wants("customer-list") {
        ui::fragment(&page.as_region(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    };
    Ok(remember(response, &shown.address(&shown.filter.sort, &shown.filter.cursor)))
}

fn remember(mut response: Response, address: &str) -> Response {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let kept = if query.len() > LONGEST_REMEMBERED { "" } else { query };
    let cookie = format!("{LIST_COOKIE}={kept}; Path=/; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The number of customers that a filter finds, counted as far as that is cheap. What is only "at least" may be a minute
/// old; exact numbers never are.
pub async fn counted(app: &App, sight: &Sight, filter: &ListFilter) -> AppResult<Count> {
    let is_rough = |count: &Count| matches!(count, Count::MoreThan(_));
    let key = filter.kept_as("count", sight);
    app.memo.get_if(&key, app.clock.now(), MINUTE, is_rough, customers::count(&app.db, sight, filter)).await
}

async fn page(app: &App, context: &PageContext, shown: &Shown) -> AppResult<ListPage> {
    let filter = &shown.filter;
    let sight = context.caller()?.sight();
    let rights = &sight.fields;
    let directory = Directory::load(app.db.read()).await?;
    let preferences = preferences(app, context).await?;
    let is_workspace = preferences.customer_layout == Layout::Workspace;
    let of_view = shown.view.as_ref().and_then(|view| view.column_keys());
    let has_view_columns = of_view.is_some();
    let chosen = list_columns::chosen(of_view.or(preferences.customer_columns), is_workspace, rights);
    let found = customers::page(&app.db, sight, filter).await?;
    let groups = if chosen.columns.contains(&ListColumn::Groups) {
        customers::group_ids(&app.db, &found.rows).await?
    } else {
        Vec::new()
    };
    let count = counted(app, sight, filter).await?;
    let naming = Naming { directory: &directory, groups: &groups, lang: context.shell.lang() };
    let at = |cursor: &str| shown.address(&filter.sort, cursor);
    let address = at("");
    Ok(ListPage {
        shell: context.shell.clone(),
        q: filter.q.clone(),
        sections: sections(filter, &directory, context.caller()?),
        active_filters: active_filters(filter, &directory),
        is_fresh: count.is_zero() && is_empty(app).await?,
        count,
        columns: list_columns::heads(&chosen, Sort::parse(&filter.sort)?, rights, |sort| shown.address(sort, "")),
        column_choices: list_columns::choices(&chosen, rights),
        rows: found.rows.iter().map(|row| list_columns::row(row, &chosen, &naming)).collect(),
        pager: Pager { previous: found.previous.as_deref().map(at), next: found.next.as_deref().map(at) },
        query: filter.without_position().to_query(),
        views: view::pages::tabs(app, context.caller()?.staff_id, shown.view.as_ref().map(|view| view.id)).await?,
        current: shown.view.as_ref().map(|view| view.id.to_string()).unwrap_or_default(),
        view: current_view(context, shown, has_view_columns)?,
        is_filtered: !filter.is_open(),
        address,
        sort: filter.sort.clone(),
        is_workspace,
        bulk: bulk_choices(&directory, context),
        may: offered(context),
    })
}

fn current_view(context: &PageContext, shown: &Shown, has_columns: bool) -> AppResult<Option<CurrentView>> {
    let Some(view) = &shown.view else { return Ok(None) };
    Ok(Some(CurrentView {
        id: view.id.to_string(),
        is_mine: view.staff_id == context.caller()?.staff_id,
        version: view.version,
        is_changed: shown.is_changed(),
        has_columns,
        href: view.href(),
    }))
}

async fn is_empty(app: &App) -> AppResult<bool> {
    let some: Option<i32> = app.db.read().value("select 1 from customer limit 1", vec![]).await?;
    Ok(some.is_none())
}

/// The bulk actions with a choice of their own, those that the person may do and that offer something.
fn bulk_choices(directory: &Directory, context: &PageContext) -> Vec<BulkChoice> {
    let may = |kind: &&ActionKind| kind.permissions().iter().all(|permission| context.may(*permission));
    let of = |kind: &ActionKind| BulkChoice {
        key: kind.key(),
        label: kind.label(),
        can_clear: kind.can_clear(),
        choices: choices_of(*kind, directory),
    };
    let offered = ActionKind::ALL.iter().filter(|kind| kind.takes_value()).filter(may).map(of);
    offered.filter(|action| !action.choices.is_empty()).collect()
}

fn choices_of(kind: ActionKind, directory: &Directory) -> Vec<Choice> {
    let choice = |(id, name): (Uuid, &String)| Choice::new(id.to_string(), name.clone(), false);
    match kind {
        ActionKind::AddGroup => {
            let assignable = directory.groups.iter().filter(|row| row.assignable);
            assignable.map(|row| choice((row.id, &row.name))).collect()
        }
        ActionKind::RemoveGroup => directory.groups.iter().map(|row| choice((row.id, &row.name))).collect(),
        ActionKind::AddTag => {
            let offered = directory.tags.iter().filter(|row| row.retired_at.is_none());
            offered.map(|row| choice((row.id, &row.name))).collect()
        }
        ActionKind::RemoveTag => directory.tags.iter().map(|row| choice((row.id, &row.name))).collect(),
        ActionKind::Assign => directory.staff.iter().map(|(id, name, _)| choice((*id, name))).collect(),
        ActionKind::SetSource => {
            let offered = directory.sources.iter().filter(|row| row.retired_at.is_none());
            offered.map(|row| choice((row.id, &row.name))).collect()
        }
        ActionKind::SetChannel => {
            directory.channels.iter().filter(|row| row.active).map(|row| choice((row.id, &row.name))).collect()
        }
        ActionKind::SetLanguage => LANGUAGES.map(|(code, name)| Choice::new(code, name, false)).to_vec(),
        ActionKind::Activate | ActionKind::Deactivate | ActionKind::Delete => Vec::new(),
    }
}

fn offered(context: &PageContext) -> ListRights {
    ListRights {
        create: context.may(Permission::CustomerCreate),
        edit: context.may(Permission::CustomerEdit),
        deactivate: context.may(Permission::CustomerDeactivate),
        delete: context.may(Permission::CustomerDeleteBulk),
        bin: context.may(Permission::CustomerDelete),
        merge: context.may(Permission::CustomerMerge),
        import: context.may(Permission::CustomerImport),
        export: context.may(Permission::CustomerExport),
    }
}

/// The direction a head shows for the current sort.
pub(super) fn direction_of(sort: Sort) -> Direction {
    if sort.descending { Direction::Descending } else { Direction::Ascending }
}
