//! The text of a scenario, its parsed tree, and the edits made on top of the file.

use std::ops::Range;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::{KeyPath, Problem, Segment, Traces};

/// A value set from outside the file: by `--set`, `--sweep`, another option, or a sweep point.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// What is set.
    pub path: KeyPath,
    /// To what.
    pub value: Value,
    /// Where the value comes from: the text of the option, or the key of the sweep in the file.
    pub origin: Origin,
}

/// Where an edit comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An option of the command line, as typed.
    Option(String),
    /// The key of the document's own `[sweep]` table.
    Sweep,
}

impl Edit {
    /// An edit typed as `PATH=VALUE` behind the option `flag`; a value that is not TOML is a string.
    ///
    /// # Errors
    /// If there is no `=` or the path is not a dotted key.
    pub fn parse(flag: &str, text: &str) -> Result<Self, String> {
        let (path, value) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is not of the form PATH=VALUE"))?;
        Ok(Self {
            path: KeyPath::parse(path.trim())?,
            value: parse_value(value.trim()),
            origin: Origin::Option(format!("{flag} {text}")),
        })
    }

    /// An edit of a top-level key by an option of its own.
    #[must_use]
    pub fn option(text: String, key: &str, value: Value) -> Self {
        Self {
            path: KeyPath::of([key]),
            value,
            origin: Origin::Option(text),
        }
    }
}

/// A TOML value, or else the text itself as a string.
pub(super) fn parse_value(text: &str) -> Value {
    let parsed: Result<Table, _> = format!("value = {text}").parse();
    parsed
        .ok()
        .filter(|table| table.len() == 1)
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// A scenario's text, tree, edits, and the recorded arrivals that it names.
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    text: String,
    table: Table,
    edits: Vec<Edit>,
    traces: Traces,
}

