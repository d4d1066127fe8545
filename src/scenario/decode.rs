//! Reading a tree into a type with every mistake collected, not only the first.
//!
//! serde stops at the first mistake. So the offending value is noted, taken out, and the rest is
//! read again, until it reads. What had to be taken out as a whole is named, so that references to
//! it do not count as mistakes of their own.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value as Schema;
use toml::{Table, Value};

use super::{KeyPath, Problem, Segment};

/// Reads `table`; returns what could be read, the tables (`kind.name`) that could not, or only in
/// part, and all problems.
pub(super) fn decode<T: DeserializeOwned + JsonSchema + Default>(
    table: &Table,
) -> (T, BTreeSet<String>, Vec<Problem>) {
    let mut rest = table.clone();
    let mut removed: Vec<KeyPath> = Vec::new();
    let mut broken = BTreeSet::new();
    let mut problems = Vec::new();
    let schema = schemars::schema_for!(T).to_value();
    loop {
        let error = match serde_path_to_error::deserialize(Value::Table(rest.clone())) {
            Ok(value) => return (value, broken, problems),
            Err(error) => error,
        };
        let path = key_path(error.path());
        let message = error.into_inner().message().to_owned();
        let culprit = if let Some(field) = quoted(&message, "missing field ") {
            report_missing(&schema, &path, &removed, table, &mut problems, &field);
            path
        } else {
            // A value that lost a wrong part of itself is no second mistake.
            let consequence = removed
                .iter()
                .any(|part| part.starts_with(&path) && *part != path);
            if !consequence {
                problems.push(explain(&path, &message));
            }
            path
        };
        if !take_out(&culprit, &mut rest, &mut removed, &mut broken) {
            // Nothing left to take out: the mistake is the document itself.
            return (T::default(), broken, problems);
        }
    }
}

/// Removes the value at `path`, or the nearest ancestor that exists.
fn take_out(
    path: &KeyPath,
    rest: &mut Table,
    removed: &mut Vec<KeyPath>,
    broken: &mut BTreeSet<String>,
) -> bool {
    for length in (1..=path.segments().len()).rev() {
        let at = path.prefix(length);
        if at.remove(rest) {
            broken.insert(at.prefix(2).to_string());
            removed.push(at);
            return true;
        }
    }
    false
}

/// One problem for every key that the table at `path` lacks, unless it was there and wrong.
fn report_missing(
    schema: &Schema,
    path: &KeyPath,
    removed: &[KeyPath],
    table: &Table,
    problems: &mut Vec<Problem>,
    field: &str,
) {
    let written = path.get(table);
    let required = schema_at(schema, path).and_then(|schema| schema.get("required")?.as_array());
    let mut missing: Vec<&str> = required
        .into_iter()
        .flatten()
        .filter_map(Schema::as_str)
        .collect();
    if missing.is_empty() {
        missing.push(field);
    }
    for key in missing {
        let here = written
            .and_then(Value::as_table)
            .is_some_and(|table| table.contains_key(key));
        if !here && !removed.contains(&path.key(key)) {
            problems.push(
                Problem::error(path.clone(), format!("the key `{key}` is missing"))
                    .help(format!("add {key} = {}", example(schema, path, key))),
            );
        }
    }
}

/// The example of a key in the schema, or an ellipsis.
fn example(schema: &Schema, path: &KeyPath, key: &str) -> String {
    let found = schema_at(schema, &path.key(key)).and_then(|s| s.get("example")?.as_str());
    found.unwrap_or("…").to_owned()
}

/// The part of a JSON Schema that describes what is at `path`.
fn schema_at<'a>(root: &'a Schema, path: &KeyPath) -> Option<&'a Schema> {
    path.segments().iter().try_fold(root, |at, segment| {
        let at = resolve(root, at);
        match segment {
            Segment::Key(key) => at
                .get("properties")
                .and_then(|p| p.get(key))
                .or_else(|| at.get("additionalProperties")),
            Segment::Index(_) => at.get("items"),
        }
        .map(|found| {
            if found.get("example").is_some() {
                found
            } else {
                resolve(root, found)
            }
        })
    })
}

