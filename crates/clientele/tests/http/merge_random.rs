//! Random customers merged and split again: the dump before is the dump after, and no later edit is lost (R2).

use std::collections::BTreeMap;

use axum::http::StatusCode;
use platform::db::SqlExt;
use platform::registry::Role;
use platform::sea_orm::JsonValue;
use serde_json::{Value, json};
use testing_macros::both_databases;
use uuid::Uuid;

use crate::harness::{Client, TestShop};
use crate::later::{fill, with_later_kinds};
use crate::random::{Dice, World, edit, world};

/// Pairs and triples merged and undone in each test of the everyday suite, and in the long one.
const CASES: usize = 334;
const MANY_CASES: usize = 10_000;
/// Customers among which a test picks.
const CROWD: usize = 24;

/// What of a record an undo does not bring back: it grows with every change.
const NEWER: [&str; 2] = ["version", "updated_at"];

/// Every row of every registered kind that names one of these customers, and the customers themselves.
pub async fn dump(shop: &TestShop, ids: &[Uuid]) -> BTreeMap<String, Vec<Value>> {
    let places = (1..=ids.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let params = || ids.iter().map(|id| (*id).into()).collect();
    let mut dump = BTreeMap::new();
    for (table, record) in shop.app.registry.records() {
        let owned = record.customer_columns.iter().filter(|column| matches!(column.role, Role::Owner | Role::Parent));
        let mut columns: Vec<&str> = owned.map(|column| column.column).collect();
        if table.name == "customer" {
            columns.push("id");
        }
        for column in columns {
            let sql = format!("select * from {} where {column} in ({places})", table.name);
            let mut rows: Vec<JsonValue> = shop.app.db.read().all(&sql, params()).await.expect("rows");
            for row in rows.iter_mut().filter(|_| table.name == "customer") {
                NEWER.iter().for_each(|column| drop(row.as_object_mut().expect("a row").remove(*column)));
            }
            rows.sort_by_key(Value::to_string);
            dump.insert(format!("{}.{column}", table.name), rows);
        }
    }
    dump
}

/// The columns that differ, row by row.
fn differences(table: &str, before: &[Value], after: &[Value]) -> Vec<String> {
    let gone = before.iter().filter(|row| !after.contains(row));
    let mut new: Vec<&Value> = after.iter().filter(|row| !before.contains(row)).collect();
    let mut found = Vec::new();
    for row in gone {
        let Some(at) = new.iter().position(|one| one.get("id") == row.get("id")) else {
            found.push(format!("{table} lost {row}"));
            continue;
        };
        let now = new.remove(at);
        let columns = row.as_object().expect("a row").iter().filter(|(column, value)| now[*column] != **value);
        found.extend(columns.map(|(column, value)| format!("{table}.{column}: {value} became {}", now[column])));
    }
    found.extend(new.into_iter().map(|row| format!("{table} gained {row}")));
    found
}

fn id(customer: &Value) -> Uuid {
    customer["id"].as_str().expect("an id").parse().expect("an id")
}

async fn read(api: &Client<'_>, id: Uuid) -> Value {
    let answer = api.get(&format!("/api/v1/customers/{id}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

/// A few edits as anybody could make them; what the rules refuse is left out.
async fn edits(api: &Client<'_>, dice: &mut Dice, world: &World, id: Uuid, count: usize) {
    for _ in 0..count {
        let now = read(api, id).await;
        let body = edit(dice, &now, world);
        let version = now["version"].as_i64().expect("a version");
        let answer = api.patch(&format!("/api/v1/customers/{id}"), version, body).await;
        let expected = [StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY];
        assert!(expected.contains(&answer.status), "{}", answer.text);
    }
}

struct Case {
    survivor: Uuid,
    parts: Vec<Uuid>,
    merge: String,
}

async fn random_merge(api: &Client<'_>, dice: &mut Dice, crowd: &[Uuid]) -> Case {
    merge_into(api, dice, crowd, Vec::new()).await
}

/// Merges into a survivor, if one is named, and one or two others.
async fn merge_into(api: &Client<'_>, dice: &mut Dice, crowd: &[Uuid], mut order: Vec<Uuid>) -> Case {
    while order.len() < 2 + dice.below(2) {
        let one = *dice.pick(crowd);
        if !order.contains(&one) {
            order.push(one);
        }
    }
    let policy = *dice.pick(&["survivor", "newest", "most_complete", "most_restrictive", "source"]);
    let mut choices = json!({ "policy": policy, "fields": {} });
    for field in ["first_name", "title", "account_code", "home_channel", "active"] {
        if dice.below(4) == 0 {
            choices["fields"][field] = json!(dice.pick(&order));
        }
    }
    let body = json!({ "survivor_id": order[0], "absorbed_ids": order[1..], "choices": choices });
    let preview = api.post("/api/v1/merges/preview", body.clone()).await.json();
    let mut body = body;
    body["plan"] = preview["plan"].clone();
    let answer = api.post("/api/v1/merges", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let merge = answer.json()["id"].as_str().expect("an id").to_owned();
    Case { survivor: order[0], parts: order[1..].to_vec(), merge }
}

/// Undoes whole or part by part, in any order of the parts; answers whether a later merge stands in the way.
async fn undo(api: &Client<'_>, dice: &mut Dice, case: &Case) -> bool {
    let whole = dice.below(2) == 0;
    let mut parts: Vec<Value> = match whole {
        true => vec![json!({})],
        false => case.parts.iter().map(|part| json!({ "parts": [part] })).collect(),
    };
    if dice.below(2) == 0 {
        parts.reverse();
    }
    for body in parts {
        let answer = api.post(&format!("/api/v1/merges/{}/undo", case.merge), body).await;
        if answer.status == StatusCode::CONFLICT {
            assert_eq!(answer.refusal(), "409 later_merge");
            return true;
        }
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(answer.json()["remarks"], json!([]));
    }
    false
}

async fn crowd(api: &Client<'_>, dice: &mut Dice, world: &World) -> Vec<Uuid> {
    let mut crowd = Vec::new();
    for number in 0..CROWD {
        let customer = api.customer(json!({ "last_name": format!("Bos {number}"), "country": "NL" })).await;
        edits(api, dice, world, id(&customer), 6).await;
        crowd.push(id(&customer));
    }
    crowd
}

async fn merged_and_split(shop: TestShop, seed: u64, cases: usize) {
    let shop = &with_later_kinds(shop).await;
    let api = shop.api("administrator").await;
    let mut dice = Dice(seed);
    let world = world(&api).await;
    let crowd = crowd(&api, &mut dice, &world).await;
    fill(shop, &mut dice, &crowd).await;
    for case in 0..cases {
        let one = *dice.pick(&crowd);
        edits(&api, &mut dice, &world, one, 1).await;
        let before = dump(shop, &crowd).await;
        let merged = random_merge(&api, &mut dice, &crowd).await;
        assert_ne!(dump(shop, &crowd).await, before, "case {case} merged nothing");
        if dice.below(3) == 0 {
            undo_after_another(&api, &mut dice, &crowd, &merged).await;
        } else {
            assert!(!undo(&api, &mut dice, &merged).await, "nothing stands in the way");
        }
        let after = dump(shop, &crowd).await;
        let differences: Vec<String> =
            before.iter().flat_map(|(table, rows)| differences(table, rows, &after[table])).collect();
        assert!(differences.is_empty(), "case {case} of seed {seed}:\n{}", differences.join("\n"));
    }
}

/// A second merge into the same survivor; then both are undone, the first one first where that is possible.
async fn undo_after_another(api: &Client<'_>, dice: &mut Dice, crowd: &[Uuid], first: &Case) {
    let standing: Vec<Uuid> = crowd.iter().copied().filter(|id| !first.parts.contains(id)).collect();
    let second = merge_into(api, dice, &standing, vec![first.survivor]).await;
    let is_refused = undo(api, dice, first).await;
    assert!(!undo(api, dice, &second).await, "the last merge can be undone");
    if is_refused {
        let read = api.get(&format!("/api/v1/merges/{}", first.merge)).await.json();
        let is_left = |part: &&Value| part["undone_at"].is_null();
        let left = read["parts"].as_array().expect("parts").iter().filter(is_left);
        let parts = left.map(|part| part["customer_id"].as_str().expect("an id").parse().expect("an id")).collect();
        let rest = Case { survivor: first.survivor, parts, merge: first.merge.clone() };
        assert!(!undo(api, dice, &rest).await, "nothing stands in the way any more");
    }
}

#[both_databases]
async fn a_merge_undone_leaves_every_row_as_it_was_1(shop: TestShop) {
    merged_and_split(shop, 1, CASES).await;
}

#[both_databases]
async fn a_merge_undone_leaves_every_row_as_it_was_2(shop: TestShop) {
    merged_and_split(shop, 2, CASES).await;
}

#[both_databases]
#[ignore = "takes minutes: make test-long"]
async fn ten_thousand_merges_undone_leave_every_row_as_it_was(shop: TestShop) {
    merged_and_split(shop, 10, MANY_CASES).await;
}

/// The contact rows of some customers without their owner and place, by id.
async fn contacts(shop: &TestShop, ids: &[Uuid]) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (table, rows) in dump(shop, ids).await {
        if !["customer_email.customer_id", "customer_phone.customer_id", "customer_address.customer_id"]
            .contains(&table.as_str())
        {
            continue;
        }
        for mut row in rows {
            let body = row.as_object_mut().expect("a row");
            for place in ["customer_id", "position", "is_primary", "is_billing", "is_delivery"] {
                body.remove(place);
            }
            found.insert(row["id"].to_string(), row);
        }
    }
    found
}

const TEXTS: [&str; 6] = ["title", "first_name", "last_name", "vat_number", "company_name", "language"];

async fn edits_survive(shop: TestShop, seed: u64, cases: usize) {
    let shop = &with_later_kinds(shop).await;
    let api = shop.api("administrator").await;
    let mut dice = Dice(seed);
    let world = world(&api).await;
    let crowd = crowd(&api, &mut dice, &world).await;
    fill(shop, &mut dice, &crowd).await;
    for case in 0..cases {
        let merged = random_merge(&api, &mut dice, &crowd).await;
        let all: Vec<Uuid> = merged.parts.iter().chain([&merged.survivor]).copied().collect();
        let at_merge = read(&api, merged.survivor).await;
        let count = 1 + dice.below(3);
        edits(&api, &mut dice, &world, merged.survivor, count).await;
        let edited = read(&api, merged.survivor).await;
        let rows = contacts(shop, &all).await;
        let answer = api.post(&format!("/api/v1/merges/{}/undo", merged.merge), json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(contacts(shop, &all).await, rows, "case {case} of seed {seed}: a row was lost or changed");
        let after = read(&api, merged.survivor).await;
        for field in TEXTS.iter().filter(|field| edited[**field] != at_merge[**field]) {
            assert_eq!(after[*field], edited[*field], "case {case} of seed {seed}: {field}");
        }
        for part in &merged.parts {
            read(&api, *part).await;
        }
    }
}

#[both_databases]
async fn edits_after_a_merge_survive_its_undo(shop: TestShop) {
    edits_survive(shop, 3, CASES).await;
}

#[both_databases]
#[ignore = "takes minutes: make test-long"]
async fn edits_after_ten_thousand_merges_survive_their_undo(shop: TestShop) {
    edits_survive(shop, 20, MANY_CASES).await;
}
