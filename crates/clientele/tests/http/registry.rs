//! The customer-record registry against the real schema, and the two engines against each other.

use std::collections::BTreeMap;

use platform::db::{SqlExt, read_schema};
use testing_macros::both_databases;

use crate::harness::{Engine, TestShop};

#[both_databases]
async fn every_table_and_column_is_registered(shop: TestShop) {
    let wrong = shop.app.registry.check(&shop.app.db).await.expect("the schema");
    assert_eq!(wrong, Vec::<String>::new());
}

#[both_databases]
async fn a_table_or_column_nobody_registered_is_found(shop: TestShop) {
    let tx = shop.app.begin_write().await.expect("a transaction");
    tx.run("create table stray (note text, customer_id bigint)", vec![]).await.expect("a table");
    tx.run("alter table customer_email add column remark text", vec![]).await.expect("a column");
    tx.commit().await.expect("committed");
    let wrong = shop.app.registry.check(&shop.app.db).await.expect("the schema");
    assert_eq!(wrong, ["column customer_email.remark is not classified", "table stray is not registered"]);
}

/// Names, columns, nullability and references of the tables are the same on both engines: each run
/// compares its engine with one text that both must give.
#[both_databases]
async fn both_engines_have_one_schema(shop: TestShop) {
    let schema = read_schema(&shop.app.db).await.expect("the schema");
    let mut lines = BTreeMap::new();
    for (table, shape) in schema {
        let columns: Vec<String> = shape
            .columns
            .iter()
            .map(|column| format!("{}{}", column.name, if column.nullable { "?" } else { "" }))
            .collect();
        let keys: Vec<String> = shape.foreign_keys.iter().map(|key| format!("{}>{}", key.column, key.table)).collect();
        lines.insert(table, format!("{} [{}]", columns.join(" "), keys.join(" ")));
    }
    let text = lines.into_iter().map(|(table, line)| format!("{table}: {line}")).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("schema", text);
}

#[both_databases]
async fn migrating_twice_changes_nothing(shop: TestShop) {
    let modules = clientele::program::modules();
    let before = platform::db::applied(shop.app.db.read()).await.expect("applied");
    let again = platform::server::prepare(&shop.app.db, &modules, 1).await.expect("prepared");
    assert_eq!(again, Vec::<&str>::new());
    assert_eq!(platform::db::applied(shop.app.db.read()).await.expect("applied"), before);
    assert_eq!(before.len(), platform::server::migrations(&modules).len());
}

#[both_databases]
async fn concurrent_read_then_write_transactions_all_succeed(shop: TestShop) {
    let tx = shop.app.begin_write().await.expect("a transaction");
    tx.run("insert into setting (key, value, changed_at) values ('counter', '0', 0)", vec![]).await.expect("a row");
    tx.commit().await.expect("committed");
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let app = shop.app.clone();
        tasks.push(tokio::spawn(async move { while !add_one(&app).await {} }));
    }
    for task in tasks {
        task.await.expect("a task");
    }
    let counter: Option<String> =
        shop.app.db.read().value("select value from setting where key = 'counter'", vec![]).await.expect("read");
    assert_eq!(counter.as_deref(), Some("20"));
}

/// Reads, then writes; answers whether it was not beaten by another.
async fn add_one(app: &platform::app::App) -> bool {
    let attempt = async {
        let tx = app.begin_write().await?;
        let read: Option<String> = tx.value("select value from setting where key = 'counter'", vec![]).await?;
        let next = read.and_then(|text| text.parse::<i64>().ok()).unwrap_or(0) + 1;
        tx.run("update setting set value = $1 where key = 'counter'", platform::params![next.to_string()]).await?;
        tx.commit().await
    };
    match attempt.await {
        Ok(()) => true,
        Err(error) if platform::db::is_retryable(&error) => false,
        Err(error) => panic!("{error}"),
    }
}

#[both_databases]
async fn the_program_knows_its_engine(shop: TestShop) {
    let expected = match shop.engine {
        Engine::Sqlite => platform::db::Engine::Sqlite,
        Engine::Postgres => platform::db::Engine::Postgres,
    };
    assert_eq!(shop.app.db.engine(), expected);
}
