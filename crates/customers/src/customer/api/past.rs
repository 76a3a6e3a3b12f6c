//! A customer's past over the API: its history, two moments compared, a field or a state put back.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use platform::app::App;
use platform::auth::{Caller, FieldRights, Permission};
use platform::clock::TimeZone;
use platform::error::{AppError, AppResult, FieldErrors};
use platform::history::{self, Change, EventRow, HistoryFilter, HistoryKey};
use platform::http::{Access, ApiRoute, Cursor, IfMatch, Json, Page, Path, Problem, Query, api};
use platform::i18n::Message;
use platform::tr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::bodies::{CustomerBody, customer_body};
use super::{found, with_etag};
use crate::customer::MERGE;
use crate::customer::field_rights::of_path;
use crate::customer::flatten::{diff, flatten};
use crate::customer::model::Customer;
use crate::customer::moment::{Moment, Past, as_of};
use crate::customer::pages::is_field;
use crate::customer::parts::part_of;
use crate::customer::put_back::{Line, Plan, Sides};
use crate::customer::save::Writer;
use crate::customer::store;
use crate::customer::visible::{visible_change, visible_flat};
use crate::directory::Directory;

/// Entries a page of the history.
const HISTORY_PAGE: usize = 50;

pub(super) fn routes() -> Vec<ApiRoute> {
    vec![
        api(Access::Needs(Permission::HistoryView), routes!(customer_history)),
        api(Access::Needs(Permission::HistoryView), routes!(compare_moments)),
        api(Access::Needs(Permission::CustomerEdit), routes!(put_back)),
    ]
}

async fn past(
    db: &impl platform::sea_orm::ConnectionTrait,
    directory: &Directory,
    now: &Customer,
    moment: &str,
) -> AppResult<Past> {
    as_of(db, now, directory, Moment::parse(moment, &TimeZone::UTC)?).await
}

/// The customer as of a moment; without an entity tag, since nobody can write to the past.
pub(super) async fn read(app: &App, caller: &Caller, now: &Customer, moment: &str) -> AppResult<Response> {
    caller.may(Permission::HistoryView)?;
    let directory = Directory::load(app.db.read()).await?;
    let past = past(app.db.read(), &directory, now, moment).await?;
    Ok((StatusCode::OK, axum::Json(customer_body(&past.customer, caller.fields()))).into_response())
}

/// Filters of the history.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryParams {
    /// Only entries that changed this field.
    pub field: String,
    /// Only entries of this staff member.
    pub actor: Option<Uuid>,
    pub cursor: String,
}

/// An entry of a customer's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryEntryBody {
    pub id: Uuid,
    /// Microseconds since 1970 UTC.
    pub at: i64,
    pub actor: String,
    pub actor_id: Option<Uuid>,
    /// `screen`, `api`, `import`, `bulk`, `cli` or `job`.
    pub source: String,
    /// Token name, file and line of an import, id of a bulk action, or kind of job.
    pub source_detail: String,
    pub action: String,
    pub version: i64,
    /// Why, where that was said: the comment of a rejection, or the moment that was put back.
    pub reason: String,
    /// The merge that did it or was undone, if one was.
    pub merge_id: Option<Uuid>,
    /// Names of the changed fields.
    pub fields: Vec<String>,
    /// Values before and after; absent once they were erased.
    pub changes: Option<Vec<ChangeBody>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeBody {
    pub field: String,
    pub before: String,
    pub after: String,
}

impl From<Change> for ChangeBody {
    fn from(change: Change) -> Self {
        Self { field: change.field, before: change.before, after: change.after }
    }
}

impl HistoryEntryBody {
    fn of(event: EventRow, key: Option<&HistoryKey>, rights: &FieldRights) -> Self {
        let seen = |change| visible_change(change, rights).map(ChangeBody::from);
        let fields = event.field_names().into_iter().filter(|path| !rights.hides(of_path(path)));
        Self {
            changes: event.open(key).map(|changes| changes.into_iter().filter_map(seen).collect()),
            fields: fields.map(str::to_owned).collect(),
            merge_id: event.about(MERGE),
            id: event.id,
            at: event.at,
            actor: event.actor_name,
            actor_id: event.actor_id,
            source: event.source,
            source_detail: event.source_detail,
            action: event.action,
            version: event.version,
            reason: event.reason,
        }
    }
}

/// What happened to a customer, newest first.
#[utoipa::path(get, path = "/api/v1/customers/{id}/history", tag = "customers",
    params(("id" = Uuid, Path), HistoryParams),
    responses((status = 200, body = Page<HistoryEntryBody>), (status = 404, body = Problem)))]
async fn customer_history(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(params): Query<HistoryParams>,
) -> AppResult<axum::Json<Page<HistoryEntryBody>>> {
    if !params.field.is_empty() {
        caller.fields().may_ask(of_path(&params.field))?;
    }
    let customer = store::get_with_past(app.db.read(), id).await?;
    let before = if params.cursor.is_empty() { None } else { Some(Cursor::unpack(&params.cursor)?) };
    let filter = HistoryFilter { field: params.field, actor_id: params.actor, before };
    let mut events = history::of_customer(app.db.read(), id, &filter, HISTORY_PAGE as i64 + 1).await?;
    let more = events.len() > HISTORY_PAGE;
    events.truncate(HISTORY_PAGE);
    let next = events.last().filter(|_| more).map(|last| Cursor::pack(&(last.at, last.id)));
    let key = customer.history_key.as_ref();
    let items = events.into_iter().map(|event| HistoryEntryBody::of(event, key, caller.fields())).collect();
    Ok(axum::Json(Page { items, next }))
}

