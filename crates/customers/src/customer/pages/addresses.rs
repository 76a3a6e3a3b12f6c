//! Addresses of a customer: each in a form of its own, the defaults among them settled (S1-23, S3-61 to S3-63).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use platform::app::App;
use platform::auth::Permission;
use platform::contact::postcode_warning;
use platform::error::AppError;
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::i18n::Lang;
use platform::tr;
use platform::ui::{self, Choice, Errors, choices};
use serde::Deserialize;
use uuid::Uuid;

use super::contacts::{ensure_row, save_list, to_contacts};
use super::edit::save_input;
use super::record::{find, load};
use super::record_view::{AddressCard, AddressFormPage, AddressValues};
use crate::customer::input::{AddressInput, CustomerInput};
use crate::customer::model::{Address, Customer};
use crate::directory::Directory;

pub(super) fn routes() -> Vec<PageRoute> {
    let edit = Access::Needs(Permission::CustomerEdit);
    vec![
        get("/customers/{id}/addresses/new", edit, new_address),
        post("/customers/{id}/addresses", edit, add_address),
        get("/customers/{id}/addresses/{row}", edit, edit_address),
        post("/customers/{id}/addresses/{row}", edit, save_address),
        post("/customers/{id}/addresses/{row}/delete", edit, remove_address),
    ]
}

pub(super) fn country_name(code: &str, lang: Lang) -> String {
    platform::contact::Country::from_code(code).map_or_else(
        || code.to_owned(),
        |country| match lang {
            Lang::En => country.english().to_owned(),
            Lang::Nl => country.dutch().to_owned(),
        },
    )
}

/// An address as the topic shows it.
pub(super) fn card(address: &Address, lang: Lang) -> AddressCard {
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
        came_from: None,
    }
}

fn address_inputs(customer: &Customer) -> Vec<AddressInput> {
    customer.addresses.iter().map(AddressInput::from).collect()
}

async fn remove_address(
    State(app): State<App>,
    context: PageContext,
    Path((id, row)): Path<(Uuid, Uuid)>,
) -> PageResult {
    let customer = find(&app, &context, id).await?;
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
    let customer = find(&app, &context, id).await?;
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
    let customer = find(&app, &context, id).await?;
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
    let customer = find(app, context, id).await?;
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
