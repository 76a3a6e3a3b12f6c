//! The people of the back office: list, add, change, new password, second factor reset.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use uuid::Uuid;

use super::part::{refusals, status_of};
use crate::app::App;
use crate::auth::staff::{self, StaffInput, StaffRow};
use crate::auth::{Permission, ids, password, role, second_factor};
use crate::error::{AppError, AppResult};
use crate::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use crate::reach;
use crate::ui::{self, Choice, Errors, Shell, choices, filters};

const NEEDED: Access = Access::Needs(Permission::StaffEdit);

pub(super) fn routes() -> Vec<PageRoute> {
    vec![
        get("/settings/staff", NEEDED, list),
        get("/settings/staff/new", NEEDED, new),
        post("/settings/staff/new", NEEDED, add),
        get("/settings/staff/{id}", NEEDED, edit),
        post("/settings/staff/{id}", NEEDED, save),
        post("/settings/staff/{id}/password", NEEDED, set_password),
        post("/settings/staff/{id}/second-factor/off", NEEDED, reset_second_factor),
    ]
}

#[derive(Template)]
#[template(path = "settings/staff.html")]
struct StaffListPage {
    shell: Shell,
    people: Vec<StaffLine>,
    /// Whether anybody belongs to a channel.
    has_channels: bool,
}

struct StaffLine {
    person: StaffRow,
    /// Names of the person's channels; blank for the whole shop.
    channels: String,
}

async fn list(State(app): State<App>, context: PageContext) -> PageResult {
    let known = reach::channels(&app).await?;
    let line = |person: StaffRow| {
        let own = ids(&person.channels);
        let names = known.iter().filter(|(id, _)| own.contains(id)).map(|(_, name)| name.as_str());
        StaffLine { channels: names.collect::<Vec<_>>().join(", "), person }
    };
    let people: Vec<StaffLine> = staff::list(app.db.read()).await?.into_iter().map(line).collect();
    let has_channels = people.iter().any(|line| !line.channels.is_empty());
    let page = StaffListPage { shell: context.shell.clone(), people, has_channels };
    Ok(ui::render(&page, &context.shell))
}

#[derive(Template)]
#[template(path = "settings/staff_form.html")]
struct StaffFormPage {
    shell: Shell,
    /// `None` for a new person.
    person: Option<StaffRow>,
    form: StaffForm,
    roles: Vec<Choice>,
    channels: Vec<Choice>,
    errors: Errors,
    password_errors: Errors,
}

#[derive(Deserialize, Default)]
struct StaffForm {
    email: String,
    name: String,
    role: String,
    #[serde(default)]
    channels: Vec<String>,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    version: i64,
    #[serde(default)]
    password: String,
}

impl StaffForm {
    fn of(person: &StaffRow) -> StaffForm {
        StaffForm {
            email: person.email.clone(),
            name: person.name.clone(),
            role: person.role_id.to_string(),
            channels: person.channels.split_whitespace().map(str::to_owned).collect(),
            active: person.active,
            version: person.version,
            password: String::new(),
        }
    }

    async fn input(&self, app: &App, active: bool) -> AppResult<StaffInput> {
        let role_id = self.role.parse().map_err(|_| AppError::field("role", "required", "Choose a role."))?;
        let channels = reach::named_channels(app, &self.channels).await?;
        Ok(StaffInput { email: self.email.clone(), name: self.name.clone(), role_id, channels, active })
    }
}

async fn channel_choices(app: &App, chosen: &[String]) -> AppResult<Vec<Choice>> {
    let known = reach::channels(app).await?;
    let choice = |(id, name): (Uuid, String)| {
        let id = id.to_string();
        let is_chosen = chosen.contains(&id);
        Choice::new(id, name, is_chosen)
    };
    Ok(known.into_iter().map(choice).collect())
}

async fn form_page(
    app: &App,
    context: &PageContext,
    person: Option<StaffRow>,
    form: StaffForm,
    errors: Errors,
) -> AppResult<StaffFormPage> {
    let roles = role::list(app.db.read()).await?;
    let roles = choices(roles.into_iter().map(|role| (role.id.to_string(), role.name)), &form.role);
    let channels = channel_choices(app, &form.channels).await?;
    let shell = context.shell.clone();
    Ok(StaffFormPage { shell, person, form, roles, channels, errors, password_errors: Errors::none() })
}

