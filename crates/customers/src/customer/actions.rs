//! What staff do with a customer besides editing: activate and deactivate, approve and reject,
//! delete and restore (R3, R5).

use platform::auth::{FieldRights, Sight};
use platform::clock::DAY;
use platform::db::{SqlExt, Tx};
use platform::error::{AppError, AppResult, Reason, ReasonRow};
use platform::i18n::Message;
use platform::registry::Registry;
use platform::sea_orm::{self, FromQueryResult};
use platform::{params, tr};
use uuid::Uuid;

use super::field_rights::name_or_number;
use super::model::{Account, ContactKind, Customer, CustomerType, PrivacyState, Status};
use super::save::{self, Writer, write};
use super::{reach, store};

/// Rows named in a refusal at most.
const MOST_ROWS: usize = 20;

/// Refuses to change what may not be changed any more.
///
/// # Errors
/// `NotFound` for a record in the bin, `Conflict` for an obfuscated or erased one.
pub fn ensure_editable(customer: &Customer) -> AppResult<()> {
    if let Some(survivor) = customer.merged_into {
        return Err(AppError::Merged { old: customer.id, survivor });
    }
    if customer.deleted_at.is_some() {
        return Err(AppError::NotFound);
    }
    if customer.privacy_state != PrivacyState::Normal {
        let detail = tr!("The personal data of this customer were removed. The record cannot be edited.");
        return Err(AppError::Conflict(Reason::new("customer_anonymous", detail)));
    }
    Ok(())
}

/// Makes a customer active or inactive; both are always possible and reversible (R3), save for one
/// who waits for approval.
///
/// # Errors
/// `Conflict` with `pending_approval`.
pub async fn set_active(tx: &Tx, writer: &Writer, customer: &Customer, active: bool) -> AppResult<Customer> {
    let after = with_activity(customer, active, &writer.permissions.sight.fields)?;
    write(tx, writer, customer, after, activity_action(active), "").await
}

/// What the history calls it.
pub fn activity_action(active: bool) -> &'static str {
    if active { "activated" } else { "deactivated" }
}

/// The record as [`set_active`] would leave it.
///
/// # Errors
/// As [`set_active`].
pub fn with_activity(customer: &Customer, active: bool, rights: &FieldRights) -> AppResult<Customer> {
    ensure_editable(customer)?;
    if let Some((code, detail)) = rights.refusal("active") {
        return Err(AppError::Forbidden(Reason::new(code, detail)));
    }
    if active && customer.status == Status::PendingApproval {
        let reason = Reason::new("pending_approval", tr!("This customer waits for approval first."));
        return Err(AppError::Conflict(reason.with_remedy(tr!("Approve the customer."))));
    }
    let mut after = customer.clone();
    after.active = active;
    Ok(after)
}

fn ensure_pending(customer: &Customer) -> AppResult<()> {
    ensure_editable(customer)?;
    if customer.status == Status::PendingApproval {
        return Ok(());
    }
    Err(AppError::Conflict(Reason::new("not_pending", tr!("This customer does not wait for approval."))))
}

/// Approves a trade registration: registered, trade, active (catalogue, "Status transitions").
///
/// # Errors
/// `Conflict` when the customer does not wait, has no usable e-mail address, or the address is the
/// sign-in of another customer.
pub async fn approve(tx: &Tx, writer: &Writer, customer: &Customer) -> AppResult<Customer> {
    ensure_pending(customer)?;
    let mut after = customer.clone();
    after.status = Status::Registered;
    after.customer_type = CustomerType::Trade;
    after.active = true;
    open_account(tx, writer, &mut after).await?;
    write(tx, writer, customer, after, "approved", "").await
}

async fn open_account(tx: &Tx, writer: &Writer, customer: &mut Customer) -> AppResult<()> {
    if customer.account.is_some() {
        return Ok(());
    }
    let email = customer.primary_email().filter(|email| email.kind != ContactKind::Relay).cloned();
    let Some(email) = email else {
        let reason = Reason::new("email_needed", tr!("A registered customer needs an e-mail address."));
        return Err(AppError::Conflict(reason.with_remedy(tr!("Add an e-mail address first."))));
    };
    if let Some(other) = store::find_by_login(tx, &email.folded).await? {
        let seen = reach::those_within(tx, &writer.permissions.sight.reach, vec![other]).await?;
        let names = store::names(tx, &seen).await?;
        let rows = names
            .into_iter()
            .map(|(id, (name, number))| ReasonRow {
                label: match name_or_number(&writer.permissions.sight.fields, &name, &number) {
                    shown if shown == number => number.clone(),
                    shown => format!("{number} {shown}"),
                },
                href: format!("/customers/{id}"),
            })
            .collect();
        let reason = Reason::new("email_taken", tr!("Another customer signs in with this address already."));
        return Err(AppError::Conflict(reason.with_rows(rows)));
    }
    customer.account = Some(Account {
        login_email: email.address,
        login_folded: email.folded,
        password_hash: String::new(),
        created_at: writer.now,
    });
    Ok(())
}

