//! From a topology to a program: paths become stages over shared stations, workloads become
//! sources, and what is offered is compared with what can be carried.

mod arrivals;
mod bulk;
mod card;
mod datagram;
mod failure;
mod fleet;
mod flow;
mod function;
mod handler;
mod invoke;
mod link;
mod load;
mod request;
mod stage;
mod stream;
mod tables;
mod transport;
mod workload;

use super::program::{PackedStage, Program};
use crate::scenario::{KeyPath, Problem, Scenario};
use crate::topology::{Resolver, Topology};
use crate::units::{Duration, Time};
pub(super) use stage::Compiler;

/// Events of a run unless the scenario says otherwise.
const DEFAULT_MAX_EVENTS: u64 = 10_000_000_000;

/// Largest limit of events: some below what the engine's sequence numbers hold, because events
/// that are still pending have one, too.
const MAX_MAX_EVENTS: u64 = crate::engine::MAX_EVENTS - (1 << 32);

/// Compiles the workloads of `scenario` over `topology`. What is offered is compared with what can
/// be carried only if the scenario is `sound` so far.
///
/// # Errors
/// All mistakes in workloads, and loads that would grow without bound. Warnings come with the
/// program.
pub fn compile(
    scenario: &Scenario,
    topology: &Topology,
    sound: bool,
) -> Result<(Program, Vec<Problem>), Vec<Problem>> {
    let mut resolver = Resolver::new(scenario);
    let mut compiler = Compiler::new(topology);
    let mut workloads = workload::compile(&mut resolver, topology, &mut compiler);
    let functions = function::compile(&mut resolver, topology, &workloads);
    function::add_parts(&mut workloads, &functions);
    let failures = failure::compile(&mut resolver, &compiler, &workloads);
    transport::check(&mut resolver);
    check_times(&mut resolver);
    check_limit(&mut resolver);
    if sound {
        compiler.loads.check(&mut resolver, &compiler.stations);
    }
    let problems = resolver.into_problems();
    if problems.iter().any(Problem::is_error) {
        return Err(problems);
    }
    let (tables, resources) = compiler.tables.into_parts();
    let (stages, rarities) = PackedStage::pack(&compiler.stages);
    let program = Program {
        stations: compiler.stations.into_stations(),
        tables,
        credits: compiler.credits,
        resources,
        stages,
        rarities,
        distributions: compiler.distributions,
        workloads,
        failures,
        account: function::account(scenario, topology),
        functions,
        horizon: scenario.duration.map(|duration| Time::ZERO + duration),
        warmup: Time::ZERO + scenario.warmup.unwrap_or(Duration::ZERO),
        standing_queue: topology.profile.stream.standing_queue.value,
        max_events: scenario.max_events.unwrap_or(DEFAULT_MAX_EVENTS),
    };
    Ok((program, problems))
}

/// The limit of events is one that the engine can count to.
fn check_limit(resolver: &mut Resolver<'_>) {
    let limit = resolver.scenario.max_events;
    if limit.is_some_and(|limit| limit == 0 || limit > MAX_MAX_EVENTS) {
        let message = format!("the limit of events is between 1 and {MAX_MAX_EVENTS}");
        resolver.error(KeyPath::of(["max_events"]), message);
    }
}

/// Every workload ends some time, and something is left after the warm-up.
fn check_times(resolver: &mut Resolver<'_>) {
    let scenario = resolver.scenario;
    let Some(duration) = scenario.duration else {
        if scenario.broken.contains("duration") {
            // It is there, and what is wrong with it has been reported.
            return;
        }
        let endless: Vec<KeyPath> = scenario
            .workload_names()
            .filter(|&(kind, name)| workload::count(scenario, kind, name).is_none())
            .map(|(kind, name)| KeyPath::of([kind, name.as_str()]))
            .collect();
        for path in endless {
            resolver.report(
                Problem::error(path, "the workload never ends").help(
                    "give it a `count`, or give the scenario a `duration` such as \"10 min\"",
                ),
            );
        }
        return;
    };
    if duration == Duration::ZERO {
        resolver.error(
            KeyPath::of(["duration"]),
            "the duration must be more than zero",
        );
    } else if scenario.warmup.is_some_and(|warmup| warmup >= duration) {
        resolver.error(
            KeyPath::of(["warmup"]),
            "the warm-up leaves nothing of the duration",
        );
    }
}
