//! A compiled scenario: stations, stages and workloads as flat arrays with ids and no strings on
//! the way of a packet. It does not change during a run; all replications of a point share it.

use super::part::Part;
use super::station::Station;
use crate::engine::Distribution;
use crate::path::Explanation;
use crate::scenario::Expectation;
use crate::units::{Bytes, Duration, Time};

/// What can run: one point of a scenario.
#[derive(Debug, Clone)]
pub struct Program {
    /// Stations in their initial state.
    pub(super) stations: Vec<Station>,
    pub(super) stages: Vec<Stage>,
    pub(super) distributions: Vec<Distribution>,
    pub(super) workloads: Vec<Workload>,
    pub(super) functions: Vec<Function>,
    /// When workloads stop sending; `None` if all of them have a count.
    pub(super) horizon: Option<Time>,
    /// What is sent before is not recorded.
    pub(super) warmup: Time,
    pub(super) max_events: u64,
}

/// One step of a packet's way: perhaps a station to queue at, then a latency that needs no queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    pub(super) station: Option<StationChoice>,
    pub(super) latency: Latency,
    /// Charged for service and latency.
    pub(super) part: Part,
    /// Charged for waiting.
    pub(super) queue: Part,
    /// Added to the packet's size on the wire.
    pub(super) overhead: u16,
    /// Service time at the station, if the station goes by it.
    pub(super) service: Option<DistributionId>,
}

/// A station, or one of a group by the packet's plane.
#[derive(Debug, Clone, Copy)]
pub(super) struct StationChoice {
    pub(super) first: u32,
    /// 1 for a group with a station per spine, 0 for a single station.
    pub(super) stride: u32,
}

/// The part of a stage that needs no queue.
#[derive(Debug, Clone, Copy)]
pub(super) enum Latency {
    Constant(Duration),
    /// Drawn: for the first packet of a flow, and for later ones.
    Drawn {
        first: DistributionId,
        later: DistributionId,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DistributionId(pub(super) u32);

/// Consecutive stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) first: u32,
    pub(super) end: u32,
}

/// How a packet chooses among the spines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Planes {
    pub(super) count: u32,
    pub(super) per_packet: bool,
}

/// Something that sends.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    pub(super) name: String,
    pub(super) kind: WorkloadKind,
    pub(super) arrivals: Vec<Arrivals>,
    pub(super) count: Option<u64>,
    /// Parts that its latencies can have, in the order of reports.
    pub(super) parts: Vec<usize>,
    /// What is delivered each time something completes, without headers, in both directions.
    pub(super) payload: Bytes,
    pub(super) expect: Expectation,
}

#[derive(Debug, Clone)]
pub(super) enum WorkloadKind {
    Datagram(Datagrams),
    Exchange(Exchange),
    Invoke {
        function: usize,
    },
    /// Something on the way refuses every packet.
    Refused(Box<Explanation>),
}

/// When one source sends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arrivals {
    Poisson { mean_interval_ps: f64 },
    Every(Duration),
    Bursts { mean_interval_ps: f64, size: u32 },
}

/// One-way packets from each source to a random destination.
#[derive(Debug, Clone)]
pub(super) struct Datagrams {
    pub(super) size: Bytes,
    pub(super) planes: Planes,
    /// Routes of source × destination, without a source's routes to itself: `destinations[s]` is
    /// where the routes of source `s` are in `routes`.
    pub(super) routes: Vec<Route>,
    pub(super) destinations: Vec<std::ops::Range<u32>>,
}

/// A fixed sequence of messages between two ends.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    pub(super) planes: Planes,
    /// Ways there and back, by the variant of the path that the flow is hashed to.
    pub(super) forward: Vec<Route>,
    pub(super) back: Vec<Route>,
    /// The same, as far as whatever ends the client's connection.
    pub(super) near_forward: Vec<Route>,
    pub(super) near_back: Vec<Route>,
    /// What the server does with a request, by variant.
    pub(super) servers: Vec<Route>,
    /// Whether both directions have the same variant, as through a load balancer; otherwise each is
    /// hashed by itself, as through other Hyperplane fleets.
    pub(super) paired: bool,
    /// All steps; those from `established` on are what an established connection needs.
    pub(super) steps: Vec<Step>,
    pub(super) established: usize,
    /// Whether connections are kept for later requests.
    pub(super) keep_alive: bool,
    /// Whether packets of consecutive exchanges keep their order (one flow, as in a ping).
    pub(super) one_flow: bool,
    /// Payload of a full segment.
    pub(super) segment: Bytes,
    /// Headers of a segment as an IP packet.
    pub(super) headers: Bytes,
}

/// One message, or computing at one end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// A message from the client of so many bytes.
    Forward(Bytes),
    /// A message from the server of so many bytes.
    Back(Bytes),
    /// A message from the client to what ends its connection.
    NearForward(Bytes),
    /// A message from what ends the client's connection.
    NearBack(Bytes),
    /// What the server does.
    Serve,
    /// At one end.
    Local(Route),
}

/// A Lambda function.
#[derive(Debug, Clone)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) concurrency: usize,
    pub(super) new_worker_share: f64,
    pub(super) placement: Distribution,
    pub(super) boot_new_worker: Distribution,
    pub(super) boot_existing_worker: Distribution,
    pub(super) code: Distribution,
    pub(super) attach: Attach,
    pub(super) runtime_init: Distribution,
    pub(super) invoke_overhead: Distribution,
    pub(super) duration: Distribution,
    pub(super) keep_alive: Distribution,
}

/// Joining a VPC at a cold start.
#[derive(Debug, Clone)]
pub(super) enum Attach {
    None,
    /// A new worker creates a network interface; another reuses its own.
    PerEnvironmentInterface {
        create: Distribution,
        reuse: Distribution,
    },
    Hyperplane(Distribution),
}

impl Program {
    /// Whether it has no workload, so that there is nothing to run.
    #[must_use]
    pub const fn sends_nothing(&self) -> bool {
        self.workloads.is_empty()
    }

    pub(super) fn distribution(&self, id: DistributionId) -> &Distribution {
        &self.distributions[id.0 as usize]
    }

    /// The end of sending, or the end of time.
    pub(super) fn horizon(&self) -> Time {
        self.horizon.unwrap_or(Time::MAX)
    }
}

impl Exchange {
    /// The segments that a message of `bytes` needs; an empty message is one packet.
    pub(super) fn segments(&self, bytes: Bytes) -> u64 {
        bytes.get().div_ceil(self.segment.get()).max(1)
    }
}
