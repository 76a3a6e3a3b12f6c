//! Filling a database with made-up customers, through the same rules and the same writing as an import.

use std::collections::HashMap;
use std::sync::Arc;

use platform::auth::{Permission, PermissionSet};
use platform::clock::{DAY, Micros};
use platform::contact::fold;
use platform::db::{Database, Dropped, SqlExt, drop_indexes, make_indexes};
use platform::error::{AppError, AppResult};
use platform::history::{Actor, Source};
use platform::ids::new_id;
use platform::params;
use platform::sea_orm::{self, FromQueryResult};
use uuid::Uuid;

use super::{GeneratedAddress, GeneratedCustomer, generate};
use crate::customer::apply::{Resolved, Rules, apply};
use crate::customer::profile::Profile;
use crate::customer::{AddressInput, Customer, CustomerInput, EmailInput, Origin, PhoneInput, save};
use crate::directory::Directory;
use crate::lineup;
use crate::search;

/// Customers written in one transaction.
const CHUNK: u64 = 2000;
/// From so many on, the database is put in order afterwards.
const MANY: u64 = 5000;
/// From so many on, an empty shop is filled without its indexes. Whoever cuts that off makes the shop anew.
const VERY_MANY: u64 = 50_000;
/// How far back the first customer was created.
const HISTORY: Micros = 365 * DAY;

/// Adds `count` made-up customers, created one after another over the last year. `progress` is told how many
/// are there so far. Customers of an earlier run stay; the new ones get addresses of their own.
///
/// # Errors
/// When the database cannot be written.
pub async fn fill(db: &Database, seed: u64, count: u64, now: Micros, mut progress: impl FnMut(u64)) -> AppResult<()> {
    let before: i64 = db.read().value("select count(*) from customer", params![]).await?.unwrap_or(0);
    if count >= MANY {
        db.before_much_writing().await?;
    }
    let dropped = if before == 0 && count >= VERY_MANY { Some(without_indexes(db).await?) } else { None };
    let maker = Arc::new(Maker {
        directory: Directory::load(db.read()).await?,
        companies: companies(db).await?,
        permissions: PermissionSet::of(Permission::ALL),
        seed,
        first: before as u64,
        count,
        now,
    });
    let make = |from: u64| {
        let maker = Arc::clone(&maker);
        tokio::task::spawn_blocking(move || maker.chunk(from))
    };
    let mut done = 0;
    let mut next = make(done);
    while done < count {
        let customers = next.await.map_err(AppError::broken)??;
        let size = customers.len() as u64;
        // The next ones are made while these are written.
        next = make(done + size);
        write(db, &maker.directory, maker.created(done + size), customers).await?;
        done += size;
        progress(done);
    }
    if let Some(dropped) = dropped {
        let tx = db.begin_write().await?;
        make_indexes(&tx, db.engine(), dropped).await?;
        tx.commit().await?;
    }
    if count >= MANY {
        search::settle(db).await?;
        db.settle().await?;
    }
    // They count as written in the past, where nobody looks for news.
    lineup::forget(db);
    Ok(())
}

/// Adds made-up customers as they stand, all created now.
///
/// # Errors
/// When the database cannot be written.
pub async fn add(db: &Database, made_up: &[GeneratedCustomer], now: Micros) -> AppResult<()> {
    let directory = Directory::load(db.read()).await?;
    let companies = companies(db).await?;
    let permissions = PermissionSet::of(Permission::ALL);
    let rules = Rules { directory: &directory, permissions: &permissions, now, profile: Profile::Import };
    let made = made_up.iter().map(|one| customer(one, rules, &companies)).collect::<AppResult<Vec<_>>>()?;
    write(db, &directory, now, made).await
}

async fn without_indexes(db: &Database) -> AppResult<Dropped> {
    let tx = db.begin_write().await?;
    let dropped = drop_indexes(&tx, db.engine()).await?;
    tx.commit().await?;
    Ok(dropped)
}

/// What customers are made of.
struct Maker {
    directory: Directory,
    companies: HashMap<String, Uuid>,
    permissions: PermissionSet,
    seed: u64,
    /// Index of the first one: customers of an earlier run stay.
    first: u64,
    count: u64,
    now: Micros,
}

impl Maker {
    fn created(&self, position: u64) -> Micros {
        self.now - HISTORY + (HISTORY as i128 * i128::from(position) / i128::from(self.count)) as i64
    }

    fn chunk(&self, from: u64) -> AppResult<Vec<Customer>> {
        let make = |position: u64| {
            let rules = Rules {
                directory: &self.directory,
                permissions: &self.permissions,
                now: self.created(position),
                profile: Profile::Import,
            };
            customer(&generate(self.seed, self.first + position), rules, &self.companies)
        };
        (from..self.count.min(from + CHUNK)).map(make).collect()
    }
}

async fn write(db: &Database, directory: &Directory, now: Micros, customers: Vec<Customer>) -> AppResult<()> {
    let actors = vec![Actor::system(Source::CommandLine, "generate"); customers.len()];
    let tx = db.begin_write().await?;
    save::insert_new(&tx, directory, actors, now, customers).await?;
    Ok(tx.commit().await?)
}

