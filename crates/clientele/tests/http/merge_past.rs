//! What leads on from a record that became part of another: its history, forms that were open, files with its number (R2).

use axum::http::StatusCode;
use platform::db::SqlExt;
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{NOON, TestShop};
use crate::imports::import;
use crate::merge::{id, merge, path, two, undo};

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
    assert_eq!(history["items"][0]["merge_id"], done["id"], "the entry names the merge");
    assert_eq!((&history["items"][0]["reason"], &history["items"][1]["merge_id"]), (&json!(""), &json!(null)));
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
async fn entries_of_merges_from_before_they_were_named_lead_to_them(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let child = api.customer(json!({ "last_name": "Child", "owner": id(&robert) })).await;
    let done = merge(&api, &bob, &[&robert]).await;
    undo(&api, &done, json!({})).await;
    // As the version before wrote it: the id of the merge in the words of the reason.
    let write = shop.app.begin_write().await.expect("a transaction");
    let sql = "update event set reason = $1, about = '', about_id = null where about = 'merge'";
    let entries = write.run(sql, platform::params![id(&done)]).await.expect("written");
    assert_eq!(entries, 6, "three records, there and back");
    for sql in [
        "alter table event drop column about",
        "alter table event drop column about_id",
        "delete from migration where name = 'platform_0004_event_about'",
        "update event set reason = 'merged with a friend' where action = 'created'",
    ] {
        write.run(sql, vec![]).await.expect(sql);
    }
    write.commit().await.expect("committed");
    let applied =
        platform::server::prepare(&shop.app.db, &clientele::program::modules(), NOON).await.expect("migrated");
    assert_eq!(applied, ["platform_0004_event_about"]);
    for customer in [&bob, &robert, &child] {
        let history = api.get(&format!("{}/history", path(customer))).await.json();
        let entries = history["items"].as_array().expect("entries");
        let facts = |entry: &Value| (entry["merge_id"] == done["id"], entry["reason"].as_str() == Some(""));
        assert_eq!(entries.iter().map(facts).collect::<Vec<_>>(), [(true, true), (true, true), (false, false)]);
    }
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
