//! Statements that insert many rows.

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, Statement, Value};

/// Rows a statement inserts: a few fixed numbers, so that the same few statements are prepared once and used again.
const BATCHES: [usize; 5] = [2_048, 256, 32, 4, 1];
/// SQLite's limit.
const MOST_PARAMETERS: usize = 32_766;
/// From so many rows on PostgreSQL gets each column as an array.
const WORTH_ARRAYS: usize = 32;
/// Rows it gets so at once.
const MOST_IN_ARRAYS: usize = 4_096;

/// Rows as statements that wait to be run: making them needs no transaction.
#[derive(Debug)]
pub struct Inserts(Vec<Statement>);

impl Inserts {
    /// The statements that insert `rows`, each with one value per column, with a clause at the end such as `on conflict do
    /// nothing`.
    pub fn new(backend: DbBackend, table: &str, columns: &[&str], rows: Vec<Vec<Value>>, ending: &str) -> Self {
        let types = types(backend, &rows);
        let mut statements = Vec::new();
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let count = if types.is_some() { MOST_IN_ARRAYS.min(rows.len()) } else { batch(rows.len(), columns.len()) };
            let chunk: Vec<Vec<Value>> = rows.by_ref().take(count).collect();
            let (sql, values) = match &types {
                Some(types) => of_arrays(table, columns, types, chunk, ending),
                None => (of_values(backend, table, columns, count, ending), chunk.into_iter().flatten().collect()),
            };
            statements.push(Statement::from_sql_and_values(backend, sql, values));
        }
        Self(statements)
    }

    pub(super) fn into_statements(self) -> Vec<Statement> {
        self.0
    }
}

fn batch(rows: usize, columns: usize) -> usize {
    let fits = |batch: &usize| *batch <= rows && batch * columns <= MOST_PARAMETERS;
    BATCHES.into_iter().find(fits).unwrap_or(1)
}

/// SQLite takes `$1` for a name and looks for it among all names before it: a statement of 18,500 parameters took a second
/// to prepare. Plain `?` are counted.
fn of_values(backend: DbBackend, table: &str, columns: &[&str], rows: usize, ending: &str) -> String {
    use std::fmt::Write;
    let mut sql = format!("insert into {table} ({}) values ", columns.join(", "));
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns.len() {
            let comma = if column == 0 { "" } else { ", " };
            let _infallible = match backend {
                DbBackend::Sqlite => write!(sql, "{comma}?"),
                _ => write!(sql, "{comma}${}", row * columns.len() + column + 1),
            };
        }
        sql.push(')');
    }
    sql.push(' ');
    sql.push_str(ending);
    sql
}

/// What PostgreSQL calls the values of each column, where they are to be given as arrays: not where there are few rows, a
/// column has values of several kinds, or of one that is not known here.
fn types(backend: DbBackend, rows: &[Vec<Value>]) -> Option<Vec<(ArrayType, &'static str)>> {
    if backend != DbBackend::Postgres || rows.len() < WORTH_ARRAYS {
        return None;
    }
    let kind = |value: &Value| match value {
        Value::Bool(_) => Some((ArrayType::Bool, "boolean")),
        Value::Int(_) => Some((ArrayType::Int, "integer")),
        Value::BigInt(_) => Some((ArrayType::BigInt, "bigint")),
        Value::String(_) => Some((ArrayType::String, "text")),
        Value::Uuid(_) => Some((ArrayType::Uuid, "uuid")),
        Value::Bytes(_) => Some((ArrayType::Bytes, "bytea")),
        _ => None,
    };
    let types: Vec<_> = rows.first()?.iter().map(kind).collect::<Option<_>>()?;
    let is_same = |row: &Vec<Value>| row.iter().map(kind).eq(types.iter().cloned().map(Some));
    rows.iter().all(is_same).then_some(types)
}

fn is_null(value: &Value) -> bool {
    use Value::{BigInt, Bool, Bytes, Int, String, Uuid};
    matches!(value, Bool(None) | Int(None) | BigInt(None) | String(None) | Uuid(None) | Bytes(None))
}

