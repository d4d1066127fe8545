//! A compiled scenario: stations, stages and workloads as flat arrays with ids and no strings on
//! the way of a packet. It does not change during a run; all replications of a point share it.

use std::sync::Arc;

use super::arrivals::RateCurve;
use super::credit::Credit;
use super::lambda;
use super::metrics::Resource;
use super::part::Part;
use super::station::{Side, Station};
use super::stream::Streams;
use super::tcp;
use super::tracking::{self, Flags, Table};
use crate::engine::{Distribution, Draw};
use crate::path::Explanation;
use crate::scenario::{Expectation, Jitter};
use crate::units::{Bytes, Duration, Rate, Share, Time};

/// What can run: one point of a scenario.
#[derive(Debug, Clone)]
pub struct Program {
    /// Stations in their initial state.
    pub(super) stations: Vec<Station>,
    /// Connection tables, empty.
    pub(super) tables: Vec<Table>,
    /// The credits that cards begin with.
    pub(super) credits: Vec<Credit>,
    /// What stations and tables are called in the results.
    pub(super) resources: Vec<Resource>,
    pub(super) stages: Vec<PackedStage>,
    /// What few stages have.
    pub(super) rarities: Vec<Rarity>,
    pub(super) distributions: Vec<Distribution>,
    pub(super) workloads: Vec<Workload>,
    pub(super) functions: Vec<lambda::Function>,
    /// What they share.
    pub(super) account: lambda::Account,
    pub(super) failures: Vec<SpineFailure>,
    /// When workloads stop sending; `None` if all of them have a count.
    pub(super) horizon: Option<Time>,
    /// What is sent before is not recorded.
    pub(super) warmup: Time,
    /// Share of a limited buffer that streams keep full in front of a link that only they fill.
    pub(super) standing_queue: Share,
    pub(super) max_events: u64,
}

/// A spine that fails.
#[derive(Debug, Clone)]
pub(super) struct SpineFailure {
    pub(super) plane: u32,
    /// Its links.
    pub(super) stations: Vec<u32>,
    /// Workloads that may use it.
    pub(super) workloads: Vec<usize>,
    pub(super) at: Time,
    /// When nothing is sent to it any more.
    pub(super) rerouted: Time,
    pub(super) until: Option<Time>,
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
    /// A packet that waits longer than this is marked (explicit congestion notification).
    pub(super) marks_above: Duration,
    /// Service time at the station, if the station goes by it.
    pub(super) service: Option<DistributionId>,
    /// The connection table that sees the packet here, before it goes to the station.
    pub(super) table: Option<TableUse>,
    /// Whether only the first packet of a flow comes here; later ones skip it.
    pub(super) first_only: bool,
}

impl Stage {
    /// A stage without a station, which only takes time.
    pub(super) const fn plain(latency: Latency, part: Part) -> Self {
        Self {
            station: None,
            latency,
            part,
            queue: part,
            overhead: 0,
            marks_above: Duration::MAX,
            service: None,
            table: None,
            first_only: false,
        }
    }
}

/// A stage as packets meet it, without what few stages have: there is one for each hop of each pair of
/// ends, and they are to stay in the cache.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackedStage {
    pub(super) station: Option<StationChoice>,
    pub(super) latency: Latency,
    pub(super) part: Part,
    pub(super) queue: Part,
    pub(super) overhead: u16,
    pub(super) service: Option<DistributionId>,
    /// One more than the place in [`Program::rarities`]; zero if there is nothing.
    rarity: u32,
}

/// What few stages have; see [`Stage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rarity {
    pub(super) marks_above: Duration,
    pub(super) table: Option<TableUse>,
    pub(super) first_only: bool,
}

impl PackedStage {
    /// Packs stages, in their order.
    pub(super) fn pack(stages: &[Stage]) -> (Vec<Self>, Vec<Rarity>) {
        let mut rarities = Vec::new();
        let packed = stages.iter().map(|stage| {
            let rarity = Rarity {
                marks_above: stage.marks_above,
                table: stage.table,
                first_only: stage.first_only,
            };
            let common =
                rarity.marks_above == Duration::MAX && rarity.table.is_none() && !rarity.first_only;
            if !common {
                rarities.push(rarity);
            }
            Self {
                station: stage.station,
                latency: stage.latency,
                part: stage.part,
                queue: stage.queue,
                overhead: stage.overhead,
                service: stage.service,
                rarity: if common {
                    0
                } else {
                    u32::try_from(rarities.len()).expect("fewer than 2^32 stages")
                },
            }
        });
        (packed.collect(), rarities)
    }

    /// What it has that few stages have.
    #[inline]
    pub(super) fn rarity<'p>(&self, program: &'p Program) -> Option<&'p Rarity> {
        let place = self.rarity.checked_sub(1)?;
        Some(&program.rarities[place as usize])
    }
}