/// Two moments: a version such as `v3`, RFC 3339, or microseconds since 1970.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompareParams {
    pub from: String,
    /// Today when it is missing.
    pub to: Option<String>,
}

/// A state of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateBody {
    pub version: i64,
    /// When it was stored, in microseconds since 1970 UTC.
    pub since: i64,
}

impl From<&Past> for StateBody {
    fn from(past: &Past) -> Self {
        Self { version: past.version(), since: past.since }
    }
}

/// A field that differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceBody {
    pub field: String,
    pub from: String,
    pub to: String,
}

impl From<Change> for DifferenceBody {
    fn from(change: Change) -> Self {
        Self { field: change.field, from: change.before, to: change.after }
    }
}

/// Two moments side by side.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparisonBody {
    pub from: StateBody,
    pub to: StateBody,
    /// Only what differs.
    pub fields: Vec<DifferenceBody>,
}

/// Compare a customer at two moments, field by field.
#[utoipa::path(get, path = "/api/v1/customers/{id}/compare", tag = "customers",
    params(("id" = Uuid, Path), CompareParams),
    responses((status = 200, body = ComparisonBody), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn compare_moments(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(params): Query<CompareParams>,
) -> AppResult<axum::Json<ComparisonBody>> {
    caller.may(Permission::CustomerView)?;
    let now = store::get_with_past(app.db.read(), id).await?;
    let directory = Directory::load(app.db.read()).await?;
    let to = params.to.unwrap_or_else(|| format!("v{}", now.version));
    let from = past(app.db.read(), &directory, &now, &params.from).await?;
    let to = past(app.db.read(), &directory, &now, &to).await?;
    let seen = |past: &Past| visible_flat(&past.flat, caller.fields());
    let fields = diff(&seen(&from), &seen(&to)).into_iter().map(DifferenceBody::from).collect();
    Ok(axum::Json(ComparisonBody { from: (&from).into(), to: (&to).into(), fields }))
}

/// What is to be put back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutBackBody {
    /// A version such as `v3`, RFC 3339, or microseconds since 1970.
    pub moment: String,
    /// Names of fields (`title`), rows (`email.<id>`) or kinds of rows (`email`); missing or empty: everything that can be
    /// put back.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Only tell what would change.
    #[serde(default)]
    pub dry_run: bool,
}

/// What putting back would change.
#[derive(Debug, Serialize, ToSchema)]
pub struct PutBackPlan {
    pub state: StateBody,
    pub parts: Vec<PutBackPart>,
}

/// A field or row that would change, or the reason code why it stays.
#[derive(Debug, Serialize, ToSchema)]
pub struct PutBackPart {
    pub part: String,
    pub refused: Option<&'static str>,
    pub changes: Vec<DifferenceBody>,
}

/// Put back a field or a whole earlier state, by the rules of every save.
#[utoipa::path(post, path = "/api/v1/customers/{id}/put-back", tag = "customers",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = PutBackBody,
    responses((status = 200, description = "The customer, or with `dry_run` the plan", body = CustomerBody),
        (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
async fn put_back(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(body): Json<PutBackBody>,
) -> AppResult<Response> {
    caller.may(Permission::HistoryView)?;
    let mut errors = FieldErrors::default();
    for name in body.fields.iter().filter(|name| !is_field(name)) {
        errors.add("fields", "unknown_field", Message::new(tr!("There is no field {field}.")).with("field", name));
    }
    errors.into_result()?;
    let tx = app.begin_write().await?;
    let now = found(&tx, id).await?;
    if version != now.version {
        return Err(AppError::Stale { current: now.version });
    }
    let directory = Directory::load(&tx).await?;
    let past = past(&tx, &directory, &now, &body.moment).await?;
    let writer = Writer::of(&app, &caller);
    let sides = Sides { directory: &directory, writer: &writer, now: &now, past: &past };
    if body.dry_run {
        return Ok(axum::Json(plan(&sides, &sides.plan(&tx, &body.fields).await?)).into_response());
    }
    let after = sides.carry_out(&tx, &body.fields).await?;
    tx.commit().await?;
    Ok(with_etag(StatusCode::OK, &caller, &after))
}

fn plan(sides: &Sides<'_>, plan: &Plan) -> PutBackPlan {
    let rights = &sides.writer.permissions.sight.fields;
    let changes = diff(&visible_flat(&flatten(sides.now), rights), &visible_flat(&sides.past.flat, rights));
    let part = |line: &Line| PutBackPart {
        part: line.part.clone(),
        refused: line.refused.as_ref().map(|error| error.code),
        changes: changes
            .iter()
            .filter(|change| part_of(&change.field) == line.part)
            .cloned()
            .map(DifferenceBody::from)
            .collect(),
    };
    PutBackPlan { state: sides.past.into(), parts: plan.lines.iter().map(part).collect() }
}
