//! Merging customers and taking a merge back (R1, R2, R21; S0-31 to S0-34, S2-05, S2-14 to S2-18).

use axum::http::StatusCode;
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};

pub fn id(customer: &Value) -> &str {
    customer["id"].as_str().expect("an id")
}

pub fn path(customer: &Value) -> String {
    format!("/api/v1/customers/{}", id(customer))
}

pub fn request(survivor: &Value, absorbed: &[&Value]) -> Value {
    json!({ "survivor_id": id(survivor), "absorbed_ids": absorbed.iter().map(|one| id(one)).collect::<Vec<_>>() })
}

pub async fn merge(api: &Client<'_>, survivor: &Value, absorbed: &[&Value]) -> Value {
    let answer = api.post("/api/v1/merges", request(survivor, absorbed)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()
}

pub async fn undo(api: &Client<'_>, merge: &Value, body: Value) -> Value {
    let answer = api.post(&format!("/api/v1/merges/{}/undo", id(merge)), body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

/// The facts that a merge and its undo must bring back.
fn facts(customer: &Value) -> Value {
    let mut facts = customer.clone();
    let body = facts.as_object_mut().expect("an object");
    body.remove("version");
    body.remove("updated_at");
    facts
}

pub async fn two(api: &Client<'_>) -> (Value, Value) {
    let bob = json!({
        "first_name": "Bob", "last_name": "Jones", "email": "bob@jones.example", "phone": "+31 20 123 4567",
        "address1": "Kade 1", "postcode": "1011 AB", "town": "Amsterdam", "country": "NL",
    });
    let robert = json!({
        "title": "Dr", "first_name": "Robert", "last_name": "Jones", "account_code": "K7",
        "emails": [
            { "address": "BOB@jones.example", "is_primary": true },
            { "address": "robert@work.example", "kind": "work" }
        ],
        "phone": "020-123 4567", "address1": "Dorpsstraat 9", "postcode": "2801 XY", "town": "Gouda", "country": "NL",
    });
    (api.customer(bob).await, api.customer(robert).await)
}

#[both_databases]
async fn one_record_goes_away_and_its_data_belong_to_the_other(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let preview = api.post("/api/v1/merges/preview", request(&bob, &[&robert])).await.json();
    assert_eq!(preview["blockers"], json!([]));
    let kind =
        |name: &str| preview["kinds"].as_array().expect("kinds").iter().find(|kind| kind["kind"] == name).cloned();
    let emails = kind("emails").expect("e-mails");
    assert_eq!((&emails["survivor_has"], &emails["moves"], &emails["same"]), (&json!(1), &json!(1), &json!(1)));
    let unchanged = api.get(&path(&robert)).await.json();
    assert_eq!(unchanged, robert, "a preview changes nothing");

    merge(&api, &bob, &[&robert]).await;
    let merged = api.get(&path(&bob)).await.json();
    assert_eq!(merged["title"], "Dr", "an empty field is filled");
    assert_eq!(merged["first_name"], "Bob", "a field of the survivor stays");
    assert_eq!(merged["account_code"], "K7");
    let addresses: Vec<&str> =
        merged["emails"].as_array().expect("rows").iter().map(|row| row["address"].as_str().expect("text")).collect();
    assert_eq!(addresses, ["bob@jones.example", "robert@work.example"], "equal ones collapse");
    assert_eq!(merged["emails"][0]["is_primary"], true, "the survivor's primary stays primary");
    assert_eq!(merged["phones"].as_array().expect("rows").len(), 1);
    assert_eq!(merged["addresses"].as_array().expect("rows").len(), 2);
    let listed = api.get("/api/v1/customers?activity=all").await.json();
    assert_eq!(listed["items"].as_array().expect("rows").len(), 1);

    // Old ids, numbers and names lead to the survivor (R2, S2-18).
    let old = api.get(&path(&robert)).await;
    assert_eq!(old.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(old.header("location"), path(&bob));
    let manager = shop.staff("manager").await;
    let page = manager.get(&format!("/customers/{}/contacts", id(&robert))).await;
    assert_eq!(page.header("location"), format!("/customers/{}/contacts", id(&bob)));
    for question in [robert["number"].as_str().expect("a number"), "Robert Jones", "robert@work.example"] {
        let found = api.get(&format!("/api/v1/search?q={}", question.replace(' ', "%20"))).await.json();
        assert_eq!(found["items"][0]["id"], bob["id"], "{question}: {found}");
    }
    let refused = api.patch(&path(&robert), 2, json!({ "title": "Mr" })).await;
    assert_eq!(refused.refusal(), "409 customer_merged");
    let name = format!("{} Bob Jones", bob["number"].as_str().expect("a number"));
    assert_eq!(
        refused.json()["rows"],
        json!([{ "label": name, "href": format!("/customers/{}", id(&bob)) }]),
        "the survivor is named"
    );
    let typed = manager.post(&format!("/customers/{}/deactivate", id(&robert)), &[("version", "2")]).await;
    assert!(
        typed.status == StatusCode::CONFLICT && typed.text.contains("became part of another one"),
        "{}",
        typed.text
    );
}

#[both_databases]
async fn everything_is_as_before_after_an_undo(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let done = merge(&api, &bob, &[&robert]).await;
    let undone = undo(&api, &done, json!({})).await;
    assert_eq!(undone["remarks"], json!([]));
    assert_eq!(facts(&api.get(&path(&bob)).await.json()), facts(&bob));
    assert_eq!(facts(&api.get(&path(&robert)).await.json()), facts(&robert));
    let again = api.post(&format!("/api/v1/merges/{}/undo", id(&done)), json!({})).await;
    assert_eq!(again.refusal(), "409 merge_undone");
    let past = api.get(&format!("{}?as_of=v1", path(&robert))).await.json();
    assert_eq!(past["first_name"], "Robert", "time travel goes through a merge");
    merge(&api, &robert, &[&bob]).await;
}

#[both_databases]
async fn what_changed_after_a_merge_stays_changed(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    shop.app.clock.advance(60_000_000);
    let done = merge(&api, &bob, &[&robert]).await;
    let merged = api.get(&path(&bob)).await.json();
    let mut addresses = merged["addresses"].clone();
    addresses[1]["line1"] = json!("Dorpsstraat 10");
    shop.app.clock.advance(60_000_000);
    let body = json!({
        "title": "Prof", "addresses": addresses,
        "emails": [merged["emails"][0], merged["emails"][1], { "address": "new@jones.example" }]
    });
    let changed = api.patch(&path(&bob), merged["version"].as_i64().expect("a version"), body).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let read = api.get(&format!("/api/v1/merges/{}", id(&done))).await.json();
    assert_eq!(read["came_after"].as_array().expect("rows").len(), 1, "{read}");
    assert_eq!(read["came_after"][0]["label"], "new@jones.example");
    let new = &read["came_after"][0];
    let assign = json!([{ "kind": "emails", "row_id": new["row_id"], "customer_id": robert["id"] }]);
    undo(&api, &done, json!({ "assign": assign })).await;
    let (bob, robert) = (api.get(&path(&bob)).await.json(), api.get(&path(&robert)).await.json());
    assert_eq!(bob["title"], "Prof", "an edit after the merge");
    assert_eq!(robert["title"], "Dr");
    assert_eq!(robert["addresses"][0]["line1"], "Dorpsstraat 10", "an edited row keeps the edit");
    assert_eq!(bob["emails"].as_array().expect("rows").len(), 1);
    let emails: Vec<&Value> = robert["emails"].as_array().expect("rows").iter().map(|row| &row["address"]).collect();
    assert!(emails.contains(&&json!("new@jones.example")), "{emails:?}");
}

#[both_databases]
async fn one_of_several_is_split_out_again(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let rob = api
        .customer(
            json!({ "first_name": "Rob", "last_name": "Jones", "emails": [{ "address": "robert@work.example" }] }),
        )
        .await;
    let done = merge(&api, &bob, &[&robert, &rob]).await;
    let unknown = api.post(&format!("/api/v1/merges/{}/undo", id(&done)), json!({ "parts": [bob["id"]] })).await;
    assert_eq!(unknown.refusal(), "422 invalid parts=not_in_merge");
    undo(&api, &done, json!({ "parts": [robert["id"]] })).await;
    assert_eq!(facts(&api.get(&path(&robert)).await.json()), facts(&robert));
    let left = api.get(&path(&bob)).await.json();
    let emails: Vec<&Value> = left["emails"].as_array().expect("rows").iter().map(|row| &row["address"]).collect();
    assert_eq!(emails, [&json!("bob@jones.example"), &json!("robert@work.example")], "Rob brought it as well");
    assert_eq!(api.get(&path(&rob)).await.status, StatusCode::TEMPORARY_REDIRECT);
    undo(&api, &done, json!({})).await;
    assert_eq!(facts(&api.get(&path(&bob)).await.json()), facts(&bob));
    assert_eq!(facts(&api.get(&path(&rob)).await.json()), facts(&rob));
}

#[both_databases]
async fn chains_are_undone_in_an_order_that_is_possible(shop: TestShop) {
    let api = shop.api("manager").await;
    let (a, b) = two(&api).await;
    let c = api.customer(json!({ "last_name": "Third", "email": "c@third.example" })).await;
    let first = merge(&api, &b, &[&a]).await;
    let second = merge(&api, &c, &[&b]).await;
    assert_eq!(api.get(&path(&a)).await.header("location"), path(&c));
    let early = api.post(&format!("/api/v1/merges/{}/undo", id(&first)), json!({})).await;
    assert_eq!(early.refusal(), "409 survivor_merged");
    assert_eq!(early.json()["rows"][0]["href"], format!("/merges/{}", id(&second)));
    undo(&api, &second, json!({})).await;
    assert_eq!(facts(&api.get(&path(&c)).await.json()), facts(&c));
    undo(&api, &first, json!({})).await;
    assert_eq!(facts(&api.get(&path(&a)).await.json()), facts(&a));
    assert_eq!(facts(&api.get(&path(&b)).await.json()), facts(&b));
}

#[both_databases]
async fn a_merge_inside_one_made_final_is_final_too(shop: TestShop) {
    let api = shop.api("manager").await;
    let (a, b) = two(&api).await;
    let c = api.customer(json!({ "last_name": "Third" })).await;
    let (inner, outer) = (merge(&api, &b, &[&a]).await, merge(&api, &c, &[&b]).await);
    let answer = api.post(&format!("/api/v1/merges/{}/finalise", id(&outer)), json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let late = api.post(&format!("/api/v1/merges/{}/undo", id(&inner)), json!({})).await;
    assert_eq!(late.refusal(), "409 survivor_merged_for_good");
}

#[both_databases]
async fn what_makes_no_sense_is_refused(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let post = |body: Value| api.post("/api/v1/merges", body);
    let without = post(json!({ "absorbed_ids": [id(&bob), id(&robert)] })).await;
    assert_eq!(without.refusal(), "400 json_invalid");
    assert!(without.text.contains("survivor_id"), "{}", without.text);
    for (body, refusal) in [
        (request(&bob, &[]), "422 invalid absorbed_ids=too_few"),
        (request(&bob, &[&bob]), "422 invalid absorbed_ids=survivor_is_absorbed"),
        (request(&bob, &[&robert, &robert]), "422 invalid absorbed_ids=named_twice"),
        (
            json!({ "survivor_id": id(&bob), "absorbed_ids": ["01a20195-e254-7c21-99fc-724e50f7ed1a"] }),
            "422 invalid absorbed_ids=unknown_customer",
        ),
        (
            json!({ "survivor_id": id(&bob), "absorbed_ids": [id(&robert)], "choices": { "fields": { "shoe": id(&bob) } } }),
            "422 invalid fields.shoe=unknown_field",
        ),
    ] {
        assert_eq!(post(body.clone()).await.refusal(), refusal, "{body}");
        assert_eq!(api.post("/api/v1/merges/preview", body).await.refusal(), refusal);
    }
    api.delete(&path(&robert)).await;
    assert_eq!(post(request(&bob, &[&robert])).await.refusal(), "409 customer_in_bin");
    let preview = api.post("/api/v1/merges/preview", request(&bob, &[&robert])).await.json();
    assert_eq!(preview["blockers"][0]["code"], "customer_in_bin");
    assert_eq!(api.get(&path(&bob)).await.json(), bob, "nothing changed");
    assert_eq!(shop.count("select count(*) from customer_merge").await, 0);
}

#[both_databases]
async fn a_plan_gone_stale_is_refused(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let preview = api.post("/api/v1/merges/preview", request(&bob, &[&robert])).await.json();
    api.patch(&path(&robert), 1, json!({ "title": "Prof" })).await;
    let mut body = request(&bob, &[&robert]);
    body["plan"] = preview["plan"].clone();
    assert_eq!(api.post("/api/v1/merges", body.clone()).await.refusal(), "409 plan_stale");
    let preview = api.post("/api/v1/merges/preview", request(&bob, &[&robert])).await.json();
    body["plan"] = preview["plan"].clone();
    assert_eq!(api.post("/api/v1/merges", body).await.status, StatusCode::CREATED);
}

#[both_databases]
async fn of_two_crossing_merges_one_wins(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let (one, other) = futures_join(
        api.post("/api/v1/merges", request(&bob, &[&robert])),
        api.post("/api/v1/merges", request(&robert, &[&bob])),
    )
    .await;
    let mut outcomes = [one, other].map(|answer| match answer.status {
        StatusCode::CREATED => "201".to_owned(),
        _ => answer.refusal(),
    });
    outcomes.sort();
    assert_eq!(outcomes, ["201", "409 already_merged"]);
    assert_eq!(shop.count("select count(*) from customer where merged_into is not null").await, 1);
}

async fn futures_join<A: Future, B: Future>(one: A, other: B) -> (A::Output, B::Output) {
    tokio::join!(one, other)
}

#[both_databases]
async fn prices_and_rights_are_never_gained_silently(shop: TestShop) {
    let admin = shop.api("administrator").await;
    let wholesale = admin.post("/api/v1/groups", json!({ "name": "Wholesale", "pricing": true })).await.json();
    admin.post("/api/v1/groups", json!({ "name": "News" })).await;
    let anna = admin.customer(json!({ "last_name": "Anna" })).await;
    let dupe = admin.customer(json!({ "last_name": "Anna", "groups": ["Wholesale", "News"] })).await;
    let third = admin.customer(json!({ "last_name": "Anna", "groups": ["Wholesale"] })).await;
    let of_three = admin.post("/api/v1/merges/preview", request(&anna, &[&dupe, &third])).await.json();
    let asked = of_three["kinds"].as_array().expect("kinds").iter().find(|kind| kind["kind"] == "groups");
    assert_eq!(asked.expect("groups")["needs_confirmation"].as_array().expect("rows").len(), 1, "each group once");
    let preview = admin.post("/api/v1/merges/preview", request(&anna, &[&dupe])).await.json();
    let groups = preview["kinds"]
        .as_array()
        .expect("kinds")
        .iter()
        .find(|kind| kind["kind"] == "groups")
        .expect("groups")
        .clone();
    assert_eq!(groups["needs_confirmation"], json!([{ "id": wholesale["id"], "name": "Wholesale" }]));
    assert_eq!(groups["moves"], 1);
    let done = merge(&admin, &anna, &[&dupe]).await;
    assert_eq!(admin.get(&path(&anna)).await.json()["group_ids"].as_array().expect("groups").len(), 1);
    undo(&admin, &done, json!({})).await;
    assert_eq!(facts(&admin.get(&path(&dupe)).await.json()), facts(&dupe));
    let mut body = request(&anna, &[&dupe]);
    body["confirm"] = json!([wholesale["id"]]);
    assert_eq!(admin.post("/api/v1/merges", body).await.status, StatusCode::CREATED);
    assert_eq!(admin.get(&path(&anna)).await.json()["group_ids"].as_array().expect("groups").len(), 2);
}

#[both_databases]
async fn sub_accounts_follow_and_come_back(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let child = api.customer(json!({ "last_name": "Child", "owner": id(&robert) })).await;
    let done = merge(&api, &bob, &[&robert]).await;
    assert_eq!(api.get(&path(&child)).await.json()["owner_id"], bob["id"]);
    undo(&api, &done, json!({})).await;
    assert_eq!(facts(&api.get(&path(&child)).await.json()), facts(&child));
    // The survivor was a sub-account of the record that becomes part of it.
    api.patch(&path(&bob), 3, json!({ "owner": id(&robert) })).await;
    let done = merge(&api, &bob, &[&robert]).await;
    assert_eq!(api.get(&path(&bob)).await.json()["owner_id"], Value::Null);
    undo(&api, &done, json!({})).await;
    assert_eq!(api.get(&path(&bob)).await.json()["owner_id"], robert["id"]);
}

#[both_databases]
async fn only_those_who_may_merge_and_undo(shop: TestShop) {
    let manager = shop.api("manager").await;
    let (bob, robert) = two(&manager).await;
    let reader = shop.api("reader").await;
    for way in ["/api/v1/merges", "/api/v1/merges/preview"] {
        assert_eq!(reader.post(way, request(&bob, &[&robert])).await.refusal(), "403 permission_missing", "{way}");
    }
    let done = merge(&manager, &bob, &[&robert]).await;
    let way = format!("/api/v1/merges/{}", id(&done));
    assert_eq!(reader.post(&format!("{way}/undo"), json!({})).await.refusal(), "403 permission_missing");
    assert_eq!(reader.post(&format!("{way}/finalise"), json!({})).await.refusal(), "403 permission_missing");
    assert_eq!(reader.get(&way).await.status, StatusCode::OK);
}

#[both_databases]
async fn a_window_ends_by_time_or_by_hand(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let done = merge(&api, &bob, &[&robert]).await;
    let way = format!("/api/v1/merges/{}", id(&done));
    shop.app.clock.advance(90 * 86_400_000_000 + 1);
    assert_eq!(api.post(&format!("{way}/undo"), json!({})).await.refusal(), "409 undo_window_over");
    let third = api.customer(json!({ "last_name": "Third" })).await;
    let done = merge(&api, &bob, &[&third]).await;
    let way = format!("/api/v1/merges/{}", id(&done));
    assert_eq!(api.post(&format!("{way}/finalise"), json!({})).await.status, StatusCode::OK);
    assert_eq!(api.post(&format!("{way}/undo"), json!({})).await.refusal(), "409 merge_final");
}

#[both_databases]
async fn an_undo_gives_nobody_what_another_merge_brought(shop: TestShop) {
    let api = shop.api("manager").await;
    let (a, b) = two(&api).await;
    shop.app.clock.advance(60_000_000);
    let first = merge(&api, &a, &[&b]).await;
    shop.app.clock.advance(60_000_000);
    let c = api
        .customer(
            json!({ "first_name": "Carl", "last_name": "Jones", "email": "c@third.example", "phone": "030 111 2222" }),
        )
        .await;
    let second = merge(&api, &a, &[&c]).await;
    let read = api.get(&format!("/api/v1/merges/{}", id(&first))).await.json();
    assert_eq!(read["came_after"], json!([]), "C's rows are C's");
    let assign = json!([{ "kind": "emails", "row_id": c["emails"][0]["id"], "customer_id": b["id"] }]);
    let taken = api.post(&format!("/api/v1/merges/{}/undo", id(&first)), json!({ "assign": assign })).await;
    assert_eq!(taken.refusal(), "422 invalid assign.0=not_after_merge");
    undo(&api, &first, json!({})).await;
    undo(&api, &second, json!({})).await;
    for customer in [&a, &b, &c] {
        assert_eq!(facts(&api.get(&path(customer)).await.json()), facts(customer));
    }
}

#[both_databases]
async fn an_undo_makes_no_circle_and_no_parent_that_is_gone(shop: TestShop) {
    let api = shop.api("manager").await;
    let parent = api.customer(json!({ "last_name": "Parent" })).await;
    let (a, _) = two(&api).await;
    let b = api.customer(json!({ "last_name": "Below", "owner": id(&parent) })).await;
    let child = api.customer(json!({ "last_name": "Child", "owner": id(&b) })).await;
    let mut body = request(&a, &[&b]);
    body["choices"] = json!({ "fields": { "owner": id(&a) } });
    let done = api.post("/api/v1/merges", body.clone()).await.json();
    let answer = api.patch(&path(&parent), 1, json!({ "owner": id(&child) })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let undone = undo(&api, &done, json!({})).await;
    assert_eq!(undone["remarks"][0]["code"], "parent_circle", "{undone}");
    let sql = "select count(*) from customer a join customer b on b.id = a.owner_id join customer c on c.id = b.owner_id \
        where c.owner_id = a.id";
    assert_eq!(shop.count(sql).await, 0, "a circle of three");

    let gone = api.customer(json!({ "last_name": "Gone" })).await;
    let under = api.customer(json!({ "last_name": "Under", "owner": id(&gone) })).await;
    let mut body = request(&a, &[&under]);
    body["choices"] = json!({ "fields": { "owner": id(&a) } });
    let done = api.post("/api/v1/merges", body).await.json();
    assert_eq!(api.delete(&path(&gone)).await.status, StatusCode::NO_CONTENT);
    let undone = undo(&api, &done, json!({})).await;
    assert_eq!(undone["remarks"][0]["code"], "parent_gone", "{undone}");
    assert_eq!(api.get(&path(&under)).await.json()["owner_id"], Value::Null);
}

#[both_databases]
async fn an_undo_says_what_does_not_come_back(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let done = merge(&api, &bob, &[&robert]).await;
    let merged = api.get(&path(&bob)).await.json();
    let version = merged["version"].as_i64().expect("a version");
    api.patch(&path(&bob), version, json!({ "emails": [merged["emails"][0]] })).await;
    let undone = undo(&api, &done, json!({})).await;
    assert_eq!(undone["remarks"][0]["code"], "rows_gone", "{undone}");
    assert_eq!(undone["merge"]["remarks"][0]["code"], "rows_gone", "it is kept with the merge: {undone}");
    let put_back = format!("{}/put-back", path(&bob));
    let refused = api.post(&put_back, json!({ "moment": "v2" })).await;
    assert!(refused.status.is_client_error(), "rows of another customer are not taken: {}", refused.text);
}

#[both_databases]
async fn what_a_part_that_stays_has_is_not_taken_away_with_another(shop: TestShop) {
    let api = shop.api("manager").await;
    let survivor = api.customer(json!({ "last_name": "Jones", "email": "a@jones.example" })).await;
    let one = json!({ "title": "Dr", "first_name": "Rob", "last_name": "Jones", "vat_number": "NL123456782B12" });
    let other = json!({ "title": "Prof", "first_name": "Rob", "last_name": "Jones", "vat_number": "NL123456782B12" });
    let (one, other) = (api.customer(one).await, api.customer(other).await);
    let done = merge(&api, &survivor, &[&one, &other]).await;
    undo(&api, &done, json!({ "parts": [id(&one)] })).await;
    let left = api.get(&path(&survivor)).await.json();
    assert_eq!((&left["title"], &left["first_name"]), (&json!("Prof"), &json!("Rob")), "of the one that stays");
    assert_eq!(left["vat_number"], one["vat_number"]);
    assert_eq!(facts(&api.get(&path(&one)).await.json()), facts(&one));
    let read = api.get(&format!("/api/v1/merges/{}", id(&done))).await.json();
    let fields = |part: &Value| {
        let parts = read["parts"].as_array().expect("parts");
        parts.iter().find(|known| known["customer_id"] == part["id"]).expect("a part")["fields"].clone()
    };
    assert!(fields(&other).as_array().expect("fields").contains(&json!("vat_number")), "{read}");
    undo(&api, &done, json!({})).await;
    assert_eq!(facts(&api.get(&path(&survivor)).await.json()), facts(&survivor));
    assert_eq!(facts(&api.get(&path(&other)).await.json()), facts(&other));
}

#[both_databases]
async fn the_workspace_finds_whom_to_add_and_nobody_who_cannot_be(shop: TestShop) {
    let api = shop.api("manager").await;
    let (bob, robert) = two(&api).await;
    let gone = api.customer(json!({ "last_name": "Jones", "first_name": "Gone" })).await;
    let into = api.customer(json!({ "last_name": "Elsewhere" })).await;
    merge(&api, &into, &[&gone]).await;
    let manager = shop.staff("manager").await;
    let found = manager.get(&format!("/merge/find?ids={}&add=jones", id(&bob))).await;
    assert_eq!(found.status, StatusCode::OK);
    let offers = |one: &Value| found.text.contains(&format!("ids={}&#38;ids={}", id(&bob), id(one)));
    assert!(offers(&robert), "{}", found.text);
    assert!(!offers(&bob), "it is in the merge already");
    assert!(!offers(&gone), "it became part of another");
    let missing = "018f0000-0000-7000-8000-000000000000";
    let page = manager.get(&format!("/merge?ids={}&ids={missing}&ids={}", id(&bob), id(&robert))).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(
        page.text.contains("One of these records does not exist. It was left out.")
            && page.text.contains("Merge 2 records")
    );
    assert!(page.text.contains("One record leaves the list; everything of it"), "{}", page.text);
    assert_eq!(shop.staff("reader").await.get("/merge/find?add=jones").await.status, StatusCode::FORBIDDEN);
}
