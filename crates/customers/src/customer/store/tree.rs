//! Parent accounts and sub-accounts (R25).

use platform::db::SqlExt;
use platform::params;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

/// A customer in the tree.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct TreeRow {
    pub id: Uuid,
    pub owner_id: Option<Uuid>,
    pub number: String,
    pub display_name: String,
    pub active: bool,
    /// Steps below (or above) the customer that was asked for.
    pub depth: i64,
}

/// The sub-accounts below a customer, level by level, at most `deepest` levels and `most` rows.
pub async fn below(db: &impl ConnectionTrait, id: Uuid, deepest: i64, most: i64) -> Result<Vec<TreeRow>, DbErr> {
    let sql = "with recursive tree (id, owner_id, number, display_name, active, depth) as (\
        select c.id, c.owner_id, c.number, c.display_name, c.active, cast(1 as bigint) \
        from customer c where c.owner_id = $1 and c.deleted_at is null \
        union all \
        select c.id, c.owner_id, c.number, c.display_name, c.active, t.depth + 1 \
        from customer c join tree t on c.owner_id = t.id where c.deleted_at is null and t.depth < $2) \
        select id, owner_id, number, display_name, active, depth from tree order by depth, number, id limit $3";
    db.all(sql, params![id, deepest, most]).await
}

/// The parent accounts above a customer, the nearest first.
pub async fn above(db: &impl ConnectionTrait, id: Uuid, deepest: i64) -> Result<Vec<TreeRow>, DbErr> {
    let sql = "with recursive tree (id, owner_id, number, display_name, active, depth) as (\
        select p.id, p.owner_id, p.number, p.display_name, p.active, cast(1 as bigint) \
        from customer c join customer p on p.id = c.owner_id where c.id = $1 and p.deleted_at is null \
        union all \
        select p.id, p.owner_id, p.number, p.display_name, p.active, t.depth + 1 \
        from customer p join tree t on p.id = t.owner_id where p.deleted_at is null and t.depth < $2) \
        select id, owner_id, number, display_name, active, depth from tree order by depth";
    db.all(sql, params![id, deepest]).await
}

/// The direct sub-accounts of a customer outside the bin.
pub async fn children(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Uuid>, DbErr> {
    db.values("select id from customer where owner_id = $1 and deleted_at is null order by id", params![id]).await
}
