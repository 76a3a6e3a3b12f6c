//! Files in and out: the same rules as the form, every bad row explained, nothing twice.

use std::io::Cursor;
use std::path::Path;

use axum::body::Body;
use axum::http::{Method, Request};
use customers::import::store;
use customers::import::work::{POLITE_CHUNK, Plan, Report, carry_out};
use platform::auth::{Permission, PermissionSet};
use platform::db::SqlExt;
use platform::history::{Actor, Source};
use serde_json::{Value, json};
use testing_macros::both_databases;
use uuid::Uuid;

use crate::harness::{Answer, Client, TestShop};

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../customers/tests/data");
    std::fs::read(folder.join(name)).expect(name)
}

pub async fn upload(shop: &TestShop, api: &Client<'_>, bytes: impl Into<Vec<u8>>) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/imports?file_name=people.csv")
        .header("authorization", format!("Bearer {}", api.secret))
        .header("content-type", "text/csv")
        .body(Body::from(bytes.into()));
    shop.send(request.expect("a request")).await
}

/// Uploads a file with corrections and carries it out; answers the import.
pub async fn import(shop: &TestShop, api: &Client<'_>, bytes: impl Into<Vec<u8>>, corrections: Value) -> Value {
    let uploaded = upload(shop, api, bytes).await;
    assert_eq!(uploaded.status.as_u16(), 201, "{}", uploaded.text);
    let path = format!("/api/v1/imports/{}", uploaded.json()["id"].as_str().expect("an id"));
    let corrected = api.send(Method::PATCH, &path, Some(corrections)).await;
    assert_eq!(corrected.status.as_u16(), 200, "{}", corrected.text);
    let started = api.post(&format!("{path}/start"), json!({})).await;
    assert_eq!(started.status.as_u16(), 202, "{}", started.text);
    shop.run_jobs().await;
    api.get(&path).await.json()
}

pub fn counts(import: &Value) -> String {
    let count = |name: &str| import[name].as_i64().unwrap_or(-1);
    format!(
        "{} {}: {} created, {} updated, {} skipped, {} failed",
        import["state"].as_str().unwrap_or("?"),
        count("rows"),
        count("created"),
        count("updated"),
        count("skipped"),
        count("failed")
    )
}

async fn customer_count(shop: &TestShop) -> i64 {
    shop.count("select count(*) from customer").await
}

#[both_databases]
async fn the_retail_file_goes_in_with_its_columns_guessed_and_goes_in_once(shop: TestShop) {
    let api = shop.api("manager").await;
    let first = import(&shop, &api, file("retail_10k.csv"), json!({})).await;
    assert_eq!(counts(&first), "done 10000: 10000 created, 0 updated, 0 skipped, 0 failed");
    assert_eq!(first["columns"][1], json!({ "name": "entity_id", "field": null, "confidence": 0 }));
    assert_eq!(customer_count(&shop).await, 10_000);
    assert_eq!(shop.count("select count(*) from customer_search").await, 10_000);
    assert_eq!(shop.count("select count(*) from event where action = 'created' and source = 'import'").await, 10_000);
    let found = api.get("/api/v1/search?q=fatma%20altbruner").await.json();
    assert_eq!(found["items"][0]["name"], "FATMA ALTBRUNER");
    // The same file again finds nearly everybody; nameless twins are for duplicate finding to judge.
    let again = import(&shop, &api, file("retail_10k.csv"), json!({})).await;
    assert!(again["skipped"].as_i64() > Some(9_950), "{}", counts(&again));
}

#[both_databases]
async fn every_shops_export_is_known(shop: TestShop) {
    let api = shop.api("manager").await;
    for (name, format, rows) in [
        ("shopify.csv", "shopify", 4),
        ("shopify_older.csv", "shopify", 2),
        ("woocommerce.csv", "woocommerce", 2),
        ("woocommerce_excel.csv", "woocommerce", 3),
        ("magento_composite.csv", "magento", 3),
        ("magento_main_utf16.csv", "magento", 2),
    ] {
        let done = import(&shop, &api, file(name), json!({})).await;
        assert_eq!(done["format"], format, "{name}");
        assert_eq!(counts(&done), format!("done {rows}: {rows} created, 0 updated, 0 skipped, 0 failed"), "{name}");
    }
    let found = api.get("/api/v1/search?q=veronica%20costello").await.json();
    let id = found["items"][0]["id"].as_str().expect("found").to_owned();
    let customer = api.get(&format!("/api/v1/customers/{id}")).await.json();
    assert_eq!(customer["addresses"].as_array().map(Vec::len), Some(3));
    assert_eq!(customer["phones"].as_array().map(Vec::len), Some(2));
}

