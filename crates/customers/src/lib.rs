//! Customers: the record with its contacts, addresses, companies, groups and channels; the list,
//! search, import and export.

pub mod bulk;
pub mod channel;
pub mod choice;
pub mod company;
pub mod customer;
pub mod directory;
pub mod export;
pub mod figures;
mod forms;
pub mod generate;
pub mod group;
pub mod import;
pub mod lineup;
pub mod match_keys;
pub mod module;
pub mod search;
pub mod settings;
mod tables;
pub mod view;
