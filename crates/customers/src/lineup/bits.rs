//! A set of small numbers, one bit each.

/// Grows as numbers are put in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// Room for numbers below `count`.
    pub(crate) fn with_room(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    pub(crate) fn put(&mut self, number: usize) {
        let word = number / 64;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }

    pub(crate) fn has_none(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Whether nothing was put in, nor room made for it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    pub(crate) fn take(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    /// Puts in what the other has, each number larger by `from`, a multiple of 64.
    pub(crate) fn put_all(&mut self, from: usize, other: &Self) {
        let from = from / 64;
        for (at, word) in other.0.iter().enumerate().filter(|(_, word)| **word != 0) {
            if from + at >= self.0.len() {
                self.0.resize(from + at + 1, 0);
            }
            self.0[from + at] |= word;
        }
    }

    /// Puts in what the other has.
    pub(crate) fn add(&mut self, other: &Self) {
        self.put_all(0, other);
    }

    /// Takes out what the other has.
    pub(crate) fn take_out(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= !other);
    }

    /// Every number below `count`.
    pub(crate) fn all(count: usize) -> Self {
        let mut words = vec![u64::MAX; count / 64];
        words.extend((!count.is_multiple_of(64)).then(|| (1 << (count % 64)) - 1));
        Self(words)
    }

    /// Keeps what the other has as well.
    pub(crate) fn keep(&mut self, other: &Self) {
        for (at, word) in self.0.iter_mut().enumerate() {
            *word &= other.0.get(at).copied().unwrap_or(0);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The numbers that are in, ascending.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros();
                (rest != 0).then(|| {
                    rest &= rest - 1;
                    at * 64 + bit as usize
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_in() {
        let mut bits = Bits::with_room(10);
        [3, 64, 200].into_iter().for_each(|number| bits.put(number));
        assert_eq!(bits.numbers().collect::<Vec<_>>(), [3, 64, 200]);
        assert!(bits.has(64) && !bits.has(65) && !bits.has(100_000));
        let mut other = Bits::default();
        [64, 201].into_iter().for_each(|number| other.put(number));
        bits.keep(&other);
        assert_eq!((bits.count(), bits.has(64)), (1, true));
        bits.put_all(128, &other);
        assert_eq!(bits.numbers().collect::<Vec<_>>(), [64, 192, 329]);
        bits.take_out(&other);
        assert_eq!(bits.numbers().collect::<Vec<_>>(), [192, 329]);
        assert_eq!([0, 63, 64, 70].map(|count| Bits::all(count).count()), [0, 63, 64, 70]);
        bits.take(192);
        assert_eq!(bits.numbers().collect::<Vec<_>>(), [329]);
        assert!(Bits::all(70).has(69) && !Bits::all(70).has(70));
    }
}
