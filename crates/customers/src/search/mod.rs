//! Finding customers by whatever is typed: parts of names in any order, typing errors, e-mail
//! parts, any notation of a phone number, postcodes, companies, numbers and codes.
//!
//! Always true: the search document of a customer is written in the transaction that saves the
//! customer, so the next request finds it; documents and questions are folded the same way.

pub mod api;
mod corrector;
mod document;
mod errors;
mod few;
mod indexed;
mod query;
mod question;
mod rank;
mod spelling;
mod visible;

pub use document::{Documents, document, documents, write_documents};
pub(crate) use errors::errors_between;
pub use query::{DOCUMENTS, LIMITED_IN_LISTS, find, narrowing, visible_ids};
pub use rank::Found;
pub(crate) use spelling::Walk;

use platform::app::App;
use platform::db::Database;
use platform::error::AppResult;

/// Puts the index of documents in order, after many were written and once a day.
pub async fn settle(db: &Database) -> AppResult<()> {
    Ok(DOCUMENTS.merge(db).await?)
}

/// Forgets words that no document holds any more, and puts the index in order.
pub async fn tidy(app: App) -> AppResult<()> {
    spelling::sweep(&app.db).await?;
    settle(&app.db).await
}
