//! The queue of likely duplicates when a scan is cut off by `kill -9`, and when two servers follow one event log.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::Shop;
use crate::server::{Api, Running, administrator, serve, with_postgres};

const CUSTOMERS: &str = "12000";
/// Customers who are there twice.
const TWINS: usize = 3;
const SCANS: &str = "/api/v1/duplicates/scans";
/// How far the scan is when it is cut off, of a hundred.
const CUTS: [i64; 2] = [1, 20];
/// Seconds after which nobody holds the job any more that a killed server held: longer than its lease.
const LATER: u32 = 21;
/// Real time between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Looks at a scan until something holds of it.
fn wait_for(api: &Api, scan: &str, holds: impl Fn(&Value) -> bool) -> Value {
    loop {
        let (status, found) = api.get(&format!("{SCANS}/{scan}"));
        assert_eq!(status, 200, "{found}");
        if holds(&found) {
            return found;
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
}

fn start(api: &Api) -> String {
    let (status, scan) = api.post(SCANS, json!({})).expect("an answer");
    assert_eq!(status, 202, "{scan}");
    scan["id"].as_str().expect("an id").to_owned()
}

/// All pairs of a state: the ids of both and the probability.
fn pairs(api: &Api, state: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = api.get(&format!("/api/v1/duplicates/pairs?limit=200&state={state}&cursor={cursor}"));
        assert_eq!(status, 200, "{page}");
        found.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return found,
        }
    }
}

/// Ids and probabilities, which a scan of unchanged customers must find again.
fn facts(pairs: &[Value]) -> Vec<String> {
    let fact =
        |pair: &Value| format!("{} {} {}", pair["customers"][0]["id"], pair["customers"][1]["id"], pair["probability"]);
    pairs.iter().map(fact).collect()
}

/// Made-up customers are all somebody else: some who are there twice come on top.
fn make_twins(api: &Api) {
    for at in 0..TWINS {
        let person = json!({
            "first_name": "Wilhelmina", "last_name": format!("Quarringdon{}", ["", "er", "ley"][at]),
            "email": format!("wilhelmina.{at}@twins.example"), "phone": format!("+31 20 555 01{at}7"),
        });
        for _ in 0..2 {
            let (status, made) = api.post("/api/v1/customers", person.clone()).expect("an answer");
            assert_eq!(status, 201, "{made}");
        }
    }
}

fn a_scan_goes_on(shop: &Shop, database: &[&str]) {
    shop.done(&[&["generate", "--customers", CUSTOMERS][..], database].concat());
    let bearer = administrator(shop, database);
    let (mut server, address) = serve(shop, database);
    let mut api = Api::new(address, &bearer);
    make_twins(&api);
    let scan = start(&api);
    for (percent, cuts) in CUTS.into_iter().zip(1..) {
        let is_far = |scan: &Value| scan["state"] != "running" || scan["percent"].as_i64() >= Some(percent);
        let found = wait_for(&api, &scan, is_far);
        assert_eq!(found["state"], "running", "cut off in the middle: {found}");
        server.cut_off();
        // The next server begins when the lease is over, by its clock.
        let later = (cuts * LATER).to_string();
        let again = serve(shop, &[database, &["--clock-offset-seconds", &later]].concat());
        server = again.0;
        api = Api::new(again.1, &bearer);
        assert_eq!(api.get(&format!("{SCANS}/{scan}")).1["state"], "running", "it is not forgotten");
    }
    let is_over = |scan: &Value| scan["state"] != "running";
    let done = wait_for(&api, &scan, is_over);
    assert_eq!((&done["state"], &done["customers"]), (&json!("done"), &json!(12_000 + 2 * TWINS)), "{done}");
    let found = facts(&pairs(&api, "open"));
    assert!(found.len() >= TWINS, "{found:?}");
    assert_eq!(api.get(SCANS).1["items"].as_array().map(Vec::len), Some(1), "the one that was begun");
    let whole = wait_for(&api, &start(&api), is_over);
    assert_eq!((&whole["state"], &whole["pairs"]), (&json!("done"), &done["pairs"]));
    assert_eq!(facts(&pairs(&api, "open")), found, "as a scan that nobody cut off");
}

#[test]
fn a_scan_that_was_cut_off_goes_on_on_sqlite() {
    a_scan_goes_on(&Shop::new(), &[]);
}

