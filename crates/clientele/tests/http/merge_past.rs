//! What leads on from a record that became part of another: its history, forms that were open, files with its number (R2).

use axum::http::StatusCode;
use serde_json::json;
use testing_macros::both_databases;

use crate::harness::TestShop;
use crate::imports::import;
use crate::merge::{id, merge, path, two};

#[both_databases]
async fn the_past_of_a_record_that_went_away_stays_readable(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    shop.app.clock.advance(60_000_000);
    let done = merge(&api, &bob, &[&robert]).await;
    let history = api.get(&format!("{}/history", path(&robert))).await.json();
    let actions: Vec<&str> =
        history["items"].as_array().expect("entries").iter().map(|one| one["action"].as_str().expect("text")).collect();
    assert_eq!(actions, ["merged_into", "created"]);
    assert_eq!(history["items"][0]["reason"], done["id"], "the entry names the merge");
    let then = api.get(&format!("{}?as_of=v1", path(&robert))).await.json();
    assert_eq!((&then["id"], &then["first_name"]), (&robert["id"], &json!("Robert")), "its own past");
    let manager = shop.staff("manager").await;
    let page = manager.get(&format!("/customers/{}/history", id(&robert))).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Part of another customer now"));
    assert!(page.text.contains(&format!("/merges/{}", id(&done))), "the entry leads to the merge");
    assert!(!page.text.contains("put-back"), "nothing can be put back there");
    let as_of = manager.get(&format!("/customers/{}/as-of?moment=v1", id(&robert))).await;
    assert!(as_of.text.contains("Dorpsstraat 9"));
    let shown = manager.get(&format!("/merges/{}", id(&done))).await;
    assert!(shown.text.contains(&format!("/customers/{}/history", id(&robert))));
}

#[both_databases]
async fn what_was_typed_for_a_record_that_went_away_goes_on_with_the_survivor(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    merge(&api, &bob, &[&robert]).await;
    let manager = shop.staff("manager").await;
    let form = [("version", "1"), ("title", "Prof"), ("first_name", "Robert"), ("last_name", "Jones")];
    let page = manager.post(&format!("/customers/{}/edit", id(&robert)), &form).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text.contains("became part of this customer meanwhile"), "{}", page.text);
    assert!(page.text.contains(&format!("action=\"/customers/{}/edit\"", id(&bob))));
    let value = |name: &str| {
        let field = page.text.split(&format!("name=\"{name}\"")).nth(1).expect("the field");
        field.split("value=\"").nth(1).expect("a value").split('"').next().unwrap_or_default().to_owned()
    };
    assert_eq!((value("title"), value("first_name")), ("Prof".to_owned(), "Bob".to_owned()), "only what was changed");
}

#[both_databases]
async fn an_import_by_an_old_number_means_the_survivor(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let third = api.customer(json!({ "last_name": "Third" })).await;
    merge(&api, &bob, &[&robert]).await;
    merge(&api, &third, &[&bob]).await;
    shop.app.clock.advance(60_000_000);
    let number = robert["number"].as_str().expect("a number");
    let file = format!("customer_number,last_name,title\n{number},Jones,Prof\n");
    let import = import(&shop, &api, file, json!({ "on_existing": "update" })).await;
    assert_eq!((&import["updated"], &import["failed"]), (&json!(1), &json!(0)), "{import}");
    let (third, count) = (api.get(&path(&third)).await.json(), shop.count("select count(*) from customer").await);
    assert_eq!((&third["title"], count), (&json!("Prof"), 3));
}