async fn companies(db: &Database) -> AppResult<HashMap<String, Uuid>> {
    #[derive(FromQueryResult)]
    struct CompanyName {
        id: Uuid,
        name_folded: String,
    }
    let rows: Vec<CompanyName> = db.read().all("select id, name_folded from company", params![]).await?;
    Ok(rows.into_iter().map(|row| (row.name_folded, row.id)).collect())
}

fn customer(made_up: &GeneratedCustomer, rules: Rules<'_>, companies: &HashMap<String, Uuid>) -> AppResult<Customer> {
    let mut customer = Customer::new(new_id(rules.now), origin(made_up), rules.now);
    let input = input(made_up, rules.directory);
    apply(&mut customer, None, &input, &Resolved::default(), rules)
        .map_err(|refused| AppError::broken(format!("a made-up customer was refused: {refused:?}")))?;
    customer.company_id = companies.get(&fold(&made_up.company)).copied();
    Ok(customer)
}

/// A trade customer who registered would wait for approval (R5), so those who do not came by import.
fn origin(made_up: &GeneratedCustomer) -> Origin {
    match (made_up.status, made_up.is_trade) {
        ("registered" | "pending_approval", false) | ("pending_approval", true) => Origin::Web,
        (_, true) => Origin::Import,
        ("guest", _) => Origin::Sync,
        ("in_store", _) => Origin::Pos,
        _ => Origin::Manual,
    }
}

fn input(made_up: &GeneratedCustomer, directory: &Directory) -> CustomerInput {
    let text = |text: &str| Some(text.to_owned());
    let emails = made_up.emails.iter().enumerate().map(|(at, address)| EmailInput {
        address: address.clone(),
        is_primary: at == 0,
        ..EmailInput::default()
    });
    let phones = made_up.phones.iter().enumerate().map(|(at, (number, is_mobile))| PhoneInput {
        number: number.clone(),
        kind: if *is_mobile { "mobile".to_owned() } else { String::new() },
        is_primary: at == 0,
        ..PhoneInput::default()
    });
    let addresses = made_up.addresses.iter().enumerate().map(|(at, address)| address_input(at, address));
    CustomerInput {
        title: text(&made_up.title),
        first_name: text(&made_up.first_name),
        last_name: text(&made_up.last_name),
        company_name: text(&made_up.company),
        company_number: text(&made_up.company_number),
        vat_number: text(&made_up.vat_number),
        account_code: text(&made_up.account_code),
        language: text(made_up.language),
        status: text(made_up.status),
        customer_type: text(if made_up.is_trade { "trade" } else { "retail" }),
        active: Some(made_up.active),
        emails: Some(emails.collect()),
        phones: Some(phones.collect()),
        addresses: Some(addresses.collect()),
        ..references(made_up, directory)
    }
}

fn address_input(at: usize, address: &GeneratedAddress) -> AddressInput {
    AddressInput {
        line1: address.line1.clone(),
        line2: address.line2.clone(),
        town: address.town.clone(),
        county: address.county.clone(),
        postcode: address.postcode.clone(),
        country: address.country.to_owned(),
        is_primary: at == 0,
        is_billing: at == 0,
        is_delivery: at == 1,
        ..AddressInput::default()
    }
}

/// What of the shop's own lists the customer refers to, chosen by the customer's lot.
fn references(made_up: &GeneratedCustomer, directory: &Directory) -> CustomerInput {
    let lot = made_up.lot as usize;
    let one_of = |ids: Vec<Uuid>, lot: usize| ids.get(lot % ids.len().max(1)).map(Uuid::to_string);
    let channels: Vec<Uuid> = directory.channels.iter().filter(|row| row.active).map(|row| row.id).collect();
    let sources = directory.sources.iter().filter(|row| row.retired_at.is_none()).map(|row| row.id).collect();
    let staff = directory.staff.iter().map(|(id, _, _)| *id).collect();
    let properties = directory.property_types.iter().filter(|row| row.retired_at.is_none()).map(|row| row.id).collect();
    let mut groups: Vec<String> = Vec::new();
    let open: Vec<Uuid> = directory.groups.iter().filter(|row| row.assignable).map(|row| row.id).collect();
    if lot % 10 < 6 {
        groups.extend(one_of(open.clone(), lot / 10));
    }
    if lot % 100 < 8 {
        groups.extend(one_of(open, lot / 100 + 1).filter(|group| !groups.contains(group)));
    }
    CustomerInput {
        home_channel: one_of(channels.clone(), lot / 7),
        channels: lot.is_multiple_of(12).then(|| one_of(channels, lot / 7 + 1).into_iter().collect()),
        source: if lot.is_multiple_of(3) { one_of(sources, lot / 3) } else { None },
        property_type: if lot.is_multiple_of(9) { one_of(properties, lot / 9) } else { None },
        assignee: if made_up.is_trade || lot.is_multiple_of(20) { one_of(staff, lot / 5) } else { None },
        note_flag: Some(lot.is_multiple_of(40)),
        primary_group: groups.first().cloned(),
        groups: (!groups.is_empty()).then_some(groups),
        ..CustomerInput::default()
    }
}
