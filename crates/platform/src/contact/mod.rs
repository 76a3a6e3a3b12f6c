//! What a shop knows about reaching somebody: e-mail addresses, phone numbers, countries and postcodes,
//! and how typed text is cleaned before it is kept and folded before it is searched.
//!
//! Always true:
//! - what was typed is kept as typed; the normalised form stands beside it, never in its place;
//! - everything here is pure: no clock, no database, no settings. The caller hands in the default country
//!   and the list of relay domains;
//! - a refusal carries a stable reason code (catalogue row X-05); the sentence is the translator's.
//!
//! Start reading at [`email::Email`], then [`phone::Phone`].

pub mod clean;
pub mod country;
pub mod email;
pub mod fold;
pub mod phone;
pub mod postal;
pub mod vat;

pub use clean::{Unclean, clean_line, clean_text};
pub use country::Country;
pub use email::{Email, InvalidEmail};
pub use fold::{fold, words};
pub use phone::{InvalidPhone, Phone, readable as readable_phone, search_digits};
pub use postal::{normalise_postcode, postcode_warning};
pub use vat::clean_vat_number;
