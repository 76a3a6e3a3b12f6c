//! What a merge would do: computed by the preview and again, in its transaction, by the merge itself.

use std::collections::{BTreeMap, BTreeSet};

use customers::customer::model::{Customer, PrivacyState};
use customers::customer::reach::holds;
use customers::customer::{ownership, store, visible};
use platform::auth::PermissionSet;
use platform::clock::Micros;
use platform::db::SqlExt;
use platform::error::{AppError, AppResult, FieldErrors, Reason, ReasonRow};
use platform::i18n::Message;
use platform::registry::Registry;
use platform::sea_orm::ConnectionTrait;
use platform::{params, tr};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::{self, Choices, Combined, FIELDS};
use super::rows::{self, Confirmed, KindPlan};

/// Records of one merge at most, the survivor among them (S2-16).
pub const MOST_RECORDS: usize = 20;

/// What somebody asked for (R1: the survivor is always named).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The record that stays.
    pub survivor_id: Uuid,
    /// The records that become part of it, 1 to 19.
    pub absorbed_ids: Vec<Uuid>,
    #[serde(default)]
    pub choices: Choices,
    /// Groups with prices or taxes that the survivor may gain; needs `group.assign`.
    #[serde(default)]
    pub confirm: BTreeSet<Uuid>,
    /// `plan` of the preview that was looked at: the merge is refused when it would do anything else.
    #[serde(default)]
    pub plan: Option<String>,
}

/// The whole effect of a merge.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The survivor, then the others as they were named.
    pub records: Vec<Customer>,
    pub combined: Combined,
    pub kinds: Vec<KindPlan>,
    /// Sub-accounts of the others: they get the survivor as parent.
    pub sub_accounts: Vec<(Uuid, Uuid)>,
    /// What stands in the way; a plan with blockers is not carried out.
    pub blockers: Vec<Reason>,
}

impl Plan {
    pub fn survivor(&self) -> &Customer {
        &self.records[0]
    }

    pub fn parts(&self) -> &[Customer] {
        &self.records[1..]
    }

    /// Stands for everything this plan does: the records' versions, the rows and the values. Sent back with the merge, it
    /// makes sure that what runs is what was seen.
    pub fn digest(&self) -> String {
        let mut taken: BTreeMap<&str, String> = BTreeMap::new();
        for (field, from) in self.combined.taken.iter().filter(|(field, _)| !field.starts_with("alias.")) {
            taken.insert(field, format!("{from}={}", fields::value(&self.combined.survivor, field)));
        }
        let versions: Vec<(Uuid, i64)> = self.records.iter().map(|record| (record.id, record.version)).collect();
        let whole = serde_json::json!([versions, taken, self.kinds, self.sub_accounts]);
        hex::encode(&Sha256::digest(whole.to_string().as_bytes())[..16])
    }
}

/// Plans a merge.
///
/// # Errors
/// `Invalid` for a request that makes no sense: too few or too many records, the survivor among the others, unknown
/// records or fields; `Forbidden` where the role may not see or change every field.
pub async fn plan(
    db: &impl ConnectionTrait,
    registry: &Registry,
    permissions: &PermissionSet,
    request: &Request,
    now: Micros,
) -> AppResult<Plan> {
    all_fields(permissions)?;
    let order = order(request)?;
    let records = records(db, &order).await?;
    let mut errors = FieldErrors::default();
    request.choices.check(&order, &mut errors);
    errors.into_result()?;
    let confirmed = Confirmed { rows: &request.confirm, permissions };
    let mut kinds = Vec::new();
    for kind in rows::kinds(registry) {
        kinds.push(rows::plan(db, kind, &order, &confirmed).await?);
    }
    let mut combined = fields::combine(&records, &request.choices, now);
    settle_owner(db, &records, &mut combined).await?;
    let mut blockers = Vec::new();
    for record in &records {
        blockers.extend(blocker(db, record).await?);
    }
    blockers.extend(unpermitted(&records, &combined, permissions));
    let sub_accounts = sub_accounts(db, &order).await?;
    Ok(Plan { records, combined, kinds, sub_accounts, blockers })
}

/// Merging and undoing change any field, so both need a role without limits on fields.
///
/// # Errors
/// `Forbidden` with `merge_needs_all_fields`.
pub fn all_fields(permissions: &PermissionSet) -> AppResult<()> {
    if permissions.sight.fields.is_unlimited() {
        return Ok(());
    }
    let detail = tr!("Merging needs a role that sees and changes every field of a customer.");
    Err(AppError::Forbidden(Reason::new("merge_needs_all_fields", detail)))
}

fn order(request: &Request) -> AppResult<Vec<Uuid>> {
    let mut errors = FieldErrors::default();
    let mut order = vec![request.survivor_id];
    for id in &request.absorbed_ids {
        if *id == request.survivor_id {
            errors.add(
                "absorbed_ids",
                "survivor_is_absorbed",
                tr!("The surviving record cannot also become part of itself."),
            );
        } else if order.contains(id) {
            errors.add("absorbed_ids", "named_twice", tr!("A customer is named twice."));
        }
        order.push(*id);
    }
    if order.len() < 2 {
        errors.add("absorbed_ids", "too_few", tr!("Choose at least two customers."));
    }
    if order.len() > MOST_RECORDS {
        let text = Message::new(tr!("At most {n} customers can be merged at once.")).with("n", MOST_RECORDS);
        errors.add("absorbed_ids", "too_many", text);
    }
    errors.into_result()?;
    Ok(order)
}

