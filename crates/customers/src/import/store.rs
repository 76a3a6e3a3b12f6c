//! Every query about imports.

use platform::clock::Micros;
use platform::db::{SqlExt, Tx};
use platform::error::{AppError, AppResult, Reason};
use platform::history::Actor;
use platform::ids::new_id;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult, Value};
use platform::{params, tr};
use uuid::Uuid;

use super::error::CellError;
use super::run::{Counts, ImportRun, RunOptions, RunState};

const COLUMNS: &str = "id, created_at, staff_id, actor_name, file_name, file_key, file_bytes, file_digest, options, \
    state, records_done, bytes_done, rows_done, created, updated, skipped, failed, failure, started_at, finished_at";

/// A file that was handed in.
#[derive(Clone, Debug, Default)]
pub struct NewRun {
    pub file_name: String,
    pub file_key: String,
    pub file_bytes: u64,
    pub file_digest: String,
}

pub async fn add(tx: &Tx, actor: &Actor, now: Micros, file: &NewRun, options: &RunOptions) -> AppResult<Uuid> {
    let id = new_id(now);
    add_with_id(tx, id, actor, now, file, options).await?;
    Ok(id)
}

/// As [`add`], for a file whose place in the blob store is named after the import.
pub async fn add_with_id(
    tx: &Tx,
    id: Uuid,
    actor: &Actor,
    now: Micros,
    file: &NewRun,
    options: &RunOptions,
) -> AppResult<()> {
    let options = serde_json::to_string(options).map_err(AppError::broken)?;
    let sql = "insert into import_run (id, created_at, staff_id, actor_name, file_name, file_key, file_bytes, \
        file_digest, options, state) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'draft')";
    let bytes = file.file_bytes as i64;
    let NewRun { file_name, file_key, file_digest, .. } = file.clone();
    tx.run(sql, params![id, now, actor.id, actor.name.clone(), file_name, file_key, bytes, file_digest, options])
        .await?;
    Ok(())
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<ImportRun>, DbErr> {
    db.first(&format!("select {COLUMNS} from import_run where id = $1"), params![id]).await
}

/// The newest imports, of one person or everybody, from before `before` (time and id of the last one seen).
pub async fn list(
    db: &impl ConnectionTrait,
    staff: Option<Uuid>,
    before: Option<(Micros, Uuid)>,
    limit: i64,
) -> Result<Vec<ImportRun>, DbErr> {
    let (at, id) = before.unwrap_or((Micros::MAX, Uuid::max()));
    let mut params = params![at, id, limit];
    let whose = match staff {
        Some(staff) => {
            params.push(staff.into());
            "and staff_id = $4"
        }
        None => "",
    };
    let sql = format!(
        "select {COLUMNS} from import_run where (created_at, id) < ($1, $2) {whose} \
         order by created_at desc, id desc limit $3"
    );
    db.all(&sql, params).await
}

/// The newest import by the command line of this file that was cut off.
pub async fn find_cut_off(db: &impl ConnectionTrait, digest: &str) -> Result<Option<ImportRun>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from import_run where file_digest = $1 and file_key = '' and state = 'running' \
         order by created_at desc, id desc limit 1"
    );
    db.first(&sql, params![digest]).await
}

/// Stores how a draft is to be read.
///
/// # Errors
/// `Conflict` when the import has begun.
pub async fn set_options(tx: &Tx, id: Uuid, options: &RunOptions) -> AppResult<()> {
    let text = serde_json::to_string(options).map_err(AppError::broken)?;
    let sql = "update import_run set options = $1 where id = $2 and state in ('draft', 'done', 'failed')";
    match tx.run(sql, params![text, id]).await? {
        1 => Ok(()),
        _ => Err(AppError::Conflict(Reason::new("import_running", tr!("This import is under way.")))),
    }
}

