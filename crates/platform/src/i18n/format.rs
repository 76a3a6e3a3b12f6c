//! Dates and numbers as the reader writes them. Times come from the database as microseconds UTC.

use jiff::{Timestamp, Zoned};

use super::{Lang, Locale, t, tf};
use crate::tr;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const ENGLISH_MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DUTCH_MONTHS: [&str; 12] = ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"];

fn zoned(at: i64, locale: &Locale) -> Zoned {
    let at = Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(locale.time_zone.clone())
}

fn month(at: &Zoned, lang: Lang) -> &'static str {
    let months = match lang {
        Lang::En => ENGLISH_MONTHS,
        Lang::Nl => DUTCH_MONTHS,
    };
    months[usize::try_from(at.month() - 1).unwrap_or(0)]
}

/// `21 Nov 2026`
pub fn date(at: i64, locale: &Locale) -> String {
    let at = zoned(at, locale);
    format!("{} {} {}", at.day(), month(&at, locale.lang), at.year())
}

/// `21 Nov 2026, 14:05`
pub fn date_time(at: i64, locale: &Locale) -> String {
    let clock = zoned(at, locale);
    format!("{}, {:02}:{:02}", date(at, locale), clock.hour(), clock.minute())
}

/// `2026-11-21T14:05:00+01:00`, for machines.
pub fn exact(at: i64, locale: &Locale) -> String {
    zoned(at, locale).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// "16 Nov", for the axis of a chart; the day itself, whatever the reader's zone.
pub fn short_day(at: i64, locale: &Locale) -> String {
    let day = zoned(at, &Locale { time_zone: jiff::tz::TimeZone::UTC, ..locale.clone() });
    format!("{} {}", day.day(), month(&day, locale.lang))
}

/// A heading over what happened that day: "Today", "Yesterday" or the date.
pub fn day(at: i64, locale: &Locale) -> String {
    let then = zoned(at, locale).date();
    let today = zoned(locale.now, locale).date();
    if then == today {
        return t(locale.lang, tr!("Today")).into_owned();
    }
    if today.yesterday().is_ok_and(|yesterday| yesterday == then) {
        return t(locale.lang, tr!("Yesterday")).into_owned();
    }
    date(at, locale)
}

/// "just now", "5 min ago", "3 h ago", "4 days ago", then the date.
pub fn ago(at: i64, locale: &Locale) -> String {
    let passed = locale.now - at;
    let say = |text: &str, n: i64| tf(locale.lang, text, &[("n", &n.to_string())]);
    match passed {
        passed if passed < 0 => date(at, locale),
        passed if passed < MINUTE => t(locale.lang, tr!("just now")).into_owned(),
        passed if passed < HOUR => say("{n} min ago", passed / MINUTE),
        passed if passed < DAY => say("{n} h ago", passed / HOUR),
        passed if passed < 2 * DAY => t(locale.lang, tr!("yesterday")).into_owned(),
        passed if passed < 7 * DAY => say("{n} days ago", passed / DAY),
        _ => date(at, locale),
    }
}

/// `10,000` or `10.000`; takes what prints as an integer.
pub fn number(n: &str, lang: Lang) -> String {
    let separator = match lang {
        Lang::En => ',',
        Lang::Nl => '.',
    };
    let (sign, digits) = n.strip_prefix('-').map_or(("", n), |digits| ("-", digits));
    let mut grouped = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_795_258_800_000_000; // 2026-11-21 11:00 UTC

    fn amsterdam(lang: Lang) -> Locale {
        Locale::new(lang, "Europe/Amsterdam", NOON)
    }

    #[test]
    fn times_are_shown_in_the_readers_zone_and_language() {
        assert_eq!(date_time(NOON, &amsterdam(Lang::En)), "21 Nov 2026, 12:00");
        assert_eq!(date_time(NOON, &amsterdam(Lang::Nl)), "21 nov 2026, 12:00");
        assert_eq!(exact(NOON, &amsterdam(Lang::En)), "2026-11-21T12:00:00+01:00");
        assert_eq!(date_time(NOON, &Locale::new(Lang::En, "Nowhere/None", NOON)), "21 Nov 2026, 11:00");
    }

    #[test]
    fn what_is_near_is_told_in_words() {
        let locale = amsterdam(Lang::En);
        let said = [0, 5 * MINUTE, 3 * HOUR, 30 * HOUR, 4 * DAY, 40 * DAY].map(|passed| ago(NOON - passed, &locale));
        assert_eq!(said, ["just now", "5 min ago", "3 h ago", "yesterday", "4 days ago", "12 Oct 2026"]);
        assert_eq!(day(NOON - 14 * HOUR, &locale), "Yesterday");
    }

    #[test]
    fn numbers_are_grouped() {
        let grouped = ["0", "999", "1000", "-1234567"].map(|n| number(n, Lang::En));
        assert_eq!(grouped, ["0", "999", "1,000", "-1,234,567"]);
        assert_eq!(number("10000", Lang::Nl), "10.000");
    }
}
