//! Rows of the registered kinds: which of them a merge moves, moving them, and moving them back.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use platform::auth::PermissionSet;
use platform::db::{SqlExt, Tx};
use platform::params;
use platform::registry::{Confirm, OnMerge, RecordKind, Registry, Role, Union};
use platform::sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Rows that one statement moves at most.
const AT_ONCE: usize = 500;

/// Where a row stands: whose it is, in which order, and with which marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    #[serde(rename = "c")]
    pub customer: Uuid,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<bool>,
}

/// A kind of row with the column by which its rows name a customer.
#[derive(Clone, Copy, Debug)]
pub struct Kind<'a> {
    pub table: &'static str,
    pub column: &'static str,
    pub record: &'a RecordKind,
}

impl Kind<'_> {
    fn union(&self) -> Option<&Union> {
        match &self.record.on_merge {
            OnMerge::Union(union) => Some(union),
            OnMerge::Move | OnMerge::KeepOne | OnMerge::Stay => None,
        }
    }

    fn equal(&self) -> &'static [&'static str] {
        self.union().map_or(&[], |union| union.equal)
    }

    fn marks(&self) -> &'static [&'static str] {
        self.union().map_or(&[], |union| union.one_of)
    }

    fn position(&self) -> Option<&'static str> {
        self.union().and_then(|union| union.position)
    }

    fn confirm(&self) -> Option<Confirm> {
        self.union().and_then(|union| union.confirm)
    }
}

/// The kinds whose rows can move. The table of customers itself is not among them: its rows are records with a history of
/// their own and are written as such.
pub fn kinds(registry: &Registry) -> Vec<Kind<'_>> {
    let mut kinds = Vec::new();
    for (table, record) in registry.records() {
        let may_move = table.name != "customer" && !matches!(record.on_merge, OnMerge::Stay);
        let columns = record.customer_columns.iter().filter(|known| matches!(known.role, Role::Owner | Role::Parent));
        if may_move {
            kinds.extend(columns.map(|known| Kind { table: table.name, column: known.column, record }));
        }
    }
    kinds
}

/// A row as a merge sees it.
#[derive(Clone, Debug)]
pub struct Row {
    pub key: Vec<Uuid>,
    pub place: Place,
    /// What makes it the same as another row.
    equal: Vec<String>,
    /// On one line.
    pub label: String,
    /// Worth money or rights.
    needs_confirmation: bool,
}

fn is_id(column: &str) -> bool {
    column == "id" || column.ends_with("_id")
}

fn read_row(kind: Kind<'_>, row: &QueryResult) -> Result<Row, DbErr> {
    let mut at = 0;
    let mut next = || {
        at += 1;
        at - 1
    };
    let key = kind.record.row_key.iter().map(|_| row.try_get_by_index(next())).collect::<Result<_, _>>()?;
    let customer = row.try_get_by_index(next())?;
    let label: Option<String> = row.try_get_by_index(next())?;
    let position = kind.position().map(|_| row.try_get_by_index(next())).transpose()?;
    let marks = kind.marks().iter().map(|_| row.try_get_by_index(next())).collect::<Result<_, _>>()?;
    let mut equal = Vec::new();
    for column in kind.equal() {
        equal.push(match is_id(column) {
            true => row.try_get_by_index::<Option<Uuid>>(next())?.map(|id| id.to_string()).unwrap_or_default(),
            false => row.try_get_by_index::<Option<String>>(next())?.unwrap_or_default(),
        });
    }
    let needs_confirmation = match kind.confirm() {
        Some(_) => row.try_get_by_index::<i32>(next())? != 0,
        None => false,
    };
    let place = Place { customer, position, marks };
    Ok(Row { key, place, equal, label: label.unwrap_or_default(), needs_confirmation })
}

