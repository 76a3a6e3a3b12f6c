//! Putting the program together, for the command line and for tests alike.

use std::path::Path;

use platform::app::{App, Module, Options};
use platform::blobs::Blobs;
use platform::clock::Clock;
use platform::db::{ConnectError, Database, MigrationError};
use platform::server::{self, Site};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

/// The modules in the order in which their schemas build on each other.
pub fn modules() -> Vec<Module> {
    vec![platform::module::module(), customers::module::module(), duplicates::module::module()]
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Clientele",
        description = "The customer office of a shop. Sign in with a bearer token (profile, API tokens). \
            Refusals are application/problem+json with a stable `code`."
    ),
    security(("token" = []))
)]
struct Description;

/// The API's description before the routes add theirs.
pub fn open_api() -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    let components = description.components.get_or_insert_default();
    components.security_schemes.insert("token".to_owned(), scheme.into());
    description
}

/// Why the program could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("the schema could not be brought up to date: {0}")]
    Migrate(#[from] MigrationError),
    #[error("the data folder cannot be used: {0}")]
    Folder(#[from] std::io::Error),
}

/// Opens the database, brings its schema up to date and puts the program together.
///
/// # Errors
/// When the database or the data folder cannot be used.
pub async fn open(database: &str, data_dir: &Path, clock: Clock, options: Options) -> Result<App, StartError> {
    let db = Database::connect(database).await?;
    let modules = modules();
    let applied = server::prepare(&db, &modules, clock.now()).await?;
    if !applied.is_empty() {
        tracing::info!(steps = applied.len(), "the schema was brought up to date");
    }
    let blobs = Blobs::folder(&data_dir.join("files"))?;
    Ok(App::new(db, clock, blobs, options, &modules))
}

/// The front door of an opened program.
pub fn site(app: &App, metrics: Option<server::Metrics>) -> Site {
    server::site(app, modules(), open_api(), metrics)
}
