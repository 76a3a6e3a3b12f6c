//! Writing records: many new ones with few statements, or what differs between two states of one.

use platform::contact::fold;
use platform::db::{Inserts, SqlExt, Tx};
use platform::error::{AppError, AppResult};
use platform::params;
use platform::sea_orm::{DbBackend, DbErr, Value};
use uuid::Uuid;

use super::absorbed;
use crate::customer::marks;
use crate::customer::model::{Address, CompanyRole, Customer};

const COLUMNS: &[&str] = &[
    "id", "number", "version", "created_at", "updated_at", "deleted_at", "merged_into", "origin", "status", "active",
    "customer_type", "privacy_state", "incomplete", "note_flag", "title", "first_name", "last_name", "company_name",
    "company_number", "vat_number", "account_code", "language", "company_id", "company_role", "source_id",
    "property_type_id", "assignee_id", "owner_id", "home_channel_id", "display_name", "sort_name", "name_folded",
    "company_folded", "main_email", "main_phone", "main_town", "main_postcode", "main_country", "history_key", "marks",
    "links",
];

fn row(customer: &Customer) -> Vec<Value> {
    let (marks, links) = marks::of(customer);
    let address = customer.primary_address();
    let part = |pick: fn(&Address) -> &String| address.map(pick).cloned().unwrap_or_default();
    let name_folded = fold(&format!("{} {}", customer.first_name, customer.last_name));
    let company_folded = fold(&customer.company_name);
    let by_name = fold(&format!("{} {}", customer.last_name, customer.first_name));
    let sort_name = [by_name, company_folded.clone(), customer.main_email().to_lowercase()]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_default();
    params![
        customer.id,
        customer.number.clone(),
        customer.version,
        customer.created_at,
        customer.updated_at,
        customer.deleted_at,
        customer.merged_into,
        customer.origin.key(),
        customer.status.key(),
        customer.active,
        customer.customer_type.key(),
        customer.privacy_state.key(),
        customer.incomplete,
        customer.note_flag,
        customer.title.clone(),
        customer.first_name.clone(),
        customer.last_name.clone(),
        customer.company_name.clone(),
        customer.company_number.clone(),
        customer.vat_number.clone(),
        customer.account_code.clone(),
        customer.language.clone(),
        customer.company_id,
        customer.company_role.map_or("", CompanyRole::key),
        customer.source_id,
        customer.property_type_id,
        customer.assignee_id,
        customer.owner_id,
        customer.home_channel_id,
        customer.display_name(),
        sort_name,
        name_folded,
        company_folded,
        customer.primary_email().map(|email| email.folded.clone()).unwrap_or_default(),
        customer.main_phone(),
        part(|address| &address.town),
        part(|address| &address.postcode),
        part(|address| &address.country),
        customer.history_key.clone(),
        marks,
        links
    ]
}

/// All rows of new records, table by table, in the order in which they can be written. Each is made when it is asked for.
pub fn rows_of_new(backend: DbBackend, customers: &[Customer]) -> impl Iterator<Item = Inserts> {
    let own = move || Inserts::new(backend, "customer", COLUMNS, customers.iter().map(row).collect(), "");
    let of_child = move |child: &Child| {
        let rows = customers.iter().flat_map(|customer| (child.rows)(customer)).map(|(_, row)| row).collect();
        Inserts::new(backend, child.table, child.columns, rows, "")
    };
    std::iter::once_with(own).chain(CHILDREN.iter().map(of_child))
}

/// Columns of a customer's own row that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// A column that is named is taken out of its indexes and put back, whether its value differs or not.
    Differing,
    /// Rows moved to or from the record: what its own row says of them is as it was before.
    All,
}

/// Writes what differs between two states of a record.
///
/// # Errors
/// `Stale` when the row no longer has the version of `before`.
pub async fn update(tx: &Tx, before: &Customer, after: &Customer, columns: Columns) -> AppResult<()> {
    let pairs = COLUMNS.iter().zip(row(before).into_iter().zip(row(after))).skip(1);
    let differing = pairs.filter(|(_, (old, new))| columns == Columns::All || old != new);
    let mut params = params![after.id, before.version];
    let sets: Vec<String> = differing
        .map(|(column, (_, new))| {
            params.push(new);
            format!("{column} = ${}", params.len())
        })
        .collect();
    let sql = format!("update customer set {} where id = $1 and version = $2", sets.join(", "));
    if tx.run(&sql, params).await? != 1 {
        let current = tx.value("select version from customer where id = $1", params![after.id]).await?;
        return Err(AppError::Stale { current: current.unwrap_or_default() });
    }
    for child in CHILDREN {
        sync_children(tx, child, before, after).await?;
    }
    Ok(())
}

/// Removes a record and those that became part of it, with all their rows, for good; only the skeleton of their history
/// stays.
pub async fn remove(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    for gone in absorbed(tx, id).await?.into_iter().chain([id]) {
        tx.run("update event set changes = null where customer_id = $1", params![gone]).await?;
        tx.run("update customer set owner_id = null where owner_id = $1", params![gone]).await?;
    }
    tx.run("delete from customer where id = $1", params![id]).await?;
    Ok(())
}

