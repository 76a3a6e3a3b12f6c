//! What the browser loads, from inside the binary: `web/dist`, whose names carry a hash of their content, so a browser
//! keeps each file for good and a new release is a new name.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

static ADDRESSES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let manifest = Dist::get("manifest.json").expect("build.rs has seen web/dist/manifest.json");
    let names: HashMap<String, String> =
        serde_json::from_slice(&manifest.data).expect("the manifest is a flat map of names");
    names.into_iter().map(|(name, hashed)| (name, format!("/assets/{hashed}"))).collect()
});

/// The address of a file of the browser: `asset("app.css")` is `/assets/app-1a2b3c.css`.
pub fn asset(name: &str) -> &'static str {
    ADDRESSES.get(name).map_or("/assets/missing", String::as_str)
}

/// The icons that the sprite holds; a name that is not there would leave a hole on the page.
pub fn has_icon(name: &str) -> bool {
    static SPRITE: LazyLock<String> = LazyLock::new(|| {
        let file = Dist::get(asset("icons.svg").trim_start_matches("/assets/")).expect("the build writes icons.svg");
        String::from_utf8_lossy(&file.data).into_owned()
    });
    SPRITE.contains(&format!("id=\"{name}\""))
}

/// `GET /assets/{*path}`
pub async fn serve_asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if is_twin(&path) || path == "manifest.json" {
        return StatusCode::NOT_FOUND.into_response();
    }
    match twin(&path, accepted).or_else(|| Some((Dist::get(&path)?.data, None))) {
        Some((data, encoding)) => answer(&path, data, encoding),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The compressed files beside each file are an encoding of it, not files of their own.
fn is_twin(path: &str) -> bool {
    path.ends_with(".br") || path.ends_with(".gz")
}

type Found = (Cow<'static, [u8]>, Option<&'static str>);

fn twin(path: &str, accepted: &str) -> Option<Found> {
    [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(encoding, _)| accepts(accepted, encoding))
        .find_map(|(encoding, suffix)| Some((Dist::get(&format!("{path}{suffix}"))?.data, Some(encoding))))
}

fn accepts(accepted: &str, encoding: &str) -> bool {
    accepted.split(',').any(|part| {
        let mut words = part.split(';').map(str::trim);
        words.next() == Some(encoding) && !words.any(|word| matches!(word, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn answer(path: &str, data: Cow<'static, [u8]>, encoding: Option<&'static str>) -> Response {
    let mut response = axum::body::Bytes::from(data.into_owned()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type(path).parse().expect("our own content types are valid headers"));
    headers.insert(CACHE_CONTROL, "public, max-age=31536000, immutable".parse().expect("a valid header"));
    headers.insert(VARY, "Accept-Encoding".parse().expect("a valid header"));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, encoding.parse().expect("a valid header"));
    }
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fetch(path: &str, accepted: &str) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, accepted.parse().unwrap());
        serve_asset(Path(path.trim_start_matches("/assets/").to_owned()), headers).await
    }

    #[tokio::test]
    async fn the_best_encoding_the_browser_takes_is_sent() {
        let style = asset("app.css");
        let encodings = ["gzip, deflate, br", "gzip", "br;q=0, gzip", "identity"];
        let mut sent = Vec::new();
        for accepted in encodings {
            let response = fetch(style, accepted).await;
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
            assert_eq!(response.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
            sent.push(response.headers().get(CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned()));
        }
        assert_eq!(sent, [Some("br".into()), Some("gzip".into()), Some("gzip".into()), None]);
    }

    #[tokio::test]
    async fn only_whole_files_are_served() {
        for path in ["nothing.css", "manifest.json", "../Cargo.toml", &format!("{}.br", asset("app.css"))] {
            assert_eq!(fetch(path, "br").await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
