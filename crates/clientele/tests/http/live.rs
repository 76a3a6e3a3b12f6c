//! Open pages hear of what others change.

use platform::live::{News, Watch};
use serde_json::json;
use testing_macros::both_databases;

use crate::harness::TestShop;

#[both_databases]
async fn every_write_is_told_once_and_by_id_only(shop: TestShop) {
    let api = shop.api("administrator").await;
    let mut watch = Watch::default();
    assert_eq!(watch.look(&shop.app).await.expect("the log"), None);
    let anna = api.customer(json!({"last_name": "Anna"})).await;
    let id = anna["id"].as_str().expect("an id").to_owned();
    api.patch(&format!("/api/v1/customers/{id}"), 1, json!({"title": "Dr"})).await;
    let told = watch.look(&shop.app).await.expect("the log").expect("news");
    let News::Changed { customers } = &told else { panic!("{told:?}") };
    assert_eq!(customers.len(), 1);
    assert_eq!((customers[0].id.to_string(), customers[0].version), (id, 2));
    assert_eq!(customers[0].by, "Test Administrator");
    assert!(!serde_json::to_string(&told).expect("json").contains("Anna"));
    assert_eq!(watch.look(&shop.app).await.expect("the log"), None);
    for number in 0..201 {
        api.customer(json!({"last_name": format!("Customer {number}")})).await;
    }
    assert_eq!(watch.look(&shop.app).await.expect("the log"), Some(News::Many));
}

#[both_databases]
async fn only_those_who_may_see_customers_listen(shop: TestShop) {
    let answer = shop.staff("reader").await.get("/live").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/event-stream"));
    assert_eq!(shop.visitor().get("/live").await.status.as_u16(), 303);
}
