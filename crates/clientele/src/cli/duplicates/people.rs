//! Reading the customers of a CSV file in comparable form. The file is read row by row; only what is compared is kept.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder};
use matching::{Address, Person, Record, normalise};
use rayon::prelude::*;

use super::columns::{Column, Columns};

/// Rows that are read before they are made comparable on all cores.
const CHUNK: usize = 16_384;
/// Bytes by which the delimiter is told.
const BUFFER: usize = 1 << 18;

/// The customers of a file.
pub struct Customers {
    pub people: Vec<Person>,
    ids: Ids,
}

impl Customers {
    /// The id of a customer as it stands in the file.
    pub fn id(&self, place: u32) -> &str {
        self.ids.get(place as usize)
    }
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {why}", file.display(), line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct ReadError {
    file: PathBuf,
    line: Option<u64>,
    why: String,
}

/// Reads a file.
pub fn read(path: &Path) -> Result<Customers, ReadError> {
    let error = |line: Option<u64>, why: String| ReadError { file: path.to_owned(), line, why };
    let mut reader = open(path).map_err(|problem| error(None, problem.to_string()))?;
    let header = reader.byte_headers().map_err(|problem| error(Some(1), problem.to_string()))?.clone();
    let columns = Columns::find(&header).map_err(|why| error(Some(1), why))?;
    let mut customers = Customers { people: Vec::new(), ids: Ids::default() };
    let (mut rows, mut next) = (Rows::default(), Rows::default());
    rows.read(&mut reader, path)?;
    while rows.count > 0 {
        // One core reads on while the others make comparable what was read.
        let read = || next.read(&mut reader, path);
        let make = || customers.take(&rows, |row| person(row, &columns, &header).map_err(|why| error(line(row), why)));
        let (read, taken) = rayon::join(read, make);
        taken?;
        for row in rows.get() {
            customers.ids.push(text(row, &columns, Column::Id, &header).map_err(|why| error(line(row), why))?);
        }
        read?;
        std::mem::swap(&mut rows, &mut next);
    }
    match customers.ids.twice() {
        Some(id) => Err(error(None, format!("the id {id:?} is there twice"))),
        None => Ok(customers),
    }
}

impl Customers {
    fn take(
        &mut self,
        rows: &Rows,
        person: impl Fn(&ByteRecord) -> Result<Person, ReadError> + Sync + Send,
    ) -> Result<(), ReadError> {
        let people: Result<Vec<Person>, ReadError> = rows.get().par_iter().map(person).collect();
        self.people.extend(people?);
        Ok(())
    }
}

/// Rows that were read together; the memory is used again.
struct Rows {
    rows: Vec<ByteRecord>,
    count: usize,
}

impl Default for Rows {
    fn default() -> Self {
        Self { rows: vec![ByteRecord::new(); CHUNK], count: 0 }
    }
}

impl Rows {
    fn read(&mut self, reader: &mut Reader<impl Read>, path: &Path) -> Result<(), ReadError> {
        self.count = 0;
        while self.count < CHUNK
            && reader.read_byte_record(&mut self.rows[self.count]).map_err(|problem| of_csv(path, &problem))?
        {
            self.count += 1;
        }
        Ok(())
    }

    fn get(&self) -> &[ByteRecord] {
        &self.rows[..self.count]
    }
}

/// Opens a file behind its byte order mark, with the delimiter that its first line shows.
fn open(path: &Path) -> std::io::Result<Reader<impl Read>> {
    let mut file = BufReader::with_capacity(BUFFER, File::open(path)?);
    if file.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        file.consume(3);
    }
    let start = file.fill_buf()?;
    let first = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| first.iter().filter(|byte| **byte == delimiter).count();
    let delimiter = *b",;\t".iter().max_by_key(|delimiter| (count(**delimiter), **delimiter == b',')).unwrap_or(&b',');
    Ok(ReaderBuilder::new().delimiter(delimiter).buffer_capacity(BUFFER).from_reader(file))
}

fn of_csv(path: &Path, problem: &csv::Error) -> ReadError {
    let line = problem.position().map(csv::Position::line);
    let why = match problem.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} columns, the first line {expected_len}")
        }
        _ => problem.to_string(),
    };
    ReadError { file: path.to_owned(), line, why }
}

fn line(row: &ByteRecord) -> Option<u64> {
    row.position().map(csv::Position::line)
}

/// The text of a column, or what is wrong with it.
fn text<'a>(row: &'a ByteRecord, columns: &Columns, column: Column, header: &ByteRecord) -> Result<&'a str, String> {
    let text = std::str::from_utf8(columns.get(row, column)).map_err(|_| {
        format!("column {}: not text in UTF-8; save the file in that encoding", columns.name(column, header))
    })?;
    match column {
        Column::Id if text.trim().is_empty() => Err("column id: empty".to_owned()),
        _ => Ok(text),
    }
}

fn person(row: &ByteRecord, columns: &Columns, header: &ByteRecord) -> Result<Person, String> {
    let get = |column| text(row, columns, column, header);
    let (number, street) = (get(Column::StreetNumber)?, get(Column::Address1)?);
    let joined;
    let line1 = if number.is_empty() {
        street
    } else {
        joined = format!("{number} {street}");
        &joined
    };
    Ok(normalise(&Record {
        title: get(Column::Title)?,
        first_name: get(Column::FirstName)?,
        last_name: get(Column::LastName)?,
        emails: vec![get(Column::Email)?],
        phones: vec![get(Column::Phone)?],
        company: get(Column::Company)?,
        addresses: vec![Address {
            line1,
            line2: get(Column::Address2)?,
            town: get(Column::Town)?,
            postcode: get(Column::Postcode)?,
            state: get(Column::State)?,
            country: get(Column::Country)?,
        }],
        date_of_birth: get(Column::DateOfBirth)?,
    }))
}

/// All ids in one text: a million small strings would weigh ten times as much.
#[derive(Default)]
struct Ids {
    text: String,
    ends: Vec<usize>,
}

impl Ids {
    fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    fn get(&self, place: usize) -> &str {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.text[start..self.ends[place]]
    }

    /// An id that occurs twice.
    fn twice(&self) -> Option<&str> {
        let hash = RandomState::new();
        let places = 0..self.ends.len();
        let mut hashed: Vec<(u64, usize)> =
            places.into_par_iter().map(|place| (hash.hash_one(self.get(place)), place)).collect();
        hashed.par_sort_unstable();
        let mut runs = hashed.chunk_by(|one, other| one.0 == other.0).filter(|run| run.len() > 1);
        runs.find_map(|run| {
            let mut ids: Vec<&str> = run.iter().map(|(_, place)| self.get(*place)).collect();
            ids.sort_unstable();
            ids.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
        })
    }
}
