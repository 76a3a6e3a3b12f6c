//! E-mail, phone, company and date of birth.

use super::{Finding, Found};
use crate::person::{Mailbox, MailboxKind, Person};
use crate::statistics::{Statistics, Value, ValueKind, share};

/// The best finding of all pairs of two lists; missing when one is empty.
fn best<T>(a: &[T], b: &[T], mut compare: impl FnMut(&T, &T) -> Found) -> Found {
    let mut best = Found::MISSING;
    for x in a {
        for y in b {
            let found = compare(x, y);
            if best.finding == Finding::Missing || found.finding < best.finding {
                best = found;
            }
        }
    }
    best
}

pub fn mailboxes(a: &Person, b: &Person, names_in_common: u8, statistics: &dyn Statistics) -> Found {
    let culture = a.common_culture(b);
    best(&a.mailboxes, &b.mailboxes, |x, y| mailbox(x, y, names_in_common, culture, statistics))
}

/// Whether two customers share a mailbox.
pub fn share_mailbox(a: &Person, b: &Person) -> bool {
    a.mailboxes.iter().any(|x| b.mailboxes.iter().any(|y| x.local == y.local))
}

/// Chance that strangers take the same local part at two providers: those with one name, who add the same number to it,
/// those who share the first or the last name, and all others.
const SAME_LOCAL_PART: [f64; 3] = [0.000_3, 0.000_03, 0.000_000_1];
/// The same at one provider, where a mailbox is given once; but providers give up mailboxes, and people mistype them.
const SAME_MAILBOX: f64 = 0.3;

fn mailbox(a: &Mailbox, b: &Mailbox, names_in_common: u8, culture: u16, statistics: &dyn Statistics) -> Found {
    let names_agree = names_in_common == 2;
    let is_plain = |mailbox: &Mailbox| mailbox.kind == MailboxKind::Plain && names_agree;
    let same_domain = a.domain == b.domain;
    if a.local == b.local {
        if same_domain || a.domain.within(&b.domain, 1) {
            let chance = share(statistics, Value::mailbox(a), ValueKind::Mailbox, culture);
            let finding = match (a.kind, same_domain) {
                (MailboxKind::Shared, _) => Finding::SharedMailbox,
                _ if is_plain(a) || is_plain(b) => Finding::PlainMailbox,
                (_, true) => Finding::Same,
                _ => Finding::Typo,
            };
            let chance = chance.max(SAME_LOCAL_PART[usize::from(2 - names_in_common)] * SAME_MAILBOX);
            return Found::shared(finding, chance, statistics.count(Value::mailbox(a)));
        }
        if a.kind == MailboxKind::Shared {
            return Found::new(Finding::Different, 1.0);
        }
        let chance = share(statistics, Value::local_part(a), ValueKind::LocalPart, culture);
        if is_plain(a) || is_plain(b) {
            return Found::new(Finding::PlainLocalPart, chance);
        }
        return Found::new(Finding::LocalPart, chance.max(SAME_LOCAL_PART[usize::from(2 - names_in_common)]));
    }
    let is_personal = a.kind != MailboxKind::Shared && b.kind != MailboxKind::Shared;
    if is_personal && same_domain && a.local.len() >= 5 && b.local.len() >= 5 && a.local.within(&b.local, 1) {
        let values = [a, b].map(Value::mailbox);
        let found = nearly(0.0, values, ValueKind::Mailbox, culture, statistics);
        let finding = match (digits(a) != digits(b), is_plain(a) || is_plain(b)) {
            (true, _) => Finding::Similar,
            (false, true) => Finding::PlainTypo,
            (false, false) => Finding::Typo,
        };
        let chance = if names_agree { 0.01 } else { f64::from(found.chance) * 30.0 };
        return Found { shared_by: found.shared_by, ..Found::new(finding, chance) };
    }
    Found::new(if is_plain(a) && is_plain(b) { Finding::PlainDifferent } else { Finding::Different }, 1.0)
}

