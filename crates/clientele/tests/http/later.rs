//! Kinds of records as an area that is built later would add them: orders with two customers, wishes that collapse when
//! equal, a card that each customer has once, seats of events without an id of their own. Merging knows none of them.

use axum::http::StatusCode;
use platform::app::{App, Module};
use platform::db::{Migration, SqlExt};
use platform::ids::new_id;
use platform::params;
use platform::registry::{CustomerColumn, OnMerge, RecordKind, Role, Table, Union, not_personal};
use serde_json::{Value, json};
use testing_macros::both_databases;
use uuid::Uuid;

use crate::harness::TestShop;
use crate::merge_random::dump;
use crate::random::Dice;

const SCHEMA: &str = "
create table later_order (id {uuid} primary key not null, customer_id {uuid} not null references customer (id),
    billed_to {uuid} not null references customer (id), number text not null);
create table later_wish (id {uuid} primary key not null, customer_id {uuid} not null references customer (id),
    sku text not null, position bigint not null, is_favourite boolean not null);
create table later_card (id {uuid} primary key not null, customer_id {uuid} not null references customer (id), code text not null);
create table later_seat (customer_id {uuid} not null references customer (id), evening_id {uuid} not null, primary key (customer_id, evening_id));
";

const OWNER: CustomerColumn = CustomerColumn { column: "customer_id", role: Role::Owner };

const fn kind(
    key: &'static str,
    row_key: &'static [&'static str],
    label: &'static str,
    on_merge: OnMerge,
) -> RecordKind {
    RecordKind { key, name: key, row_key, customer_columns: &[OWNER], on_merge, label, delete_guard: None, tab: None }
}

const fn union(equal: &'static [&'static str]) -> Union {
    Union { equal, position: None, one_of: &[], confirm: None }
}

const BILLED: CustomerColumn = CustomerColumn { column: "billed_to", role: Role::Owner };
const WISHES: Union = Union { position: Some("position"), one_of: &["is_favourite"], ..union(&["sku"]) };

const TABLES: &[Table] = &[
    Table {
        name: "later_order",
        columns: &[("number", not_personal("a running number"))],
        record: Some(RecordKind {
            customer_columns: &[OWNER, BILLED],
            ..kind("orders", &["id"], "t.number", OnMerge::Move)
        }),
    },
    Table {
        name: "later_wish",
        columns: &[("sku", not_personal("a product"))],
        record: Some(kind("wishes", &["id"], "t.sku", OnMerge::Union(WISHES))),
    },
    Table {
        name: "later_card",
        columns: &[("code", not_personal("a running number"))],
        record: Some(kind("cards", &["id"], "t.code", OnMerge::KeepOne)),
    },
    Table {
        name: "later_seat",
        columns: &[],
        record: Some(kind("seats", &["customer_id", "evening_id"], "", OnMerge::Union(union(&["evening_id"])))),
    },
];

/// An area with the four kinds.
fn module() -> Module {
    let migrations = vec![Migration { name: "later_0001", sql: SCHEMA }];
    Module { name: "later", tables: TABLES.to_vec(), migrations, ..Module::default() }
}

/// The shop with the later area added.
pub async fn with_later_kinds(shop: TestShop) -> TestShop {
    let mut modules = clientele::program::modules();
    modules.push(module());
    platform::server::prepare(&shop.app.db, &modules, shop.app.clock.now()).await.expect("migrated");
    let parts = &shop.app;
    let app = App::new(parts.db.clone(), parts.clock.clone(), parts.blobs.clone(), parts.options.clone(), &modules);
    shop.with_app(app)
}

async fn insert(shop: &TestShop, sql: &str, values: Vec<platform::sea_orm::Value>) {
    let tx = shop.app.begin_write().await.expect("a transaction");
    tx.run(sql, values).await.expect("inserted");
    tx.commit().await.expect("committed");
}

async fn order(shop: &TestShop, customer: Uuid, billed: Uuid, number: &str) -> Uuid {
    let id = new_id(shop.app.clock.now());
    let sql = "insert into later_order (id, customer_id, billed_to, number) values ($1, $2, $3, $4)";
    insert(shop, sql, params![id, customer, billed, number]).await;
    id
}

async fn wish(shop: &TestShop, customer: Uuid, sku: &str, position: i64, is_favourite: bool) {
    let sql = "insert into later_wish (id, customer_id, sku, position, is_favourite) values ($1, $2, $3, $4, $5)";
    insert(shop, sql, params![new_id(shop.app.clock.now()), customer, sku, position, is_favourite]).await;
}

async fn card(shop: &TestShop, customer: Uuid, code: &str) {
    let sql = "insert into later_card (id, customer_id, code) values ($1, $2, $3)";
    insert(shop, sql, params![new_id(shop.app.clock.now()), customer, code]).await;
}

async fn seat(shop: &TestShop, customer: Uuid, evening: Uuid) {
    insert(shop, "insert into later_seat (customer_id, evening_id) values ($1, $2)", params![customer, evening]).await;
}