/// A row's key within its customer, and its values.
type KeyedRow = (Uuid, Vec<Value>);

/// A table whose rows are part of the record, each with a key unique within it.
struct Child {
    table: &'static str,
    columns: &'static [&'static str],
    /// Deletes the row with key `$1` (of customer `$2`).
    delete: &'static str,
    rows: fn(&Customer) -> Vec<KeyedRow>,
}

const CHILDREN: &[Child] = &[
    Child {
        table: "customer_email",
        columns: &["id", "customer_id", "position", "address", "folded", "domain", "kind", "is_primary"],
        delete: "delete from customer_email where id = $1 and customer_id = $2",
        rows: |customer| {
            customer
                .emails
                .iter()
                .enumerate()
                .map(|(at, email)| {
                    (
                        email.id,
                        params![
                            email.id,
                            customer.id,
                            at as i64,
                            email.address.clone(),
                            email.folded.clone(),
                            email.domain.clone(),
                            email.kind.key(),
                            email.is_primary
                        ],
                    )
                })
                .collect()
        },
    },
    Child {
        table: "customer_phone",
        columns: &["id", "customer_id", "position", "typed", "e164", "digits", "kind", "is_primary"],
        delete: "delete from customer_phone where id = $1 and customer_id = $2",
        rows: |customer| {
            customer
                .phones
                .iter()
                .enumerate()
                .map(|(at, phone)| {
                    (
                        phone.id,
                        params![
                            phone.id,
                            customer.id,
                            at as i64,
                            phone.typed.clone(),
                            phone.e164.clone(),
                            phone.digits.clone(),
                            phone.kind.key(),
                            phone.is_primary
                        ],
                    )
                })
                .collect()
        },
    },
    Child {
        table: "customer_address",
        columns: &[
            "id", "customer_id", "position", "label", "line1", "line2", "town", "county", "postcode",
            "postcode_folded", "country", "is_primary", "is_billing", "is_delivery",
        ],
        delete: "delete from customer_address where id = $1 and customer_id = $2",
        rows: |customer| {
            customer
                .addresses
                .iter()
                .enumerate()
                .map(|(at, address)| {
                    (
                        address.id,
                        params![
                            address.id,
                            customer.id,
                            at as i64,
                            address.label.clone(),
                            address.line1.clone(),
                            address.line2.clone(),
                            address.town.clone(),
                            address.county.clone(),
                            address.postcode.clone(),
                            address.postcode_folded.clone(),
                            address.country.clone(),
                            address.is_primary,
                            address.is_billing,
                            address.is_delivery
                        ],
                    )
                })
                .collect()
        },
    },
    Child {
        table: "customer_membership",
        columns: &["customer_id", "group_id", "is_primary"],
        delete: "delete from customer_membership where group_id = $1 and customer_id = $2",
        rows: |customer| {
            customer
                .groups
                .iter()
                .map(|group| (group.group_id, params![customer.id, group.group_id, group.is_primary]))
                .collect()
        },
    },
    Child {
        table: "customer_channel",
        columns: &["customer_id", "channel_id"],
        delete: "delete from customer_channel where channel_id = $1 and customer_id = $2",
        rows: |customer| customer.channels.iter().map(|channel| (*channel, params![customer.id, *channel])).collect(),
    },
    Child {
        table: "customer_tag",
        columns: &["customer_id", "tag_id"],
        delete: "delete from customer_tag where tag_id = $1 and customer_id = $2",
        rows: |customer| customer.tags.iter().map(|tag| (*tag, params![customer.id, *tag])).collect(),
    },
    Child {
        table: "customer_alias",
        columns: &["id", "customer_id", "kind", "value"],
        delete: "delete from customer_alias where id = $1 and customer_id = $2",
        rows: |customer| {
            customer
                .aliases
                .iter()
                .map(|alias| (alias.id, params![alias.id, customer.id, alias.kind.key(), alias.value.clone()]))
                .collect()
        },
    },
    Child {
        table: "customer_account",
        columns: &["customer_id", "login_email", "login_folded", "password_hash", "created_at"],
        delete: "delete from customer_account where customer_id = $1 and customer_id = $2",
        rows: |customer| {
            customer
                .account
                .iter()
                .map(|account| {
                    (
                        customer.id,
                        params![
                            customer.id,
                            account.login_email.clone(),
                            account.login_folded.clone(),
                            account.password_hash.clone(),
                            account.created_at
                        ],
                    )
                })
                .collect()
        },
    },
];

async fn sync_children(tx: &Tx, child: &Child, before: &Customer, after: &Customer) -> Result<(), DbErr> {
    let old = (child.rows)(before);
    let new = (child.rows)(after);
    for (key, _) in old.iter().filter(|row| !new.contains(row)) {
        tx.run(child.delete, params![*key, after.id]).await?;
    }
    let fresh: Vec<Vec<Value>> = new.into_iter().filter(|row| !old.contains(row)).map(|(_, row)| row).collect();
    tx.insert_rows(child.table, child.columns, fresh).await
}
