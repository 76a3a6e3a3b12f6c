//! Writing a record: one place compares before and after and writes the rows that differ, the
//! history, the search document and the version, all in the caller's transaction.

use std::sync::Arc;

use platform::app::App;
use platform::auth::{Caller, PermissionSet, Reach, password};
use platform::clock::Micros;
use platform::db::{Inserts, SqlExt, Tx};
use platform::error::{AppError, AppResult, FieldError, FieldErrors, Reason};
use platform::history::{self, Actor, Entry, Why};
use platform::sea_orm::{ConnectionTrait, DbBackend};
use platform::{numbers, params, tr};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::apply::{Resolved, Rules, apply};
use super::flatten::{Flat, diff, flatten};
use super::input::CustomerInput;
use super::model::{Customer, Origin};
use super::ownership;
use super::profile::Profile;
use super::reach;
use super::store::{self, Columns};
use crate::company;
use crate::directory::Directory;
use crate::match_keys;
use crate::search;

/// First readable number of a new series.
const FIRST_NUMBER: i64 = 10_001;
/// So many new records are prepared for history and search beside the writing of the first rows.
const WORTH_A_THREAD: usize = 50;
/// Tables whose rows are made ahead of the writing.
const TABLES_AHEAD: usize = 2;

/// Who writes, with which rights, when.
#[derive(Clone, Debug)]
pub struct Writer {
    pub actor: Actor,
    pub permissions: PermissionSet,
    pub now: Micros,
}

impl Writer {
    /// Whoever calls, now.
    pub fn of(app: &App, caller: &Caller) -> Self {
        Self { actor: caller.actor(), permissions: caller.permissions.clone(), now: app.clock.now() }
    }
}

/// Checks and hashes the password of an input, outside any transaction.
///
/// # Errors
/// `Invalid` on `password` when the policy refuses it.
pub async fn hash_password(cost: password::HashCost, input: &CustomerInput) -> AppResult<Option<String>> {
    match input.password.as_deref() {
        None | Some("") => Ok(None),
        Some(typed) => {
            let about = [input.email.as_deref(), input.last_name.as_deref()].map(Option::unwrap_or_default);
            password::check_policy("password", typed, &about)?;
            password::hash(cost, typed.to_owned()).await.map(Some)
        }
    }
}

/// Looks up what an input names: the company and the parent account.
pub async fn resolve(
    db: &impl ConnectionTrait,
    input: &CustomerInput,
    password_hash: Option<String>,
) -> AppResult<Resolved> {
    let mut resolved = Resolved { password_hash, ..Resolved::default() };
    if let Some(text) = input.company.as_deref() {
        resolved.company = Some(match Uuid::parse_str(text.trim()) {
            Ok(id) => company::find(db, id).await?.map(|row| (row.id, row.name)),
            Err(_) => company::find_by_name(db, text).await?,
        });
    } else if let Some(name) = input.company_name.as_deref().filter(|name| !name.trim().is_empty()) {
        // S3-46: linked to a company record if one exists.
        if let Some(found) = company::find_by_name(db, name).await? {
            resolved.company = Some(Some(found));
        }
    }
    if let Some(text) = input.owner.as_deref() {
        let named = store::find_named(db, text).await?;
        resolved.owner = Some(match named {
            Some(id) if exists(db, id).await? => Some(id),
            _ => None,
        });
    }
    Ok(resolved)
}

/// Refuses what only the database can tell: a taken sign-in or account code, a cycle of parents.
async fn check_against_others(
    tx: &impl ConnectionTrait,
    reach: &Reach,
    before: Option<&Customer>,
    after: &Customer,
) -> AppResult<()> {
    let mut errors = FieldErrors::default();
    if let Some(account) = &after.account
        && before.and_then(|before| before.account.as_ref()).map(|old| &old.login_folded) != Some(&account.login_folded)
        && store::find_by_login(tx, &account.login_folded).await?.is_some_and(|id| id != after.id)
    {
        errors.add("email", "email_taken", tr!("Another customer signs in with this address already."));
    }
    if before.is_none_or(|before| before.account_code != after.account_code)
        && store::find_by_account_code(tx, &after.account_code).await?.is_some_and(|id| id != after.id)
    {
        errors.add("account_code", "taken", tr!("Another customer has this account code already."));
    }
    if before.is_none_or(|before| before.owner_id != after.owner_id) {
        ownership::check(tx, reach, after, &mut errors).await?;
    }
    Ok(errors.into_result()?)
}

/// What the role may not change is forbidden, whatever else is wrong with the input.
fn refused(errors: FieldErrors) -> AppError {
    let is_forbidden = |error: &&FieldError| matches!(error.code, "field_hidden" | "field_read_only");
    match errors.0.iter().find(is_forbidden) {
        Some(error) => AppError::Forbidden(Reason::new(error.code, error.detail.clone())),
        None => errors.into(),
    }
}

