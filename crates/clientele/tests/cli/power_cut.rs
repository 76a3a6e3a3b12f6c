//! `kill -9` while an import runs or people save: what was acknowledged is there, and the import goes on where it stopped.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::Duration;

use crate::program::Shop;

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

/// Starts a server on a free port; answers it with its address.
fn serve(shop: &Shop, database: &[&str]) -> (Child, String) {
    let mut server =
        shop.command(&[&["serve", "--listen", "127.0.0.1:0"][..], database].concat()).spawn().expect("the server runs");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let address = line.trim().rsplit_once(' ').expect("an address").1.to_owned();
    (server, address)
}

/// Saves customers over several connections, kills the server in the middle, and looks for every acknowledged one.
fn keep_saves(shop: &Shop, database: &[&str]) {
    let person = ["staff", "add", "--email", "a@shop.example", "--name", "A", "--role", "administrator"];
    shop.run_with_input(&[&person[..], &["--password-stdin"], database].concat(), "a long enough password\n");
    let token = ["token", "create", "--staff", "a@shop.example", "--name", "saves"];
    let bearer = format!("Bearer {}", shop.done(&[&token[..], database].concat()).trim());
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
    server.kill().expect("killed");
    server.wait().expect("it ended");
    ids.extend(saved.iter());
    let (mut server, address) = serve(shop, database);
    for id in &ids {
        let found = ureq::get(format!("{address}/api/v1/customers/{id}")).header("authorization", &bearer).call();
        assert_eq!(found.expect("found again").status().as_u16(), 200);
    }
    assert!(ids.len() >= 200);
    server.kill().expect("killed");
    server.wait().expect("it ended");
}

#[test]
fn on_sqlite() {
    survive(&Shop::new(), &[]);
}

#[test]
fn saves_on_sqlite() {
    keep_saves(&Shop::new(), &[]);
}

/// Runs a check on a PostgreSQL database of its own.
fn with_postgres(name: &str, check: fn(&Shop, &[&str])) {
    let server = std::env::var("CLIENTELE_TEST_POSTGRES").expect("CLIENTELE_TEST_POSTGRES: run `make test`");
    let name = format!("clientele_{name}_{}", std::process::id());
    let administer = |sql: String| {
        let psql = Command::new("psql").args([&server, "-qc", &sql]).status();
        assert!(psql.expect("psql runs").success());
    };
    administer(format!("create database {name}"));
    let address = format!("{}/{name}", server.rsplit_once('/').expect("an address").0);
    check(&Shop::new(), &["--database", &address]);
    administer(format!("drop database {name} with (force)"));
}

#[test]
fn on_postgres() {
    with_postgres("power_cut", survive);
}

#[test]
fn saves_on_postgres() {
    with_postgres("saves", keep_saves);
}
