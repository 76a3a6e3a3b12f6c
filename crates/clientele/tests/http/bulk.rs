//! Bulk actions as plans: dry run, run, results, undo (S0-56, S1-44, S4-12 to S4-14, R3).

use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Answer, Client, TestShop};

fn id_of(body: &Value) -> String {
    body["id"].as_str().expect("an id").to_owned()
}

async fn made(api: &Client<'_>, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(id_of(&api.customer(json!({"last_name": name})).await));
    }
    ids
}

async fn plan(api: &Client<'_>, body: Value) -> Value {
    let answer = api.post("/api/v1/bulk-plans", body).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.text);
    answer.json()
}

async fn act(api: &Client<'_>, plan: &Value, what: &str) -> Answer {
    api.post(&format!("/api/v1/bulk-plans/{}/{what}", id_of(plan)), json!({})).await
}

async fn run(shop: &TestShop, api: &Client<'_>, plan: &Value, what: &str) -> Value {
    let answer = act(api, plan, what).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    shop.run_jobs().await;
    api.get(&format!("/api/v1/bulk-plans/{}", id_of(plan))).await.json()
}

async fn customer(api: &Client<'_>, id: &str) -> Value {
    api.get(&format!("/api/v1/customers/{id}")).await.json()
}

#[both_databases]
async fn what_was_previewed_runs_and_can_be_undone(shop: TestShop) {
    let api = shop.api("administrator").await;
    let ids = made(&api, &["One", "Two", "Three"]).await;
    api.post(&format!("/api/v1/customers/{}/deactivate", ids[2]), json!({})).await;
    let plan = plan(&api, json!({"action": "deactivate", "ids": ids})).await;
    assert_eq!((&plan["state"], &plan["counts"]), (&json!("ready"), &json!({"change": 2, "same": 1})));
    // Nothing has changed yet, and the dry run says what would.
    assert_eq!(customer(&api, &ids[0]).await["active"], true);
    let rows = api.get(&format!("/api/v1/bulk-plans/{}/rows?outcome=change", id_of(&plan))).await.json();
    assert_eq!(rows["items"][0]["changes"], json!([{"field": "active", "before": "yes", "after": ""}]), "{rows}");

    let done = run(&shop, &api, &plan, "run").await;
    assert_eq!((&done["state"], &done["counts"]), (&json!("done"), &json!({"done": 2, "same": 1})));
    assert_eq!(customer(&api, &ids[0]).await["active"], false);
    let history = api.get(&format!("/api/v1/customers/{}/history", ids[0])).await.json();
    assert_eq!((&history["items"][0]["source"], &history["items"][0]["source_detail"]), (&json!("bulk"), &plan["id"]));

    // Somebody changes one of them before the undo: that one is left alone and listed.
    api.patch(&format!("/api/v1/customers/{}", ids[1]), 2, json!({"title": "Dr"})).await;
    let undone = run(&shop, &api, &plan, "undo").await;
    assert_eq!(undone["counts"], json!({"left_alone": 1, "same": 1, "undone": 1}), "{undone}");
    assert_eq!(customer(&api, &ids[0]).await["active"], true);
    assert_eq!(customer(&api, &ids[1]).await["active"], false);
    let left = api.get(&format!("/api/v1/bulk-plans/{}/rows?outcome=left_alone", id_of(&plan))).await.json();
    assert_eq!((&left["items"][0]["code"], &left["items"][0]["customer"]), (&json!("changed_since"), &json!(ids[1])));
    assert_eq!(act(&api, &plan, "undo").await.refusal(), "409 bulk_state");
    assert_eq!(act(&api, &plan, "run").await.refusal(), "409 bulk_state");
}

