//! The records of a CSV file of any size, one at a time, with the physical line each starts on.

use std::io::Read;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::decode::Utf8;
use super::error::{CellError, FileError};

/// What a record may hold. Real exports stay far below; beyond lies a mistake or an attack.
pub const MAX_COLUMNS: usize = 512;
pub const MAX_FIELD_BYTES: usize = 64 * 1024;
pub const MAX_RECORD_BYTES: usize = 1024 * 1024;

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// How a file is to be read; what is `None` is guessed.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions {
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// `,`, `;` or a tab (any ASCII character will do).
    pub separator: Option<u8>,
}

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Physical line on which the record starts, counted from 1.
    pub line: u64,
    text: String,
    ends: Vec<usize>,
}

impl Record {
    /// A record put together by hand, as tests and the mending of rows need.
    pub fn of(line: u64, fields: &[&str]) -> Self {
        let mut record = Self { line, text: String::new(), ends: Vec::with_capacity(fields.len()) };
        for field in fields {
            record.text.push_str(field);
            record.ends.push(record.text.len());
        }
        record
    }

    /// The field of a column, counted from 0; empty where the row is shorter than the header.
    pub fn get(&self, column: usize) -> &str {
        let start = if column == 0 { 0 } else { self.ends.get(column - 1).copied().unwrap_or(self.text.len()) };
        let end = self.ends.get(column).copied().unwrap_or(self.text.len());
        if column < self.ends.len() { &self.text[start..end] } else { "" }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether nothing but blanks stands in the row: spreadsheets write such rows after the last one.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    pub fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|column| self.get(column))
    }
}

/// A row that cannot be taken as one, and its cells as far as they were read, so that they can be given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub problem: CellError,
    pub cells: Vec<String>,
}

/// A record while it is read.
#[derive(Default)]
struct SoFar {
    length: usize,
    columns: usize,
    /// Whether any of it was read, and whether the end of the file was tried on it.
    begun: bool,
    probed: bool,
    refused: Option<((&'static str, &'static str), Vec<String>)>,
}

/// A CSV file being read. Memory stays at two chunks and one record, whatever the file's size.
pub struct Records<R> {
    input: Utf8<R>,
    reader: Reader,
    separator: u8,
    header: Vec<String>,
    buffer: Vec<u8>,
    at: usize,
    /// The line at `at`, and whether the byte before it was a carriage return.
    line: u64,
    after_return: bool,
    at_end: bool,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: Read> Records<R> {
    /// Opens a file and reads the line that names the columns.
    pub fn open(input: R, options: ReadOptions) -> Result<Self, FileError> {
        let mut input = Utf8::open(input, options.encoding)?;
        let buffer = read_chunk(&mut input)?;
        let (announced, at) = announced_separator(&buffer);
        let separator = options.separator.or(announced).unwrap_or_else(|| guess_separator(&buffer[at..]));
        let mut records = Self {
            input,
            reader: ReaderBuilder::new().delimiter(separator).build(),
            separator,
            header: Vec::new(),
            buffer,
            at,
            line: if at > 0 { 2 } else { 1 },
            after_return: false,
            at_end: false,
            text: vec![0; 16 * 1024],
            ends: vec![0; MAX_COLUMNS + 1],
        };
        records.header = records.read_header()?;
        Ok(records)
    }

    /// The columns' names, trimmed; a column without one is called by its number (`#3`).
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The separator found.
    pub fn separator(&self) -> u8 {
        self.separator
    }

    /// The encoding found, as far as the file has been read.
    pub fn encoding(&self) -> &'static str {
        self.input.encoding()
    }

    fn read_header(&mut self) -> Result<Vec<String>, FileError> {
        match self.next() {
            None => Err(FileError::Empty),
            Some(Err(refused)) if refused.problem.code == "too_many_columns" => {
                Err(FileError::TooManyColumns(MAX_COLUMNS))
            }
            Some(Err(_)) => Err(FileError::Header),
            Some(Ok(record)) if record.text.contains('\u{fffd}') => Err(FileError::Header),
            Some(Ok(record)) => Ok(record.fields().enumerate().map(name_of_column).collect()),
        }
    }

    /// Reads one record; `None` at the end of the file.
    fn read_record(&mut self) -> Option<Result<Record, Refused>> {
        let line = match self.skip_line_ends() {
            Ok(line) => line,
            Err(error) => return Some(Err(unreadable(self.line, &error))),
        };
        let mut so_far = SoFar::default();
        loop {
            if self.at == self.buffer.len()
                && !self.at_end
                && let Err(error) = self.read_on()
            {
                return Some(Err(unreadable(line, &error)));
            }
            // A line end behind the last byte ends the record, unless a quotation mark is still open.
            let probes = self.at == self.buffer.len() && so_far.begun && !so_far.probed;
            let input = if probes { &b"\n"[..] } else { &self.buffer[self.at..] };
            let (result, read, wrote, ended) =
                self.reader.read_record(input, &mut self.text[so_far.length..], &mut self.ends[so_far.columns..]);
            so_far.length += wrote;
            so_far.columns += ended;
            if probes {
                so_far.probed = read > 0;
            } else {
                so_far.begun |= read > 0;
                self.count_lines(read);
                self.at += read;
            }
            match result {
                ReadRecordResult::InputEmpty if probes => self.refuse(&mut so_far, QUOTE_NOT_CLOSED),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.text.len() < MAX_RECORD_BYTES => {
                    self.text.resize(self.text.len() * 2, 0);
                }
                ReadRecordResult::OutputFull => {
                    self.refuse(&mut so_far, RECORD_TOO_LONG);
                    so_far.length = 0;
                }
                ReadRecordResult::OutputEndsFull => {
                    self.refuse(&mut so_far, TOO_MANY_COLUMNS);
                    so_far.columns = 0;
                }
                ReadRecordResult::Record => return Some(self.finish(line, so_far)),
                ReadRecordResult::End => return None,
            }
        }
    }

