//! Requests as staff and programs send them, on a kept connection.

use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::Agent;

use super::server::{EMAIL, PASSWORD, Running};

/// One caller: a program with a token and a person with a session.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    address: String,
    bearer: String,
    cookie: String,
}

impl Client {
    pub fn new(server: &Running) -> Self {
        let config = Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        let agent: Agent = config.into();
        let form = [("email", EMAIL), ("password", PASSWORD)];
        let answer = agent.post(format!("{}/sign-in", server.address)).send_form(form).expect("an answer");
        let cookie = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).expect("a session").to_owned();
        Self { agent, address: server.address.clone(), bearer: format!("Bearer {}", server.token), cookie }
    }

    /// The same caller on a connection of their own.
    pub fn another(&self) -> Self {
        let config = Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        Self { agent: config.into(), ..self.clone() }
    }

    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Asks the API.
    pub fn read(&self, path: &str) -> Value {
        let answer = self.agent.get(format!("{}{path}", self.address)).header("authorization", &self.bearer).call();
        let mut answer = answer.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.body_mut().read_json().expect("json")
    }

    /// Asks the API without looking into the answer.
    pub fn fetch(&self, path: &str) {
        self.text(path, "authorization", &self.bearer);
    }

    /// Opens a page.
    pub fn page(&self, path: &str) {
        self.text(path, "cookie", &self.cookie);
    }

    fn text(&self, path: &str, header: &str, value: &str) {
        let answer = self.agent.get(format!("{}{path}", self.address)).header(header, value).call();
        let mut answer = answer.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.body_mut().read_to_vec().expect("a body");
    }

    /// Sends something to the API that changes nothing.
    pub fn ask(&self, path: &str, body: &Value) {
        let request = self.agent.post(format!("{}{path}", self.address));
        let mut answer = request.header("authorization", &self.bearer).send_json(body).expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.body_mut().read_to_vec().expect("a body");
    }

    /// Changes a customer's name; reading the version is not part of the time.
    pub fn save(&self, id: &str, name: &str) -> Duration {
        let path = format!("/api/v1/customers/{id}");
        let version = format!("\"v{}\"", self.read(&path)["version"]);
        let change = serde_json::json!({ "first_name": name, "last_name": "van der Measured" });
        let started = Instant::now();
        let request = self.agent.patch(format!("{}{path}", self.address));
        let answer = request.header("authorization", &self.bearer).header("if-match", &version).send_json(&change);
        let mut answer = answer.expect("an answer");
        answer.body_mut().read_to_vec().expect("a body");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        started.elapsed()
    }
}

/// Percent-encodes what an address cannot hold.
pub fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}
