//! The rows that were not taken in, as a file that is mended and sent again: the columns of the file that was sent,
//! and two at the end that say what is wrong, which an import passes over.

use std::io::Write;

use platform::error::{AppError, AppResult};
use platform::sea_orm::ConnectionTrait;

use super::error::CellError;
use super::run::{ColumnChoice, ImportRun};
use super::store;
use crate::export::csv::escape_formula;

/// Rows fetched at once.
const STEP: i64 = 500;

/// Names of the columns that say what is wrong.
const LINE: &str = "import line";
const PROBLEM: &str = "import problem";

/// Writes the failed rows of an import as CSV, in the order of the file; answers how many there are.
pub async fn write(db: &impl ConnectionTrait, run: &ImportRun, out: &mut (impl Write + Send)) -> AppResult<u64> {
    let mut file = FailedRows::start(&run.options()?.columns, out)?;
    let (mut after, mut count) = (0, 0);
    loop {
        let rows = store::failed_rows(db, run.id, after, STEP).await?;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { break };
        let reasons = store::reasons(db, run.id, first.line, last.line).await?;
        after = last.line;
        for row in &rows {
            let cells: Vec<String> = serde_json::from_str(&row.cells).map_err(AppError::broken)?;
            let mine = reasons.iter().filter(|(line, _)| *line == row.line).map(|(_, reason)| reason);
            file.add(row.line.unsigned_abs(), cells, mine)?;
            count += 1;
        }
    }
    file.finish()?;
    Ok(count)
}

/// The file of failed rows, being written.
pub struct FailedRows<W: Write> {
    writer: ::csv::Writer<W>,
    columns: usize,
}

impl<W: Write> FailedRows<W> {
    /// Writes the header: the columns of the file that was sent, and what is wrong.
    pub fn start(columns: &[ColumnChoice], mut out: W) -> AppResult<Self> {
        out.write_all("\u{feff}".as_bytes()).map_err(AppError::broken)?;
        let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(out);
        let header = columns.iter().map(|column| column.name.as_str());
        writer.write_record(header.chain([LINE, PROBLEM])).map_err(AppError::broken)?;
        Ok(Self { writer, columns: columns.len() })
    }

    /// Adds a row that was not taken in.
    pub fn add<'p>(
        &mut self,
        line: u64,
        mut cells: Vec<String>,
        problems: impl Iterator<Item = &'p CellError>,
    ) -> AppResult<()> {
        cells.resize(self.columns.max(cells.len()), String::new());
        cells.push(line.to_string());
        cells.push(problems.map(sentence).collect::<Vec<_>>().join(" "));
        let escaped = cells.iter().map(|cell| escape_formula(cell).into_owned());
        self.writer.write_record(escaped).map_err(AppError::broken)
    }

    pub fn finish(mut self) -> AppResult<()> {
        self.writer.flush().map_err(AppError::broken)
    }
}

/// The problem on one line: where, what, why.
pub fn sentence(problem: &CellError) -> String {
    match &problem.column {
        Some(column) => format!("{column}: {}", problem.message),
        None => problem.message.clone(),
    }
}
