//! Made-up customers, for measuring.

use std::process::ExitCode;

use clap::Args;
use customers::generate::fill;

use super::config::Config;
use super::progress::Progress;
use super::{Outcome, open};

#[derive(Args)]
pub struct GenerateArguments {
    /// How many.
    #[arg(long)]
    customers: u64,
    /// The same seed gives the same customers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Adds made-up customers to the database.
pub async fn generate(config: Config, arguments: GenerateArguments) -> Outcome {
    let app = open(&config).await?;
    let mut progress = Progress::start("Making customers", arguments.customers);
    fill::fill(&app.db, arguments.seed, arguments.customers, app.clock.now(), |done| progress.at(done, done)).await?;
    progress.finish();
    app.db.close().await?;
    println!("{} customers were added.", arguments.customers);
    Ok(ExitCode::SUCCESS)
}
