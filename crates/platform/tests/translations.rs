//! Every text that a reader can meet has a Dutch translation: those of templates (`"..."|t`, `"..."|tf(...)`, and the
//! labels handed to the field macros) and those that Rust marks (`tr!("...")`, `Message::new("...")`, `.saying("...")`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const CRATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Rust calls whose first text is shown to people.
const RUST_MARKS: [&str; 8] = [
    "tr!(", "Message::new(", ".saying(", ".warning(", "Flash::done(", "Flash::bad(", "Column::plain(",
    "Column::sortable(",
];

/// Macros of `templates/ui` that translate what they are given, and which of their arguments.
const MACROS: [(&str, &[usize]); 12] = [
    ("field::text(", &[1]),
    ("field::area(", &[1]),
    ("field::select(", &[1]),
    ("field::tick(", &[1]),
    ("badge::dot(", &[1]),
    ("badge::chip(", &[0]),
    ("empty::state(", &[1, 2]),
    ("dialog::decide(", &[1, 3]),
    ("item::more(", &[1]),
    ("part::head(", &[0, 1]),
    ("part::save(", &[0]),
    ("call table(", &[1]),
];

/// Arguments by name whose value is translated.
const NAMED: [&str; 4] = ["hint=", "none=", "placeholder=", "act="];

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

fn all(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for area in fs::read_dir(CRATES).expect("the crates folder is readable").flatten() {
        files(&area.path().join(folder), ending, &mut found);
    }
    found.sort();
    found
}

/// The text literal that starts at the first quote, and what follows it.
fn literal(source: &str) -> Option<(String, &str)> {
    let inside = source.strip_prefix('"')?;
    let mut text = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((text, &inside[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => text.push('\n'),
                // A line that goes on below: the indentation is not part of the text.
                '\n' => {
                    while inside[chars.offset()..].starts_with([' ', '\n']) {
                        chars.next();
                    }
                }
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    None
}

fn after<'a>(source: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    source.match_indices(mark).map(move |(at, _)| &source[at + mark.len()..])
}

/// `"..."|t`, `"..."|tf(`: every literal is looked at, and kept when a translating filter follows.
fn filtered(source: &str) -> Vec<String> {
    let starts = source.match_indices('"').map(|(at, _)| &source[at..]);
    starts
        .filter_map(literal)
        .filter(|(_, rest)| {
            let rest = rest.trim_start();
            rest.strip_prefix("|tf(").is_some()
                || rest.strip_prefix("|t").is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
        .map(|(text, _)| text)
        .filter(|text| !text.contains("{{") && !text.contains("}}") && !text.contains('<'))
        .collect()
}

/// The arguments of a call, up to its closing bracket, split at its own commas.
fn arguments(source: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start, mut parts) = (0, false, 0, Vec::new());
    for (at, char) in source.char_indices() {
        match char {
            '"' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted && depth > 0 => depth -= 1,
            ')' if !quoted => {
                parts.push(source[start..at].trim());
                break;
            }
            ',' if !quoted && depth == 0 => {
                parts.push(source[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

fn macro_texts(source: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for (name, positions) in MACROS {
        for call in after(source, name) {
            for (position, argument) in arguments(call).into_iter().enumerate() {
                let named = NAMED.iter().find_map(|name| argument.strip_prefix(name));
                let value = if positions.contains(&position) { Some(argument) } else { named };
                texts.extend(value.and_then(literal).map(|(text, _)| text));
            }
        }
    }
    texts
}

/// Rust calls one of whose later arguments is shown to people.
const RUST_ARGUMENTS: [(&str, usize); 5] =
    [("AppError::field(", 2), ("FieldErrors::one(", 2), ("errors.add(", 2), ("Reason::new(", 1), (".with_remedy(", 0)];

fn rust_texts(source: &str) -> Vec<String> {
    let production = source.split("#[cfg(test)]").next().unwrap_or(source);
    let lines = production.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    let mut texts = keyed_texts(&code);
    for mark in RUST_MARKS {
        let whole = code
            .match_indices(mark)
            .filter(|(at, _)| !code[..*at].ends_with(|before: char| before.is_alphanumeric() || before == '_'));
        let found = whole.filter_map(|(at, _)| literal(code[at + mark.len()..].trim_start()));
        texts.extend(found.map(|(text, _)| text));
    }
    for (call, position) in RUST_ARGUMENTS {
        let argument =
            |rest| arguments(rest).get(position).and_then(|argument| literal(argument)).map(|(text, _)| text);
        texts.extend(after(&code, call).filter_map(argument));
    }
    texts
}

/// Tables of keys and labels: `CustomerView = "customer.view", "See customers";` and the names of the starter roles.
fn keyed_texts(code: &str) -> Vec<String> {
    let labelled = code.lines().filter_map(|line| {
        let (_, rest) = literal(line.trim().split_once(" = ")?.1)?;
        let (label, end) = literal(rest.strip_prefix(", ")?)?;
        (end == ";").then_some(label)
    });
    let roles =
        after(code, "StarterRole {").filter_map(|rest| literal(rest.split_once("name: ")?.1)).map(|(text, _)| text);
    labelled.chain(roles).collect()
}

fn texts() -> BTreeMap<String, BTreeSet<String>> {
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut keep = |path: &Path, found: Vec<String>| {
        for text in
            found.into_iter().filter(|text| text.contains(' ') || text.chars().next().is_some_and(char::is_alphabetic))
        {
            texts.entry(text).or_default().insert(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
    };
    for path in all("templates", ".html") {
        let source = fs::read_to_string(&path).expect("a readable template");
        keep(&path, filtered(&source));
        keep(&path, macro_texts(&source));
    }
    for path in all("src", ".rs") {
        keep(&path, rust_texts(&fs::read_to_string(&path).expect("a readable source")));
    }
    texts
}

fn dutch() -> BTreeMap<String, String> {
    all("locale", "nl.json")
        .iter()
        .map(|path| fs::read_to_string(path).expect("a readable catalogue"))
        .flat_map(|json| serde_json::from_str::<BTreeMap<String, String>>(&json).expect("a flat map of texts"))
        .collect()
}

#[test]
fn dutch_lacks_nothing() {
    let known = dutch();
    let missing: Vec<String> = texts()
        .into_iter()
        .filter(|(text, _)| !known.contains_key(text))
        .map(|(text, places)| format!("  {text:?} ({})", places.into_iter().collect::<Vec<_>>().join(", ")))
        .collect();
    assert!(
        missing.is_empty(),
        "{} texts lack a Dutch translation in crates/*/locale/nl.json:\n{}",
        missing.len(),
        missing.join("\n")
    );
}

/// A translation must fill in the same values as the English text.
#[test]
fn translations_keep_their_values() {
    let values = |text: &str| -> BTreeSet<String> {
        text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned()).collect()
    };
    let wrong: Vec<_> = dutch().into_iter().filter(|(english, dutch)| values(english) != values(dutch)).collect();
    assert_eq!(wrong, []);
}
