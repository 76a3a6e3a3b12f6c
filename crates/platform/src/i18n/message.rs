//! A text that is made in one place and read in another: a flash after a redirect, a refusal beside a field.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Lang, fill, t};

/// An English text with the values that go into it. Translated when it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub key: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<(Cow<'static, str>, String)>,
    /// Values that are texts of ours: translated too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<(Cow<'static, str>, Cow<'static, str>)>,
}

impl Message {
    pub fn new(key: impl Into<Cow<'static, str>>) -> Message {
        Message { key: key.into(), values: Vec::new(), words: Vec::new() }
    }

    /// What somebody typed: shown as it is, even where it happens to be a word of ours.
    pub fn verbatim(text: impl Into<String>) -> Message {
        let text = text.into();
        if text.is_empty() { Message::default() } else { Message::new("{text}").with("text", text) }
    }

    pub fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    /// One text for a single thing, another with `{n}` for any other number of them.
    #[must_use]
    pub fn counted(n: impl ToString, one: &'static str, many: &'static str) -> Message {
        let n = n.to_string();
        Message::new(if n == "1" { one } else { many }).with("n", n)
    }

    /// `Message::new("Merged {n} customers").with("n", 3)`
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Message {
        self.values.push((Cow::Borrowed(name), value.to_string()));
        self
    }

    /// As [`Self::with`], for a value that is an English text of ours: `.with_word("kind", "Addresses")`.
    #[must_use]
    pub fn with_word(mut self, name: &'static str, word: &'static str) -> Message {
        self.words.push((Cow::Borrowed(name), Cow::Borrowed(word)));
        self
    }
}

impl From<&'static str> for Message {
    fn from(key: &'static str) -> Message {
        Message::new(key)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Message {
        Message::new(text)
    }
}

/// What the template filter `|t` accepts.
pub trait Translate {
    fn translate(&self, lang: Lang) -> String;
}

impl Translate for str {
    fn translate(&self, lang: Lang) -> String {
        t(lang, self).into_owned()
    }
}

impl Translate for String {
    fn translate(&self, lang: Lang) -> String {
        self.as_str().translate(lang)
    }
}

impl Translate for Cow<'_, str> {
    fn translate(&self, lang: Lang) -> String {
        self.as_ref().translate(lang)
    }
}

impl Translate for Message {
    fn translate(&self, lang: Lang) -> String {
        let words: Vec<(&str, Cow<'_, str>)> =
            self.words.iter().map(|(name, word)| (name.as_ref(), t(lang, word))).collect();
        let values = self.values.iter().map(|(name, value)| (name.as_ref(), value.as_str()));
        fill(&t(lang, &self.key), words.iter().map(|(name, word)| (*name, word.as_ref())).chain(values))
    }
}

impl<T: Translate + ?Sized> Translate for &T {
    fn translate(&self, lang: Lang) -> String {
        (**self).translate(lang)
    }
}

impl<T: Translate + ?Sized> Translate for Box<T> {
    fn translate(&self, lang: Lang) -> String {
        (**self).translate(lang)
    }
}
