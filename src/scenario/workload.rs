//! Workloads: what is sent, from where to where, how often.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Arrivals, OneOrMany, Reference};
use crate::units::{Bytes, Share};

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
