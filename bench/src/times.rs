//! Times and what is told of them.

use std::time::{Duration, Instant};

/// The times of one kind of work.
#[derive(Default, Clone)]
pub struct Times(Vec<Duration>);

impl Times {
    /// The times of calling `work` with 0, 1, 2 and so on.
    pub fn of(count: usize, mut work: impl FnMut(usize)) -> Self {
        let mut times = Self::default();
        for at in 0..count {
            times.measure(|| work(at));
        }
        times
    }

    pub fn measure<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = work();
        self.0.push(started.elapsed());
        done
    }

    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that `percent` of all stay below, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }
}
