//! Why a file or a row of it is refused: stable codes, and a plain sentence for the log and the command line.

use std::io;

/// The file as a whole cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("The file is empty.")]
    Empty,
    #[error("This is a spreadsheet. Save it as CSV and choose that file.")]
    Spreadsheet,
    #[error("This is not a text file.")]
    Binary,
    #[error("The file has more than {0} columns.")]
    TooManyColumns(usize),
    #[error("The first line, which names the columns, cannot be read.")]
    Header,
    #[error("The file could not be read: {0}")]
    Unreadable(#[from] io::Error),
}

impl FileError {
    /// The stable reason code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::Spreadsheet => "file_is_spreadsheet",
            Self::Binary => "file_is_binary",
            Self::TooManyColumns(_) => "too_many_columns",
            Self::Header => "header_unreadable",
            Self::Unreadable(_) => "file_unreadable",
        }
    }
}

/// One thing wrong with one row: what staff need to find and mend it (catalogue row X-06).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CellError {
    /// Physical line of the file on which the row starts, counted from 1 with the header.
    pub line: u64,
    /// The column's name as the file has it; `None` when the whole row is meant.
    pub column: Option<String>,
    /// What stood there, shortened to [`CellError::SHOWN`] characters.
    pub value: String,
    /// The stable reason code.
    pub code: String,
    /// The reason as an English sentence, the translator's key.
    pub message: String,
}

impl CellError {
    /// Characters of a value that a report repeats: enough to recognise it, not enough to swell the report.
    pub const SHOWN: usize = 80;

    /// An error of the cell in `column`.
    pub fn in_cell(line: u64, column: &str, value: &str, code: &str, message: &str) -> Self {
        Self { column: Some(column.to_owned()), ..Self::of_row(line, value, code, message) }
    }

    /// An error of the row as a whole.
    pub fn of_row(line: u64, value: &str, code: &str, message: &str) -> Self {
        let shown: String = value.chars().filter(|c| !c.is_control()).take(Self::SHOWN).collect();
        Self { line, column: None, value: shown, code: code.to_owned(), message: message.to_owned() }
    }
}
