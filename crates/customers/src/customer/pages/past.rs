//! The whole page of a customer as of any moment: read-only, marked, with the way back to today.

use axum::extract::State;
use axum::http::HeaderMap;
use platform::app::App;
use platform::auth::Permission;
use platform::clock::on_the_clock;
use platform::error::AppResult;
use platform::http::{Access, PageContext, PageResult, PageRoute, Path, Query, get};
use platform::ui;
use serde::Deserialize;
use uuid::Uuid;

use super::addresses::card;
use super::contacts::{self, Refused};
use super::fields::{ids_in, part_name, part_text};
use super::groups::lines;
use super::past_view::{AsOfPage, Difference, MomentView};
use super::record::{find_past, head, past_record};
use super::record_view::HeadRights;
use super::topics::{fact_groups, owner_value};
use crate::customer::flatten::{Flat, flatten};
use crate::customer::model::Customer;
use crate::customer::moment::{Moment, Past, as_of};
use crate::customer::parts::differing;
use crate::customer::visible::{visible, visible_flat};
use crate::directory::Directory;

pub(super) fn routes() -> Vec<PageRoute> {
    vec![get("/customers/{id}/as-of", Access::Needs(Permission::HistoryView), show)]
}

#[derive(Deserialize)]
struct AsOfQuery {
    moment: String,
}

/// A moment of a customer, with the names of all that the record named then and names now.
pub(super) async fn at(
    app: &App,
    context: &PageContext,
    now: &Customer,
    directory: &mut Directory,
    moment: &str,
) -> AppResult<Past> {
    let moment = Moment::parse(moment, &context.shell.locale.time_zone)?;
    let past = as_of(app.db.read(), now, directory, moment).await?;
    directory.learn(app.db.read(), context.caller()?.sight(), ids_in([&past.flat, &flatten(now)])).await?;
    Ok(past)
}

pub(super) fn view(past: &Past, now: &Customer, context: &PageContext) -> MomentView {
    MomentView {
        at: past.since,
        name: format!("v{}", past.version()),
        typed: on_the_clock(past.since, &context.shell.locale.time_zone),
        is_now: past.version() == now.version,
    }
}

/// The parts in which two flat records differ, in words.
pub(super) fn differences(
    one: &Flat,
    other: &Flat,
    directory: &Directory,
    context: &PageContext,
) -> AppResult<Vec<Difference>> {
    let rights = context.caller()?.fields();
    let lang = context.shell.lang();
    let (one, other) = (&visible_flat(one, rights), &visible_flat(other, rights));
    let difference = |part: String| Difference {
        label: part_name(&part, directory),
        one: part_text(one, &part, directory, lang),
        other: part_text(other, &part, directory, lang),
        refused: None,
        part,
    };
    Ok(differing(one, other).into_iter().map(difference).collect())
}

async fn show(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(query): Query<AsOfQuery>,
) -> PageResult {
    context.caller()?.may(Permission::CustomerView)?;
    let now = find_past(&app, id).await?;
    let mut directory = Directory::load(app.db.read()).await?;
    let past = at(&app, &context, &now, &mut directory, &query.moment).await?;
    let rights = context.caller()?.fields();
    let then = &*visible(&past.customer, rights);
    let owner = owner_value(&app, context.caller()?.sight(), then.owner_id).await?;
    let mut shown_head = head(then, &directory, &context);
    shown_head.may = HeadRights::default();
    let neighbour = |version: i64| format!("/customers/{id}/as-of?moment=v{version}");
    let nothing = Refused::default();
    let page = AsOfPage {
        shell: context.shell.clone(),
        record: past_record(shown_head, &headers),
        moment: view(&past, &now, &context),
        was_deleted: then.deleted_at.is_some(),
        earlier: (past.version() > 1).then(|| neighbour(past.version() - 1)),
        later: (past.version() < now.version).then(|| neighbour(past.version() + 1)),
        facts: fact_groups(then, &directory, owner, rights, &[]),
        panels: contacts::panels(then, &nothing, rights),
        addresses: then.addresses.iter().map(|address| card(address, context.shell.lang())).collect(),
        may_edit_addresses: false,
        groups: lines(then, &directory),
        differences: differences(&past.flat, &flatten(&now), &directory, &context)?,
        may_put_back: now.can_be_edited() && context.may(Permission::CustomerEdit),
    };
    Ok(ui::render(&page, &context.shell))
}
