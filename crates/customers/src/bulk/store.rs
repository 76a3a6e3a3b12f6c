//! Queries about plans and their rows.

use platform::clock::Micros;
use platform::db::{SqlExt, Tx};
use platform::error::KeptReason;
use platform::params;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{Outcome, PlanRow, PlanState, PlannedRow, Tally};

const SELECT: &str = "select p.id, p.staff_id, s.name as staff_name, p.action, p.value, p.question, p.granted, p.state, \
    p.created_at, p.started_at, p.finished_at, p.undone_at, p.total, p.failure \
    from bulk_plan p join staff s on s.id = p.staff_id";

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<PlanRow>, DbErr> {
    db.first(&format!("{SELECT} where p.id = $1"), params![id]).await
}

/// The newest plans that were carried out or can be; `staff` narrows to one person's.
pub async fn list(
    db: &impl ConnectionTrait,
    staff: Option<Uuid>,
    before: Option<(i64, Uuid)>,
    limit: i64,
) -> Result<Vec<PlanRow>, DbErr> {
    let mut params = params![];
    let mut sql = format!("{SELECT} where true");
    if let Some(staff) = staff {
        params.push(staff.into());
        sql += &format!(" and p.staff_id = ${}", params.len());
    }
    if let Some((at, id)) = before {
        params.push(at.into());
        params.push(id.into());
        sql += &format!(" and (p.created_at, p.id) < (${}, ${})", params.len() - 1, params.len());
    }
    params.push(limit.into());
    sql += &format!(" order by p.created_at desc, p.id desc limit ${}", params.len());
    db.all(&sql, params).await
}

pub(super) async fn insert(tx: &Tx, plan: &PlanRow) -> Result<(), DbErr> {
    tx.run(
        "insert into bulk_plan (id, staff_id, action, value, question, granted, state, created_at, total) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            plan.id,
            plan.staff_id,
            plan.action.clone(),
            plan.value.clone(),
            plan.question.clone(),
            plan.granted.clone(),
            plan.state.clone(),
            plan.created_at,
            plan.total
        ],
    )
    .await?;
    Ok(())
}

/// Moves a plan on; answers whether it stood where it was expected.
pub(super) async fn advance(tx: &Tx, id: Uuid, from: PlanState, to: PlanState, now: Micros) -> Result<bool, DbErr> {
    let moved = tx
        .run("update bulk_plan set state = $1 where id = $2 and state = $3", params![to.key(), id, from.key()])
        .await?;
    let stamp = match to {
        PlanState::Running => "started_at",
        PlanState::Done => "finished_at",
        PlanState::Undone => "undone_at",
        _ => return Ok(moved == 1),
    };
    if moved == 1 {
        tx.run(&format!("update bulk_plan set {stamp} = $1 where id = $2"), params![now, id]).await?;
    }
    Ok(moved == 1)
}

pub(super) async fn give_up(tx: &Tx, id: Uuid, failure: &str) -> Result<(), DbErr> {
    tx.run("update bulk_plan set state = 'failed', failure = $1 where id = $2", params![failure, id]).await?;
    Ok(())
}

/// Forgets the dry run, to make it again.
pub(super) async fn clear_rows(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    tx.run("delete from bulk_row where plan_id = $1", params![id]).await?;
    Ok(())
}

pub(super) async fn delete(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    clear_rows(tx, id).await?;
    tx.run("delete from bulk_plan where id = $1", params![id]).await?;
    Ok(())
}

/// Plans nobody needs any more: the dry runs never carried out, and batches older than the history of batches is kept.
pub(super) async fn outdated(db: &impl ConnectionTrait, unused: Micros, old: Micros) -> Result<Vec<Uuid>, DbErr> {
    let sql = "select id from bulk_plan where (state in ('ready', 'failed') and created_at < $1) \
        or (state in ('done', 'undone') and created_at < $2) order by created_at limit 100";
    db.values(sql, params![unused, old]).await
}

pub(super) async fn set_total(tx: &Tx, id: Uuid, total: i64) -> Result<(), DbErr> {
    tx.run("update bulk_plan set total = $1 where id = $2", params![total, id]).await?;
    Ok(())
}

/// A row of the dry run to store: position, customer, version, outcome and reason.
pub(super) type Judged = (i64, Uuid, i64, Outcome, Option<KeptReason>);

pub(super) async fn add_rows(tx: &Tx, plan: Uuid, rows: Vec<Judged>) -> Result<(), DbErr> {
    let rows = rows.into_iter().map(|(position, customer, version, outcome, reason)| {
        params![plan, position, customer, version, outcome.key(), text(reason.as_ref())]
    });
    let columns = ["plan_id", "position", "customer_id", "version", "outcome", "reason"];
    tx.insert_rows("bulk_row", &columns, rows.collect()).await
}

fn text(reason: Option<&KeptReason>) -> String {
    reason.map(KeptReason::to_text).unwrap_or_default()
}

/// Notes what became of a row.
pub(super) async fn settle(
    tx: &Tx,
    plan: Uuid,
    row: &PlannedRow,
    outcome: Outcome,
    version: i64,
    reason: Option<&KeptReason>,
) -> Result<(), DbErr> {
    tx.run(
        "update bulk_row set outcome = $1, version = $2, reason = $3 where plan_id = $4 and position = $5",
        params![outcome.key(), version, text(reason), plan, row.position],
    )
    .await?;
    Ok(())
}

/// Rows with this outcome, or all, in their order from after `position`.
pub async fn rows(
    db: &impl ConnectionTrait,
    plan: Uuid,
    outcome: Option<Outcome>,
    after: i64,
    limit: i64,
) -> Result<Vec<PlannedRow>, DbErr> {
    let mut sql = "select position, customer_id, version, outcome, reason from bulk_row \
        where plan_id = $1 and position > $2"
        .to_owned();
    let mut params = params![plan, after];
    if let Some(outcome) = outcome {
        params.push(outcome.key().into());
        sql += &format!(" and outcome = ${}", params.len());
    }
    params.push(limit.into());
    sql += &format!(" order by position limit ${}", params.len());
    db.all(&sql, params).await
}

pub async fn tally(db: &impl ConnectionTrait, plan: Uuid) -> Result<Tally, DbErr> {
    #[derive(FromQueryResult)]
    struct CountRow {
        outcome: String,
        n: i64,
    }
    let sql = "select outcome, count(*) as n from bulk_row where plan_id = $1 group by outcome";
    let counted: Vec<CountRow> = db.all(sql, params![plan]).await?;
    let of = |outcome: Outcome| counted.iter().find(|row| row.outcome == outcome.key()).map(|row| (outcome, row.n));
    Ok(Tally(Outcome::ALL.into_iter().filter_map(of).collect()))
}

/// Customers of the dry run that are not what they were then; the first `limit` with their number.
pub(super) async fn stale(db: &impl ConnectionTrait, plan: Uuid, limit: i64) -> Result<Vec<(Uuid, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct StaleRow {
        customer_id: Uuid,
        number: String,
    }
    let sql = "select r.customer_id, coalesce(c.number, '') as number from bulk_row r \
        left join customer c on c.id = r.customer_id \
        where r.plan_id = $1 and r.outcome = 'change' and (c.id is null or c.version <> r.version) \
        order by r.position limit $2";
    let rows: Vec<StaleRow> = db.all(sql, params![plan, limit]).await?;
    Ok(rows.into_iter().map(|row| (row.customer_id, row.number)).collect())
}
