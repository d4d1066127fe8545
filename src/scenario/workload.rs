//! Workloads: what is sent, from where to where, how often.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{OneOrMany, Reference};
use crate::engine::Distribution;
use crate::units::{Bytes, Duration, Frequency, Share};

/// Round-trip probes (ICMP echo).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ping {
    /// The instance or network interface that sends them.
    #[schemars(extend("example" = "\"instance.client\""))]
    pub from: Reference,
    /// The instance or network interface that answers, or `"internet"`.
    #[schemars(extend("example" = "\"instance.server\""))]
    pub to: Reference,
    /// When probes are sent.
    #[schemars(extend("example" = "{ interval = { every = \"10 ms\" } }"))]
    pub arrivals: Arrivals,
    /// Size of a probe, as an IP packet. Default: 84 B, as `ping` sends.
    #[schemars(extend("example" = "\"84 B\""))]
    pub size: Option<Bytes>,
    /// Stop after this many. Default: at the end of the scenario's `duration`.
    #[schemars(extend("example" = "1000"))]
    pub count: Option<u64>,
    /// Whether the path should exist: `"reachable"`, `"refused"` or `"either"`; a run whose expectation
    /// fails has exit status 1. Default: `"reachable"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"refused\""))]
    pub expect: Expectation,
}

impl Ping {
    /// Size of a probe, as an IP packet. Unless it is given: 56 bytes of data, 8 of ICMP and 20 of
    /// IP header, as `ping` sends.
    #[must_use]
    pub fn packet_size(&self) -> Bytes {
        self.size.unwrap_or(Bytes::new(84))
    }
}

impl Datagram {
    /// Port of the receiver; that of the discard service (RFC 863) unless it is given.
    #[must_use]
    pub fn receiver_port(&self) -> u16 {
        self.port.unwrap_or(9)
    }
}

/// One-way datagrams (UDP). Give `arrivals` or `load`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Datagram {
    /// The instances that send, or a `"fabric.NAME"` for all its hosts; each is a source of its own.
    #[schemars(extend("example" = "\"fabric.clos\""))]
    pub from: OneOrMany,
    /// The instances that receive, or a `"fabric.NAME"`; each datagram goes to one at random, never
    /// to its sender.
    #[schemars(extend("example" = "\"fabric.clos\""))]
    pub to: OneOrMany,
    /// Size as an IP packet.
    #[schemars(extend("example" = "\"1500 B\""))]
    pub size: Bytes,
    /// Port of the receiver. Default: 9 (discard).
    #[schemars(extend("example" = "53"))]
    pub port: Option<u16>,
    /// When each source sends.
    #[schemars(extend("example" = "{ poisson = { rate = \"1000/s\" } }"))]
    pub arrivals: Option<Arrivals>,
    /// Poisson arrivals at this share of the rate of the source's link.
    #[schemars(extend("example" = "\"40 %\""))]
    pub load: Option<Share>,
    /// Stop after this many from all sources. Default: at the end of the scenario's `duration`.
    #[schemars(extend("example" = "1_000_000"))]
    pub count: Option<u64>,
    /// Whether the paths should exist: `"reachable"`, `"refused"` or `"either"`; a run whose expectation
    /// fails has exit status 1. Default: `"reachable"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"refused\""))]
    pub expect: Expectation,
}

/// Invocations of a Lambda function.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invoke {
    /// The function.
    #[schemars(extend("example" = "\"function.api\""))]
    pub target: Reference,
    /// When it is invoked.
    #[schemars(extend("example" = "{ poisson = { rate = \"20/s\" } }"))]
    pub arrivals: Arrivals,
    /// Stop after this many. Default: at the end of the scenario's `duration`.
    #[schemars(extend("example" = "1000"))]
    pub count: Option<u64>,
}

/// When things are sent; exactly one key.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    /// Independent arrivals at a mean rate.
    #[schemars(extend("example" = "{ rate = \"20/s\" }"))]
    pub poisson: Option<PoissonArrivals>,
    /// One every so often, from time zero on.
    #[schemars(extend("example" = "{ every = \"15 min\" }"))]
    pub interval: Option<Interval>,
    /// Several at once, the bursts being Poisson.
    #[schemars(extend("example" = "{ rate = \"2/s\", size = 10 }"))]
    pub burst: Option<BurstArrivals>,
    /// Clients that wait for their answer, think, and send again. For requests only.
    #[schemars(extend("example" = "{ clients = 50, think_time = { exponential = { mean = \"1 s\" } } }"))]
    pub closed: Option<ClosedArrivals>,
}

/// Poisson arrivals: exponential times between them, as from many independent users.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoissonArrivals {
    /// Mean arrivals per time.
    #[schemars(extend("example" = "\"20/s\""))]
    pub rate: Frequency,
}

/// Arrivals like clockwork, as from a timer.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Time between two arrivals.
    #[schemars(extend("example" = "\"15 min\""))]
    pub every: Duration,
}

/// Bursts: several arrivals at one instant, at Poisson times.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BurstArrivals {
    /// Mean bursts per time.
    #[schemars(extend("example" = "\"2/s\""))]
    pub rate: Frequency,
    /// Arrivals in a burst.
    #[schemars(extend("example" = "10"))]
    pub size: u32,
}

/// A closed loop: each client sends, waits for the answer, and thinks.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedArrivals {
    /// How many there are.
    #[schemars(extend("example" = "50"))]
    pub clients: u32,
    /// Time between an answer and the next request, and before the first. Default: none.
    #[schemars(extend("example" = "\"100 ms\""))]
    pub think_time: Option<Distribution>,
}

/// Whether a path should exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// The path exists.
    #[default]
    Reachable,
    /// Something on the way refuses it.
    Refused,
    /// Either will do, as in a sweep over designs of which some have it.
    Either,
}
