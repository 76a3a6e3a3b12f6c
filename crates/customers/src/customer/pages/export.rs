//! The list as a file: every customer that the filter finds.

use axum::extract::State;
use axum::response::Response;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, Form, PageContext, PageRoute, Query, get, post};
use platform::tr;
use serde::Deserialize;
use uuid::Uuid;

use crate::customer::list::ListFilter;
use crate::export::api::download;
use crate::view;

pub(super) fn routes() -> Vec<PageRoute> {
    let may = Access::Needs(Permission::CustomerExport);
    vec![get("/customers/export", may, export), post("/customers/export", may, export_picked)]
}

#[derive(Deserialize)]
struct FormatQuery {
    #[serde(default = "csv")]
    format: String,
}

/// The selection bar of the list: those ticked, or all that match.
#[derive(Deserialize)]
struct PickedForm {
    format: String,
    #[serde(default)]
    id: Vec<Uuid>,
    #[serde(default)]
    all: String,
    #[serde(default)]
    query: String,
}

async fn export_picked(
    State(app): State<App>,
    context: PageContext,
    Form(form): Form<PickedForm>,
) -> AppResult<Response> {
    let filter = match form.all == "true" {
        true => ListFilter::from_query(&form.query)?,
        false if form.id.is_empty() => {
            return Err(AppError::BadRequest(Reason::new("required", tr!("Select customers first"))));
        }
        false => ListFilter { id: form.id, activity: "all".to_owned(), ..ListFilter::default() },
    };
    download(&app, context.caller()?.sight(), filter, &form.format).await
}

fn csv() -> String {
    "csv".to_owned()
}

async fn export(
    State(app): State<App>,
    context: PageContext,
    Query(asked): Query<FormatQuery>,
    Query(filter): Query<ListFilter>,
) -> AppResult<Response> {
    let filter = view::resolve(app.db.read(), context.caller()?.staff_id, filter).await?;
    download(&app, context.caller()?.sight(), filter, &asked.format).await
}
