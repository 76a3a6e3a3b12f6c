//! What can go wrong, in three kinds that are kept apart (see `style.md` of the field: data the
//! person can mend, a request that cannot be met, something that broke).

use sea_orm::DbErr;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::i18n::{Lang, Message, Translate};

fn in_english<S: Serializer>(message: &Message, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&message.translate(Lang::En))
}

fn maybe_in_english<S: Serializer>(message: &Option<Message>, serializer: S) -> Result<S::Ok, S::Error> {
    message.as_ref().map(|message| message.translate(Lang::En)).serialize(serializer)
}

/// One thing a person can mend: which field, a stable code, a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Name of the form or JSON field, for example `email`.
    pub field: String,
    /// Stable reason code, for example `email_invalid`.
    pub code: &'static str,
    /// English for programs; pages translate it.
    #[serde(serialize_with = "in_english")]
    #[schema(value_type = String)]
    pub detail: Message,
}

/// The list of things a person can mend; empty means none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// Notes one refusal.
    pub fn add(&mut self, field: impl Into<String>, code: &'static str, detail: impl Into<Message>) {
        self.0.push(FieldError { field: field.into(), code, detail: detail.into() });
    }

    /// A list of one.
    pub fn one(field: impl Into<String>, code: &'static str, detail: impl Into<Message>) -> Self {
        let mut errors = Self::default();
        errors.add(field, code, detail);
        errors
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sentence for a field, if it was refused.
    pub fn of(&self, field: &str) -> Option<&Message> {
        self.0.iter().find(|error| error.field == field).map(|error| &error.detail)
    }

    /// `Ok` when nothing was noted.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// A refusal with a code from a closed list, the rows that cause it and the step that clears it
/// (catalogue: "Refused", X-05).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reason {
    /// Stable reason code, for example `customer_has_sub_accounts`.
    pub code: &'static str,
    /// English for programs; pages translate it.
    #[serde(serialize_with = "in_english")]
    #[schema(value_type = String)]
    pub detail: Message,
    /// Links to the rows that cause it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<ReasonRow>,
    /// What would clear it, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "maybe_in_english")]
    #[schema(value_type = Option<String>)]
    pub remedy: Option<Message>,
}

/// A row that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonRow {
    pub label: String,
    pub href: String,
}

impl Reason {
    pub fn new(code: &'static str, detail: impl Into<Message>) -> Self {
        Self { code, detail: detail.into(), rows: Vec::new(), remedy: None }
    }

    pub fn with_remedy(mut self, remedy: impl Into<Message>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    pub fn with_rows(mut self, rows: Vec<ReasonRow>) -> Self {
        self.rows = rows;
        self
    }
}

/// A reason as it is kept: without the rows it names, which may be people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptReason {
    pub code: String,
    pub detail: Message,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Message>,
}

impl From<Reason> for KeptReason {
    fn from(reason: Reason) -> Self {
        Self { code: reason.code.to_owned(), detail: reason.detail, remedy: reason.remedy }
    }
}

impl KeptReason {
    /// As a column keeps it.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What [`Self::to_text`] wrote.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Two people changed the same field (R24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldConflict {
    pub field: String,
    /// The value when the person began to edit.
    pub before: String,
    /// What is stored now, by the other person.
    pub theirs: String,
    /// What this person wants to store.
    pub yours: String,
}

/// Everything a handler can answer besides success.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("not found")]
    NotFound,
    /// The record became part of another (R2): reading is sent there, changing is refused with `customer_merged`.
    #[error("{old} became part of {survivor}")]
    Merged { old: Uuid, survivor: Uuid },
    #[error("sign-in needed")]
    Unauthenticated,
    #[error("refused: {}", .0.code)]
    Forbidden(Reason),
    #[error("refused: {}", .0.code)]
    Conflict(Reason),
    #[error("conflicting edits")]
    EditConflict { version: i64, conflicts: Vec<FieldConflict> },
    #[error("stale version")]
    Stale { current: i64 },
    #[error("If-Match is missing")]
    PreconditionRequired,
    #[error("invalid input")]
    Invalid(FieldErrors),
    #[error("bad request: {}", .0.code)]
    BadRequest(Reason),
    #[error("too many requests")]
    TooMany { retry_after_seconds: i64 },
    #[error("too large")]
    TooLarge,
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error("{0}")]
    Broken(String),
}

impl AppError {
    /// Whether running the same request again may succeed (lost a race on PostgreSQL).
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Database(error) if crate::db::is_retryable(error))
    }

    /// Wraps something that broke and that nobody outside can mend.
    pub fn broken(error: impl std::fmt::Display) -> Self {
        Self::Broken(error.to_string())
    }

    /// One refused field.
    pub fn field(field: &str, code: &'static str, detail: impl Into<Message>) -> Self {
        Self::Invalid(FieldErrors::one(field, code, detail))
    }
}

impl From<FieldErrors> for AppError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

/// What a function of the product answers.
pub type AppResult<T> = Result<T, AppError>;
