//! The summary for the terminal: a table of latencies, what they were spent on, and cold starts.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::resources;
use super::{FunctionSummary, LatencySummary, Report, Summary, TransportSummary, WorkloadSummary};
use crate::cost::Section;
use crate::units::format_seconds;

/// Breakdowns are shown in full up to so many rows of the first table.
const FULL_BREAKDOWNS: usize = 12;
/// Hops below this share of the mean are summed up.
const SMALL: f64 = 0.01;
/// From here on, goodput is worth a column.
const MUCH_BPS: f64 = 10e6;
/// Samples beyond a percentile below which it is marked as uncertain.
const TAIL_SAMPLES: f64 = 10.0;

/// The summary of a report as text, without escapes.
#[must_use]
pub fn summary_text(report: &Report<'_>, summary: &Summary) -> String {
    let mut text = header(report);
    text.push('\n');
    text.push_str(&latencies(report, summary));
    text.push_str(&refusals(report, summary));
    text.push_str(&transports(report, summary));
    text.push_str(&limits(report, summary));
    text.push_str(&breakdowns(report, summary));
    text.push_str(&functions(report, summary));
    text.push_str(&costs(report));
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
fn table(columns: &[String], left: usize) -> Table {
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

/// What distinguishes the rows of a report: the swept keys, and the names of things where there are
/// several.
struct Names {
    header: Vec<String>,
    parameters: Vec<Vec<String>>,
    several: bool,
}

impl Names {
    /// Names for rows of `what`, of which the largest point has `count`.
    fn new(report: &Report<'_>, what: &str, count: usize) -> Self {
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
    fn cells(&self, point: usize, name: &str) -> Vec<String> {
        let own = self.several.then(|| name.to_owned());
        self.parameters[point].iter().cloned().chain(own).collect()
    }

    /// The same as one text.
    fn text(&self, point: usize, name: &str) -> String {
        self.cells(point, name).join(", ")
    }
}

fn workload_names(report: &Report<'_>, summary: &Summary) -> Names {
    let count = summary
        .points
        .iter()
        .map(|point| point.workloads.len())
        .max();
    Names::new(report, "workload", count.unwrap_or(0))
}

fn rows(summary: &Summary) -> impl Iterator<Item = (usize, &str, &WorkloadSummary)> {
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

fn latencies(report: &Report<'_>, summary: &Summary) -> String {
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
fn refusals(report: &Report<'_>, summary: &Summary) -> String {
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
fn transports(report: &Report<'_>, summary: &Summary) -> String {
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
            self::table(&columns, names.header.len())
        });
        let mut cells = names.cells(point, name);
        cells.extend(counts.iter().map(|(_, count)| count.to_string()));
        table.add_row(cells);
    }
    table.map_or_else(String::new, |table| format!("\n{}", lines(&table)))
}

/// What limits of resources were reached.
fn limits(report: &Report<'_>, summary: &Summary) -> String {
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

fn breakdowns(report: &Report<'_>, summary: &Summary) -> String {
    let names = workload_names(report, summary);
    let measured = || rows(summary).filter(|(_, _, workload)| !workload.hops.is_empty());
    match measured().count() {
        0 => String::new(),
        n if n > FULL_BREAKDOWNS => compact_breakdowns(&names, measured()),
        _ => full_breakdowns(&names, measured()),
    }
}

/// A row per hop.
fn full_breakdowns<'a>(
    names: &Names,
    rows: impl Iterator<Item = (usize, &'a str, &'a WorkloadSummary)>,
) -> String {
    let columns = [
        "where the time goes",
        "hop",
        "mean",
        "share",
        "",
        "slowest 1 %",
    ];
    let mut table = table(&columns.map(str::to_owned), 2);
    if let Some(column) = table.column_mut(4) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    for (point, name, workload) in rows {
        let mut name = Some(names.text(point, name));
        let mut rest = (0.0, 0.0, 0.0);
        for hop in &workload.hops {
            let own = (hop.mean_s, hop.share, hop.share_slowest_1pct);
            if hop.share < SMALL && hop.share_slowest_1pct < SMALL {
                rest = (rest.0 + own.0, rest.1 + own.1, rest.2 + own.2);
            } else {
                table.add_row(hop_row(name.take().unwrap_or_default(), hop.hop, own));
            }
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
fn compact_breakdowns<'a>(
    names: &Names,
    rows: impl Iterator<Item = (usize, &'a str, &'a WorkloadSummary)>,
) -> String {
    let mut columns = names.header.clone();
    columns.push("where the time goes: the largest hops".to_owned());
    let mut table = table(&columns, columns.len());
    for (point, name, workload) in rows {
        let mut hops: Vec<_> = workload.hops.iter().collect();
        hops.sort_by(|a, b| b.share.total_cmp(&a.share));
        let largest: Vec<String> = hops
            .iter()
            .take(3)
            .map(|hop| format!("{} {}", hop.hop, percent(hop.share)))
            .collect();
        let mut cells = names.cells(point, name);
        cells.push(largest.join(", "));
        table.add_row(cells);
    }
    format!("\n{}", lines(&table))
}

fn functions(report: &Report<'_>, summary: &Summary) -> String {
    let all = || {
        summary
            .points
            .iter()
            .enumerate()
            .flat_map(|(index, point)| {
                point
                    .functions
                    .iter()
                    .map(move |(name, function)| (index, name, function))
            })
    };
    let count = summary
        .points
        .iter()
        .map(|point| point.functions.len())
        .max()
        .unwrap_or(0);
    if count == 0 {
        return String::new();
    }
    let names = Names::new(report, "function", count);
    let throttled = all().any(|(_, _, function)| function.throttles > 0);
    let mut columns = names.header.clone();
    columns.extend(["invoked", "cold"].map(str::to_owned));
    columns.extend(throttled.then(|| "throttled".to_owned()));
    columns.extend(["peak", "cold p50", "cold p99"].map(str::to_owned));
    columns.extend(["VPC p50", "VPC p99", "new ENI", "its p50", "its p99"].map(str::to_owned));
    let mut table = table(&columns, names.header.len());
    for (point, name, function) in all() {
        let mut cells = names.cells(point, name);
        cells.push(function.invocations.to_string());
        cells.push(share_of(function.cold_starts, function.invocations));
        cells.extend(throttled.then(|| function.throttles.to_string()));
        cells.push(function.peak_environments.to_string());
        let cold = function.cold_start_s.as_ref();
        cells.extend([
            time(cold.map(|cold| cold.p50)),
            time(cold.map(|cold| cold.p99)),
        ]);
        cells.extend(attachment(function));
        table.add_row(cells);
    }
    format!("\n{}", lines(&table))
}

/// What each point costs in a month, by section of its bill.
fn costs(report: &Report<'_>) -> String {
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

/// Joining the VPC: median and p99, the share of cold starts that create an interface, and what
/// that takes.
fn attachment(function: &FunctionSummary) -> [String; 5] {
    let phase = |name| {
        function
            .phases
            .iter()
            .find(|phase| phase.phase == name && phase.count > 0)
    };
    let attach = phase("vpc_attach");
    let create = phase("vpc_attach.create_network_interface");
    let interfaces = create.or_else(|| phase("vpc_attach.reuse_network_interface"));
    let created = create.map_or(0, |phase| phase.count);
    [
        time(attach.map(|phase| phase.p50)),
        time(attach.map(|phase| phase.p99)),
        interfaces.map_or_else(
            || "–".to_owned(),
            |_| share_of(created, function.cold_starts),
        ),
        time(create.map(|phase| phase.p50)),
        time(create.map(|phase| phase.p99)),
    ]
}

fn time(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), format_seconds)
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
