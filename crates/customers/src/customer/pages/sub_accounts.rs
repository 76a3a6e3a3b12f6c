//! The topic of parent and sub-accounts: the tree around a customer, and giving the sub-accounts another parent in one act.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::{Permission, Sight};
use platform::error::AppResult;
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Errors};
use serde::Deserialize;
use uuid::Uuid;

use super::record::{find, load};
use super::record_view::{SubAccountsPage, TreeLine};
use crate::customer::field_rights::name_or_number;
use crate::customer::model::Customer;
use crate::customer::reach;
use crate::customer::save::Writer;
use crate::customer::store::{self, TreeRow};
use crate::customer::sub_accounts::reassign;
use crate::directory::Directory;
use crate::forms::{refused_fields, status_of};

/// Levels shown above and below.
const DEEPEST: i64 = 5;
/// Sub-accounts shown at most.
const MOST: i64 = 500;

pub(super) fn routes() -> Vec<PageRoute> {
    vec![
        get("/customers/{id}/sub-accounts", Access::Needs(Permission::CustomerView), show),
        post("/customers/{id}/sub-accounts/reassign", Access::Needs(Permission::CustomerEdit), move_all),
    ]
}

/// What a tree is drawn for: whose names are shown, and who of it can be opened.
struct Seen<'a> {
    sight: &'a Sight,
    within: BTreeSet<Uuid>,
}

fn line(row: &TreeRow, depth: usize, seen: &Seen<'_>) -> TreeLine {
    let is_seen = seen.within.contains(&row.id);
    let name = if is_seen { name_or_number(&seen.sight.fields, &row.display_name, &row.number) } else { &row.number };
    TreeLine {
        id: row.id.to_string(),
        name: name.to_owned(),
        number: row.number.clone(),
        depth,
        is_self: false,
        is_seen,
        is_active: row.active,
    }
}

/// The parents from the top down, the customer, and what is below: each sub-account under its own parent.
async fn tree(app: &App, sight: &Sight, customer: &Customer) -> AppResult<Vec<TreeLine>> {
    let above = match sight.fields.reads("owner") {
        true => store::above(app.db.read(), customer.id, DEEPEST).await?,
        false => Vec::new(),
    };
    let below = match sight.fields.reads("owner") {
        true => store::below(app.db.read(), customer.id, DEEPEST, MOST).await?,
        false => Vec::new(),
    };
    let around: Vec<Uuid> = above.iter().chain(&below).map(|row| row.id).collect();
    let within = reach::those_within(app.db.read(), &sight.reach, around).await?.into_iter().collect();
    let seen = &Seen { sight, within };
    let mut lines: Vec<TreeLine> = above.iter().rev().enumerate().map(|(depth, row)| line(row, depth, seen)).collect();
    lines.push(TreeLine {
        id: customer.id.to_string(),
        name: customer.display_name(),
        number: customer.number.clone(),
        depth: above.len(),
        is_self: true,
        is_seen: true,
        is_active: customer.active,
    });
    hang(&mut lines, &below, customer.id, above.len() + 1, seen);
    Ok(lines)
}

fn hang(lines: &mut Vec<TreeLine>, below: &[TreeRow], parent: Uuid, depth: usize, seen: &Seen<'_>) {
    for row in below.iter().filter(|row| row.owner_id == Some(parent)) {
        lines.push(line(row, depth, seen));
        hang(lines, below, row.id, depth + 1, seen);
    }
}

async fn page(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    id: Uuid,
    typed: String,
    errors: Errors,
) -> PageResult {
    let customer = find(app, context, id).await?;
    let sight = context.caller()?.sight();
    let directory = Directory::load(app.db.read()).await?;
    let record = load(app, context, headers, &customer, &directory, "sub-accounts").await?;
    let tree = tree(app, sight, &customer).await?;
    let place = tree.iter().position(|line| line.is_self).unwrap_or_default();
    let own_depth = tree[place].depth;
    let children = tree.iter().skip(place + 1).filter(|line| line.depth == own_depth + 1).count();
    let status = status_of(&errors);
    let page = SubAccountsPage {
        shell: context.shell.clone(),
        may_move: record.head.may.edit && sight.fields.edits("owner") && children > 0,
        record,
        stands_alone: tree.len() == 1,
        tree,
        children,
        typed,
        errors,
    };
    Ok(if context.htmx.wants("record") {
        ui::fragment_status(status, &page.as_record(), &context.shell)
    } else {
        ui::render_status(status, &page, &context.shell)
    })
}

async fn show(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    page(&app, &context, &headers, id, String::new(), Errors::none()).await
}

#[derive(Deserialize)]
struct MoveForm {
    to: String,
}

async fn carry_out(app: &App, context: &PageContext, id: Uuid, to: &str) -> AppResult<usize> {
    let tx = app.begin_write().await?;
    let customer = store::get(&tx, id).await?;
    let directory = Directory::load(&tx).await?;
    let moved = reassign(&tx, &directory, &Writer::of(app, context.caller()?), &customer, to).await?;
    tx.commit().await?;
    Ok(moved)
}

async fn move_all(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Form(form): Form<MoveForm>,
) -> PageResult {
    match refused_fields(carry_out(&app, &context, id, &form.to).await)? {
        Ok(moved) => {
            let one = tr!("The sub-account has another parent now");
            let text = Message::counted(moved, one, tr!("{n} sub-accounts have another parent now"));
            Ok(ui::redirect_to(format!("/customers/{id}/sub-accounts")).saying(text).into_response())
        }
        Err(errors) => page(&app, &context, &headers, id, form.to, errors).await,
    }
}
