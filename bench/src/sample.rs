//! Customers that are there, read from the database: what questions and filters are made of.

use std::collections::HashMap;

use platform::db::{Database, Engine, SqlExt};
use platform::params;
use platform::sea_orm::{self, FromQueryResult};
use uuid::Uuid;

/// A customer that somebody looks for.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub id: Uuid,
    pub number: String,
    pub first_name: String,
    pub last_name: String,
    /// `sort_name`, the folded name, last name first.
    pub sort_name: String,
    pub email: String,
    /// As E.164 digits without the plus.
    pub phone: String,
    pub country: String,
    pub postcode: String,
    pub town: String,
    pub created_at: i64,
}

#[derive(FromQueryResult)]
struct PersonRow {
    id: Uuid,
    number: String,
    first_name: String,
    last_name: String,
    sort_name: String,
    main_email: String,
    main_country: String,
    main_postcode: String,
    main_town: String,
    created_at: i64,
}

#[derive(FromQueryResult)]
struct PhoneRow {
    customer_id: Uuid,
    digits: String,
}

/// Some customers, evenly spread over all that are active.
pub async fn people(db: &Database, wanted: usize) -> Vec<Person> {
    let ids: Vec<Uuid> =
        db.read().values("select id from customer where active order by id", params![]).await.expect("customers");
    let step = (ids.len() / wanted).max(1);
    // A prime offset, so that the sample does not fall in step with the making of the data.
    let chosen: Vec<Uuid> = ids.iter().skip(step / 3).step_by(step).take(wanted).copied().collect();
    let mut people = Vec::new();
    for chunk in chosen.chunks(200) {
        let list = (1..=chunk.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
        let ids = || chunk.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "select id, number, first_name, last_name, sort_name, main_email, main_country, main_postcode, main_town, \
             created_at from customer where id in ({list}) order by id"
        );
        let rows: Vec<PersonRow> = db.read().all(&sql, ids()).await.expect("customers");
        let sql =
            format!("select customer_id, digits from customer_phone where customer_id in ({list}) and e164 <> ''");
        let phones: Vec<PhoneRow> = db.read().all(&sql, ids()).await.expect("phones");
        let phones: HashMap<Uuid, String> = phones.into_iter().map(|row| (row.customer_id, row.digits)).collect();
        people.extend(rows.into_iter().map(|row| Person {
            phone: phones.get(&row.id).cloned().unwrap_or_default(),
            id: row.id,
            number: row.number,
            first_name: row.first_name,
            last_name: row.last_name,
            sort_name: row.sort_name,
            email: row.main_email,
            country: row.main_country,
            postcode: row.main_postcode,
            town: row.main_town,
            created_at: row.created_at,
        }));
    }
    people
}

/// The ids and names of what customers refer to, by table.
pub async fn references(db: &Database, table: &str) -> Vec<Uuid> {
    let sql = match table {
        "source" | "property_type" => format!("select id from choice where list = '{table}' order by position, name"),
        other => format!("select id from {other} order by created_at, id"),
    };
    db.read().values(&sql, params![]).await.expect("rows")
}

/// The version the engine tells.
pub async fn version(db: &Database) -> String {
    let sql = match db.engine() {
        Engine::Sqlite => "select 'SQLite ' || sqlite_version()",
        Engine::Postgres => "select 'PostgreSQL ' || current_setting('server_version')",
    };
    db.read().value(sql, params![]).await.expect("a version").unwrap_or_default()
}
