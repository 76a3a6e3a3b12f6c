//! Carrying out a plan: rows move, the others become part of the survivor, each with its own history entry.

use std::collections::HashMap;

use customers::customer::MERGE;
use customers::customer::model::Customer;
use customers::customer::profile::Profile;
use customers::customer::save::{self, Writer};
use customers::customer::store as customer_store;
use customers::directory::Directory;
use platform::clock::DAY;
use platform::db::Tx;
use platform::error::{AppError, AppResult, Reason};
use platform::history::About;
use platform::ids::new_id;
use platform::registry::Registry;
use platform::tr;
use uuid::Uuid;

use super::fields;
use super::plan::Plan;
use super::rows::{self, KindPlan, key_at};
use super::store::{self, FieldRow, MergeRow, MovedRow, PartRow};

/// The table of customers in the journal: a row of it that moves is a sub-account.
pub(super) const CUSTOMERS: &str = "customer";

/// Merges as planned; `digest` is what the preview showed, where there was one.
///
/// # Errors
/// `Conflict` with the first blocker, or `plan_stale` when the plan is not the one that was shown.
pub async fn carry_out(
    tx: &Tx,
    registry: &Registry,
    directory: &Directory,
    writer: &Writer,
    plan: &Plan,
    digest: Option<&str>,
) -> AppResult<MergeRow> {
    if let Some(reason) = plan.blockers.first() {
        return Err(AppError::Conflict(reason.clone()));
    }
    if digest.is_some_and(|digest| digest != plan.digest()) {
        let detail = tr!("Something changed since the preview. Nothing was merged.");
        let reason = Reason::new("plan_stale", detail).with_remedy(tr!("Look at the new preview."));
        return Err(AppError::Conflict(reason));
    }
    let merge_id = new_id(writer.now);
    let mut journal = move_rows(tx, registry, plan).await?;
    journal.extend(move_sub_accounts(tx, writer, plan, merge_id).await?);
    let mut parts = Vec::new();
    for (position, part) in plan.parts().iter().enumerate() {
        let version = absorb(tx, writer, part, plan.survivor().id, merge_id).await?;
        let (customer_id, position) = (part.id, position as i64);
        parts.push(PartRow { merge_id, customer_id, position, version, undone_at: None });
    }
    let survivor = write_survivor(tx, directory, writer, plan, merge_id).await?;
    let merge = MergeRow {
        id: merge_id,
        survivor_id: survivor.id,
        survivor_version: survivor.version,
        staff_id: writer.actor.id,
        actor_name: writer.actor.name.clone(),
        created_at: writer.now,
        undo_until: writer.now + directory.settings.merge_undo_days * DAY,
        undone_at: None,
        finalised_at: None,
    };
    store::add(tx, &merge).await?;
    store::add_parts(tx, &parts).await?;
    store::add_rows(tx, merge.id, journal).await?;
    let (before_version, after_version) = (survivor.version, survivor.version);
    let field = |(field, part_id)| FieldRow { merge_id, part_id, field, before_version, after_version };
    store::add_fields(tx, plan.combined.taken.clone().into_iter().map(field)).await?;
    Ok(merge)
}

pub(super) fn key_text(key: &[Uuid]) -> String {
    key.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",")
}

pub(super) fn place_text(place: &rows::Place) -> AppResult<String> {
    serde_json::to_string(place).map_err(AppError::broken)
}

/// The journal's line for a row that moved.
pub(super) fn moved_row(kind: rows::Kind<'_>, step: &rows::Move) -> AppResult<MovedRow> {
    Ok(MovedRow {
        part_id: step.part,
        table_name: kind.table.to_owned(),
        column_name: kind.column.to_owned(),
        row_key: key_text(&key_at(kind, &step.key, step.after.customer)),
        place_before: place_text(&step.before)?,
        place_after: place_text(&step.after)?,
    })
}

