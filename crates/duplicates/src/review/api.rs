//! Scans, the queue, decisions and thresholds over the API: the same functions as the screen's.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use customers::customer::store as customer_store;
use customers::match_keys;
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, ApiRoute, Cursor, Json, Page, Path, Problem, Query, api};
use platform::{settings, tr};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::api_bodies::{DecisionBody, Names, PairBody, QueueBody, ScanBody, SimulationBody, StateCountBody};
use super::decide::{self, Kind};
use super::settings::DuplicateSettings;
use super::store::{Pair, PairState};
use super::{decision_store, follow, queue, scan, scan_store, simulate};
use crate::likely::may_compare;

/// Pairs of a page when the caller does not say, and at most.
const USUAL: i64 = 50;
const MOST: i64 = 200;
/// Scans that are listed.
const SCANS: i64 = 50;

/// The operations on scans, pairs and decisions.
pub fn routes() -> Vec<ApiRoute> {
    let merge = Access::Needs(Permission::CustomerMerge);
    vec![
        api(merge, routes!(start_scan)),
        api(merge, routes!(list_scans)),
        api(merge, routes!(read_scan)),
        api(merge, routes!(list_pairs)),
        api(merge, routes!(read_pair)),
        api(merge, routes!(decide_pair)),
        api(merge, routes!(list_decisions)),
        api(merge, routes!(undo_decision)),
        api(merge, routes!(simulate_threshold)),
        api(merge, routes!(read_settings)),
        api(Access::Needs(Permission::SettingsEdit), routes!(write_settings)),
    ]
}

/// Look through the whole shop for duplicates, in the background. One scan runs at a time.
#[utoipa::path(post, path = "/api/v1/duplicates/scans", tag = "duplicates",
    responses((status = 202, body = ScanBody), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn start_scan(State(app): State<App>, caller: Caller) -> AppResult<Response> {
    let scan = scan::start(&app, &caller.actor()).await?;
    let place = [(header::LOCATION, format!("/api/v1/duplicates/scans/{}", scan.id))];
    Ok((StatusCode::ACCEPTED, place, axum::Json(ScanBody::from(scan))).into_response())
}

/// List the newest scans.
#[utoipa::path(get, path = "/api/v1/duplicates/scans", tag = "duplicates",
    responses((status = 200, body = Page<ScanBody>), (status = 403, body = Problem)))]
async fn list_scans(State(app): State<App>) -> AppResult<axum::Json<Page<ScanBody>>> {
    let scans = scan_store::list(app.db.read(), SCANS).await?;
    Ok(axum::Json(Page { items: scans.into_iter().map(ScanBody::from).collect(), next: None }))
}

/// Read how far a scan is, or what it found.
#[utoipa::path(get, path = "/api/v1/duplicates/scans/{id}", tag = "duplicates", params(("id" = Uuid, Path)),
    responses((status = 200, body = ScanBody), (status = 404, body = Problem)))]
async fn read_scan(State(app): State<App>, Path(id): Path<Uuid>) -> AppResult<axum::Json<ScanBody>> {
    let scan = scan_store::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    Ok(axum::Json(scan.into()))
}

/// Which pairs to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    /// `open` (as when left out), `later`, `not_same` or `same_household`.
    pub state: String,
    /// 1 to 200 pairs; 50 when left out.
    pub limit: Option<i64>,
    pub cursor: String,
}

/// The state of an address or a form, `open` where none is named.
///
/// # Errors
/// `BadRequest` with `state_unknown`.
pub(super) fn state_of(key: &str) -> AppResult<PairState> {
    let detail = tr!("There is no such state of a pair.");
    match key {
        "" => Ok(PairState::Open),
        key => PairState::from_key(key).ok_or_else(|| AppError::BadRequest(Reason::new("state_unknown", detail))),
    }
}

pub(super) async fn names(app: &App, pairs: &[Pair]) -> AppResult<Names> {
    let mut ids: Vec<Uuid> = pairs.iter().flat_map(|pair| [pair.low_id, pair.high_id]).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut names = Names::new();
    for ids in ids.chunks(500) {
        names.extend(customer_store::names(app.db.read(), ids).await?);
    }
    Ok(names)
}

/// List the pairs that are likely one customer, the surest first.
#[utoipa::path(get, path = "/api/v1/duplicates/pairs", tag = "duplicates", params(QueueQuery),
    responses((status = 200, body = QueueBody), (status = 400, body = Problem), (status = 403, body = Problem)))]
async fn list_pairs(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<QueueQuery>,
) -> AppResult<axum::Json<QueueBody>> {
    may_compare(caller.fields())?;
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(AppError::BadRequest(Reason::new("limit_out_of_range", tr!("A page has 1 to 200 entries."))));
    }
    let after = if query.cursor.is_empty() { None } else { Some(Cursor::unpack(&query.cursor)?) };
    let listed = queue::list(&app, state_of(&query.state)?, after, limit).await?;
    let names = names(&app, &listed.pairs).await?;
    let settings: DuplicateSettings = settings::load(app.db.read()).await?;
    Ok(axum::Json(QueueBody {
        items: listed.pairs.iter().map(|pair| PairBody::of(pair, &names)).collect::<AppResult<_>>()?,
        next: listed.next.map(|place| Cursor::pack(&place)),
        threshold: settings.threshold,
        counts: queue::counts(&app).await?.into_iter().map(StateCountBody::from).collect(),
    }))
}

