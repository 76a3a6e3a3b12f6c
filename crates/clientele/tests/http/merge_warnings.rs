//! What a merge says besides what it does: decisions that speak against it, and what an undo could not bring back.

use axum::http::StatusCode;
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};
use crate::merge::{id, merge, path, request, two, undo};
use crate::review::{decide, edit};

async fn warnings(api: &Client<'_>, survivor: &Value, parts: &[&Value]) -> Value {
    let preview = api.post("/api/v1/merges/preview", request(survivor, parts)).await.json();
    assert_eq!(preview["blockers"], json!([]), "a warning stops nobody");
    preview["warnings"].clone()
}

#[both_databases]
async fn a_preview_tells_what_was_decided_about_two_of_the_records(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let third = api.customer(json!({ "first_name": "Rosa", "last_name": "Jones", "phone": "020-123 4567" })).await;
    assert_eq!(warnings(&api, &bob, &[&robert, &third]).await, json!([]));

    let not_same = decide(&api, &bob, &robert, "not_same").await;
    shop.app.clock.advance(60_000_000);
    let household = decide(&api, &third, &robert, "same_household").await;
    decide(&api, &third, &bob, "later").await;
    let found = warnings(&api, &bob, &[&robert, &third]).await;
    let facts = |warning: &Value| {
        let mut ids: Vec<String> = serde_json::from_value(warning["customer_ids"].clone()).expect("ids");
        ids.sort();
        json!([warning["decision_id"], warning["decision"], ids, warning["by"], warning["decided_at"]])
    };
    let expected = |decision: &Value, kind: &str, a: &Value, b: &Value| {
        let mut ids = [id(a), id(b)];
        ids.sort_unstable();
        json!([decision["id"], kind, ids, "Test Manager", decision["decided_at"]])
    };
    assert_eq!(
        found.as_array().expect("warnings").iter().map(facts).collect::<Vec<_>>(),
        [expected(&household, "same_household", &third, &robert), expected(&not_same, "not_same", &bob, &robert)],
        "the latest first, and nothing of what was put off"
    );
    let one = warnings(&api, &third, &[&robert]).await;
    assert_eq!(one.as_array().expect("warnings").len(), 1, "only of records of this merge");

    let manager = shop.staff("manager").await;
    let page = manager.get(&format!("/merge?ids={}&ids={}&survivor={}", id(&bob), id(&robert), id(&bob))).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("were found not to be the same customer"), "{}", page.text);
    let (low, high) = if id(&bob) < id(&robert) { (&bob, &robert) } else { (&robert, &bob) };
    assert!(
        page.text.contains(&format!("/duplicates/{}/{}", id(low), id(high))) && page.text.contains("Merge 2 records")
    );

    // A change of what mattered overtakes a decision, before the queue has seen it too.
    let moved = json!({ "first_name": "Bob", "email": "robert@jones.example", "phone": "+31 30 111 2222" });
    edit(&api, &bob, moved).await;
    assert_eq!(warnings(&api, &bob, &[&robert]).await, json!([]));
    merge(&api, &third, &[&robert]).await;
}

#[both_databases]
async fn what_could_not_go_back_is_kept_with_the_merge(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let third = api.customer(json!({ "last_name": "Third", "account_code": "T1" })).await;
    let done = merge(&api, &bob, &[&robert, &third]).await;
    assert_eq!(done["remarks"], json!([]));
    let merged = api.get(&path(&bob)).await.json();
    let kept = json!({ "emails": [merged["emails"][0]], "account_code": "" });
    edit(&api, &bob, kept).await;
    api.customer(json!({ "last_name": "Newcomer", "account_code": "T1" })).await;

    shop.app.clock.advance(60_000_000);
    let way = format!("/api/v1/merges/{}", id(&done));
    undo(&api, &done, json!({ "parts": [id(&robert)] })).await;
    let read = api.get(&way).await.json();
    let first = read["remarks"].clone();
    assert_eq!(first[0]["code"], "rows_gone", "{first}");
    assert_eq!((first.as_array().map(Vec::len), &first[0]["at"]), (Some(1), &read["parts"][0]["undone_at"]));
    shop.app.clock.advance(60_000_000);
    undo(&api, &done, json!({})).await;
    let read = api.get(&way).await.json();
    let both = read["remarks"].clone();
    let codes: Vec<&str> = both.as_array().expect("remarks").iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(codes, ["rows_gone", "account_code_taken"]);
    assert_eq!((&both[0], &both[1]["at"]), (&first[0], &read["undone_at"]), "with the moment of each undo");

    for reader in ["manager", "reader"] {
        let page = shop.staff(reader).await.get(&format!("/merges/{}", id(&done))).await;
        assert!(page.text.contains("What could not go back"), "{}", page.text);
        assert!(page.text.contains("Another customer has the account code by now"));
    }
    let refused = api.post(&format!("{way}/undo"), json!({})).await;
    assert_eq!(refused.refusal(), "409 merge_undone");
    assert_eq!(shop.count("select count(*) from customer_merge_remark").await, 2, "a refusal says nothing new");
}

#[both_databases]
async fn an_undo_that_is_refused_keeps_what_was_chosen(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let third = api.customer(json!({ "first_name": "Rosa", "last_name": "Jones" })).await;
    shop.app.clock.advance(60_000_000);
    let done = merge(&api, &bob, &[&robert, &third]).await;
    shop.app.clock.advance(60_000_000);
    let merged = api.get(&path(&bob)).await.json();
    let added = json!({ "emails": [merged["emails"][0], merged["emails"][1], { "address": "new@jones.example" }] });
    let changed = api.patch(&path(&bob), merged["version"].as_i64().expect("a version"), added).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let read = api.get(&format!("/api/v1/merges/{}", id(&done))).await.json();
    let row = format!("assign.emails.{}", read["came_after"][0]["row_id"].as_str().expect("a row"));

    let manager = shop.staff("manager").await;
    let way = format!("/merges/{}/undo", id(&done));
    let form = [("chooses", "yes"), ("part", id(&robert)), (row.as_str(), id(&third))];
    let refused = manager.post(&way, &form).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("new@jones.example can only be given to a record that is split out."));
    let ticked = |record: &Value| {
        let input = refused.text.split("<input").find(|input| input.contains("checkbox") && input.contains(id(record)));
        input.expect("a tick").split('>').next().expect("an input").ends_with("checked")
    };
    assert_eq!((ticked(&robert), ticked(&third)), (true, false));
    assert!(refused.text.contains(&format!("<option value=\"{}\" selected>", id(&third))), "{}", refused.text);
    assert_eq!(api.get(&format!("/api/v1/merges/{}", id(&done))).await.json(), read, "nothing went back");

    // Split out and become the survivor of another merge: the list says into whom.
    let form = [("chooses", "yes"), ("part", id(&third))];
    assert_eq!(manager.post(&way, &form).await.status, StatusCode::SEE_OTHER);
    let merges = manager.get(&format!("/customers/{}/merges", id(&third))).await.text;
    let into = format!("Became part of {} Bob Jones", bob["number"].as_str().expect("a number"));
    assert!(merges.contains(&into), "{merges}");
}
