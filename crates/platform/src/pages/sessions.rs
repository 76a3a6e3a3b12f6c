//! The browsers one is signed in with.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use uuid::Uuid;

use super::part::{ProfileTopic, profile_topics, session_id};
use crate::app::App;
use crate::auth::session;
use crate::http::{Access, PageContext, PageResult, PageRoute, Path, get, post};
use crate::ui::{self, Shell, filters};

pub(super) fn routes() -> Vec<PageRoute> {
    vec![
        get("/profile/sessions", Access::SignedIn, show),
        post("/profile/sessions/end-others", Access::SignedIn, end_others),
        post("/profile/sessions/{id}/end", Access::SignedIn, end),
    ]
}

struct SessionLine {
    id: Uuid,
    browser: String,
    address: String,
    created_at: i64,
    last_seen_at: i64,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "auth/sessions.html")]
struct SessionsPage {
    shell: Shell,
    topics: [ProfileTopic; 4],
    sessions: Vec<SessionLine>,
}

/// "Firefox on Linux" from what a browser says of itself.
fn browser_name(agent: &str) -> String {
    let first =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    // The order matters: each browser names those that came before it.
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ => agent.chars().take(60).collect(),
    }
}

async fn show(State(app): State<App>, context: PageContext) -> PageResult {
    let caller = context.caller()?;
    let this = session_id(caller);
    let rows = session::list(app.db.read(), app.clock.now(), caller.staff_id).await?;
    let line = |row: session::SessionRow| SessionLine {
        id: row.id,
        browser: browser_name(&row.browser),
        address: row.address,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        is_this: this == Some(row.id),
    };
    let page = SessionsPage {
        shell: context.shell.clone(),
        topics: profile_topics("/profile/sessions"),
        sessions: rows.into_iter().map(line).collect(),
    };
    Ok(ui::render(&page, &context.shell))
}

async fn end(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let tx = app.begin_write().await?;
    let ended = session::end(&tx, context.caller()?.staff_id, id).await?;
    tx.commit().await?;
    if !ended {
        return Err(crate::error::AppError::NotFound);
    }
    Ok(ui::redirect_to("/profile/sessions").saying("Session ended").into_response())
}

async fn end_others(State(app): State<App>, context: PageContext) -> PageResult {
    let caller = context.caller()?;
    let tx = app.begin_write().await?;
    session::end_all(&tx, caller.staff_id, session_id(caller)).await?;
    tx.commit().await?;
    Ok(ui::redirect_to("/profile/sessions").saying("All other sessions are ended").into_response())
}

#[cfg(test)]
mod tests {
    use super::browser_name;

    #[test]
    fn browsers_are_told_apart() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36";
        let edge = format!("{chrome} Edg/130.0");
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
        assert_eq!(browser_name(chrome), "Chrome, Windows");
        assert_eq!(browser_name(&edge), "Edge, Windows");
        assert_eq!(browser_name(safari), "Safari, iPhone");
        assert_eq!(browser_name("curl/8"), "curl/8");
    }
}
