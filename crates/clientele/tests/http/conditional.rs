//! `If-Match`, edits that meet, and `Idempotency-Key`.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};

async fn bos(api: &Client<'_>) -> (Value, String) {
    let customer = api.customer(json!({ "first_name": "Jan", "last_name": "Bos", "title": "Mr" })).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    (customer, path)
}

#[both_databases]
async fn a_change_must_name_the_version_it_read(shop: TestShop) {
    let api = shop.api("manager").await;
    let (_, path) = bos(&api).await;
    let body = || Some(json!({ "title": "Dr" }));
    assert_eq!(api.send(Method::PATCH, &path, body()).await.refusal(), "428 if_match_required");
    for wrong in ["*", "v1", "\"1\"", "\"vx\""] {
        let answer = api.with("if-match", wrong).send(Method::PATCH, &path, body()).await;
        assert_eq!(answer.refusal(), "400 if_match_invalid", "{wrong}");
    }
    assert_eq!(api.patch(&path, 99, json!({ "title": "Dr" })).await.refusal(), "412 stale_version");
    let answer = api.patch(&path, 1, json!({ "title": "Dr" })).await;
    assert_eq!((answer.status, answer.header("etag")), (StatusCode::OK, "\"v2\""));
}

#[both_databases]
async fn changes_of_different_fields_are_both_kept(shop: TestShop) {
    let api = shop.api("manager").await;
    let (_, path) = bos(&api).await;
    assert_eq!(api.patch(&path, 1, json!({ "title": "Dr" })).await.status, StatusCode::OK);
    let answer = api.patch(&path, 1, json!({ "first_name": "Johan", "title": "Mr" })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let customer = answer.json();
    // The second person sent the old title along without changing it.
    assert_eq!((&customer["title"], &customer["first_name"]), (&json!("Dr"), &json!("Johan")));
}

#[both_databases]
async fn the_same_field_changed_by_two_is_put_before_the_second(shop: TestShop) {
    let api = shop.api("manager").await;
    let (_, path) = bos(&api).await;
    api.patch(&path, 1, json!({ "first_name": "Johan" })).await;
    let answer = api.patch(&path, 1, json!({ "first_name": "Jannes", "title": "Dr" })).await;
    assert_eq!(answer.refusal(), "409 edit_conflict");
    assert_eq!(
        answer.json()["conflicts"],
        json!([{ "field": "first_name", "before": "Jan", "theirs": "Johan", "yours": "Jannes" }])
    );
    assert_eq!(answer.header("etag"), "\"v2\"");
    let stored = api.get(&path).await.json();
    assert_eq!((&stored["first_name"], &stored["title"]), (&json!("Johan"), &json!("Mr")));
    assert_eq!(api.patch(&path, 2, json!({ "first_name": "Jannes" })).await.status, StatusCode::OK);
}

#[both_databases]
async fn both_typing_the_same_is_no_conflict(shop: TestShop) {
    let api = shop.api("manager").await;
    let (_, path) = bos(&api).await;
    api.patch(&path, 1, json!({ "title": "Dr" })).await;
    let again = api.patch(&path, 1, json!({ "title": "Dr" })).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.json()["version"], 2);
}

#[both_databases]
async fn a_list_typed_against_an_older_list_is_stale(shop: TestShop) {
    let api = shop.api("manager").await;
    let (_, path) = bos(&api).await;
    api.patch(&path, 1, json!({ "emails": [{ "address": "a@x.example" }] })).await;
    let answer = api.patch(&path, 1, json!({ "emails": [{ "address": "b@x.example" }] })).await;
    assert_eq!(answer.refusal(), "412 stale_version");
    assert_eq!(api.get(&path).await.json()["emails"][0]["address"], "a@x.example");
}

