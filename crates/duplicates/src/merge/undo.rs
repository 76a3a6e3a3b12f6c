//! Taking a merge back, whole or for one of its parts (R2). Three ways are compared: what the merge changed and nobody
//! touched since goes back, what was changed afterwards stays as it is now.

use std::collections::BTreeMap;

use customers::customer::model::{Customer, PrivacyState};
use customers::customer::ownership;
use customers::customer::save::{self, Writer};
use customers::customer::store as customer_store;
use customers::directory::Directory;
use platform::clock::Micros;
use platform::db::Tx;
use platform::error::{AppError, AppResult, FieldErrors, Reason, ReasonRow};
use platform::i18n::Message;
use platform::registry::Registry;
use platform::sea_orm::ConnectionTrait;
use platform::tr;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::carry_out::{CUSTOMERS, about, moved_row, reload, set_parent, settle};
use super::rows::{self, Kind, Move, Place, Row};
use super::store::{self, MergeRow, MovedRow, PartRow};
use super::survivor_back::sealed;

/// A row that came to the survivor after the merge and belongs to one of the parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The kind of row, for example `addresses`.
    pub kind: String,
    pub row_id: Uuid,
    pub customer_id: Uuid,
}

/// What to take back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UndoRequest {
    /// The records to split out again; empty for all.
    pub parts: Vec<Uuid>,
    /// Rows that came after the merge and go to a part; all others stay with the survivor.
    pub assign: Vec<Assignment>,
}

/// What could not go back, in a sentence each. Kept with the merge: see [`store::remarks`].
pub type Remarks = Vec<Reason>;

/// Why a merge cannot be undone, if so; the same for the screen's button and the undo itself.
///
/// # Errors
/// When the database cannot be read.
pub async fn refusal(db: &impl ConnectionTrait, merge: &MergeRow, now: Micros) -> AppResult<Option<Reason>> {
    let plain = |code, detail| Ok(Some(Reason::new(code, detail)));
    if merge.undone_at.is_some() {
        return plain("merge_undone", tr!("This merge was undone already."));
    }
    if merge.finalised_at.is_some() {
        return plain("merge_final", tr!("This merge was made final."));
    }
    if now > merge.undo_until {
        return plain("undo_window_over", tr!("The time in which this merge could be undone is over."));
    }
    let parts = store::parts(db, merge.id).await?;
    let ids: Vec<Uuid> = parts.iter().map(|part| part.customer_id).chain([merge.survivor_id]).collect();
    let records = customer_store::find_many(db, &ids).await?;
    if records.iter().any(|record| record.privacy_state != PrivacyState::Normal || record.history_key.is_none()) {
        return plain("customer_anonymous", tr!("The personal data of one of these customers were removed."));
    }
    let Some(survivor) = records.iter().find(|record| record.id == merge.survivor_id) else {
        return Err(AppError::NotFound);
    };
    if survivor.merged_into.is_some() {
        let by = store::absorbed_in(db, survivor.id).await?;
        let outer = match by {
            Some(id) => store::find(db, id).await?,
            None => None,
        };
        if outer.is_some_and(|outer| outer.finalised_at.is_some() || now > outer.undo_until) {
            let detail = tr!("The surviving customer became part of another one since, for good.");
            return plain("survivor_merged_for_good", detail);
        }
        let detail = tr!("The surviving customer became part of another one since.");
        let reason = Reason::new("survivor_merged", detail).with_remedy(tr!("Undo that merge first."));
        let row = |id: Uuid| ReasonRow { label: survivor.number.clone(), href: format!("/merges/{id}") };
        return Ok(Some(reason.with_rows(by.into_iter().map(row).collect())));
    }
    if survivor.deleted_at.is_some() {
        let reason = Reason::new("customer_in_bin", tr!("The surviving customer is in the bin."));
        return Ok(Some(reason.with_remedy(tr!("Restore the customer first."))));
    }
    later_merge(db, merge).await
}

/// A later merge that took a value over one of this merge: which value was there before cannot be told any more until that
/// one is undone.
async fn later_merge(db: &impl ConnectionTrait, merge: &MergeRow) -> AppResult<Option<Reason>> {
    let own = store::standing_fields(db, merge.id).await?;
    for later in store::later(db, merge).await? {
        let theirs = store::standing_fields(db, later.id).await?;
        if theirs.iter().any(|field| own.iter().any(|known| known.field == field.field)) {
            let detail = tr!("A later merge changed the same fields.");
            let reason = Reason::new("later_merge", detail).with_remedy(tr!("Undo that merge first."));
            let label = numbers_of(db, later.id).await?;
            return Ok(Some(reason.with_rows(vec![ReasonRow { label, href: format!("/merges/{}", later.id) }])));
        }
    }
    Ok(None)
}

