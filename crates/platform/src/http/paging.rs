//! Keyset paging: a cursor holds the sort values of the last row seen.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{AppError, Reason};

/// Packs and unpacks cursors. They are opaque to clients and hold no secret.
pub struct Cursor;

impl Cursor {
    /// The text form of a position.
    pub fn pack<T: Serialize>(position: &T) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(position).unwrap_or_default())
    }

    /// The position of a text form.
    ///
    /// # Errors
    /// `BadRequest` with `cursor_invalid`.
    pub fn unpack<T: DeserializeOwned>(text: &str) -> Result<T, AppError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| {
            let detail = "This cursor was not given by this list.";
            AppError::BadRequest(Reason::new("cursor_invalid", detail))
        })
    }
}

/// One page of an API list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Send as `cursor` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
