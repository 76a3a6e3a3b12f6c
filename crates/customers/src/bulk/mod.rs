//! Bulk actions as plans (S0-56, S1-44, S4-12 to S4-14): choose customers, see what would change and what is refused,
//! carry out exactly that in the background, get a result per row, and undo the batch later.

mod action;
pub mod api;
mod effect;
pub mod pages;
mod report;
mod revert;
pub mod service;
mod store;
mod work;

use platform::error::KeptReason;
use platform::registry::{CustomerColumn, OnMerge, Personal, RecordKind, Role, Table, not_personal, personal};
use platform::sea_orm::{self, FromQueryResult};
use platform::tr;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use action::{Action, ActionKind};
pub use work::job_kinds;

/// What the registry knows of the tables.
pub const TABLES: [Table; 2] = [
    Table {
        name: "bulk_plan",
        columns: &[
            ("action", not_personal("a key from a fixed list")),
            ("value", not_personal("id of a group, person, source or channel, or a language code")),
            ("question", personal(Personal::SearchText)),
            ("granted", not_personal("list of permission keys")),
            ("state", not_personal("a key from a fixed list")),
            ("failure", not_personal("what the program said; never values of customers")),
        ],
        record: None,
    },
    Table {
        name: "bulk_row",
        columns: &[
            ("outcome", not_personal("a key from a fixed list")),
            (
                "reason",
                not_personal("a reason code with its sentence; names of groups and the like, never of customers"),
            ),
        ],
        record: Some(RecordKind {
            key: "bulk_rows",
            name: tr!("Bulk actions"),
            row_key: &["plan_id", "position"],
            customer_columns: &[CustomerColumn { column: "customer_id", role: Role::Subject }],
            on_merge: OnMerge::Stay,
            label: "",
            delete_guard: None,
            tab: None,
        }),
    },
];

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// The dry run is being made.
    Preparing,
    /// The dry run can be read and carried out.
    Ready,
    Running,
    Done,
    Undoing,
    Undone,
    /// Given up; `failure` says why.
    Failed,
}

impl PlanState {
    const ALL: [Self; 7] =
        [Self::Preparing, Self::Ready, Self::Running, Self::Done, Self::Undoing, Self::Undone, Self::Failed];

    pub fn key(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
            Self::Failed => "failed",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Preparing => tr!("Being checked"),
            Self::Ready => tr!("Ready to carry out"),
            Self::Running => tr!("Under way"),
            Self::Done => tr!("Carried out"),
            Self::Undoing => tr!("Being undone"),
            Self::Undone => tr!("Undone"),
            Self::Failed => tr!("Given up"),
        }
    }

    /// Somebody works on it now.
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Preparing | Self::Running | Self::Undoing)
    }
}

/// What becomes, or became, of one customer of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Would change.
    Change,
    /// Is that way already.
    Same,
    /// May not be changed; the reason says why.
    Refused,
    /// Was changed.
    Done,
    /// Could not be changed any more when its turn came; the reason says why.
    Failed,
    /// Was changed back.
    Undone,
    /// Was not changed back; the reason says why.
    LeftAlone,
}

impl Outcome {
    pub const ALL: [Self; 7] =
        [Self::Change, Self::Done, Self::Undone, Self::Same, Self::Refused, Self::Failed, Self::LeftAlone];

    pub fn key(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Same => "same",
            Self::Refused => "refused",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Undone => "undone",
            Self::LeftAlone => "left_alone",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.key() == key)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Change => tr!("Will change"),
            Self::Same => tr!("Stays as it is"),
            Self::Refused => tr!("Refused"),
            Self::Done => tr!("Changed"),
            Self::Failed => tr!("Not changed"),
            Self::Undone => tr!("Changed back"),
            Self::LeftAlone => tr!("Left alone"),
        }
    }

    pub fn tone(self) -> &'static str {
        match self {
            Self::Change | Self::Done => "good",
            Self::Same => "off",
            Self::Refused | Self::Failed => "bad",
            Self::Undone => "info",
            Self::LeftAlone => "warn",
        }
    }
}

/// A plan as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct PlanRow {
    pub id: Uuid,
    pub staff_id: Uuid,
    pub staff_name: String,
    pub action: String,
    pub value: String,
    /// `?` and the filter it was made from, as a query; empty when the customers were ticked.
    pub question: String,
    pub granted: String,
    pub state: String,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub finished_at: Option<i64>,
    pub undone_at: Option<i64>,
    /// Customers chosen; 0 until they are counted.
    pub total: i64,
    pub failure: String,
}

impl PlanRow {
    pub fn state(&self) -> PlanState {
        PlanState::from_key(&self.state).unwrap_or(PlanState::Failed)
    }

    /// The filter it was made from; `None` when the customers were ticked.
    pub fn filter(&self) -> Option<&str> {
        self.question.strip_prefix('?')
    }

    /// What the plan does.
    ///
    /// # Errors
    /// `Broken` when the stored action is unknown.
    pub fn action(&self) -> platform::error::AppResult<Action> {
        Action::stored(&self.action, &self.value)
    }
}

/// One customer of a plan.
#[derive(Clone, Debug, FromQueryResult)]
pub struct PlannedRow {
    pub position: i64,
    pub customer_id: Uuid,
    /// The customer's version in the dry run; after the run the version it made.
    pub version: i64,
    pub outcome: String,
    pub reason: String,
}

impl PlannedRow {
    pub fn outcome(&self) -> Outcome {
        Outcome::from_key(&self.outcome).unwrap_or(Outcome::Failed)
    }

    pub fn reason(&self) -> Option<KeptReason> {
        KeptReason::read(&self.reason)
    }
}

/// How many customers of a plan have which outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(pub Vec<(Outcome, i64)>);

impl Tally {
    pub fn of(&self, outcome: Outcome) -> i64 {
        self.0.iter().find(|(known, _)| *known == outcome).map_or(0, |(_, count)| *count)
    }

    pub fn total(&self) -> i64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}
