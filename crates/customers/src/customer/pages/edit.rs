//! The one form for adding and changing a customer: read, save, and the choice when two people saved (R24).

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult, FieldConflict};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, Query, get, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Errors};
use serde::Deserialize;
use uuid::Uuid;

use super::asked::Asked;
use super::edit_conflict::conflict;
use super::edit_view::{EditForm, EditPage, Values};
use super::form_choices::{form_choices, parts_of};
use super::record::{back_to_list, find, load};
use crate::customer::conflict::{Rebased, rebase};
use crate::customer::input::CustomerInput;
use crate::customer::model::{Customer, Origin};
use crate::customer::profile::Profile;
use crate::customer::save::Writer;
use crate::customer::{reach, save, store};
use crate::directory::Directory;

pub(super) fn routes() -> Vec<PageRoute> {
    let create = Access::Needs(Permission::CustomerCreate);
    let edit = Access::Needs(Permission::CustomerEdit);
    vec![
        get("/customers/new", create, new),
        post("/customers/new", create, add),
        get("/customers/{id}/edit", edit, show),
        post("/customers/{id}/edit", edit, submit),
    ]
}

/// Saves an input typed against `seen`, as every screen does.
///
/// # Errors
/// `Invalid` beside each refused field, `EditConflict` when somebody else changed the same.
pub(super) async fn save_input(
    app: &App,
    context: &PageContext,
    seen: &Customer,
    input: CustomerInput,
) -> AppResult<Customer> {
    match save_or_ask(app, context, seen.id, seen.version, input).await? {
        Saved::Stored(customer) => Ok(*customer),
        Saved::Asks { version, conflicts, .. } => Err(AppError::EditConflict { version, conflicts }),
    }
}

enum Saved {
    Stored(Box<Customer>),
    /// Others changed the same fields: the input as it fits the record of now, and what is to be chosen.
    Asks {
        version: i64,
        input: Box<CustomerInput>,
        conflicts: Vec<FieldConflict>,
    },
}

async fn save_or_ask(
    app: &App,
    context: &PageContext,
    id: Uuid,
    version: i64,
    input: CustomerInput,
) -> AppResult<Saved> {
    let caller = context.caller()?;
    let hash = save::hash_password(app.options.hash_cost, &input).await?;
    let tx = app.begin_write().await?;
    let current = store::get(&tx, id).await?;
    let Rebased { input, conflicts } = rebase(&tx, &current, version, input, caller.fields()).await?;
    if !conflicts.is_empty() {
        return Ok(Saved::Asks { version: current.version, input: Box::new(input), conflicts });
    }
    let directory = Directory::load(&tx).await?;
    let resolved = save::resolve(&tx, &input, hash).await?;
    let saved = save::edit(&tx, &directory, &Writer::of(app, caller), &current, &input, &resolved).await?;
    tx.commit().await?;
    Ok(Saved::Stored(Box::new(saved)))
}

/// A form as it was sent: text fields by name, boxes by their presence.
pub(super) struct Sent {
    pub(super) pairs: Vec<(String, String)>,
}

impl Sent {
    fn text(&self, name: &str) -> &str {
        self.pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    fn all(&self, name: &str) -> Vec<String> {
        self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(key, _)| key == name)
    }

    /// A box that is not ticked sends nothing, so the form names those it shows in `shows`.
    fn flag(&self, name: &str) -> Option<bool> {
        self.all("shows").iter().any(|shown| shown == name).then(|| self.has(name))
    }

    fn list(&self, name: &str) -> Option<Vec<String>> {
        self.all("shows").iter().any(|shown| shown == name).then(|| self.all(name))
    }

    fn input(&self) -> CustomerInput {
        let mut input = CustomerInput {
            active: self.flag("active"),
            note_flag: self.flag("note_flag"),
            groups: self.list("groups"),
            channels: self.list("channels"),
            tags: self.list("tags"),
            ..CustomerInput::default()
        };
        for (name, value) in &self.pairs {
            input.set_text(name, value.clone());
        }
        input
    }

    fn values(&self) -> Values {
        Values(self.pairs.iter().filter(|(name, _)| name != "password").cloned().collect())
    }
}

#[derive(Deserialize)]
struct NewQuery {
    #[serde(default)]
    form: String,
}

/// An empty record with the defaults that a new customer gets, for the form.
fn blank(app: &App) -> Customer {
    Customer::new(Uuid::nil(), Origin::Manual, app.clock.now())
}