#[both_databases]
async fn a_plan_gone_stale_is_refused_until_it_is_previewed_again(shop: TestShop) {
    let api = shop.api("administrator").await;
    let ids = made(&api, &["One", "Two"]).await;
    let plan = plan(&api, json!({"action": "set_language", "value": "fr", "ids": ids})).await;
    api.patch(&format!("/api/v1/customers/{}", ids[0]), 1, json!({"language": "fr"})).await;
    let refused = act(&api, &plan, "run").await;
    assert_eq!(refused.refusal(), "409 plan_stale");
    assert_eq!(refused.json()["rows"].as_array().map(Vec::len), Some(1), "{}", refused.text);
    assert_eq!(customer(&api, &ids[1]).await["language"], "");
    let fresh = run(&shop, &api, &plan, "preview").await;
    assert_eq!((&fresh["state"], &fresh["counts"]), (&json!("ready"), &json!({"change": 1, "same": 1})));
    assert_eq!(run(&shop, &api, &plan, "run").await["counts"], json!({"done": 1, "same": 1}));
    assert_eq!(customer(&api, &ids[1]).await["language"], "fr");
}

#[both_databases]
async fn all_that_match_are_changed_and_nobody_else(shop: TestShop) {
    let api = shop.api("administrator").await;
    let group = api.post("/api/v1/groups", json!({"name": "Wholesale"})).await.json();
    for number in 0..230 {
        let language = if number % 10 == 0 { "de" } else { "nl" };
        api.customer(json!({"last_name": format!("Customer {number}"), "language": language})).await;
    }
    api.post("/api/v1/views", json!({"name": "Dutch", "query": "language=nl"})).await;
    let plan = plan(&api, json!({"action": "add_group", "value": "wholesale", "query": "view=Dutch"})).await;
    // More than are checked while somebody waits.
    assert_eq!(plan["state"], "preparing");
    shop.run_jobs().await;
    let ready = api.get(&format!("/api/v1/bulk-plans/{}", id_of(&plan))).await.json();
    assert_eq!((&ready["state"], &ready["counts"]), (&json!("ready"), &json!({"change": 207})));
    // Previewed again it asks the same question, also where that is "everybody".
    assert_eq!(run(&shop, &api, &plan, "preview").await["counts"], json!({"change": 207}));
    let empty = api.post("/api/v1/bulk-plans", json!({"action": "deactivate", "query": " "})).await;
    assert_eq!(empty.refusal(), "422 invalid query=everybody_not_named");
    let query = "activity=active";
    let everybody = api.post("/api/v1/bulk-plans", json!({"action": "deactivate", "query": query})).await.json();
    shop.run_jobs().await;
    assert_eq!(run(&shop, &api, &everybody, "preview").await["counts"], json!({"change": 230}));
    // Who comes to match now was not previewed.
    api.customer(json!({"last_name": "Late", "language": "nl"})).await;
    assert_eq!(run(&shop, &api, &plan, "run").await["counts"], json!({"done": 207}));
    let members = "select count(*) from customer_membership where group_id is not null";
    assert_eq!(shop.count(members).await, 207);
    assert_eq!(group["name"], "Wholesale");
    assert_eq!(run(&shop, &api, &plan, "undo").await["counts"], json!({"undone": 207}));
    assert_eq!(shop.count(members).await, 0);
}

#[both_databases]
async fn a_batch_goes_row_by_row_and_reports_the_others(shop: TestShop) {
    let api = shop.api("administrator").await;
    let ids = made(&api, &["Parent", "Free"]).await;
    api.customer(json!({"last_name": "Child", "owner": ids[0]})).await;
    let plan = plan(&api, json!({"action": "delete", "ids": ids})).await;
    assert_eq!(plan["counts"], json!({"change": 1, "refused": 1}));
    let rows = api.get(&format!("/api/v1/bulk-plans/{}/rows?outcome=refused", id_of(&plan))).await.json();
    assert_eq!(rows["items"][0]["code"], "customer_has_sub_accounts", "{rows}");
    let done = run(&shop, &api, &plan, "run").await;
    assert_eq!(done["counts"], json!({"done": 1, "refused": 1}));
    assert_eq!(api.get(&format!("/api/v1/customers/{}", ids[1])).await.status.as_u16(), 404);
    assert_eq!(customer(&api, &ids[0]).await["last_name"], "Parent");
    // The report can be downloaded, and the batch undone: the deleted one is back.
    let page = shop.staff("administrator").await;
    let report = page.get(&format!("/bulk/{}/report.csv", id_of(&plan))).await.text;
    assert!(report.contains("customer_has_sub_accounts") && report.lines().count() == 3, "{report}");
    run(&shop, &api, &plan, "undo").await;
    assert_eq!(customer(&api, &ids[1]).await["last_name"], "Free");
}

