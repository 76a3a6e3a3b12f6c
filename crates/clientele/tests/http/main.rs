//! The program through its front door, every test on SQLite and on PostgreSQL.

mod bulk;
mod companies;
mod conditional;
mod customers;
mod field_rights;
mod groups;
mod harness;
mod history;
mod hostile;
mod imports;
mod jobs;
mod list;
mod live;
mod members;
mod merge;
mod merge_hard;
mod merge_random;
mod palette;
mod past;
mod random;
mod registry;
mod routes;
mod search;
mod sign_in;
mod speed;
mod views;
