//! What README and the pages of `docs/` show of netsim is what it prints.
//!
//! A code block that begins with `$ netsim …` is that command and its standard output; a line `…`
//! stands for what is left out. `UPDATE_DOCUMENTS=1 cargo test documents` writes the others anew.

use std::fs;

use super::Place;
use crate::world::folder;

const ELLIPSIS: &str = "…";

/// A code block: what stands before it, the command, and the output that is shown.
struct Example<'t> {
    before: &'t str,
    command: &'t str,
    shown: &'t str,
}

/// The examples of a page, and what stands after the last.
fn examples(page: &str) -> (Vec<Example<'_>>, &str) {
    const START: &str = "```text\n$ netsim ";
    let (mut found, mut rest) = (Vec::new(), page);
    while let Some(at) = rest.find(START) {
        let (before, after) = rest.split_at(at + START.len());
        let (command, after) = after.split_once('\n').unwrap();
        let end = after.find("```").unwrap();
        found.push(Example {
            before,
            command,
            shown: &after[..end],
        });
        rest = &after[end..];
    }
    (found, rest)
}

/// The words of a command line; single and double quotes hold words together.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in command.chars() {
        match (quote, c) {
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            _ => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Whether everything that is shown is in the output, in its order.
fn is_shown_by(shown: &str, output: &str) -> bool {
    let marker = format!("{ELLIPSIS}\n");
    let parts = shown.split(&marker).map(|part| {
        let trimmed = part.trim_end_matches([' ', '\n']);
        trimmed.trim_start_matches('\n')
    });
    let mut rest = output;
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    true
}

#[test]
fn documents_show_what_netsim_prints() {
    let place = Place::with(&[]);
    fs::create_dir(place.path("scenarios")).unwrap();
    for entry in fs::read_dir(folder("scenarios")).unwrap() {
        let from = entry.unwrap().path();
        let to = place.path("scenarios").join(from.file_name().unwrap());
        fs::copy(from, to).unwrap();
    }
    place.netsim(&["init", "production-vpc"]).status(0);
    let update = std::env::var_os("UPDATE_DOCUMENTS").is_some();
    for name in ["README.md", "docs/path.md", "docs/cost.md"] {
        let page = fs::read_to_string(folder(name)).unwrap();
        let (examples, after) = examples(&page);
        let mut anew = String::new();
        for Example {
            before,
            command,
            shown,
        } in examples
        {
            let words = words(command);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let output = place.netsim(&words).stdout;
            let whole = !shown.contains(ELLIPSIS);
            let same = if whole {
                shown.trim_end() == output.trim_end()
            } else {
                is_shown_by(shown, &output)
            };
            assert!(
                same || (update && whole),
                "{name}: netsim {command} prints\n{output}"
            );
            let kept = if whole { &output } else { shown };
            anew.extend([before, command, "\n", kept.trim_end(), "\n"]);
        }
        anew.push_str(after);
        if update && anew != page {
            fs::write(folder(name), anew).unwrap();
        }
    }
}