fn select(kind: Kind<'_>) -> String {
    let mut columns: Vec<String> = kind.record.row_key.iter().map(|column| format!("t.{column}")).collect();
    columns.push(format!("t.{}", kind.column));
    columns.push(if kind.record.label.is_empty() { "''".to_owned() } else { kind.record.label.to_owned() });
    let rest = kind.position().iter().chain(kind.marks()).chain(kind.equal()).copied().collect::<Vec<_>>();
    columns.extend(rest.into_iter().map(|column| format!("t.{column}")));
    if let Some(confirm) = kind.confirm() {
        columns.push(format!("case when {} then 1 else 0 end", confirm.condition));
    }
    format!("select {} from {} t", columns.join(", "), kind.table)
}

/// All rows of a kind that name one of these customers, in their order.
pub async fn read(db: &impl ConnectionTrait, kind: Kind<'_>, customers: &[Uuid]) -> Result<Vec<Row>, DbErr> {
    let places = (1..=customers.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let sql = format!("{} where t.{} in ({places})", select(kind), kind.column);
    let values = customers.iter().map(|id| Value::from(*id)).collect::<Vec<_>>();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let found = db.query_all_raw(statement).await?;
    let mut rows = found.iter().map(|row| read_row(kind, row)).collect::<Result<Vec<_>, _>>()?;
    rows.sort_by(|a, b| (a.place.position, &a.key).cmp(&(b.place.position, &b.key)));
    Ok(rows)
}

/// One row that moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    pub table: &'static str,
    /// Key of the row before it moves.
    pub key: Vec<Uuid>,
    /// The record that it comes from.
    pub part: Uuid,
    pub before: Place,
    pub after: Place,
    #[serde(skip)]
    pub label: String,
}

/// What a merge does with the rows of one kind.
#[derive(Clone, Debug, Serialize)]
pub struct KindPlan {
    pub table: &'static str,
    pub column: &'static str,
    pub key: &'static str,
    pub name: &'static str,
    /// Rows the survivor has already.
    pub had: usize,
    pub moves: Vec<Move>,
    /// Rows left with their record because the survivor has the same.
    pub same: usize,
    /// Rows left because nobody confirmed them: the key's last id and the label.
    pub unconfirmed: Vec<(Uuid, String)>,
}

impl KindPlan {
    /// What waits for a confirmation, each once however many records bring it.
    pub fn to_confirm(&self) -> BTreeMap<Uuid, String> {
        self.unconfirmed.iter().cloned().collect()
    }
}

/// What somebody confirmed, and what they may.
pub struct Confirmed<'a> {
    pub rows: &'a BTreeSet<Uuid>,
    pub permissions: &'a PermissionSet,
}

/// Plans the moves of one kind. `order` is the survivor, then the others as they were named.
pub async fn plan(
    db: &impl ConnectionTrait,
    kind: Kind<'_>,
    order: &[Uuid],
    confirmed: &Confirmed<'_>,
) -> Result<KindPlan, DbErr> {
    let survivor = order[0];
    let mut rows = read(db, kind, order).await?;
    let rank: HashMap<Uuid, usize> = order.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    rows.sort_by_key(|row| rank.get(&row.place.customer).copied());
    let (own, others): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.place.customer == survivor);
    let mut known: BTreeSet<Vec<String>> = own.iter().map(|row| row.equal.clone()).collect();
    let mut marked = vec![false; kind.marks().len()];
    for row in &own {
        marked.iter_mut().zip(&row.place.marks).for_each(|(marked, mark)| *marked |= mark);
    }
    let mut position = own.iter().filter_map(|row| row.place.position).max().map_or(0, |last| last + 1);
    let mut plan = KindPlan {
        table: kind.table,
        column: kind.column,
        key: kind.record.key,
        name: kind.record.name,
        had: own.len(),
        moves: Vec::new(),
        same: 0,
        unconfirmed: Vec::new(),
    };
    for row in others {
        let compares = !matches!(kind.record.on_merge, OnMerge::Move);
        if compares && known.contains(&row.equal) {
            plan.same += 1;
            continue;
        }
        let name = row.key.last().copied().unwrap_or_default();
        let may = kind.confirm().is_none_or(|confirm| confirmed.permissions.has(confirm.permission));
        if row.needs_confirmation && !(may && confirmed.rows.contains(&name)) {
            plan.unconfirmed.push((name, row.label));
            continue;
        }
        known.insert(row.equal.clone());
        let marks = row.place.marks.iter().zip(&mut marked).map(|(mark, marked)| {
            let keeps = *mark && !*marked;
            *marked |= *mark;
            keeps
        });
        let after =
            Place { customer: survivor, position: row.place.position.map(|_| position), marks: marks.collect() };
        position += 1;
        plan.moves.push(Move {
            table: kind.table,
            part: row.place.customer,
            key: row.key,
            before: row.place,
            after,
            label: row.label,
        });
    }
    Ok(plan)
}

