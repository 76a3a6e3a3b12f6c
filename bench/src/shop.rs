//! Measuring one shop after another on one engine.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use platform::db::Database;
use tokio::runtime::Runtime;

use super::bare::{self, Bare};
use super::browser::{self, Visit};
use super::client::Client;
use super::crowd::{self, Crowd};
use super::lists::{self, ListTimes};
use super::mix::{self, Kind, Outcome};
use super::report::Report;
use super::sample::{self, Person};
use super::server::{Running, Server, Took};
use super::times::Times;

/// What is measured on each engine.
pub struct Scale<'a> {
    pub program: &'a Path,
    pub customers: u64,
    pub smaller: &'a [u64],
    pub import: Option<(&'a Path, u64)>,
    pub browser: bool,
}

/// A shop's times over HTTP.
pub struct Figures {
    pub customers: u64,
    pub lists: Vec<ListTimes>,
    pub screens: Vec<ListTimes>,
    pub search: BTreeMap<Kind, Outcome>,
    pub page: Times,
    pub save: Times,
    /// Likely duplicates of somebody stored, and of somebody who is being typed.
    pub likely: (Times, Times),
    pub bare: Bare,
    pub started_ms: f64,
    /// Until lists and searches are chosen from memory, after the start.
    pub warm_seconds: f64,
    pub idle_memory_mb: f64,
    pub memory_mb: f64,
    pub crowds: Vec<Crowd>,
    pub visits: Vec<Visit>,
}

/// All shops of one engine, the largest last.
pub struct EngineFigures {
    pub engine: String,
    pub is_sqlite: bool,
    pub filled: Option<(u64, Took)>,
    pub imported: Option<(u64, Took)>,
    pub shops: Vec<Figures>,
}

/// One runtime for all: connections belong to the runtime they were opened in.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let made =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    RUNTIME.get_or_init(made).block_on(work)
}

pub fn on_sqlite(scale: &Scale<'_>, folder: &Path, report: &mut Report) {
    let place = |name: String| format!("sqlite:{}", folder.join(name + ".db").display());
    let remove = |name: String| {
        for ending in [".db", ".db-wal", ".db-shm"] {
            let _not_there = std::fs::remove_file(folder.join(name.clone() + ending));
        }
    };
    on_engine(scale, true, report, &place, &remove);
}

pub fn on_postgres(scale: &Scale<'_>, superuser: &str, report: &mut Report) {
    let named = |name: &str| format!("clientele_bench_{}_{name}", std::process::id());
    let place = |name: String| block_on(bare::create_database(superuser, &named(&name)));
    let remove = |name: String| block_on(bare::drop_database(superuser, &named(&name)));
    on_engine(scale, false, report, &place, &remove);
}

impl EngineFigures {
    fn new(is_sqlite: bool) -> Self {
        Self { engine: String::new(), is_sqlite, filled: None, imported: None, shops: Vec::new() }
    }
}

fn on_engine(
    scale: &Scale<'_>,
    is_sqlite: bool,
    report: &mut Report,
    place: &dyn Fn(String) -> String,
    remove: &dyn Fn(String),
) {
    report.begin(EngineFigures::new(is_sqlite));
    if let Some((file, rows)) = scale.import {
        let server = Server::new(scale.program, &place("import".to_owned()));
        let took = server.import(file);
        tell(&format!("imported {rows} rows in {:.0} s", took.seconds));
        report.add(|figures| figures.imported = Some((rows, took)));
        drop(server);
        remove("import".to_owned());
    }
    for customers in scale.smaller.iter().copied().chain([scale.customers]) {
        let name = format!("shop{customers}");
        let server = Server::new(scale.program, &place(name.clone()));
        let took = server.fill(customers);
        tell(&format!("made {customers} customers in {:.0} s", took.seconds));
        let is_largest = customers == scale.customers;
        let (engine, shop) = measure(&server, customers, is_largest, is_largest && scale.browser);
        report.add(|figures| {
            figures.engine = engine;
            figures.shops.push(shop);
            figures.filled = Some((customers, took));
        });
        drop(server);
        remove(name);
    }
}

/// Measures a database that is there already.
pub fn measure_kept(program: &Path, database: &str, in_browser: bool, report: &mut Report) {
    report.begin(EngineFigures::new(database.starts_with("sqlite:")));
    let server = Server::new(program, database);
    let (engine, shop) = measure(&server, 0, true, in_browser);
    report.add(|figures| {
        figures.engine = engine;
        figures.shops.push(shop);
    });
}