#[both_databases]
async fn every_action_changes_what_it_says_and_back(shop: TestShop) {
    let api = shop.api("administrator").await;
    for (path, body) in [
        ("/api/v1/groups", json!({"name": "VIP"})),
        ("/api/v1/groups", json!({"name": "Old"})),
        ("/api/v1/channels", json!({"name": "Web", "kind": "shop"})),
        ("/api/v1/lists/source", json!({"name": "Fair"})),
    ] {
        let answer = api.post(path, body).await;
        assert_eq!(answer.status.as_u16(), 201, "{path}: {}", answer.text);
    }
    let anna = api.customer(json!({"last_name": "Anna", "groups": ["Old"], "language": "nl"})).await;
    let before = customer(&api, &id_of(&anna)).await;
    for (action, value) in [
        ("deactivate", ""),
        ("add_group", "VIP"),
        ("remove_group", "Old"),
        ("assign", "manager@shop.example"),
        ("set_source", "Fair"),
        ("set_channel", "Web"),
        ("set_language", "de"),
        ("set_language", ""),
        ("delete", ""),
    ] {
        let plan = plan(&api, json!({"action": action, "value": value, "ids": [id_of(&anna)]})).await;
        assert_eq!(plan["counts"], json!({"change": 1}), "{action}");
        assert_eq!(run(&shop, &api, &plan, "run").await["counts"], json!({"done": 1}), "{action}");
        assert_eq!(run(&shop, &api, &plan, "undo").await["counts"], json!({"undone": 1}), "{action}");
        let mut after = customer(&api, &id_of(&anna)).await;
        for field in ["version", "updated_at"] {
            after[field] = before[field].clone();
        }
        assert_eq!(after, before, "{action}");
    }
}

#[both_databases]
async fn nobody_does_in_bulk_what_they_may_not_do_singly(shop: TestShop) {
    let admin = shop.api("administrator").await;
    let ids = made(&admin, &["One"]).await;
    admin.post("/api/v1/groups", json!({"name": "Closed", "assignable": false})).await;
    let reader = shop.api("reader").await;
    for action in ["activate", "deactivate", "delete", "add_group", "assign"] {
        let answer = reader.post("/api/v1/bulk-plans", json!({"action": action, "value": "x", "ids": ids})).await;
        assert_eq!(answer.refusal(), "403 permission_missing", "{action}");
    }
    let make = async |body: Value| admin.post("/api/v1/bulk-plans", body).await.refusal();
    let closed = json!({"action": "add_group", "value": "Closed", "ids": ids});
    assert_eq!(make(closed).await, "422 invalid value=group_not_assignable");
    assert_eq!(make(json!({"action": "dance", "ids": ids})).await, "422 invalid action=action_unknown");
    assert_eq!(make(json!({"action": "delete"})).await, "422 invalid ids=required");
    assert_eq!(make(json!({"action": "add_group", "ids": ids})).await, "422 invalid value=required");
    assert_eq!(
        make(json!({"action": "set_source", "value": "?", "ids": ids})).await,
        "422 invalid value=unknown_choice"
    );
    assert_eq!(make(json!({"action": "delete", "query": "status=king"})).await, "400 filter_unknown_value");
    assert_eq!(make(json!({"action": "delete", "ids": ids, "query": ""})).await, "422 invalid query=not_both");
    assert_eq!(shop.count("select count(*) from bulk_plan").await, 0);
    // Another person's plan is not to be seen, nor run with rights taken away since.
    let plan = plan(&shop.api("manager").await, json!({"action": "deactivate", "ids": ids})).await;
    let support = shop.api("support_agent").await;
    assert_eq!(support.get(&format!("/api/v1/bulk-plans/{}", id_of(&plan))).await.status.as_u16(), 404);
    assert_eq!(act(&support, &plan, "run").await.status.as_u16(), 404);
}

