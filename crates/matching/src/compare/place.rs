//! Postal addresses.

use super::{Finding, Found};
use crate::person::{Person, Place};
use crate::statistics::{Statistics, Value, ValueKind, share};
use crate::text::Short;

/// The best finding of all pairs of addresses.
pub fn compare(a: &Person, b: &Person, statistics: &dyn Statistics) -> Found {
    let culture = a.common_culture(b);
    let pairs = a.places.iter().flat_map(|x| b.places.iter().map(move |y| (x, y)));
    let found = pairs.map(|(x, y)| Places { a: x, b: y, statistics, culture }.compare());
    found.min_by_key(|found| rank(found.finding)).unwrap_or(Found::MISSING)
}

fn rank(finding: Finding) -> u8 {
    use Finding::{Different, Neighbour, OtherUnit, Part, Same, SamePostcode, SameStreet, SameTown, TownOnly, Typo};
    let order = [Same, OtherUnit, Typo, Neighbour, SameStreet, Part, SamePostcode, SameTown, TownOnly, Different];
    order.iter().position(|other| *other == finding).unwrap_or(order.len()) as u8
}

/// How two texts that may be missing compare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Likeness {
    Missing,
    Same,
    Near,
    Other,
}

impl Likeness {
    fn of(a: &Short, b: &Short) -> Self {
        if a.is_empty() || b.is_empty() {
            return Self::Missing;
        }
        if a == b {
            return Self::Same;
        }
        let allowed = match a.len().min(b.len()) {
            0..=2 => 0,
            3..=6 => 1,
            _ => 2,
        };
        if allowed > 0 && a.within(b, allowed) { Self::Near } else { Self::Other }
    }

    /// A street whose name is a part of the other's counts as near: "church" and "old church".
    fn of_streets(a: &Short, b: &Short) -> Self {
        let likeness = Self::of(a, b);
        if likeness != Self::Other {
            return likeness;
        }
        let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
        let is_part = short.len() >= 4 && long.as_bytes().windows(short.len()).any(|part| part == short.as_bytes());
        if is_part { Self::Near } else { Self::Other }
    }

    fn agrees(self) -> bool {
        matches!(self, Self::Same | Self::Near)
    }
}

/// Two addresses under comparison.
struct Places<'a> {
    a: &'a Place,
    b: &'a Place,
    statistics: &'a dyn Statistics,
    culture: u16,
}

