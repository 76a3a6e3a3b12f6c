//! Every query about customers that reads or writes the record itself.

use std::collections::{BTreeMap, HashMap};

use platform::db::{SqlExt, Tx};
use platform::error::{AppError, AppResult};
use platform::history::HistoryKey;
use platform::params;
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{
    Account, Address, ContactKind, Customer, CustomerType, Email, Membership, Origin, Phone, PrivacyState, Status,
};
use platform::contact::fold;

#[derive(FromQueryResult)]
struct CustomerRow {
    id: Uuid,
    number: String,
    version: i64,
    created_at: i64,
    updated_at: i64,
    deleted_at: Option<i64>,
    origin: String,
    status: String,
    active: bool,
    customer_type: String,
    privacy_state: String,
    incomplete: bool,
    note_flag: bool,
    title: String,
    first_name: String,
    last_name: String,
    company_name: String,
    company_number: String,
    vat_number: String,
    account_code: String,
    language: String,
    company_id: Option<Uuid>,
    source_id: Option<Uuid>,
    property_type_id: Option<Uuid>,
    assignee_id: Option<Uuid>,
    owner_id: Option<Uuid>,
    home_channel_id: Option<Uuid>,
    history_key: Option<HistoryKey>,
}

#[derive(FromQueryResult)]
struct EmailRow {
    id: Uuid,
    customer_id: Uuid,
    address: String,
    folded: String,
    domain: String,
    kind: String,
    is_primary: bool,
}

#[derive(FromQueryResult)]
struct PhoneRow {
    id: Uuid,
    customer_id: Uuid,
    typed: String,
    e164: String,
    digits: String,
    kind: String,
    is_primary: bool,
}

#[derive(FromQueryResult)]
struct AddressRow {
    id: Uuid,
    customer_id: Uuid,
    label: String,
    line1: String,
    line2: String,
    town: String,
    county: String,
    postcode: String,
    postcode_folded: String,
    country: String,
    is_primary: bool,
    is_billing: bool,
    is_delivery: bool,
}

#[derive(FromQueryResult)]
struct MembershipRow {
    customer_id: Uuid,
    group_id: Uuid,
    is_primary: bool,
}

#[derive(FromQueryResult)]
struct ChannelRow {
    customer_id: Uuid,
    channel_id: Uuid,
}

#[derive(FromQueryResult)]
struct AccountRow {
    customer_id: Uuid,
    login_email: String,
    login_folded: String,
    password_hash: String,
    created_at: i64,
}

fn known<T>(found: Option<T>, column: &str, text: &str) -> AppResult<T> {
    found.ok_or_else(|| AppError::broken(format!("unknown {column} \"{text}\" in the database")))
}

impl CustomerRow {
    fn into_customer(self) -> AppResult<Customer> {
        Ok(Customer {
            id: self.id,
            number: self.number,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            deleted_at: self.deleted_at,
            origin: known(Origin::from_key(&self.origin), "origin", &self.origin)?,
            status: known(Status::from_key(&self.status), "status", &self.status)?,
            active: self.active,
            customer_type: known(CustomerType::from_key(&self.customer_type), "type", &self.customer_type)?,
            privacy_state: known(PrivacyState::from_key(&self.privacy_state), "state", &self.privacy_state)?,
            incomplete: self.incomplete,
            note_flag: self.note_flag,
            title: self.title,
            first_name: self.first_name,
            last_name: self.last_name,
            company_name: self.company_name,
            company_number: self.company_number,
            vat_number: self.vat_number,
            account_code: self.account_code,
            language: self.language,
            company_id: self.company_id,
            source_id: self.source_id,
            property_type_id: self.property_type_id,
            assignee_id: self.assignee_id,
            owner_id: self.owner_id,
            home_channel_id: self.home_channel_id,
            history_key: self.history_key,
            emails: Vec::new(),
            phones: Vec::new(),
            addresses: Vec::new(),
            groups: Vec::new(),
            channels: Vec::new(),
            account: None,
        })
    }
}

/// The columns of a customer's own row that [`Customer`] reads.
const SELECT: &str = "select id, number, version, created_at, updated_at, deleted_at, origin, status, active, \
    customer_type, privacy_state, incomplete, note_flag, title, first_name, last_name, company_name, \
    company_number, vat_number, account_code, language, company_id, source_id, property_type_id, assignee_id, \
    owner_id, home_channel_id, history_key from customer";

