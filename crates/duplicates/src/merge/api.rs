//! Merging and undoing over the API: the same functions as the screen's.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use customers::customer::MERGE;
use customers::customer::model::Customer;
use customers::customer::save::Writer;
use customers::directory::Directory;
use platform::app::App;
use platform::auth::{Caller, Permission};
use platform::db::Tx;
use platform::error::{AppError, AppResult, Reason};
use platform::history::{self, Entry};
use platform::http::{Access, ApiRoute, Json, Page, Path, Problem, Query, api};
use platform::i18n::{Lang, Translate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::carry_out::carry_out;
use super::fields::{self, FIELDS};
use super::plan::{Plan, Request, all_fields, named, plan};
use super::rows::KindPlan;
use super::store::{self, MergeRow, PartRow, Remark};
use super::undo::{self, CameAfter, UndoRequest};
use crate::review::decide::Kind;
use crate::review::objections::{Objection, objections};

/// The operations on merges.
pub fn routes() -> Vec<ApiRoute> {
    let needs = Access::Needs;
    vec![
        api(needs(Permission::CustomerMerge), routes!(preview)),
        api(needs(Permission::CustomerMerge), routes!(merge)),
        api(needs(Permission::CustomerView), routes!(list_merges)),
        api(needs(Permission::CustomerView), routes!(read_merge)),
        api(needs(Permission::CustomerMergeUndo), routes!(undo_merge)),
        api(needs(Permission::CustomerMergeUndo), routes!(finalise_merge)),
    ]
}

/// One record's value of a field.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValueBody {
    pub customer_id: Uuid,
    /// As the history writes it: ids, `yes`, keys; empty for none.
    pub value: String,
}

/// A field, what each record has, and what survives.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldBody {
    pub field: &'static str,
    pub values: Vec<ValueBody>,
    pub result: String,
    /// The record the result comes from.
    pub from: Uuid,
}

/// What becomes of one kind of rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct KindBody {
    pub kind: &'static str,
    /// Rows that the survivor has already.
    pub survivor_has: usize,
    /// Rows that move to the survivor.
    pub moves: usize,
    /// Rows that stay behind because the survivor has the same.
    pub same: usize,
    /// Rows that give prices or rights and were not confirmed.
    pub needs_confirmation: Vec<ConfirmBody>,
}

/// A row that moves only when it is named in `confirm`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfirmBody {
    pub id: Uuid,
    pub name: String,
}

/// The whole effect of a merge, before it is made.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewBody {
    /// Send it back with the merge: what runs is then this plan or nothing.
    pub plan: String,
    pub survivor_id: Uuid,
    pub absorbed_ids: Vec<Uuid>,
    pub fields: Vec<FieldBody>,
    pub kinds: Vec<KindBody>,
    /// Sub-accounts that get the survivor as parent.
    pub sub_accounts: usize,
    /// Names, numbers and codes that will find the survivor.
    pub aliases: Vec<String>,
    /// What stands in the way, each with what clears it.
    pub blockers: Vec<Reason>,
    /// What somebody decided about two of the records that speaks against the merge. It does not stand in the way.
    pub warnings: Vec<WarningBody>,
    /// Until when the merge can be undone, microseconds UTC.
    pub undo_until: i64,
}

/// A decision that two of the records are not one customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct WarningBody {
    pub decision_id: Uuid,
    pub decision: Kind,
    /// The two it is about.
    pub customer_ids: Vec<Uuid>,
    pub by: String,
    /// Microseconds UTC.
    pub decided_at: i64,
}

impl From<Objection> for WarningBody {
    fn from(objection: Objection) -> Self {
        Self {
            decision_id: objection.decision_id,
            decision: objection.kind,
            customer_ids: vec![objection.one, objection.other],
            by: objection.by,
            decided_at: objection.decided_at,
        }
    }
}

fn field_body(plan: &Plan, field: &'static str) -> FieldBody {
    let value = |record: &Customer| ValueBody { customer_id: record.id, value: fields::value(record, field) };
    FieldBody {
        field,
        values: plan.records.iter().map(value).collect(),
        result: fields::value(&plan.combined.survivor, field),
        from: plan.combined.taken.get(field).copied().unwrap_or(plan.survivor().id),
    }
}

fn kind_body(kind: &KindPlan) -> KindBody {
    let confirm = |(id, name): (Uuid, String)| ConfirmBody { id, name };
    KindBody {
        kind: kind.key,
        survivor_has: kind.had,
        moves: kind.moves.len(),
        same: kind.same,
        needs_confirmation: kind.to_confirm().into_iter().map(confirm).collect(),
    }
}

