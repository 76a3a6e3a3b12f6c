//! What every page handler starts from: who is reading, and the shell around the page.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::response::Response;

use crate::app::{App, MenuSection};
use crate::auth::{Caller, Permission};
use crate::error::AppError;
use crate::i18n::{Lang, Locale};
use crate::tr;
use crate::ui::{Htmx, MenuEntry, MenuGroup, Person, Shell, Theme};

/// What a page handler answers.
pub type PageResult = Result<Response, AppError>;

/// The reader, the shell of their page, and what htmx asked for. On public pages there may be no
/// caller.
#[derive(Clone, Debug)]
pub struct PageContext {
    caller: Option<Caller>,
    pub shell: Shell,
    pub htmx: Htmx,
}

impl PageContext {
    /// The signed-in reader.
    ///
    /// # Errors
    /// `Unauthenticated` on a public page without a session.
    pub fn caller(&self) -> Result<&Caller, AppError> {
        self.caller.as_ref().ok_or(AppError::Unauthenticated)
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.caller.as_ref().is_some_and(|caller| caller.has(permission))
    }
}

impl FromRequestParts<App> for PageContext {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        Ok(Self {
            caller: parts.extensions.get::<Caller>().cloned(),
            shell: shell_of(app, parts),
            htmx: Htmx::of(&parts.headers),
        })
    }
}

/// The shell for a request: in the reader's language, with the menu their role allows.
pub(super) fn shell_of(app: &App, parts: &Parts) -> Shell {
    let caller = parts.extensions.get::<Caller>();
    let locale = locale_of(app, caller, &parts.headers);
    let mut shell = Shell::new(locale, parts.uri.path()).with_cookies(&parts.headers);
    let Some(caller) = caller else { return shell };
    shell.theme = Theme::ALL.into_iter().find(|theme| theme.code() == caller.theme).unwrap_or_default();
    shell.csrf.clone_from(&caller.csrf);
    shell.can_search = caller.has(Permission::CustomerView);
    shell.person =
        Some(Person { name: caller.name.clone(), email: caller.email.clone(), role: caller.role_name.clone() });
    shell.with_menu(menu_of(app, caller))
}

fn locale_of(app: &App, caller: Option<&Caller>, headers: &HeaderMap) -> Locale {
    let now = app.clock.now();
    match caller {
        Some(caller) => Locale::new(Lang::from_code(&caller.language).unwrap_or_default(), &caller.time_zone, now),
        None => {
            let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            Locale::new(Lang::preferred(accepted.unwrap_or_default()), "UTC", now)
        }
    }
}

fn menu_of(app: &App, caller: &Caller) -> Vec<MenuGroup> {
    let section = |wanted: MenuSection, label: &'static str| MenuGroup {
        label,
        entries: app
            .menu
            .iter()
            .filter(|item| item.section == wanted && caller.has(item.permission))
            .map(|item| MenuEntry::new(item.label, item.href, item.icon))
            .collect(),
    };
    let groups = [section(MenuSection::Manage, tr!("Manage")), section(MenuSection::Configure, tr!("Configure"))];
    groups.into_iter().filter(|group| !group.entries.is_empty()).collect()
}
