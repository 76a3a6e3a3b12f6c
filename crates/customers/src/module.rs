//! What the customer area hands to the program.

use platform::app::{MenuItem, MenuSection, Module};
use platform::auth::Permission;
use platform::db::Migration;
use platform::http::{ApiRoute, PageRoute};
use platform::tr;

const MIGRATIONS: &[Migration] = &[
    Migration { name: "customers_0001_customer", sql: include_str!("schema.sql") },
    Migration { name: "customers_0002_import", sql: include_str!("import/schema.sql") },
    Migration { name: "customers_0003_view", sql: include_str!("view/schema.sql") },
    Migration { name: "customers_0004_bulk", sql: include_str!("bulk/schema.sql") },
    Migration {
        name: "customers_0005_company_role",
        sql: "alter table customer add column company_role text not null default '';",
    },
    Migration { name: "customers_0007_tag", sql: include_str!("customer/tag.sql") },
    Migration { name: "customers_list_speed", sql: include_str!("customer/list/speed.sql") },
    Migration { name: "customers_0008_merged", sql: include_str!("customer/merged.sql") },
    Migration { name: "customers_0009_match_keys", sql: include_str!("match_keys.sql") },
    Migration {
        name: "customers_0010_alias_value",
        sql: "create index customer_alias_value on customer_alias (value, kind);",
    },
    Migration { name: "customers_0011_search_memory", sql: include_str!("search/memory.sql") },
    Migration { name: "customers_0012_covering", sql: include_str!("customer/list/covering.sql") },
];

/// The customer area.
pub fn module() -> Module {
    Module {
        name: "customers",
        migrations: MIGRATIONS.to_vec(),
        tables: crate::tables::TABLES.to_vec(),
        api: api(),
        pages: pages(),
        jobs: [crate::customer::jobs::kinds(), crate::import::service::job_kinds(), crate::bulk::job_kinds()].concat(),
        menu: MENU.to_vec(),
        fields: crate::customer::field_rights::FIELDS.to_vec(),
        name_of: Some(crate::customer::visible::name_of),
        in_reach: Some(crate::customer::reach::in_reach),
        channels_of: Some(crate::customer::reach::channels_of),
        ..Module::default()
    }
}

fn api() -> Vec<ApiRoute> {
    [
        crate::customer::api::routes(),
        crate::search::api::routes(),
        crate::group::api::routes(),
        crate::channel::api::routes(),
        crate::company::api::routes(),
        crate::choice::api::routes(),
        crate::import::api::routes(),
        crate::export::api::routes(),
        crate::view::api::routes(),
        crate::bulk::api::routes(),
        crate::figures::api::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn pages() -> Vec<PageRoute> {
    [
        crate::customer::pages::routes(),
        crate::group::pages::routes(),
        crate::channel::pages::routes(),
        crate::choice::pages::routes(),
        crate::company::pages::routes(),
        crate::import::pages::routes(),
        crate::view::pages::routes(),
        crate::bulk::pages::routes(),
        crate::figures::pages::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

const MENU: &[MenuItem] = &[
    MenuItem {
        label: tr!("Dashboard"),
        href: "/dashboard",
        icon: "home",
        permission: Permission::CustomerView,
        section: MenuSection::Manage,
    },
    MenuItem {
        label: tr!("Customers"),
        href: "/customers",
        icon: "users",
        permission: Permission::CustomerView,
        section: MenuSection::Manage,
    },
    MenuItem {
        label: tr!("Companies"),
        href: "/companies",
        icon: "building",
        permission: Permission::CustomerView,
        section: MenuSection::Manage,
    },
    MenuItem {
        label: tr!("Bulk actions"),
        href: "/bulk",
        icon: "list-check",
        permission: Permission::CustomerEdit,
        section: MenuSection::Manage,
    },
    MenuItem {
        label: tr!("Import"),
        href: "/imports",
        icon: "file-import",
        permission: Permission::CustomerImport,
        section: MenuSection::Manage,
    },
    MenuItem {
        label: tr!("Groups"),
        href: "/settings/groups",
        icon: "users-group",
        permission: Permission::GroupConfigure,
        section: MenuSection::Configure,
    },
    MenuItem {
        label: tr!("Channels"),
        href: "/settings/channels",
        icon: "building-store",
        permission: Permission::SettingsEdit,
        section: MenuSection::Configure,
    },
    MenuItem {
        label: tr!("Lists"),
        href: "/settings/lists",
        icon: "list-details",
        permission: Permission::SettingsEdit,
        section: MenuSection::Configure,
    },
    MenuItem {
        label: tr!("Customer settings"),
        href: "/settings/customers",
        icon: "settings",
        permission: Permission::SettingsEdit,
        section: MenuSection::Configure,
    },
];
