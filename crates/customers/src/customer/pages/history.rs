//! The topic of history: who changed what, when and from where, by field and by person (S2-22).

use axum::extract::State;
use axum::http::HeaderMap;
use platform::app::App;
use platform::auth::{FieldRights, Permission};
use platform::clock::read_moment;
use platform::history::{self, Change, EventRow, HistoryFilter, HistoryKey};
use platform::http::{Access, Cursor, PageContext, PageResult, PageRoute, Path, Query, get};
use platform::i18n::{self, Lang, Locale, Message};
use platform::tr;
use platform::ui::{self, choices};
use serde::Deserialize;
use uuid::Uuid;

use super::fields::{GROUPS, ids_in, label, part_name, part_text, path_label, shown};
use super::record::{find_past, load};
use super::record_view::{HistoryChange, HistoryDay, HistoryPage, HistoryStep};
use crate::customer::MERGE;
use crate::customer::field_rights::of_path;
use crate::customer::flatten::Flat;
use crate::customer::parts::part_of;
use crate::customer::put_back::{ACTION, is_fixed};
use crate::customer::visible::{visible, visible_change};
use crate::directory::Directory;
use crate::forms::list_address;

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
    list_address(&format!("/customers/{id}/history"), pairs)
}

async fn show(
    State(app): State<App>,
    context: PageContext,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    Query(asked): Query<HistoryQuery>,
) -> PageResult {
    let rights = context.caller()?.fields();
    let customer = visible(&find_past(&app, id).await?, rights).into_owned();
    if !asked.field.is_empty() {
        rights.may_ask(of_path(&asked.field))?;
    }
    let mut directory = Directory::load(app.db.read()).await?;
    let filter = HistoryFilter {
        field: asked.field.clone(),
        actor_id: asked.person.parse().ok(),
        before: if asked.before.is_empty() { None } else { Some(Cursor::unpack(&asked.before)?) },
    };
    let mut events = history::of_customer(app.db.read(), id, &filter, PER_PAGE + 1).await?;
    let has_more = events.len() as i64 > PER_PAGE;
    events.truncate(PER_PAGE as usize);
    let next = events.last().filter(|_| has_more).map(|last| query(id, &asked, last));
    directory.learn(app.db.read(), context.caller()?.sight(), ids_of(&events, customer.history_key.as_ref())).await?;
    let people = history::actors_of(app.db.read(), id).await?;
    let people = people.into_iter().map(|(id, name)| (id.to_string(), name));
    let may_put_back = customer.can_be_edited() && context.may(Permission::CustomerEdit);
    let reader = Reader {
        directory: &directory,
        key: customer.history_key.as_ref(),
        lang: context.shell.lang(),
        locale: &context.shell.locale,
        rights,
        may_put_back,
    };
    let page = HistoryPage {
        shell: context.shell.clone(),
        record: load(&app, &context, &headers, &customer, &directory, "history").await?,
        fields: choices(
            GROUPS.into_iter().filter(|field| rights.reads(of_path(field))).map(|field| (field, label(field))),
            &asked.field,
        ),
        people: choices(people, &asked.person),
        days: days(events, &reader),
        version: customer.version,
        next,
    };
    Ok(if context.htmx.wants("record") {
        ui::fragment(&page.as_record(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    })
}

/// What people read of the changes: not the forms that are derived from what was typed.
fn shown_changes(changes: Vec<Change>, rights: &FieldRights) -> Vec<Change> {
    let shown = changes.into_iter().filter(|change| !change.field.ends_with(".e164"));
    shown.filter_map(|change| visible_change(change, rights)).collect()
}

/// The ids that events name, in their values and in the names of their fields.
fn ids_of(events: &[EventRow], key: Option<&HistoryKey>) -> Vec<Uuid> {
    let changes = events.iter().filter_map(|event| event.open(key)).flatten();
    let flats: Vec<Flat> = changes
        .map(|change| Flat::from([(change.field.clone(), change.before), (format!("{}.", change.field), change.after)]))
        .collect();
    ids_in(&flats)
}

/// What is needed to turn an event into words.
struct Reader<'a> {
    directory: &'a Directory,
    key: Option<&'a HistoryKey>,
    lang: Lang,
    locale: &'a Locale,
    rights: &'a FieldRights,
    may_put_back: bool,
}

fn days(events: Vec<EventRow>, reader: &Reader<'_>) -> Vec<HistoryDay> {
    let locale = reader.locale;
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
        let opened = event.open(self.key).map(|changes| shown_changes(changes, self.rights));
        HistoryStep {
            at: event.at,
            tone,
            what: self.what(&event, what),
            href: event.about(MERGE).map(|id| format!("/merges/{id}")),
            who: event.actor_name.clone(),
            version: event.version,
            source: event.source_message(),
            source_href: event.source_href(),
            is_sealed: opened.is_none(),
            changes: match opened {
                Some(changes) => self.changes(&changes, &event),
                None => {
                    let seen = event.field_names().into_iter().filter(|path| !self.rights.hides(of_path(path)));
                    seen.map(|field| self.sealed(field)).collect()
                }
            },
            reason: if event.action == ACTION { String::new() } else { event.reason },
        }
    }

    /// "Put back as it was on 21 Nov 2026, 12:00" names the moment; every other entry only what was done.
    fn what(&self, event: &EventRow, what: &'static str) -> Message {
        match read_moment(&event.reason, &self.locale.time_zone).filter(|_| event.action == ACTION) {
            Some(at) => {
                Message::new(tr!("Put back as it was on {moment}")).with("moment", i18n::date_time(at, self.locale))
            }
            None => Message::new(what),
        }
    }

    /// A row of which several fields changed at once (it came or went) is told on one line.
    fn changes(&self, changes: &[Change], event: &EventRow) -> Vec<HistoryChange> {
        let parts = changes.chunk_by(|one, other| part_of(&one.field) == part_of(&other.field));
        parts.map(|part| if part.len() == 1 { self.change(&part[0], event) } else { self.row(part, event) }).collect()
    }

    fn row(&self, changes: &[Change], event: &EventRow) -> HistoryChange {
        let part = part_of(&changes[0].field);
        let text = |pick: fn(&Change) -> &String| {
            let filled = changes.iter().filter(|change| !pick(change).is_empty());
            let flat: Flat = filled.map(|change| (change.field.clone(), pick(change).clone())).collect();
            Message::verbatim(part_text(&flat, part, self.directory, self.lang))
        };
        HistoryChange {
            field: part_name(part, self.directory),
            before: text(|change| &change.before),
            after: text(|change| &change.after),
            put_back: self.put_back(part, event),
        }
    }

    /// Where putting back what was there before begins.
    fn put_back(&self, part: &str, event: &EventRow) -> Option<String> {
        let is_open = !is_fixed(part) && self.rights.edits(of_path(part));
        let leads_back = self.may_put_back && event.version > 1 && is_open;
        let before = event.version - 1;
        leads_back.then(|| format!("/customers/{}/put-back?moment=v{before}&field={part}", event.entity_id))
    }

    fn change(&self, change: &Change, event: &EventRow) -> HistoryChange {
        HistoryChange {
            put_back: self.put_back(part_of(&change.field), event),
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
            put_back: None,
        }
    }
}

fn action(key: &str) -> (&'static str, &'static str) {
    match key {
        "created" => ("good", tr!("Created")),
        "activated" => ("good", tr!("Activated")),
        "approved" => ("good", tr!("Approved")),
        "restored" => ("good", tr!("Restored")),
        "put_back" => ("info", tr!("Was put back")),
        "merged" => ("info", tr!("Merged with other records")),
        "merged_into" => ("bad", tr!("Became part of another customer")),
        "merge_undone" => ("good", tr!("Merge undone")),
        "parent_merged" => ("info", tr!("Parent account merged")),
        "parent_merge_undone" => ("info", tr!("Merge of the parent account undone")),
        "duplicate_not_same" => ("", tr!("Found not to be the same as another customer")),
        "duplicate_same_household" => ("", tr!("Found to live in one household with another customer")),
        "duplicate_later" => ("", tr!("Likely duplicate put off")),
        "duplicate_decision_undone" => ("", tr!("Decision about a likely duplicate taken back")),
        "deactivated" => ("", tr!("Deactivated")),
        "rejected" => ("bad", tr!("Rejected")),
        "deleted" => ("bad", tr!("Deleted")),
        _ => ("info", tr!("Changed")),
    }
}