fn digits(mailbox: &Mailbox) -> u64 {
    let digits = mailbox.local.as_bytes().iter().filter(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0') + 1)
}

pub fn phones(a: &Person, b: &Person, statistics: &dyn Statistics) -> Found {
    let culture = a.common_culture(b);
    best(&a.phones, &b.phones, |x, y| {
        if same_number(*x, *y) {
            let value = Value::phone(*x);
            return Found::shared(
                Finding::Same,
                share(statistics, value, ValueKind::Phone, culture),
                statistics.count(value),
            );
        }
        if one_digit_apart(*x, *y) {
            let values = [*x, *y].map(Value::phone);
            return nearly(0.000_005, values, ValueKind::Phone, culture, statistics);
        }
        Found::new(Finding::Different, 1.0)
    })
}

/// A typing error between two values. By chance it is no rarer than the more common of them, and who shares that value shares
/// nearly the other.
fn nearly(least: f64, values: [Value; 2], kind: ValueKind, culture: u16, statistics: &dyn Statistics) -> Found {
    let shares = values.map(|value| share(statistics, value, kind, culture));
    let counts = values.map(|value| statistics.count(value).unwrap_or(0));
    let chance = shares.into_iter().fold(least, f64::max);
    let shared_by = counts[0].max(counts[1]);
    Found { shared_by: if shared_by > 2 { shared_by } else { 0 }, ..Found::new(Finding::Typo, chance) }
}

/// Equal, or one written with a calling or area code that the other leaves out.
fn same_number(a: u64, b: u64) -> bool {
    let (short, long) = (a.min(b), a.max(b));
    short == long || (short >= 10_000_000 && long % 10_u64.pow(short.ilog10() + 1) == short)
}

/// One digit replaced, or two neighbours swapped.
fn one_digit_apart(mut a: u64, mut b: u64) -> bool {
    let mut places = [0; 2];
    let (mut differences, mut place) = (0, 0);
    let mut pairs = [(0, 0); 2];
    if a.max(1).ilog10() != b.max(1).ilog10() {
        return false;
    }
    while a > 0 || b > 0 {
        if a % 10 != b % 10 {
            if differences == 2 {
                return false;
            }
            places[differences] = place;
            pairs[differences] = (a % 10, b % 10);
            differences += 1;
        }
        (a, b, place) = (a / 10, b / 10, place + 1);
    }
    match differences {
        1 => true,
        2 => places[1] == places[0] + 1 && pairs[0].0 == pairs[1].1 && pairs[0].1 == pairs[1].0,
        _ => false,
    }
}

pub fn company(a: &Person, b: &Person, statistics: &dyn Statistics) -> Found {
    let (Some(x), Some(y)) = (&a.company, &b.company) else { return Found::MISSING };
    let culture = a.common_culture(b);
    if x == y {
        let value = Value::company(x);
        return Found::shared(
            Finding::Same,
            share(statistics, value, ValueKind::Company, culture),
            statistics.count(value),
        );
    }
    if x.len() >= 5 && y.len() >= 5 && x.within(y, 2) {
        let values = [x, y].map(Value::company);
        return nearly(0.001, values, ValueKind::Company, culture, statistics);
    }
    Found::new(Finding::Different, 1.0)
}

pub fn birth(a: &Person, b: &Person, statistics: &dyn Statistics) -> Found {
    if a.born == 0 || b.born == 0 {
        return Found::MISSING;
    }
    if a.born == b.born {
        return Found::new(
            Finding::Same,
            share(statistics, Value::date_of_birth(a.born), ValueKind::DateOfBirth, a.common_culture(b)),
        );
    }
    let day_and_month = |born: u32| born / 10_000 * 10_000 + born % 100 * 100 + born / 100 % 100;
    if one_digit_apart(u64::from(a.born), u64::from(b.born)) || day_and_month(a.born) == b.born {
        let values = [a.born, b.born].map(Value::date_of_birth);
        let found = nearly(0.001, values, ValueKind::DateOfBirth, a.common_culture(b), statistics);
        return Found { shared_by: 0, ..found };
    }
    Found::new(Finding::Different, 1.0)
}
