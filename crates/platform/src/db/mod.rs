//! The database: one schema and one SQL text for SQLite and PostgreSQL.
//!
//! Always true:
//! - reads go through [`Database::read`], writes only through [`Database::begin_write`];
//! - SQLite has one writer connection and its write lock is taken before the first read of a
//!   transaction (`BEGIN IMMEDIATE`); PostgreSQL runs writes SERIALIZABLE and the caller is asked
//!   to try again by [`crate::error::AppError::is_retryable`];
//! - times are `i64` microseconds since 1970 UTC, ids are UUIDv7 in the engine's native form.

mod checkpoint;
mod connect;
mod dialect;
mod full_text;
mod indexes;
mod insert;
mod migrate;
mod schema;
mod sql;

pub use connect::{ConnectError, Database, Engine, LONGEST_WRITE, Tx};
pub use dialect::{
    contains_folded, ends_with_digits, expand_types, packed_ids, packed_lines, packed_numbers, packed_rows,
    unpacked_ids,
};
pub use full_text::{Documents, TextMatch};
pub use indexes::{Dropped, drop_indexes, make_indexes};
pub use insert::Inserts;
pub use migrate::{Migration, MigrationError, applied, migrate};
pub use schema::{Column, ForeignKey, TableShape, read_schema};
pub use sql::{SqlExt, is_retryable, is_unique_violation, only_used, these};

/// Builds the parameter list of a statement: `params![id, name]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::sea_orm::Value::from($value)),*] };
}