/// Rejects a trade registration: the customer stays a retail customer and is active again.
///
/// # Errors
/// As [`approve`]; a comment is needed.
pub async fn reject(tx: &Tx, writer: &Writer, customer: &Customer, comment: &str) -> AppResult<Customer> {
    ensure_pending(customer)?;
    let comment = platform::contact::clean_text(comment, 500)
        .map_err(|unclean| AppError::field("comment", unclean.code(), tr!("This text cannot be stored.")))?;
    if comment.is_empty() {
        return Err(AppError::field("comment", "required", tr!("Say why.")));
    }
    let mut after = customer.clone();
    after.status = Status::Registered;
    after.customer_type = CustomerType::Retail;
    after.active = true;
    open_account(tx, writer, &mut after).await?;
    write(tx, writer, customer, after, "rejected", comment.as_str()).await
}

#[derive(FromQueryResult)]
struct GuardRow {
    id: Uuid,
    label: String,
}

/// Labels begin with a number; the name behind it is for those who may read names, and see every customer.
fn label(sight: &Sight, label: String) -> String {
    let number = label.split(' ').next().unwrap_or_default();
    if sight.reach.is_limited() { number.to_owned() } else { name_or_number(&sight.fields, &label, number).to_owned() }
}

/// What stands in the way of deleting a customer, asked of every kind of record (R3).
pub async fn delete_guards(
    db: &impl SqlExt,
    registry: &Registry,
    sight: &Sight,
    customer: &Customer,
) -> AppResult<Vec<Reason>> {
    let mut reasons = Vec::new();
    for guard in registry.records().filter_map(|(_, kind)| kind.delete_guard) {
        let rows: Vec<GuardRow> = db.all(guard.rows_sql, params![customer.id]).await?;
        if rows.is_empty() {
            continue;
        }
        let count = rows.len();
        let named = rows
            .into_iter()
            .take(MOST_ROWS)
            .map(|row| ReasonRow { label: label(sight, row.label), href: format!("{}{}", guard.href, row.id) });
        reasons.push(
            Reason::new(guard.code, Message::new(guard.detail).with("n", count))
                .with_rows(named.collect())
                .with_remedy(guard.remedy),
        );
    }
    Ok(reasons)
}

/// Puts a customer into the bin, or removes the record at once when the bin is off.
///
/// # Errors
/// `Conflict` with the first guard that holds and the rows that cause it.
pub async fn delete(
    tx: &Tx,
    registry: &Registry,
    writer: &Writer,
    customer: &Customer,
    bin_days: i64,
) -> AppResult<Customer> {
    let after = in_bin(tx, registry, customer, writer.now, &writer.permissions.sight).await?;
    let deleted = write(tx, writer, customer, after, "deleted", "").await?;
    if bin_days <= 0 {
        store::remove(tx, customer.id).await?;
    }
    Ok(deleted)
}

/// The record as [`delete`] would leave it.
///
/// # Errors
/// As [`delete`].
pub async fn in_bin(
    db: &impl SqlExt,
    registry: &Registry,
    customer: &Customer,
    now: platform::clock::Micros,
    sight: &Sight,
) -> AppResult<Customer> {
    ensure_editable(customer)?;
    if let Some(reason) = delete_guards(db, registry, sight, customer).await?.into_iter().next() {
        return Err(AppError::Conflict(reason));
    }
    let mut after = customer.clone();
    after.deleted_at = Some(now);
    Ok(after)
}

/// Takes a customer out of the bin.
///
/// # Errors
/// `NotFound` when the customer is not in the bin.
pub async fn restore(tx: &Tx, writer: &Writer, customer: &Customer) -> AppResult<Customer> {
    if customer.deleted_at.is_none() || customer.merged_into.is_some() {
        return Err(AppError::NotFound);
    }
    let mut after = customer.clone();
    after.deleted_at = None;
    // The parent account may have gone meanwhile.
    if let Some(owner) = after.owner_id
        && !save::exists(tx, owner).await?
    {
        after.owner_id = None;
    }
    write(tx, writer, customer, after, "restored", "").await
}

/// Removes for good what has been in the bin longer than `bin_days`; answers how many records.
pub async fn empty_bin(tx: &Tx, now: i64, bin_days: i64) -> AppResult<usize> {
    let sql = "select id from customer where deleted_at < $1 and merged_into is null order by deleted_at limit 500";
    let ids: Vec<Uuid> = tx.values(sql, params![now - bin_days * DAY]).await?;
    for id in &ids {
        store::remove(tx, *id).await?;
    }
    Ok(ids.len())
}
