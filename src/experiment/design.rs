//! The design of a scenario's first point, with the ways that its workloads take through it.

use crate::path::{self, Endpoint, Flow, Path, Query};
use crate::scenario::{Protocol, Reference, Scenario};
use crate::topology::Topology;

/// What a picture of a scenario shows.
#[derive(Debug)]
pub struct Design {
    /// What there is.
    pub topology: Topology,
    /// Workloads whose way exists, with one variant of it.
    pub flows: Vec<(String, Path)>,
}

impl Design {
    /// The design of a scenario that is `topology`.
    pub(super) fn new(scenario: &Scenario, topology: Topology) -> Self {
        let mut flows = Vec::new();
        let mut add = |name: &str, from: &Reference, to: &Reference, protocol, port| {
            let flow = Flow { protocol, port };
            flows.extend(way(&topology, from, to, flow).map(|path| (name.to_owned(), path)));
        };
        for (name, ping) in &scenario.ping {
            add(name, &ping.from, &ping.to, Protocol::Icmp, 0);
        }
        for (name, request) in &scenario.request {
            for to in &request.to.0 {
                add(
                    name,
                    &request.from,
                    to,
                    request.protocol.into(),
                    request.port,
                );
            }
        }
        for (name, datagram) in &scenario.datagram {
            if let (Some(from), Some(to)) = (datagram.from.0.first(), datagram.to.0.first()) {
                add(name, from, to, Protocol::Udp, datagram.receiver_port());
            }
        }
        for (name, stream) in &scenario.stream {
            if let (Some(from), Some(to)) = (stream.from.0.first(), stream.to.0.first()) {
                add(name, from, to, Protocol::Tcp, stream.receiver_port());
            }
        }
        Self { topology, flows }
    }
}

fn way(topology: &Topology, from: &Reference, to: &Reference, flow: Flow) -> Option<Path> {
    let from = Endpoint::parse(topology, from.as_str(), None).ok()?;
    let to = Endpoint::parse(topology, to.as_str(), Some(from)).ok()?;
    let paths = path::resolve(topology, &Query::new(from, to, flow)).ok()?;
    paths.into_iter().next()
}
