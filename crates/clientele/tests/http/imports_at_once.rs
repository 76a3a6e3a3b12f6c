//! Many rows go in with few statements made beside the writing: the same stands in the database afterwards as if they had
//! come one by one, and nothing of a chunk that fails.

use std::io::Cursor;

use customers::import::work::carry_out;
use platform::db::SqlExt;
use platform::params;
use serde_json::json;
use testing_macros::both_databases;
use uuid::Uuid;

use crate::harness::TestShop;
use crate::imports::{begin, counts, import, upload};

const HEADER: &str = "first_name,last_name,company,email,phone,postcode,town,country,status,account_code,channel\n";
const ROWS: usize = 60;

/// A row of a file; other cells are empty than in its neighbours. `file` makes it a customer of its own.
fn row(file: &str, n: usize) -> String {
    let some = |is: bool, text: String| if is { text } else { String::new() };
    let name = char::from(b'a' + (n % 26) as u8).to_string().repeat(4 + n % 3);
    let has_address = !n.is_multiple_of(4);
    let cells = [
        file.to_owned(),
        format!("{name}son{n:02}"),
        some(n.is_multiple_of(3), "Delta Ltd".to_owned()),
        some(!n.is_multiple_of(5), format!("p{n}@{file}.example")),
        some(n.is_multiple_of(2), format!("020 65864{n:02}")),
        some(has_address, format!("10{n:02} AB")),
        some(has_address, "Delft".to_owned()),
        some(has_address, "Netherlands".to_owned()),
        some(n % 5 == 2, "registered".to_owned()),
        some(n.is_multiple_of(6), format!("{file}{n}")),
        some(n.is_multiple_of(2), "Web".to_owned()),
    ];
    cells.join(",") + "\n"
}

/// What is stored of each customer of a file, but for numbers, ids and times.
async fn stored(shop: &TestShop, file: &str) -> Vec<String> {
    let number = |sql: &str| format!("cast(({sql}) as text)");
    let count = |table: &str| number(&format!("select count(*) from {table} t where t.customer_id = c.id"));
    let parts = [
        "c.sort_name".to_owned(),
        "c.name_folded".to_owned(),
        "c.main_email".to_owned(),
        "c.main_phone".to_owned(),
        "c.main_postcode".to_owned(),
        "c.account_code".to_owned(),
        "c.status".to_owned(),
        number("case when c.home_channel_id is null then 0 else 1 end"),
        number("case when c.company_id is null then 0 else 1 end"),
        number("case when c.created_at = c.updated_at and c.created_at = e.at then 1 else 0 end"),
        count("customer_email"),
        count("customer_phone"),
        count("customer_address"),
        count("customer_account"),
        count("customer_match_key"),
        "e.fields".to_owned(),
        number("length(e.changes)"),
        "s.document".to_owned(),
    ];
    let sql = format!(
        "select {} from customer c join event e on e.customer_id = c.id join customer_search s on s.customer_id = c.id \
         where c.first_name = $1 order by c.sort_name",
        parts.join(" || '|' || ")
    );
    let rows: Vec<String> = shop.app.db.read().values(&sql, params![file]).await.expect("rows");
    let comparable = |row: &String| {
        let is_number = |word: &str| word.starts_with("c-") || word.starts_with("c10");
        let words: Vec<&str> = row.split(' ').filter(|word| !is_number(word)).collect();
        let row = words.join(" ").replace(file, "file");
        let without_id = |part: &str| if Uuid::parse_str(part).is_ok() { "id".to_owned() } else { part.to_owned() };
        row.split('.').map(without_id).collect::<Vec<_>>().join(".")
    };
    rows.iter().map(comparable).collect()
}

#[both_databases]
async fn rows_stand_in_the_database_as_if_they_had_come_one_by_one(shop: TestShop) {
    let api = shop.api("manager").await;
    api.post("/api/v1/channels", json!({ "name": "Web", "kind": "shop" })).await;
    api.post("/api/v1/companies", json!({ "name": "Delta Ltd" })).await;
    let at_once: String = (0..ROWS).map(|n| row("many", n)).collect();
    let done = import(&shop, &api, format!("{HEADER}{at_once}"), json!({})).await;
    assert_eq!(counts(&done), format!("done {ROWS}: {ROWS} created, 0 updated, 0 skipped, 0 failed"));
    for n in 0..ROWS {
        import(&shop, &api, format!("{HEADER}{}", row("each", n)), json!({})).await;
    }
    let many = stored(&shop, "many").await;
    assert_eq!((many.len(), &many), (ROWS, &stored(&shop, "each").await));
    assert!(many.iter().any(|row| row.contains("|1|1|1|1|1|1|1|")), "{many:?}");
    // The history opens, and the words were learned.
    let found = api.get("/api/v1/search?q=many%20aaaaason52").await.json();
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    let id = found["items"][0]["id"].as_str().expect("an id");
    let history = api.get(&format!("/api/v1/customers/{id}/history")).await.json();
    let changes = history["items"][0]["changes"].to_string();
    assert!(changes.contains("aaaason52"), "{history}");
}

async fn write(shop: &TestShop, sql: &str) {
    let tx = shop.app.begin_write().await.expect("a transaction");
    tx.run(sql, params![]).await.expect(sql);
    tx.commit().await.expect("committed");
}

#[both_databases]
async fn nothing_stays_of_a_chunk_that_fails_and_it_goes_in_later(shop: TestShop) {
    let api = shop.api("manager").await;
    let town = |n: usize| if matches!(n, 510 | 520) { "Gouda" } else { "Delft" };
    let rows: String = (0..560).map(|n| format!("Person {n},p{n}@x.example,{}\n", town(n))).collect();
    let text = format!("name,email,town\n{rows}");
    let uploaded = upload(&shop, &api, text.clone()).await.json();
    let id = uploaded["id"].as_str().expect("an id");
    api.post(&format!("/api/v1/imports/{id}/start"), json!({})).await;
    // Two rows of the second chunk cannot both be written, as the database notices when their customers are.
    write(&shop, "create unique index in_the_way on customer_address (town) where town = 'Gouda'").await;
    let plan = begin(&shop, id.parse().expect("an id")).await;
    let failed = carry_out(&shop.app, plan, Box::new(Cursor::new(text)), &mut |_| ()).await;
    assert!(failed.is_err());
    let of_all = ["customer", "customer_email", "customer_address", "customer_search"];
    for table in of_all {
        assert_eq!(shop.count(&format!("select count(*) from {table}")).await, 500, "{table}");
    }
    assert_eq!(shop.count("select records_done from import_run").await, 500);
    write(&shop, "drop index in_the_way").await;
    shop.run_jobs().await;
    let done = api.get(&format!("/api/v1/imports/{id}")).await.json();
    assert_eq!(counts(&done), "done 560: 560 created, 0 updated, 0 skipped, 0 failed");
    for table in of_all {
        assert_eq!(shop.count(&format!("select count(*) from {table}")).await, 560, "{table}");
    }
    assert_eq!(shop.count("select count(*) from event where action = 'created' and source = 'import'").await, 560);
    // The numbers of what failed were given out again.
    assert_eq!(shop.count("select last_value from number_series where name = 'customer:C'").await, 10_560);
}
