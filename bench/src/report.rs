//! The results as a page of Markdown.

use std::fmt::Write;
use std::path::PathBuf;

use super::lists::ListTimes;
use super::machine;
use super::mix::{KINDS, Kind};
use super::shop::{EngineFigures, Figures};
use super::times::Times;

/// Everything that was measured in one run.
pub struct Report {
    customers: u64,
    out: Option<PathBuf>,
    engines: Vec<EngineFigures>,
}

/// What the design asks for, on SQLite and on PostgreSQL, in milliseconds.
const ASKED: [(&str, f64, f64); 4] = [
    ("list page of 50, any filter, sort and depth", 10.0, 20.0),
    ("search box, the whole mix", 5.0, 15.0),
    ("customer page with its tabs' counts", 8.0, 15.0),
    ("save one customer", 15.0, 20.0),
];

/// The same for likely duplicates, on both.
const LIKELY_ASKED: f64 = 20.0;

fn all(lists: &[ListTimes]) -> Times {
    let mut times = Times::default();
    lists.iter().for_each(|list| times.extend(&list.times));
    times
}

fn whole_mix(shop: &Figures) -> Times {
    let mut times = Times::default();
    shop.search.values().for_each(|outcome| times.extend(&outcome.times));
    times
}

fn ms(value: f64) -> String {
    if value < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") }
}

impl Report {
    pub fn new(customers: u64, out: Option<PathBuf>) -> Self {
        Self { customers, out, engines: Vec::new() }
    }

    /// Begins with an engine.
    pub fn begin(&mut self, engine: EngineFigures) {
        self.engines.push(engine);
    }

    /// Adds to the figures of the engine begun last and writes what is there: a run takes long, and may be cut off.
    pub fn add(&mut self, change: impl FnOnce(&mut EngineFigures)) {
        change(self.engines.last_mut().expect("an engine"));
        if let Some(out) = &self.out {
            std::fs::write(out, self.markdown()).expect("the results are written");
        }
    }

    pub fn markdown(&self) -> String {
        let mut text = format!("# Measured with {} customers\n\n", grouped(self.customers));
        text.push_str("Made by `make bench`; what is measured and how is told in README.md beside this file.\n\n");
        machine::describe().iter().for_each(|line| text.push_str(&format!("- {line}\n")));
        for engine in &self.engines {
            let _infallible = writeln!(text, "- {}", engine.engine);
        }
        for engine in &self.engines {
            engine_section(engine, &mut text);
        }
        text
    }
}

fn engine_section(engine: &EngineFigures, text: &mut String) {
    let Some(shop) = engine.shops.last() else { return };
    text.push_str(&format!("\n## {}, {} customers\n\n", engine.engine, grouped(shop.customers)));
    design_table(engine, shop, text);
    other_figures(engine, shop, text);
    search_table(shop, text);
    list_tables(shop, text);
    growth_table(engine, text);
    crowd_table(shop, text);
    browser_table(shop, text);
}

fn design_table(engine: &EngineFigures, shop: &Figures, text: &mut String) {
    text.push_str(
        "| over HTTP, ms | p50 | p99 | asked p99 | bare SQL p50 | bare SQL p99 | ratio of p50 | ratio of p99 |\n",
    );
    text.push_str("|---|--:|--:|--:|--:|--:|--:|--:|\n");
    let measured = [
        (all(&shop.lists), &shop.bare.list),
        (whole_mix(shop), &shop.bare.search),
        (shop.page.clone(), &shop.bare.open),
        (shop.save.clone(), &shop.bare.save),
    ];
    for ((what, sqlite, postgres), (times, bare)) in ASKED.iter().zip(measured) {
        let asked = if engine.is_sqlite { sqlite } else { postgres };
        let (half, most) = (times.percentile(50), times.percentile(99));
        let (bare_half, bare_most) = (bare.percentile(50), bare.percentile(99));
        let mark = if most <= *asked { "" } else { " **missed**" };
        text.push_str(&format!(
            "| {what} | {} | {}{mark} | {asked} | {} | {} | {:.1} | {:.1} |\n",
            ms(half),
            ms(most),
            ms(bare_half),
            ms(bare_most),
            half / bare_half.max(0.001),
            most / bare_most.max(0.001),
        ));
    }
    for (what, times) in [
        ("likely duplicates of a customer", &shop.likely.0),
        ("likely duplicates of somebody who is typed", &shop.likely.1),
    ] {
        let (half, most) = (times.percentile(50), times.percentile(99));
        let mark = if most <= LIKELY_ASKED { "" } else { " **missed**" };
        text.push_str(&format!("| {what} | {} | {}{mark} | {LIKELY_ASKED} | | | | |\n", ms(half), ms(most)));
    }
    let screens = all(&shop.screens);
    text.push_str(&format!(
        "| list as the screen shows it, with the count of rows found | {} | {} | | | | | |\n",
        ms(screens.percentile(50)),
        ms(screens.percentile(99))
    ));
}

