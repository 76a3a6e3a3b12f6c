//! The dashboard, and the charts of a list or view.

pub mod api;
pub mod pages;

use platform::app::App;
use platform::auth::Sight;
use platform::clock::MINUTE;
use platform::contact::Country;
use platform::error::AppResult;
use platform::i18n::{Lang, Locale};
use platform::tr;

use crate::customer::list::{By, ListFilter, Part, breakdown};
use crate::directory::Directory;

/// Charts may be this old: counting a million customers takes longer than a page should.
const KEPT: i64 = MINUTE;

/// Kept parts of what a filter finds.
///
/// # Errors
/// As the list.
pub async fn parts(app: &App, sight: &Sight, filter: &ListFilter, by: By) -> AppResult<Vec<Part>> {
    let now = app.clock.now();
    let key = filter.kept_as(&format!("{by:?}"), sight);
    app.memo.get(&key, now, KEPT, breakdown(&app.db, sight, filter, by, now)).await
}

/// A chart as its template shows it.
#[derive(Clone, Debug)]
pub struct ChartView {
    pub title: &'static str,
    /// `line` or `bar`.
    pub shape: &'static str,
    pub bars: Vec<Bar>,
}

/// One label with its number, and the list behind it.
#[derive(Clone, Debug)]
pub struct Bar {
    pub label: String,
    pub count: i64,
    pub href: String,
}

impl ChartView {
    pub fn is_empty(&self) -> bool {
        self.bars.iter().all(|bar| bar.count == 0)
    }
}

/// The four charts of what a filter finds: new per week, by channel, by group, by country.
///
/// # Errors
/// As the list.
pub async fn charts(
    app: &App,
    sight: &Sight,
    directory: &Directory,
    filter: &ListFilter,
    locale: &Locale,
) -> AppResult<Vec<ChartView>> {
    let mut charts = Vec::new();
    for (by, title) in [
        (By::Week, tr!("New customers per week")),
        (By::Channel, tr!("By channel")),
        (By::Group, tr!("By group")),
        (By::Country, tr!("By country")),
    ] {
        if by.field().is_some_and(|field| sight.fields.hides(field)) {
            continue;
        }
        let parts = parts(app, sight, filter, by).await?;
        let shape = if by == By::Week { "line" } else { "bar" };
        let bars = parts.into_iter().map(|part| bar(part, by, directory, filter, locale)).collect();
        charts.push(ChartView { title, shape, bars });
    }
    Ok(charts)
}

fn bar(part: Part, by: By, directory: &Directory, filter: &ListFilter, locale: &Locale) -> Bar {
    let id = || part.key.parse().ok();
    let named = || id().and_then(|id| directory.label(id)).map(str::to_owned);
    let nothing = || platform::i18n::t(locale.lang, tr!("none")).into_owned();
    let mut leads_to = filter.question();
    let label = match by {
        By::Week => {
            let start = platform::clock::day_start(&part.key).unwrap_or_default();
            let last = platform::clock::rfc3339(start + 6 * platform::clock::DAY)[..10].to_owned();
            (leads_to.created_from, leads_to.created_to) = (part.key.clone(), last);
            platform::i18n::short_day(start, locale)
        }
        By::Channel => {
            leads_to.channel = id().into_iter().collect();
            named().unwrap_or_else(nothing)
        }
        By::Group => {
            leads_to.group = id().into_iter().collect();
            named().unwrap_or_else(nothing)
        }
        By::Country => {
            leads_to.country = vec![part.key.clone()];
            match (Country::from_code(&part.key), locale.lang) {
                (Some(country), Lang::Nl) => country.dutch().to_owned(),
                (Some(country), Lang::En) => country.english().to_owned(),
                (None, _) => nothing(),
            }
        }
    };
    let href = if part.key.is_empty() { String::new() } else { format!("/customers?{}", leads_to.to_query()) };
    Bar { label, count: part.count, href }
}