/// Sets everything back to the beginning: a check, or the import after a check, starts here.
pub async fn reset(tx: &Tx, id: Uuid, state: RunState) -> Result<(), DbErr> {
    tx.run("delete from import_problem where import_id = $1", params![id]).await?;
    tx.run("delete from import_failed_row where import_id = $1", params![id]).await?;
    tx.run(
        "update import_run set state = $1, records_done = 0, bytes_done = 0, rows_done = 0, created = 0, updated = 0, \
         skipped = 0, failed = 0, failure = '', started_at = null, finished_at = null where id = $2",
        params![state.key(), id],
    )
    .await?;
    Ok(())
}

/// Notes that the work began; an import that goes on keeps its first moment. That moment parts the customers it
/// found from those it made.
pub async fn begin(tx: &Tx, id: Uuid, now: Micros) -> Result<(), DbErr> {
    let sql = "update import_run set state = 'running', started_at = coalesce(started_at, $1) where id = $2";
    tx.run(sql, params![now, id]).await?;
    Ok(())
}

/// Notes the end. `failure` is empty when the whole file was dealt with.
pub async fn finish(tx: &Tx, id: Uuid, now: Micros, failure: &str) -> Result<(), DbErr> {
    let state = if failure.is_empty() { RunState::Done } else { RunState::Failed };
    tx.run(
        "update import_run set state = $1, finished_at = $2, failure = $3 where id = $4",
        params![state.key(), now, failure, id],
    )
    .await?;
    Ok(())
}

/// Moves the checkpoint, in the transaction that wrote the rows up to it.
///
/// # Errors
/// `Conflict` when somebody else moved it meanwhile: two processes are at the same file.
pub async fn advance(tx: &Tx, id: Uuid, before: &Counts, after: &Counts) -> AppResult<()> {
    let number = |count: u64| Value::from(count as i64);
    let sql = "update import_run set records_done = $1, bytes_done = $2, rows_done = $3, created = $4, updated = $5, \
        skipped = $6, failed = $7 where id = $8 and records_done = $9 and state = 'running'";
    let params = vec![
        number(after.records),
        number(after.bytes),
        number(after.rows),
        number(after.created),
        number(after.updated),
        number(after.skipped),
        number(after.failed),
        id.into(),
        number(before.records),
    ];
    match tx.run(sql, params).await? {
        1 => Ok(()),
        _ => Err(AppError::Conflict(Reason::new("import_running", tr!("This import is under way elsewhere.")))),
    }
}

/// Keeps why rows failed, and the rows themselves for the file that is to be mended.
pub async fn add_failures(tx: &Tx, id: Uuid, failures: &[FailedRow]) -> AppResult<()> {
    let mut problems: Vec<Vec<Value>> = Vec::new();
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for failed in failures {
        for (at, problem) in failed.problems.iter().enumerate() {
            problems.push(params![
                id,
                failed.line as i64,
                at as i64,
                problem.column.clone(),
                storable(&problem.value),
                problem.code.clone(),
                problem.message.clone()
            ]);
        }
        for (line, cells) in &failed.records {
            let cells: Vec<String> = cells.iter().map(|cell| storable(cell)).collect();
            let cells = serde_json::to_string(&cells).map_err(AppError::broken)?;
            rows.push(params![id, *line as i64, cells]);
        }
    }
    let columns = ["import_id", "line", "position", "column_name", "value", "code", "message"];
    tx.insert_rows("import_problem", &columns, problems).await?;
    tx.insert_rows("import_failed_row", &["import_id", "line", "cells"], rows).await?;
    Ok(())
}

/// Keys looked up by one statement. Fixed, so that the statement is prepared once; small, because SQLite looks for the name of
/// each parameter among all before it.
const KEYS: usize = 100;

