//! Two moments of a customer side by side.

use axum::extract::State;
use axum::http::HeaderMap;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, Reason};
use platform::http::{Access, PageContext, PageResult, PageRoute, Path, Query, get};
use platform::{tr, ui};
use serde::Deserialize;
use uuid::Uuid;

use super::past::{at, differences, view};
use super::past_view::ComparePage;
use super::record::{find_past, load};
use crate::customer::visible::visible;
use crate::directory::Directory;

pub(super) fn routes() -> Vec<PageRoute> {
    vec![get("/customers/{id}/compare", Access::Needs(Permission::HistoryView), show)]
}

/// Two times, or entries ticked in the history; one alone is compared with today.
#[derive(Deserialize, Default)]
#[serde(default)]
struct CompareQuery {
    from: String,
    to: String,
    pick: Vec<String>,
}

async fn show(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(query): Query<CompareQuery>,
) -> PageResult {
    context.caller()?.may(Permission::CustomerView)?;
    let now = find_past(&app, id).await?;
    let today = format!("v{}", now.version);
    let mut picked = query.pick;
    if picked.len() > 2 {
        let detail = tr!("Pick two entries, or one to compare it with today.");
        return Err(AppError::BadRequest(Reason::new("two_moments_needed", detail)));
    }
    picked.extend([query.from, query.to].into_iter().filter(|moment| !moment.is_empty()));
    let mut names = picked.into_iter().chain([today.clone()]);
    let (one, other) = (names.next().unwrap_or(today.clone()), names.next().unwrap_or(today));
    let mut directory = Directory::load(app.db.read()).await?;
    let one = at(&app, &context, &now, &mut directory, &one).await?;
    let other = at(&app, &context, &now, &mut directory, &other).await?;
    let (from, to) = if one.version() <= other.version() { (one, other) } else { (other, one) };
    let page = ComparePage {
        shell: context.shell.clone(),
        record: load(&app, &context, &headers, &visible(&now, context.caller()?.fields()), &directory, "history")
            .await?,
        differences: differences(&from.flat, &to.flat, &directory, &context)?,
        from: view(&from, &now, &context),
        to: view(&to, &now, &context),
    };
    Ok(if context.htmx.wants("record") {
        ui::fragment(&page.as_record(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    })
}
