//! Merging 2 to 20 customers into one, and undoing it (R1, R2, R21).
//!
//! Always true:
//! - which rows move, and how, is declared beside their table in the customer-record registry; there is no list of tables here;
//! - a merge is planned first ([`plan`]), by the same code for the preview and for the merge itself; what was previewed is
//!   carried out or refused because something moved in between;
//! - the journal holds places, not values: whose row it was, in which order, which mark. Values are read from the customers'
//!   own sealed history, so erasing a customer leaves nothing of them here;
//! - undoing compares three ways: what was changed after the merge stays changed.
//!
//! Start with [`plan`], then [`carry_out`] and [`undo`].

pub mod api;
mod api_bodies;
mod asked;
pub mod carry_out;
pub mod fields;
pub mod lineage;
mod pages;
pub(crate) mod pages_view;
pub mod plan;
pub mod rows;
pub mod store;
mod survivor_back;
pub mod undo;
mod undo_pages;
mod values;

use platform::auth::Permission;
use platform::http::PageRoute;
use platform::registry::{
    CustomerColumn, OnMerge, Personal, RecordKind, Role, Tab, TabCount, Table, not_personal, staff_data,
};
use platform::tr;

/// The pages of this slice.
pub fn page_routes() -> Vec<PageRoute> {
    pages::routes().into_iter().chain(undo_pages::routes()).collect()
}

/// The records of a merge stay with whom they tell about.
const fn about(
    key: &'static str,
    name: &'static str,
    row_key: &'static [&'static str],
    customer_columns: &'static [CustomerColumn],
    tab: Option<Tab>,
) -> Option<RecordKind> {
    let on_merge = OnMerge::Stay;
    Some(RecordKind { key, name, row_key, customer_columns, on_merge, label: "", delete_guard: None, tab })
}

const TAB: Tab = Tab {
    slug: "merges",
    label: tr!("Merges"),
    icon: "arrow-merge",
    position: 85,
    permission: Permission::CustomerView,
    count: TabCount::Sql("select count(*) from customer_merge where survivor_id = $1 and undone_at is null"),
};

/// The tables of this slice.
pub const TABLES: &[Table] = &[
    Table {
        name: "customer_merge",
        columns: &[("actor_name", staff_data(Personal::FullName))],
        record: about(
            "merges",
            tr!("Merges"),
            &["id"],
            &[CustomerColumn { column: "survivor_id", role: Role::Subject }],
            Some(TAB),
        ),
    },
    Table {
        name: "customer_merge_part",
        columns: &[],
        record: about(
            "merge_parts",
            tr!("Merges"),
            &["merge_id", "customer_id"],
            &[CustomerColumn { column: "customer_id", role: Role::Subject }],
            None,
        ),
    },
    Table {
        name: "customer_merge_row",
        columns: &[
            ("table_name", not_personal("the name of a table")),
            ("column_name", not_personal("the name of a column")),
            ("row_key", not_personal("ids of a row")),
            ("place_before", not_personal("id of a customer, an order and marks")),
            ("place_after", not_personal("id of a customer, an order and marks")),
        ],
        record: None,
    },
    Table {
        name: "customer_merge_field",
        columns: &[("field", not_personal("the name of a field, not its value"))],
        record: None,
    },
    Table {
        name: "customer_merge_remark",
        columns: &[("remark", not_personal("a reason code with its sentence; never values or names of customers"))],
        record: None,
    },
];