/// Creates a customer from an input.
///
/// # Errors
/// `Invalid` beside each refused field.
pub async fn create(
    tx: &Tx,
    directory: &Directory,
    writer: &Writer,
    origin: Origin,
    profile: Profile,
    input: &CustomerInput,
    resolved: &Resolved,
) -> AppResult<Customer> {
    let mut customer = Customer::new(platform::ids::new_id(writer.now), origin, writer.now);
    let rules = Rules { directory, permissions: &writer.permissions, now: writer.now, profile };
    apply(&mut customer, None, input, resolved, rules).map_err(refused)?;
    check_against_others(tx, &writer.permissions.sight.reach, None, &customer).await?;
    number(tx, directory, std::slice::from_mut(&mut customer)).await?;
    insert_numbered(tx, vec![writer.actor.clone()], writer.now, Arc::new(vec![customer.clone()])).await?;
    Ok(customer)
}

/// Gives numbers to new records and writes them with history and search documents. `actors` has
/// one actor per record.
///
/// # Errors
/// When the database does not take them.
pub async fn insert_new(
    tx: &Tx,
    directory: &Directory,
    actors: Vec<Actor>,
    now: Micros,
    mut customers: Vec<Customer>,
) -> AppResult<()> {
    number(tx, directory, &mut customers).await?;
    insert_numbered(tx, actors, now, Arc::new(customers)).await
}

async fn insert_numbered(tx: &Tx, actors: Vec<Actor>, now: Micros, customers: Arc<Vec<Customer>>) -> AppResult<()> {
    let backend = tx.get_database_backend();
    if customers.len() < WORTH_A_THREAD {
        for rows in store::rows_of_new(backend, &customers) {
            tx.insert_prepared(rows).await?;
        }
        return Beside::prepare(backend, now, actors, &customers).write(tx).await;
    }
    // Everything is made beside the writing: a large import is as fast as the slower of both.
    let beside = {
        let customers = Arc::clone(&customers);
        tokio::task::spawn_blocking(move || Beside::prepare(backend, now, actors, &customers))
    };
    let (sender, mut made) = mpsc::channel(TABLES_AHEAD);
    let making = tokio::task::spawn_blocking(move || {
        store::rows_of_new(backend, &customers).try_for_each(|rows| sender.blocking_send(rows)).is_ok()
    });
    while let Some(rows) = made.recv().await {
        tx.insert_prepared(rows).await?;
    }
    making.await.map_err(AppError::broken)?;
    beside.await.map_err(AppError::broken)?.write(tx).await
}

/// What is written with new records: their history, search documents and match keys.
struct Beside {
    entries: history::Sealed,
    documents: search::Documents,
    keys: Inserts,
}

impl Beside {
    fn prepare(backend: DbBackend, now: Micros, actors: Vec<Actor>, customers: &[Customer]) -> Self {
        let entry = |(customer, actor)| (actor, entry(customer, "created", &Flat::new(), Why::default()));
        Self {
            entries: history::seal_entries(backend, now, customers.iter().zip(actors).map(entry)),
            documents: search::documents(backend, customers, true),
            keys: match_keys::of_new(backend, customers),
        }
    }

    async fn write(self, tx: &Tx) -> AppResult<()> {
        history::record_many(tx, self.entries).await?;
        search::write_documents(tx, self.documents).await?;
        tx.insert_prepared(self.keys).await?;
        Ok(())
    }
}

async fn number(tx: &Tx, directory: &Directory, customers: &mut [Customer]) -> AppResult<()> {
    for customer in customers.iter_mut() {
        customer.version = 1;
    }
    let prefix_of = |customer: &Customer| {
        let home = customer.home_channel_id;
        let channel = directory.channels.iter().find(|channel| Some(channel.id) == home);
        channel.map_or("C", |channel| channel.number_prefix.as_str()).to_owned()
    };
    let mut prefixes: Vec<String> =
        customers.iter().filter(|customer| customer.number.is_empty()).map(prefix_of).collect();
    prefixes.sort();
    prefixes.dedup();
    for prefix in prefixes {
        let mut waiting: Vec<&mut Customer> = customers
            .iter_mut()
            .filter(|customer| customer.number.is_empty() && prefix_of(customer) == prefix)
            .collect();
        let series = format!("customer:{prefix}");
        let first = numbers::take(tx, &series, FIRST_NUMBER, waiting.len() as i64).await?;
        for (customer, number) in waiting.iter_mut().zip(first..) {
            customer.number = format!("{prefix}-{number}");
        }
    }
    Ok(())
}

