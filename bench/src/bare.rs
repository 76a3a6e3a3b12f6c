//! The limit: the least SQL that answers the same question, on the same data, without the program.

use std::time::Instant;

use platform::db::{Database, Engine, SqlExt, Tx};
use platform::params;
use platform::sea_orm::Value;
use uuid::Uuid;

use super::times::{Table, Times};

/// Makes an empty database on a PostgreSQL server; answers its address.
pub fn create_database(superuser: &str) -> String {
    let name = format!("clientele_bench_{}", std::process::id());
    block_on(async {
        let server = Database::connect(superuser).await.expect("the server");
        server.read().run(&format!("create database {name}"), params![]).await.expect("a database");
        server.close().await.expect("closed");
    });
    format!("{}/{name}", superuser.rsplit_once('/').expect("an address").0)
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

/// Measures the bare SQL.
pub fn measure(database: &str, requests: usize, table: &mut Table) {
    block_on(async {
        let db = Database::connect(database).await.expect("the database");
        let ids: Vec<Uuid> = db
            .read()
            .values("select id from customer order by sort_name, id limit 1000", params![])
            .await
            .expect("customers");
        let postcodes: Vec<String> = db
            .read()
            .values("select postcode_folded from customer_address where postcode_folded <> '' limit 500", params![])
            .await
            .expect("postcodes");
        let list =
            "select * from customer where deleted_at is null and active order by created_at desc, id desc limit 50";
        table.add_bare("list", read(&db, list, requests, |_| params![]).await);
        let postcode = "select c.* from customer c where c.deleted_at is null and c.id in (select customer_id from \
            customer_address where postcode_folded = $1) order by c.created_at desc limit 50";
        table.add_bare(
            "postcode",
            read(&db, postcode, requests, |at| params![postcodes[at % postcodes.len()].clone()]).await,
        );
        let search = match db.engine() {
            Engine::Sqlite => {
                "select rowid from customer_search_fts where customer_search_fts match $1 order by rowid desc limit 10"
            }
            Engine::Postgres => {
                "select customer_id from customer_search where document like $1 order by seq desc limit 10"
            }
        };
        // Three letters are one entry of the index: the least that a search can look up.
        let terms = ["smi", "jan", "mul", "ber", "del", "roa", "ann"];
        let term = |at: usize| match db.engine() {
            Engine::Sqlite => params![format!("\"{}\"", terms[at % terms.len()])],
            Engine::Postgres => params![format!("%{}%", terms[at % terms.len()])],
        };
        table.add_bare("search", read(&db, search, requests, term).await);
        table.add_bare("open", open(&db, requests, &ids).await);
        table.add_bare("save", save(&db, requests, &ids).await);
        db.close().await.expect("closed");
    });
}

async fn read(db: &Database, sql: &str, requests: usize, params: impl Fn(usize) -> Vec<Value>) -> Times {
    let mut times = Times::default();
    for at in 0..requests {
        let started = Instant::now();
        db.read().run(sql, params(at)).await.expect(sql);
        times.add(started.elapsed());
    }
    times
}

async fn open(db: &Database, requests: usize, ids: &[Uuid]) -> Times {
    let tables = ["customer_email", "customer_phone", "customer_address", "customer_membership", "customer_account"];
    let mut times = Times::default();
    for at in 0..requests {
        let id = ids[at * 7 % ids.len()];
        let started = Instant::now();
        db.read().run("select * from customer where id = $1", params![id]).await.expect("the customer");
        for table in tables {
            db.read().run(&format!("select * from {table} where customer_id = $1"), params![id]).await.expect(table);
        }
        times.add(started.elapsed());
    }
    times
}

async fn save(db: &Database, requests: usize, ids: &[Uuid]) -> Times {
    let mut times = Times::default();
    for at in 0..requests {
        let id = ids[at * 7 % ids.len()];
        let started = Instant::now();
        let tx: Tx = db.begin_write().await.expect("a transaction");
        let name = format!("bare{at}");
        tx.run(
            "update customer set first_name = $1, name_folded = $1, version = version + 1 where id = $2",
            params![name, id],
        )
        .await
        .expect("updated");
        tx.commit().await.expect("committed");
        times.add(started.elapsed());
    }
    times
}
