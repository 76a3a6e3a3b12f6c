//! The limit: the least SQL that answers the same question, on the same data, without the program.

use platform::db::{Database, Engine, SqlExt};
use platform::params;
use platform::sea_orm::Value;
use uuid::Uuid;

use super::sample::{Person, references};
use super::times::Times;

/// Makes an empty database on a PostgreSQL server; answers its address.
pub async fn create_database(superuser: &str, name: &str) -> String {
    let server = Database::connect(superuser).await.expect("the server");
    server.read().run(&format!("create database {name}"), params![]).await.expect("a database");
    server.close().await.expect("closed");
    format!("{}/{name}", superuser.rsplit_once('/').expect("an address").0)
}

pub async fn drop_database(superuser: &str, name: &str) {
    let server = Database::connect(superuser).await.expect("the server");
    server.read().run(&format!("drop database {name}"), params![]).await.expect("dropped");
    server.close().await.expect("closed");
}

/// Times of the bare SQL.
#[derive(Default)]
pub struct Bare {
    pub list: Times,
    pub search: Times,
    pub open: Times,
    pub save: Times,
}

pub async fn measure(db: &Database, people: &[Person], requests: usize) -> Bare {
    Bare {
        list: list(db, people, requests).await,
        search: search(db, requests).await,
        open: open(db, requests, people).await,
        save: save(db, requests, people).await,
    }
}

/// Walks of an index from somewhere in it, and one filter that has an index of its own.
async fn list(db: &Database, people: &[Person], requests: usize) -> Times {
    let group = references(db, "customer_group").await[0];
    let columns = "c.id, c.number, c.display_name, c.company_name, c.main_email, c.main_phone, c.main_town, \
        c.main_postcode, c.main_country, c.status, c.active, c.customer_type, c.origin, c.incomplete, c.note_flag, \
        c.language, c.source_id, c.assignee_id, c.home_channel_id, c.created_at, c.updated_at, c.version";
    let by_time = format!(
        "select {columns} from customer c where c.deleted_at is null and c.active and (c.created_at, c.id) < ($1, $2) \
         order by c.created_at desc, c.id desc limit 50"
    );
    let by_name = format!(
        "select {columns} from customer c where c.deleted_at is null and c.active and (c.sort_name, c.id) > ($1, $2) \
         order by c.sort_name, c.id limit 50"
    );
    let in_group = format!(
        "select {columns} from customer_membership m join customer c on c.id = m.customer_id \
         where m.group_id = $1 and m.customer_id < $2 and c.deleted_at is null and c.active \
         order by m.customer_id desc limit 50"
    );
    let mut times = Times::default();
    for at in 0..requests {
        let person = &people[at * 7 % people.len()];
        let (sql, params) = match at % 3 {
            0 => (&by_time, params![person.created_at, person.id]),
            1 => (&by_name, params![person.sort_name.clone(), person.id]),
            _ => (&in_group, params![group, person.id]),
        };
        read(db, sql, params, &mut times).await;
    }
    times
}

/// One word that is common, and two that are in few documents: what an index must look up at least.
async fn search(db: &Database, requests: usize) -> Times {
    let sql = match db.engine() {
        Engine::Sqlite => {
            "select rowid from customer_search_fts where customer_search_fts match $1 order by rowid desc limit 10"
        }
        Engine::Postgres => {
            "select customer_id from customer_search where document like $1 and document like $2 limit 10"
        }
    };
    let terms = [("smi", "oli"), ("jan", "ber"), ("mul", "pet"), ("del", "ann"), ("roa", "mar"), ("whi", "tho")];
    let mut times = Times::default();
    for at in 0..requests {
        let (first, second) = terms[at % terms.len()];
        let params = match db.engine() {
            Engine::Sqlite => params![format!("\"{first}\" AND \"{second}\"")],
            Engine::Postgres => params![format!("% {first}%"), format!("% {second}%")],
        };
        read(db, sql, params, &mut times).await;
    }
    times
}

async fn read(db: &Database, sql: &str, params: Vec<Value>, times: &mut Times) {
    let started = std::time::Instant::now();
    db.read().run(sql, params).await.expect("read");
    times.add(started.elapsed());
}

async fn open(db: &Database, requests: usize, people: &[Person]) -> Times {
    let tables = ["customer_email", "customer_phone", "customer_address", "customer_membership", "customer_account"];
    let mut times = Times::default();
    for at in 0..requests {
        let id = people[at * 7 % people.len()].id;
        let started = std::time::Instant::now();
        db.read().run("select * from customer where id = $1", params![id]).await.expect("the customer");
        for table in tables {
            db.read().run(&format!("select * from {table} where customer_id = $1"), params![id]).await.expect(table);
        }
        times.add(started.elapsed());
    }
    times
}

/// A new name: the row with its indexes, a history entry, the search document.
async fn save(db: &Database, requests: usize, people: &[Person]) -> Times {
    let event = "insert into event (id, at, actor_kind, actor_name, source, source_detail, entity, entity_id, \
        customer_id, version, action, fields, changes) values ($1, $2, 'system', 'bench', 'command_line', '', \
        'customer', $3, $3, 2, 'changed', ',first_name,', $4)";
    let mut times = Times::default();
    for at in 0..requests {
        let id = people[at * 7 % people.len()].id;
        let now = people[at % people.len()].created_at + at as i64;
        let started = std::time::Instant::now();
        let tx = db.begin_write().await.expect("a transaction");
        let sql = "update customer set sort_name = $1, name_folded = $1, version = version + 1 where id = $2";
        tx.run(sql, params![format!("bare{at}"), id]).await.expect("updated");
        let made: Uuid = platform::ids::new_id(now);
        tx.run(event, params![made, now, id, vec![7_u8; 200]]).await.expect("recorded");
        let sql = "update customer_search set document = document || $1 where customer_id = $2";
        tx.run(sql, params![format!("bare{at} "), id]).await.expect("searchable");
        tx.commit().await.expect("committed");
        times.add(started.elapsed());
    }
    times
}
