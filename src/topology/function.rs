//! Lambda functions.

use std::collections::BTreeMap;

use super::network_interface::FleetInterface;
use super::vpc::same_vpc;
use super::{
    Id, InterfaceOwner, NetworkInterface, Resolver, SecurityGroup, Subnet, Topology, security_group,
};
use crate::engine::Distribution;
use crate::profile::ShareAtMemory;
use crate::scenario::{self, KeyPath, Problem, VpcAttachment};
use crate::units::Memory;

/// A Lambda function with the figures that apply to it.
#[derive(Debug, Clone)]
pub struct Function {
    /// How its environments join a VPC.
    pub vpc_attachment: VpcAttachment,
    /// Its Hyperplane interfaces, one per subnet; none outside a VPC.
    pub network_interfaces: Vec<Id<NetworkInterface>>,
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

/// The interfaces of all functions so far, by subnet and set of groups.
type Shared = BTreeMap<(Id<Subnet>, Vec<Id<SecurityGroup>>), Id<NetworkInterface>>;

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let mut shared = Shared::new();
    for (name, written) in &resolver.scenario.function {
        let path = KeyPath::of(["function", name]);
        let places = places(resolver, topology, written, &path);
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
        let mut function = Function {
            vpc_attachment: written.vpc_attachment,
            network_interfaces: Vec::new(),
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
        if written.vpc_attachment != VpcAttachment::None {
            let interfaces = places
                .into_iter()
                .filter_map(|place| attach(resolver, topology, &mut shared, name, place));
            function.network_interfaces = interfaces.collect();
        }
        topology.functions.add(name, function);
    }
}

/// The Hyperplane interface of a function in a subnet: shared with other functions that have the
/// same groups. (AWS Lambda developer guide, "Connecting to a VPC", 2023.)
fn attach(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    shared: &mut Shared,
    name: &str,
    (subnet, groups): (Id<Subnet>, Vec<Id<SecurityGroup>>),
) -> Option<Id<NetworkInterface>> {
    let mut set = groups.clone();
    set.sort_unstable();
    if let Some(&interface) = shared.get(&(subnet, set.clone())) {
        return Some(interface);
    }
    let fleet = format!("function.{name}");
    let interface = FleetInterface {
        name: format!("{fleet} ({})", topology.subnets.name(subnet)),
        fleet: &fleet,
        subnet,
        private_ip: None,
        security_groups: groups,
        source_dest_check: true,
        owner: InterfaceOwner::Function(topology.functions.next_id()),
        nodes: topology.profile.lambda_interface.nodes.value,
        cell: Some("lambda_interface"),
    };
    let path = KeyPath::of(["function", name, "subnets"]);
    let id = topology.add_fleet_interface(resolver, interface, &path)?;
    shared.insert((subnet, set), id);
    Some(id)
}

/// The subnets of a function, each with the groups. They exist, belong together, and are there if
/// the function joins a VPC.
fn places(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    written: &scenario::Function,
    path: &KeyPath,
) -> Vec<(Id<Subnet>, Vec<Id<SecurityGroup>>)> {
    let mut vpc = None;
    let mut subnets: Vec<Id<Subnet>> = Vec::new();
    for (index, reference) in written.subnets.iter().enumerate() {
        let path = path.key("subnets").index(index);
        let Some(subnet) = resolver.find(&topology.subnets, "subnet", reference, &path) else {
            continue;
        };
        let theirs = topology.subnets[subnet].vpc;
        let own = *vpc.get_or_insert(theirs);
        if same_vpc(resolver, topology, own, theirs, &path, reference) && !subnets.contains(&subnet)
        {
            subnets.push(subnet);
        }
    }
    if written.vpc_attachment != VpcAttachment::None && written.subnets.is_empty() {
        resolver.lacking(
            Problem::error(
                path.key("vpc_attachment"),
                "a function in a VPC needs subnets",
            )
            .help("add subnets = [\"…\"] and security_groups = [\"…\"]"),
        );
    }
    let Some(vpc) = vpc else { return Vec::new() };
    let listed = &written.security_groups;
    let groups_path = path.key("security_groups");
    let groups = security_group::groups(resolver, topology, vpc, listed, &groups_path);
    subnets
        .into_iter()
        .map(|subnet| (subnet, groups.clone()))
        .collect()
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
    use super::super::fixture::right;
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

    #[test]
    fn functions_of_one_subnet_and_set_of_groups_share_an_interface() {
        let function = |name: &str, groups: &str| {
            format!(
                "[function.{name}]\nruntime = \"python3.12\"\nmemory = \"128 MB\"\nduration = \"1 ms\"\n\
                 vpc_attachment = \"hyperplane\"\nsubnets = [\"a\", \"b\"]\nsecurity_groups = [{groups}]\n"
            )
        };
        let groups = "[security_group.x]\nvpc = \"main\"\n[security_group.y]\nvpc = \"main\"\n";
        let topology = right(&format!(
            "{groups}{}{}{}",
            function("f", "\"x\", \"y\""),
            function("g", "\"y\", \"x\""),
            function("h", "\"x\"")
        ));
        let interfaces = |name| {
            let id = topology.functions.find(name).unwrap();
            &topology.functions[id].network_interfaces
        };
        assert_eq!(interfaces("f"), interfaces("g"));
        assert_eq!(topology.network_interfaces.len(), 4);
        let name = topology.network_interfaces.name(interfaces("h")[1]);
        assert_eq!(name, "function.h (b)");
        let owner = topology.network_interfaces[interfaces("g")[0]].owner;
        let first = topology.functions.find("f").unwrap();
        assert_eq!(owner, InterfaceOwner::Function(first));
    }
}
