//! A company's own page: its facts, its members with their roles, what happened to it.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult};
use platform::history::{self, EventRow};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, Query, get, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Choice, Errors, Pager, Shell, choices, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::CompanyRow;
use super::members::{self, Member};
use crate::customer::model::CompanyRole;
use crate::customer::save::Writer;
use crate::directory::Directory;
use crate::forms::{list_address, refused_fields, status_of};

/// Entries of the history that are shown.
const ENTRIES: i64 = 20;

pub(super) fn routes() -> Vec<PageRoute> {
    let edit = Access::Needs(Permission::CustomerEdit);
    vec![
        get("/companies/{id}", Access::Needs(Permission::CustomerView), show),
        post("/companies/{id}/members", edit, add),
        post("/companies/{id}/members/{customer}/role", edit, set_role),
        post("/companies/{id}/members/{customer}/remove", edit, remove),
    ]
}

struct MemberLine {
    member: Member,
    roles: Vec<Choice>,
}

struct Entry {
    at: i64,
    who: String,
    source: Message,
    what: &'static str,
    changes: Vec<(&'static str, String, String)>,
}

#[derive(Template)]
#[template(path = "settings/company.html")]
struct CompanyPage {
    shell: Shell,
    company: CompanyRow,
    q: String,
    typed: String,
    members: Vec<MemberLine>,
    roles: Vec<Choice>,
    pager: Pager,
    history: Vec<Entry>,
    may_edit: bool,
    errors: Errors,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MembersQuery {
    q: String,
    cursor: String,
}

fn roles(chosen: Option<CompanyRole>) -> Vec<Choice> {
    let all = CompanyRole::ALL.iter().map(|role| (role.key(), role.label()));
    choices(all, chosen.map_or("", CompanyRole::key))
}

fn entry(event: EventRow) -> Entry {
    let label = |field: &str| match field {
        "number" => tr!("Company number"),
        "vat_number" => tr!("VAT number"),
        _ => tr!("Name"),
    };
    let changes = event.open(None).unwrap_or_default();
    Entry {
        at: event.at,
        source: event.source_message(),
        what: if event.action == "created" { tr!("Created") } else { tr!("Changed") },
        changes: changes.into_iter().map(|change| (label(&change.field), change.before, change.after)).collect(),
        who: event.actor_name,
    }
}

async fn page(
    app: &App,
    context: &PageContext,
    id: Uuid,
    query: MembersQuery,
    typed: String,
    errors: Errors,
) -> PageResult {
    let rights = context.caller()?.fields();
    rights.may_ask("company_name")?;
    let mut company = [super::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?.seen(rights)];
    super::count_within(app.db.read(), &context.caller()?.sight().reach, &mut company).await?;
    let [company] = company;
    let found = members::page(app, context.caller()?.sight(), id, &query.q, &query.cursor).await?;
    let may_read_history = context.may(Permission::HistoryView) && super::ensure_readable(rights).is_ok();
    let events = match may_read_history {
        true => history::of_entity(app.db.read(), "company", id, None, ENTRIES).await?,
        false => Vec::new(),
    };
    let at = |cursor: &str| list_address(&format!("/companies/{id}"), [("q", query.q.as_str()), ("cursor", cursor)]);
    let status = status_of(&errors);
    let page = CompanyPage {
        shell: context.shell.clone(),
        company,
        pager: Pager { previous: found.previous.as_deref().map(at), next: found.next.as_deref().map(at) },
        members: found.members.into_iter().map(|member| MemberLine { roles: roles(member.role), member }).collect(),
        roles: roles(None),
        history: events.into_iter().map(entry).collect(),
        may_edit: context.may(Permission::CustomerEdit) && super::ensure_writable(rights).is_ok(),
        q: query.q,
        typed,
        errors,
    };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn show(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Query(query): Query<MembersQuery>,
) -> PageResult {
    page(&app, &context, id, query, String::new(), Errors::none()).await
}

#[derive(Deserialize)]
struct AddForm {
    customer: String,
    #[serde(default)]
    role: String,
}

async fn attach(app: &App, context: &PageContext, id: Uuid, form: &AddForm) -> AppResult<()> {
    let tx = app.begin_write().await?;
    super::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    let directory = Directory::load(&tx).await?;
    let writer = Writer::of(app, context.caller()?);
    members::add(&tx, &directory, &writer, id, &form.customer, &form.role).await?;
    tx.commit().await?;
    Ok(())
}

async fn add(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(form): Form<AddForm>,
) -> PageResult {
    match refused_fields(attach(&app, &context, id, &form).await)? {
        Ok(()) => Ok(ui::redirect_to(format!("/companies/{id}")).saying(tr!("Customer attached")).into_response()),
        Err(errors) => page(&app, &context, id, MembersQuery::default(), form.customer, errors).await,
    }
}

#[derive(Deserialize)]
struct RoleForm {
    role: String,
}

async fn set_role(
    State(app): State<App>,
    context: PageContext,
    Path((id, customer)): Path<(Uuid, Uuid)>,
    Form(form): Form<RoleForm>,
) -> PageResult {
    let tx = app.begin_write().await?;
    let directory = Directory::load(&tx).await?;
    members::set_role(&tx, &directory, &Writer::of(&app, context.caller()?), id, customer, &form.role).await?;
    tx.commit().await?;
    Ok(ui::redirect_to(format!("/companies/{id}")).saying(tr!("Role saved")).into_response())
}

async fn remove(State(app): State<App>, context: PageContext, Path((id, customer)): Path<(Uuid, Uuid)>) -> PageResult {
    let tx = app.begin_write().await?;
    let directory = Directory::load(&tx).await?;
    members::remove(&tx, &directory, &Writer::of(&app, context.caller()?), id, customer).await?;
    tx.commit().await?;
    Ok(ui::redirect_to(format!("/companies/{id}")).saying(tr!("Customer removed from the company")).into_response())
}
