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

#[derive(FromQueryResult)]
struct MembershipRow {
    customer_id: Uuid,
    group_id: Uuid,
    is_primary: bool,
}

#[derive(FromQueryResult)]
struct TagRow {
    customer_id: Uuid,
    tag_id: Uuid,
}

#[derive(FromQueryResult)]
struct ChannelRow {
    customer_id: Uuid,
    channel_id: Uuid,
}

#[derive(FromQueryResult)]
struct AliasRow {
    id: Uuid,
    customer_id: Uuid,
    kind: String,
    value: String,
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
    let sql = format!("select customer_id, tag_id from customer_tag where customer_id in ({places}) order by tag_id");
    for row in db.all::<TagRow>(&sql, params.clone()).await? {
        if let Some(customer) = customers.get_mut(&row.customer_id) {
            customer.tags.push(row.tag_id);
        }
    }
    let sql =
        format!("select id, customer_id, kind, value from customer_alias where customer_id in ({places}) order by id");
    for row in db.all::<AliasRow>(&sql, params.clone()).await? {
        let kind = known(AliasKind::from_key(&row.kind), "kind", &row.kind)?;
        if let Some(customer) = customers.get_mut(&row.customer_id) {
            customer.aliases.push(Alias { id: row.id, kind, value: row.value });
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
