//! The tables of functions: `functions.csv`, `cold_starts.csv`, `environments.csv`.

use csv::Error;

use crate::report::csv::{Table, number};
use crate::report::{Report, Summary};
use crate::sim::{InvokeError, ThrottleReason};
use crate::stats::LevelResults;

/// One row per point × function: counts, shares, environments, and what was throttled or failed, with
/// a column for each reason and error.
pub(in crate::report) fn functions(summary: &Summary) -> Result<Vec<u8>, Error> {
    let mut columns = vec![
        "invocations",
        "served",
        "cold_starts",
        "cold_start_share",
        "cold_start_share_ci95_low",
        "cold_start_share_ci95_high",
        "cold_start_mean_s",
        "cold_start_p50_s",
        "cold_start_p99_s",
        "provisioned_invocations",
        "spillover_invocations",
        "billed_s",
        "mean_environments",
        "mean_environments_ci95_low",
        "mean_environments_ci95_high",
        "peak_environments",
        "mean_concurrency",
        "mean_concurrency_ci95_low",
        "mean_concurrency_ci95_high",
        "peak_concurrency",
        "mean_on_demand_concurrency",
        "variance_on_demand_concurrency",
        "mean_queued",
        "peak_queued",
        "peak_network_interfaces",
        "throttled",
    ];
    columns.extend(ThrottleReason::ALL.map(ThrottleReason::name));
    columns.push("errors");
    columns.extend(InvokeError::ALL.map(InvokeError::name));
    let mut table = Table::of(summary, "function", &columns)?;
    for point in &summary.points {
        for (name, function) in &point.functions {
            let cold = function.cold_start_s.as_ref();
            let ends =
                |interval: Option<[f64; 2]>| interval.map_or([None; 2], |ends| ends.map(Some));
            let whole = |count: Option<u64>| count.unwrap_or(0).to_string();
            let level = |mean: Option<f64>| number(Some(mean.unwrap_or(0.0)));
            let mut cells = vec![
                function.invocations.to_string(),
                function.served.to_string(),
                function.cold_starts.to_string(),
                number(function.cold_start_share),
            ];
            cells.extend(ends(function.cold_start_share_ci95).map(number));
            cells.extend([
                number(cold.map(|cold| cold.mean)),
                number(cold.map(|cold| cold.p50)),
                number(cold.map(|cold| cold.p99)),
                whole(function.provisioned_invocations),
                whole(function.spillover_invocations),
                number(function.billed_s),
                level(function.mean_environments),
            ]);
            cells.extend(ends(function.mean_environments_ci95).map(number));
            cells.push(function.peak_environments.to_string());
            cells.push(level(function.mean_concurrency));
            cells.extend(ends(function.mean_concurrency_ci95).map(number));
            cells.extend([
                whole(function.peak_concurrency),
                level(function.mean_on_demand_concurrency),
                level(function.variance_on_demand_concurrency),
                level(function.mean_queued),
                whole(function.peak_queued),
                whole(function.peak_network_interfaces),
                function.throttles.to_string(),
            ]);
            let reasons = ThrottleReason::ALL.map(ThrottleReason::name);
            cells.extend(reasons.map(|name| whole(function.throttled.get(name).copied())));
            cells.push(function.failures().to_string());
            let errors = InvokeError::ALL.map(InvokeError::name);
            cells.extend(errors.map(|name| whole(function.errors.get(name).copied())));
            table.row(point, name, cells)?;
        }
    }
    table.finish()
}

/// One row per point × function × phase of its cold starts.
pub(in crate::report) fn cold_starts(summary: &Summary) -> Result<Vec<u8>, Error> {
    let columns = [
        "phase", "count", "mean_s", "p50_s", "p90_s", "p99_s", "share",
    ];
    let mut table = Table::of(summary, "function", &columns)?;
    for point in &summary.points {
        for (name, function) in &point.functions {
            for phase in &function.phases {
                let values = [phase.mean_s, phase.p50, phase.p90, phase.p99, phase.share];
                let cells = [phase.phase.to_owned(), phase.count.to_string()];
                let values = values.map(|value| number(Some(value)));
                table.row(point, name, cells.into_iter().chain(values))?;
            }
        }
    }
    table.finish()
}

