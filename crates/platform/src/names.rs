//! What a customer is called: the area that knows customers tells those answers of the platform that name one.

use std::pin::Pin;

use uuid::Uuid;

use crate::app::App;
use crate::auth::Sight;
use crate::error::AppResult;

/// What the area answers: nothing for a customer that does not exist.
pub type NameFuture = Pin<Box<dyn Future<Output = AppResult<Option<String>>> + Send>>;

/// Tells number and name of a customer, as far as somebody with this sight may see them.
pub type NameOf = fn(App, Uuid, Sight) -> NameFuture;

/// Number and name of a customer, or its id where nobody can tell them.
pub async fn of_customer(app: &App, customer: Uuid, sight: &Sight) -> String {
    let Some(name_of) = app.name_of else { return customer.to_string() };
    match name_of(app.clone(), customer, sight.clone()).await {
        Ok(name) => name.unwrap_or_else(|| customer.to_string()),
        Err(error) => {
            tracing::warn!(%error, "a customer cannot be named");
            customer.to_string()
        }
    }
}
