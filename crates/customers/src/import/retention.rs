//! Files that were handed in are kept as long as somebody may still look at what became of them, and no longer: they
//! hold personal data of people who may be no customers.

use platform::app::App;
use platform::clock::DAY;
use platform::error::AppResult;
use platform::jobs::JobKind;

use super::store;

/// How long a file and its failed rows are kept.
const KEPT: i64 = 30 * DAY;

/// The recurring job of this slice.
pub fn job_kind() -> JobKind {
    JobKind { name: "imports.forget", run: |app, _| Box::pin(forget(app)), every: Some(DAY) }
}

/// Removes files, problems and failed rows of old imports; their counts stay.
async fn forget(app: App) -> AppResult<()> {
    let before = app.clock.now() - KEPT;
    for (id, file_key) in store::with_old_files(app.db.read(), before).await? {
        app.blobs.delete(&file_key).await?;
        let tx = app.begin_write().await?;
        store::forget(&tx, id).await?;
        tx.commit().await?;
    }
    Ok(())
}