#[both_databases]
async fn bad_rows_come_back_and_go_in_once_mended(shop: TestShop) {
    let api = shop.api("manager").await;
    let done = import(&shop, &api, file("broken.csv"), json!({})).await;
    assert_eq!(counts(&done), "done 7: 3 created, 0 updated, 0 skipped, 4 failed");
    let path = format!("/api/v1/imports/{}", done["id"].as_str().expect("an id"));
    let problems = api.get(&format!("{path}/problems")).await.json();
    assert_eq!(
        problems["items"][0],
        json!({ "line": 3, "column": "country", "value": "Atlantis", "code": "country_unknown",
            "detail": "This country is not known." })
    );
    let failed = api.get(&format!("{path}/failed.csv")).await;
    assert!(failed.header("content-disposition").starts_with("attachment"));
    let mended = failed
        .text
        .replace("Atlantis", "Belgium")
        .replace("perhaps", "yes")
        .replace(",surplus,", ",")
        .replace('\u{fffd}', "e");
    let second = import(&shop, &api, mended, json!({})).await;
    assert_eq!(counts(&second), "done 4: 4 created, 0 updated, 0 skipped, 0 failed");
    assert_eq!(customer_count(&shop).await, 7);
}

#[both_databases]
async fn a_check_counts_and_writes_nothing(shop: TestShop) {
    let api = shop.api("manager").await;
    let text = "name,email,status,account code\nAnna Bos,anna@x.example,registered,A1\n\
        Bert Bos,anna@x.example,registered,\nCarl Cox,not an address,,\nDora Dun,dora@x.example,,A1\n";
    let uploaded = upload(&shop, &api, text).await.json();
    let path = format!("/api/v1/imports/{}", uploaded["id"].as_str().expect("an id"));
    assert_eq!(api.post(&format!("{path}/check"), json!({})).await.status.as_u16(), 202);
    assert_eq!(api.post(&format!("{path}/start"), json!({})).await.refusal(), "409 import_running");
    shop.run_jobs().await;
    let checked = api.get(&path).await.json();
    assert_eq!(counts(&checked), "done 4: 1 created, 0 updated, 0 skipped, 3 failed");
    let problems = api.get(&format!("{path}/problems")).await.json();
    let codes: Vec<_> = problems["items"].as_array().expect("a list").iter().map(|p| p["code"].clone()).collect();
    assert_eq!(codes, ["email_taken", "email_invalid", "taken"]);
    assert_eq!((customer_count(&shop).await, checked["dry_run"].clone()), (0, json!(true)));
    assert_eq!(api.post(&format!("{path}/start"), json!({})).await.status.as_u16(), 202);
    shop.run_jobs().await;
    let done = api.get(&path).await.json();
    assert_eq!(counts(&done), "done 4: 1 created, 0 updated, 0 skipped, 3 failed");
    assert_eq!(customer_count(&shop).await, 1);
    assert_eq!(api.post(&format!("{path}/start"), json!({})).await.refusal(), "409 import_done");
}

