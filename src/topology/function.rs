//! Lambda functions.

use super::vpc::same_vpc;
use super::{Resolver, Topology, security_group};
use crate::engine::Distribution;
use crate::profile::ShareAtMemory;
use crate::scenario::{KeyPath, Problem, VpcAttachment};
use crate::units::Memory;

/// A Lambda function with the figures that apply to it.
#[derive(Debug, Clone)]
pub struct Function {
    /// How its environments join a VPC.
    pub vpc_attachment: VpcAttachment,
    /// Share of its cold starts that land on a worker new to it.
    pub new_worker_share: f64,
    /// Initialisation of its runtime.
    pub runtime_init: Distribution,
    /// Time its handler takes.
    pub duration: Distribution,
    /// How long an idle environment is kept.
    pub keep_alive: Distribution,
    /// Environments it may have at once.
    pub concurrency: u32,
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.function {
        let path = KeyPath::of(["function", name]);
        check_network(resolver, topology, name);
        let figures = &topology.profile.lambda;
        let Some(runtime_init) = figures.runtime_init.get(&written.runtime) else {
            let message = format!(
                "the profile does not know the runtime `{}`",
                written.runtime
            );
            let known = figures.runtime_init.keys().map(String::as_str);
            resolver.report(
                Problem::error(path.key("runtime"), message).did_you_mean(&written.runtime, known),
            );
            continue;
        };
        let function = Function {
            vpc_attachment: written.vpc_attachment,
            new_worker_share: share_at(&figures.new_worker_share.value, written.memory),
            runtime_init: runtime_init.value.clone(),
            duration: written.duration.clone(),
            keep_alive: written
                .keep_alive
                .clone()
                .unwrap_or_else(|| figures.keep_alive.value.clone()),
            concurrency: written
                .reserved_concurrency
                .unwrap_or(figures.concurrency_limit.value),
        };
        topology.functions.add(name, function);
    }
}

/// Subnets and groups exist, belong together, and are there if the function joins a VPC.
fn check_network(resolver: &mut Resolver<'_>, topology: &Topology, name: &str) {
    let written = &resolver.scenario.function[name];
    let path = KeyPath::of(["function", name]);
    let mut vpc = None;
    for (index, reference) in written.subnets.iter().enumerate() {
        let path = path.key("subnets").index(index);
        let Some(subnet) = resolver.find(&topology.subnets, "subnet", reference, &path) else {
            continue;
        };
        let theirs = topology.subnets[subnet].vpc;
        let own = *vpc.get_or_insert(theirs);
        same_vpc(resolver, topology, own, theirs, &path, reference);
    }
    if let Some(vpc) = vpc {
        let groups_path = path.key("security_groups");
        security_group::groups(
            resolver,
            topology,
            vpc,
            &written.security_groups,
            &groups_path,
        );
    }
    if written.vpc_attachment != VpcAttachment::None && written.subnets.is_empty() {
        resolver.report(
            Problem::error(
                path.key("vpc_attachment"),
                "a function in a VPC needs subnets",
            )
            .help("add subnets = [\"…\"] and security_groups = [\"…\"]"),
        );
    }
}

/// Linear between the points, constant beyond them.
fn share_at(points: &[ShareAtMemory], memory: Memory) -> f64 {
    let mb = f64::from(memory.as_mb());
    let right = points.partition_point(|point| point.memory < memory);
    match (
        right.checked_sub(1).and_then(|left| points.get(left)),
        points.get(right),
    ) {
        (Some(a), Some(b)) => {
            let (from, to) = (f64::from(a.memory.as_mb()), f64::from(b.memory.as_mb()));
            a.share + (b.share - a.share) * (mb - from) / (to - from)
        }
        (Some(end), None) | (None, Some(end)) => end.share,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    /// The published points themselves, half-way between two of them, and beyond both ends.
    #[test]
    fn the_share_of_new_workers_follows_memory() {
        let points = Profile::default().lambda.new_worker_share.value;
        let share = |mb| share_at(&points, Memory::from_mb(mb));
        for (mb, expected) in [(128, 0.071), (256, 0.131), (512, 0.433), (3008, 0.979)] {
            assert!((share(mb) - expected).abs() < 1e-12, "{mb} MB");
        }
        assert!((share(768) - 0.539).abs() < 1e-12);
        assert!((share(10_240) - 0.979).abs() < 1e-12);
    }
}
