//! `GET /live`: server-sent events (WHATWG HTML, 9.2) about customers that somebody changed.

use std::convert::Infallible;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;
use crate::auth::{Caller, Permission};
use crate::http::{Access, PageRoute, get};
use crate::live::News;

/// After so many messages, or `Options::live_for`, the browser connects anew, so that a session that ended or a right that
/// was taken away stops hearing.
const MOST_MESSAGES: usize = 100;

pub(super) fn routes() -> Vec<PageRoute> {
    vec![get("/live", Access::Needs(Permission::CustomerView), listen)]
}

async fn listen(State(app): State<App>, caller: Caller) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let ends = tokio::time::Instant::now() + app.options.live_for;
    let start = (app.live.listen(), app, caller.permissions.sight.reach, 0);
    let stream = futures::stream::unfold(start, move |(mut receiver, app, reach, sent)| async move {
        if sent >= MOST_MESSAGES {
            return None;
        }
        loop {
            let news = match tokio::time::timeout_at(ends, receiver.recv()).await {
                Err(_) | Ok(Err(RecvError::Closed) | Ok(News::Closed)) => return None,
                Ok(Ok(news)) => news,
                Ok(Err(RecvError::Lagged(_))) => News::Many,
            };
            if let Some(news) = news.heard(&app, &reach).await {
                let event = Event::default().json_data(&news).ok()?;
                return Some((Ok(event), (receiver, app, reach, sent + 1)));
            }
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}
