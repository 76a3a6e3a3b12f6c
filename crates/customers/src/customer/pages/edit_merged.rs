//! A save to a customer that became part of another while somebody was typing: the form goes on with the survivor, and what
//! was typed stands in it.

use axum::http::{HeaderMap, StatusCode};
use platform::app::App;
use platform::error::AppError;
use platform::http::{PageContext, PageResult};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, Errors};
use uuid::Uuid;

use super::edit::{Sent, edit_page, owner_text, stored_values};
use super::record::find;
use crate::customer::moment::{Moment, as_of};
use crate::customer::store;
use crate::customer::visible::visible;
use crate::directory::Directory;

/// The survivor's form with the fields that the person changed in the other one's; `typed_in` is that one's id and the
/// version that its form showed.
pub(super) async fn go_on(
    app: &App,
    context: &PageContext,
    headers: &HeaderMap,
    typed_in: (Uuid, i64),
    survivor: Uuid,
    sent: &Sent,
) -> PageResult {
    let (id, version) = typed_in;
    let now = store::find(app.db.read(), id).await?.ok_or(AppError::NotFound)?;
    let directory = Directory::load(app.db.read()).await?;
    let then = as_of(app.db.read(), &now, &directory, Moment::Version(version)).await?.customer;
    let then = visible(&then, context.caller()?.fields());
    let shown = stored_values(&then, owner_text(app, context, &then).await?);
    let is_changed = |(name, value): &&(String, String)| shown.0.get(name).is_some_and(|before| before != value);
    let changed = Sent { pairs: sent.pairs.iter().filter(is_changed).cloned().collect() };
    let customer = find(app, context, survivor).await?;
    let why = tr!(
        "{number} became part of this customer meanwhile. What you changed stands here now: look it over and save."
    );
    let why = Message::new(why).with("number", &now.number);
    let page = edit_page(app, context, headers, &customer, Some(&changed), Errors::none().with("", why)).await?;
    Ok(ui::render_status(StatusCode::CONFLICT, &page, &context.shell))
}
