//! Every query about decisions.

use platform::clock::Micros;
use platform::db::{SqlExt, Tx};
use platform::params;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

/// What somebody decided about two customers.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Decision {
    pub id: Uuid,
    pub kind: String,
    /// The fields that mattered.
    pub fields: String,
    pub staff_id: Option<Uuid>,
    pub actor_name: String,
    pub decided_at: i64,
    /// When a pair put off comes back; none for the end of the queue.
    pub due_at: Option<i64>,
    pub ended_at: Option<i64>,
    /// `undone`, `changed`, `replaced`, `due`; empty while it stands.
    pub ended_by: String,
}

/// A decision seen from one of its customers.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Sided {
    pub id: Uuid,
    pub kind: String,
    pub fields: String,
    pub actor_name: String,
    pub decided_at: i64,
    pub due_at: Option<i64>,
    pub own_id: Uuid,
    pub other_id: Uuid,
    /// Fingerprints of the fields that mattered, and of whom each was taken: after a merge it is another record's.
    pub own_print: i64,
    pub own_taken_from_id: Uuid,
    pub other_print: i64,
    pub other_taken_from_id: Uuid,
}

/// One customer of a decision.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Side {
    pub decision_id: Uuid,
    pub customer_id: Uuid,
    pub taken_from_id: Uuid,
    pub print: i64,
}

const SELECT: &str = "select d.id, d.kind, d.fields, d.staff_id, d.actor_name, d.decided_at, d.due_at, d.ended_at, \
    d.ended_by from duplicate_decision d";

const SIDED: &str = "select d.id, d.kind, d.fields, d.actor_name, d.decided_at, d.due_at, s.customer_id as own_id, \
    o.customer_id as other_id, s.print as own_print, s.taken_from_id as own_taken_from_id, o.print as other_print, o.taken_from_id as other_taken_from_id \
    from duplicate_decision_side s join duplicate_decision d on d.id = s.decision_id \
    join duplicate_decision_side o on o.decision_id = d.id and o.customer_id <> s.customer_id";

pub async fn add(tx: &Tx, decision: &Decision, sides: &[Side]) -> Result<(), DbErr> {
    let columns = &["id", "kind", "fields", "staff_id", "actor_name", "decided_at", "due_at"];
    let row = params![
        decision.id,
        decision.kind.clone(),
        decision.fields.clone(),
        decision.staff_id,
        decision.actor_name.clone(),
        decision.decided_at,
        decision.due_at
    ];
    tx.insert_rows("duplicate_decision", columns, vec![row]).await?;
    let row = |side: &Side| params![side.decision_id, side.customer_id, side.taken_from_id, side.print];
    let columns = &["decision_id", "customer_id", "taken_from_id", "print"];
    tx.insert_rows("duplicate_decision_side", columns, sides.iter().map(row).collect()).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Decision>, DbErr> {
    db.first(&format!("{SELECT} where d.id = $1"), params![id]).await
}

/// The customers of a decision: both, unless they became one.
pub async fn customers_of(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Uuid>, DbErr> {
    let sql = "select customer_id from duplicate_decision_side where decision_id = $1 order by customer_id";
    db.values(sql, params![id]).await
}

/// Decisions about a customer that stand, the latest first.
pub async fn standing_of(db: &impl ConnectionTrait, customer: Uuid) -> Result<Vec<Sided>, DbErr> {
    let sql = format!("{SIDED} where s.customer_id = $1 and d.ended_at is null order by d.decided_at desc, d.id desc");
    db.all(&sql, params![customer]).await
}

/// Decisions between two customers that stand, the latest first.
pub async fn standing_between(db: &impl ConnectionTrait, a: Uuid, b: Uuid) -> Result<Vec<Sided>, DbErr> {
    let sql = format!(
        "{SIDED} where s.customer_id = $1 and o.customer_id = $2 and d.ended_at is null \
         order by d.decided_at desc, d.id desc"
    );
    db.all(&sql, params![a, b]).await
}

/// Decisions between any two of some customers that stand, each once, the latest first.
pub async fn standing_among(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Sided>, DbErr> {
    let places = (1..=ids.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "{SIDED} where s.customer_id in ({places}) and o.customer_id in ({places}) and s.customer_id < o.customer_id \
         and d.ended_at is null order by d.decided_at desc, d.id desc"
    );
    db.all(&sql, ids.iter().map(|id| Value::from(*id)).collect()).await
}

/// Ends a decision that stands; answers whether it did.
pub async fn end(tx: &Tx, id: Uuid, now: Micros, by: &str) -> Result<bool, DbErr> {
    let sql = "update duplicate_decision set ended_at = $1, ended_by = $2 where id = $3 and ended_at is null";
    Ok(tx.run(sql, params![now, by, id]).await? == 1)
}

/// Takes the fingerprint of a side anew.
pub async fn set_print(tx: &Tx, decision: Uuid, customer: Uuid, print: i64) -> Result<(), DbErr> {
    let sql =
        "update duplicate_decision_side set print = $1, taken_from_id = $2 where decision_id = $3 and customer_id = $2";
    tx.run(sql, params![print, customer, decision]).await?;
    Ok(())
}

/// Pairs that were put off and whose time has come.
pub async fn due(db: &impl ConnectionTrait, now: Micros, limit: i64) -> Result<Vec<Decision>, DbErr> {
    let sql = format!("{SELECT} where d.due_at <= $1 and d.ended_at is null order by d.due_at, d.id limit $2");
    db.all(&sql, params![now, limit]).await
}

/// Pairs of customers about whom a decision of this kind stands and whose pair is still open: a scan may bring pairs that
/// were decided before it found them.
pub async fn undecided_pairs(db: &impl ConnectionTrait) -> Result<Vec<(Uuid, Uuid)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Ids {
        low_id: Uuid,
        high_id: Uuid,
    }
    let sql = "select distinct p.low_id, p.high_id from duplicate_decision d \
        join duplicate_decision_side s on s.decision_id = d.id \
        join duplicate_decision_side o on o.decision_id = d.id and o.customer_id > s.customer_id \
        join duplicate_pair p on p.low_id = s.customer_id and p.high_id = o.customer_id \
        where d.ended_at is null and p.state = 'open' and p.turn = 0";
    let found: Vec<Ids> = db.all(sql, params![]).await?;
    Ok(found.into_iter().map(|ids| (ids.low_id, ids.high_id)).collect())
}
