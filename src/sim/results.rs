//! What runs measured, mergeable in any order to the same bits.

use std::collections::BTreeMap;

use super::lambda::{FunctionResults, InvokeError};
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
    /// The function could not be invoked, or ended with an error.
    Invoke(InvokeError),
    /// No answer came in time.
    TimedOut,
    /// The connection was reset.
    Reset,
    /// The server accepts no more connections, and has answered with a RST.
    TooManyConnections,
}

impl Failure {
    /// Whether a client that is told of it tries again.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        match self {
            Self::Invoke(error) => error.is_retryable(),
            Self::Refused(_)
            | Self::Dropped(..)
            | Self::Throttled
            | Self::TimedOut
            | Self::TooManyConnections
            | Self::Reset => true,
        }
    }

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
            Self::Invoke(error) => error.name().to_owned(),
            Self::TimedOut => "timed_out".to_owned(),
            Self::Reset => "reset".to_owned(),
            Self::TooManyConnections => "refused:max_connections".to_owned(),
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
