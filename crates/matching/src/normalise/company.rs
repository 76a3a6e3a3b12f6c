//! Company names without their legal form.

use crate::knowledge::is_legal_form;
use crate::text::{Short, fold, squeeze_umlauts};

/// The name of a company, its words in one; none when nothing but a legal form is left.
pub fn read(text: &str) -> Option<Short> {
    if text.is_empty() {
        return None;
    }
    let folded = fold(text).replace('.', "");
    let words = folded.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = String::new();
    for word in words.filter(|word| !is_legal_form(word)) {
        squeeze_umlauts(word, &mut name);
    }
    (name.len() > 1).then(|| Short::new(&name))
}
