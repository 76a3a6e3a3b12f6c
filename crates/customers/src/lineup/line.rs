//! What is kept of each customer: id, marks, and its place in each order.

use platform::db::{Database, SqlExt, packed_ids, packed_lines, packed_rows, unpacked_ids};
use platform::error::{AppError, AppResult};
use platform::params;
use platform::sea_orm::{DbErr, FromQueryResult, QueryResult, TryGetable, Value};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::bits::Bits;
use super::gather::Gatherer;
use super::marks::Marks;
use super::spelled::Spelled;
use super::starts::{Starting, Starts};
use super::words::{Field, Words};
use crate::customer::list::SortKey;

/// Customers read with one statement.
const AT_ONCE: i64 = 5_000;
/// Parts of the time that the ids span, to begin a search for one of them near it.
const PARTS: usize = 1 << 16;

/// Every customer outside the bin at one moment. A customer's slot is its place among the ids.
#[derive(Debug, Default)]
pub(crate) struct Line {
    ids: Vec<u128>,
    /// Where the ids of each part of the time begin.
    parts: Vec<u32>,
    marks: Marks,
    /// Slots in the order of each of [`SortKey::ALL`].
    orders: [Vec<u32>; 5],
    /// Slot by number of the search document, plus one; 0 where there is none.
    documents: Vec<u32>,
    /// Of each of [`Starting::ALL`].
    starts: [Starts; 2],
    words: Words,
    spelled: Spelled,
}

/// Many rows in one value, and what the last of them is sorted by.
struct PieceRow<P> {
    packed: P,
    last: Option<String>,
}

impl<P: TryGetable> FromQueryResult for PieceRow<P> {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self { packed: row.try_get(prefix, "packed")?, last: row.try_get(prefix, "last")? })
    }
}

impl Line {
    /// Reads every customer, piece by piece. What changes meanwhile is the caller's to know.
    pub(crate) async fn read(db: &Database) -> AppResult<Self> {
        let mut line = Self::default();
        let count: Option<i64> = db.read().value("select count(*) from customer", params![]).await?;
        line.ids.reserve_exact(count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0));
        read_pieces(db, SortKey::Created, "", &packed_ids(db.engine(), "id"), |packed: &Vec<u8>| {
            let piece = unpacked_ids(packed);
            line.ids.extend(&piece);
            piece.last().copied()
        })
        .await?;
        line.ids.sort_unstable();
        line.ids.dedup();
        line.divide();
        line.read_marks(db).await?;
        for key in [SortKey::Name, SortKey::Company, SortKey::Email, SortKey::Updated] {
            line.read_order(db, key).await?;
        }
        for what in Starting::ALL {
            line.starts[what as usize] = Starts::read(db, &line, what).await?;
        }
        line.read_documents(db).await?;
        line.spelled = Spelled::read(db).await?;
        Ok(line)
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn id(&self, slot: usize) -> Uuid {
        Uuid::from_u128(self.ids[slot])
    }

    pub(crate) fn marks(&self) -> &Marks {
        &self.marks
    }

    pub(crate) fn order(&self, key: SortKey) -> &[u32] {
        &self.orders[key as usize]
    }

    pub(crate) fn slot_of_document(&self, number: i64) -> Option<usize> {
        let slot = self.documents.get(usize::try_from(number).ok()?)?;
        (*slot > 0).then(|| *slot as usize - 1)
    }

    pub(crate) fn spelled(&self) -> &Spelled {
        &self.spelled
    }

    /// Everybody with a value that begins so, and some others.
    pub(crate) fn starting(&self, what: Starting, start: &str) -> &[u32] {
        self.starts[what as usize].slots(start)
    }

    pub(crate) fn words(&self) -> &Words {
        &self.words
    }

    /// Numbers of documents go up to about here.
    pub(crate) fn documents(&self) -> usize {
        self.documents.len()
    }

    pub(crate) fn slot(&self, id: u128) -> Option<usize> {
        let part = self.part(id);
        let (from, to) = (*self.parts.get(part)? as usize, *self.parts.get(part + 1)? as usize);
        self.ids[from..to].binary_search(&id).ok().map(|at| from + at)
    }

