//! `summary.json`: everything, in SI units, in a form that other programs may rely on.
//!
//! Keys end in their unit (`_s`). Nothing in it depends on the machine or the time of day: two runs
//! of one input give the same bytes. [`SCHEMA`] is raised with every change of meaning.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use super::resources::{ResourceSummary, resources};
use super::{BillSummary, FunctionSummary, Report, lambda};
use crate::experiment::PointResults;
use crate::path::{Explanation, ReasonCode};
use crate::sim::{Part, Transport, WorkloadResults};
use crate::stats::{Latency, Sums, ratio_interval};

/// Version of the structure of `summary.json`.
const SCHEMA: u32 = 1;

/// The whole file.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Version of this structure.
    pub schema: u32,
    /// Version of the program.
    pub netsim_version: &'static str,
    /// What was simulated.
    pub scenario: ScenarioSummary,
    /// What the results say of functions, in sentences by function; absent without
    /// functions that were invoked.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub answers: IndexMap<String, Vec<String>>,
    /// Results by point.
    pub points: Vec<PointSummary>,
}

/// What was simulated.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioSummary {
    /// The file's name without extension.
    pub name: String,
    /// The scenario's title.
    pub title: String,
    /// Of the file's text.
    pub sha256: String,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Simulated time during which workloads send; null if they have counts.
    pub duration_s: Option<f64>,
}

/// The results of one point.
#[derive(Debug, Clone, Serialize)]
pub struct PointSummary {
    /// Swept paths with their values.
    pub parameters: IndexMap<String, Value>,
    /// Replications that finished.
    pub replications: u32,
    /// Results by workload.
    pub workloads: IndexMap<String, WorkloadSummary>,
    /// Results by function.
    pub functions: IndexMap<String, FunctionSummary>,
    /// What instances, gateways, load balancers and endpoints counted, by resource and metric; those that
    /// packets used, the warm-up included.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub resources: IndexMap<String, ResourceSummary>,
    /// What the design costs in a month.
    pub cost: BillSummary,
    /// What it took.
    pub engine: EngineSummary,
}

/// The results of one workload.
#[derive(Debug, Clone, Serialize)]
pub struct WorkloadSummary {
    /// Sent after the warm-up, in all replications.
    pub sent: u64,
    /// Of these, completed.
    pub completed: u64,
    /// Of these, failed, by reason.
    pub failed: IndexMap<String, u64>,
    /// Payload of what completed, in both directions together, over the measured time; null for
    /// invocations, and if nothing completed.
    pub goodput_bps: Option<f64>,
    /// What streams delivered over the measured time, flows under way included, without headers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput_bps: Option<f64>,
    /// The same in all replications together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_bytes: Option<u64>,
    /// Latencies of what completed; null if nothing did.
    pub latency_s: Option<LatencySummary>,
    /// What the latency was spent on; sums to the mean.
    pub hops: Vec<HopSummary>,
    /// What it took to get requests across; absent for other workloads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<TransportSummary>,
    /// What refuses every attempt, if something does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RefusalSummary>,
}

/// What clients and their connections did, the warm-up included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TransportSummary {
    /// Attempts to have a request answered by a server.
    pub attempts: u64,
    /// Of these, made because another had failed.
    pub retries: u64,
    /// Of these, made because another took long.
    pub hedges: u64,
    /// TCP connections opened.
    pub connections: u64,
    /// Segments sent again, SYNs included.
    pub retransmissions: u64,
    /// Retransmission timers that ran out.
    pub timeouts: u64,
    /// Connections that were reset.
    pub resets: u64,
}

/// A distribution of latencies.
#[derive(Debug, Clone, Serialize)]
pub struct LatencySummary {
    /// Mean over all samples.
    pub mean: f64,
    /// 95 % interval of the mean across replications; null for a single one.
    pub mean_ci95: Option<[f64; 2]>,
    /// Standard deviation of the samples; null for a single one.
    pub stddev: Option<f64>,
    /// Least.
    pub min: f64,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile.
    pub p99_9: f64,
    /// Greatest.
    pub max: f64,
}

/// What one hop contributes.
#[derive(Debug, Clone, Serialize)]
pub struct HopSummary {
    /// The hop; `.queue` for waiting at it.
    pub hop: &'static str,
    /// Mean over all samples.
    pub mean_s: f64,
    /// Share of the mean latency.
    pub share: f64,
    /// Share of the mean latency of the slowest 1 % (in bands 3 % wide).
    pub share_slowest_1pct: f64,
}

/// Why nothing gets through.
#[derive(Debug, Clone, Serialize)]
pub struct RefusalSummary {
    /// The explanation code of AWS Reachability Analyzer; null if it has none for the cause.
    pub code: Option<&'static str>,
    /// The resource that refuses.
    pub at: String,
    /// Why.
    pub reason: String,
    /// What would allow it.
    pub remedy: String,
    /// Whether the scenario expects it.
    pub expected: bool,
}

/// What a point took.
#[derive(Debug, Clone, Serialize)]
pub struct EngineSummary {
    /// Events handled in all replications.
    pub events: u64,
    /// Packets sent in all replications.
    pub packets: u64,
    /// Simulated time of one replication.
    pub simulated_s: f64,
}

