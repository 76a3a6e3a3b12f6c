//! Loading records whole.

use std::collections::HashMap;

use platform::db::SqlExt;
use platform::error::{AppError, AppResult};
use platform::history::HistoryKey;
use platform::sea_orm::{self, ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::customer::model::{
    Account, Address, Alias, AliasKind, CompanyRole, ContactKind, Customer, CustomerType, Email, Membership, Origin,
    Phone, PrivacyState, Status,
};

#[derive(FromQueryResult)]
struct CustomerRow {
    id: Uuid,
    number: String,
    version: i64,
    created_at: i64,
    updated_at: i64,
    deleted_at: Option<i64>,
    merged_into: Option<Uuid>,
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
    company_role: String,
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

/// A row that says little: what it is, the id it names or has, and what else it holds.
#[derive(FromQueryResult)]
struct SmallRow {
    what: i32,
    customer_id: Uuid,
    id: Uuid,
    flag: bool,
    kind: String,
    value: String,
}

const MEMBERSHIP: i32 = 1;
const CHANNEL: i32 = 2;
const TAG: i32 = 3;

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
            merged_into: self.merged_into,
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
            company_role: CompanyRole::from_key(&self.company_role),
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
            tags: Vec::new(),
            aliases: Vec::new(),
            account: None,
        })
    }
}

/// The columns of a customer's own row that [`Customer`] reads.
const SELECT: &str = "select id, number, version, created_at, updated_at, deleted_at, merged_into, origin, status, active, \
    customer_type, privacy_state, incomplete, note_flag, title, first_name, last_name, company_name, \
    company_number, vat_number, account_code, language, company_id, company_role, source_id, property_type_id, assignee_id, \
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
    let text = |columns: &str, table: &str, ending: &str| {
        format!("select {columns} from {table} where customer_id in ({places}){ending}")
    };
    let own = format!("{SELECT} where id in ({places})");
    let in_order = " order by position, id";
    let emails = text("id, customer_id, address, folded, domain, kind, is_primary", "customer_email", in_order);
    let phones = text("id, customer_id, typed, e164, digits, kind, is_primary", "customer_phone", in_order);
    let addresses = text(ADDRESS, "customer_address", in_order);
    let small = [
        text("1 as what, customer_id, group_id as id, is_primary as flag, '' as kind, '' as value", MEMBERSHIPS, ""),
        text("2, customer_id, channel_id, false, '', ''", "customer_channel", ""),
        text("3, customer_id, tag_id, false, '', ''", "customer_tag", ""),
        text("4, customer_id, id, false, kind, value", "customer_alias", ""),
    ];
    let small = small.join(" union all ");
    let account = "customer_id, login_email, login_folded, password_hash, created_at";
    let accounts = text(account, "customer_account", "");
    // Side by side where there are several connections.
    let (own, emails, phones, addresses, small, accounts) = futures::try_join!(
        db.all::<CustomerRow>(&own, params.clone()),
        db.all::<EmailRow>(&emails, params.clone()),
        db.all::<PhoneRow>(&phones, params.clone()),
        db.all::<AddressRow>(&addresses, params.clone()),
        db.all::<SmallRow>(&small, params.clone()),
        db.all::<AccountRow>(&accounts, params.clone()),
    )?;
    let mut customers = HashMap::new();
    for row in own {
        customers.insert(row.id, row.into_customer()?);
    }
    attach_contacts(&mut customers, emails, phones)?;
    attach_addresses(&mut customers, addresses);
    attach_small(&mut customers, small)?;
    for row in accounts {
        if let Some(customer) = customers.get_mut(&row.customer_id) {
            let AccountRow { login_email, login_folded, password_hash, created_at, .. } = row;
            customer.account = Some(Account { login_email, login_folded, password_hash, created_at });
        }
    }
    Ok(ids.iter().filter_map(|id| customers.remove(id)).collect())
}

const MEMBERSHIPS: &str = "customer_membership";
const ADDRESS: &str = "id, customer_id, label, line1, line2, town, county, postcode, postcode_folded, country, \
    is_primary, is_billing, is_delivery";

fn attach_contacts(
    customers: &mut HashMap<Uuid, Customer>,
    emails: Vec<EmailRow>,
    phones: Vec<PhoneRow>,
) -> AppResult<()> {
    for row in emails {
        let kind = known(ContactKind::from_key(&row.kind), "kind", &row.kind)?;
        if let Some(customer) = customers.get_mut(&row.customer_id) {
            let EmailRow { id, address, folded, domain, is_primary, .. } = row;
            customer.emails.push(Email { id, address, folded, domain, kind, is_primary });
        }
    }
    for row in phones {
        let kind = known(ContactKind::from_key(&row.kind), "kind", &row.kind)?;
        if let Some(customer) = customers.get_mut(&row.customer_id) {
            let PhoneRow { id, typed, e164, digits, is_primary, .. } = row;
            customer.phones.push(Phone { id, typed, e164, digits, kind, is_primary });
        }
    }
    Ok(())
}

fn attach_addresses(customers: &mut HashMap<Uuid, Customer>, addresses: Vec<AddressRow>) {
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
}

/// Each kind in the order of its ids.
fn attach_small(customers: &mut HashMap<Uuid, Customer>, mut rows: Vec<SmallRow>) -> AppResult<()> {
    rows.sort_unstable_by_key(|row| row.id);
    for row in rows {
        let Some(customer) = customers.get_mut(&row.customer_id) else { continue };
        match row.what {
            MEMBERSHIP => customer.groups.push(Membership { group_id: row.id, is_primary: row.flag }),
            CHANNEL => customer.channels.push(row.id),
            TAG => customer.tags.push(row.id),
            _ => {
                let kind = known(AliasKind::from_key(&row.kind), "kind", &row.kind)?;
                customer.aliases.push(Alias { id: row.id, kind, value: row.value });
            }
        }
    }
    Ok(())
}
