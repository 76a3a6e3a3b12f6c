//! Writing a [`CustomerInput`] into a record: the one place where typed values are checked,
//! whichever way they came in (R6, X-06).

use platform::auth::{Permission, PermissionSet};
use platform::clock::Micros;
use platform::contact::{Country, clean_line, fold, normalise_postcode};
use platform::error::FieldErrors;
use platform::i18n::Message;
use platform::ids::new_id;
use platform::tr;
use uuid::Uuid;

use super::input::{AddressInput, CustomerInput, EmailInput, PhoneInput};
use super::model::{Account, Address, ContactKind, Customer, CustomerType, Email, Membership, Origin, Phone, Status};
use super::profile::Profile;
use crate::directory::Directory;

/// What the rules need to know besides the input.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    pub directory: &'a Directory,
    pub permissions: &'a PermissionSet,
    pub now: Micros,
    pub profile: Profile,
}

/// Values that had to be looked up or computed before the rules run.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// The company named, `Some(None)` when there is none of this id or name.
    pub company: Option<Option<(Uuid, String)>>,
    /// The parent account named, `Some(None)` when nobody has this address.
    pub owner: Option<Option<Uuid>>,
    /// Hash of the password given.
    pub password_hash: Option<String>,
}

/// Longest values in characters.
const NAME: usize = 120;
const LINE: usize = 160;
const CODE: usize = 40;
/// Most e-mails, phones and addresses of one customer.
const MOST_CONTACTS: usize = 100;

struct Applying<'a> {
    rules: Rules<'a>,
    errors: FieldErrors,
}

/// Writes the input into `customer` and checks everything that needs no database.
/// `before` is `None` for a new record.
///
/// # Errors
/// Every refused field with its reason; `customer` is then not to be used.
pub fn apply(
    customer: &mut Customer,
    before: Option<&Customer>,
    input: &CustomerInput,
    resolved: &Resolved,
    rules: Rules<'_>,
) -> Result<(), FieldErrors> {
    let mut applying = Applying { rules, errors: FieldErrors::default() };
    applying.names(customer, input);
    applying.references(customer, before, input, resolved);
    applying.contacts(customer, input);
    applying.groups_and_channels(customer, input);
    applying.standing(customer, before, input);
    customer.settle_primaries();
    applying.account(customer, input, resolved);
    let profiles = &rules.directory.profiles;
    match before {
        None => profiles.check_new(rules.profile, customer, &mut applying.errors),
        Some(before) => profiles.check_edit(before, customer, &mut applying.errors),
    }
    customer.incomplete = !profiles.missing(Profile::Full, customer).is_empty();
    applying.errors.into_result()
}

