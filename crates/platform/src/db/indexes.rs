//! Leaving indexes out while an empty table is filled: made at the end, from sorted rows, they take a fraction of the time.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::{Engine, SqlExt, Tx};
use crate::params;

/// The statements that make the indexes that were dropped.
#[derive(Debug)]
pub struct Dropped(Vec<String>);

#[derive(FromQueryResult)]
struct IndexRow {
    name: String,
    definition: String,
}

/// Drops the indexes of all tables but those that keep values unique; a transaction that fails leaves them as they are.
pub async fn drop_indexes(tx: &Tx, engine: Engine) -> Result<Dropped, DbErr> {
    let sql = match engine {
        Engine::Sqlite => {
            "select name, sql as definition from sqlite_master where type = 'index' and sql is not null and sql not \
             like 'create unique%' order by name"
        }
        Engine::Postgres => {
            "select indexname::text as name, indexdef::text as definition from pg_indexes where schemaname = \
             current_schema() and indexdef not like 'CREATE UNIQUE%' order by indexname"
        }
    };
    let rows: Vec<IndexRow> = tx.all(sql, params![]).await?;
    for row in &rows {
        tx.execute_unprepared(&format!("drop index {}", row.name)).await?;
    }
    Ok(Dropped(rows.into_iter().map(|row| row.definition).collect()))
}

/// Makes the indexes that were dropped.
pub async fn make_indexes(tx: &Tx, engine: Engine, dropped: Dropped) -> Result<(), DbErr> {
    if engine == Engine::Postgres {
        // Sorting in memory; for this transaction only.
        tx.execute_unprepared("set local maintenance_work_mem = '512MB'").await?;
    }
    for definition in dropped.0 {
        tx.execute_unprepared(&definition).await?;
    }
    Ok(())
}
