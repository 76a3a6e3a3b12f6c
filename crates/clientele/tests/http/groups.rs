//! Groups, choices and settings (R8, R9, S1-56, S1-57).

use axum::http::{Method, StatusCode};
use serde_json::json;
use testing_macros::both_databases;

use crate::harness::TestShop;

#[both_databases]
async fn only_assignable_groups_can_be_given(shop: TestShop) {
    let api = shop.api("manager").await;
    let open = api.post("/api/v1/groups", json!({ "name": "Newsletter" })).await.json();
    let closed =
        api.post("/api/v1/groups", json!({ "name": "Tax exempt", "assignable": false, "tax": true })).await.json();
    let refused =
        api.post("/api/v1/customers?profile=quick", json!({ "last_name": "Bos", "groups": ["tax exempt"] })).await;
    assert_eq!(refused.refusal(), "422 invalid groups=group_not_assignable");
    let unknown = api.post("/api/v1/customers?profile=quick", json!({ "last_name": "Bos", "groups": ["nope"] })).await;
    assert_eq!(unknown.refusal(), "422 invalid groups=unknown_group");
    let customer = api.customer(json!({ "last_name": "Bos", "groups": ["Newsletter"] })).await;
    assert_eq!(customer["group_ids"], json!([open["id"]]));
    assert_eq!(customer["primary_group_id"], open["id"]);
    let by_id = api.customer(json!({ "last_name": "Bos", "groups": [open["id"]] })).await;
    assert_eq!(by_id["group_ids"], json!([open["id"]]));
    let path = format!("/api/v1/groups/{}", closed["id"].as_str().expect("an id"));
    assert_eq!(api.delete(&path).await.status, StatusCode::NO_CONTENT);
    let path = format!("/api/v1/groups/{}", open["id"].as_str().expect("an id"));
    assert_eq!(api.delete(&path).await.refusal(), "409 group_has_members");
}

#[both_databases]
async fn several_groups_have_one_primary(shop: TestShop) {
    let api = shop.api("manager").await;
    for name in ["A list", "B list"] {
        assert_eq!(api.post("/api/v1/groups", json!({ "name": name })).await.status, StatusCode::CREATED);
    }
    let body = json!({ "last_name": "Bos", "groups": ["A list", "B list"], "primary_group": "B list" });
    let customer = api.customer(body).await;
    let id = customer["id"].as_str().expect("an id");
    assert_eq!(customer["group_ids"].as_array().expect("groups").len(), 2);
    let groups = api.get("/api/v1/groups").await.json();
    let b =
        groups["items"].as_array().expect("groups").iter().find(|group| group["name"] == "B list").expect("B")["id"]
            .clone();
    assert_eq!(customer["primary_group_id"], b);
    let filtered = api.get(&format!("/api/v1/customers?group={}", b.as_str().expect("an id"))).await.json();
    assert_eq!(filtered["items"][0]["id"], id);
    let path = format!("/api/v1/customers/{id}");
    let wrong = api.patch(&path, 1, json!({ "groups": ["A list"], "primary_group": "B list" })).await;
    assert_eq!(wrong.refusal(), "422 invalid primary_group=not_a_member");
    // Without the right to assign, groups stay as they are.
    let clerk = shop.api("support_agent").await;
    let refused = clerk.patch(&path, 1, json!({ "groups": [] })).await;
    assert_eq!(refused.refusal(), "422 invalid groups=permission_missing");
}

#[both_databases]
async fn names_are_unique_however_they_are_written(shop: TestShop) {
    let api = shop.api("manager").await;
    for path in ["/api/v1/groups", "/api/v1/channels"] {
        let body = |name: &str| match path {
            "/api/v1/groups" => json!({ "name": name }),
            _ => json!({ "name": name, "kind": "shop" }),
        };
        assert_eq!(api.post(path, body("Café")).await.status, StatusCode::CREATED);
        assert_eq!(api.post(path, body(" CAFE ")).await.refusal(), "422 invalid name=taken");
        assert_eq!(api.post(path, body("")).await.refusal(), "422 invalid name=required");
    }
}

#[both_databases]
async fn a_group_saved_by_two_is_stale_for_the_second(shop: TestShop) {
    let api = shop.api("manager").await;
    let group = api.post("/api/v1/groups", json!({ "name": "A" })).await.json();
    let path = format!("/api/v1/groups/{}", group["id"].as_str().expect("an id"));
    let put = |name: &'static str| {
        let api = api.with("if-match", "\"v1\"");
        let path = path.clone();
        async move { api.send(Method::PUT, &path, Some(json!({ "name": name }))).await }
    };
    assert_eq!(put("B").await.status, StatusCode::OK);
    assert_eq!(put("C").await.refusal(), "412 stale_version");
    assert_eq!(api.get(&path).await.json()["name"], "B");
}

#[both_databases]
async fn a_retired_choice_stays_on_old_records_only(shop: TestShop) {
    let api = shop.api("manager").await;
    let fair = api.post("/api/v1/lists/source", json!({ "name": "Trade fair" })).await;
    assert_eq!(fair.status, StatusCode::CREATED, "{}", fair.text);
    let customer = api.customer(json!({ "last_name": "Bos", "source": "trade fair" })).await;
    assert_eq!(customer["source_id"], fair.json()["id"]);
    let path = format!("/api/v1/lists/source/{}", fair.json()["id"].as_str().expect("an id"));
    let retired = api.send(Method::PATCH, &path, Some(json!({ "retired": true }))).await;
    assert_eq!(retired.json()["retired"], true);
    let refused =
        api.post("/api/v1/customers?profile=quick", json!({ "last_name": "Vos", "source": "Trade fair" })).await;
    assert_eq!(refused.refusal(), "422 invalid source=choice_retired");
    let own = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    let kept = api.patch(&own, 1, json!({ "source": "Trade fair", "title": "Dr" })).await;
    assert_eq!(kept.json()["source_id"], fair.json()["id"]);
    assert_eq!(api.get("/api/v1/lists/colours").await.refusal(), "404 not_found");
}
