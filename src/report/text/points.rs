//! Limits that resources of a point reached, and what it costs.

use super::table::{Names, lines, table};
use crate::cost::Section;
use crate::report::{Report, Summary, resources};

/// What limits of resources were reached.
pub(super) fn limits(report: &Report<'_>, summary: &Summary) -> String {
    let names = Names::new(report, "limits reached", usize::MAX);
    let mut columns = names.header.clone();
    columns.push("metric".to_owned());
    let left = columns.len();
    columns.push("count".to_owned());
    let mut table = table(&columns, left);
    for (point, resource, metric, value) in resources::trouble(summary) {
        let mut cells = names.cells(point, resource);
        cells.extend([metric.to_owned(), value.to_string()]);
        table.add_row(cells);
    }
    if table.row_count() == 0 {
        String::new()
    } else {
        format!("\n{}", lines(&table))
    }
}

/// What each point costs in a month, by section of its bill.
pub(super) fn costs(report: &Report<'_>) -> String {
    if report
        .points
        .iter()
        .all(|point| point.bill.items.is_empty())
    {
        return String::new();
    }
    let names = Names::new(report, "", 0);
    let mut columns = names.header.clone();
    let left = columns.len();
    columns.extend(["hourly", "compute", "traffic", "USD a month"].map(str::to_owned));
    let mut table = table(&columns, left);
    for (index, point) in report.points.iter().enumerate() {
        let mut cells = names.cells(index, "cost");
        let sections = Section::ALL.map(|section| point.bill.section(section));
        cells.extend(sections.map(|amount| format!("{amount:.2}")));
        let unknown = point.bill.items.iter().any(|item| item.amount.is_none());
        let more = if unknown { "+" } else { "" };
        cells.push(format!("{:.2}{more}", point.bill.total));
        table.add_row(cells);
    }
    format!("\n{}", lines(&table))
}
