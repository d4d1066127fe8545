//! The tables for spreadsheets and notebooks: `latency.csv`, `hops.csv`, `timeline.csv`, `cost.csv`,
//! `metrics.csv`. Those of functions are in `lambda`.
//!
//! Every table has a column for each swept path, then `workload`, `resource` or `function`.

use csv::Writer;

use super::{PointSummary, Report, Summary};

/// Rows of text in the making.
pub(super) struct Table {
    writer: Writer<Vec<u8>>,
}

impl Table {
    fn new(summary: &Summary, columns: &[&str]) -> Result<Self, csv::Error> {
        Self::of(summary, "workload", columns)
    }

    /// A table with rows of `what`.
    pub(super) fn of(summary: &Summary, what: &str, columns: &[&str]) -> Result<Self, csv::Error> {
        let mut writer = Writer::from_writer(Vec::new());
        let parameters = summary.points.first().map(|point| &point.parameters);
        let mut header: Vec<&str> = parameters
            .into_iter()
            .flatten()
            .map(|(path, _)| path.as_str())
            .collect();
        header.push(what);
        header.extend(columns);
        writer.write_record(header)?;
        Ok(Self { writer })
    }

    pub(super) fn row(
        &mut self,
        point: &PointSummary,
        workload: &str,
        cells: impl IntoIterator<Item = String>,
    ) -> Result<(), csv::Error> {
        let mut row: Vec<String> = point
            .parameters
            .values()
            .map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .collect();
        row.push(workload.to_owned());
        row.extend(cells);
        self.writer.write_record(row)
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, csv::Error> {
        self.writer
            .into_inner()
            .map_err(|error| csv::Error::from(error.into_error()))
    }
}

/// One row per point × workload: counts, mean with interval, quantiles.
pub(super) fn latency(summary: &Summary) -> Result<Vec<u8>, csv::Error> {
    let columns = [
        "sent",
        "completed",
        "failed",
        "mean_s",
        "mean_ci95_low_s",
        "mean_ci95_high_s",
        "stddev_s",
        "min_s",
        "p50_s",
        "p90_s",
        "p95_s",
        "p99_s",
        "p99_9_s",
        "max_s",
        "goodput_bps",
    ];
    let mut table = Table::new(summary, &columns)?;
    for point in &summary.points {
        for (name, workload) in &point.workloads {
            let failed: u64 = workload.failed.values().sum();
            let mut cells = vec![
                workload.sent.to_string(),
                workload.completed.to_string(),
                failed.to_string(),
            ];
            let latency = workload.latency_s.as_ref();
            let interval = latency.and_then(|l| l.mean_ci95);
            let values = [
                latency.map(|l| l.mean),
                interval.map(|ends| ends[0]),
                interval.map(|ends| ends[1]),
                latency.and_then(|l| l.stddev),
                latency.map(|l| l.min),
                latency.map(|l| l.p50),
                latency.map(|l| l.p90),
                latency.map(|l| l.p95),
                latency.map(|l| l.p99),
                latency.map(|l| l.p99_9),
                latency.map(|l| l.max),
                workload.goodput_bps,
            ];
            cells.extend(values.map(number));
            table.row(point, name, cells)?;
        }
    }
    table.finish()
}

/// One row per point × workload × hop: what the hop contributes.
pub(super) fn hops(summary: &Summary) -> Result<Vec<u8>, csv::Error> {
    let mut table = Table::new(summary, &["hop", "mean_s", "share", "share_slowest_1pct"])?;
    for point in &summary.points {
        for (name, workload) in &point.workloads {
            for hop in &workload.hops {
                let values = [hop.mean_s, hop.share, hop.share_slowest_1pct];
                let cells = std::iter::once(hop.hop.to_owned())
                    .chain(values.map(|value| number(Some(value))));
                table.row(point, name, cells)?;
            }
        }
    }
    table.finish()
}

/// One row per point × workload × bin of simulated time; counts are sums over the replications. The
/// throughput is a mean over them; only streams have one.
pub(super) fn timeline(report: &Report<'_>, summary: &Summary) -> Result<Vec<u8>, csv::Error> {
    let columns = [
        "time_s",
        "width_s",
        "sent",
        "completed",
        "failed",
        "mean_latency_s",
        "throughput_bps",
    ];
    let mut table = Table::new(summary, &columns)?;
    for (point, results) in summary.points.iter().zip(report.points) {
        for workload in &results.results.workloads {
            let width = number(Some(workload.timeline.width().as_secs_f64()));
            let throughput = workload.delivered.map(|_| f64::from(point.replications));
            let bins = workload.timeline.bins();
            for ((start, bin), (_, _, bps)) in bins.zip(workload.timeline.throughput_bps()) {
                let cells = [
                    number(Some(start.as_secs_f64())),
                    width.clone(),
                    bin.sent.to_string(),
                    bin.completed.to_string(),
                    bin.failed.to_string(),
                    number(bin.mean_latency_secs()),
                    number(throughput.map(|replications| bps / replications)),
                ];
                table.row(point, &workload.name, cells)?;
            }
        }
    }
    table.finish()
}

/// One row per point × resource × metric × statistic: what resources counted, by AWS's names.
pub(super) fn metrics(summary: &Summary) -> Result<Vec<u8>, csv::Error> {
    let mut table = Table::of(summary, "resource", &["metric", "statistic", "value"])?;
    for point in &summary.points {
        for (name, metrics) in &point.resources {
            for (metric, summary) in metrics {
                let cells = [*metric, summary.statistic].map(str::to_owned);
                let cells = cells.into_iter().chain([summary.value.to_string()]);
                table.row(point, name, cells)?;
            }
        }
    }
    table.finish()
}

/// One row per point × item of the bill × workload; `workload` is empty for what is charged
/// whatever the workloads do. The amounts, exact and of a month, sum to the bill; an amount is empty
/// if its price is not known.
pub(super) fn cost(summary: &Summary) -> Result<Vec<u8>, csv::Error> {
    let columns = [
        "section",
        "region",
        "resource",
        "what",
        "arithmetic",
        "through",
        "quantity",
        "unit",
        "amount_usd",
    ];
    let mut table = Table::new(summary, &columns)?;
    for point in &summary.points {
        for item in &point.cost.items {
            let row = |through: &str, quantity, unit: &str, amount: Option<&String>| {
                [
                    item.section.to_owned(),
                    item.region.clone(),
                    item.resource.clone(),
                    item.what.clone(),
                    item.arithmetic.clone(),
                    through.to_owned(),
                    number(quantity),
                    unit.to_owned(),
                    amount.cloned().unwrap_or_default(),
                ]
            };
            if item.workloads.is_empty() {
                table.row(point, "", row("", None, "", item.exact_amount_usd.as_ref()))?;
            }
            for share in &item.workloads {
                let amount = Some(&share.exact_amount_usd);
                let cells = row(&share.through, Some(share.quantity), share.unit, amount);
                table.row(point, &share.workload, cells)?;
            }
        }
    }
    table.finish()
}

/// The shortest text that reads back as the same number; nothing for nothing.
pub(super) fn number(value: Option<f64>) -> String {
    value
        .map(|value| {
            serde_json::Number::from_f64(value).map_or_else(String::new, |n| n.to_string())
        })
        .unwrap_or_default()
}
