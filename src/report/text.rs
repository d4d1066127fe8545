//! The summary for the terminal: a table of latencies, what they were spent on, and cold starts.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::{FunctionSummary, LatencySummary, PointSummary, Report, Summary, WorkloadSummary};
use crate::units::format_seconds;

/// Breakdowns are shown in full up to so many rows of the first table.
const FULL_BREAKDOWNS: usize = 10;
/// Hops below this share of the mean are summed up.
const SMALL: f64 = 0.005;
/// Samples beyond a percentile below which it is marked as uncertain.
const TAIL_SAMPLES: f64 = 10.0;

/// The summary of a report as text, without escapes.
#[must_use]
pub fn summary_text(report: &Report<'_>, summary: &Summary) -> String {
    let mut text = header(report);
    text.push('\n');
    text.push_str(&latencies(report, summary));
    text.push_str(&refusals(report, summary));
    text.push_str(&breakdowns(report, summary));
    text.push_str(&functions(report, summary));
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

/// A table with a header and right-aligned columns after the first `left`.
fn table(columns: &[&str], left: usize) -> Table {
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

fn lines(table: &Table) -> String {
    table.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "  {}", line.trim_end());
        text
    })
}

/// What a row is called: the point, the workload, or both, whichever there are several of.
fn row_name(report: &Report<'_>, point: usize, workload: &str) -> String {
    let point = &report.points[point];
    match (point.label.is_empty(), point.results.workloads.len()) {
        (true, _) => workload.to_owned(),
        (false, 1) => point.label.clone(),
        (false, _) => format!("{}, {workload}", point.label),
    }
}

fn rows<'a>(
    report: &'a Report<'_>,
    summary: &'a Summary,
) -> impl Iterator<Item = (String, &'a WorkloadSummary)> {
    summary
        .points
        .iter()
        .enumerate()
        .flat_map(move |(index, point)| {
            point
                .workloads
                .iter()
                .map(move |(name, workload)| (row_name(report, index, name), workload))
        })
}

fn latencies(report: &Report<'_>, summary: &Summary) -> String {
    let columns = [
        "latency",
        "completed",
        "failed",
        "mean",
        "± 95 %",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "max",
    ];
    let mut table = table(&columns, 1);
    let mut uncertain = false;
    for (name, workload) in rows(report, summary) {
        let failed: u64 = workload.failed.values().sum();
        let mut cells = vec![name, workload.completed.to_string(), failed.to_string()];
        match &workload.latency_s {
            Some(latency) => {
                cells.push(format_seconds(latency.mean));
                cells.push(half_width(latency));
                let quantiles = [
                    (latency.p50, 0.5),
                    (latency.p90, 0.9),
                    (latency.p99, 0.99),
                    (latency.p99_9, 0.999),
                ];
                for (value, q) in quantiles {
                    let sure = workload.completed as f64 * (1.0 - q) >= TAIL_SAMPLES;
                    uncertain |= !sure;
                    cells.push(format!(
                        "{}{}",
                        if sure { "" } else { "~" },
                        format_seconds(value)
                    ));
                }
                cells.push(format_seconds(latency.max));
            }
            None => cells.extend(std::iter::repeat_n("–".to_owned(), 7)),
        }
        table.add_row(cells);
    }
    let mut text = lines(&table);
    if uncertain {
        text.push_str("  ~ fewer than ten samples lie beyond this percentile\n");
    }
    text
}

fn half_width(latency: &LatencySummary) -> String {
    match latency.mean_ci95 {
        Some([low, high]) => format_seconds((high - low) / 2.0),
        None => "–".to_owned(),
    }
}

/// Why workloads failed, and whether the scenario expects it.
fn refusals(report: &Report<'_>, summary: &Summary) -> String {
    let mut text = String::new();
    for (name, workload) in rows(report, summary) {
        for (reason, count) in &workload.failed {
            if workload.refusal.is_none() {
                let _ = writeln!(text, "  {name}: {count} failed: {reason}");
            }
        }
        if let Some(refusal) = &workload.refusal {
            let expected = if refusal.expected {
                "refused, as expected"
            } else {
                "refused"
            };
            let _ = writeln!(
                text,
                "  {name}: {expected} by {} [{}]",
                refusal.at, refusal.code
            );
            let _ = writeln!(text, "      {}", refusal.reason);
            if !refusal.expected {
                let _ = writeln!(text, "      to allow it, {}", refusal.remedy);
            }
        }
    }
    if text.is_empty() {
        text
    } else {
        format!("\nFailures\n{text}")
    }
}