/// The key of a row that went from one customer to another: link rows name their customer in it.
pub fn key_at(kind: Kind<'_>, key: &[Uuid], customer: Uuid) -> Vec<Uuid> {
    let moved = |(column, id): (&&str, &Uuid)| if *column == kind.column { customer } else { *id };
    kind.record.row_key.iter().zip(key).map(moved).collect()
}

/// Statement by statement, what changes from one place to another. Each condition asks for the place it starts from, so
/// that a row changed since is left alone.
pub async fn shift(tx: &Tx, kind: Kind<'_>, key: &[Uuid], from: &Place, to: &Place) -> Result<u64, DbErr> {
    let key = key_at(kind, key, from.customer);
    let place_owner = from.customer;
    let backend = tx.get_database_backend();
    let condition = |first: usize| {
        let parts = kind.record.row_key.iter().enumerate().map(|(at, column)| format!("{column} = ${}", first + at));
        parts.collect::<Vec<_>>().join(" and ")
    };
    let changed = |column: &str, to: Value, from: Value| {
        let (table, owner) = (kind.table, kind.column);
        let sql = format!("update {table} set {column} = $1 where {column} = $2 and {owner} = $3 and {}", condition(4));
        let whose = Value::from(place_owner);
        let values = [to, from, whose].into_iter().chain(key.iter().map(|id| Value::from(*id)));
        Statement::from_sql_and_values(backend, sql, values)
    };
    let mut statements = Vec::new();
    if let (Some(column), Some(before), Some(after)) = (kind.position(), from.position, to.position)
        && before != after
    {
        statements.push(changed(column, after.into(), before.into()));
    }
    for (column, (before, after)) in kind.marks().iter().zip(from.marks.iter().zip(&to.marks)) {
        if before != after {
            statements.push(changed(column, (*after).into(), (*before).into()));
        }
    }
    // The owner last: it may be part of the key.
    let owner = changed(kind.column, to.customer.into(), from.customer.into());
    for statement in statements {
        tx.execute_raw(statement).await?;
    }
    Ok(tx.execute_raw(owner).await?.rows_affected())
}

/// Moves many rows; answers how many were where they were expected. Where nothing but the owner changes, many go with one statement.
pub async fn shift_all(tx: &Tx, kind: Kind<'_>, moves: &[(&[Uuid], &Place, &Place)]) -> Result<u64, DbErr> {
    let mut moved = 0;
    let is_plain = |from: &Place, to: &Place| from.position == to.position && from.marks == to.marks;
    let mut plain: HashMap<(Uuid, Uuid), Vec<Uuid>> = HashMap::new();
    for (key, from, to) in moves {
        match key {
            [id] if is_plain(from, to) && kind.record.row_key[0] != kind.column => {
                plain.entry((from.customer, to.customer)).or_default().push(*id);
            }
            _ => {
                moved += shift(tx, kind, key, from, to).await?;
            }
        }
    }
    for ((from, to), ids) in plain {
        for ids in ids.chunks(AT_ONCE) {
            let places = (3..ids.len() + 3).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
            let (table, column, id) = (kind.table, kind.column, kind.record.row_key[0]);
            let sql = format!("update {table} set {column} = $1 where {column} = $2 and {id} in ({places})");
            let mut values = params![to, from];
            values.extend(ids.iter().map(|id| Value::from(*id)));
            moved += tx.run(&sql, values).await?;
        }
    }
    Ok(moved)
}

impl Row {
    /// Whether both say the same, by the rule of their kind.
    pub fn is_same_as(&self, other: &Row) -> bool {
        self.equal == other.equal
    }
}
