//! What is done for speed changes no answer: marks, ways and counts of the list, the dictionary of the search.

use platform::db::SqlExt;
use platform::params;
use serde_json::json;
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};

async fn found(api: &Client<'_>, query: &str) -> Vec<String> {
    let answer = api.get(&format!("/api/v1/customers?limit=200&activity=all&{query}")).await;
    assert_eq!(answer.status.as_u16(), 200, "{query}: {}", answer.text);
    let json = answer.json();
    let rows = json["items"].as_array().expect("rows").iter();
    rows.map(|row| row["number"].as_str().expect("a number").to_owned()).collect()
}

/// The numbers of the first customers that a condition holds for, by plain SQL.
async fn plainly(shop: &TestShop, condition: &str, order: &str) -> Vec<String> {
    let sql = format!("select c.number from customer c where {condition} order by {order} limit 200");
    shop.app.db.read().values(&sql, params![]).await.expect("rows")
}

#[both_databases]
async fn walking_by_marks_finds_what_plain_sql_finds(shop: TestShop) {
    let api = shop.api("manager").await;
    customers::generate::fill::fill(&shop.app.db, 3, 300, shop.app.clock.now(), |_| ()).await.expect("customers");
    for (query, condition) in [
        ("", "true"),
        ("status=registered", "c.status = 'registered'"),
        ("status=lead&status=guest", "c.status in ('lead', 'guest')"),
        ("customer_type=trade", "c.customer_type = 'trade'"),
        ("origin=pos", "c.origin = 'pos'"),
        ("missing=phone", "c.main_phone = ''"),
        ("missing=company&missing=email", "c.company_name = '' and c.main_email = ''"),
        ("missing=address", "not exists (select 1 from customer_address a where a.customer_id = c.id)"),
        ("assignee=none", "c.assignee_id is null"),
    ] {
        for (sort, order) in [
            ("name", "c.sort_name, c.id"),
            ("-email", "c.main_email desc, c.id desc"),
            ("company", "c.company_folded, c.id"),
            ("-created", "c.created_at desc, c.id desc"),
        ] {
            let rows = found(&api, &format!("{query}&sort={sort}")).await;
            assert!(!rows.is_empty(), "{query}");
            assert_eq!(rows, plainly(&shop, condition, order).await, "{query} by {sort}");
        }
    }
}

#[both_databases]
async fn a_changed_customer_is_met_by_its_new_marks(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Bos", "status": "lead" })).await;
    let number = customer["number"].as_str().expect("a number").to_owned();
    assert_eq!(found(&api, "missing=email&sort=name").await, std::slice::from_ref(&number));
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    api.patch(&path, 1, json!({ "email": "bos@kaas.example", "status": "in_store" })).await;
    assert_eq!(found(&api, "missing=email&sort=name").await, Vec::<String>::new());
    assert_eq!(found(&api, "status=in_store&sort=email").await, std::slice::from_ref(&number));
    assert_eq!(found(&api, "status=lead").await, Vec::<String>::new());
    assert_eq!(found(&api, "email=%40kaas.example&sort=company").await, [number]);
}

#[both_databases]
async fn records_without_marks_are_found_too(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Bos", "status": "lead" })).await;
    let tx = shop.app.begin_write().await.expect("a transaction");
    tx.run("update customer set marks = -1, links = -1", params![]).await.expect("as an older version wrote it");
    tx.commit().await.expect("committed");
    assert_eq!(found(&api, "status=lead&sort=name").await, [customer["number"].as_str().expect("a number")]);
    assert_eq!(found(&api, "status=guest&sort=name").await, Vec::<String>::new());
}

#[both_databases]
async fn words_that_nobody_has_any_more_are_forgotten(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Zonderling", "town": "Delft", "country": "NL" })).await;
    api.customer(json!({ "last_name": "Bakker", "town": "Delft", "country": "NL" })).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    api.patch(&path, 1, json!({ "last_name": "Anders" })).await;
    customers::search::tidy(shop.app.clone()).await.expect("tidied");
    let words: Vec<String> = shop
        .app
        .db
        .read()
        .values("select distinct word from search_word order by word", params![])
        .await
        .expect("words");
    assert_eq!(words, ["anders", "bakker", "delft"]);
    let hit = api.get("/api/v1/search?q=bakkre").await.json()["items"][0]["name"].clone();
    assert_eq!(hit, json!("Bakker"));
}

#[both_databases]
async fn the_very_person_comes_first(shop: TestShop) {
    let api = shop.api("manager").await;
    for (first, last, phone, active) in [
        ("Jan", "Smits", "06 11111111", true),
        ("Jan", "Smit", "06 22222222", false),
        ("Jan", "Smit", "06 33333333", true),
        ("Jan", "Smitsma", "06 44444444", true),
        ("Piet", "Jansen", "0622222222", true),
    ] {
        api.customer(
            json!({ "first_name": first, "last_name": last, "phone": phone, "country": "NL", "active": active }),
        )
        .await;
    }
    for (question, numbers) in [
        ("jan smit", vec!["C-10003", "C-10002"]),
        ("jan smi", vec!["C-10004", "C-10003"]),
        ("+31 6 22222222", vec!["C-10005", "C-10002"]),
        ("(06) 3333-3333", vec!["C-10003"]),
        ("3333333", vec!["C-10003"]),
        ("c10004", vec!["C-10004"]),
        ("10001", vec!["C-10001"]),
        ("jan smitmsa", vec!["C-10004"]),
    ] {
        let encoded: String = question.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = api.get(&format!("/api/v1/search?q={encoded}")).await.json();
        let hits = answer["items"].as_array().expect("hits").iter();
        let hits: Vec<&str> = hits.filter_map(|hit| hit["number"].as_str()).take(numbers.len()).collect();
        assert_eq!(hits, numbers, "{question}");
    }
}

#[both_databases]
async fn indexes_that_were_left_out_are_made_again(shop: TestShop) {
    use platform::db::{Engine, drop_indexes, make_indexes};
    let db = &shop.app.db;
    let sql = match db.engine() {
        Engine::Sqlite => "select name || sql from sqlite_master where type = 'index' and sql is not null order by 1",
        Engine::Postgres => {
            "select indexname || indexdef from pg_indexes where schemaname = current_schema() order by 1"
        }
    };
    let before: Vec<String> = db.read().values(sql, params![]).await.expect("indexes");
    let tx = db.begin_write().await.expect("a transaction");
    let dropped = drop_indexes(&tx, db.engine()).await.expect("dropped");
    let left: Vec<String> = tx.values(sql, params![]).await.expect("indexes");
    assert!(left.len() + 20 < before.len(), "{left:?}");
    make_indexes(&tx, db.engine(), dropped).await.expect("made");
    tx.commit().await.expect("committed");
    let after: Vec<String> = db.read().values(sql, params![]).await.expect("indexes");
    assert_eq!(after, before);
}
