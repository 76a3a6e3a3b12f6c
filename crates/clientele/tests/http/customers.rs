//! Creating, changing and removing customers by the rules R3 and R5 to R9, R25, R26.

use axum::http::StatusCode;
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::TestShop;

fn anna() -> Value {
    json!({ "first_name": "Anna", "last_name": "de Vries", "email": " Anna@Example.com ", "phone": "06 12345678" })
}

#[both_databases]
async fn the_full_form_needs_its_four_fields(shop: TestShop) {
    let api = shop.api("manager").await;
    for missing in ["first_name", "last_name", "email", "phone"] {
        let mut body = anna();
        body.as_object_mut().expect("an object").remove(missing);
        let answer = api.post("/api/v1/customers", body).await;
        assert_eq!(answer.refusal(), format!("422 invalid {missing}=required"));
    }
    let answer = api.post("/api/v1/customers", anna()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let customer = answer.json();
    assert_eq!(customer["emails"][0]["address"], "Anna@Example.com");
    assert_eq!(customer["phones"][0]["e164"], "+31612345678");
    assert_eq!(customer["incomplete"], false);
    assert_eq!(customer["number"], "C-10001");
    assert_eq!(answer.header("etag"), "\"v1\"");
    assert_eq!(shop.count("select count(*) from customer").await, 1);
}

#[both_databases]
async fn the_other_forms_need_less_and_mark_the_record_incomplete(shop: TestShop) {
    let api = shop.api("manager").await;
    let quick = api.post("/api/v1/customers?profile=quick", json!({ "company_name": "Kaas BV" })).await;
    assert_eq!(quick.status, StatusCode::CREATED, "{}", quick.text);
    assert_eq!(quick.json()["incomplete"], true);
    let nameless = api.post("/api/v1/customers?profile=quick", json!({ "email": "a@b.example" })).await;
    assert_eq!(nameless.refusal(), "422 invalid last_name=required");
    let register = api.post("/api/v1/customers?profile=register", json!({ "email": "a@b.example" })).await;
    assert_eq!(register.status, StatusCode::CREATED, "{}", register.text);
    let without = api.post("/api/v1/customers?profile=register", json!({ "last_name": "Jansen" })).await;
    assert_eq!(without.refusal(), "422 invalid email=required");
    let rows = api.get("/api/v1/customers?incomplete=true").await.json();
    assert_eq!(rows["items"].as_array().expect("rows").len(), 2);
}

#[both_databases]
async fn new_records_stand_as_the_creation_matrix_says(shop: TestShop) {
    let api = shop.api("administrator").await;
    let mut seen = Vec::new();
    for (type_, status, password) in [
        ("retail", "", ""),
        ("retail", "lead", ""),
        ("retail", "guest", ""),
        ("retail", "", "a long enough password"),
        ("trade", "", ""),
        ("trade", "registered", "a long enough password"),
    ] {
        let email = format!("p{}@example.com", seen.len());
        let body = json!({ "last_name": "Bos", "email": email, "customer_type": type_, "status": status, "password": password });
        let customer = api.customer(body).await;
        seen.push(
            format!("{} {} {}", customer["status"], customer["customer_type"], customer["active"]).replace('"', ""),
        );
    }
    assert_eq!(
        seen,
        [
            "in_store retail true",
            "lead retail true",
            "guest retail true",
            "registered retail true",
            "pending_approval trade false",
            "pending_approval trade false"
        ]
    );
}

#[both_databases]
async fn a_trade_customer_waits_for_approval(shop: TestShop) {
    let api = shop.api("manager").await;
    let body = json!({ "last_name": "Bos", "email": "bos@example.com", "customer_type": "trade" });
    let customer = api.customer(body).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    let activate = api.post(&format!("{path}/activate"), json!({})).await;
    assert_eq!(activate.refusal(), "409 pending_approval");
    let clerk = shop.api("sales_representative").await;
    assert_eq!(clerk.post(&format!("{path}/approve"), json!({})).await.refusal(), "403 permission_missing");
    let approved = api.post(&format!("{path}/approve"), json!({})).await;
    assert_eq!(approved.status, StatusCode::OK, "{}", approved.text);
    let approved = approved.json();
    assert_eq!(approved["status"], "registered");
    assert_eq!(approved["active"], true);
    assert_eq!(approved["login_email"], "bos@example.com");
    assert_eq!(api.post(&format!("{path}/approve"), json!({})).await.refusal(), "409 not_pending");
}

#[both_databases]
async fn a_rejected_trade_customer_becomes_retail_with_a_comment(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Bos", "email": "b@x.example", "customer_type": "trade" })).await;
    let path = format!("/api/v1/customers/{}/reject", customer["id"].as_str().expect("an id"));
    assert_eq!(api.post(&path, json!({ "comment": " " })).await.refusal(), "422 invalid comment=required");
    let answer = api.post(&path, json!({ "comment": "No trade register entry" })).await.json();
    assert_eq!(
        (&answer["status"], &answer["customer_type"], &answer["active"]),
        (&json!("registered"), &json!("retail"), &json!(true))
    );
}

#[both_databases]
async fn a_sign_in_address_belongs_to_one_account_only(shop: TestShop) {
    let api = shop.api("manager").await;
    let registered = |email: &str| json!({ "last_name": "Bos", "email": email, "status": "registered" });
    api.customer(registered("same@example.com")).await;
    let second = api.post("/api/v1/customers?profile=import", registered(" SAME@example.COM")).await;
    assert_eq!(second.refusal(), "422 invalid email=email_taken");
    // Without an account the same address may repeat.
    api.customer(json!({ "last_name": "Bos", "email": "same@example.com" })).await;
    let masked = api.post("/api/v1/customers?profile=import", registered("x1@marketplace.amazon.com")).await;
    assert_eq!(masked.refusal(), "422 invalid email=email_masked");
    assert_eq!(shop.count("select count(*) from customer").await, 2);
}

#[both_databases]
async fn changing_the_main_address_keeps_the_sign_in(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Bos", "email": "old@x.example", "status": "registered" })).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    let after = api.patch(&path, 1, json!({ "email": "new@x.example" })).await.json();
    let emails: Vec<&str> =
        after["emails"].as_array().expect("e-mails").iter().filter_map(|email| email["address"].as_str()).collect();
    assert_eq!(emails, ["new@x.example", "old@x.example"]);
    assert_eq!(after["login_email"], "old@x.example");
    let without = api.patch(&path, 2, json!({ "emails": [{ "address": "new@x.example" }] })).await;
    assert_eq!(without.refusal(), "422 invalid emails=login_email_needed");
}

#[both_databases]
async fn null_clears_and_missing_leaves(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "title": "Dr", "first_name": "Eva", "last_name": "Bos" })).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    let after = api.patch(&path, 1, json!({ "title": null })).await.json();
    assert_eq!((after["title"].as_str(), after["first_name"].as_str()), (Some(""), Some("Eva")));
    // An edit cannot take away what the full form asks for.
    let emptied = api.patch(&path, 2, json!({ "first_name": "" })).await;
    assert_eq!(emptied.refusal(), "422 invalid first_name=required");
}

