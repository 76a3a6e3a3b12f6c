//! Opening the database and its write transactions.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sqlx::ConnectOptions;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, IsolationLevel,
    QueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use super::checkpoint::Checkpoints;

/// Which database engine is in use. Only [`super::dialect`] may decide by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("the database address must start with sqlite: or postgres:")]
    UnknownScheme,
    #[error("the folder of the database file cannot be made: {0}")]
    Folder(#[from] std::io::Error),
    #[error("the database cannot be written: {0}")]
    Writer(String),
    #[error("the database cannot be opened: {0}")]
    Open(#[from] sea_orm::sqlx::Error),
}

/// Handle to the database: many readers and, on SQLite, a single writer connection.
#[derive(Clone, Debug)]
pub struct Database {
    engine: Engine,
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    /// Of SQLite's log.
    checkpoints: Option<Arc<Checkpoints>>,
    beside: Beside,
}

/// What areas keep in memory of this database, one value of a type.
#[derive(Clone, Debug, Default)]
struct Beside(Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>);

/// Memory of the one writer, in kB, and pages of its log that are put in their place at once.
const SQLITE_WRITER: &str = "pragma cache_size = -16000; pragma wal_autocheckpoint = 8000; pragma shrink_memory";
const SQLITE_READERS: u32 = 4;
const POSTGRES_READERS: u32 = 12;
const POSTGRES_WRITERS: u32 = 8;
/// How lists are planned: anew for each question, since one value of a filter is common and the next one rare; for disks
/// that find any page quickly; and without compiling what takes a few milliseconds.
const FOR_READING: [(&str, &str); 3] =
    [("plan_cache_mode", "force_custom_plan"), ("random_page_cost", "1.1"), ("jit", "off")];

/// A write that takes longer is refused when it is to be committed: whoever follows the event log counts on it.
pub const LONGEST_WRITE: Duration = Duration::from_secs(120);
/// What a commit itself may take of it.
const FOR_COMMIT: Duration = Duration::from_secs(20);

impl Database {
    /// Opens `sqlite:path` (created when missing) or `postgres://...`.
    pub async fn connect(address: &str) -> Result<Self, ConnectError> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            Self::open_sqlite(path.trim_start_matches("//")).await
        } else if address.starts_with("postgres:") || address.starts_with("postgresql:") {
            Self::open_postgres(address).await
        } else {
            Err(ConnectError::UnknownScheme)
        }
    }

    async fn open_sqlite(path: &str) -> Result<Self, ConnectError> {
        if let Some(folder) = std::path::Path::new(path).parent() {
            std::fs::create_dir_all(folder)?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(30))
            .statement_cache_capacity(256)
            .disable_statement_logging()
            .pragma("temp_store", "memory")
            .pragma("cache_size", "-8000");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(60))
            .connect_with(options.clone())
            .await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS)
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .connect_with(options.clone().read_only(true))
            .await?;
        let writer = DatabaseConnection::from(writer);
        writer.execute_unprepared(SQLITE_WRITER).await.map_err(|error| ConnectError::Writer(error.to_string()))?;
        let checkpoints = Some(Arc::new(Checkpoints::begin(options)));
        Ok(Self { engine: Engine::Sqlite, reader: reader.into(), writer, checkpoints, beside: Beside::default() })
    }

    async fn open_postgres(address: &str) -> Result<Self, ConnectError> {
        let options = PgConnectOptions::from_str(address)?
            .application_name("clientele")
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let pool = |options, connections| {
            PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(30))
                .test_before_acquire(false)
                .connect_with(options)
        };
        let reader = pool(options.clone().options(FOR_READING), POSTGRES_READERS).await?;
        let writer = pool(options, POSTGRES_WRITERS).await?;
        let (reader, writer) = (reader.into(), writer.into());
        Ok(Self { engine: Engine::Postgres, reader, writer, checkpoints: None, beside: Beside::default() })
    }

    /// The engine behind this handle.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// What the caller keeps in memory of this database: the same value for all that hold a handle to it.
    pub fn beside<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let mut kept = self.beside.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = kept.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        Arc::clone(value).downcast().unwrap_or_default()
    }

    /// A connection for reading. Each statement sees the last committed state.
    pub fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Opens the one kind of write transaction there is. It must be committed within [`LONGEST_WRITE`].
    ///
    /// # Errors
    /// When the write lock cannot be had within a minute or the connection is lost.
    pub async fn begin_write(&self) -> Result<Tx, DbErr> {
        self.begin(LONGEST_WRITE - FOR_COMMIT).await
    }

    /// As [`Database::begin_write`], for a change of the schema: nobody else writes, and it may take its time.
    pub(super) async fn begin_migration(&self) -> Result<Tx, DbErr> {
        self.begin(Duration::MAX).await
    }

    async fn begin(&self, longest: Duration) -> Result<Tx, DbErr> {
        let options = match self.engine {
            Engine::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            Engine::Postgres => {
                TransactionOptions { isolation_level: Some(IsolationLevel::Serializable), ..Default::default() }
            }
        };
        let transaction = self.writer.begin_with_options(options).await?;
        Ok(Tx { transaction, begun: Instant::now(), longest, checkpoints: self.checkpoints.clone() })
    }

    /// Before very many rows are written by a program that does nothing else: pages of the indexes then stay in memory
    /// until many rows have gone into them.
    pub async fn before_much_writing(&self) -> Result<(), DbErr> {
        if self.engine == Engine::Sqlite {
            self.writer.execute_unprepared("pragma cache_size = -400000; pragma wal_autocheckpoint = 50000").await?;
        }
        Ok(())
    }

    /// After very many rows were written: lets PostgreSQL learn what they are like, as it would by itself a while later, and
    /// gives SQLite's memory back.
    pub async fn settle(&self) -> Result<(), DbErr> {
        let sql = match self.engine {
            Engine::Sqlite => SQLITE_WRITER,
            Engine::Postgres => "vacuum analyze",
        };
        self.writer.execute_unprepared(sql).await?;
        Ok(())
    }

    /// Closes all connections; SQLite then folds its write-ahead log into the file.
    pub async fn close(&self) -> Result<(), DbErr> {
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.close().await;
        }
        self.reader.close_by_ref().await?;
        self.writer.close_by_ref().await
    }
}

