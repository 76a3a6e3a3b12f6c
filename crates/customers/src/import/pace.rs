//! How many rows go into one transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The size an import begins with, and the smallest.
const FIRST: usize = 2_000;
const SMALLEST: usize = 100;
/// A transaction that took less time than this may be twice as large the next time.
const QUICK: Duration = Duration::from_secs(2);
/// One that took longer than this is to be half as large: whoever follows the event log waits so long for its end.
const SLOW: Duration = Duration::from_secs(8);

/// Customers in one transaction. Many at once are quicker, since the random pages of the indexes are then written once for
/// many rows; how many is told by the disk.
#[derive(Clone, Debug)]
pub struct Pace {
    now: Arc<AtomicUsize>,
    most: usize,
}

impl Pace {
    pub fn up_to(most: usize) -> Self {
        Self { now: Arc::new(AtomicUsize::new(FIRST.min(most))), most }
    }

    /// Customers in the chunk that is read now.
    pub fn chunk(&self) -> usize {
        self.now.load(Ordering::Relaxed)
    }

    /// Learns how long the transaction of so many customers took.
    pub fn learn(&self, customers: usize, took: Duration) {
        let wanted = match took {
            took if took > SLOW => (customers / 2).max(SMALLEST),
            took if took < QUICK && customers >= self.chunk() => customers * 2,
            _ => return,
        };
        self.now.store(wanted.min(self.most), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_tells_how_many_go_at_once() {
        let pace = Pace::up_to(5_000);
        assert_eq!(pace.chunk(), 2_000);
        pace.learn(2_000, Duration::from_secs(1));
        assert_eq!(pace.chunk(), 4_000);
        // A chunk that was read before it grew tells nothing new, and neither does one in between.
        pace.learn(2_000, Duration::from_secs(1));
        pace.learn(4_000, Duration::from_secs(3));
        assert_eq!(pace.chunk(), 4_000);
        pace.learn(4_000, Duration::from_secs(1));
        assert_eq!(pace.chunk(), 5_000);
        pace.learn(5_000, Duration::from_secs(9));
        assert_eq!(pace.chunk(), 2_500);
        pace.learn(150, Duration::from_secs(9));
        assert_eq!(pace.chunk(), 100);
        assert_eq!(Pace::up_to(500).chunk(), 500);
    }
}