#[both_databases]
async fn exactly_one_address_is_primary(shop: TestShop) {
    let api = shop.api("manager").await;
    let body = json!({ "last_name": "Bos", "addresses": [
        { "line1": "Kade 1", "town": "Gent", "country": "be", "is_primary": true },
        { "line1": "Kade 2", "town": "Gent", "country": "Belgium", "is_primary": true, "is_delivery": true }
    ]});
    let customer = api.customer(body).await;
    let marks: Vec<String> = customer["addresses"]
        .as_array()
        .expect("addresses")
        .iter()
        .map(|row| format!("{} {} {} {}", row["country"], row["is_primary"], row["is_billing"], row["is_delivery"]))
        .collect();
    assert_eq!(marks, ["\"BE\" true true false", "\"BE\" false false true"]);
    // Deleting the primary one makes another one primary (S3-62, S3-63).
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    let keep = json!({ "addresses": [{ "id": customer["addresses"][1]["id"], "line1": "Kade 2", "town": "Gent", "country": "BE" }] });
    let after = api.patch(&path, 1, keep).await.json();
    assert_eq!(after["addresses"][0]["is_primary"], true);
    assert_eq!(after["addresses"][0]["id"], customer["addresses"][1]["id"]);
}

#[both_databases]
async fn masked_addresses_are_marked(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Bos", "email": "q7@marketplace.amazon.de" })).await;
    assert_eq!(customer["emails"][0]["kind"], "relay");
}

#[both_databases]
async fn a_parent_account_is_named_by_its_address_and_never_makes_a_ring(shop: TestShop) {
    let api = shop.api("manager").await;
    let parent = api.customer(json!({ "last_name": "Parent", "email": "parent@x.example" })).await;
    let child = api.customer(json!({ "last_name": "Child", "owner": "PARENT@x.example" })).await;
    assert_eq!(child["owner_id"], parent["id"]);
    let unknown =
        api.post("/api/v1/customers?profile=import", json!({ "last_name": "X", "owner": "no@x.example" })).await;
    assert_eq!(unknown.refusal(), "422 invalid owner=owner_unknown");
    let path = |customer: &Value| format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    let itself = api.patch(&path(&parent), 1, json!({ "owner": "parent@x.example" })).await;
    assert_eq!(itself.refusal(), "422 invalid owner=owner_self");
    let ring = api.patch(&path(&parent), 1, json!({ "owner": child["id"] })).await;
    assert_eq!(ring.refusal(), "422 invalid owner=owner_cycle");
    // R25: a parent cannot be deleted before its sub-accounts are given away.
    let refused = api.delete(&path(&parent)).await;
    assert_eq!(refused.refusal(), "409 customer_has_sub_accounts");
    let problem = refused.json();
    assert_eq!(problem["rows"][0]["label"], format!("{} Child", child["number"].as_str().expect("a number")));
    assert_eq!(problem["rows"][0]["href"], format!("/customers/{}", child["id"].as_str().expect("an id")));
    assert_eq!(shop.count("select count(*) from customer where deleted_at is null").await, 2);
}

