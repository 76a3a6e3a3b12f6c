//! From a row of a file to what may be written: the same input and the same check as the form's.

use platform::error::{FieldError, FieldErrors};
use platform::i18n::{Lang, Translate};
use uuid::Uuid;

use super::error::CellError;
use super::field::{Field, MAX_RANK, Part};
use super::mapping::Mapping;
use super::records::Record;
use super::row::{ImportedAddress, ImportedRow};
use crate::customer::{AddressInput, CustomerInput, EmailInput, PhoneInput};

/// Longest label of an address, in characters.
const LABEL: usize = 40;

/// What a row asks to be written. What it does not say is left as it is.
pub fn input_of(row: &ImportedRow, channel: Option<Uuid>) -> CustomerInput {
    let some = |is: bool| is.then_some(());
    CustomerInput {
        title: row.title.clone(),
        first_name: row.first_name.clone(),
        last_name: row.last_name.clone(),
        company_name: row.company.clone(),
        company_number: row.company_number.clone(),
        vat_number: row.vat_number.clone(),
        account_code: row.account_code.clone(),
        language: row.language.clone(),
        source: row.source.clone(),
        home_channel: row.channel.clone().or_else(|| channel.map(|id| id.to_string())),
        status: row.status.map(str::to_owned),
        customer_type: row.customer_type.map(str::to_owned),
        active: row.active,
        emails: some(!row.emails.is_empty()).map(|()| emails(row)),
        phones: some(!row.phones.is_empty()).map(|()| phones(row)),
        addresses: some(!row.addresses.is_empty() || row.country.is_some()).map(|()| addresses(row)),
        primary_group: row.groups.first().cloned(),
        groups: some(!row.groups.is_empty()).map(|()| row.groups.clone()),
        tags: some(!row.tags.is_empty()).map(|()| row.tags.clone()),
        channels: some(!row.channels.is_empty()).map(|()| row.channels.clone()),
        property_type: row.property_type.clone(),
        assignee: row.assignee.clone(),
        ..CustomerInput::default()
    }
}

fn emails(row: &ImportedRow) -> Vec<EmailInput> {
    let email = |(at, address): (usize, &String)| EmailInput {
        address: address.clone(),
        is_primary: at == 0,
        ..EmailInput::default()
    };
    row.emails.iter().enumerate().map(email).collect()
}

fn phones(row: &ImportedRow) -> Vec<PhoneInput> {
    let phone = |(at, phone): (usize, &super::row::ImportedPhone)| PhoneInput {
        number: phone.number.clone(),
        kind: if phone.is_mobile { "mobile".to_owned() } else { String::new() },
        is_primary: at == 0,
        ..PhoneInput::default()
    };
    row.phones.iter().enumerate().map(phone).collect()
}

/// The addresses; a row that knows only a country keeps that much.
fn addresses(row: &ImportedRow) -> Vec<AddressInput> {
    if row.addresses.is_empty() {
        let country = row.country.clone().unwrap_or_default();
        return vec![AddressInput { country, is_primary: true, ..AddressInput::default() }];
    }
    let person = [&row.first_name, &row.last_name].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let address = |(at, address): (usize, &ImportedAddress)| {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        AddressInput {
            label: label(address, &person, row.company.as_deref()),
            line1: text(&address.line1),
            line2: text(&address.line2),
            town: text(&address.town),
            county: text(&address.county),
            postcode: text(&address.postcode),
            country: text(&address.country),
            is_primary: at == 0,
            is_billing: address.is_billing,
            is_delivery: address.is_delivery,
            ..AddressInput::default()
        }
    };
    row.addresses.iter().enumerate().map(address).collect()
}

/// Somebody else's name on an address tells it apart from the others.
fn label(address: &ImportedAddress, person: &str, company: Option<&str>) -> String {
    let recipient = address.recipient.as_deref().filter(|name| *name != person);
    let other_company = address.company.as_deref().filter(|name| Some(*name) != company);
    recipient.or(other_company).unwrap_or_default().chars().take(LABEL).collect()
}

/// The refusals of the check as problems of the cells they come from.
pub fn problems_of(errors: &FieldErrors, record: &Record, mapping: &Mapping, row: &ImportedRow) -> Vec<CellError> {
    errors.0.iter().map(|error| problem_of(error, record, mapping, row)).collect()
}

fn problem_of(error: &FieldError, record: &Record, mapping: &Mapping, row: &ImportedRow) -> CellError {
    let message = error.detail.translate(Lang::En);
    let column = fields_of(&error.field, mapping, row).into_iter().find_map(|field| mapping.column_of(field));
    match column {
        Some(at) => CellError::in_cell(row.line, &mapping.columns[at].name, record.get(at), error.code, &message),
        None => CellError::of_row(row.line, &error.field, error.code, &message),
    }
}

/// The fields of a file that a field of the form can come from, likeliest first.
fn fields_of(name: &str, mapping: &Mapping, row: &ImportedRow) -> Vec<Field> {
    let mut parts = name.split('.');
    let (list, at) =
        (parts.next().unwrap_or_default(), parts.next().and_then(|at| at.parse::<usize>().ok()).unwrap_or(0));
    let part = parts.next().unwrap_or_default();
    let ranked = |field: fn(u8) -> Field| (1..=MAX_RANK).map(field).filter(|f| mapping.column_of(*f).is_some());
    match list {
        "emails" | "email" => ranked(Field::Email).skip(at).chain([Field::Email(1)]).collect(),
        "phones" | "phone" | "phone2" => {
            let mobile = row.phones.get(at).is_some_and(|phone| phone.is_mobile).then_some(Field::Mobile);
            mobile.into_iter().chain(ranked(Field::Phone).skip(at)).chain([Field::Main(Part::Phone)]).collect()
        }
        "addresses" => address_part(part).map_or_else(Vec::new, |part| {
            if at == 0 { vec![Field::Main(part)] } else { vec![Field::Delivery(part), Field::Main(part)] }
        }),
        "first_name" | "last_name" => {
            Field::of_name(name).into_iter().chain([Field::FullName, Field::Company]).collect()
        }
        "company_name" => vec![Field::Company],
        "home_channel" => vec![Field::Channel],
        "channels" => vec![Field::FurtherChannels],
        "customer_type" => vec![Field::Type],
        "primary_group" => vec![Field::Groups],
        other => Field::of_name(other).into_iter().collect(),
    }
}

fn address_part(name: &str) -> Option<Part> {
    match name {
        "line1" => Some(Part::Line1),
        "line2" => Some(Part::Line2),
        "town" => Some(Part::Town),
        "county" => Some(Part::County),
        "postcode" => Some(Part::Postcode),
        "country" => Some(Part::Country),
        "label" => Some(Part::LastName),
        _ => None,
    }
}
