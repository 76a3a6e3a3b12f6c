//! A merge looked at afterwards: what came from whom, undoing it or a part of it, making it final; and the merges of a
//! customer as a topic of the customer's page.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use customers::customer::pages::{Record, find as find_customer, load, path_label};
use customers::customer::store as customer_store;
use customers::directory::Directory;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::i18n::Message;
use platform::reach;
use platform::registry::Registry;
use platform::tr;
use platform::ui::{self, Choice, Shell, choices, filters, redirect_to};
use uuid::Uuid;

use super::api::{finalise, take_back};
use super::plan::named;
use super::store::{self, MergeRow, Remark};
use super::undo::{self, Assignment, CameAfter, UndoRequest};

/// The pages of merges that were made.
pub fn routes() -> Vec<PageRoute> {
    let may_undo = Access::Needs(Permission::CustomerMergeUndo);
    vec![
        get("/customers/{id}/merges", Access::Needs(Permission::CustomerView), of_customer),
        get("/merges/{id}", Access::Needs(Permission::CustomerView), show),
        post("/merges/{id}/undo", may_undo, undo_merge),
        post("/merges/{id}/finalise", may_undo, make_final),
    ]
}

/// A record that became part of the survivor.
struct PartLine {
    id: String,
    name: String,
    undone_at: Option<i64>,
    /// Whether it is to be split out.
    is_ticked: bool,
    /// Its last version before the merge.
    version_before: i64,
    fields: Vec<Message>,
    /// Kind of rows and how many moved.
    moved: Vec<(&'static str, usize)>,
}

/// A row that came after the merge, and whose it may become.
struct AfterLine {
    label: String,
    /// The name in the form.
    field: String,
    parts: Vec<Choice>,
}

impl AfterLine {
    fn of(row: CameAfter, parts: &[PartLine], asked: &UndoRequest) -> Self {
        let known = asked.assign.iter().find(|one| one.kind == row.kind && one.row_id == row.row_id);
        let given = known.map(|one| one.customer_id.to_string()).unwrap_or_default();
        let standing = parts.iter().filter(|part| part.undone_at.is_none());
        Self {
            field: format!("assign.{}.{}", row.kind, row.row_id),
            label: row.label,
            parts: choices(standing.map(|part| (part.id.as_str(), part.name.as_str())), &given),
        }
    }
}

#[derive(Template)]
#[template(path = "merge/show.html")]
struct MergeShown {
    shell: Shell,
    merge: MergeRow,
    survivor: String,
    parts: Vec<PartLine>,
    came_after: Vec<AfterLine>,
    refusal: Option<Reason>,
    /// What could not go back when it was undone.
    remarks: Vec<Remark>,
    /// An undo that was refused.
    refused: Option<Message>,
    may_undo: bool,
    sees_history: bool,
}

impl MergeShown {
    fn is_open(&self) -> bool {
        self.refusal.is_none() && self.may_undo
    }
}

fn moved_by_kind(registry: &Registry, moved: &[store::MovedRow], part: Uuid) -> Vec<(&'static str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in moved.iter().filter(|row| row.part_id == part) {
        *counts.entry(row.table_name.as_str()).or_default() += 1;
    }
    let kinds = registry.records();
    kinds.filter_map(|(table, record)| Some((record.name, *counts.get(table.name)?))).collect()
}

/// An undo that was refused, and why.
struct Refused<'a> {
    asked: &'a UndoRequest,
    why: Message,
}

