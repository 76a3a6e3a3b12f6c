//! What a customer is: plain types, no SQL, no HTTP.

use platform::clock::Micros;
use platform::history::HistoryKey;
use uuid::Uuid;

pub use super::kinds::{AliasKind, CompanyRole, ContactKind, CustomerType, Origin, PrivacyState, Status};

/// An e-mail address of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    pub id: Uuid,
    pub address: String,
    /// Trimmed and lower-cased, for comparing.
    pub folded: String,
    pub domain: String,
    pub kind: ContactKind,
    pub is_primary: bool,
}

/// A phone number of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    pub id: Uuid,
    /// As it was typed.
    pub typed: String,
    /// International form (ITU-T E.164), empty when the number could not be read.
    pub e164: String,
    /// Digits for searching.
    pub digits: String,
    pub kind: ContactKind,
    pub is_primary: bool,
}

/// A postal address of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub id: Uuid,
    pub label: String,
    pub line1: String,
    pub line2: String,
    pub town: String,
    pub county: String,
    pub postcode: String,
    pub postcode_folded: String,
    /// ISO 3166-1 alpha-2, or empty.
    pub country: String,
    pub is_primary: bool,
    pub is_billing: bool,
    pub is_delivery: bool,
}

impl Address {
    /// The address on one line.
    pub fn one_line(&self) -> String {
        let town = [self.postcode.as_str(), self.town.as_str()].join(" ");
        let parts = [&self.line1, &self.line2, town.trim(), &self.county, &self.country];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// An earlier name, number or account code that still finds the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    pub id: Uuid,
    pub kind: AliasKind,
    pub value: String,
}

/// Membership of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub group_id: Uuid,
    pub is_primary: bool,
}

/// The sign-in of a registered customer (R7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub login_email: String,
    /// Unique among all accounts.
    pub login_folded: String,
    /// Empty until a password is set.
    pub password_hash: String,
    pub created_at: Micros,
}

/// The whole record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    pub id: Uuid,
    pub number: String,
    /// Grows by one with every saved change.
    pub version: i64,
    pub created_at: Micros,
    pub updated_at: Micros,
    /// In the bin since, or part of another record since.
    pub deleted_at: Option<Micros>,
    /// The record that this one became part of (R2).
    pub merged_into: Option<Uuid>,
    pub origin: Origin,
    pub status: Status,
    pub active: bool,
    pub customer_type: CustomerType,
    pub privacy_state: PrivacyState,
    /// Lacks a field of the entry profile `full` (R6).
    pub incomplete: bool,
    /// The notes of this customer ask for attention.
    pub note_flag: bool,
    pub title: String,
    pub first_name: String,
    pub last_name: String,
    pub company_name: String,
    pub company_number: String,
    pub vat_number: String,
    pub account_code: String,
    /// Language code the customer wants to be written in, or empty.
    pub language: String,
    pub company_id: Option<Uuid>,
    /// Only where there is a company.
    pub company_role: Option<CompanyRole>,
    pub source_id: Option<Uuid>,
    pub property_type_id: Option<Uuid>,
    pub assignee_id: Option<Uuid>,
    /// Parent account (R25).
    pub owner_id: Option<Uuid>,
    pub home_channel_id: Option<Uuid>,
    /// Key of the sealed history; `None` once it was destroyed.
    pub history_key: Option<HistoryKey>,
    pub emails: Vec<Email>,
    pub phones: Vec<Phone>,
    pub addresses: Vec<Address>,
    pub groups: Vec<Membership>,
    /// Further channels besides the home channel (R26).
    pub channels: Vec<Uuid>,
    /// Entries of the list of tags, in the order of their ids.
    pub tags: Vec<Uuid>,
    /// In the order of their ids.
    pub aliases: Vec<Alias>,
    pub account: Option<Account>,
}

