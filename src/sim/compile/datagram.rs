//! Datagrams: from each of a set of senders to a random one of a set of receivers.

use super::stage::Compiler;
use super::workload::{arrivals, hops, host_of, paths, planes, refused};
use crate::path::{Endpoint, Flow, LinkLocal};
use crate::scenario::{self, KeyPath, Problem, Protocol, Reference};
use crate::sim::program::{Arrivals, Datagrams, Workload, WorkloadKind};
use crate::topology::{Resolver, Topology};
use crate::units::{Bytes, PS_PER_SECOND};

/// Most pairs of senders and receivers of a workload.
pub(super) const MAX_PAIRS: usize = 1 << 20;

pub(super) fn compile(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    compiler: &mut Compiler<'_>,
    name: &str,
    written: &scenario::Datagram,
) -> Option<Workload> {
    let path = KeyPath::of(["datagram", name]);
    let from = ends(resolver, topology, &written.from.0, &path.key("from"));
    let to = ends(resolver, topology, &written.to.0, &path.key("to"));
    let planned = sending(resolver, topology, written, from.first().copied(), &path);
    let (arrivals, rate) = planned?;
    if from.is_empty() || to.is_empty() {
        return None;
    }
    if from.len() * to.len() > MAX_PAIRS {
        let message = format!(
            "{} senders and {} receivers are too many pairs",
            from.len(),
            to.len()
        );
        resolver.error(path.key("from"), message);
        return None;
    }
    let flow = Flow {
        protocol: Protocol::Udp,
        port: written.receiver_port(),
    };
    let sources = vec![arrivals; from.len()];
    let mut planes = planes(topology, from[0]);
    let (mut routes, mut destinations) = (Vec::new(), Vec::new());
    for &source in &from {
        let start = routes.len();
        let others: Vec<Endpoint> = to.iter().copied().filter(|&to| to != source).collect();
        if others.is_empty() {
            resolver.error(path.key("to"), "a sender has no receiver but itself");
            return None;
        }
        for &destination in &others {
            let pair = (source, destination);
            let found = match paths(resolver, topology, pair, flow, written.expect, &path) {
                Ok(found) => found,
                Err(refusal) => {
                    return Some(refused(
                        name,
                        sources,
                        written.count,
                        written.expect,
                        refusal,
                    ));
                }
            };
            if written.size > found[0].mtu || written.size == Bytes::new(0) {
                let message = format!("a datagram here has between 1 B and {}", found[0].mtu);
                resolver.error(path.key("size"), message);
                return None;
            }
            planes.per_packet |= found[0].ena_express;
            let tables = compiler.tables_of(&found[0]);
            let route = compiler.route_with(&hops(&found[0].forward), true, &tables);
            let share = rate / others.len() as f64;
            compiler.offer(&path, route, share, written.size, planes.count);
            routes.push(route);
        }
        destinations.push(index(start)..index(routes.len()));
    }
    Some(Workload {
        name: name.to_owned(),
        parts: compiler.parts(routes.iter().copied()),
        kind: WorkloadKind::Datagram(Datagrams {
            size: written.size,
            planes,
            routes,
            destinations,
        }),
        arrivals: sources,
        count: written.count,
        payload: written.size,
        expect: written.expect,
    })
}

/// When each source of a datagram workload sends, and how many per second.
fn sending(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    written: &scenario::Datagram,
    source: Option<Endpoint>,
    path: &KeyPath,
) -> Option<(Arrivals, f64)> {
    match (&written.arrivals, written.load) {
        (Some(written), None) => arrivals(resolver, written, &path.key("arrivals")),
        (None, Some(load)) if load.as_fraction() > 0.0 => {
            let host = host_of(topology, source?)?;
            let fabric = &topology.substrate.fabrics[topology.substrate.fabric_of(host)];
            let bits = written.size.get().max(1) as f64 * 8.0;
            let rate = load.as_fraction() * fabric.host_link_rate.as_bps() as f64 / bits;
            Some((
                Arrivals::Poisson {
                    mean_interval_ps: PS_PER_SECOND as f64 / rate,
                },
                rate,
            ))
        }
        (None, Some(_)) => {
            resolver.error(path.key("load"), "a load must be more than zero");
            None
        }
        _ if !resolver.is_whole(path) => None,
        _ => {
            resolver.report(
                Problem::error(
                    path.clone(),
                    "a datagram workload has either `arrivals` or `load`",
                )
                .help("for example arrivals = { poisson = { rate = \"1000/s\" } }"),
            );
            None
        }
    }
}

/// The ends that a list names: instances, and all hosts of fabrics.
pub(super) fn ends(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    references: &[Reference],
    path: &KeyPath,
) -> Vec<Endpoint> {
    let mut ends = Vec::new();
    for (at, reference) in references.iter().enumerate() {
        let path = if references.len() == 1 {
            path.clone()
        } else {
            path.index(at)
        };
        let mut local = LinkLocal::ALL.into_iter();
        if let Some(service) = local.find(|service| service.name() == reference.as_str()) {
            ends.push(Endpoint::LinkLocal(service));
        } else if reference.parts().0 == Some("fabric") {
            let found = resolver.find(&topology.substrate.fabrics, "fabric", reference, &path);
            let hosts = found
                .into_iter()
                .flat_map(|id| topology.substrate.fabrics[id].hosts());
            ends.extend(hosts.map(Endpoint::Host));
        } else {
            let found = resolver.find(&topology.instances, "instance", reference, &path);
            ends.extend(found.map(|id| Endpoint::instance(topology, id)));
        }
    }
    ends
}

pub(super) fn index(length: usize) -> u32 {
    u32::try_from(length).expect("fewer pairs than MAX_PAIRS")
}