/// The records of a merge by their numbers.
async fn numbers_of(db: &impl ConnectionTrait, merge: Uuid) -> AppResult<String> {
    let parts: Vec<Uuid> = store::parts(db, merge).await?.into_iter().map(|part| part.customer_id).collect();
    let names = customer_store::names(db, &parts).await?;
    let numbers = parts.iter().filter_map(|id| names.get(id)).map(|(_, number)| number.as_str());
    Ok(numbers.collect::<Vec<_>>().join(", "))
}

pub(super) struct Undo<'a> {
    pub(super) tx: &'a Tx,
    pub(super) registry: &'a Registry,
    pub(super) directory: &'a Directory,
    pub(super) writer: &'a Writer,
    pub(super) merge: &'a MergeRow,
    /// The parts that go back now.
    pub(super) parts: Vec<PartRow>,
    /// As they were when the undo began.
    pub(super) before: BTreeMap<Uuid, Customer>,
    pub(super) remarks: Remarks,
}

/// Undoes a merge or some of its parts.
///
/// # Errors
/// `Conflict` with the reason of [`refusal`]; `Invalid` for parts or assignments that do not belong to the merge.
pub async fn undo(
    tx: &Tx,
    registry: &Registry,
    directory: &Directory,
    writer: &Writer,
    merge: &MergeRow,
    request: &UndoRequest,
) -> AppResult<Remarks> {
    if let Some(reason) = refusal(tx, merge, writer.now).await? {
        return Err(AppError::Conflict(reason));
    }
    let parts = chosen_parts(tx, merge, request).await?;
    let ids: Vec<Uuid> = parts.iter().map(|part| part.customer_id).chain([merge.survivor_id]).collect();
    let records = customer_store::find_many(tx, &ids).await?;
    let before = records.into_iter().map(|record| (record.id, record)).collect();
    let mut undo = Undo { tx, registry, directory, writer, merge, parts, before, remarks: Vec::new() };
    undo.rows_back().await?;
    undo.assign(&request.assign).await?;
    let brought = undo.brought().await?;
    undo.survivor_back().await?;
    undo.note_settled(brought).await?;
    undo.parts_back().await?;
    let ids: Vec<Uuid> = undo.parts.iter().map(|part| part.customer_id).collect();
    store::set_undone(tx, merge.id, &ids, writer.now).await?;
    store::add_remarks(tx, merge.id, writer.now, &undo.remarks).await?;
    Ok(undo.remarks)
}

async fn chosen_parts(tx: &Tx, merge: &MergeRow, request: &UndoRequest) -> AppResult<Vec<PartRow>> {
    let standing: Vec<PartRow> =
        store::parts(tx, merge.id).await?.into_iter().filter(|part| part.undone_at.is_none()).collect();
    let mut errors = FieldErrors::default();
    for id in request.parts.iter().filter(|id| !standing.iter().any(|part| part.customer_id == **id)) {
        let text = Message::new(tr!("{id} is not part of this merge, or not any more.")).with("id", id);
        errors.add("parts", "not_in_merge", text);
    }
    errors.into_result()?;
    let is_chosen = |part: &PartRow| request.parts.is_empty() || request.parts.contains(&part.customer_id);
    Ok(standing.into_iter().filter(is_chosen).collect())
}

fn read_place(text: &str) -> AppResult<Place> {
    serde_json::from_str(text).map_err(AppError::broken)
}

fn read_key(text: &str) -> AppResult<Vec<Uuid>> {
    text.split(',').map(|id| id.parse().map_err(AppError::broken)).collect()
}