async fn records(db: &impl ConnectionTrait, order: &[Uuid]) -> AppResult<Vec<Customer>> {
    let records = store::find_many(db, order).await?;
    let is_missing = |id: &&Uuid| !records.iter().any(|record| record.id == **id);
    if let Some(missing) = order.iter().find(is_missing) {
        let field = if *missing == order[0] { "survivor_id" } else { "absorbed_ids" };
        return Err(AppError::field(field, "unknown_customer", tr!("There is no such customer.")));
    }
    Ok(records)
}

/// Why a record cannot take part, with the link to what clears it.
async fn blocker(db: &impl ConnectionTrait, record: &Customer) -> AppResult<Option<Reason>> {
    let row = |label: String, href: String| vec![ReasonRow { label, href }];
    let named = record.numbered_name();
    if record.merged_into.is_some() {
        let survivor = store::standing(db, record.id).await?;
        let detail =
            Message::new(tr!("{customer} became part of another customer already.")).with("customer", &record.number);
        let reason = Reason::new("already_merged", detail).with_remedy(tr!("Merge that customer instead."));
        let names = store::names(db, &[survivor]).await?;
        let label = names.get(&survivor).map(|(name, number)| format!("{number} {name}")).unwrap_or(named);
        return Ok(Some(reason.with_rows(row(label, format!("/customers/{survivor}")))));
    }
    if record.deleted_at.is_some() {
        let detail = Message::new(tr!("{customer} is in the bin.")).with("customer", &record.number);
        let reason = Reason::new("customer_in_bin", detail).with_remedy(tr!("Restore the customer first."));
        return Ok(Some(reason.with_rows(row(named, "/customers/bin".to_owned()))));
    }
    if record.privacy_state != PrivacyState::Normal {
        let detail =
            Message::new(tr!("The personal data of {customer} were removed.")).with("customer", &record.number);
        return Ok(Some(Reason::new("customer_anonymous", detail)));
    }
    Ok(None)
}

/// Values that were picked without the right to give them.
fn unpermitted(records: &[Customer], combined: &Combined, permissions: &PermissionSet) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for field in FIELDS {
        let Some(permission) = field.permission else { continue };
        let from = combined.taken.get(field.key);
        // What takes a right away needs none: inactive, or retail.
        let takes_away =
            matches!(field.key, "customer_type") && fields::value(&combined.survivor, field.key) == "retail";
        if from.is_some_and(|id| *id != records[0].id) && !takes_away && !permissions.has(permission) {
            let detail = Message::new(tr!("Your role may not give a customer another value of {field}."));
            reasons.push(Reason::new("value_not_permitted", detail.with("field", field.key)));
        }
    }
    reasons
}

/// The survivor's parent account: not itself, and no record that becomes part of it (R25). A parent among the others is
/// replaced by that one's parent.
async fn settle_owner(db: &impl ConnectionTrait, records: &[Customer], combined: &mut Combined) -> AppResult<()> {
    let in_merge = |id: Uuid| records.iter().find(|record| record.id == id);
    let mut owner = combined.survivor.owner_id;
    let mut steps = 0;
    while let Some(record) = owner.and_then(in_merge) {
        owner = record.owner_id;
        steps += 1;
        if steps > records.len() {
            owner = None;
        }
    }
    if let Some(id) = owner
        && id != combined.survivor.id
        && ownership::is_under(db, id, &records.iter().map(|record| record.id).collect::<Vec<_>>()).await?
    {
        owner = None;
    }
    if owner != records[0].owner_id {
        let from = records[0].owner_id.filter(|id| in_merge(*id).is_some());
        let known = combined.taken.get("owner").copied();
        combined.taken.insert("owner".to_owned(), known.or(from).unwrap_or(records[1].id));
    } else {
        combined.taken.remove("owner");
    }
    combined.survivor.owner_id = owner;
    Ok(())
}

/// Sub-accounts of the others with their parent, without the records of the merge.
async fn sub_accounts(db: &impl ConnectionTrait, order: &[Uuid]) -> AppResult<Vec<(Uuid, Uuid)>> {
    let mut found = Vec::new();
    for part in &order[1..] {
        let sql = "select id from customer where owner_id = $1 and merged_into is null order by id";
        let children: Vec<Uuid> = db.values(sql, params![*part]).await?;
        found.extend(children.into_iter().filter(|child| !order.contains(child)).map(|child| (child, *part)));
    }
    Ok(found)
}

/// A record in words, as far as somebody sees it: one that stands by itself beyond their reach by its number.
pub fn named(record: &Customer, permissions: &PermissionSet) -> String {
    if record.merged_into.is_none() && !holds(&permissions.sight.reach, record) {
        return record.number.clone();
    }
    visible::visible(record, &permissions.sight.fields).numbered_name()
}
