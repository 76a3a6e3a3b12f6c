//! Visibility across channels (R26): somebody who belongs to channels, in a shop that keeps them apart, sees the customers of
//! these and nobody else's, on any surface, and writes no others.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use customers::customer::list::{self, ListFilter};
use customers::generate::random::Chance;
use customers::{lineup, search};
use platform::auth::{Reach, Sight};
use platform::db::SqlExt;
use platform::live::{News, Watch};
use platform::params;
use serde_json::{Value, json};
use testing_macros::both_databases;
use uuid::Uuid;

use crate::harness::{Browser, Client, TestShop};
use crate::imports::import;

/// Texts of the customer of the other channel, as they could show on any surface.
const CANARIES: [&str; 6] = ["Zqotto", "zqotto", "Zqverborgen", "zqverborgen", "ZQACC77", "55501234"];

pub struct World {
    pub own: String,
    pub other: String,
    /// In the channel of the manager, in the other one, in both.
    pub mine: Value,
    pub theirs: Value,
    pub both: Value,
    pub group: String,
    pub company: String,
}

pub fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id: {value}")).to_owned()
}

/// Lets people see the customers of their channels only, or everybody's.
pub async fn keep_apart(shop: &TestShop, apart: bool) {
    let admin = shop.api("administrator").await;
    let mut rules = admin.get("/api/v1/settings/customers").await.json();
    rules["own_channels_only"] = json!(apart);
    let saved = admin.send(Method::PUT, "/api/v1/settings/customers", Some(rules)).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
}

/// Puts the person with this role into channels, by id or name.
pub async fn belong(shop: &TestShop, role: &str, channels: &[&str]) {
    let admin = shop.api("administrator").await;
    let staff = admin.get("/api/v1/staff").await.json();
    let person = staff["items"].as_array().expect("staff").iter().find(|person| person["role"] == role).expect("them");
    let body = json!({ "email": person["email"], "name": person["name"], "role": role, "active": true,
        "channels": channels });
    let api = admin.with("if-match", &format!("\"v{}\"", person["version"]));
    let saved = api.send(Method::PUT, &format!("/api/v1/staff/{}", id(person)), Some(body)).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
}

pub async fn world(shop: &TestShop) -> World {
    let admin = shop.api("administrator").await;
    let mut channels = Vec::new();
    for (name, prefix) in [("Zqown", "ZQOWN"), ("Zqother", "ZQOTH")] {
        let body = json!({ "name": name, "kind": "shop", "number_prefix": prefix });
        channels.push(id(&admin.post("/api/v1/channels", body).await.json()));
    }
    let group = id(&admin.post("/api/v1/groups", json!({ "name": "Zqgroup" })).await.json());
    let company = id(&admin.post("/api/v1/companies", json!({ "name": "Bakery" })).await.json());
    let body = |name: &str, home: &str, further: &[&str]| {
        json!({ "first_name": name, "last_name": "Bakker", "status": "in_store", "home_channel": home,
            "channels": further, "groups": ["Zqgroup"], "company": "Bakery" })
    };
    let mine = admin.customer(body("Mia", "Zqown", &[])).await;
    let both = admin.customer(body("Bo", "Zqother", &["Zqown"])).await;
    let mut theirs = body("Zqotto", "Zqother", &[]);
    theirs["last_name"] = json!("Zqverborgen");
    theirs["emails"] = json!([{ "address": "zqotto@zqverborgen.example", "is_primary": true }]);
    theirs["phones"] = json!([{ "number": "06 55501234", "is_primary": true }]);
    theirs["account_code"] = json!("ZQACC77");
    let theirs = admin.customer(theirs).await;
    // Whom one sees can have a parent whom one does not see, and the other way round.
    let link = async |child: &Value, owner: &Value| {
        admin.patch(&format!("/api/v1/customers/{}", id(child)), 1, json!({ "owner": owner["id"] })).await.json()
    };
    let mine = link(&mine, &theirs).await;
    let theirs = link(&theirs, &both).await;
    let [own, other] = channels.try_into().expect("two channels");
    World { own, other, mine, theirs, both, group, company }
}

/// A shop kept apart, with the manager in one channel.
pub async fn apart(shop: &TestShop) -> World {
    let world = world(shop).await;
    belong(shop, "manager", &["Zqown"]).await;
    keep_apart(shop, true).await;
    world
}

