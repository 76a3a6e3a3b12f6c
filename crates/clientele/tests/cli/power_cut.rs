//! `kill -9` while an import runs, people save or merge: what was acknowledged is there, and the import goes on where it stopped.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::Shop;
use crate::server::{Api, administrator, serve, with_postgres};

const ROWS: usize = 10_000;

fn file(shop: &Shop) -> String {
    let rows: String = (0..ROWS).map(|n| format!("Person{n},Family{n},p{n}@x.example,registered,06{n:08}\n")).collect();
    shop.write("people.csv", format!("first_name,last_name,email,status,phone\n{rows}"))
}

/// Kills the import a few times, each time a little later, and lets it end.
fn survive(shop: &Shop, database: &[&str]) {
    let file = file(shop);
    let arguments = [&["import", "customers", &file][..], database].concat();
    let mut resumed = 0;
    for pause in [300, 900, 1_500, 2_000] {
        let mut import = shop.command(&arguments).spawn().expect("the program runs");
        std::thread::sleep(Duration::from_millis(pause));
        // Kill, not terminate: nothing may be tidied up.
        import.kill().expect("killed");
        let said = import.wait_with_output().expect("it ended");
        resumed += usize::from(String::from_utf8_lossy(&said.stdout).contains("Going on with the import"));
    }
    let last = shop.run(&arguments);
    assert_eq!(last.code, 0, "{}", last.err);
    let export = shop.done(&[&["export", "customers", "--filter", "sort=email"][..], database].concat());
    let mut emails: Vec<&str> = export.lines().skip(1).filter_map(|line| line.split(',').nth(11)).collect();
    assert_eq!(emails.len(), ROWS, "resumed {resumed} times, then {}", last.out);
    emails.sort_unstable();
    emails.dedup();
    assert_eq!(emails.len(), ROWS);
}

/// Addresses of each customer that is merged, so that a merge has many writes.
const ADDRESSES: usize = 40;
/// Kills, each at another moment of a merge or its undo.
const KILLS: u64 = 8;

fn person(api: &Api, name: &str) -> String {
    let address = |n: usize| json!({ "line1": format!("{name} {n}"), "town": "Gouda", "country": "NL" });
    let addresses: Vec<Value> = (0..ADDRESSES).map(address).collect();
    let body = json!({ "last_name": name, "email": format!("{name}@x.example"), "addresses": addresses });
    let (status, made) = api.post("/api/v1/customers?profile=quick", body).expect("made");
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().expect("an id").to_owned()
}

/// Merges and splits until the server is gone; tells of each step that is about to be made.
fn merge_and_split(api: &Api, survivor: &str, part: &str, steps: &mpsc::Sender<()>) {
    let request = json!({ "survivor_id": survivor, "absorbed_ids": [part] });
    let step = |path: String, body: Value| {
        let _nobody_waits_any_more = steps.send(());
        api.post(&path, body).map(|(status, answer)| (status < 300).then_some(answer).expect("carried out"))
    };
    while let Some(merge) = step("/api/v1/merges".to_owned(), request.clone()) {
        let undo = format!("/api/v1/merges/{}/undo", merge["id"].as_str().expect("an id"));
        if step(undo, json!({})).is_none() {
            return;
        }
    }
}

/// The addresses of a customer by their first word; `None` for one that became part of another.
fn addresses(api: &Api, id: &str) -> Option<BTreeMap<String, usize>> {
    let (status, customer) = api.get(&format!("/api/v1/customers/{id}"));
    if status == 307 {
        return None;
    }
    assert_eq!(status, 200, "{customer}");
    let mut counts = BTreeMap::new();
    for address in customer["addresses"].as_array().expect("addresses") {
        let owner = address["line1"].as_str().expect("a line").split(' ').next().unwrap_or_default();
        *counts.entry(owner.to_owned()).or_default() += 1;
    }
    Some(counts)
}

