//! What workloads experienced: latencies, failures, and what it took to get requests across.

use std::fmt::Write as _;

use super::table::{Names, lines, table};
use crate::report::{LatencySummary, Report, Summary, TransportSummary, WorkloadSummary};
use crate::units::format_seconds;

/// From here on, goodput is worth a column.
const MUCH_BPS: f64 = 10e6;
/// Samples beyond a percentile below which it is marked as uncertain.
const TAIL_SAMPLES: f64 = 10.0;

pub(super) fn workload_names(report: &Report<'_>, summary: &Summary) -> Names {
    let count = summary
        .points
        .iter()
        .map(|point| point.workloads.len())
        .max();
    Names::new(report, "workload", count.unwrap_or(0))
}

pub(super) fn rows(summary: &Summary) -> impl Iterator<Item = (usize, &str, &WorkloadSummary)> {
    summary
        .points
        .iter()
        .enumerate()
        .flat_map(|(index, point)| {
            point
                .workloads
                .iter()
                .map(move |(name, workload)| (index, name.as_str(), workload))
        })
}

pub(super) fn latencies(report: &Report<'_>, summary: &Summary) -> String {
    let names = workload_names(report, summary);
    let failures = rows(summary).any(|(_, _, workload)| !workload.failed.is_empty());
    let mut columns = names.header.clone();
    columns.push("completed".to_owned());
    columns.extend(failures.then(|| "failed".to_owned()));
    columns.extend(["mean", "± 95 %", "p50", "p90", "p99", "p99.9", "max"].map(str::to_owned));
    // How much gets through is of interest where it is much.
    let goodput = rows(summary).any(|(_, _, workload)| through(workload) >= Some(MUCH_BPS));
    columns.extend(goodput.then(|| "goodput".to_owned()));
    let mut table = table(&columns, names.header.len());
    let mut uncertain = false;
    for (point, name, workload) in rows(summary) {
        let mut cells = names.cells(point, name);
        cells.push(workload.completed.to_string());
        cells.extend(failures.then(|| workload.failed.values().sum::<u64>().to_string()));
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
        cells.extend(goodput.then(|| {
            through(workload).map_or_else(|| "–".to_owned(), |bps| format!("{:.1} Mbps", bps / 1e6))
        }));
        table.add_row(cells);
    }
    let mut text = lines(&table);
    if uncertain {
        text.push_str("  ~ fewer than ten samples lie beyond this percentile\n");
    }
    text
}

/// What a workload gets through.
fn through(workload: &WorkloadSummary) -> Option<f64> {
    workload.throughput_bps.or(workload.goodput_bps)
}

fn half_width(latency: &LatencySummary) -> String {
    match latency.mean_ci95 {
        Some([low, high]) => format_seconds((high - low) / 2.0),
        None => "–".to_owned(),
    }
}

/// Why workloads failed, and whether the scenario expects it.
pub(super) fn refusals(report: &Report<'_>, summary: &Summary) -> String {
    let names = workload_names(report, summary);
    let mut text = String::new();
    for (point, name, workload) in rows(summary) {
        let name = names.text(point, name);
        let Some(refusal) = &workload.refusal else {
            for (reason, count) in &workload.failed {
                let _ = writeln!(text, "  {name}: {count} failed: {reason}");
            }
            continue;
        };
        let expected = if refusal.expected {
            "refused, as expected,"
        } else {
            "refused"
        };
        let code = refusal.code.map(|code| format!(" [{code}]"));
        let _ = writeln!(
            text,
            "  {name}: {expected} by {}{}",
            refusal.at,
            code.unwrap_or_default()
        );
        let _ = writeln!(text, "      {}", refusal.reason);
        if !refusal.expected {
            let _ = writeln!(text, "      to allow it: {}", refusal.remedy);
        }
    }
    if text.is_empty() {
        text
    } else {
        format!("\nFailures\n{text}")
    }
}

/// What it took to get requests across, where something went another way than at first.
pub(super) fn transports(report: &Report<'_>, summary: &Summary) -> String {
    let eventful = |workload: &WorkloadSummary| {
        let transport = workload.transport.as_ref();
        transport.copied().filter(TransportSummary::is_eventful)
    };
    if !rows(summary).any(|(_, _, workload)| eventful(workload).is_some()) {
        return String::new();
    }
    let names = workload_names(report, summary);
    let counts = |transport: TransportSummary| {
        [
            ("attempts", transport.attempts),
            ("retries", transport.retries),
            ("hedges", transport.hedges),
            ("connections", transport.connections),
            ("resent", transport.retransmissions),
            ("RTOs", transport.timeouts),
            ("resets", transport.resets),
        ]
    };
    let shown: Vec<&str> = rows(summary)
        .filter_map(|(_, _, workload)| workload.transport)
        .flat_map(counts)
        .filter_map(|(name, count)| (count > 0).then_some(name))
        .collect();
    let mut columns = names.header.clone();
    let mut table = None;
    for (point, name, workload) in rows(summary) {
        let Some(transport) = workload.transport else {
            continue;
        };
        let counts = counts(transport).into_iter();
        let counts: Vec<_> = counts.filter(|(name, _)| shown.contains(name)).collect();
        let table = table.get_or_insert_with(|| {
            columns.extend(counts.iter().map(|(name, _)| (*name).to_owned()));
            super::table::table(&columns, names.header.len())
        });
        let mut cells = names.cells(point, name);
        cells.extend(counts.iter().map(|(_, count)| count.to_string()));
        table.add_row(cells);
    }
    table.map_or_else(String::new, |table| format!("\n{}", lines(&table)))
}