impl Undo<'_> {
    pub(super) fn goes_back(&self, part: Uuid) -> bool {
        self.parts.iter().any(|known| known.customer_id == part)
    }

    async fn rows_back(&mut self) -> AppResult<()> {
        let journal = store::rows_of(self.tx, self.merge.id).await?;
        let journal: Vec<MovedRow> = journal.into_iter().filter(|row| self.goes_back(row.part_id)).collect();
        for kind in rows::kinds(self.registry) {
            let mut steps = Vec::new();
            for row in journal.iter().filter(|row| row.is_of(kind.table, kind.column)) {
                let (before, after) = (read_place(&row.place_before)?, read_place(&row.place_after)?);
                steps.push((read_key(&row.row_key)?, after, before));
            }
            if steps.is_empty() {
                continue;
            }
            let leaving: Vec<Row> = rows::read(self.tx, kind, &[self.merge.survivor_id]).await?;
            let leaving = leaving.into_iter().filter(|row| steps.iter().any(|(key, ..)| *key == row.key)).collect();
            let shifts: Vec<_> = steps.iter().map(|(key, from, to)| (key.as_slice(), from, to)).collect();
            let moved = rows::shift_all(self.tx, kind, &shifts).await?;
            self.note_gone(kind, shifts.len() as u64 - moved);
            self.replace(kind, leaving).await?;
        }
        for row in journal.iter().filter(|row| row.table_name == CUSTOMERS) {
            let child = row.row_key.parse().map_err(AppError::broken)?;
            let (from, to) = (self.merge.survivor_id, row.part_id);
            let action = "parent_merge_undone";
            if ownership::is_under(self.tx, to, &[child]).await? {
                self.remarks.push(circle());
            } else {
                set_parent(self.tx, self.writer, child, (from, to), action, self.merge.id).await?;
            }
        }
        Ok(())
    }

    /// Rows that somebody deleted or gave away since do not come back, but it is said.
    fn note_gone(&mut self, kind: Kind<'_>, gone: u64) {
        if gone > 0 {
            let detail =
                Message::new(tr!("{n} of what had moved is not there any more and does not come back: {kind}."));
            let detail = detail.with("n", gone).with_word("kind", kind.record.name);
            self.remarks.push(Reason::new("rows_gone", detail));
        }
    }

    /// The parent of a record that comes back: it may have gone, or belong under the record by now (R25).
    pub(super) async fn settle_parent(&mut self, customer: &mut Customer) -> AppResult<()> {
        let Some(owner) = customer.owner_id else { return Ok(()) };
        if !self.goes_back(owner) && !save::exists(self.tx, owner).await? {
            customer.owner_id = None;
            let detail = tr!("The parent account is gone; the customer stands on its own now.");
            self.remarks.push(Reason::new("parent_gone", detail));
        } else if ownership::is_under(self.tx, owner, &[customer.id]).await? {
            customer.owner_id = None;
            self.remarks.push(circle());
        }
        Ok(())
    }

    /// Other records that are still part of the survivor may have brought the same rows as those that leave; theirs were
    /// left behind as they were there already. Now they move.
    async fn replace(&self, kind: Kind<'_>, leaving: Vec<Row>) -> AppResult<()> {
        let standing = store::standing_parts(self.tx, self.merge.survivor_id).await?;
        let others: Vec<&PartRow> = standing.iter().filter(|part| !self.goes_back(part.customer_id)).collect();
        if others.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = others.iter().map(|part| part.customer_id).collect();
        let mut waiting = rows::read(self.tx, kind, &ids).await?;
        for gone in leaving {
            let Some(at) = waiting.iter().position(|row| row.is_same_as(&gone)) else { continue };
            let row = waiting.swap_remove(at);
            let Some(part) = others.iter().find(|part| part.customer_id == row.place.customer) else { continue };
            let after = Place { customer: self.merge.survivor_id, ..gone.place };
            rows::shift(self.tx, kind, &row.key, &row.place, &after).await?;
            let (table, label, key) = (kind.table, row.label, row.key);
            let step = Move { table, key, part: part.customer_id, before: row.place, after, label };
            store::add_rows(self.tx, part.merge_id, vec![moved_row(kind, &step)?]).await?;
        }
        Ok(())
    }

    async fn assign(&self, assignments: &[Assignment]) -> AppResult<()> {
        let mut errors = FieldErrors::default();
        let after =
            if assignments.is_empty() { Vec::new() } else { came_after(self.tx, self.registry, self.merge).await? };
        for (at, assignment) in assignments.iter().enumerate() {
            let field = || format!("assign.{at}");
            let kinds: Vec<Kind<'_>> = rows::kinds(self.registry)
                .into_iter()
                .filter(|kind| kind.record.key == assignment.kind && has_own_id(*kind))
                .collect();
            if kinds.is_empty() {
                errors.add(field(), "cannot_be_assigned", tr!("Rows of this kind cannot be given to a record."));
                continue;
            }
            let is_meant = |row: &&CameAfter| row.kind == assignment.kind && row.row_id == assignment.row_id;
            let Some(row) = after.iter().find(is_meant) else {
                errors.add(field(), "not_after_merge", tr!("This row did not come after the merge."));
                continue;
            };
            if !self.goes_back(assignment.customer_id) {
                let why = tr!("{value} can only be given to a record that is split out.");
                errors.add(field(), "cannot_be_assigned", Message::new(why).with("value", &row.label));
                continue;
            }
            // By every column that names the survivor: who ordered, and who pays.
            for kind in kinds {
                let rows = rows::read(self.tx, kind, &[self.merge.survivor_id]).await?;
                let Some(row) = rows.iter().find(|row| row.key == [assignment.row_id]) else { continue };
                let to = Place { customer: assignment.customer_id, ..row.place.clone() };
                rows::shift(self.tx, kind, &row.key, &row.place, &to).await?;
            }
        }
        Ok(errors.into_result()?)
    }

    /// Writes a record as it is after the undo, with its history entry.
    pub(super) async fn write(&self, before: &Customer, stored: &Customer, after: Customer) -> AppResult<Customer> {
        let merge = about(self.merge.id);
        save::write_moved(self.tx, self.writer, before, stored, after, "merge_undone", merge).await
    }

    async fn parts_back(&mut self) -> AppResult<()> {
        for part in self.parts.clone() {
            let Some(before) = self.before.get(&part.customer_id) else { return Err(AppError::NotFound) };
            let stored = reload(self.tx, part.customer_id).await?;
            let mut after = stored.clone();
            after.deleted_at = None;
            after.merged_into = None;
            let changes = self.history_of(before, part.version - 1).await?.remove(&part.version).ok_or_else(sealed)?;
            let code = changes.iter().find(|change| change.field == "account_code").map(|change| change.before.clone());
            if let Some(code) = code.filter(|code| !code.is_empty()) {
                match customer_store::find_by_account_code(self.tx, &code).await? {
                    Some(other) if other != part.customer_id => {
                        let detail = tr!("Another customer has the account code by now; it was not given back.");
                        self.remarks.push(Reason::new("account_code_taken", detail));
                    }
                    _ => after.account_code = code,
                }
            }
            let before = before.clone();
            self.settle_parent(&mut after).await?;
            settle(&mut after, self.directory);
            self.write(&before, &stored, after).await?;
        }
        Ok(())
    }
}