/// Either both records are as they were or one has everything of both, and the list of merges says the same.
fn whole_or_not_at_all(api: &Api, survivor: &str, part: &str) -> bool {
    let counts = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), ADDRESSES)).collect();
    let is_merged = addresses(api, part).is_none();
    let expected: BTreeMap<String, usize> = if is_merged { counts(&["kept", "gone"]) } else { counts(&["kept"]) };
    assert_eq!(addresses(api, survivor), Some(expected));
    assert!(is_merged || addresses(api, part) == Some(counts(&["gone"])));
    let (_, merges) = api.get(&format!("/api/v1/merges?customer={survivor}"));
    let standing = merges["items"].as_array().expect("merges").iter().filter(|merge| merge["undone_at"].is_null());
    assert_eq!(standing.count(), usize::from(is_merged));
    is_merged
}

/// Kills the server at different moments of merges and undos (either state, never a mix).
fn keep_merges_whole(shop: &Shop, database: &[&str]) {
    let bearer = administrator(shop, database);
    let (mut server, address) = serve(shop, database);
    let api = Api::new(address, &bearer);
    let (survivor, part) = (person(&api, "kept"), person(&api, "gone"));
    let mut api = api;
    for kill in 0..KILLS {
        let (steps, begun) = mpsc::channel();
        std::thread::scope(|threads| {
            threads.spawn(|| merge_and_split(&api, &survivor, &part, &steps));
            (0..=kill).for_each(|_| begun.recv().expect("a step begins"));
            // The moment of the cut: each time a little later within the step.
            std::thread::sleep(Duration::from_millis(kill * 7));
            server.cut_off();
        });
        let again = serve(shop, database);
        server = again.0;
        api = Api::new(again.1, &bearer);
        if whole_or_not_at_all(&api, &survivor, &part) {
            let (_, merges) = api.get(&format!("/api/v1/merges?customer={survivor}"));
            let id = merges["items"][0]["id"].as_str().expect("an id");
            assert_eq!(api.post(&format!("/api/v1/merges/{id}/undo"), json!({})).expect("undone").0, 200);
        }
        assert!(!whole_or_not_at_all(&api, &survivor, &part), "separate again");
    }
}

/// Saves customers over several connections, kills the server in the middle, and looks for every acknowledged one.
fn keep_saves(shop: &Shop, database: &[&str]) {
    let bearer = administrator(shop, database);
    let (mut server, address) = serve(shop, database);
    let (acknowledged, saved) = mpsc::channel();
    for writer in 0..3 {
        let (acknowledged, address, bearer) = (acknowledged.clone(), address.clone(), bearer.clone());
        std::thread::spawn(move || {
            let customers = format!("{address}/api/v1/customers?profile=quick");
            for number in 0.. {
                let body = serde_json::json!({ "last_name": format!("Saved{writer}x{number}") });
                let answer = ureq::post(&customers).header("authorization", &bearer).send_json(body);
                let Ok(mut answer) = answer else { return };
                let Ok(customer) = answer.body_mut().read_json::<serde_json::Value>() else { return };
                let _the_test_is_over = acknowledged.send(customer["id"].as_str().expect("an id").to_owned());
            }
        });
    }
    drop(acknowledged);
    let mut ids: Vec<String> = saved.iter().take(200).collect();
    server.cut_off();
    ids.extend(saved.iter());
    let (_server, address) = serve(shop, database);
    for id in &ids {
        let found = ureq::get(format!("{address}/api/v1/customers/{id}")).header("authorization", &bearer).call();
        assert_eq!(found.expect("found again").status().as_u16(), 200);
    }
    assert!(ids.len() >= 200);
}

#[test]
fn on_sqlite() {
    survive(&Shop::new(), &[]);
}

#[test]
fn saves_on_sqlite() {
    keep_saves(&Shop::new(), &[]);
}

#[test]
fn on_postgres() {
    with_postgres("power_cut", survive);
}

#[test]
fn merges_on_sqlite() {
    keep_merges_whole(&Shop::new(), &[]);
}

#[test]
fn merges_on_postgres() {
    with_postgres("merges", keep_merges_whole);
}

#[test]
fn saves_on_postgres() {
    with_postgres("saves", keep_saves);
}
