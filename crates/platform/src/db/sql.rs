//! Short ways to run hand-written SQL over any connection or transaction.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, TryGetable, Value};
use uuid::Uuid;

use super::insert::Inserts;

/// Rows of a table by their ids, to select from. The bound has PostgreSQL read them before anything else: where an order is
/// asked for as well, it walked along that order in the hope of meeting them, for minutes among a million.
pub fn these(table: &str, ids: &[Uuid], params: &mut Vec<Value>) -> String {
    let places = (params.len() + 1..=params.len() + ids.len()).map(|place| format!("${place}"));
    let places = places.collect::<Vec<_>>().join(", ");
    params.extend(ids.iter().map(|id| Value::from(*id)));
    format!("(select * from {table} where id in ({places}) limit {})", ids.len())
}

fn statement(db: &impl ConnectionTrait, sql: &str, params: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, params)
}

/// Hand-written SQL with `$1` parameters, the same text for both engines.
pub trait SqlExt: ConnectionTrait + Sized {
    /// Every row, mapped.
    fn all<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        params: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<T>, DbErr>> + Send {
        let statement = statement(self, sql, params);
        async move {
            let rows = self.query_all_raw(statement).await?;
            rows.iter().map(|row| T::from_query_result(row, "")).collect()
        }
    }

    /// The first row, mapped, or `None`.
    fn first<T: FromQueryResult + Send>(
        &self,
        sql: &str,
        params: Vec<Value>,
    ) -> impl Future<Output = Result<Option<T>, DbErr>> + Send {
        let statement = statement(self, sql, params);
        async move {
            let row = self.query_one_raw(statement).await?;
            row.map(|row| T::from_query_result(&row, "")).transpose()
        }
    }

    /// The first column of the first row, or `None` when there is no row.
    fn value<T: TryGetable + Send>(
        &self,
        sql: &str,
        params: Vec<Value>,
    ) -> impl Future<Output = Result<Option<T>, DbErr>> + Send {
        let statement = statement(self, sql, params);
        async move {
            let row = self.query_one_raw(statement).await?;
            row.map(|row| row.try_get_by_index(0)).transpose()
        }
    }

    /// The first column of every row.
    fn values<T: TryGetable + Send>(
        &self,
        sql: &str,
        params: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<T>, DbErr>> + Send {
        let statement = statement(self, sql, params);
        async move {
            let rows = self.query_all_raw(statement).await?;
            rows.iter().map(|row| row.try_get_by_index(0)).collect()
        }
    }

    /// Runs a statement; answers how many rows it changed.
    fn run(&self, sql: &str, params: Vec<Value>) -> impl Future<Output = Result<u64, DbErr>> + Send {
        let statement = statement(self, sql, params);
        async move { Ok(self.execute_raw(statement).await?.rows_affected()) }
    }

    /// Inserts many rows with few statements; every row has one value per column.
    fn insert_rows(
        &self,
        table: &str,
        columns: &[&str],
        rows: Vec<Vec<Value>>,
    ) -> impl Future<Output = Result<(), DbErr>> + Send {
        self.insert_rows_with(table, columns, rows, "")
    }

    /// Inserts rows whose statements were made before.
    fn insert_prepared(&self, rows: Inserts) -> impl Future<Output = Result<(), DbErr>> + Send {
        async move {
            for statement in rows.into_statements() {
                self.execute_raw(statement).await?;
            }
            Ok(())
        }
    }

    /// As [`SqlExt::insert_rows`], with a clause at the end such as `on conflict do nothing`.
    fn insert_rows_with(
        &self,
        table: &str,
        columns: &[&str],
        rows: Vec<Vec<Value>>,
        ending: &str,
    ) -> impl Future<Output = Result<(), DbErr>> + Send {
        self.insert_prepared(Inserts::new(self.get_database_backend(), table, columns, rows, ending))
    }
}

impl<C: ConnectionTrait> SqlExt for C {}

/// A statement with only those parameters that it names, numbered anew: where one question becomes several statements, each
/// names some of its parameters. PostgreSQL takes the others for text.
pub fn only_used(sql: &str, params: &[Value]) -> (String, Vec<Value>) {
    let mut used: Vec<usize> = Vec::new();
    let mut pieces = sql.split('$');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at(digits);
        let Ok(number) = number.parse::<usize>() else {
            text.push('$');
            text.push_str(piece);
            continue;
        };
        let place = used.iter().position(|known| *known == number).unwrap_or_else(|| {
            used.push(number);
            used.len() - 1
        });
        text.push_str(&format!("${}{rest}", place + 1));
    }
    let params = used.iter().filter_map(|number| params.get(number - 1).cloned()).collect();
    (text, params)
}

/// Whether the statement failed on a unique key.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

/// Whether the same transaction may succeed when it is run again: PostgreSQL's serialisation
/// failure (40001) and deadlock (40P01), SQLite's busy (5) and its variants.
pub fn is_retryable(error: &DbErr) -> bool {
    let source = match error {
        DbErr::Exec(sea_orm::RuntimeErr::SqlxError(source)) | DbErr::Query(sea_orm::RuntimeErr::SqlxError(source)) => {
            source
        }
        _ => return false,
    };
    let Some(code) = source.as_database_error().and_then(|failure| failure.code()) else {
        return false;
    };
    matches!(code.as_ref(), "40001" | "40P01" | "5" | "261" | "517")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;

    #[test]
    fn parameters_that_are_not_named_are_left_out() {
        let given: Vec<Value> = (1..=12).map(Value::from).collect();
        let (sql, values) = only_used("a = $3 and b in ($1, $3) and c = $12", &given);
        assert_eq!(sql, "a = $1 and b in ($2, $1) and c = $3");
        assert_eq!(values[..], params![3, 1, 12][..]);
    }
}
