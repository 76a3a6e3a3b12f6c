//! What the next page says: "Customer saved", with Undo where undo exists. It travels in a cookie of one minute that only
//! our pages read; the page that shows it removes it.

use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::Shell;
use crate::i18n::{Message, Translate};

const COOKIE_NAME: &str = "flash";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    pub kind: FlashKind,
    pub text: Message,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<UndoAction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FlashKind {
    Done,
    Bad,
}

/// A POST that takes it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoAction {
    pub href: String,
    pub label: Message,
}

impl Flash {
    pub fn done(text: impl Into<Message>) -> Flash {
        Flash { kind: FlashKind::Done, text: text.into(), undo: None }
    }

    pub fn bad(text: impl Into<Message>) -> Flash {
        Flash { kind: FlashKind::Bad, text: text.into(), undo: None }
    }

    pub fn is_bad(&self) -> bool {
        self.kind == FlashKind::Bad
    }

    /// The flash that the previous answer left. The cookie comes from outside, so an address of another site is dropped.
    pub fn of(headers: &HeaderMap) -> Option<Flash> {
        let sent = cookie(headers, COOKIE_NAME)?;
        let json = URL_SAFE_NO_PAD.decode(sent).ok()?;
        let mut flash: Flash = serde_json::from_slice(&json).ok()?;
        flash.undo = flash.undo.filter(|undo| undo.href.starts_with('/') && !undo.href.starts_with("//"));
        Some(flash)
    }

    fn set_cookie(&self) -> Option<HeaderValue> {
        let json = serde_json::to_vec(self).ok()?;
        let value = URL_SAFE_NO_PAD.encode(json);
        format!("{COOKIE_NAME}={value}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax").parse().ok()
    }
}

pub(super) fn forget() -> HeaderValue {
    HeaderValue::from_static("flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
}

/// The value of one cookie of the request.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// 303 to another page. `tell_htmx_of_redirects` turns it into `HX-Redirect` where htmx asked.
#[derive(Clone, Debug)]
pub struct Redirect {
    to: String,
    flash: Option<Flash>,
}

pub fn redirect_to(path: impl Into<String>) -> Redirect {
    Redirect { to: path.into(), flash: None }
}

impl Redirect {
    #[must_use]
    pub fn saying(mut self, text: impl Into<Message>) -> Redirect {
        self.flash = Some(Flash::done(text));
        self
    }

    #[must_use]
    pub fn warning(mut self, text: impl Into<Message>) -> Redirect {
        self.flash = Some(Flash::bad(text));
        self
    }

    /// Adds the button that takes it back: a POST to `href`.
    #[must_use]
    pub fn with_undo(mut self, href: impl Into<String>, label: impl Into<Message>) -> Redirect {
        if let Some(flash) = &mut self.flash {
            flash.undo = Some(UndoAction { href: href.into(), label: label.into() });
        }
        self
    }
}

impl IntoResponse for Redirect {
    fn into_response(self) -> Response {
        let Ok(to) = HeaderValue::from_str(&self.to) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut response = StatusCode::SEE_OTHER.into_response();
        response.headers_mut().insert(LOCATION, to);
        if let Some(cookie) = self.flash.and_then(|flash| flash.set_cookie()) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }
}

#[derive(Serialize)]
struct Toast {
    kind: FlashKind,
    text: String,
    undo: Option<ToastUndo>,
}

#[derive(Serialize)]
struct ToastUndo {
    href: String,
    label: String,
}

/// For an answer that stays on the page (a fragment): show the toast now.
pub fn with_toast(mut response: Response, flash: Flash, shell: &Shell) -> Response {
    let lang = shell.locale.lang;
    let undo = flash.undo.map(|undo| ToastUndo { href: undo.href, label: undo.label.translate(lang) });
    let toast = Toast { kind: flash.kind, text: flash.text.translate(lang), undo };
    let header = HeaderValue::from_str(&ascii_json(&serde_json::json!({ "toast": toast })));
    if let Ok(header) = header {
        response.headers_mut().insert("hx-trigger", header);
    }
    response
}

/// Header values are ASCII: everything else as \u escapes, which JSON reads back.
fn ascii_json(value: &serde_json::Value) -> String {
    let mut ascii = String::new();
    for unit in value.to_string().encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => ascii.push(char::from(byte)),
            _ => ascii.push_str(&format!("\\u{unit:04x}")),
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next_request(response: &Response) -> HeaderMap {
        let set = response.headers()[SET_COOKIE].to_str().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, set.split(';').next().unwrap().parse().unwrap());
        headers
    }

    #[test]
    fn the_next_page_reads_what_was_said() {
        let response = redirect_to("/customers")
            .saying(Message::new("Merged {n} customers").with("n", 3))
            .with_undo("/customers/1/unmerge", "Undo")
            .into_response();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);

        let flash = Flash::of(&next_request(&response)).unwrap();
        assert_eq!(flash.text.translate(crate::i18n::Lang::En), "Merged 3 customers");
        assert_eq!(flash.undo.unwrap().href, "/customers/1/unmerge");
    }

    #[test]
    fn undo_never_leads_to_another_site() {
        for href in ["https://elsewhere.example", "//elsewhere.example"] {
            let response = redirect_to("/").saying("Done").with_undo(href, "Undo").into_response();
            assert_eq!(Flash::of(&next_request(&response)).unwrap().undo, None);
        }
    }

    #[test]
    fn a_broken_cookie_is_no_flash() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "other=1; flash=%%%".parse().unwrap());
        assert_eq!(Flash::of(&headers), None);
    }

    #[test]
    fn a_header_can_carry_any_text() {
        assert_eq!(ascii_json(&serde_json::json!("é😀")), "\"\\u00e9\\ud83d\\ude00\"");
    }
}
