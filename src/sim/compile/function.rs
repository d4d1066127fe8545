//! Lambda functions as they run, and what they share.

use super::handler;
use crate::scenario::{self, KeyPath, Problem, Scaling as WrittenScaling, Scenario, VpcAttachment};
use crate::sim::lambda::{
    Account, Asynchronous, Attach, Fraction, Function, HandlerAction, HyperplaneInterface, Init,
    KeepAlive, Scaling, Start,
};
use crate::sim::part::Part;
use crate::sim::program::{Server, Workload, WorkloadKind};
use crate::topology::{self, Id, InterfaceOwner, Resolver, Subnet, Topology};
use crate::units::{Duration, Share};

/// What a function may take unless it says otherwise, the most that Lambda allows. (AWS Lambda
/// developer guide, Lambda quotas.)
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(900);

/// All functions, in the order of the topology.
pub(super) fn compile(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    workloads: &[Workload],
) -> Vec<Function> {
    let scenario = resolver.scenario;
    let functions = topology.functions.iter();
    let compiled = functions.map(|(id, function)| {
        let name = topology.functions.name(id);
        let written = &scenario.function[name];
        let figures = &topology.profile.lambda;
        Function {
            name: name.to_owned(),
            invoke_overhead: figures.invoke_overhead.value.clone(),
            start: start(topology, function, written),
            handler: handler::compile(resolver, workloads, name, written),
            error_rate: written.error_rate.map_or(0.0, Share::as_fraction),
            timeout: written.timeout.unwrap_or(DEFAULT_TIMEOUT),
            keep_alive: match (written.keep_alive_halving, &written.keep_alive) {
                (Some(period), _) => KeepAlive::Halving(period),
                (None, Some(kept)) => KeepAlive::Drawn(kept.clone()),
                (None, None) => KeepAlive::Drawn(figures.keep_alive.value.clone()),
            },
            lifetime: written.environment_lifetime.clone(),
            reserved: written.reserved_concurrency,
            provisioned: written.provisioned_concurrency.unwrap_or(0),
            interface: match written.vpc_attachment {
                VpcAttachment::None | VpcAttachment::PerEnvironmentEni => None,
                VpcAttachment::Hyperplane | VpcAttachment::HyperplanePrewarmed => {
                    Some(HyperplaneInterface {
                        created_at: written.created_at,
                        creation: figures.hyperplane_interface_creation.value.clone(),
                        idle: figures.hyperplane_interface_idle.value,
                    })
                }
            },
        }
    });
    let compiled: Vec<Function> = compiled.collect();
    // What is wrong with the handlers of functions that are not there for another reason.
    for (name, written) in &scenario.function {
        if topology.functions.find(name).is_none() {
            handler::compile(resolver, workloads, name, written);
        }
    }
    check_circles(resolver, workloads, &compiled);
    compiled
}

/// Functions whose handlers invoke each other in a circle, however that may be, would never end.
fn check_circles(resolver: &mut Resolver<'_>, workloads: &[Workload], functions: &[Function]) {
    let invokes = |function: &Function| -> Vec<usize> {
        let called = function.handler.iter().flat_map(|step| match &step.what {
            HandlerAction::Call(called) => &called[..],
            HandlerAction::Compute(_) => &[],
        });
        called
            .flat_map(|&at| invoked(&workloads[at].kind))
            .collect()
    };
    for (first, function) in functions.iter().enumerate() {
        let mut reached = invokes(function);
        let mut at = 0;
        while at < reached.len() {
            let next = reached[at];
            for further in invokes(&functions[next]) {
                if !reached.contains(&further) {
                    reached.push(further);
                }
            }
            at += 1;
        }
        if reached.contains(&first) {
            let name = &function.name;
            resolver.report(
                Problem::error(
                    KeyPath::of(["function", name, "handler"]),
                    format!("the handler of `function.{name}` invokes itself, directly or through others"),
                )
                .help("such a chain never ends; call something else"),
            );
            return;
        }
    }
}

/// The cold starts of a function.
fn start(
    topology: &Topology,
    function: &topology::Function,
    written: &scenario::Function,
) -> Start {
    let figures = &topology.profile.lambda;
    let attach = &figures.vpc_attach;
    Start {
        new_worker_share: function.new_worker_share,
        placement: figures.placement.value.clone(),
        boot_new_worker: figures.microvm_boot_new_worker.value.clone(),
        boot_existing_worker: figures.microvm_boot_existing_worker.value.clone(),
        code: function.code.clone(),
        code_size_time: function.code_size_time,
        attach: match function.vpc_attachment {
            VpcAttachment::None => Attach::None,
            VpcAttachment::PerEnvironmentEni => Attach::PerEnvironmentInterface {
                create: attach.create_network_interface.value.clone(),
                reuse: attach.reuse_network_interface.value.clone(),
                interfaces_per_environment: Fraction {
                    numerator: u64::from(function.memory.as_mb()),
                    denominator: u64::from(figures.memory_per_network_interface.value.as_mb()),
                },
                subnets: subnets(topology, function),
            },
            VpcAttachment::Hyperplane => Attach::Hyperplane(attach.hyperplane.value.clone()),
            VpcAttachment::HyperplanePrewarmed => {
                Attach::Hyperplane(attach.hyperplane_prewarmed.value.clone())
            }
        },
        init: if written.snap_start {
            Init::Restore(figures.restore.value.clone())
        } else {
            Init::Run {
                extensions: written.extension_init.clone(),
                runtime: function.runtime_init.clone(),
                runtime_new_worker: function.runtime_init_new_worker.clone(),
                function: written.init.clone(),
                limit: figures.init_limit.value,
            }
        },
    }
}

