//! Languages and formats. The English sentence is the key; Dutch comes from `crates/*/locale/nl.json`, gathered by the
//! build script, so an area cannot forget to register its texts.
//!
//! - Templates write `{{ "Customers"|t }}` and `{{ "{n} selected"|tf("n", n) }}`; they know the reader's language from
//!   the [`Locale`] that `ui::render` hands them.
//! - Rust that only names a text (a label, a flash, a refusal) wraps it in [`tr!`](crate::tr) or [`Message`], so that
//!   the check of missing translations (`tests/translations.rs`) finds it.
//! - A text without a translation appears in English: never a hole on the page.

mod format;
mod message;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use format::{ago, date, date_time, day, exact, number, short_day};
pub use message::{Message, Translate};

mod catalogues {
    include!(concat!(env!("OUT_DIR"), "/catalogues.rs"));
}

static DUTCH: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    catalogues::DUTCH
        .iter()
        .flat_map(|json| {
            serde_json::from_str::<HashMap<String, String>>(json).expect("locale/nl.json is a flat map of texts")
        })
        .collect()
});

/// The languages that are shipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    En,
    Nl,
}

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Nl];

    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Nl => "nl",
        }
    }

    /// Its own name, so that someone who landed in the wrong language finds the way back.
    pub fn name(self) -> &'static str {
        match self {
            Lang::En => "English",
            Lang::Nl => "Nederlands",
        }
    }

    /// `nl`, `NL` and `nl-BE` are Dutch.
    pub fn from_code(code: &str) -> Option<Lang> {
        let primary = code.split(['-', '_']).next()?.to_ascii_lowercase();
        Lang::ALL.into_iter().find(|lang| lang.code() == primary)
    }

    /// The first language of an `Accept-Language` header that is shipped.
    pub fn preferred(accept_language: &str) -> Lang {
        accept_language
            .split(',')
            .filter_map(|part| Lang::from_code(part.split(';').next()?.trim()))
            .next()
            .unwrap_or_default()
    }
}

/// Who reads: their language, their time zone, and the moment of the page (for "3 min ago").
#[derive(Clone, Debug)]
pub struct Locale {
    pub lang: Lang,
    pub time_zone: jiff::tz::TimeZone,
    pub now: i64,
}

impl Locale {
    /// An unknown time zone name becomes UTC: a wrong setting must not take the page down.
    pub fn new(lang: Lang, time_zone: &str, now: i64) -> Locale {
        let time_zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        Locale { lang, time_zone, now }
    }
}

/// The text in that language.
pub fn t(lang: Lang, key: &str) -> Cow<'_, str> {
    match lang {
        Lang::En => Cow::Borrowed(key),
        Lang::Nl => Cow::Borrowed(DUTCH.get(key).map_or(key, String::as_str)),
    }
}

/// The text with `{name}` filled in.
pub fn tf(lang: Lang, key: &str, values: &[(&str, &str)]) -> String {
    fill(&t(lang, key), values.iter().copied())
}

fn fill<'a>(text: &str, values: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut filled = text.to_owned();
    for (name, value) in values {
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    filled
}

/// Marks a text for the translators where Rust only names it: `label: tr!("Customers")`.
#[macro_export]
macro_rules! tr {
    ($text:literal) => {
        $text
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_translation_stays_english() {
        assert_eq!(t(Lang::Nl, "no such text"), "no such text");
        assert_eq!(t(Lang::Nl, "Customers"), "Klanten");
    }

    #[test]
    fn values_are_filled_in() {
        assert_eq!(tf(Lang::En, "{n} of {all}", &[("n", "3"), ("all", "9")]), "3 of 9");
    }

    #[test]
    fn the_browser_may_name_regions() {
        assert_eq!(Lang::preferred("fr-FR, nl-BE;q=0.8, en;q=0.5"), Lang::Nl);
        assert_eq!(Lang::preferred(""), Lang::En);
    }
}
