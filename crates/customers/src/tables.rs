//! The tables of the customer area: what their columns hold, and what becomes of their rows in a merge, a deletion, on the
//! customer's page.

use platform::auth::Permission;
use platform::registry::{
    Class, Confirm, CustomerColumn, DeleteGuard, OnMerge, Personal, RecordKind, Role, Tab, TabCount, Table, Union,
    not_personal, personal, staff_data,
};
use platform::tr;

const KEY: Class = not_personal("a key from a fixed list");
const MARKER: Class = not_personal("configuration of the shop, set by administrators");

const GIVES_PRICES: Confirm = Confirm {
    condition: "exists (select 1 from customer_group g where g.id = t.group_id and (g.pricing or g.tax))",
    permission: Permission::GroupAssign,
};

const OWNER: &[CustomerColumn] = &[CustomerColumn { column: "customer_id", role: Role::Owner }];

const fn contacts(count_sql: &'static str) -> Option<Tab> {
    Some(Tab {
        slug: "contacts",
        label: tr!("Contacts and addresses"),
        icon: "at",
        position: 20,
        permission: Permission::CustomerView,
        count: TabCount::Sql(count_sql),
    })
}

/// Every table of the customer area.
pub const TABLES: &[Table] = &[
    Table {
        name: "channel",
        columns: &[("name", MARKER), ("name_folded", MARKER), ("kind", KEY), ("number_prefix", MARKER)],
        record: None,
    },
    Table { name: "choice", columns: &[("list", KEY), ("name", MARKER), ("name_folded", MARKER)], record: None },
    Table {
        name: "customer_group",
        columns: &[("name", MARKER), ("name_folded", MARKER), ("description", MARKER)],
        record: None,
    },
    Table {
        name: "company",
        columns: &[
            ("name", personal(Personal::Company)),
            ("name_folded", personal(Personal::SearchText)),
            ("number", personal(Personal::Identifier)),
            ("vat_number", personal(Personal::Identifier)),
        ],
        record: None,
    },
    CUSTOMER,
    crate::view::TABLE,
    crate::bulk::TABLES[0],
    crate::bulk::TABLES[1],
    Table {
        name: "customer_email",
        columns: &[
            ("address", personal(Personal::Email)),
            ("folded", personal(Personal::Email)),
            ("domain", personal(Personal::Email)),
            ("kind", KEY),
        ],
        record: Some(RecordKind {
            key: "emails",
            name: tr!("E-mail addresses"),
            row_key: &["id"],
            customer_columns: OWNER,
            on_merge: OnMerge::Union(Union {
                equal: &["folded"],
                position: Some("position"),
                one_of: &["is_primary"],
                confirm: None,
            }),
            label: "t.address",
            delete_guard: None,
            tab: contacts("select count(*) from customer_email where customer_id = $1"),
        }),
    },
    Table {
        name: "customer_phone",
        columns: &[
            ("typed", personal(Personal::Phone)),
            ("e164", personal(Personal::Phone)),
            ("digits", personal(Personal::Phone)),
            ("kind", KEY),
        ],
        record: Some(RecordKind {
            key: "phones",
            name: tr!("Phone numbers"),
            row_key: &["id"],
            customer_columns: OWNER,
            on_merge: OnMerge::Union(Union {
                equal: &["digits"],
                position: Some("position"),
                one_of: &["is_primary"],
                confirm: None,
            }),
            label: "t.typed",
            delete_guard: None,
            tab: contacts("select count(*) from customer_phone where customer_id = $1"),
        }),
    },
    Table {
        name: "customer_address",
        columns: &[
            ("label", personal(Personal::FreeText)),
            ("line1", personal(Personal::AddressLine)),
            ("line2", personal(Personal::AddressLine)),
            ("town", personal(Personal::Town)),
            ("county", personal(Personal::Town)),
            ("postcode", personal(Personal::Postcode)),
            ("postcode_folded", personal(Personal::Postcode)),
            ("country", not_personal("a country alone tells nobody apart; kept for tax")),
        ],
        record: Some(RecordKind {
            key: "addresses",
            name: tr!("Addresses"),
            row_key: &["id"],
            customer_columns: OWNER,
            on_merge: OnMerge::Union(Union {
                equal: &["line1", "line2", "town", "postcode_folded", "country"],
                position: Some("position"),
                one_of: &["is_primary", "is_billing", "is_delivery"],
                confirm: None,
            }),
            label: "t.line1 || ', ' || t.postcode || ' ' || t.town",
            delete_guard: None,
            tab: contacts("select count(*) from customer_address where customer_id = $1"),
        }),
    },
    Table {
        name: "customer_membership",
        columns: &[],
        record: Some(RecordKind {
            key: "groups",
            name: tr!("Groups"),
            row_key: &["customer_id", "group_id"],
            customer_columns: OWNER,
            on_merge: OnMerge::Union(Union {
                equal: &["group_id"],
                position: None,
                one_of: &["is_primary"],
                confirm: Some(GIVES_PRICES),
            }),
            label: "(select g.name from customer_group g where g.id = t.group_id)",
            delete_guard: None,
            tab: Some(Tab {
                slug: "groups",
                label: tr!("Groups"),
                icon: "users-group",
                position: 30,
                permission: Permission::CustomerView,
                count: TabCount::Sql("select count(*) from customer_membership where customer_id = $1"),
            }),
        }),
    },
    Table {
        name: "customer_channel",
        columns: &[],
        record: Some(RecordKind {
            key: "channels",
            name: tr!("Further channels"),
            row_key: &["customer_id", "channel_id"],
            customer_columns: OWNER,
            on_merge: OnMerge::Union(Union { equal: &["channel_id"], position: None, one_of: &[], confirm: None }),
            label: "(select c.name from channel c where c.id = t.channel_id)",
            delete_guard: None,
            tab: None,
        }),
    },
    Table {
        name: "customer_tag",
        columns: &[],
        record: Some(RecordKind {
            key: "tags",
            name: tr!("Tags"),
            row_key: &["customer_id", "tag_id"],
            customer_columns: OWNER,
            on_merge: OnMerge::Union(Union { equal: &["tag_id"], position: None, one_of: &[], confirm: None }),
            label: "(select c.name from choice c where c.id = t.tag_id)",
            delete_guard: None,
            tab: None,
        }),
    },
    Table {
        name: "customer_alias",
        columns: &[("kind", KEY), ("value", personal(Personal::FullName))],
        record: Some(RecordKind {
            key: "aliases",
            name: tr!("Also known as"),
            row_key: &["id"],
            customer_columns: OWNER,
            on_merge: OnMerge::Union(Union { equal: &["kind", "value"], position: None, one_of: &[], confirm: None }),
            label: "t.value",
            delete_guard: None,
            tab: None,
        }),
    },
    Table {
        name: "customer_account",
        columns: &[
            ("login_email", personal(Personal::Email)),
            ("login_folded", personal(Personal::Email)),
            ("password_hash", personal(Personal::Credential)),
        ],
        record: Some(RecordKind {
            key: "account",
            name: tr!("Sign-in"),
            row_key: &["customer_id"],
            customer_columns: OWNER,
            on_merge: OnMerge::KeepOne,
            label: "t.login_email",
            delete_guard: None,
            tab: None,
        }),
    },
    Table {
        name: "customer_search",
        columns: &[("document", personal(Personal::SearchText))],
        record: Some(RecordKind {
            key: "search_document",
            name: tr!("Search document"),
            row_key: &["seq"],
            customer_columns: OWNER,
            on_merge: OnMerge::Stay,
            label: "",
            delete_guard: None,
            tab: None,
        }),
    },
    Table {
        name: "customer_match_key",
        columns: &[],
        record: Some(RecordKind {
            key: "match_keys",
            name: tr!("Match keys"),
            row_key: &["hash", "customer_id"],
            customer_columns: OWNER,
            on_merge: OnMerge::Stay,
            label: "",
            delete_guard: None,
            tab: None,
        }),
    },
    IMPORT_RUN,
    Table {
        name: "import_problem",
        columns: &[
            ("column_name", not_personal("the name of a column of a file")),
            ("value", personal(Personal::FreeText)),
            ("code", KEY),
            ("message", not_personal("a sentence of the program")),
        ],
        record: None,
    },
    Table { name: "import_failed_row", columns: &[("cells", personal(Personal::FreeText))], record: None },
    Table { name: "search_word", columns: &[("word", personal(Personal::SearchText))], record: None },
];

