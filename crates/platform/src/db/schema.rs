//! Reads the real schema of a database, for the registry check and for comparing the engines.

use std::collections::BTreeMap;

use sea_orm::{DbErr, FromQueryResult};

use super::{Database, Engine, SqlExt};
use crate::params;

/// A column as the engine reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// Lower-case type name of the engine, for example `text`, `blob`, `bytea`, `bigint`.
    pub kind: String,
    pub nullable: bool,
}

impl Column {
    /// Whether the column can hold text or bytes of any content.
    pub fn can_hold_anything(&self) -> bool {
        matches!(self.kind.as_str(), "text" | "blob" | "bytea" | "character varying" | "jsonb")
    }
}

/// A reference from a column to another table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignKey {
    pub column: String,
    pub table: String,
}

/// One table with its columns and references.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableShape {
    pub columns: Vec<Column>,
    pub foreign_keys: Vec<ForeignKey>,
    /// Columns of the primary key in its order.
    pub primary_key: Vec<String>,
}

#[derive(FromQueryResult)]
struct ColumnRow {
    table_name: String,
    name: String,
    kind: String,
    nullable: bool,
}

#[derive(FromQueryResult)]
struct ForeignKeyRow {
    table_name: String,
    column_name: String,
    target: String,
}

#[derive(FromQueryResult)]
struct PrimaryRow {
    table_name: String,
    column_name: String,
}

/// All tables of the database by name, without the engine's own and the search index's shadows.
pub async fn read_schema(db: &Database) -> Result<BTreeMap<String, TableShape>, DbErr> {
    let (columns_sql, keys_sql, primary_sql) = match db.engine() {
        Engine::Sqlite => (SQLITE_COLUMNS, SQLITE_KEYS, SQLITE_PRIMARY),
        Engine::Postgres => (POSTGRES_COLUMNS, POSTGRES_KEYS, POSTGRES_PRIMARY),
    };
    let mut tables: BTreeMap<String, TableShape> = BTreeMap::new();
    for row in db.read().all::<ColumnRow>(columns_sql, params![]).await? {
        tables.entry(row.table_name).or_default().columns.push(Column {
            name: row.name,
            kind: row.kind.to_lowercase(),
            nullable: row.nullable,
        });
    }
    for row in db.read().all::<ForeignKeyRow>(keys_sql, params![]).await? {
        let table = tables.entry(row.table_name).or_default();
        table.foreign_keys.push(ForeignKey { column: row.column_name, table: row.target });
    }
    for row in db.read().all::<PrimaryRow>(primary_sql, params![]).await? {
        if let Some(table) = tables.get_mut(&row.table_name) {
            table.primary_key.push(row.column_name);
        }
    }
    for table in tables.values_mut() {
        table.foreign_keys.sort();
    }
    Ok(tables)
}

const SQLITE_COLUMNS: &str = "select t.name as table_name, c.name as name, c.type as kind, \
    (c.\"notnull\" = 0 and c.pk = 0) as nullable \
    from sqlite_master t, pragma_table_info(t.name) c \
    where t.type = 'table' and t.name not like 'sqlite_%' and t.name not like '%\\_fts%' escape '\\' \
    order by t.name, c.cid";
const SQLITE_KEYS: &str = "select t.name as table_name, k.\"from\" as column_name, k.\"table\" as target \
    from sqlite_master t, pragma_foreign_key_list(t.name) k where t.type = 'table'";
const SQLITE_PRIMARY: &str = "select t.name as table_name, c.name as column_name \
    from sqlite_master t, pragma_table_info(t.name) c where t.type = 'table' and c.pk > 0 order by t.name, c.pk";
const POSTGRES_PRIMARY: &str = "select c.conrelid::regclass::text as table_name, a.attname::text as column_name \
    from pg_constraint c cross join unnest(c.conkey) with ordinality as k (number, place) \
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number \
    where c.contype = 'p' and c.connamespace = current_schema()::regnamespace order by 1, k.place";
const POSTGRES_COLUMNS: &str = "select table_name::text as table_name, column_name::text as name, \
    data_type::text as kind, is_nullable = 'YES' as nullable \
    from information_schema.columns where table_schema = current_schema() \
    order by table_name, ordinal_position";
const POSTGRES_KEYS: &str = "select c.conrelid::regclass::text as table_name, a.attname::text as column_name, \
    c.confrelid::regclass::text as target from pg_constraint c \
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey) \
    where c.contype = 'f' and c.connamespace = current_schema()::regnamespace";