/// Loads one record whole, also from the bin.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> AppResult<Option<Customer>> {
    Ok(find_many(db, &[id]).await?.pop())
}

/// Loads records whole, in the order of `ids`; unknown ids are left out.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[Uuid]) -> AppResult<Vec<Customer>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let places = (1..=ids.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let params: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let rows: Vec<CustomerRow> = db.all(&format!("{SELECT} where id in ({places})"), params.clone()).await?;
    let mut customers = HashMap::new();
    for row in rows {
        customers.insert(row.id, row.into_customer()?);
    }
    attach(db, &places, params, &mut customers).await?;
    Ok(ids.iter().filter_map(|id| customers.remove(id)).collect())
}

async fn attach(
    db: &impl ConnectionTrait,
    places: &str,
    params: Vec<Value>,
    customers: &mut HashMap<Uuid, Customer>,
) -> AppResult<()> {
    let emails: Vec<EmailRow> = db
        .all(
            &format!(
                "select id, customer_id, address, folded, domain, kind, is_primary from customer_email \
                 where customer_id in ({places}) order by position, id"
            ),
            params.clone(),
        )
        .await?;
    for row in emails {
        let kind = known(ContactKind::from_key(&row.kind), "kind", &row.kind)?;
        if let Some(customer) = customers.get_mut(&row.customer_id) {
            let EmailRow { id, address, folded, domain, is_primary, .. } = row;
            customer.emails.push(Email { id, address, folded, domain, kind, is_primary });
        }
    }
    let phones: Vec<PhoneRow> = db
        .all(
            &format!(
                "select id, customer_id, typed, e164, digits, kind, is_primary from customer_phone \
                 where customer_id in ({places}) order by position, id"
            ),
            params.clone(),
        )
        .await?;
    for row in phones {
        let kind = known(ContactKind::from_key(&row.kind), "kind", &row.kind)?;
        if let Some(customer) = customers.get_mut(&row.customer_id) {
            let PhoneRow { id, typed, e164, digits, is_primary, .. } = row;
            customer.phones.push(Phone { id, typed, e164, digits, kind, is_primary });
        }
    }
    attach_rest(db, places, params, customers).await
}

async fn attach_rest(
    db: &impl ConnectionTrait,
    places: &str,
    params: Vec<Value>,
    customers: &mut HashMap<Uuid, Customer>,
) -> AppResult<()> {
    let addresses: Vec<AddressRow> = db
        .all(
            &format!(
                "select id, customer_id, label, line1, line2, town, county, postcode, postcode_folded, country, \
                 is_primary, is_billing, is_delivery from customer_address \
                 where customer_id in ({places}) order by position, id"
            ),
            params.clone(),
        )
        .await?;
    for row in addresses {
        if let Some(customer) = customers.get_mut(&row.customer_id) {
            customer.addresses.push(Address {
                id: row.id,
                label: row.label,
                line1: row.line1,
                line2: row.line2,
                town: row.town,
                county: row.county,
                postcode: row.postcode,
                postcode_folded: row.postcode_folded,
                country: row.country,
                is_primary: row.is_primary,
                is_billing: row.is_billing,
                is_delivery: row.is_delivery,
            });
        }
    }
    let sql = format!(
        "select customer_id, group_id, is_primary from customer_membership \
         where customer_id in ({places}) order by group_id"
    );
    for row in db.all::<MembershipRow>(&sql, params.clone()).await? {
        if let Some(customer) = customers.get_mut(&row.customer_id) {
            customer.groups.push(Membership { group_id: row.group_id, is_primary: row.is_primary });
        }
    }
    let sql = format!(
        "select customer_id, channel_id from customer_channel where customer_id in ({places}) order by channel_id"
    );
    for row in db.all::<ChannelRow>(&sql, params.clone()).await? {
        if let Some(customer) = customers.get_mut(&row.customer_id) {
            customer.channels.push(row.channel_id);
        }
    }
    let sql = format!(
        "select customer_id, login_email, login_folded, password_hash, created_at from customer_account \
         where customer_id in ({places})"
    );
    for row in db.all::<AccountRow>(&sql, params).await? {
        if let Some(customer) = customers.get_mut(&row.customer_id) {
            customer.account = Some(Account {
                login_email: row.login_email,
                login_folded: row.login_folded,
                password_hash: row.password_hash,
                created_at: row.created_at,
            });
        }
    }
    Ok(())
}

