//! Requests as staff and programs send them, one after another on a kept connection.

use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::Agent;

use super::server::{PASSWORD, Running};
use super::times::{Table, Times};

/// Requests sent before measuring begins.
const WARM_UP: usize = 30;

pub struct Load<'a> {
    server: &'a Running,
    agent: Agent,
    cookie: String,
    requests: usize,
    sent: usize,
    known: Vec<Known>,
}

/// What the queries are made of: a customer that is there.
struct Known {
    id: String,
    number: String,
    name: String,
    email: String,
    phone: String,
    postcode: String,
    town: String,
}

impl<'a> Load<'a> {
    pub fn new(server: &'a Running, requests: usize) -> Self {
        let config = Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        let mut load =
            Self { server, agent: config.into(), cookie: String::new(), requests, sent: 0, known: Vec::new() };
        load.sign_in();
        load.meet_customers();
        load
    }

    pub fn sent(&self) -> usize {
        self.sent
    }

    pub fn run(&mut self, table: &mut Table) {
        let lists: &[(&'static str, &str, &str)] = &[
            ("list, newest first", "", "list"),
            ("list by name, from the middle", "sort=name&cursor={middle}", "list"),
            ("list, status and group filters", "status=guest&customer_type=retail&sort=-updated", "list"),
            ("list, postcode filter", "postcode={postcode}&activity=all", "postcode"),
        ];
        let middle = self.middle();
        for (what, query, limit) in lists {
            let query = query.replace("{middle}", &middle);
            let times = self.time(|load, at| load.get_api(&format!("/api/v1/customers?{}", load.fill(&query, at))));
            table.add_http(what, limit, times);
        }
        let page = self.time(|load, _| load.get_page("/customers"));
        table.add_http("list page in the browser", "list", page);
        for (what, query, limit) in [
            ("search, beginning of a name", "{start}", "search"),
            ("search, two words", "{name}", "search"),
            ("search, a typing error", "{typo}", "search"),
            ("search, whole e-mail", "{email}", "search"),
            ("search, part of a phone number", "{phone}", "search"),
            ("search, postcode and town", "{postcode} {town}", "search"),
            ("search, customer number", "{number}", "search"),
        ] {
            let times = self.time(|load, at| load.get_api(&format!("/api/v1/search?q={}", load.fill(query, at))));
            table.add_http(what, limit, times);
        }
        let open = self.time(|load, at| load.get_api(&format!("/api/v1/customers/{}", load.at(at).id)));
        table.add_http("open a customer, API", "open", open);
        let page = self.time(|load, at| load.get_page(&format!("/customers/{}", load.at(at).id)));
        table.add_http("open a customer's page", "open", page);
        let save = self.time(Self::save);
        table.add_http("save a customer", "save", save);
    }

    fn time(&mut self, work: impl Fn(&Self, usize) -> Duration) -> Times {
        let mut times = Times::default();
        for at in 0..self.requests + WARM_UP {
            let took = work(self, at);
            if at >= WARM_UP {
                times.add(took);
            }
            self.sent += 1;
        }
        times
    }

    fn at(&self, at: usize) -> &Known {
        &self.known[at * 7 % self.known.len()]
    }

    /// The query with the parts of a customer in it, fit for an address.
    fn fill(&self, query: &str, at: usize) -> String {
        let known = self.at(at);
        let letters = || known.name.chars();
        let start: String = letters().take(3).collect();
        let typo: String = letters().enumerate().filter(|(at, _)| *at != 2).map(|(_, letter)| letter).collect();
        let digits: String = known.phone.chars().filter(char::is_ascii_digit).collect();
        let parts = [
            ("{start}", start),
            ("{name}", known.name.clone()),
            ("{typo}", typo),
            ("{email}", known.email.clone()),
            ("{phone}", digits.get(digits.len().saturating_sub(7)..).unwrap_or_default().to_owned()),
            ("{postcode}", known.postcode.clone()),
            ("{town}", known.town.clone()),
            ("{number}", known.number.clone()),
        ];
        parts
            .iter()
            .fold(query.to_owned(), |query, (name, part)| query.replace(name, &escaped(part)))
            .replace(' ', "%20")
    }

    fn get_api(&self, path: &str) -> Duration {
        let started = Instant::now();
        self.read(path);
        started.elapsed()
    }

    fn read(&self, path: &str) -> Value {
        let bearer = format!("Bearer {}", self.server.token);
        let answer = self.agent.get(format!("{}{path}", self.server.address)).header("authorization", &bearer).call();
        let mut answer = answer.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.body_mut().read_json().expect("json")
    }

    fn get_page(&self, path: &str) -> Duration {
        let started = Instant::now();
        let answer = self.agent.get(format!("{}{path}", self.server.address)).header("cookie", &self.cookie).call();
        let mut answer = answer.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.body_mut().read_to_string().expect("a page");
        started.elapsed()
    }

    /// Changes a name; reading the version is not part of the time.
    fn save(&self, at: usize) -> Duration {
        let path = format!("/api/v1/customers/{}", self.at(at).id);
        let customer = self.read(&path);
        let bearer = format!("Bearer {}", self.server.token);
        let version = format!("\"v{}\"", customer["version"]);
        let change = serde_json::json!({ "first_name": format!("Anna{at}"), "last_name": "van der Measured" });
        let started = Instant::now();
        let answer = self
            .agent
            .patch(format!("{}{path}", self.server.address))
            .header("authorization", &bearer)
            .header("if-match", &version)
            .send_json(&change);
        let mut answer = answer.expect("an answer");
        answer.body_mut().read_to_string().expect("a body");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        started.elapsed()
    }

    fn sign_in(&mut self) {
        let form = [("email", self.server.email()), ("password", PASSWORD)];
        let answer = self.agent.post(format!("{}/sign-in", self.server.address)).send_form(form).expect("an answer");
        let cookie = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok());
        self.cookie = cookie.and_then(|cookie| cookie.split(';').next()).expect("a session").to_owned();
    }

    fn meet_customers(&mut self) {
        for query in ["sort=name", "sort=-name", "sort=email", "sort=-created", "sort=created", "sort=-company"] {
            let page = self.read(&format!("/api/v1/customers?limit=200&missing=company&{query}"));
            let rows = page["items"].as_array().cloned().unwrap_or_default();
            self.known.extend(rows.iter().filter_map(known));
        }
        assert!(!self.known.is_empty(), "customers with everything that is searched");
    }

    /// A cursor some pages into the list.
    fn middle(&self) -> String {
        let mut cursor = String::new();
        for _ in 0..40 {
            let page = self.read(&format!("/api/v1/customers?limit=200&sort=name&cursor={cursor}"));
            match page["next"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        cursor
    }
}

fn known(row: &Value) -> Option<Known> {
    let text = |name: &str| row[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Known {
        id: text("id")?,
        number: text("number")?,
        name: text("display_name")?,
        email: text("email")?,
        phone: text("phone")?,
        postcode: text("postcode")?,
        town: text("town")?,
    })
}

/// Percent-encodes what an address cannot hold.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}