/// A connection table on the way of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TableUse {
    /// Its place in [`Program::tables`].
    pub(super) table: u32,
    /// The place of the flow's slot for it among the slots of the flow, the same on the way back.
    pub(super) slot: u16,
    /// The destination of the flow among those of the table.
    pub(super) destination: u32,
    pub(super) transport: tracking::Transport,
    /// Which of the table's timeouts apply.
    pub(super) timeouts: u8,
}

impl TableUse {
    /// What the table sees of a packet of `size`.
    pub(super) const fn packet(
        self,
        direction: tracking::Direction,
        flags: Flags,
        size: Bytes,
    ) -> tracking::Packet {
        tracking::Packet {
            transport: self.transport,
            direction,
            flags,
            destination: self.destination,
            timeouts: self.timeouts,
            size,
        }
    }
}

/// A station, or one of a group by the packet's plane.
#[derive(Debug, Clone, Copy)]
pub(super) struct StationChoice {
    pub(super) first: u32,
    /// 1 for a group with a station per spine, 0 for a single station.
    pub(super) stride: u32,
    /// The way that packets pass it, if it is a card.
    pub(super) side: Side,
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

impl Workload {
    /// Whether it is a stream, as fluids or packet by packet.
    pub(super) fn is_stream(&self) -> bool {
        match &self.kind {
            WorkloadKind::Stream(_) => true,
            WorkloadKind::Request(requests) => requests.bulk.is_some(),
            WorkloadKind::Datagram(_)
            | WorkloadKind::Ping(_)
            | WorkloadKind::Events(_)
            | WorkloadKind::Messages(_)
            | WorkloadKind::Refused(_) => false,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum WorkloadKind {
    Datagram(Datagrams),
    Ping(Pings),
    Request(Box<Requests>),
    Stream(Streams),
    /// Events that Lambda queues.
    Events(Events),
    /// Messages that Lambda reads from a queue.
    Messages(Messages),
    /// Something on the way refuses every packet.
    Refused(Box<Explanation>),
}

/// When one source sends. What is long is shared by all sources and runs.
#[derive(Debug, Clone)]
pub(super) enum Arrivals {
    Poisson {
        mean_interval_ps: f64,
    },
    Every(Duration),
    Bursts {
        mean_interval_ps: f64,
        size: u32,
    },
    /// Independent times between arrivals.
    Renewal(Arc<Distribution>),
    /// So many at one instant.
    Step {
        at: Time,
        size: u32,
    },
    /// Poisson in on-periods only.
    OnOff {
        mean_interval_ps: f64,
        on_and_off: Arc<[Distribution; 2]>,
    },
    /// Poisson at a rate that changes.
    Curve(Arc<RateCurve>),
    /// At these times, which are sorted.
    Times(Arc<[Time]>),
    /// So many in each minute, at random times.
    PerMinute(Arc<[u32]>),
    /// One client: it thinks, sends, and waits for the answer.
    Closed {
        think_time: DistributionId,
    },
    /// Once, at time zero.
    Once,
    /// What another source causes.
    Never,
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

/// Echoes: a packet there and one back.
#[derive(Debug, Clone)]
pub(super) struct Pings {
    pub(super) planes: Planes,
    /// Ways there and back, by the variant of the path that the flow is hashed to.
    pub(super) forward: Vec<Route>,
    pub(super) back: Vec<Route>,
    /// Whether both directions have the same variant; otherwise each is hashed by itself.
    pub(super) paired: bool,
    pub(super) size: Bytes,
}

/// Requests of clients to servers, and their responses.
#[derive(Debug, Clone)]
pub(super) struct Requests {
    pub(super) planes: Planes,
    /// Whom each request goes to, all at once; it is answered with the last answer.
    pub(super) targets: Vec<Target>,
    /// What happens one after the other once there is a connection.
    pub(super) steps: Vec<Step>,
    pub(super) transport: Transport,
    /// Headers of a packet as an IP packet.
    pub(super) headers: Bytes,
    pub(super) patience: Patience,
    /// Set if they are the flows of a stream, packet by packet: each goes to the one target with the
    /// number of its way, and its message has the size of the flow.
    pub(super) bulk: Option<Streams>,
}

impl Requests {
    /// What a flow moves, if these are flows of a stream, by its draw for that.
    pub(super) fn flow_size(&self, draw: impl FnOnce() -> Draw) -> Option<Bytes> {
        self.bulk.as_ref()?.sizes.sample(&mut draw())
    }
}

/// A server, or what stands for several.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// Ways there and back, by the variant of the path that the flow is hashed to.
    pub(super) forward: Vec<Route>,
    pub(super) back: Vec<Route>,
    /// The same, as far as whatever ends the client's connection.
    pub(super) near_forward: Vec<Route>,
    pub(super) near_back: Vec<Route>,
    /// What answers a request, by variant.
    pub(super) servers: Vec<Server>,
    /// Whether both directions have the same variant, as through a load balancer; otherwise each is
    /// hashed by itself, as through other Hyperplane fleets.
    pub(super) paired: bool,
    /// Payload of a full segment.
    pub(super) segment: Bytes,
    /// What one flow may have at most.
    pub(super) flow_cap: Option<FlowCap>,
}

/// What answers a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server {
    /// A process that computes.
    Process(Route),
    /// A Lambda function, by its number.
    Function(usize),
}

/// Events of a function that nobody waits for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Events {
    pub(super) function: usize,
    /// Attempts after the first, if the function fails.
    pub(super) retries: u32,
    /// Age at which an event is given up.
    pub(super) max_age: Duration,
}

/// Messages that a function is invoked with, several at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Messages {
    pub(super) function: usize,
    /// Most messages of a batch.
    pub(super) batch_size: usize,
    /// How long one is gathered at most.
    pub(super) window: Duration,
    /// Most batches under way.
    pub(super) max_concurrency: u32,
    /// After how long a message that was not dealt with is read again, and how often it is read.
    pub(super) visibility_timeout: Duration,
    pub(super) max_receive_count: u32,
}

/// The limit of a single flow.
#[derive(Debug, Clone, Copy)]
pub(super) struct FlowCap {
    pub(super) rate: Rate,
    /// How long a packet may wait for it; what would wait longer is dropped.
    pub(super) room: Duration,
}

/// How messages get across.
#[derive(Debug, Clone)]
pub(super) enum Transport {
    /// One packet each; what is lost is lost.
    Udp,
    Tcp(Box<Tcp>),
    /// Nothing: the server is where the client is.
    Direct,
}

/// Connections of a client.
#[derive(Debug, Clone)]
pub(super) struct Tcp {
    pub(super) config: tcp::Config,
    /// The first step on an established connection; those before it follow the TCP handshake.
    pub(super) established: usize,
    /// Whether connections are kept for later requests.
    pub(super) keep_alive: bool,
    /// Connections open at once; `None` is unlimited.
    pub(super) max_connections: Option<u32>,
    /// After how long without a request the client closes a connection.
    pub(super) idle_timeout: Option<Duration>,
    /// Time between TCP's own probes of an idle connection.
    pub(super) probe_interval: Option<Duration>,
}

/// How long a client waits, and what it does then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Given to an attempt.
    pub(super) timeout: Option<Duration>,
    /// Attempts after the first.
    pub(super) retries: u32,
    /// Before the first retry; doubled with each.
    pub(super) backoff: Duration,
    pub(super) max_backoff: Duration,
    pub(super) jitter: Jitter,
    /// When a second attempt is made beside the first.
    pub(super) hedge_after: Option<Duration>,
}

