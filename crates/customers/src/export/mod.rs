//! Customers to a file: CSV for spreadsheets, JSON lines for programs. What is written here, our own import reads back.
//! Start reading at [`stream::write`].

pub mod api;
pub mod csv;
pub mod jsonl;
pub mod row;
pub mod stream;

pub use row::{ExportAddress, ExportRow};
pub use stream::ExportFormat;