/// Rows whose key is among `keys`, a few keys at a time. `{IN}` in the text stands for the places of the keys; `further`
/// are the parameters behind them, the first of which is `${NEXT}`.
pub(super) async fn of_keys<T: FromQueryResult + Send>(
    db: &impl ConnectionTrait,
    sql: &str,
    keys: impl IntoIterator<Item = String>,
    further: &[Value],
) -> Result<Vec<T>, DbErr> {
    let places: Vec<String> = (1..=KEYS).map(|at| format!("${at}")).collect();
    let sql = sql.replace("{IN}", &places.join(", ")).replace("{NEXT}", &(KEYS + 1).to_string());
    let mut keys = keys.into_iter().peekable();
    let mut rows = Vec::new();
    while keys.peek().is_some() {
        let mut params: Vec<Value> = keys.by_ref().take(KEYS).map(Value::from).collect();
        // The last key again and again, where there are too few.
        let last = params[params.len() - 1].clone();
        params.resize(KEYS, last);
        params.extend_from_slice(further);
        rows.extend(db.all::<T>(&sql, params).await?);
    }
    Ok(rows)
}

/// PostgreSQL keeps no NUL in a text.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A row that was not taken in.
#[derive(Clone, Debug, Default)]
pub struct FailedRow {
    pub line: u64,
    pub problems: Vec<CellError>,
    /// The records it consists of, with their lines: nearly always one.
    pub records: Vec<(u64, Vec<String>)>,
}

#[derive(FromQueryResult)]
struct ProblemRow {
    line: i64,
    column_name: Option<String>,
    value: String,
    code: String,
    message: String,
}

/// Problems in the order of the file, behind `after` (line and position of the last one seen).
pub async fn problems(
    db: &impl ConnectionTrait,
    id: Uuid,
    after: (i64, i64),
    limit: i64,
) -> Result<Vec<CellError>, DbErr> {
    let sql = "select line, column_name, value, code, message from import_problem \
        where import_id = $1 and (line, position) > ($2, $3) order by line, position limit $4";
    let rows: Vec<ProblemRow> = db.all(sql, params![id, after.0, after.1, limit]).await?;
    let problem = |row: ProblemRow| CellError {
        line: row.line.unsigned_abs(),
        column: row.column_name,
        value: row.value,
        code: row.code,
        message: row.message,
    };
    Ok(rows.into_iter().map(problem).collect())
}

#[derive(FromQueryResult)]
pub struct StoredRow {
    pub line: i64,
    pub cells: String,
}

/// Failed rows in the order of the file, behind line `after`.
pub async fn failed_rows(db: &impl ConnectionTrait, id: Uuid, after: i64, limit: i64) -> Result<Vec<StoredRow>, DbErr> {
    let sql = "select line, cells from import_failed_row where import_id = $1 and line > $2 order by line limit $3";
    db.all(sql, params![id, after, limit]).await
}

/// Why the rows with these lines failed, one text per line.
pub async fn reasons(db: &impl ConnectionTrait, id: Uuid, from: i64, to: i64) -> Result<Vec<(i64, CellError)>, DbErr> {
    let sql = "select line, column_name, value, code, message from import_problem \
        where import_id = $1 and line >= $2 and line <= $3 order by line, position";
    let rows: Vec<ProblemRow> = db.all(sql, params![id, from, to]).await?;
    let reason = |row: ProblemRow| {
        let ProblemRow { line, column_name, value, code, message } = row;
        (line, CellError { line: line.unsigned_abs(), column: column_name, value, code, message })
    };
    Ok(rows.into_iter().map(reason).collect())
}

/// Imports created before a moment that still keep their file and are not under way.
pub async fn with_old_files(db: &impl ConnectionTrait, before: Micros) -> Result<Vec<(Uuid, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct FileRow {
        id: Uuid,
        file_key: String,
    }
    let sql = "select id, file_key from import_run where created_at < $1 and file_key <> '' \
        and state not in ('waiting', 'running') order by created_at, id";
    let rows: Vec<FileRow> = db.all(sql, params![before]).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.file_key)).collect())
}

/// Forgets the file of an import with its problems and failed rows.
pub async fn forget(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    tx.run("delete from import_problem where import_id = $1", params![id]).await?;
    tx.run("delete from import_failed_row where import_id = $1", params![id]).await?;
    tx.run("update import_run set file_key = '' where id = $1", params![id]).await?;
    Ok(())
}