/// One message, or computing at one end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Message {
        direction: Direction,
        /// Whether it goes to, or comes from, what ends the client's connection.
        near: bool,
        bytes: Bytes,
    },
    /// What the server does.
    Serve,
    /// At one end.
    Local(Route),
}

/// Which way a packet of a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Direction {
    /// From the client to the server.
    Forward,
    Back,
}

impl WorkloadKind {
    /// All routes of packets, by which they cross the fabric.
    pub(super) fn routes(&self) -> Vec<Route> {
        match self {
            Self::Datagram(datagrams) => datagrams.routes.clone(),
            Self::Ping(pings) => [&pings.forward[..], &pings.back].concat(),
            Self::Request(requests) => {
                let ways = requests.targets.iter();
                ways.flat_map(|target| [&target.forward[..], &target.back].concat())
                    .collect()
            }
            Self::Stream(streams) => streams.ways.iter().map(|way| way.route).collect(),
            Self::Events(_) | Self::Messages(_) | Self::Refused(_) => Vec::new(),
        }
    }
}

impl Direction {
    pub(super) const fn opposite(self) -> Self {
        match self {
            Self::Forward => Self::Back,
            Self::Back => Self::Forward,
        }
    }
}

impl Target {
    /// The ways in a direction, by variant.
    pub(super) fn ways(&self, direction: Direction, near: bool) -> &[Route] {
        match (direction, near) {
            (Direction::Forward, false) => &self.forward,
            (Direction::Forward, true) => &self.near_forward,
            (Direction::Back, false) => &self.back,
            (Direction::Back, true) => &self.near_back,
        }
    }

    /// The segments that a message of `bytes` needs; an empty message is one packet.
    pub(super) fn segments(&self, bytes: Bytes) -> u64 {
        bytes.get().div_ceil(self.segment.get()).max(1)
    }
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