fn answer(page: &StaffFormPage, status: StatusCode) -> PageResult {
    Ok(ui::render_status(status, page, &page.shell))
}

async fn new(State(app): State<App>, context: PageContext) -> PageResult {
    let page = form_page(&app, &context, None, StaffForm::default(), Errors::none()).await?;
    answer(&page, StatusCode::OK)
}

async fn add_person(app: &App, context: &PageContext, form: &StaffForm) -> AppResult<Uuid> {
    let input = form.input(app, true).await?;
    let hash = staff::prepare_password(app.options.hash_cost, &input, &form.password).await?;
    let tx = app.begin_write().await?;
    let caller = context.caller()?;
    let id = staff::add(&tx, &caller.actor(), &caller.permissions, app.clock.now(), &input, &hash).await?;
    tx.commit().await?;
    Ok(id)
}

async fn add(State(app): State<App>, context: PageContext, Form(form): Form<StaffForm>) -> PageResult {
    match refusals(add_person(&app, &context, &form).await)? {
        Ok(_) => Ok(ui::redirect_to("/settings/staff").saying("Staff member added").into_response()),
        Err(errors) => {
            let page = form_page(&app, &context, None, form, errors).await?;
            answer(&page, status_of(&page.errors))
        }
    }
}

async fn person_of(app: &App, id: Uuid) -> AppResult<StaffRow> {
    staff::find(app.db.read(), id).await?.ok_or(AppError::NotFound)
}

async fn edit(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let person = person_of(&app, id).await?;
    let form = StaffForm::of(&person);
    let page = form_page(&app, &context, Some(person), form, Errors::none()).await?;
    answer(&page, StatusCode::OK)
}

async fn save_person(app: &App, context: &PageContext, id: Uuid, form: &StaffForm) -> AppResult<()> {
    let input = form.input(app, form.active).await?;
    let tx = app.begin_write().await?;
    let caller = context.caller()?;
    staff::save(&tx, &caller.actor(), &caller.permissions, app.clock.now(), id, form.version, &input).await?;
    tx.commit().await?;
    Ok(())
}

async fn save(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(form): Form<StaffForm>,
) -> PageResult {
    match refusals(save_person(&app, &context, id, &form).await)? {
        Ok(()) => Ok(ui::redirect_to("/settings/staff").saying("Staff member saved").into_response()),
        Err(errors) => {
            let person = person_of(&app, id).await?;
            let page = form_page(&app, &context, Some(person), form, errors).await?;
            answer(&page, status_of(&page.errors))
        }
    }
}

#[derive(Deserialize)]
struct PasswordForm {
    password: String,
}

async fn store_password(app: &App, context: &PageContext, person: &StaffRow, new: String) -> AppResult<()> {
    password::check_policy("password", &new, &[&person.email, &person.name])?;
    let hash = password::hash(app.options.hash_cost, new).await?;
    let tx = app.begin_write().await?;
    staff::ensure_manageable(&tx, &context.caller()?.permissions, person.id).await?;
    staff::set_password(&tx, &context.caller()?.actor(), app.clock.now(), person.id, &hash, None).await?;
    tx.commit().await?;
    Ok(())
}

async fn set_password(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(form): Form<PasswordForm>,
) -> PageResult {
    let person = person_of(&app, id).await?;
    match refusals(store_password(&app, &context, &person, form.password).await)? {
        Ok(()) => {
            let done = ui::redirect_to(format!("/settings/staff/{id}")).saying("Password set; all sessions are ended");
            Ok(done.into_response())
        }
        Err(password_errors) => {
            let form = StaffForm::of(&person);
            let page = form_page(&app, &context, Some(person), form, Errors::none()).await?;
            let page = StaffFormPage { password_errors, ..page };
            answer(&page, status_of(&page.password_errors))
        }
    }
}

async fn reset_second_factor(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let person = person_of(&app, id).await?;
    let tx = app.begin_write().await?;
    staff::ensure_manageable(&tx, &context.caller()?.permissions, person.id).await?;
    second_factor::turn_off(&tx, &context.caller()?.actor(), app.clock.now(), person.id).await?;
    tx.commit().await?;
    let done = ui::redirect_to(format!("/settings/staff/{id}")).saying("The second factor is off");
    Ok(done.into_response())
}
