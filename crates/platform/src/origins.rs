//! Where values of a customer came from: an area that knows tells the customer's pages, which know nothing of that area.

use std::pin::Pin;

use uuid::Uuid;

use crate::app::App;
use crate::error::AppResult;

/// A value that came from another record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// A field of the history (`title`) or a row (`email.<id>`).
    pub part: String,
    /// The number of the record that it came from.
    pub from: String,
    /// Where more is told about it.
    pub href: String,
}

/// What an area answers.
pub type OriginsFuture = Pin<Box<dyn Future<Output = AppResult<Vec<Origin>>> + Send>>;

/// Tells the origins of a customer's values.
pub type OriginsOf = fn(App, Uuid) -> OriginsFuture;

/// The origins that all areas know.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_customer(app: &App, customer: Uuid) -> AppResult<Vec<Origin>> {
    let mut origins = Vec::new();
    for of in &app.origins {
        origins.extend(of(app.clone(), customer).await?);
    }
    Ok(origins)
}
