//! The list as a file: every customer that the filter finds.

use axum::extract::State;
use axum::response::Response;
use platform::app::App;
use platform::auth::Permission;
use platform::error::AppResult;
use platform::http::{Access, PageRoute, Query, get};
use serde::Deserialize;

use crate::customer::list::ListFilter;
use crate::export::api::download;

pub(super) fn routes() -> Vec<PageRoute> {
    vec![get("/customers/export", Access::Needs(Permission::CustomerExport), export)]
}

#[derive(Deserialize)]
struct FormatQuery {
    #[serde(default = "csv")]
    format: String,
}

fn csv() -> String {
    "csv".to_owned()
}

async fn export(
    State(app): State<App>,
    Query(asked): Query<FormatQuery>,
    Query(filter): Query<ListFilter>,
) -> AppResult<Response> {
    download(&app, filter, &asked.format).await
}
