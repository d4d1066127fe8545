//! Workloads: who sends what to whom, and how often.

use super::stage::Compiler;
use super::{datagram, request};
use crate::path::{self, Endpoint, Flow, NodeChoice, Path, Refusal};
use crate::scenario::{
    self, Ecmp, Expectation, KeyPath, Problem, Protocol, Reference, Scenario, VpcAttachment,
};
use crate::sim::part::Part;
use crate::sim::program::{
    Arrivals, Attach, Exchange, Function, Planes, Route, Step, Workload, WorkloadKind,
};
use crate::topology::{self, Id, Resolver, Topology};
use crate::units::{Bytes, Duration};

/// What `ping` sends unless told otherwise: 56 bytes of data, 8 of ICMP and 20 of IP header.
const PING_SIZE: Bytes = Bytes::new(84);

/// Most arrivals of a burst.
const MAX_BURST: u32 = 1_000_000;

/// How many things a workload sends, if that is limited.
pub(super) fn count(scenario: &Scenario, kind: &str, name: &str) -> Option<u64> {
    match kind {
        "ping" => scenario.ping.get(name)?.count,
        "request" => scenario.request.get(name)?.count,
        "datagram" => scenario.datagram.get(name)?.count,
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
    for (name, written) in &scenario.invoke {
        workloads.extend(invoke(resolver, topology, name, written));
    }
    workloads
}

/// The endpoint that `reference` at `path` names.
pub(super) fn endpoint(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    reference: &Reference,
    path: &KeyPath,
) -> Option<Endpoint> {
    match reference.parts() {
        (None, "internet") => Some(Endpoint::Internet),
        (Some("service"), _) => resolver
            .find(&topology.services, "service", reference, path)
            .map(Endpoint::Service),
        _ => resolver
            .find(&topology.instances, "instance", reference, path)
            .map(Endpoint::Instance),
    }
}

/// The arrivals of one source, and their mean number per second.
pub(super) fn arrivals(
    resolver: &mut Resolver<'_>,
    written: &scenario::Arrivals,
    path: &KeyPath,
) -> Option<(Arrivals, f64)> {
    match (written.poisson, written.interval, written.burst) {
        (Some(poisson), None, None) => {
            let mean_interval_ps = poisson.rate.mean_interval_ps();
            Some((
                Arrivals::Poisson { mean_interval_ps },
                poisson.rate.as_per_second(),
            ))
        }
        (None, Some(interval), None) if interval.every > Duration::ZERO => Some((
            Arrivals::Every(interval.every),
            1.0 / interval.every.as_secs_f64(),
        )),
        (None, Some(_), None) => {
            resolver.error(
                path.key("interval"),
                "the time between two arrivals must be more than zero",
            );
            None
        }
        (None, None, Some(burst)) if (1..=MAX_BURST).contains(&burst.size) => {
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
        (None, None, Some(_)) => {
            resolver.error(
                path.key("burst"),
                format!("a burst has between 1 and {MAX_BURST} arrivals"),
            );
            None
        }
        _ if !resolver.is_whole(path) => None,
        _ => {
            resolver.report(
                Problem::error(
                    path.clone(),
                    "arrivals have exactly one of the keys poisson, interval and burst",
                )
                .help("for example { poisson = { rate = \"20/s\" } }"),
            );
            None
        }
    }
}

/// All variants of a path, by the node its flows are hashed to, or the refusal.
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
) -> Result<Vec<Path>, Refusal> {
    let variant = |node| {
        path::resolve(
            topology,
            from,
            to,
            flow,
            NodeChoice {
                forward: node,
                back: node,
            },
        )
    };
    let first = variant(0);
    match (&first, expect) {
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
        (Err(_), Expectation::Refused) | (Ok(_), Expectation::Reachable) => {}
    }
    let first = first?;
    let mut all = vec![first];
    for node in 1..all[0].nodes {
        all.push(variant(node)?);
    }
    Ok(all)
}

/// How the fabric of an endpoint spreads packets over its spines.
pub(super) fn planes(topology: &Topology, from: Endpoint) -> Planes {
    let host = match from {
        Endpoint::Instance(id) => Some(topology.instances[id].host),
        Endpoint::Host(host) => Some(host),
        Endpoint::Service(_) | Endpoint::Internet => None,
    };
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

/// A workload that never gets through.
pub(super) fn refused(
    name: &str,
    arrivals: Vec<Arrivals>,
    count: Option<u64>,
    expect: Expectation,
    refusal: Refusal,
) -> Workload {
    Workload {
        name: name.to_owned(),
        kind: WorkloadKind::Refused(Box::new(refusal)),
        arrivals,
        count,
        parts: Vec::new(),
        expect_refusal: expect == Expectation::Refused,
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
    let from = endpoint(resolver, topology, &written.from, &path.key("from"));
    let to = endpoint(resolver, topology, &written.to, &path.key("to"));
    let arrivals = arrivals(resolver, &written.arrivals, &path.key("arrivals"));
    let (from, to, (arrivals, rate)) = (from?, to?, arrivals?);
    if !matches!((from, to), (Endpoint::Instance(_), Endpoint::Instance(_))) {
        resolver.report(
            Problem::error(path.key("to"), "only an instance sends and answers pings")
                .help("use a [request] workload for services and the internet"),
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
    let size = written.size.unwrap_or(PING_SIZE);
    if size > found[0].mtu || size < Bytes::new(28) {
        let message = format!("a ping here has between 28 B and {}", found[0].mtu);
        resolver.error(path.key("size"), message);
    }
    let planes = planes(topology, from);
    let forward = compiler.route(&found[0].forward, false);
    let back = compiler.route(&found[0].back, false);
    for route in [forward, back] {
        compiler.offer(&path, route, rate, size, planes.count);
    }
    let exchange = Exchange {
        planes,
        forward: vec![forward],
        back: vec![back],
        steps: vec![Step::Forward(size), Step::Back(size)],
        established: 0,
        keep_alive: false,
        one_flow: true,
        segment: size,
        headers: Bytes::new(0),
    };
    Some(Workload {
        name: name.to_owned(),
        parts: compiler.parts([forward, back]),
        kind: WorkloadKind::Exchange(exchange),
        arrivals: vec![arrivals],
        count: written.count,
        expect_refusal: written.expect == Expectation::Refused,
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
        expect_refusal: false,
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

/// The routes of all steps of an exchange.
pub(super) fn step_routes(exchange: &Exchange) -> Vec<Route> {
    let local = exchange.steps.iter().filter_map(|step| match step {
        Step::Local(route) => Some(*route),
        Step::Forward(_) | Step::Back(_) => None,
    });
    exchange
        .forward
        .iter()
        .chain(&exchange.back)
        .copied()
        .chain(local)
        .collect()
}
