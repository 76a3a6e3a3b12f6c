//! Every query about pairs.

use platform::clock::Micros;
use platform::db::{SqlExt, Tx};
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult, Statement, Value};
use platform::{params, tr};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a pair stands in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PairState {
    /// Waits for a decision.
    #[default]
    Open,
    /// Comes back when its time has come.
    Later,
    NotSame,
    SameHousehold,
}

impl PairState {
    pub const ALL: [Self; 4] = [Self::Open, Self::Later, Self::NotSame, Self::SameHousehold];

    /// The stable key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Later => "later",
            Self::NotSame => "not_same",
            Self::SameHousehold => "same_household",
        }
    }

    /// English label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => tr!("Open"),
            Self::Later => tr!("Later"),
            Self::NotSame => tr!("Not the same"),
            Self::SameHousehold => tr!("Same household"),
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// Two customers who are likely one. `low_id` is the lower of the two ids.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Pair {
    pub low_id: Uuid,
    pub high_id: Uuid,
    /// See [`super::explain::doubt_of`].
    pub doubt: i64,
    /// The third customer that holds the two together, when they alone are less sure.
    pub over_id: Option<Uuid>,
    pub explanation: String,
    pub found_at: i64,
    pub state: String,
    /// 0, or when the pair was put to the end of the queue.
    pub turn: i64,
}

impl Pair {
    pub fn state(&self) -> PairState {
        PairState::from_key(&self.state).unwrap_or_default()
    }

    pub fn place(&self) -> Place {
        (self.turn, self.doubt, self.low_id, self.high_id)
    }

    pub fn probability(&self) -> f64 {
        super::explain::probability_of(self.doubt)
    }

    /// The one of the two that is not `own`.
    pub fn other(&self, own: Uuid) -> Uuid {
        if self.low_id == own { self.high_id } else { self.low_id }
    }
}

/// Where a pair stands in the order of the queue: turn, doubt and the two ids.
pub type Place = (i64, i64, Uuid, Uuid);

/// Before every pair.
pub const FIRST: Place = (-1, i64::MIN, Uuid::nil(), Uuid::nil());

/// Two ids, the lower one first.
pub fn ordered(a: Uuid, b: Uuid) -> (Uuid, Uuid) {
    if a <= b { (a, b) } else { (b, a) }
}

const COLUMNS: [&str; 8] = ["low_id", "high_id", "doubt", "over_id", "explanation", "found_at", "state", "turn"];
const SELECT: &str = "select p.low_id, p.high_id, p.doubt, p.over_id, p.explanation, p.found_at, p.state, p.turn \
    from duplicate_pair p";
/// Those in the bin or part of another stay in the table until somebody looks after them.
const BOTH_THERE: &str = "exists (select 1 from customer c where c.id = p.low_id and c.deleted_at is null) \
    and exists (select 1 from customer c where c.id = p.high_id and c.deleted_at is null)";

/// Pairs of one state that are sure enough, the surest first, behind a place.
pub async fn page(
    db: &impl ConnectionTrait,
    state: PairState,
    doubt: i64,
    after: Place,
    limit: i64,
) -> Result<Vec<Pair>, DbErr> {
    let sql = format!(
        "{SELECT} where p.state = $1 and p.doubt <= $2 and (p.turn, p.doubt, p.low_id, p.high_id) > ($3, $4, $5, $6) \
         and {BOTH_THERE} order by p.turn, p.doubt, p.low_id, p.high_id limit $7"
    );
    let (turn, from, low, high) = after;
    db.all(&sql, params![state.key(), doubt, turn, from, low, high, limit]).await
}

/// The pair before a place.
pub async fn before(
    db: &impl ConnectionTrait,
    state: PairState,
    doubt: i64,
    place: Place,
) -> Result<Option<Pair>, DbErr> {
    let sql = format!(
        "{SELECT} where p.state = $1 and p.doubt <= $2 and (p.turn, p.doubt, p.low_id, p.high_id) < ($3, $4, $5, $6) \
         and {BOTH_THERE} order by p.turn desc, p.doubt desc, p.low_id desc, p.high_id desc limit 1"
    );
    let (turn, from, low, high) = place;
    db.first(&sql, params![state.key(), doubt, turn, from, low, high]).await
}

/// Pairs of one state in a range of doubt, the surest first or last.
pub async fn between(
    db: &impl ConnectionTrait,
    state: PairState,
    above: i64,
    up_to: i64,
    surest_last: bool,
    limit: i64,
) -> Result<Vec<Pair>, DbErr> {
    // All columns in one direction, so that an index gives the order.
    let order = if surest_last { "desc" } else { "asc" };
    let sql = format!(
        "{SELECT} where p.state = $1 and p.doubt > $2 and p.doubt <= $3 and {BOTH_THERE} \
         order by p.doubt {order}, p.low_id {order}, p.high_id {order} limit $4"
    );
    db.all(&sql, params![state.key(), above, up_to, limit]).await
}

/// How many pairs of one state are sure enough, for several doubts at once.
pub async fn counts_at(db: &impl ConnectionTrait, state: PairState, doubts: &[i64]) -> Result<Vec<i64>, DbErr> {
    let sums =
        (0..doubts.len()).map(|place| format!("coalesce(sum(case when doubt <= ${} then 1 else 0 end), 0)", place + 2));
    let sql = format!("select {} from duplicate_pair where state = $1", sums.collect::<Vec<_>>().join(", "));
    let mut values = params![state.key()];
    values.extend(doubts.iter().map(|doubt| Value::from(*doubt)));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let Some(row) = db.query_one_raw(statement).await? else { return Ok(vec![0; doubts.len()]) };
    (0..doubts.len()).map(|place| row.try_get_by_index::<i64>(place)).collect()
}