    /// Notes the first thing wrong with a record, with its cells as far as they were read.
    fn refuse(&self, so_far: &mut SoFar, reason: (&'static str, &'static str)) {
        if so_far.refused.is_none() {
            so_far.refused = Some((reason, self.cells(so_far)));
        }
    }

    /// The cells read so far, the last one perhaps cut off.
    fn cells(&self, so_far: &SoFar) -> Vec<String> {
        let ends = self.ends[..so_far.columns].iter().copied().chain([so_far.length]);
        let mut from = 0;
        let mut cells: Vec<String> = Vec::with_capacity(so_far.columns + 1);
        for to in ends.map(|end| end.min(so_far.length)) {
            cells.push(String::from_utf8_lossy(&self.text[from.min(to)..to]).into_owned());
            from = to;
        }
        if cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        cells
    }

    fn finish(&self, line: u64, mut so_far: SoFar) -> Result<Record, Refused> {
        if so_far.refused.is_none() {
            let ends = &self.ends[..so_far.columns];
            let starts = std::iter::once(0).chain(ends.iter().copied());
            if so_far.columns > MAX_COLUMNS {
                self.refuse(&mut so_far, TOO_MANY_COLUMNS);
            } else if starts.zip(ends).any(|(from, to)| to - from > MAX_FIELD_BYTES) {
                self.refuse(&mut so_far, FIELD_TOO_LONG);
            } else if self.text[..so_far.length].contains(&0) {
                self.refuse(&mut so_far, NUL);
            }
        }
        match so_far.refused {
            Some(((code, message), cells)) => {
                let problem = CellError::of_row(line, &cells.join(" "), code, message);
                Err(Refused { problem, cells })
            }
            None => {
                let text = String::from_utf8_lossy(&self.text[..so_far.length]).into_owned();
                Ok(Record { line, text, ends: self.ends[..so_far.columns].to_vec() })
            }
        }
    }

    /// Steps over line ends and empty lines, so that the line counted is that of the record's first character.
    fn skip_line_ends(&mut self) -> Result<u64, std::io::Error> {
        loop {
            let rest = &self.buffer[self.at..];
            let count = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            let more_may_follow = count == rest.len() && !self.at_end;
            self.count_lines(count);
            self.at += count;
            if !more_may_follow {
                return Ok(self.line);
            }
            self.read_on()?;
        }
    }

    /// Counts the line ends in the next `count` bytes: `\n`, `\r\n`, or `\r` alone.
    fn count_lines(&mut self, count: usize) {
        for &byte in &self.buffer[self.at..self.at + count] {
            if byte == b'\r' || (byte == b'\n' && !self.after_return) {
                self.line += 1;
            }
            self.after_return = byte == b'\r';
        }
    }

    fn read_on(&mut self) -> Result<(), std::io::Error> {
        self.buffer.resize(CHUNK, 0);
        let read = self.input.read(&mut self.buffer)?;
        self.buffer.truncate(read);
        self.at = 0;
        self.at_end = read == 0;
        Ok(())
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<Record, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_record()
    }
}

const TOO_MANY_COLUMNS: (&str, &str) = ("too_many_columns", "The row has more than 512 columns.");
const FIELD_TOO_LONG: (&str, &str) = ("field_too_long", "A cell of the row is longer than 64 KB.");
const RECORD_TOO_LONG: (&str, &str) = ("record_too_long", "The row is longer than 1 MB. Is a quotation mark missing?");
const QUOTE_NOT_CLOSED: (&str, &str) =
    ("quote_not_closed", "A quotation mark is not closed, so the rest of the file reads as one cell.");
const NUL: (&str, &str) = ("control_character", "The text holds a control character.");

fn unreadable(line: u64, error: &std::io::Error) -> Refused {
    let message = format!("The file could not be read: {error}");
    Refused { problem: CellError::of_row(line, "", "file_unreadable", &message), cells: Vec::new() }
}

fn name_of_column((at, name): (usize, &str)) -> String {
    match name.trim() {
        "" => format!("#{}", at + 1),
        name => name.chars().filter(|c| !c.is_control()).collect(),
    }
}

fn read_chunk(input: &mut impl Read) -> Result<Vec<u8>, FileError> {
    let mut chunk = Vec::with_capacity(CHUNK);
    input.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
    Ok(chunk)
}

/// Excel's own line `sep=;`, and where the line after it starts.
fn announced_separator(start: &[u8]) -> (Option<u8>, usize) {
    match start {
        [b's', b'e', b'p', b'=', separator, b'\r', b'\n', ..] => (Some(*separator), 7),
        [b's', b'e', b'p', b'=', separator, b'\n', ..] => (Some(*separator), 6),
        _ => (None, 0),
    }
}

/// The separator that stands most often in the first line, outside quotation marks.
fn guess_separator(start: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for &byte in start.iter().skip_while(|byte| matches!(byte, b'\r' | b'\n')) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(separator, _)| *separator == byte).for_each(|(_, count)| *count += 1),
        }
    }
    // The first of equals wins, so that one column without any separator reads as a comma's.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
