//! Every likely pair of a whole set of customers, and the clusters they form.

mod blocks;
mod clusters;

use rayon::prelude::*;

use crate::DEFAULT_THRESHOLD;
use crate::compare::Comparison;
use crate::model::Model;
use crate::person::Person;
use crate::statistics::{Counted, Statistics};

/// Candidate pairs from which the weights are learned.
const SAMPLE: usize = 100_000;

/// How to scan.
#[derive(Clone, Debug)]
pub struct Options {
    /// Least probability of a pair that is answered.
    pub threshold: f64,
    /// Whether the weights are adapted to these customers.
    pub learn: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { threshold: DEFAULT_THRESHOLD, learn: true }
    }
}

/// A likely pair. `a` and `b` are places in the scanned slice, `a` the lower one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    pub a: u32,
    pub b: u32,
    pub probability: f64,
    /// The third customer that holds the two together, when they alone are less sure.
    pub over: Option<u32>,
}

/// What a scan found.
#[derive(Clone, Debug)]
pub struct Scan {
    /// By `a`, then `b`.
    pub pairs: Vec<Pair>,
    /// Customers that are one, two or more each; the lowest place names the cluster.
    pub clusters: Vec<Vec<u32>>,
    /// The weights that were used.
    pub model: Model,
    /// How many customers and values there are; needed to explain a pair.
    pub statistics: Counted,
    /// How many pairs were compared.
    pub compared: usize,
}

/// What a scan is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Counting,
    Blocking,
    Learning,
    Comparing,
    Clustering,
}

/// The scan was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// Told how far a scan is: the stage and its share done, between 0 and 1. Answering `false` cancels the scan.
pub type Progress<'a> = &'a (dyn Fn(Stage, f64) -> bool + Sync);

/// Finds the likely pairs of a set of customers, on all cores.
pub fn scan(people: &[Person], options: &Options, progress: Progress<'_>) -> Result<Scan, Cancelled> {
    let tell = |stage, share| if progress(stage, share) { Ok(()) } else { Err(Cancelled) };
    tell(Stage::Counting, 0.0)?;
    let statistics = Counted::of(people);
    tell(Stage::Blocking, 0.0)?;
    let candidates = blocks::candidates(people, &|share| tell(Stage::Blocking, share))?;
    tell(Stage::Learning, 0.0)?;
    let model = if options.learn { learn(people, &candidates, &statistics) } else { Model::shipped() };
    tell(Stage::Comparing, 0.0)?;
    let likely = compare(people, &candidates, &statistics, &model, &|share| tell(Stage::Comparing, share))?;
    tell(Stage::Clustering, 0.0)?;
    let compared = candidates.len();
    drop(candidates);
    let (pairs, clusters) = clusters::form(people, likely, &model, &statistics, options.threshold);
    Ok(Scan { pairs, clusters, model, statistics, compared })
}

fn learn(people: &[Person], candidates: &[u64], statistics: &Counted) -> Model {
    let step = candidates.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<Comparison> = candidates
        .par_iter()
        .step_by(step)
        .map(|pair| {
            let (a, b) = blocks::unpack(*pair);
            Comparison::of(&people[a as usize], &people[b as usize], statistics)
        })
        .collect();
    Model::learned(&sample, step as f64, statistics)
}

/// Odds below which a pair is of no interest to clustering, as log2.
const HOPELESS: f64 = -6.0;

/// A candidate with log2 of its odds.
#[derive(Clone, Copy, Debug)]
pub struct Likely {
    pub a: u32,
    pub b: u32,
    pub log_odds: f32,
}

fn compare(
    people: &[Person],
    candidates: &[u64],
    statistics: &Counted,
    model: &Model,
    tell: &(dyn Fn(f64) -> Result<(), Cancelled> + Sync),
) -> Result<Vec<Likely>, Cancelled> {
    let mut likely = Vec::new();
    let part = (candidates.len() / 50).max(100_000);
    for (index, candidates_part) in candidates.chunks(part).enumerate() {
        tell((index * part) as f64 / candidates.len() as f64)?;
        let found = candidates_part.par_chunks(TOGETHER).flat_map_iter(|pairs| {
            fetch(people, pairs);
            pairs.iter().filter_map(|pair| {
                let (a, b) = blocks::unpack(*pair);
                let comparison = Comparison::of_hopeful(&people[a as usize], &people[b as usize], statistics)?;
                let log_odds = model.log_odds(&comparison, statistics.customers());
                (log_odds > HOPELESS).then_some(Likely { a, b, log_odds: log_odds as f32 })
            })
        });
        likely.par_extend(found);
    }
    Ok(likely)
}

/// Candidates whose customers are fetched from memory together.
const TOGETHER: usize = 16;

/// Touches the customers of some candidates. They lie far apart in memory, and the processor waits for many of them at once
/// as long as it would for one.
fn fetch(people: &[Person], pairs: &[u64]) {
    let touched = pairs.iter().map(|pair| people[blocks::unpack(*pair).1 as usize].touch());
    std::hint::black_box(touched.fold(0, |sum: u64, touch| sum.wrapping_add(touch)));
}
