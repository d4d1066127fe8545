//! Workloads: who sends what to whom, and how often.

pub(super) use super::arrivals::arrivals;
use super::handler::is_called;
use super::stage::Compiler;
use super::{datagram, invoke, request, stream};
use crate::path::{self, Endpoint, Explanation, Flow, Hop, Note, Path, Query};
use crate::scenario::{self, Ecmp, Expectation, KeyPath, Problem, Protocol, Reference, Scenario};
use crate::sim::program::{Arrivals, Pings, Planes, Workload, WorkloadKind};
use crate::topology::{HostId, InterfaceOwner, Location, Resolver, Topology};
use crate::units::Bytes;

/// How many things a workload sends, if that is limited: by its count, or by itself.
pub(super) fn count(scenario: &Scenario, kind: &str, name: &str) -> Option<u64> {
    let ended = |count: Option<u64>, arrivals: Option<&scenario::Arrivals>| {
        let ends = arrivals.is_some_and(scenario::Arrivals::end_by_themselves);
        count.or(ends.then_some(u64::MAX))
    };
    let count = match kind {
        "ping" => {
            let ping = scenario.ping.get(name)?;
            ended(ping.count, Some(&ping.arrivals))
        }
        "request" => {
            let request = scenario.request.get(name)?;
            ended(request.count, request.arrivals.as_ref())
        }
        "datagram" => {
            let datagram = scenario.datagram.get(name)?;
            ended(datagram.count, datagram.arrivals.as_ref())
        }
        "stream" => {
            let stream = scenario.stream.get(name)?;
            // Opened once, flows end with their sizes.
            let once = (!stream.recurs()).then_some(u64::MAX);
            ended(stream.count, stream.arrivals.as_ref())
                .or(once)
                .filter(|_| stream.is_sized())
        }
        _ => {
            let invoke = scenario.invoke.get(name)?;
            ended(invoke.count, invoke.arrivals.as_ref())
        }
    };
    // What handlers cause ends with what causes them.
    count.or_else(|| is_called(scenario, &KeyPath::of([kind, name])).then_some(u64::MAX))
}

/// All workloads, in the order of kinds and of the file.
pub(super) fn compile(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    compiler: &mut Compiler<'_>,
) -> Vec<Workload> {
    let scenario = resolver.scenario;
    let mut workloads = Vec::new();
    for (name, written) in &scenario.ping {
        workloads.extend(ping(resolver, topology, compiler, name, written));
    }
    for (name, written) in &scenario.request {
        workloads.extend(request::compile(
            resolver, topology, compiler, name, written,
        ));
    }
    for (name, written) in &scenario.datagram {
        workloads.extend(datagram::compile(
            resolver, topology, compiler, name, written,
        ));
    }
    for (name, written) in &scenario.stream {
        workloads.extend(stream::compile(resolver, topology, compiler, name, written));
    }
    for (name, written) in &scenario.invoke {
        workloads.extend(invoke::compile(resolver, topology, compiler, name, written));
    }
    workloads
}

/// The end of a path that `reference` at `path` names, as `from` resolves it.
pub(super) fn endpoint(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    reference: &Reference,
    from: Option<Endpoint>,
    path: &KeyPath,
) -> Option<Endpoint> {
    match Endpoint::parse(topology, reference.as_str(), from) {
        Ok(end) => Some(end),
        Err(unknown) => {
            // What is written and was left out has been reported.
            let is_end = reference.parts().0.is_some_and(Endpoint::is_kind);
            if !(is_end && resolver.is_written(reference)) {
                let problem = Problem::error(path.clone(), unknown.message);
                resolver.report(match unknown.help {
                    Some(help) => problem.help(help),
                    None => problem,
                });
            }
            None
        }
    }
}

/// All variants of a path, by what a flow's hash chooses on the way, or what refuses it.
///
/// A refusal that was not expected, and a path that was not, is a warning here; the exit status of
/// the run says it again.
pub(super) fn paths(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    (from, to): (Endpoint, Endpoint),
    flow: Flow,
    expect: Expectation,
    workload: &KeyPath,
) -> Result<Vec<Path>, Explanation> {
    let found = path::resolve(topology, &Query::new(from, to, flow));
    let found = found.map_err(|path| path.refusals[0].explain(topology));
    for note in found.iter().flatten().flat_map(|path| &path.notes) {
        if let Note::PartlyRefused {
            refused,
            variants,
            first,
        } = note
        {
            let why = first.explain(topology);
            resolver.report(
                Problem::warning(
                    workload.clone(),
                    format!("{refused} of {variants} variants of the path are refused, and not used: {why}"),
                )
                .help(why.remedy),
            );
        }
    }
    match (&found, expect) {
        (Err(refusal), Expectation::Reachable) => resolver.report(
            Problem::warning(
                workload.clone(),
                format!("every attempt will be refused at {refusal}"),
            )
            .help(format!("{}; or write expect = \"refused\"", refusal.remedy)),
        ),
        (Ok(_), Expectation::Refused) => resolver.report(Problem::warning(
            workload.key("expect"),
            "the path exists, although it is expected to be refused",
        )),
        (Err(_), Expectation::Refused)
        | (Ok(_), Expectation::Reachable)
        | (_, Expectation::Either) => {}
    }
    found
}

