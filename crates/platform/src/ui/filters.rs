//! What templates can say after a `|`. Bring them into scope beside the page: `use platform::ui::filters;`.

use std::any::Any;
use std::fmt::{Display, Write};

use askama::filters::Safe;
use askama::{Result, Values};

use super::Count;
use super::assets;
use crate::i18n::{self, Locale, Translate};

/// Who reads the page: the runtime value that every filter finds.
pub(super) struct Reader<'a>(pub &'a Locale);

const LOCALE: &str = "locale";

impl Values for Reader<'_> {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == LOCALE).then_some(self.0)
    }
}

fn locale(values: &dyn Values) -> Result<&Locale> {
    askama::get_value::<Locale>(values, LOCALE)
}

/// `{{ "Customers"|t }}`
#[askama::filter_fn]
pub fn t<T: Translate>(text: T, values: &dyn Values) -> Result<String> {
    Ok(text.translate(locale(values)?.lang))
}

/// `{{ "{n} selected"|tf("n", 3) }}`; numbers are written as the reader writes them.
#[askama::filter_fn]
pub fn tf<T: Translate, V: Display>(text: T, values: &dyn Values, name: &str, value: V) -> Result<String> {
    let locale = locale(values)?;
    Ok(text.translate(locale.lang).replace(&format!("{{{name}}}"), &localized(&value.to_string(), locale)))
}

/// Fills in one more value of a text that has several: `{{ "{n} of {all}"|tf("n", 3)|fill("all", 9) }}`.
#[askama::filter_fn]
pub fn fill<T: Display, V: Display>(text: T, values: &dyn Values, name: &str, value: V) -> Result<String> {
    let value = localized(&value.to_string(), locale(values)?);
    Ok(text.to_string().replace(&format!("{{{name}}}"), &value))
}

fn localized(value: &str, locale: &Locale) -> String {
    let (digits, plus) = value.strip_suffix('+').map_or((value, ""), |digits| (digits, "+"));
    let is_number = digits.len() > 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if is_number { i18n::number(digits, locale.lang) + plus } else { value.to_owned() }
}

/// `10,000`
#[askama::filter_fn]
pub fn number<T: Display>(n: T, values: &dyn Values) -> Result<String> {
    Ok(i18n::number(&n.to_string(), locale(values)?.lang))
}

/// `1,204` or `10,000+`
#[askama::filter_fn]
pub fn bounded(count: &Count, values: &dyn Values) -> Result<String> {
    let lang = locale(values)?.lang;
    Ok(match count {
        Count::Exactly(n) => i18n::number(&n.to_string(), lang),
        Count::MoreThan(n) => format!("{}+", i18n::number(&n.to_string(), lang)),
    })
}

/// `21 Nov 2026`
#[askama::filter_fn]
pub fn date(at: &i64, values: &dyn Values) -> Result<Safe<String>> {
    let locale = locale(values)?;
    Ok(moment(*at, &i18n::date(*at, locale), locale))
}

/// `21 Nov 2026, 14:05`
#[askama::filter_fn]
pub fn datetime(at: &i64, values: &dyn Values) -> Result<Safe<String>> {
    let locale = locale(values)?;
    Ok(moment(*at, &i18n::date_time(*at, locale), locale))
}

/// `5 min ago`, with the exact time on hover.
#[askama::filter_fn]
pub fn ago(at: &i64, values: &dyn Values) -> Result<Safe<String>> {
    let locale = locale(values)?;
    Ok(moment(*at, &i18n::ago(*at, locale), locale))
}

/// "Today", "Yesterday" or the date.
#[askama::filter_fn]
pub fn day(at: &i64, values: &dyn Values) -> Result<String> {
    Ok(i18n::day(*at, locale(values)?))
}

/// `14:05`
#[askama::filter_fn]
pub fn clock(at: &i64, values: &dyn Values) -> Result<Safe<String>> {
    let locale = locale(values)?;
    let text = i18n::date_time(*at, locale);
    let clock = text.rsplit(", ").next().unwrap_or(&text).to_owned();
    Ok(moment(*at, &clock, locale))
}

fn moment(at: i64, text: &str, locale: &Locale) -> Safe<String> {
    let exact = i18n::exact(at, locale);
    let title = i18n::date_time(at, locale);
    Safe(format!("<time datetime=\"{exact}\" title=\"{title}\">{text}</time>"))
}

/// `{{ "users"|icon }}`: always beside a word, so screen readers skip it.
#[askama::filter_fn]
pub fn icon(name: &str, _: &dyn Values) -> Result<Safe<String>> {
    Ok(Safe(icon_svg(name, "icon")))
}

/// The 20 px size.
#[askama::filter_fn]
pub fn icon_l(name: &str, _: &dyn Values) -> Result<Safe<String>> {
    Ok(Safe(icon_svg(name, "icon icon-l")))
}

fn icon_svg(name: &str, class: &str) -> String {
    debug_assert!(assets::has_icon(name), "the icon {name:?} is not in web/src/icons.json");
    let sprite = assets::asset("icons.svg");
    format!("<svg class=\"{class}\" aria-hidden=\"true\"><use href=\"{sprite}#{name}\"/></svg>")
}

/// `{{ "app.css"|asset }}`
#[askama::filter_fn]
pub fn asset(name: &str, _: &dyn Values) -> Result<&'static str> {
    Ok(assets::asset(name))
}

/// `AV`
#[askama::filter_fn]
pub fn initials<T: Display>(name: T, _: &dyn Values) -> Result<String> {
    Ok(super::initials(&name.to_string()))
}

/// A value inside an address: `/customers?q={{ q|query }}`.
#[askama::filter_fn]
pub fn query<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    let mut encoded = String::new();
    for byte in text.to_string().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ => write!(encoded, "%{byte:02X}").map_err(|_| askama::Error::Fmt)?,
        }
    }
    Ok(encoded)
}