fn breakdowns(report: &Report<'_>, summary: &Summary) -> String {
    let all: Vec<(String, &WorkloadSummary)> = rows(report, summary)
        .filter(|(_, workload)| !workload.hops.is_empty())
        .collect();
    if all.is_empty() {
        return String::new();
    }
    if all.len() > FULL_BREAKDOWNS {
        return compact_breakdowns(&all);
    }
    let columns = [
        "where the time goes",
        "hop",
        "mean",
        "share",
        "",
        "slowest 1 %",
    ];
    let mut table = table(&columns, 2);
    if let Some(column) = table.column_mut(4) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    for (name, workload) in all {
        let mut name = Some(name);
        let mut rest = (0.0, 0.0, 0.0);
        for hop in &workload.hops {
            if hop.share < SMALL && hop.share_slowest_1pct < SMALL {
                rest.0 += hop.mean_s;
                rest.1 += hop.share;
                rest.2 += hop.share_slowest_1pct;
                continue;
            }
            let name = name.take().unwrap_or_default();
            table.add_row(hop_row(
                name,
                hop.hop,
                (hop.mean_s, hop.share, hop.share_slowest_1pct),
            ));
        }
        if rest.0 > 0.0 {
            table.add_row(hop_row(
                name.take().unwrap_or_default(),
                "(smaller hops)",
                rest,
            ));
        }
    }
    format!("\n{}", lines(&table))
}

fn hop_row(name: String, hop: &str, (mean, share, slowest): (f64, f64, f64)) -> Vec<String> {
    vec![
        name,
        hop.to_owned(),
        format_seconds(mean),
        percent(share),
        bar(share),
        percent(slowest),
    ]
}

/// One line per row: the largest hops with their shares.
fn compact_breakdowns(all: &[(String, &WorkloadSummary)]) -> String {
    let mut table = table(&["where the time goes", "largest hops"], 2);
    for (name, workload) in all {
        let mut hops: Vec<_> = workload.hops.iter().collect();
        hops.sort_by(|a, b| b.share.total_cmp(&a.share));
        let largest: Vec<String> = hops
            .iter()
            .take(3)
            .map(|hop| format!("{} {}", hop.hop, percent(hop.share)))
            .collect();
        table.add_row(vec![name.clone(), largest.join(", ")]);
    }
    format!("\n{}", lines(&table))
}

fn functions(report: &Report<'_>, summary: &Summary) -> String {
    let all: Vec<(String, &FunctionSummary)> = summary
        .points
        .iter()
        .enumerate()
        .flat_map(|(index, point)| {
            point
                .functions
                .iter()
                .map(move |(name, f)| (function_name(report, index, point, name), f))
        })
        .collect();
    if all.is_empty() {
        return String::new();
    }
    let columns = [
        "cold starts",
        "invoked",
        "cold",
        "throttled",
        "peak",
        "cold p50",
        "cold p99",
        "VPC p50",
        "VPC p99",
        "new ENI",
    ];
    let mut table = table(&columns, 1);
    for (name, function) in all {
        let phase = |name| function.phases.iter().find(|phase| phase.phase == name);
        let attach = phase("vpc_attach");
        let created = phase("vpc_attach.create_network_interface").map_or(0, |phase| phase.count);
        let time = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), format_seconds);
        let cold = function.cold_start_s.as_ref();
        let has_interfaces = created > 0 || phase("vpc_attach.reuse_network_interface").is_some();
        table.add_row(vec![
            name,
            function.invocations.to_string(),
            share_of(function.cold_starts, function.invocations),
            function.throttles.to_string(),
            function.peak_environments.to_string(),
            time(cold.map(|cold| cold.p50)),
            time(cold.map(|cold| cold.p99)),
            time(attach.map(|phase| phase.p50)),
            time(attach.map(|phase| phase.p99)),
            if has_interfaces {
                share_of(created, function.cold_starts)
            } else {
                "–".to_owned()
            },
        ]);
    }
    format!("\n{}", lines(&table))
}

fn function_name(report: &Report<'_>, index: usize, point: &PointSummary, name: &str) -> String {
    let label = &report.points[index].label;
    match (label.is_empty(), point.functions.len()) {
        (true, _) => name.to_owned(),
        (false, 1) => label.clone(),
        (false, _) => format!("{label}, {name}"),
    }
}

fn share_of(part: u64, whole: u64) -> String {
    if whole == 0 {
        "–".to_owned()
    } else {
        percent(part as f64 / whole as f64)
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A bar of up to 20 characters.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and 40
fn bar(share: f64) -> String {
    let halves = (share.clamp(0.0, 1.0) * 40.0).round() as usize;
    format!(
        "{}{}",
        "█".repeat(halves / 2),
        if halves % 2 == 1 { "▌" } else { "" }
    )
}
