//! Uploads, streamed into the blob store.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use futures::TryStreamExt;

use super::guard::check_token;
use crate::app::App;
use crate::auth::Caller;
use crate::error::{AppError, AppResult, Reason};

/// A form with one file. The token field `_csrf` comes before the file in the form.
pub struct Upload {
    multipart: Multipart,
    caller: Caller,
    most: u64,
    token_seen: bool,
}

/// What an upload form held.
#[derive(Clone, Debug, Default)]
pub struct Uploaded {
    pub file_name: String,
    pub bytes: u64,
    /// The other fields that came before the file.
    pub fields: Vec<(String, String)>,
}

impl FromRequest<App> for Upload {
    type Rejection = AppError;

    async fn from_request(request: Request, app: &App) -> Result<Self, AppError> {
        let caller = request.extensions().get::<Caller>().cloned();
        let caller = caller.ok_or(AppError::Unauthenticated)?;
        let sent = request.headers().get("x-csrf-token").and_then(|value| value.to_str().ok());
        let token_seen = match sent {
            Some(token) => check_token(&caller, Some(token)).map(|()| true)?,
            None => false,
        };
        let multipart = match Multipart::from_request(request, app).await {
            Ok(multipart) => multipart,
            Err(_) if !token_seen => return Err(check_token(&caller, None).err().unwrap_or(AppError::Unauthenticated)),
            Err(error) => return Err(AppError::BadRequest(Reason::new("form_invalid", error.body_text()))),
        };
        Ok(Self { multipart, caller, most: app.options.most_upload_bytes, token_seen })
    }
}

impl Upload {
    /// Writes the form's file under `key` and answers what came with it.
    ///
    /// # Errors
    /// `Forbidden` without the session's token, `Invalid` without a file, `TooLarge`.
    pub async fn store(mut self, app: &App, key: &str) -> AppResult<Uploaded> {
        let mut uploaded = Uploaded::default();
        let broken = |error: axum::extract::multipart::MultipartError| {
            AppError::BadRequest(Reason::new("form_invalid", error.body_text()))
        };
        while let Some(field) = self.multipart.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            let Some(file_name) = field.file_name().map(str::to_owned) else {
                let value = field.text().await.map_err(broken)?;
                if name == "_csrf" {
                    check_token(&self.caller, Some(&value))?;
                    self.token_seen = true;
                } else {
                    uploaded.fields.push((name, value));
                }
                continue;
            };
            if !self.token_seen {
                return check_token(&self.caller, None).map(|()| uploaded);
            }
            uploaded.bytes = app.blobs.write(key, field.map_err(|e| e.to_string()), self.most).await?;
            uploaded.file_name = file_name.chars().take(200).collect();
            break;
        }
        if !self.token_seen {
            check_token(&self.caller, None)?;
        }
        if uploaded.bytes == 0 {
            return Err(AppError::field("file", "file_missing", "Choose a file that is not empty."));
        }
        Ok(uploaded)
    }
}

/// The whole body of an API request as a stream.
pub struct RawUpload(pub Body);

impl FromRequest<App> for RawUpload {
    type Rejection = AppError;

    async fn from_request(request: Request, _: &App) -> Result<Self, AppError> {
        Ok(Self(request.into_body()))
    }
}

impl RawUpload {
    /// Writes the body under `key`; answers its size in bytes.
    ///
    /// # Errors
    /// `Invalid` when it is empty, `TooLarge`.
    pub async fn store(self, app: &App, key: &str) -> AppResult<u64> {
        let stream = self.0.into_data_stream();
        let bytes = app.blobs.write(key, stream, app.options.most_upload_bytes).await?;
        if bytes == 0 {
            return Err(AppError::field("file", "file_missing", "The body is empty."));
        }
        Ok(bytes)
    }
}