#[both_databases]
async fn twenty_saves_at_once_lose_nothing(shop: TestShop) {
    let api = shop.api("manager").await;
    let (_, path) = bos(&api).await;
    let mut tasks = Vec::new();
    for number in 0..20 {
        let (api, path) = (&api, &path);
        let field = ["title", "account_code", "company_number", "language"][number % 4];
        let value = if field == "language" { "nl".to_owned() } else { format!("v{number}") };
        let body = if field == "language" { json!({ "language": value }) } else { json!({ field: value }) };
        tasks.push(async move { api.patch(path, 1, body).await.status });
    }
    let statuses = futures_all(tasks).await;
    let saved = statuses.iter().filter(|status| **status == StatusCode::OK).count();
    let refused = statuses.iter().filter(|status| **status == StatusCode::CONFLICT).count();
    assert_eq!(saved + refused, 20, "{statuses:?}");
    let version = api.get(&path).await.json()["version"].as_i64().expect("a version");
    let entries = shop.count("select count(*) from event where entity = 'customer'").await;
    assert_eq!(version, entries, "every saved version has its history entry");
}

async fn futures_all<F: Future<Output = StatusCode>>(futures: Vec<F>) -> Vec<StatusCode> {
    let mut pinned: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<StatusCode>> = vec![None; pinned.len()];
    std::future::poll_fn(|context| {
        for (future, result) in pinned.iter_mut().zip(done.iter_mut()).filter(|(_, result)| result.is_none()) {
            if let std::task::Poll::Ready(status) = future.as_mut().poll(context) {
                *result = Some(status);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[both_databases]
async fn a_post_sent_twice_is_carried_out_once(shop: TestShop) {
    let api = shop.api("manager").await.with("idempotency-key", "order-77");
    let path = "/api/v1/customers?profile=quick";
    let first = api.post(path, json!({ "last_name": "Bos" })).await;
    let second = api.post(path, json!({ "last_name": "Bos" })).await;
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.text, second.text);
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(second.header("location"), first.header("location"));
    let other = api.post(path, json!({ "last_name": "Other" })).await;
    assert_eq!(other.refusal(), "409 idempotency_key_reused");
    assert_eq!(shop.count("select count(*) from customer").await, 1);
}

#[both_databases]
async fn a_refusal_is_replayed_too_and_keys_belong_to_tokens(shop: TestShop) {
    let api = shop.api("manager").await.with("idempotency-key", "k");
    let path = "/api/v1/customers?profile=quick";
    let refused = api.post(path, json!({})).await;
    assert_eq!(refused.refusal(), "422 invalid last_name=required");
    assert_eq!(api.post(path, json!({})).await.header("idempotency-replayed"), "true");
    let other = shop.api("manager").await.with("idempotency-key", "k");
    assert_eq!(other.post(path, json!({ "last_name": "Bos" })).await.status, StatusCode::CREATED);
    let long = "k".repeat(300);
    let answer = api.with("idempotency-key", &long).post(path, json!({})).await;
    assert_eq!(answer.refusal(), "400 idempotency_key_invalid");
}

#[both_databases]
async fn the_description_tells_every_post_of_the_key(shop: TestShop) {
    let description = shop.visitor().get("/api/openapi.json").await.json();
    let posts: Vec<&Value> =
        description["paths"].as_object().expect("paths").values().filter_map(|item| item.get("post")).collect();
    assert!(posts.len() > 8, "{} operations", posts.len());
    for post in posts {
        let names: Vec<&Value> =
            post["parameters"].as_array().expect("parameters").iter().map(|it| &it["name"]).collect();
        assert!(names.contains(&&json!("Idempotency-Key")), "{}", post["operationId"]);
    }
}

#[both_databases]
async fn groups_that_two_people_add_are_both_kept(shop: TestShop) {
    let api = shop.api("manager").await;
    let mut ids = Vec::new();
    for name in ["Old", "Mine", "Theirs"] {
        ids.push(api.post("/api/v1/groups", json!({ "name": name })).await.json()["id"].clone());
    }
    let (_, path) = bos(&api).await;
    api.patch(&path, 1, json!({ "groups": [ids[0]] })).await;
    // One takes the old group away and adds theirs; the other, who still saw the old one, adds mine.
    api.patch(&path, 2, json!({ "groups": [ids[2]] })).await;
    let answer = api.patch(&path, 2, json!({ "groups": [ids[0], ids[1]], "title": "Dr" })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let mut groups = answer.json()["group_ids"].as_array().expect("groups").clone();
    groups.sort_by_key(ToString::to_string);
    let mut expected = vec![ids[1].clone(), ids[2].clone()];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(groups, expected);
    let by_name = api.patch(&path, 2, json!({ "groups": ["Old"] })).await;
    assert_eq!(by_name.refusal(), "412 stale_version");
}
