//! `kill -9` while an import runs: what was acknowledged is there, and the import goes on where it stopped.

use std::process::Command;
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

#[test]
fn on_sqlite() {
    survive(&Shop::new(), &[]);
}

#[test]
fn on_postgres() {
    let server = std::env::var("CLIENTELE_TEST_POSTGRES").expect("CLIENTELE_TEST_POSTGRES: run `make test`");
    let name = format!("clientele_power_cut_{}", std::process::id());
    let administer = |sql: String| {
        let psql = Command::new("psql").args([&server, "-qc", &sql]).status();
        assert!(psql.expect("psql runs").success());
    };
    administer(format!("create database {name}"));
    let address = format!("{}/{name}", server.rsplit_once('/').expect("an address").0);
    survive(&Shop::new(), &["--database", &address]);
    administer(format!("drop database {name} with (force)"));
}