#[both_databases]
async fn existing_customers_are_skipped_updated_or_refused_as_asked(shop: TestShop) {
    let api = shop.api("manager").await;
    let anna = api
        .customer(
            json!({ "first_name": "Anna", "last_name": "Bos", "email": "anna@x.example", "phone": "020 6586407" }),
        )
        .await;
    let text = "first_name,last_name,email,email2,phone,town\nAnna,Bos,ANNA@x.example,anna.bos@work.example,+31206586407,Delft\n\
        Bert,Bos,anna@x.example,,,Gouda\n";
    let skipped = import(&shop, &api, text, json!({})).await;
    assert_eq!(counts(&skipped), "done 2: 1 created, 0 updated, 1 skipped, 0 failed");
    let refused = import(&shop, &api, text, json!({ "on_existing": "fail" })).await;
    assert_eq!(counts(&refused), "done 2: 0 created, 0 updated, 0 skipped, 2 failed");
    let updated = import(&shop, &api, text, json!({ "on_existing": "update" })).await;
    assert_eq!(counts(&updated), "done 2: 0 created, 1 updated, 1 skipped, 0 failed");
    let after = api.get(&format!("/api/v1/customers/{}", anna["id"].as_str().expect("an id"))).await.json();
    let emails: Vec<_> = after["emails"].as_array().expect("a list").iter().map(|email| &email["address"]).collect();
    assert_eq!(emails, ["anna@x.example", "anna.bos@work.example"]);
    assert_eq!(after["phones"].as_array().map(Vec::len), Some(1));
    assert_eq!((&after["addresses"][0]["town"], &after["version"]), (&json!("Delft"), &json!(2)));
    assert_eq!(customer_count(&shop).await, 2);
}

/// Begins an import, to be carried out here.
pub async fn begin(shop: &TestShop, id: Uuid) -> Plan {
    let app = &shop.app;
    let tx = app.begin_write().await.expect("a transaction");
    store::begin(&tx, id, app.clock.now()).await.expect("begun");
    tx.commit().await.expect("committed");
    let run = store::find(app.db.read(), id).await.expect("read").expect("the import");
    Plan {
        run: Some(id),
        job: None,
        file_name: run.file_name.clone(),
        file_bytes: run.file_bytes.unsigned_abs(),
        chunk: POLITE_CHUNK,
        options: run.options().expect("options"),
        actor: Actor::system(Source::Job, "test"),
        permissions: PermissionSet::of(Permission::ALL),
        done: run.counts(),
        since: run.started_at.expect("a beginning"),
    }
}

/// Begins the import and dies after its second chunk, as a server does whose power fails.
async fn cut_off(shop: &TestShop, id: Uuid, bytes: Vec<u8>) {
    let (app, plan) = (shop.app.clone(), begin(shop, id).await);
    let died = tokio::spawn(async move {
        let mut chunks = 0;
        let mut die = |_: Report<'_>| {
            chunks += 1;
            assert!(chunks < 2, "the power failed");
        };
        carry_out(&app, plan, Box::new(Cursor::new(bytes)), &mut die).await.map(drop)
    });
    assert!(died.await.is_err());
}

#[both_databases]
async fn an_import_that_was_cut_off_goes_on_where_it_stopped(shop: TestShop) {
    let api = shop.api("manager").await;
    let rows: String = (0..1_700).map(|n| format!("Person {n},p{n}@x.example,registered\n")).collect();
    let text = format!("name,email,status\n{rows}broken row,no address,\n");
    let uploaded = upload(&shop, &api, text.clone()).await.json();
    let id = uploaded["id"].as_str().expect("an id");
    api.post(&format!("/api/v1/imports/{id}/start"), json!({})).await;
    cut_off(&shop, id.parse().expect("an id"), text.into_bytes()).await;
    assert_eq!(shop.count("select records_done from import_run").await, 1_000);
    assert_eq!(customer_count(&shop).await, 1_000);
    shop.run_jobs().await;
    let done = api.get(&format!("/api/v1/imports/{id}")).await.json();
    assert_eq!(counts(&done), "done 1701: 1700 created, 0 updated, 0 skipped, 1 failed");
    assert_eq!(customer_count(&shop).await, 1_700);
    assert_eq!(shop.count("select line from import_problem").await, 1_702);
}

