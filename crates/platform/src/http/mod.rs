//! The front door: routes that state their permission, one guard in front of each, and the
//! shapes every answer has.
//!
//! Always true: a route cannot be registered without saying who may use it; a change by a browser
//! needs the session's CSRF token; a lost race on PostgreSQL is tried again here, unseen.

mod answer;
mod conditional;
mod extract;
mod guard;
mod idempotency;
mod page;
mod paging;
mod routes;
mod upload;

pub use answer::{Problem, problem_json};
pub(crate) use answer::{method_not_allowed, not_found};
pub use conditional::{IfMatch, etag};
pub use extract::{Form, Json, Path, Query, client_address};
pub(crate) use guard::security_headers;
pub use guard::{SESSION_COOKIE, csrf_token, session_cookie, session_cookie_gone};
pub use page::{PageContext, PageResult};
pub use paging::{Cursor, Page};
pub use routes::{Access, ApiRoute, PageRoute, RouteFacts, api, api_upload, build_router, get, page_upload, post};
pub use upload::{RawUpload, Upload, Uploaded};