/// Every address that can be read, with every id that could stand in it.
fn addresses(shop: &TestShop, ids: &[String], is_api: bool) -> BTreeSet<String> {
    let routes = shop.routes.iter().filter(|route| route.method == Method::GET && route.is_api == is_api);
    let mut all = BTreeSet::new();
    for route in routes.filter(|route| route.path != "/live" && !route.path.starts_with("/profile")) {
        let mut paths = vec![String::new()];
        for part in route.path.split('/').skip(1) {
            let choices: Vec<&str> = match part {
                "{list}" => vec!["source"],
                "{by}" => vec!["channel", "group"],
                "customers.{format}" => vec!["customers.csv", "customers.jsonl"],
                part if part.starts_with('{') => ids.iter().map(String::as_str).collect(),
                part => vec![part],
            };
            paths =
                paths.iter().flat_map(|path| choices.iter().map(move |choice| format!("{path}/{choice}"))).collect();
        }
        all.extend(paths);
    }
    all
}

/// Where the customer of the other channel is told of.
async fn told(shop: &TestShop, page: &Browser<'_>, api: &Client<'_>, ids: &[String], theirs: &str) -> Vec<String> {
    let mut asked: Vec<String> = addresses(shop, ids, false).into_iter().collect();
    for query in [
        "/customers?q=Zqotto",
        "/customers?activity=all&name=zqver",
        "/customers?email=zqotto",
        "/search?q=Zqverborgen",
        "/search?q=zqotto@zqverborgen.example",
        "/search?q=55501234",
        "/search?q=ZQACC77",
        "/merge/find?add=Zqotto",
    ] {
        asked.push(query.to_owned());
    }
    asked.push(format!("/customers?id={theirs}"));
    asked.push(format!("/merge?id={theirs}&id={}", ids[0]));
    let mut places = Vec::new();
    for path in asked {
        let answer = page.get(&path).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.text);
        let echoed = path.contains('?');
        if told_by(&answer.text, theirs, echoed) {
            places.push(path);
        }
    }
    let mut asked: Vec<String> = addresses(shop, ids, true).into_iter().collect();
    for query in ["customers?q=Zqotto", "search?q=zqverborgen", "search?q=ZQOTH-10001", "customers?phone=55501234"] {
        asked.push(format!("/api/v1/{query}"));
    }
    asked.push(format!("/api/v1/merges?customer={theirs}"));
    asked.push(format!("/api/v1/duplicates/decisions?customer={theirs}"));
    for path in asked {
        let answer = api.get(&path).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.text);
        if told_by(&answer.text, theirs, path.contains('?')) {
            places.push(path);
        }
    }
    places
}

/// A page repeats the question that was typed, so where one was asked only the link to the customer tells.
fn told_by(text: &str, theirs: &str, echoed: bool) -> bool {
    let link = format!("/customers/{theirs}");
    text.contains(&link) || (!echoed && CANARIES.iter().any(|canary| text.contains(canary)))
}

#[both_databases]
async fn a_customer_of_another_channel_is_nowhere(shop: TestShop) {
    let world = apart(&shop).await;
    let theirs = id(&world.theirs);
    let manager = shop.api("manager").await;
    let view = manager.post("/api/v1/views", json!({ "name": "All", "query": "activity=all" })).await.json();
    let view = view["id"].as_str().unwrap_or_default().to_owned();
    let admin = shop.api("administrator").await;
    let file = "first_name,last_name,email,channel\nZqotto,Zqverborgen,broken,Zqother\n";
    let imported = import(&shop, &admin, file, json!({})).await;
    let plan = json!({ "action": "activate", "ids": [theirs, id(&world.mine)] });
    let plan = admin.post("/api/v1/bulk-plans", plan).await.json();
    shop.run_jobs().await;
    let plan = plan["id"].as_str().unwrap_or_default().to_owned();
    assert!(!view.is_empty() && !plan.is_empty(), "{view} {plan}");
    let ids = [id(&world.mine), theirs.clone(), world.group.clone(), world.company.clone(), view, id(&imported), plan];
    let (page, api) = (shop.staff("manager").await, shop.api("manager").await);
    assert_eq!(told(&shop, &page, &api, &ids, &theirs).await, Vec::<String>::new());
    // The walk finds them where nobody is kept apart.
    keep_apart(&shop, false).await;
    let open = told(&shop, &page, &api, &ids, &theirs).await;
    assert!(open.len() >= 40, "only told at {open:?}");
}