#[both_databases]
async fn rows_that_are_none_come_back_too(shop: TestShop) {
    let api = shop.api("manager").await;
    let text = format!("name,town\nAnna Bos,Delft\nBert Bos{}\n\"Carl Cox,Gouda\nDora Dun,Hoorn\n", ",x".repeat(600));
    let done = import(&shop, &api, text, json!({})).await;
    assert_eq!(counts(&done), "done 3: 1 created, 0 updated, 0 skipped, 2 failed");
    let path = format!("/api/v1/imports/{}", done["id"].as_str().expect("an id"));
    let problems = api.get(&format!("{path}/problems")).await.json();
    let found = problems["items"].as_array().expect("a list").iter().map(|p| (p["line"].clone(), p["code"].clone()));
    let expected = [(json!(3), json!("too_many_columns")), (json!(4), json!("quote_not_closed"))];
    assert_eq!(found.collect::<Vec<_>>(), expected);
    let failed = api.get(&format!("{path}/failed.csv")).await.text;
    assert!(failed.contains("Bert Bos,x,x") && failed.contains("Carl Cox,Gouda\nDora Dun,Hoorn"), "{failed}");
    let late = api.send(Method::PATCH, &path, Some(json!({ "on_existing": "update" }))).await;
    assert_eq!(late.refusal(), "409 import_done");
}

#[both_databases]
async fn a_sign_in_address_is_its_holder_whatever_the_name(shop: TestShop) {
    let api = shop.api("manager").await;
    api.customer(json!({ "last_name": "Bos", "email": "bos@x.example", "status": "registered" })).await;
    api.customer(json!({ "company_name": "Delta Ltd", "email": "info@delta.example" })).await;
    api.customer(json!({ "first_name": "Eva", "last_name": "Prins", "email": "prins@x.example" })).await;
    let text = "first_name,last_name,email\nAnna,Smit,bos@x.example\nDirk,Delta,info@delta.example\n\
        ,,prins@x.example\nJan,Prins,prins@x.example\neva,PRINS,prins@x.example\n";
    let done = import(&shop, &api, text, json!({})).await;
    assert_eq!(counts(&done), "done 5: 1 created, 0 updated, 4 skipped, 0 failed");
}

#[both_databases]
async fn a_trade_registration_in_a_file_waits_inactive(shop: TestShop) {
    let api = shop.api("manager").await;
    let text = "last_name,email,status,type,active\nPend1,pend1@x.example,pending_approval,trade,yes\n";
    let done = import(&shop, &api, text, json!({})).await;
    assert_eq!(counts(&done), "done 1: 1 created, 0 updated, 0 skipped, 0 failed");
    let waiting = "select count(*) from customer where status = 'pending_approval' and not active";
    assert_eq!(shop.count(waiting).await, 1);
    let csv = api.get("/api/v1/exports/customers.csv?activity=all").await.text;
    assert!(csv.contains("pending_approval,trade,no,"), "{csv}");
    let elsewhere = csv.replace("C-", "X-").replace("pend1@", "pend2@").replace("Pend1", "Pend2");
    let again = import(&shop, &api, elsewhere, json!({})).await;
    assert_eq!(counts(&again), "done 1: 1 created, 0 updated, 0 skipped, 0 failed");
    assert_eq!(shop.count(waiting).await, 2);
}

#[both_databases]
async fn only_those_who_may_import_do(shop: TestShop) {
    for role in ["reader", "sales_representative", "support_agent", "accountant"] {
        let api = shop.api(role).await;
        assert_eq!(upload(&shop, &api, "name\nAnna\n").await.refusal(), "403 permission_missing", "{role}");
        assert_eq!(api.get("/api/v1/imports").await.refusal(), "403 permission_missing", "{role}");
    }
    let narrow = shop.scoped_api("manager", &["customer.import"]).await;
    let uploaded = upload(&shop, &narrow, "name\nAnna\n").await.json();
    let path = format!("/api/v1/imports/{}/start", uploaded["id"].as_str().expect("an id"));
    assert_eq!(narrow.post(&path, json!({})).await.refusal(), "403 permission_missing");
    assert_eq!(customer_count(&shop).await, 0);
}