/// A file that was handed in; its problems and failed rows name people who are no customers yet.
const IMPORT_RUN: Table = Table {
    name: "import_run",
    columns: &[
        ("actor_name", staff_data(Personal::FullName)),
        ("file_name", not_personal("the name of a file, given by staff")),
        ("file_key", not_personal("a place in the blob store")),
        ("file_digest", not_personal("a digest of a file")),
        ("options", not_personal("how a file is read: names of its columns, of fields and choices")),
        ("state", KEY),
        ("failure", not_personal("a sentence of the program")),
    ],
    record: None,
};

/// The record itself; a row that names it as parent account is a sub-account (R25).
const CUSTOMER: Table = Table {
    name: "customer",
    columns: &[
        ("number", not_personal("a running number of the shop")),
        ("origin", KEY),
        ("status", KEY),
        ("customer_type", KEY),
        ("company_role", KEY),
        ("privacy_state", KEY),
        ("title", personal(Personal::Title)),
        ("first_name", personal(Personal::GivenName)),
        ("last_name", personal(Personal::FamilyName)),
        ("company_name", personal(Personal::Company)),
        ("company_number", personal(Personal::Identifier)),
        ("vat_number", personal(Personal::Identifier)),
        ("account_code", personal(Personal::Identifier)),
        ("language", not_personal("a language code")),
        ("display_name", personal(Personal::FullName)),
        ("sort_name", personal(Personal::SearchText)),
        ("name_folded", personal(Personal::SearchText)),
        ("company_folded", personal(Personal::SearchText)),
        ("main_email", personal(Personal::Email)),
        ("main_phone", personal(Personal::Phone)),
        ("main_town", personal(Personal::Town)),
        ("main_postcode", personal(Personal::Postcode)),
        ("main_country", not_personal("a country alone tells nobody apart; kept for tax")),
        ("merged_into", not_personal("id of another customer")),
        ("history_key", personal(Personal::Encrypted)),
    ],
    record: Some(RecordKind {
        key: "sub_accounts",
        name: tr!("Sub-accounts"),
        row_key: &["id"],
        customer_columns: &[
            CustomerColumn { column: "owner_id", role: Role::Parent },
            CustomerColumn { column: "merged_into", role: Role::Survivor },
        ],
        on_merge: OnMerge::Move,
        label: "t.number || ' ' || t.display_name",
        delete_guard: Some(DeleteGuard {
            code: "customer_has_sub_accounts",
            detail: tr!("Sub-accounts belong to this customer: {n}."),
            remedy: tr!("Give them another parent account first."),
            rows_sql: "select id, number || ' ' || display_name as label from customer \
                where owner_id = $1 and deleted_at is null order by sort_name, id",
            href: "/customers/",
        }),
        tab: Some(Tab {
            slug: "sub-accounts",
            label: tr!("Sub-accounts"),
            icon: "sitemap",
            position: 40,
            permission: Permission::CustomerView,
            count: TabCount::Sql("select count(*) from customer where owner_id = $1 and deleted_at is null"),
        }),
    }),
};
