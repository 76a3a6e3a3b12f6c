//! The box on top: a command palette over customers, views and pages. Pages and views whose name begins with what was typed,
//! or whose words do, stand first, so that each is three keys and Enter away; then the customers, those opened last on top.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use platform::app::App;
use platform::auth::{Permission, Sight};
use platform::contact::fold;
use platform::error::AppResult;
use platform::http::{Access, PageContext, PageResult, PageRoute, Query, get};
use platform::i18n::Translate;
use platform::tr;
use platform::ui::{self, Hit, HitGroup, SearchResults, cookie};
use serde::Deserialize;
use uuid::Uuid;

use crate::customer::field_rights::name_or_number;
use crate::customer::model::Status;
use crate::customer::{reach, store};
use crate::search::{Found, find};
use crate::view;

const HITS_SHOWN: usize = 8;
/// Pages and views shown at most.
const PLACES_SHOWN: usize = 4;
/// Customers remembered as opened last.
const RECENT: usize = 8;
const RECENT_COOKIE: &str = "recent_customers";

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
        icon: "",
    }
}

/// Customers that fit what was typed, the best first, for a box that picks one; those spelled alike when none fits.
///
/// # Errors
/// When the database cannot be read.
pub async fn hits(app: &App, sight: &Sight, typed: &str, most: usize) -> AppResult<Vec<(Uuid, Hit)>> {
    let found = find(&app.db, sight, typed, most).await?;
    Ok(found.into_iter().map(|found| (found.id, hit(found))).collect())
}

fn results(query: String, groups: Vec<HitGroup>) -> SearchResults {
    SearchResults { box_name: "hit", verb: tr!("open"), query, groups }
}

/// How well a name fits what was typed: 0 is best; `None` when it does not.
fn fit(name: &str, typed: &str) -> Option<usize> {
    let initials: String = name.split(' ').filter_map(|word| word.chars().next()).collect();
    if name == typed {
        Some(0)
    } else if name.starts_with(typed) {
        Some(1)
    } else if typed.len() > 1 && initials.starts_with(typed) {
        Some(2)
    } else if name.split(' ').any(|word| word.starts_with(typed)) {
        Some(3)
    } else {
        None
    }
}

struct Place {
    name: String,
    href: String,
    icon: &'static str,
}

/// The pages of the person's menu and what else they can begin.
fn pages(context: &PageContext) -> Vec<Place> {
    let lang = context.shell.lang();
    let place = |label: &'static str, href: &str, icon: &'static str| Place {
        name: label.translate(lang),
        href: href.to_owned(),
        icon,
    };
    let menu = context.shell.menu.iter().flat_map(|group| &group.entries);
    let mut pages: Vec<Place> = menu.map(|entry| place(entry.label, entry.href, entry.icon)).collect();
    let more = [
        (tr!("Add new"), "/customers/new", "plus", Permission::CustomerCreate),
        (tr!("Quick new customer"), "/customers/new?form=quick", "user-plus", Permission::CustomerCreate),
        (tr!("Bin"), "/customers/bin", "trash", Permission::CustomerDelete),
        (tr!("Views"), "/customers/views", "star", Permission::CustomerView),
        (tr!("Profile"), "/profile", "user-circle", Permission::CustomerView),
    ];
    pages.extend(more.iter().filter(|more| context.may(more.3)).map(|(label, href, icon, _)| place(label, href, icon)));
    pages
}

async fn places(app: &App, context: &PageContext, typed: &str) -> AppResult<Vec<(usize, Place)>> {
    let mut all = pages(context);
    let views = view::list(app.db.read(), context.caller()?.staff_id).await?;
    all.extend(views.into_iter().map(|view| Place { href: view.href(), name: view.name, icon: "filter" }));
    let mut fitting: Vec<(usize, Place)> =
        all.into_iter().filter_map(|place| Some((fit(&fold(&place.name), typed)?, place))).collect();
    fitting.sort_by_key(|(fit, _)| *fit);
    fitting.truncate(PLACES_SHOWN);
    Ok(fitting)
}

