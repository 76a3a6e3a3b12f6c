//! Customers in and out.

use clap::Subcommand;

use super::Outcome;
use super::config::Config;

#[derive(Subcommand)]
pub enum ImportCommand {}

#[derive(Subcommand)]
pub enum ExportCommand {}

pub async fn import(_config: Config, command: ImportCommand) -> Outcome {
    match command {}
}

pub async fn export(_config: Config, command: ExportCommand) -> Outcome {
    match command {}
}
