//! Phone numbers: the national significant number, however it was written.

use crate::knowledge::{dialling, trunk_prefix};

/// Shortest and longest national number that can be one.
const LENGTH: std::ops::RangeInclusive<usize> = 6..=13;

/// The national significant number, without the country's calling code and the zero before it.
pub fn national_number(text: &str, country: &str) -> Option<u64> {
    let mut digits = String::with_capacity(16);
    let text = text.trim();
    for letter in text.replace("(0)", "").chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            // An extension follows.
            'x' | 'X' | '#' | ';' | ',' if digits.len() >= *LENGTH.start() => break,
            _ => {}
        }
    }
    let significant = significant_digits(&digits, text.starts_with('+'), country);
    let is_real =
        LENGTH.contains(&significant.len()) && significant.bytes().any(|digit| digit != significant.as_bytes()[0]);
    if is_real { significant.parse().ok() } else { None }
}

fn significant_digits<'a>(digits: &'a str, has_plus: bool, country: &str) -> &'a str {
    let international = match (has_plus, digits.strip_prefix("00"), digits.strip_prefix("011")) {
        (true, _, _) => Some(digits),
        (false, Some(rest), _) => Some(rest),
        (false, None, Some(rest)) if rest.len() >= 10 => Some(rest),
        _ => None,
    };
    if let Some(rest) = international {
        let code = dialling(rest).unwrap_or_default();
        return rest[code.len()..].trim_start_matches('0');
    }
    match trunk_prefix(country) {
        Some((code, trunk)) => {
            let rest = trunk.and_then(|trunk| digits.strip_prefix(trunk)).unwrap_or(digits);
            // A calling code without its plus, as spreadsheets leave it.
            let without_code = rest.strip_prefix(code).filter(|short| rest.len() >= 11 && short.len() >= 8);
            without_code.unwrap_or(rest).trim_start_matches('0')
        }
        None => digits.trim_start_matches('0'),
    }
}
