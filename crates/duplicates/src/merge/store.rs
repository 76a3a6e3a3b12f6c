//! Every query about merges.

use platform::clock::Micros;
use platform::db::{SqlExt, Tx};
use platform::error::{KeptReason, Reason};
use platform::params;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

/// A merge as stored.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct MergeRow {
    pub id: Uuid,
    pub survivor_id: Uuid,
    /// The survivor's version that the merge made: its history entry has the values before and after.
    pub survivor_version: i64,
    pub staff_id: Option<Uuid>,
    pub actor_name: String,
    pub created_at: i64,
    /// Until when it can be undone.
    pub undo_until: i64,
    pub undone_at: Option<i64>,
    pub finalised_at: Option<i64>,
}

/// A record that became part of the survivor.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct PartRow {
    pub merge_id: Uuid,
    pub customer_id: Uuid,
    pub position: i64,
    /// Its version that the merge made.
    pub version: i64,
    pub undone_at: Option<i64>,
}

/// A row that moved, as it stood before and after.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct MovedRow {
    pub part_id: Uuid,
    pub table_name: String,
    /// The column that names the customer: a row can name several.
    pub column_name: String,
    pub row_key: String,
    pub place_before: String,
    pub place_after: String,
}

impl MovedRow {
    /// Whether it is a row of this table that moved by this column.
    pub fn is_of(&self, table: &str, column: &str) -> bool {
        self.table_name == table && self.column_name == column
    }
}

/// A field of the survivor whose value came from a part. The values stand in the survivor's sealed history.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct FieldRow {
    pub merge_id: Uuid,
    pub part_id: Uuid,
    pub field: String,
    /// The survivor's version whose history entry has the value from before.
    pub before_version: i64,
    /// The version whose entry has the value that came from the part.
    pub after_version: i64,
}

const SELECT: &str = "select id, survivor_id, survivor_version, staff_id, actor_name, created_at, undo_until, undone_at, \
    finalised_at from customer_merge";

pub async fn add(tx: &Tx, merge: &MergeRow) -> Result<(), DbErr> {
    let columns = &[
        "id", "survivor_id", "survivor_version", "staff_id", "actor_name", "created_at", "undo_until", "undone_at",
        "finalised_at",
    ];
    let row = params![
        merge.id,
        merge.survivor_id,
        merge.survivor_version,
        merge.staff_id,
        merge.actor_name.clone(),
        merge.created_at,
        merge.undo_until,
        merge.undone_at,
        merge.finalised_at
    ];
    tx.insert_rows("customer_merge", columns, vec![row]).await
}

pub async fn add_parts(tx: &Tx, parts: &[PartRow]) -> Result<(), DbErr> {
    let columns = &["merge_id", "customer_id", "position", "version", "undone_at"];
    let row = |part: &PartRow| params![part.merge_id, part.customer_id, part.position, part.version, part.undone_at];
    tx.insert_rows("customer_merge_part", columns, parts.iter().map(row).collect()).await
}

pub async fn add_rows(tx: &Tx, merge: Uuid, rows: Vec<MovedRow>) -> Result<(), DbErr> {
    let columns = &["merge_id", "part_id", "table_name", "column_name", "row_key", "place_before", "place_after"];
    let row = |row: MovedRow| {
        let (table, column) = (row.table_name, row.column_name);
        params![merge, row.part_id, table, column, row.row_key, row.place_before, row.place_after]
    };
    tx.insert_rows("customer_merge_row", columns, rows.into_iter().map(row).collect()).await
}

