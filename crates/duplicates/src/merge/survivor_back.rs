//! The survivor's own values when a part leaves: they go back to what they were, unless a part that stays has the same to
//! give; then they come from that one from now on.

use std::collections::{BTreeMap, BTreeSet};

use customers::customer::flatten::flatten;
use customers::customer::model::{AliasKind, Customer};
use customers::customer::store as customer_store;
use platform::contact::fold;
use platform::error::{AppError, AppResult, Reason};
use platform::history::{self, Change};
use platform::tr;
use uuid::Uuid;

use super::carry_out::{key_text, place_text, reload, settle};
use super::store::{self, FieldRow, MovedRow, PartRow};
use super::undo::Undo;
use super::{fields, rows};

/// What each version of a record changed.
type Versions = BTreeMap<i64, Vec<Change>>;

/// The history entries are there, but their key is not.
pub(super) fn sealed() -> AppError {
    let detail = tr!("The values were destroyed with this customer's key.");
    AppError::Conflict(Reason::new("history_sealed", detail))
}

/// What a version changed of a field.
fn change<'a>(versions: &'a Versions, version: i64, field: &str) -> Option<&'a Change> {
    versions.get(&version)?.iter().find(|change| change.field == field)
}

/// A value that went back, as the part that left had given it.
struct Returned {
    row: FieldRow,
    given: String,
}

/// Table, column and key of a row.
type RowKey = (String, String, String);

/// A row of the survivor that came with a merge.
pub(super) struct Brought {
    merge: Uuid,
    row: MovedRow,
}

impl Brought {
    fn key(&self) -> RowKey {
        (self.row.table_name.clone(), self.row.column_name.clone(), self.row.row_key.clone())
    }
}

impl Undo<'_> {
    /// What the versions after one changed.
    pub(super) async fn history_of(&self, record: &Customer, after: i64) -> AppResult<Versions> {
        let mut versions = Versions::new();
        for event in history::since_version(self.tx, record.id, after).await? {
            let changes = event.open(record.history_key.as_ref()).ok_or_else(sealed)?;
            versions.entry(event.version).or_default().extend(changes);
        }
        Ok(versions)
    }

    /// Gives the survivor its own values back.
    pub(super) async fn survivor_back(&mut self) -> AppResult<()> {
        let survivor = self.merge.survivor_id;
        let Some(before) = self.before.get(&survivor).cloned() else { return Err(AppError::NotFound) };
        let taken = store::fields_of(self.tx, self.merge.id).await?;
        let taken: Vec<FieldRow> = taken.into_iter().filter(|field| self.goes_back(field.part_id)).collect();
        let first = taken.iter().map(|row| row.before_version.min(row.after_version)).min();
        let versions = match first {
            Some(first) => self.history_of(&before, first - 1).await?,
            None => Versions::new(),
        };
        let stored = reload(self.tx, survivor).await?;
        let mut after = stored.clone();
        let returned = give_back(&stored, &mut after, taken, &versions);
        let refilled = self.refill(&mut after, &returned).await?;
        if after.owner_id != stored.owner_id {
            self.settle_parent(&mut after).await?;
        }
        settle(&mut after, self.directory);
        let written = self.write(&before, &stored, after).await?;
        let rows = refilled.into_iter().map(|(row, is_same)| match is_same {
            true => row,
            false => FieldRow { after_version: written.version, ..row },
        });
        Ok(store::add_fields(self.tx, rows).await?)
    }

    /// The parts that stay with the survivor.
    async fn staying(&self) -> AppResult<Vec<PartRow>> {
        let parts = store::standing_parts(self.tx, self.merge.survivor_id).await?;
        Ok(parts.into_iter().filter(|part| !self.goes_back(part.customer_id)).collect())
    }

    /// The survivor's rows that parts which stay have brought, where they stand as their merge left them.
    pub(super) async fn brought(&self) -> AppResult<Vec<Brought>> {
        let mut found = Vec::new();
        let staying = self.staying().await?;
        let merges: BTreeSet<Uuid> = staying.iter().map(|part| part.merge_id).collect();
        for merge in merges {
            let is_staying = |row: &MovedRow| staying.iter().any(|part| part.customer_id == row.part_id);
            let rows = store::rows_of(self.tx, merge).await?.into_iter().filter(is_staying);
            found.extend(rows.map(|row| Brought { merge, row }));
        }
        let now = self.places().await?;
        found.retain(|brought| now.get(&brought.key()).is_some_and(|place| *place == brought.row.place_after));
        Ok(found)
    }

    /// The places of the survivor's rows, as the journal writes them.
    async fn places(&self) -> AppResult<BTreeMap<RowKey, String>> {
        let mut places = BTreeMap::new();
        for kind in rows::kinds(self.registry) {
            for row in rows::read(self.tx, kind, &[self.merge.survivor_id]).await? {
                let key = (kind.table.to_owned(), kind.column.to_owned(), key_text(&row.key));
                places.insert(key, place_text(&row.place)?);
            }
        }
        Ok(places)
    }

    /// The undo itself may have given a row another mark, a new primary one for example: that is nobody's edit, so the
    /// journal follows.
    pub(super) async fn note_settled(&self, brought: Vec<Brought>) -> AppResult<()> {
        if brought.is_empty() {
            return Ok(());
        }
        let now = self.places().await?;
        for brought in brought {
            let place = now.get(&brought.key());
            if let Some(place) = place.filter(|place| **place != brought.row.place_after) {
                store::set_place_after(self.tx, brought.merge, &brought.row, place).await?;
            }
        }
        Ok(())
    }

    /// Values that are empty now, or status, which the parts that stay can give: set, and noted as theirs. With each row
    /// whether the value is the one that just left.
    async fn refill(&self, after: &mut Customer, returned: &[Returned]) -> AppResult<Vec<(FieldRow, bool)>> {
        // What was so before this merge is not made up for: only what this merge or a later one would have given.
        let later = store::later(self.tx, self.merge).await?;
        let may_give =
            |part: &PartRow| part.merge_id == self.merge.id || later.iter().any(|one| one.id == part.merge_id);
        let parts: Vec<PartRow> = self.staying().await?.into_iter().filter(may_give).collect();
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = parts.iter().map(|part| part.customer_id).collect();
        let records = customer_store::find_many(self.tx, &ids).await?;
        let mut refilled: Vec<(FieldRow, bool)> = Vec::new();
        for Returned { row, given } in returned {
            // A role belongs to its company: both come from one record.
            let company = refilled.iter().find(|(row, _)| row.field == "company").map(|(row, _)| row.part_id);
            let may_give = |record: &&Customer| row.field != "company_role" || company == Some(record.id);
            let found = records.iter().filter(may_give).find_map(|record| {
                Some((record.id, offer(record, &row.field, given)?))
                    .filter(|_| fields::value(after, &row.field).is_empty())
            });
            let found = if row.field == "status" { further(after, &records) } else { found };
            let Some((id, value)) = found else { continue };
            let Some(part) = parts.iter().find(|part| part.customer_id == id) else { continue };
            fields::put(after, &row.field, &value);
            refilled.push((FieldRow { merge_id: part.merge_id, part_id: id, ..row.clone() }, value == *given));
        }
        Ok(refilled)
    }
}