fn preview_body(plan: &Plan, undo_until: i64, objections: Vec<Objection>) -> PreviewBody {
    let new_alias = |field: &String| field.strip_prefix("alias.")?.split('.').next()?.parse::<Uuid>().ok();
    let new: Vec<Uuid> = plan.combined.taken.keys().filter_map(new_alias).collect();
    let aliases = plan.combined.survivor.aliases.iter().filter(|alias| new.contains(&alias.id));
    PreviewBody {
        plan: plan.digest(),
        survivor_id: plan.survivor().id,
        absorbed_ids: plan.parts().iter().map(|part| part.id).collect(),
        fields: FIELDS
            .iter()
            .map(|field| field.key)
            .chain(["status", "note_flag"])
            .map(|key| field_body(plan, key))
            .collect(),
        kinds: plan.kinds.iter().map(kind_body).collect(),
        sub_accounts: plan.sub_accounts.len(),
        aliases: aliases.map(|alias| alias.value.clone()).collect(),
        blockers: plan.blockers.clone(),
        warnings: objections.into_iter().map(WarningBody::from).collect(),
        undo_until,
    }
}

/// Show what a merge would do. Nothing is changed.
#[utoipa::path(post, path = "/api/v1/merges/preview", tag = "merges", request_body = Request,
    responses((status = 200, body = PreviewBody), (status = 403, body = Problem), (status = 422, body = Problem)))]
async fn preview(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<Request>,
) -> AppResult<axum::Json<PreviewBody>> {
    let now = app.clock.now();
    let directory = Directory::load(app.db.read()).await?;
    let plan = plan(app.db.read(), &app.registry, &caller.permissions, &request, now).await?;
    let undo_until = now + directory.settings.merge_undo_days * platform::clock::DAY;
    let objections = objections(app.db.read(), &plan.records).await?;
    Ok(axum::Json(preview_body(&plan, undo_until, objections)))
}

/// Merge customers into the survivor.
#[utoipa::path(post, path = "/api/v1/merges", tag = "merges", request_body = Request,
    responses((status = 201, body = MergeBody), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn merge(State(app): State<App>, caller: Caller, Json(request): Json<Request>) -> AppResult<Response> {
    let tx = app.begin_write().await?;
    let merge = run(&tx, &app, &caller, &request).await?;
    let body = body(&tx, &app, &caller, &merge).await?;
    tx.commit().await?;
    let place = [(header::LOCATION, format!("/api/v1/merges/{}", merge.id))];
    Ok((StatusCode::CREATED, place, axum::Json(body)).into_response())
}

/// Plans and merges in one transaction, for the API and the screen.
///
/// # Errors
/// As [`plan`] and [`carry_out`].
pub async fn run(tx: &Tx, app: &App, caller: &Caller, request: &Request) -> AppResult<MergeRow> {
    let writer = Writer::of(app, caller);
    let directory = Directory::load(tx).await?;
    let plan = plan(tx, &app.registry, &caller.permissions, request, writer.now).await?;
    carry_out(tx, &app.registry, &directory, &writer, &plan, request.plan.as_deref()).await
}

/// A record that became part of another.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartBody {
    pub customer_id: Uuid,
    /// Its number and name.
    pub name: String,
    /// When it was split out again, microseconds UTC.
    pub undone_at: Option<i64>,
    /// Rows that moved to the survivor, by kind of table.
    pub moved: usize,
    /// Fields of the survivor whose value came from this record.
    pub fields: Vec<String>,
}

/// A merge.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeBody {
    pub id: Uuid,
    pub survivor_id: Uuid,
    pub parts: Vec<PartBody>,
    pub by: String,
    pub created_at: i64,
    pub undo_until: i64,
    pub undone_at: Option<i64>,
    pub finalised_at: Option<i64>,
    /// Why it cannot be undone, if so.
    pub refusal: Option<Reason>,
    /// Rows that came to the survivor since; the undo can give them to a part.
    pub came_after: Vec<CameAfter>,
    /// What could not go back when it was undone, whole or in part, the earliest first.
    pub remarks: Vec<RemarkBody>,
}

/// Something that could not go back in an undo.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemarkBody {
    /// When the undo was, microseconds UTC.
    pub at: i64,
    /// Stable reason code.
    pub code: String,
    pub detail: String,
}

impl From<Remark> for RemarkBody {
    fn from(remark: Remark) -> Self {
        Self { at: remark.at, code: remark.why.code, detail: remark.why.detail.translate(Lang::En) }
    }
}