impl Applying<'_> {
    fn refuse(&mut self, field: &str, code: &'static str, detail: impl Into<Message>) {
        if self.errors.of(field).is_none() {
            self.errors.add(field, code, detail);
        }
    }

    fn need(&mut self, permission: Permission, field: &str) -> bool {
        let has = self.rules.permissions.has(permission);
        if !has {
            let detail =
                Message::new(tr!("This needs the permission {permission}.")).with("permission", permission.key());
            self.refuse(field, "permission_missing", detail);
        }
        has
    }

    /// One line of text, cleaned; a refused one leaves the target as it is.
    fn line(&mut self, target: &mut String, field: &str, text: Option<&str>, most: usize) {
        let Some(text) = text else { return };
        match clean_line(text, most) {
            Ok(clean) => *target = clean,
            Err(unclean) => self.refuse_unclean(field, unclean.code(), most),
        }
    }

    fn refuse_unclean(&mut self, field: &str, code: &'static str, most: usize) {
        let detail = match code {
            "too_long" => Message::new(tr!("At most {n} characters fit here.")).with("n", most),
            "bidi_control" => tr!("This holds hidden marks that turn the direction of text.").into(),
            _ => tr!("This holds characters that cannot be stored.").into(),
        };
        self.refuse(field, code, detail);
    }

    fn names(&mut self, customer: &mut Customer, input: &CustomerInput) {
        self.line(&mut customer.title, "title", input.title.as_deref(), CODE);
        self.line(&mut customer.first_name, "first_name", input.first_name.as_deref(), NAME);
        self.line(&mut customer.last_name, "last_name", input.last_name.as_deref(), NAME);
        self.line(&mut customer.company_name, "company_name", input.company_name.as_deref(), LINE);
        self.line(&mut customer.company_number, "company_number", input.company_number.as_deref(), CODE);
        self.line(&mut customer.account_code, "account_code", input.account_code.as_deref(), CODE);
        self.vat_number(customer, input);
        self.language(customer, input);
        if let Some(flag) = input.note_flag {
            customer.note_flag = flag;
        }
    }

    /// Blanks, dots and dashes are dropped; 4 to 20 letters and digits remain (S3-48).
    fn vat_number(&mut self, customer: &mut Customer, input: &CustomerInput) {
        let mut typed = customer.vat_number.clone();
        self.line(&mut typed, "vat_number", input.vat_number.as_deref(), CODE);
        let number: String =
            typed.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '/')).flat_map(char::to_uppercase).collect();
        let plain = number.chars().all(|character| character.is_ascii_alphanumeric());
        let digits = number.chars().filter(char::is_ascii_digit).count();
        if input.vat_number.is_some()
            && !number.is_empty()
            && (!plain || !(4..=20).contains(&number.len()) || digits < 2)
        {
            return self.refuse("vat_number", "vat_number_invalid", tr!("This is not a VAT number."));
        }
        customer.vat_number = number;
    }

    fn language(&mut self, customer: &mut Customer, input: &CustomerInput) {
        let Some(text) = input.language.as_deref() else { return };
        let code: String = text.trim().to_lowercase().chars().take(2).collect();
        let is_code = code.len() == 2 && code.chars().all(|character| character.is_ascii_lowercase());
        if text.trim().is_empty() {
            customer.language.clear();
        } else if is_code && text.trim().len() <= 5 {
            customer.language = code;
        } else {
            self.refuse("language", "unknown_language", tr!("Use a language code such as en or nl."));
        }
    }

    fn references(
        &mut self,
        customer: &mut Customer,
        before: Option<&Customer>,
        input: &CustomerInput,
        resolved: &Resolved,
    ) {
        let directory = self.rules.directory;
        if let Some(text) = input.source.as_deref() {
            let found = directory.source(text).map(|row| (row.id, row.retired_at.is_some()));
            let old = before.and_then(|before| before.source_id);
            customer.source_id = self.choice("source", text, found, old);
        }
        if let Some(text) = input.property_type.as_deref() {
            let found = directory.property_type(text).map(|row| (row.id, row.retired_at.is_some()));
            let old = before.and_then(|before| before.property_type_id);
            customer.property_type_id = self.choice("property_type", text, found, old);
        }
        if let Some(text) = input.assignee.as_deref() {
            customer.assignee_id = directory.staff_member(text);
            if customer.assignee_id.is_none() && !text.trim().is_empty() {
                self.refuse("assignee", "unknown_staff", tr!("Nobody here has this address."));
            }
        }
        match &resolved.company {
            Some(Some((id, name))) => {
                customer.company_id = Some(*id);
                if customer.company_name.is_empty() || input.company_name.is_none() {
                    customer.company_name.clone_from(name);
                }
            }
            Some(None) if input.company.as_deref().is_some_and(|text| !text.trim().is_empty()) => {
                self.refuse("company", "unknown_company", tr!("There is no company of this name."));
            }
            Some(None) => customer.company_id = None,
            None => {}
        }
        match resolved.owner {
            Some(Some(id)) if id == customer.id => {
                self.refuse("owner", "owner_self", tr!("A customer cannot be their own parent account."));
            }
            Some(Some(id)) => customer.owner_id = Some(id),
            Some(None) if input.owner.as_deref().is_some_and(|text| !text.trim().is_empty()) => {
                self.refuse("owner", "owner_unknown", tr!("No customer has this e-mail address."));
            }
            Some(None) => customer.owner_id = None,
            None => {}
        }
    }

    fn choice(&mut self, field: &str, text: &str, found: Option<(Uuid, bool)>, old: Option<Uuid>) -> Option<Uuid> {
        if text.trim().is_empty() {
            return None;
        }
        match found {
            Some((id, retired)) if !retired || old == Some(id) => Some(id),
            Some(_) => {
                self.refuse(field, "choice_retired", tr!("This choice is no longer offered."));
                old
            }
            None => {
                self.refuse(field, "unknown_choice", tr!("Choose an entry of the list."));
                old
            }
        }
    }

    fn contacts(&mut self, customer: &mut Customer, input: &CustomerInput) {
        if let Some(list) = &input.addresses {
            self.address_list(customer, list);
        }
        self.primary_address(customer, input);
        if let Some(list) = &input.emails {
            self.email_list(customer, list);
        }
        if let Some(text) = input.email.as_deref() {
            self.primary_email(customer, text);
        }
        if let Some(list) = &input.phones {
            self.phone_list(customer, list);
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

    fn email_list(&mut self, customer: &mut Customer, list: &[EmailInput]) {
        let mut emails: Vec<Email> = Vec::new();
        for (index, input) in list.iter().enumerate() {
            let kind = self.kind(&format!("emails.{index}.kind"), &input.kind);
            let id = self.row_id(input.id, customer.emails.iter().map(|email| email.id));
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

    fn row_id(&self, given: Option<Uuid>, mut known: impl Iterator<Item = Uuid>) -> Uuid {
        given.filter(|id| known.any(|known| known == *id)).unwrap_or_else(|| new_id(self.rules.now))
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

    fn phone_list(&mut self, customer: &mut Customer, list: &[PhoneInput]) {
        let country = self.country_of(customer);
        let mut phones: Vec<Phone> = Vec::new();
        for (index, input) in list.iter().enumerate() {
            let kind = self.kind(&format!("phones.{index}.kind"), &input.kind);
            let id = self.row_id(input.id, customer.phones.iter().map(|phone| phone.id));
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

    fn address_list(&mut self, customer: &mut Customer, list: &[AddressInput]) {
        let mut addresses: Vec<Address> = Vec::new();
        for (index, input) in list.iter().enumerate() {
            let id = self.row_id(input.id, customer.addresses.iter().map(|address| address.id));
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

    fn groups_and_channels(&mut self, customer: &mut Customer, input: &CustomerInput) {
        let directory = self.rules.directory;
        if let Some(text) = input.home_channel.as_deref() {
            let found = directory.channel(text);
            match found {
                Some(row) if row.active || customer.home_channel_id == Some(row.id) => {
                    customer.home_channel_id = Some(row.id);
                }
                Some(_) => self.refuse("home_channel", "channel_inactive", tr!("This channel is closed.")),
                None if text.trim().is_empty() => customer.home_channel_id = None,
                None => self.refuse("home_channel", "unknown_channel", tr!("There is no channel of this name.")),
            }
        }
        if let Some(list) = &input.channels {
            let mut channels = Vec::new();
            for text in list.iter().filter(|text| !text.trim().is_empty()) {
                match directory.channel(text) {
                    Some(row) if !channels.contains(&row.id) => channels.push(row.id),
                    Some(_) => {}
                    None => self.refuse("channels", "unknown_channel", tr!("There is no channel of this name.")),
                }
            }
            customer.channels = channels;
        }
        customer.channels.retain(|channel| Some(*channel) != customer.home_channel_id);
        customer.channels.sort();
        if let Some(list) = &input.groups {
            self.group_list(customer, list);
        }
        if let Some(text) = input.primary_group.as_deref().filter(|text| !text.trim().is_empty()) {
            let id = directory.group(text).map(|row| row.id);
            match id {
                Some(id) if customer.groups.iter().any(|group| group.group_id == id) => {
                    customer.groups.iter_mut().for_each(|group| group.is_primary = group.group_id == id);
                }
                _ => self.refuse("primary_group", "not_a_member", tr!("The primary group must be one of the groups.")),
            }
        }
    }

    /// Replaces the memberships; whoever adds or removes one needs the right, and only assignable
    /// groups can be added (R8).
    fn group_list(&mut self, customer: &mut Customer, list: &[String]) {
        let mut wanted: Vec<Uuid> = Vec::new();
        for text in list.iter().filter(|text| !text.trim().is_empty()) {
            let Some(group) = self.rules.directory.group(text) else {
                self.refuse("groups", "unknown_group", tr!("There is no group of this name."));
                continue;
            };
            let is_member = customer.groups.iter().any(|member| member.group_id == group.id);
            if !group.assignable && !is_member {
                let detail = Message::new(tr!("Nobody may be put into the group {name}.")).with("name", &group.name);
                self.refuse("groups", "group_not_assignable", detail);
            }
            if !wanted.contains(&group.id) {
                wanted.push(group.id);
            }
        }
        let primary = customer.primary_group();
        let same = wanted.len() == customer.groups.len()
            && customer.groups.iter().all(|member| wanted.contains(&member.group_id));
        if same || !self.need(Permission::GroupAssign, "groups") {
            return;
        }
        wanted.sort();
        customer.groups =
            wanted.into_iter().map(|id| Membership { group_id: id, is_primary: Some(id) == primary }).collect();
    }

    /// Type, status and activity (R5).
    fn standing(&mut self, customer: &mut Customer, before: Option<&Customer>, input: &CustomerInput) {
        if let Some(text) = input.customer_type.as_deref().filter(|text| !text.trim().is_empty()) {
            match CustomerType::from_key(text.trim()) {
                Some(kind) => {
                    let switched = before.is_some_and(|before| before.customer_type != kind);
                    if !switched || self.need(Permission::CustomerTypeApprove, "customer_type") {
                        customer.customer_type = kind;
                    }
                }
                None => self.refuse("customer_type", "unknown_type", tr!("Choose retail or trade.")),
            }
        }
        if let Some(text) = input.status.as_deref().filter(|text| !text.trim().is_empty()) {
            self.status(customer, before, text.trim());
        }
        if before.is_none() {
            self.new_standing(customer, input);
        }
        if let Some(active) = input.active {
            self.activity(customer, before, active);
        }
    }

    fn status(&mut self, customer: &mut Customer, before: Option<&Customer>, text: &str) {
        let Some(status) = Status::from_key(text) else {
            return self.refuse("status", "unknown_status", tr!("Choose a status from the list."));
        };
        let fits = match before {
            Some(before) => before.status.can_become(status),
            None => status != Status::PendingApproval || customer.customer_type == CustomerType::Trade,
        };
        if fits {
            customer.status = status;
        } else {
            self.refuse("status", "status_transition", tr!("The status cannot change this way."));
        }
    }

    /// A trade registration waits for approval; a password makes the customer registered.
    fn new_standing(&mut self, customer: &mut Customer, input: &CustomerInput) {
        let registration = !matches!(customer.origin, Origin::Import | Origin::Sync);
        if customer.customer_type == CustomerType::Trade && registration {
            customer.status = Status::PendingApproval;
            customer.active = false;
        } else if input.status.as_deref().is_none_or(str::is_empty)
            && input.password.as_deref().is_some_and(|text| !text.is_empty())
        {
            customer.status = Status::Registered;
        }
    }

    fn activity(&mut self, customer: &mut Customer, before: Option<&Customer>, active: bool) {
        if customer.status == Status::PendingApproval {
            if active && before.is_some() {
                self.refuse("active", "pending_approval", tr!("This customer waits for approval first."));
            }
            return;
        }
        let changes = before.is_some_and(|before| before.active != active);
        if !changes || self.need(Permission::CustomerDeactivate, "active") {
            customer.active = active;
        }
    }

    /// A registered customer has an account whose sign-in is the primary address (R7).
    fn account(&mut self, customer: &mut Customer, input: &CustomerInput, resolved: &Resolved) {
        let sets_password = input.password.as_deref().is_some_and(|text| !text.is_empty());
        if sets_password && !self.need(Permission::CustomerPasswordSet, "password") {
            return;
        }
        if customer.status == Status::Registered && customer.account.is_none() {
            match customer.primary_email() {
                Some(email) if email.kind == ContactKind::Relay => {
                    self.refuse("email", "email_masked", tr!("A masked address cannot be a sign-in."));
                }
                Some(email) => {
                    customer.account = Some(Account {
                        login_email: email.address.clone(),
                        login_folded: email.folded.clone(),
                        password_hash: String::new(),
                        created_at: self.rules.now,
                    });
                }
                None => self.refuse("email", "required", tr!("A registered customer needs an e-mail address.")),
            }
        }
        if !sets_password {
            return;
        }
        match (&mut customer.account, &resolved.password_hash) {
            (Some(account), Some(hash)) => account.password_hash.clone_from(hash),
            (None, _) if customer.status != Status::PendingApproval && self.errors.is_empty() => {
                self.refuse("password", "no_account", tr!("Only a registered customer has a password."));
            }
            _ => {}
        }
    }
}