/// Follows `$ref`, and the one real alternative of an optional value.
fn resolve<'a>(root: &'a Schema, mut schema: &'a Schema) -> &'a Schema {
    loop {
        let reference = schema.get("$ref").and_then(Schema::as_str);
        let alternative = schema.get("anyOf").and_then(|any| any.get(0));
        schema = match (reference, alternative) {
            (Some(name), _) => match root.pointer(name.trim_start_matches('#')) {
                Some(found) => found,
                None => return schema,
            },
            (None, Some(first)) => first,
            (None, None) => return schema,
        };
    }
}

fn key_path(path: &serde_path_to_error::Path) -> KeyPath {
    use serde_path_to_error::Segment as S;
    path.iter()
        .fold(KeyPath::root(), |at, segment| match segment {
            S::Map { key } => at.key(key),
            S::Seq { index } => at.index(*index),
            S::Enum { variant } => at.key(variant),
            S::Unknown => at,
        })
}

/// serde's message in the user's words.
fn explain(path: &KeyPath, message: &str) -> Problem {
    if let Some(key) = quoted(message, "unknown field ") {
        let known: Vec<String> = backticked(message).skip(1).collect();
        return Problem::error(path.clone(), format!("`{key}` is not a key of this table"))
            .did_you_mean(&key, known.iter().map(String::as_str));
    }
    if let Some(variant) = quoted(message, "unknown variant ") {
        let known: Vec<String> = backticked(message).skip(1).collect();
        return Problem::error(
            path.clone(),
            format!("`{variant}` is not one of the values of this key"),
        )
        .did_you_mean(&variant, known.iter().map(String::as_str));
    }
    Problem::error(path.clone(), plain(message))
}

/// serde's words for types in those of the language.
pub(crate) fn plain(message: &str) -> String {
    [
        ("invalid type: ", "found "),
        ("invalid value: ", "found "),
        ("expected a sequence", "expected a list"),
        ("found sequence", "found a list"),
        ("expected a map", "expected a table"),
        ("found map", "found a table"),
        ("expected u16", "expected a whole number from 0 to 65535"),
        (
            "expected u32",
            "expected a whole number from 0 to 4294967295",
        ),
        ("expected u64", "expected a whole number, not negative"),
    ]
    .iter()
    .fold(message.to_owned(), |text, (theirs, ours)| {
        text.replace(theirs, ours)
    })
}

/// The name in backticks right behind `prefix`.
fn quoted(message: &str, prefix: &str) -> Option<String> {
    message
        .starts_with(prefix)
        .then(|| backticked(message).next())?
}

fn backticked(message: &str) -> impl Iterator<Item = String> + '_ {
    message.split('`').skip(1).step_by(2).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use crate::scenario::{Document, Scenario};

    #[test]
    fn every_mistake_is_reported_once_with_its_path() {
        let text = r#"
            seeed = 3
            duration = 5
            [vpc.main]
            cidr_block = "10.0.0.0/33"
            [vpc.other]
            cidr_blok = "10.1.0.0/16"
            [security_group.app]
            vpc = "main"
            ingress = [
                { protocol = "tcp", ports = 80, source = "10.0.0.0/8" },
                { protocol = "tpc", ports = 99999, source = "10.0.0.0/8" },
            ]
            [function.f]
            runtime = "python3.12"
            memory = "64 MB"
            duration = { lognormal = { p50 = "20", p99 = "120 ms" } }
            vpc_attachment = "hyperplan"
        "#;
        let document = Document::parse("test.toml", text).unwrap();
        let (scenario, problems) = Scenario::read(&document);
        let shown: Vec<String> = problems
            .iter()
            .map(|p| {
                format!(
                    "{}: {} | {}",
                    p.path,
                    p.message,
                    p.help.as_deref().unwrap_or("")
                )
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"));
        assert!(scenario.broken.contains("vpc.main") && scenario.broken.contains("vpc.other"));
    }
}