async fn body(
    db: &impl platform::sea_orm::ConnectionTrait,
    app: &App,
    caller: &Caller,
    merge: &MergeRow,
) -> AppResult<MergeBody> {
    let parts = store::parts(db, merge.id).await?;
    let ids: Vec<Uuid> = parts.iter().map(|part| part.customer_id).collect();
    let records = customers::customer::store::find_many(db, &ids).await?;
    let moved = store::rows_of(db, merge.id).await?;
    let taken = store::fields_of(db, merge.id).await?;
    let part = |part: PartRow| {
        let record = records.iter().find(|record| record.id == part.customer_id);
        let is_own = |field: &&store::FieldRow| field.part_id == part.customer_id && !field.field.starts_with("alias.");
        let own = taken.iter().filter(is_own).map(|field| field.field.clone());
        PartBody {
            customer_id: part.customer_id,
            name: record.map(|record| named(record, &caller.permissions)).unwrap_or_default(),
            undone_at: part.undone_at,
            moved: moved.iter().filter(|row| row.part_id == part.customer_id).count(),
            fields: own.collect(),
        }
    };
    let refusal = undo::refusal(db, merge, app.clock.now()).await?;
    let may_read = caller.permissions.fields.is_unlimited();
    let came_after = match refusal.is_none() && may_read {
        true => undo::came_after(db, &app.registry, merge).await?,
        false => Vec::new(),
    };
    Ok(MergeBody {
        id: merge.id,
        survivor_id: merge.survivor_id,
        parts: parts.into_iter().map(part).collect(),
        by: merge.actor_name.clone(),
        created_at: merge.created_at,
        undo_until: merge.undo_until,
        undone_at: merge.undone_at,
        finalised_at: merge.finalised_at,
        refusal,
        came_after,
        remarks: store::remarks(db, merge.id).await?.into_iter().map(RemarkBody::from).collect(),
    })
}

/// Whose merges to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MergesOf {
    /// A customer that survived a merge or became part of another.
    pub customer: Uuid,
}

/// List the merges in which a customer took part, the latest first.
#[utoipa::path(get, path = "/api/v1/merges", tag = "merges", params(MergesOf),
    responses((status = 200, body = Page<MergeBody>), (status = 400, body = Problem)))]
async fn list_merges(
    State(app): State<App>,
    caller: Caller,
    Query(of): Query<MergesOf>,
) -> AppResult<axum::Json<Page<MergeBody>>> {
    let mut items = Vec::new();
    for merge in store::of_customer(app.db.read(), of.customer).await? {
        items.push(body(app.db.read(), &app, &caller, &merge).await?);
    }
    Ok(axum::Json(Page { items, next: None }))
}

/// Read one merge.
#[utoipa::path(get, path = "/api/v1/merges/{id}", tag = "merges", params(("id" = Uuid, Path)),
    responses((status = 200, body = MergeBody), (status = 404, body = Problem)))]
async fn read_merge(State(app): State<App>, caller: Caller, Path(id): Path<Uuid>) -> AppResult<axum::Json<MergeBody>> {
    let merge = store::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    Ok(axum::Json(body(app.db.read(), &app, &caller, &merge).await?))
}

/// What an undo answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoneBody {
    pub merge: MergeBody,
    /// What could not go back, each with the reason.
    pub remarks: Vec<Reason>,
}

/// Undo a merge, whole or for some of its records. What was changed since stays changed.
#[utoipa::path(post, path = "/api/v1/merges/{id}/undo", tag = "merges", params(("id" = Uuid, Path)),
    request_body = UndoRequest,
    responses((status = 200, body = UndoneBody), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
async fn undo_merge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(request): Json<UndoRequest>,
) -> AppResult<axum::Json<UndoneBody>> {
    let tx = app.begin_write().await?;
    let remarks = take_back(&tx, &app, &caller, id, &request).await?;
    let merge = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let merge = body(&tx, &app, &caller, &merge).await?;
    tx.commit().await?;
    Ok(axum::Json(UndoneBody { merge, remarks }))
}

/// Undoes in the caller's transaction, for the API and the screen.
///
/// # Errors
/// `NotFound`, and as [`undo::undo`].
pub async fn take_back(
    tx: &Tx,
    app: &App,
    caller: &Caller,
    id: Uuid,
    request: &UndoRequest,
) -> AppResult<undo::Remarks> {
    all_fields(&caller.permissions)?;
    let merge = store::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let directory = Directory::load(tx).await?;
    undo::undo(tx, &app.registry, &directory, &Writer::of(app, caller), &merge, request).await
}

/// Make a merge final: it can never be undone.
#[utoipa::path(post, path = "/api/v1/merges/{id}/finalise", tag = "merges", params(("id" = Uuid, Path)),
    responses((status = 200, body = MergeBody), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn finalise_merge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> AppResult<axum::Json<MergeBody>> {
    let tx = app.begin_write().await?;
    finalise(&tx, &app, &caller, id).await?;
    let merge = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let body = body(&tx, &app, &caller, &merge).await?;
    tx.commit().await?;
    Ok(axum::Json(body))
}

/// Ends the time for undoing, with a history entry.
///
/// # Errors
/// `NotFound`; `Conflict` for a merge that cannot be undone any more anyway.
pub async fn finalise(tx: &Tx, app: &App, caller: &Caller, id: Uuid) -> AppResult<()> {
    all_fields(&caller.permissions)?;
    let merge = store::find(tx, id).await?.ok_or(AppError::NotFound)?;
    if let Some(reason) = undo::refusal(tx, &merge, app.clock.now()).await? {
        return Err(AppError::Conflict(reason));
    }
    store::finalise(tx, id, app.clock.now()).await?;
    let entry = Entry::new(MERGE, id, "merge_finalised");
    history::record(tx, &caller.actor(), app.clock.now(), entry).await?;
    Ok(())
}
