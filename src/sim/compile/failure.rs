//! Spines that fail.

use super::stage::Compiler;
use crate::scenario::{self, KeyPath};
use crate::sim::program::{SpineFailure, Workload};
use crate::topology::Resolver;
use crate::units::Time;

/// All failures of the scenario, for `workloads`.
pub(super) fn compile(
    resolver: &mut Resolver<'_>,
    compiler: &Compiler<'_>,
    workloads: &[Workload],
) -> Vec<SpineFailure> {
    let scenario = resolver.scenario;
    let failures = scenario.spine_failure.iter();
    failures
        .filter_map(|(name, written)| {
            let path = KeyPath::of(["spine_failure", name]);
            failure(resolver, compiler, workloads, written, &path)
        })
        .collect()
}

fn failure(
    resolver: &mut Resolver<'_>,
    compiler: &Compiler<'_>,
    workloads: &[Workload],
    written: &scenario::SpineFailure,
    path: &KeyPath,
) -> Option<SpineFailure> {
    let substrate = &compiler.topology.substrate;
    let fabrics = &substrate.fabrics;
    let fabric = resolver.find(fabrics, "fabric", &written.fabric, &path.key("fabric"))?;
    let spines = fabrics[fabric].spines;
    resolver.check_range(path.key("spine"), written.spine, 1..=spines);
    if spines == 1 {
        let message = "the only spine cannot fail: nothing would be left to send by";
        resolver.error(path.key("spine"), message);
        return None;
    }
    if written.until.is_some_and(|until| until <= written.at) {
        resolver.error(path.key("until"), "it is back before it has failed");
    }
    let plane = written.spine.clamp(1, spines) - 1;
    let stations = compiler.stations.of_spine(fabric, plane);
    let crosses = |workload: &Workload| {
        let mut stages = workload
            .kind
            .routes()
            .into_iter()
            .flat_map(|route| route.first..route.end)
            .filter_map(|stage| compiler.stages[stage as usize].station);
        stages.any(|choice| stations.contains(&(choice.first + plane * choice.stride)))
    };
    let figure = compiler.topology.profile.fabric.reroute_after.value;
    let at = Time::ZERO + written.at;
    Some(SpineFailure {
        plane,
        workloads: (0..workloads.len())
            .filter(|&index| crosses(&workloads[index]))
            .collect(),
        stations,
        at,
        rerouted: at + written.reroute_after.unwrap_or(figure),
        until: written.until.map(|until| Time::ZERO + until),
    })
}
