//! E-mails, phones and addresses: lists as the API sends them, and the flat fields of forms and files that
//! belong to the primary ones.

use platform::contact::{Country, fold, normalise_postcode};
use platform::ids::new_id;
use platform::tr;
use uuid::Uuid;

use super::{Applying, CODE, LINE, MOST_CONTACTS, NAME, Resolved};
use crate::customer::input::{AddressInput, CustomerInput, EmailInput, PhoneInput};
use crate::customer::model::{Address, ContactKind, Customer, Email, Phone};

impl Applying<'_> {
    pub(super) fn contacts(&mut self, customer: &mut Customer, input: &CustomerInput, resolved: &Resolved) {
        let former = resolved.former_rows.as_slice();
        if let Some(list) = &input.addresses {
            self.address_list(customer, list, former);
        }
        self.primary_address(customer, input);
        if let Some(list) = &input.emails {
            self.email_list(customer, list, former);
        }
        if let Some(text) = input.email.as_deref() {
            self.primary_email(customer, text);
        }
        if let Some(list) = &input.phones {
            self.phone_list(customer, list, former);
        }
        let country = self.country_of(customer);
        if let Some(text) = input.phone.as_deref() {
            let place = customer.phones.iter().position(|phone| phone.is_primary);
            self.phone_at(customer, place, "phone", text, &country, true);
        }
        if let Some(text) = input.phone2.as_deref() {
            let place = customer.phones.iter().position(|phone| !phone.is_primary);
            self.phone_at(customer, place, "phone2", text, &country, false);
        }
        for (field, count) in [
            ("emails", customer.emails.len()),
            ("phones", customer.phones.len()),
            ("addresses", customer.addresses.len()),
        ] {
            if count > MOST_CONTACTS {
                self.refuse(field, "too_many", tr!("A customer has at most 100 of these."));
            }
        }
    }

    fn country_of(&self, customer: &Customer) -> String {
        match customer.primary_address() {
            Some(address) if !address.country.is_empty() => address.country.clone(),
            _ => self.rules.directory.settings.country.clone(),
        }
    }

    fn kind(&mut self, field: &str, text: &str) -> ContactKind {
        if text.is_empty() {
            return ContactKind::Private;
        }
        ContactKind::from_key(text).unwrap_or_else(|| {
            self.refuse(field, "unknown_kind", tr!("Choose a kind from the list."));
            ContactKind::Other
        })
    }

    /// Reads an address; a masked one is recognised by its domain (R7, S2-23).
    fn email(&mut self, field: &str, id: Uuid, text: &str, kind: ContactKind, is_primary: bool) -> Option<Email> {
        match platform::contact::Email::parse(text) {
            Ok(email) => {
                let masked = email.is_relay(&self.rules.directory.settings.relay_domains);
                let kind = match (masked, kind) {
                    (true, _) => ContactKind::Relay,
                    (false, ContactKind::Relay) => ContactKind::Private,
                    (false, kind) => kind,
                };
                Some(Email {
                    id,
                    address: email.as_typed().to_owned(),
                    folded: email.folded().to_owned(),
                    domain: email.domain().to_owned(),
                    kind,
                    is_primary,
                })
            }
            Err(invalid) => {
                self.refuse(field, invalid.code(), tr!("This is not an e-mail address."));
                None
            }
        }
    }

    fn email_list(&mut self, customer: &mut Customer, list: &[EmailInput], former: &[Uuid]) {
        let mut emails: Vec<Email> = Vec::new();
        for (index, input) in list.iter().enumerate() {
            let kind = self.kind(&format!("emails.{index}.kind"), &input.kind);
            let id = self.row_id(input.id, former, customer.emails.iter().map(|email| email.id));
            let field = format!("emails.{index}.address");
            let Some(email) = self.email(&field, id, &input.address, kind, input.is_primary) else { continue };
            if !emails.iter().any(|known| known.folded == email.folded) {
                emails.push(email);
            }
        }
        if let Some(account) = &customer.account
            && !emails.iter().any(|email| email.folded == account.login_folded)
        {
            let detail = tr!("This address is the sign-in of the customer's account and has to stay.");
            self.refuse("emails", "login_email_needed", detail);
        }
        customer.emails = emails;
    }

    /// Sets the main address. The sign-in address of an account stays as a further address until
    /// the new mailbox is verified (S4-35).
    fn primary_email(&mut self, customer: &mut Customer, text: &str) {
        let place = customer.emails.iter().position(|email| email.is_primary);
        let is_login = place.is_some_and(|place| {
            customer.account.as_ref().is_some_and(|account| account.login_folded == customer.emails[place].folded)
        });
        if text.trim().is_empty() {
            match place {
                Some(_) if is_login => {
                    let detail = tr!("This address is the sign-in of the customer's account and has to stay.");
                    self.refuse("email", "login_email_needed", detail);
                }
                Some(place) => drop(customer.emails.remove(place)),
                None => {}
            }
            return;
        }
        let (id, kind) = match place {
            Some(place) if !is_login => (customer.emails[place].id, customer.emails[place].kind),
            _ => (new_id(self.rules.now), ContactKind::Private),
        };
        let Some(email) = self.email("email", id, text, kind, true) else { return };
        if let Some(known) = customer.emails.iter().position(|known| known.folded == email.folded) {
            customer.emails[known].address = email.address;
            customer.emails.iter_mut().enumerate().for_each(|(at, email)| email.is_primary = at == known);
            return;
        }
        match place {
            Some(place) if !is_login => customer.emails[place] = email,
            _ => {
                customer.emails.iter_mut().for_each(|email| email.is_primary = false);
                customer.emails.insert(0, email);
            }
        }
    }

    fn row_id(&self, given: Option<Uuid>, former: &[Uuid], mut known: impl Iterator<Item = Uuid>) -> Uuid {
        let is_own = |id: &Uuid| former.contains(id) || known.any(|known| known == *id);
        given.filter(is_own).unwrap_or_else(|| new_id(self.rules.now))
    }

    fn phone(&mut self, field: &str, text: &str, country: &str) -> Option<(String, String, String)> {
        match platform::contact::Phone::parse(text, Some(country)) {
            Ok(phone) => Some((
                phone.as_typed().to_owned(),
                phone.e164().unwrap_or_default().to_owned(),
                phone.digits().to_owned(),
            )),
            Err(invalid) => {
                self.refuse(field, invalid.code(), tr!("This is not a phone number."));
                None
            }
        }
    }

    fn phone_list(&mut self, customer: &mut Customer, list: &[PhoneInput], former: &[Uuid]) {
        let country = self.country_of(customer);
        let mut phones: Vec<Phone> = Vec::new();
        for (index, input) in list.iter().enumerate() {
            let kind = self.kind(&format!("phones.{index}.kind"), &input.kind);
            let id = self.row_id(input.id, former, customer.phones.iter().map(|phone| phone.id));
            let field = format!("phones.{index}.number");
            let Some((typed, e164, digits)) = self.phone(&field, &input.number, &country) else { continue };
            if !phones.iter().any(|known| known.digits == digits) {
                phones.push(Phone { id, typed, e164, digits, kind, is_primary: input.is_primary });
            }
        }
        customer.phones = phones;
    }

    fn phone_at(
        &mut self,
        customer: &mut Customer,
        place: Option<usize>,
        field: &str,
        text: &str,
        country: &str,
        is_primary: bool,
    ) {
        if text.trim().is_empty() {
            if let Some(place) = place {
                customer.phones.remove(place);
            }
            return;
        }
        if place.is_some_and(|place| customer.phones[place].typed == text.trim()) {
            return;
        }
        let Some((typed, e164, digits)) = self.phone(field, text, country) else { return };
        match place {
            Some(place) => {
                let phone = &mut customer.phones[place];
                (phone.typed, phone.e164, phone.digits) = (typed, e164, digits);
            }
            None if customer.phones.iter().any(|phone| phone.digits == digits) => {}
            None => {
                let id = new_id(self.rules.now);
                customer.phones.push(Phone { id, typed, e164, digits, kind: ContactKind::Private, is_primary });
            }
        }
    }

    fn country(&mut self, field: &str, text: &str) -> Option<String> {
        if text.trim().is_empty() {
            return Some(String::new());
        }
        let found = Country::find(text).map(|country| country.code().to_owned());
        if found.is_none() {
            self.refuse(field, "unknown_country", tr!("Choose a country from the list."));
        }
        found
    }

    fn address_list(&mut self, customer: &mut Customer, list: &[AddressInput], former: &[Uuid]) {
        let mut addresses: Vec<Address> = Vec::new();
        for (index, input) in list.iter().enumerate() {
            let id = self.row_id(input.id, former, customer.addresses.iter().map(|address| address.id));
            if let Some(address) = self.address(&format!("addresses.{index}."), id, input) {
                addresses.push(address);
            }
        }
        customer.addresses = addresses;
    }

    /// Reads one address; `prefix` stands before the names of refused fields.
    fn address(&mut self, prefix: &str, id: Uuid, input: &AddressInput) -> Option<Address> {
        let mut address = Address {
            id,
            label: String::new(),
            line1: String::new(),
            line2: String::new(),
            town: String::new(),
            county: String::new(),
            postcode: String::new(),
            postcode_folded: String::new(),
            country: String::new(),
            is_primary: input.is_primary,
            is_billing: input.is_billing,
            is_delivery: input.is_delivery,
        };
        let line1 = if prefix.is_empty() { "address1" } else { "line1" };
        let line2 = if prefix.is_empty() { "address2" } else { "line2" };
        self.line(&mut address.label, &format!("{prefix}label"), Some(&input.label), CODE);
        self.line(&mut address.line1, &format!("{prefix}{line1}"), Some(&input.line1), LINE);
        self.line(&mut address.line2, &format!("{prefix}{line2}"), Some(&input.line2), LINE);
        self.line(&mut address.town, &format!("{prefix}town"), Some(&input.town), NAME);
        self.line(&mut address.county, &format!("{prefix}county"), Some(&input.county), NAME);
        self.line(&mut address.postcode, &format!("{prefix}postcode"), Some(&input.postcode), CODE);
        address.country = self.country(&format!("{prefix}country"), &input.country)?;
        address.postcode_folded = fold(&normalise_postcode(&address.country, &address.postcode)).replace(' ', "");
        let empty = [&address.line1, &address.line2, &address.town, &address.postcode, &address.county];
        if empty.into_iter().all(String::is_empty) && address.country.is_empty() {
            if !prefix.is_empty() {
                self.refuse(&format!("{prefix}line1"), "required", tr!("Enter the street and number."));
            }
            return None;
        }
        Some(address)
    }

    /// The flat address fields of a form or file belong to the primary address.
    fn primary_address(&mut self, customer: &mut Customer, input: &CustomerInput) {
        let given = [&input.address1, &input.address2, &input.town, &input.county, &input.postcode, &input.country];
        if given.iter().all(|field| field.is_none()) {
            return;
        }
        let place = customer.addresses.iter().position(|address| address.is_primary);
        let old = place.map(|place| customer.addresses[place].clone());
        let text = |given: &Option<String>, old: Option<&String>| {
            given.clone().unwrap_or_else(|| old.cloned().unwrap_or_default())
        };
        let part = |pick: fn(&Address) -> &String| old.as_ref().map(pick);
        let merged = AddressInput {
            id: old.as_ref().map(|old| old.id),
            label: text(&None, part(|old| &old.label)),
            line1: text(&input.address1, part(|old| &old.line1)),
            line2: text(&input.address2, part(|old| &old.line2)),
            town: text(&input.town, part(|old| &old.town)),
            county: text(&input.county, part(|old| &old.county)),
            postcode: text(&input.postcode, part(|old| &old.postcode)),
            country: text(&input.country, part(|old| &old.country)),
            is_primary: true,
            is_billing: old.as_ref().is_some_and(|old| old.is_billing),
            is_delivery: old.as_ref().is_some_and(|old| old.is_delivery),
        };
        let id = merged.id.unwrap_or_else(|| new_id(self.rules.now));
        match (self.address("", id, &merged), place) {
            (Some(address), Some(place)) => customer.addresses[place] = address,
            (Some(address), None) => customer.addresses.insert(0, address),
            (None, Some(place)) if self.errors.of("country").is_none() => drop(customer.addresses.remove(place)),
            (None, _) => {}
        }
    }
}
