//! Tables without borders, and what distinguishes their rows.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::report::Report;
use crate::units::format_seconds;

/// A table with a header and right-aligned columns after the first `left`.
pub(super) fn table(columns: &[String], left: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(columns.to_vec());
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if index >= left {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

pub(super) fn lines(table: &Table) -> String {
    table.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "  {}", line.trim_end());
        text
    })
}

/// What distinguishes the rows of a report: the swept keys, and the names of things where there are
/// several.
pub(super) struct Names {
    pub(super) header: Vec<String>,
    parameters: Vec<Vec<String>>,
    several: bool,
}

impl Names {
    /// Names for rows of `what`, of which the largest point has `count`.
    pub(super) fn new(report: &Report<'_>, what: &str, count: usize) -> Self {
        let parameters = report
            .points
            .first()
            .map_or(&[][..], |point| &point.parameters);
        let keys = parameters
            .iter()
            .map(|(path, _)| crate::scenario::last_key(path).to_owned());
        let several = parameters.is_empty() || count > 1;
        let values = report.points.iter().map(|point| {
            point
                .parameters
                .iter()
                .map(|(_, value)| crate::scenario::display_value(value))
                .collect()
        });
        Self {
            header: keys.chain(several.then(|| what.to_owned())).collect(),
            parameters: values.collect(),
            several,
        }
    }

    /// The first cells of the row of `name` at a point.
    pub(super) fn cells(&self, point: usize, name: &str) -> Vec<String> {
        let own = self.several.then(|| name.to_owned());
        self.parameters[point].iter().cloned().chain(own).collect()
    }

    /// The same as one text.
    pub(super) fn text(&self, point: usize, name: &str) -> String {
        self.cells(point, name).join(", ")
    }
}

pub(super) fn time(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), format_seconds)
}

pub(super) fn share_of(part: u64, whole: u64) -> String {
    if whole == 0 {
        "–".to_owned()
    } else {
        percent(part as f64 / whole as f64)
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
