//! The way back from a flat record to a customer: what [`super::flatten`] takes apart, put together again for showing a
//! moment of the past. What never changes (origin, when it was created) is taken from the record as it is now; what is
//! derived (folded forms, international numbers, "incomplete") is derived again.

use platform::contact::{Email as TypedEmail, Phone as TypedPhone, fold, normalise_postcode};
use uuid::Uuid;

use super::flatten::{Flat, UNREADABLE};
use super::model::{
    Account, Address, Alias, AliasKind, CompanyRole, ContactKind, Customer, CustomerType, Email, Membership, Phone,
    Status,
};
use super::profile::Profile;
use crate::directory::Directory;

struct Reading<'a> {
    flat: &'a Flat,
    now: &'a Customer,
}

/// The customer that a flat record describes. `now` gives what flat records leave out.
pub fn unflatten(flat: &Flat, now: &Customer, directory: &Directory) -> Customer {
    let reading = Reading { flat, now };
    let mut customer = reading.fields();
    customer.addresses = reading.addresses();
    let country = match customer.primary_address() {
        Some(address) if !address.country.is_empty() => address.country.clone(),
        _ => directory.settings.country.clone(),
    };
    customer.emails = reading.emails();
    customer.phones = reading.phones(&country);
    customer.groups = reading.groups();
    customer.channels = reading.ids("channel.").collect();
    customer.tags = reading.ids("tag.").collect();
    customer.aliases = reading.aliases();
    customer.incomplete = !directory.profiles.missing(Profile::Full, &customer).is_empty();
    customer
}

/// Ids of contact rows (`email.`, `phone.`, `address.`) that a flat record names.
pub fn row_ids<'a>(flat: &'a Flat, prefix: &'a str) -> impl Iterator<Item = Uuid> + 'a {
    let mut last = Uuid::nil();
    let ids = flat.range(prefix.to_owned()..).map_while(move |(key, _)| key.strip_prefix(prefix));
    let ids = ids.filter_map(|rest| rest.split('.').next()?.parse::<Uuid>().ok());
    ids.filter(move |id| std::mem::replace(&mut last, *id) != *id)
}