#[both_databases]
async fn a_deleted_customer_is_gone_until_restored(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Vergeet" })).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    assert_eq!(api.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.get(&path).await.refusal(), "404 not_found");
    assert_eq!(api.get("/api/v1/search?q=vergeet").await.json()["items"], json!([]));
    assert_eq!(api.get("/api/v1/customers?activity=all").await.json()["items"], json!([]));
    assert_eq!(api.delete(&path).await.refusal(), "404 not_found");
    assert_eq!(api.post(&format!("{path}/restore"), json!({})).await.status, StatusCode::OK);
    assert_eq!(api.get(&path).await.json()["last_name"], "Vergeet");
}

#[both_databases]
async fn home_and_further_channels_both_find_the_customer(shop: TestShop) {
    let api = shop.api("manager").await;
    let make =
        |name: &'static str, prefix: &'static str| json!({ "name": name, "kind": "shop", "number_prefix": prefix });
    let web = api.post("/api/v1/channels", make("Web", "W")).await.json();
    let store = api.post("/api/v1/channels", make("Store", "S")).await.json();
    let body = json!({ "last_name": "Bos", "home_channel": "web", "channels": ["Store", "Web"] });
    let customer = api.customer(body).await;
    assert_eq!(customer["number"], "W-10001");
    assert_eq!(customer["channel_ids"], json!([store["id"]]));
    for channel in [&web, &store] {
        let id = channel["id"].as_str().expect("an id");
        let rows = api.get(&format!("/api/v1/customers?channel={id}")).await.json();
        assert_eq!(rows["items"][0]["id"], customer["id"]);
    }
    let unknown =
        api.post("/api/v1/customers?profile=import", json!({ "last_name": "X", "home_channel": "Moon" })).await;
    assert_eq!(unknown.refusal(), "422 invalid home_channel=unknown_channel");
}

#[both_databases]
async fn a_known_company_name_links_the_company(shop: TestShop) {
    let api = shop.api("manager").await;
    let company = api.post("/api/v1/companies", json!({ "name": "Kaas & Zonen B.V." })).await.json();
    let customer = api.customer(json!({ "last_name": "Bos", "company_name": "kaas zonen b.v." })).await;
    assert_eq!(customer["company_id"], company["id"]);
    assert_eq!(customer["company_name"], "kaas zonen b.v.");
    let id = company["id"].as_str().expect("an id");
    assert_eq!(api.get(&format!("/api/v1/companies/{id}")).await.json()["customers"], 1);
}

#[both_databases]
async fn rights_limit_what_an_edit_may_change(shop: TestShop) {
    let manager = shop.api("manager").await;
    let customer = manager.customer(json!({ "last_name": "Bos", "email": "bos@x.example" })).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    let clerk = shop.api("sales_representative").await;
    for (body, field) in
        [(json!({ "active": false }), "active"), (json!({ "customer_type": "trade" }), "customer_type")]
    {
        let answer = clerk.patch(&path, 1, body).await;
        assert_eq!(answer.refusal(), format!("422 invalid {field}=permission_missing"));
    }
    assert_eq!(manager.get(&path).await.json()["version"], 1);
    assert_eq!(clerk.patch(&path, 1, json!({ "active": true, "title": "Mr" })).await.status, StatusCode::OK);
}

#[both_databases]
async fn a_token_does_no_more_than_its_scopes(shop: TestShop) {
    let api = shop.scoped_api("administrator", &["customer.view"]).await;
    assert_eq!(api.get("/api/v1/customers").await.status, StatusCode::OK);
    assert_eq!(api.post("/api/v1/customers", anna()).await.refusal(), "403 permission_missing");
    assert_eq!(shop.count("select count(*) from customer").await, 0);
}

#[both_databases]
async fn a_restored_sub_account_does_not_point_to_a_parent_that_is_gone(shop: TestShop) {
    let api = shop.api("manager").await;
    let parent = api.customer(json!({ "last_name": "Parent", "email": "parent@x.example" })).await;
    let child = api.customer(json!({ "last_name": "Child", "owner": "parent@x.example" })).await;
    let path = |customer: &Value| format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    assert_eq!(api.delete(&path(&child)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.delete(&path(&parent)).await.status, StatusCode::NO_CONTENT);
    let restored = api.post(&format!("{}/restore", path(&child)), json!({})).await;
    assert_eq!(restored.json()["owner_id"], Value::Null, "{}", restored.text);
}

#[both_databases]
async fn opening_an_account_needs_the_right_to_set_passwords(shop: TestShop) {
    let api = shop.api("sales_representative").await;
    let body = json!({ "last_name": "Bos", "email": "bos@x.example", "status": "registered" });
    let refused = api.post("/api/v1/customers?profile=quick", body).await;
    assert_eq!(refused.refusal(), "422 invalid status=permission_missing");
}
