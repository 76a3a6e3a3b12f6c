//! JSON lines: one customer a line, nothing left out.

use std::io::{self, Write};

use super::row::ExportRow;

/// Writes customers as JSON lines.
pub struct JsonLinesWriter<W> {
    out: W,
}

impl<W: Write> JsonLinesWriter<W> {
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// Adds one customer.
    pub fn write(&mut self, row: &ExportRow) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, row)?;
        self.out.write_all(b"\n")
    }

    /// Hands everything on that is written so far.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
