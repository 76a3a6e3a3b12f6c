//! Whose values begin with some text: addresses of mailboxes and postcodes, in their order. Where many begin so, the ids
//! that an index of the database leads to would take longer than all the rest of a page.

use platform::db::{Database, SqlExt, packed_lines};
use platform::error::AppResult;
use platform::params;
use uuid::Uuid;

use super::line::{Line, id, lines};

/// Values read with one statement.
const AT_ONCE: i64 = 5_000;
/// Of so many values one is kept.
const STEP: usize = 128;

/// Values of which customers own several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Starting {
    Email,
    Postcode,
}

impl Starting {
    pub(crate) const ALL: [Self; 2] = [Self::Email, Self::Postcode];

    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Email => "customer_email",
            Self::Postcode => "customer_address",
        }
    }

    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::Email => "folded",
            Self::Postcode => "postcode_folded",
        }
    }
}

/// Slots in the order of a value of theirs.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    slots: Vec<u32>,
    /// The value of every [`STEP`]th of them.
    values: Vec<Box<str>>,
}

impl Starts {
    pub(super) async fn read(db: &Database, line: &Line, what: Starting) -> AppResult<Self> {
        let (table, column) = (what.table(), what.column());
        let sql = format!(
            "select {} from (select customer_id, {column} from {table} where ({column}, customer_id) > ($1, $2) \
             order by {column}, customer_id limit {AT_ONCE}) v",
            packed_lines(db.engine(), "customer_id", &[column])
        );
        let mut starts = Self::default();
        // Behind all that is empty.
        let mut last = (String::new(), Uuid::max());
        loop {
            let packed: String = db.read().value(&sql, params![last.0.clone(), last.1]).await?.unwrap_or_default();
            let rows = || lines(&packed).filter_map(|line| line.split_once(','));
            let Some((id_of_last, value)) = rows().last() else { break };
            last = (value.to_owned(), Uuid::from_u128(id(id_of_last.as_bytes())));
            for (owner, value) in rows() {
                // Of those in the bin nothing is kept.
                line.slot(id(owner.as_bytes())).into_iter().for_each(|slot| starts.put(slot, value));
            }
            tokio::task::yield_now().await;
        }
        starts.slots.shrink_to_fit();
        starts.values.shrink_to_fit();
        Ok(starts)
    }

    fn put(&mut self, slot: usize, value: &str) {
        if self.slots.len().is_multiple_of(STEP) {
            self.values.push(value.into());
        }
        self.slots.push(slot as u32);
    }

    /// Everybody who has a value that begins so, and some who stand beside them.
    pub(crate) fn slots(&self, start: &str) -> &[u32] {
        let from = self.values.partition_point(|value| **value < *start).saturating_sub(1);
        let to = self.values.partition_point(|value| **value < *start || value.starts_with(start));
        &self.slots[(from * STEP).min(self.slots.len())..(to * STEP).min(self.slots.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_whose_value_begins_so_is_found() {
        let mut values: Vec<String> = (0..1_000).map(|at| format!("{:03}", at * 7 % 1_000)).collect();
        values.sort();
        let mut starts = Starts::default();
        values.iter().enumerate().for_each(|(slot, value)| starts.put(slot, value));
        for start in ["", "0", "1", "12", "127", "128", "5", "99", "999", "9999", "z"] {
            let found = starts.slots(start);
            let begins = |slot: &usize| values[*slot].starts_with(start);
            let missed = (0..values.len()).filter(begins).filter(|slot| !found.contains(&(*slot as u32))).count();
            let others = found.iter().filter(|slot| !begins(&(**slot as usize))).count();
            assert_eq!(missed, 0, "{start}");
            assert!(others <= 2 * STEP, "{start}: {others}");
        }
    }
}
