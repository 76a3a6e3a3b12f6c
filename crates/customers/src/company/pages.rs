//! Companies: list, add, change. One company's own page is in [`super::page`].

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult};
use platform::http::{Access, Cursor, Form, PageContext, PageResult, PageRoute, Path, Query, get, post};
use platform::tr;
use platform::ui::{self, Errors, Pager, Shell, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::{CompanyInput, CompanyRow};
use crate::company;
use crate::forms::{list_address, refused_fields};

const PER_PAGE: i64 = 50;

/// The screens of companies.
pub fn routes() -> Vec<PageRoute> {
    let view = Access::Needs(Permission::CustomerView);
    let edit = Access::Needs(Permission::CustomerEdit);
    vec![
        get("/companies", view, list),
        get("/companies/new", edit, new),
        post("/companies/new", edit, add),
        get("/companies/{id}/edit", edit, show),
        post("/companies/{id}/edit", edit, save),
    ]
    .into_iter()
    .chain(super::page::routes())
    .collect()
}

#[derive(Template)]
#[template(path = "settings/companies.html")]
struct CompaniesPage {
    shell: Shell,
    q: String,
    companies: Vec<CompanyRow>,
    pager: Pager,
    may_edit: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CompaniesQuery {
    q: String,
    after: String,
}

async fn list(State(app): State<App>, context: PageContext, Query(query): Query<CompaniesQuery>) -> PageResult {
    let rights = context.caller()?.fields();
    rights.may_ask("company_name")?;
    let after: Option<(String, Uuid)> = if query.after.is_empty() { None } else { Some(Cursor::unpack(&query.after)?) };
    let is_later = after.is_some();
    let mut companies = company::list(app.db.read(), &query.q, after, PER_PAGE + 1).await?;
    let has_more = companies.len() as i64 > PER_PAGE;
    companies.truncate(PER_PAGE as usize);
    company::count_within(app.db.read(), &context.caller()?.sight().reach, &mut companies).await?;
    let address = |after: &str| list_address("/companies", [("q", query.q.as_str()), ("after", after)]);
    let next = companies.last().filter(|_| has_more).map(|last| address(&Cursor::pack(&(&last.name_folded, last.id))));
    let page = CompaniesPage {
        shell: context.shell.clone(),
        companies: companies.into_iter().map(|company| company.seen(rights)).collect(),
        pager: Pager { previous: is_later.then(|| address("")), next },
        may_edit: context.may(Permission::CustomerEdit),
        q: query.q,
    };
    Ok(ui::render(&page, &context.shell))
}

#[derive(Template)]
#[template(path = "settings/company_form.html")]
struct CompanyFormPage {
    shell: Shell,
    company: Option<CompanyRow>,
    form: CompanyForm,
    errors: Errors,
    may_edit: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CompanyForm {
    name: String,
    number: String,
    vat_number: String,
    version: i64,
}

impl CompanyForm {
    fn input(&self) -> CompanyInput {
        CompanyInput { name: self.name.clone(), number: self.number.clone(), vat_number: self.vat_number.clone() }
    }
}

fn form_page(context: &PageContext, company: Option<CompanyRow>, form: CompanyForm, errors: Errors) -> PageResult {
    let status = if errors.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let may_edit =
        context.may(Permission::CustomerEdit) && company::ensure_writable(context.caller()?.fields()).is_ok();
    let page = CompanyFormPage { shell: context.shell.clone(), company, form, errors, may_edit };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn new(context: PageContext) -> PageResult {
    form_page(&context, None, CompanyForm::default(), Errors::none())
}

async fn show(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let rights = context.caller()?.fields();
    rights.may_ask("company_name")?;
    let company = company::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?.seen(rights);
    let form = CompanyForm {
        name: company.name.clone(),
        number: company.number.clone(),
        vat_number: company.vat_number.clone(),
        version: company.version,
    };
    form_page(&context, Some(company), form, Errors::none())
}

async fn add_company(app: &App, context: &PageContext, form: &CompanyForm) -> AppResult<Uuid> {
    let tx = app.begin_write().await?;
    company::ensure_writable(context.caller()?.fields())?;
    let id = company::add(&tx, &context.caller()?.actor(), app.clock.now(), &form.input()).await?;
    tx.commit().await?;
    Ok(id)
}

async fn add(State(app): State<App>, context: PageContext, Form(form): Form<CompanyForm>) -> PageResult {
    match refused_fields(add_company(&app, &context, &form).await)? {
        Ok(id) => Ok(ui::redirect_to(format!("/companies/{id}")).saying(tr!("Company added")).into_response()),
        Err(errors) => form_page(&context, None, form, errors),
    }
}

async fn save_company(app: &App, context: &PageContext, id: Uuid, form: &CompanyForm) -> AppResult<()> {
    let tx = app.begin_write().await?;
    let now = app.clock.now();
    company::ensure_writable(context.caller()?.fields())?;
    company::save(&tx, &context.caller()?.actor(), now, id, form.version, &form.input()).await?;
    tx.commit().await?;
    Ok(())
}

async fn save(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(form): Form<CompanyForm>,
) -> PageResult {
    match refused_fields(save_company(&app, &context, id, &form).await)? {
        Ok(()) => Ok(ui::redirect_to(format!("/companies/{id}")).saying(tr!("Company saved")).into_response()),
        Err(errors) => {
            let company = company::find(app.db.read(), id).await?;
            form_page(&context, company, form, errors)
        }
    }
}