#[both_databases]
async fn files_that_are_none_are_refused_with_their_reason(shop: TestShop) {
    let api = shop.api("manager").await;
    for (bytes, code) in [
        (b"PK\x03\x04 a spreadsheet".to_vec(), "file_is_spreadsheet"),
        (b"\x7fELF\0\0\0\0".to_vec(), "file_is_binary"),
        ("a,".repeat(1_000_000).into_bytes(), "too_many_columns"),
        (vec![b'x'; 3_000_000], "header_unreadable"),
        (b"\n\n".to_vec(), "file_empty"),
        (Vec::new(), "file_missing"),
    ] {
        assert_eq!(upload(&shop, &api, bytes).await.refusal(), format!("422 invalid file={code}"));
    }
    let uploaded = upload(&shop, &api, "id,town\n1,Delft\n").await.json();
    let path = format!("/api/v1/imports/{}", uploaded["id"].as_str().expect("an id"));
    assert_eq!(
        api.post(&format!("{path}/start"), json!({})).await.refusal(),
        "422 invalid columns=map_nothing_to_import"
    );
    let wrong = |columns: Value| api.send(Method::PATCH, &path, Some(json!({ "columns": columns })));
    assert_eq!(wrong(json!({ "name": "email" })).await.refusal(), "422 invalid columns=map_unknown_column");
    assert_eq!(wrong(json!({ "id": "emial" })).await.refusal(), "422 invalid columns=map_unknown_field");
    assert_eq!(api.get(&format!("{path}/failed.csv")).await.refusal(), "409 nothing_failed");
    let stored: Option<String> = shop.app.db.read().value("select state from import_run", vec![]).await.expect("read");
    assert_eq!(stored.as_deref(), Some("draft"));
}

#[both_databases]
async fn what_is_exported_can_be_imported_and_runs_no_formula(shop: TestShop) {
    let api = shop.api("manager").await;
    let danger = api
        .customer(json!({ "last_name": "=cmd|' /C calc'!A0", "phone": "+31 6 12345678", "email": "d@x.example",
            "address1": "Kade 1", "town": "Delft", "postcode": "2611 AB", "country": "NL" }))
        .await;
    api.customer(json!({ "first_name": "Bert", "last_name": "\"Quoted\", Bert", "email": "b@x.example" })).await;
    let csv = api.get("/api/v1/exports/customers.csv?sort=created&activity=all").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.text.contains("'=cmd|' /C calc'!A0") && csv.text.contains("'+31 6 12345678"), "{}", csv.text);
    let lines = api.get("/api/v1/exports/customers.jsonl?sort=created").await;
    let first: Value = serde_json::from_str(lines.text.lines().next().expect("a line")).expect("json");
    assert_eq!((&first["customer_number"], &first["last_name"]), (&danger["number"], &danger["last_name"]));
    let again = import(&shop, &api, csv.text, json!({ "on_existing": "update" })).await;
    assert_eq!(again["format"], "clientele");
    assert_eq!(counts(&again), "done 2: 0 created, 0 updated, 2 skipped, 0 failed");
    assert_eq!(api.get("/api/v1/exports/customers.xlsx").await.refusal(), "400 format_unknown");
    assert_eq!(api.get("/api/v1/exports/customers.csv?status=gold").await.refusal(), "400 filter_unknown_value");
    let reader = shop.api("reader").await;
    assert_eq!(reader.get("/api/v1/exports/customers.csv").await.refusal(), "403 permission_missing");
}

