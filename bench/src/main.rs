//! `make bench`: how fast customers go in, and how long list, search, open and save take over HTTP, on both engines, next
//! to the bare SQL of the same engine on the same data.

mod bare;
mod data;
mod load;
mod server;
mod times;

use std::path::PathBuf;

use clap::Parser;

use load::Load;
use server::Server;
use times::Table;

/// Measures the release program.
#[derive(Parser)]
struct Arguments {
    /// The program to measure.
    #[arg(long, default_value = "target/release/clientele")]
    program: PathBuf,
    /// How many customers.
    #[arg(long, default_value_t = 100_000)]
    customers: u64,
    /// Requests of each kind.
    #[arg(long, default_value_t = 500)]
    requests: usize,
    /// A PostgreSQL server's superuser address; without it only SQLite is measured.
    #[arg(long, env = "CLIENTELE_TEST_POSTGRES")]
    postgres: Option<String>,
}

fn main() {
    let arguments = Arguments::parse();
    let folder = tempfile::Builder::new().prefix("clientele-bench-").tempdir().expect("a temporary folder");
    let file = folder.path().join("customers.csv");
    data::write(&file, arguments.customers);
    measure(&arguments, "SQLite", &format!("sqlite:{}", folder.path().join("bench.db").display()), &file);
    if let Some(superuser) = &arguments.postgres {
        let address = bare::create_database(superuser);
        measure(&arguments, "PostgreSQL", &address, &file);
    }
}

fn measure(arguments: &Arguments, engine: &str, database: &str, file: &std::path::Path) {
    let server = Server::new(&arguments.program, database);
    let seconds = server.import(file);
    let pace = arguments.customers as f64 / seconds;
    println!("\n{engine}, {} customers", arguments.customers);
    println!("import {pace:>12.0} rows/s  ({seconds:.1} s, {:.0} MB at most)", server.import_memory_mb());
    let mut table = Table::default();
    {
        let running = server.start();
        println!("start  {:>12.2} s", running.started_after.as_secs_f64());
        let mut load = Load::new(&running, arguments.requests);
        load.run(&mut table);
        println!("memory {:>12.0} MB after {} requests", running.memory_mb(), load.sent());
    }
    bare::measure(database, arguments.requests, &mut table);
    table.print();
}