async fn page(app: &App, context: &PageContext, id: Uuid, refused: Option<Refused<'_>>) -> PageResult {
    let db = app.db.read();
    let merge = store::find(db, id).await?.ok_or(AppError::NotFound)?;
    let permissions = &context.caller()?.permissions;
    reach::ensure(app, context.caller()?, merge.survivor_id).await?;
    let directory = Directory::load(db).await?;
    let parts = store::parts(db, id).await?;
    let ids: Vec<Uuid> = parts.iter().map(|part| part.customer_id).chain([merge.survivor_id]).collect();
    let records = customer_store::find_many(db, &ids).await?;
    let name = |id: Uuid| records.iter().find(|record| record.id == id).map(|record| named(record, permissions));
    let moved = store::rows_of(db, id).await?;
    let taken = store::fields_of(db, id).await?;
    let status = if refused.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let asked = refused.as_ref().map(|refused| refused.asked.clone());
    let is_ticked = |id: Uuid| asked.as_ref().is_none_or(|asked| asked.parts.contains(&id));
    let lines = parts.iter().map(|part| PartLine {
        is_ticked: is_ticked(part.customer_id),
        id: part.customer_id.to_string(),
        name: name(part.customer_id).unwrap_or_default(),
        undone_at: part.undone_at,
        version_before: part.version - 1,
        fields: taken
            .iter()
            .filter(|field| field.part_id == part.customer_id && !field.field.starts_with("alias."))
            .map(|field| path_label(&field.field, &directory))
            .collect(),
        moved: moved_by_kind(&app.registry, &moved, part.customer_id),
    });
    let refusal = undo::refusal(db, &merge, app.clock.now()).await?;
    let came_after = match refusal.is_none() && permissions.sight.fields.is_unlimited() {
        true => undo::came_after(db, &app.registry, &merge).await?,
        false => Vec::new(),
    };
    let lines: Vec<PartLine> = lines.collect();
    let asked = asked.clone().unwrap_or_default();
    let came_after = came_after.into_iter().map(|row| AfterLine::of(row, &lines, &asked));
    let page = MergeShown {
        shell: context.shell.clone(),
        survivor: name(merge.survivor_id).unwrap_or_default(),
        came_after: came_after.collect(),
        parts: lines,
        refusal,
        remarks: store::remarks(db, id).await?,
        refused: refused.map(|refused| refused.why),
        may_undo: context.may(Permission::CustomerMergeUndo),
        sees_history: context.may(Permission::HistoryView),
        merge,
    };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn show(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    page(&app, &context, id, None).await
}

/// `part` repeated, and `assign.<kind>.<row>` with the id of the record that gets the row.
fn request_of(pairs: &[(String, String)]) -> UndoRequest {
    let mut request = UndoRequest::default();
    for (name, value) in pairs {
        let Ok(id) = value.parse::<Uuid>() else { continue };
        let mut parts = name.split('.');
        match (parts.next(), parts.next(), parts.next().and_then(|row| row.parse().ok())) {
            (Some("part"), None, _) => request.parts.push(id),
            (Some("assign"), Some(kind), Some(row_id)) => {
                request.assign.push(Assignment { kind: kind.to_owned(), row_id, customer_id: id });
            }
            _ => {}
        }
    }
    request
}

async fn run(app: &App, context: &PageContext, id: Uuid, request: &UndoRequest) -> AppResult<undo::Remarks> {
    let tx = app.begin_write().await?;
    let remarks = take_back(&tx, app, context.caller()?, id, request).await?;
    tx.commit().await?;
    Ok(remarks)
}

async fn undo_merge(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let request = request_of(&pairs);
    let offers_a_choice = pairs.iter().any(|(name, _)| name == "chooses");
    if offers_a_choice && request.parts.is_empty() {
        let why = tr!("Tick at least one record.").into();
        return page(&app, &context, id, Some(Refused { asked: &request, why })).await;
    }
    match run(&app, &context, id, &request).await {
        Ok(remarks) => {
            let done = redirect_to(format!("/merges/{id}"));
            Ok(match remarks.into_iter().next() {
                None => done.saying(tr!("The records are separate again")).into_response(),
                Some(remark) => done.warning(remark.detail).into_response(),
            })
        }
        Err(AppError::Conflict(reason)) => {
            page(&app, &context, id, Some(Refused { asked: &request, why: reason.detail })).await
        }
        Err(AppError::Invalid(errors)) => {
            let why = errors.0.into_iter().next().map(|error| error.detail);
            page(&app, &context, id, why.map(|why| Refused { asked: &request, why })).await
        }
        Err(other) => Err(other),
    }
}

async fn make_final(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let tx = app.begin_write().await?;
    finalise(&tx, &app, context.caller()?, id).await?;
    tx.commit().await?;
    Ok(redirect_to(format!("/merges/{id}")).saying(tr!("The merge is final")).into_response())
}

/// A line of the customer's merges.
struct MergeLine {
    merge: MergeRow,
    /// The records that became part of this one; of a merge into another one, that one.
    names: Vec<String>,
    was_part: bool,
}

#[derive(Template)]
#[template(path = "merge/of_customer.html", blocks = ["record"])]
struct MergesPage {
    shell: Shell,
    record: Record,
    merges: Vec<MergeLine>,
    may_merge: bool,
}

async fn of_customer(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> PageResult {
    let customer = find_customer(&app, &context, id).await?;
    let db = app.db.read();
    let directory = Directory::load(db).await?;
    let record = load(&app, &context, &headers, &customer, &directory, "merges").await?;
    let permissions = &context.caller()?.permissions;
    let mut merges = Vec::new();
    for merge in store::of_customer(db, id).await? {
        let was_part = merge.survivor_id != id;
        let ids: Vec<Uuid> = match was_part {
            true => vec![merge.survivor_id],
            false => store::parts(db, merge.id).await?.iter().map(|part| part.customer_id).collect(),
        };
        let records = customer_store::find_many(db, &ids).await?;
        let names = records.iter().map(|record| named(record, permissions)).collect();
        merges.push(MergeLine { names, was_part, merge });
    }
    let may_merge = context.may(Permission::CustomerMerge) && customer.can_be_edited();
    let page = MergesPage { shell: context.shell.clone(), record, merges, may_merge };
    Ok(if context.htmx.wants("record") {
        ui::fragment_status(StatusCode::OK, &page.as_record(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    })
}
