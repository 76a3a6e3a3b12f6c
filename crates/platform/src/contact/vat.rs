//! VAT identification numbers: whether one has the form its country gives (S3-48). The forms are those of the European
//! Commission's VIES, with the United Kingdom, Switzerland and Norway; other countries' numbers are only cleaned.

/// Country prefix and its forms: `9` a digit, `A` a letter, `X` either.
const FORMS: &[(&str, &[&str])] = &[
    ("AT", &["A99999999"]),
    ("BE", &["9999999999"]),
    ("BG", &["999999999", "9999999999"]),
    ("CHE", &["999999999", "999999999AAA", "999999999AA", "999999999AAAA"]),
    ("CY", &["99999999A"]),
    ("CZ", &["99999999", "999999999", "9999999999"]),
    ("DE", &["999999999"]),
    ("DK", &["99999999"]),
    ("EE", &["999999999"]),
    ("EL", &["999999999"]),
    ("ES", &["X9999999X"]),
    ("FI", &["99999999"]),
    ("FR", &["XX999999999"]),
    ("GB", &["999999999", "999999999999", "AA999"]),
    ("HR", &["99999999999"]),
    ("HU", &["99999999"]),
    ("IE", &["9X99999A", "9999999AA"]),
    ("IT", &["99999999999"]),
    ("LT", &["999999999", "999999999999"]),
    ("LU", &["99999999"]),
    ("LV", &["99999999999"]),
    ("MT", &["99999999"]),
    ("NL", &["999999999A99"]),
    ("NO", &["999999999", "999999999AAA"]),
    ("PL", &["9999999999"]),
    ("PT", &["999999999"]),
    ("RO", &["99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"]),
    ("SE", &["999999999999"]),
    ("SI", &["99999999"]),
    ("SK", &["9999999999"]),
];

/// Fewest and most characters of a number whose country has no form here.
const ANY_LENGTH: std::ops::RangeInclusive<usize> = 4..=20;

/// The number without blanks, dots and dashes, in capitals; `None` when it is none. `country` (ISO 3166-1 alpha-2, may be
/// empty) decides for a number without a country prefix.
pub fn clean_vat_number(typed: &str, country: &str) -> Option<String> {
    let number: String =
        typed.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '/')).flat_map(char::to_uppercase).collect();
    if number.is_empty() {
        return Some(number);
    }
    let prefix = if country == "GR" { "EL" } else { country };
    let by_prefix = FORMS.iter().find_map(|(prefix, forms)| Some((number.strip_prefix(prefix)?, *forms)));
    let by_country = || FORMS.iter().find(|(known, _)| *known == prefix).map(|(_, forms)| (number.as_str(), *forms));
    let fits = match by_prefix.or_else(by_country) {
        Some((rest, forms)) => forms.iter().any(|form| has_form(rest, form)),
        None => {
            let plain = number.chars().all(|character| character.is_ascii_alphanumeric());
            plain && ANY_LENGTH.contains(&number.len()) && number.chars().filter(char::is_ascii_digit).count() > 1
        }
    };
    fits.then_some(number)
}

fn has_form(rest: &str, form: &str) -> bool {
    rest.len() == form.len()
        && rest.chars().zip(form.chars()).all(|(character, wanted)| match wanted {
            '9' => character.is_ascii_digit(),
            'A' => character.is_ascii_uppercase(),
            _ => character.is_ascii_uppercase() || character.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::clean_vat_number;

    #[test]
    fn each_countrys_form_is_known() {
        for (typed, country, expected) in [
            ("nl 8123.45.678.b01", "", Some("NL812345678B01")),
            ("NL123", "NL", None),
            ("812345678B01", "NL", Some("812345678B01")),
            ("DE123456789", "FR", Some("DE123456789")),
            ("DE12345678", "", None),
            ("ATU12345678", "AT", Some("ATU12345678")),
            ("FR1A123456789", "", Some("FR1A123456789")),
            ("CHE-123.456.789 MWST", "CH", Some("CHE123456789MWST")),
            ("GB123456789", "", Some("GB123456789")),
            ("EL123456789", "GR", Some("EL123456789")),
            ("12-3456789", "US", Some("123456789")),
            ("!!", "", None),
            ("ABCDEF", "US", None),
            ("", "NL", Some("")),
        ] {
            assert_eq!(clean_vat_number(typed, country).as_deref(), expected, "{typed} {country}");
        }
    }
}
