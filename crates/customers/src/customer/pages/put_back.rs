//! Putting back a field or an earlier state: first what it would change, then the act.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, Query, get, post};
use platform::i18n::Message;
use platform::{tr, ui};
use serde::Deserialize;
use uuid::Uuid;

use super::past::{at, differences, view};
use super::past_view::PutBackPage;
use super::record::{find_whole, load};
use crate::customer::flatten::flatten;
use crate::customer::parts::is_named;
use crate::customer::put_back::{Plan, Sides};
use crate::customer::save::Writer;
use crate::customer::store;
use crate::customer::visible::visible;
use crate::directory::Directory;

pub(super) fn routes() -> Vec<PageRoute> {
    let edit = Access::Needs(Permission::CustomerEdit);
    vec![get("/customers/{id}/put-back", edit, ask), post("/customers/{id}/put-back", edit, put_back)]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PutBackForm {
    moment: String,
    /// Fields or rows; none means the whole state.
    field: Vec<String>,
    version: i64,
}

async fn ask(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(form): Query<PutBackForm>,
) -> PageResult {
    page(&app, &context, &headers, id, &form, None).await
}

async fn page(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    id: Uuid,
    form: &PutBackForm,
    refused: Option<(StatusCode, Message)>,
) -> PageResult {
    context.caller()?.may(Permission::HistoryView)?;
    let now = find_whole(app, id).await?;
    let mut directory = Directory::load(app.db.read()).await?;
    let past = at(app, context, &now, &mut directory, &form.moment).await?;
    let writer = Writer::of(app, context.caller()?);
    let sides = Sides { directory: &directory, writer: &writer, now: &now, past: &past };
    let plan: Plan = sides.plan(app.db.read(), &form.field).await?;
    let mut shown = differences(&flatten(&now), &past.flat, &directory, context)?;
    shown.retain(|line| form.field.is_empty() || form.field.iter().any(|name| is_named(&line.part, name)));
    for line in &mut shown {
        let planned = plan.lines.iter().find(|planned| planned.part == line.part);
        line.refused = planned.and_then(|planned| planned.refused.as_ref()).map(|error| error.detail.clone());
    }
    let (status, refused) = refused.map_or((StatusCode::OK, None), |(status, why)| (status, Some(why)));
    let page = PutBackPage {
        shell: context.shell.clone(),
        record: load(app, context, headers, &visible(&now, context.caller()?.fields()), &directory, "history").await?,
        moment: view(&past, &now, context),
        version: now.version,
        possible: plan.possible().len(),
        differences: shown,
        refused,
    };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn carry_out(app: &App, context: &PageContext, id: Uuid, form: &PutBackForm) -> AppResult<()> {
    let caller = context.caller()?;
    caller.may(Permission::HistoryView)?;
    if form.field.is_empty() {
        return Err(AppError::field("field", "required", tr!("Tick what is to be put back.")));
    }
    let tx = app.begin_write().await?;
    let now = store::get(&tx, id).await?;
    if form.version != now.version {
        return Err(AppError::Stale { current: now.version });
    }
    let directory = Directory::load(&tx).await?;
    let moment = crate::customer::moment::Moment::parse(&form.moment, &context.shell.locale.time_zone)?;
    let past = crate::customer::moment::as_of(&tx, &now, &directory, moment).await?;
    let sides = Sides { directory: &directory, writer: &Writer::of(app, caller), now: &now, past: &past };
    sides.carry_out(&tx, &form.field).await?;
    tx.commit().await?;
    Ok(())
}

async fn put_back(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Form(form): Form<PutBackForm>,
) -> PageResult {
    let refused = match carry_out(&app, &context, id, &form).await {
        Ok(()) => {
            let done = ui::redirect_to(format!("/customers/{id}/history")).saying(tr!("Put back as it was"));
            return Ok(done.into_response());
        }
        Err(AppError::Stale { .. }) => {
            let text = tr!("Somebody else changed this customer meanwhile. Look again at what would change.");
            (StatusCode::CONFLICT, text.into())
        }
        Err(AppError::Invalid(errors)) => {
            let why = errors.0.into_iter().next().map(|error| error.detail).unwrap_or_default();
            (StatusCode::UNPROCESSABLE_ENTITY, why)
        }
        Err(AppError::Conflict(reason)) => (StatusCode::CONFLICT, reason.detail),
        Err(other) => return Err(other),
    };
    page(&app, &context, &headers, id, &form, Some(refused)).await
}