/// Puts the values from before the merge back where nobody changed them since.
fn give_back(stored: &Customer, after: &mut Customer, taken: Vec<FieldRow>, versions: &Versions) -> Vec<Returned> {
    let now = flatten(stored);
    let mut returned = Vec::new();
    for row in taken {
        let given = change(versions, row.after_version, &row.field).map(|change| change.after.clone());
        let before = change(versions, row.before_version, &row.field).map(|change| change.before.clone());
        let (Some(given), Some(before)) = (given, before) else { continue };
        if now.get(&row.field).map_or("", String::as_str) == given {
            fields::put(after, &row.field, &before);
            returned.push(Returned { row, given });
        }
    }
    returned
}

/// What a record has for a path of the history, if anything. An alias is offered by whoever has that name.
fn offer(record: &Customer, path: &str, given: &str) -> Option<String> {
    let mut parts = path.split('.');
    match (parts.next(), parts.next(), parts.next().and_then(AliasKind::from_key)) {
        (Some("channel"), Some(id), _) => {
            let is_home = record.home_channel_id.is_some_and(|home| home.to_string() == id);
            is_home.then(|| given.to_owned())
        }
        (Some("alias"), Some(_), Some(kind)) => {
            let is_called = |name: &(AliasKind, String)| name.0 == kind && fold(&name.1) == fold(given);
            fields::names(record).iter().any(is_called).then(|| given.to_owned())
        }
        _ => Some(fields::value(record, path)).filter(|value| fields::fills(path) && !value.is_empty()),
    }
}

/// A record whose status goes further than the survivor's own.
fn further(survivor: &Customer, parts: &[Customer]) -> Option<(Uuid, String)> {
    let records: Vec<Customer> = std::iter::once(survivor).chain(parts).cloned().collect();
    let furthest = fields::furthest(&records);
    (furthest.id != survivor.id).then(|| (furthest.id, fields::value(furthest, "status")))
}
