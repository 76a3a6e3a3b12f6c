//! Queries about saved views.

use platform::clock::Micros;
use platform::db::{SqlExt, Tx};
use platform::params;
use platform::sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::SavedView;
use platform::contact::fold;

const SELECT: &str = "select v.id, v.staff_id, s.name as owner_name, v.name, v.shared, v.query, v.sort, v.columns, \
    v.version from saved_view v join staff s on s.id = v.staff_id";

/// The views a person may use, their own first.
pub async fn list(db: &impl ConnectionTrait, staff: Uuid) -> Result<Vec<SavedView>, DbErr> {
    let sql = format!(
        "{SELECT} where v.staff_id = $1 or v.shared order by case when v.staff_id = $1 then 0 else 1 end, \
         v.name_folded, v.id"
    );
    db.all(&sql, params![staff]).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<SavedView>, DbErr> {
    db.first(&format!("{SELECT} where v.id = $1"), params![id]).await
}

/// A person's own view of this name, else the oldest shared one.
pub(super) async fn find_by_name(
    db: &impl ConnectionTrait,
    staff: Uuid,
    name_folded: &str,
) -> Result<Option<SavedView>, DbErr> {
    let sql = format!(
        "{SELECT} where v.name_folded = $2 and (v.staff_id = $1 or v.shared) \
         order by case when v.staff_id = $1 then 0 else 1 end, v.created_at, v.id limit 1"
    );
    db.first(&sql, params![staff, name_folded]).await
}

pub(super) async fn insert(tx: &Tx, view: &SavedView, now: Micros) -> Result<(), DbErr> {
    tx.run(
        "insert into saved_view (id, staff_id, name, name_folded, shared, query, sort, columns, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            view.id,
            view.staff_id,
            view.name.clone(),
            fold(&view.name),
            view.shared,
            view.query.clone(),
            view.sort.clone(),
            view.columns.clone(),
            now
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn update(tx: &Tx, view: &SavedView) -> Result<(), DbErr> {
    tx.run(
        "update saved_view set name = $1, name_folded = $2, shared = $3, query = $4, sort = $5, columns = $6, \
         version = version + 1 where id = $7",
        params![
            view.name.clone(),
            fold(&view.name),
            view.shared,
            view.query.clone(),
            view.sort.clone(),
            view.columns.clone(),
            view.id
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    tx.run("delete from saved_view where id = $1", params![id]).await?;
    Ok(())
}