/// The subnets of a function, by number.
fn subnets(topology: &Topology, function: &topology::Function) -> Vec<usize> {
    let interfaces = function.network_interfaces.iter();
    let subnets = interfaces.map(|&id| topology.network_interfaces[id].subnet.index());
    subnets.collect()
}

/// What all functions share.
pub(super) fn account(scenario: &Scenario, topology: &Topology) -> Account {
    let figures = &topology.profile.lambda;
    let written = &scenario.lambda;
    let limit = written.concurrency_limit;
    let slowdown = figures.microvm_boot_slowdown.value.iter();
    Account {
        concurrency_limit: limit.unwrap_or(figures.concurrency_limit.value),
        scaling: match written.scaling {
            WrittenScaling::PerFunction => Scaling::PerFunction {
                burst: figures.scaling.function_burst.value,
                period: figures.scaling.function_period.value,
            },
            WrittenScaling::RegionalBurst => Scaling::Regional {
                burst: figures.scaling.regional_burst.value,
                per_minute: figures.scaling.regional_per_minute.value,
            },
        },
        requests_per_concurrency: figures.requests_per_concurrency.value,
        workers: figures.workers.value,
        boot_slowdown: slowdown
            .map(|at| (f64::from(at.boots), at.factor))
            .collect(),
        interface_limit: written
            .network_interface_limit
            .unwrap_or(figures.network_interface_limit.value),
        interface_burst: figures.network_interface_burst.value,
        interfaces_per_minute: figures.network_interfaces_per_minute.value,
        free_addresses: topology
            .subnets
            .iter()
            .map(|(id, subnet)| subnet.free_addresses() + held_by_functions(topology, id))
            .collect(),
        asynchronous: Asynchronous {
            retry_delay: figures.asynchronous.retry_delay.value,
            throttle_backoff: figures.asynchronous.throttle_backoff.value,
            max_throttle_backoff: figures.asynchronous.max_throttle_backoff.value,
        },
    }
}

/// Addresses of a subnet that stand for the interfaces of functions with one per environment: the
/// first of those that they make.
fn held_by_functions(topology: &Topology, subnet: Id<Subnet>) -> u64 {
    let interfaces = topology.network_interfaces.iter();
    let held = interfaces.filter(|(_, interface)| {
        interface.subnet == subnet
            && matches!(interface.owner, InterfaceOwner::Function(id)
                if topology.functions[id].vpc_attachment == VpcAttachment::PerEnvironmentEni)
    });
    held.count() as u64
}

/// Adds to the parts of what invokes functions those of the functions, and of what these call.
pub(super) fn add_parts(workloads: &mut [Workload], functions: &[Function]) {
    // A chain of calls is no longer than there are functions: circles are mistakes.
    for _ in 0..=functions.len() {
        let mut added = Vec::new();
        for workload in &*workloads {
            let mut parts = workload.parts.clone();
            for function in invoked(&workload.kind) {
                parts.extend(parts_of(&functions[function]));
                for step in &functions[function].handler {
                    if let HandlerAction::Call(called) = &step.what {
                        let called = called.iter().map(|&at| &workloads[at].parts);
                        parts.extend(called.flatten().copied());
                    }
                }
            }
            parts.sort_unstable();
            parts.dedup();
            added.push(parts);
        }
        for (workload, parts) in workloads.iter_mut().zip(added) {
            workload.parts = parts;
        }
    }
}

/// The functions that a workload invokes.
fn invoked(kind: &WorkloadKind) -> Vec<usize> {
    match kind {
        WorkloadKind::Request(requests) => {
            let servers = requests.targets.iter().flat_map(|target| &target.servers);
            let functions = servers.filter_map(|server| match server {
                Server::Function(function) => Some(*function),
                Server::Process(_) => None,
            });
            functions.collect()
        }
        WorkloadKind::Events(events) => vec![events.function],
        WorkloadKind::Messages(messages) => vec![messages.function],
        WorkloadKind::Datagram(_)
        | WorkloadKind::Ping(_)
        | WorkloadKind::Stream(_)
        | WorkloadKind::Refused(_) => Vec::new(),
    }
}

/// The parts of a latency that a function itself adds.
fn parts_of(function: &Function) -> Vec<usize> {
    let start = &function.start;
    let mut parts = vec![
        Part::LambdaInvoke,
        Part::LambdaPlacement,
        Part::LambdaMicrovmBoot,
        Part::LambdaHandler,
    ];
    if !matches!(start.attach, Attach::None) {
        parts.push(Part::LambdaVpcAttach);
    }
    match &start.init {
        Init::Restore(_) => parts.push(Part::LambdaRestore),
        Init::Run {
            extensions,
            function,
            ..
        } => {
            parts.extend([Part::LambdaCode, Part::LambdaRuntimeInit]);
            parts.extend(extensions.as_ref().map(|_| Part::LambdaExtensionInit));
            parts.extend(function.as_ref().map(|_| Part::LambdaFunctionInit));
        }
    }
    parts.into_iter().map(|part| part as usize).collect()
}
