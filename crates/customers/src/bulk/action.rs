//! What can be done to many customers at once.

use platform::auth::{Caller, Permission};
use platform::error::{AppError, AppResult};
use platform::i18n::Message;
use platform::tr;

use crate::directory::Directory;

macro_rules! actions {
    ($($kind:ident = $key:literal, $button:literal, $title:literal, [$($permission:ident),+];)*) => {
        /// A kind of bulk action.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ActionKind { $($kind),* }

        impl ActionKind {
            pub const ALL: &[ActionKind] = &[$(ActionKind::$kind),*];

            /// The key in forms, the API and the table.
            pub fn key(self) -> &'static str {
                match self { $(Self::$kind => $key),* }
            }

            pub fn from_key(key: &str) -> Option<Self> {
                match key { $($key => Some(Self::$kind),)* _ => None }
            }

            /// The word on its button.
            pub fn label(self) -> &'static str {
                match self { $(Self::$kind => tr!($button)),* }
            }

            /// What the plan is called: `{value}` is the group, person and the like.
            fn title(self) -> &'static str {
                match self { $(Self::$kind => tr!($title)),* }
            }

            /// All are needed.
            pub fn permissions(self) -> &'static [Permission] {
                match self { $(Self::$kind => &[$(Permission::$permission),+]),* }
            }
        }
    };
}

actions! {
    Activate = "activate", "Activate", "Activate", [CustomerDeactivate];
    Deactivate = "deactivate", "Deactivate", "Deactivate", [CustomerDeactivate];
    Delete = "delete", "Delete", "Delete", [CustomerDeleteBulk];
    AddGroup = "add_group", "Add to a group", "Add to the group {value}", [CustomerEdit, GroupAssign];
    RemoveGroup = "remove_group", "Remove from a group", "Remove from the group {value}", [CustomerEdit, GroupAssign];
    AddTag = "add_tag", "Add a tag", "Add the tag {value}", [CustomerEdit];
    RemoveTag = "remove_tag", "Take a tag away", "Take the tag {value} away", [CustomerEdit];
    Assign = "assign", "Assign to", "Assign to {value}", [CustomerEdit];
    SetSource = "set_source", "Set the source", "Set the source to {value}", [CustomerEdit];
    SetChannel = "set_channel", "Set the channel", "Set the channel to {value}", [CustomerEdit];
    SetLanguage = "set_language", "Set the language", "Set the language to {value}", [CustomerEdit];
}

impl ActionKind {
    /// Whether it needs a group, person and the like.
    pub fn takes_value(self) -> bool {
        !matches!(self, Self::Activate | Self::Deactivate | Self::Delete)
    }

    /// Whether no value means "take away what is there".
    pub fn can_clear(self) -> bool {
        matches!(self, Self::Assign | Self::SetSource | Self::SetChannel | Self::SetLanguage)
    }
}

/// A kind with its value: an id, or a language code; empty where none is needed or it is to be taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub kind: ActionKind,
    pub value: String,
}

impl Action {
    /// Reads an action as typed: the value by id or name.
    ///
    /// # Errors
    /// `Invalid` on `action` or `value`, `Forbidden` without the rights it needs.
    pub fn read(caller: &Caller, directory: &Directory, kind: &str, value: &str) -> AppResult<Self> {
        let kind = ActionKind::from_key(kind)
            .ok_or_else(|| AppError::field("action", "action_unknown", tr!("There is no such bulk action.")))?;
        for permission in kind.permissions() {
            caller.may(*permission)?;
        }
        let value = value.trim();
        let refuse = |code, detail: &'static str| Err(AppError::field("value", code, detail));
        if value.is_empty() {
            return match kind.takes_value() && !kind.can_clear() {
                true => refuse("required", tr!("Choose an entry of the list.")),
                false => Ok(Self { kind, value: String::new() }),
            };
        }
        let found = match kind {
            ActionKind::AddGroup => match directory.group(value) {
                Some(group) if !group.assignable => {
                    let detail =
                        Message::new(tr!("Nobody may be put into the group {name}.")).with("name", &group.name);
                    return Err(AppError::field("value", "group_not_assignable", detail));
                }
                group => group.map(|row| row.id.to_string()),
            },
            ActionKind::RemoveGroup => directory.group(value).map(|row| row.id.to_string()),
            ActionKind::AddTag => {
                directory.tag(value).filter(|row| row.retired_at.is_none()).map(|row| row.id.to_string())
            }
            ActionKind::RemoveTag => directory.tag(value).map(|row| row.id.to_string()),
            ActionKind::Assign => directory.staff_member(value).map(|id| id.to_string()),
            ActionKind::SetSource => directory.source(value).map(|row| row.id.to_string()),
            ActionKind::SetChannel => directory.channel(value).map(|row| row.id.to_string()),
            ActionKind::SetLanguage => {
                let is_code = value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_lowercase());
                is_code.then(|| value.to_owned())
            }
            ActionKind::Activate | ActionKind::Deactivate | ActionKind::Delete => Some(String::new()),
        };
        match found {
            Some(value) => Ok(Self { kind, value }),
            None => refuse("unknown_choice", tr!("Choose an entry of the list.")),
        }
    }

    pub(super) fn stored(kind: &str, value: &str) -> AppResult<Self> {
        let kind = ActionKind::from_key(kind).ok_or_else(|| AppError::broken("a stored bulk action is unknown"))?;
        Ok(Self { kind, value: value.to_owned() })
    }

    /// "Add to the group Wholesale".
    pub fn title(&self, directory: &Directory) -> Message {
        let name = match self.kind {
            ActionKind::SetLanguage => Some(self.value.as_str()),
            _ => self.value.parse().ok().and_then(|id| directory.label(id)),
        };
        let shown = if self.value.is_empty() { "–" } else { name.unwrap_or("?") };
        Message::new(self.kind.title()).with("value", shown)
    }
}