fn entry(customer: &Customer, action: &'static str, before: &Flat, why: Why) -> Entry {
    let mut entry = Entry::new("customer", customer.id, action);
    entry.version = customer.version;
    entry.changes = diff(before, &flatten(customer));
    entry.customer = customer.history_key.clone().map(|key| (customer.id, key));
    entry.why = why;
    entry
}

/// Writes `after` over `before`; a record without a difference is left as it is.
///
/// # Errors
/// `Stale` when another transaction was faster.
pub async fn write(
    tx: &Tx,
    writer: &Writer,
    before: &Customer,
    after: Customer,
    action: &'static str,
    why: impl Into<Why>,
) -> AppResult<Customer> {
    write_columns(tx, writer, before, (before, Columns::Differing), after, (action, why.into())).await
}

/// As [`write`], where rows have moved to or from the record in this transaction: `stored` is what the database holds
/// now, `before` what the history shall compare with.
///
/// # Errors
/// As [`write`].
pub async fn write_moved(
    tx: &Tx,
    writer: &Writer,
    before: &Customer,
    stored: &Customer,
    after: Customer,
    action: &'static str,
    why: impl Into<Why>,
) -> AppResult<Customer> {
    write_columns(tx, writer, before, (stored, Columns::All), after, (action, why.into())).await
}

async fn write_columns(
    tx: &Tx,
    writer: &Writer,
    before: &Customer,
    (stored, columns): (&Customer, Columns),
    mut after: Customer,
    (action, why): (&'static str, Why),
) -> AppResult<Customer> {
    reach::ensure_change(&writer.permissions.sight.reach, before, &after)?;
    let old = flatten(before);
    let same_password = before.account.as_ref().map(|account| &account.password_hash)
        == after.account.as_ref().map(|account| &account.password_hash);
    if old == flatten(&after) && before.incomplete == after.incomplete && same_password {
        return Ok(after);
    }
    after.version = before.version + 1;
    after.updated_at = writer.now;
    store::update(tx, stored, &after, columns).await?;
    if search::document(before) != search::document(&after) {
        let documents = search::documents(tx.get_database_backend(), std::slice::from_ref(&after), false);
        search::write_documents(tx, documents).await?;
    }
    match_keys::renew(tx, before, &after).await?;
    history::record(tx, &writer.actor, writer.now, entry(&after, action, &old, why)).await?;
    Ok(after)
}

/// The record as an input would make it, with every rule of a save and nothing written.
///
/// # Errors
/// `Invalid` beside each refused field; as [`super::actions::ensure_editable`] for a record that takes no change.
pub async fn changed(
    db: &impl ConnectionTrait,
    directory: &Directory,
    writer: &Writer,
    before: &Customer,
    input: &CustomerInput,
    resolved: &Resolved,
) -> AppResult<Customer> {
    super::actions::ensure_editable(before)?;
    let mut after = before.clone();
    let rules = Rules { directory, permissions: &writer.permissions, now: writer.now, profile: Profile::Full };
    apply(&mut after, Some(before), input, resolved, rules)?;
    check_against_others(db, &writer.permissions.sight.reach, Some(before), &after).await?;
    Ok(after)
}

/// Applies an input to a stored record and writes it.
///
/// # Errors
/// `Invalid` beside each refused field; `Stale` when another transaction was faster.
pub async fn edit(
    tx: &Tx,
    directory: &Directory,
    writer: &Writer,
    before: &Customer,
    input: &CustomerInput,
    resolved: &Resolved,
) -> AppResult<Customer> {
    let after = changed(tx, directory, writer, before, input, resolved).await.map_err(|error| match error {
        AppError::Invalid(errors) => refused(errors),
        other => other,
    })?;
    write(tx, writer, before, after, "changed", "").await
}

/// The customer somebody named in a form's or request's `field` by id, number or e-mail address. Whether an address is
/// known may not be asked by those who do not see addresses.
///
/// # Errors
/// `Invalid` on `field` with `unknown_customer`, `Forbidden` with `field_hidden`.
pub async fn named(tx: &Tx, writer: &Writer, field: &str, text: &str) -> AppResult<Customer> {
    let unknown = || AppError::field(field, "unknown_customer", tr!("No customer has this number or address."));
    if text.contains('@') && writer.permissions.sight.fields.hides("email") {
        writer.permissions.sight.fields.may_ask("email")?;
    }
    let id = store::find_named(tx, text).await?.ok_or_else(unknown)?;
    let is_meant =
        |found: &Customer| found.deleted_at.is_none() && reach::holds(&writer.permissions.sight.reach, found);
    store::find(tx, id).await?.filter(is_meant).ok_or_else(unknown)
}

/// Whether a customer with this id exists outside the bin.
pub async fn exists(db: &impl ConnectionTrait, id: Uuid) -> AppResult<bool> {
    let sql = "select 1 from customer where id = $1 and deleted_at is null";
    Ok(db.value::<i32>(sql, params![id]).await?.is_some())
}
