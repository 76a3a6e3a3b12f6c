//! Work on customers done later.

use platform::app::App;
use platform::clock::{DAY, HOUR};
use platform::error::AppResult;
use platform::jobs::JobKind;
use platform::settings;

use super::{actions, completeness};
use crate::settings::CustomerSettings;

/// The kinds of jobs of this slice.
pub fn kinds() -> Vec<JobKind> {
    vec![
        JobKind { name: "customers.empty_bin", run: |app, _| Box::pin(empty_bin(app)), every: Some(HOUR) },
        JobKind {
            name: "customers.match_keys",
            run: |app, _| Box::pin(crate::match_keys::refresh(app)),
            every: Some(HOUR),
        },
        JobKind {
            name: completeness::JOB,
            run: |app, job| Box::pin(async move { completeness::refresh(&app, &job).await }),
            every: None,
        },
        JobKind { name: "customers.tidy_search", run: |app, _| Box::pin(crate::search::tidy(app)), every: Some(DAY) },
    ]
}

/// Removes for good what has been in the bin longer than the setting says (R3).
async fn empty_bin(app: App) -> AppResult<()> {
    let settings: CustomerSettings = settings::load(app.db.read()).await?;
    loop {
        let tx = app.begin_write().await?;
        let removed = actions::empty_bin(&tx, app.clock.now(), settings.bin_days).await?;
        tx.commit().await?;
        if removed == 0 {
            return Ok(());
        }
        tracing::info!(removed, "customers in the bin were removed for good");
    }
}
