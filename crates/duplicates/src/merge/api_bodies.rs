//! What the API answers about merges.

use customers::customer::model::Customer;
use platform::app::App;
use platform::auth::Caller;
use platform::error::{AppResult, Reason};
use platform::i18n::{Lang, Translate};
use platform::sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::{self, FIELDS};
use super::plan::{Plan, named};
use super::rows::KindPlan;
use super::store::{self, MergeRow, PartRow, Remark};
use super::undo::{self, CameAfter};
use crate::review::decide::Kind;
use crate::review::objections::Objection;

/// One record's value of a field.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValueBody {
    pub customer_id: Uuid,
    /// As the history writes it: ids, `yes`, keys; empty for none.
    pub value: String,
}

/// A field, what each record has, and what survives.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldBody {
    pub field: &'static str,
    pub values: Vec<ValueBody>,
    pub result: String,
    /// The record the result comes from.
    pub from: Uuid,
}

/// What becomes of one kind of rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct KindBody {
    pub kind: &'static str,
    /// Rows that the survivor has already.
    pub survivor_has: usize,
    /// Rows that move to the survivor.
    pub moves: usize,
    /// Rows that stay behind because the survivor has the same.
    pub same: usize,
    /// Rows that give prices or rights and were not confirmed.
    pub needs_confirmation: Vec<ConfirmBody>,
}

/// A row that moves only when it is named in `confirm`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfirmBody {
    pub id: Uuid,
    pub name: String,
}

/// The whole effect of a merge, before it is made.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewBody {
    /// Send it back with the merge: what runs is then this plan or nothing.
    pub plan: String,
    pub survivor_id: Uuid,
    pub absorbed_ids: Vec<Uuid>,
    pub fields: Vec<FieldBody>,
    pub kinds: Vec<KindBody>,
    /// Sub-accounts that get the survivor as parent.
    pub sub_accounts: usize,
    /// Names, numbers and codes that will find the survivor.
    pub aliases: Vec<String>,
    /// What stands in the way, each with what clears it.
    pub blockers: Vec<Reason>,
    /// What somebody decided about two of the records that speaks against the merge. It does not stand in the way.
    pub warnings: Vec<WarningBody>,
    /// Until when the merge can be undone, microseconds UTC.
    pub undo_until: i64,
}

/// A decision that two of the records are not one customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct WarningBody {
    pub decision_id: Uuid,
    pub decision: Kind,
    /// The two it is about.
    pub customer_ids: Vec<Uuid>,
    pub by: String,
    /// Microseconds UTC.
    pub decided_at: i64,
}

impl From<Objection> for WarningBody {
    fn from(objection: Objection) -> Self {
        Self {
            decision_id: objection.decision_id,
            decision: objection.kind,
            customer_ids: vec![objection.one, objection.other],
            by: objection.by,
            decided_at: objection.decided_at,
        }
    }
}

fn field_body(plan: &Plan, field: &'static str) -> FieldBody {
    let value = |record: &Customer| ValueBody { customer_id: record.id, value: fields::value(record, field) };
    FieldBody {
        field,
        values: plan.records.iter().map(value).collect(),
        result: fields::value(&plan.combined.survivor, field),
        from: plan.combined.taken.get(field).copied().unwrap_or(plan.survivor().id),
    }
}

fn kind_body(kind: &KindPlan) -> KindBody {
    let confirm = |(id, name): (Uuid, String)| ConfirmBody { id, name };
    KindBody {
        kind: kind.key,
        survivor_has: kind.had,
        moves: kind.moves.len(),
        same: kind.same,
        needs_confirmation: kind.to_confirm().into_iter().map(confirm).collect(),
    }
}

