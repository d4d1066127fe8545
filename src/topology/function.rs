//! Lambda functions.

use std::collections::BTreeMap;

use super::network_interface::{FleetInterface, any_host};
use super::vpc::same_vpc;
use super::{
    Id, InterfaceOwner, Location, NetworkInterface, Resolver, SecurityGroup, Subnet, Topology, Vpc,
    security_group,
};
use crate::engine::Distribution;
use crate::profile::ShareAtMemory;
use crate::scenario::{self, Architecture, KeyPath, PackageType, Problem, VpcAttachment};
use crate::stats::linear_between;
use crate::units::{Duration, Memory};

/// The longest that Lambda lets a function take. (AWS Lambda developer guide, Lambda quotas.)
const MAX_TIMEOUT: Duration = Duration::from_secs(900);

/// A Lambda function with the figures that apply to it.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its memory.
    pub memory: Memory,
    /// Its instruction set.
    pub architecture: Architecture,
    /// How its environments join a VPC.
    pub vpc_attachment: VpcAttachment,
    /// Its interfaces, one per subnet; none outside a VPC. Where each worker has its own, one of them
    /// stands for all.
    pub network_interfaces: Vec<Id<NetworkInterface>>,
    /// Share of its cold starts that land on a worker new to it.
    pub new_worker_share: f64,
    /// Initialisation of its runtime.
    pub runtime_init: Distribution,
    /// Initialisation of its runtime on a worker new to the function.
    pub runtime_init_new_worker: Distribution,
    /// Loading its code or image.
    pub code: Distribution,
    /// What the size of its zip archive adds to that.
    pub code_size_time: Duration,
}

/// The interfaces of all functions so far, by whether they are on Hyperplane, subnet and set of
/// groups.
type Shared = BTreeMap<(bool, Id<Subnet>, Vec<Id<SecurityGroup>>), Id<NetworkInterface>>;

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let mut shared = Shared::new();
    for (name, written) in &resolver.scenario.function {
        let path = KeyPath::of(["function", name]);
        check(resolver, topology, written, &path);
        let places = places(resolver, topology, written, &path);
        let Some((runtime_init, new_worker)) = runtime_init(resolver, topology, written, &path)
        else {
            continue;
        };
        let figures = &topology.profile.lambda;
        let mut function = Function {
            memory: written.memory,
            architecture: written.architecture,
            vpc_attachment: written.vpc_attachment,
            network_interfaces: Vec::new(),
            new_worker_share: share_at(&figures.new_worker_share.value, written.memory),
            runtime_init,
            runtime_init_new_worker: new_worker,
            code: match written.package_type {
                PackageType::Zip => figures.code.value.clone(),
                PackageType::Image => figures.image.value.clone(),
            },
            code_size_time: match (written.package_type, written.code_size) {
                (PackageType::Zip, Some(size)) => {
                    let ps = figures.code_per_mb.value.as_ps() as f64 * size.get() as f64 / 1e6;
                    Duration::from_ps_f64(ps)
                }
                (PackageType::Zip, None) | (PackageType::Image, _) => Duration::ZERO,
            },
        };
        if written.vpc_attachment != VpcAttachment::None {
            let interfaces = places.into_iter().filter_map(|place| {
                attach(resolver, topology, &mut shared, (name, written), place)
            });
            function.network_interfaces = interfaces.collect();
        }
        topology.functions.add(name, function);
    }
    check_account(resolver, topology);
    check_interfaces(resolver, topology);
}

/// What a function cannot be by itself. (AWS Lambda developer guide, Lambda quotas.)
fn check(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    written: &scenario::Function,
    path: &KeyPath,
) {
    if written.duration.is_some() != written.handler.is_empty() && resolver.is_whole(path) {
        let (problem, help) = if written.duration.is_some() {
            (
                "a function has `duration` or `handler`, not both",
                "write the duration as a step of the handler: { compute = … }",
            )
        } else {
            (
                "a function needs `duration` or `handler`",
                "for example duration = \"20 ms\"",
            )
        };
        resolver.report(Problem::error(path.clone(), problem).help(help));
    }
    if written.keep_alive.is_some() && written.keep_alive_halving.is_some() {
        let message = "a function has `keep_alive` or `keep_alive_halving`, not both";
        resolver.error(path.key("keep_alive_halving"), message);
    }
    for (key, time) in [
        ("keep_alive_halving", written.keep_alive_halving),
        ("timeout", written.timeout),
    ] {
        if time == Some(Duration::ZERO) {
            resolver.error(path.key(key), "the time must be more than zero");
        }
    }
    if written.timeout.is_some_and(|timeout| timeout > MAX_TIMEOUT) {
        let message = format!("a function has at most {MAX_TIMEOUT}");
        resolver.error(path.key("timeout"), message);
    }
    if written.package_type == PackageType::Image && written.snap_start {
        let message = "SnapStart is for zip archives";
        resolver.error(path.key("snap_start"), message);
    }
    if written.snap_start
        && written
            .provisioned_concurrency
            .is_some_and(|count| count > 0)
    {
        let message = "SnapStart and provisioned concurrency exclude each other";
        resolver.error(path.key("snap_start"), message);
    }
    if written.created_at.is_some() && written.vpc_attachment == VpcAttachment::PerEnvironmentEni {
        let message = "only a function with a Hyperplane interface waits for it";
        resolver.error(path.key("created_at"), message);
    }
    if let (Some(provisioned), Some(reserved)) = (
        written.provisioned_concurrency,
        written.reserved_concurrency,
    ) && provisioned > reserved
    {
        let message =
            format!("provisioned concurrency is part of the reserved concurrency, {reserved}");
        resolver.error(path.key("provisioned_concurrency"), message);
    }
    let limit = concurrency_limit(resolver, topology);
    let most = written
        .reserved_concurrency
        .max(written.provisioned_concurrency);
    if let Some(most) = most.filter(|&most| most > limit) {
        let message = format!("{most} environments are more than the account may have, {limit}");
        let key = if written.reserved_concurrency == Some(most) {
            "reserved_concurrency"
        } else {
            "provisioned_concurrency"
        };
        resolver.report(
            Problem::error(path.key(key), message)
                .help("raise `concurrency_limit` of [lambda], as AWS does on request"),
        );
    }
}

