//! The one append-only event log (R19). Values are sealed under a key of the customer, so that
//! destroying the key makes them unreadable while the skeleton (who, when, which field) stays (R20).

mod read;
mod source;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Micros;
use crate::db::{Inserts, SqlExt, Tx};
use crate::ids::new_id;
use crate::params;

pub use read::{
    EventRow, HistoryFilter, activity, actors_of, last_name, of_customer, of_entity, since_version, version_at,
    version_time,
};
pub use source::Source;

/// What sort of actor did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    Staff,
    System,
}

/// Who did something, and through which door.
#[derive(Clone, Debug)]
pub struct Actor {
    pub kind: ActorKind,
    pub id: Option<Uuid>,
    pub name: String,
    pub source: Source,
    /// Token name, import file and line, or job kind; never personal data of a customer.
    pub source_detail: String,
}

impl Actor {
    /// The program itself, for jobs and the command line.
    pub fn system(source: Source, detail: impl Into<String>) -> Self {
        Self { kind: ActorKind::System, id: None, name: "Clientele".to_owned(), source, source_detail: detail.into() }
    }

    /// The same actor acting through another door.
    pub fn through(mut self, source: Source, detail: impl Into<String>) -> Self {
        self.source = source;
        self.source_detail = detail.into();
        self
    }
}

/// One field's change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    #[serde(rename = "f")]
    pub field: String,
    #[serde(rename = "b", default, skip_serializing_if = "String::is_empty")]
    pub before: String,
    #[serde(rename = "a", default, skip_serializing_if = "String::is_empty")]
    pub after: String,
}

/// A 256-bit key of one customer.
pub type HistoryKey = Vec<u8>;

/// A fresh key for a new customer.
pub fn new_history_key() -> HistoryKey {
    use rand::RngExt;
    let bytes: [u8; 32] = rand::rng().random();
    bytes.to_vec()
}

/// What an entry belongs to besides what it tells about: the merge that changed a customer, for example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// As [`Entry::entity`] names it in that one's own entries.
    pub entity: &'static str,
    pub id: Uuid,
}

/// Why something was done: in words, or as part of something with a record of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    pub reason: String,
    pub about: Option<About>,
}

impl From<&str> for Why {
    fn from(reason: &str) -> Self {
        Self { reason: reason.to_owned(), about: None }
    }
}

impl From<About> for Why {
    fn from(about: About) -> Self {
        Self { reason: String::new(), about: Some(about) }
    }
}

/// What is to be recorded.
#[derive(Clone, Debug)]
pub struct Entry {
    pub entity: &'static str,
    pub entity_id: Uuid,
    pub customer: Option<(Uuid, HistoryKey)>,
    /// The customer's version after the change; 0 where there is none.
    pub version: i64,
    pub action: &'static str,
    pub changes: Vec<Change>,
    pub why: Why,
}

impl Entry {
    pub fn new(entity: &'static str, entity_id: Uuid, action: &'static str) -> Self {
        Self { entity, entity_id, customer: None, version: 0, action, changes: Vec::new(), why: Why::default() }
    }

    /// Adds a field when it changed.
    pub fn change(mut self, field: &str, before: &str, after: &str) -> Self {
        if before != after {
            self.changes.push(Change { field: field.to_owned(), before: before.to_owned(), after: after.to_owned() });
        }
        self
    }
}

const COLUMNS: &[&str] = &[
    "id", "at", "actor_kind", "actor_id", "actor_name", "source", "source_detail", "entity", "entity_id",
    "customer_id", "version", "action", "fields", "changes", "reason", "about", "about_id",
];

/// Appends one entry in the caller's transaction.
pub async fn record(tx: &Tx, actor: &Actor, now: Micros, entry: Entry) -> Result<(), DbErr> {
    record_many(tx, seal_entries(tx.get_database_backend(), now, [(actor.clone(), entry)])).await
}

/// Entries that are sealed and wait to be written.
#[derive(Debug)]
pub struct Sealed(Inserts);

