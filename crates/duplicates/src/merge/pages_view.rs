//! What the merge workspace shows.

use std::collections::BTreeMap;

use askama::Template;
use customers::customer::model::Customer;
use customers::customer::pages::{path_label, shown};
use customers::customer::visible::visible;
use customers::directory::Directory;
use platform::auth::FieldRights;
use platform::clock::{DAY, Micros};
use platform::error::Reason;
use platform::i18n::{Message, Translate};
use platform::ui::{Choice, Shell, choices, filters};
use uuid::Uuid;

use super::asked::Asked;
use super::fields::{self, FIELDS, Policy};
use super::plan::{Plan, Request};
use super::rows::KindPlan;
use crate::review::decide::Kind;
use crate::review::objections::Objection;

/// Names and numbers of customers by id.
pub type Names = BTreeMap<Uuid, (String, String)>;

/// A record at the head of a column.
#[derive(Clone, Debug)]
pub struct Card {
    pub id: String,
    pub name: String,
    pub number: String,
    pub is_survivor: bool,
    pub is_active: bool,
    /// When it was changed last.
    pub changed_at: i64,
}

/// One record's value of a field.
#[derive(Clone, Debug)]
pub struct Cell {
    pub text: String,
    /// The record's number: said beside the value where the columns stand below each other.
    pub number: String,
    pub is_chosen: bool,
    /// Sent back: the record's id once it was picked by hand, empty while the policy decides.
    pub value: String,
}

/// A field that at least one record has.
#[derive(Clone, Debug)]
pub struct FieldLine {
    pub key: &'static str,
    pub label: Message,
    pub differs: bool,
    /// The policies of this field alone, the one chosen marked; the first stands for that of all fields.
    pub policies: Vec<Choice>,
    pub cells: Vec<Cell>,
}

/// What becomes of one kind of rows.
#[derive(Clone, Debug)]
pub struct KindLine {
    pub name: &'static str,
    pub had: usize,
    pub moves: usize,
    pub same: usize,
}

/// A decision that two of the records are not one customer, with the page that shows the two.
#[derive(Clone, Debug)]
pub struct ObjectionLine {
    pub text: Message,
    pub by: String,
    pub at: Micros,
    pub href: String,
}

impl ObjectionLine {
    fn of(objection: Objection, records: &[Customer]) -> Self {
        let text = match objection.kind {
            Kind::SameHousehold => platform::tr!("{one} and {other} were found to live in one household."),
            Kind::NotSame | Kind::Later => platform::tr!("{one} and {other} were found not to be the same customer."),
        };
        let record = |id: Uuid| records.iter().find(|record| record.id == id);
        let name = |id: Uuid| record(id).map(Customer::numbered_name).unwrap_or_default();
        Self {
            text: Message::new(text).with("one", name(objection.one)).with("other", name(objection.other)),
            by: objection.by,
            at: objection.decided_at,
            href: format!("/duplicates/{}/{}", objection.one, objection.other),
        }
    }
}

#[derive(Template)]
#[template(path = "merge/workspace.html", blocks = ["region"])]
pub struct MergePage {
    pub shell: Shell,
    pub cards: Vec<Card>,
    pub fields: Vec<FieldLine>,
    pub kinds: Vec<KindLine>,
    pub sub_accounts: usize,
    /// Groups with prices or taxes: id, name, whether they are confirmed.
    pub confirm: Vec<Choice>,
    pub aliases: Vec<String>,
    pub policies: Vec<Choice>,
    pub blockers: Vec<Reason>,
    /// What speaks against the merge and stops nobody.
    pub objections: Vec<ObjectionLine>,
    pub refused: Option<Reason>,
    pub plan: String,
    pub undo_until: Micros,
    pub add: String,
    pub away: String,
    pub not_added: Option<&'static str>,
    /// What was chosen so far, kept when a record is added.
    pub chosen: Vec<(String, String)>,
}

impl MergePage {
    pub fn empty(shell: Shell) -> Self {
        let policies = choices(Policy::ALL.iter().map(|policy| (policy.key(), policy.label())), "");
        Self {
            shell,
            cards: Vec::new(),
            fields: Vec::new(),
            kinds: Vec::new(),
            sub_accounts: 0,
            confirm: Vec::new(),
            aliases: Vec::new(),
            policies,
            blockers: Vec::new(),
            objections: Vec::new(),
            refused: None,
            plan: String::new(),
            undo_until: 0,
            add: String::new(),
            away: String::new(),
            not_added: None,
            chosen: Vec::new(),
        }
    }

