//! Finding customers by whatever is typed: parts of names in any order, typing errors, e-mail
//! parts, any notation of a phone number, postcodes, companies, numbers and codes.
//!
//! Always true: the search document of a customer is written in the transaction that saves the
//! customer, so the next request finds it; documents and questions are folded the same way.

pub mod api;
mod document;
mod query;
mod spelling;
mod visible;

pub use document::{document, write_documents};
pub use query::{Found, Narrowing, find, narrowing, visible_ids};
pub use spelling::corrections;
