//! Customers from a file: any encoding, any of the usual shops' exports, good rows kept and bad ones explained.
//!
//! How a row travels: [`decode`] makes UTF-8 of the bytes, [`records`] cuts it into records with their line numbers,
//! [`mapping`] says what each column means, [`row`] reads a record into an [`row::ImportedRow`], `prepare` makes of it the
//! same input that a form hands in, and [`work`] writes it. Staff and programs come in through [`service`].
//!
//! Always true:
//! - the rows of a chunk and the checkpoint behind them are written in one transaction: an import that was cut off
//!   goes on where it stopped, and no row is taken in twice;
//! - a bad row costs that row only; it is reported with line, column, value and reason;
//! - memory does not grow with the file.

pub mod api;
pub mod decode;
pub mod error;
mod existing;
pub mod failed;
pub mod field;
pub mod format;
mod labels;
pub mod mapping;
mod merge;
mod names;
mod pace;
pub mod pages;
mod prepare;
mod reader;
pub mod records;
mod retention;
pub mod row;
pub mod run;
pub mod service;
pub mod store;
mod taken;
mod values;
mod vocabulary;
pub mod work;

#[cfg(test)]
mod file_tests;
