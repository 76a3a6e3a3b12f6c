//! The event log (R19, R20, S2-22): who changed what, from where, and values that only the
//! customer's key opens.

use platform::db::SqlExt;
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::TestShop;

fn lines(history: &Value) -> Vec<String> {
    let entries = history["items"].as_array().expect("entries");
    entries
        .iter()
        .map(|entry| {
            let changes = entry["changes"].as_array().expect("values");
            let mut fields: Vec<String> = changes
                .iter()
                .filter(|change| !change["field"].as_str().expect("a field").contains('.'))
                .map(|change| format!("{}:{}>{}", change["field"], change["before"], change["after"]))
                .collect();
            fields.sort();
            format!("{} {} {} {}", entry["action"], entry["actor"], entry["source"], fields.join(" ")).replace('"', "")
        })
        .collect()
}

#[both_databases]
async fn every_change_is_told_with_values_and_source(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Bos" })).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    api.patch(&path, 1, json!({ "last_name": "Vos", "title": "Dr" })).await;
    api.post(&format!("{path}/deactivate"), json!({})).await;
    let history = api.get(&format!("{path}/history")).await.json();
    assert_eq!(
        lines(&history),
        [
            "deactivated Test Manager api active:yes>",
            "changed Test Manager api last_name:Bos>Vos title:>Dr",
            "created Test Manager api active:>yes customer_type:>retail last_name:>Bos number:>C-10001 status:>in_store"
        ]
    );
    assert_eq!(history["items"][0]["source_detail"], "test program");
    let by_field = api.get(&format!("{path}/history?field=title")).await.json();
    assert_eq!(lines(&by_field), ["changed Test Manager api last_name:Bos>Vos title:>Dr"]);
    let nobody = "01900000-0000-7000-8000-000000000000";
    assert_eq!(api.get(&format!("{path}/history?actor={nobody}")).await.json()["items"], json!([]));
    let reader = shop.api("reader").await;
    assert_eq!(reader.get(&format!("{path}/history")).await.refusal(), "403 permission_missing");
}

#[both_databases]
async fn a_group_of_fields_is_found_by_its_name(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Bos" })).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    api.patch(&path, 1, json!({ "email": "bos@x.example" })).await;
    api.patch(&path, 2, json!({ "title": "Dr" })).await;
    let history = api.get(&format!("{path}/history?field=email")).await.json();
    assert_eq!(history["items"].as_array().expect("entries").len(), 1);
    assert_eq!(history["items"][0]["changes"][0]["after"], "bos@x.example");
}

#[both_databases]
async fn stored_values_are_sealed_and_die_with_the_key(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Zeldzaamheid" })).await;
    let path = format!("/api/v1/customers/{}/history", customer["id"].as_str().expect("an id"));
    let sealed: Vec<Vec<u8>> = shop
        .app
        .db
        .read()
        .values("select changes from event where customer_id is not null", vec![])
        .await
        .expect("read");
    assert_eq!(sealed.len(), 1);
    assert!(!String::from_utf8_lossy(&sealed[0]).contains("Zeldzaamheid"));
    let tx = shop.app.begin_write().await.expect("a transaction");
    tx.run("update customer set history_key = null", vec![]).await.expect("written");
    tx.commit().await.expect("committed");
    let entry = api.get(&path).await.json()["items"][0].clone();
    assert_eq!(entry["changes"], Value::Null);
    assert!(entry["fields"].as_array().expect("names").contains(&json!("last_name")));
}

#[both_databases]
async fn the_history_is_paged_by_cursor(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Bos" })).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    for version in 1..=60 {
        api.patch(&path, version, json!({ "title": format!("T{version}") })).await;
    }
    let first = api.get(&format!("{path}/history")).await.json();
    assert_eq!(first["items"].as_array().expect("entries").len(), 50);
    let next = first["next"].as_str().expect("a cursor");
    let second = api.get(&format!("{path}/history?cursor={next}")).await.json();
    assert_eq!(second["items"].as_array().expect("entries").len(), 11);
    assert_eq!(second["items"][10]["action"], "created");
    assert_eq!(api.get(&format!("{path}/history?cursor=xx")).await.refusal(), "400 cursor_invalid");
}
