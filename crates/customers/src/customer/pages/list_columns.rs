//! The columns of the list: which there are, which a person chose, their heads and cells.

use platform::auth::FieldRights;
use platform::i18n::Lang;
use platform::tr;
use platform::ui::{Choice, Column};
use uuid::Uuid;

use super::list::direction_of;
use super::list_view::{Cell, ListRow as RowView, Place, Value};
use super::record::status_dot;
use crate::customer::list::rights::sorts;
use crate::customer::list::{ListRow, Sort, SortKey};
use crate::customer::model::{self, CustomerType};
use crate::directory::Directory;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListColumn {
    Number,
    Company,
    Email,
    Phone,
    Town,
    Country,
    Groups,
    Channel,
    Status,
    Type,
    Origin,
    Source,
    Assignee,
    Language,
    Created,
    Changed,
}

const ALL: [ListColumn; 16] = [
    ListColumn::Number,
    ListColumn::Company,
    ListColumn::Email,
    ListColumn::Phone,
    ListColumn::Town,
    ListColumn::Country,
    ListColumn::Groups,
    ListColumn::Channel,
    ListColumn::Status,
    ListColumn::Type,
    ListColumn::Origin,
    ListColumn::Source,
    ListColumn::Assignee,
    ListColumn::Language,
    ListColumn::Created,
    ListColumn::Changed,
];
const DEFAULT: [ListColumn; 6] = [
    ListColumn::Number,
    ListColumn::Company,
    ListColumn::Email,
    ListColumn::Phone,
    ListColumn::Status,
    ListColumn::Changed,
];

/// The keys of every column there is, in their order.
pub fn column_keys() -> Vec<&'static str> {
    ALL.iter().map(|column| column.key()).collect()
}

const NARROW: [ListColumn; 3] = [ListColumn::Number, ListColumn::Company, ListColumn::Status];

impl ListColumn {
    fn key(self) -> &'static str {
        match self {
            ListColumn::Number => "number",
            ListColumn::Company => "company",
            ListColumn::Email => "email",
            ListColumn::Phone => "phone",
            ListColumn::Town => "town",
            ListColumn::Country => "country",
            ListColumn::Groups => "groups",
            ListColumn::Channel => "channel",
            ListColumn::Status => "status",
            ListColumn::Type => "type",
            ListColumn::Origin => "origin",
            ListColumn::Source => "source",
            ListColumn::Assignee => "assignee",
            ListColumn::Language => "language",
            ListColumn::Created => "created",
            ListColumn::Changed => "changed",
        }
    }

    fn label(self) -> &'static str {
        match self {
            ListColumn::Number => tr!("Number"),
            ListColumn::Company => tr!("Company"),
            ListColumn::Email => tr!("E-mail"),
            ListColumn::Phone => tr!("Phone"),
            ListColumn::Town => tr!("Town"),
            ListColumn::Country => tr!("Country"),
            ListColumn::Groups => tr!("Groups"),
            ListColumn::Channel => tr!("Channel"),
            ListColumn::Status => tr!("Status"),
            ListColumn::Type => tr!("Type"),
            ListColumn::Origin => tr!("Origin"),
            ListColumn::Source => tr!("Source"),
            ListColumn::Assignee => tr!("Assigned to"),
            ListColumn::Language => tr!("Language"),
            ListColumn::Created => tr!("Created"),
            ListColumn::Changed => tr!("Changed"),
        }
    }

    /// What the column shows, as filters name it.
    fn is_seen(self, rights: &FieldRights) -> bool {
        let field = match self {
            ListColumn::Company => "company_name",
            ListColumn::Channel => "home_channel",
            other => other.key(),
        };
        !rights.hides(field)
    }

    fn sort_key(self) -> Option<SortKey> {
        match self {
            ListColumn::Company => Some(SortKey::Company),
            ListColumn::Email => Some(SortKey::Email),
            ListColumn::Created => Some(SortKey::Created),
            ListColumn::Changed => Some(SortKey::Updated),
            _ => None,
        }
    }

    /// On a telephone: what identifies the customer, and the state at the right.
    fn place(self) -> Place {
        match self {
            ListColumn::Company | ListColumn::Email => Place::Line,
            ListColumn::Status => Place::End,
            _ => Place::Hidden,
        }
    }
}

/// Columns that nobody asked for take no room that others need.
pub(super) struct Chosen {
    pub columns: Vec<ListColumn>,
    is_default: bool,
}

impl Chosen {
    fn is_roomy(&self, column: ListColumn) -> bool {
        self.is_default && matches!(column, ListColumn::Phone | ListColumn::Changed)
    }
}

