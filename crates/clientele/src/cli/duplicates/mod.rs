//! Customers that are in a file twice. Works on files alone; no database is opened.

mod columns;
mod output;
mod people;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use clap::{Args, Subcommand};
use matching::{DEFAULT_THRESHOLD, Options, Stage};

use super::progress::Progress;
use super::{Failure, Outcome};

#[derive(Subcommand)]
pub enum DuplicatesCommand {
    /// Find the customers of a CSV file that are likely one and the same.
    Scan(ScanArguments),
}

#[derive(Args)]
pub struct ScanArguments {
    /// The customers, with a line of column names: id, title, first_name, last_name, email, phone, company, address1,
    /// address2, street_number, town, postcode, state, country, date_of_birth. Others are ignored, missing ones allowed.
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// Where to write the pairs: id_a, id_b, probability, explanation.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where to write the cluster of each customer that has a duplicate: id, cluster.
    #[arg(long, value_name = "FILE")]
    clusters: Option<PathBuf>,
    /// Least probability of a pair, between 0 and 1.
    #[arg(long, value_name = "P", default_value_t = DEFAULT_THRESHOLD, value_parser = probability)]
    threshold: f64,
}

fn probability(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if number > 0.0 && number < 1.0 { Ok(number) } else { Err("must lie between 0 and 1".to_owned()) }
}

/// Carries out a command about duplicates.
pub fn duplicates(command: DuplicatesCommand) -> Outcome {
    let DuplicatesCommand::Scan(arguments) = command;
    scan(&arguments)
}

fn scan(arguments: &ScanArguments) -> Outcome {
    let started = Instant::now();
    let customers = people::read(&arguments.csv).map_err(|error| Failure::Refused(error.to_string()))?;
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
    output::pairs(&arguments.out, &customers, &scan)?;
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
