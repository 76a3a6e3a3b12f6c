//! Updating from a file: lists grow, they are not replaced. A file with one e-mail address says nothing against the
//! customer's others.

use platform::contact::{Email, fold, normalise_postcode, search_digits};

use uuid::Uuid;

use crate::customer::{AddressInput, Customer, CustomerInput, EmailInput, PhoneInput};

/// The input with the customer's own e-mails, phones, addresses, groups, tags and channels before those of the row.
pub fn with_what_is_there(input: &CustomerInput, customer: &Customer) -> CustomerInput {
    CustomerInput {
        emails: input.emails.as_ref().map(|new| emails(customer, new)),
        phones: input.phones.as_ref().map(|new| phones(customer, new)),
        addresses: input.addresses.as_ref().map(|new| addresses(customer, new)),
        groups: input.groups.as_ref().map(|new| with(customer.groups.iter().map(|group| group.group_id), new)),
        tags: input.tags.as_ref().map(|new| with(customer.tags.iter().copied(), new)),
        channels: input.channels.as_ref().map(|new| with(customer.channels.iter().copied(), new)),
        primary_group: input.primary_group.clone().filter(|_| customer.groups.is_empty()),
        ..input.clone()
    }
}

fn emails(customer: &Customer, new: &[EmailInput]) -> Vec<EmailInput> {
    let own = customer.emails.iter().map(|email| EmailInput {
        id: Some(email.id),
        address: email.address.clone(),
        kind: email.kind.key().to_owned(),
        is_primary: email.is_primary,
    });
    let is_known = |input: &EmailInput| {
        let folded = Email::parse(&input.address).map(|email| email.folded().to_owned());
        folded.is_ok_and(|folded| customer.emails.iter().any(|email| email.folded == folded))
    };
    let further = new.iter().filter(|input| !is_known(input)).cloned();
    let further =
        further.map(|input| EmailInput { is_primary: input.is_primary && customer.emails.is_empty(), ..input });
    own.chain(further).collect()
}

fn phones(customer: &Customer, new: &[PhoneInput]) -> Vec<PhoneInput> {
    let own = customer.phones.iter().map(|phone| PhoneInput {
        id: Some(phone.id),
        number: phone.typed.clone(),
        kind: phone.kind.key().to_owned(),
        is_primary: phone.is_primary,
    });
    let is_known = |input: &PhoneInput| {
        let digits = search_digits(&input.number);
        digits.is_some_and(|digits| customer.phones.iter().any(|phone| phone.digits.ends_with(&digits)))
    };
    let further = new.iter().filter(|input| !is_known(input)).cloned();
    let further =
        further.map(|input| PhoneInput { is_primary: input.is_primary && customer.phones.is_empty(), ..input });
    own.chain(further).collect()
}

fn addresses(customer: &Customer, new: &[AddressInput]) -> Vec<AddressInput> {
    let own = customer.addresses.iter().map(|address| AddressInput {
        id: Some(address.id),
        label: address.label.clone(),
        line1: address.line1.clone(),
        line2: address.line2.clone(),
        town: address.town.clone(),
        county: address.county.clone(),
        postcode: address.postcode.clone(),
        country: address.country.clone(),
        is_primary: address.is_primary,
        is_billing: address.is_billing,
        is_delivery: address.is_delivery,
    });
    let place = |line1: &str, postcode: &str, country: &str| (fold(line1), normalise_postcode(country, postcode));
    let is_known = |input: &AddressInput| {
        let wanted = place(&input.line1, &input.postcode, &input.country);
        let is_bare = input.line1.is_empty() && input.postcode.is_empty() && input.town.is_empty();
        let mut known = customer.addresses.iter();
        (is_bare && !customer.addresses.is_empty())
            || known.any(|own| place(&own.line1, &own.postcode, &own.country) == wanted)
    };
    let none = customer.addresses.is_empty();
    let further = new.iter().filter(|input| !is_known(input)).cloned().map(|input| AddressInput {
        is_primary: input.is_primary && none,
        is_billing: input.is_billing && none,
        is_delivery: input.is_delivery && none,
        ..input
    });
    own.chain(further).collect()
}

/// What the customer has and what the row adds, by id or name.
fn with(own: impl Iterator<Item = Uuid>, new: &[String]) -> Vec<String> {
    own.map(|id| id.to_string()).chain(new.iter().cloned()).collect()
}
