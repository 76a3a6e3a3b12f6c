//! What the area of duplicates hands to the program.

use platform::app::Module;
use platform::db::Migration;

const MIGRATIONS: &[Migration] = &[Migration { name: "duplicates_0001_merge", sql: include_str!("merge/schema.sql") }];

/// The area of duplicates.
pub fn module() -> Module {
    Module {
        name: "duplicates",
        migrations: MIGRATIONS.to_vec(),
        tables: crate::merge::TABLES.to_vec(),
        api: crate::merge::api::routes(),
        ..Module::default()
    }
}
