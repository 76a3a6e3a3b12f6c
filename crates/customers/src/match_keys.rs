//! Match keys: small stored values such that two records of one customer most likely share at least one. They are written
//! with every save, so that likely duplicates are found at once, among a million customers too.
//!
//! Always true: a customer in the bin, merged or anonymous has none.

use std::collections::BTreeSet;

use matching::{Address, KEYS_VERSION, KeyKind, Person, Record};
use platform::app::App;
use platform::db::{Inserts, SqlExt, Tx};
use platform::error::AppResult;
use platform::history::{Actor, Source};
use platform::sea_orm::{ConnectionTrait, DbBackend, DbErr};
use platform::settings::{self, Setting};
use platform::{ids, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::customer::model::{ContactKind, Customer};
use crate::customer::store;

/// Records whose keys are made anew with one transaction.
const AT_ONCE: i64 = 500;

/// The kinds of keys that are stored: those that few customers share. Looser ones serve the scan of a whole shop.
const STORED: [KeyKind; 8] = [
    KeyKind::LastNamePostcode,
    KeyKind::Mailbox,
    KeyKind::Phone,
    KeyKind::FullName,
    KeyKind::Address,
    KeyKind::LocalPart,
    KeyKind::SoundArea,
    KeyKind::CompanyName,
];

/// A customer in the form that is compared. Masked relay addresses never tell who somebody is (R7).
pub fn person(customer: &Customer) -> Person {
    let own = customer.emails.iter().filter(|email| email.kind != ContactKind::Relay);
    let number = |phone: &crate::customer::model::Phone| match phone.e164.is_empty() {
        true => phone.typed.clone(),
        false => phone.e164.clone(),
    };
    let phones: Vec<String> = customer.phones.iter().map(number).collect();
    let addresses = customer.addresses.iter().map(|address| Address {
        line1: &address.line1,
        line2: &address.line2,
        town: &address.town,
        postcode: &address.postcode,
        state: &address.county,
        country: &address.country,
    });
    matching::normalise(&Record {
        title: &customer.title,
        first_name: &customer.first_name,
        last_name: &customer.last_name,
        emails: own.map(|email| email.folded.as_str()).collect(),
        phones: phones.iter().map(String::as_str).collect(),
        company: &customer.company_name,
        addresses: addresses.collect(),
        date_of_birth: "",
    })
}

/// The stored keys of a person, as the database holds them.
pub fn keys_of(person: &Person) -> BTreeSet<i64> {
    let keys = matching::match_keys(person);
    keys.into_iter().filter(|key| STORED.contains(&key.kind)).map(|key| key.hash.cast_signed()).collect()
}

/// A stored key: its hash and its customer.
type KeyRow = (i64, Uuid);

fn keys(customer: &Customer) -> BTreeSet<i64> {
    if customer.can_be_edited() { keys_of(&person(customer)) } else { BTreeSet::new() }
}

/// The keys of some records as rows, in the order in which the table keeps them: its pages are filled one after another.
fn rows(customers: &[Customer]) -> Vec<KeyRow> {
    let of_customer =
        |customer: &Customer| keys(customer).into_iter().map(|key| (key, customer.id)).collect::<Vec<_>>();
    let mut rows: Vec<KeyRow> = customers.iter().flat_map(of_customer).collect();
    rows.sort_unstable();
    rows
}

/// The keys of new records, which have none yet: PostgreSQL looks and writes twice for rows that might be there.
pub fn of_new(backend: DbBackend, customers: &[Customer]) -> Inserts {
    inserts(backend, rows(customers), "")
}

/// Writes rows of keys; those that are there already stay.
async fn add(tx: &Tx, rows: Vec<KeyRow>) -> Result<(), DbErr> {
    tx.insert_prepared(inserts(tx.get_database_backend(), rows, "on conflict do nothing")).await
}

fn inserts(backend: DbBackend, rows: Vec<KeyRow>, ending: &str) -> Inserts {
    let rows = rows.into_iter().map(|(key, customer)| params![key, customer]).collect();
    Inserts::new(backend, "customer_match_key", &["hash", "customer_id"], rows, ending)
}

/// Writes what changed: `before` is the record as its keys were written last.
pub async fn renew(tx: &Tx, before: &Customer, after: &Customer) -> Result<(), DbErr> {
    let (old, new) = (keys(before), keys(after));
    for gone in old.difference(&new) {
        let sql = "delete from customer_match_key where hash = $1 and customer_id = $2";
        tx.run(sql, params![*gone, after.id]).await?;
    }
    add(tx, new.difference(&old).map(|key| (*key, after.id)).collect()).await
}

/// Which version of the keys the database holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct StoredKeys {
    version: u32,
}

impl Setting for StoredKeys {
    const KEY: &'static str = "match_keys";
}

/// Makes all keys anew when the program knows better ones than the database holds. Saves go on meanwhile.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn refresh(app: App) -> AppResult<()> {
    let stored: StoredKeys = settings::load(app.db.read()).await?;
    if stored.version == KEYS_VERSION {
        return Ok(());
    }
    let tx = app.begin_write().await?;
    tx.run("delete from customer_match_key", params![]).await?;
    tx.commit().await?;
    let mut last = ids::first_id(0);
    loop {
        let tx = app.begin_write().await?;
        let sql = "select id from customer where id > $1 and deleted_at is null order by id limit $2";
        let ids: Vec<Uuid> = tx.values(sql, params![last, AT_ONCE]).await?;
        let Some(end) = ids.last() else { break };
        last = *end;
        let customers = store::find_many(&tx, &ids).await?;
        add(&tx, rows(&customers)).await?;
        tx.commit().await?;
    }
    let tx = app.begin_write().await?;
    let actor = Actor::system(Source::Job, "customers.match_keys");
    settings::save(&tx, &actor, app.clock.now(), &StoredKeys { version: KEYS_VERSION }).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else the first start of every new shop would make its keys anew.
    #[test]
    fn a_new_shop_starts_with_the_keys_of_this_version() {
        assert!(include_str!("match_keys.sql").contains(&format!("'{{\"version\":{KEYS_VERSION}}}'")));
    }
}