impl Customer {
    /// An empty record of a new customer; nothing is stored yet.
    pub fn new(id: Uuid, origin: Origin, now: Micros) -> Self {
        Self {
            id,
            number: String::new(),
            version: 0,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            merged_into: None,
            origin,
            status: Status::InStore,
            active: true,
            customer_type: CustomerType::Retail,
            privacy_state: PrivacyState::Normal,
            incomplete: true,
            note_flag: false,
            title: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            company_name: String::new(),
            company_number: String::new(),
            vat_number: String::new(),
            account_code: String::new(),
            language: String::new(),
            company_id: None,
            company_role: None,
            source_id: None,
            property_type_id: None,
            assignee_id: None,
            owner_id: None,
            home_channel_id: None,
            history_key: Some(platform::history::new_history_key()),
            emails: Vec::new(),
            phones: Vec::new(),
            addresses: Vec::new(),
            groups: Vec::new(),
            channels: Vec::new(),
            tags: Vec::new(),
            aliases: Vec::new(),
            account: None,
        }
    }

    /// Makes `now` the moment in which a new record begins, where it was prepared a while before it is written.
    pub fn begin_at(&mut self, now: Micros) {
        self.created_at = now;
        self.updated_at = now;
        if let Some(account) = &mut self.account {
            account.created_at = now;
        }
    }

    /// What people call the customer: the person, else the company, else the e-mail or number.
    pub fn display_name(&self) -> String {
        let person = [self.first_name.as_str(), self.last_name.as_str()].join(" ");
        let candidates = [person.trim(), &self.company_name, self.main_email()];
        match candidates.into_iter().find(|name| !name.is_empty()) {
            Some(name) => name.to_owned(),
            None => self.number.clone(),
        }
    }

    /// The number and what people call the customer, once where both are the same.
    pub fn numbered_name(&self) -> String {
        match self.display_name() {
            name if name == self.number => name,
            name => format!("{} {name}", self.number),
        }
    }

    pub fn primary_email(&self) -> Option<&Email> {
        self.emails.iter().find(|email| email.is_primary)
    }

    pub fn primary_phone(&self) -> Option<&Phone> {
        self.phones.iter().find(|phone| phone.is_primary)
    }

    /// The first phone that is not the primary one (S1-15, S3-22).
    pub fn secondary_phone(&self) -> Option<&Phone> {
        self.phones.iter().find(|phone| !phone.is_primary)
    }

    pub fn primary_address(&self) -> Option<&Address> {
        self.addresses.iter().find(|address| address.is_primary)
    }

    pub fn main_email(&self) -> &str {
        self.primary_email().map_or("", |email| &email.address)
    }

    pub fn main_phone(&self) -> &str {
        self.primary_phone().map_or("", |phone| &phone.typed)
    }

    pub fn primary_group(&self) -> Option<Uuid> {
        self.groups.iter().find(|group| group.is_primary).map(|group| group.group_id)
    }

    /// Obfuscated and erased records are not edited by staff (catalogue, "What each state allows").
    pub fn can_be_edited(&self) -> bool {
        self.privacy_state == PrivacyState::Normal && self.deleted_at.is_none()
    }

    /// Leaves exactly one e-mail, phone and address primary, and at most one default address of
    /// each kind (S3-62).
    pub fn settle_primaries(&mut self) {
        settle(&mut self.emails, |email| &mut email.is_primary);
        settle(&mut self.phones, |phone| &mut phone.is_primary);
        settle(&mut self.addresses, |address| &mut address.is_primary);
        settle(&mut self.addresses, |address| &mut address.is_billing);
        settle(&mut self.addresses, |address| &mut address.is_delivery);
        settle(&mut self.groups, |group| &mut group.is_primary);
    }
}

fn settle<T>(rows: &mut [T], mark: impl Fn(&mut T) -> &mut bool) {
    let mut found = false;
    for row in rows.iter_mut() {
        let marked = mark(row);
        *marked = *marked && !found;
        found |= *marked;
    }
    if let (false, Some(first)) = (found, rows.first_mut()) {
        *mark(first) = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_is_primary() {
        let mut marks = [false, true, true];
        settle(&mut marks, |mark| mark);
        assert_eq!(marks, [false, true, false]);
        let mut marks = [false, false];
        settle(&mut marks, |mark| mark);
        assert_eq!(marks, [true, false]);
    }
}
