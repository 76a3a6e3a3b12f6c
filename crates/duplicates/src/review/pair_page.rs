//! One pair on screen: side by side, why it is likely one customer, what a merge would make of it, and the buttons.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use customers::customer::model::{Address, Customer};
use customers::customer::store as customer_store;
use customers::directory::Directory;
use platform::app::App;
use platform::auth::Permission;
use platform::clock::{DAY, Micros};
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, Query, get, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Flash, Shell, filters, redirect_to};
use serde::Deserialize;
use uuid::Uuid;

use super::api::state_of;
use super::chart::{self, Waterfall};
use super::decide::{self, Kind};
use super::decision_store::{self as decisions, Sided};
use super::explain::Explanation;
use super::pages::percent;
use super::store::{Pair, PairState};
use super::{follow, queue};
use crate::likely::{certainty, may_compare};
use crate::merge::pages_view::{MergePage, lines_of};
use crate::merge::plan::{Request, plan};

/// The screens of one pair.
pub fn routes() -> Vec<PageRoute> {
    let merge = Access::Needs(Permission::CustomerMerge);
    vec![
        get("/duplicates/{a}/{b}", merge, show),
        post("/duplicates/{a}/{b}/decide", merge, decide_pair),
        post("/duplicates/{a}/{b}/merge", merge, merge_pair),
    ]
}

/// Contacts of one kind, a list for each of the two.
struct ContactLine {
    label: &'static str,
    differs: bool,
    cells: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "review/pair.html")]
struct PairPage {
    shell: Shell,
    low: Uuid,
    high: Uuid,
    state: PairState,
    merge: MergePage,
    contacts: Vec<ContactLine>,
    chart: Waterfall,
    chart_width: f64,
    tone: &'static str,
    certainty: &'static str,
    percent: String,
    /// The third customer that holds the two together.
    over: Option<(Uuid, String)>,
    decision: Option<Sided>,
    decided: &'static str,
    /// A merge of the two that was taken back: by whom and when.
    undone: Option<(Uuid, String, Micros)>,
    previous: Option<String>,
    next: Option<String>,
    open: i64,
    refused: Option<Reason>,
}

impl PairPage {
    fn survivor(&self) -> &str {
        self.merge.cards.first().map_or("", |card| card.id.as_str())
    }

    fn other(&self) -> &str {
        self.merge.cards.get(1).map_or("", |card| card.id.as_str())
    }

