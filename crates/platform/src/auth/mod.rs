//! Staff, roles, sign-in, sessions, API tokens.
//!
//! Always true: secrets are stored only as hashes; sign-in says the same for known and unknown
//! addresses and is counted in the database, so that several servers share one limit; a session
//! that still awaits its second factor may do nothing but give it.

pub mod api;
mod caller;
mod delegate;
mod field_rights;
pub mod password;
mod permission;
pub mod rate_limit;
pub mod role;
pub mod second_factor;
pub mod session;
mod sight;
pub mod sign_in;
pub mod staff;
pub mod token;

pub use caller::{Caller, Via};
pub use delegate::delegated;
pub use field_rights::{FieldDef, FieldRight, FieldRights};
pub use permission::{Permission, PermissionSet, STARTER_ROLES, StarterRole};
pub use sight::{Reach, Sight, Visibility, ids, ids_text};