fn circle() -> Reason {
    Reason::new("parent_circle", tr!("A parent account was left out: it is a sub-account of this customer by now."))
}

/// Whether the rows of a kind have an id that stays when they go to another customer, and tells when they were made.
fn has_own_id(kind: Kind<'_>) -> bool {
    kind.record.row_key == ["id"] && kind.column != "id"
}

/// A row that came to the survivor after the merge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CameAfter {
    pub kind: &'static str,
    pub row_id: Uuid,
    /// The row on one line.
    pub label: String,
}

/// Rows of the survivor that came after a merge: the undo can give them to a part.
///
/// # Errors
/// When the database cannot be read.
pub async fn came_after(db: &impl ConnectionTrait, registry: &Registry, merge: &MergeRow) -> AppResult<Vec<CameAfter>> {
    let mut found = Vec::new();
    for kind in rows::kinds(registry) {
        if !has_own_id(kind) {
            continue;
        }
        for row in rows::read(db, kind, &[merge.survivor_id]).await? {
            let is_known = |one: &CameAfter| one.kind == kind.record.key && one.row_id == row.key[0];
            if row.key[0] > merge.id && !found.iter().any(is_known) {
                found.push(CameAfter { kind: kind.record.key, row_id: row.key[0], label: row.label });
            }
        }
    }
    // What any standing merge brought belongs to its own record.
    let mut brought = Vec::new();
    for merge in store::standing_merges(db, merge.survivor_id).await? {
        brought.extend(store::rows_of(db, merge).await?.into_iter().map(|row| row.row_key));
        brought.extend(store::fields_of(db, merge).await?.into_iter().map(|field| field.field));
    }
    found.retain(|row| {
        let id = row.row_id.to_string();
        !brought.iter().any(|known| known.contains(&id))
    });
    Ok(found)
}
