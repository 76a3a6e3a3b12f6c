//! Clusters: which likely pairs hold together.
//!
//! The surest pairs are joined first. Two groups that a pair would join must fit as a whole: the evidence of all pairs
//! across them is added up, each bounded, so that one odd record does not chain strangers together, while a pair that
//! alone says little is believed when a third record holds both.

use rustc_hash::FxHashMap;

use super::{Likely, Pair};
use crate::compare::Comparison;
use crate::model::{Model, probability};
use crate::person::Person;
use crate::statistics::{Counted, Statistics};

/// Bounds of the evidence of one pair when groups are joined, as log2 of the odds. That two records have little in common
/// says less against a group than a close pair says for it: somebody who moved and changed the mailbox has both.
const AGAINST: f64 = 3.0;
const FOR: f64 = 6.0;
/// Customers in a cluster at most: more are a shared value, not one customer.
const LARGEST: usize = 50;

/// Groups customers by their likely pairs; answers all pairs within the groups, and the groups.
pub fn form(
    people: &[Person],
    mut likely: Vec<Likely>,
    model: &Model,
    statistics: &Counted,
    threshold: f64,
) -> (Vec<Pair>, Vec<Vec<u32>>) {
    let least = (threshold / (1.0 - threshold)).log2();
    likely.retain(|pair| f64::from(pair.log_odds) >= least);
    likely.sort_unstable_by(|x, y| y.log_odds.total_cmp(&x.log_odds).then((x.a, x.b).cmp(&(y.a, y.b))));
    let mut groups = Groups { people, model, statistics, group_of: FxHashMap::default(), members: Vec::new() };
    likely.iter().for_each(|pair| groups.join(pair));
    groups.finish(&likely)
}

struct Groups<'a> {
    people: &'a [Person],
    model: &'a Model,
    statistics: &'a Counted,
    group_of: FxHashMap<u32, usize>,
    members: Vec<Vec<u32>>,
}

impl Groups<'_> {
    fn group(&mut self, place: u32) -> usize {
        *self.group_of.entry(place).or_insert_with(|| {
            self.members.push(vec![place]);
            self.members.len() - 1
        })
    }

    fn log_odds(&self, a: u32, b: u32) -> f64 {
        let comparison = Comparison::of(&self.people[a as usize], &self.people[b as usize], self.statistics);
        self.model.log_odds(&comparison, self.statistics.customers())
    }

    fn join(&mut self, pair: &Likely) {
        let (x, y) = (self.group(pair.a), self.group(pair.b));
        if x == y || !self.fit(x, y) {
            return;
        }
        let (large, small) = if self.members[x].len() >= self.members[y].len() { (x, y) } else { (y, x) };
        let moved = std::mem::take(&mut self.members[small]);
        moved.iter().for_each(|place| {
            self.group_of.insert(*place, large);
        });
        self.members[large].extend(moved);
    }

    /// Whether the evidence across two groups speaks for one customer.
    fn fit(&self, x: usize, y: usize) -> bool {
        let (x, y) = (&self.members[x], &self.members[y]);
        if x.len() == 1 && y.len() == 1 {
            return true;
        }
        let pairs = x.iter().flat_map(|a| y.iter().map(move |b| (*a, *b)));
        let evidence: f64 = pairs.map(|(a, b)| self.log_odds(a, b).clamp(-AGAINST, FOR)).sum();
        evidence > 0.0 && x.len() + y.len() <= LARGEST
    }

    /// All pairs within the groups. A pair that is held together by a third record is as sure as the surest way over it.
    fn finish(mut self, likely: &[Likely]) -> (Vec<Pair>, Vec<Vec<u32>>) {
        let direct: FxHashMap<(u32, u32), f64> =
            likely.iter().map(|pair| ((pair.a, pair.b), f64::from(pair.log_odds))).collect();
        let mut clusters: Vec<Vec<u32>> = std::mem::take(&mut self.members);
        clusters.retain(|members| members.len() > 1);
        clusters.iter_mut().for_each(|members| members.sort_unstable());
        clusters.sort_unstable();
        let mut pairs = Vec::new();
        for members in &clusters {
            for (place, a) in members.iter().enumerate() {
                for b in &members[place + 1..] {
                    let sure =
                        |x: u32, y: u32| direct.get(&(x.min(y), x.max(y))).map_or(0.0, |odds| probability(*odds));
                    let alone = sure(*a, *b);
                    let ways = members.iter().map(|over| (sure(*a, *over) * sure(*over, *b), *over));
                    let best = ways.max_by(|x, y| x.0.total_cmp(&y.0)).filter(|(way, _)| *way > alone);
                    let probability = best.map_or(alone, |(way, _)| way);
                    pairs.push(Pair { a: *a, b: *b, probability, over: best.map(|(_, over)| over) });
                }
            }
        }
        (pairs, clusters)
    }
}
