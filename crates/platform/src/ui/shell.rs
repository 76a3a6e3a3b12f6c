//! What every page has around its content.

use std::collections::HashSet;

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::flash::{Flash, cookie};
use crate::i18n::{Lang, Locale};

/// The field `shell` of every page struct. Made once per request, from the session.
#[derive(Clone, Debug)]
pub struct Shell {
    pub locale: Locale,
    pub theme: Theme,
    /// Goes into every form; empty where nobody is signed in.
    pub csrf: String,
    pub person: Option<Person>,
    pub menu: Vec<MenuGroup>,
    pub flash: Option<Flash>,
    /// The path of this page, for the active menu entry and for coming back after a change of language.
    pub path: String,
    /// Whether the universal search is offered (the person may view customers).
    pub can_search: bool,
    kept: HashSet<String>,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub email: String,
    pub role: String,
}

impl Person {
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// A headed part of the side menu; an empty label has no heading.
#[derive(Clone, Debug)]
pub struct MenuGroup {
    pub label: &'static str,
    pub entries: Vec<MenuEntry>,
}

#[derive(Clone, Debug)]
pub struct MenuEntry {
    pub label: &'static str,
    pub href: &'static str,
    pub icon: &'static str,
    pub active: bool,
}

impl MenuEntry {
    pub fn new(label: &'static str, href: &'static str, icon: &'static str) -> MenuEntry {
        MenuEntry { label, href, icon, active: false }
    }

    fn leads_to(&self, path: &str) -> bool {
        path.strip_prefix(self.href).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::Auto, Theme::Light, Theme::Dark];

    pub fn code(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Theme::Auto => crate::tr!("As the device"),
            Theme::Light => crate::tr!("Light"),
            Theme::Dark => crate::tr!("Dark"),
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Theme::Auto => "device-desktop",
            Theme::Light => "sun",
            Theme::Dark => "moon",
        }
    }
}

impl Shell {
    /// A shell with nothing in it but the reader's language; fill in the rest with struct update or the setters.
    pub fn new(locale: Locale, path: impl Into<String>) -> Shell {
        Shell {
            locale,
            theme: Theme::default(),
            csrf: String::new(),
            person: None,
            menu: Vec::new(),
            flash: None,
            path: path.into(),
            can_search: false,
            kept: HashSet::new(),
        }
    }

    /// Takes what the browser brought along: the flash of the previous answer and what the person folded away.
    #[must_use]
    pub fn with_cookies(mut self, headers: &HeaderMap) -> Shell {
        self.flash = Flash::of(headers);
        self.kept = cookie(headers, "ui").map(|kept| kept.split('.').map(str::to_owned).collect()).unwrap_or_default();
        self
    }

    /// The menu with the entry marked that leads here: the one with the longest address.
    #[must_use]
    pub fn with_menu(mut self, mut menu: Vec<MenuGroup>) -> Shell {
        let entries = menu.iter_mut().flat_map(|group| group.entries.iter_mut());
        let here = entries.filter(|entry| entry.leads_to(&self.path)).max_by_key(|entry| entry.href.len());
        if let Some(here) = here {
            here.active = true;
        }
        self.menu = menu;
        self
    }

    pub fn lang(&self) -> Lang {
        self.locale.lang
    }

    pub fn themes(&self) -> [Theme; 3] {
        Theme::ALL
    }

    pub fn languages(&self) -> [Lang; 2] {
        Lang::ALL
    }

    /// Did the person choose this (`narrow`, `no-filters`)? Set by script in the cookie `ui`.
    pub fn keeps(&self, choice: &str) -> bool {
        self.kept.contains(choice)
    }
}

/// "Anna de Vries" is AV: the first letters of the first and the last word.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_address_is_the_active_entry() {
        let entries = vec![
            MenuEntry::new("Customers", "/customers", "users"),
            MenuEntry::new("Import", "/customers/import", "file-import"),
            MenuEntry::new("Custom", "/custom", "star"),
        ];
        let shell = Shell::new(Locale::new(Lang::En, "UTC", 0), "/customers/import/4");
        let shell = shell.with_menu(vec![MenuGroup { label: "", entries }]);
        let active: Vec<_> =
            shell.menu[0].entries.iter().filter(|entry| entry.active).map(|entry| entry.label).collect();
        assert_eq!(active, ["Import"]);
    }

    #[test]
    fn initials_are_of_the_first_and_last_name() {
        assert_eq!(["Anna de Vries", "Cher", "élodie ßeta", ""].map(initials), ["AV", "C", "ÉSS", ""]);
    }
}
