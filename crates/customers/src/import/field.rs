//! What a column of a file can mean.

use std::fmt;

/// The meaning of a column. Its name (`Display`) is what `--map column=field` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Title,
    FirstName,
    MiddleName,
    /// The small words between first and last name that Dutch files keep apart (`van der`).
    Infix,
    LastName,
    FullName,
    Company,
    CompanyNumber,
    VatNumber,
    /// The first, second, ... e-mail address.
    Email(u8),
    /// The first, second, ... phone number.
    Phone(u8),
    Mobile,
    /// A part of the main (billing) address.
    Main(Part),
    /// A part of the delivery address.
    Delivery(Part),
    Language,
    Groups,
    Tags,
    Source,
    PropertyType,
    Channel,
    /// Channels besides the home channel.
    FurtherChannels,
    /// E-mail address of a staff member.
    Assignee,
    AccountCode,
    ExternalId,
    CustomerNumber,
    Status,
    Type,
    Active,
}

/// A part of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    FirstName,
    LastName,
    Company,
    Line1,
    /// The number, where a file keeps it apart from the street.
    HouseNumber,
    Line2,
    /// All lines of the street in one cell.
    Street,
    Town,
    County,
    Postcode,
    Country,
    Phone,
    IsBilling,
    IsDelivery,
}

/// The most e-mail addresses or phone numbers that one row can hold.
pub const MAX_RANK: u8 = 9;

const SINGLE: [(&str, Field); 24] = [
    ("title", Field::Title),
    ("first_name", Field::FirstName),
    ("middle_name", Field::MiddleName),
    ("infix", Field::Infix),
    ("last_name", Field::LastName),
    ("full_name", Field::FullName),
    ("company", Field::Company),
    ("company_number", Field::CompanyNumber),
    ("vat_number", Field::VatNumber),
    ("mobile", Field::Mobile),
    ("language", Field::Language),
    ("groups", Field::Groups),
    ("tags", Field::Tags),
    ("source", Field::Source),
    ("property_type", Field::PropertyType),
    ("channel", Field::Channel),
    ("channels", Field::FurtherChannels),
    ("assignee", Field::Assignee),
    ("account_code", Field::AccountCode),
    ("external_id", Field::ExternalId),
    ("customer_number", Field::CustomerNumber),
    ("status", Field::Status),
    ("type", Field::Type),
    ("active", Field::Active),
];

const PARTS: [(&str, Part); 14] = [
    ("address_first_name", Part::FirstName),
    ("address_last_name", Part::LastName),
    ("address_company", Part::Company),
    ("address1", Part::Line1),
    ("house_number", Part::HouseNumber),
    ("address2", Part::Line2),
    ("street", Part::Street),
    ("town", Part::Town),
    ("county", Part::County),
    ("postcode", Part::Postcode),
    ("country", Part::Country),
    ("address_phone", Part::Phone),
    ("is_billing", Part::IsBilling),
    ("is_delivery", Part::IsDelivery),
];

impl Field {
    /// Every field by name, in the order a person would look for it; e-mail and phone by their first.
    pub fn all() -> Vec<Self> {
        let single = SINGLE.iter().map(|(_, field)| *field);
        let contacts = [Self::Email(1), Self::Email(2), Self::Email(3), Self::Phone(1), Self::Phone(2), Self::Phone(3)];
        let main = PARTS.iter().map(|(_, part)| Self::Main(*part));
        let delivery = PARTS.iter().map(|(_, part)| Self::Delivery(*part));
        single.chain(contacts).chain(main).chain(delivery).collect()
    }

    /// The field of a name such as `first_name`, `email2` or `delivery_town`.
    pub fn of_name(name: &str) -> Option<Self> {
        let part_of = |name: &str| PARTS.iter().find(|(known, _)| *known == name).map(|(_, part)| *part);
        if let Some((_, field)) = SINGLE.iter().find(|(known, _)| *known == name) {
            return Some(*field);
        }
        if let Some(part) = name.strip_prefix("delivery_").and_then(part_of) {
            return Some(Self::Delivery(part));
        }
        let ranked = |prefix: &str| name.strip_prefix(prefix).and_then(rank);
        ranked("email")
            .map(Self::Email)
            .or_else(|| ranked("phone").map(Self::Phone))
            .or_else(|| part_of(name).map(Self::Main))
    }
}

/// `""` is the first, `"2"` the second.
fn rank(suffix: &str) -> Option<u8> {
    match suffix {
        "" => Some(1),
        digits => digits.parse().ok().filter(|rank| (1..=MAX_RANK).contains(rank)),
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name_of = |wanted: Part| PARTS.iter().find(|(_, part)| *part == wanted).map_or("", |(name, _)| name);
        match self {
            Self::Email(1) => f.write_str("email"),
            Self::Email(rank) => write!(f, "email{rank}"),
            Self::Phone(1) => f.write_str("phone"),
            Self::Phone(rank) => write!(f, "phone{rank}"),
            Self::Main(part) => f.write_str(name_of(*part)),
            Self::Delivery(part) => write!(f, "delivery_{}", name_of(*part)),
            single => f.write_str(SINGLE.iter().find(|(_, field)| field == single).map_or("", |(name, _)| name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_its_name() {
        for field in Field::all().into_iter().chain([Field::Email(9), Field::Phone(9)]) {
            assert_eq!(Field::of_name(&field.to_string()), Some(field), "{field}");
        }
        for name in ["", "email0", "email10", "phone1x", "delivery_email", "Title", "ignore"] {
            assert_eq!(Field::of_name(name), None, "{name}");
        }
    }
}
