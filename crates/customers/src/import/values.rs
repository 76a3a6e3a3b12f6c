//! Cells with a closed set of meanings: yes or no, statuses, types, languages.

use platform::contact::fold;

/// Yes or no as spreadsheets and shops write it in four languages. `None` when it is neither.
pub fn yes_or_no(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "yes" | "y" | "true" | "t" | "1" | "x" | "on" | "active" | "enabled" | "ja" | "j" | "waar" | "wahr"
        | "actief" | "aktiv" | "oui" | "o" | "vrai" | "actif" => Some(true),
        "no" | "n" | "false" | "f" | "0" | "off" | "inactive" | "disabled" | "nee" | "nein" | "onwaar" | "falsch"
        | "inactief" | "inaktiv" | "non" | "faux" | "inactif" => Some(false),
        _ => None,
    }
}

/// The code of a customer status (rule R5): `lead`, `guest`, `in_store`, `registered`, `pending_approval`.
pub fn status(text: &str) -> Option<&'static str> {
    match fold(text).as_str() {
        "lead" | "prospect" => Some("lead"),
        "guest" | "gast" | "invite" => Some("guest"),
        "in store" | "instore" | "pos" | "winkel" => Some("in_store"),
        "registered" | "customer" | "geregistreerd" | "registriert" | "klant" | "kunde" | "client" => {
            Some("registered")
        }
        "pending approval" | "pending" | "awaiting approval" => Some("pending_approval"),
        _ => None,
    }
}

/// The code of a customer type (rule R5): `retail`, `trade`.
pub fn customer_type(text: &str) -> Option<&'static str> {
    match fold(text).as_str() {
        "retail" | "b2c" | "consumer" | "private" | "particulier" | "privat" => Some("retail"),
        "trade" | "b2b" | "business" | "wholesale" | "zakelijk" | "gewerblich" | "professionnel" => Some("trade"),
        _ => None,
    }
}

/// The two-letter code of a language: from `nl`, `nl-NL`, `nl_NL` or a name in four languages.
pub fn language(text: &str) -> Option<String> {
    let folded = fold(text);
    let named = match folded.as_str() {
        "english" | "engels" | "englisch" | "anglais" => Some("en"),
        "dutch" | "nederlands" | "niederlandisch" | "neerlandais" | "nederlandisch" => Some("nl"),
        "german" | "duits" | "deutsch" | "allemand" => Some("de"),
        "french" | "frans" | "franzosisch" | "francais" => Some("fr"),
        "spanish" | "spaans" | "spanisch" | "espagnol" | "espanol" => Some("es"),
        "italian" | "italiaans" | "italienisch" | "italien" | "italiano" => Some("it"),
        "polish" | "pools" | "polnisch" | "polonais" | "polski" => Some("pl"),
        "danish" | "deens" | "danisch" | "danois" | "dansk" => Some("da"),
        "swedish" | "zweeds" | "schwedisch" | "suedois" | "svenska" => Some("sv"),
        "portuguese" | "portugees" | "portugiesisch" | "portugais" | "portugues" => Some("pt"),
        _ => None,
    };
    let code = || {
        let mut parts = folded.split(' ');
        let code = parts.next().filter(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase()))?;
        let region_is_short = parts.next().is_none_or(|region| region.len() <= 4);
        region_is_short.then(|| code.to_owned())
    };
    named.map(str::to_owned).or_else(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_yes_and_no() {
        for (text, expected) in [
            ("Yes", Some(true)),
            ("0", Some(false)),
            ("NEIN", Some(false)),
            ("Actief", Some(true)),
            ("maybe", None),
            ("", None),
        ] {
            assert_eq!(yes_or_no(text), expected, "{text}");
        }
    }

    #[test]
    fn reads_status_and_type() {
        assert_eq!(status("In-store"), Some("in_store"));
        assert_eq!(status("pending_approval"), Some("pending_approval"));
        assert_eq!(status("gold"), None);
        assert_eq!(customer_type("B2B"), Some("trade"));
        assert_eq!(customer_type("retail"), Some("retail"));
        assert_eq!(customer_type("?"), None);
    }

    #[test]
    fn reads_languages() {
        for (text, code) in [
            ("nl", Some("nl")),
            ("en_GB", Some("en")),
            ("pt-BR", Some("pt")),
            ("Nederlands", Some("nl")),
            ("Französisch", Some("fr")),
            ("Klingon", None),
            ("n1", None),
            ("no comment", None),
        ] {
            assert_eq!(language(text).as_deref(), code, "{text}");
        }
    }
}
