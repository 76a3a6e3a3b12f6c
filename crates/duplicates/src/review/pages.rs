//! The queue of likely duplicates on screen, the scan above it, and the page on which a threshold is tried.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult, FieldErrors};
use platform::http::{Access, Cursor, Form, PageContext, PageResult, PageRoute, Path, Query, get, post};
use platform::i18n::{Lang, Message};
use platform::ui::{self, Pager, Shell, filters, redirect_to};
use platform::{settings, tr};
use serde::Deserialize;
use uuid::Uuid;

use super::api::{names, state_of};
use super::api_bodies::Names;
use super::explain::Explanation;
use super::scan_store::{self, ScanRow};
use super::settings::DuplicateSettings;
use super::simulate::{Simulation, simulate};
use super::store::{Pair, PairState, StateCount};
use super::{FLOOR, decide, queue, scan};
use crate::likely::{certainty, field_words, may_compare};

/// Pairs of a page.
const PAGE: i64 = 50;
/// Fields named in a line: what spoke for it most.
const REASONS: usize = 3;

/// The screens of the queue.
pub fn routes() -> Vec<PageRoute> {
    let merge = Access::Needs(Permission::CustomerMerge);
    vec![
        get("/duplicates", merge, list),
        get("/duplicates/scan", merge, scan_status),
        post("/duplicates/scan", merge, start_scan),
        get("/duplicates/threshold", merge, threshold),
        post("/duplicates/threshold", Access::Needs(Permission::SettingsEdit), set_threshold),
        post("/duplicates/decisions/{id}/undo", merge, undo_decision),
    ]
}

/// A share of a hundred without pretending to be sure: 99.97 % stays below a hundred.
pub(super) fn percent(probability: f64, lang: Lang) -> String {
    let text = if probability >= 0.99 {
        format!("{:.1}", (probability * 1000.0).floor() / 10.0)
    } else {
        format!("{:.0}", (probability * 100.0).floor())
    };
    if lang == Lang::Nl { text.replace('.', ",") } else { text }
}

/// One of the two in a line.
struct Side {
    name: String,
    number: String,
}

struct Line {
    href: String,
    low: Side,
    high: Side,
    tone: &'static str,
    certainty: &'static str,
    percent: String,
    reasons: Vec<&'static str>,
}

struct Tab {
    key: &'static str,
    label: &'static str,
    count: i64,
    /// Pairs at the end of the queue, told apart from those that wait.
    put_off: i64,
    is_current: bool,
}

fn side(names: &Names, id: Uuid) -> Side {
    let (name, number) = names.get(&id).cloned().unwrap_or_default();
    Side { name, number }
}

fn lines(pairs: &[Pair], names: &Names, state: PairState, lang: Lang) -> AppResult<Vec<Line>> {
    let line = |pair: &Pair| {
        let (tone, certainty) = certainty(pair.probability());
        let mut steps = Explanation::read(&pair.explanation)?.steps;
        steps.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let strongest = steps.iter().filter(|step| step.weight > 0.0).take(REASONS);
        Ok(Line {
            href: format!("/duplicates/{}/{}?state={}", pair.low_id, pair.high_id, state.key()),
            low: side(names, pair.low_id),
            high: side(names, pair.high_id),
            tone,
            certainty,
            percent: percent(pair.probability(), lang),
            reasons: strongest.map(|step| field_words(step.field)).collect(),
        })
    };
    pairs.iter().map(line).collect()
}

#[derive(Template)]
#[template(path = "review/queue.html", blocks = ["scan"])]
struct QueuePage {
    shell: Shell,
    tabs: Vec<Tab>,
    state: PairState,
    lines: Vec<Line>,
    pager: Pager,
    scan: Option<ScanRow>,
    threshold: String,
}

