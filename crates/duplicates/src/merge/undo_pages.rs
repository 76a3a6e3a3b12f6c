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
use platform::registry::Registry;
use platform::tr;
use platform::ui::{self, Shell, filters, redirect_to};
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
    /// Its last version before the merge.
    version_before: i64,
    fields: Vec<Message>,
    /// Kind of rows and how many moved.
    moved: Vec<(&'static str, usize)>,
}

#[derive(Template)]
#[template(path = "merge/show.html")]
struct MergeShown {
    shell: Shell,
    merge: MergeRow,
    survivor: String,
    parts: Vec<PartLine>,
    came_after: Vec<CameAfter>,
    refusal: Option<Reason>,
    /// What could not go back when it was undone.
    remarks: Vec<Remark>,
    /// An undo that was refused.
    refused: Option<Message>,
    may_undo: bool,
    sees_history: bool,
}

impl MergeShown {
    fn standing(&self) -> impl Iterator<Item = &PartLine> {
        self.parts.iter().filter(|part| part.undone_at.is_none())
    }

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

async fn page(app: &App, context: &PageContext, id: Uuid, refused: Option<Message>) -> PageResult {
    let db = app.db.read();
    let merge = store::find(db, id).await?.ok_or(AppError::NotFound)?;
    let permissions = &context.caller()?.permissions;
    let directory = Directory::load(db).await?;
    let parts = store::parts(db, id).await?;
    let ids: Vec<Uuid> = parts.iter().map(|part| part.customer_id).chain([merge.survivor_id]).collect();
    let records = customer_store::find_many(db, &ids).await?;
    let name = |id: Uuid| records.iter().find(|record| record.id == id).map(|record| named(record, permissions));
    let moved = store::rows_of(db, id).await?;
    let taken = store::fields_of(db, id).await?;
    let lines = parts.iter().map(|part| PartLine {
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
    let came_after = match refusal.is_none() && permissions.fields.is_unlimited() {
        true => undo::came_after(db, &app.registry, &merge).await?,
        false => Vec::new(),
    };
    let status = if refused.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let page = MergeShown {
        shell: context.shell.clone(),
        survivor: name(merge.survivor_id).unwrap_or_default(),
        parts: lines.collect(),
        came_after,
        refusal,
        remarks: store::remarks(db, id).await?,
        refused,
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
        return page(&app, &context, id, Some(tr!("Tick at least one record.").into())).await;
    }
    match run(&app, &context, id, &request).await {
        Ok(remarks) => {
            let done = redirect_to(format!("/merges/{id}"));
            Ok(match remarks.into_iter().next() {
                None => done.saying(tr!("The records are separate again")).into_response(),
                Some(remark) => done.warning(remark.detail).into_response(),
            })
        }
        Err(AppError::Conflict(reason)) => page(&app, &context, id, Some(reason.detail)).await,
        Err(AppError::Invalid(errors)) => {
            let why = errors.0.into_iter().next().map(|error| error.detail);
            page(&app, &context, id, why).await
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
    names: Vec<String>,
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
    let mut merges = Vec::new();
    for merge in store::of_customer(db, id).await? {
        let parts = store::parts(db, merge.id).await?;
        let ids: Vec<Uuid> = parts.iter().map(|part| part.customer_id).collect();
        let records = customer_store::find_many(db, &ids).await?;
        let names = records.iter().map(|record| {
            named(record, &context.caller().map(|caller| caller.permissions.clone()).unwrap_or_default())
        });
        merges.push(MergeLine { names: names.collect(), merge });
    }
    let may_merge = context.may(Permission::CustomerMerge) && customer.can_be_edited();
    let page = MergesPage { shell: context.shell.clone(), record, merges, may_merge };
    Ok(if context.htmx.wants("record") {
        ui::fragment_status(StatusCode::OK, &page.as_record(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    })
}