async fn new(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Query(query): Query<NewQuery>,
) -> PageResult {
    let directory = Directory::load(app.db.read()).await?;
    let profile = Profile::from_key(&query.form).unwrap_or(directory.profiles.opens_first);
    let sent = Sent { pairs: Vec::new() };
    let mut form = new_form(&app, &context, &headers, &directory, profile, &sent)?;
    form.values.0.insert("country".to_owned(), directory.settings.country.clone());
    form.choices.countries = super::addresses::countries(&directory.settings.country, context.shell.lang());
    let page = EditPage { shell: context.shell.clone(), record: None, form, errors: Errors::none(), conflict: None };
    Ok(ui::render(&page, &context.shell))
}

fn new_form(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    directory: &Directory,
    profile: Profile,
    sent: &Sent,
) -> AppResult<EditForm> {
    let customer = blank(app);
    let mut values = sent.values();
    let own = directory.only_channel(&context.caller()?.sight().reach);
    if let Some(own) = own.filter(|_| values.of("home_channel").is_empty()) {
        values.0.insert("home_channel".to_owned(), own.to_string());
    }
    let choices = form_choices(&customer, &values, |name| sent.list(name), directory, context);
    let chosen = values.of("home_channel").parse().ok();
    let asked = Asked::of(&directory.profiles, profile, chosen, &choices.home_channels);
    Ok(EditForm {
        profile: profile.key(),
        version: 0,
        active: sent.flag("active").unwrap_or(customer.active),
        note_flag: sent.flag("note_flag").unwrap_or(false),
        may_deactivate: true,
        choices,
        parts: parts_of(Some(profile), Some(&asked), context),
        required: asked.required,
        asks: asked.by_channel,
        rights: context.caller()?.fields().clone(),
        back: back_to_list(headers),
        values,
    })
}

async fn create(app: &App, context: &PageContext, profile: Profile, input: &CustomerInput) -> AppResult<Customer> {
    let hash = save::hash_password(app.options.hash_cost, input).await?;
    let tx = app.begin_write().await?;
    let directory = Directory::load(&tx).await?;
    let resolved = save::resolve(&tx, input, hash).await?;
    let writer = Writer::of(app, context.caller()?);
    let created = save::create(&tx, &directory, &writer, Origin::Manual, profile, input, &resolved).await?;
    tx.commit().await?;
    Ok(created)
}

/// The new form has the shop's country chosen already; alone it is no address.
fn drop_lonely_country(input: &mut CustomerInput) {
    let rest = [&input.address1, &input.address2, &input.town, &input.county, &input.postcode];
    if rest.into_iter().flatten().all(|text| text.trim().is_empty()) {
        input.country = None;
    }
}

async fn add(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let sent = Sent { pairs };
    let profile = Profile::from_key(sent.text("form")).unwrap_or_default();
    let mut input = sent.input();
    drop_lonely_country(&mut input);
    match create(&app, &context, profile, &input).await {
        Ok(created) => {
            let text = Message::new(tr!("{number} added")).with("number", &created.number);
            Ok(ui::redirect_to(after_save(&sent, &headers, created.id, "")).saying(text).into_response())
        }
        Err(AppError::Invalid(errors)) => {
            let directory = Directory::load(app.db.read()).await?;
            let form = new_form(&app, &context, &headers, &directory, profile, &sent)?;
            let errors = Errors::from(&errors);
            let page = EditPage { shell: context.shell.clone(), record: None, form, errors, conflict: None };
            Ok(ui::render_status(StatusCode::UNPROCESSABLE_ENTITY, &page, &context.shell))
        }
        Err(other) => Err(other),
    }
}

/// "Save" stays with the customer, "Save and close" goes back to the list as it was (S0-42).
fn after_save(sent: &Sent, headers: &HeaderMap, id: Uuid, page: &str) -> String {
    if sent.text("then") == "close" { back_to_list(headers) } else { format!("/customers/{id}{page}") }
}

pub(super) fn stored_values(customer: &Customer, owner_email: String) -> Values {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let address = customer.primary_address();
    let part = |pick: fn(&crate::customer::model::Address) -> &String| address.map(pick).cloned().unwrap_or_default();
    let pairs = [
        ("title", customer.title.clone()),
        ("first_name", customer.first_name.clone()),
        ("last_name", customer.last_name.clone()),
        ("company_name", customer.company_name.clone()),
        ("company_number", customer.company_number.clone()),
        ("vat_number", customer.vat_number.clone()),
        ("account_code", customer.account_code.clone()),
        ("language", customer.language.clone()),
        ("status", customer.status.key().to_owned()),
        ("customer_type", customer.customer_type.key().to_owned()),
        ("source", id(customer.source_id)),
        ("property_type", id(customer.property_type_id)),
        ("assignee", id(customer.assignee_id)),
        ("home_channel", id(customer.home_channel_id)),
        ("owner", owner_email),
        ("email", customer.main_email().to_owned()),
        ("phone", customer.main_phone().to_owned()),
        ("phone2", customer.secondary_phone().map(|phone| phone.typed.clone()).unwrap_or_default()),
        ("address1", part(|address| &address.line1)),
        ("address2", part(|address| &address.line2)),
        ("town", part(|address| &address.town)),
        ("county", part(|address| &address.county)),
        ("postcode", part(|address| &address.postcode)),
        ("country", part(|address| &address.country)),
    ];
    Values(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>())
}

