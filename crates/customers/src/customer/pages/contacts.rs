//! The topic of e-mails, phones and addresses: rows are added and removed in place (S2-21).
//!
//! Each handler changes one list of a [`CustomerInput`] and saves it like any other edit.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::contact::postcode_warning;
use platform::error::{AppError, AppResult, FieldErrors};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::i18n::{Lang, Message};
use platform::tr;
use platform::ui::{self, Choice, Errors, choices};
use serde::Deserialize;
use uuid::Uuid;

use super::edit::save_input;
use super::record::{find, load, shown_phone};
use super::record_view::{AddressCard, AddressFormPage, AddressValues, ContactPanel, ContactPoint, ContactsPage};
use crate::customer::input::{AddressInput, CustomerInput, EmailInput, PhoneInput};
use crate::customer::model::{Address, ContactKind, Customer};
use crate::directory::Directory;

pub(super) fn routes() -> Vec<PageRoute> {
    let view = Access::Needs(Permission::CustomerView);
    let edit = Access::Needs(Permission::CustomerEdit);
    vec![
        get("/customers/{id}/contacts", view, show),
        post("/customers/{id}/emails", edit, add_email),
        post("/customers/{id}/emails/{row}/primary", edit, make_email_primary),
        post("/customers/{id}/emails/{row}/delete", edit, remove_email),
        post("/customers/{id}/phones", edit, add_phone),
        post("/customers/{id}/phones/{row}/primary", edit, make_phone_primary),
        post("/customers/{id}/phones/{row}/delete", edit, remove_phone),
        get("/customers/{id}/addresses/new", edit, new_address),
        post("/customers/{id}/addresses", edit, add_address),
        get("/customers/{id}/addresses/{row}", edit, edit_address),
        post("/customers/{id}/addresses/{row}", edit, save_address),
        post("/customers/{id}/addresses/{row}/delete", edit, remove_address),
    ]
}

/// What was typed into an inline row and refused.
#[derive(Default)]
struct Refused {
    slug: &'static str,
    typed: String,
    why: Option<Message>,
}

async fn show(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    let customer = find(&app, id).await?;
    page(&app, &context, &headers, &customer, Refused::default()).await
}

async fn page(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    customer: &Customer,
    refused: Refused,
) -> PageResult {
    let directory = Directory::load(app.db.read()).await?;
    let record = load(app, context, headers, customer, &directory, "contacts").await?;
    let status = if refused.why.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let lang = context.shell.lang();
    let page = ContactsPage {
        shell: context.shell.clone(),
        record,
        panels: vec![emails(customer, &refused), phones(customer, &refused)],
        addresses: customer.addresses.iter().map(|address| card(address, lang)).collect(),
    };
    Ok(if context.htmx.wants("record") {
        ui::fragment_status(status, &page.as_record(), &context.shell)
    } else {
        ui::render_status(status, &page, &context.shell)
    })
}

fn kinds(offered: &[ContactKind]) -> Vec<Choice> {
    choices(offered.iter().map(|kind| (kind.key(), kind.label())), offered[0].key())
}

fn emails(customer: &Customer, refused: &Refused) -> ContactPanel {
    let item = |email: &crate::customer::model::Email| ContactPoint {
        id: email.id.to_string(),
        href: format!("mailto:{}", email.address),
        value: email.address.clone(),
        kind: email.kind.label(),
        is_primary: email.is_primary,
        is_relay: email.kind == ContactKind::Relay,
        normalised: String::new(),
    };
    let is_refused = refused.slug == "emails";
    ContactPanel {
        slug: "emails",
        label: tr!("E-mail addresses"),
        icon: "mail",
        input_type: "email",
        field_label: tr!("E-mail address"),
        add_label: tr!("Add an e-mail address"),
        items: customer.emails.iter().map(item).collect(),
        kinds: kinds(&[ContactKind::Private, ContactKind::Work, ContactKind::Billing, ContactKind::Other]),
        typed: if is_refused { refused.typed.clone() } else { String::new() },
        refused: refused.why.clone().filter(|_| is_refused),
    }
}

