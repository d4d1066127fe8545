//! The layers of `src/`: a module imports only from modules before it, files stay short, and each
//! says what it is for.

use std::fs;
use std::path::Path;

use crate::world::folder;

/// From what knows least to what knows most.
const LAYERS: [&str; 12] = [
    "units",
    "engine",
    "stats",
    "profile",
    "scenario",
    "topology",
    "path",
    "sim",
    "cost",
    "experiment",
    "report",
    "cli",
];
const LONGEST: usize = 800;

/// A source file: its path below `src/` with forward slashes, and its text.
type Source = (String, String);

/// What is wrong with these files, as sentences.
fn violations(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources {
        let lines = text.lines().count();
        if lines > LONGEST {
            found.push(format!("{path} has {lines} lines"));
        }
        if !text.starts_with("//!") {
            found.push(format!("{path} does not say what it is for"));
        }
        let Some(own) = layer_of(path) else {
            continue;
        };
        let Some(own_rank) = rank(own) else {
            found.push(format!("{path} is in no known layer"));
            continue;
        };
        for module in imported(text) {
            match rank(&module) {
                Some(other) if other > own_rank => {
                    found.push(format!(
                        "{path} imports from `{module}`, a layer above `{own}`"
                    ));
                }
                Some(_) => {}
                None => found.push(format!("{path} imports from `{module}`, no known layer")),
            }
        }
    }
    found
}

fn rank(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| *layer == module)
}

/// The top-level module of a file; `lib.rs` and `main.rs` are above all.
fn layer_of(path: &str) -> Option<&str> {
    let module = path.split('/').next()?.trim_end_matches(".rs");
    (!["lib", "main"].contains(&module)).then_some(module)
}

/// The first segments behind every `crate::`, comments apart; `crate::{a::…, b}` has several.
fn imported(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n");
    let mut modules = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate` and `some_crate::` are other things.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || "_$".contains(c)) {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => modules.extend(heads(group)),
            None => modules.push(name(rest)),
        }
    }
    modules
}

/// The first names of the entries of a group, up to its closing brace.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut found, mut start) = (0_usize, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(name(group[start..at].trim_start()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|module| !module.is_empty());
    found
}

fn name(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

fn sources(folder: &Path, below: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            sources(&entry.path(), &format!("{name}/"), found);
        } else if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "rs")
        {
            found.push((name, fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

#[test]
fn modules_import_only_from_the_layers_below() {
    let mut all = Vec::new();
    sources(&folder("src"), "", &mut all);
    assert!(all.len() > 50, "{} files", all.len());
    let found = violations(&all);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_library_lists_its_layers_in_order() {
    let text = fs::read_to_string(folder("src").join("lib.rs")).unwrap();
    let listed: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let layers: Vec<&str> = LAYERS
        .into_iter()
        .filter(|layer| listed.contains(layer))
        .collect();
    assert_eq!(listed, layers);
    let folders = fs::read_dir(folder("src"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_type().unwrap().is_dir());
    assert_eq!(listed.len(), folders.count());
}

#[test]
fn violations_are_found() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let long = format!("//! Long.\n{}", "\n".repeat(LONGEST));
    let made_up = [
        file(
            "engine/mod.rs",
            "//! Fine.\nuse crate::units::Time;\nuse crate::engine::Draw;",
        ),
        file(
            "units/mod.rs",
            "//! Upwards.\nfn f(_: crate::sim::Program) {}",
        ),
        file(
            "path/hop.rs",
            "//! A group.\nuse crate::{units::{Rate, Time}, sim::{A, B}, cli};",
        ),
        file(
            "stats/mod.rs",
            "//! In comments only.\n/// [`crate::sim::Part`]\n// crate::cli",
        ),
        file("topology/x.rs", "//! Unknown.\nuse crate::helpers::f;"),
        file("helpers.rs", "//! Unknown.\n"),
        file("sim/x.rs", "use crate::units::Time;"),
        file("cost/x.rs", &long),
        file("lib.rs", "//! Above all.\nuse crate::cli::main;"),
    ];
    let expected = [
        "units/mod.rs imports from `sim`, a layer above `units`",
        "path/hop.rs imports from `sim`, a layer above `path`",
        "path/hop.rs imports from `cli`, a layer above `path`",
        "topology/x.rs imports from `helpers`, no known layer",
        "helpers.rs is in no known layer",
        "sim/x.rs does not say what it is for",
        "cost/x.rs has 801 lines",
    ];
    assert_eq!(violations(&made_up), expected);
}