/// What takes time on one direction of a path.
pub(super) fn hops(leg: &path::Leg) -> Vec<Hop> {
    leg.hops().collect()
}

/// Whether the variants of a path differ in more than nodes that hash each direction by itself.
pub(super) fn is_paired(topology: &Topology, paths: &[Path]) -> bool {
    let owner = |interface| topology.network_interfaces[interface].owner;
    let balanced = |hop: Hop| {
        matches!(hop, Hop::Fleet(interface, _) if matches!(
            owner(interface),
            InterfaceOwner::LoadBalancer(_) | InterfaceOwner::Function(_)
        ))
    };
    paths
        .iter()
        .any(|path| path.server != paths[0].server || path.forward.hops().any(balanced))
}

/// How the fabric of an endpoint spreads packets over its spines.
pub(super) fn planes(topology: &Topology, from: Endpoint) -> Planes {
    let host = host_of(topology, from);
    // Zones differ in their number of spines at most by the user's wish; the smallest serves all.
    let fabrics = topology.substrate.fabrics.iter();
    let count = match host {
        Some(host) if topology.substrate.zones().count() < 2 => {
            topology.substrate.fabrics[topology.substrate.fabric_of(host)].spines
        }
        _ => fabrics.map(|(_, fabric)| fabric.spines).min().unwrap_or(1),
    };
    let fabric = host.map(|host| &topology.substrate.fabrics[topology.substrate.fabric_of(host)]);
    Planes {
        count,
        per_packet: fabric.is_some_and(|fabric| fabric.ecmp == Ecmp::PerPacket),
    }
}

/// The host that an end is on, if it is on one.
pub(super) fn host_of(topology: &Topology, end: Endpoint) -> Option<HostId> {
    match end {
        Endpoint::Interface(id) => match topology.network_interfaces[id].location {
            Location::Host(host) => Some(host),
            Location::Fleet(_) => None,
        },
        Endpoint::Host(host) => Some(host),
        Endpoint::Function(_)
        | Endpoint::LoadBalancer(_)
        | Endpoint::Service(_)
        | Endpoint::VpcEndpoint(_)
        | Endpoint::Site(_)
        | Endpoint::Internet
        | Endpoint::LinkLocal(_)
        | Endpoint::Address(_) => None,
    }
}

/// A workload that never gets through.
pub(super) fn refused(
    name: &str,
    arrivals: Vec<Arrivals>,
    count: Option<u64>,
    expect: Expectation,
    refusal: Explanation,
) -> Workload {
    Workload {
        name: name.to_owned(),
        kind: WorkloadKind::Refused(Box::new(refusal)),
        arrivals,
        count,
        parts: Vec::new(),
        payload: Bytes::new(0),
        expect,
    }
}

fn ping(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    compiler: &mut Compiler<'_>,
    name: &str,
    written: &scenario::Ping,
) -> Option<Workload> {
    let path = KeyPath::of(["ping", name]);
    let from = endpoint(resolver, topology, &written.from, None, &path.key("from"));
    let to = endpoint(resolver, topology, &written.to, from, &path.key("to"));
    let arrivals = arrivals(resolver, &written.arrivals, &path.key("arrivals"));
    let (from, to, (arrivals, rate)) = (from?, to?, arrivals?);
    let answers = |end| {
        matches!(
            end,
            Endpoint::Interface(_) | Endpoint::Internet | Endpoint::Site(_) | Endpoint::Address(_)
        )
    };
    if !answers(from) || !answers(to) {
        let (key, end) = if answers(from) {
            ("to", &written.to)
        } else {
            ("from", &written.from)
        };
        let message = format!("`{end}` neither sends nor answers pings");
        resolver.report(
            Problem::error(path.key(key), message)
                .help("instances, network interfaces, sites and hosts on the internet do; use a [request] workload for services and load balancers"),
        );
        return None;
    }
    let flow = Flow {
        protocol: Protocol::Icmp,
        port: 0,
    };
    let found = paths(resolver, topology, (from, to), flow, written.expect, &path);
    let found = match found {
        Ok(found) => found,
        Err(refusal) => {
            return Some(refused(
                name,
                vec![arrivals],
                written.count,
                written.expect,
                refusal,
            ));
        }
    };
    let size = written.packet_size();
    if size > found[0].mtu || size < Bytes::new(28) {
        let message = format!("a ping here has between 28 B and {}", found[0].mtu);
        resolver.error(path.key("size"), message);
    }
    let planes = planes(topology, from);
    let (mut forward, mut back) = (Vec::new(), Vec::new());
    for path in &found {
        let tables = compiler.tables_of(path);
        forward.push(compiler.route_with(&hops(&path.forward), false, &tables));
        back.push(compiler.route_with(&hops(&path.back), false, &tables));
    }
    for &route in forward.iter().chain(&back) {
        let rate = rate / forward.len() as f64;
        compiler.offer(&path, route, rate, size, planes.count);
    }
    Some(Workload {
        name: name.to_owned(),
        parts: compiler.parts(forward.iter().chain(&back).copied()),
        kind: WorkloadKind::Ping(Pings {
            planes,
            forward,
            back,
            paired: is_paired(topology, &found),
            size,
        }),
        arrivals: vec![arrivals],
        count: written.count,
        payload: size + size,
        expect: written.expect,
    })
}
