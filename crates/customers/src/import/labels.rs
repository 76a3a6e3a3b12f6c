//! What a column can be read as, in words.

use platform::tr;

use super::field::{Field, Part};

/// The field in the words of the screen.
pub(super) fn field_label(field: Field) -> &'static str {
    match field {
        Field::Title => tr!("Title"),
        Field::FirstName => tr!("First name"),
        Field::MiddleName => tr!("Middle name"),
        Field::Infix => tr!("Name infix"),
        Field::LastName => tr!("Last name"),
        Field::FullName => tr!("Whole name"),
        Field::Company => tr!("Company"),
        Field::CompanyNumber => tr!("Company number"),
        Field::VatNumber => tr!("VAT number"),
        Field::Email(1) => tr!("E-mail address"),
        Field::Email(2) => tr!("Second e-mail address"),
        Field::Email(_) => tr!("Third e-mail address"),
        Field::Phone(1) => tr!("Phone"),
        Field::Phone(2) => tr!("Second phone"),
        Field::Phone(_) => tr!("Third phone"),
        Field::Mobile => tr!("Mobile phone"),
        Field::Main(part) => main_label(part),
        Field::Delivery(part) => delivery_label(part),
        Field::Language => tr!("Language"),
        Field::Groups => tr!("Groups"),
        Field::Tags => tr!("Tags"),
        Field::PropertyType => tr!("Property type"),
        Field::FurtherChannels => tr!("Further channels"),
        Field::Assignee => tr!("Assigned to"),
        Field::Source => tr!("How did you hear about us"),
        Field::Channel => tr!("Channel"),
        Field::AccountCode => tr!("Account code"),
        Field::ExternalId => tr!("Id in the other system"),
        Field::CustomerNumber => tr!("Customer number"),
        Field::Status => tr!("Status"),
        Field::Type => tr!("Type"),
        Field::Active => tr!("Active"),
    }
}

fn main_label(part: Part) -> &'static str {
    match part {
        Part::FirstName => tr!("Address: first name"),
        Part::LastName => tr!("Address: last name"),
        Part::Company => tr!("Address: company"),
        Part::Line1 => tr!("Address line 1"),
        Part::HouseNumber => tr!("House number"),
        Part::Line2 => tr!("Address line 2"),
        Part::Street => tr!("Street, all lines"),
        Part::Town => tr!("Town"),
        Part::County => tr!("County"),
        Part::Postcode => tr!("Postcode"),
        Part::Country => tr!("Country"),
        Part::Phone => tr!("Address: phone"),
        Part::IsBilling => tr!("Is the billing address"),
        Part::IsDelivery => tr!("Is the delivery address"),
    }
}

fn delivery_label(part: Part) -> &'static str {
    match part {
        Part::FirstName => tr!("Delivery: first name"),
        Part::LastName => tr!("Delivery: last name"),
        Part::Company => tr!("Delivery: company"),
        Part::Line1 => tr!("Delivery: address line 1"),
        Part::HouseNumber => tr!("Delivery: house number"),
        Part::Line2 => tr!("Delivery: address line 2"),
        Part::Street => tr!("Delivery: street, all lines"),
        Part::Town => tr!("Delivery: town"),
        Part::County => tr!("Delivery: county"),
        Part::Postcode => tr!("Delivery: postcode"),
        Part::Country => tr!("Delivery: country"),
        Part::Phone => tr!("Delivery: phone"),
        Part::IsBilling => tr!("Delivery: is the billing address"),
        Part::IsDelivery => tr!("Delivery: is the delivery address"),
    }
}
