//! What the box on top finds while someone types.

use axum::extract::State;
use platform::app::App;
use platform::auth::Permission;
use platform::http::{Access, PageContext, PageResult, PageRoute, Query, get};
use platform::tr;
use platform::ui::{self, Hit, HitGroup, SearchResults};
use serde::Deserialize;

use crate::customer::model::Status;
use crate::search::{Found, find};

const HITS_SHOWN: usize = 8;

pub(super) fn routes() -> Vec<PageRoute> {
    vec![get("/search", Access::Needs(Permission::CustomerView), search)]
}

#[derive(Deserialize)]
struct SearchQuery {
    #[serde(default)]
    q: String,
}

fn hit(found: Found) -> Hit {
    let company = if found.company == found.name { String::new() } else { found.company };
    let details = [found.number, company, found.email, found.phone, found.town];
    Hit {
        href: format!("/customers/{}", found.id),
        is_company: found.name.is_empty(),
        name: found.name,
        details: details.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        is_inactive: !found.active,
        is_pending: Status::from_key(&found.status) == Some(Status::PendingApproval),
    }
}

async fn search(State(app): State<App>, context: PageContext, Query(query): Query<SearchQuery>) -> PageResult {
    let q = query.q.trim().to_owned();
    let found = find(&app.db, &q, HITS_SHOWN).await?;
    let label =
        if found.iter().any(|found| found.corrected) { tr!("Customers, spelled alike") } else { tr!("Customers") };
    let hits: Vec<Hit> = found.into_iter().map(hit).collect();
    let groups = if hits.is_empty() { Vec::new() } else { vec![HitGroup { label, hits }] };
    Ok(ui::fragment(&SearchResults { query: q, groups }, &context.shell))
}
