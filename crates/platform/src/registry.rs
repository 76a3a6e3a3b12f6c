//! The customer-record registry: every table describes itself once, and every feature that must
//! treat all kinds of rows correctly (tabs with counts, delete guards, merge, erasure, access
//! export) is written over these descriptions instead of over a list of tables of its own.

use std::collections::BTreeMap;
use std::pin::Pin;

use uuid::Uuid;

use crate::app::App;
use crate::db::{Database, TableShape, read_schema};
use crate::error::AppResult;

/// What kind of personal data a column can hold (R4, X-04).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    Title,
    GivenName,
    FamilyName,
    FullName,
    Email,
    Phone,
    AddressLine,
    Town,
    Postcode,
    Company,
    /// VAT, company or account numbers.
    Identifier,
    FreeText,
    /// Folded copies made for searching.
    SearchText,
    /// An uploaded or written file.
    File,
    /// Encrypted under the customer's key, or the key itself.
    Encrypted,
    /// A password hash or another proof of identity.
    Credential,
    /// Network address or browser of a person.
    Connection,
}

/// Whose data a personal column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Customer,
    Staff,
}

/// How a text or bytes column is classified. There is no default: a new column must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Can hold personal data of this kind.
    Personal(Whose, Personal),
    /// Cannot, for the reason given.
    NotPersonal(&'static str),
}

/// Shorthand for a column with personal data of a customer.
pub const fn personal(kind: Personal) -> Class {
    Class::Personal(Whose::Customer, kind)
}

/// Shorthand for a column with personal data of a staff member.
pub const fn staff_data(kind: Personal) -> Class {
    Class::Personal(Whose::Staff, kind)
}

/// Shorthand for a column without personal data.
pub const fn not_personal(because: &'static str) -> Class {
    Class::NotPersonal(because)
}

/// In which role a row names a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The row belongs to the customer.
    Owner,
    /// The customer is the parent account of another (R25).
    Parent,
    /// The row tells about the customer (history).
    Subject,
    /// The row became part of the customer (R2).
    Survivor,
}

/// A column that points to a customer.
#[derive(Clone, Copy, Debug)]
pub struct CustomerColumn {
    pub column: &'static str,
    pub role: Role,
}

/// What a merge does with rows of this kind (R21).
#[derive(Clone, Copy, Debug)]
pub enum OnMerge {
    /// They move to the survivor.
    Move,
    /// They move, save those that the survivor has already.
    Union(Union),
    /// There is one at most: the survivor's own, else that of the first other record that has one.
    KeepOne,
    /// They stay with the record they were written for.
    Stay,
}

/// How rows of several customers become the rows of one.
#[derive(Clone, Copy, Debug)]
pub struct Union {
    /// Rows with the same values in these columns are the same; ids and texts only.
    pub equal: &'static [&'static str],
    /// The column that puts the rows of a customer in order, from 0 on: rows that move stand behind the survivor's.
    pub position: Option<&'static str>,
    /// Marks that one row of a customer has at most: the survivor's marked row stays it.
    pub one_of: &'static [&'static str],
    /// Rows that are worth money or rights are never gained silently (R21).
    pub confirm: Option<Confirm>,
}

/// Rows that move only when somebody with the permission names them.
#[derive(Clone, Copy, Debug)]
pub struct Confirm {
    /// SQL condition over the table as `t`.
    pub condition: &'static str,
    pub permission: crate::auth::Permission,
}

/// Whether and how rows of this kind stand in the way of deleting their customer (R3).
#[derive(Clone, Copy, Debug)]
pub struct DeleteGuard {
    pub code: &'static str,
    /// English sentence with `{n}` for the number of rows.
    pub detail: &'static str,
    pub remedy: &'static str,
    /// Query for `id` and `label` of the first rows that guard customer `$1`.
    pub rows_sql: &'static str,
    /// Where a row opens: the id is put behind it.
    pub href: &'static str,
}

/// A topic of the customer page.
#[derive(Clone, Copy, Debug)]
pub struct Tab {
    /// Last part of the page's address: `/customers/{id}/{slug}`.
    pub slug: &'static str,
    /// English label.
    pub label: &'static str,
    pub icon: &'static str,
    /// Order in the topic menu.
    pub position: u8,
    pub permission: crate::auth::Permission,
    /// Several kinds may share a tab: their counts are added up.
    pub count: TabCount,
}

/// What a function that counts for a topic answers.
pub type CountFuture = Pin<Box<dyn Future<Output = AppResult<i64>> + Send>>;

