//! An import as it is kept: what was asked for, how far it is, what came of it.

use platform::error::{AppError, AppResult};
use platform::sea_orm::{self, FromQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::format::Format;
use super::mapping::{Column, Mapping};

/// What happens to a row whose customer is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnExisting {
    /// The row is left out.
    #[default]
    Skip,
    /// What the row says is written over what is there; what it does not say stays.
    Update,
    /// The row is refused.
    Fail,
}

impl OnExisting {
    pub const ALL: [OnExisting; 3] = [OnExisting::Skip, OnExisting::Update, OnExisting::Fail];

    pub fn key(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Update => "update",
            Self::Fail => "fail",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.key() == key)
    }
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// The file is here; the columns can still be corrected.
    Draft,
    /// Asked for, not begun.
    Waiting,
    Running,
    Done,
    /// Stopped by something that is not the fault of a row; `failure` says what.
    Failed,
}

impl RunState {
    pub fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Draft, Self::Waiting, Self::Running, Self::Done, Self::Failed]
            .into_iter()
            .find(|state| state.key() == key)
    }
}

/// What one column is read as, as stored and as the API gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ColumnChoice {
    /// The column's name in the file.
    pub name: String,
    /// The field it is read into; `null` when it is not read.
    pub field: Option<String>,
    /// How sure the guess was, in percent.
    pub confidence: u8,
}

/// How a file is to be read and what for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOptions {
    pub format: String,
    pub encoding: String,
    pub separator: String,
    pub columns: Vec<ColumnChoice>,
    /// Home channel of customers whose row names none.
    pub channel: Option<Uuid>,
    pub on_existing: OnExisting,
    /// Check and count, write nothing.
    pub dry_run: bool,
}

impl RunOptions {
    /// The options for a file with this mapping.
    pub fn of(mapping: &Mapping) -> Self {
        let columns = mapping.columns.iter().map(|column| ColumnChoice {
            name: column.name.clone(),
            field: column.field.map(|field| field.to_string()),
            confidence: column.confidence,
        });
        Self { format: mapping.format.name().to_owned(), columns: columns.collect(), ..Self::default() }
    }

    /// The mapping these options say.
    pub fn mapping(&self) -> Mapping {
        let columns = self.columns.iter().map(|column| Column {
            name: column.name.clone(),
            field: column.field.as_deref().and_then(super::field::Field::of_name),
            confidence: column.confidence,
        });
        Mapping { format: Format::of_name(&self.format).unwrap_or(Format::Generic), columns: columns.collect() }
    }

    /// How the file's bytes are to be read: as they were found to be when it was first looked at.
    pub fn read_options(&self) -> super::records::ReadOptions {
        super::records::ReadOptions { encoding: None, separator: self.separator.bytes().next() }
    }
}

/// An import.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ImportRun {
    pub id: Uuid,
    pub created_at: i64,
    pub staff_id: Option<Uuid>,
    pub actor_name: String,
    pub file_name: String,
    /// Where the file is in the blob store; empty for one read by the command line.
    pub file_key: String,
    pub file_bytes: i64,
    /// SHA-256 of the file, in hexadecimal; by it the command line finds the import it goes on with.
    pub file_digest: String,
    pub options: String,
    pub state: String,
    /// Records of the file that are dealt with. An import that was cut off goes on behind them.
    pub records_done: i64,
    /// About how many bytes of the file these were, for showing progress.
    pub bytes_done: i64,
    /// Customers of the file that are dealt with.
    pub rows_done: i64,
    pub created: i64,
    pub updated: i64,
    pub skipped: i64,
    pub failed: i64,
    pub failure: String,
    pub started_at: Option<i64>,
    pub finished_at: Option<i64>,
}

impl ImportRun {
    /// The stored options.
    ///
    /// # Errors
    /// `Broken` when they cannot be read, which only a newer version could have written.
    pub fn options(&self) -> AppResult<RunOptions> {
        serde_json::from_str(&self.options).map_err(AppError::broken)
    }

    pub fn state(&self) -> AppResult<RunState> {
        RunState::from_key(&self.state).ok_or_else(|| AppError::broken(format!("unknown import state {}", self.state)))
    }

    pub fn counts(&self) -> Counts {
        let count = |number: i64| number.unsigned_abs();
        Counts {
            records: count(self.records_done),
            bytes: count(self.bytes_done),
            rows: count(self.rows_done),
            created: count(self.created),
            updated: count(self.updated),
            skipped: count(self.skipped),
            failed: count(self.failed),
        }
    }

    /// How much of the file is dealt with, from 0 to 100.
    pub fn percent(&self) -> i64 {
        match self.state() {
            Ok(RunState::Done) => 100,
            _ => (self.bytes_done * 100 / self.file_bytes.max(1)).clamp(0, 99),
        }
    }
}

/// What came of the rows so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records of the file read.
    pub records: u64,
    /// Bytes of the file read, about.
    pub bytes: u64,
    /// Customers found in them.
    pub rows: u64,
    pub created: u64,
    pub updated: u64,
    pub skipped: u64,
    pub failed: u64,
}
