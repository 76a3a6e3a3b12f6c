//! Going through the likely duplicates of a whole shop: a scan finds them, a queue has them in order, people decide.
//!
//! Always true:
//! - pairs are stored down to [`FLOOR`], below the threshold that the queue shows, so that another threshold can be tried
//!   without a scan (see [`simulate`]);
//! - a pair's state follows from the decision between the two that stands: it can be computed anew at any time;
//! - a decision stands until it is taken back, its time has come, or one of the fields that mattered changes;
//! - nobody who does not see every field sees a pair: what is alike would tell what may not be seen.
//!
//! Start with [`scan`] and [`follow`], which find; then [`queue`] and [`decide`].

pub mod api;
mod api_bodies;
mod chart;
pub mod decide;
mod decision_store;
mod explain;
pub mod follow;
pub mod objections;
mod pages;
mod pair_page;
pub mod queue;
pub mod scan;
mod scan_store;
pub mod settings;
pub mod simulate;
mod store;

use platform::auth::Permission;
use platform::clock::{HOUR, SECOND};
use platform::http::PageRoute;
use platform::jobs::JobKind;
use platform::registry::{
    CustomerColumn, OnMerge, Personal, RecordKind, Role, Tab, TabCount, Table, Union, not_personal, staff_data,
};
use platform::tr;

pub use explain::{Explanation, Step};
pub use store::{Pair, PairState};

/// Least probability of a pair that is stored. Lower thresholds cannot be tried.
pub const FLOOR: f64 = 0.5;

/// The pages of this slice.
pub fn page_routes() -> Vec<PageRoute> {
    pages::routes().into_iter().chain(pair_page::routes()).collect()
}

/// The jobs of this slice.
pub fn job_kinds() -> Vec<JobKind> {
    vec![
        JobKind { name: scan::JOB, run: |app, job| scan::run_job(app, job), every: None },
        JobKind {
            name: "duplicates.follow",
            run: |app, _| Box::pin(async move { follow::follow(&app).await }),
            every: Some(20 * SECOND),
        },
        JobKind {
            name: "duplicates.repeat",
            run: |app, _| Box::pin(async move { scan::repeat(&app).await }),
            every: Some(HOUR),
        },
    ]
}

const TAB: Tab = Tab {
    slug: "duplicates",
    label: tr!("Duplicates"),
    icon: "users",
    position: 80,
    permission: Permission::CustomerView,
    count: TabCount::By(queue::open_of),
};

/// A decision goes with its customers: what was decided about a record that became part of another holds for that one.
/// When both sides become one record, the second stays behind and comes back with the undo.
const WITH_ITS_CUSTOMERS: OnMerge =
    OnMerge::Union(Union { equal: &["decision_id"], position: None, one_of: &[], confirm: None });

/// The tables of this slice.
pub const TABLES: &[Table] = &[
    Table {
        name: "duplicate_scan",
        columns: &[
            ("state", not_personal("a key from a fixed list")),
            ("actor_name", staff_data(Personal::FullName)),
            ("source", not_personal("a key from a fixed list")),
            ("failure", not_personal("what the program said; never values of customers")),
        ],
        record: None,
    },
    Table {
        name: "duplicate_pair",
        columns: &[
            ("explanation", not_personal("names of fields, what was found in them, and weights; no values")),
            ("state", not_personal("a key from a fixed list")),
        ],
        record: Some(RecordKind {
            key: "duplicate_pairs",
            name: tr!("Likely duplicates"),
            row_key: &["low_id", "high_id"],
            customer_columns: &[
                CustomerColumn { column: "low_id", role: Role::Subject },
                CustomerColumn { column: "high_id", role: Role::Subject },
            ],
            on_merge: OnMerge::Stay,
            label: "",
            delete_guard: None,
            tab: Some(TAB),
        }),
    },
    Table {
        name: "duplicate_decision",
        columns: &[
            ("kind", not_personal("a key from a fixed list")),
            ("fields", not_personal("names of fields")),
            ("actor_name", staff_data(Personal::FullName)),
            ("ended_by", not_personal("a key from a fixed list")),
        ],
        record: None,
    },
    Table {
        name: "duplicate_decision_side",
        columns: &[],
        record: Some(RecordKind {
            key: "duplicate_decisions",
            name: tr!("Decisions about duplicates"),
            row_key: &["decision_id", "customer_id"],
            customer_columns: &[CustomerColumn { column: "customer_id", role: Role::Owner }],
            on_merge: WITH_ITS_CUSTOMERS,
            label: "",
            delete_guard: None,
            tab: None,
        }),
    },
    Table { name: "duplicate_follow", columns: &[("seen", not_personal("ids of events"))], record: None },
];
