//! Who makes a request, whichever way it came in.

use uuid::Uuid;

use super::permission::WHOLE_SHOP;
use super::{FieldRights, Permission, PermissionSet, Sight};
use crate::error::{AppError, AppResult, Reason};
use crate::history::{Actor, ActorKind, Source};
use crate::i18n::Message;

/// How the caller proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    Session { id: Uuid },
    Token { id: Uuid, name: String },
}

/// The staff member behind a request and what they may do.
#[derive(Clone, Debug)]
pub struct Caller {
    pub staff_id: Uuid,
    pub name: String,
    pub email: String,
    pub role_name: String,
    pub permissions: PermissionSet,
    pub language: String,
    pub time_zone: String,
    pub theme: String,
    /// Must come back with every change made by a browser; empty for tokens.
    pub csrf: String,
    pub via: Via,
    /// The role asks for a second factor that this person has not set up yet (R14).
    pub must_set_up_second_factor: bool,
}

impl Caller {
    pub fn has(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// What the caller may see and change of single fields.
    pub fn fields(&self) -> &FieldRights {
        &self.permissions.sight.fields
    }

    /// Which customers the caller sees, and what of their fields.
    pub fn sight(&self) -> &Sight {
        &self.permissions.sight
    }

    /// Refuses with the permission's key when the caller lacks it.
    ///
    /// # Errors
    /// `Forbidden` with `permission_missing`, or `channels_limited` for what only those may do who see every customer.
    pub fn may(&self, permission: Permission) -> AppResult<()> {
        if self.has(permission) {
            return Ok(());
        }
        if WHOLE_SHOP.contains(&permission) {
            self.sight().reach.must_be_all()?;
        }
        Err(lacks(permission))
    }

    /// The caller as the history records them.
    pub fn actor(&self) -> Actor {
        let (source, detail) = match &self.via {
            Via::Session { .. } => (Source::Screen, String::new()),
            Via::Token { name, .. } => (Source::Api, name.clone()),
        };
        Actor {
            kind: ActorKind::Staff,
            id: Some(self.staff_id),
            name: self.name.clone(),
            source,
            source_detail: detail,
        }
    }
}

/// The refusal for a missing permission.
pub fn lacks(permission: Permission) -> AppError {
    AppError::Forbidden(
        Reason::new(
            "permission_missing",
            Message::new("This needs the permission {permission}.").with("permission", permission.key()),
        )
        .with_remedy("Ask an administrator to add it to your role."),
    )
}