fn phones(customer: &Customer, refused: &Refused) -> ContactPanel {
    let item = |phone: &crate::customer::model::Phone| {
        let readable = shown_phone(&phone.typed, &phone.e164);
        let dial = if phone.e164.is_empty() { &phone.typed } else { &phone.e164 };
        ContactPoint {
            id: phone.id.to_string(),
            href: format!("tel:{dial}"),
            value: phone.typed.clone(),
            kind: phone.kind.label(),
            is_primary: phone.is_primary,
            is_relay: false,
            normalised: if readable == phone.typed { String::new() } else { readable },
        }
    };
    let is_refused = refused.slug == "phones";
    ContactPanel {
        slug: "phones",
        label: tr!("Phone numbers"),
        icon: "phone",
        input_type: "tel",
        field_label: tr!("Phone number"),
        add_label: tr!("Add a phone number"),
        items: customer.phones.iter().map(item).collect(),
        kinds: kinds(&[ContactKind::Mobile, ContactKind::Private, ContactKind::Work, ContactKind::Other]),
        typed: if is_refused { refused.typed.clone() } else { String::new() },
        refused: refused.why.clone().filter(|_| is_refused),
    }
}

fn country_name(code: &str, lang: Lang) -> String {
    platform::contact::Country::from_code(code).map_or_else(
        || code.to_owned(),
        |country| match lang {
            Lang::En => country.english().to_owned(),
            Lang::Nl => country.dutch().to_owned(),
        },
    )
}

fn card(address: &Address, lang: Lang) -> AddressCard {
    let town = format!("{} {}", address.postcode, address.town);
    let lines = [
        address.line1.clone(),
        address.line2.clone(),
        town.trim().to_owned(),
        address.county.clone(),
        country_name(&address.country, lang),
    ];
    AddressCard {
        id: address.id.to_string(),
        lines: lines.into_iter().filter(|line| !line.is_empty()).collect(),
        label: address.label.clone(),
        is_primary: address.is_primary,
        is_billing: address.is_billing,
        is_delivery: address.is_delivery,
        postcode_hint: postcode_warning(&address.country, &address.postcode),
    }
}

fn email_inputs(customer: &Customer) -> Vec<EmailInput> {
    let input = |email: &crate::customer::model::Email| EmailInput {
        id: Some(email.id),
        address: email.address.clone(),
        kind: email.kind.key().to_owned(),
        is_primary: email.is_primary,
    };
    customer.emails.iter().map(input).collect()
}

fn phone_inputs(customer: &Customer) -> Vec<PhoneInput> {
    let input = |phone: &crate::customer::model::Phone| PhoneInput {
        id: Some(phone.id),
        number: phone.typed.clone(),
        kind: phone.kind.key().to_owned(),
        is_primary: phone.is_primary,
    };
    customer.phones.iter().map(input).collect()
}

fn address_inputs(customer: &Customer) -> Vec<AddressInput> {
    let input = |address: &Address| AddressInput {
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
    };
    customer.addresses.iter().map(input).collect()
}

fn to_contacts(id: Uuid, saying: &'static str) -> PageResult {
    Ok(ui::redirect_to(format!("/customers/{id}/contacts")).saying(saying).into_response())
}

#[derive(Deserialize)]
struct PointForm {
    value: String,
    #[serde(default)]
    kind: String,
}

/// The first refusal; an inline row has one field.
fn first(errors: &FieldErrors) -> Option<Message> {
    errors.0.first().map(|error| error.detail.clone())
}

async fn add_email(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Form(form): Form<PointForm>,
) -> PageResult {
    let customer = find(&app, id).await?;
    let mut list = email_inputs(&customer);
    list.push(EmailInput { id: None, address: form.value.clone(), kind: form.kind, is_primary: false });
    let input = CustomerInput { emails: Some(list), ..CustomerInput::default() };
    match save_input(&app, &context, &customer, input).await {
        Ok(_) => to_contacts(id, tr!("E-mail address added")),
        Err(AppError::Invalid(errors)) => {
            let refused = Refused { slug: "emails", typed: form.value, why: first(&errors) };
            page(&app, &context, &headers, &customer, refused).await
        }
        Err(other) => Err(other),
    }
}

async fn add_phone(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Form(form): Form<PointForm>,
) -> PageResult {
    let customer = find(&app, id).await?;
    let mut list = phone_inputs(&customer);
    list.push(PhoneInput { id: None, number: form.value.clone(), kind: form.kind, is_primary: false });
    let input = CustomerInput { phones: Some(list), ..CustomerInput::default() };
    match save_input(&app, &context, &customer, input).await {
        Ok(_) => to_contacts(id, tr!("Phone number added")),
        Err(AppError::Invalid(errors)) => {
            let refused = Refused { slug: "phones", typed: form.value, why: first(&errors) };
            page(&app, &context, &headers, &customer, refused).await
        }
        Err(other) => Err(other),
    }
}