impl Document {
    /// Parses the text of the file `name`.
    ///
    /// # Errors
    /// Every syntax error with its place.
    pub fn parse(
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<Self, Box<SyntaxProblems>> {
        let (name, text) = (name.into(), text.into());
        let (_, errors) = DeTable::parse_recoverable(&text);
        let parsed: Result<Table, _> = text.parse();
        let errors = if errors.is_empty() {
            parsed.as_ref().err().into_iter().cloned().collect()
        } else {
            errors
        };
        match parsed {
            Ok(table) if errors.is_empty() => Ok(Self {
                name,
                text,
                table,
                edits: Vec::new(),
                traces: Traces::default(),
            }),
            _ => {
                let problems = errors.into_iter().map(|error| SyntaxProblem {
                    message: error.message().to_owned(),
                    span: error.span().unwrap_or(0..0),
                });
                let mut problems: Vec<SyntaxProblem> = problems.collect();
                problems.sort_by_key(|problem| problem.span.start);
                problems.dedup();
                let document = Self {
                    name,
                    text,
                    table: Table::new(),
                    edits: Vec::new(),
                    traces: Traces::default(),
                };
                Err(Box::new(SyntaxProblems { document, problems }))
            }
        }
    }

    /// The same document with `edits` applied in order.
    ///
    /// One problem per edit whose path leads nowhere comes with it; the others are applied.
    #[must_use]
    pub fn edited(&self, edits: &[Edit]) -> (Self, Vec<Problem>) {
        let mut document = self.clone();
        let mut problems = Vec::new();
        for edit in edits {
            if let Err(message) = edit.path.set(&mut document.table, edit.value.clone()) {
                problems.push(Problem::error(edit.path.clone(), message));
            }
            document.edits.push(edit.clone());
        }
        (document, problems)
    }

    /// The tree with all edits.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The recorded arrivals that it names, as far as they have been read.
    #[must_use]
    pub const fn traces(&self) -> &Traces {
        &self.traces
    }

    /// The same document with recorded arrivals.
    pub(super) fn with(self, traces: Traces) -> Self {
        Self { traces, ..self }
    }

    /// Whether an option of the command line sets the value at `path`, or a part of it, or what it
    /// is part of.
    pub(super) fn is_set_by_option(&self, path: &KeyPath) -> bool {
        let options = self
            .edits
            .iter()
            .filter(|edit| edit.origin != Origin::Sweep);
        options
            .map(|edit| &edit.path)
            .any(|set| path.starts_with(set) || set.starts_with(path))
    }

    /// The name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the file without its folder and extension.
    #[must_use]
    pub fn stem(&self) -> &str {
        let stem = std::path::Path::new(&self.name).file_stem();
        stem.and_then(std::ffi::OsStr::to_str).unwrap_or(&self.name)
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a key is: the name and the text of the source, and the span in it. A key that is not
    /// written anywhere is at its nearest ancestor.
    #[must_use]
    pub fn locate<'a>(&'a self, path: &KeyPath) -> (&'a str, &'a str, Range<usize>) {
        let edit = self
            .edits
            .iter()
            .rev()
            .find(|edit| path.starts_with(&edit.path))
            .or_else(|| self.maker(path));
        match edit.map(|edit| (&edit.origin, edit)) {
            Some((Origin::Option(text), _)) => ("command line", text, 0..text.len()),
            Some((Origin::Sweep, edit)) => {
                let key = KeyPath::of(["sweep", &edit.path.to_string()]);
                (&self.name, &self.text, self.span(&key))
            }
            None => (&self.name, &self.text, self.span(path)),
        }
    }

    /// The edit that made the table at `path`, which the file does not have.
    fn maker(&self, path: &KeyPath) -> Option<&Edit> {
        let file: Table = self.text.parse().ok()?;
        if path.segments().is_empty() || path.get(&file).is_some() {
            return None;
        }
        self.edits
            .iter()
            .rev()
            .find(|edit| edit.path.starts_with(path))
    }

    fn span(&self, path: &KeyPath) -> Range<usize> {
        let Ok(root) = DeTable::parse(&self.text) else {
            return 0..0;
        };
        let mut table = Some(root.get_ref());
        let mut array: Option<&[Spanned<DeValue<'_>>]> = None;
        let mut span = 0..0;
        for segment in path.segments() {
            let value = match segment {
                Segment::Key(key) => {
                    let entry =
                        table.and_then(|t| t.iter().find(|(k, _)| *k.get_ref() == key.as_str()));
                    let Some((key, value)) = entry else { break };
                    // A table's header or a dotted key is better shown by its key.
                    span = if value.get_ref().is_table() {
                        key.span()
                    } else {
                        value.span()
                    };
                    value
                }
                Segment::Index(index) => {
                    let Some(value) = array.and_then(|items| items.get(*index)) else {
                        break;
                    };
                    span = value.span();
                    value
                }
            };
            table = value.get_ref().as_table();
            array = value.get_ref().as_array().map(|items| &items[..]);
        }
        span
    }
}

/// A text that is not TOML.
#[derive(Debug, Clone)]
pub struct SyntaxProblems {
    document: Document,
    problems: Vec<SyntaxProblem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct SyntaxProblem {
    message: String,
    span: Range<usize>,
}

impl SyntaxProblems {
    /// The errors with excerpts, as text for a terminal.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        self.problems
            .iter()
            .map(|problem| {
                let source = super::problem::Source {
                    name: &self.document.name,
                    text: &self.document.text,
                    span: problem.span.clone(),
                };
                super::problem::render_at(
                    &Problem::error(KeyPath::root(), problem.message.clone()),
                    &source,
                    color,
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "seed = 7\n\n[vpc.main]\ncidr_block = \"10.0.0.0/16\"\n\n[sweep]\n\"seed\" = [1, 2]\n";

    #[test]
    fn keys_are_found_in_the_file_on_the_command_line_and_in_the_sweep() {
        let document = Document::parse("test.toml", TEXT).unwrap();
        let shown = |document: &Document, path: &KeyPath| {
            let (name, text, span) = document.locate(path);
            (name.to_owned(), text[span].to_owned())
        };
        let cidr = KeyPath::of(["vpc", "main", "cidr_block"]);
        assert_eq!(
            shown(&document, &cidr),
            ("test.toml".into(), "\"10.0.0.0/16\"".into())
        );
        let missing = KeyPath::of(["vpc", "main", "tags"]);
        assert_eq!(
            shown(&document, &missing),
            ("test.toml".into(), "main".into())
        );

        let set = Edit::parse("--set", "vpc.main.cidr_block=10.1.0.0/16").unwrap();
        let sweep = Edit {
            path: KeyPath::of(["seed"]),
            value: 1.into(),
            origin: Origin::Sweep,
        };
        let (edited, problems) = document.edited(&[set, sweep]);
        assert!(problems.is_empty());
        assert_eq!(
            edited.table()["vpc"]["main"]["cidr_block"].as_str(),
            Some("10.1.0.0/16")
        );
        let (name, text) = shown(&edited, &cidr);
        assert_eq!(
            (name.as_str(), text.as_str()),
            ("command line", "--set vpc.main.cidr_block=10.1.0.0/16")
        );
        assert_eq!(shown(&edited, &KeyPath::of(["seed"])).1, "[1, 2]");
    }

    #[test]
    fn values_on_the_command_line_are_toml_or_text() {
        assert_eq!(parse_value("3"), Value::Integer(3));
        assert_eq!(parse_value("\"3\""), Value::String("3".into()));
        assert_eq!(parse_value("25 Gbps"), Value::String("25 Gbps".into()));
        assert_eq!(parse_value("a = 1"), Value::String("a = 1".into()));
        assert!(parse_value("{ exponential = { mean = \"1 s\" } }").is_table());
    }
}
