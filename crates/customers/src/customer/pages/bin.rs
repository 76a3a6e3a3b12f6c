//! The bin: deleted customers until their time is over, and the way back (R3).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::clock::DAY;
use platform::error::{AppError, AppResult};
use platform::http::{Access, Cursor, Form, PageContext, PageResult, PageRoute, Query, get, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Pager, Shell, filters};
use serde::Deserialize;
use uuid::Uuid;

use crate::customer::bin::{self, BinRow};
use crate::customer::save::Writer;
use crate::customer::{actions, store};
use crate::directory::Directory;
use crate::forms::list_address;

const PER_PAGE: i64 = 50;

pub(super) fn routes() -> Vec<PageRoute> {
    let may = Access::Needs(Permission::CustomerDelete);
    vec![get("/customers/bin", may, show), post("/customers/bin/restore", may, restore)]
}

#[derive(Template)]
#[template(path = "customer/bin.html")]
struct BinPage {
    shell: Shell,
    q: String,
    rows: Vec<BinLine>,
    pager: Pager,
    bin_days: i64,
}

struct BinLine {
    row: BinRow,
    /// Whole days until the record is removed for good.
    days_left: i64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct BinQuery {
    q: String,
    cursor: String,
}

async fn show(State(app): State<App>, context: PageContext, Query(query): Query<BinQuery>) -> PageResult {
    let before = if query.cursor.is_empty() { None } else { Some(Cursor::unpack(&query.cursor)?) };
    let bin_days = Directory::load(app.db.read()).await?.settings.bin_days;
    let is_later = before.is_some();
    let mut rows = bin::list(&app.db, context.caller()?.sight(), &query.q, before, PER_PAGE + 1).await?;
    let more = rows.len() as i64 > PER_PAGE;
    rows.truncate(PER_PAGE as usize);
    let address = |cursor: &str| list_address("/customers/bin", [("q", query.q.as_str()), ("cursor", cursor)]);
    let next = rows.last().filter(|_| more).map(|last| address(&Cursor::pack(&(last.deleted_at, last.id))));
    let now = app.clock.now();
    let days_left = |row: &BinRow| (row.deleted_at + bin_days * DAY - now + DAY - 1).div_euclid(DAY).max(0);
    let page = BinPage {
        shell: context.shell.clone(),
        rows: rows.into_iter().map(|row| BinLine { days_left: days_left(&row), row }).collect(),
        pager: Pager { previous: is_later.then(|| address("")), next },
        q: query.q.clone(),
        bin_days,
    };
    Ok(ui::render(&page, &context.shell))
}

#[derive(Deserialize)]
struct RestoreForm {
    #[serde(default)]
    id: Vec<Uuid>,
}

/// Each in a transaction of its own: one that is gone already keeps no other back.
async fn restore(State(app): State<App>, context: PageContext, Form(form): Form<RestoreForm>) -> PageResult {
    let mut done = 0;
    for id in &form.id {
        match bring_back(&app, &context, *id).await {
            Ok(()) => done += 1,
            Err(AppError::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    let answer = ui::redirect_to("/customers/bin");
    Ok(match done {
        0 => answer.warning(tr!("Nothing was restored")),
        1 => answer.saying(tr!("Customer restored")),
        many => answer.saying(Message::new(tr!("{n} customers restored")).with("n", many)),
    }
    .into_response())
}

async fn bring_back(app: &App, context: &PageContext, id: Uuid) -> AppResult<()> {
    let tx = app.begin_write().await?;
    let customer = store::find(&tx, id).await?.ok_or(AppError::NotFound)?;
    actions::restore(&tx, &Writer::of(app, context.caller()?), &customer).await?;
    Ok(tx.commit().await?)
}
