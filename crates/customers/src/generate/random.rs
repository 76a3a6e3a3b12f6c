//! Chance that comes out the same on every machine and in every version.

/// The SplitMix64 generator (Steele, Lea, Flood, 2014): tiny, quick, and fixed for good, which a library's default
/// generator is not.
pub struct Chance(u64);

impl Chance {
    /// The stream of one customer of one seed, independent of its neighbours'.
    pub fn of(seed: u64, index: u64) -> Self {
        let mut chance = Self(seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        chance.0 = chance.number().wrapping_add(index);
        chance
    }

    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `limit`, all alike.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.number()) * u128::from(limit)) >> 64) as u64
    }

    /// A number from `from` to `to`, both possible.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    /// True in `percent` of 100 cases.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of a list, all alike.
    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len() as u64) as usize]
    }

    /// A number from 0 to below `limit`, of which the small ones are the commonest: the first tenth comes up in more than a
    /// quarter of all cases.
    pub fn below_common(&mut self, limit: u64) -> u64 {
        self.below(limit).min(self.below(limit)).min(self.below(limit))
    }

    /// One of a list in which the first are the commonest, as names are.
    pub fn pick_common<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below_common(list.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let mut chance = Chance::of(7, 3);
        let numbers = [chance.below(100), chance.between(5, 9), chance.below(1)];
        let mut again = Chance::of(7, 3);
        assert_eq!(numbers, [again.below(100), again.between(5, 9), again.below(1)]);
        assert!(numbers[0] < 100 && (5..=9).contains(&numbers[1]) && numbers[2] == 0);
        assert_ne!(Chance::of(7, 3).number(), Chance::of(7, 4).number());
        assert_ne!(Chance::of(7, 3).number(), Chance::of(8, 3).number());
    }
}
