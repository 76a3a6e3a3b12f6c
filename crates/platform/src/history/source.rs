//! Through which door a change came in, as stored and in words.

use super::EventRow;
use crate::i18n::Message;
use crate::tr;

/// Through which door a change came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Screen,
    Api,
    Import,
    /// A bulk action; the detail is its id.
    Bulk,
    CommandLine,
    Job,
}

impl Source {
    const ALL: [Source; 6] = [Self::Screen, Self::Api, Self::Import, Self::Bulk, Self::CommandLine, Self::Job];

    /// The stored key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::Api => "api",
            Self::Import => "import",
            Self::Bulk => "bulk",
            Self::CommandLine => "cli",
            Self::Job => "job",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.key() == key)
    }
}

impl EventRow {
    /// Where the change came from, in words: "API, till 3", "Import, customers.csv line 12".
    pub fn source_message(&self) -> Message {
        let plain = |text: &'static str| Message::new(text);
        let with = |text: &'static str| Message::new(text).with("detail", &self.source_detail);
        let has_detail = !self.source_detail.is_empty();
        match Source::from_key(&self.source) {
            Some(Source::Screen) => plain(tr!("Screen")),
            Some(Source::Api) if has_detail => with(tr!("API, {detail}")),
            Some(Source::Api) => plain(tr!("API")),
            Some(Source::Import) if has_detail => with(tr!("Import, {detail}")),
            Some(Source::Import) => plain(tr!("Import")),
            Some(Source::Bulk) => plain(tr!("Bulk action")),
            Some(Source::CommandLine) if has_detail => with(tr!("Command line, {detail}")),
            Some(Source::CommandLine) => plain(tr!("Command line")),
            Some(Source::Job) | None if has_detail => with(tr!("Job, {detail}")),
            Some(Source::Job) | None => plain(tr!("Job")),
        }
    }

    /// The page that tells more about where the change came from.
    pub fn source_href(&self) -> Option<String> {
        let leads_on = self.source == Source::Bulk.key() && !self.source_detail.is_empty();
        leads_on.then(|| format!("/bulk/{}", self.source_detail))
    }
}
