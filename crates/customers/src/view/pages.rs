//! Views on screen: the bar over the list with live counts, saving, the page that manages them, and why a customer is in.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::{Caller, Permission, Sight};
use platform::error::{AppError, AppResult};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, Query, get, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Count, Shell, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::{Condition, SavedView, ViewInput};
use crate::customer::list::{self, ListFilter};
use crate::customer::pages::{ActiveFilter, active_filters, counted};
use crate::customer::store;
use crate::customer::visible::visible;
use crate::directory::Directory;

/// The screens of views.
pub fn routes() -> Vec<PageRoute> {
    let view = Access::Needs(Permission::CustomerView);
    let edit = Access::Needs(Permission::ViewEdit);
    vec![
        get("/customers/views", view, manage),
        get("/customers/views/bar", view, bar),
        post("/customers/views", edit, add),
        post("/customers/views/{id}", edit, save),
        post("/customers/views/{id}/delete", edit, delete),
        get("/customers/views/{id}/why/{customer}", view, why),
    ]
}

/// One tab of the bar.
#[derive(Clone, Debug)]
pub struct ViewTab {
    pub id: Uuid,
    pub name: String,
    pub href: String,
    pub is_current: bool,
    /// `None` until it is counted.
    pub count: Option<Count>,
}

/// The tabs a person may use; counts come later, by [`bar`].
pub async fn tabs(app: &App, staff: Uuid, current: Option<Uuid>) -> AppResult<Vec<ViewTab>> {
    let views = super::list(app.db.read(), staff).await?;
    Ok(views.into_iter().map(|view| tab(&view, current, None)).collect())
}

fn tab(view: &SavedView, current: Option<Uuid>, count: Option<Count>) -> ViewTab {
    ViewTab { id: view.id, name: view.name.clone(), href: view.href(), is_current: current == Some(view.id), count }
}

