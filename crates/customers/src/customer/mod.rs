//! A customer with everything that makes up the record: fields, e-mails, phones, addresses,
//! groups, channels, account.
//!
//! Always true:
//! - a customer is loaded whole, changed in memory and saved whole by [`save`]: one place compares
//!   before and after, writes the rows that differ, the history, the search document and the version;
//! - forms, the API and imports hand in the same [`CustomerInput`], checked by the same [`apply`];
//! - exactly one e-mail, phone and address is primary wherever there is one.
//!
//! Start reading at [`model`], then [`save`].

pub mod actions;
pub mod api;

pub mod apply;
pub mod bin;
pub mod completeness;
pub mod conflict;
pub mod field_rights;
pub mod flatten;
pub mod input;
pub mod jobs;
mod kinds;
pub mod list;
pub mod marks;
pub mod model;
pub mod moment;
pub mod ownership;
pub mod pages;
pub mod parts;
pub mod profile;
pub mod put_back;
pub mod reach;
pub mod rules;
pub mod save;
pub mod store;
pub mod sub_accounts;
pub mod unflatten;
pub mod visible;

/// What a merge is called in the event log.
pub const MERGE: &str = "merge";

pub use input::{AddressInput, CustomerInput, EmailInput, PhoneInput};
pub use model::{
    Account, Address, CompanyRole, ContactKind, Customer, CustomerType, Email, Membership, Origin, Phone, PrivacyState,
    Status,
};
