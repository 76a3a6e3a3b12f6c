//! What everybody knows of names, streets, firms and mail in Europe and North America: lists, and nothing else.

mod countries;
mod given_names;
mod mail;
mod names;
mod places;

pub use countries::{country_code, dialling, trunk_prefix};
pub use given_names::{given_name, related};
pub use mail::{is_relay, is_shared_box, provider};
pub use names::{NameWord, is_legal_form, name_word};
pub use places::{PlaceWord, place_word, without_street_kind};

use rustc_hash::FxHashMap;

/// A map from each word of `(meaning, words)` lists to its meaning.
fn by_word<Meaning: Copy>(lists: &[(Meaning, &'static str)]) -> FxHashMap<&'static str, Meaning> {
    lists.iter().flat_map(|(meaning, words)| words.split_whitespace().map(|word| (word, *meaning))).collect()
}
