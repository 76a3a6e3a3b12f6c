//! Likely duplicates at once: on the page, over the API, and before a form is saved (S3-67, S3-69, S3-70).

use axum::http::StatusCode;
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};

fn id(customer: &Value) -> String {
    customer["id"].as_str().expect("an id").to_owned()
}

async fn likely(api: &Client<'_>, customer: &Value) -> Vec<Value> {
    let answer = api.get(&format!("/api/v1/customers/{}/duplicates", id(customer))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["items"].as_array().expect("items").clone()
}

fn robert() -> Value {
    json!({
        "first_name": "Robert", "last_name": "Vandermolen", "email": "robert.vandermolen@post.example",
        "phone": "+31 6 1234 5678", "address1": "Dorpsstraat 12", "postcode": "2801 XY", "town": "Gouda", "country": "NL",
    })
}

#[both_databases]
async fn the_same_person_is_found_and_explained(shop: TestShop) {
    let api = shop.api("manager").await;
    let one = api.customer(robert()).await;
    api.customer(json!({ "first_name": "Greta", "last_name": "Andersson", "town": "Gouda", "country": "NL" })).await;
    assert_eq!(likely(&api, &one).await, Vec::<Value>::new());
    let other = api
        .customer(json!({
            "first_name": "Rob", "last_name": "Vandermollen", "phone": "06-12345678", "address1": "Dorpstraat 12",
            "postcode": "2801XY", "town": "Gouda", "country": "NL",
        }))
        .await;
    let found = likely(&api, &one).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["customer_id"], other["id"]);
    assert_eq!(found[0]["recommended"], true);
    let sum: f64 = found[0]["prior"].as_f64().expect("a prior")
        + found[0]["contributions"]
            .as_array()
            .expect("parts")
            .iter()
            .map(|part| part["weight"].as_f64().expect("a weight"))
            .sum::<f64>();
    let probability = found[0]["probability"].as_f64().expect("a probability");
    assert!((probability - 1.0 / (1.0 + (-sum).exp2())).abs() < 1e-9, "the contributions add up to the score");
    assert_eq!(likely(&api, &other).await[0]["customer_id"], one["id"], "from both sides");
    let page = shop.staff("manager").await.get(&format!("/customers/{}/duplicates", id(&one))).await;
    assert!(
        page.text.contains("Vandermollen") && page.text.contains(&format!("/merge?ids={}", id(&one))),
        "{}",
        page.text
    );
}

#[both_databases]
async fn two_rules_always_recommend(shop: TestShop) {
    let api = shop.api("manager").await;
    let one =
        api.customer(json!({ "first_name": "Anna", "last_name": "Bos", "postcode": "1011 AB", "country": "NL" })).await;
    let both =
        api.customer(json!({ "first_name": "Karel", "last_name": "BOS", "postcode": "1011ab", "country": "NL" })).await;
    api.customer(json!({ "first_name": "Karel", "last_name": "Vos", "postcode": "1011AB", "country": "NL" })).await;
    api.customer(json!({ "first_name": "Karel", "last_name": "Bos", "postcode": "2022AB", "country": "NL" })).await;
    let by_rule: Vec<Value> = likely(&api, &one)
        .await
        .into_iter()
        .filter(|one| one["rules"] == json!(["same_last_name_and_postcode"]))
        .collect();
    assert_eq!(by_rule.len(), 1);
    assert_eq!((&by_rule[0]["customer_id"], &by_rule[0]["recommended"]), (&both["id"], &json!(true)));

    let first = api.customer(json!({ "last_name": "Eerst", "emails": [{ "address": "a@x.example" }, { "address": "Shared@Y.example" }] })).await;
    let second = api.customer(json!({ "last_name": "Tweede", "email": "shared@y.example" })).await;
    let found = likely(&api, &first).await;
    assert_eq!((&found[0]["customer_id"], &found[0]["rules"]), (&second["id"], &json!(["same_email"])));
    let relay = json!({ "last_name": "Koper", "emails": [{ "address": "x1@members.ebay.example" }] });
    let masked = api.customer(relay.clone()).await;
    api.customer(json!({ "last_name": "Ander", "emails": relay["emails"] })).await;
    assert_eq!(likely(&api, &masked).await, Vec::<Value>::new(), "a masked address is nobody's");
}

