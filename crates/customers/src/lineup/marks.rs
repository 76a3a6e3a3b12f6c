//! Everybody's [marks](crate::customer::marks), bit by bit: for each bit of the two columns the customers who have it. Whoever
//! has one of some bits is found by putting a few of these sets together, without looking at anybody.

use super::bits::Bits;
use crate::customer::marks::Column;

/// Bits of a column.
const WIDTH: usize = 64;
/// Marks of a record that an older version wrote: they say nothing.
const UNKNOWN: i64 = -1;

/// For each bit of each column the slots that have it.
#[derive(Debug)]
pub(crate) struct Marks {
    planes: Vec<Bits>,
    /// Whose marks say nothing: they have all of them.
    unknown: Bits,
    count: usize,
}

impl Default for Marks {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Marks {
    /// Of so many customers, who have no marks yet.
    pub(super) fn of(count: usize) -> Self {
        Self { planes: vec![Bits::default(); 2 * WIDTH], unknown: Bits::default(), count }
    }

    pub(super) fn put(&mut self, slot: usize, marks: i64, links: i64) {
        for (column, bits) in [(Column::Marks, marks), (Column::Links, links)] {
            let mut rest = bits.cast_unsigned();
            while rest != 0 {
                let plane = &mut self.planes[place(column, rest.trailing_zeros() as usize)];
                // Room for all at once: what few have takes none.
                if plane.is_empty() {
                    *plane = Bits::with_room(self.count);
                }
                plane.put(slot);
                rest &= rest - 1;
            }
        }
        if marks == UNKNOWN || links == UNKNOWN {
            self.unknown.put(slot);
        }
    }

    /// Nothing is known of this one.
    pub(super) fn put_unknown(&mut self, slot: usize) {
        self.put(slot, UNKNOWN, UNKNOWN);
    }

    /// Customers whose marks say nothing.
    pub(crate) fn unknown(&self) -> &Bits {
        &self.unknown
    }

    /// Customers who have one of the bits of each; `None` where no bits are asked for.
    pub(crate) fn having(&self, asked: &[(Column, i64)]) -> Option<Bits> {
        let mut all: Option<Bits> = None;
        for (column, bits) in asked {
            let asked = |bit: &usize| bits & (1_i64 << bit) != 0;
            let mut any = Bits::with_room(self.count);
            (0..WIDTH).filter(asked).for_each(|bit| any.add(&self.planes[place(*column, bit)]));
            match &mut all {
                None => all = Some(any),
                Some(all) => all.keep(&any),
            }
        }
        all
    }
}

fn place(column: Column, bit: usize) -> usize {
    match column {
        Column::Marks => bit,
        Column::Links => WIDTH + bit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_one_of_the_bits_of_each_is_found() {
        let mut marks = Marks::of(100);
        [(0b01, 0b1), (0b10, 0b1), (0b11, 0b0)]
            .into_iter()
            .enumerate()
            .for_each(|(slot, (a, b))| marks.put(slot, a, b));
        marks.put(98, i64::MIN, 0);
        marks.put_unknown(99);
        let having = |asked: &[(Column, i64)]| marks.having(asked).map(|found| found.numbers().collect::<Vec<_>>());
        assert_eq!(having(&[]), None);
        assert_eq!(having(&[(Column::Marks, 0b01)]), Some(vec![0, 2, 99]));
        assert_eq!(having(&[(Column::Marks, 0b11), (Column::Links, 0b1)]), Some(vec![0, 1, 99]));
        assert_eq!(having(&[(Column::Marks, i64::MIN)]), Some(vec![98, 99]));
        assert_eq!(having(&[(Column::Marks, 0b100)]), Some(vec![99]));
        assert_eq!(marks.unknown().numbers().collect::<Vec<_>>(), [99]);
    }
}