/// Environments that the account may have busy at once.
fn concurrency_limit(resolver: &Resolver<'_>, topology: &Topology) -> u32 {
    let written = resolver.scenario.lambda.concurrency_limit;
    written.unwrap_or(topology.profile.lambda.concurrency_limit.value)
}

/// What functions reserve leaves something for those that reserve nothing.
fn check_account(resolver: &mut Resolver<'_>, topology: &Topology) {
    let functions = &resolver.scenario.function;
    let limit = u64::from(concurrency_limit(resolver, topology));
    let taken = |function: &scenario::Function| {
        let own = function
            .reserved_concurrency
            .or(function.provisioned_concurrency);
        u64::from(own.unwrap_or(0))
    };
    let sum: u64 = functions.values().map(taken).sum();
    let shares = functions.values().any(|f| f.reserved_concurrency.is_none());
    if sum > limit || (sum == limit && shares && sum > 0) {
        let message = format!(
            "functions set aside {sum} of the {limit} environments that the account may have busy, and \
             leave none for others"
        );
        resolver.report(
            Problem::error(KeyPath::of(["lambda", "concurrency_limit"]), message)
                .help("raise `concurrency_limit` of [lambda], or reserve less"),
        );
    }
}

/// A VPC has room for so many interfaces of functions.
fn check_interfaces(resolver: &mut Resolver<'_>, topology: &Topology) {
    let limit = topology.profile.lambda.hyperplane_interface_limit.value as usize;
    let mut used: BTreeMap<Id<Vpc>, usize> = BTreeMap::new();
    for (_, interface) in topology.network_interfaces.iter() {
        if let (InterfaceOwner::Function(_), Location::Fleet(_)) =
            (interface.owner, &interface.location)
        {
            *used
                .entry(topology.subnets[interface.subnet].vpc)
                .or_default() += 1;
        }
    }
    for (vpc, count) in used.into_iter().filter(|(_, count)| *count > limit) {
        let name = topology.vpcs.name(vpc);
        let message =
            format!("functions need {count} network interfaces in it, and {limit} are allowed");
        resolver.report(
            Problem::error(KeyPath::of(["vpc", name]), message).help(
                "let functions share subnets and sets of groups: each pair has one interface",
            ),
        );
    }
}

/// The initialisation of a function's runtime as published for its package and architecture, and on
/// a worker new to it.
fn runtime_init(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    written: &scenario::Function,
    path: &KeyPath,
) -> Option<(Distribution, Distribution)> {
    let figures = &topology.profile.lambda;
    let (known, new_worker) = match (written.package_type, written.architecture) {
        (PackageType::Zip, Architecture::X86_64) => (
            &figures.runtime_init,
            Some(&figures.runtime_init_new_worker),
        ),
        (PackageType::Zip, Architecture::Arm64) => (&figures.runtime_init_arm64, None),
        (PackageType::Image, Architecture::X86_64) => (
            &figures.runtime_init_image,
            Some(&figures.runtime_init_image_new_worker),
        ),
        (PackageType::Image, Architecture::Arm64) => (&figures.runtime_init_image_arm64, None),
    };
    if let Some(figure) = known.get(&written.runtime) {
        let new_worker = new_worker.and_then(|known| known.get(&written.runtime));
        let new_worker = new_worker.unwrap_or(figure);
        return Some((figure.value.clone(), new_worker.value.clone()));
    }
    let names = known.keys().map(String::as_str);
    let elsewhere = figures.runtime_init.contains_key(&written.runtime);
    let message = if elsewhere {
        format!(
            "the profile does not know `{}` with this package type and architecture",
            written.runtime
        )
    } else {
        format!(
            "the profile does not know the runtime `{}`",
            written.runtime
        )
    };
    let problem = Problem::error(path.key("runtime"), message);
    resolver.report(problem.did_you_mean(&written.runtime, names));
    None
}

/// The interface of a function in a subnet: on Hyperplane, or on the host of a worker; shared with
/// other functions that have the same groups. (AWS Lambda developer guide, "Connecting to a VPC",
/// 2018 and 2023.)
fn attach(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    shared: &mut Shared,
    (name, written): (&str, &scenario::Function),
    (subnet, groups): (Id<Subnet>, Vec<Id<SecurityGroup>>),
) -> Option<Id<NetworkInterface>> {
    let on_hyperplane = written.vpc_attachment != VpcAttachment::PerEnvironmentEni;
    let mut set = groups.clone();
    set.sort_unstable();
    let key = (on_hyperplane, subnet, set);
    if let Some(&interface) = shared.get(&key) {
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
    if !on_hyperplane {
        let host = any_host(resolver, topology, subnet, &fleet);
        let own = &mut topology.network_interfaces[id];
        own.location = Location::Host(host);
        own.fleet_nodes.clear();
    }
    shared.insert(key, id);
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
    let mb = |memory: Memory| f64::from(memory.as_mb());
    let points: Vec<(f64, f64)> = points
        .iter()
        .map(|point| (mb(point.memory), point.share))
        .collect();
    linear_between(&points, mb(memory)).unwrap_or(0.0)
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