/// How the number beside a topic is found.
#[derive(Clone, Copy, Debug)]
pub enum TabCount {
    /// The topic has no number.
    None,
    /// A query that counts the rows of customer `$1`.
    Sql(&'static str),
    /// For counts that depend on more than the customer, such as a setting.
    By(fn(App, Uuid) -> CountFuture),
}

/// A kind of row that belongs to a customer.
#[derive(Clone, Copy, Debug)]
pub struct RecordKind {
    /// Stable key, also the section's name in an access export.
    pub key: &'static str,
    /// English name of the kind, in the plural.
    pub name: &'static str,
    /// The primary key, ids only.
    pub row_key: &'static [&'static str],
    pub customer_columns: &'static [CustomerColumn],
    pub on_merge: OnMerge,
    /// SQL expression over the table as `t`: the row on one line. Empty for kinds that show no rows of their own.
    pub label: &'static str,
    pub delete_guard: Option<DeleteGuard>,
    pub tab: Option<Tab>,
}

/// A table's description: every text or bytes column classified, and its record kind if its rows
/// belong to customers.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [(&'static str, Class)],
    pub record: Option<RecordKind>,
}

/// The descriptions of all tables of the running program.
#[derive(Debug, Default)]
pub struct Registry {
    tables: Vec<Table>,
}

impl Registry {
    pub fn new(tables: impl IntoIterator<Item = Table>) -> Self {
        Self { tables: tables.into_iter().collect() }
    }

    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The kinds of rows that belong to customers.
    pub fn records(&self) -> impl Iterator<Item = (&Table, &RecordKind)> {
        self.tables.iter().filter_map(|table| table.record.as_ref().map(|kind| (table, kind)))
    }

    /// Topics of the customer page in menu order, each with the counts of its kinds.
    pub fn tabs(&self) -> Vec<(Tab, Vec<TabCount>)> {
        let mut tabs: BTreeMap<(u8, &str), (Tab, Vec<TabCount>)> = BTreeMap::new();
        for tab in self.records().filter_map(|(_, kind)| kind.tab) {
            let entry = tabs.entry((tab.position, tab.slug)).or_insert_with(|| (tab, Vec::new()));
            entry.1.push(tab.count);
        }
        tabs.into_values().collect()
    }

    /// Compares the descriptions with the real schema; answers what is wrong, empty when all fits.
    ///
    /// # Errors
    /// When the schema cannot be read.
    pub async fn check(&self, db: &Database) -> Result<Vec<String>, sea_orm::DbErr> {
        let schema = read_schema(db).await?;
        let mut wrong = Vec::new();
        for (name, shape) in &schema {
            match self.tables.iter().find(|table| table.name == name) {
                Some(table) => check_table(table, shape, &mut wrong),
                None => wrong.push(format!("table {name} is not registered")),
            }
        }
        for table in &self.tables {
            if !schema.contains_key(table.name) {
                wrong.push(format!("table {} is registered but does not exist", table.name));
            }
        }
        Ok(wrong)
    }
}

fn check_table(table: &Table, shape: &TableShape, wrong: &mut Vec<String>) {
    let name = table.name;
    for column in shape.columns.iter().filter(|column| column.can_hold_anything()) {
        let names_customer = table.record.iter().flat_map(|kind| kind.customer_columns);
        let is_named_so = column.name == "id" || column.name.ends_with("_id");
        let is_key = column.kind != "text"
            && (is_named_so || names_customer.into_iter().any(|known| known.column == column.name));
        let classified = table.columns.iter().any(|(known, _)| *known == column.name);
        if !classified && !is_key {
            wrong.push(format!("column {name}.{} is not classified", column.name));
        }
    }
    for (known, _) in table.columns {
        if !shape.columns.iter().any(|column| column.name == *known) {
            wrong.push(format!("column {name}.{known} is classified but does not exist"));
        }
    }
    if let Some(record) = table.record
        && shape.primary_key != record.row_key
    {
        wrong.push(format!("{name} declares the key {:?} and has {:?}", record.row_key, shape.primary_key));
    }
    let declared = table.record.map(|kind| kind.customer_columns).unwrap_or_default();
    for column in &shape.columns {
        let points = shape.foreign_keys.iter().any(|key| key.column == column.name && key.table == "customer")
            || column.name == "customer_id";
        if points && !declared.iter().any(|known| known.column == column.name) {
            wrong.push(format!("{name}.{} points to a customer but is not declared", column.name));
        }
    }
    for known in declared {
        if !shape.columns.iter().any(|column| column.name == known.column) {
            wrong.push(format!("{name}.{} is declared but does not exist", known.column));
        }
    }
}
