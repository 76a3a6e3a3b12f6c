//! The start page and the charts of a list. Figures are dear at a million customers, so pages come at once and their
//! figures after them.

use askama::Template;
use axum::extract::State;
use platform::app::App;
use platform::auth::{Permission, Sight};
use platform::clock::{DAY, rfc3339};
use platform::error::AppResult;
use platform::http::{Access, PageContext, PageResult, PageRoute, Query, get};
use platform::tr;
use platform::ui::{self, Count, Shell, filters};

use super::{ChartView, charts};
use crate::customer::list::rights::offers;
use crate::customer::list::{self, ListFilter, ListRow, ME};
use crate::customer::pages::{ActiveFilter, active_filters, counted};
use crate::directory::Directory;
use crate::view::pages::{ViewTab, counted_tabs};

/// Rows of the short lists.
const SHORT: i64 = 6;

/// The screens of figures.
pub fn routes() -> Vec<PageRoute> {
    let view = Access::Needs(Permission::CustomerView);
    vec![
        get("/dashboard", view, dashboard),
        get("/dashboard/figures", view, figures),
        get("/customers/charts", view, list_charts),
        get("/customers/charts/figures", view, list_figures),
    ]
}

#[derive(Template)]
#[template(path = "figures/dashboard.html")]
struct DashboardPage {
    shell: Shell,
    tiles: Vec<Tile>,
    views: Vec<ViewTab>,
    waiting: Vec<ListRow>,
    latest: Vec<ListRow>,
    may_approve: bool,
}

/// A number with the list behind it.
struct Tile {
    label: &'static str,
    count: Count,
    href: String,
}

async fn tile(app: &App, sight: &Sight, label: &'static str, filter: ListFilter) -> AppResult<Tile> {
    Ok(Tile { label, count: counted(app, sight, &filter).await?, href: format!("/customers?{}", filter.to_query()) })
}

async fn dashboard(State(app): State<App>, context: PageContext) -> PageResult {
    let sight = context.caller()?.sight();
    let week_ago = rfc3339(app.clock.now() - 6 * DAY)[..10].to_owned();
    let pending = ListFilter {
        status: vec!["pending_approval".to_owned()],
        activity: "all".to_owned(),
        sort: "created".to_owned(),
        ..ListFilter::default()
    };
    let mut tiles = vec![
        tile(&app, sight, tr!("Active customers"), ListFilter::default()).await?,
        tile(&app, sight, tr!("New in seven days"), ListFilter { created_from: week_ago, ..ListFilter::default() })
            .await?,
        tile(&app, sight, tr!("Waiting for approval"), pending.clone()).await?,
        tile(&app, sight, tr!("Incomplete"), ListFilter { incomplete: true, ..ListFilter::default() }).await?,
    ];
    if offers(&sight.fields, "assignee") {
        let own = ListFilter { assignee: vec![ME.to_owned()], ..ListFilter::default() };
        tiles.push(tile(&app, sight, tr!("Assigned to me"), own).await?);
    }
    let short = |filter: ListFilter| ListFilter { limit: Some(SHORT), ..filter };
    let latest = ListFilter { sort: "-updated".to_owned(), activity: "all".to_owned(), ..ListFilter::default() };
    let page = DashboardPage {
        shell: context.shell.clone(),
        tiles,
        views: counted_tabs(&app, context.caller()?).await?,
        waiting: list::page(&app.db, sight, &short(pending)).await?.rows,
        latest: list::page(&app.db, sight, &short(latest)).await?.rows,
        may_approve: context.may(Permission::CustomerTypeApprove),
    };
    Ok(ui::render(&page, &context.shell))
}

#[derive(Template)]
#[template(path = "figures/_charts.html")]
struct Figures {
    charts: Vec<ChartView>,
}

async fn answer(app: &App, context: &PageContext, filter: &ListFilter) -> PageResult {
    let directory = Directory::load(app.db.read()).await?;
    let charts = charts(app, context.caller()?.sight(), &directory, filter, &context.shell.locale).await?;
    Ok(ui::fragment(&Figures { charts }, &context.shell))
}

async fn figures(State(app): State<App>, context: PageContext) -> PageResult {
    answer(&app, &context, &ListFilter::default()).await
}

#[derive(Template)]
#[template(path = "figures/list.html")]
struct ListChartsPage {
    shell: Shell,
    query: String,
    count: Count,
    active_filters: Vec<ActiveFilter>,
}

async fn list_charts(State(app): State<App>, context: PageContext, Query(filter): Query<ListFilter>) -> PageResult {
    let filter = crate::view::resolve(app.db.read(), context.caller()?.staff_id, filter).await?;
    let directory = Directory::load(app.db.read()).await?;
    let page = ListChartsPage {
        shell: context.shell.clone(),
        count: counted(&app, context.caller()?.sight(), &filter).await?,
        active_filters: active_filters(&filter, &directory),
        query: filter.without_position().to_query(),
    };
    Ok(ui::render(&page, &context.shell))
}

async fn list_figures(State(app): State<App>, context: PageContext, Query(filter): Query<ListFilter>) -> PageResult {
    let filter = crate::view::resolve(app.db.read(), context.caller()?.staff_id, filter).await?;
    answer(&app, &context, &filter).await
}