impl Reading<'_> {
    fn text(&self, field: &str) -> String {
        self.flat.get(field).cloned().unwrap_or_default()
    }

    fn is(&self, field: &str) -> bool {
        self.flat.contains_key(field)
    }

    fn id(&self, field: &str) -> Option<Uuid> {
        self.flat.get(field)?.parse().ok()
    }

    fn ids<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = Uuid> + 'a {
        row_ids(self.flat, prefix)
    }

    fn fields(&self) -> Customer {
        let now = self.now;
        let login = self.text("login_email");
        let account = (!login.is_empty()).then(|| Account {
            login_folded: login.to_lowercase(),
            login_email: login,
            password_hash: String::new(),
            created_at: now.account.as_ref().map_or(now.created_at, |account| account.created_at),
        });
        Customer {
            number: self.text("number"),
            status: Status::from_key(&self.text("status")).unwrap_or(now.status),
            active: self.is("active"),
            customer_type: CustomerType::from_key(&self.text("customer_type")).unwrap_or(now.customer_type),
            note_flag: self.is("note_flag"),
            deleted_at: self.is("deleted").then_some(now.updated_at),
            merged_into: self.id("merged_into"),
            title: self.text("title"),
            first_name: self.text("first_name"),
            last_name: self.text("last_name"),
            company_name: self.text("company_name"),
            company_number: self.text("company_number"),
            vat_number: self.text("vat_number"),
            account_code: self.text("account_code"),
            language: self.text("language"),
            company_id: self.id("company"),
            company_role: CompanyRole::from_key(&self.text("company_role")),
            source_id: self.id("source"),
            property_type_id: self.id("property_type"),
            assignee_id: self.id("assignee"),
            owner_id: self.id("owner"),
            home_channel_id: self.id("home_channel"),
            account,
            ..Customer::new(now.id, now.origin, now.created_at)
        }
    }

    /// In today's order; rows that are gone stand behind, oldest first.
    fn in_order(&self, prefix: &str, today: &[Uuid]) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> = self.ids(prefix).collect();
        ids.sort_by_key(|id| (today.iter().position(|known| known == id).unwrap_or(usize::MAX), *id));
        ids
    }

    fn kind(&self, field: &str) -> ContactKind {
        ContactKind::from_key(&self.text(field)).unwrap_or(ContactKind::Other)
    }

    fn emails(&self) -> Vec<Email> {
        let today: Vec<Uuid> = self.now.emails.iter().map(|email| email.id).collect();
        let email = |id: Uuid| {
            let address = self.text(&format!("email.{id}.address"));
            let parsed = TypedEmail::parse(&address).ok();
            Email {
                id,
                folded: parsed.as_ref().map_or_else(|| address.to_lowercase(), |email| email.folded().to_owned()),
                domain: parsed.map(|email| email.domain().to_owned()).unwrap_or_default(),
                address,
                kind: self.kind(&format!("email.{id}.kind")),
                is_primary: self.is(&format!("email.{id}.primary")),
            }
        };
        self.in_order("email.", &today).into_iter().map(email).collect()
    }

    fn phones(&self, country: &str) -> Vec<Phone> {
        let today: Vec<Uuid> = self.now.phones.iter().map(|phone| phone.id).collect();
        let phone = |id: Uuid| {
            let typed = self.text(&format!("phone.{id}.number"));
            let parsed = TypedPhone::parse(&typed, Some(country)).ok();
            let read = parsed.as_ref().and_then(|phone| phone.e164()).unwrap_or_default();
            Phone {
                id,
                e164: match self.text(&format!("phone.{id}.e164")).as_str() {
                    "" => read.to_owned(),
                    UNREADABLE => String::new(),
                    stored => stored.to_owned(),
                },
                digits: parsed.map(|phone| phone.digits().to_owned()).unwrap_or_default(),
                typed,
                kind: self.kind(&format!("phone.{id}.kind")),
                is_primary: self.is(&format!("phone.{id}.primary")),
            }
        };
        self.in_order("phone.", &today).into_iter().map(phone).collect()
    }

    fn addresses(&self) -> Vec<Address> {
        let today: Vec<Uuid> = self.now.addresses.iter().map(|address| address.id).collect();
        let address = |id: Uuid| {
            let text = |part: &str| self.text(&format!("address.{id}.{part}"));
            let is = |part: &str| self.is(&format!("address.{id}.{part}"));
            let (country, postcode) = (text("country"), text("postcode"));
            Address {
                id,
                label: text("label"),
                line1: text("line1"),
                line2: text("line2"),
                town: text("town"),
                county: text("county"),
                postcode_folded: fold(&normalise_postcode(&country, &postcode)).replace(' ', ""),
                postcode,
                country,
                is_primary: is("primary"),
                is_billing: is("billing"),
                is_delivery: is("delivery"),
            }
        };
        self.in_order("address.", &today).into_iter().map(address).collect()
    }

    fn aliases(&self) -> Vec<Alias> {
        let fields =
            self.flat.range("alias.".to_owned()..).map_while(|(key, value)| Some((key.strip_prefix("alias.")?, value)));
        let alias = |(key, value): (&str, &String)| {
            let (id, kind) = key.split_once('.')?;
            Some(Alias { id: id.parse().ok()?, kind: AliasKind::from_key(kind)?, value: value.clone() })
        };
        fields.filter_map(alias).collect()
    }

    fn groups(&self) -> Vec<Membership> {
        let member = |id: Uuid| Membership { group_id: id, is_primary: self.text(&format!("group.{id}")) == "primary" };
        self.ids("group.").map(member).collect()
    }
}