/// Says how far the run is, with the seconds since it began.
fn tell(what: &str) {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let seconds = BEGAN.get_or_init(Instant::now).elapsed().as_secs();
    eprintln!("bench: {seconds:>5} s  {what}");
}

fn measure(server: &Server, customers: u64, whole: bool, in_browser: bool) -> (String, Figures) {
    let db = block_on(Database::connect(&server.database)).expect("the database");
    let people = block_on(sample::people(&db, 2_000));
    let engine = block_on(sample::version(&db));
    let (filters, positions) = block_on(async { (lists::filters(&db, &people).await, lists::positions(&db).await) });
    block_on(db.close()).expect("closed");
    let questions = mix::questions(&people, if whole { 1 } else { 10 });
    let running = server.start();
    let warm_seconds = running.warm_up().map_or(f64::NAN, |after| after.as_secs_f64());
    let idle_memory_mb = running.memory_mb();
    tell(&format!("warm after {warm_seconds:.1} s"));
    let client = Client::new(&running);
    let search = mix::ask(&client, &questions);
    tell("searched");
    let lists = lists::over_api(&client, &filters, &positions, if whole { 2 } else { 1 });
    tell("listed over the API");
    let screens = lists::on_screen(&client, &filters, if whole { 5 } else { 3 });
    tell("listed on the screen");
    let page = pages(&client, &people, if whole { 2_000 } else { 500 });
    tell("opened customers");
    let likely = likely_duplicates(&client, &people, if whole { 1_000 } else { 300 });
    tell("looked for duplicates");
    let visits = if in_browser { browser::measure(&running, &client) } else { Vec::new() };
    if in_browser {
        tell("visited with a browser");
    }
    let save = saves(&client, &people, if whole { 1_000 } else { 300 });
    tell("saved");
    let sizes: &[usize] = if whole { &[1, 16, 64] } else { &[] };
    let crowds: Vec<Crowd> =
        sizes.iter().map(|callers| crowd::measure(&client, &people, &questions, *callers, 10)).collect();
    tell("asked by many at once");
    let figures = Figures {
        customers,
        lists,
        screens,
        search,
        page,
        save,
        likely,
        started_ms: running.started_after.as_secs_f64() * 1000.0,
        warm_seconds,
        idle_memory_mb,
        memory_mb: running.memory_mb(),
        crowds,
        visits,
        bare: bare_sql(running, server, &people),
    };
    (engine, figures)
}

/// The limit, when the server is gone.
fn bare_sql(running: Running, server: &Server, people: &[Person]) -> Bare {
    drop(running);
    block_on(async {
        let db = Database::connect(&server.database).await.expect("the database");
        let bare = bare::measure(&db, people, 600).await;
        db.close().await.expect("closed");
        bare
    })
}

fn pages(client: &Client, people: &[Person], count: usize) -> Times {
    let path = |at: usize| format!("/customers/{}", people[at * 7 % people.len()].id);
    for at in 0..30 {
        client.page(&path(at));
    }
    Times::of(count, |at| client.page(&path(at)))
}

/// Of stored customers, and of the same people as somebody types them.
fn likely_duplicates(client: &Client, people: &[Person], count: usize) -> (Times, Times) {
    let person = |at: usize| &people[at * 7 % people.len()];
    let stored = |at: usize| format!("/api/v1/customers/{}/duplicates", person(at).id);
    let typed = |at: usize| {
        let person = person(at);
        serde_json::json!({
            "first_name": person.first_name, "last_name": person.last_name, "email": person.email,
            "phone": person.phone, "postcode": person.postcode, "town": person.town, "country": person.country,
        })
    };
    for at in 0..30 {
        client.fetch(&stored(at));
        client.ask("/api/v1/duplicates/likely", &typed(at));
    }
    (
        Times::of(count, |at| client.fetch(&stored(at))),
        Times::of(count, |at| client.ask("/api/v1/duplicates/likely", &typed(at))),
    )
}

fn saves(client: &Client, people: &[Person], count: usize) -> Times {
    let mut times = Times::default();
    for at in 0..count {
        // People from the end of the sample: the search mix has asked for the names before.
        times.add(client.save(&people[at * 11 % people.len()].id.to_string(), &format!("Anna{at}")));
    }
    times
}
