//! What another threshold would bring, before it is set: counted over the stored pairs, so it takes no scan.

use platform::app::App;
use platform::error::AppResult;
use platform::settings;

use super::FLOOR;
use super::explain::doubt_of;
use super::settings::{DuplicateSettings, check_threshold};
use super::store::{self, Pair, PairState};

/// Pairs shown of those that a threshold would bring or take away.
pub const SAMPLES: i64 = 10;

/// What a threshold would mean.
pub struct Simulation {
    pub threshold: f64,
    /// The threshold that is set.
    pub current: f64,
    /// Open pairs at the threshold that is set, and at the other one.
    pub pairs_now: i64,
    pub pairs_then: i64,
    /// Customers in those pairs.
    pub customers_then: i64,
    /// Pairs that come or go, those nearest to the threshold that is set first.
    pub changed: Vec<Pair>,
    /// Open pairs by probability.
    pub steps: Vec<Step>,
}

/// Open pairs in a range of probability.
pub struct Step {
    pub from: f64,
    pub to: f64,
    pub pairs: i64,
}

impl Simulation {
    /// Pairs that come.
    pub fn added(&self) -> i64 {
        (self.pairs_then - self.pairs_now).max(0)
    }

    /// Pairs that go.
    pub fn removed(&self) -> i64 {
        (self.pairs_now - self.pairs_then).max(0)
    }
}

/// Lower ends of the ranges.
const RANGES: [f64; 9] = [FLOOR, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999];

/// Counts what a threshold would bring.
///
/// # Errors
/// `Invalid` on `threshold` for one that cannot be.
pub async fn simulate(app: &App, threshold: f64) -> AppResult<Simulation> {
    check_threshold(threshold)?;
    let settings: DuplicateSettings = settings::load(app.db.read()).await?;
    let (now, then) = (doubt_of(settings.threshold), doubt_of(threshold));
    let open = PairState::Open;
    let mut doubts = vec![now, then];
    doubts.extend(RANGES.map(doubt_of));
    let counts = store::counts_at(app.db.read(), open, &doubts).await?;
    let (pairs_now, pairs_then, above) = (counts[0], counts[1], &counts[2..]);
    let step = |place: usize| Step {
        from: RANGES[place],
        to: RANGES.get(place + 1).copied().unwrap_or(1.0),
        pairs: above[place] - above.get(place + 1).copied().unwrap_or(0),
    };
    let steps = (0..RANGES.len()).rev().map(step).collect();
    let changed = store::between(app.db.read(), open, now.min(then), now.max(then), then < now, SAMPLES).await?;
    Ok(Simulation {
        threshold,
        current: settings.threshold,
        pairs_now,
        pairs_then,
        customers_then: store::customers_in(app.db.read(), open, then).await?,
        changed,
        steps,
    })
}
