//! The command line: everything a shop's administrator does without a browser.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
