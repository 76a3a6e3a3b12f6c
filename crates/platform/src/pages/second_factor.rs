//! Setting up, renewing and turning off one's second factor.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Deserialize;

use super::part::{ProfileTopic, profile_topics, refusals, status_of};
use crate::app::App;
use crate::auth::second_factor::{self, Offer};
use crate::auth::staff::{self, StaffRow};
use crate::error::{AppError, AppResult, Reason};
use crate::http::{Access, Form, PageContext, PageResult, PageRoute, get, post};
use crate::ui::{self, Errors, Shell, filters};

pub(super) fn routes() -> Vec<PageRoute> {
    vec![
        get("/profile/second-factor", Access::SignedIn, show),
        post("/profile/second-factor", Access::SignedIn, turn_on),
        post("/profile/second-factor/off", Access::SignedIn, turn_off),
        post("/profile/second-factor/codes", Access::SignedIn, renew_codes),
    ]
}

#[derive(Template)]
#[template(path = "auth/second_factor.html")]
struct SecondFactorPage {
    shell: Shell,
    topics: [ProfileTopic; 4],
    state: FactorState,
    is_required: bool,
    errors: Errors,
}

enum FactorState {
    /// Scan, type a code.
    Off(Offer),
    On {
        since: i64,
        codes_left: i64,
    },
    /// Shown once, right after they were made.
    FreshCodes(Vec<String>),
}

fn page(context: &PageContext, person: &StaffRow, state: FactorState) -> SecondFactorPage {
    SecondFactorPage {
        shell: context.shell.clone(),
        topics: profile_topics("/profile/second-factor"),
        state,
        is_required: person.requires_second_factor,
        errors: Errors::none(),
    }
}

async fn person_of(app: &App, context: &PageContext) -> AppResult<StaffRow> {
    staff::find(app.db.read(), context.caller()?.staff_id).await?.ok_or(AppError::Unauthenticated)
}

async fn show(State(app): State<App>, context: PageContext) -> PageResult {
    let person = person_of(&app, &context).await?;
    let state = match person.totp_since {
        None => FactorState::Off(second_factor::offer(&person.email)?),
        Some(since) => {
            let codes_left = second_factor::recovery_codes_left(app.db.read(), person.id).await?;
            FactorState::On { since, codes_left }
        }
    };
    Ok(ui::render(&page(&context, &person, state), &context.shell))
}

#[derive(Deserialize)]
struct TurnOnForm {
    secret: String,
    code: String,
}

async fn turn_on(State(app): State<App>, context: PageContext, Form(form): Form<TurnOnForm>) -> PageResult {
    let person = person_of(&app, &context).await?;
    if person.totp_since.is_some() {
        return Ok(ui::redirect_to("/profile/second-factor").into_response());
    }
    let tx = app.begin_write().await?;
    let actor = context.caller()?.actor();
    let outcome = second_factor::turn_on(&tx, &actor, app.clock.now(), &person, &form.secret, &form.code).await;
    match refusals(outcome)? {
        Ok(codes) => {
            tx.commit().await?;
            Ok(ui::render(&page(&context, &person, FactorState::FreshCodes(codes)), &context.shell))
        }
        Err(errors) => {
            let offer = second_factor::offer_of(&form.secret, &person.email)?;
            let page = SecondFactorPage { errors, ..page(&context, &person, FactorState::Off(offer)) };
            Ok(ui::render_status(status_of(&page.errors), &page, &context.shell))
        }
    }
}

async fn turn_off(State(app): State<App>, context: PageContext) -> PageResult {
    let person = person_of(&app, &context).await?;
    if person.requires_second_factor {
        let reason = Reason::new("second_factor_required", "Your role asks for a second factor.");
        return Err(AppError::Conflict(reason));
    }
    let tx = app.begin_write().await?;
    second_factor::turn_off(&tx, &context.caller()?.actor(), app.clock.now(), person.id).await?;
    tx.commit().await?;
    Ok(ui::redirect_to("/profile/second-factor").saying("The second factor is off").into_response())
}

async fn renew_codes(State(app): State<App>, context: PageContext) -> PageResult {
    let person = person_of(&app, &context).await?;
    if person.totp_since.is_none() {
        return Ok(ui::redirect_to("/profile/second-factor").into_response());
    }
    let tx = app.begin_write().await?;
    let codes = second_factor::renew_recovery_codes(&tx, app.clock.now(), person.id).await?;
    tx.commit().await?;
    Ok(ui::render(&page(&context, &person, FactorState::FreshCodes(codes)), &context.shell))
}