/// Refuses a row of another customer, or one that is gone.
fn ensure_row(ids: impl Iterator<Item = Option<Uuid>>, row: Uuid) -> AppResult<()> {
    let mut ids = ids;
    if ids.any(|id| id == Some(row)) { Ok(()) } else { Err(AppError::NotFound) }
}

/// Saves a list from which a row was taken; a refusal is said on the page that follows.
async fn save_list(
    app: &App,
    context: &PageContext,
    customer: &Customer,
    input: CustomerInput,
    saying: &'static str,
) -> PageResult {
    match save_input(app, context, customer, input).await {
        Ok(_) => to_contacts(customer.id, saying),
        Err(AppError::Invalid(errors)) => {
            let why = first(&errors).unwrap_or_default();
            Ok(ui::redirect_to(format!("/customers/{}/contacts", customer.id)).warning(why).into_response())
        }
        Err(other) => Err(other),
    }
}

async fn make_email_primary(
    State(app): State<App>,
    context: PageContext,
    Path((id, row)): Path<(Uuid, Uuid)>,
) -> PageResult {
    let customer = find(&app, id).await?;
    let mut list = email_inputs(&customer);
    ensure_row(list.iter().map(|email| email.id), row)?;
    list.iter_mut().for_each(|email| email.is_primary = email.id == Some(row));
    let input = CustomerInput { emails: Some(list), ..CustomerInput::default() };
    save_list(&app, &context, &customer, input, tr!("This is the primary address now")).await
}

async fn make_phone_primary(
    State(app): State<App>,
    context: PageContext,
    Path((id, row)): Path<(Uuid, Uuid)>,
) -> PageResult {
    let customer = find(&app, id).await?;
    let mut list = phone_inputs(&customer);
    ensure_row(list.iter().map(|phone| phone.id), row)?;
    list.iter_mut().for_each(|phone| phone.is_primary = phone.id == Some(row));
    let input = CustomerInput { phones: Some(list), ..CustomerInput::default() };
    save_list(&app, &context, &customer, input, tr!("This is the primary number now")).await
}

async fn remove_email(State(app): State<App>, context: PageContext, Path((id, row)): Path<(Uuid, Uuid)>) -> PageResult {
    let customer = find(&app, id).await?;
    let mut list = email_inputs(&customer);
    ensure_row(list.iter().map(|email| email.id), row)?;
    list.retain(|email| email.id != Some(row));
    let input = CustomerInput { emails: Some(list), ..CustomerInput::default() };
    save_list(&app, &context, &customer, input, tr!("E-mail address removed")).await
}

async fn remove_phone(State(app): State<App>, context: PageContext, Path((id, row)): Path<(Uuid, Uuid)>) -> PageResult {
    let customer = find(&app, id).await?;
    let mut list = phone_inputs(&customer);
    ensure_row(list.iter().map(|phone| phone.id), row)?;
    list.retain(|phone| phone.id != Some(row));
    let input = CustomerInput { phones: Some(list), ..CustomerInput::default() };
    save_list(&app, &context, &customer, input, tr!("Phone number removed")).await
}