/// A plan as the preview answers it.
pub(super) fn preview_body(plan: &Plan, undo_until: i64, objections: Vec<Objection>) -> PreviewBody {
    let new_alias = |field: &String| field.strip_prefix("alias.")?.split('.').next()?.parse::<Uuid>().ok();
    let new: Vec<Uuid> = plan.combined.taken.keys().filter_map(new_alias).collect();
    let aliases = plan.combined.survivor.aliases.iter().filter(|alias| new.contains(&alias.id));
    PreviewBody {
        plan: plan.digest(),
        survivor_id: plan.survivor().id,
        absorbed_ids: plan.parts().iter().map(|part| part.id).collect(),
        fields: FIELDS
            .iter()
            .map(|field| field.key)
            .chain(["status", "note_flag"])
            .map(|key| field_body(plan, key))
            .collect(),
        kinds: plan.kinds.iter().map(kind_body).collect(),
        sub_accounts: plan.sub_accounts.len(),
        aliases: aliases.map(|alias| alias.value.clone()).collect(),
        blockers: plan.blockers.clone(),
        warnings: objections.into_iter().map(WarningBody::from).collect(),
        undo_until,
    }
}

/// A record that became part of another.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartBody {
    pub customer_id: Uuid,
    /// Its number and name.
    pub name: String,
    /// When it was split out again, microseconds UTC.
    pub undone_at: Option<i64>,
    /// Rows that moved to the survivor, by kind of table.
    pub moved: usize,
    /// Fields of the survivor whose value came from this record.
    pub fields: Vec<String>,
}

/// A merge.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeBody {
    pub id: Uuid,
    pub survivor_id: Uuid,
    pub parts: Vec<PartBody>,
    pub by: String,
    pub created_at: i64,
    pub undo_until: i64,
    pub undone_at: Option<i64>,
    pub finalised_at: Option<i64>,
    /// Why it cannot be undone, if so.
    pub refusal: Option<Reason>,
    /// Rows that came to the survivor since; the undo can give them to a part.
    pub came_after: Vec<CameAfter>,
    /// What could not go back when it was undone, whole or in part, the earliest first.
    pub remarks: Vec<RemarkBody>,
}

/// Something that could not go back in an undo.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemarkBody {
    /// When the undo was, microseconds UTC.
    pub at: i64,
    /// Stable reason code.
    pub code: String,
    pub detail: String,
}

impl From<Remark> for RemarkBody {
    fn from(remark: Remark) -> Self {
        Self { at: remark.at, code: remark.why.code, detail: remark.why.detail.translate(Lang::En) }
    }
}

/// A merge as it stands now.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn merge_body(
    db: &impl ConnectionTrait,
    app: &App,
    caller: &Caller,
    merge: &MergeRow,
) -> AppResult<MergeBody> {
    let parts = store::parts(db, merge.id).await?;
    let ids: Vec<Uuid> = parts.iter().map(|part| part.customer_id).collect();
    let records = customers::customer::store::find_many(db, &ids).await?;
    let moved = store::rows_of(db, merge.id).await?;
    let taken = store::fields_of(db, merge.id).await?;
    let part = |part: PartRow| {
        let record = records.iter().find(|record| record.id == part.customer_id);
        let is_own = |field: &&store::FieldRow| field.part_id == part.customer_id && !field.field.starts_with("alias.");
        let own = taken.iter().filter(is_own).map(|field| field.field.clone());
        PartBody {
            customer_id: part.customer_id,
            name: record.map(|record| named(record, &caller.permissions)).unwrap_or_default(),
            undone_at: part.undone_at,
            moved: moved.iter().filter(|row| row.part_id == part.customer_id).count(),
            fields: own.collect(),
        }
    };
    let refusal = undo::refusal(db, merge, app.clock.now()).await?;
    let may_read = caller.permissions.sight.fields.is_unlimited();
    let came_after = match refusal.is_none() && may_read {
        true => undo::came_after(db, &app.registry, merge).await?,
        false => Vec::new(),
    };
    Ok(MergeBody {
        id: merge.id,
        survivor_id: merge.survivor_id,
        parts: parts.into_iter().map(part).collect(),
        by: merge.actor_name.clone(),
        created_at: merge.created_at,
        undo_until: merge.undo_until,
        undone_at: merge.undone_at,
        finalised_at: merge.finalised_at,
        refusal,
        came_after,
        remarks: store::remarks(db, merge.id).await?.into_iter().map(RemarkBody::from).collect(),
    })
}
