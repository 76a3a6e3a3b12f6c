//! What entry forms ask for (R6): set for the shop and for a channel, the same in form, API and import, and the mark of
//! incomplete customers follows.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};
use crate::imports::{counts, import};

async fn rules(admin: &Client<'_>, change: impl FnOnce(&mut Value)) -> crate::harness::Answer {
    let mut rules = admin.get("/api/v1/settings/customers").await.json();
    change(&mut rules);
    admin.send(Method::PUT, "/api/v1/settings/customers", Some(rules)).await
}

fn numbers(list: &Value) -> Vec<&str> {
    list["items"].as_array().expect("a list").iter().filter_map(|row| row["display_name"].as_str()).collect()
}

#[both_databases]
async fn all_rules_are_read_and_written_over_the_api(shop: TestShop) {
    let admin = shop.api("administrator").await;
    let before = admin.get("/api/v1/settings/customers").await.json();
    assert_eq!(before["required"]["full"], json!(["first_name", "last_name", "email", "phone"]));
    assert_eq!((&before["bin_days"], &before["own_channels_only"]), (&json!(30), &json!(false)));
    for (field, value, refusal) in [
        ("bin_days", json!(366), "bin_days=out_of_range"),
        ("merge_undo_days", json!(-1), "merge_undo_days=out_of_range"),
        ("country", json!("XX"), "country=unknown_country"),
        ("relay_domains", json!(["no domain"]), "relay_domains=domain_invalid"),
        ("required", json!({ "full": [], "register": ["email"], "quick": ["name"] }), "required_full=required"),
        (
            "required",
            json!({ "full": ["shoe"], "register": ["email"], "quick": ["name"] }),
            "required_full=unknown_field",
        ),
        ("opens_first", json!("import"), "opens_first=unknown_choice"),
    ] {
        let refused = rules(&admin, |rules| rules[field] = value).await;
        assert_eq!(refused.refusal(), format!("422 invalid {refusal}"));
    }
    assert_eq!(admin.get("/api/v1/settings/customers").await.json(), before);
    let stored = rules(&admin, |rules| rules["bin_days"] = json!(7)).await.json();
    assert_eq!(stored["bin_days"], json!(7));
    assert_eq!(shop.api("reader").await.get("/api/v1/settings/customers").await.refusal(), "403 permission_missing");
}

#[both_databases]
async fn a_channel_asks_for_its_own_fields(shop: TestShop) {
    let admin = shop.api("administrator").await;
    let channel =
        json!({ "name": "Till", "kind": "pos", "number_prefix": "T", "required": { "full": ["last_name", "town"] } });
    let channel = admin.post("/api/v1/channels", channel).await.json();
    assert_eq!(channel["required"], json!({ "full": ["last_name", "town"] }));
    let new = async |body: Value| admin.post("/api/v1/customers", body).await;
    let refused = new(json!({ "last_name": "Short", "home_channel": "Till", "status": "in_store" })).await;
    assert_eq!(refused.refusal(), "422 invalid town=required");
    let whole = json!({ "last_name": "Whole", "town": "Delft", "home_channel": "Till", "status": "in_store" });
    assert_eq!(new(whole.clone()).await.json()["incomplete"], json!(false));
    let elsewhere = new(json!({ "last_name": "Elsewhere", "town": "Delft", "status": "in_store" })).await;
    assert_eq!(elsewhere.refusal(), "422 invalid first_name=required email=required phone=required");
    let file = "last_name,channel\nFiled,Till\n";
    assert_eq!(
        counts(&import(&shop, &admin, file, json!({})).await),
        "done 1: 1 created, 0 updated, 0 skipped, 0 failed"
    );

    // Written without them, they stay; unknown ones are refused; a form left empty asks as in the shop.
    let path = format!("/api/v1/channels/{}", channel["id"].as_str().expect("an id"));
    let save = async |version: i64, body: Value| {
        let mut whole = json!({ "name": "Till", "kind": "pos", "number_prefix": "T" });
        whole.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
        let api = admin.with("if-match", &format!("\"v{version}\""));
        api.send(Method::PUT, &path, Some(whole)).await
    };
    assert_eq!(save(1, json!({})).await.json()["required"], json!({ "full": ["last_name", "town"] }));
    let refused = save(2, json!({ "required": { "quick": ["shoe"] } })).await;
    assert_eq!(refused.refusal(), "422 invalid required_quick=unknown_field");
    assert_eq!(save(2, json!({ "required": { "full": [] } })).await.json()["required"], json!({}));
    assert_eq!(new(whole).await.refusal(), "422 invalid first_name=required email=required phone=required");
    shop.run_jobs().await;

    // On screen.
    let page = shop.staff("administrator").await;
    let path = format!("/settings/channels/{}", channel["id"].as_str().expect("an id"));
    let form = [
        ("name", "Till"),
        ("kind", "pos"),
        ("number_prefix", "T"),
        ("active", "true"),
        ("version", "3"),
        ("required_quick", "town"),
        ("required_quick", "email"),
    ];
    assert_eq!(page.post(&path, &form).await.status, StatusCode::SEE_OTHER);
    let channels = admin.get("/api/v1/channels").await.json();
    assert_eq!(channels["items"][0]["required"], json!({ "quick": ["town", "email"] }));
    let shown = page.get(&path).await.text;
    assert_eq!(shown.matches("checked").count(), 3, "{shown}");
    shop.run_jobs().await;
}

#[both_databases]
async fn who_is_incomplete_follows_what_is_asked_for(shop: TestShop) {
    let admin = shop.api("administrator").await;
    let body = |name: &str, town: &str| {
        json!({ "first_name": name, "last_name": "Bakker", "email": format!("{name}@shop.example"), "phone": "0612345678",
            "town": town, "status": "in_store" })
    };
    let with = admin.customer(body("With", "Delft")).await;
    let without = admin.customer(body("Without", "")).await;
    let incomplete = async || admin.get("/api/v1/customers?incomplete=true").await.json();
    assert_eq!(numbers(&incomplete().await), Vec::<&str>::new());
    let asked = json!({ "full": ["last_name", "town"], "register": ["email"], "quick": ["name"] });
    assert_eq!(rules(&admin, |rules| rules["required"] = asked).await.status, StatusCode::OK);
    shop.run_jobs().await;
    assert_eq!(numbers(&incomplete().await), ["Without Bakker"]);
    let history =
        admin.get(&format!("/api/v1/customers/{}/history", without["id"].as_str().expect("an id"))).await.json();
    assert_eq!(history["items"].as_array().map(Vec::len), Some(1), "a mark is no change of the customer: {history}");
    let untouched = admin.get(&format!("/api/v1/customers/{}", with["id"].as_str().expect("an id"))).await.json();
    assert_eq!(untouched, with);
    let marked = admin.get(&format!("/api/v1/customers/{}", without["id"].as_str().expect("an id"))).await.json();
    assert_eq!((&marked["incomplete"], &marked["version"]), (&json!(true), &without["version"]));
    assert_eq!(marked["updated_at"], without["updated_at"]);
    let asked = json!({ "full": ["last_name"], "register": ["email"], "quick": ["name"] });
    assert_eq!(rules(&admin, |rules| rules["required"] = asked).await.status, StatusCode::OK);
    shop.run_jobs().await;
    assert_eq!(numbers(&incomplete().await), Vec::<&str>::new());
}
