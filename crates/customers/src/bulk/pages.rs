//! Bulk actions on screen: the dry run, its progress, the results per customer, and the batches of the past.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, Cursor, Form, PageContext, PageResult, PageRoute, Path, Query, get, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Pager, Shell, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::report::{CsvReport, Report, ReportRow};
use super::service::{self, Selection};
use super::{Action, ActionKind, Outcome, PlanRow, PlanState, Tally, store};
use crate::customer::list::ListFilter;
use crate::customer::pages::{back_to_list, path_label, shown};
use crate::directory::Directory;

const PAGE: i64 = 50;

/// The screens of bulk actions.
pub fn routes() -> Vec<PageRoute> {
    let view = Access::Needs(Permission::CustomerView);
    vec![
        post("/customers/bulk", view, plan),
        get("/bulk", view, list),
        get("/bulk/{id}", view, show),
        get("/bulk/{id}/report.csv", view, report),
        post("/bulk/{id}/run", view, run),
        post("/bulk/{id}/preview", view, preview),
        post("/bulk/{id}/undo", view, undo),
        post("/bulk/{id}/discard", view, discard),
    ]
}

/// The selection bar of the list: which customers, what to do, and the value of each action's own choice.
#[derive(Deserialize)]
struct PickedForm {
    act: String,
    #[serde(default)]
    id: Vec<Uuid>,
    /// All that match `query` instead of those ticked.
    #[serde(default)]
    all: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    value_add_group: String,
    #[serde(default)]
    value_remove_group: String,
    #[serde(default)]
    value_add_tag: String,
    #[serde(default)]
    value_remove_tag: String,
    #[serde(default)]
    value_assign: String,
    #[serde(default)]
    value_set_source: String,
    #[serde(default)]
    value_set_channel: String,
    #[serde(default)]
    value_set_language: String,
}

impl PickedForm {
    fn value(&self) -> &str {
        match ActionKind::from_key(&self.act) {
            Some(ActionKind::AddGroup) => &self.value_add_group,
            Some(ActionKind::RemoveGroup) => &self.value_remove_group,
            Some(ActionKind::AddTag) => &self.value_add_tag,
            Some(ActionKind::RemoveTag) => &self.value_remove_tag,
            Some(ActionKind::Assign) => &self.value_assign,
            Some(ActionKind::SetSource) => &self.value_set_source,
            Some(ActionKind::SetChannel) => &self.value_set_channel,
            Some(ActionKind::SetLanguage) => &self.value_set_language,
            _ => "",
        }
    }
}

async fn plan(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Form(form): Form<PickedForm>,
) -> PageResult {
    let caller = context.caller()?;
    let directory = Directory::load(app.db.read()).await?;
    let made = async {
        let action = Action::read(caller, &directory, &form.act, form.value())?;
        let selection = match form.all == "true" {
            true => Selection::Matching(Box::new(ListFilter::from_query(&form.query)?)),
            false => Selection::Ids(form.id.clone()),
        };
        service::create(&app, caller, action, selection).await
    };
    match made.await {
        Ok(plan) => Ok(ui::redirect_to(format!("/bulk/{}", plan.id)).into_response()),
        Err(AppError::Invalid(errors)) => {
            let text = errors.0.into_iter().next().map(|error| error.detail).unwrap_or_default();
            Ok(ui::redirect_to(back_to_list(&headers)).warning(text).into_response())
        }
        Err(other) => Err(other),
    }
}

/// One change in words.
struct ShownChange {
    field: Message,
    before: Message,
    after: Message,
}

struct ShownRow {
    row: ReportRow,
    changes: Vec<ShownChange>,
}

#[derive(Template)]
#[template(path = "bulk/plan.html", blocks = ["region"])]
struct PlanPage {
    shell: Shell,
    plan: PlanRow,
    state: PlanState,
    title: Message,
    back: String,
    tally: Tally,
    /// Customers that the button will change, or that undo can change back.
    open: i64,
    /// Done so far, in percent, while somebody works on it.
    percent: i64,
    tabs: Vec<OutcomeTab>,
    rows: Vec<ShownRow>,
    pager: Pager,
    may_act: bool,
    is_delete: bool,
    bin_days: i64,
    refused: Option<Reason>,
}

