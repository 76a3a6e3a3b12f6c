//! Postcodes: the normalised form that is searched, and a warning when one cannot be right (catalogue row S3-18).

use super::country::Country;

/// The shapes of a country's normalised postcodes: `9` a digit, `A` a letter, `?` either.
/// A country that is not listed has no postcodes or no fixed shape, and is never warned about.
const SHAPES: [(&str, &[&str]); 50] = [
    ("AT", &["9999"]),
    ("AU", &["9999"]),
    ("BE", &["9999"]),
    ("BG", &["9999"]),
    ("BR", &["99999999"]),
    ("CA", &["A9A9A9"]),
    ("CH", &["9999"]),
    ("CN", &["999999"]),
    ("CY", &["9999"]),
    ("CZ", &["99999"]),
    ("DE", &["99999"]),
    ("DK", &["9999"]),
    ("EE", &["99999"]),
    ("ES", &["99999"]),
    ("FI", &["99999"]),
    ("FR", &["99999"]),
    ("GB", &["A99AA", "A999AA", "AA99AA", "AA999AA", "A9A9AA", "AA9A9AA"]),
    ("GG", &["AA99AA", "AA999AA"]),
    ("GR", &["99999"]),
    ("HR", &["99999"]),
    ("HU", &["9999"]),
    ("IE", &["A99????", "A9A????"]),
    ("IM", &["AA99AA", "AA999AA"]),
    ("IN", &["999999"]),
    ("IS", &["999"]),
    ("IT", &["99999"]),
    ("JE", &["AA99AA", "AA999AA"]),
    ("JP", &["9999999"]),
    ("KR", &["99999"]),
    ("LI", &["9999"]),
    ("LT", &["99999"]),
    ("LU", &["9999"]),
    ("LV", &["9999"]),
    ("MC", &["99999"]),
    ("MT", &["AAA9999"]),
    ("MX", &["99999"]),
    ("NL", &["9999AA"]),
    ("NO", &["9999"]),
    ("NZ", &["9999"]),
    ("PL", &["99999"]),
    ("PT", &["9999999", "9999"]),
    ("RO", &["999999"]),
    ("RU", &["999999"]),
    ("SE", &["99999"]),
    ("SI", &["9999"]),
    ("SK", &["99999"]),
    ("TR", &["99999"]),
    ("UA", &["99999"]),
    ("US", &["99999", "999999999"]),
    ("ZA", &["9999"]),
];

/// The form of a postcode that is searched and compared: upper case, letters and digits only, without the country
/// in front (`D-80331`, `NL-1075 EE`). `country` is an ISO two-letter code; an unknown one only costs that last step.
pub fn normalise_postcode(country: &str, raw: &str) -> String {
    let own = without_country(country, raw.trim());
    own.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Whether a postcode has none of the shapes its country uses. It is worth a question, never a refusal: shops
/// have customers whose post arrives all the same. Empty ones and countries without a fixed shape pass.
pub fn postcode_warning(country: &str, raw: &str) -> bool {
    let postcode = normalise_postcode(country, raw);
    let Some(country) = Country::from_code(country) else { return false };
    let Ok(at) = SHAPES.binary_search_by(|(code, _)| (*code).cmp(country.code())) else { return false };
    !postcode.is_empty() && !SHAPES[at].1.iter().any(|shape| has_shape(&postcode, shape))
}

/// The part after `D-`, `NL-`, `CH ` and the like: letters that stand for the country, then a dash or blank.
fn without_country<'a>(country: &str, raw: &'a str) -> &'a str {
    let Some((prefix, rest)) = raw.split_once(['-', ' ']) else { return raw };
    let is_country = match prefix.len() {
        1 => ["D", "B", "L", "A", "F", "I", "E", "S", "N"].iter().any(|sign| sign.eq_ignore_ascii_case(prefix)),
        2 | 3 => Country::find(prefix).is_some_and(|found| found.code().eq_ignore_ascii_case(country)),
        _ => false,
    };
    if is_country && rest.trim_start().starts_with(|c: char| c.is_ascii_digit()) { rest } else { raw }
}

fn has_shape(postcode: &str, shape: &str) -> bool {
    postcode.len() == shape.len()
        && postcode.bytes().zip(shape.bytes()).all(|(byte, expected)| match expected {
            b'9' => byte.is_ascii_digit(),
            b'A' => byte.is_ascii_alphabetic(),
            _ => byte.is_ascii_alphanumeric(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shapes_are_in_order_and_of_real_countries() {
        assert!(SHAPES.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(SHAPES.iter().all(|(code, _)| Country::from_code(code).is_some()));
    }

    #[test]
    fn normalises_to_upper_case_without_blanks() {
        for (country, raw, expected) in [
            ("NL", " 1075 ee ", "1075EE"),
            ("NL", "NL-1075 EE", "1075EE"),
            ("GB", "sw1a 1aa", "SW1A1AA"),
            ("GB", "E1 6AN", "E16AN"),
            ("DE", "D-80331", "80331"),
            ("PL", "00-950", "00950"),
            ("US", "10001-1234", "100011234"),
            ("LU", "L-1234", "1234"),
            ("CA", "k1a 0b1", "K1A0B1"),
            ("IE", "d02 x285", "D02X285"),
            ("", "", ""),
        ] {
            assert_eq!(normalise_postcode(country, raw), expected, "{country} {raw}");
        }
    }

    #[test]
    fn warns_of_what_cannot_be_a_postcode_there() {
        for (country, good) in [
            ("GB", "SW1A 1AA"),
            ("GB", "M1 1AE"),
            ("GB", "CR2 6XH"),
            ("GB", "DN55 1PT"),
            ("GB", "W1A 0AX"),
            ("US", "10001"),
            ("US", "10001-1234"),
            ("DE", "80331"),
            ("NL", "1075 EE"),
            ("FR", "75018"),
            ("BE", "1000"),
            ("AT", "1010"),
            ("CH", "8001"),
            ("IT", "00118"),
            ("ES", "28001"),
            ("IE", "D02 X285"),
            ("IE", "D6W XY00"),
            ("DK", "1050"),
            ("SE", "111 22"),
            ("NO", "0150"),
            ("PL", "00-950"),
            ("LU", "L-1234"),
            ("CA", "K1A 0B1"),
            ("AU", "2000"),
            ("NL", ""),
            ("AE", "anything"),
            ("XX", "anything"),
        ] {
            assert!(!postcode_warning(country, good), "{country} {good}");
        }
        for (country, bad) in [
            ("GB", "12345"),
            ("US", "1000"),
            ("DE", "8033"),
            ("NL", "1075 EeY"),
            ("NL", "1075"),
            ("FR", "7501"),
            ("BE", "10000"),
            ("AT", "A1010X"),
            ("CH", "80011"),
            ("IT", "118"),
            ("ES", "2800"),
            ("IE", "1234567"),
            ("DK", "DK"),
            ("SE", "1112"),
            ("NO", "015"),
            ("PL", "0095"),
            ("LU", "123"),
            ("CA", "K1A"),
            ("AU", "20000"),
        ] {
            assert!(postcode_warning(country, bad), "{country} {bad}");
        }
    }
}
