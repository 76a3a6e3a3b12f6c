//! The built program as a server, and a client of it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};

use serde_json::Value;

use crate::program::Shop;

/// A client that takes any answer as one.
#[derive(Clone)]
pub struct Api {
    agent: ureq::Agent,
    address: String,
    bearer: String,
}

impl Api {
    pub fn new(address: String, bearer: &str) -> Self {
        let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        Self { agent: config.into(), address, bearer: bearer.to_owned() }
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.agent.get(format!("{}{path}", self.address)).header("authorization", &self.bearer).call();
        read(answer.expect("an answer"))
    }

    /// `None` when the server is gone.
    pub fn post(&self, path: &str, body: Value) -> Option<(u16, Value)> {
        let call = self.agent.post(format!("{}{path}", self.address)).header("authorization", &self.bearer);
        call.send_json(body).ok().map(read)
    }

    /// Changes the version of something that this program read.
    pub fn patch(&self, path: &str, version: i64, body: Value) -> (u16, Value) {
        let call = self.agent.patch(format!("{}{path}", self.address)).header("authorization", &self.bearer);
        read(call.header("if-match", format!("\"v{version}\"")).send_json(body).expect("an answer"))
    }
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> (u16, Value) {
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap_or_default())
}

/// A server that ends with its test, however that ends.
pub struct Running(Child);

impl Running {
    /// Ends it as a power cut would.
    pub fn cut_off(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).expect("killed");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that is gone already is none to end.
        let _gone = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Starts a server on a free port; answers it with its address.
pub fn serve(shop: &Shop, database: &[&str]) -> (Running, String) {
    let mut server =
        shop.command(&[&["serve", "--listen", "127.0.0.1:0"][..], database].concat()).spawn().expect("the server runs");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let address = line.trim().rsplit_once(' ').expect("an address").1.to_owned();
    (Running(server), address)
}

/// Adds an administrator; answers the header of a token of theirs.
pub fn administrator(shop: &Shop, database: &[&str]) -> String {
    let person = ["staff", "add", "--email", "a@shop.example", "--name", "A", "--role", "administrator"];
    shop.run_with_input(&[&person[..], &["--password-stdin"], database].concat(), "a long enough password\n");
    let token = ["token", "create", "--staff", "a@shop.example", "--name", "saves"];
    format!("Bearer {}", shop.done(&[&token[..], database].concat()).trim())
}

/// Runs a check on a PostgreSQL database of its own.
pub fn with_postgres(name: &str, check: fn(&Shop, &[&str])) {
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
