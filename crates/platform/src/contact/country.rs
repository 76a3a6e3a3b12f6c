//! Countries: the ISO 3166-1 list, their names, and finding one from whatever a spreadsheet says.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fold::fold;

/// A country of ISO 3166-1 (with Kosovo's user-assigned `XK`, which payment and parcel services use).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country {
    code: &'static str,
    english: &'static str,
    dutch: &'static str,
}

impl std::fmt::Debug for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

impl Country {
    /// Every country, in the order of its code.
    pub fn all() -> &'static [Self] {
        &LIST.countries
    }

    /// The country of a two-letter code, in either case.
    pub fn from_code(code: &str) -> Option<Self> {
        let [first, second] = code.as_bytes() else { return None };
        let code = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
        let at = LIST.countries.binary_search_by(|country| country.code.as_bytes().cmp(&code[..])).ok()?;
        Some(LIST.countries[at])
    }

    /// The country meant by a two- or three-letter code, a name in English, Dutch, German or French, an
    /// official name, or a usual short form (`UK`, `Holland`).
    pub fn find(text: &str) -> Option<Self> {
        let text = text.trim();
        Self::from_code(text).or_else(|| LIST.by_name.get(&fold(text)).copied())
    }

    /// The two-letter code, upper case.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// The short English name, which is also the translator's key.
    pub fn english(self) -> &'static str {
        self.english
    }

    /// The short Dutch name.
    pub fn dutch(self) -> &'static str {
        self.dutch
    }
}

/// Short forms that are neither ISO nor a name in one of the four languages.
const USUAL_FORMS: [(&str, &str); 24] = [
    ("uk", "GB"),
    ("u k", "GB"),
    ("great britain", "GB"),
    ("groot brittannie", "GB"),
    ("grossbritannien", "GB"),
    ("england", "GB"),
    ("engeland", "GB"),
    ("scotland", "GB"),
    ("wales", "GB"),
    ("northern ireland", "GB"),
    ("u s", "US"),
    ("u s a", "US"),
    ("america", "US"),
    ("the netherlands", "NL"),
    ("holland", "NL"),
    ("brd", "DE"),
    ("republic of ireland", "IE"),
    ("eire", "IE"),
    ("turkey", "TR"),
    ("czech republic", "CZ"),
    ("russian federation", "RU"),
    ("korea", "KR"),
    ("hong kong sar", "HK"),
    ("ivory coast", "CI"),
];

/// Code and names in English, Dutch, German and French, as the Unicode locale data (CLDR) has them.
const NAMES: &str = include_str!("countries.tsv");

struct List {
    countries: Vec<Country>,
    by_name: HashMap<String, Country>,
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    let mut list = List { countries: Vec::new(), by_name: HashMap::new() };
    for line in NAMES.lines().skip(1) {
        list.add(line);
    }
    list.add_official_names();
    for (form, code) in USUAL_FORMS {
        list.name(code, form);
    }
    list
});

impl List {
    fn add(&mut self, line: &'static str) {
        let columns: Vec<&'static str> = line.split('\t').collect();
        if let [code, english, dutch, others @ ..] = columns.as_slice() {
            self.countries.push(Country { code, english, dutch });
            for name in [english, dutch].into_iter().chain(others) {
                self.name(code, name);
            }
        }
    }

    /// Three-letter codes and official names from the crate that follows ISO's changes.
    fn add_official_names(&mut self) {
        for official in celes::Country::get_countries() {
            self.name(official.alpha2, official.alpha3);
            let name = official.long_name;
            self.name(official.alpha2, name);
            self.name(official.alpha2, name.strip_prefix("The ").unwrap_or(name));
        }
    }

    fn name(&mut self, code: &str, name: &str) {
        let known = self.countries.binary_search_by(|country| country.code.cmp(code));
        if let Ok(at) = known {
            self.by_name.entry(fold(name)).or_insert(self.countries[at]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_cover_the_iso_list_exactly() {
        let mut iso: Vec<_> = celes::Country::get_countries().iter().map(|country| country.alpha2).collect();
        iso.sort_unstable();
        let ours: Vec<_> = Country::all().iter().map(|country| country.code()).collect();
        assert_eq!(ours, iso);
        assert!(Country::all().iter().all(|country| !country.english().is_empty() && !country.dutch().is_empty()));
    }

    #[test]
    fn finds_a_country_however_it_is_written() {
        for (text, code) in [
            ("GB", "GB"),
            ("nl", "NL"),
            (" NLD ", "NL"),
            ("Netherlands", "NL"),
            ("The Netherlands", "NL"),
            ("Nederland", "NL"),
            ("Pays-Bas", "NL"),
            ("DEUTSCHLAND", "DE"),
            ("Duitsland", "DE"),
            ("Frankreich", "FR"),
            ("UK", "GB"),
            ("U.K.", "GB"),
            ("United Kingdom", "GB"),
            ("England", "GB"),
            ("USA", "US"),
            ("U.S.A.", "US"),
            ("United States of America", "US"),
            ("Etats-Unis", "US"),
            ("Côte d'Ivoire", "CI"),
            ("Türkiye", "TR"),
            ("Turkey", "TR"),
            ("België", "BE"),
            ("Österreich", "AT"),
        ] {
            assert_eq!(Country::find(text).map(Country::code), Some(code), "{text}");
        }
        for text in ["", "XX", "ZZ", "Atlantis", "N", "N1", "é"] {
            assert_eq!(Country::find(text), None, "{text}");
        }
    }

    #[test]
    fn every_country_is_found_by_its_own_names() {
        for &country in Country::all() {
            for name in [country.code(), country.english(), country.dutch()] {
                assert_eq!(Country::find(name), Some(country), "{name}");
            }
        }
    }
}