struct OutcomeTab {
    outcome: Outcome,
    count: i64,
    is_current: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RowsQuery {
    outcome: String,
    cursor: String,
}

async fn show(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(query): Query<RowsQuery>,
) -> PageResult {
    page(&app, &context, &headers, id, &query, None).await
}

async fn page(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    id: Uuid,
    query: &RowsQuery,
    refused: Option<Reason>,
) -> PageResult {
    let caller = context.caller()?;
    let plan = service::find(app, caller, id).await?;
    let directory = Directory::load(app.db.read()).await?;
    let action = plan.action()?;
    let (state, tally) = (plan.state(), store::tally(app.db.read(), id).await?);
    // What matters first: what will change, or what did.
    let chosen = Outcome::from_key(&query.outcome).or_else(|| tally.0.first().map(|(outcome, _)| *outcome));
    let after = if query.cursor.is_empty() { -1 } else { Cursor::unpack(&query.cursor)? };
    let report = Report { app, plan: &plan, directory: &directory, sight: context.caller()?.sight() };
    let rows = if state == PlanState::Preparing { Vec::new() } else { report.rows(chosen, after, PAGE + 1).await? };
    let more = rows.len() as i64 > PAGE;
    let last = rows.iter().take(PAGE as usize).next_back().map(|row| row.position);
    let at = |cursor: String| format!("/bulk/{id}?outcome={}&cursor={cursor}", chosen.map_or("", Outcome::key));
    let status = if refused.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let page = PlanPage {
        shell: context.shell.clone(),
        title: action.title(&directory),
        back: back_to_list(headers),
        open: tally.of(Outcome::Change) + tally.of(Outcome::Done),
        percent: percent(state, &tally),
        tabs: tally
            .0
            .iter()
            .map(|(outcome, count)| OutcomeTab {
                outcome: *outcome,
                count: *count,
                is_current: Some(*outcome) == chosen,
            })
            .collect(),
        rows: rows.into_iter().take(PAGE as usize).map(|row| in_words(row, &directory, context)).collect(),
        pager: Pager {
            previous: (after >= 0).then(|| at(String::new())),
            next: last.filter(|_| more).map(|last| at(Cursor::pack(&last))),
        },
        may_act: action.kind.permissions().iter().all(|permission| context.may(*permission)),
        is_delete: action.kind == ActionKind::Delete,
        bin_days: directory.settings.bin_days,
        state,
        tally,
        plan,
        refused,
    };
    Ok(if context.htmx.wants("bulk") {
        ui::fragment(&page.as_region(), &context.shell)
    } else {
        ui::render_status(status, &page, &context.shell)
    })
}

fn percent(state: PlanState, tally: &Tally) -> i64 {
    let (done, open) = match state {
        PlanState::Running => (tally.of(Outcome::Done) + tally.of(Outcome::Failed), tally.of(Outcome::Change)),
        PlanState::Undoing => (tally.of(Outcome::Undone) + tally.of(Outcome::LeftAlone), tally.of(Outcome::Done)),
        _ => return 0,
    };
    100 * done / (done + open).max(1)
}

fn in_words(row: ReportRow, directory: &Directory, context: &PageContext) -> ShownRow {
    let lang = context.shell.lang();
    let changes = row
        .changes
        .iter()
        .map(|change| ShownChange {
            field: path_label(&change.field, directory),
            before: shown(&change.field, &change.before, directory, lang),
            after: shown(&change.field, &change.after, directory, lang),
        })
        .collect();
    ShownRow { row, changes }
}

async fn report(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> AppResult<Response> {
    let plan = service::find(&app, context.caller()?, id).await?;
    let directory = Directory::load(app.db.read()).await?;
    let name = format!("attachment; filename=\"{}-{}.csv\"", plan.action, plan.state);
    let sight = context.caller()?.sight().clone();
    let file = CsvReport { app, plan, directory, sight, lang: context.shell.lang() };
    let stream = futures::stream::unfold((file, -1), |(file, after)| async move {
        match file.piece(after).await {
            Ok(piece) => piece.map(|(bytes, reached)| (Ok(bytes), (file, reached))),
            Err(error) => {
                tracing::error!(%error, "a report was cut off");
                Some((Err(error), (file, i64::MAX)))
            }
        }
    });
    let headers: [(HeaderName, String); 2] =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// Back to the plan; a refusal is shown on it.
async fn answer(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    id: Uuid,
    outcome: AppResult<PlanRow>,
) -> PageResult {
    match outcome {
        Ok(_) => Ok(ui::redirect_to(format!("/bulk/{id}")).into_response()),
        Err(AppError::Conflict(reason)) => page(app, context, headers, id, &RowsQuery::default(), Some(reason)).await,
        Err(other) => Err(other),
    }
}

async fn run(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    let outcome = service::start(&app, context.caller()?, id).await;
    answer(&app, &context, &headers, id, outcome).await
}

async fn preview(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    let outcome = service::refresh(&app, context.caller()?, id).await;
    answer(&app, &context, &headers, id, outcome).await
}

async fn undo(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    let outcome = service::undo(&app, context.caller()?, id).await;
    answer(&app, &context, &headers, id, outcome).await
}

async fn discard(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    service::discard(&app, context.caller()?, id).await?;
    Ok(ui::redirect_to(back_to_list(&headers)).saying(tr!("Nothing was changed")).into_response())
}

#[derive(Template)]
#[template(path = "bulk/list.html")]
struct BatchesPage {
    shell: Shell,
    batches: Vec<Batch>,
    pager: Pager,
}

struct Batch {
    plan: PlanRow,
    state: PlanState,
    title: Message,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct BatchesQuery {
    cursor: String,
}

async fn list(State(app): State<App>, context: PageContext, Query(query): Query<BatchesQuery>) -> PageResult {
    let before = if query.cursor.is_empty() { None } else { Some(Cursor::unpack(&query.cursor)?) };
    let only = (!context.may(Permission::ActivityView)).then_some(context.caller()?.staff_id);
    let is_later = before.is_some();
    let mut plans = store::list(app.db.read(), only, before, PAGE + 1).await?;
    let more = plans.len() as i64 > PAGE;
    plans.truncate(PAGE as usize);
    let next = plans.last().filter(|_| more).map(|last| Cursor::pack(&(last.created_at, last.id)));
    let directory = Directory::load(app.db.read()).await?;
    let mut batches = Vec::with_capacity(plans.len());
    for plan in plans {
        batches.push(Batch { title: plan.action()?.title(&directory), state: plan.state(), plan });
    }
    let page = BatchesPage {
        shell: context.shell.clone(),
        batches,
        pager: Pager {
            previous: is_later.then(|| "/bulk".to_owned()),
            next: next.map(|cursor| format!("/bulk?cursor={cursor}")),
        },
    };
    Ok(ui::render(&page, &context.shell))
}
