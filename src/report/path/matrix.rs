//! Who reaches whom, as a table and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::end_name;
use crate::path::Matrix;
use crate::topology::Topology;

/// Up to so many groups, the table has a column for each.
const SQUARE: usize = 8;

/// Who reaches whom.
#[derive(Debug, Clone, Serialize)]
pub struct MatrixReport {
    /// Ends that no rule tells apart, by the name of the first of them.
    pub groups: Vec<GroupReport>,
    /// Pairs of groups of which the first reaches the second.
    pub reaches: Vec<ReachReport>,
}

/// Ends that behave alike.
#[derive(Debug, Clone, Serialize)]
pub struct GroupReport {
    /// The first of them.
    pub name: String,
    /// All of them.
    pub members: Vec<String>,
}

/// That one group reaches another.
#[derive(Debug, Clone, Serialize)]
pub struct ReachReport {
    /// The senders.
    pub from: String,
    /// The receivers.
    pub to: String,
    /// Protocols and ports, as text.
    pub ports: String,
}

impl MatrixReport {
    /// Names what a matrix holds.
    #[must_use]
    pub fn new(topology: &Topology, matrix: &Matrix) -> Self {
        let groups: Vec<GroupReport> = matrix
            .groups
            .iter()
            .map(|members| {
                let members: Vec<String> =
                    members.iter().map(|&end| end_name(topology, end)).collect();
                GroupReport {
                    name: members.first().cloned().unwrap_or_default(),
                    members,
                }
            })
            .collect();
        let reaches = matrix.reaches.iter().map(|reach| ReachReport {
            from: groups[reach.from].name.clone(),
            to: groups[reach.to].name.clone(),
            ports: reach.ports.to_string(),
        });
        Self {
            reaches: reaches.collect(),
            groups,
        }
    }

    /// What the groups are called where their members are not listed.
    fn shown(&self) -> BTreeMap<&str, String> {
        let groups = self.groups.iter();
        let shown = |group: &GroupReport| match group.members.len() {
            0 | 1 => group.name.clone(),
            n => format!("{} (and {} like it)", group.name, n - 1),
        };
        groups
            .map(|group| (group.name.as_str(), shown(group)))
            .collect()
    }
}

/// A table: a square for few groups, a row per pair for many.
#[must_use]
pub fn matrix_text(report: &MatrixReport) -> String {
    if report.reaches.is_empty() {
        return "nobody reaches anybody\n".to_owned();
    }
    if report.groups.len() <= SQUARE {
        square(report)
    } else {
        rows(report)
    }
}

fn square(report: &MatrixReport) -> String {
    let shown = report.shown();
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    let names = report.groups.iter().map(|group| group.name.clone());
    table.set_header(std::iter::once("from \\ to".to_owned()).chain(names));
    for from in &report.groups {
        let cells = report.groups.iter().map(|to| {
            let reach = report
                .reaches
                .iter()
                .find(|reach| reach.from == from.name && reach.to == to.name);
            reach.map_or_else(|| "–".to_owned(), |reach| reach.ports.clone())
        });
        table.add_row(std::iter::once(shown[from.name.as_str()].clone()).chain(cells));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{}", line.trim_end());
        text
    })
}

/// Not as a table of the library, which would hold every cell: there may be a million rows.
fn rows(report: &MatrixReport) -> String {
    let shown = report.shown();
    let widest = |name: fn(&ReachReport) -> &str, header: &str| {
        let names = report.reaches.iter().map(name);
        let widths = names.map(|name| shown[name].chars().count());
        widths.chain([header.len()]).max().unwrap_or(0) + 2
    };
    let (from, to) = (
        widest(|reach| &reach.from, "from"),
        widest(|reach| &reach.to, "to"),
    );
    let mut text = format!("{:<from$}{:<to$}ports\n", "from", "to");
    let mut before = None;
    for reach in &report.reaches {
        let sender = if before == Some(&reach.from) {
            ""
        } else {
            &shown[reach.from.as_str()]
        };
        before = Some(&reach.from);
        let receiver = &shown[reach.to.as_str()];
        let _ = writeln!(text, "{sender:<from$}{receiver:<to$}{}", reach.ports);
    }
    text
}