impl QueuePage {
    /// Whether anybody ever looked.
    fn was_scanned(&self) -> bool {
        self.scan.is_some()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    state: String,
    cursor: String,
}

async fn list(State(app): State<App>, context: PageContext, Query(query): Query<ListQuery>) -> PageResult {
    may_compare(context.caller()?.fields())?;
    let lang = context.shell.lang();
    let state = state_of(&query.state)?;
    let after = if query.cursor.is_empty() { None } else { Some(Cursor::unpack(&query.cursor)?) };
    let listed = queue::list(&app, state, after, PAGE).await?;
    let names = names(&app, &listed.pairs).await?;
    let counts = queue::counts(&app).await?;
    let tab = |known: StateCount| Tab {
        key: known.state.key(),
        label: known.state.label(),
        count: known.pairs,
        put_off: known.put_off,
        is_current: known.state == state,
    };
    let page = QueuePage {
        shell: context.shell.clone(),
        lines: lines(&listed.pairs, &names, state, lang)?,
        pager: Pager {
            previous: after.map(|_| format!("/duplicates?state={}", state.key())),
            next: listed.next.map(|at| format!("/duplicates?state={}&cursor={}", state.key(), Cursor::pack(&at))),
        },
        tabs: counts.into_iter().map(tab).collect(),
        state,
        scan: newest_scan(&app).await?,
        threshold: percent(crate::likely::threshold(&app).await?, lang),
    };
    Ok(ui::render(&page, &context.shell))
}

async fn newest_scan(app: &App) -> AppResult<Option<ScanRow>> {
    Ok(scan_store::list(app.db.read(), 1).await?.into_iter().next())
}

/// How far the scan is; when it has ended the page is fetched again, for it may have found pairs.
async fn scan_status(State(app): State<App>, context: PageContext) -> PageResult {
    let scan = newest_scan(&app).await?;
    let is_running = scan.as_ref().is_some_and(ScanRow::is_running);
    if !context.htmx.wants("scan") || !is_running {
        return Ok(redirect_to("/duplicates").into_response());
    }
    let page = QueuePage {
        shell: context.shell.clone(),
        tabs: Vec::new(),
        state: PairState::Open,
        lines: Vec::new(),
        pager: Pager::default(),
        scan,
        threshold: String::new(),
    };
    Ok(ui::fragment(&page.as_scan(), &context.shell))
}

async fn start_scan(State(app): State<App>, context: PageContext) -> PageResult {
    let started = scan::start(&app, &context.caller()?.actor()).await;
    let back = redirect_to("/duplicates");
    match started {
        Ok(_) => Ok(back.into_response()),
        Err(AppError::Conflict(reason)) => Ok(back.warning(reason.detail).into_response()),
        Err(other) => Err(other),
    }
}

/// Where the button stood, when that was a customer's page.
#[derive(Default, Deserialize)]
#[serde(default)]
struct UndoForm {
    back: String,
}

async fn undo_decision(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(form): Form<UndoForm>,
) -> PageResult {
    let tx = app.begin_write().await?;
    let undone = decide::undo(&tx, &app, context.caller()?, id).await;
    match undone {
        Ok(_) => {
            let customers = super::decision_store::customers_of(&tx, id).await?;
            tx.commit().await?;
            let is_of_customer = customers.iter().any(|id| form.back == format!("/customers/{id}/duplicates"));
            let to = match customers[..] {
                _ if is_of_customer => form.back,
                [low, high] => format!("/duplicates/{low}/{high}"),
                _ => "/duplicates".to_owned(),
            };
            Ok(redirect_to(to).saying(tr!("The pair is open again")).into_response())
        }
        Err(AppError::Conflict(reason)) => Ok(redirect_to("/duplicates").warning(reason.detail).into_response()),
        Err(other) => Err(other),
    }
}

struct Range {
    from: String,
    to: String,
    pairs: i64,
    /// Of a hundred of the largest.
    share: i64,
}

#[derive(Template)]
#[template(path = "review/threshold.html")]
struct ThresholdPage {
    shell: Shell,
    /// As typed, in percent.
    typed: String,
    repeat_days: String,
    current: String,
    tried: Option<String>,
    floor: i64,
    simulation: Option<Simulation>,
    lines: Vec<Line>,
    ranges: Vec<Range>,
    errors: FieldErrors,
    may_set: bool,
}

impl ThresholdPage {
    fn error(&self, field: &str) -> Option<&Message> {
        self.errors.of(field)
    }

