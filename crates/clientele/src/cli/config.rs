//! Where settings come from: defaults, then `clientele.toml`, then `CLIENTELE_...`, then flags; the last wins.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use platform::app::Options;
use platform::auth::password::HashCost;
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

/// Settings that can be given on the command line of every command.
#[derive(Args, Serialize)]
pub struct Flags {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// `sqlite:FILE` or `postgres://...`
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<String>,
    /// Folder of the database file and of uploaded files.
    #[arg(long, global = true, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<PathBuf>,
    /// How much to log: error, warn, info, debug, or a filter such as `info,customers=debug`.
    #[arg(long, global = true, value_name = "LEVEL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    /// Moves the program's clock, for acceptance tests of what expires.
    #[arg(long, global = true, hide = true, allow_negative_numbers = true, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_offset_seconds: Option<i64>,
}

/// All settings of the program.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    pub listen: SocketAddr,
    /// Empty means a SQLite file in the data folder.
    pub database: String,
    pub data_dir: PathBuf,
    pub log: String,
    /// `text` or `json`.
    pub log_format: String,
    /// Mark cookies `Secure`: the shop is reached over https.
    pub secure_cookies: bool,
    /// Believe `X-Forwarded-For`: a proxy stands in front.
    pub trust_proxy: bool,
    /// Largest import file in bytes.
    pub max_upload_bytes: u64,
    pub clock_offset_seconds: i64,
    /// Hash passwords cheaply. Only for tests that sign in hundreds of times.
    pub cheap_hashes: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            database: String::new(),
            data_dir: PathBuf::from("var"),
            log: "info".to_owned(),
            log_format: "text".to_owned(),
            secure_cookies: false,
            trust_proxy: false,
            max_upload_bytes: Options::default().most_upload_bytes,
            clock_offset_seconds: 0,
            cheap_hashes: false,
        }
    }
}

impl Config {
    /// Reads the settings from everywhere.
    ///
    /// # Errors
    /// When the file or a variable holds something else than it should.
    pub fn read(file: &Path, flags: &Flags) -> Result<Self, Box<figment::Error>> {
        let figment = Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file(file))
            .merge(Env::prefixed("CLIENTELE_"))
            .merge(Serialized::defaults(flags));
        figment.extract().map_err(Box::new)
    }

    /// The database's address.
    pub fn database(&self) -> String {
        match self.database.as_str() {
            "" => format!("sqlite:{}", self.data_dir.join("clientele.db").display()),
            address => address.to_owned(),
        }
    }

    /// The database's address as it may be printed: without the password.
    pub fn database_shown(&self) -> String {
        let address = self.database();
        match (address.split_once("://"), address.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, place))) => format!("{scheme}://{place}"),
            _ => address,
        }
    }

    pub fn options(&self) -> Options {
        Options {
            hash_cost: if self.cheap_hashes { HashCost::Least } else { HashCost::Full },
            secure_cookies: self.secure_cookies,
            trust_proxy: self.trust_proxy,
            most_upload_bytes: self.max_upload_bytes,
            ..Options::default()
        }
    }

    /// Logs go to standard error, so that standard output stays what a command answers.
    pub fn start_logging(&self) {
        // The driver passes the database's notices on as news; only its warnings are.
        let filter = EnvFilter::try_new(format!("sqlx=warn,{}", self.log)).unwrap_or_else(|_| EnvFilter::new("info"));
        let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
        let logging = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
        match self.log_format.as_str() {
            "json" => logging.json().init(),
            _ => logging.init(),
        }
    }
}
