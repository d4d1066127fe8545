//! What runs measured, mergeable in any order to the same bits.

use std::collections::BTreeMap;

use super::limit::DropReason;
use super::metrics::ResourceResults;
use super::part::Part;
use crate::path::{Explanation, ReasonCode};
use crate::stats::{Latency, Sums, Timeline};
use crate::units::{Bytes, Time};

/// Why something did not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// Something on the way refused it, with the code that AWS has for it.
    Refused(Option<ReasonCode>),
    /// It was lost at a place on the way.
    Dropped(Part, DropReason),
    /// The function had no environment left (HTTP 429).
    Throttled,
    /// No answer came in time.
    TimedOut,
    /// The connection was reset.
    Reset,
}

impl Failure {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Refused(code) => code.map_or("refused", ReasonCode::as_str).to_owned(),
            Self::Dropped(part, reason) => {
                let place = part.name().trim_end_matches(".queue");
                format!("dropped:{}", reason.name().unwrap_or(place))
            }
            Self::Throttled => "throttled".to_owned(),
            Self::TimedOut => "timed_out".to_owned(),
            Self::Reset => "reset".to_owned(),
        }
    }
}

/// One or more merged replications of one point.
#[derive(Debug, Clone)]
pub struct Results {
    /// By workload, in the order of the program.
    pub workloads: Vec<WorkloadResults>,
    /// By function, in the order of the program.
    pub functions: Vec<FunctionResults>,
    /// By resource that counts something, in the order of the program.
    pub resources: Vec<ResourceResults>,
    /// Events handled.
    pub events: u64,
    /// Packets sent.
    pub packets: u64,
    /// Simulated time: until the end of sending, or the last event if the scenario has no duration.
    pub simulated: Time,
    /// What was sent before is not in the results.
    pub warmup: Time,
}

/// What a workload experienced.
#[derive(Debug, Clone)]
pub struct WorkloadResults {
    /// Its name.
    pub name: String,
    /// What refuses it, if its path does not exist.
    pub refusal: Option<Explanation>,
    /// Whether that is what the scenario says.
    pub as_expected: bool,
    /// What is delivered each time something completes, without headers, in both directions.
    pub payload: Bytes,
    /// Sent after the warm-up.
    pub sent: u64,
    /// Of these, completed.
    pub completed: u64,
    /// Of these, failed, by reason.
    pub failed: BTreeMap<Failure, u64>,
    /// What was delivered between the warm-up and the end, without headers, if the workload is
    /// measured by that.
    pub delivered: Option<u64>,
    /// Latencies of what completed.
    pub latency: Latency,
    /// What happened when, the warm-up included.
    pub timeline: Timeline,
    /// What it took to get requests across.
    pub transport: Transport,
    /// The latency sums of each replication by its number, for intervals.
    pub replications: BTreeMap<u32, Sums>,
}

/// What clients and their connections did, the warm-up included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Transport {
    /// Attempts to have a request answered.
    pub attempts: u64,
    /// Of these, made because another had failed.
    pub retries: u64,
    /// Of these, made because another took long.
    pub hedges: u64,
    /// Connections opened.
    pub connections: u64,
    /// Segments sent again, those that open connections included.
    pub retransmissions: u64,
    /// Retransmission timers that ran out.
    pub timeouts: u64,
    /// Connections that were reset.
    pub resets: u64,
}

impl Transport {
    fn merge(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.retries += other.retries;
        self.hedges += other.hedges;
        self.connections += other.connections;
        self.retransmissions += other.retransmissions;
        self.timeouts += other.timeouts;
        self.resets += other.resets;
    }
}

/// What a function experienced.
#[derive(Debug, Clone)]
pub struct FunctionResults {
    /// Its name.
    pub name: String,
    /// Invocations after the warm-up.
    pub invocations: u64,
    /// Of these, cold.
    pub cold_starts: u64,
    /// Of these, turned away.
    pub throttles: u64,
    /// Most environments at once, busy or idle, in any replication.
    pub peak_environments: u64,
    /// Time from the invocation to the handler, of cold starts.
    pub cold_start: Latency,
    /// The sums of each replication by its number, for intervals.
    pub replications: BTreeMap<u32, Sums>,
    /// The phases of cold starts, in their order; a phase that some cold starts do not have counts
    /// those that do.
    pub phases: Vec<(&'static str, Latency)>,
}

impl Results {
    /// Adds the replications of `other`, which ran the same program.
    pub fn merge(&mut self, other: &Self) {
        for (into, from) in self.workloads.iter_mut().zip(&other.workloads) {
            into.merge(from);
        }
        for (into, from) in self.functions.iter_mut().zip(&other.functions) {
            into.merge(from);
        }
        for (into, from) in self.resources.iter_mut().zip(&other.resources) {
            into.merge(from);
        }
        self.events += other.events;
        self.packets += other.packets;
        self.simulated = self.simulated.max(other.simulated);
    }
}

impl WorkloadResults {
    fn merge(&mut self, other: &Self) {
        self.sent += other.sent;
        self.completed += other.completed;
        for (&failure, count) in &other.failed {
            *self.failed.entry(failure).or_default() += count;
        }
        self.delivered = self.delivered.zip(other.delivered).map(|(a, b)| a + b);
        self.latency.merge(&other.latency);
        self.timeline.merge(&other.timeline);
        self.transport.merge(&other.transport);
        self.replications.extend(&other.replications);
    }

    /// How many failed, for whatever reason.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }
}

impl FunctionResults {
    fn merge(&mut self, other: &Self) {
        self.invocations += other.invocations;
        self.cold_starts += other.cold_starts;
        self.throttles += other.throttles;
        self.peak_environments = self.peak_environments.max(other.peak_environments);
        self.cold_start.merge(&other.cold_start);
        self.replications.extend(&other.replications);
        for ((_, into), (_, from)) in self.phases.iter_mut().zip(&other.phases) {
            into.merge(from);
        }
    }
}