    fn would_change(&self) -> bool {
        self.simulation.as_ref().is_some_and(|simulation| (simulation.threshold - simulation.current).abs() > 1e-9)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ThresholdForm {
    /// In percent, with a comma or a point.
    threshold: String,
    repeat_days: String,
}

/// Rounded to what people type: 99.9 divided by a hundred is a hair more than 0.999.
fn read_percent(typed: &str) -> f64 {
    let number = typed.trim().trim_end_matches('%').trim().replace(',', ".").parse::<f64>();
    number.map_or(f64::NAN, |number| (number * 10_000.0).round() / 1_000_000.0)
}

fn shown_percent(threshold: f64, lang: Lang) -> String {
    let text = format!("{}", (threshold * 1000.0).round() / 10.0);
    if lang == Lang::Nl { text.replace('.', ",") } else { text }
}

fn ranges(simulation: &Simulation, lang: Lang) -> Vec<Range> {
    let most = simulation.steps.iter().map(|step| step.pairs).max().unwrap_or(0).max(1);
    let range = |step: &super::simulate::Step| Range {
        from: shown_percent(step.from, lang),
        to: shown_percent(step.to, lang),
        pairs: step.pairs,
        share: 100 * step.pairs / most,
    };
    simulation.steps.iter().map(range).collect()
}

async fn threshold(State(app): State<App>, context: PageContext, Query(form): Query<ThresholdForm>) -> PageResult {
    threshold_page(&app, &context, form, FieldErrors::default()).await
}

async fn threshold_page(app: &App, context: &PageContext, form: ThresholdForm, errors: FieldErrors) -> PageResult {
    may_compare(context.caller()?.fields())?;
    let lang = context.shell.lang();
    let known: DuplicateSettings = settings::load(app.db.read()).await?;
    let wanted = if form.threshold.is_empty() { known.threshold } else { read_percent(&form.threshold) };
    let (simulation, errors) = match simulate(app, wanted).await {
        Ok(simulation) => (Some(simulation), errors),
        Err(AppError::Invalid(refused)) => (None, if errors.is_empty() { refused } else { errors }),
        Err(other) => return Err(other),
    };
    let pairs = simulation.as_ref().map(|simulation| simulation.changed.clone()).unwrap_or_default();
    let page = ThresholdPage {
        shell: context.shell.clone(),
        typed: if form.threshold.is_empty() { shown_percent(known.threshold, lang) } else { form.threshold },
        repeat_days: if form.repeat_days.is_empty() { known.repeat_days.to_string() } else { form.repeat_days },
        current: shown_percent(known.threshold, lang),
        tried: simulation.as_ref().map(|simulation| shown_percent(simulation.threshold, lang)),
        floor: (FLOOR * 100.0) as i64,
        lines: lines(&pairs, &names(app, &pairs).await?, PairState::Open, lang)?,
        ranges: simulation.as_ref().map(|simulation| ranges(simulation, lang)).unwrap_or_default(),
        simulation,
        may_set: context.may(Permission::SettingsEdit),
        errors,
    };
    let status = match page.errors.is_empty() {
        true => axum::http::StatusCode::OK,
        false => axum::http::StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn set_threshold(State(app): State<App>, context: PageContext, Form(form): Form<ThresholdForm>) -> PageResult {
    let wanted = DuplicateSettings {
        threshold: read_percent(&form.threshold),
        repeat_days: form.repeat_days.trim().parse().unwrap_or(-1),
    };
    match wanted.check() {
        Ok(()) => {}
        Err(AppError::Invalid(errors)) => return threshold_page(&app, &context, form, errors).await,
        Err(other) => return Err(other),
    }
    let tx = app.begin_write().await?;
    settings::save(&tx, &context.caller()?.actor(), app.clock.now(), &wanted).await?;
    tx.commit().await?;
    Ok(redirect_to("/duplicates").saying(tr!("Saved")).into_response())
}
