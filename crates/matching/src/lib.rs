//! Finds customers that are in the file twice.
//!
//! A pure library: no database, no files, no clock. [`normalise`] brings a [`Record`] into comparable form, a [`Person`];
//! [`match_keys`] says by what small keys likely duplicates are found; [`Model::score`] says how sure it is that two are
//! one and why; [`scan`] does all of it over a whole set of customers.
//!
//! Always true: a score does not depend on the order of the two; the prior and the weights of the contributions add up to
//! log2 of the odds; keys and counted values are the same in every process and on every platform.

mod compare;
mod explanation;
mod fingerprint;
mod keys;
mod knowledge;
mod model;
mod normalise;
mod person;
mod record;
mod scan;
mod sound;
mod statistics;
mod text;

pub use compare::{Comparison, Field, Finding, Found};
pub use keys::{KEYS_VERSION, KeyKind, MOST_KEYS, MatchKey, match_keys};
pub use model::{Contribution, Model, Score, probability};
pub use normalise::normalise;
pub use person::Person;
pub use record::{Address, Record};
pub use scan::{Cancelled, Options, Pair, Progress, Scan, Stage, scan};
pub use statistics::{Counted, Statistics, Unknown, Value, ValueKind, values};

/// Least probability of a pair that is shown unasked, chosen for precision.
pub const DEFAULT_THRESHOLD: f64 = 0.84;
