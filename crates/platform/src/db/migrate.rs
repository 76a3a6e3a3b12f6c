//! Forward migrations, contributed by the platform and by every area.
//!
//! Own code instead of a migration library because the list is put together at run time from the
//! modules and each migration is one SQL text for both engines (see docs/decisions).

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DbErr};

use super::{Database, Engine, SqlExt, expand_types};
use crate::params;

/// One step of the schema, named by what it is for. Names are unique and never change.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// For example `customers_0001_customer`; applied in the order of the list.
    pub name: &'static str,
    /// SQL text with the type names of [`expand_types`]; statements end with `;` at a line end.
    pub sql: &'static str,
}

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    #[error("migration {name} failed: {source}")]
    Step { name: &'static str, source: DbErr },
    #[error("the database was written by a newer version: it has migration {0}")]
    Newer(String),
    #[error(transparent)]
    Database(#[from] DbErr),
}

const TABLE: &str = "create table if not exists migration \
    (name text primary key not null, applied_at bigint not null)";
/// Any number; two servers starting at once take the same PostgreSQL lock.
const LOCK: &str = "select pg_advisory_xact_lock(7205759403)";

/// Names of the migrations a database has, in the order they were applied.
pub async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    db.values("select name from migration order by applied_at, name", vec![]).await
}

/// Applies what is missing, all in one transaction; answers the names applied.
///
/// # Errors
/// When a step fails (nothing is changed then) or the database is newer than the program.
pub async fn migrate(db: &Database, migrations: &[Migration], now: i64) -> Result<Vec<&'static str>, MigrationError> {
    let tx = db.begin_migration().await?;
    if db.engine() == Engine::Postgres {
        tx.execute_unprepared(LOCK).await?;
    }
    tx.execute_unprepared(TABLE).await?;
    let known: HashSet<&str> = migrations.iter().map(|step| step.name).collect();
    let done = applied(&tx).await?;
    if let Some(name) = done.iter().find(|name| !known.contains(name.as_str())) {
        return Err(MigrationError::Newer(name.clone()));
    }
    let mut fresh = Vec::new();
    for (position, step) in migrations.iter().enumerate() {
        if done.iter().any(|name| name == step.name) {
            continue;
        }
        let sql = expand_types(db.engine(), step.sql);
        let failed = |source| MigrationError::Step { name: step.name, source };
        tx.execute_unprepared(&sql).await.map_err(failed)?;
        // The position keeps the order readable when all steps run at the same moment.
        let at = now + position as i64;
        tx.run("insert into migration (name, applied_at) values ($1, $2)", params![step.name, at])
            .await
            .map_err(failed)?;
        fresh.push(step.name);
    }
    tx.commit().await?;
    Ok(fresh)
}
