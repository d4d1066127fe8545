//! Who reaches whom, as a table and for programs.

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

    fn shown(&self, name: &str) -> String {
        let group = self.groups.iter().find(|group| group.name == name);
        match group.map_or(0, |group| group.members.len()) {
            0 | 1 => name.to_owned(),
            n => format!("{name} (and {} like it)", n - 1),
        }
    }
}

/// A table: a square for few groups, a row per pair for many.
#[must_use]
pub fn matrix_text(report: &MatrixReport) -> String {
    if report.reaches.is_empty() {
        return "nobody reaches anybody\n".to_owned();
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    if report.groups.len() <= SQUARE {
        square(&mut table, report);
    } else {
        rows(&mut table, report);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{}", line.trim_end());
        text
    })
}

fn square(table: &mut Table, report: &MatrixReport) {
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
        table.add_row(std::iter::once(report.shown(&from.name)).chain(cells));
    }
}

fn rows(table: &mut Table, report: &MatrixReport) {
    table.set_header(["from", "to", "ports"]);
    let mut before = None;
    for reach in &report.reaches {
        let from = if before == Some(&reach.from) {
            String::new()
        } else {
            report.shown(&reach.from)
        };
        before = Some(&reach.from);
        table.add_row([from, report.shown(&reach.to), reach.ports.clone()]);
    }
}