#[both_databases]
async fn keys_follow_every_change(shop: TestShop) {
    let api = shop.api("manager").await;
    let one = api.customer(json!({ "last_name": "Bos", "email": "bos@post.example" })).await;
    let other = api.customer(json!({ "last_name": "Vos", "email": "bos@post.example" })).await;
    assert_eq!(likely(&api, &one).await.len(), 1);
    let way = format!("/api/v1/customers/{}", id(&other));
    api.patch(&way, 1, json!({ "email": "vos@post.example" })).await;
    assert_eq!(likely(&api, &one).await, Vec::<Value>::new(), "an edited address");
    api.patch(&way, 2, json!({ "email": "bos@post.example" })).await;
    assert_eq!(likely(&api, &one).await.len(), 1);
    api.delete(&way).await;
    assert_eq!(likely(&api, &one).await, Vec::<Value>::new(), "in the bin");
    api.post(&format!("{way}/restore"), json!({})).await;
    let merged = json!({ "survivor_id": one["id"], "absorbed_ids": [other["id"]] });
    let merge = api.post("/api/v1/merges", merged).await.json();
    assert_eq!(likely(&api, &one).await, Vec::<Value>::new(), "merged");
    api.post(&format!("/api/v1/merges/{}/undo", merge["id"].as_str().expect("an id")), json!({})).await;
    assert_eq!(likely(&api, &one).await.len(), 1, "split again");
    let before = shop.count("select count(*) from customer_match_key").await;
    customers::match_keys::refresh(shop.app.clone()).await.expect("made anew");
    assert_eq!(shop.count("select count(*) from customer_match_key").await, before, "the same keys again");
    assert_eq!(likely(&api, &one).await.len(), 1);
}

#[both_databases]
async fn a_form_tells_before_it_is_saved(shop: TestShop) {
    let api = shop.api("manager").await;
    let one = api.customer(robert()).await;
    let page = shop.staff("manager").await;
    let typed = [
        ("first_name", "Rob"),
        ("last_name", "Vandermolen"),
        ("phone", "0612345678"),
        ("groups", "1"),
        ("groups", "2"),
    ];
    let hint = page.post("/duplicates/likely", &typed).await;
    assert_eq!(hint.status, StatusCode::OK, "{}", hint.text);
    assert!(hint.text.contains(&format!("/customers/{}", id(&one))), "{}", hint.text);
    let nobody = page.post("/duplicates/likely", &[("first_name", "Greta"), ("last_name", "Andersson")]).await;
    assert_eq!((nobody.status, nobody.text.trim()), (StatusCode::OK, ""));
    let input = json!({ "first_name": "Rob", "last_name": "Vandermolen", "phone": "0612345678", "country": "NL" });
    let found = api.post("/api/v1/duplicates/likely", input).await.json();
    assert_eq!(found["items"][0]["customer_id"], one["id"]);
    assert_eq!(shop.count("select count(*) from customer").await, 1, "nothing was stored");
}

#[both_databases]
async fn who_does_not_see_all_compares_nothing(shop: TestShop) {
    let admin = shop.api("administrator").await;
    let (one, _) = (admin.customer(robert()).await, admin.customer(robert()).await);
    let roles = admin.get("/api/v1/roles").await.json();
    let manager =
        roles["items"].as_array().expect("roles").iter().find(|role| role["key"] == "manager").expect("a role");
    let limited =
        crate::field_rights::limit(&admin, manager["id"].as_str().expect("an id"), json!({ "phone": "hidden" })).await;
    assert_eq!(limited.status, StatusCode::OK, "{}", limited.text);
    let api = shop.api("manager").await;
    let way = format!("/api/v1/customers/{}/duplicates", id(&one));
    assert_eq!(api.get(&way).await.refusal(), "403 duplicates_need_all_fields");
    assert_eq!(api.post("/api/v1/duplicates/likely", robert()).await.refusal(), "403 duplicates_need_all_fields");
    let page = shop.staff("manager").await;
    assert_eq!(page.get(&format!("/customers/{}/duplicates", id(&one))).await.status, StatusCode::FORBIDDEN);
    let hint = page
        .post("/duplicates/likely", &[("last_name", "Vandermolen"), ("email", "robert.vandermolen@post.example")])
        .await;
    assert_eq!((hint.status, hint.text.trim()), (StatusCode::OK, ""));
    assert!(!page.get(&format!("/customers/{}", id(&one))).await.text.contains(&format!("{}/duplicates\"", id(&one))));
}
