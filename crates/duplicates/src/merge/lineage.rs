//! Lineage: which record each value of a customer came from. Read from the journals of the merges that still stand; a value
//! that was edited since, or that went back with an undo, is the customer's own again.

use std::collections::BTreeMap;

use axum::extract::State;
use customers::customer::flatten::flatten;
use customers::customer::model::Customer;
use customers::customer::store as customer_store;
use platform::app::App;
use platform::auth::{Caller, FieldRights, Permission};
use platform::error::AppResult;
use platform::history::{self, EventRow};
use platform::http::{Access, ApiRoute, Page, Path, Problem, api};
use platform::origins::{Origin, OriginsFuture};
use platform::sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::store::{self, MergeRow, MovedRow};

/// Merges of merges that are followed.
const DEEPEST: usize = 50;

/// The operation that tells the lineage.
pub fn routes() -> Vec<ApiRoute> {
    vec![api(Access::Needs(Permission::CustomerView), routes!(read_lineage))]
}

/// A value and the record that it came from.
struct Came {
    /// A field of the history, or the row that it is part of: `title`, `email.<id>`.
    part: String,
    from: Uuid,
    merge: MergeRow,
}

/// The name in the history of a row that moved.
fn row_part(row: &MovedRow) -> Option<String> {
    let kind = match row.table_name.as_str() {
        "customer_email" => "email",
        "customer_phone" => "phone",
        "customer_address" => "address",
        "customer_membership" => "group",
        "customer_channel" => "channel",
        "customer_tag" => "tag",
        _ => return None,
    };
    // Rows without an id of their own are named after what they link to.
    let id = row.row_key.split(',').find(|id| !row.place_after.contains(*id))?;
    Some(format!("{kind}.{id}"))
}

/// Which row or billing address is the first is no value that came from anywhere.
fn is_value(field: &str) -> bool {
    !matches!(field.rsplit('.').next(), Some("primary" | "billing" | "delivery"))
}

fn touches(event: &EventRow, part: &str) -> bool {
    let is_row = part.contains('.');
    event.field_names().into_iter().any(|field| match is_row {
        true => field.starts_with(part) && is_value(field),
        false => field == part,
    })
}

/// What came by the merges of one survivor, by part; the latest merge counts.
async fn brought(db: &impl ConnectionTrait, survivor: Uuid) -> AppResult<BTreeMap<String, (Came, i64)>> {
    let mut found = BTreeMap::new();
    let mut standing: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for part in store::standing_parts(db, survivor).await? {
        standing.entry(part.merge_id).or_default().push(part.customer_id);
    }
    for (id, parts) in standing {
        let Some(merge) = store::find(db, id).await? else { continue };
        for field in store::standing_fields(db, id).await? {
            let came = Came { part: field.field.clone(), from: field.part_id, merge: merge.clone() };
            found.insert(field.field, (came, field.after_version));
        }
        for row in store::rows_of(db, id).await?.iter().filter(|row| parts.contains(&row.part_id)) {
            if let Some(part) = row_part(row) {
                let came = Came { part: part.clone(), from: row.part_id, merge: merge.clone() };
                found.insert(part, (came, merge.survivor_version));
            }
        }
    }
    Ok(found)
}

/// Where the values of a customer came from that are still as they came.
async fn lineage(db: &impl ConnectionTrait, customer: &Customer) -> AppResult<Vec<Came>> {
    let found = brought(db, customer.id).await?;
    let Some(first) = found.values().map(|(_, version)| *version).min() else { return Ok(Vec::new()) };
    let events = history::since_version(db, customer.id, first).await?;
    let flat = flatten(customer);
    let is_there = |part: &str| flat.keys().any(|field| field == part || field.starts_with(&format!("{part}.")));
    let is_own = |part: &str, version: i64| {
        let is_merge = |event: &EventRow| matches!(event.action.as_str(), "merged" | "merge_undone");
        events.iter().any(|event| event.version > version && !is_merge(event) && touches(event, part))
    };
    let mut came = Vec::new();
    for (part, (mut known, version)) in found {
        if !is_there(&part) || is_own(&part, version) {
            continue;
        }
        // What came from a record that had it from another one came from that one.
        for _ in 0..DEEPEST {
            let Some((earlier, _)) = brought(db, known.from).await?.remove(&part) else { break };
            known = earlier;
        }
        came.push(known);
    }
    Ok(came)
}

/// Tells the pages of a customer where the values came from.
pub fn origins(app: App, customer: Uuid) -> OriginsFuture {
    Box::pin(async move {
        let customer = customer_store::get(app.db.read(), customer).await?;
        let came = lineage(app.db.read(), &customer).await?;
        let ids: Vec<Uuid> = came.iter().map(|came| came.from).collect();
        let names = customer_store::names(app.db.read(), &ids).await?;
        let origin = |came: Came| Origin {
            from: names.get(&came.from).map(|(_, number)| number.clone()).unwrap_or_default(),
            href: format!("/merges/{}", came.merge.id),
            part: came.part,
        };
        Ok(came.into_iter().map(origin).collect())
    })
}

/// A value of a customer and the record that it came from.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineageBody {
    /// A field (`title`) or a row (`email.<id>`, `address.<id>`, `group.<id>`).
    pub part: String,
    /// The record that became part of the customer.
    pub from_id: Uuid,
    pub from_number: String,
    /// The merge that brought it.
    pub merge_id: Uuid,
    pub merged_at: i64,
    pub by: String,
}

fn is_seen(part: &str, rights: &FieldRights) -> bool {
    let field = customers::customer::field_rights::of_path(part);
    !rights.hides(field)
}

/// List which record each value came from. Values that the customer always had, or that were edited since, are not listed.
#[utoipa::path(get, path = "/api/v1/customers/{id}/lineage", tag = "merges", params(("id" = Uuid, Path)),
    responses((status = 200, body = Page<LineageBody>), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn read_lineage(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> AppResult<axum::Json<Page<LineageBody>>> {
    let customer = customer_store::get(app.db.read(), id).await?;
    let mut came = lineage(app.db.read(), &customer).await?;
    came.retain(|came| is_seen(&came.part, caller.fields()));
    let ids: Vec<Uuid> = came.iter().map(|came| came.from).collect();
    let names = customer_store::names(app.db.read(), &ids).await?;
    let body = |came: Came| LineageBody {
        from_number: names.get(&came.from).map(|(_, number)| number.clone()).unwrap_or_default(),
        part: came.part,
        from_id: came.from,
        merge_id: came.merge.id,
        merged_at: came.merge.created_at,
        by: came.merge.actor_name,
    };
    Ok(axum::Json(Page { items: came.into_iter().map(body).collect(), next: None }))
}
