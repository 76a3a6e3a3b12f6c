//! How far long work is: a bar on a terminal, now and then a plain line elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Pause between two plain lines.
const PAUSE: Duration = Duration::from_secs(2);

/// Progress shown on standard error.
pub struct Progress {
    what: &'static str,
    total: u64,
    started: Instant,
    bar: Option<ProgressBar>,
    last: Instant,
}

impl Progress {
    /// Starts showing work of `total` steps, whatever a step is.
    pub fn start(what: &'static str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let look = ProgressStyle::with_template("{msg} {wide_bar} {percent} % {eta}");
            ProgressBar::new(total).with_style(look.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what)
        });
        let now = Instant::now();
        Self { what, total, started: now, bar, last: now }
    }

    /// Says how many steps are done, and how many rows these were.
    pub fn at(&mut self, done: u64, rows: u64) {
        let said = format!("{}: {rows}", self.what);
        match &self.bar {
            Some(bar) => {
                bar.set_position(done);
                bar.set_message(said);
            }
            None if self.last.elapsed() >= PAUSE => {
                self.last = Instant::now();
                eprintln!("{said} ({} %)", done * 100 / self.total.max(1));
            }
            None => {}
        }
    }

    /// Takes the bar away; answers how long it took.
    pub fn finish(&self) -> Duration {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.started.elapsed()
    }
}
