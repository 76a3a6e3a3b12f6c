//! `make bench`: how fast customers go in, and how long list, search, opening and saving take over HTTP at ten thousand, a
//! hundred thousand and a million customers, on both engines, next to the bare SQL of the same engine on the same data.

mod bare;
mod browser;
mod client;
mod crowd;
mod data;
mod lists;
mod machine;
mod mix;
mod report;
mod sample;
mod server;
mod shop;
mod times;

use std::path::PathBuf;

use clap::Parser;

use report::Report;
use shop::Scale;

/// Measures the release program.
#[derive(Parser)]
struct Arguments {
    /// The program to measure.
    #[arg(long, default_value = "target/release/clientele")]
    program: PathBuf,
    /// Customers of the largest shop.
    #[arg(long, default_value_t = 1_000_000)]
    customers: u64,
    /// Sizes below it that show the growth.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000")]
    smaller: Vec<u64>,
    /// Rows of the file that is imported.
    #[arg(long, default_value_t = 100_000)]
    import: u64,
    /// A PostgreSQL server's superuser address; without it only SQLite is measured.
    #[arg(long, env = "CLIENTELE_TEST_POSTGRES")]
    postgres: Option<String>,
    /// Leaves SQLite out.
    #[arg(long)]
    only_postgres: bool,
    /// Measures this database, which is filled and is kept, instead of making one.
    #[arg(long)]
    database: Option<String>,
    /// Leaves out what a browser shows.
    #[arg(long)]
    no_browser: bool,
    /// Where the results go; they are printed in any case.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() {
    let arguments = Arguments::parse();
    if let Some(missing) = browser::missing().filter(|_| !arguments.no_browser) {
        eprintln!("bench: {missing} is missing, so nothing can be measured in a browser; --no-browser leaves that out");
        std::process::exit(2);
    }
    let mut report = Report::new(arguments.customers, arguments.out.clone());
    let folder = tempfile::Builder::new().prefix("clientele-bench-").tempdir().expect("a temporary folder");
    if let Some(database) = &arguments.database {
        shop::measure_kept(&arguments.program, database, !arguments.no_browser, &mut report);
    } else {
        let file = folder.path().join("customers.csv");
        if arguments.import > 0 {
            data::write(&file, arguments.import);
        }
        let scale = Scale {
            program: &arguments.program,
            customers: arguments.customers,
            smaller: &arguments.smaller,
            import: (arguments.import > 0).then_some((file.as_path(), arguments.import)),
            browser: !arguments.no_browser,
        };
        if !arguments.only_postgres {
            shop::on_sqlite(&scale, folder.path(), &mut report);
        }
        if let Some(superuser) = &arguments.postgres {
            shop::on_postgres(&scale, superuser, &mut report);
        }
    }
    println!("{}", report.markdown());
}