#[both_databases]
async fn the_screen_asks_shows_and_undoes(shop: TestShop) {
    let api = shop.api("administrator").await;
    let ids = made(&api, &["One", "Two"]).await;
    let page = shop.staff("administrator").await;
    let asked = page.post("/customers/bulk", &[("act", "delete"), ("id", &ids[0]), ("id", &ids[1])]).await;
    let at = asked.header("location").to_owned();
    let shown = page.get(&at).await.text;
    assert!(shown.contains("Yes, delete 2 customers") && shown.contains("No, keep"), "{shown}");
    page.post(&format!("{at}/run"), &[]).await;
    shop.run_jobs().await;
    let shown = page.get(&at).await.text;
    assert!(shown.contains("Undo for 2 customers"), "{shown}");
    assert!(page.get("/customers/bin").await.text.contains("Two"));
    page.post(&format!("{at}/undo"), &[]).await;
    shop.run_jobs().await;
    assert_eq!(shop.count("select count(*) from customer where deleted_at is not null").await, 0);
    // All that match, and a dry run thrown away.
    let all = page.post(
        "/customers/bulk",
        &[("act", "set_language"), ("value_set_language", "nl"), ("all", "true"), ("query", "name=one")],
    );
    let at = all.await.header("location").to_owned();
    assert!(page.get(&at).await.text.contains("Change one customer"));
    page.post(&format!("{at}/discard"), &[]).await;
    assert_eq!(page.get(&at).await.status.as_u16(), 404);
    assert!(page.get("/bulk").await.text.contains("Delete"));
    let nobody = page.post("/customers/bulk", &[("act", "delete")]).await;
    assert_eq!((nobody.status.as_u16(), nobody.header("location")), (303, "/customers"));
    // What is picked can be exported as it is.
    let file = page.post("/customers/export", &[("format", "csv"), ("id", &ids[1]), ("all", "")]).await;
    assert!(file.text.lines().count() == 2 && file.text.contains("Two"), "{}", file.text);
}

#[both_databases]
async fn a_job_cut_off_goes_on_and_changes_nobody_twice(shop: TestShop) {
    let api = shop.api("administrator").await;
    let ids = made(&api, &["One", "Two", "Three"]).await;
    let plan = plan(&api, json!({"action": "deactivate", "ids": ids})).await;
    act(&api, &plan, "run").await;
    shop.run_jobs().await;
    // The same job claimed once more, as after a server that died before it could say "done".
    let tx = shop.app.begin_write().await.expect("a transaction");
    platform::db::SqlExt::run(&tx, "update job set state = 'waiting' where kind = 'customers.bulk'", vec![])
        .await
        .expect("again");
    platform::db::SqlExt::run(&tx, "update bulk_plan set state = 'running'", vec![]).await.expect("again");
    tx.commit().await.expect("committed");
    shop.run_jobs().await;
    assert_eq!(customer(&api, &ids[0]).await["version"], 2);
    let after = api.get(&format!("/api/v1/bulk-plans/{}", id_of(&plan))).await.json();
    assert_eq!((&after["state"], &after["counts"]), (&json!("done"), &json!({"done": 3})));
}

