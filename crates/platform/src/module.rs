//! What the platform itself hands to the program: its tables and their classification.

use crate::app::{MenuItem, MenuSection, Module};
use crate::auth::Permission;
use crate::db::Migration;
use crate::registry::{
    Class, CustomerColumn, OnMerge, Personal, RecordKind, Role, Tab, TabCount, Table, not_personal, personal,
    staff_data,
};
use crate::tr;

const MIGRATIONS: &[Migration] = &[
    Migration { name: "platform_0001_base", sql: include_str!("schema.sql") },
    Migration {
        name: "platform_0002_field_rights",
        sql: "alter table role add column field_rights text not null default '';",
    },
    Migration { name: "platform_0003_event_indexes", sql: include_str!("event_indexes.sql") },
    Migration { name: "platform_0004_event_about", sql: include_str!("event_about.sql") },
    Migration {
        name: "platform_0005_staff_channels",
        sql: "alter table staff add column channels text not null default '';",
    },
];

const KEY: Class = not_personal("a key given by the program");

/// The platform as a module: always the first of the list.
pub fn module() -> Module {
    Module {
        name: "platform",
        migrations: MIGRATIONS.to_vec(),
        tables: TABLES.to_vec(),
        api: crate::auth::api::routes(),
        pages: crate::pages::routes(),
        menu: MENU.to_vec(),
        ..Default::default()
    }
}

const MENU: &[MenuItem] = &[
    entry(tr!("Activity"), "/activity", "history", Permission::ActivityView, MenuSection::Configure),
    entry(tr!("Staff"), "/settings/staff", "id-badge-2", Permission::StaffEdit, MenuSection::Configure),
    entry(tr!("Roles"), "/settings/roles", "shield-lock", Permission::RolesEdit, MenuSection::Configure),
    entry(tr!("Background work"), "/settings/jobs", "clock", Permission::SettingsEdit, MenuSection::Configure),
];

const fn entry(
    label: &'static str,
    href: &'static str,
    icon: &'static str,
    permission: Permission,
    section: MenuSection,
) -> MenuItem {
    MenuItem { label, href, icon, permission, section }
}

const fn plain(name: &'static str, columns: &'static [(&'static str, Class)]) -> Table {
    Table { name, columns, record: None }
}

const TABLES: &[Table] = &[
    plain("migration", &[("name", KEY)]),
    plain("setting", &[("key", KEY), ("value", not_personal("configuration of the shop, set by administrators"))]),
    plain(
        "role",
        &[
            ("key", KEY),
            ("name", not_personal("name of a job in the shop")),
            ("permissions", not_personal("list of permission keys")),
            ("field_rights", not_personal("names of fields and rights")),
        ],
    ),
    plain("staff", STAFF),
    plain("recovery_code", &[("code_hash", staff_data(Personal::Credential))]),
    plain(
        "session",
        &[
            ("token_hash", staff_data(Personal::Credential)),
            ("address", staff_data(Personal::Connection)),
            ("browser", staff_data(Personal::Connection)),
        ],
    ),
    plain(
        "api_token",
        &[
            ("name", not_personal("name of a program")),
            ("token_hash", staff_data(Personal::Credential)),
            ("scopes", not_personal("list of permission keys")),
        ],
    ),
    plain("rate_limit", &[("key", not_personal("kind of attempt and a hash or network address, kept two days"))]),
    plain(
        "idempotency",
        &[
            ("key", not_personal("chosen by a program, random by convention")),
            ("request_hash", not_personal("a hash")),
            ("headers", not_personal("content type, location and entity tag")),
            ("body", personal(Personal::FreeText)),
        ],
    ),
    EVENTS,
    plain(
        "job",
        &[
            ("kind", KEY),
            ("payload", not_personal("ids and options of the work; never values of customers")),
            ("state", KEY),
            ("last_error", not_personal("what the program said; never values of customers")),
        ],
    ),
    plain("number_series", &[("name", KEY)]),
];

const STAFF: &[(&str, Class)] = &[
    ("email", staff_data(Personal::Email)),
    ("email_folded", staff_data(Personal::Email)),
    ("name", staff_data(Personal::FullName)),
    ("password_hash", staff_data(Personal::Credential)),
    ("totp_secret", staff_data(Personal::Credential)),
    ("language", not_personal("a language code")),
    ("time_zone", not_personal("a time zone name")),
    ("theme", KEY),
    ("preferences", not_personal("which columns and panels a person shows")),
    ("channels", not_personal("ids of channels of the shop")),
];

const EVENTS: Table = Table {
    name: "event",
    columns: &[
        ("actor_kind", KEY),
        ("actor_name", staff_data(Personal::FullName)),
        ("source", KEY),
        ("source_detail", not_personal("token name, import number and line, or job kind")),
        ("entity", KEY),
        ("action", KEY),
        ("fields", not_personal("names of fields, not their values")),
        ("changes", personal(Personal::Encrypted)),
        ("reason", personal(Personal::FreeText)),
        ("about", KEY),
    ],
    record: Some(RecordKind {
        key: "history",
        name: tr!("History"),
        row_key: &["id"],
        customer_columns: &[CustomerColumn { column: "customer_id", role: Role::Subject }],
        on_merge: OnMerge::Stay,
        label: "",
        delete_guard: None,
        tab: Some(Tab {
            slug: "history",
            label: tr!("History"),
            icon: "history",
            position: 90,
            permission: crate::auth::Permission::HistoryView,
            count: TabCount::Sql("select count(*) from event where customer_id = $1"),
        }),
    }),
};