fn group_of(label: &'static str, hits: Vec<Hit>) -> Option<HitGroup> {
    (!hits.is_empty()).then_some(HitGroup { label, hits })
}

async fn search(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Query(query): Query<SearchQuery>,
) -> PageResult {
    let q = query.q.trim().to_owned();
    let typed = fold(&q);
    let sight = context.caller()?.sight();
    let recent = recent(&app, sight, &headers, &typed).await?;
    if typed.is_empty() && q.is_empty() {
        let groups = group_of(tr!("Opened last"), recent).into_iter().collect();
        return Ok(ui::fragment(&results(q, groups), &context.shell));
    }
    let places = if typed.is_empty() { Vec::new() } else { places(&app, &context, &typed).await? };
    let is_first = places.first().is_some_and(|(fit, _)| *fit < 3);
    let place =
        |(_, place): (usize, Place)| Hit { href: place.href, name: place.name, icon: place.icon, ..Hit::default() };
    let places = group_of(tr!("Go to"), places.into_iter().map(place).collect());
    let found = find(&app.db, sight, &q, HITS_SHOWN).await?;
    let label =
        if found.iter().any(|found| found.corrected) { tr!("Customers, spelled alike") } else { tr!("Customers") };
    let is_new = |hit: &Hit| recent.iter().all(|known| known.href != hit.href);
    let customers: Vec<Hit> = found.into_iter().map(hit).filter(is_new).collect();
    let people = [group_of(tr!("Opened last"), recent), group_of(label, customers)];
    let groups = match is_first {
        true => places.into_iter().chain(people.into_iter().flatten()).collect(),
        false => people.into_iter().flatten().chain(places).collect(),
    };
    Ok(ui::fragment(&results(q, groups), &context.shell))
}

/// Customers this browser opened last whose name fits what was typed; all of them for nothing.
async fn recent(app: &App, sight: &Sight, headers: &HeaderMap, typed: &str) -> AppResult<Vec<Hit>> {
    let ids = reach::those_within(app.db.read(), &sight.reach, recent_ids(headers)).await?;
    let names = store::names_in_use(app.db.read(), &ids).await?;
    let hit = |id: &Uuid| {
        let (name, number) = names.get(id)?;
        let name = name_or_number(&sight.fields, name, number);
        let is_fitting = typed.is_empty() || fit(&fold(name), typed).is_some();
        let (name, details) = (name.to_owned(), number.clone());
        is_fitting.then(|| Hit { href: format!("/customers/{id}"), name, details, ..Hit::default() })
    };
    Ok(ids.iter().filter_map(hit).collect())
}

fn recent_ids(headers: &HeaderMap) -> Vec<Uuid> {
    let kept = cookie(headers, RECENT_COOKIE).unwrap_or_default();
    kept.split('.').filter_map(|id| id.parse().ok()).take(RECENT).collect()
}

/// Remembers in the browser that a customer was opened: ids only, no names.
pub(super) fn remember_opened(response: &mut Response, headers: &HeaderMap, id: Uuid) {
    let others = recent_ids(headers).into_iter().filter(|known| *known != id);
    let ids: Vec<String> = std::iter::once(id).chain(others).take(RECENT).map(|id| id.simple().to_string()).collect();
    let text = format!("{RECENT_COOKIE}={}; Path=/; HttpOnly; SameSite=Lax", ids.join("."));
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(axum::http::header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_by_its_beginning_its_initials_and_its_words() {
        assert_eq!(fit("customer settings", "cus"), Some(1));
        assert_eq!(fit("customer settings", "cs"), Some(2));
        assert_eq!(fit("customer settings", "set"), Some(3));
        assert_eq!(fit("customer settings", "customer settings"), Some(0));
        assert_eq!(fit("customer settings", "x"), None);
        assert_eq!(fit("staff", "f"), None);
    }
}
