//! Roles: the matrix of who may do what, and the form of one role.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use uuid::Uuid;

use super::part::{refusals, status_of};
use crate::app::App;
use crate::auth::role::{self, RoleEdit, RoleRow};
use crate::auth::{FieldDef, FieldRight, FieldRights, Permission, PermissionSet};
use crate::error::{AppError, AppResult};
use crate::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use crate::tr;
use crate::ui::{self, Choice, Errors, Shell, filters};

const NEEDED: Access = Access::Needs(Permission::RolesEdit);

pub(super) fn routes() -> Vec<PageRoute> {
    vec![
        get("/settings/roles", NEEDED, matrix),
        post("/settings/roles", NEEDED, add),
        get("/settings/roles/{id}", NEEDED, edit),
        post("/settings/roles/{id}", NEEDED, save),
    ]
}

/// The parts of the long list of permissions, by the first word of their keys.
const PARTS: [(&str, &[&str]); 6] = [
    (tr!("Customers"), &["customer"]),
    (tr!("Groups, prices and terms"), &["group", "pricelist", "terms"]),
    (tr!("Money and loyalty"), &["ledger", "loyalty", "credit_application", "coupon"]),
    (tr!("Orders and contracts"), &["order", "offer", "contract", "return"]),
    (
        tr!("Service and mail"),
        &["ticket", "task", "note", "mail", "queue", "consent", "document", "equipment", "review"],
    ),
    (tr!("Oversight and settings"), &["export_log", "history", "activity", "settings", "staff", "roles", "legal_hold"]),
];

fn part_of(permission: Permission) -> &'static str {
    let first = permission.key().split('.').next().unwrap_or_default();
    PARTS.iter().find(|(_, words)| words.contains(&first)).map_or(PARTS[5].0, |(label, _)| label)
}

struct MatrixPart {
    label: &'static str,
    lines: Vec<MatrixLine>,
}

struct MatrixLine {
    label: &'static str,
    /// In the order of the roles.
    allowed: Vec<bool>,
}

#[derive(Template)]
#[template(path = "settings/roles.html")]
struct RolesPage {
    shell: Shell,
    roles: Vec<RoleRow>,
    parts: Vec<MatrixPart>,
    name: String,
    errors: Errors,
}

fn parts(roles: &[RoleRow]) -> Vec<MatrixPart> {
    let sets: Vec<PermissionSet> = roles.iter().map(RoleRow::permission_set).collect();
    let line = |permission: Permission| MatrixLine {
        label: permission.label(),
        allowed: sets.iter().map(|set| set.has(permission)).collect(),
    };
    let lines =
        |label| Permission::ALL.iter().copied().filter(|permission| part_of(*permission) == label).map(line).collect();
    PARTS.iter().map(|(label, _)| MatrixPart { label, lines: lines(*label) }).collect()
}