#[derive(Template)]
#[template(path = "view/_bar.html")]
struct Bar {
    views: Vec<ViewTab>,
    /// The view that is shown; empty for all customers.
    current: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct BarQuery {
    current: String,
}

/// A view whose filter can no longer be read counts nobody instead of breaking the bar for all others.
async fn count_of(app: &App, sight: &Sight, view: &SavedView) -> AppResult<Option<Count>> {
    let Ok(filter) = view.filter() else { return Ok(None) };
    match counted(app, sight, &filter).await {
        Ok(count) => Ok(Some(count)),
        Err(AppError::Forbidden(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The tabs of a person with their counts.
pub async fn counted_tabs(app: &App, caller: &Caller) -> AppResult<Vec<ViewTab>> {
    let mut tabs = Vec::new();
    for view in super::list(app.db.read(), caller.staff_id).await? {
        tabs.push(tab(&view, None, count_of(app, caller.sight(), &view).await?));
    }
    Ok(tabs)
}

async fn bar(State(app): State<App>, context: PageContext, Query(query): Query<BarQuery>) -> PageResult {
    let current = Uuid::parse_str(&query.current).ok();
    let mut views = counted_tabs(&app, context.caller()?).await?;
    for view in &mut views {
        view.is_current = Some(view.id) == current;
    }
    Ok(ui::fragment(&Bar { views, current: query.current }, &context.shell))
}

#[derive(Template)]
#[template(path = "view/manage.html")]
struct ManagePage {
    shell: Shell,
    mine: Vec<ManagedView>,
    shared: Vec<ManagedView>,
}

struct ManagedView {
    view: SavedView,
    count: Option<Count>,
    filters: Vec<ActiveFilter>,
}

async fn manage(State(app): State<App>, context: PageContext) -> PageResult {
    let staff = context.caller()?.staff_id;
    let directory = Directory::load(app.db.read()).await?;
    let mut all = Vec::new();
    for view in super::list(app.db.read(), staff).await? {
        let filter = view.filter().unwrap_or_default();
        all.push(ManagedView {
            count: count_of(&app, context.caller()?.sight(), &view).await?,
            filters: active_filters(&filter.question(), &directory),
            view,
        });
    }
    let (mine, shared) = all.into_iter().partition(|managed| managed.view.staff_id == staff);
    Ok(ui::render(&ManagePage { shell: context.shell.clone(), mine, shared }, &context.shell))
}

#[derive(Deserialize)]
struct ViewForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    shared: bool,
    /// The filter as a query; absent where only name and sharing are changed.
    query: Option<String>,
    /// Keep the columns that are shown now.
    #[serde(default)]
    column: Vec<String>,
    #[serde(default)]
    version: i64,
}

/// A refused name goes into a warning: the dialog it was typed in is gone with the page.
fn refused(error: AppError, back: &str) -> PageResult {
    let text = match error {
        AppError::Invalid(errors) => errors.0.into_iter().next().map(|error| error.detail),
        AppError::Forbidden(reason) | AppError::BadRequest(reason) => Some(reason.detail),
        AppError::Stale { .. } => Some(tr!("Somebody else changed this view meanwhile. Look at it again.").into()),
        other => return Err(other),
    };
    let text = text.unwrap_or_else(|| Message::new(tr!("This view cannot be saved.")));
    Ok(ui::redirect_to(back).warning(text).into_response())
}

async fn add_view(app: &App, context: &PageContext, form: &ViewForm) -> AppResult<Uuid> {
    let caller = context.caller()?;
    let filter = ListFilter::from_query(form.query.as_deref().unwrap_or_default())?;
    let input = ViewInput { name: form.name.clone(), shared: form.shared, filter, columns: form.column.clone() };
    let tx = app.begin_write().await?;
    let id =
        super::add((&app.db, caller.sight()), &tx, &caller.actor(), app.clock.now(), caller.staff_id, &input).await?;
    tx.commit().await?;
    Ok(id)
}

async fn add(State(app): State<App>, context: PageContext, Form(form): Form<ViewForm>) -> PageResult {
    match add_view(&app, &context, &form).await {
        Ok(id) => Ok(ui::redirect_to(format!("/customers?view={id}")).saying(tr!("View saved")).into_response()),
        Err(error) => refused(error, &format!("/customers?{}", form.query.unwrap_or_default())),
    }
}

async fn save_view(app: &App, context: &PageContext, id: Uuid, form: &ViewForm) -> AppResult<()> {
    let caller = context.caller()?;
    let view = super::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    let (filter, columns) = match &form.query {
        Some(query) => (ListFilter::from_query(query)?, form.column.clone()),
        None => (view.filter()?, view.column_keys().unwrap_or_default()),
    };
    let name = if form.name.is_empty() && form.query.is_some() { view.name.clone() } else { form.name.clone() };
    let shared = if form.query.is_some() { view.shared } else { form.shared };
    let input = ViewInput { name, shared, filter, columns };
    let tx = app.begin_write().await?;
    let now = app.clock.now();
    super::save((&app.db, caller.sight()), &tx, &caller.actor(), now, (id, form.version), caller.staff_id, &input)
        .await?;
    Ok(tx.commit().await?)
}

async fn save(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(form): Form<ViewForm>,
) -> PageResult {
    let back = if form.query.is_some() { format!("/customers?view={id}") } else { "/customers/views".to_owned() };
    match save_view(&app, &context, id, &form).await {
        Ok(()) => Ok(ui::redirect_to(back).saying(tr!("View saved")).into_response()),
        Err(error) => refused(error, &back),
    }
}

async fn delete(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let caller = context.caller()?;
    let tx = app.begin_write().await?;
    match super::delete(&tx, &caller.actor(), app.clock.now(), id, caller.staff_id).await {
        Ok(view) => {
            tx.commit().await?;
            let text = Message::new(tr!("View {name} deleted")).with("name", view.name);
            Ok(ui::redirect_to("/customers/views").saying(text).into_response())
        }
        Err(error) => refused(error, "/customers/views"),
    }
}

#[derive(Template)]
#[template(path = "view/why.html", blocks = ["explanation"])]
struct WhyPage {
    shell: Shell,
    view: SavedView,
    customer_name: String,
    customer_href: String,
    is_in: bool,
    conditions: Vec<Condition>,
}

async fn why(State(app): State<App>, context: PageContext, Path((id, customer)): Path<(Uuid, Uuid)>) -> PageResult {
    let view = super::find(app.db.read(), id).await?;
    let staff = context.caller()?.staff_id;
    let view = view.filter(|view| view.may_be_used_by(staff)).ok_or(AppError::NotFound)?;
    let filter = view.filter()?;
    let sight = context.caller()?.sight();
    let customer = store::get(app.db.read(), customer).await?;
    let directory = Directory::load(app.db.read()).await?;
    let page = WhyPage {
        shell: context.shell.clone(),
        customer_name: visible(&customer, &sight.fields).display_name(),
        customer_href: format!("/customers/{}", customer.id),
        is_in: list::matches(&app.db, sight, &filter, customer.id).await?,
        conditions: super::explain(&app.db, sight, &directory, &filter, &customer).await?,
        view,
    };
    if context.htmx.is_request {
        return Ok(ui::fragment(&page.as_explanation(), &context.shell));
    }
    Ok(ui::render(&page, &context.shell))
}
