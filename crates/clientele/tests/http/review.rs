//! Likely duplicates of a whole shop: the scan, the queue, what is decided about pairs, and thresholds (S3-67).

use axum::http::StatusCode;
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};

pub fn id(customer: &Value) -> String {
    customer["id"].as_str().expect("an id").to_owned()
}

pub fn robert() -> Value {
    json!({
        "first_name": "Robert", "last_name": "Vandermolen", "email": "robert.vandermolen@post.example",
        "phone": "+31 6 1234 5678", "address1": "Dorpsstraat 12", "postcode": "2801 XY", "town": "Gouda", "country": "NL",
    })
}

/// The same person, typed again.
pub fn rob() -> Value {
    json!({
        "first_name": "Rob", "last_name": "Vandermollen", "phone": "06-12345678", "address1": "Dorpstraat 12",
        "postcode": "2801XY", "town": "Gouda", "country": "NL",
    })
}

/// Another one by the same name who kept the mailbox: a second pair, less sure than the first.
pub fn third() -> Value {
    json!({
        "first_name": "Robert", "last_name": "Vandermolen", "phone": "+31 6 1234 5678", "address1": "Dorpsstraat 12",
        "postcode": "2801 XY", "town": "Gouda", "country": "NL",
    })
}

async fn queue(api: &Client<'_>, query: &str) -> Value {
    let answer = api.get(&format!("/api/v1/duplicates/pairs{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

/// The pairs of a state, as ids in order.
pub async fn pairs(api: &Client<'_>, state: &str) -> Vec<[String; 2]> {
    let listed = queue(api, &format!("?state={state}")).await;
    let ids = |pair: &Value| [id(&pair["customers"][0]), id(&pair["customers"][1])];
    listed["items"].as_array().expect("items").iter().map(ids).collect()
}

fn pair_of(a: &Value, b: &Value) -> [String; 2] {
    let mut ids = [id(a), id(b)];
    ids.sort();
    ids
}

async fn likely(api: &Client<'_>, customer: &Value) -> usize {
    let answer = api.get(&format!("/api/v1/customers/{}/duplicates", id(customer))).await;
    answer.json()["items"].as_array().expect("items").len()
}

pub async fn decide(api: &Client<'_>, a: &Value, b: &Value, decision: &str) -> Value {
    let body = json!({ "customer_ids": [a["id"], b["id"]], "decision": decision });
    let answer = api.post("/api/v1/duplicates/decisions", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()
}

pub async fn edit(api: &Client<'_>, customer: &Value, change: Value) {
    let way = format!("/api/v1/customers/{}", id(customer));
    let version = api.get(&way).await.json()["version"].as_i64().expect("a version");
    let answer = api.patch(&way, version, change).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

pub async fn merge(api: &Client<'_>, survivor: &Value, part: &Value) -> String {
    let answer =
        api.post("/api/v1/merges", json!({ "survivor_id": survivor["id"], "absorbed_ids": [part["id"]] })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    id(&answer.json())
}

async fn actions(shop: &TestShop, customer: &Value) -> i64 {
    let id = id(customer).parse::<uuid::Uuid>().expect("an id");
    let sql = "select count(*) from event where customer_id = $1 and entity = 'duplicate_decision'";
    platform::db::SqlExt::value(shop.app.db.read(), sql, platform::params![id]).await.expect("read").unwrap_or(0)
}

#[both_databases]
async fn a_scan_finds_the_pairs_of_the_whole_shop(shop: TestShop) {
    let api = shop.api("manager").await;
    assert_eq!(queue(&api, "").await["items"], json!([]), "an empty shop");
    let (one, other) = (api.customer(robert()).await, api.customer(rob()).await);
    api.customer(json!({ "first_name": "Greta", "last_name": "Andersson", "town": "Gouda", "country": "NL" })).await;
    let begun = api.post("/api/v1/duplicates/scans", json!({})).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text);
    let way = format!("/api/v1/duplicates/scans/{}", id(&begun.json()));
    assert_eq!(begun.header("location"), way);
    assert_eq!(api.post("/api/v1/duplicates/scans", json!({})).await.refusal(), "409 scan_running");
    assert_eq!(api.get(&way).await.json()["state"], "running");
    shop.run_jobs().await;
    let done = api.get(&way).await.json();
    assert_eq!(
        (&done["state"], &done["percent"], &done["customers"], &done["pairs"]),
        (&json!("done"), &json!(100), &json!(3), &json!(1))
    );
    assert_eq!(api.get("/api/v1/duplicates/scans").await.json()["items"][0], done);
    let found = queue(&api, "").await;
    let pair = &found["items"][0];
    assert_eq!(pairs(&api, "open").await, [pair_of(&one, &other)]);
    assert!(pair["probability"].as_f64().expect("a number") > 0.82);
    assert_eq!(found["counts"][0], json!({ "state": "open", "pairs": 1, "put_off": 0 }));
    let weights =
        pair["contributions"].as_array().expect("parts").iter().map(|part| part["weight"].as_f64().expect("a weight"));
    let sum = pair["prior"].as_f64().expect("a prior") + weights.sum::<f64>();
    assert!((pair["probability"].as_f64().expect("a number") - 1.0 / (1.0 + (-sum).exp2())).abs() < 1e-3);
    let again = api.post("/api/v1/duplicates/scans", json!({})).await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "one after the other");
    shop.run_jobs().await;
    assert_eq!(pairs(&api, "open").await.len(), 1, "the same pair again");
}

#[both_databases]
async fn the_queue_follows_every_change_without_a_scan(shop: TestShop) {
    let api = shop.api("manager").await;
    let (one, other) = (api.customer(robert()).await, api.customer(rob()).await);
    assert_eq!(pairs(&api, "open").await, [pair_of(&one, &other)], "two new customers");
    let way = format!("/api/v1/customers/{}", id(&other));
    edit(
        &api,
        &other,
        json!({ "first_name": "Wilhelmina", "last_name": "Jansen", "phone": "0201234567", "address1": "Kade 3" }),
    )
    .await;
    assert_eq!(pairs(&api, "open").await.len(), 0, "somebody else by now");
    edit(&api, &other, rob()).await;
    assert_eq!(pairs(&api, "open").await.len(), 1);
    api.delete(&way).await;
    assert_eq!(pairs(&api, "open").await.len(), 0, "in the bin");
    assert_eq!(queue(&api, "").await["counts"][0]["pairs"], 0);
    api.post(&format!("{way}/restore"), json!({})).await;
    assert_eq!(pairs(&api, "open").await.len(), 1, "back");
    let merged = merge(&api, &one, &other).await;
    assert_eq!(pairs(&api, "open").await.len(), 0, "merged");
    api.post(&format!("/api/v1/merges/{merged}/undo"), json!({})).await;
    assert_eq!(pairs(&api, "open").await.len(), 1, "split again");
    let page = shop.staff("manager").await.get(&format!("/duplicates/{}/{}", id(&one), id(&other))).await;
    assert!(page.text.contains("merged these two once"), "{}", page.text);
}

#[both_databases]
async fn not_the_same_is_remembered_until_what_mattered_changes(shop: TestShop) {
    let api = shop.api("manager").await;
    let (one, other) = (api.customer(robert()).await, api.customer(rob()).await);
    let decision = decide(&api, &one, &other, "not_same").await;
    assert!(decision["fields"].as_array().expect("fields").contains(&json!("phone")), "{decision}");
    assert_eq!((pairs(&api, "open").await.len(), pairs(&api, "not_same").await.len()), (0, 1));
    assert_eq!((likely(&api, &one).await, likely(&api, &other).await), (0, 0), "not said any more");
    assert_eq!((actions(&shop, &one).await, actions(&shop, &other).await), (1, 1), "in both histories");
    edit(&api, &other, json!({ "vat_number": "", "language": "nl" })).await;
    edit(&api, &other, json!({ "last_name": "VANDERMOLLEN" })).await;
    assert_eq!((likely(&api, &one).await, pairs(&api, "open").await.len()), (0, 0), "nothing that mattered");
    edit(&api, &other, json!({ "first_name": "Robert" })).await;
    assert_eq!(likely(&api, &one).await, 1, "the first name mattered");
    assert_eq!((pairs(&api, "open").await.len(), pairs(&api, "not_same").await.len()), (1, 0));
    let again = api.post(&format!("/api/v1/duplicates/decisions/{}/undo", id(&decision)), json!({})).await;
    assert_eq!(again.refusal(), "409 decision_ended");
}

#[both_databases]
async fn a_decision_can_be_taken_back(shop: TestShop) {
    let api = shop.api("manager").await;
    let (one, other) = (api.customer(robert()).await, api.customer(rob()).await);
    let decision = decide(&api, &one, &other, "same_household").await;
    assert_eq!(pairs(&api, "same_household").await, [pair_of(&one, &other)]);
    let listed = api.get(&format!("/api/v1/duplicates/decisions?customer={}", id(&one))).await.json();
    assert_eq!(listed["items"][0]["decision"], "same_household");
    let browser = shop.staff("manager").await;
    let page = browser.get(&format!("/customers/{}/duplicates", id(&one))).await;
    assert!(page.text.contains("Same household") && page.text.contains("Vandermollen"), "a relation of the customer");
    let way = format!("/api/v1/duplicates/decisions/{}/undo", id(&decision));
    let undone = api.post(&way, json!({})).await;
    assert_eq!((undone.status, &undone.json()["ended_by"]), (StatusCode::OK, &json!("undone")));
    assert_eq!((pairs(&api, "open").await.len(), likely(&api, &one).await), (1, 1));
    assert_eq!(actions(&shop, &one).await, 2);
    let changed = decide(&api, &one, &other, "not_same").await;
    decide(&api, &one, &other, "same_household").await;
    assert_eq!(pairs(&api, "same_household").await.len(), 1, "the later one counts");
    let replaced = api.post(&format!("/api/v1/duplicates/decisions/{}/undo", id(&changed)), json!({})).await;
    assert_eq!(replaced.refusal(), "409 decision_ended");
}

#[both_databases]
async fn later_comes_back(shop: TestShop) {
    let api = shop.api("manager").await;
    let (one, other, more) = (api.customer(robert()).await, api.customer(rob()).await, api.customer(third()).await);
    let before = pairs(&api, "open").await;
    assert_eq!(before.len(), 3);
    let first = &before[0];
    let body = json!({ "customer_ids": first, "decision": "later" });
    assert_eq!(api.post("/api/v1/duplicates/decisions", body).await.status, StatusCode::CREATED);
    let after = pairs(&api, "open").await;
    assert_eq!((after.len(), &after[2]), (3, first), "behind all others");
    let counts = queue(&api, "").await["counts"].clone();
    assert_eq!(counts[0], json!({ "state": "open", "pairs": 2, "put_off": 1 }), "two wait, one is for later");
    let page = shop.staff("manager").await.get("/duplicates").await.text;
    assert!(page.contains("<span class=\"count\">2</span><span class=\"count\">1 for later</span>"), "{page}");
    let due = crate::harness::NOON + 60_000_000;
    let body = json!({ "customer_ids": [one["id"], more["id"]], "decision": "later", "due_at": due });
    assert_eq!(api.post("/api/v1/duplicates/decisions", body).await.status, StatusCode::CREATED);
    assert_eq!((pairs(&api, "open").await.len(), pairs(&api, "later").await.len()), (2, 1));
    shop.app.clock.advance(61_000_000);
    assert_eq!((pairs(&api, "open").await.len(), pairs(&api, "later").await.len()), (3, 0), "its time has come");
    assert_ne!(id(&other), id(&more));
}

#[both_databases]
async fn what_was_decided_goes_with_a_merge_and_comes_back_with_its_undo(shop: TestShop) {
    let api = shop.api("manager").await;
    let (one, other, more) = (api.customer(robert()).await, api.customer(rob()).await, api.customer(third()).await);
    decide(&api, &one, &other, "not_same").await;
    let split = pair_of(&one, &other);
    assert_eq!(pairs(&api, "not_same").await, std::slice::from_ref(&split));
    let merged = merge(&api, &more, &one).await;
    assert_eq!(pairs(&api, "not_same").await, [pair_of(&more, &other)], "holds for the survivor");
    assert_eq!(likely(&api, &more).await, 0);
    assert_eq!(pairs(&api, "open").await.len(), 0);
    edit(&api, &more, json!({ "language": "nl" })).await;
    assert_eq!(pairs(&api, "not_same").await.len(), 1);
    let undone = api.post(&format!("/api/v1/merges/{merged}/undo"), json!({})).await;
    assert_eq!((undone.status, &undone.json()["remarks"]), (StatusCode::OK, &json!([])), "{}", undone.text);
    assert_eq!(pairs(&api, "not_same").await, std::slice::from_ref(&split));
    let mut open = pairs(&api, "open").await;
    open.sort();
    let mut expected = [pair_of(&one, &more), pair_of(&other, &more)];
    expected.sort();
    assert_eq!(open, expected);
    let both = merge(&api, &other, &one).await;
    assert_eq!(pairs(&api, "not_same").await.len(), 0, "merged after all");
    api.post(&format!("/api/v1/merges/{both}/undo"), json!({})).await;
    assert_eq!(pairs(&api, "not_same").await, [split]);
}

#[both_databases]
async fn a_scan_keeps_what_was_decided(shop: TestShop) {
    let api = shop.api("manager").await;
    let (one, other) = (api.customer(robert()).await, api.customer(rob()).await);
    decide(&api, &one, &other, "not_same").await;
    for _ in 0..2 {
        api.post("/api/v1/duplicates/scans", json!({})).await;
        shop.run_jobs().await;
        assert_eq!((pairs(&api, "open").await.len(), pairs(&api, "not_same").await.len()), (0, 1));
    }
    assert_eq!(shop.count("select count(*) from duplicate_pair").await, 1);
}

#[both_databases]
async fn bad_questions_are_refused_with_reasons(shop: TestShop) {
    let api = shop.api("manager").await;
    let (one, other) = (api.customer(robert()).await, api.customer(rob()).await);
    let decisions = "/api/v1/duplicates/decisions";
    let body = |ids: Value, more: Value| {
        let mut body = json!({ "customer_ids": ids, "decision": "not_same" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let unknown = "01900000-0000-7000-8000-000000000000";
    let both = json!([one["id"], other["id"]]);
    for (sent, refusal) in [
        (body(json!([one["id"]]), json!({})), "422 invalid customer_ids=not_two"),
        (body(json!([one["id"], one["id"]]), json!({})), "422 invalid customer_ids=same_customer"),
        (body(json!([one["id"], unknown]), json!({})), "404 not_found"),
        (body(both.clone(), json!({ "due_at": crate::harness::NOON + 1 })), "422 invalid due_at=not_for_this"),
        (body(both.clone(), json!({ "decision": "later", "due_at": 5 })), "422 invalid due_at=in_the_past"),
        (body(both, json!({ "decision": "perhaps" })), "400 json_invalid"),
    ] {
        assert_eq!(api.post(decisions, sent).await.refusal(), refusal);
    }
    assert_eq!(shop.count("select count(*) from duplicate_decision").await, 0, "nothing was stored");
    for (query, refusal) in [
        ("?state=odd", "400 state_unknown"),
        ("?limit=0", "400 limit_out_of_range"),
        ("?limit=201", "400 limit_out_of_range"),
        ("?cursor=x", "400 cursor_invalid"),
    ] {
        assert_eq!(api.get(&format!("/api/v1/duplicates/pairs{query}")).await.refusal(), refusal);
    }
    let simulation = "/api/v1/duplicates/simulation?threshold=";
    for (threshold, code) in [("0.4", "below_what_is_stored"), ("1", "too_high"), ("NaN", "not_a_number")] {
        let refusal = format!("422 invalid threshold={code}");
        assert_eq!(api.get(&format!("{simulation}{threshold}")).await.refusal(), refusal);
    }
    let settings = json!({ "threshold": 0.2, "repeat_days": -1 });
    let refusal = "422 invalid threshold=below_what_is_stored repeat_days=out_of_range";
    assert_eq!(
        shop.api("administrator")
            .await
            .send(axum::http::Method::PUT, "/api/v1/duplicates/settings", Some(settings))
            .await
            .refusal(),
        refusal
    );
    merge(&api, &one, &other).await;
    let late = json!({ "customer_ids": [one["id"], other["id"]], "decision": "not_same" });
    assert_eq!(api.post(decisions, late).await.refusal(), "409 customer_merged");
    let page = shop.staff("manager").await;
    let way = format!("/duplicates/{}/{}", id(&one), id(&other));
    let moved = page.get(&way).await;
    assert_eq!(moved.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(page.get(moved.header("location")).await.header("location"), "/duplicates");
    let posted = page.post(&format!("{way}/decide"), &[("decision", "not_same")]).await;
    assert_eq!((posted.status, posted.header("location")), (StatusCode::SEE_OTHER, "/duplicates"));
    assert_eq!(shop.count("select count(*) from duplicate_decision").await, 0);
}

#[both_databases]
async fn who_does_not_see_every_field_sees_no_pair(shop: TestShop) {
    let admin = shop.api("administrator").await;
    let (one, other) = (admin.customer(robert()).await, admin.customer(rob()).await);
    let decision = decide(&admin, &one, &other, "same_household").await;
    let roles = admin.get("/api/v1/roles").await.json();
    let manager =
        roles["items"].as_array().expect("roles").iter().find(|role| role["key"] == "manager").expect("a role");
    let limited = crate::field_rights::limit(&admin, &id(manager), json!({ "phone": "masked" })).await;
    assert_eq!(limited.status, StatusCode::OK, "{}", limited.text);
    let (api, page) = (shop.api("manager").await, shop.staff("manager").await);
    let needs = "403 duplicates_need_all_fields";
    let pair = format!("{}/{}", id(&one), id(&other));
    for way in [
        "pairs".to_owned(),
        format!("pairs/{pair}"),
        format!("decisions?customer={}", id(&one)),
        "simulation?threshold=0.7".to_owned(),
    ] {
        assert_eq!(api.get(&format!("/api/v1/duplicates/{way}")).await.refusal(), needs, "{way}");
    }
    let body = json!({ "customer_ids": [one["id"], other["id"]], "decision": "not_same" });
    assert_eq!(api.post("/api/v1/duplicates/decisions", body).await.refusal(), needs);
    let undo = format!("decisions/{}/undo", id(&decision));
    assert_eq!(api.post(&format!("/api/v1/duplicates/{undo}"), json!({})).await.refusal(), needs);
    for way in ["/duplicates".to_owned(), format!("/duplicates/{pair}"), "/duplicates/threshold".to_owned()] {
        let answer = page.get(&way).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{way}");
        assert!(!answer.text.contains("Vandermol") && !answer.text.contains("1234"), "{}", answer.text);
    }
    for way in
        [format!("/duplicates/{undo}"), format!("/duplicates/{pair}/decide"), format!("/duplicates/{pair}/merge")]
    {
        let survivor = id(&one);
        let form = [("decision", "not_same"), ("survivor", survivor.as_str()), ("plan", "")];
        assert_eq!(page.post(&way, &form).await.status, StatusCode::FORBIDDEN, "{way}");
    }
    assert_eq!(shop.count("select count(*) from duplicate_decision where ended_at is null").await, 1);
    assert_eq!(shop.count("select count(*) from customer_merge").await, 0);
}

#[both_databases]
async fn a_threshold_is_tried_before_it_is_set(shop: TestShop) {
    let api = shop.api("administrator").await;
    let (one, other, more) = (api.customer(robert()).await, api.customer(rob()).await, api.customer(third()).await);
    let found = queue(&api, "").await;
    let least = found["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|pair| pair["probability"].as_f64().expect("a number"))
        .fold(1.0, f64::min);
    assert_eq!(found["items"].as_array().expect("items").len(), 3);
    // Just above the least sure pair.
    let higher = ((least * 10_000.0).ceil() / 10_000.0 + 0.0001).min(0.999);
    let tried = api.get(&format!("/api/v1/duplicates/simulation?threshold={higher}")).await.json();
    let counts = |tried: &Value| {
        [tried["pairs_now"].clone(), tried["pairs_then"].clone(), tried["added"].clone(), tried["removed"].clone()]
    };
    let removed = if least < 0.999 { 3 - tried["pairs_then"].as_i64().expect("a number") } else { 0 };
    assert_eq!(counts(&tried), [json!(3), json!(3 - removed), json!(0), json!(removed)]);
    assert_eq!(tried["samples"].as_array().expect("samples").len() as i64, removed);
    assert_eq!(pairs(&api, "open").await.len(), 3, "nothing is set yet");
    let settings = json!({ "threshold": higher, "repeat_days": 30 });
    let set = api.send(axum::http::Method::PUT, "/api/v1/duplicates/settings", Some(settings.clone())).await;
    assert_eq!((set.status, set.json()), (StatusCode::OK, settings));
    assert_eq!(pairs(&api, "open").await.len() as i64, 3 - removed);
    let back = api.get("/api/v1/duplicates/simulation?threshold=0.82").await.json();
    assert_eq!(counts(&back), [json!(3 - removed), json!(3), json!(removed), json!(0)]);
    assert!(
        back["ranges"]
            .as_array()
            .expect("ranges")
            .iter()
            .map(|range| range["pairs"].as_i64().expect("a number"))
            .sum::<i64>()
            >= 3
    );
    let manager = shop.api("manager").await;
    let refused = shop.api("reader").await.get("/api/v1/duplicates/simulation?threshold=0.7").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(manager.get("/api/v1/duplicates/settings").await.json()["repeat_days"], 30);
    let page = shop.staff("administrator").await.get("/duplicates/threshold?threshold=60").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("At 60 %"), "{}", page.text);
    let bad = shop
        .staff("administrator")
        .await
        .post("/duplicates/threshold", &[("threshold", "30"), ("repeat_days", "7")])
        .await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let good = shop
        .staff("administrator")
        .await
        .post("/duplicates/threshold", &[("threshold", "75,5"), ("repeat_days", "0")])
        .await;
    assert_eq!(good.status, StatusCode::SEE_OTHER, "{}", good.text);
    assert_eq!(api.get("/api/v1/duplicates/settings").await.json(), json!({ "threshold": 0.755, "repeat_days": 0 }));
    assert_ne!(id(&one), id(&other));
    assert_ne!(id(&other), id(&more));
}

#[both_databases]
async fn a_decision_survives_a_merge_that_the_queue_has_seen(shop: TestShop) {
    let api = shop.api("manager").await;
    let (a, b) = (api.customer(robert()).await, api.customer(rob()).await);
    shop.app.clock.advance(60_000_000);
    decide(&api, &a, &b, "not_same").await;
    shop.app.clock.advance(60_000_000);
    let done = merge(&api, &a, &b).await;
    queue(&api, "").await;
    shop.app.clock.advance(60_000_000);
    let undone = api.post(&format!("/api/v1/merges/{done}/undo"), json!({})).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    assert_eq!(pairs(&api, "not_same").await, [pair_of(&a, &b)], "nobody changed what mattered");
    assert_eq!(pairs(&api, "open").await, Vec::<[String; 2]>::new());
}