/// How many customers are in pairs of one state that are sure enough.
pub async fn customers_in(db: &impl ConnectionTrait, state: PairState, doubt: i64) -> Result<i64, DbErr> {
    let sql = "select count(*) from (select low_id as id from duplicate_pair where state = $1 and doubt <= $2 \
        union select high_id from duplicate_pair where state = $1 and doubt <= $2) c";
    Ok(db.value(sql, params![state.key(), doubt]).await?.unwrap_or(0))
}

/// How many pairs are of one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateCount {
    pub state: PairState,
    /// Those put to the end of the queue are not among them.
    pub pairs: i64,
    /// Put to the end of the queue; only open ones can be.
    pub put_off: i64,
}

/// How many pairs of each state are sure enough.
pub async fn counts(db: &impl ConnectionTrait, doubt: i64) -> Result<Vec<StateCount>, DbErr> {
    #[derive(FromQueryResult)]
    struct Count {
        state: String,
        n: i64,
        put_off: i64,
    }
    let sql = "select state, count(*) as n, count(case when turn > 0 then 1 end) as put_off from duplicate_pair \
        where doubt <= $1 group by state";
    let found: Vec<Count> = db.all(sql, params![doubt]).await?;
    let of = |state: PairState| {
        let known = found.iter().find(|count| count.state == state.key());
        let (all, put_off) = known.map_or((0, 0), |count| (count.n, count.put_off));
        StateCount { state, pairs: all - put_off, put_off }
    };
    Ok(PairState::ALL.map(of).to_vec())
}

pub async fn find(db: &impl ConnectionTrait, a: Uuid, b: Uuid) -> Result<Option<Pair>, DbErr> {
    let (low, high) = ordered(a, b);
    db.first(&format!("{SELECT} where p.low_id = $1 and p.high_id = $2"), params![low, high]).await
}

/// The pairs that a customer is part of.
pub async fn of_customer(db: &impl ConnectionTrait, customer: Uuid) -> Result<Vec<Pair>, DbErr> {
    db.all(
        &format!("{SELECT} where p.low_id = $1 or p.high_id = $1 order by p.doubt, p.low_id, p.high_id"),
        params![customer],
    )
    .await
}

/// How doubtful the pairs of a customer are that wait for a decision.
pub async fn open_of(db: &impl ConnectionTrait, customer: Uuid) -> Result<Vec<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct DoubtRow {
        doubt: i64,
        state: String,
    }
    // The state is looked at here: in the statement SQLite would take its index and read every open pair of the shop.
    let sql = format!(
        "select p.doubt, p.state from duplicate_pair p where (p.low_id = $1 or p.high_id = $1) and {BOTH_THERE}"
    );
    let rows: Vec<DoubtRow> = db.all(&sql, params![customer]).await?;
    Ok(rows.into_iter().filter(|row| row.state == PairState::Open.key()).map(|row| row.doubt).collect())
}

fn row(pair: &Pair) -> Vec<Value> {
    params![
        pair.low_id,
        pair.high_id,
        pair.doubt,
        pair.over_id,
        pair.explanation.clone(),
        pair.found_at,
        pair.state.clone(),
        pair.turn
    ]
}

/// Writes pairs; what is there already keeps its state and its turn.
pub async fn put(tx: &Tx, pairs: &[Pair]) -> Result<(), DbErr> {
    let ending = "on conflict (low_id, high_id) do update set doubt = excluded.doubt, over_id = excluded.over_id, \
        explanation = excluded.explanation, found_at = excluded.found_at";
    tx.insert_rows_with("duplicate_pair", &COLUMNS, pairs.iter().map(row).collect(), ending).await
}

pub async fn set_state(tx: &Tx, low: Uuid, high: Uuid, state: PairState, turn: i64) -> Result<(), DbErr> {
    let sql = "update duplicate_pair set state = $1, turn = $2 where low_id = $3 and high_id = $4";
    tx.run(sql, params![state.key(), turn, low, high]).await?;
    Ok(())
}

pub async fn remove(tx: &Tx, low: Uuid, high: Uuid) -> Result<(), DbErr> {
    tx.run("delete from duplicate_pair where low_id = $1 and high_id = $2", params![low, high]).await?;
    Ok(())
}

/// Takes out the pairs that the scan of this moment did not find again. Pairs that were decided stay.
pub async fn remove_unseen(tx: &Tx, since: Micros) -> Result<u64, DbErr> {
    let sql = "delete from duplicate_pair where found_at < $1 and state = 'open'";
    tx.run(sql, params![since]).await
}

/// Those of some customers that can be merged: neither in the bin nor part of another nor without a person behind them.
pub async fn there(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Uuid>, DbErr> {
    let mut found = Vec::new();
    for ids in ids.chunks(500) {
        let places = (1..=ids.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "select id from customer where id in ({places}) and deleted_at is null and privacy_state = 'normal'"
        );
        found.extend(db.values::<Uuid>(&sql, ids.iter().map(|id| Value::from(*id)).collect()).await?);
    }
    Ok(found)
}