/// Seals entries for one of the engines: work that needs no transaction.
pub fn seal_entries(backend: DbBackend, now: Micros, entries: impl IntoIterator<Item = (Actor, Entry)>) -> Sealed {
    let rows = entries.into_iter().map(|(actor, entry)| row(&actor, now, entry)).collect();
    Sealed(Inserts::new(backend, "event", COLUMNS, rows, ""))
}

/// Appends many entries with few statements.
pub async fn record_many(tx: &Tx, entries: Sealed) -> Result<(), DbErr> {
    tx.insert_prepared(entries.0).await
}

fn row(actor: &Actor, now: Micros, entry: Entry) -> Vec<Value> {
    let id = new_id(now);
    let kind = match actor.kind {
        ActorKind::Staff => "staff",
        ActorKind::System => "system",
    };
    let fields: Vec<&str> = entry.changes.iter().map(|change| change.field.as_str()).collect();
    let fields = if fields.is_empty() { String::new() } else { format!(",{},", fields.join(",")) };
    let plain = serde_json::to_vec(&entry.changes).unwrap_or_default();
    let changes = match (&entry.customer, entry.changes.is_empty()) {
        (_, true) => None,
        (Some((_, key)), false) => Some(seal(key, id, &plain)),
        (None, false) => Some(plain),
    };
    let customer_id = entry.customer.map(|(customer, _)| customer);
    params![
        id,
        now,
        kind,
        actor.id,
        actor.name.clone(),
        actor.source.key(),
        actor.source_detail.clone(),
        entry.entity,
        entry.entity_id,
        customer_id,
        entry.version,
        entry.action,
        fields,
        changes,
        entry.why.reason,
        entry.why.about.map_or("", |about| about.entity),
        entry.why.about.map(|about| about.id)
    ]
}

const NONCE: usize = 12;

fn seal(key: &HistoryKey, id: Uuid, plain: &[u8]) -> Vec<u8> {
    use rand::RngExt;
    let nonce: [u8; NONCE] = rand::rng().random();
    let payload = Payload { msg: plain, aad: id.as_bytes() };
    let sealed = cipher(key).and_then(|cipher| cipher.encrypt(&Nonce::from(nonce), payload).ok());
    let mut bytes = nonce.to_vec();
    bytes.extend(sealed.unwrap_or_default());
    bytes
}

fn unseal(key: &HistoryKey, id: Uuid, bytes: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    cipher(key)?.decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad: id.as_bytes() }).ok()
}

fn cipher(key: &HistoryKey) -> Option<ChaCha20Poly1305> {
    let bytes: [u8; 32] = key.as_slice().try_into().ok()?;
    Some(ChaCha20Poly1305::new(&Key::from(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(customer: Uuid, sealed: Vec<u8>, id: Uuid) -> EventRow {
        EventRow {
            id,
            at: 0,
            actor_kind: "staff".into(),
            actor_id: None,
            actor_name: String::new(),
            source: "screen".into(),
            source_detail: String::new(),
            entity: "customer".into(),
            entity_id: customer,
            customer_id: Some(customer),
            version: 1,
            action: "changed".into(),
            fields: ",town,".into(),
            changes: Some(sealed),
            reason: String::new(),
            about: String::new(),
            about_id: None,
        }
    }

    #[test]
    fn values_open_only_with_the_customers_key() {
        let (key, id, customer) = (new_history_key(), new_id(1), new_id(1));
        let change = Change { field: "town".into(), before: String::new(), after: "Gent".into() };
        let plain = serde_json::to_vec(std::slice::from_ref(&change)).unwrap();
        let row = event(customer, seal(&key, id, &plain), id);
        assert_eq!(row.open(Some(&key)), Some(vec![change]));
        assert_eq!(row.open(None), None);
        assert_eq!(row.open(Some(&new_history_key())), None);
        assert_eq!(row.field_names(), ["town"]);
    }
}
