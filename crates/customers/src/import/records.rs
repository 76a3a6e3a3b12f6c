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
            Some(Err(refused)) if refused.code == "too_many_columns" => Err(FileError::TooManyColumns(MAX_COLUMNS)),
            Some(Err(_)) => Err(FileError::Header),
            Some(Ok(record)) if record.text.contains('\u{fffd}') => Err(FileError::Header),
            Some(Ok(record)) => Ok(record.fields().enumerate().map(name_of_column).collect()),
        }
    }

    /// Reads one record; `None` at the end of the file.
    fn read_record(&mut self) -> Option<Result<Record, CellError>> {
        let line = match self.skip_line_ends() {
            Ok(line) => line,
            Err(error) => return Some(Err(unreadable(self.line, &error))),
        };
        let (mut length, mut columns) = (0, 0);
        let mut refused: Option<(&str, &str)> = None;
        loop {
            if self.at == self.buffer.len()
                && !self.at_end
                && let Err(error) = self.read_on()
            {
                return Some(Err(unreadable(line, &error)));
            }
            let (result, read, wrote, ended) =
                self.reader.read_record(&self.buffer[self.at..], &mut self.text[length..], &mut self.ends[columns..]);
            self.count_lines(read);
            self.at += read;
            length += wrote;
            columns += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.text.len() < MAX_RECORD_BYTES => {
                    self.text.resize(self.text.len() * 2, 0);
                }
                ReadRecordResult::OutputFull => {
                    refused.get_or_insert(RECORD_TOO_LONG);
                    length = 0;
                }
                ReadRecordResult::OutputEndsFull => {
                    refused.get_or_insert(TOO_MANY_COLUMNS);
                    columns = 0;
                }
                ReadRecordResult::Record => return Some(self.finish(line, length, columns, refused)),
                ReadRecordResult::End => return None,
            }
        }
    }

    fn finish(
        &self,
        line: u64,
        length: usize,
        columns: usize,
        refused: Option<(&str, &str)>,
    ) -> Result<Record, CellError> {
        let bytes = &self.text[..length];
        let ends = &self.ends[..columns];
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let refused = refused
            .or_else(|| (columns > MAX_COLUMNS).then_some(TOO_MANY_COLUMNS))
            .or_else(|| starts.zip(ends).any(|(from, to)| to - from > MAX_FIELD_BYTES).then_some(FIELD_TOO_LONG))
            .or_else(|| bytes.contains(&0).then_some(NUL));
        let text = String::from_utf8_lossy(bytes);
        match refused {
            Some((code, message)) => Err(CellError::of_row(line, &text, code, message)),
            None => Ok(Record { line, text: text.into_owned(), ends: ends.to_vec() }),
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
    type Item = Result<Record, CellError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_record()
    }
}

const TOO_MANY_COLUMNS: (&str, &str) = ("too_many_columns", "The row has more than 512 columns.");
const FIELD_TOO_LONG: (&str, &str) = ("field_too_long", "A cell of the row is longer than 64 KB.");
const RECORD_TOO_LONG: (&str, &str) = ("record_too_long", "The row is longer than 1 MB. Is a quotation mark missing?");
const NUL: (&str, &str) = ("control_character", "The text holds a control character.");

