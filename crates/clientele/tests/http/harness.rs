//! A shop of its own for each test: a fresh database, a clock that stands still, staff of every
//! role, and clients that speak HTTP to the real router.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use clientele::program;
use http_body_util::BodyExt;
use platform::app::{App, Options};
use platform::auth::password::HashCost;
use platform::auth::{Permission, PermissionSet, STARTER_ROLES, role, staff, token};
use platform::clock::Clock;
use platform::db::{Database, SqlExt};
use platform::history::{Actor, Source};
use platform::http::{RouteFacts, csrf_token};
use platform::server;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// 21 November 2026, 12:00 UTC.
pub const NOON: i64 = 1_795_262_400_000_000;
pub const PASSWORD: &str = "correct horse battery";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A running shop for one test.
pub struct TestShop {
    pub app: App,
    pub engine: Engine,
    pub routes: Vec<RouteFacts>,
    router: Router,
}

/// What is left there, such as the template that lasts as long as the process, goes with the test server's own folder.
fn folder() -> TempDir {
    let place = std::env::var_os("CLIENTELE_TEST_FOLDER").map_or_else(std::env::temp_dir, PathBuf::from);
    tempfile::Builder::new().prefix("clientele-test-").tempdir_in(place).expect("a temporary folder")
}

fn superuser() -> String {
    std::env::var("CLIENTELE_TEST_POSTGRES")
        .expect("CLIENTELE_TEST_POSTGRES is not set: run `make test`, or `scripts/with-postgres cargo test ...`")
}

fn with_database(address: &str, name: &str) -> String {
    let (server, _) = address.rsplit_once('/').expect("an address with a database name");
    format!("{server}/{name}")
}

async fn administer(sql: &str) {
    let db = Database::connect(&superuser()).await.expect("the test server");
    db.read().run(sql, vec![]).await.expect(sql);
    db.close().await.expect("closed");
}

/// The migrated database that every test's own is copied from: a file or a template's name.
fn template(engine: Engine) -> &'static str {
    static SQLITE: OnceLock<(TempDir, String)> = OnceLock::new();
    static POSTGRES: OnceLock<String> = OnceLock::new();
    match engine {
        Engine::Sqlite => {
            &SQLITE
                .get_or_init(|| {
                    let folder = folder();
                    let file = folder.path().join("template.db").display().to_string();
                    on_a_thread(make_template(format!("sqlite:{file}")));
                    (folder, file)
                })
                .1
        }
        Engine::Postgres => POSTGRES.get_or_init(|| {
            let name = format!("clientele_template_{}", std::process::id());
            on_a_thread({
                let name = name.clone();
                async move {
                    administer(&format!("create database {name}")).await;
                    make_template(with_database(&superuser(), &name)).await;
                }
            });
            name
        }),
    }
}

/// Runs to the end on a runtime of its own: templates are made once, between runtimes of tests.
fn on_a_thread(work: impl Future<Output = ()> + Send + 'static) {
    std::thread::spawn(move || runtime().block_on(work)).join().expect("the template");
}

