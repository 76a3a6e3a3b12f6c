//! Customers that are there twice: in a CSV file, without any database, or in the shop itself.

mod columns;
mod output;
mod people;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use clap::{Args, Subcommand};
use duplicates::review::scan as shop_scan;
use matching::{DEFAULT_THRESHOLD, Options, Stage};
use platform::history::{Actor, Source};

use super::config::Config;
use super::progress::Progress;
use super::{Failure, Outcome, open};

#[derive(Subcommand)]
pub enum DuplicatesCommand {
    /// Find the customers that are likely one and the same: of a CSV file, or of the shop, whose review queue then has them.
    Scan(ScanArguments),
}

#[derive(Args)]
pub struct ScanArguments {
    /// The customers, with a line of column names: id, title, first_name, last_name, email, phone, company, address1,
    /// address2, street_number, town, postcode, state, country, date_of_birth. Others are ignored, missing ones allowed.
    /// Without it the shop's own customers are looked through.
    #[arg(long, value_name = "FILE", requires = "out")]
    csv: Option<PathBuf>,
    /// Where to write the pairs: id_a, id_b, probability, explanation.
    #[arg(long, value_name = "FILE", requires = "csv")]
    out: Option<PathBuf>,
    /// Where to write the cluster of each customer that has a duplicate: id, cluster.
    #[arg(long, value_name = "FILE", requires = "csv")]
    clusters: Option<PathBuf>,
    /// Least probability of a pair, between 0 and 1. The shop has its own.
    #[arg(long, value_name = "P", default_value_t = DEFAULT_THRESHOLD, value_parser = probability)]
    threshold: f64,
}

fn probability(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if number > 0.0 && number < 1.0 { Ok(number) } else { Err("must lie between 0 and 1".to_owned()) }
}

/// Carries out a command about duplicates.
pub async fn duplicates(config: Config, command: DuplicatesCommand) -> Outcome {
    let DuplicatesCommand::Scan(arguments) = command;
    match (&arguments.csv, &arguments.out) {
        (Some(csv), Some(out)) => scan(csv, out, &arguments),
        _ => scan_shop(config).await,
    }
}

/// Looks through the shop as the button of the review queue does.
async fn scan_shop(config: Config) -> Outcome {
    let app = open(&config).await?;
    let started = Instant::now();
    let tx = app.begin_write().await?;
    let scan = shop_scan::begin(&tx, &app, &Actor::system(Source::CommandLine, "duplicates scan")).await?;
    tx.commit().await?;
    let progress = Mutex::new(Progress::start("Looking for duplicates", 100));
    let tell = |percent: i64| {
        if let Ok(mut progress) = progress.lock() {
            progress.at(percent.cast_unsigned(), percent.cast_unsigned());
        }
    };
    let outcome = shop_scan::carry_out(&app, &scan, &tell).await;
    if let Ok(progress) = progress.lock() {
        progress.finish();
    }
    let done = match outcome {
        Ok(done) => done,
        Err(error) => {
            shop_scan::fail(&app, &scan, &error.to_string()).await?;
            return Err(error.into());
        }
    };
    app.db.close().await?;
    let seconds = started.elapsed().as_secs_f64();
    let (customers, compared, pairs) = (done.customers, done.compared, done.pairs);
    println!("{customers} customers, {compared} candidates compared: {pairs} pairs stored, in {seconds:.1} s.");
    Ok(ExitCode::SUCCESS)
}

fn scan(csv: &Path, out: &Path, arguments: &ScanArguments) -> Outcome {
    let started = Instant::now();
    let customers = people::read(csv).map_err(|error| Failure::Refused(error.to_string()))?;
    let options = Options { threshold: arguments.threshold, ..Options::default() };
    let progress = Mutex::new(Progress::start("Looking for duplicates", PER_STAGE * STAGES.len() as u64));
    let tell = |stage: Stage, share: f64| {
        let before = STAGES.iter().position(|other| *other == stage).unwrap_or_default() as u64;
        if let Ok(mut progress) = progress.lock() {
            progress.at(before * PER_STAGE + (share * PER_STAGE as f64) as u64, customers.people.len() as u64);
        }
        true
    };
    let scan = matching::scan(&customers.people, &options, &tell)
        .map_err(|matching::Cancelled| Failure::Refused("the scan was cancelled".to_owned()))?;
    output::pairs(out, &customers, &scan)?;
    if let Some(path) = &arguments.clusters {
        output::clusters(path, &customers, &scan)?;
    }
    if let Ok(progress) = progress.lock() {
        progress.finish();
    }
    println!(
        "{} customers, {} candidates compared: {} pairs in {} clusters, in {:.1} s.",
        customers.people.len(),
        scan.compared,
        scan.pairs.len(),
        scan.clusters.len(),
        started.elapsed().as_secs_f64()
    );
    Ok(ExitCode::SUCCESS)
}

/// The stages of a scan in their order.
const STAGES: [Stage; 5] = [Stage::Counting, Stage::Blocking, Stage::Learning, Stage::Comparing, Stage::Clustering];
/// Steps of progress that one stage is shown as.
const PER_STAGE: u64 = 1000;
