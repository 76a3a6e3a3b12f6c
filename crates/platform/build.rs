//! Two things the crate takes from beside its sources: what the browser gets, and the translations of every area.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    require_browser_files();
    collect_translations();
}

fn require_browser_files() {
    println!("cargo:rerun-if-changed=../../web/dist/manifest.json");
    assert!(Path::new("../../web/dist/manifest.json").exists(), "web/dist is missing: run `make web`");
}

/// Every area keeps its Dutch in `crates/<area>/locale/nl.json`; taking them in here means none can be forgotten.
fn collect_translations() {
    let mut files: Vec<PathBuf> = fs::read_dir("..")
        .expect("the crates folder is readable")
        .filter_map(|entry| Some(entry.ok()?.path().join("locale/nl.json")))
        .filter(|file| file.exists())
        .filter_map(|file| file.canonicalize().ok())
        .collect();
    files.sort();
    for file in &files {
        println!("cargo:rerun-if-changed={}", file.display());
    }
    let included: String =
        files.iter().map(|file| format!("    include_str!({:?}),\n", file.display().to_string())).collect();
    let code = format!("pub(super) const DUTCH: &[&str] = &[\n{included}];\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("catalogues.rs");
    fs::write(out, code).expect("OUT_DIR is writable");
}