#[both_databases]
async fn the_bin_gives_back_until_the_grace_is_over(shop: TestShop) {
    let api = shop.api("administrator").await;
    let email = json!({"last_name": "Anna", "email": "anna@shop.example", "status": "registered"});
    let anna = id_of(&api.customer(email.clone()).await);
    api.delete(&format!("/api/v1/customers/{anna}")).await;
    let bin = api.get("/api/v1/bin/customers").await.json();
    assert_eq!(
        (&bin["items"][0]["name"], &bin["items"][0]["deleted_by"]),
        (&json!("Anna"), &json!("Test Administrator"))
    );
    assert_eq!(api.get("/api/v1/bin/customers?q=bert").await.json()["items"], json!([]));
    // The sign-in stays taken while the customer can come back.
    let taken = api.post("/api/v1/customers?profile=import", email.clone()).await;
    assert_eq!(taken.refusal(), "422 invalid email=email_taken");
    let page = shop.staff("administrator").await;
    let shown = page.get("/customers/bin").await.text;
    assert!(shown.contains("Anna") && shown.contains("Days left"), "{shown}");
    assert_eq!(shop.staff("support_agent").await.get("/customers/bin").await.status.as_u16(), 403);
    page.post("/customers/bin/restore", &[("id", &anna)]).await;
    assert_eq!(customer(&api, &anna).await["last_name"], "Anna");
    api.delete(&format!("/api/v1/customers/{anna}")).await;
    shop.app.clock.advance(31 * platform::clock::DAY);
    platform::jobs::schedule_recurring(&shop.app).await.expect("scheduled");
    shop.run_jobs().await;
    assert_eq!(api.get("/api/v1/bin/customers").await.json()["items"], json!([]));
    assert_eq!(api.post("/api/v1/customers?profile=import", email).await.status.as_u16(), 201);
    let later = shop.staff("administrator").await;
    assert!(later.get("/customers/bin").await.text.contains("Nobody in the bin"));
}

#[both_databases]
async fn tags_are_chosen_filtered_and_given_in_bulk(shop: TestShop) {
    let api = shop.api("administrator").await;
    let tag = api.post("/api/v1/lists/tag", json!({"name": "Trade fair"})).await.json();
    let anna = api.customer(json!({"last_name": "Anna", "tags": ["trade fair"]})).await;
    let bert = api.customer(json!({"last_name": "Bert"})).await;
    assert_eq!(anna["tag_ids"], json!([tag["id"]]));
    let unknown = api.post("/api/v1/customers?profile=import", json!({"last_name": "C", "tags": ["Nobody's"]})).await;
    assert_eq!(unknown.refusal(), "422 invalid tags=unknown_tag");
    let tagged = format!("/api/v1/customers?tag={}", tag["id"].as_str().unwrap_or_default());
    let count = async || api.get(&tagged).await.json()["items"].as_array().map(Vec::len);
    assert_eq!(count().await, Some(1));
    let given =
        plan(&api, json!({"action": "add_tag", "value": "Trade fair", "ids": [id_of(&anna), id_of(&bert)]})).await;
    assert_eq!(given["counts"], json!({"change": 1, "same": 1}));
    run(&shop, &api, &given, "run").await;
    assert_eq!(count().await, Some(2));
    run(&shop, &api, &given, "undo").await;
    assert_eq!(count().await, Some(1));
    let taken = plan(&api, json!({"action": "remove_tag", "value": "Trade fair", "query": "name=anna"})).await;
    run(&shop, &api, &taken, "run").await;
    assert_eq!(count().await, Some(0));
    // A retired tag stays where it is and is not given any more.
    let page = shop.staff("administrator").await;
    let form = page.get(&format!("/customers/{}/edit", id_of(&anna))).await.text;
    assert!(form.contains("Trade fair"), "{form}");
    let retired = format!("/api/v1/lists/tag/{}", tag["id"].as_str().unwrap_or_default());
    api.send(axum::http::Method::PATCH, &retired, Some(json!({"retired": true}))).await;
    let late = api.post("/api/v1/customers?profile=import", json!({"last_name": "D", "tags": ["Trade fair"]})).await;
    assert_eq!(late.refusal(), "422 invalid tags=choice_retired");
}