/// Read one pair, why it is likely one customer, and what was decided. Any two customers can be compared.
#[utoipa::path(get, path = "/api/v1/duplicates/pairs/{a}/{b}", tag = "duplicates",
    params(("a" = Uuid, Path), ("b" = Uuid, Path)),
    responses((status = 200, body = PairBody), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
async fn read_pair(
    State(app): State<App>,
    caller: Caller,
    Path((a, b)): Path<(Uuid, Uuid)>,
) -> AppResult<axum::Json<PairBody>> {
    may_compare(caller.fields())?;
    follow::catch_up(&app).await?;
    let (low, high) = decide::both(app.db.read(), a, b).await?;
    let pair = decide::pair(&app, &low, &high).await?;
    let mut body = PairBody::of(&pair, &names(&app, std::slice::from_ref(&pair)).await?)?;
    let standing = decision_store::standing_between(app.db.read(), low.id, high.id).await?;
    body.decision = standing.into_iter().next().map(|decision| DecisionBody::sided(low.id, decision));
    Ok(axum::Json(body))
}

/// What to decide about two customers.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionInput {
    /// Exactly two.
    pub customer_ids: Vec<Uuid>,
    pub decision: Kind,
    /// For `later`: when it comes back, microseconds UTC; without it the pair goes to the end of the queue.
    #[serde(default)]
    pub due_at: Option<i64>,
}

/// Decide that two customers are not the same, live in one household, or are looked at later. To merge them, use
/// `POST /api/v1/merges`.
#[utoipa::path(post, path = "/api/v1/duplicates/decisions", tag = "duplicates", request_body = DecisionInput,
    responses((status = 201, body = DecisionBody), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn decide_pair(State(app): State<App>, caller: Caller, Json(input): Json<DecisionInput>) -> AppResult<Response> {
    let [a, b] = input.customer_ids[..] else {
        return Err(AppError::field("customer_ids", "not_two", tr!("A pair is two different customers.")));
    };
    let tx = app.begin_write().await?;
    let decision = decide::decide(&tx, &app, &caller, (a, b), input.decision, input.due_at).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(DecisionBody::of(decision, vec![a, b]))).into_response())
}

/// Whose decisions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DecisionsOf {
    pub customer: Uuid,
}

/// List the decisions about a customer that stand, the latest first.
#[utoipa::path(get, path = "/api/v1/duplicates/decisions", tag = "duplicates", params(DecisionsOf),
    responses((status = 200, body = Page<DecisionBody>), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn list_decisions(
    State(app): State<App>,
    caller: Caller,
    Query(of): Query<DecisionsOf>,
) -> AppResult<axum::Json<Page<DecisionBody>>> {
    may_compare(caller.fields())?;
    let customer = customer_store::get(app.db.read(), of.customer).await?;
    let mut items: Vec<_> =
        decide::standing(app.db.read(), customer.id, &match_keys::person(&customer)).await?.into_iter().collect();
    items.sort_by_key(|decision| std::cmp::Reverse((decision.decided_at, decision.id)));
    let items = items.into_iter().map(|decision| DecisionBody::sided(customer.id, decision)).collect();
    Ok(axum::Json(Page { items, next: None }))
}

/// Take a decision back: the pair is open again.
#[utoipa::path(post, path = "/api/v1/duplicates/decisions/{id}/undo", tag = "duplicates", params(("id" = Uuid, Path)),
    responses((status = 200, body = DecisionBody), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
async fn undo_decision(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> AppResult<axum::Json<DecisionBody>> {
    let tx = app.begin_write().await?;
    let decision = decide::undo(&tx, &app, &caller, id).await?;
    let customers = decision_store::customers_of(&tx, id).await?;
    tx.commit().await?;
    Ok(axum::Json(DecisionBody::of(decision, customers)))
}

/// Which threshold to try.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Tried {
    /// From 0.5 to 0.999.
    pub threshold: f64,
}

/// Show what another threshold would bring, before it is set. Counted over the stored pairs; those less likely than
/// `floor` are not stored.
#[utoipa::path(get, path = "/api/v1/duplicates/simulation", tag = "duplicates", params(Tried),
    responses((status = 200, body = SimulationBody), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)))]
async fn simulate_threshold(
    State(app): State<App>,
    caller: Caller,
    Query(tried): Query<Tried>,
) -> AppResult<axum::Json<SimulationBody>> {
    may_compare(caller.fields())?;
    follow::catch_up(&app).await?;
    let simulation = simulate::simulate(&app, tried.threshold).await?;
    let names = names(&app, &simulation.changed).await?;
    Ok(axum::Json(SimulationBody::of(&simulation, &names)?))
}

/// Read the threshold and how often the shop is looked through.
#[utoipa::path(get, path = "/api/v1/duplicates/settings", tag = "duplicates",
    responses((status = 200, body = DuplicateSettings), (status = 403, body = Problem)))]
async fn read_settings(State(app): State<App>) -> AppResult<axum::Json<DuplicateSettings>> {
    Ok(axum::Json(settings::load(app.db.read()).await?))
}

/// Set the threshold and how often the shop is looked through.
#[utoipa::path(put, path = "/api/v1/duplicates/settings", tag = "duplicates", request_body = DuplicateSettings,
    responses((status = 200, body = DuplicateSettings), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn write_settings(
    State(app): State<App>,
    caller: Caller,
    Json(wanted): Json<DuplicateSettings>,
) -> AppResult<axum::Json<DuplicateSettings>> {
    wanted.check()?;
    let tx = app.begin_write().await?;
    settings::save(&tx, &caller.actor(), app.clock.now(), &wanted).await?;
    tx.commit().await?;
    Ok(axum::Json(wanted))
}
