//! What latencies were spent on, hop by hop.

use comfy_table::CellAlignment;

use super::table::{Names, lines, percent, table};
use super::workloads::{rows, workload_names};
use crate::report::{Report, Summary, WorkloadSummary};
use crate::units::format_seconds;

/// Breakdowns are shown in full up to so many rows of the first table.
const FULL_BREAKDOWNS: usize = 12;
/// Hops below this share of the mean are summed up.
const SMALL: f64 = 0.01;

pub(super) fn breakdowns(report: &Report<'_>, summary: &Summary) -> String {
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