async fn matrix_page(app: &App, context: &PageContext, name: String, errors: Errors) -> PageResult {
    let roles = role::list(app.db.read()).await?;
    let parts = parts(&roles);
    let status = status_of(&errors);
    let page = RolesPage { shell: context.shell.clone(), roles, parts, name, errors };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn matrix(State(app): State<App>, context: PageContext) -> PageResult {
    matrix_page(&app, &context, String::new(), Errors::none()).await
}

#[derive(Deserialize)]
struct NewRole {
    name: String,
}

async fn add_role(app: &App, context: &PageContext, name: &str) -> AppResult<Uuid> {
    let tx = app.begin_write().await?;
    let id = role::add(&tx, &context.caller()?.actor(), app.clock.now(), name).await?;
    tx.commit().await?;
    Ok(id)
}

async fn add(State(app): State<App>, context: PageContext, Form(form): Form<NewRole>) -> PageResult {
    match refusals(add_role(&app, &context, &form.name).await)? {
        Ok(id) => Ok(ui::redirect_to(format!("/settings/roles/{id}")).saying("Role added").into_response()),
        Err(errors) => matrix_page(&app, &context, form.name, errors).await,
    }
}

/// The rights that a field offers, one of them chosen.
struct FieldLine {
    key: &'static str,
    label: &'static str,
    /// In the order of [`FieldRight::ALL`]; `None` where the field does not offer it.
    rights: Vec<Option<Choice>>,
}

struct PermissionPart {
    label: &'static str,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "settings/role_form.html")]
struct RoleFormPage {
    shell: Shell,
    id: Uuid,
    version: i64,
    name: String,
    requires_second_factor: bool,
    parts: Vec<PermissionPart>,
    rights: [FieldRight; 4],
    fields: Vec<FieldLine>,
    errors: Errors,
}

impl RoleFormPage {
    fn new(app: &App, context: &PageContext, id: Uuid, version: i64, edit: &RoleEdit) -> RoleFormPage {
        let chosen = &edit.permissions.sight.fields;
        let line = |field: &FieldDef| FieldLine {
            key: field.key,
            label: field.label,
            rights: FieldRight::ALL
                .map(|right| {
                    let choice = Choice::new(right.key(), right.label(), chosen.right(field.key) == right);
                    field.offered.contains(&right).then_some(choice)
                })
                .to_vec(),
        };
        let choice = |permission: Permission| {
            Choice::new(permission.key(), permission.label(), edit.permissions.has(permission))
        };
        let choices = |label| {
            Permission::ALL.iter().copied().filter(|permission| part_of(*permission) == label).map(choice).collect()
        };
        RoleFormPage {
            shell: context.shell.clone(),
            id,
            version,
            name: edit.name.clone(),
            requires_second_factor: edit.requires_second_factor,
            parts: PARTS.iter().map(|(label, _)| PermissionPart { label, choices: choices(*label) }).collect(),
            rights: FieldRight::ALL,
            fields: app.fields.iter().map(line).collect(),
            errors: Errors::none(),
        }
    }
}

async fn edit(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let role = role::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    let edit = RoleEdit {
        name: role.name.clone(),
        permissions: role.permission_set(),
        requires_second_factor: role.requires_second_factor,
    };
    Ok(ui::render_status(StatusCode::OK, &RoleFormPage::new(&app, &context, id, role.version, &edit), &context.shell))
}

/// The pairs of the form: the radio buttons of a field are named `right.<field>`.
fn read(pairs: &[(String, String)]) -> (i64, RoleEdit) {
    let text = |name: &str| pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value);
    let keys = pairs.iter().filter(|(key, _)| key == "permission").map(|(_, value)| value.as_str());
    let rights = pairs
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix("right.")?.to_owned(), FieldRight::from_key(value)?)));
    let mut permissions = PermissionSet::parse(&keys.collect::<Vec<_>>().join(" "));
    permissions.sight.fields = FieldRights::of(rights);
    let requires_second_factor = !text("requires_second_factor").is_empty();
    (
        text("version").parse().unwrap_or(0),
        RoleEdit { name: text("name").to_owned(), permissions, requires_second_factor },
    )
}

async fn save_role(app: &App, context: &PageContext, id: Uuid, version: i64, mut edit: RoleEdit) -> AppResult<()> {
    let fields = std::mem::take(&mut edit.permissions.sight.fields);
    edit.permissions = role::checked(edit.permissions, fields, &app.fields)?;
    let tx = app.begin_write().await?;
    role::save(&tx, &context.caller()?.actor(), app.clock.now(), id, version, edit).await?;
    tx.commit().await?;
    Ok(())
}

async fn save(
    State(app): State<App>,
    context: PageContext,
    Path(id): Path<Uuid>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let (version, edit) = read(&pairs);
    match refusals(save_role(&app, &context, id, version, edit.clone()).await)? {
        Ok(()) => Ok(ui::redirect_to("/settings/roles").saying("Role saved").into_response()),
        Err(errors) => {
            let page = RoleFormPage { errors, ..RoleFormPage::new(&app, &context, id, version, &edit) };
            Ok(ui::render_status(status_of(&page.errors), &page, &context.shell))
        }
    }
}
