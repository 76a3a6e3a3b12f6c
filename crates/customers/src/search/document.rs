//! What is searched of a customer: one folded line of words.

use std::collections::BTreeSet;

use platform::contact::{fold, words};
use platform::db::{Inserts, SqlExt, Tx};
use platform::params;
use platform::sea_orm::{DbBackend, DbErr};

use super::spelling;
use crate::customer::model::{Alias, AliasKind, Customer};

/// The folded search document: starts and ends with a blank, words are separated by one. E-mail
/// addresses appear whole and in words, phone numbers as digits in national and international form.
pub fn document(customer: &Customer) -> String {
    let mut line = String::from(" ");
    let mut put = |text: &str| {
        if !text.is_empty() {
            line.push_str(text);
            line.push(' ');
        }
    };
    let number = customer.number.to_lowercase();
    put(&number);
    put(&number.replace('-', ""));
    put(&fold(&format!("{} {}", customer.first_name, customer.last_name)));
    put(&fold(&customer.company_name));
    put(&customer.account_code.to_lowercase().replace(' ', ""));
    put(&fold(&customer.company_number).replace(' ', ""));
    put(&customer.vat_number.to_lowercase());
    for alias in &customer.aliases {
        match alias.kind {
            AliasKind::Name | AliasKind::Company => put(&fold(&alias.value)),
            AliasKind::Number => {
                put(&alias.value.to_lowercase());
                put(&alias.value.to_lowercase().replace('-', ""));
            }
            AliasKind::AccountCode => put(&alias.value.to_lowercase().replace(' ', "")),
        }
    }
    for email in &customer.emails {
        put(&email.folded);
        put(&fold(&email.folded));
    }
    for phone in &customer.phones {
        put(&phone.digits);
        if !phone.e164.is_empty() && !phone.e164.ends_with(&phone.digits) {
            put(phone.e164.trim_start_matches('+'));
        }
    }
    for address in &customer.addresses {
        put(&address.postcode_folded);
        put(&fold(&address.town));
        put(&fold(&address.line1));
    }
    line
}

/// The words that typing errors are looked for in: names, companies and towns.
fn spelled_words(customer: &Customer) -> impl Iterator<Item = String> {
    let towns = customer.addresses.iter().map(|address| address.town.as_str());
    let names = [customer.first_name.as_str(), &customer.last_name, &customer.company_name];
    let is_name = |alias: &&Alias| matches!(alias.kind, AliasKind::Name | AliasKind::Company);
    let aliases = customer.aliases.iter().filter(is_name).map(|alias| alias.value.as_str());
    names.into_iter().chain(towns).chain(aliases).flat_map(words).collect::<Vec<_>>().into_iter()
}

/// Documents that wait to be written, and their words.
pub struct Documents {
    rows: Inserts,
    words: BTreeSet<String>,
}

/// Makes the documents of records for one of the engines: work that needs no transaction. New records have none yet.
pub fn documents(backend: DbBackend, customers: &[Customer], are_new: bool) -> Documents {
    let rows = customers.iter().map(|customer| params![customer.id, document(customer)]).collect();
    let ending = if are_new { "" } else { "on conflict (customer_id) do update set document = excluded.document" };
    Documents {
        rows: Inserts::new(backend, "customer_search", &["customer_id", "document"], rows, ending),
        words: customers.iter().flat_map(spelled_words).collect(),
    }
}

/// Writes documents and learns their words.
pub async fn write_documents(tx: &Tx, documents: Documents) -> Result<(), DbErr> {
    tx.insert_prepared(documents.rows).await?;
    spelling::learn(tx, documents.words).await
}
