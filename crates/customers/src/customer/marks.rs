//! Marks: bits in the list's indexes that say what a customer may be. A walk along an index passes over those it cannot be
//! without reading their records.
//!
//! Always true: a mark never rules out a customer that a filter wants. Two values may share a mark, and the records of
//! older versions have all of them, so every condition is checked on the record as well.

use uuid::Uuid;

use super::model::{Customer, CustomerType, Origin, Status};

/// Some neighbouring bits of one of the two columns, shared by the values of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Lane {
    pub column: Column,
    from: u32,
    width: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Marks,
    Links,
}

impl Column {
    pub fn name(self) -> &'static str {
        match self {
            Self::Marks => "marks",
            Self::Links => "links",
        }
    }
}

const fn lane(column: Column, from: u32, width: u32) -> Lane {
    Lane { column, from, width }
}

pub const ACTIVE: Lane = lane(Column::Marks, 0, 2);
pub const STATUS: Lane = lane(Column::Marks, 2, 5);
pub const TYPE: Lane = lane(Column::Marks, 7, 2);
pub const ORIGIN: Lane = lane(Column::Marks, 9, 8);
pub const INCOMPLETE: Lane = lane(Column::Marks, 17, 1);
pub const FLAGGED: Lane = lane(Column::Marks, 18, 1);
pub const MISSING: Lane = lane(Column::Marks, 19, 6);
pub const LANGUAGE: Lane = lane(Column::Marks, 25, 8);
pub const COUNTRY: Lane = lane(Column::Marks, 33, 16);
pub const SOURCE: Lane = lane(Column::Marks, 49, 7);
pub const PROPERTY: Lane = lane(Column::Marks, 56, 7);
pub const CHANNEL: Lane = lane(Column::Links, 0, 12);
pub const GROUP: Lane = lane(Column::Links, 12, 24);
pub const ASSIGNEE: Lane = lane(Column::Links, 36, 15);
pub const NOBODY: Lane = lane(Column::Links, 51, 1);
/// Has an e-mail address, a phone number, an address, a company.
pub const HAS: Lane = lane(Column::Links, 52, 4);
pub const MAIL_DOMAIN: Lane = lane(Column::Links, 56, 7);

impl Lane {
    /// The bit of a value that is a position in a short list.
    pub fn of_position(self, position: usize) -> i64 {
        1 << (self.from + position as u32 % self.width)
    }

    pub fn of_text(self, text: &str) -> i64 {
        self.of_bytes(text.as_bytes())
    }

    pub fn of_id(self, id: Uuid) -> i64 {
        self.of_bytes(id.as_bytes())
    }

    fn of_bytes(self, bytes: &[u8]) -> i64 {
        let hash = bytes.iter().fold(0xcbf2_9ce4_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
        self.of_position((hash ^ (hash >> 15)) as usize)
    }
}

/// What a record can lack, as the filter names it.
pub const CAN_BE_MISSING: [&str; 6] = ["email", "phone", "address", "first_name", "last_name", "company"];

/// The two columns of a record.
pub fn of(customer: &Customer) -> (i64, i64) {
    let position = |at: Option<usize>, lane: Lane| at.map_or(lane.all(), |at| lane.of_position(at));
    let mut marks = ACTIVE.of_position(usize::from(customer.active));
    marks |= position(Status::ALL.iter().position(|status| *status == customer.status), STATUS);
    marks |= position(CustomerType::ALL.iter().position(|kind| *kind == customer.customer_type), TYPE);
    marks |= position(Origin::ALL.iter().position(|origin| *origin == customer.origin), ORIGIN);
    let mut when = |is: bool, bit: i64| marks |= if is { bit } else { 0 };
    when(customer.incomplete, INCOMPLETE.of_position(0));
    when(customer.note_flag, FLAGGED.of_position(0));
    let lacks = [
        customer.primary_email().is_none(),
        customer.main_phone().is_empty(),
        customer.addresses.is_empty(),
        customer.first_name.is_empty(),
        customer.last_name.is_empty(),
        customer.company_name.is_empty(),
    ];
    lacks.iter().enumerate().for_each(|(at, lacks)| when(*lacks, MISSING.of_position(at)));
    marks |= LANGUAGE.of_text(&customer.language);
    marks |= COUNTRY.of_text(customer.primary_address().map_or("", |address| &address.country));
    marks |= customer.source_id.map_or(0, |id| SOURCE.of_id(id));
    marks |= customer.property_type_id.map_or(0, |id| PROPERTY.of_id(id));
    let mut links = customer.assignee_id.map_or(NOBODY.of_position(0), |id| ASSIGNEE.of_id(id));
    links |= customer.home_channel_id.map_or(0, |id| CHANNEL.of_id(id));
    links |= customer.channels.iter().fold(0, |bits, id| bits | CHANNEL.of_id(*id));
    links |= customer.groups.iter().fold(0, |bits, group| bits | GROUP.of_id(group.group_id));
    let has = [!customer.emails.is_empty(), !customer.phones.is_empty(), !customer.addresses.is_empty(), !lacks[5]];
    links |= has.iter().enumerate().filter(|(_, has)| **has).fold(0, |bits, (at, _)| bits | HAS.of_position(at));
    links |= customer.emails.iter().fold(0, |bits, email| bits | MAIL_DOMAIN.of_text(&email.domain));
    (marks, links)
}

pub const HAS_EMAIL: usize = 0;
pub const HAS_PHONE: usize = 1;
pub const HAS_ADDRESS: usize = 2;
pub const HAS_COMPANY: usize = 3;

impl Lane {
    fn all(self) -> i64 {
        ((1 << self.width) - 1) << self.from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_of_a_column_do_not_overlap() {
        let marks = [ACTIVE, STATUS, TYPE, ORIGIN, INCOMPLETE, FLAGGED, MISSING, LANGUAGE, COUNTRY, SOURCE, PROPERTY];
        for lanes in [&marks[..], &[CHANNEL, GROUP, ASSIGNEE, NOBODY, HAS, MAIL_DOMAIN]] {
            let together = lanes.iter().fold(0, |bits: i64, lane| {
                assert_eq!(bits & lane.all(), 0, "{lane:?}");
                bits | lane.all()
            });
            assert!(together > 0, "the sign is left alone");
        }
    }

    #[test]
    fn short_lists_have_a_bit_each() {
        assert!(Status::ALL.len() <= 5 && CustomerType::ALL.len() <= 2 && Origin::ALL.len() <= 8);
        assert!(CAN_BE_MISSING.len() <= 6);
    }
}
