//! One's API tokens: made, shown once, revoked.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Deserialize;
use uuid::Uuid;

use super::part::{ProfileTopic, profile_topics, refusals, status_of};
use crate::app::App;
use crate::auth::{Caller, Permission, token};
use crate::error::AppResult;
use crate::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use crate::ui::{self, Choice, Errors, Shell, filters};

pub(super) fn routes() -> Vec<PageRoute> {
    vec![
        get("/profile/tokens", Access::SignedIn, show),
        post("/profile/tokens", Access::SignedIn, create),
        post("/profile/tokens/{id}/revoke", Access::SignedIn, revoke),
    ]
}

#[derive(Template)]
#[template(path = "auth/tokens.html")]
struct TokensPage {
    shell: Shell,
    topics: [ProfileTopic; 4],
    tokens: Vec<token::TokenRow>,
    name: String,
    scopes: Vec<Choice>,
    /// The secret of the token just made; never shown again.
    secret: String,
    errors: Errors,
}

/// Only scopes that the person holds: a token never allows more than its owner.
fn scopes_of(caller: &Caller, chosen: &[String]) -> Vec<Choice> {
    let own = Permission::ALL.iter().copied().filter(|permission| caller.has(*permission));
    own.map(|permission| {
        Choice::new(permission.key(), permission.label(), chosen.iter().any(|scope| scope == permission.key()))
    })
    .collect()
}

async fn page(app: &App, context: &PageContext, form: &TokenForm) -> AppResult<TokensPage> {
    let caller = context.caller()?;
    Ok(TokensPage {
        shell: context.shell.clone(),
        topics: profile_topics("/profile/tokens"),
        tokens: token::list(app.db.read(), caller.staff_id).await?,
        name: form.name.clone(),
        scopes: scopes_of(caller, &form.scope),
        secret: String::new(),
        errors: Errors::none(),
    })
}

async fn show(State(app): State<App>, context: PageContext) -> PageResult {
    let page = page(&app, &context, &TokenForm::default()).await?;
    Ok(ui::render(&page, &context.shell))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TokenForm {
    name: String,
    scope: Vec<String>,
}

async fn create(State(app): State<App>, context: PageContext, Form(form): Form<TokenForm>) -> PageResult {
    let caller = context.caller()?;
    let tx = app.begin_write().await?;
    let now = app.clock.now();
    let outcome = token::create(&tx, &caller.actor(), now, caller.staff_id, &form.name, &form.scope).await;
    match refusals(outcome)? {
        Ok((_, secret)) => {
            tx.commit().await?;
            let page = TokensPage { secret, ..page(&app, &context, &TokenForm::default()).await? };
            Ok(ui::render(&page, &context.shell))
        }
        Err(errors) => {
            drop(tx);
            let page = TokensPage { errors, ..page(&app, &context, &form).await? };
            Ok(ui::render_status(status_of(&page.errors), &page, &context.shell))
        }
    }
}

async fn revoke(State(app): State<App>, context: PageContext, Path(id): Path<Uuid>) -> PageResult {
    let caller = context.caller()?;
    let tx = app.begin_write().await?;
    token::revoke(&tx, &caller.actor(), app.clock.now(), caller.staff_id, id).await?;
    tx.commit().await?;
    Ok(ui::redirect_to("/profile/tokens").saying("Token revoked").into_response())
}