async fn make_template(address: String) {
    let db = Database::connect(&address).await.expect("a database");
    server::prepare(&db, &program::modules(), NOON).await.expect("migrated");
    let hash = platform::auth::password::hash(HashCost::Least, PASSWORD.to_owned()).await.expect("hashed");
    let tx = db.begin_write().await.expect("a transaction");
    let actor = Actor::system(Source::CommandLine, "test");
    for starter in STARTER_ROLES {
        let role = role::find_by_key(&tx, starter.key).await.expect("read").expect("seeded");
        let input = staff::StaffInput {
            email: format!("{}@shop.example", starter.key),
            name: format!("Test {}", starter.name),
            role_id: role.id,
            channels: [].into(),
            active: true,
        };
        staff::add(&tx, &actor, &PermissionSet::of(Permission::ALL), NOON, &input, &hash).await.expect("staff");
    }
    tx.run("delete from event", vec![]).await.expect("a clean history");
    tx.commit().await.expect("committed");
    db.close().await.expect("closed");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// Runs one test in a shop of its own and clears up behind it.
pub fn run<F, Fut>(engine: Engine, name: &str, test: F)
where
    F: FnOnce(TestShop) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let number = COUNTER.fetch_add(1, Ordering::SeqCst);
    let template = template(engine);
    let folder = folder();
    let database = format!("clientele_test_{}_{number}", std::process::id());
    let runtime = runtime();
    let outcome = runtime.block_on(async {
        let address = match engine {
            Engine::Sqlite => {
                let file = folder.path().join("shop.db");
                std::fs::copy(template, &file).expect("a copy of the template");
                format!("sqlite:{}", file.display())
            }
            Engine::Postgres => {
                administer(&format!("create database {database} template {template}")).await;
                with_database(&superuser(), &database)
            }
        };
        let shop = TestShop::open(engine, &address, folder.path()).await;
        let app = shop.app.clone();
        let outcome = tokio::spawn(test(shop)).await;
        let left: i64 = app
            .db
            .read()
            .value(
                "select count(*) from job where state in ('waiting', 'running') and run_at <= $1",
                platform::params![app.clock.now()],
            )
            .await
            .expect("jobs")
            .unwrap_or(0);
        app.db.close().await.expect("closed");
        if engine == Engine::Postgres {
            administer(&format!("drop database {database} with (force)")).await;
        }
        outcome.map(|()| left)
    });
    match outcome {
        Ok(left) => assert_eq!(left, 0, "{name} left jobs unprocessed"),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

impl TestShop {
    async fn open(engine: Engine, address: &str, folder: &Path) -> Self {
        let options = Options { hash_cost: HashCost::Least, live_for: Duration::ZERO, ..Options::default() };
        let app = program::open(address, folder, Clock::fixed(NOON), options).await.expect("opened");
        let site = program::site(&app, None);
        Self { app, engine, routes: site.routes, router: site.router }
    }

    /// The same shop run by another program, with more areas for example.
    pub fn with_app(self, app: App) -> Self {
        let site = program::site(&app, None);
        Self { app, engine: self.engine, routes: site.routes, router: site.router }
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.router.clone().oneshot(request).await.expect("an answer")).await
    }

    /// A browser without a session.
    pub fn visitor(&self) -> Browser<'_> {
        Browser { shop: self, cookie: None }
    }

    /// A browser signed in as the staff member with this role.
    pub async fn staff(&self, role: &str) -> Browser<'_> {
        self.sign_in(&format!("{role}@shop.example"), PASSWORD).await
    }

    /// Signs in through the form.
    pub async fn sign_in(&self, email: &str, password: &str) -> Browser<'_> {
        let answer = self.visitor().post("/sign-in", &[("email", email), ("password", password)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        Browser { shop: self, cookie: answer.session_cookie() }
    }

    /// A program with a token of the staff member with this role.
    pub async fn api(&self, role: &str) -> Client<'_> {
        self.scoped_api(role, &[]).await
    }

    /// A program whose token has these scopes.
    pub async fn scoped_api(&self, role: &str, scopes: &[&str]) -> Client<'_> {
        let tx = self.app.begin_write().await.expect("a transaction");
        let email = format!("{role}@shop.example");
        let person = staff::find_by_email(&tx, &email).await.expect("read").expect("staff of this role");
        let actor = Actor::system(Source::CommandLine, "test");
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let (_, secret) = token::create(&tx, &actor, NOON, person.id, "test program", &scopes).await.expect("a token");
        tx.commit().await.expect("committed");
        Client { shop: self, secret, headers: BTreeMap::new() }
    }

    /// Runs jobs until none is due.
    pub async fn run_jobs(&self) {
        while platform::jobs::run_one(&self.app).await.expect("the job table") {}
    }

    /// Counts rows.
    pub async fn count(&self, sql: &str) -> i64 {
        self.app.db.read().value(sql, vec![]).await.expect(sql).unwrap_or(0)
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    async fn read(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Self { status: head.status, headers: head.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The reason code of a problem, with the codes of its fields.
    pub fn code(&self) -> String {
        let json = self.json();
        let mut codes = vec![json["code"].as_str().unwrap_or("none").to_owned()];
        for error in json["errors"].as_array().into_iter().flatten() {
            codes.push(format!("{}={}", error["field"].as_str().unwrap_or(""), error["code"].as_str().unwrap_or("")));
        }
        codes.join(" ")
    }

    /// Status and reason codes on one line.
    pub fn refusal(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.code())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    fn session_cookie(&self) -> Option<String> {
        let cookies = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies
            .filter_map(|cookie| cookie.strip_prefix("clientele_session=")?.split(';').next())
            .map(str::to_owned)
            .find(|secret| !secret.is_empty())
    }
}

/// A browser: cookies, forms, CSRF tokens.
pub struct Browser<'a> {
    shop: &'a TestShop,
    pub cookie: Option<String>,
}

impl Browser<'_> {
    fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "shop.example");
        if let Some(secret) = &self.cookie {
            request = request.header(header::COOKIE, format!("clientele_session={secret}"));
        }
        request
    }

    pub fn csrf(&self) -> String {
        self.cookie.as_deref().map(csrf_token).unwrap_or_default()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.shop.send(self.request(Method::GET, path).body(Body::empty()).expect("a request")).await
    }

    /// Posts a form with the session's token.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf();
        self.post_with(path, &csrf, fields).await
    }

    /// Posts a form with any token.
    pub async fn post_with(&self, path: &str, csrf: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = vec![("_csrf", csrf)];
        form.extend(fields);
        let body = serde_html_form::to_string(form).expect("a form");
        let request =
            self.request(Method::POST, path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        // A file's form carries the token before the file or, sent by script, in a header; others in a field.
        let by_script = path == "/imports/new" && !csrf.is_empty();
        let request = if by_script { request.header("x-csrf-token", csrf) } else { request };
        self.shop.send(request.body(Body::from(body)).expect("a request")).await
    }
}

/// A program with a token.
pub struct Client<'a> {
    shop: &'a TestShop,
    pub secret: String,
    headers: BTreeMap<String, String>,
}

impl Client<'_> {
    /// The same client sending one more header.
    pub fn with(&self, name: &str, value: &str) -> Self
    where
        Self: Sized,
    {
        let mut headers = self.headers.clone();
        headers.insert(name.to_owned(), value.to_owned());
        Self { shop: self.shop, secret: self.secret.clone(), headers }
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.secret));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = match body {
            Some(json) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(serde_json::to_vec(&json).expect("json"))),
            None => request.body(Body::empty()),
        };
        self.shop.send(request.expect("a request")).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, version: i64, body: Value) -> Answer {
        self.with("if-match", &format!("\"v{version}\"")).send(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Creates a customer by the quick profile and answers it.
    pub async fn customer(&self, body: Value) -> Value {
        let answer = self.post("/api/v1/customers?profile=import", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()
    }
}
