//! Everything staff did (S1-28), newest first, by person.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use uuid::Uuid;

use crate::app::App;
use crate::auth::{Permission, staff};
use crate::history::{self, EventRow};
use crate::http::{Access, Cursor, PageContext, PageResult, PageRoute, Query, get};
use crate::i18n::Message;
use crate::tr;
use crate::ui::{self, Choice, Shell, choices, filters};

const PER_PAGE: i64 = 50;

pub(super) fn routes() -> Vec<PageRoute> {
    vec![get("/activity", Access::Needs(Permission::ActivityView), show)]
}

#[derive(Template)]
#[template(path = "settings/activity.html")]
struct ActivityPage {
    shell: Shell,
    people: Vec<Choice>,
    steps: Vec<Step>,
    next: Option<String>,
}

struct Step {
    at: i64,
    who: String,
    what: &'static str,
    entity: &'static str,
    /// Where it can be seen: the customer's page.
    href: Option<String>,
    /// Names of the changed fields; values are shown on the customer's own history.
    fields: String,
    source: Message,
    source_href: Option<String>,
}

fn what(action: &str) -> &'static str {
    match action {
        "created" => tr!("Created"),
        "deleted" => tr!("Deleted"),
        "restored" => tr!("Restored"),
        "activated" => tr!("Activated"),
        "deactivated" => tr!("Deactivated"),
        "approved" => tr!("Approved"),
        "rejected" => tr!("Rejected"),
        "signed_in" => tr!("Signed in"),
        "revoked" => tr!("Revoked"),
        "password_set" => tr!("Password set"),
        "second_factor_on" => tr!("Second factor turned on"),
        "second_factor_off" => tr!("Second factor turned off"),
        "put_back" => tr!("Was put back"),
        "imported" => tr!("Imported"),
        "exported" => tr!("Exported"),
        _ => tr!("Changed"),
    }
}

fn entity(name: &str) -> &'static str {
    match name {
        "customer" => tr!("customer"),
        "staff" => tr!("staff member"),
        "role" => tr!("role"),
        "session" => tr!("session"),
        "api_token" => tr!("API token"),
        "setting" => tr!("setting"),
        "group" | "customer_group" => tr!("group"),
        "channel" => tr!("channel"),
        "company" => tr!("company"),
        "import" => tr!("import"),
        _ => tr!("record"),
    }
}

impl Step {
    fn of(event: EventRow) -> Step {
        Step {
            at: event.at,
            what: what(&event.action),
            entity: entity(&event.entity),
            href: event.customer_id.map(|id| format!("/customers/{id}/history")),
            fields: event.field_names().join(", "),
            source: event.source_message(),
            source_href: event.source_href(),
            who: event.actor_name,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ActivityQuery {
    person: String,
    before: String,
}

async fn show(State(app): State<App>, context: PageContext, Query(query): Query<ActivityQuery>) -> PageResult {
    let person: Option<Uuid> = query.person.parse().ok();
    let before = if query.before.is_empty() { None } else { Some(Cursor::unpack(&query.before)?) };
    let mut events = history::activity(app.db.read(), person, before, PER_PAGE + 1).await?;
    let has_more = events.len() as i64 > PER_PAGE;
    events.truncate(PER_PAGE as usize);
    let next = events.last().filter(|_| has_more).map(|last| {
        let cursor = Cursor::pack(&(last.at, last.id));
        format!("/activity?person={}&before={cursor}", person.map(|id| id.to_string()).unwrap_or_default())
    });
    let people = staff::list(app.db.read()).await?.into_iter().map(|person| (person.id.to_string(), person.name));
    let page = ActivityPage {
        shell: context.shell.clone(),
        people: choices(people, &query.person),
        steps: events.into_iter().map(Step::of).collect(),
        next,
    };
    Ok(ui::render(&page, &context.shell))
}