async fn move_rows(tx: &Tx, registry: &Registry, plan: &Plan) -> AppResult<Vec<MovedRow>> {
    let mut journal = Vec::new();
    let planned: HashMap<(&str, &str), &KindPlan> =
        plan.kinds.iter().map(|kind| ((kind.table, kind.column), kind)).collect();
    for kind in rows::kinds(registry) {
        let Some(planned) = planned.get(&(kind.table, kind.column)) else { continue };
        let moves: Vec<_> = planned.moves.iter().map(|step| (step.key.as_slice(), &step.before, &step.after)).collect();
        rows::shift_all(tx, kind, &moves).await?;
        for step in &planned.moves {
            journal.push(moved_row(kind, step)?);
        }
    }
    Ok(journal)
}

async fn move_sub_accounts(tx: &Tx, writer: &Writer, plan: &Plan, merge: Uuid) -> AppResult<Vec<MovedRow>> {
    let survivor = plan.survivor().id;
    let mut journal = Vec::new();
    for (child, part) in &plan.sub_accounts {
        set_parent(tx, writer, *child, (*part, survivor), "parent_merged", merge).await?;
        let place = |customer| place_text(&rows::Place { customer, position: None, marks: Vec::new() });
        journal.push(MovedRow {
            part_id: *part,
            table_name: CUSTOMERS.to_owned(),
            column_name: "owner_id".to_owned(),
            row_key: child.to_string(),
            place_before: place(*part)?,
            place_after: place(survivor)?,
        });
    }
    Ok(journal)
}

/// Gives a sub-account another parent if it still has the one named. `merge` is named in its history.
pub(super) async fn set_parent(
    tx: &Tx,
    writer: &Writer,
    child: Uuid,
    (from, to): (Uuid, Uuid),
    action: &'static str,
    merge: Uuid,
) -> AppResult<()> {
    let Some(before) = customer_store::find(tx, child).await?.filter(|found| found.owner_id == Some(from)) else {
        return Ok(());
    };
    let mut after = before.clone();
    after.owner_id = Some(to);
    save::write(tx, writer, &before, after, action, about(merge)).await?;
    Ok(())
}

/// The merge as history entries name it.
pub(super) fn about(merge: Uuid) -> About {
    About { entity: MERGE, id: merge }
}

/// The record that stays behind: out of lists and search, pointing to the survivor (R2).
async fn absorb(tx: &Tx, writer: &Writer, part: &Customer, survivor: Uuid, merge: Uuid) -> AppResult<i64> {
    let stored = reload(tx, part.id).await?;
    let mut after = stored.clone();
    after.deleted_at = Some(writer.now);
    after.merged_into = Some(survivor);
    // Account codes are unique; the survivor has it now, or its alias.
    after.account_code.clear();
    let written = save::write_moved(tx, writer, part, &stored, after, "merged_into", about(merge)).await?;
    Ok(written.version)
}

pub(super) async fn reload(tx: &Tx, id: Uuid) -> AppResult<Customer> {
    customer_store::find(tx, id).await?.ok_or_else(|| AppError::broken("a customer vanished while it was merged"))
}

async fn write_survivor(
    tx: &Tx,
    directory: &Directory,
    writer: &Writer,
    plan: &Plan,
    merge: Uuid,
) -> AppResult<Customer> {
    let stored = reload(tx, plan.survivor().id).await?;
    let mut after = stored.clone();
    for field in plan.combined.taken.keys() {
        let value = taken_value(&plan.combined.survivor, field);
        fields::put(&mut after, field, &value);
    }
    settle(&mut after, directory);
    save::write_moved(tx, writer, plan.survivor(), &stored, after, "merged", about(merge)).await
}

fn taken_value(survivor: &Customer, field: &str) -> String {
    if let Some(alias) =
        survivor.aliases.iter().find(|alias| field == format!("alias.{}.{}", alias.id, alias.kind.key()))
    {
        return alias.value.clone();
    }
    if field.starts_with("channel.") { "yes".to_owned() } else { fields::value(survivor, field) }
}

/// What follows from the rest of a record: one primary row of each kind, and whether something is missing.
pub(super) fn settle(customer: &mut Customer, directory: &Directory) {
    customer.settle_primaries();
    customer.channels.sort();
    customer.aliases.sort_by_key(|alias| alias.id);
    customer.incomplete = !directory.profiles.missing(Profile::Full, customer).is_empty();
}
