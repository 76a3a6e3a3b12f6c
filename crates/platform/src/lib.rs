//! What Clientele stands on and what has no shop meaning: database, clock, ids, contact values,
//! errors, history, jobs, files, settings, sign-in and permissions, pages, translation, and the
//! customer-record registry. The platform knows no area.

pub mod app;
pub mod auth;
pub mod blobs;
pub mod clock;
pub mod contact;
pub mod db;
pub mod error;
pub mod history;
pub mod http;
pub mod i18n;
pub mod ids;
pub mod jobs;
pub mod live;
pub mod memo;
pub mod module;
pub mod names;
pub mod numbers;
pub mod origins;
pub mod pages;
pub mod reach;
pub mod registry;
pub mod server;
pub mod settings;
pub mod ui;

pub use sea_orm;
