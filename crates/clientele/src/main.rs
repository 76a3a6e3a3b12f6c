//! The command line: everything a shop's administrator does without a browser.

mod cli;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Quicker than the system's among several threads, and gives back what is free.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
