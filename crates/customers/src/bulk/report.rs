//! A plan's rows with what changes in each, for the page and as a CSV file.

use std::collections::HashMap;

use platform::app::App;
use platform::auth::{PermissionSet, Sight};
use platform::db::SqlExt;
use platform::error::{AppError, AppResult, KeptReason};
use platform::history::{self, Change};
use platform::i18n::{Lang, Translate};
use uuid::Uuid;

use super::effect::{Effect, Ground, effect};
use super::{Outcome, PlanRow, PlannedRow, store};
use crate::customer::flatten::{diff, flatten};
use crate::customer::pages::{path_label, shown};
use crate::customer::visible::{visible, visible_change};
use crate::customer::{Customer, reach, store as customers};
use crate::directory::Directory;
use crate::export::csv::escape_formula;

const HEAD: [&str; 7] = ["customer_id", "customer_number", "name", "outcome", "changes", "reason_code", "reason"];
/// Rows read at once for the file.
const STEP: i64 = 200;

/// A row as people read it.
#[derive(Clone, Debug)]
pub struct ReportRow {
    pub position: i64,
    pub customer_id: Uuid,
    /// Empty when the customer no longer exists, or is beyond the reader's reach.
    pub number: String,
    /// There, and beyond the reader's reach.
    pub is_beyond: bool,
    pub name: String,
    pub outcome: Outcome,
    /// What changes or changed; unknown once the values are gone.
    pub changes: Vec<Change>,
    pub why: Option<KeptReason>,
}

/// What the rows of a plan look like.
pub struct Report<'a> {
    pub app: &'a App,
    pub plan: &'a PlanRow,
    pub directory: &'a Directory,
    /// Of the reader.
    pub sight: &'a Sight,
}

impl Report<'_> {
    /// Rows with this outcome, or all, from after `position`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rows(&self, outcome: Option<Outcome>, after: i64, limit: i64) -> AppResult<Vec<ReportRow>> {
        let rows = store::rows(self.app.db.read(), self.plan.id, outcome, after, limit).await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.customer_id).collect();
        let found = customers::find_many(self.app.db.read(), &ids).await?;
        let (found, beyond): (Vec<Customer>, Vec<Customer>) =
            found.into_iter().partition(|customer| reach::holds(&self.sight.reach, customer));
        let found: HashMap<Uuid, Customer> = found.into_iter().map(|customer| (customer.id, customer)).collect();
        let permissions = PermissionSet::parse(&self.plan.granted);
        let mut report = Vec::with_capacity(rows.len());
        for row in rows {
            let customer = found.get(&row.customer_id);
            let changes = match customer {
                Some(customer) => {
                    let changes = self.changes(&row, customer, &permissions).await?;
                    changes.into_iter().filter_map(|change| visible_change(change, &self.sight.fields)).collect()
                }
                None => Vec::new(),
            };
            report.push(ReportRow {
                position: row.position,
                is_beyond: beyond.iter().any(|customer| customer.id == row.customer_id),
                customer_id: row.customer_id,
                number: customer.map(|customer| customer.number.clone()).unwrap_or_default(),
                name: customer.map(|customer| visible(customer, &self.sight.fields).display_name()).unwrap_or_default(),
                outcome: row.outcome(),
                changes,
                why: row.reason(),
            });
        }
        Ok(report)
    }

    async fn changes(
        &self,
        row: &PlannedRow,
        customer: &Customer,
        permissions: &PermissionSet,
    ) -> AppResult<Vec<Change>> {
        match row.outcome() {
            Outcome::Change if row.version == customer.version => {
                let ground = Ground {
                    registry: &self.app.registry,
                    directory: self.directory,
                    permissions,
                    now: self.app.clock.now(),
                };
                let action = self.plan.action()?;
                match effect(self.app.db.read(), &ground, &action, customer).await? {
                    Effect::Change(after) => Ok(diff(&flatten(customer), &flatten(&after))),
                    _ => Ok(Vec::new()),
                }
            }
            Outcome::Done | Outcome::Undone => written(self.app.db.read(), customer, row.version).await,
            _ => Ok(Vec::new()),
        }
    }
}

/// What the history says was written as this version.
async fn written(db: &(impl SqlExt + Sync), customer: &Customer, version: i64) -> AppResult<Vec<Change>> {
    let events = history::since_version(db, customer.id, version - 1).await?;
    let event = events.iter().find(|event| event.version == version);
    Ok(event.and_then(|event| event.open(customer.history_key.as_ref())).unwrap_or_default())
}

/// A report that can be sent while it is read.
pub struct CsvReport {
    pub app: App,
    pub plan: PlanRow,
    pub directory: Directory,
    /// Of the reader.
    pub sight: Sight,
    pub lang: Lang,
}

impl CsvReport {
    /// The lines from after `position` and the position they reach, `None` when there are no more. One line per customer
    /// with what changes and why not; the head stands before the first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn piece(&self, after: i64) -> AppResult<Option<(Vec<u8>, i64)>> {
        let report = Report { app: &self.app, plan: &self.plan, directory: &self.directory, sight: &self.sight };
        let rows = report.rows(None, after, STEP).await?;
        let mut file = csv::Writer::from_writer(Vec::new());
        if after < 0 {
            file.write_record(HEAD).map_err(AppError::broken)?;
        }
        for row in &rows {
            file.write_record(self.line(row)).map_err(AppError::broken)?;
        }
        let bytes = file.into_inner().map_err(AppError::broken)?;
        Ok(rows.last().map(|last| (bytes, last.position)))
    }

    fn line(&self, row: &ReportRow) -> [String; 7] {
        let change = |change: &Change| sentence(change, &self.directory, self.lang);
        let changes: Vec<String> = row.changes.iter().map(change).collect();
        let why = row.why.as_ref();
        [
            row.customer_id.to_string(),
            row.number.clone(),
            escape_formula(&row.name).into_owned(),
            row.outcome.key().to_owned(),
            escape_formula(&changes.join("; ")).into_owned(),
            why.map(|why| why.code.clone()).unwrap_or_default(),
            why.map(|why| why.detail.translate(self.lang)).unwrap_or_default(),
        ]
    }
}

fn sentence(change: &Change, directory: &Directory, lang: Lang) -> String {
    let word = |value: &str| shown(&change.field, value, directory, lang).translate(lang);
    let field = path_label(&change.field, directory).translate(lang);
    format!("{field}: {} → {}", word(&change.before), word(&change.after))
}