    fn moves(&self) -> usize {
        self.merge.kinds.iter().map(|kind| kind.moves).sum()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PairQuery {
    state: String,
    survivor: Option<Uuid>,
}

/// Who survives unless somebody chooses: who can sign in, who is active, who has more, who was there first.
fn suggested<'a>(a: &'a Customer, b: &'a Customer) -> &'a Customer {
    let worth = |customer: &Customer| {
        let texts = [&customer.first_name, &customer.last_name, &customer.company_name, &customer.vat_number];
        let filled = texts.iter().filter(|text| !text.is_empty()).count();
        let rows = customer.emails.len() + customer.phones.len() + customer.addresses.len();
        let oldest = std::cmp::Reverse(customer.created_at);
        (customer.account.is_some(), customer.active, filled + rows, oldest)
    };
    if worth(b) > worth(a) { b } else { a }
}

fn contacts(records: &[Customer]) -> Vec<ContactLine> {
    let line = |label, shown: &dyn Fn(&Customer) -> Vec<(String, String)>| {
        let cells: Vec<Vec<(String, String)>> = records.iter().map(shown).collect();
        let mut keys: Vec<Vec<&String>> = cells.iter().map(|cell| cell.iter().map(|(key, _)| key).collect()).collect();
        keys.iter_mut().for_each(|keys| keys.sort());
        let differs = keys.windows(2).any(|pair| pair[0] != pair[1]);
        let cells = cells.iter().map(|cell| cell.iter().map(|(_, text)| text.clone()).collect()).collect();
        ContactLine { label, differs, cells }
    };
    let lines = vec![
        line(tr!("E-mail address"), &|customer| {
            customer.emails.iter().map(|email| (email.folded.clone(), email.address.clone())).collect()
        }),
        line(tr!("Phone"), &|customer| {
            customer.phones.iter().map(|phone| (phone.digits.clone(), phone.typed.clone())).collect()
        }),
        line(tr!("Address"), &|customer| {
            let text = |address: &Address| address.one_line();
            customer.addresses.iter().map(|address| (text(address).to_lowercase(), text(address))).collect()
        }),
    ];
    lines.into_iter().filter(|line| line.cells.iter().any(|cell| !cell.is_empty())).collect()
}

async fn show(
    State(app): State<App>,
    context: PageContext,
    Path((a, b)): Path<(Uuid, Uuid)>,
    Query(query): Query<PairQuery>,
) -> PageResult {
    may_compare(context.caller()?.fields())?;
    follow::catch_up(&app).await?;
    if a == b {
        return Ok(redirect_to("/duplicates").saying(tr!("The two are one customer now")).into_response());
    }
    page(&app, &context, (a, b), &query, None).await
}

async fn page(
    app: &App,
    context: &PageContext,
    (a, b): (Uuid, Uuid),
    query: &PairQuery,
    refused: Option<Reason>,
) -> PageResult {
    let db = app.db.read();
    let state = state_of(&query.state)?;
    let (low, high) = decide::both(db, a, b).await?;
    let pair = decide::pair(app, &low, &high).await?;
    let chosen = query.survivor.filter(|id| [low.id, high.id].contains(id));
    let survivor_id = chosen.unwrap_or_else(|| suggested(&low, &high).id);
    let (merge, contacts) = preview(app, context, survivor_id, pair.other(survivor_id)).await?;
    let (tone, certainty) = certainty(pair.probability());
    let decision = decisions::standing_between(db, low.id, high.id).await?.into_iter().next();
    let way = |pair: Option<Pair>| {
        pair.map(|pair| format!("/duplicates/{}/{}?state={}", pair.low_id, pair.high_id, state.key()))
    };
    let page = PairPage {
        shell: context.shell.clone(),
        low: low.id,
        high: high.id,
        state,
        chart: chart::waterfall(&Explanation::read(&pair.explanation)?, context.shell.lang()),
        chart_width: chart::WIDTH,
        tone,
        certainty,
        percent: percent(pair.probability(), context.shell.lang()),
        over: over(app, &pair).await?,
        decided: decision.as_ref().map_or("", |decision| decision.pair_state(app.clock.now()).label()),
        decision,
        undone: undone(app, low.id, high.id).await?,
        previous: way(queue::previous(app, state, pair.place()).await?),
        next: way(queue::next(app, state, pair.place()).await?),
        open: queue::counts(app).await?.into_iter().find(|known| known.state == state).map_or(0, |known| known.pairs),
        contacts,
        merge,
        refused,
    };
    let status = if page.refused.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok(ui::render_status(status, &page, &context.shell))
}

/// What a merge by the usual policy would make of the two.
async fn preview(
    app: &App,
    context: &PageContext,
    survivor_id: Uuid,
    other: Uuid,
) -> AppResult<(MergePage, Vec<ContactLine>)> {
    let request = request(survivor_id, other, None);
    let now = app.clock.now();
    let plan = plan(app.db.read(), &app.registry, &context.caller()?.permissions, &request, now).await?;
    let directory = Directory::load(app.db.read()).await?;
    let owners: Vec<Uuid> = plan.records.iter().filter_map(|record| record.owner_id).collect();
    let names = customer_store::names(app.db.read(), &owners).await?;
    let mut page = MergePage::empty(context.shell.clone());
    lines_of(&mut page, &plan, &request, &directory, &names, now);
    Ok((page, contacts(&plan.records)))
}

fn request(survivor_id: Uuid, other: Uuid, plan: Option<String>) -> Request {
    Request { survivor_id, absorbed_ids: vec![other], choices: Default::default(), confirm: Default::default(), plan }
}

async fn over(app: &App, pair: &Pair) -> AppResult<Option<(Uuid, String)>> {
    let Some(id) = pair.over_id else { return Ok(None) };
    let found = customer_store::find(app.db.read(), id).await?.filter(Customer::can_be_edited);
    Ok(found.map(|customer| (id, format!("{} {}", customer.number, customer.display_name()))))
}

async fn undone(app: &App, a: Uuid, b: Uuid) -> AppResult<Option<(Uuid, String, Micros)>> {
    let merge = crate::merge::store::undone_between(app.db.read(), a, b).await?;
    Ok(merge.map(|merge| (merge.id, merge.actor_name, merge.created_at)))
}

/// Where to go on: the pair behind this one, or the queue when there is none.
async fn onward(app: &App, state: PairState, place: super::store::Place) -> AppResult<String> {
    follow::catch_up(app).await?;
    Ok(match queue::next(app, state, place).await? {
        Some(next) => format!("/duplicates/{}/{}?state={}", next.low_id, next.high_id, state.key()),
        None => format!("/duplicates?state={}", state.key()),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DecideForm {
    decision: String,
    /// Days until it comes back; empty for the end of the queue.
    days: String,
    state: String,
    /// Where the button stood; empty for the queue.
    back: String,
}

/// Longest time for which a pair is put off, in days.
const LONGEST: i64 = 366;

impl DecideForm {
    fn read(&self, now: Micros) -> AppResult<(Kind, Option<Micros>)> {
        let unknown = || AppError::field("decision", "unknown_decision", tr!("There is no such decision."));
        let kind = Kind::from_key(&self.decision).ok_or_else(unknown)?;
        if kind != Kind::Later || self.days.is_empty() {
            return Ok((kind, None));
        }
        let days = self.days.parse::<i64>().ok().filter(|days| (1..=LONGEST).contains(days));
        let days =
            days.ok_or_else(|| AppError::field("days", "out_of_range", tr!("A number of days from 1 to 366.")))?;
        Ok((kind, Some(now + days * DAY)))
    }
}

fn said(kind: Kind) -> &'static str {
    match kind {
        Kind::NotSame => tr!("Remembered: not the same customer"),
        Kind::SameHousehold => tr!("Remembered: one household"),
        Kind::Later => tr!("Put off"),
    }
}

/// One of the two was merged or deleted while somebody looked at them.
fn gone(error: AppError, to: &str) -> PageResult {
    match error {
        AppError::Merged { .. } | AppError::NotFound => {
            let text = tr!("One of the two was merged or deleted meanwhile. Nothing was changed.");
            Ok(redirect_to(to).warning(text).into_response())
        }
        other => Err(other),
    }
}

async fn decide_pair(
    State(app): State<App>,
    context: PageContext,
    Path((a, b)): Path<(Uuid, Uuid)>,
    Form(form): Form<DecideForm>,
) -> PageResult {
    let state = state_of(&form.state)?;
    let (kind, due_at) = form.read(app.clock.now())?;
    let (low, high) = match decide::both(app.db.read(), a, b).await {
        Ok(both) => both,
        Err(error) => return gone(error, "/duplicates"),
    };
    let place = decide::pair(&app, &low, &high).await?.place();
    let tx = app.begin_write().await?;
    let decision = match decide::decide(&tx, &app, context.caller()?, (a, b), kind, due_at).await {
        Ok(decision) => decision,
        Err(error) => return gone(error, "/duplicates"),
    };
    tx.commit().await?;
    if form.back == "hint" {
        // Inside a form that somebody is filling in: only the line goes.
        let done = (StatusCode::OK, axum::response::Html("")).into_response();
        return Ok(ui::with_toast(done, Flash::done(said(kind)), &context.shell));
    }
    let is_of_customer = [low.id, high.id].iter().any(|id| form.back == format!("/customers/{id}/duplicates"));
    let to = if is_of_customer { form.back } else { onward(&app, state, place).await? };
    let undo = format!("/duplicates/decisions/{}/undo", decision.id);
    Ok(redirect_to(to).saying(said(kind)).with_undo(undo, tr!("Undo")).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MergeForm {
    survivor: Uuid,
    plan: String,
    state: String,
}

/// Merges by the usual policy what was shown, and goes on with the next pair.
async fn merge_pair(
    State(app): State<App>,
    context: PageContext,
    Path((a, b)): Path<(Uuid, Uuid)>,
    Form(form): Form<MergeForm>,
) -> PageResult {
    let state = state_of(&form.state)?;
    let (low, high) = match decide::both(app.db.read(), a, b).await {
        Ok(both) => both,
        Err(error) => return gone(error, "/duplicates"),
    };
    let pair = decide::pair(&app, &low, &high).await?;
    if ![low.id, high.id].contains(&form.survivor) {
        let detail = tr!("The surviving record is one of the two.");
        return Err(AppError::field("survivor", "not_in_pair", detail));
    }
    let request = request(form.survivor, pair.other(form.survivor), Some(form.plan));
    let tx = app.begin_write().await?;
    match crate::merge::api::run(&tx, &app, context.caller()?, &request).await {
        Ok(merge) => {
            tx.commit().await?;
            let text = Message::new(tr!("{n} records are one customer now")).with("n", 2);
            let done = redirect_to(onward(&app, state, pair.place()).await?).saying(text);
            Ok(match context.may(Permission::CustomerMergeUndo) {
                true => done.with_undo(format!("/merges/{}/undo", merge.id), tr!("Undo")).into_response(),
                false => done.into_response(),
            })
        }
        Err(AppError::Conflict(reason)) => {
            drop(tx);
            let query = PairQuery { state: form.state, survivor: Some(form.survivor) };
            page(&app, &context, (a, b), &query, Some(reason)).await
        }
        Err(other) => Err(other),
    }
}
