//! Workloads: who sends what to whom, and how often.

use super::stage::Compiler;
use super::{datagram, request, stream};
use crate::path::{self, Endpoint, Explanation, Flow, Hop, Note, Path, Query};
use crate::scenario::{
    self, Ecmp, Expectation, KeyPath, Problem, Protocol, Reference, Scenario, VpcAttachment,
};
use crate::sim::part::Part;
use crate::sim::program::{Arrivals, Attach, Function, Pings, Planes, Workload, WorkloadKind};
use crate::topology::{self, HostId, Id, InterfaceOwner, Location, Resolver, Topology};
use crate::units::{Bytes, Duration};

/// Most arrivals of a burst.
const MAX_BURST: u32 = 1_000_000;

/// How many things a workload sends, if that is limited.
pub(super) fn count(scenario: &Scenario, kind: &str, name: &str) -> Option<u64> {
    match kind {
        "ping" => scenario.ping.get(name)?.count,
        "request" => scenario.request.get(name)?.count,
        "datagram" => scenario.datagram.get(name)?.count,
        "stream" => {
            let stream = scenario.stream.get(name)?;
            // Opened once, flows end with their sizes.
            let once = stream.is_sized() && !stream.recurs();
            stream
                .count
                .filter(|_| stream.is_sized())
                .or(once.then_some(u64::MAX))
        }
        _ => scenario.invoke.get(name)?.count,
    }
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
        workloads.extend(invoke(resolver, topology, name, written));
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

/// The arrivals of one source, and their mean number per second.
pub(super) fn arrivals(
    resolver: &mut Resolver<'_>,
    written: &scenario::Arrivals,
    path: &KeyPath,
) -> Option<(Arrivals, f64)> {
    match (
        written.poisson,
        written.interval,
        written.burst,
        &written.closed,
    ) {
        (Some(poisson), None, None, None) => {
            let mean_interval_ps = poisson.rate.mean_interval_ps();
            Some((
                Arrivals::Poisson { mean_interval_ps },
                poisson.rate.as_per_second(),
            ))
        }
        (None, Some(interval), None, None) if interval.every > Duration::ZERO => Some((
            Arrivals::Every(interval.every),
            1.0 / interval.every.as_secs_f64(),
        )),
        (None, Some(_), None, None) => {
            resolver.error(
                path.key("interval"),
                "the time between two arrivals must be more than zero",
            );
            None
        }
        (None, None, Some(burst), None) if (1..=MAX_BURST).contains(&burst.size) => {
            let mean_interval_ps = burst.rate.mean_interval_ps();
            let rate = burst.rate.as_per_second() * f64::from(burst.size);
            Some((
                Arrivals::Bursts {
                    mean_interval_ps,
                    size: burst.size,
                },
                rate,
            ))
        }
        (None, None, Some(_), None) => {
            resolver.error(
                path.key("burst"),
                format!("a burst has between 1 and {MAX_BURST} arrivals"),
            );
            None
        }
        (None, None, None, Some(_)) => {
            let message = "only requests can be sent by clients that wait for their answers";
            resolver.error(path.key("closed"), message);
            None
        }
        _ if !resolver.is_whole(path) => None,
        _ => {
            resolver.report(
                Problem::error(
                    path.clone(),
                    "arrivals have exactly one of the keys poisson, interval, burst and closed",
                )
                .help("for example { poisson = { rate = \"20/s\" } }"),
            );
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

fn invoke(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    name: &str,
    written: &scenario::Invoke,
) -> Option<Workload> {
    let path = KeyPath::of(["invoke", name]);
    let target = path.key("target");
    let function = resolver.find(&topology.functions, "function", &written.target, &target);
    let arrivals = arrivals(resolver, &written.arrivals, &path.key("arrivals"));
    let (function, (arrivals, _)) = (function?, arrivals?);
    let mut parts = vec![
        Part::LambdaInvoke,
        Part::LambdaPlacement,
        Part::LambdaMicrovmBoot,
        Part::LambdaCode,
        Part::LambdaVpcAttach,
        Part::LambdaRuntimeInit,
        Part::LambdaHandler,
    ];
    parts.retain(|&part| {
        part != Part::LambdaVpcAttach
            || topology.functions[function].vpc_attachment != VpcAttachment::None
    });
    Some(Workload {
        name: name.to_owned(),
        kind: WorkloadKind::Invoke {
            function: function.index(),
        },
        arrivals: vec![arrivals],
        count: written.count,
        parts: parts.into_iter().map(|part| part as usize).collect(),
        payload: Bytes::new(0),
        expect: Expectation::Reachable,
    })
}

/// A function with the figures that apply to it.
pub(super) fn function(topology: &Topology, id: Id<topology::Function>) -> Function {
    let figures = &topology.profile.lambda;
    let function = &topology.functions[id];
    let attach = &figures.vpc_attach;
    Function {
        name: topology.functions.name(id).to_owned(),
        concurrency: function.concurrency as usize,
        new_worker_share: function.new_worker_share,
        placement: figures.placement.value.clone(),
        boot_new_worker: figures.microvm_boot_new_worker.value.clone(),
        boot_existing_worker: figures.microvm_boot_existing_worker.value.clone(),
        code: figures.code.value.clone(),
        attach: match function.vpc_attachment {
            VpcAttachment::None => Attach::None,
            VpcAttachment::PerEnvironmentEni => Attach::PerEnvironmentInterface {
                create: attach.create_network_interface.value.clone(),
                reuse: attach.reuse_network_interface.value.clone(),
            },
            VpcAttachment::Hyperplane => Attach::Hyperplane(attach.hyperplane.value.clone()),
            VpcAttachment::HyperplanePrewarmed => {
                Attach::Hyperplane(attach.hyperplane_prewarmed.value.clone())
            }
        },
        runtime_init: function.runtime_init.clone(),
        invoke_overhead: figures.invoke_overhead.value.clone(),
        duration: function.duration.clone(),
        keep_alive: function.keep_alive.clone(),
    }
}