fn other_figures(engine: &EngineFigures, shop: &Figures, text: &mut String) {
    text.push('\n');
    if let Some((rows, took)) = &engine.imported {
        let asked = if engine.is_sqlite { "20,000" } else { "10,000" };
        let pace = *rows as f64 / took.seconds;
        text.push_str(&format!(
            "- import of {} rows: {} rows/s ({asked} asked), {:.0} MB at most\n",
            grouped(*rows),
            grouped(pace as u64),
            took.most_memory_mb
        ));
    }
    if let Some((customers, took)) = &engine.filled {
        let pace = *customers as f64 / took.seconds;
        text.push_str(&format!(
            "- making {} customers: {:.0} s, {} a second\n",
            grouped(*customers),
            took.seconds,
            grouped(pace as u64)
        ));
    }
    text.push_str(&format!(
        "- start until the first request can be answered: {:.0} ms (200 asked); until lists and searches are chosen from \
         memory, after which all this was measured: {:.1} s\n- server memory: {:.0} MB then, \
         {:.0} MB after all this load (150 asked)\n",
        shop.started_ms, shop.warm_seconds, shop.idle_memory_mb, shop.memory_mb
    ));
}

fn search_table(shop: &Figures, text: &mut String) {
    text.push_str(
        "\n### Search\n\nThe very customer who was meant comes first, or among the first five; or the first hit ",
    );
    text.push_str("fits the question as well (a namesake, another customer of that mail domain).\n\n");
    text.push_str(
        "| kind | questions | p50 ms | p99 ms | first | among five | first hit fits |\n|---|--:|--:|--:|--:|--:|--:|\n",
    );
    let (mut total, mut first, mut five, mut fit, mut meant) = (Times::default(), 0, 0, 0, 0);
    for (kind, _) in KINDS {
        let Some(outcome) = shop.search.get(kind) else { continue };
        let count = outcome.times.count();
        let share = |part: usize| format!("{:.1} %", part as f64 * 100.0 / count.max(1) as f64);
        let place = |part: usize| if *kind == Kind::Miss { String::new() } else { share(part) };
        row(text, kind.name(), &outcome.times, &[place(outcome.first), place(outcome.among_five), share(outcome.fits)]);
        total.extend(&outcome.times);
        fit += outcome.fits;
        if *kind != Kind::Miss {
            (first, five, meant) = (first + outcome.first, five + outcome.among_five, meant + count);
        }
    }
    let share = |part: usize, of: usize| format!("{:.1} %", part as f64 * 100.0 / of.max(1) as f64);
    row(text, "all", &total, &[share(first, meant), share(five, meant), share(fit, total.count())]);
}

fn row(text: &mut String, name: &str, times: &Times, further: &[String]) {
    let further = further.join(" | ");
    let (half, most) = (ms(times.percentile(50)), ms(times.percentile(99)));
    text.push_str(&format!("| {name} | {} | {half} | {most} | {further} |\n", times.count()));
}

fn list_tables(shop: &Figures, text: &mut String) {
    text.push_str("\n### Lists\n\nEvery filter with ten sorts at the beginning, in the middle and near the end.\n\n");
    text.push_str("| filter | requests | p50 ms | p99 ms | slowest kind, ms (its median) |\n|---|--:|--:|--:|---|\n");
    let mut names: Vec<&str> = Vec::new();
    shop.lists.iter().filter(|list| list.times.count() > 0).for_each(|list| {
        if !names.contains(&list.filter) {
            names.push(list.filter);
        }
    });
    for name in names {
        let of_filter: Vec<&ListTimes> = shop.lists.iter().filter(|list| list.filter == name).collect();
        let mut times = Times::default();
        of_filter.iter().for_each(|list| times.extend(&list.times));
        let slowest = of_filter.iter().max_by(|a, b| a.times.percentile(50).total_cmp(&b.times.percentile(50)));
        let slowest = slowest.map_or_else(String::new, |list| {
            format!("{} `{}`", ms(list.times.percentile(50)), without_ids(&list.query))
        });
        row(text, name, &times, &[slowest]);
    }
}

/// Ids mean nothing to a reader.
fn without_ids(query: &str) -> String {
    let shorten = |part: &str| match part.split_once('=') {
        Some((name, value)) if value.len() == 36 => format!("{name}=…"),
        _ => part.to_owned(),
    };
    query.split('&').map(shorten).collect::<Vec<_>>().join("&")
}

fn growth_table(engine: &EngineFigures, text: &mut String) {
    text.push_str(
        "\n### Growth, p50 / p99 in ms\n\n| customers | list | search | page | save |\n|--:|--:|--:|--:|--:|\n",
    );
    for shop in &engine.shops {
        let pair = |times: &Times| format!("{} / {}", ms(times.percentile(50)), ms(times.percentile(99)));
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            grouped(shop.customers),
            pair(&all(&shop.lists)),
            pair(&whole_mix(shop)),
            pair(&shop.page),
            pair(&shop.save)
        ));
    }
}

fn crowd_table(shop: &Figures, text: &mut String) {
    text.push_str("\n### Many at once\n\nSearching, opening, listing, and one save in twenty, on the same cores as the callers.\n\n");
    text.push_str("| callers | requests a second | p50 ms | p99 ms |\n|--:|--:|--:|--:|\n");
    for crowd in &shop.crowds {
        let (half, most) = (crowd.times.percentile(50), crowd.times.percentile(99));
        text.push_str(&format!("| {} | {:.0} | {} | {} |\n", crowd.callers, crowd.per_second, ms(half), ms(most)));
    }
}

fn browser_table(shop: &Figures, text: &mut String) {
    if shop.visits.is_empty() {
        return;
    }
    text.push_str("\n### In the browser\n\n| visit or click | kB over the wire | ms |\n|---|--:|--:|\n");
    for visit in &shop.visits {
        text.push_str(&format!("| {} | {:.1} | {:.0} |\n", visit.name, visit.kilobytes, visit.milliseconds));
    }
}

/// 1000000 as 1,000,000.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
