//! A customer's past: as of any moment, two moments compared, a field or a whole state put back (S2-22, R19).

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};
use crate::random::{Dice, edit, world};

fn path_of(customer: &Value) -> String {
    format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"))
}

/// Rows that are gone have lost their place among the others.
fn in_order(mut customer: Value) -> Value {
    for rows in ["emails", "phones", "addresses"] {
        let rows = customer[rows].as_array_mut().expect("rows");
        rows.sort_by_key(|row| row["id"].to_string());
    }
    customer
}

#[both_databases]
async fn every_state_that_was_read_can_be_read_again(shop: TestShop) {
    let api = shop.api("manager").await;
    let world = world(&api).await;
    let mut states = 0;
    for seed in 1..=6 {
        let mut dice = Dice(seed);
        let mut now = api.customer(json!({ "last_name": format!("Bos {seed}"), "country": "NL" })).await;
        let path = path_of(&now);
        let mut dumps = vec![now.clone()];
        for _ in 0..40 {
            let body = edit(&mut dice, &now, &world);
            let answer = api.patch(&path, now["version"].as_i64().expect("a version"), body.clone()).await;
            if answer.status == StatusCode::OK {
                now = answer.json();
                dumps.push(now.clone());
            } else {
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body} {}", answer.text);
            }
        }
        states += dumps.len();
        for dump in &dumps {
            let version = api.get(&format!("{path}?as_of=v{}", dump["version"])).await.json();
            assert_eq!(in_order(version), in_order(dump.clone()), "seed {seed}");
            let time = api.get(&format!("{path}?as_of={}", dump["updated_at"])).await.json();
            assert_eq!(in_order(time), in_order(dump.clone()), "seed {seed}");
        }
    }
    assert!(states > 120, "only {states} states");
}

#[both_databases]
async fn a_moment_is_a_version_or_a_time_within_the_customers_life(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Bos" })).await;
    let path = path_of(&customer);
    api.patch(&path, 1, json!({ "last_name": "Vos" })).await;
    let name = |answer: crate::harness::Answer| answer.json()["last_name"].clone();
    assert_eq!(name(api.get(&format!("{path}?as_of=v1")).await), "Bos");
    assert_eq!(name(api.get(&format!("{path}?as_of=2030-01-01T00:00:00Z")).await), "Vos");
    for (moment, refusal) in [
        ("yesterday", "400 moment_invalid"),
        ("v0", "400 moment_before_creation"),
        ("v3", "400 moment_unknown"),
        ("2020-01-01T00:00:00Z", "400 moment_before_creation"),
    ] {
        assert_eq!(api.get(&format!("{path}?as_of={moment}")).await.refusal(), refusal, "{moment}");
    }
    let reader = shop.api("reader").await;
    assert_eq!(reader.get(&format!("{path}?as_of=v1")).await.refusal(), "403 permission_missing");
    assert_eq!(reader.get(&format!("{path}/compare?from=v1")).await.refusal(), "403 permission_missing");
    let page = shop.staff("reader").await;
    let id = customer["id"].as_str().expect("an id");
    for way in ["as-of?moment=v1", "compare?from=v1", "put-back?moment=v1", "history"] {
        assert_eq!(page.get(&format!("/customers/{id}/{way}")).await.status, StatusCode::FORBIDDEN, "{way}");
    }
}

#[both_databases]
async fn without_the_key_nothing_is_rewound(shop: TestShop) {
    let api = shop.api("manager").await;
    let path = path_of(&api.customer(json!({ "last_name": "Bos" })).await);
    api.patch(&path, 1, json!({ "last_name": "Vos" })).await;
    let tx = shop.app.begin_write().await.expect("a transaction");
    platform::db::SqlExt::run(&tx, "update customer set history_key = null", vec![]).await.expect("written");
    tx.commit().await.expect("committed");
    assert_eq!(api.get(&format!("{path}?as_of=v1")).await.refusal(), "409 history_sealed");
}

