//! Small scenarios for the tests of this layer.

use std::fmt::Write as _;

use super::Topology;
use crate::scenario::{Document, Problem, Scenario};

/// A Region with three zones and a VPC with a subnet in two of them.
pub(super) const BASE: &str = r#"
    [region]
    name = "us-east-1"
    availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
    [vpc.main]
    cidr_block = "10.0.0.0/16"
    [subnet.a]
    vpc = "main"
    availability_zone = "us-east-1a"
    cidr_block = "10.0.0.0/24"
    [subnet.b]
    vpc = "main"
    availability_zone = "us-east-1b"
    cidr_block = "10.0.1.0/24"
"#;

/// What `text` behind [`BASE`] is resolved to, with all problems.
pub(super) fn resolve(text: &str) -> (Topology, Vec<Problem>) {
    resolve_whole(&format!("{BASE}\n{text}"))
}

/// What a whole scenario is resolved to, with all problems.
pub(super) fn resolve_whole(text: &str) -> (Topology, Vec<Problem>) {
    let document = Document::parse("test.toml", text).unwrap();
    let (scenario, mut problems) = Scenario::read(&document);
    let (topology, more) = Topology::resolve(&scenario);
    problems.extend(more);
    (topology, problems)
}

/// The topology of a scenario in which nothing is wrong.
pub(super) fn right(text: &str) -> Topology {
    let (topology, problems) = resolve(text);
    assert!(problems.is_empty(), "{}", shown(&problems));
    topology
}

/// What is wrong with `text` behind [`BASE`], one problem per line: `path: message (help)`.
pub(super) fn wrong(text: &str) -> String {
    let (_, problems) = resolve(text);
    assert!(!problems.is_empty(), "nothing is wrong");
    shown(&problems)
}

/// So many texts, one behind the other.
pub(super) fn many(count: u32, one: impl Fn(u32) -> String) -> String {
    (0..count).map(one).collect()
}

/// One problem per line.
pub(super) fn shown(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |mut text, problem| {
        let kind = if problem.is_error() { "" } else { "warning: " };
        let _ = write!(text, "{kind}{problem}");
        if let Some(help) = &problem.help {
            let _ = write!(text, " ({help})");
        }
        text.push('\n');
        text
    })
}
