//! Reading a file ahead of the writing, on a thread of its own: rows in chunks, each row checked as the form checks it.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use platform::auth::PermissionSet;
use platform::clock::Clock;
use platform::contact::clean_line;
use platform::error::FieldErrors;
use platform::ids::new_id;
use tokio::sync::mpsc::Sender;
use uuid::Uuid;

use super::error::{CellError, FileError};
use super::existing::Marks;
use super::mapping::Mapping;
use super::pace::Pace;
use super::prepare::{input_of, problems_of};
use super::records::{ReadOptions, Record, Records};
use super::row::ImportedRow;
use super::store::FailedRow;
use crate::customer::apply::{Resolved, Rules, apply, unwritable};
use crate::customer::profile::Profile;
use crate::customer::{Customer, CustomerInput, Origin};
use crate::directory::Directory;

/// Longest customer number, in characters.
const NUMBER: usize = 40;

/// Some rows of the file, one after another.
#[derive(Debug, Default)]
pub struct Chunk {
    pub rows: Vec<Parsed>,
    /// Records of the file these rows and the empty ones between them took.
    pub records: u64,
    /// Bytes of the file read so far.
    pub bytes: u64,
}

/// A row as far as it can be judged without the database.
#[derive(Debug)]
pub enum Parsed {
    Good(Box<Candidate>),
    Bad(FailedRow),
}

/// A row that could be read.
#[derive(Debug)]
pub struct Candidate {
    pub row: ImportedRow,
    pub marks: Marks,
    pub input: CustomerInput,
    /// The customer it would make, or why it cannot make one.
    pub customer: Result<Customer, Vec<CellError>>,
    pub records: Vec<Record>,
}

impl Candidate {
    /// The row as one that was not taken in.
    pub fn failed(&self, problems: Vec<CellError>) -> FailedRow {
        FailedRow { line: self.row.line, problems, records: cells_of(&self.records) }
    }

    /// Refusals of the check as problems of this row's cells.
    pub fn problems(&self, errors: &FieldErrors, mapping: &Mapping) -> Vec<CellError> {
        problems_of(errors, &self.records[0], mapping, &self.row)
    }
}

fn cells_of(records: &[Record]) -> Vec<(u64, Vec<String>)> {
    records.iter().map(|record| (record.line, record.fields().map(str::to_owned).collect())).collect()
}

/// What the reading needs to know.
pub struct Reading {
    pub mapping: Mapping,
    pub options: ReadOptions,
    /// Home channel of rows that name none.
    pub channel: Option<Uuid>,
    /// Records to pass over: they were dealt with before the import was cut off.
    pub passed: u64,
    /// Customers in a chunk.
    pub pace: Pace,
    pub directory: Arc<Directory>,
    pub permissions: PermissionSet,
    pub clock: Clock,
}

/// Reads a file to its end and sends its rows in chunks; stops when nobody takes them any more.
///
/// # Errors
/// When the file cannot be read at all.
pub fn read(reading: &Reading, input: Box<dyn Read + Send>, chunks: &Sender<Chunk>) -> Result<(), FileError> {
    let bytes = Arc::new(AtomicU64::new(0));
    let mut records = Records::open(Counted { input, bytes: Arc::clone(&bytes) }, reading.options)?;
    let passed = records.by_ref().take(reading.passed as usize).count();
    debug_assert!(passed as u64 <= reading.passed);
    let mut chunk = Chunk::default();
    let mut open: Option<(ImportedRow, Vec<Record>)> = None;
    for record in records {
        let blank = record.as_ref().is_ok_and(Record::is_empty);
        match record.map(|record| (ImportedRow::read(&record, &reading.mapping), record)) {
            _ if blank => chunk.records += 1,
            Ok((Ok(row), record)) => match &mut open {
                Some((customer, its)) if row.continues(customer, reading.mapping.format) => {
                    customer.take_in(row);
                    its.push(record);
                }
                _ => {
                    reading.close(&mut chunk, open.replace((row, vec![record])));
                }
            },
            Ok((Err(problems), record)) => {
                reading.close(&mut chunk, open.take());
                let line = record.line;
                chunk.records += 1;
                chunk.rows.push(Parsed::Bad(FailedRow { line, problems, records: cells_of(&[record]) }));
            }
            Err(refused) => {
                reading.close(&mut chunk, open.take());
                let line = refused.problem.line;
                chunk.records += 1;
                let records = vec![(line, refused.cells)];
                chunk.rows.push(Parsed::Bad(FailedRow { line, problems: vec![refused.problem], records }));
            }
        }
        if chunk.rows.len() >= reading.pace.chunk() {
            chunk.bytes = bytes.load(Ordering::Relaxed);
            if chunks.blocking_send(std::mem::take(&mut chunk)).is_err() {
                return Ok(());
            }
        }
    }
    reading.close(&mut chunk, open);
    chunk.bytes = bytes.load(Ordering::Relaxed);
    let _nobody_there = chunks.blocking_send(chunk);
    Ok(())
}

impl Reading {
    /// Adds a customer whose rows are all read.
    fn close(&self, chunk: &mut Chunk, customer: Option<(ImportedRow, Vec<Record>)>) {
        let Some((row, records)) = customer else { return };
        chunk.records += records.len() as u64;
        let input = input_of(&row, self.channel);
        let customer = self.new_customer(&row, &input, &records[0]);
        let refused = unwritable(&input, &self.permissions.sight.fields);
        let problems = problems_of(&refused, &records[0], &self.mapping, &row);
        let candidate = Candidate { marks: Marks::of(&row), row, input, customer, records };
        // Before anybody looks whether the customer is there: that would answer what the person may not see.
        chunk.rows.push(match problems.is_empty() {
            true => Parsed::Good(Box::new(candidate)),
            false => Parsed::Bad(candidate.failed(problems)),
        });
    }

    fn new_customer(
        &self,
        row: &ImportedRow,
        input: &CustomerInput,
        record: &Record,
    ) -> Result<Customer, Vec<CellError>> {
        let now = self.clock.now();
        let mut customer = Customer::new(new_id(now), Origin::Import, now);
        let rules = Rules { directory: &self.directory, permissions: &self.permissions, now, profile: Profile::Import };
        let checked = apply(&mut customer, None, input, &Resolved::default(), rules).and_then(|()| number_of(row));
        match checked {
            Ok(number) => Ok(Customer { number, ..customer }),
            Err(errors) => Err(problems_of(&errors, record, &self.mapping, row)),
        }
    }
}

/// The number the file gives the customer; empty where it gives none.
fn number_of(row: &ImportedRow) -> Result<String, FieldErrors> {
    let typed = row.customer_number.as_deref().unwrap_or_default();
    clean_line(typed, NUMBER)
        .map(|number| number.to_uppercase())
        .map_err(|unclean| FieldErrors::one("customer_number", unclean.code(), unclean.to_string()))
}

/// Counts the bytes that pass.
struct Counted<R> {
    input: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(out)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