pub async fn add_fields(tx: &Tx, fields: impl IntoIterator<Item = FieldRow>) -> Result<(), DbErr> {
    let row = |row: FieldRow| params![row.merge_id, row.part_id, row.field, row.before_version, row.after_version];
    let columns = &["merge_id", "part_id", "field", "before_version", "after_version"];
    tx.insert_rows("customer_merge_field", columns, fields.into_iter().map(row).collect()).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<MergeRow>, DbErr> {
    db.first(&format!("{SELECT} where id = $1"), params![id]).await
}

/// The merges in which a customer took part, the latest first.
pub async fn of_customer(db: &impl ConnectionTrait, customer: Uuid) -> Result<Vec<MergeRow>, DbErr> {
    let sql = format!(
        "{SELECT} where survivor_id = $1 or id in (select merge_id from customer_merge_part where customer_id = $1) \
        order by id desc"
    );
    db.all(&sql, params![customer]).await
}

/// Merges into the same survivor made after this one and still standing, the oldest first. The survivor's versions tell the
/// order: ids of the same millisecond do not.
pub async fn later(db: &impl ConnectionTrait, merge: &MergeRow) -> Result<Vec<MergeRow>, DbErr> {
    let sql = format!(
        "{SELECT} where survivor_id = $1 and survivor_version > $2 and undone_at is null order by survivor_version"
    );
    db.all(&sql, params![merge.survivor_id, merge.survivor_version]).await
}

/// The newest merge that a record went away in.
pub async fn absorbed_in(db: &impl ConnectionTrait, customer: Uuid) -> Result<Option<Uuid>, DbErr> {
    let sql = "select merge_id from customer_merge_part where customer_id = $1 and undone_at is null \
        order by merge_id desc limit 1";
    db.value(sql, params![customer]).await
}

/// The newest merge of two records that was taken back.
pub async fn undone_between(db: &impl ConnectionTrait, a: Uuid, b: Uuid) -> Result<Option<MergeRow>, DbErr> {
    let sql = format!(
        "{SELECT} where id in (select p.merge_id from customer_merge_part p join customer_merge m on m.id = p.merge_id \
         where p.undone_at is not null and (p.customer_id = $1 and m.survivor_id = $2 or p.customer_id = $2 and \
         m.survivor_id = $1)) order by id desc limit 1"
    );
    db.first(&sql, params![a, b]).await
}

pub async fn parts(db: &impl ConnectionTrait, merge: Uuid) -> Result<Vec<PartRow>, DbErr> {
    let sql = "select merge_id, customer_id, position, version, undone_at from customer_merge_part \
        where merge_id = $1 order by position";
    db.all(sql, params![merge]).await
}

/// The parts of all merges into a survivor that still stand, the oldest first.
pub async fn standing_parts(db: &impl ConnectionTrait, survivor: Uuid) -> Result<Vec<PartRow>, DbErr> {
    let sql = "select p.merge_id, p.customer_id, p.position, p.version, p.undone_at from customer_merge_part p \
        join customer_merge m on m.id = p.merge_id where m.survivor_id = $1 and p.undone_at is null \
        order by m.survivor_version, p.position";
    db.all(sql, params![survivor]).await
}

/// The merges into a survivor that still stand.
pub async fn standing_merges(db: &impl ConnectionTrait, survivor: Uuid) -> Result<Vec<Uuid>, DbErr> {
    let sql = "select id from customer_merge where survivor_id = $1 and undone_at is null order by survivor_version";
    db.values(sql, params![survivor]).await
}

pub async fn rows_of(db: &impl ConnectionTrait, merge: Uuid) -> Result<Vec<MovedRow>, DbErr> {
    let sql = "select part_id, table_name, column_name, row_key, place_before, place_after from customer_merge_row where merge_id = $1 \
        order by table_name, row_key";
    db.all(sql, params![merge]).await
}

/// Where a row stands now, when it was moved for another reason than somebody's wish.
pub async fn set_place_after(tx: &Tx, merge: Uuid, row: &MovedRow, place: &str) -> Result<(), DbErr> {
    let sql = "update customer_merge_row set place_after = $1 \
        where merge_id = $2 and part_id = $3 and table_name = $4 and column_name = $5 and row_key = $6";
    let (table, column) = (row.table_name.clone(), row.column_name.clone());
    let params = params![place, merge, row.part_id, table, column, row.row_key.clone()];
    tx.run(sql, params).await?;
    Ok(())
}

pub async fn fields_of(db: &impl ConnectionTrait, merge: Uuid) -> Result<Vec<FieldRow>, DbErr> {
    let sql = "select merge_id, part_id, field, before_version, after_version from customer_merge_field \
        where merge_id = $1 order by field, part_id";
    db.all(sql, params![merge]).await
}

/// As [`fields_of`], of the parts that are still part of the survivor.
pub async fn standing_fields(db: &impl ConnectionTrait, merge: Uuid) -> Result<Vec<FieldRow>, DbErr> {
    let sql = "select f.merge_id, f.part_id, f.field, f.before_version, f.after_version from customer_merge_field f \
        join customer_merge_part p on p.merge_id = f.merge_id and p.customer_id = f.part_id \
        where f.merge_id = $1 and p.undone_at is null order by f.field, f.part_id";
    db.all(sql, params![merge]).await
}

/// Something that could not go back when a merge was undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub at: Micros,
    pub why: KeptReason,
}

/// Keeps what could not go back in an undo at this moment.
pub async fn add_remarks(tx: &Tx, merge: Uuid, now: Micros, remarks: &[Reason]) -> Result<(), DbErr> {
    if remarks.is_empty() {
        return Ok(());
    }
    let known: i64 =
        tx.value("select count(*) from customer_merge_remark where merge_id = $1", params![merge]).await?.unwrap_or(0);
    let row =
        |(position, remark): (i64, &Reason)| params![merge, position, now, KeptReason::from(remark.clone()).to_text()];
    let columns = &["merge_id", "position", "at", "remark"];
    tx.insert_rows("customer_merge_remark", columns, (known..).zip(remarks).map(row).collect()).await
}

/// What could not go back when a merge was undone, whole or in part, the earliest first.
pub async fn remarks(db: &impl ConnectionTrait, merge: Uuid) -> Result<Vec<Remark>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        at: i64,
        remark: String,
    }
    let sql = "select at, remark from customer_merge_remark where merge_id = $1 order by position";
    let rows: Vec<Row> = db.all(sql, params![merge]).await?;
    let remark = |row: Row| Some(Remark { at: row.at, why: KeptReason::read(&row.remark)? });
    Ok(rows.into_iter().filter_map(remark).collect())
}

/// Marks parts as undone, and the merge when none is left.
pub async fn set_undone(tx: &Tx, merge: Uuid, parts: &[Uuid], now: Micros) -> Result<(), DbErr> {
    for part in parts {
        let sql = "update customer_merge_part set undone_at = $1 where merge_id = $2 and customer_id = $3";
        tx.run(sql, params![now, merge, *part]).await?;
    }
    let sql = "update customer_merge set undone_at = $1 where id = $2 and not exists \
        (select 1 from customer_merge_part where merge_id = $2 and undone_at is null)";
    tx.run(sql, params![now, merge]).await?;
    Ok(())
}

/// Ends the time for undoing: the journal is not needed any more.
pub async fn finalise(tx: &Tx, merge: Uuid, now: Micros) -> Result<(), DbErr> {
    tx.run("update customer_merge set finalised_at = $1 where id = $2", params![now, merge]).await?;
    tx.run("delete from customer_merge_row where merge_id = $1", params![merge]).await?;
    Ok(())
}
