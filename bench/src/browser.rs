//! What a browser shows: bytes and times, measured by `bench/browser.mjs` in Chromium.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::client::Client;
use super::server::Running;

/// One visit or click: its name, compressed kilobytes and milliseconds.
pub struct Visit {
    pub name: String,
    pub kilobytes: f64,
    pub milliseconds: f64,
}

/// What is missing to measure with a browser.
pub fn missing() -> Option<String> {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let needed = ["e2e/node_modules".to_owned(), chromium];
    needed.into_iter().find(|needed| !Path::new(needed).exists())
}

/// Nothing when the browser failed, which is said aloud.
pub fn measure(server: &Running, client: &Client) -> Vec<Visit> {
    let command = Command::new("node").args(["bench/browser.mjs", &server.address, client.cookie()]).output();
    let output = command.expect("node runs");
    if !output.status.success() {
        // The other figures are worth having without these.
        eprintln!("bench: the browser failed: {}", String::from_utf8_lossy(&output.stderr));
        return Vec::new();
    }
    let visits: Vec<Value> = serde_json::from_slice(&output.stdout).expect("json");
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    visits
        .iter()
        .map(|visit| Visit {
            name: visit["name"].as_str().unwrap_or_default().to_owned(),
            kilobytes: number(&visit["bytes"]) / 1000.0,
            milliseconds: number(&visit["milliseconds"]),
        })
        .collect()
}
