//! The summary for the terminal: answers in words, a table of latencies, what they were spent on,
//! functions, and costs.

mod breakdowns;
mod functions;
mod points;
mod table;
mod workloads;

use super::{Report, Summary};
use crate::units::format_seconds;

/// The summary of a report as text, without escapes.
#[must_use]
pub fn summary_text(report: &Report<'_>, summary: &Summary) -> String {
    let mut text = header(report);
    text.push('\n');
    text.push_str(&functions::answers(summary));
    text.push_str(&workloads::latencies(report, summary));
    text.push_str(&workloads::refusals(report, summary));
    text.push_str(&workloads::transports(report, summary));
    text.push_str(&points::limits(report, summary));
    text.push_str(&breakdowns::breakdowns(report, summary));
    text.push_str(&functions::functions(report, summary));
    text.push_str(&points::costs(report));
    text
}

fn header(report: &Report<'_>) -> String {
    let points = match report.points.len() {
        1 => String::new(),
        n => format!("{n} points, "),
    };
    let replications = report
        .points
        .iter()
        .map(|point| point.replications)
        .max()
        .unwrap_or(0);
    let plural = if replications == 1 { "" } else { "s" };
    let duration = report
        .duration_secs
        .map(|seconds| format!(", {} simulated", format_seconds(seconds)))
        .unwrap_or_default();
    format!(
        "{}\n{}: {points}{replications} replication{plural}{duration}, seed {}\n",
        report.title, report.name, report.seed
    )
}