    /// The records by name, in the order they were added.
    pub fn cards_of(&mut self, asked: &Asked, records: &[Customer], rights: &FieldRights) {
        let records = asked.ids.iter().filter_map(|id| records.iter().find(|record| record.id == *id));
        let survives = |id: Uuid| asked.survivor == Some(id) && asked.away != Some(id);
        self.cards = records.map(|record| card(&visible(record, rights), survives(record.id))).collect();
    }

    /// Says what was decided about two of the records before.
    pub fn warn(&mut self, objections: Vec<Objection>, records: &[Customer]) {
        self.objections = objections.into_iter().map(|objection| ObjectionLine::of(objection, records)).collect();
    }

    /// Records that go away.
    fn parts(&self) -> usize {
        self.cards.len().saturating_sub(1)
    }

    fn may_merge(&self) -> bool {
        self.parts() > 0 && self.blockers.is_empty() && !self.plan.is_empty()
    }
}

fn card(customer: &Customer, is_survivor: bool) -> Card {
    Card {
        id: customer.id.to_string(),
        name: customer.display_name(),
        number: customer.number.clone(),
        is_survivor,
        is_active: customer.active,
        changed_at: customer.updated_at,
    }
}

fn field_policies(chosen: Option<Policy>) -> Vec<Choice> {
    let own = Policy::ALL.iter().map(|policy| (policy.key(), policy.label()));
    choices(std::iter::once(("", platform::tr!("As above"))).chain(own), chosen.map_or("", Policy::key))
}

/// Fills the page from a plan.
pub fn lines_of(
    page: &mut MergePage,
    plan: &Plan,
    request: &Request,
    directory: &Directory,
    names: &Names,
    now: Micros,
) {
    let lang = page.shell.lang();
    let survivor = plan.survivor().id;
    page.cards = plan.records.iter().map(|record| card(record, record.id == survivor)).collect();
    let text = |field: &str, record: &Customer| match record.owner_id.filter(|_| field == "owner") {
        Some(owner) => names.get(&owner).map(|(name, number)| format!("{number} {name}")).unwrap_or_default(),
        None => match (field, record.active) {
            ("active", false) => platform::tr!("no").translate(lang),
            _ => shown(field, &fields::value(record, field), directory, lang).translate(lang),
        },
    };
    for field in FIELDS {
        let texts: Vec<String> = plan.records.iter().map(|record| text(field.key, record)).collect();
        if texts.iter().all(String::is_empty) {
            continue;
        }
        let chosen = plan.combined.taken.get(field.key).copied().unwrap_or(survivor);
        let picked = request.choices.fields.contains_key(field.key);
        let cell = |(record, text): (&Customer, &String)| {
            let is_chosen = record.id == chosen;
            let value = if is_chosen && !picked { String::new() } else { record.id.to_string() };
            Cell { text: text.clone(), number: record.number.clone(), is_chosen, value }
        };
        page.fields.push(FieldLine {
            key: field.key,
            label: path_label(field.key, directory),
            policies: field_policies(request.choices.policies.get(field.key).copied()),
            differs: texts.iter().any(|text| *text != texts[0]),
            cells: plan.records.iter().zip(&texts).map(cell).collect(),
        });
    }
    let kinds = plan.kinds.iter().filter(|kind| !kind.moves.is_empty() || kind.same > 0);
    page.kinds = kinds
        .map(|kind| KindLine { name: kind.name, had: kind.had, moves: kind.moves.len(), same: kind.same })
        .collect();
    let waiting = plan.kinds.iter().flat_map(KindPlan::to_confirm);
    page.confirm = waiting.map(|(id, name)| Choice::new(id.to_string(), name, false)).collect();
    let taken = plan
        .kinds
        .iter()
        .flat_map(|kind| &kind.moves)
        .filter(|step| step.key.last().is_some_and(|id| request.confirm.contains(id)));
    page.confirm.extend(
        taken.map(|step| Choice::new(step.key.last().map(Uuid::to_string).unwrap_or_default(), &step.label, true)),
    );
    page.sub_accounts = plan.sub_accounts.len();
    let is_new = |id: Uuid| plan.combined.taken.keys().any(|field| field.starts_with(&format!("alias.{id}.")));
    let aliases = plan.combined.survivor.aliases.iter().filter(|alias| is_new(alias.id));
    page.aliases = aliases.map(|alias| alias.value.clone()).collect();
    page.aliases.sort();
    page.policies =
        choices(Policy::ALL.iter().map(|policy| (policy.key(), policy.label())), request.choices.policy.key());
    page.blockers.clone_from(&plan.blockers);
    page.plan = plan.digest();
    page.undo_until = now + directory.settings.merge_undo_days * DAY;
}