impl Places<'_> {
    fn compare(&self) -> Found {
        let (a, b) = (self.a, self.b);
        let postcode = Likeness::of(&a.postcode, &b.postcode);
        let town = Likeness::of(&a.town, &b.town);
        let has_line = |place: &Place| place.number > 0 || !place.street.is_empty();
        if !(has_line(a) && has_line(b)) {
            return self.area(postcode, town, [Finding::Part, Finding::TownOnly, Finding::ElsewhereOnly]);
        }
        let same_number = a.number == b.number && a.number > 0;
        let street = self.streets();
        let near_area = match postcode {
            Likeness::Same => true,
            Likeness::Near => town != Likeness::Other,
            Likeness::Missing => town.agrees(),
            Likeness::Other => false,
        };
        if same_number && near_area && (street.agrees() || postcode == Likeness::Same) {
            return self.same_house(postcode == Likeness::Same && street == Likeness::Same);
        }
        if street.agrees() && (near_area || town.agrees()) {
            return self.same_street(same_number || a.number == 0 || b.number == 0, postcode);
        }
        if Likeness::of_streets(&a.street, &b.street).agrees() && Likeness::of(&a.extra, &b.extra).agrees() {
            return Found::new(Finding::Typo, ELSEWHERE_ALIKE.max(self.occupants()));
        }
        self.area(postcode, town, [Finding::SamePostcode, Finding::SameTown, Finding::Different])
    }

    /// The streets, also when one address has them in the other line.
    fn streets(&self) -> Likeness {
        let (a, b) = (self.a, self.b);
        let straight = Likeness::of_streets(&a.street, &b.street);
        let crossed = [(&a.street, &b.extra), (&a.extra, &b.street), (&a.extra, &b.extra)];
        let is_crossed = |(a, b): (&Short, &Short)| a.len() > 3 && b.len() > 3 && Likeness::of(a, b).agrees();
        if !straight.agrees() && crossed.into_iter().any(is_crossed) { Likeness::Near } else { straight }
    }

    fn share(&self, value: Value, kind: ValueKind) -> f64 {
        share(self.statistics, value, kind, self.culture)
    }

    /// Chance that two strangers lived at one address.
    fn occupants(&self) -> f64 {
        OCCUPANTS / self.statistics.customers().max(2) as f64
    }

    fn same_house(&self, exactly: bool) -> Found {
        let (a, b) = (self.a, self.b);
        let mut chance = self.occupants();
        let mut count = None;
        for value in [a, b].into_iter().filter_map(Value::address) {
            chance = f64::max(chance, self.share(value, ValueKind::Address));
            count = count.max(self.statistics.count(value));
        }
        let differ = |a: u32, b: u32| a != b && a != 0 && b != 0;
        let other_unit = differ(a.unit, b.unit) || differ(a.letter.into(), b.letter.into());
        let finding = match (other_unit, exactly) {
            (true, _) => Finding::OtherUnit,
            (false, true) => Finding::Same,
            (false, false) => Finding::Typo,
        };
        Found::shared(finding, chance, count)
    }

    fn same_street(&self, may_be_same_house: bool, postcode: Likeness) -> Found {
        let area = match postcode {
            Likeness::Same => self.share(Value::postcode(self.a), ValueKind::Postcode),
            _ => self.share(Value::town(self.a), ValueKind::Town) * STREETS_ALIKE,
        };
        let same_building = Likeness::of(&self.a.extra, &self.b.extra).agrees();
        let area = if same_building { area * BUILDINGS_ALIKE } else { area };
        let area = (area * STREETS_IN_AREA).max(NEIGHBOURS / self.statistics.customers().max(2) as f64);
        match (may_be_same_house, postcode) {
            (true, _) => Found::new(Finding::Typo, (area * 0.2).max(self.occupants())),
            (false, Likeness::Same) => Found::new(Finding::Neighbour, area),
            (false, _) => Found::new(Finding::SameStreet, area),
        }
    }

    /// What the area alone says: the findings for one postcode, one town, and neither.
    fn area(&self, postcode: Likeness, town: Likeness, findings: [Finding; 3]) -> Found {
        match (postcode, town) {
            (Likeness::Same, _) => Found::new(findings[0], self.share(Value::postcode(self.a), ValueKind::Postcode)),
            (_, Likeness::Same | Likeness::Near) => Found::new(
                findings[1],
                self.share(Value::town(self.a), ValueKind::Town).max(self.share(Value::town(self.b), ValueKind::Town)),
            ),
            (Likeness::Missing, Likeness::Missing) => Found::MISSING,
            _ => Found::new(findings[2], 1.0),
        }
    }
}

/// Chance that two addresses in one town are in streets of nearly one name.
const STREETS_ALIKE: f64 = 0.02;
/// Chance that two addresses are in streets and buildings of nearly the same names.
const ELSEWHERE_ALIKE: f64 = 0.000_01;
/// Chance that two addresses in one street name buildings of nearly one name.
const BUILDINGS_ALIKE: f64 = 0.02;
/// Chance that two addresses in one area are in streets of nearly one name.
const STREETS_IN_AREA: f64 = 0.2;
/// Neighbours among the customers, per customer.
const NEIGHBOURS: f64 = 0.03;

/// Strangers who lived at one address one after the other, per customer; households are a relation of their own.
const OCCUPANTS: f64 = 0.02;
