//! How far long work is: a bar on a terminal, now and then a plain line elsewhere.

use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Pause between two plain lines.
const PAUSE: Duration = Duration::from_secs(2);

/// Progress shown on standard error.
pub struct Progress {
    what: &'static str,
    total: u64,
    bar: Option<ProgressBar>,
    last: Cell<Instant>,
}

impl Progress {
    /// Starts showing; a total of 0 is one that is not known.
    pub fn start(what: &'static str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = if total > 0 { ProgressBar::new(total) } else { ProgressBar::new_spinner() };
            let look = "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}";
            bar.with_style(ProgressStyle::with_template(look).unwrap_or_else(|_| ProgressStyle::default_bar()))
                .with_message(what)
        });
        Self { what, total, bar, last: Cell::new(Instant::now()) }
    }

    /// Says how much is done.
    pub fn at(&self, done: u64) {
        match &self.bar {
            Some(bar) => bar.set_position(done),
            None if self.last.get().elapsed() >= PAUSE => {
                self.last.set(Instant::now());
                match self.total {
                    0 => eprintln!("{}: {done}", self.what),
                    total => eprintln!("{}: {done} of {total}", self.what),
                }
            }
            None => {}
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