/// What stands in the owner's field: the parent's e-mail address, or its id where it has none.
pub(super) async fn owner_text(app: &App, context: &PageContext, customer: &Customer) -> AppResult<String> {
    let Some(owner) = customer.owner_id else { return Ok(String::new()) };
    let sight = context.caller()?.sight();
    let is_seen = !reach::those_within(app.db.read(), &sight.reach, vec![owner]).await?.is_empty();
    if !is_seen || !sight.fields.reads("email") {
        return Ok(owner.to_string());
    }
    let parent = store::find(app.db.read(), owner).await?;
    let email = parent.map(|parent| parent.main_email().to_owned()).filter(|email| !email.is_empty());
    let Some(email) = email else { return Ok(owner.to_string()) };
    // An address that several customers have would not lead back to this parent.
    let leads_back = store::find_by_email(app.db.read(), &email.to_lowercase()).await? == Some(owner);
    Ok(if leads_back { email } else { owner.to_string() })
}

pub(super) async fn edit_page(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    customer: &Customer,
    sent: Option<&Sent>,
    errors: Errors,
) -> AppResult<EditPage> {
    let directory = Directory::load(app.db.read()).await?;
    let record = load(app, context, headers, customer, &directory, "edit").await?;
    let mut values = stored_values(customer, owner_text(app, context, customer).await?);
    if let Some(sent) = sent {
        // Fields that may not be changed are not sent.
        values.0.extend(sent.values().0);
    }
    let typed = |name: &str| sent.and_then(|sent| sent.list(name));
    let version = sent.and_then(|sent| sent.text("version").parse().ok()).unwrap_or(customer.version);
    let form = EditForm {
        profile: "",
        version,
        active: sent.and_then(|sent| sent.flag("active")).unwrap_or(customer.active),
        note_flag: sent.and_then(|sent| sent.flag("note_flag")).unwrap_or(customer.note_flag),
        may_deactivate: record.head.may.deactivate && !record.head.is_pending,
        choices: form_choices(customer, &values, typed, &directory, context),
        parts: parts_of(None, None, context),
        required: Vec::new(),
        asks: String::new(),
        rights: context.caller()?.fields().clone(),
        back: format!("/customers/{}", customer.id),
        values,
    };
    Ok(EditPage { shell: context.shell.clone(), record: Some(record), form, errors, conflict: None })
}

async fn show(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    let customer = find(&app, &context, id).await?;
    crate::customer::actions::ensure_editable(&customer)?;
    let page = edit_page(&app, &context, &headers, &customer, None, Errors::none()).await?;
    Ok(ui::render(&page, &context.shell))
}

async fn submit(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let sent = Sent { pairs };
    let version = sent.text("version").parse().unwrap_or(0);
    let outcome = save_or_ask(&app, &context, id, version, sent.input()).await;
    let (status, errors, asks) = match outcome {
        Ok(Saved::Stored(_)) => {
            let to = after_save(&sent, &headers, id, "/edit");
            return Ok(ui::redirect_to(to).saying(tr!("Customer saved")).into_response());
        }
        Ok(Saved::Asks { version, input, conflicts }) => {
            (StatusCode::CONFLICT, Errors::none(), Some((version, input, conflicts)))
        }
        Err(AppError::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, Errors::from(&errors), None),
        Err(AppError::Merged { survivor, .. }) => {
            return super::edit_merged::go_on(&app, &context, &headers, (id, version), survivor, &sent).await;
        }
        Err(AppError::Stale { .. }) => {
            let text = tr!("Somebody else changed the groups or channels meanwhile. Reload the page and choose again.");
            (StatusCode::CONFLICT, Errors::none().with("", text), None)
        }
        Err(other) => return Err(other),
    };
    let customer = find(&app, &context, id).await?;
    let mut page = edit_page(&app, &context, &headers, &customer, Some(&sent), errors).await?;
    if let Some((version, input, conflicts)) = asks {
        page.conflict = Some(conflict(&app, &context, id, version, &input, conflicts).await?);
    }
    Ok(ui::render_status(status, &page, &context.shell))
}