/// The person's or the view's columns, or the usual ones, of which the workspace has room for a few; keys that no longer
/// exist are left out.
pub(super) fn chosen(keys: Option<Vec<String>>, is_workspace: bool, rights: &FieldRights) -> Chosen {
    let is_default = keys.is_none();
    let columns: Vec<ListColumn> = match keys {
        None if is_workspace => NARROW.to_vec(),
        None => DEFAULT.to_vec(),
        Some(keys) => ALL.into_iter().filter(|column| keys.iter().any(|key| key == column.key())).collect(),
    };
    let columns = columns.into_iter().filter(|column| column.is_seen(rights)).collect();
    Chosen { columns, is_default }
}

pub(super) fn choices(chosen: &Chosen, rights: &FieldRights) -> Vec<Choice> {
    let seen = ALL.into_iter().filter(|column| column.is_seen(rights));
    seen.map(|column| Choice::new(column.key(), column.label(), chosen.columns.contains(&column))).collect()
}

/// The heads, the name first. A click on the sorted one turns the order; times begin with the newest.
/// `address` gives the list in another order.
pub(super) fn heads(
    chosen: &Chosen,
    sort: Sort,
    rights: &FieldRights,
    address: impl Fn(&str) -> String,
) -> Vec<Column> {
    let head = |label: &'static str, key: Option<SortKey>| {
        let Some(key) = key.filter(|key| sorts(rights, *key)) else { return Column::plain(label) };
        let is_sorted = sort.key == key;
        let descends = if is_sorted { !sort.descending } else { matches!(key, SortKey::Created | SortKey::Updated) };
        let wanted = if descends { format!("-{}", key.key()) } else { key.key().to_owned() };
        Column::sortable(label, address(&wanted), is_sorted.then(|| direction_of(sort)))
    };
    let name = head(tr!("Name"), Some(SortKey::Name));
    std::iter::once(name)
        .chain(
            chosen.columns.iter().map(|column| head(column.label(), column.sort_key()).roomy(chosen.is_roomy(*column))),
        )
        .collect()
}

/// Where the names behind ids come from.
pub(super) struct Naming<'a> {
    pub directory: &'a Directory,
    /// Customer and group.
    pub groups: &'a [(Uuid, Uuid)],
    pub lang: Lang,
}

impl Naming<'_> {
    fn label(&self, id: Option<Uuid>) -> Value {
        Value::Text(id.and_then(|id| self.directory.label(id)).unwrap_or_default().to_owned())
    }

    fn groups_of(&self, customer: Uuid) -> Vec<String> {
        let ids = self.groups.iter().filter(|(owner, _)| *owner == customer).map(|(_, group)| *group);
        ids.filter_map(|id| self.directory.label(id)).map(str::to_owned).collect()
    }

    fn country(&self, code: &str) -> String {
        platform::contact::Country::from_code(code).map_or_else(String::new, |country| match self.lang {
            Lang::En => country.english().to_owned(),
            Lang::Nl => country.dutch().to_owned(),
        })
    }
}

pub(super) fn row(row: &ListRow, chosen: &Chosen, naming: &Naming<'_>) -> RowView {
    RowView {
        id: row.id.to_string(),
        href: format!("/customers/{}", row.id),
        name: row.display_name.clone(),
        is_inactive: !row.active,
        is_pending: model::Status::from_key(&row.status) == Some(model::Status::PendingApproval),
        is_incomplete: row.incomplete,
        cells: chosen
            .columns
            .iter()
            .map(|column| Cell {
                value: value(row, *column, naming),
                place: column.place(),
                is_roomy: chosen.is_roomy(*column),
            })
            .collect(),
    }
}

fn value(row: &ListRow, column: ListColumn, naming: &Naming<'_>) -> Value {
    let word = |label: Option<&'static str>| Value::Word(label.unwrap_or_default());
    match column {
        ListColumn::Number => Value::Code(row.number.clone()),
        ListColumn::Company => Value::Text(row.company_name.clone()),
        ListColumn::Email => Value::Text(row.main_email.clone()),
        ListColumn::Phone => Value::Text(row.main_phone.clone()),
        ListColumn::Town => Value::Text(row.main_town.clone()),
        ListColumn::Country => Value::Text(naming.country(&row.main_country)),
        ListColumn::Groups => Value::Chips(naming.groups_of(row.id)),
        ListColumn::Channel => naming.label(row.home_channel_id),
        ListColumn::Status => model::Status::from_key(&row.status).map_or(Value::Word(""), |status| {
            let dot = status_dot(status);
            Value::Status { tone: dot.tone, label: dot.label }
        }),
        ListColumn::Type => word(CustomerType::from_key(&row.customer_type).map(CustomerType::label)),
        ListColumn::Origin => word(model::Origin::from_key(&row.origin).map(model::Origin::label)),
        ListColumn::Source => naming.label(row.source_id),
        ListColumn::Assignee => naming.label(row.assignee_id),
        ListColumn::Language => Value::Code(row.language.clone()),
        ListColumn::Created => Value::Ago(row.created_at),
        ListColumn::Changed => Value::Ago(row.updated_at),
    }
}