/// The id behind a readable number.
pub async fn find_by_number(db: &impl ConnectionTrait, number: &str) -> Result<Option<Uuid>, DbErr> {
    let number = number.trim().to_uppercase();
    db.value("select id from customer where number = $1", params![number]).await
}

/// The customer whose account signs in with this address.
pub async fn find_by_login(db: &impl ConnectionTrait, folded: &str) -> Result<Option<Uuid>, DbErr> {
    db.value("select customer_id from customer_account where login_folded = $1", params![folded]).await
}

/// The only customer with this address: by account, else by an address that one record alone has.
pub async fn find_by_email(db: &impl ConnectionTrait, folded: &str) -> Result<Option<Uuid>, DbErr> {
    if let Some(id) = find_by_login(db, folded).await? {
        return Ok(Some(id));
    }
    let mut ids: Vec<Uuid> = db
        .values(
            "select distinct e.customer_id from customer_email e join customer c on c.id = e.customer_id \
             where e.folded = $1 and c.deleted_at is null limit 2",
            params![folded],
        )
        .await?;
    Ok(if ids.len() == 1 { ids.pop() } else { None })
}

/// The customer with this account code.
pub async fn find_by_account_code(db: &impl ConnectionTrait, code: &str) -> Result<Option<Uuid>, DbErr> {
    if code.is_empty() {
        return Ok(None);
    }
    db.value("select id from customer where account_code = $1", params![code]).await
}

/// The parent of a customer.
pub async fn owner_of(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Uuid>, DbErr> {
    let owner: Option<Option<Uuid>> = db.value("select owner_id from customer where id = $1", params![id]).await?;
    Ok(owner.flatten())
}

/// Display names and numbers of some customers, for links.
pub async fn names(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<BTreeMap<Uuid, (String, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct NameRow {
        id: Uuid,
        display_name: String,
        number: String,
    }
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let places = (1..=ids.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let sql = format!("select id, display_name, number from customer where id in ({places})");
    let rows: Vec<NameRow> = db.all(&sql, ids.iter().map(|id| Value::from(*id)).collect()).await?;
    Ok(rows.into_iter().map(|row| (row.id, (row.display_name, row.number))).collect())
}

const COLUMNS: &[&str] = &[
    "id", "number", "version", "created_at", "updated_at", "deleted_at", "origin", "status", "active", "customer_type",
    "privacy_state", "incomplete", "note_flag", "title", "first_name", "last_name", "company_name", "company_number",
    "vat_number", "account_code", "language", "company_id", "source_id", "property_type_id", "assignee_id", "owner_id",
    "home_channel_id", "display_name", "sort_name", "name_folded", "company_folded", "main_email", "main_phone",
    "main_town", "main_postcode", "main_country", "history_key",
];

fn row(customer: &Customer) -> Vec<Value> {
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
        customer.history_key.clone()
    ]
}

/// Inserts new records with all their rows, with few statements.
pub async fn insert_many(tx: &Tx, customers: &[Customer]) -> Result<(), DbErr> {
    tx.insert_rows("customer", COLUMNS, customers.iter().map(row).collect()).await?;
    for child in CHILDREN {
        let rows = customers.iter().flat_map(|customer| (child.rows)(customer)).map(|(_, row)| row).collect();
        tx.insert_rows(child.table, child.columns, rows).await?;
    }
    Ok(())
}

/// Writes what differs between two states of a record.
///
/// # Errors
/// `Stale` when the row no longer has the version of `before`.
pub async fn update(tx: &Tx, before: &Customer, after: &Customer) -> AppResult<()> {
    let mut params = row(after);
    let sets: Vec<String> =
        COLUMNS.iter().enumerate().skip(1).map(|(at, column)| format!("{column} = ${}", at + 1)).collect();
    params.push(before.version.into());
    let sql = format!("update customer set {} where id = $1 and version = ${}", sets.join(", "), params.len());
    if tx.run(&sql, params).await? != 1 {
        let current = tx.value("select version from customer where id = $1", params![after.id]).await?;
        return Err(AppError::Stale { current: current.unwrap_or_default() });
    }
    for child in CHILDREN {
        sync_children(tx, child, before, after).await?;
    }
    Ok(())
}

/// Removes a record with all its rows for good; only its history's skeleton stays.
pub async fn remove(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    tx.run("update event set changes = null where customer_id = $1", params![id]).await?;
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