#[both_databases]
async fn two_moments_show_both_values(shop: TestShop) {
    let api = shop.api("manager").await;
    let gold = api.post("/api/v1/groups", json!({ "name": "Gold" })).await.json();
    let customer = api.customer(json!({ "last_name": "Bos", "title": "Dr", "groups": ["Gold"] })).await;
    let path = path_of(&customer);
    api.patch(&path, 1, json!({ "last_name": "Vos", "groups": [] })).await;
    api.patch(&path, 2, json!({ "title": "" })).await;
    let compared = api.get(&format!("{path}/compare?from=v1")).await.json();
    let group = format!("group.{}", gold["id"].as_str().expect("an id"));
    assert_eq!(
        compared["fields"],
        json!([
            { "field": group, "from": "primary", "to": "" },
            { "field": "last_name", "from": "Bos", "to": "Vos" },
            { "field": "title", "from": "Dr", "to": "" }
        ])
    );
    assert_eq!((&compared["from"]["version"], &compared["to"]["version"]), (&json!(1), &json!(3)));
    let id = customer["id"].as_str().expect("an id");
    let manager = shop.staff("manager").await;
    let page = manager.get(&format!("/customers/{id}/compare?pick=v2&pick=v1")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Bos") && page.text.contains("Vos") && page.text.contains("Group Gold"));
    assert!(!page.text.contains("Dr</td>"), "the title is the same at both");
    let three = manager.get(&format!("/customers/{id}/compare?pick=v1&pick=v2&pick=v3")).await;
    assert_eq!(three.status, StatusCode::BAD_REQUEST);
}

#[both_databases]
async fn the_whole_page_is_shown_as_it_was(shop: TestShop) {
    let api = shop.api("manager").await;
    api.post("/api/v1/groups", json!({ "name": "Gold" })).await;
    let body = json!({
        "first_name": "Anna", "last_name": "Bos", "email": "anna@old.example", "phone": "06 12345678",
        "address1": "Kade 7", "town": "Gouda", "country": "NL", "groups": ["Gold"]
    });
    let customer = api.customer(body).await;
    let path = path_of(&customer);
    let body = json!({
        "emails": [{ "address": "anna@new.example" }], "phones": [{ "number": "06 99999999" }], "addresses": [],
        "groups": [], "last_name": "Vos"
    });
    assert_eq!(api.patch(&path, 1, body).await.status, StatusCode::OK);
    let groups = api.get("/api/v1/groups").await.json();
    let group = format!("/api/v1/groups/{}", groups["items"][0]["id"].as_str().expect("an id"));
    assert_eq!(api.delete(&group).await.status, StatusCode::NO_CONTENT);
    let id = customer["id"].as_str().expect("an id");
    let page = shop.staff("manager").await.get(&format!("/customers/{id}/as-of?moment=v1")).await;
    assert_eq!(page.status, StatusCode::OK);
    for shown in ["Anna Bos", "anna@old.example", "06 12345678", "Kade 7", "Gold", "Back to today", "As it was on"] {
        assert!(page.text.contains(shown), "{shown}");
    }
    assert!(!page.text.contains("/edit\""), "nothing can be changed there");
}

async fn put_back(api: &Client<'_>, path: &str, version: i64, body: Value) -> crate::harness::Answer {
    let api = api.with("if-match", &format!("\"v{version}\""));
    api.send(Method::POST, &format!("{path}/put-back"), Some(body)).await
}

#[both_databases]
async fn a_field_is_put_back_and_told(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Bos", "email": "a@x.example" })).await;
    let path = path_of(&customer);
    api.patch(&path, 1, json!({ "last_name": "Vos", "title": "Dr" })).await;
    let answer = put_back(&api, &path, 2, json!({ "moment": "v1", "fields": ["last_name"] })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!((&answer.json()["last_name"], &answer.json()["title"]), (&json!("Bos"), &json!("Dr")));
    assert_eq!(answer.header("etag"), "\"v3\"");
    let entry = api.get(&format!("{path}/history")).await.json()["items"][0].clone();
    assert_eq!(entry["action"], "put_back");
    assert_eq!(entry["changes"], json!([{ "field": "last_name", "before": "Vos", "after": "Bos" }]));
    assert!(entry["reason"].as_str().expect("a moment").starts_with("2026-11-21T12:00:00"), "{entry}");
    let again = put_back(&api, &path, 3, json!({ "moment": "v1", "fields": ["last_name"] })).await;
    assert_eq!(again.refusal(), "409 nothing_to_put_back");
    let stale = put_back(&api, &path, 2, json!({ "moment": "v1" })).await;
    assert_eq!(stale.refusal(), "412 stale_version");
}

#[both_databases]
async fn rows_come_back_with_their_identity(shop: TestShop) {
    let api = shop.api("manager").await;
    let body = json!({ "last_name": "Bos", "email": "a@x.example", "phone": "06 12345678", "address1": "Kade 7" });
    let customer = api.customer(body).await;
    let path = path_of(&customer);
    let body = json!({
        "emails": [{ "address": "b@x.example" }], "phones": [{ "number": "06 99999999" }], "addresses": []
    });
    assert_eq!(api.patch(&path, 1, body).await.status, StatusCode::OK);
    let email = format!("email.{}", customer["emails"][0]["id"].as_str().expect("an id"));
    let answer = put_back(&api, &path, 2, json!({ "moment": "v1", "fields": [email, "phone"] })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let after = answer.json();
    let mut emails: Vec<(&Value, &Value)> = Vec::new();
    for email in after["emails"].as_array().expect("emails") {
        emails.push((&email["address"], &email["is_primary"]));
    }
    emails.sort_by_key(|email| email.0.to_string());
    assert_eq!(emails, [(&json!("a@x.example"), &json!(true)), (&json!("b@x.example"), &json!(false))]);
    // All phones are asked for, so the new one goes.
    assert_eq!(after["phones"], customer["phones"]);
    assert_eq!(after["addresses"], json!([]));
    // The rest of that state, and the record is as it was.
    let whole = put_back(&api, &path, 3, json!({ "moment": "v1" })).await.json();
    for field in ["emails", "phones", "addresses", "last_name"] {
        assert_eq!(whole[field], customer[field], "{field}");
    }
}

#[both_databases]
async fn what_could_not_be_saved_today_does_not_come_back(shop: TestShop) {
    let api = shop.api("manager").await;
    for name in ["Gold", "Silver"] {
        api.post("/api/v1/groups", json!({ "name": name })).await;
    }
    let body = json!({ "last_name": "Bos", "account_code": "A1", "groups": ["Gold", "Silver"], "title": "Dr" });
    let customer = api.customer(body).await;
    let path = path_of(&customer);
    let body = json!({ "account_code": "", "groups": [], "title": "", "status": "registered", "email": "a@x.example" });
    assert_eq!(api.patch(&path, 1, body).await.status, StatusCode::OK);
    api.customer(json!({ "last_name": "Other", "account_code": "A1" })).await;
    let groups = api.get("/api/v1/groups").await.json();
    let gold = groups["items"].as_array().expect("groups").iter().find(|group| group["name"] == "Gold").expect("Gold");
    let closed = api.with("if-match", "\"v1\"");
    let id = gold["id"].as_str().expect("an id");
    let body = json!({ "name": "Gold", "assignable": false });
    let closed = closed.send(Method::PUT, &format!("/api/v1/groups/{id}"), Some(body)).await;
    assert_eq!(closed.status, StatusCode::OK);

    let plan = put_back(&api, &path, 2, json!({ "moment": "v1", "dry_run": true })).await.json();
    let mut refused: Vec<String> = Vec::new();
    for part in plan["parts"].as_array().expect("parts") {
        let name = part["part"].as_str().expect("a name");
        let name = if name == format!("group.{id}") { "gold" } else { name.split('.').next().expect("a word") };
        refused.push(format!("{name}={}", part["refused"].as_str().unwrap_or("possible")));
    }
    refused.sort();
    assert_eq!(
        refused,
        [
            "account_code=taken",
            "email=login_email_needed",
            "gold=group_not_assignable",
            "group=possible",
            "login_email=not_put_back",
            "status=status_transition",
            "title=possible"
        ]
    );
    let whole = put_back(&api, &path, 2, json!({ "moment": "v1" })).await;
    assert_eq!(whole.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(api.get(&path).await.json()["version"], 2, "nothing was stored");
    let title = put_back(&api, &path, 2, json!({ "moment": "v1", "fields": ["title"] })).await;
    assert_eq!(title.json()["title"], "Dr");
    // Without the right to assign groups, none comes back.
    let clerk = shop.api("support_agent").await;
    let silver = put_back(&clerk, &path, 3, json!({ "moment": "v1", "fields": ["group"] })).await;
    assert_eq!(silver.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silver.text.contains("permission_missing"), "{}", silver.text);
}

#[both_databases]
async fn a_parent_is_not_put_back_into_a_circle(shop: TestShop) {
    let api = shop.api("manager").await;
    let parent = api.customer(json!({ "last_name": "Parent" })).await;
    let child = api.customer(json!({ "last_name": "Child", "owner": parent["id"] })).await;
    let (parent_path, child_path) = (path_of(&parent), path_of(&child));
    assert_eq!(api.patch(&child_path, 1, json!({ "owner": "" })).await.status, StatusCode::OK);
    assert_eq!(api.patch(&parent_path, 1, json!({ "owner": child["id"] })).await.status, StatusCode::OK);
    let answer = put_back(&api, &child_path, 2, json!({ "moment": "v1", "fields": ["owner"] })).await;
    assert_eq!(answer.refusal(), "422 invalid owner=owner_cycle");
}

#[both_databases]
async fn putting_back_on_the_screen_shows_first_what_changes(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Bos", "title": "Dr" })).await;
    let id = customer["id"].as_str().expect("an id");
    api.patch(&path_of(&customer), 1, json!({ "last_name": "Vos", "title": "" })).await;
    let manager = shop.staff("manager").await;
    let history = manager.get(&format!("/customers/{id}/history")).await;
    let link = format!("/customers/{id}/put-back?moment=v1&#38;field=last_name");
    assert!(history.text.contains(&link), "{}", history.text);
    let preview = manager.get(&format!("/customers/{id}/put-back?moment=v1")).await;
    assert!(preview.text.contains("Put 2 fields back"), "{}", preview.text);
    let path = format!("/customers/{id}/put-back");
    let none = manager.post(&path, &[("moment", "v1"), ("version", "2")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stale = manager.post(&path, &[("moment", "v1"), ("version", "1"), ("field", "title")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let done = manager.post(&path, &[("moment", "v1"), ("version", "2"), ("field", "title")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let now = api.get(&path_of(&customer)).await.json();
    assert_eq!((&now["title"], &now["last_name"]), (&json!("Dr"), &json!("Vos")));
    let history = manager.get(&format!("/customers/{id}/history")).await;
    assert!(history.text.contains("Put back as it was on 21 Nov 2026"), "{}", history.text);
    let deleted = manager.post(&format!("/customers/{id}/delete"), &[]).await;
    assert_eq!(deleted.status, StatusCode::SEE_OTHER);
    let gone = manager.post(&path, &[("moment", "v1"), ("version", "4"), ("field", "last_name")]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
