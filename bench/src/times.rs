//! Times, and the table they are shown in.

use std::collections::BTreeMap;
use std::time::Duration;

/// The times of one kind of work.
#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The time that `percent` of all stay below, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }
}

/// Times over HTTP and of the bare SQL, by kind of work.
#[derive(Default)]
pub struct Table {
    http: Vec<(&'static str, &'static str, Times)>,
    bare: BTreeMap<&'static str, Times>,
}

impl Table {
    /// Adds what was measured over HTTP; `limit` names the bare SQL it is compared with.
    pub fn add_http(&mut self, what: &'static str, limit: &'static str, times: Times) {
        self.http.push((what, limit, times));
    }

    pub fn add_bare(&mut self, what: &'static str, times: Times) {
        self.bare.insert(what, times);
    }

    pub fn print(&self) {
        println!("{:<34} {:>9} {:>9} {:>11} {:>7}", "", "p50 ms", "p99 ms", "SQL p99 ms", "ratio");
        for (what, limit, times) in &self.http {
            let (half, most) = (times.percentile(50), times.percentile(99));
            match self.bare.get(limit) {
                Some(bare) => {
                    let limit = bare.percentile(99);
                    println!("{what:<34} {half:>9.2} {most:>9.2} {limit:>11.2} {:>7.1}", most / limit.max(0.001));
                }
                None => println!("{what:<34} {half:>9.2} {most:>9.2}"),
            }
        }
    }
}
