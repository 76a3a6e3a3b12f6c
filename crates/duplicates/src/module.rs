//! What the area of duplicates hands to the program.

use platform::app::{MenuItem, MenuSection, Module};
use platform::auth::Permission;
use platform::db::Migration;
use platform::tr;

const MIGRATIONS: &[Migration] = &[
    Migration { name: "duplicates_0001_merge", sql: include_str!("merge/schema.sql") },
    Migration { name: "duplicates_0002_merge_fields", sql: include_str!("merge/schema_fields.sql") },
];

const MENU: &[MenuItem] = &[MenuItem {
    label: tr!("Merge"),
    href: "/merge",
    icon: "arrow-merge",
    permission: Permission::CustomerMerge,
    section: MenuSection::Manage,
}];

/// The area of duplicates.
pub fn module() -> Module {
    Module {
        name: "duplicates",
        migrations: MIGRATIONS.to_vec(),
        tables: crate::merge::TABLES.to_vec(),
        api: crate::merge::api::routes().into_iter().chain(crate::likely::api::routes()).collect(),
        pages: crate::merge::page_routes().into_iter().chain(crate::likely::page_routes()).collect(),
        menu: MENU.to_vec(),
        ..Module::default()
    }
}
