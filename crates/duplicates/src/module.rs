//! What the area of duplicates hands to the program.

use platform::app::{MenuItem, MenuSection, Module};
use platform::auth::Permission;
use platform::db::Migration;
use platform::tr;

const MIGRATIONS: &[Migration] = &[
    Migration { name: "duplicates_0001_merge", sql: include_str!("merge/schema.sql") },
    Migration { name: "duplicates_0002_merge_fields", sql: include_str!("merge/schema_fields.sql") },
    Migration { name: "duplicates_0003_review", sql: include_str!("review/schema.sql") },
    Migration { name: "duplicates_0004_merge_remarks", sql: include_str!("merge/schema_remarks.sql") },
];

const MENU: &[MenuItem] = &[
    MenuItem {
        label: tr!("Duplicates"),
        href: "/duplicates",
        icon: "copy",
        permission: Permission::CustomerMerge,
        section: MenuSection::Manage,
    },
    MenuItem {
        label: tr!("Merge"),
        href: "/merge",
        icon: "arrow-merge",
        permission: Permission::CustomerMerge,
        section: MenuSection::Manage,
    },
];

/// The area of duplicates.
pub fn module() -> Module {
    Module {
        name: "duplicates",
        migrations: MIGRATIONS.to_vec(),
        tables: [crate::merge::TABLES, crate::review::TABLES].concat(),
        api: [
            crate::merge::api::routes(),
            crate::merge::lineage::routes(),
            crate::likely::api::routes(),
            crate::review::api::routes(),
        ]
        .into_iter()
        .flatten()
        .collect(),
        pages: [crate::merge::page_routes(), crate::likely::page_routes(), crate::review::page_routes()]
            .into_iter()
            .flatten()
            .collect(),
        jobs: crate::review::job_kinds(),
        origins: Some(crate::merge::lineage::origins),
        menu: MENU.to_vec(),
        ..Module::default()
    }
}