/// Random rows of the later kinds for a crowd.
pub async fn fill(shop: &TestShop, dice: &mut Dice, crowd: &[Uuid]) {
    let evenings = [new_id(1), new_id(1), new_id(1)];
    for (at, customer) in crowd.iter().enumerate() {
        for number in 0..dice.below(3) {
            order(shop, *customer, *dice.pick(crowd), &format!("O-{at}-{number}")).await;
        }
        for position in 0..dice.below(4) {
            let sku = *dice.pick(&["lamp", "chair", "table"]);
            wish(shop, *customer, sku, i64::try_from(position).expect("small"), position == 0).await;
        }
        if dice.below(2) == 0 {
            card(shop, *customer, &format!("K-{at}")).await;
        }
        for evening in evenings.iter().take(dice.below(4)) {
            seat(shop, *customer, *evening).await;
        }
    }
}

async fn owners(shop: &TestShop, sql: &str) -> Vec<String> {
    shop.app.db.read().values::<String>(sql, vec![]).await.expect("rows")
}

#[both_databases]
async fn kinds_that_are_built_later_are_merged_and_undone(shop: TestShop) {
    let shop = with_later_kinds(shop).await;
    assert_eq!(shop.app.registry.check(&shop.app.db).await.expect("the schema"), Vec::<String>::new());
    let api = shop.api("manager").await;
    let id = |customer: &Value| -> Uuid { customer["id"].as_str().expect("an id").parse().expect("an id") };
    let bob = id(&api.customer(json!({ "last_name": "Jones", "first_name": "Bob" })).await);
    let rob = id(&api.customer(json!({ "last_name": "Jones", "first_name": "Rob" })).await);
    let other = id(&api.customer(json!({ "last_name": "Else" })).await);
    let evening = new_id(1);
    order(&shop, rob, other, "1").await;
    order(&shop, other, rob, "2").await;
    order(&shop, bob, rob, "3").await;
    wish(&shop, bob, "lamp", 0, true).await;
    wish(&shop, rob, "lamp", 0, false).await;
    wish(&shop, rob, "chair", 1, true).await;
    card(&shop, bob, "B").await;
    card(&shop, rob, "R").await;
    seat(&shop, bob, evening).await;
    seat(&shop, rob, evening).await;
    seat(&shop, rob, new_id(1)).await;
    let all = [bob, rob, other];
    let before = dump(&shop, &all).await;

    let request = json!({ "survivor_id": bob, "absorbed_ids": [rob] });
    let preview = api.post("/api/v1/merges/preview", request.clone()).await.json();
    let moves = |kind: &str| -> Vec<(i64, i64)> {
        let kinds = preview["kinds"].as_array().expect("kinds").iter().filter(|one| one["kind"] == kind);
        kinds.map(|one| (one["moves"].as_i64().expect("a number"), one["same"].as_i64().expect("a number"))).collect()
    };
    assert_eq!(moves("orders"), [(1, 0), (2, 0)], "by customer and by who pays");
    assert_eq!((moves("wishes"), moves("cards"), moves("seats")), (vec![(1, 1)], vec![(0, 1)], vec![(1, 1)]));
    shop.app.clock.advance(60_000_000);
    let done = api.post("/api/v1/merges", request).await.json();
    let sql = format!("select number from later_order where customer_id = '{bob}' order by number");
    let by_text = |sql: String| match shop.engine {
        crate::harness::Engine::Postgres => sql,
        crate::harness::Engine::Sqlite => sql.replace(&format!("'{bob}'"), &format!("x'{}'", bob.simple())),
    };
    assert_eq!(owners(&shop, &by_text(sql)).await, ["1", "3"]);
    let sql = format!("select sku from later_wish where customer_id = '{bob}' and is_favourite order by position");
    assert_eq!(owners(&shop, &by_text(sql)).await, ["lamp"], "the survivor's favourite stays the only one");

    // An order that came since is given to the part in the undo dialog.
    shop.app.clock.advance(60_000_000);
    let late = order(&shop, bob, bob, "4").await;
    let read = api.get(&format!("/api/v1/merges/{}", done["id"].as_str().expect("an id"))).await.json();
    let came = read["came_after"].as_array().expect("rows").iter().filter(|row| row["row_id"] == json!(late));
    assert_eq!(came.count(), 1, "once, though it names the customer twice: {read}");
    let assign = json!({ "assign": [{ "kind": "orders", "row_id": late, "customer_id": rob }] });
    let undo = format!("/api/v1/merges/{}/undo", done["id"].as_str().expect("an id"));
    let undone = api.post(&undo, assign).await;
    assert_eq!((undone.status, &undone.json()["remarks"]), (StatusCode::OK, &json!([])), "{}", undone.text);
    let owner = shop.app.db.read();
    let sql = "select count(*) from later_order where id = $1 and customer_id = $2 and billed_to = $2";
    assert_eq!(owner.value::<i64>(sql, params![late, rob]).await.expect("a row"), Some(1));
    insert(&shop, "delete from later_order where id = $1", params![late]).await;
    assert_eq!(dump(&shop, &all).await, before);
}
