//! What `summary.json` says of a function.

use indexmap::IndexMap;
use serde::Serialize;

use crate::report::LatencySummary;
use crate::report::summary::ratio;
use crate::sim::FunctionResults;
use crate::stats::{LevelResults, Ratio};

/// The results of one function. What did not happen is left out, apart from the first counts.
#[derive(Debug, Clone, Serialize)]
pub struct FunctionSummary {
    /// Attempts to invoke it after the warm-up, in all replications.
    pub invocations: u64,
    /// Of these, those that got an environment.
    pub served: u64,
    /// Of these, cold.
    pub cold_starts: u64,
    /// The share of those that got an environment that were cold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cold_start_share: Option<f64>,
    /// Its 95 % interval across replications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cold_start_share_ci95: Option<[f64; 2]>,
    /// Of the invocations, turned away.
    pub throttles: u64,
    /// The same by reason, as the Lambda API says it.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub throttled: IndexMap<&'static str, u64>,
    /// When the first after the warm-up was turned away, by reason: the earliest of all replications,
    /// in seconds.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub first_throttled_s: IndexMap<&'static str, f64>,
    /// Of the invocations, failed otherwise, by the exception of the Lambda API.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub errors: IndexMap<&'static str, u64>,
    /// Of the invocations, served by provisioned environments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_invocations: Option<u64>,
    /// Of the invocations, served by others although there are provisioned ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spillover_invocations: Option<u64>,
    /// Time billed in all replications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_s: Option<f64>,
    /// Environments that are there, busy or idle: mean over time after the warm-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_environments: Option<f64>,
    /// Its 95 % interval across replications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_environments_ci95: Option<[f64; 2]>,
    /// Most environments at once in any replication.
    pub peak_environments: u64,
    /// Environments that are busy: mean over time after the warm-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_concurrency: Option<f64>,
    /// Its 95 % interval across replications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_concurrency_ci95: Option<[f64; 2]>,
    /// Most that were busy at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_concurrency: Option<u64>,
    /// Environments that are busy and not provisioned: mean over time after the warm-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_on_demand_concurrency: Option<f64>,
    /// Its variance over time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variance_on_demand_concurrency: Option<f64>,
    /// Events and messages that wait for an environment: mean over time after the warm-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_queued: Option<f64>,
    /// Most that waited at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_queued: Option<u64>,
    /// Most network interfaces at once, if each worker needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_network_interfaces: Option<u64>,
    /// From the invocation to the handler, of cold starts; null if there were none.
    pub cold_start_s: Option<LatencySummary>,
    /// The phases of cold starts. A phase named `a.b` counts those cold starts whose phase `a` was
    /// of kind `b`.
    pub phases: Vec<PhaseSummary>,
}

/// One phase of cold starts.
#[derive(Debug, Clone, Serialize)]
pub struct PhaseSummary {
    /// Its name.
    pub phase: &'static str,
    /// Cold starts that had it.
    pub count: u64,
    /// Mean over these.
    pub mean_s: f64,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Share of the time of all cold starts together.
    pub share: f64,
}

impl FunctionSummary {
    pub(in crate::report) fn new(results: &FunctionResults) -> Self {
        let cold = cold_share(results);
        let provisioned = results.provisioned + results.spillovers > 0;
        let on_demand = &results.on_demand_concurrency;
        let throttled = results.throttled.iter();
        let first = results.first_throttled.iter();
        let errors = results.errors.iter();
        Self {
            invocations: results.invocations,
            served: results.served(),
            cold_starts: results.cold_starts,
            cold_start_share: cold.value(),
            cold_start_share_ci95: interval(&cold, 1.0),
            throttles: results.throttles(),
            throttled: throttled
                .filter(|(_, count)| **count > 0)
                .map(|(reason, &count)| (reason.name(), count))
                .collect(),
            first_throttled_s: first
                .map(|(reason, time)| (reason.name(), time.as_secs_f64()))
                .collect(),
            errors: errors
                .filter(|(_, count)| **count > 0)
                .map(|(error, &count)| (error.name(), count))
                .collect(),
            provisioned_invocations: provisioned.then_some(results.provisioned),
            spillover_invocations: provisioned.then_some(results.spillovers),
            billed_s: positive(results.billed_ms.iter().sum::<u64>() as f64 / 1e3),
            mean_environments: mean(&results.environments),
            mean_environments_ci95: level_interval(&results.environments),
            peak_environments: results.environments.peak,
            mean_concurrency: mean(&results.concurrency),
            mean_concurrency_ci95: level_interval(&results.concurrency),
            peak_concurrency: peak(&results.concurrency),
            mean_on_demand_concurrency: mean(on_demand),
            variance_on_demand_concurrency: mean(on_demand).map(|_| on_demand.sums.variance()),
            mean_queued: mean(&results.queued),
            peak_queued: peak(&results.queued),
            peak_network_interfaces: peak(&results.network_interfaces),
            cold_start_s: LatencySummary::new(&results.cold_start, results.replications.values()),
            phases: phases(results),
        }
    }

    /// The phase of this name, if a cold start had it.
    pub(in crate::report) fn phase(&self, name: &str) -> Option<&PhaseSummary> {
        self.phases.iter().find(|phase| phase.phase == name)
    }

