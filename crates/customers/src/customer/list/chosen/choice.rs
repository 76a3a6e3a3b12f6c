//! Choosing from the line-up those that a page can begin with.

use uuid::Uuid;

use super::super::SortKey;
use super::reach::Reached;
use crate::customer::marks::Column;
use crate::lineup::{Bits, Changed, Line, News};

/// So few are chosen without looking at their order: reading their records is quicker than going along everybody.
const FEW: usize = 150;

/// What a page asks of the line-up.
pub(super) struct Asked<'a> {
    pub key: SortKey,
    pub descending: bool,
    /// Who follows the row that the page begins after, the nearest first; `None` for the first page.
    pub begins: Option<&'a [Uuid]>,
    /// Bits of which a customer must have one, for each of these.
    pub marks: &'a [(Column, i64)],
    /// Customers that indexes lead to: one must be in all.
    pub reached: &'a [Reached],
    /// No more are to be chosen.
    pub most: usize,
}

/// Who may be on the page.
pub(super) struct Choice {
    /// From the line-up, the first ones in the order asked for.
    pub lined_up: Vec<Uuid>,
    /// These are all there are.
    pub is_whole: bool,
    /// They stand in the order asked for.
    pub is_in_order: bool,
    /// All that changed since the line-up was read.
    pub changed: Vec<Uuid>,
}

struct Wanted {
    lined_up: Bits,
    changed: Bits,
}

/// Whether a customer has one of the bits of each.
fn has_marks(asked: &[(Column, i64)], (marks, links): (i64, i64)) -> bool {
    asked.iter().all(|(column, bits)| match column {
        Column::Marks => marks & bits != 0,
        Column::Links => links & bits != 0,
    })
}

/// Chooses; `None` where the line-up cannot tell where the page begins.
pub(super) fn choose(line: &Line, news: &News, asked: &Asked<'_>) -> Option<Choice> {
    let wanted = wanted(line, news, asked)?;
    let changed = changed(news, asked, wanted.as_ref().map(|wanted| &wanted.changed));
    let mut set = match (wanted.map(|wanted| wanted.lined_up), line.marks().having(asked.marks)) {
        (Some(mut reached), Some(marked)) => {
            reached.keep(&marked);
            reached
        }
        (one, other) => one.or(other).unwrap_or_else(|| Bits::all(line.len())),
    };
    set.take_out(&news.stale);
    if set.count() <= FEW {
        let lined_up = set.numbers().map(|slot| line.id(slot)).collect();
        return Some(Choice { lined_up, is_whole: true, is_in_order: false, changed });
    }
    let order = line.order(asked.key);
    let order = match asked.begins {
        None => order,
        Some(following) => match (place(line, news, order, following)?, asked.descending) {
            (Some(place), false) => &order[place..],
            (Some(place), true) => &order[..=place],
            (None, _) => &[],
        },
    };
    let is_meant = |slot: &&u32| set.has(**slot as usize);
    let chosen: Vec<u32> = match asked.descending {
        false => order.iter().filter(is_meant).take(asked.most).copied().collect(),
        true => order.iter().rev().filter(is_meant).take(asked.most).copied().collect(),
    };
    // Nobody may follow upon the last one: that is found out by reading on.
    let is_whole = chosen.len() < asked.most;
    let lined_up = chosen.into_iter().map(|slot| line.id(slot as usize)).collect();
    Some(Choice { lined_up, is_whole, is_in_order: true, changed })
}

/// Where the nearest of these that still holds stands in the order: `Some(None)` where nobody follows at all, `None` where
/// those that were looked at all changed.
fn place(line: &Line, news: &News, order: &[u32], following: &[Uuid]) -> Option<Option<usize>> {
    let holds = |id: &Uuid| line.slot(id.as_u128()).filter(|slot| !news.stale.has(*slot));
    match following.iter().find_map(holds) {
        Some(slot) => Some(order.iter().position(|at| *at as usize == slot)),
        None => (following.len() < super::LOOKED_AT as usize).then_some(None),
    }
}

/// Those that all ways lead to; `Some(None)` where there is no way, `None` where it cannot be told.
fn wanted(line: &Line, news: &News, asked: &Asked<'_>) -> Option<Option<Wanted>> {
    let mut all: Option<Wanted> = None;
    for reached in asked.reached {
        let one = of_way(line, news, reached)?;
        all = Some(match all {
            None => one,
            Some(mut all) => {
                all.lined_up.keep(&one.lined_up);
                all.changed.keep(&one.changed);
                all
            }
        });
    }
    Some(all)
}

fn of_way(line: &Line, news: &News, reached: &Reached) -> Option<Wanted> {
    let mut one = Wanted { lined_up: Bits::with_room(line.len()), changed: Bits::with_room(news.rows.len()) };
    match reached {
        Reached::Customers(ids) => ids.iter().for_each(|id| {
            line.slot(*id).into_iter().for_each(|slot| one.lined_up.put(slot));
            news.place(*id).into_iter().for_each(|place| one.changed.put(place));
        }),
        Reached::Documents(numbers) => numbers.iter().for_each(|number| {
            line.slot_of_document(*number).into_iter().for_each(|slot| one.lined_up.put(slot));
            news.place_of_document(*number).into_iter().for_each(|place| one.changed.put(place));
        }),
        Reached::Words { lined_up, text } => {
            one.lined_up.add(lined_up);
            let changed = news.rows.iter().enumerate().filter(|(_, row)| text.is_met_by(&row.document));
            changed.for_each(|(place, _)| one.changed.put(place));
        }
        Reached::Created { between, first, beyond } => {
            let order = line.order(SortKey::Created);
            let from = place(line, news, order, first)?.unwrap_or(order.len());
            let to = place(line, news, order, beyond)?.unwrap_or(order.len());
            order[from.min(to)..to].iter().for_each(|slot| one.lined_up.put(*slot as usize));
            for (place, row) in news.rows.iter().enumerate() {
                let (_, at) = row.value(SortKey::Created);
                if (between.0..between.1).contains(&at) {
                    one.changed.put(place);
                }
            }
        }
    }
    Some(one)
}

/// Those of the changed customers that may be meant, in the order asked for.
fn changed(news: &News, asked: &Asked<'_>, wanted: Option<&Bits>) -> Vec<Uuid> {
    let is_meant = |(at, row): &(usize, &Changed)| {
        let is_reached = wanted.is_none_or(|wanted| wanted.has(*at));
        row.is_there && is_reached && has_marks(asked.marks, (row.marks, row.links))
    };
    let mut rows: Vec<&Changed> = news.rows.iter().enumerate().filter(is_meant).map(|(_, row)| row).collect();
    rows.sort_by(|a, b| (a.value(asked.key), a.id).cmp(&(b.value(asked.key), b.id)));
    if asked.descending {
        rows.reverse();
    }
    rows.into_iter().map(|row| row.id).collect()
}
