//! The search box: whatever is typed finds the customer, also just saved ones.

use serde_json::json;
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};

async fn first(api: &Client<'_>, question: &str) -> String {
    let encoded: String = question.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let answer = api.get(&format!("/api/v1/search?q={encoded}")).await;
    assert_eq!(answer.status.as_u16(), 200, "{question}: {}", answer.text);
    answer.json()["items"][0]["name"].as_str().unwrap_or("nobody").to_owned()
}

async fn people(api: &Client<'_>) {
    for (first, last, email, phone, company, postcode, town, country) in [
        ("Cornelia", "Maasbergen", "cornelia.maas@gmail.example", "06 8765 4321", "", "9793 HS", "Groningen", "NL"),
        (
            "Fatma",
            "Altbruner",
            "faltbrunner91@outlook.example",
            "+4917646947906",
            "Stahlwerk Nord GmbH",
            "30315",
            "Hannover",
            "DE",
        ),
        ("José", "García Íñiguez", "jose@correo.example", "612 34 56 78", "", "28001", "Madrid", "ES"),
        ("Ann", "Lee", "ann@lee.example", "(020) 7946-0123", "", "SW1A 1AA", "London", "GB"),
    ] {
        let body = json!({ "first_name": first, "last_name": last, "email": email, "phone": phone,
            "company_name": company, "postcode": postcode, "town": town, "country": country, "address1": "Kade 7" });
        api.customer(body).await;
    }
}

#[both_databases]
async fn any_kind_of_question_finds_the_person(shop: TestShop) {
    let api = shop.api("manager").await;
    people(&api).await;
    for (question, expected) in [
        ("cornelia", "Cornelia Maasbergen"),
        ("maasb", "Cornelia Maasbergen"),
        ("bergen", "Cornelia Maasbergen"),
        ("maasbergen cornelia", "Cornelia Maasbergen"),
        ("corn maas", "Cornelia Maasbergen"),
        ("CORNELIA", "Cornelia Maasbergen"),
        ("jose", "José García Íñiguez"),
        ("garcia iniguez", "José García Íñiguez"),
        ("cornelai", "Cornelia Maasbergen"),
        ("kornelia", "Cornelia Maasbergen"),
        ("maasbregen", "Cornelia Maasbergen"),
        ("masbergem", "Cornelia Maasbergen"),
        ("altbrunner fatma", "Fatma Altbruner"),
        ("faltbrunner91@outlook.example", "Fatma Altbruner"),
        ("faltbrunner", "Fatma Altbruner"),
        ("outlook.example", "Fatma Altbruner"),
        ("@outlook.example", "Fatma Altbruner"),
        ("stahlwerk", "Fatma Altbruner"),
        ("stahlwerk nord gmbh", "Fatma Altbruner"),
        ("+49 176 46947906", "Fatma Altbruner"),
        ("0049-176-46947906", "Fatma Altbruner"),
        ("0176 469 479 06", "Fatma Altbruner"),
        ("46947906", "Fatma Altbruner"),
        ("06-87654321", "Cornelia Maasbergen"),
        ("+31687654321", "Cornelia Maasbergen"),
        ("020 7946 0123", "Ann Lee"),
        ("9793hs", "Cornelia Maasbergen"),
        ("9793 HS", "Cornelia Maasbergen"),
        ("SW1A 1AA", "Ann Lee"),
        ("hannover", "Fatma Altbruner"),
        ("hanover", "Fatma Altbruner"),
        ("C-10001", "Cornelia Maasbergen"),
        ("c-10002", "Fatma Altbruner"),
        ("C10002", "Fatma Altbruner"),
        ("10003", "José García Íñiguez"),
        ("an", "Ann Lee"),
        ("zzzz", "nobody"),
    ] {
        assert_eq!(first(&api, question).await, expected, "{question}");
    }
}

#[both_databases]
async fn a_saved_customer_is_found_by_the_next_request(shop: TestShop) {
    let api = shop.api("manager").await;
    let customer = api.customer(json!({ "last_name": "Eerste" })).await;
    assert_eq!(first(&api, "eerste").await, "Eerste");
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    api.patch(&path, 1, json!({ "last_name": "Tweede" })).await;
    assert_eq!(first(&api, "tweede").await, "Tweede");
    assert_eq!(first(&api, "eerste").await, "nobody");
    api.patch(&path, 2, json!({ "account_code": "AB 77/x" })).await;
    assert_eq!(first(&api, "ab77/x").await, "Tweede");
}

#[both_databases]
async fn an_inactive_customer_is_found_with_its_mark(shop: TestShop) {
    let api = shop.api("manager").await;
    api.customer(json!({ "last_name": "Slaper", "email": "slaper@x.example", "active": false })).await;
    let hit = api.get("/api/v1/search?q=slaper@x.example").await.json()["items"][0].clone();
    assert_eq!((&hit["name"], &hit["active"]), (&json!("Slaper"), &json!(false)));
}
