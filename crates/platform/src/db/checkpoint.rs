//! Moving SQLite's write-ahead log into its file beside the writing. A writer that comes to the end of the log moves what
//! is left by itself, and everybody who saves waits for it: tens of milliseconds at a million customers.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::sqlx::SqlitePool;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tokio::sync::mpsc;

/// Commits after which the log is moved.
const COMMITS: u32 = 16;

/// Counts commits and has the log moved on a connection of its own.
#[derive(Debug)]
pub(super) struct Checkpoints {
    commits: AtomicU32,
    wake: mpsc::Sender<()>,
    pool: SqlitePool,
}

impl Checkpoints {
    /// Waits for commits until it is dropped.
    pub(super) fn begin(options: SqliteConnectOptions) -> Self {
        let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options);
        let (wake, mut commits) = mpsc::channel(1);
        let of_task = pool.clone();
        tokio::spawn(async move {
            while commits.recv().await.is_some() {
                // "Passive" waits for nobody and keeps nobody waiting.
                let moved = sea_orm::sqlx::query("pragma wal_checkpoint(passive)").execute(&of_task).await;
                if let Err(error) = moved {
                    if of_task.is_closed() {
                        return;
                    }
                    tracing::warn!(%error, "the write-ahead log is left to those who write");
                }
            }
        });
        Self { commits: AtomicU32::new(0), wake, pool }
    }

    /// Something was committed.
    pub(super) fn note(&self) {
        if self.commits.fetch_add(1, Ordering::Relaxed) % COMMITS == COMMITS - 1 {
            // When it is still busy, it goes on with what came meanwhile.
            let _busy = self.wake.try_send(());
        }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Database, SqlExt};
    use super::COMMITS;
    use crate::params;

    #[tokio::test]
    async fn the_log_is_moved_beside_the_writing() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("shop.db");
        let db = Database::connect(&format!("sqlite:{}", file.display())).await.expect("a database");
        let tx = db.begin_write().await.expect("a transaction");
        tx.run("create table note (text text not null)", params![]).await.expect("a table");
        tx.commit().await.expect("a commit");
        let length = || std::fs::metadata(&file).expect("the file").len();
        let before = length();
        for _ in 0..COMMITS {
            let tx = db.begin_write().await.expect("a transaction");
            tx.run("insert into note (text) values ($1)", params!["long ".repeat(4_000)]).await.expect("a row");
            tx.commit().await.expect("a commit");
        }
        // Far less than what a writer would move by itself.
        let moved = async {
            while length() == before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), moved).await.expect("the log is moved");
        db.close().await.expect("closed");
        assert!(!folder.path().join("shop.db-wal").exists(), "closing folds the log into the file");
    }
}
