//! The merge workspace: records side by side, what would happen, and the button (S0-31 to S0-34, S2-14 to S2-17, S3-68).

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use customers::customer::model::{Customer, PrivacyState};
use customers::customer::pages::hits;
use customers::customer::store as customer_store;
use customers::directory::Directory;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, get, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Hit, HitGroup, SearchResults, redirect_to};
use uuid::Uuid;

use super::api::run;
use super::asked::{Asked, pairs};
use super::pages_view::{MergePage, lines_of};
use super::plan::{MOST_RECORDS, plan};
use crate::review::objections::objections;

/// Customers offered while somebody types.
const HITS_SHOWN: usize = 8;

/// The pages of merging.
pub fn routes() -> Vec<PageRoute> {
    let needed = Access::Needs(Permission::CustomerMerge);
    vec![
        get("/merge", needed, show),
        get("/merge/find", needed, find),
        post("/merge", needed, carry_out),
        post("/merge/open", needed, open),
    ]
}

async fn show(State(app): State<App>, context: PageContext, RawQuery(query): RawQuery) -> PageResult {
    let asked = Asked::of(&pairs(query.as_deref()));
    if !asked.add.is_empty() {
        return add(&app, &context, asked).await;
    }
    page(&app, &context, &asked, None, None).await
}

/// Customers to add while somebody types: never one that is in the merge, and none whose data were removed (S0-32).
async fn find(State(app): State<App>, context: PageContext, RawQuery(query): RawQuery) -> PageResult {
    let asked = Asked::of(&pairs(query.as_deref()));
    let sight = context.caller()?.sight();
    let found = match asked.add.is_empty() {
        true => Vec::new(),
        false => hits(&app, sight, &asked.add, HITS_SHOWN + asked.ids.len()).await?,
    };
    let ids: Vec<Uuid> = found.iter().map(|(id, _)| *id).filter(|id| !asked.ids.contains(id)).collect();
    let records = customer_store::find_many(app.db.read(), &ids).await?;
    let may_merge = |id: &Uuid| {
        let is_whole = |record: &Customer| record.id == *id && record.privacy_state == PrivacyState::Normal;
        records.iter().any(is_whole)
    };
    let fitting = found.into_iter().filter(|(id, _)| may_merge(id)).take(HITS_SHOWN);
    let hits: Vec<Hit> = fitting.map(|(id, hit)| Hit { href: asked.with_added(id), ..hit }).collect();
    let groups = if hits.is_empty() { Vec::new() } else { vec![HitGroup { label: tr!("Customers"), hits }] };
    let results = SearchResults { box_name: "merge-hit", verb: tr!("add"), query: asked.add, groups };
    Ok(ui::fragment(&results, &context.shell))
}

/// One more record, by number, e-mail address or what only one customer fits.
async fn add(app: &App, context: &PageContext, asked: Asked) -> PageResult {
    let sight = context.caller()?.sight();
    let may_ask = !asked.add.contains('@') || sight.fields.may_ask("email").is_ok();
    let named = match may_ask {
        true => customer_store::find_named(app.db.read(), &asked.add).await?,
        false => None,
    };
    let found = match named {
        Some(id) => vec![id],
        None => hits(app, sight, &asked.add, 2).await?.into_iter().map(|(id, _)| id).collect(),
    };
    let why = match found[..] {
        [id] if asked.ids.contains(&id) => tr!("This customer is in the merge already."),
        [id] if customer_store::get(app.db.read(), id).await.is_ok() => {
            return Ok(redirect_to(asked.with_added(id)).into_response());
        }
        [_, _] => tr!("Several customers fit this. Choose one of the list below the field."),
        _ => tr!("No customer fits this."),
    };
    page(app, context, &asked, None, Some(why)).await
}