#[both_databases]
async fn every_change_of_a_customer_of_another_channel_is_refused(shop: TestShop) {
    let world = apart(&shop).await;
    let theirs = id(&world.theirs);
    let (page, api) = (shop.staff("manager").await, shop.api("manager").await);
    let before = shop.count("select cast(sum(version) as bigint) from customer").await;
    let mut tried = 0;
    for route in shop.routes.iter().filter(|route| route.method != Method::GET) {
        let Some(named) = platform::reach::customers_in(&route.path).pop() else { continue };
        let parts: Vec<&str> = route.path.split('/').collect();
        let part = |part: &&str| match *part {
            part if part.trim_matches(['{', '}']) == named => theirs.clone(),
            part if part.starts_with('{') && parts.contains(&"companies") => world.company.clone(),
            part if part.starts_with('{') => world.group.clone(),
            part => part.to_owned(),
        };
        let path = parts.iter().map(part).collect::<Vec<_>>().join("/");
        let answer = match route.is_api {
            true => api.with("if-match", "\"v1\"").send(route.method.clone(), &path, Some(json!({}))).await,
            false => page.post(&path, &[]).await,
        };
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} {path}: {}", route.method, answer.text);
        tried += 1;
    }
    assert!(tried >= 30, "only {tried} changes were tried");
    assert_eq!(shop.count("select cast(sum(version) as bigint) from customer").await, before);
}

