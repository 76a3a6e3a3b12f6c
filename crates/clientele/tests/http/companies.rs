//! Companies with members and roles, parent accounts and sub-accounts (R25).

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Answer, Client, TestShop};

fn id_of(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

fn path_of(customer: &Value) -> String {
    format!("/api/v1/customers/{}", id_of(customer))
}

async fn company(api: &Client<'_>, name: &str) -> String {
    id_of(&api.post("/api/v1/companies", json!({ "name": name, "number": "K-1" })).await.json())
}

fn roles(answer: &Answer) -> Vec<String> {
    let items = answer.json()["items"].as_array().expect("members").clone();
    let mut roles: Vec<String> =
        items.iter().map(|item| format!("{}:{}", item["customer"]["display_name"], item["role"])).collect();
    roles.sort();
    roles.into_iter().map(|role| role.replace('"', "")).collect()
}

#[both_databases]
async fn members_have_roles_told_in_their_own_history(shop: TestShop) {
    let api = shop.api("manager").await;
    let (acme, other) = (company(&api, "Acme").await, company(&api, "Other").await);
    let anna = api.customer(json!({ "last_name": "Bos", "email": "anna@x.example" })).await;
    let bert = api.customer(json!({ "last_name": "Vos" })).await;
    let members = format!("/api/v1/companies/{acme}/members");
    let add = |named: Value, role: &str| json!({ "customer": named, "role": role });
    assert_eq!(api.post(&members, add(json!("anna@x.example"), "buyer")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.post(&members, add(bert["number"].clone(), "")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(roles(&api.get(&members).await), ["Bos:buyer", "Vos:null"]);
    assert_eq!(roles(&api.get(&format!("{members}?q=bos")).await), ["Bos:buyer"]);
    assert_eq!(api.post(&members, add(anna["id"].clone(), "")).await.refusal(), "422 invalid customer=already_member");
    let elsewhere = api.post(&format!("/api/v1/companies/{other}/members"), add(anna["id"].clone(), "")).await;
    assert_eq!(elsewhere.refusal(), "422 invalid customer=in_other_company");
    assert!(elsewhere.text.contains("Acme"));
    let one = format!("{members}/{}", id_of(&anna));
    let put = async |role: &str| api.send(Method::PUT, &one, Some(json!({ "role": role }))).await;
    assert_eq!(put("king").await.refusal(), "422 invalid company_role=unknown_role");
    assert_eq!(put("accountant").await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.delete(&one).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.delete(&one).await.refusal(), "404 not_found");
    let now = api.get(&path_of(&anna)).await.json();
    assert_eq!((&now["company_id"], &now["company_role"]), (&Value::Null, &Value::Null));
    let history = api.get(&format!("{}/history?field=company_role", path_of(&anna))).await.json();
    let told: Vec<String> = history["items"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| {
            let changes = entry["changes"].as_array().expect("values");
            let role = changes.iter().find(|change| change["field"] == "company_role").expect("the role");
            format!("{}>{}", role["before"], role["after"]).replace('"', "")
        })
        .collect();
    assert_eq!(told, ["accountant>", "buyer>accountant", ">buyer"]);
    let alone = api.patch(&path_of(&anna), 4, json!({ "company_role": "buyer" })).await;
    assert_eq!(alone.refusal(), "422 invalid company_role=no_company");
}

#[both_databases]
async fn the_companys_page_shows_and_changes_its_members(shop: TestShop) {
    let api = shop.api("manager").await;
    let acme = company(&api, "Acme").await;
    let anna = api.customer(json!({ "last_name": "Bos" })).await;
    let manager = shop.staff("manager").await;
    let path = format!("/companies/{acme}");
    let number = anna["number"].as_str().expect("a number");
    let added = manager.post(&format!("{path}/members"), &[("customer", number), ("role", "owner")]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    let page = manager.get(&path).await;
    for shown in ["Acme", "K-1", "Bos", "Owner of the company", "Created"] {
        assert!(page.text.contains(shown), "{shown}");
    }
    let twice = manager.post(&format!("{path}/members"), &[("customer", number)]).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.text.contains("belongs to the company already") && twice.text.contains(number));
    let member = format!("{path}/members/{}", id_of(&anna));
    assert_eq!(manager.post(&format!("{member}/role"), &[("role", "buyer")]).await.status, StatusCode::SEE_OTHER);
    let detail = manager.get(&format!("/customers/{}", id_of(&anna))).await;
    assert!(detail.text.contains("Buyer") && detail.text.contains(&format!("href=\"{path}\"")), "{}", detail.text);
    let saved = manager.post(&format!("{path}/edit"), &[("name", "Acme 2"), ("version", "1")]).await;
    assert_eq!(saved.header("location"), path);
    let history = api.get(&format!("/api/v1/companies/{acme}/history")).await.json();
    assert_eq!(history["items"][0]["changes"][0], json!({ "field": "name", "before": "Acme", "after": "Acme 2" }));
    let reader = shop.staff("reader").await;
    let page = reader.get(&path).await;
    assert!(page.text.contains("Bos") && !page.text.contains("/remove\"") && !page.text.contains("K-1</dd><span"));
    assert_eq!(reader.post(&format!("{member}/remove"), &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(manager.post(&format!("{member}/remove"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(api.get(&format!("/api/v1/companies/{acme}")).await.json()["customers"], 0);
}

/// A parent with two sub-accounts, one of which has one of its own.
async fn family(api: &Client<'_>) -> [Value; 4] {
    let top = api.customer(json!({ "last_name": "Top", "email": "top@x.example" })).await;
    let left = api.customer(json!({ "last_name": "Left", "owner": top["id"] })).await;
    let right = api.customer(json!({ "last_name": "Right", "owner": top["id"] })).await;
    let leaf = api.customer(json!({ "last_name": "Leaf", "owner": left["id"] })).await;
    [top, left, right, leaf]
}

async fn owner(api: &Client<'_>, customer: &Value) -> Value {
    api.get(&path_of(customer)).await.json()["owner_id"].clone()
}

#[both_databases]
async fn sub_accounts_move_in_one_act(shop: TestShop) {
    let api = shop.api("manager").await;
    let [top, left, right, leaf] = family(&api).await;
    let manager = shop.staff("manager").await;
    let page = manager.get(&format!("/customers/{}/sub-accounts", id_of(&left))).await;
    for (name, depth) in [("Top", 0), ("Left", 1), ("Leaf", 2)] {
        let line =
            page.text.split("<li").find(|line| line.contains(name) && line.contains("tree-")).unwrap_or_default();
        assert!(line.contains(&format!("tree-{depth}")), "{name}: {line}");
    }
    let reassign = |from: &Value| format!("{}/sub-accounts/reassign", path_of(from));
    let other = api.customer(json!({ "last_name": "Other", "email": "other@x.example" })).await;
    for (to, refusal) in [
        (json!("nobody@x.example"), "422 invalid to=unknown_customer"),
        (top["id"].clone(), "422 invalid to=same_parent"),
        (leaf["id"].clone(), "422 invalid owner=owner_cycle"),
    ] {
        assert_eq!(api.post(&reassign(&top), json!({ "to": to })).await.refusal(), refusal);
    }
    assert_eq!(owner(&api, &left).await, top["id"], "nothing moved");
    let moved = api.post(&reassign(&top), json!({ "to": "other@x.example" })).await;
    assert_eq!(moved.json(), json!({ "moved": 2 }), "{}", moved.text);
    assert_eq!((owner(&api, &left).await, owner(&api, &right).await), (other["id"].clone(), other["id"].clone()));
    assert_eq!(owner(&api, &leaf).await, left["id"], "only the direct ones");
    let history = api.get(&format!("{}/history", path_of(&right))).await.json();
    assert_eq!(history["items"][0]["changes"][0]["field"], "owner");
    assert_eq!(api.post(&reassign(&top), json!({ "to": null })).await.refusal(), "409 no_sub_accounts");
    // One of them takes the parent's place, from the page.
    let path = format!("/customers/{}/sub-accounts/reassign", id_of(&other));
    let number = left["number"].as_str().expect("a number");
    assert_eq!(manager.post(&path, &[("to", number)]).await.status, StatusCode::SEE_OTHER);
    assert_eq!((owner(&api, &left).await, owner(&api, &right).await), (Value::Null, left["id"].clone()));
    assert_eq!(api.post(&reassign(&left), json!({ "to": null })).await.json(), json!({ "moved": 2 }));
    assert_eq!(owner(&api, &leaf).await, Value::Null);
}

#[both_databases]
async fn two_who_make_each_other_the_parent_at_once_make_no_circle(shop: TestShop) {
    let api = shop.api("manager").await;
    for round in 0..5 {
        let one = api.customer(json!({ "last_name": format!("One {round}") })).await;
        let two = api.customer(json!({ "last_name": format!("Two {round}") })).await;
        let (first, second) = (path_of(&one), path_of(&two));
        let (a, b) = tokio::join!(
            api.patch(&first, 1, json!({ "owner": two["id"] })),
            api.patch(&second, 1, json!({ "owner": one["id"] })),
        );
        let mut outcomes = [a.status.as_u16(), b.status.as_u16()];
        outcomes.sort_unstable();
        assert_eq!(outcomes, [200, 422], "{} {}", a.text, b.text);
        let refused = if a.status == StatusCode::OK { b } else { a };
        assert_eq!(refused.refusal(), "422 invalid owner=owner_cycle");
    }
}

#[both_databases]
async fn a_parent_is_not_deleted_before_its_sub_accounts_have_another(shop: TestShop) {
    let api = shop.api("administrator").await;
    let [top, left, ..] = family(&api).await;
    let refused = api.delete(&path_of(&top)).await;
    assert_eq!(refused.refusal(), "409 customer_has_sub_accounts");
    assert_eq!(refused.json()["rows"].as_array().map(Vec::len), Some(2), "{}", refused.text);
    assert_eq!(refused.json()["remedy"], "Give them another parent account first.");
    let admin = shop.staff("administrator").await;
    let page = admin.post(&format!("/customers/{}/delete", id_of(&top)), &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text.contains("Give them another parent account first.") && page.text.contains("Left"));
    let plan = api.post("/api/v1/bulk-plans", json!({ "action": "delete", "ids": [top["id"]] })).await;
    assert!(plan.status.is_success(), "{}", plan.text);
    let plan = format!("/api/v1/bulk-plans/{}", id_of(&plan.json()));
    shop.run_jobs().await;
    let rows = api.get(&format!("{plan}/rows")).await;
    assert!(rows.text.contains("customer_has_sub_accounts"), "{}", rows.text);
    api.post(&format!("{}/sub-accounts/reassign", path_of(&top)), json!({ "to": left["id"] })).await;
    assert_eq!(api.delete(&path_of(&top)).await.status, StatusCode::NO_CONTENT);
}
