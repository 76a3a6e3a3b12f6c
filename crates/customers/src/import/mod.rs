//! Customers from a file: any encoding, any of the usual shops' exports, good rows kept and bad ones explained.
//!
//! How a row travels: [`decode`] makes UTF-8 of the bytes, [`records`] cuts it into records with their line numbers,
//! [`mapping`] says what each column means, [`row`] reads a record into an [`row::ImportedRow`].

pub mod decode;
pub mod error;
pub mod field;
pub mod format;
pub mod mapping;
mod names;
pub mod records;
pub mod row;
mod values;
mod vocabulary;

#[cfg(test)]
mod file_tests;
