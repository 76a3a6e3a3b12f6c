//! The topic of e-mails, phones and addresses: rows are added and removed in place (S2-21). Addresses have a form of
//! their own in [`super::addresses`].
//!
//! Each handler changes one list of a [`CustomerInput`] and saves it like any other edit.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::{FieldRights, Permission};
use platform::error::{AppError, AppResult, FieldErrors};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::i18n::Message;
use platform::origins;
use platform::tr;
use platform::ui::{self, Choice, choices};
use serde::Deserialize;
use uuid::Uuid;

use super::addresses::card;
use super::edit::save_input;
use super::record::{find, load, shown_phone};
use super::record_view::{AddressCard, ContactPanel, ContactPoint, ContactsPage};
use super::topics::came_from;
use crate::customer::input::{CustomerInput, EmailInput, PhoneInput};
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
    ]
}

/// What was typed into an inline row and refused.
#[derive(Default)]
pub(super) struct Refused {
    slug: &'static str,
    typed: String,
    why: Option<Message>,
}

async fn show(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    let customer = find(&app, &context, id).await?;
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
    let rights = context.caller()?.fields();
    let origins = origins::of_customer(app, customer.id).await?;
    let mut panels = panels(customer, &refused, rights);
    for panel in &mut panels {
        let kind = panel.slug.trim_end_matches('s');
        for item in &mut panel.items {
            item.came_from = came_from(&origins, &format!("{kind}.{}", item.id));
        }
    }
    let shown = |address: &Address| AddressCard {
        came_from: came_from(&origins, &format!("address.{}", address.id)),
        ..card(address, lang)
    };
    let page = ContactsPage {
        shell: context.shell.clone(),
        record,
        panels,
        may_edit_addresses: ["address", "town", "county", "postcode", "country"]
            .iter()
            .all(|field| rights.edits(field)),
        addresses: customer.addresses.iter().map(shown).collect(),
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

/// The panels of what the reader sees; what may not be changed has no buttons.
pub(super) fn panels(customer: &Customer, refused: &Refused, rights: &FieldRights) -> Vec<ContactPanel> {
    let all = [("email", emails(customer, refused)), ("phone", phones(customer, refused))];
    let seen = all.into_iter().filter(|(field, _)| !rights.hides(field));
    seen.map(|(field, panel)| ContactPanel { may_edit: rights.edits(field), ..panel }).collect()
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
        came_from: None,
    };
    let is_refused = refused.slug == "emails";
    ContactPanel {
        slug: "emails",
        may_edit: true,
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
            came_from: None,
        }
    };
    let is_refused = refused.slug == "phones";
    ContactPanel {
        slug: "phones",
        may_edit: true,
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

fn email_inputs(customer: &Customer) -> Vec<EmailInput> {
    customer.emails.iter().map(EmailInput::from).collect()
}

fn phone_inputs(customer: &Customer) -> Vec<PhoneInput> {
    customer.phones.iter().map(PhoneInput::from).collect()
}

pub(super) fn to_contacts(id: Uuid, saying: &'static str) -> PageResult {
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
    let customer = find(&app, &context, id).await?;
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
    let customer = find(&app, &context, id).await?;
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
pub(super) fn ensure_row(ids: impl Iterator<Item = Option<Uuid>>, row: Uuid) -> AppResult<()> {
    let mut ids = ids;
    if ids.any(|id| id == Some(row)) { Ok(()) } else { Err(AppError::NotFound) }
}

/// Saves a list from which a row was taken; a refusal is said on the page that follows.
pub(super) async fn save_list(
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
    let customer = find(&app, &context, id).await?;
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
    let customer = find(&app, &context, id).await?;
    let mut list = phone_inputs(&customer);
    ensure_row(list.iter().map(|phone| phone.id), row)?;
    list.iter_mut().for_each(|phone| phone.is_primary = phone.id == Some(row));
    let input = CustomerInput { phones: Some(list), ..CustomerInput::default() };
    save_list(&app, &context, &customer, input, tr!("This is the primary number now")).await
}

async fn remove_email(State(app): State<App>, context: PageContext, Path((id, row)): Path<(Uuid, Uuid)>) -> PageResult {
    let customer = find(&app, &context, id).await?;
    let mut list = email_inputs(&customer);
    ensure_row(list.iter().map(|email| email.id), row)?;
    list.retain(|email| email.id != Some(row));
    let input = CustomerInput { emails: Some(list), ..CustomerInput::default() };
    save_list(&app, &context, &customer, input, tr!("E-mail address removed")).await
}

async fn remove_phone(State(app): State<App>, context: PageContext, Path((id, row)): Path<(Uuid, Uuid)>) -> PageResult {
    let customer = find(&app, &context, id).await?;
    let mut list = phone_inputs(&customer);
    ensure_row(list.iter().map(|phone| phone.id), row)?;
    list.retain(|phone| phone.id != Some(row));
    let input = CustomerInput { phones: Some(list), ..CustomerInput::default() };
    save_list(&app, &context, &customer, input, tr!("Phone number removed")).await
}