/// One row per point × function × bin of simulated time, the warm-up included: environments, how many
/// of them are busy, what waits, and network interfaces, each the mean over the bin and the
/// replications, and the most in any.
pub(in crate::report) fn environments(
    report: &Report<'_>,
    summary: &Summary,
) -> Result<Vec<u8>, Error> {
    let columns = [
        "time_s",
        "width_s",
        "environments_mean",
        "environments_peak",
        "concurrency_mean",
        "concurrency_peak",
        "queued_mean",
        "queued_peak",
        "network_interfaces_mean",
        "network_interfaces_peak",
    ];
    let mut table = Table::of(summary, "function", &columns)?;
    for (point, results) in summary.points.iter().zip(report.points) {
        for function in &results.results.functions {
            // All levels of a function are watched until the same moment, and so have the same bins.
            let levels = [
                &function.environments,
                &function.concurrency,
                &function.queued,
                &function.network_interfaces,
            ];
            let bins = levels.map(|level| level.over_time().collect::<Vec<_>>());
            for (index, (start, ..)) in bins[0].iter().enumerate() {
                let width = LevelResults::width(levels[0]).as_secs_f64();
                let times = [start.as_secs_f64(), width].map(|secs| number(Some(secs)));
                let values = bins.iter().flat_map(|bins| {
                    let (_, mean, peak) = bins.get(index).copied().unwrap_or_default();
                    [number(Some(mean)), peak.to_string()]
                });
                table.row(point, &function.name, times.into_iter().chain(values))?;
            }
        }
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Function, point, secs};
    use super::*;

    fn tables(points: &[crate::experiment::PointResults]) -> [Vec<Vec<String>>; 3] {
        let report = Report {
            name: "n",
            title: "t",
            sha256: "",
            seed: 1,
            duration_secs: None,
            design: None,
            points,
        };
        let summary = Summary::new(&report);
        [
            functions(&summary).unwrap(),
            cold_starts(&summary).unwrap(),
            environments(&report, &summary).unwrap(),
        ]
        .map(|bytes| {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(&bytes[..]);
            let rows = reader.records();
            rows.map(|row| row.unwrap().iter().map(str::to_owned).collect())
                .collect()
        })
    }

    #[test]
    fn rows_have_what_their_columns_say() {
        let function = Function::new("api")
            .phase("code", &[0.1, 0.3])
            .replication(40, &[0.1, 0.3])
            .throttled(ThrottleReason::ConcurrencyScalingRateExceeded, 5, secs(1.0))
            .failed(InvokeError::EniLimitReached, 2)
            .busy(&[(0.0, 2), (5.0, 6)]);
        let points = [point(
            &[("function.api.memory", "128 MB")],
            vec![function],
            0,
        )];
        let [functions, cold_starts, environments] = tables(&points);
        let cell = |table: &[Vec<String>], row: usize, name: &str| {
            let column = table[0].iter().position(|column| column == name);
            table[row][column.unwrap_or_else(|| panic!("no column {name}"))].clone()
        };
        assert_eq!(functions.len(), 2);
        for (column, expected) in [
            ("function.api.memory", "128 MB"),
            ("function", "api"),
            ("invocations", "40"),
            ("cold_start_share", "0.06060606060606061"),
            ("cold_start_share_ci95_low", ""),
            ("mean_concurrency", "4.0"),
            ("peak_concurrency", "6"),
            ("variance_on_demand_concurrency", "4.0"),
            ("throttled", "5"),
            ("ConcurrencyScalingRateExceeded", "5"),
            ("ConcurrentInvocationLimitExceeded", "0"),
            ("errors", "2"),
            ("ENILimitReachedException", "2"),
            ("FunctionError", "0"),
        ] {
            assert_eq!(cell(&functions, 1, column), expected, "{column}");
        }
        assert_eq!(cell(&cold_starts, 1, "phase"), "code");
        assert_eq!(cell(&cold_starts, 1, "count"), "2");
        assert_eq!(cell(&cold_starts, 1, "share"), "1.0");
        let last = environments.len() - 1;
        assert_eq!(cell(&environments, 1, "concurrency_mean"), "2.0");
        assert_eq!(cell(&environments, last, "environments_peak"), "6");
        assert_eq!(cell(&environments, last, "queued_peak"), "0");
        let width: f64 = cell(&environments, 1, "width_s").parse().unwrap();
        let end: f64 = cell(&environments, last, "time_s").parse().unwrap();
        assert!(end < 10.0 && end + width >= 10.0, "{end} {width}");
    }
}
