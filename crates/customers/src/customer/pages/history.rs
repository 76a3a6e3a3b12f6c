//! The topic of history: who changed what, when and from where, by field and by person (S2-22).

use axum::extract::State;
use axum::http::HeaderMap;
use platform::app::App;
use platform::auth::Permission;
use platform::history::{self, Change, EventRow, HistoryFilter, HistoryKey};
use platform::http::{Access, Cursor, PageContext, PageResult, PageRoute, Path, Query, get};
use platform::i18n::{self, Lang, Locale, Message};
use platform::tr;
use platform::ui::{self, choices};
use serde::Deserialize;
use uuid::Uuid;

use super::fields::{GROUPS, label, path_label, shown};
use super::record::{find, load};
use super::record_view::{HistoryChange, HistoryDay, HistoryPage, HistoryStep};
use crate::directory::Directory;

const PER_PAGE: i64 = 50;

pub(super) fn routes() -> Vec<PageRoute> {
    vec![get("/customers/{id}/history", Access::Needs(Permission::HistoryView), show)]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct HistoryQuery {
    field: String,
    person: String,
    before: String,
}

fn query(id: Uuid, asked: &HistoryQuery, last: &EventRow) -> String {
    let cursor = Cursor::pack(&(last.at, last.id));
    let pairs = [("field", asked.field.as_str()), ("person", &asked.person), ("before", &cursor)];
    let set = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>();
    format!("/customers/{id}/history?{}", serde_html_form::to_string(set).unwrap_or_default())
}

async fn show(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(asked): Query<HistoryQuery>,
) -> PageResult {
    let customer = find(&app, id).await?;
    let directory = Directory::load(app.db.read()).await?;
    let filter = HistoryFilter {
        field: asked.field.clone(),
        actor_id: asked.person.parse().ok(),
        before: if asked.before.is_empty() { None } else { Some(Cursor::unpack(&asked.before)?) },
    };
    let mut events = history::of_customer(app.db.read(), id, &filter, PER_PAGE + 1).await?;
    let has_more = events.len() as i64 > PER_PAGE;
    events.truncate(PER_PAGE as usize);
    let next = events.last().filter(|_| has_more).map(|last| query(id, &asked, last));
    let people = history::actors_of(app.db.read(), id).await?;
    let people = people.into_iter().map(|(id, name)| (id.to_string(), name));
    let reader = Reader { directory: &directory, key: customer.history_key.as_ref(), lang: context.shell.lang() };
    let page = HistoryPage {
        shell: context.shell.clone(),
        record: load(&app, &context, &headers, &customer, &directory, "history").await?,
        fields: choices(GROUPS.map(|field| (field, label(field))), &asked.field),
        people: choices(people, &asked.person),
        days: days(events, &reader, &context.shell.locale),
        next,
    };
    Ok(if context.htmx.wants("record") {
        ui::fragment(&page.as_record(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    })
}

/// What is needed to turn an event into words.
struct Reader<'a> {
    directory: &'a Directory,
    key: Option<&'a HistoryKey>,
    lang: Lang,
}

fn days(events: Vec<EventRow>, reader: &Reader<'_>, locale: &Locale) -> Vec<HistoryDay> {
    let mut days: Vec<HistoryDay> = Vec::new();
    for event in events {
        let step = reader.step(event);
        match days.last_mut() {
            Some(day) if i18n::date(day.at, locale) == i18n::date(step.at, locale) => day.steps.push(step),
            _ => days.push(HistoryDay { at: step.at, steps: vec![step] }),
        }
    }
    days
}

impl Reader<'_> {
    fn step(&self, event: EventRow) -> HistoryStep {
        let (tone, what) = action(&event.action);
        let opened = event.open(self.key);
        HistoryStep {
            at: event.at,
            tone,
            what: Message::new(what),
            who: event.actor_name.clone(),
            source: source(&event),
            is_sealed: opened.is_none(),
            changes: match opened {
                Some(changes) => changes.iter().map(|change| self.change(change)).collect(),
                None => event.field_names().into_iter().map(|field| self.sealed(field)).collect(),
            },
            reason: event.reason,
        }
    }

    fn change(&self, change: &Change) -> HistoryChange {
        HistoryChange {
            field: path_label(&change.field, self.directory),
            before: shown(&change.field, &change.before, self.directory, self.lang),
            after: shown(&change.field, &change.after, self.directory, self.lang),
        }
    }

    fn sealed(&self, field: &str) -> HistoryChange {
        HistoryChange {
            field: path_label(field, self.directory),
            before: Message::default(),
            after: Message::default(),
        }
    }
}

fn action(key: &str) -> (&'static str, &'static str) {
    match key {
        "created" => ("good", tr!("Created")),
        "activated" => ("good", tr!("Activated")),
        "approved" => ("good", tr!("Approved")),
        "restored" => ("good", tr!("Restored")),
        "deactivated" => ("", tr!("Deactivated")),
        "rejected" => ("bad", tr!("Rejected")),
        "deleted" => ("bad", tr!("Deleted")),
        _ => ("info", tr!("Changed")),
    }
}

fn source(event: &EventRow) -> Message {
    let detail = event.source_detail.as_str();
    match (event.source.as_str(), detail) {
        ("screen", _) => tr!("Screen").into(),
        ("api", "") => tr!("API").into(),
        ("api", _) => Message::new(tr!("API, {detail}")).with("detail", detail),
        ("import", "") => tr!("Import").into(),
        ("import", _) => Message::new(tr!("Import, {detail}")).with("detail", detail),
        ("cli", _) => tr!("Command line").into(),
        _ => tr!("Job").into(),
    }
}