/// An open write transaction. Dropping it without [`Tx::commit`] undoes everything.
#[derive(Debug)]
pub struct Tx {
    transaction: DatabaseTransaction,
    begun: Instant,
    /// Later it is not committed.
    longest: Duration,
    checkpoints: Option<Arc<Checkpoints>>,
}

impl Tx {
    /// Makes everything written so far durable and visible.
    ///
    /// # Errors
    /// When the database refuses, or so much time went by that others no longer wait for what was written; nothing of it
    /// stays then.
    pub async fn commit(self) -> Result<(), DbErr> {
        if self.begun.elapsed() > self.longest {
            self.transaction.rollback().await?;
            return Err(DbErr::Custom(format!("a write took longer than {} s", self.longest.as_secs())));
        }
        self.transaction.commit().await?;
        self.checkpoints.iter().for_each(|checkpoints| checkpoints.note());
        Ok(())
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.transaction.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.transaction.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.transaction.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.transaction.query_all_raw(statement).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::SqlExt;
    use crate::params;

    #[tokio::test]
    async fn what_took_too_long_is_not_committed() {
        let db = Database::connect("sqlite::memory:").await.expect("a database");
        let tx = db.begin_migration().await.expect("a transaction");
        tx.run("create table note (text text not null)", params![]).await.expect("a table");
        tx.commit().await.expect("committed");
        for (longest, rows) in [(Duration::ZERO, 0), (LONGEST_WRITE, 1)] {
            let tx = db.begin(longest).await.expect("a transaction");
            tx.run("insert into note (text) values ('x')", params![]).await.expect("a row");
            assert_eq!(tx.commit().await.is_ok(), rows == 1);
            let found: Option<i64> = db.writer.value("select count(*) from note", params![]).await.expect("a count");
            assert_eq!(found, Some(rows));
        }
    }
}
