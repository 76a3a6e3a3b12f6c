//! Customers to a file: CSV for spreadsheets, JSON lines for programs. What is written here, our own import reads back.

pub mod csv;
pub mod jsonl;
pub mod row;

pub use row::{ExportAddress, ExportRow};
