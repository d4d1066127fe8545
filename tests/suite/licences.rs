//! Every dependency may be used: its licence, as `cargo metadata` knows it, is one of a short list.

use std::process::Command;

use serde_json::Value;

use crate::world::folder;

const ALLOWED: [&str; 12] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "Unlicense",
    "CC0-1.0",
    "MPL-2.0",
];

/// Whether a licence expression (SPDX) can be met with the allowed ones. An exception behind `WITH`
/// only permits more.
fn is_met(expression: &str) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = &words[..];
    alternatives(&mut rest) && rest.is_empty()
}

fn alternatives(words: &mut &[&str]) -> bool {
    let mut met = conjunction(words);
    while let Some((&"OR", rest)) = words.split_first() {
        *words = rest;
        met |= conjunction(words);
    }
    met
}

fn conjunction(words: &mut &[&str]) -> bool {
    let mut met = licence(words);
    while let Some((&"AND", rest)) = words.split_first() {
        *words = rest;
        met &= licence(words);
    }
    met
}

fn licence(words: &mut &[&str]) -> bool {
    let Some((&first, rest)) = words.split_first() else {
        return false;
    };
    *words = rest;
    if first == "(" {
        let met = alternatives(words);
        let closed = words.split_first().is_some_and(|(&word, _)| word == ")");
        *words = words.get(1..).unwrap_or_default();
        return met && closed;
    }
    if let Some((&"WITH", rest)) = words.split_first() {
        *words = rest.get(1..).unwrap_or_default();
    }
    ALLOWED.contains(&first)
}

#[test]
fn expressions_are_understood() {
    for met in [
        "MIT",
        "MIT OR GPL-3.0",
        "MIT/Apache-2.0",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        "GPL-3.0 AND MIT OR ISC",
    ] {
        assert!(is_met(met), "{met}");
    }
    for unmet in [
        "",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR Apache-2.0) AND AGPL-3.0",
        "(MIT",
        "MIT ISC",
    ] {
        assert!(!is_met(unmet), "{unmet}");
    }
}

#[test]
#[allow(clippy::print_stderr)] // the reason why nothing is checked
fn dependencies_may_be_used() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1"])
        .current_dir(folder(""))
        .output()
        .unwrap();
    if !output.status.success() {
        // Metadata covers dependencies of other platforms, too, which need not have been fetched.
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(why.contains("offline"), "{why}");
        eprintln!("not checked: {why}");
        return;
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50, "{} packages", packages.len());
    let wrong: Vec<String> = packages
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(is_met))
        .map(|package| format!("{}: {}", package["name"], package["license"]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
