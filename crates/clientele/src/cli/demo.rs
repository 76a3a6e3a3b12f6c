//! A shop to try things out on: the same every time.

use std::process::ExitCode;

use clap::Args;
use customers::channel::{self, ChannelInput};
use customers::choice::{self, ChoiceList};
use customers::company::{self, CompanyInput};
use customers::generate::{self, fill};
use customers::group::{self, GroupInput};
use duplicates::review::scan;
use platform::app::App;
use platform::auth::staff::StaffInput;
use platform::auth::{Permission, PermissionSet, STARTER_ROLES, role, staff};
use platform::clock::Micros;
use platform::db::{SqlExt, Tx};
use platform::history::{Actor, Source};
use platform::params;

use super::config::Config;
use super::progress::Progress;
use super::{Failure, Outcome, open, serve};

/// Everyone's password in the demo shop.
const PASSWORD: &str = "clientele-demo";
const SEED: u64 = 2026;

#[derive(Args)]
pub struct DemoArguments {
    /// How many customers the shop has.
    #[arg(long, default_value_t = 2_000)]
    customers: u64,
    /// Make the shop and stop, instead of serving it.
    #[arg(long)]
    only_make: bool,
}

/// Makes the demo shop and serves it. Without `--database` it lives in `demo` in the data folder and is made anew;
/// a database that is named must be empty.
pub async fn demo(mut config: Config, arguments: DemoArguments) -> Outcome {
    if config.database.is_empty() {
        config.data_dir = config.data_dir.join("demo");
        match std::fs::remove_dir_all(&config.data_dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let app = open(&config).await?;
    let used: Option<i64> = app.db.read().value("select count(*) from staff", params![]).await?;
    if used != Some(0) {
        return Err(Failure::Refused("This database is in use. A demo shop needs an empty one.".to_owned()));
    }
    make(&app, arguments.customers).await?;
    if arguments.only_make {
        app.db.close().await?;
        return Ok(ExitCode::SUCCESS);
    }
    let database = config.database_shown();
    serve::run(app, config.listen, |address| {
        println!("The demo shop is ready at http://{address}");
        println!("Its data are in {database}");
        println!("Sign in with the password {PASSWORD} as one of:");
        for role in STARTER_ROLES {
            println!("  {:<22} {}", role.name, address_of(role.key));
        }
    })
    .await
}

fn address_of(role: &str) -> String {
    format!("{role}@demo.example")
}

async fn make(app: &App, count: u64) -> Result<(), Failure> {
    let now = app.clock.now();
    let hash = platform::auth::password::hash(app.options.hash_cost, PASSWORD.to_owned()).await?;
    let tx = app.begin_write().await?;
    add_staff(&tx, now, &hash).await?;
    add_lists(&tx, now).await?;
    add_companies(&tx, now).await?;
    tx.commit().await?;
    // Some of them are there twice.
    let twins = generate::twins(SEED, count - count / 20);
    let once = count - twins.len() as u64;
    let mut progress = Progress::start("Making customers", once);
    fill::fill(&app.db, SEED, once, now, |done| progress.at(done, done)).await?;
    progress.finish();
    fill::add(&app.db, &twins, now).await?;
    find_duplicates(app).await
}

/// The review queue of a demo shop has something to show.
async fn find_duplicates(app: &App) -> Result<(), Failure> {
    let tx = app.begin_write().await?;
    let begun = scan::begin(&tx, app, &maker()).await?;
    tx.commit().await?;
    scan::carry_out(app, &begun, &|_| ()).await?;
    Ok(())
}

fn maker() -> Actor {
    Actor::system(Source::CommandLine, "demo")
}

async fn add_staff(tx: &Tx, now: Micros, password_hash: &str) -> Result<(), Failure> {
    let names =
        ["Ada Admin", "Mats Manager", "Sara Sales", "Sam Support", "Amir Accountant", "Pia Point", "Rosa Reader"];
    for (starter, name) in STARTER_ROLES.iter().zip(names) {
        let Some(role) = role::find_by_key(tx, starter.key).await? else { continue };
        let person = StaffInput {
            email: address_of(starter.key),
            name: name.to_owned(),
            role_id: role.id,
            channels: [].into(),
            active: true,
        };
        staff::add(tx, &maker(), &PermissionSet::of(Permission::ALL), now, &person, password_hash).await?;
    }
    Ok(())
}

async fn add_lists(tx: &Tx, now: Micros) -> Result<(), Failure> {
    for (name, kind, number_prefix) in [
        ("Web shop", "shop", "C"),
        ("Web shop Germany", "shop", "D"),
        ("Marketplace", "marketplace", "M"),
        ("High street", "pos", "P"),
        ("Wholesale portal", "external", "W"),
    ] {
        let (name, kind, number_prefix) = (name.to_owned(), kind.to_owned(), number_prefix.to_owned());
        channel::add(tx, &maker(), now, &ChannelInput { name, kind, number_prefix, active: true, required: None })
            .await?;
    }
    for (name, description, pricing, assignable) in [
        ("Newsletter", "Gets the monthly newsletter", false, true),
        ("Regulars", "Bought five times or more", false, true),
        ("VIP", "Free delivery and a call before it", true, true),
        ("Trade", "Prices without VAT", true, true),
        ("Staff and family", "Given by the manager only", true, false),
    ] {
        let input = GroupInput {
            name: name.to_owned(),
            description: description.to_owned(),
            pricing,
            mailing: true,
            assignable,
            ..GroupInput::default()
        };
        group::add(tx, &maker(), now, &input).await?;
    }
    for name in ["Friends or family", "Search engine", "Social media", "Magazine", "Trade fair", "Walked past"] {
        choice::add(tx, &maker(), now, ChoiceList::Source, name).await?;
    }
    for name in ["House", "Apartment", "Office", "Shop", "Workshop"] {
        choice::add(tx, &maker(), now, ChoiceList::PropertyType, name).await?;
    }
    Ok(())
}

/// Companies that some of the made-up customers name, so that they are found and linked.
async fn add_companies(tx: &Tx, now: Micros) -> Result<(), Failure> {
    let mut added: Vec<String> = Vec::new();
    for made_up in generate::customers(SEED, 400).filter(|customer| customer.is_trade) {
        if added.contains(&made_up.company) {
            continue;
        }
        let input = CompanyInput {
            name: made_up.company.clone(),
            number: made_up.company_number,
            vat_number: made_up.vat_number,
        };
        company::add(tx, &maker(), now, &input).await?;
        added.push(made_up.company);
    }
    Ok(())
}
