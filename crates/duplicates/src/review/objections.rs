//! What somebody decided about records that are to be merged, and that speaks against it. It warns and stops nobody: people
//! decide anew.

use customers::customer::model::Customer;
use customers::match_keys;
use platform::clock::Micros;
use platform::error::AppResult;
use platform::sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::decide::Kind;
use super::decision_store;

/// A decision that two records are not one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    pub decision_id: Uuid,
    pub kind: Kind,
    pub one: Uuid,
    pub other: Uuid,
    pub by: String,
    pub decided_at: Micros,
}

/// The decisions about two of these records that stand, the latest first: those that none of the fields that mattered has
/// overtaken.
///
/// # Errors
/// When the database cannot be read.
pub async fn objections(db: &impl ConnectionTrait, records: &[Customer]) -> AppResult<Vec<Objection>> {
    let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
    let person = |id: Uuid| records.iter().find(|record| record.id == id).map(match_keys::person);
    let mut found = Vec::new();
    for decision in decision_store::standing_among(db, &ids).await? {
        let (Some(own), Some(other)) = (person(decision.own_id), person(decision.other_id)) else { continue };
        let kind = Kind::from_key(&decision.kind).filter(|kind| *kind != Kind::Later);
        let Some(kind) = kind.filter(|_| decision.fits(&own, &other)) else { continue };
        found.push(Objection {
            decision_id: decision.id,
            kind,
            one: decision.own_id,
            other: decision.other_id,
            by: decision.actor_name,
            decided_at: decision.decided_at,
        });
    }
    Ok(found)
}