#[test]
fn a_scan_that_was_cut_off_goes_on_on_postgres() {
    with_postgres("scan_cut", a_scan_goes_on);
}

/// People who are there twice. Of each three the first turns out to be somebody else, the second was decided to be two, the
/// third waits.
const TWICE: [&str; 12] = [
    "Vandermolen", "Kowalczyk", "Oyelaran", "Fitzgerald", "Brandstetter", "Nakamura", "Lindqvist", "Papadakis",
    "Chatterjee", "Moralez", "Haugland", "Zielinski",
];
/// Who the first of each three turns out to be.
const SOMEBODY_ELSE: [&str; 4] = ["Abernathy", "Quesada", "Thorvaldsen", "Mbeki"];

fn twin(api: &Api, name: &str, number: usize) -> String {
    let body = json!({
        "first_name": "Johanna", "last_name": name, "email": format!("johanna.{name}@post.example"),
        "phone": format!("+31 6 1234 56{number:02}"),
    });
    let (status, made) = api.post("/api/v1/customers?profile=quick", body).expect("an answer");
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().expect("an id").to_owned()
}

fn becomes_another(api: &Api, id: &str, name: &str) {
    let body = json!({
        "first_name": "Ignatius", "last_name": name, "email": format!("{name}@elsewhere.example"),
        "phone": format!("+32 2 555 0{:03}", name.len()),
    });
    let (status, changed) = api.patch(&format!("/api/v1/customers/{id}"), 1, body);
    assert_eq!(status, 200, "{changed}");
}

fn decide(api: &Api, one: &str, other: &str) {
    let body = json!({ "customer_ids": [one, other], "decision": "not_same" });
    let (status, decision) = api.post("/api/v1/duplicates/decisions", body).expect("an answer");
    assert_eq!(status, 201, "{decision}");
}

/// Ends those who look at the queue, also when the test fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Makes customers through one server and the other, then two people change and decide at once, while two others look at the
/// queue through both all the time.
fn work(one: &Api, other: &Api) {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|threads| {
        for reader in [one, other] {
            let is_over = &is_over;
            threads.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    pairs(reader, "open");
                    std::thread::sleep(BETWEEN_LOOKS);
                }
            });
        }
        let _over = Over(&is_over);
        let made = TWICE.iter().enumerate().map(|(number, name)| (twin(one, name, number), twin(other, name, number)));
        let (first, second): (Vec<String>, Vec<String>) = made.unzip();
        std::thread::scope(|writers| {
            writers.spawn(|| {
                for (n, name) in SOMEBODY_ELSE.iter().enumerate() {
                    becomes_another(one, &first[n * 3], name);
                }
            });
            writers
                .spawn(|| (0..SOMEBODY_ELSE.len()).for_each(|n| decide(other, &first[n * 3 + 1], &second[n * 3 + 1])));
        });
    });
}

/// The names in a part of the queue, in order.
fn names(api: &Api, state: &str) -> Vec<String> {
    let name = |customer: &Value| customer["display_name"].as_str().expect("a name").to_owned();
    let both = |pair: &Value| format!("{} {}", name(&pair["customers"][0]), name(&pair["customers"][1]));
    let mut names: Vec<String> = pairs(api, state).iter().map(both).collect();
    names.sort();
    names
}

fn twice(from: usize) -> Vec<String> {
    let mut names: Vec<String> =
        TWICE.iter().skip(from).step_by(3).map(|name| format!("Johanna {name} Johanna {name}")).collect();
    names.sort();
    names
}

/// Lets as many servers as are asked for follow one event log; the queue is the same whoever looked first.
fn follow_together(shop: &Shop, database: &[&str], servers: usize) {
    let bearer = administrator(shop, database);
    let started = (0..servers).map(|_| serve(shop, database));
    let (_running, apis): (Vec<Running>, Vec<Api>) =
        started.map(|(server, address)| (server, Api::new(address, &bearer))).unzip();
    work(&apis[0], &apis[servers - 1]);
    for api in &apis {
        assert_eq!(names(api, "open"), twice(2));
        assert_eq!(names(api, "not_same"), twice(1));
    }
}

#[test]
fn one_server_follows_the_event_log() {
    follow_together(&Shop::new(), &[], 1);
    with_postgres("follow_one", |shop, database| follow_together(shop, database, 1));
}

#[test]
fn two_servers_follow_one_event_log() {
    with_postgres("follow_two", |shop, database| follow_together(shop, database, 2));
}
