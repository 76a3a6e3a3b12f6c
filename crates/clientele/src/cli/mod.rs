//! Commands, one file each. Exit codes: 0 done, 1 refused or wrong data, 2 wrong usage.

mod config;
mod customers;
mod demo;
mod duplicates;
mod generate;
mod people;
mod progress;
mod schema;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use platform::app::App;
use platform::clock::{Clock, SECOND};
use platform::error::{AppError, FieldErrors};
use platform::i18n::{Lang, Translate};

use clientele::program::{self, StartError};
use config::{Config, Flags};

/// The customer office of a shop.
#[derive(Parser)]
#[command(name = "clientele", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    flags: Flags,
    /// The configuration file. Flags and CLIENTELE_... variables win over it.
    #[arg(long, global = true, default_value = "clientele.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve,
    /// Run the server on a fresh demo shop and print who can sign in.
    Demo(demo::DemoArguments),
    /// Bring the database's schema up to date.
    Migrate,
    /// Look for what would keep the server from working.
    Doctor,
    /// Staff: who can sign in.
    #[command(subcommand)]
    Staff(people::StaffCommand),
    /// Tokens for programs that use the API.
    #[command(subcommand)]
    Token(people::TokenCommand),
    /// Bring data in from a file.
    #[command(subcommand)]
    Import(customers::ImportCommand),
    /// Write data to standard output or a file.
    #[command(subcommand)]
    Export(customers::ExportCommand),
    /// Customers that are there twice.
    #[command(subcommand)]
    Duplicates(duplicates::DuplicatesCommand),
    /// Fill the database with made-up customers, for measuring.
    Generate(generate::GenerateArguments),
}

/// Why a command ended without doing its work.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// What was asked for cannot be done; the sentence says why.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("the configuration is wrong: {0}")]
    Config(#[from] Box<figment::Error>),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::Refused(match error {
            AppError::Invalid(errors) => sentences(&errors),
            AppError::Conflict(reason) | AppError::BadRequest(reason) | AppError::Forbidden(reason) => {
                reason.detail.translate(Lang::En)
            }
            other => other.to_string(),
        })
    }
}

impl From<platform::sea_orm::DbErr> for Failure {
    fn from(error: platform::sea_orm::DbErr) -> Self {
        Self::Refused(format!("the database refused: {error}"))
    }
}

fn sentences(errors: &FieldErrors) -> String {
    let lines = errors.0.iter().map(|error| format!("{}: {}", error.field, error.detail.translate(Lang::En)));
    lines.collect::<Vec<_>>().join("\n")
}

/// What a command that did its work ends with.
type Outcome = Result<ExitCode, Failure>;

/// Reads the arguments and carries out the command.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = Config::read(&arguments.config, &arguments.flags).map_err(Failure::from).and_then(|config| {
        config.start_logging();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(carry_out(arguments.command, config))
    });
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(command: Command, config: Config) -> Outcome {
    match command {
        Command::Serve => serve::serve(config).await,
        Command::Demo(arguments) => demo::demo(config, arguments).await,
        Command::Migrate => schema::migrate(config).await,
        Command::Doctor => schema::doctor(config).await,
        Command::Staff(command) => people::staff(config, command).await,
        Command::Token(command) => people::token(config, command).await,
        Command::Import(command) => customers::import(config, command).await,
        Command::Export(command) => customers::export(config, command).await,
        Command::Duplicates(command) => duplicates::duplicates(config, command).await,
        Command::Generate(arguments) => generate::generate(config, arguments).await,
    }
}

/// Opens the database of the configuration and puts the program together.
async fn open(config: &Config) -> Result<App, Failure> {
    let clock = Clock::system(config.clock_offset_seconds * SECOND);
    Ok(program::open(&config.database(), &config.data_dir, clock, config.options()).await?)
}