async fn remove_address(
    State(app): State<App>,
    context: PageContext,
    Path((id, row)): Path<(Uuid, Uuid)>,
) -> PageResult {
    let customer = find(&app, id).await?;
    let mut list = address_inputs(&customer);
    ensure_row(list.iter().map(|address| address.id), row)?;
    list.retain(|address| address.id != Some(row));
    let input = CustomerInput { addresses: Some(list), ..CustomerInput::default() };
    save_list(&app, &context, &customer, input, tr!("Address removed")).await
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct AddressForm {
    label: String,
    line1: String,
    line2: String,
    postcode: String,
    town: String,
    county: String,
    country: String,
    primary: bool,
    billing: bool,
    delivery: bool,
}

impl AddressForm {
    fn of(address: &Address) -> AddressForm {
        AddressForm {
            label: address.label.clone(),
            line1: address.line1.clone(),
            line2: address.line2.clone(),
            postcode: address.postcode.clone(),
            town: address.town.clone(),
            county: address.county.clone(),
            country: address.country.clone(),
            primary: address.is_primary,
            billing: address.is_billing,
            delivery: address.is_delivery,
        }
    }

    fn input(&self, id: Option<Uuid>) -> AddressInput {
        let form = self.clone();
        AddressInput {
            id,
            label: form.label,
            line1: form.line1,
            line2: form.line2,
            town: form.town,
            county: form.county,
            postcode: form.postcode,
            country: form.country,
            is_primary: form.primary,
            is_billing: form.billing,
            is_delivery: form.delivery,
        }
    }

    fn values(self) -> AddressValues {
        AddressValues {
            label: self.label,
            line1: self.line1,
            line2: self.line2,
            postcode: self.postcode,
            town: self.town,
            county: self.county,
            is_primary: self.primary,
            is_billing: self.billing,
            is_delivery: self.delivery,
        }
    }
}

/// Countries by name in the reader's language.
pub(super) fn countries(chosen: &str, lang: Lang) -> Vec<Choice> {
    let mut countries: Vec<_> = platform::contact::Country::all()
        .iter()
        .map(|country| (country.code(), country_name(country.code(), lang)))
        .collect();
    countries.sort_by_key(|(_, name)| platform::contact::fold(name));
    choices(countries, chosen)
}

async fn address_page(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    customer: &Customer,
    row: Option<Uuid>,
    form: AddressForm,
    errors: Errors,
) -> PageResult {
    let directory = Directory::load(app.db.read()).await?;
    let record = load(app, context, headers, customer, &directory, "contacts").await?;
    let status = if errors.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = AddressFormPage {
        shell: context.shell.clone(),
        record,
        id: row.map(|id| id.to_string()).unwrap_or_default(),
        countries: countries(&form.country, context.shell.lang()),
        values: form.values(),
        errors,
    };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn new_address(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> PageResult {
    let customer = find(&app, id).await?;
    let country = Directory::load(app.db.read()).await?.settings.country;
    let is_first = customer.addresses.is_empty();
    let form =
        AddressForm { country, primary: is_first, billing: is_first, delivery: is_first, ..AddressForm::default() };
    address_page(&app, &context, &headers, &customer, None, form, Errors::none()).await
}

async fn edit_address(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path((id, row)): Path<(Uuid, Uuid)>,
) -> PageResult {
    let customer = find(&app, id).await?;
    let form =
        customer.addresses.iter().find(|address| address.id == row).map(AddressForm::of).ok_or(AppError::NotFound)?;
    address_page(&app, &context, &headers, &customer, Some(row), form, Errors::none()).await
}

/// Puts the typed address into the list; a new default takes the place of the old one.
fn with_address(customer: &Customer, typed: AddressInput) -> Vec<AddressInput> {
    let mut list = address_inputs(customer);
    for other in &mut list {
        other.is_primary &= !typed.is_primary;
        other.is_billing &= !typed.is_billing;
        other.is_delivery &= !typed.is_delivery;
    }
    match list.iter_mut().find(|other| typed.id.is_some() && other.id == typed.id) {
        Some(place) => *place = typed,
        None => list.push(typed),
    }
    list
}

async fn store_address(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    id: Uuid,
    row: Option<Uuid>,
    form: AddressForm,
) -> PageResult {
    let customer = find(app, id).await?;
    if let Some(row) = row {
        ensure_row(customer.addresses.iter().map(|address| Some(address.id)), row)?;
    }
    let place = row.and_then(|row| customer.addresses.iter().position(|address| address.id == row));
    let place = place.unwrap_or(customer.addresses.len());
    let list = with_address(&customer, form.input(row));
    let input = CustomerInput { addresses: Some(list), ..CustomerInput::default() };
    match save_input(app, context, &customer, input).await {
        Ok(_) => to_contacts(id, tr!("Address saved")),
        Err(AppError::Invalid(errors)) => {
            let prefix = format!("addresses.{place}.");
            let field = |name: &str| name.strip_prefix(&prefix).unwrap_or_default().to_owned();
            let errors = errors.0.into_iter().map(|error| (field(&error.field), error.detail)).collect();
            address_page(app, context, headers, &customer, row, form, errors).await
        }
        Err(other) => Err(other),
    }
}

async fn add_address(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Form(form): Form<AddressForm>,
) -> PageResult {
    store_address(&app, &context, &headers, id, None, form).await
}

async fn save_address(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path((id, row)): Path<(Uuid, Uuid)>,
    Form(form): Form<AddressForm>,
) -> PageResult {
    store_address(&app, &context, &headers, id, Some(row), form).await
}
