//! What every handler can reach, put together once at start.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Notify;

use crate::auth::FieldDef;
use crate::auth::password::HashCost;
use crate::blobs::Blobs;
use crate::clock::{Clock, Micros};
use crate::db::{Database, Migration, Tx};
use crate::http::{ApiRoute, PageRoute};
use crate::jobs::JobKind;
use crate::live::Live;
use crate::memo::Memo;
use crate::names::NameOf;
use crate::origins::OriginsOf;
use crate::reach::{ChannelsOf, InReach};
use crate::registry::{Registry, Table};

/// An entry of the side menu or of the settings menu.
#[derive(Clone, Copy, Debug)]
pub struct MenuItem {
    pub label: &'static str,
    pub href: &'static str,
    pub icon: &'static str,
    pub permission: crate::auth::Permission,
    pub section: MenuSection,
}

/// Which part of the menu an entry belongs to (S1-01: manage and configure).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuSection {
    Manage,
    Configure,
}

/// Everything an area hands to the program.
#[derive(Default)]
pub struct Module {
    pub name: &'static str,
    pub migrations: Vec<Migration>,
    pub tables: Vec<Table>,
    pub pages: Vec<PageRoute>,
    pub api: Vec<ApiRoute>,
    pub jobs: Vec<JobKind>,
    pub menu: Vec<MenuItem>,
    /// Fields that roles can be limited in.
    pub fields: Vec<FieldDef>,
    /// Tells where values of customers came from.
    pub origins: Option<OriginsOf>,
    /// Tells what a customer is called.
    pub name_of: Option<NameOf>,
    /// Tells whether a customer is within somebody's reach, and which channels there are.
    pub in_reach: Option<InReach>,
    pub channels_of: Option<ChannelsOf>,
}

/// Options that come from the command line or the configuration file.
#[derive(Clone, Debug)]
pub struct Options {
    pub hash_cost: HashCost,
    /// Cookies are marked `Secure`; on when the shop is reached over https.
    pub secure_cookies: bool,
    /// Name or network addresses in `X-Forwarded-For` are believed (behind a proxy).
    pub trust_proxy: bool,
    /// Largest import file in bytes.
    pub most_upload_bytes: u64,
    /// How long one connection that hears of changes lasts before the browser makes the next.
    pub live_for: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            hash_cost: HashCost::Full,
            secure_cookies: false,
            trust_proxy: false,
            most_upload_bytes: 1 << 30,
            live_for: Duration::from_secs(60),
        }
    }
}

/// The running program; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

/// The parts of the running program.
pub struct AppParts {
    pub db: Database,
    pub clock: Clock,
    pub blobs: Blobs,
    pub options: Options,
    pub registry: Registry,
    pub jobs_waiting: Notify,
    pub menu: Vec<MenuItem>,
    pub memo: Memo,
    pub live: Live,
    pub fields: Vec<FieldDef>,
    pub origins: Vec<OriginsOf>,
    pub name_of: Option<NameOf>,
    pub in_reach: Option<InReach>,
    pub channels_of: Option<ChannelsOf>,
    jobs: Vec<JobKind>,
}

impl Deref for App {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0
    }
}

/// The program's clock, beside its database for what is kept there.
#[derive(Debug, Default)]
pub struct RunningClock(OnceLock<Clock>);

impl RunningClock {
    /// Now, once a program runs over the database.
    pub fn now(&self) -> Option<Micros> {
        self.0.get().map(Clock::now)
    }
}

impl App {
    /// Puts the program together from its modules.
    pub fn new(db: Database, clock: Clock, blobs: Blobs, options: Options, modules: &[Module]) -> Self {
        db.beside::<RunningClock>().0.get_or_init(|| clock.clone());
        Self(Arc::new(AppParts {
            db,
            clock,
            blobs,
            options,
            registry: Registry::new(modules.iter().flat_map(|module| module.tables.clone())),
            jobs_waiting: Notify::new(),
            memo: Memo::default(),
            live: Live::default(),
            menu: modules.iter().flat_map(|module| module.menu.clone()).collect(),
            fields: modules.iter().flat_map(|module| module.fields.clone()).collect(),
            origins: modules.iter().filter_map(|module| module.origins).collect(),
            name_of: modules.iter().find_map(|module| module.name_of),
            in_reach: modules.iter().find_map(|module| module.in_reach),
            channels_of: modules.iter().find_map(|module| module.channels_of),
            jobs: modules.iter().flat_map(|module| module.jobs.clone()).collect(),
        }))
    }

    /// Opens a write transaction.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn begin_write(&self) -> Result<Tx, sea_orm::DbErr> {
        self.db.begin_write().await
    }

    /// Tells idle workers that a job was committed.
    pub fn wake_jobs(&self) {
        self.jobs_waiting.notify_one();
    }

    /// The kinds of jobs the program can run.
    pub fn job_kinds(&self) -> impl Iterator<Item = &JobKind> {
        self.jobs.iter()
    }
}