/// Everything a file can tell of what a customer belongs to goes out and comes back into another shop's worth of nothing.
#[both_databases]
async fn tags_channels_and_lists_go_out_and_come_back(shop: TestShop) {
    let admin = shop.api("administrator").await;
    for (list, name) in [("tag", "Gold"), ("tag", "Loud; clear"), ("property_type", "Boat"), ("source", "Fair")] {
        let made = admin.post(&format!("/api/v1/lists/{list}"), json!({ "name": name.replace("; ", " ") })).await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    }
    for (name, prefix) in [("Web", "W"), ("Till", "T"), ("Fairs", "F")] {
        let body = json!({ "name": name, "kind": "shop", "number_prefix": prefix });
        assert_eq!(admin.post("/api/v1/channels", body).await.status.as_u16(), 201);
    }
    let body = json!({ "first_name": "Ada", "last_name": "Bos", "email": "ada@bos.example", "phone": "0612345678",
        "status": "in_store", "tags": ["Gold", "Loud clear"], "property_type": "Boat", "source": "Fair",
        "home_channel": "Web", "channels": ["Fairs", "Till"], "assignee": "manager@shop.example" });
    let before = admin.customer(body).await;
    let file = admin.get("/api/v1/exports/customers.csv").await.text;
    let either =
        |one: &str, other: &str| file.contains(&format!("{one}; {other}")) || file.contains(&format!("{other}; {one}"));
    assert!(either("Fairs", "Till") && either("Gold", "Loud clear") && file.contains("manager@shop.example"), "{file}");
    let path = format!("/api/v1/customers/{}", before["id"].as_str().expect("an id"));
    let emptied = json!({ "tags": [], "channels": [], "property_type": "", "assignee": "" });
    assert_eq!(admin.patch(&path, 1, emptied).await.status.as_u16(), 200);
    let back = import(&shop, &admin, file, json!({ "on_existing": "update" })).await;
    assert_eq!(counts(&back), "done 1: 0 created, 1 updated, 0 skipped, 0 failed");
    let after = admin.get(&path).await.json();
    for field in ["tag_ids", "channel_ids", "property_type_id", "assignee_id", "home_channel_id", "source_id"] {
        assert!(!before[field].is_null(), "{field} {before}");
        assert_eq!(after[field], before[field], "{field}");
    }
    let unknown = "last_name,tags,assignee\nVos,Silver,\nMos,,nobody@shop.example\n";
    let corrections = json!({ "columns": { "tags": "tags" } });
    let refused = import(&shop, &admin, unknown, corrections).await;
    let problems =
        admin.get(&format!("/api/v1/imports/{}/problems", refused["id"].as_str().expect("an id"))).await.json();
    let told = |problem: &Value| {
        format!("{} {}", problem["column"].as_str().unwrap_or("?"), problem["code"].as_str().unwrap_or("?"))
    };
    let told: Vec<String> = problems["items"].as_array().expect("problems").iter().map(told).collect();
    assert_eq!(told, ["tags unknown_tag", "assignee unknown_staff"]);
}

#[both_databases]
async fn an_import_has_no_more_rights_than_the_token_that_started_it(shop: TestShop) {
    let manager = shop.api("administrator").await;
    manager.post("/api/v1/groups", json!({ "name": "VIP" })).await;
    let scopes = ["customer.view", "customer.create", "customer.edit", "customer.import"];
    let narrow = shop.scoped_api("administrator", &scopes).await;
    let csv = "last_name,email,status,type,active,groups\nBos,bos@x.example,,retail,yes,VIP\n\
        Vos,vos@x.example,in_store,trade,yes,\nMos,mos@x.example,,retail,yes,\n";
    let done = import(&shop, &narrow, csv, json!({})).await;
    assert_eq!(counts(&done), "done 3: 2 created, 0 updated, 0 skipped, 1 failed");
    let sql = "select count(*) from customer where customer_type = 'trade' and active";
    assert_eq!(shop.count(sql).await, 0, "trade waits for somebody who may approve");
    assert_eq!(shop.count("select count(*) from customer_membership").await, 0);
}

#[both_databases]
async fn files_of_old_imports_are_forgotten_and_their_counts_stay(shop: TestShop) {
    let api = shop.api("manager").await;
    let done = import(&shop, &api, "last_name,email\nBos,bos@x.example\nVos,no address\n", json!({})).await;
    assert_eq!(counts(&done), "done 2: 1 created, 0 updated, 0 skipped, 1 failed");
    assert_eq!(shop.count("select count(*) from import_failed_row").await, 1);
    platform::jobs::schedule_recurring(&shop.app).await.expect("scheduled");
    shop.run_jobs().await;
    assert_eq!(shop.count("select count(*) from import_failed_row").await, 1, "still fresh");
    shop.app.clock.advance(31 * platform::clock::DAY);
    shop.run_jobs().await;
    assert_eq!(shop.count("select count(*) from import_failed_row").await, 0);
    assert_eq!(shop.count("select count(*) from import_problem").await, 0);
    assert_eq!(
        shop.count("select count(*) from import_run where file_key = '' and created = 1 and failed = 1").await,
        1
    );
}
