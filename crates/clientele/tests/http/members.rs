//! Who is in a group: the page, the API and the list agree, and the list of assignable groups binds every way in (R8).

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};

async fn group(api: &Client<'_>, name: &str) -> String {
    let group = api.post("/api/v1/groups", json!({ "name": name, "pricing": true, "tax": true })).await.json();
    group["id"].as_str().expect("an id").to_owned()
}

async fn close(api: &Client<'_>, id: &str, name: &str) {
    let version = api.get(&format!("/api/v1/groups/{id}")).await.json()["version"].clone();
    let api = api.with("if-match", &format!("\"v{version}\""));
    let body = json!({ "name": name, "assignable": false });
    let closed = api.send(Method::PUT, &format!("/api/v1/groups/{id}"), Some(body)).await;
    assert_eq!(closed.status, StatusCode::OK, "{}", closed.text);
}

#[both_databases]
async fn members_are_added_found_and_removed(shop: TestShop) {
    let api = shop.api("manager").await;
    let gold = group(&api, "Gold").await;
    let members = format!("/api/v1/groups/{gold}/members");
    let anna = api.customer(json!({ "last_name": "Bos", "email": "anna@x.example" })).await;
    let bert = api.customer(json!({ "last_name": "Vos" })).await;
    let add = |named: Value| json!({ "customer": named });
    assert_eq!(api.post(&members, add(json!("anna@x.example"))).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.post(&members, add(bert["number"].clone())).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.post(&members, add(anna["id"].clone())).await.refusal(), "422 invalid customer=already_member");
    assert_eq!(api.post(&members, add(json!("C-1"))).await.refusal(), "422 invalid customer=unknown_customer");
    let names = |answer: crate::harness::Answer| {
        let rows = answer.json()["items"].as_array().expect("rows").clone();
        rows.iter().map(|row| row["display_name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(api.get(&members).await), ["Bos", "Vos"]);
    assert_eq!(names(api.get(&format!("{members}?q=bos")).await), ["Bos"]);
    let one = format!("{members}/{}", anna["id"].as_str().expect("an id"));
    assert_eq!(api.delete(&one).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.delete(&one).await.refusal(), "404 not_found");
    assert_eq!(names(api.get(&members).await), ["Vos"]);
    let history = api.get(&format!("/api/v1/customers/{}/history", anna["id"].as_str().expect("an id"))).await.json();
    assert_eq!(history["items"][0]["changes"][0]["field"], format!("group.{gold}"));
}

#[both_databases]
async fn the_count_of_the_page_is_the_count_of_the_list(shop: TestShop) {
    let api = shop.api("manager").await;
    let gold = group(&api, "Gold").await;
    for name in ["Aa", "Bb", "Cc"] {
        let customer = api.customer(json!({ "last_name": name, "groups": ["Gold"] })).await;
        let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
        match name {
            "Bb" => drop(api.post(&format!("{path}/deactivate"), json!({})).await),
            "Cc" => drop(api.delete(&path).await),
            _ => {}
        }
    }
    let manager = shop.staff("manager").await;
    let page = manager.get(&format!("/groups/{gold}")).await;
    assert!(page.text.contains("Members <span class=\"count\">2</span>"), "{}", page.text);
    let list = manager.get(&format!("/customers?activity=all&group={gold}")).await;
    assert!(list.text.contains("Aa") && list.text.contains("Bb") && !list.text.contains(">Cc<"));
    let settings = manager.get("/settings/groups").await;
    assert!(settings.text.contains(&format!("group={gold}\">2</a>")), "{}", settings.text);
    // One of the members is in the bin; the group stays while anybody is in it.
    assert_eq!(api.delete(&format!("/api/v1/groups/{gold}")).await.refusal(), "409 group_has_members");
    let members = api.get(&format!("/api/v1/groups/{gold}/members")).await.json();
    for row in members["items"].as_array().expect("rows") {
        let id = row["id"].as_str().expect("an id");
        assert_eq!(api.delete(&format!("/api/v1/groups/{gold}/members/{id}")).await.status, StatusCode::NO_CONTENT);
    }
    let binned = api.delete(&format!("/api/v1/groups/{gold}")).await;
    assert_eq!(binned.refusal(), "409 group_has_members");
    assert!(binned.text.contains("One customer in the bin"), "{}", binned.text);
}

#[both_databases]
async fn the_page_adds_and_removes_with_the_permission(shop: TestShop) {
    let api = shop.api("manager").await;
    let gold = group(&api, "Gold").await;
    let anna = api.customer(json!({ "last_name": "Bos" })).await;
    let seller = shop.staff("sales_representative").await;
    let number = anna["number"].as_str().expect("a number");
    let path = format!("/groups/{gold}/members");
    assert_eq!(seller.post(&path, &[("customer", number)]).await.status, StatusCode::SEE_OTHER);
    let twice = seller.post(&path, &[("customer", number)]).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.text.contains("in the group already") && twice.text.contains(number));
    let reader = shop.staff("reader").await;
    let page = reader.get(&format!("/groups/{gold}")).await;
    assert!(page.text.contains("Bos") && !page.text.contains("/remove"), "{}", page.text);
    assert_eq!(reader.post(&path, &[("customer", number)]).await.status, StatusCode::FORBIDDEN);
    let remove = format!("{path}/{}/remove", anna["id"].as_str().expect("an id"));
    assert_eq!(seller.post(&remove, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(shop.count("select count(*) from customer_membership").await, 0);
}

#[both_databases]
async fn a_closed_group_takes_nobody_in_whichever_way(shop: TestShop) {
    let api = shop.api("manager").await;
    let gold = group(&api, "Gold").await;
    let customer = api.customer(json!({ "last_name": "Bos" })).await;
    let id = customer["id"].as_str().expect("an id");
    close(&api, &gold, "Gold").await;
    let manager = shop.staff("manager").await;
    // The API: a new customer, a change, the group's members.
    let created = api.post("/api/v1/customers?profile=quick", json!({ "last_name": "X", "groups": ["Gold"] })).await;
    assert_eq!(created.refusal(), "422 invalid groups=group_not_assignable");
    let changed = api.patch(&format!("/api/v1/customers/{id}"), 1, json!({ "groups": [gold] })).await;
    assert_eq!(changed.refusal(), "422 invalid groups=group_not_assignable");
    let member = api.post(&format!("/api/v1/groups/{gold}/members"), json!({ "customer": id })).await;
    assert_eq!(member.refusal(), "422 invalid groups=group_not_assignable");
    // The screen: both forms, the topic, the group's page; none offers it either.
    for (path, fields) in [
        (
            "/customers/new".to_owned(),
            vec![("form", "full"), ("last_name", "X"), ("shows", "groups"), ("groups", &gold)],
        ),
        (format!("/customers/{id}/edit"), vec![("version", "1"), ("shows", "groups"), ("groups", &gold)]),
        (format!("/customers/{id}/groups"), vec![("group", gold.as_str())]),
        (format!("/groups/{gold}/members"), vec![("customer", id)]),
    ] {
        let answer = manager.post(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(answer.text.contains("Nobody may be put into the group Gold."), "{path} {}", answer.text);
    }
    assert!(!manager.get(&format!("/customers/{id}/groups")).await.text.contains("<option value="));
    // An import names it.
    let csv = "last_name,email,groups\nVos,vos@x.example,Gold\nRos,ros@x.example,\n";
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/imports?file_name=people.csv")
        .header("authorization", format!("Bearer {}", api.secret))
        .header("content-type", "text/csv")
        .body(Body::from(csv));
    let import = shop.send(request.expect("a request")).await.json();
    let path = format!("/api/v1/imports/{}", import["id"].as_str().expect("an id"));
    api.send(Method::PATCH, &path, Some(json!({}))).await;
    api.post(&format!("{path}/start"), json!({})).await;
    shop.run_jobs().await;
    let import = api.get(&path).await;
    assert_eq!(import.json()["failed"], 1, "{}", import.text);
    assert_eq!(shop.count("select count(*) from import_problem where code = 'group_not_assignable'").await, 1);
    assert_eq!(shop.count("select count(*) from customer_membership").await, 0);
}

#[both_databases]
async fn the_primary_group_is_chosen_with_the_right_to_assign(shop: TestShop) {
    let api = shop.api("manager").await;
    for name in ["Gold", "Silver"] {
        group(&api, name).await;
    }
    let customer = api.customer(json!({ "last_name": "Bos", "groups": ["Gold", "Silver"] })).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    let other = if customer["primary_group_id"] == customer["group_ids"][0] { 1 } else { 0 };
    let body = json!({ "primary_group": customer["group_ids"][other] });
    let clerk = shop.api("support_agent").await;
    assert_eq!(clerk.patch(&path, 1, body.clone()).await.refusal(), "422 invalid primary_group=permission_missing");
    let same = json!({ "primary_group": customer["primary_group_id"], "title": "Dr" });
    assert_eq!(clerk.patch(&path, 1, same).await.status, StatusCode::OK);
    assert_eq!(api.patch(&path, 2, body).await.json()["primary_group_id"], customer["group_ids"][other]);
}