    fn part(&self, id: u128) -> usize {
        let (first, last) = (self.ids.first().copied().unwrap_or(0), self.ids.last().copied().unwrap_or(0));
        // The upper half holds the time.
        let (span, past) = ((last >> 64) - (first >> 64) + 1, (id >> 64).saturating_sub(first >> 64));
        usize::try_from(past.min(span - 1) * PARTS as u128 / span).unwrap_or(0)
    }

    fn divide(&mut self) {
        let mut parts = vec![0_u32; PARTS + 1];
        for id in &self.ids {
            parts[self.part(*id) + 1] += 1;
        }
        for at in 1..parts.len() {
            parts[at] += parts[at - 1];
        }
        self.parts = parts;
    }

    /// Everybody's marks, and the order they were created in.
    async fn read_marks(&mut self, db: &Database) -> AppResult<()> {
        let mut marks = Marks::of(self.len());
        let mut unread = Bits::all(self.len());
        let mut order = Vec::with_capacity(self.len());
        let packed = packed_rows(db.engine(), "id", &["marks", "links"]);
        let take = |text: &String| {
            let rows = rows(text);
            for (id, numbers) in &rows {
                let Some(slot) = self.slot(*id) else { continue };
                marks.put(slot, numbers[0], numbers[1]);
                unread.take(slot);
                order.push(slot as u32);
            }
            rows.last().map(|(id, _)| *id)
        };
        read_pieces(db, SortKey::Created, "marks, links", &packed, take).await?;
        unread.numbers().for_each(|slot| marks.put_unknown(slot));
        self.marks = marks;
        self.orders[SortKey::Created as usize] = order;
        Ok(())
    }

    async fn read_order(&mut self, db: &Database, key: SortKey) -> AppResult<()> {
        let mut order = Vec::with_capacity(self.len());
        let take = |packed: &Vec<u8>| {
            let piece = unpacked_ids(packed);
            order.extend(piece.iter().filter_map(|id| self.slot(*id)).map(|slot| slot as u32));
            piece.last().copied()
        };
        read_pieces(db, key, "", &packed_ids(db.engine(), "id"), take).await?;
        self.orders[key as usize] = order;
        Ok(())
    }

    async fn read_documents(&mut self, db: &Database) -> AppResult<()> {
        let sql = format!(
            "select {} as packed, null as last from (select d.seq, d.customer_id, c.name_folded, c.company_folded, \
             replace(d.document, $3, ' ') as document from customer_search d join customer c on c.id = d.customer_id \
             where d.customer_id > $1 order by d.customer_id limit $2) s",
            packed_lines(db.engine(), "customer_id", &["seq", "name_folded", "company_folded", "document"])
        );
        let most: Option<i64> = db.read().value("select coalesce(max(seq), 0) from customer_search", params![]).await?;
        self.documents = vec![0; most.and_then(|most| usize::try_from(most + 1).ok()).unwrap_or(0)];
        let (pieces, words) = gather()?;
        let mut last = Uuid::nil();
        loop {
            let piece: Option<PieceRow<String>> = db.read().first(&sql, params![last, AT_ONCE, "\n"]).await?;
            let packed = piece.map(|piece| piece.packed).unwrap_or_default();
            let mut slots = Vec::new();
            let mut read = None;
            for line in lines(&packed) {
                let mut parts = line.splitn(3, ',');
                let id = id(parts.next().unwrap_or_default().as_bytes());
                let number = parts.next().and_then(|number| number.parse().ok());
                read = Some(id);
                slots.push(self.slot(id));
                if let (Some(slot), Some(number)) = (self.slot(id), number) {
                    self.number_document(number, slot);
                }
            }
            let Some(id) = read else { break };
            last = Uuid::from_u128(id);
            pieces.send((packed, slots)).await.map_err(AppError::broken)?;
        }
        drop(pieces);
        self.words = words.await.map_err(AppError::broken)?;
        Ok(())
    }

    fn number_document(&mut self, number: usize, slot: usize) {
        if number >= self.documents.len() {
            self.documents.resize(number + 1, 0);
        }
        self.documents[number] = slot as u32 + 1;
    }
}