/// PostgreSQL plans a statement of very many values anew each time, and takes longer for that than for writing the rows;
/// one parameter for each column is planned once. Its arrays come without nulls, so a column that has some gets a second
/// array that tells where.
fn of_arrays(
    table: &str,
    columns: &[&str],
    types: &[(ArrayType, &'static str)],
    rows: Vec<Vec<Value>>,
    ending: &str,
) -> (String, Vec<Value>) {
    let mut arrays: Vec<Vec<Value>> = columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        arrays.iter_mut().zip(row).for_each(|(array, value)| array.push(value));
    }
    let (mut selected, mut sources, mut names, mut params) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut give = |name: String, kind: ArrayType, type_name: &str, array: Vec<Value>| {
        params.push(Value::Array(kind, Some(Box::new(array))));
        sources.push(format!("${}::{type_name}[]", params.len()));
        names.push(name);
    };
    for (at, (array, (kind, type_name))) in arrays.into_iter().zip(types).enumerate() {
        let is_null: Vec<bool> = array.iter().map(is_null).collect();
        if is_null.iter().all(|is_null| *is_null) {
            selected.push(format!("null::{type_name}"));
        } else if is_null.contains(&true) {
            selected.push(format!("case when n{at} then null else c{at} end"));
            let filled = array.into_iter().zip(&is_null).map(|(value, is_null)| match is_null {
                true => value.dummy_value(),
                false => value,
            });
            give(format!("c{at}"), kind.clone(), type_name, filled.collect());
            give(format!("n{at}"), ArrayType::Bool, "boolean", is_null.into_iter().map(Value::from).collect());
        } else {
            selected.push(format!("c{at}"));
            give(format!("c{at}"), kind.clone(), type_name, array);
        }
    }
    let (columns, selected) = (columns.join(", "), selected.join(", "));
    let (sources, names) = (sources.join(", "), names.join(", "));
    let sql =
        format!("insert into {table} ({columns}) select {selected} from unnest({sources}) as given ({names}) {ending}");
    (sql, params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;

    fn sizes(backend: DbBackend, rows: usize, columns: &[&str]) -> Vec<usize> {
        let row = || columns.iter().map(|_| Value::from(1_i64)).collect();
        let statements = Inserts::new(backend, "note", columns, (0..rows).map(|_| row()).collect(), "").0;
        let rows_of = |statement: &Statement| match &statement.values.as_ref().expect("values").0[0] {
            Value::Array(_, Some(values)) => values.len(),
            _ => statement.values.as_ref().expect("values").0.len() / columns.len(),
        };
        statements.iter().map(rows_of).collect()
    }

    #[test]
    fn rows_go_in_with_few_statements_of_few_kinds() {
        assert_eq!(sizes(DbBackend::Sqlite, 4_100, &["a", "b"]), [2_048, 2_048, 4]);
        assert_eq!(sizes(DbBackend::Sqlite, 300, &["a"; 41]), [256, 32, 4, 4, 4]);
        assert_eq!(sizes(DbBackend::Postgres, 5_000, &["a", "b"]), [4_096, 904]);
        assert_eq!(sizes(DbBackend::Postgres, 31, &["a"]), [4, 4, 4, 4, 4, 4, 4, 1, 1, 1]);
        assert!(Inserts::new(DbBackend::Sqlite, "note", &["a"], Vec::new(), "").0.is_empty());
    }

    #[test]
    fn postgres_gets_a_column_as_an_array_and_where_it_is_null() {
        let row = |n: i64| params![n, (n % 2 == 0).then(|| n.to_string()), None::<bool>];
        let rows: Vec<_> = (0..40).map(row).collect();
        let statements = Inserts::new(DbBackend::Postgres, "note", &["a", "b", "c"], rows, "on conflict do nothing").0;
        assert_eq!(
            statements[0].sql,
            "insert into note (a, b, c) select c0, case when n1 then null else c1 end, null::boolean from \
             unnest($1::bigint[], $2::text[], $3::boolean[]) as given (c0, c1, n1) on conflict do nothing"
        );
        let mixed: Vec<_> = (0..40).map(|n| if n == 7 { params!["seven"] } else { params![n] }).collect();
        let statements = Inserts::new(DbBackend::Postgres, "note", &["a"], mixed, "").0;
        assert!(statements[0].sql.starts_with("insert into note (a) values ($1), ($2)"), "{}", statements[0].sql);
    }
}