impl Summary {
    /// Summarises a report.
    #[must_use]
    pub fn new(report: &Report<'_>) -> Self {
        Self {
            schema: SCHEMA,
            netsim_version: env!("CARGO_PKG_VERSION"),
            scenario: ScenarioSummary {
                name: report.name.to_owned(),
                title: report.title.to_owned(),
                sha256: report.sha256.to_owned(),
                seed: report.seed,
                duration_s: report.duration_secs,
            },
            answers: lambda::answers(report.points),
            points: report.points.iter().map(point).collect(),
        }
    }

    /// The file's text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a summary has string keys only");
        text.push('\n');
        text
    }
}

fn point(point: &PointResults) -> PointSummary {
    let parameters = point
        .parameters
        .iter()
        .map(|(path, value)| (path.clone(), json_value(value)));
    let results = &point.results;
    let workloads = results.workloads.iter().map(|w| {
        let measured = results.simulated.since(results.warmup).as_secs_f64();
        let seconds = measured * f64::from(point.replications);
        (w.name.clone(), WorkloadSummary::new(w, seconds))
    });
    let functions = results
        .functions
        .iter()
        .map(|f| (f.name.clone(), FunctionSummary::new(f)));
    PointSummary {
        parameters: parameters.collect(),
        replications: point.replications,
        workloads: workloads.collect(),
        functions: functions.collect(),
        resources: resources(&results.resources),
        cost: BillSummary::new(&point.bill),
        engine: EngineSummary {
            events: results.events,
            packets: results.packets,
            simulated_s: results.simulated.as_secs_f64(),
        },
    }
}

/// A value of a parameter.
pub(super) fn json_value(value: &toml::Value) -> Value {
    serde_json::to_value(value).unwrap_or_else(|_| value.to_string().into())
}

impl WorkloadSummary {
    /// The results of a workload over `seconds`, of all replications together.
    pub(super) fn new(results: &WorkloadResults, seconds: f64) -> Self {
        let bits = results.completed as f64 * results.payload.get() as f64 * 8.0;
        let failed = results
            .failed
            .iter()
            .map(|(failure, &count)| (failure.name(), count));
        Self {
            sent: results.sent,
            completed: results.completed,
            failed: failed.collect(),
            goodput_bps: (bits > 0.0 && seconds > 0.0).then(|| bits / seconds),
            throughput_bps: results
                .delivered
                .filter(|_| seconds > 0.0)
                .map(|bytes| bytes as f64 * 8.0 / seconds),
            delivered_bytes: results.delivered,
            latency_s: LatencySummary::new(&results.latency, results.replications.values()),
            hops: hops(&results.latency),
            transport: TransportSummary::new(&results.transport),
            refusal: results
                .refusal
                .as_ref()
                .map(|refusal| RefusalSummary::new(refusal, results.as_expected)),
        }
    }
}

impl TransportSummary {
    fn new(transport: &Transport) -> Option<Self> {
        let &Transport {
            attempts,
            retries,
            hedges,
            connections,
            retransmissions,
            timeouts,
            resets,
        } = transport;
        (attempts > 0).then_some(Self {
            attempts,
            retries,
            hedges,
            connections,
            retransmissions,
            timeouts,
            resets,
        })
    }

    /// Whether anything went another way than at first.
    #[must_use]
    pub const fn is_eventful(&self) -> bool {
        self.retries + self.hedges + self.retransmissions + self.timeouts + self.resets > 0
    }
}

impl RefusalSummary {
    fn new(refusal: &Explanation, expected: bool) -> Self {
        Self {
            code: refusal.code.map(ReasonCode::as_str),
            at: refusal.at.clone(),
            reason: refusal.reason.clone(),
            remedy: refusal.remedy.clone(),
            expected,
        }
    }
}

impl LatencySummary {
    pub(super) fn new<'a>(
        latency: &Latency,
        replications: impl Iterator<Item = &'a Sums>,
    ) -> Option<Self> {
        let replications: Vec<Sums> = replications.copied().collect();
        let quantile = |q| latency.quantile_secs(q);
        Some(Self {
            mean: latency.sums().mean_secs()?,
            mean_ci95: ratio_interval(&replications).map(|interval| [interval.low, interval.high]),
            stddev: latency.sums().stddev_secs(),
            min: latency.min_secs()?,
            p50: quantile(0.5)?,
            p90: quantile(0.9)?,
            p95: quantile(0.95)?,
            p99: quantile(0.99)?,
            p99_9: quantile(0.999)?,
            max: latency.max_secs()?,
        })
    }
}

fn hops(latency: &Latency) -> Vec<HopSummary> {
    let Some(mean) = latency.sums().mean_secs() else {
        return Vec::new();
    };
    let slowest = latency.part_means_from_quantile_secs(0.99);
    let slowest_total: f64 = slowest.iter().sum();
    let parts = latency
        .breakdown()
        .parts()
        .iter()
        .map(|&part| Part::ALL[part].name());
    parts
        .zip(latency.part_means_secs())
        .zip(slowest)
        .map(|((hop, mean_s), slow)| HopSummary {
            hop,
            mean_s,
            share: ratio(mean_s, mean),
            share_slowest_1pct: ratio(slow, slowest_total),
        })
        .collect()
}

/// A share; nothing of nothing is nothing.
pub(super) fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