    /// Invocations that failed other than by throttling, for whatever reason.
    pub(in crate::report) fn failures(&self) -> u64 {
        self.errors.values().sum()
    }
}

fn phases(results: &FunctionResults) -> Vec<PhaseSummary> {
    let whole = results.cold_start.sums().sum_secs();
    let phases = results.phases.iter().filter_map(|(phase, latency)| {
        Some(PhaseSummary {
            phase,
            count: latency.count(),
            mean_s: latency.sums().mean_secs()?,
            p50: latency.quantile_secs(0.5)?,
            p90: latency.quantile_secs(0.9)?,
            p99: latency.quantile_secs(0.99)?,
            share: ratio(latency.sums().sum_secs(), whole),
        })
    });
    phases.collect()
}

/// Cold starts by invocations that got an environment, of each replication.
pub(super) fn cold_share(results: &FunctionResults) -> Ratio {
    let counts = results.counts.iter();
    counts
        .map(|(&number, counts)| (number, (counts.cold_starts as f64, counts.served as f64)))
        .collect()
}

/// Throttled by all invocations, of each replication.
pub(super) fn throttled_share(results: &FunctionResults) -> Ratio {
    let counts = results.counts.iter();
    counts
        .map(|(&number, counts)| (number, (counts.throttles as f64, counts.invocations as f64)))
        .collect()
}

/// The interval of what is never below zero or above `most`.
fn interval(ratio: &Ratio, most: f64) -> Option<[f64; 2]> {
    let interval = ratio.interval()?;
    Some([interval.low.max(0.0), interval.high.min(most)])
}

fn mean(level: &LevelResults) -> Option<f64> {
    positive(level.sums.mean())
}

fn level_interval(level: &LevelResults) -> Option<[f64; 2]> {
    mean(level).and_then(|_| interval(&Ratio::of_level(level), f64::INFINITY))
}

fn peak(level: &LevelResults) -> Option<u64> {
    (level.peak > 0).then_some(level.peak)
}

fn positive(value: f64) -> Option<f64> {
    (value > 0.0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Function, secs};
    use super::*;
    use crate::sim::{InvokeError, ThrottleReason};

    #[test]
    fn shares_have_the_interval_of_their_replications() {
        // 1, 2 and 3 of 100: t(2) = 4.302653, so that the half-width is 0.01 * t / sqrt(3).
        let results = Function::new("api")
            .replication(100, &[0.2])
            .replication(100, &[0.2, 0.3])
            .replication(100, &[0.2, 0.3, 0.4])
            .results();
        let summary = FunctionSummary::new(&results);
        assert_eq!(summary.invocations, 300);
        assert_eq!(summary.cold_start_share, Some(0.02));
        let [low, high] = summary.cold_start_share_ci95.unwrap();
        assert!((high - 0.02 - 0.024_841).abs() < 1e-5, "{high}");
        assert!(low.abs() < 1e-12, "a share is not negative: {low}");
        assert!(summary.throttled.is_empty() && summary.errors.is_empty());
    }

    #[test]
    fn what_did_not_happen_is_left_out() {
        let results = Function::new("api").replication(10, &[]).results();
        let json = serde_json::to_value(FunctionSummary::new(&results)).unwrap();
        let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        let expected = [
            "invocations",
            "served",
            "cold_starts",
            "cold_start_share",
            "throttles",
            "peak_environments",
            "cold_start_s",
            "phases",
        ];
        assert_eq!(keys, expected);
    }

    #[test]
    fn everything_that_happened_is_there() {
        let results = Function::new("api")
            .phase("code", &[0.1, 0.1])
            .phase("vpc_attach", &[0.8])
            .replication(50, &[0.1, 0.9])
            .replication(50, &[])
            .throttled(
                ThrottleReason::ConcurrencyScalingRateExceeded,
                7,
                secs(3.25),
            )
            .failed(InvokeError::EniLimitReached, 3)
            .provisioned(30, 10)
            .busy(&[(0.0, 2), (5.0, 4)])
            .results();
        let summary = FunctionSummary::new(&results);
        let json = serde_json::to_value(&summary).unwrap();
        assert_eq!(json["throttles"], 7);
        assert_eq!(json["throttled"]["ConcurrencyScalingRateExceeded"], 7);
        assert_eq!(
            json["first_throttled_s"]["ConcurrencyScalingRateExceeded"],
            3.25
        );
        assert_eq!(json["errors"]["ENILimitReachedException"], 3);
        assert_eq!(json["provisioned_invocations"], 30);
        assert_eq!(json["spillover_invocations"], 10);
        assert_eq!(json["peak_concurrency"], 4);
        assert_eq!(json["mean_concurrency"], 3.0);
        assert_eq!(json["variance_on_demand_concurrency"], 1.0);
        assert_eq!(json["mean_concurrency_ci95"][0], 3.0);
        let share = |phase| summary.phase(phase).unwrap().share;
        assert!((share("code") - 0.2).abs() < 1e-9);
        assert!((share("vpc_attach") - 0.8).abs() < 1e-9);
        assert_eq!(summary.phase("vpc_attach").unwrap().count, 1);
        assert_eq!(summary.failures(), 3);
    }
}