/// Documents as they are read, each with its slot.
type Piece = (String, Vec<Option<usize>>);

/// Gathers words on a thread of its own, which takes millions of small pieces of memory with it when it ends.
fn gather() -> AppResult<(mpsc::Sender<Piece>, oneshot::Receiver<Words>)> {
    let (pieces, mut waiting) = mpsc::channel::<Piece>(1);
    let (done, words) = oneshot::channel();
    let work = move || {
        let mut gatherer = Gatherer::default();
        while let Some((packed, slots)) = waiting.blocking_recv() {
            for (line, slot) in lines(&packed).zip(slots) {
                let Some(slot) = slot else { continue };
                let fields = [Field::Name, Field::Company, Field::Document];
                for (field, text) in fields.into_iter().zip(line.splitn(5, ',').skip(2)) {
                    gatherer.put(slot, field, text);
                }
            }
        }
        // Nobody waits any more when the reading failed.
        let _unheard = done.send(gatherer.finish());
    };
    std::thread::Builder::new().name("line-up".to_owned()).spawn(work).map_err(AppError::broken)?;
    Ok((pieces, words))
}

pub(super) fn lines(packed: &str) -> impl Iterator<Item = &str> {
    packed.split('\n').filter(|line| !line.is_empty())
}

/// An id as [`packed_rows`] gives it.
pub(super) fn id(digits: &[u8]) -> u128 {
    digits.iter().fold(0, |id, digit| (id << 4) | u128::from((digit & 15) + 9 * (digit >> 6)))
}

/// Ids and numbers as [`packed_rows`] gives them.
fn rows(packed: &str) -> Vec<(u128, Vec<i64>)> {
    let row = |text: &str| {
        let mut parts = text.split(',');
        let id = id(parts.next().unwrap_or_default().as_bytes());
        (id, parts.map(|number| number.parse().unwrap_or(0)).collect())
    };
    packed.split(';').filter(|row| !row.is_empty()).map(row).collect()
}

/// Walks along a sort's index; `take` gets each piece and answers its last id.
async fn read_pieces<P: TryGetable + Send>(
    db: &Database,
    key: SortKey,
    further: &str,
    packed: &str,
    mut take: impl FnMut(&P) -> Option<u128>,
) -> AppResult<()> {
    let column = key.column();
    let comma = if further.is_empty() { "" } else { ", " };
    let piece = |beyond: &str| {
        format!(
            "select {packed} as packed, cast(max({column}) as text) as last from (select id, {column}{comma}{further} \
             from customer where deleted_at is null{beyond} order by {column}, id limit {AT_ONCE}) piece"
        )
    };
    let mut sql = piece("");
    let mut from: Vec<Value> = Vec::new();
    loop {
        let read: Option<PieceRow<P>> = db.read().first(&sql, from).await?;
        let Some(PieceRow { packed, last: Some(last) }) = read else { return Ok(()) };
        let Some(id) = take(&packed) else { return Ok(()) };
        let value: Value = if key.is_time() { last.parse::<i64>().unwrap_or(0).into() } else { last.into() };
        from = vec![value, Uuid::from_u128(id).into()];
        sql = piece(&format!(" and ({column}, id) > ($1, $2)"));
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_packed() {
        let id = 0x01a2_01f6_d9ca_72b6_bca7_87c9_02df_d1d0_u128;
        assert_eq!(rows(&format!("{id:032X},-5,7;{id:032x},1,2")), [(id, vec![-5, 7]), (id, vec![1, 2])]);
    }

    #[test]
    fn everybody_is_found_by_id() {
        let mut line = Line { ids: (0..5_000_u128).map(|at| (at * at) << 60 | at).collect(), ..Line::default() };
        line.divide();
        for at in [0, 1, 77, 4_999] {
            assert_eq!(line.slot(line.ids[at]), Some(at));
            assert_eq!(line.slot(line.ids[at] + 1), None);
        }
        let mut nobody = Line::default();
        nobody.divide();
        assert_eq!(nobody.slot(5), None);
    }
}