/// Records that are not there any more are left out, and it is said.
async fn known(app: &App, asked: &Asked) -> AppResult<(Asked, Vec<Customer>, Option<Reason>)> {
    let records = customer_store::find_many(app.db.read(), &asked.ids).await?;
    let mut asked = asked.clone();
    let before = asked.ids.len();
    asked.ids.retain(|id| records.iter().any(|record| record.id == *id));
    asked.settle();
    let gone = before - asked.ids.len();
    let detail = match gone {
        0 => None,
        1 => Some(tr!("One of these records does not exist. It was left out.").into()),
        many => Some(Message::new(tr!("{n} of these records do not exist. They were left out.")).with("n", many)),
    };
    let reason = detail.map(|detail| Reason::new("unknown_customer", detail));
    Ok((asked, records, reason))
}

async fn page(
    app: &App,
    context: &PageContext,
    asked: &Asked,
    refused: Option<Reason>,
    not_added: Option<&'static str>,
) -> PageResult {
    let was_refused = refused.is_some();
    let (asked, records, gone) = known(app, asked).await?;
    let mut page = MergePage::empty(context.shell.clone());
    page.add.clone_from(&asked.add);
    page.away = asked.away.map(|id| id.to_string()).unwrap_or_default();
    page.not_added = not_added;
    page.chosen = asked.chosen();
    page.cards_of(&asked, &records, context.caller()?.fields());
    let directory = Directory::load(app.db.read()).await?;
    if let Some(request) = asked.request() {
        let permissions = &context.caller()?.permissions;
        match plan(app.db.read(), &app.registry, permissions, &request, app.clock.now()).await {
            Ok(plan) => {
                let names = owners(app, &plan.records).await?;
                lines_of(&mut page, &plan, &request, &directory, &names, app.clock.now());
                page.warn(objections(app.db.read(), &plan.records).await?, &plan.records);
            }
            Err(AppError::Invalid(errors)) => {
                page.refused = errors.0.into_iter().next().map(|error| Reason::new(error.code, error.detail));
            }
            Err(other) => return Err(other),
        }
    }
    // What stands in the way is said once.
    let refused = refused.filter(|reason| !page.blockers.iter().any(|blocker| blocker.code == reason.code));
    page.refused = refused.or(page.refused).or(gone);
    let status = match (&page.refused, not_added) {
        _ if was_refused => StatusCode::CONFLICT,
        (Some(_), _) => StatusCode::CONFLICT,
        (None, Some(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, None) => StatusCode::OK,
    };
    Ok(if context.htmx.wants("merge") {
        ui::fragment_status(status, &page.as_region(), &context.shell)
    } else {
        ui::render_status(status, &page, &context.shell)
    })
}

async fn owners(app: &App, records: &[Customer]) -> AppResult<super::pages_view::Names> {
    let ids: Vec<Uuid> = records.iter().filter_map(|record| record.owner_id).collect();
    Ok(customer_store::names(app.db.read(), &ids).await?)
}

/// The rows ticked in the list.
async fn open(State(_): State<App>, Form(pairs): Form<Vec<(String, String)>>) -> Response {
    let ids: Vec<(&str, &str)> = pairs
        .iter()
        .filter(|(name, value)| name == "id" && value.parse::<Uuid>().is_ok())
        .map(|(_, value)| ("ids", value.as_str()))
        .take(MOST_RECORDS + 1)
        .collect();
    redirect_to(format!("/merge?{}", serde_html_form::to_string(ids).unwrap_or_default())).into_response()
}

async fn carry_out(
    State(app): State<App>,
    context: PageContext,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let asked = Asked::of(&pairs);
    let Some(request) = asked.request() else { return page(&app, &context, &asked, None, None).await };
    let tx = app.begin_write().await?;
    match run(&tx, &app, context.caller()?, &request).await {
        Ok(merge) => {
            tx.commit().await?;
            let text = Message::new(tr!("{n} records are one customer now")).with("n", request.absorbed_ids.len() + 1);
            let done = redirect_to(format!("/customers/{}", merge.survivor_id)).saying(text);
            let may_undo = context.may(Permission::CustomerMergeUndo);
            Ok(match may_undo {
                true => done.with_undo(format!("/merges/{}/undo", merge.id), tr!("Undo")).into_response(),
                false => done.into_response(),
            })
        }
        Err(AppError::Conflict(reason)) => {
            drop(tx);
            page(&app, &context, &asked, Some(reason), None).await
        }
        Err(other) => Err(other),
    }
}