/// However an id is written, it is the same customer: encoded, in capitals, without dashes, in braces.
#[both_databases]
async fn an_id_is_recognised_however_it_is_written(shop: TestShop) {
    let world = apart(&shop).await;
    let (page, api) = (shop.staff("manager").await, shop.api("manager").await);
    let ways = |id: &str| {
        let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
        [
            encoded,
            format!("%30{}", &id[1..]),
            id.replace('-', "%2D"),
            id.replace('-', ""),
            id.to_uppercase(),
            format!("%7B{id}%7D"),
            format!("urn:uuid:{id}"),
        ]
    };
    for way in ways(&id(&world.theirs)) {
        for path in ["", "/history", "/lineage", "/compare?from=v1&to=v1", "?as_of=v1"] {
            let path = format!("/api/v1/customers/{way}{path}");
            assert_eq!(api.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in ["", "/edit", "/panes", "/history"] {
            assert_eq!(page.get(&format!("/customers/{way}{path}")).await.status, StatusCode::NOT_FOUND, "{way}{path}");
        }
        let versioned = api.with("if-match", "\"v1\"");
        assert_eq!(versioned.delete(&format!("/api/v1/customers/{way}")).await.status, StatusCode::NOT_FOUND, "{way}");
        let off = page.post(&format!("/customers/{way}/deactivate"), &[]).await;
        assert_eq!(off.status, StatusCode::NOT_FOUND, "{way}");
    }
    for way in &ways(&id(&world.mine))[..5] {
        assert_eq!(api.get(&format!("/api/v1/customers/{way}")).await.status, StatusCode::OK, "{way}");
    }
    assert_eq!(api.get("/api/v1/customers/no-id").await.status, StatusCode::NOT_FOUND);
}

/// What holds for every channel, or tells what was done to anybody, is for those who see everybody.
#[both_databases]
async fn what_concerns_everybody_is_for_those_who_see_everybody(shop: TestShop) {
    let world = apart(&shop).await;
    let (page, api) = (shop.staff("manager").await, shop.api("manager").await);
    for path in ["/api/v1/settings/customers", "/api/v1/merges/preview"] {
        let method = if path.ends_with("customers") { Method::GET } else { Method::POST };
        assert_eq!(api.send(method, path, Some(json!({}))).await.refusal(), "403 channels_limited", "{path}");
    }
    let channel = api.with("if-match", "\"v1\"");
    let path = format!("/api/v1/channels/{}", world.other);
    let body = json!({ "name": "Mine", "kind": "shop" });
    assert_eq!(channel.send(Method::PUT, &path, Some(body)).await.refusal(), "403 channels_limited");
    assert_eq!(api.delete(&format!("/api/v1/groups/{}", world.group)).await.refusal(), "403 channels_limited");
    for path in ["/activity", "/settings/customers", "/settings/channels", "/settings/groups", "/duplicates", "/merge"]
    {
        assert_eq!(page.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!page.get("/dashboard").await.text.contains(&format!("href=\"{path}\"")), "{path} is in the menu");
    }
    // Companies are everybody's; how many customers they have is told of those one sees.
    let company = api.get(&format!("/api/v1/companies/{}", world.company)).await.json();
    let companies = api.get("/api/v1/companies").await.json();
    assert_eq!((&company["customers"], &companies["items"][0]["customers"]), (&json!(2), &json!(2)));
    let everybody = shop.api("administrator").await.get(&format!("/api/v1/companies/{}", world.company)).await.json();
    assert_eq!(everybody["customers"], json!(3));
}

/// Carries out the manager's batch, keeps the manager to one channel and has them take it back; answers its address.
pub async fn run_then_undo_apart(shop: &TestShop, plan: Value) -> String {
    let api = shop.api("manager").await;
    let plan = format!("/api/v1/bulk-plans/{}", id(&api.post("/api/v1/bulk-plans", plan).await.json()));
    api.post(&format!("{plan}/run"), json!({})).await;
    shop.run_jobs().await;
    belong(shop, "manager", &["Zqown"]).await;
    keep_apart(shop, true).await;
    api.post(&format!("{plan}/undo"), json!({})).await;
    shop.run_jobs().await;
    plan
}

/// A batch of before is neither carried out nor taken back on customers whom the person no longer sees.
#[both_databases]
async fn a_batch_of_before_leaves_others_alone(shop: TestShop) {
    let world = world(&shop).await;
    let plan = json!({ "action": "deactivate", "ids": [id(&world.mine), id(&world.theirs)] });
    let plan = run_then_undo_apart(&shop, plan).await;
    let api = shop.api("manager").await;
    let counts = api.get(&plan).await.json()["counts"].clone();
    assert_eq!((&counts["undone"], &counts["left_alone"]), (&json!(1), &json!(1)), "{counts}");
    let theirs = format!("/api/v1/customers/{}", id(&world.theirs));
    assert_eq!(shop.api("administrator").await.get(&theirs).await.json()["active"], json!(false));
}

#[both_databases]
async fn open_pages_hear_of_nobody_else(shop: TestShop) {
    let mut watch = Watch::default();
    watch.look(&shop.app).await.expect("the log");
    let world = world(&shop).await;
    let own: Uuid = world.own.parse().expect("an id");
    let told = watch.look(&shop.app).await.expect("the log").expect("news");
    let heard = told.heard(&shop.app, &Reach::Channels([own].into())).await;
    let Some(News::Changed { customers }) = heard else { panic!("{heard:?}") };
    let heard: BTreeSet<String> = customers.iter().map(|customer| customer.id.to_string()).collect();
    assert_eq!(heard, BTreeSet::from([id(&world.mine), id(&world.both)]));
}

/// Lists, counts and searches of somebody who sees some channels are those of everybody, narrowed to these channels.
#[both_databases]
async fn a_limited_sight_is_everybodys_narrowed_by_channel(shop: TestShop) {
    const CUSTOMERS: u64 = 6_000;
    let db = &shop.app.db;
    let admin = shop.api("administrator").await;
    for name in ["One", "Two", "Three"] {
        admin.post("/api/v1/channels", json!({ "name": name, "kind": "shop" })).await;
    }
    customers::generate::fill::fill(db, 5, CUSTOMERS, shop.app.clock.now(), |_| ()).await.expect("customers");
    let sql = "select id from channel order by name";
    let channels: Vec<Uuid> = db.read().values(sql, params![]).await.expect("channels");
    compare(&shop, &channels, 1).await;
    lineup::line_up(db).await.expect("lined up");
    compare(&shop, &channels, 2).await;
}

async fn compare(shop: &TestShop, channels: &[Uuid], seed: u64) {
    let db = &shop.app.db;
    let everybody = Sight::default();
    let questions = ["", "q=an", "q=smith", "q=smiht", "name=de", "email=%40gmail.example", "postcode=1", "country=NL"];
    for at in 0..60 {
        let chance = &mut Chance::of(seed, at);
        let own: BTreeSet<Uuid> =
            (0..=chance.below(2)).map(|_| channels[chance.below(channels.len() as u64) as usize]).collect();
        let limited = Sight { reach: Reach::Channels(own.clone()), ..Sight::default() };
        let question = questions[chance.below(questions.len() as u64) as usize];
        let filter = ListFilter::from_query(&format!("{question}&activity=all")).expect("a filter");
        let narrowed = ListFilter { channel: own.iter().copied().collect(), ..filter.clone() };
        let page = async |sight: &Sight, filter: &ListFilter| {
            let rows = list::page(db, sight, filter).await.expect(question).rows;
            rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        // A typing error is corrected to what somebody sees, which can be another word than everybody's.
        if question != "q=smiht" {
            assert_eq!(page(&limited, &filter).await, page(&everybody, &narrowed).await, "{question}");
            let counts = [list::count(db, &limited, &filter).await, list::count(db, &everybody, &narrowed).await];
            let [a, b] = counts.map(|count| count.expect("a count"));
            assert_eq!(a, b, "{question}");
        }
        let Some(typed) = question.strip_prefix("q=") else { continue };
        let found = search::find(db, &limited, typed, 20).await.expect("found");
        let within: BTreeSet<Uuid> =
            page(&everybody, &ListFilter { limit: Some(200), ..narrowed }).await.into_iter().collect();
        assert_eq!(found.is_empty(), within.is_empty(), "{typed}");
        for hit in found {
            let only = ListFilter { id: vec![hit.id], ..ListFilter::from_query("activity=all").expect("a filter") };
            assert_eq!(page(&limited, &only).await, [hit.id], "{typed}");
        }
    }
}