fn unreadable(line: u64, error: &std::io::Error) -> CellError {
    CellError::of_row(line, "", "file_unreadable", &format!("The file could not be read: {error}"))
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn open(text: &str) -> Records<&[u8]> {
        Records::open(text.as_bytes(), ReadOptions::default()).expect("a CSV file")
    }

    /// Line and fields of each record, line and code of each refusal.
    fn rows(text: &str) -> Vec<(u64, String)> {
        let show = |row: Result<Record, CellError>| match row {
            Ok(record) => (record.line, record.fields().collect::<Vec<_>>().join("|")),
            Err(refused) => (refused.line, refused.code),
        };
        open(text).map(show).collect()
    }

    #[test]
    fn tells_the_physical_line_of_each_record() {
        let text = "name,note\r\n\"Anna\",\"first\r\nsecond\nthird\"\r\n\r\n\nBert,x\r\nCarl,\"a \"\"b\"\" c\"";
        let expected = [(2, "Anna|first\r\nsecond\nthird"), (7, "Bert|x"), (8, "Carl|a \"b\" c")];
        assert_eq!(rows(text), expected.map(|(line, row)| (line, row.to_owned())));
        assert_eq!(rows("a\rb\rc"), [(2, "b".to_owned()), (3, "c".to_owned())]);
        assert_eq!(rows("\n\na,b\n1,2\n"), [(4, "1|2".to_owned())]);
    }

    #[test]
    fn finds_the_separator() {
        for (text, separator) in [
            ("a,b;c,d\n", b','),
            ("a;b;c,d\n1,2\n", b';'),
            ("a\tb\tc\n", b'\t'),
            ("\"a,b,c\";d\n", b';'),
            ("email\n", b','),
            ("sep=|\r\na|b\r\n", b'|'),
        ] {
            assert_eq!(open(text).separator(), separator, "{text}");
        }
        let records = open("sep=;\r\na;b\r\n1;2\r\n");
        assert_eq!(records.header(), ["a", "b"]);
        assert_eq!(records.map(|row| row.map(|r| r.line)).collect::<Vec<_>>(), [Ok(3)]);
        let options = ReadOptions { separator: Some(b','), ..ReadOptions::default() };
        assert_eq!(Records::open(&b"a;b,c\n"[..], options).expect("CSV").header(), ["a;b", "c"]);
    }

    #[test]
    fn short_rows_read_as_empty_and_nameless_columns_by_number() {
        let mut records = open(" a ,,c\n1\n");
        assert_eq!(records.header(), ["a", "#2", "c"]);
        let record = records.next().expect("a row").expect("a good row");
        assert_eq!((record.get(0), record.get(1), record.get(2), record.len()), ("1", "", "", 1));
    }

    #[test]
    fn one_bad_row_does_not_end_the_file() {
        let wide = ",".repeat(MAX_COLUMNS);
        let long = "x".repeat(MAX_FIELD_BYTES + 1);
        let huge = format!("\"{}\"", "y\n".repeat(MAX_RECORD_BYTES));
        let nul = "nul\0,1";
        let text = format!("a,b\n1,2\n{wide}\n{long},\n{huge},\nlast,1\n{nul}\nend,1\n");
        let line_after = 5 + MAX_RECORD_BYTES as u64 + 1;
        let expected = [
            (2, "1|2"),
            (3, "too_many_columns"),
            (4, "field_too_long"),
            (5, "record_too_long"),
            (line_after, "last|1"),
            (line_after + 1, "control_character"),
            (line_after + 2, "end|1"),
        ];
        assert_eq!(rows(&text), expected.map(|(line, row)| (line, row.to_owned())));
    }

    #[test]
    fn refuses_a_header_nobody_could_mean() {
        let refusal = |text: &str| Records::open(text.as_bytes(), ReadOptions::default()).err().map(|e| e.code());
        assert_eq!(refusal(&"a,".repeat(1_000_000)), Some("too_many_columns"));
        assert_eq!(refusal(&"x".repeat(3_000_000)), Some("header_unreadable"));
        assert_eq!(refusal("\n\n\r\n"), Some("file_empty"));
    }

    proptest! {
        /// What a proper writer wrote is read back, each record at its line.
        #[test]
        fn reads_what_a_writer_wrote(
            table in prop::collection::vec(prop::collection::vec("[a-z \",;\r\né]{0,8}", 3), 1..20)
        ) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["one", "two", "three"]).expect("memory");
            for row in &table {
                writer.write_record(row).expect("memory");
            }
            let bytes = writer.into_inner().expect("memory");
            let text = String::from_utf8(bytes).expect("UTF-8");
            let options = ReadOptions { separator: Some(b','), ..ReadOptions::default() };
            let read: Vec<Record> = Records::open(text.as_bytes(), options).expect("CSV").map(|r| r.expect("good")).collect();
            let fields: Vec<Vec<String>> = read.iter().map(|r| r.fields().map(str::to_owned).collect()).collect();
            prop_assert_eq!(&fields, &table);
            prop_assert!(read.windows(2).all(|pair| pair[0].line < pair[1].line));
        }
    }
}
