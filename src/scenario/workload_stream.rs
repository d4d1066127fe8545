//! The workload `stream`: bulk transfers over TCP.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Arrivals, Expectation, OneOrMany};
use crate::units::{Bytes, Rate, Share};

/// Bulk transfers over TCP, as of iperf3 or a backup: fluids that share the links and the bandwidth of
/// instances. A flow moves its `size`, or one of `sizes`; without either it goes on until the end of
/// the scenario's `duration`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// The instances that send, or a `"fabric.NAME"` for all its hosts; each is a source of its own.
    #[schemars(extend("example" = "\"instance.client\""))]
    pub from: OneOrMany,
    /// The instances that receive, or a `"fabric.NAME"`; nobody sends to itself.
    #[schemars(extend("example" = "\"instance.server\""))]
    pub to: OneOrMany,
    /// Port of the receiver. Default: 5201, as of iperf3.
    #[schemars(extend("example" = "443"))]
    pub port: Option<u16>,
    /// Flows that each sender opens to a receiver at once. Default: 1.
    #[schemars(extend("example" = "16"))]
    pub flows: Option<u32>,
    /// What each flow moves, without headers.
    #[schemars(extend("example" = "\"1 GB\""))]
    pub size: Option<Bytes>,
    /// A published distribution of sizes to draw from: `"web_search"`, `"hadoop"`, `"storage"` or
    /// `"rpc"`.
    #[schemars(extend("example" = "\"web_search\""))]
    pub sizes: Option<Sizes>,
    /// When each source opens flows. Default: once, at time zero.
    #[schemars(extend("example" = "{ poisson = { rate = \"20/s\" } }"))]
    pub arrivals: Option<Arrivals>,
    /// Poisson arrivals, so many that the flows make up this share of the rate of the source's link.
    #[schemars(extend("example" = "\"40 %\""))]
    pub load: Option<Share>,
    /// What each flow sends at most, without headers. Default: all it can.
    #[schemars(extend("example" = "\"6 Gbps\""))]
    pub rate: Option<Rate>,
    /// The receiver's window: a flow never has more than this under way. Default:
    /// `tcp.receive_window`, or 6 MiB.
    #[schemars(extend("example" = "\"6 MiB\""))]
    pub window: Option<Bytes>,
    /// Who sends to whom at an arrival: `"random"` (the source to a receiver at random),
    /// `"all_to_all"` (the source to every receiver), `"permutation"` (the source always to the same
    /// receiver, who is nobody else's), or `"incast"` (every source to one receiver at random; the
    /// arrivals are those of the first source). Default: `"random"` if there are `arrivals` or a
    /// `load`, otherwise `"all_to_all"`.
    #[schemars(extend("example" = "\"incast\""))]
    pub pattern: Option<Pattern>,
    /// How closely it is computed: `"fluid"`, or `"packet"`, which sends every segment of the same flows
    /// over the TCP of `[tcp]`; flows of packets have a size and no `rate`. Default: `"fluid"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"packet\""))]
    pub granularity: Granularity,
    /// Stop after this many flows. Default: at the end of the scenario's `duration`.
    #[schemars(extend("example" = "100_000"))]
    pub count: Option<u64>,
    /// Whether the paths should exist: `"reachable"`, `"refused"` or `"either"`; a run whose expectation
    /// fails has exit status 1. Default: `"reachable"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"refused\""))]
    pub expect: Expectation,
}

/// How closely a stream is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// As fluids: rates, and when they change.
    #[default]
    Fluid,
    /// As packets: segments, acknowledgements, queues and loss.
    Packet,
}

/// Published distributions of the sizes of flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sizes {
    /// A web search cluster.
    WebSearch,
    /// A Hadoop cluster.
    Hadoop,
    /// A storage cluster.
    Storage,
    /// Remote procedure calls.
    Rpc,
}

/// Who sends to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// Each source to a receiver at random.
    Random,
    /// Each source to every receiver.
    AllToAll,
    /// Each source to a receiver of its own.
    Permutation,
    /// Every source to one receiver.
    Incast,
}

impl Stream {
    /// Port of the receiver; that of iperf3 unless it is given.
    #[must_use]
    pub fn receiver_port(&self) -> u16 {
        self.port.unwrap_or(5201)
    }

    /// Whether flows have a size, so that they end by themselves.
    #[must_use]
    pub const fn is_sized(&self) -> bool {
        self.size.is_some() || self.sizes.is_some()
    }

    /// Whether flows are opened again and again.
    #[must_use]
    pub const fn recurs(&self) -> bool {
        self.arrivals.is_some() || self.load.is_some()
    }

    /// Who sends to whom at an arrival.
    #[must_use]
    pub fn pattern(&self) -> Pattern {
        self.pattern.unwrap_or(if self.recurs() {
            Pattern::Random
        } else {
            Pattern::AllToAll
        })
    }
}
