//! What the address or the form of the merge workspace asks for, and the way back into an address.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::fields::{Choices, Policy};
use super::plan::Request;

/// The pairs of an address.
pub fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    serde_html_form::from_str(query.unwrap_or_default()).unwrap_or_default()
}

/// What the address or the form says.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The records, the survivor among them.
    pub ids: Vec<Uuid>,
    pub survivor: Option<Uuid>,
    /// "Merge this into another": whoever is added survives (R1).
    pub away: Option<Uuid>,
    /// What was typed to find one more record.
    pub add: String,
    pub choices: Choices,
    /// Groups with prices or taxes that were ticked.
    pub confirm: BTreeSet<Uuid>,
    /// Digest of the plan that was looked at.
    pub plan: Option<String>,
}

impl Asked {
    pub fn of(pairs: &[(String, String)]) -> Self {
        let mut asked = Self::default();
        let mut choices = Choices::default();
        let mut confirm = BTreeSet::new();
        let mut digest = None;
        for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            let id = value.parse::<Uuid>().ok();
            match (name.as_str(), id) {
                ("ids", Some(id)) if !asked.ids.contains(&id) => asked.ids.push(id),
                ("without", Some(id)) => asked.ids.retain(|known| *known != id),
                ("survivor", Some(id)) => asked.survivor = Some(id),
                ("away", Some(id)) => asked.away = Some(id),
                ("confirm", Some(id)) => drop(confirm.insert(id)),
                ("add", _) => value.trim().clone_into(&mut asked.add),
                ("plan", _) => digest = Some(value.clone()),
                ("policy", _) => choices.policy = Policy::from_key(value).unwrap_or_default(),
                (name, id) => match (name.split_once('.'), id) {
                    (Some(("f", field)), Some(id)) => drop(choices.fields.insert(field.to_owned(), id)),
                    (Some(("p", field)), _) => {
                        choices.policies.extend(Policy::from_key(value).map(|policy| (field.to_owned(), policy)));
                    }
                    _ => {}
                },
            }
        }
        asked.choices = choices;
        asked.confirm = confirm;
        asked.plan = digest;
        asked.settle();
        asked
    }

    /// Who survives, and the request that follows: the records named may have become fewer.
    pub fn settle(&mut self) {
        let first = self.ids.iter().copied().find(|id| Some(*id) != self.away).or(self.ids.first().copied());
        self.survivor = self.survivor.filter(|id| self.ids.contains(id)).or(first);
        let ids = &self.ids;
        self.choices.fields.retain(|_, id| ids.contains(id));
    }

    /// The merge that is asked for, once there are two records.
    pub fn request(&self) -> Option<Request> {
        let survivor_id = self.survivor.filter(|_| self.ids.len() > 1)?;
        let absorbed_ids = self.ids.iter().copied().filter(|id| *id != survivor_id).collect();
        let (choices, confirm, plan) = (self.choices.clone(), self.confirm.clone(), self.plan.clone());
        Some(Request { survivor_id, absorbed_ids, choices, confirm, plan })
    }

    /// The policies, the values picked by hand and the groups confirmed.
    pub fn chosen(&self) -> Vec<(String, String)> {
        let picked = self.choices.fields.iter().map(|(field, id)| (format!("f.{field}"), id.to_string()));
        let policies =
            self.choices.policies.iter().map(|(field, policy)| (format!("p.{field}"), policy.key().to_owned()));
        let confirmed = self.confirm.iter().map(|id| ("confirm".to_owned(), id.to_string()));
        let policy = ("policy".to_owned(), self.choices.policy.key().to_owned());
        std::iter::once(policy).chain(policies).chain(picked).chain(confirmed).collect()
    }

    /// The same question as an address, with one more record.
    pub fn with_added(&self, id: Uuid) -> String {
        let mut pairs: Vec<(&str, String)> = self.ids.iter().map(|id| ("ids", id.to_string())).collect();
        pairs.push(("ids", id.to_string()));
        pairs.extend(self.away.map(|id| ("away", id.to_string())));
        if self.away != self.survivor {
            pairs.extend(self.survivor.map(|id| ("survivor", id.to_string())));
        }
        let mut pairs: Vec<(String, String)> =
            pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        pairs.extend(self.chosen());
        format!("/merge?{}", serde_html_form::to_string(pairs).unwrap_or_default())
    }
}
