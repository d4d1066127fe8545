//! Target groups: what load balancers send to.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;

use super::vpc::find_in;
use super::{
    Function, Id, Instance, LoadBalancer, NetworkInterface, Resolver, Topology, Vpc,
    network_interface,
};
use crate::scenario::{
    self, KeyPath, ListenerProtocol, LoadBalancerType, Problem, Reference, TargetType,
};

/// The port of GENEVE, which appliances listen to.
const GENEVE: u16 = 6081;
/// Addresses outside the VPC that may be targets. (Network Load Balancer guide, "Target type", 2023.)
const OUTSIDE: [(Ipv4Addr, u8); 4] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// What a load balancer sends to.
#[derive(Debug, Clone)]
pub struct TargetGroup {
    /// The VPC of its targets.
    pub vpc: Id<Vpc>,
    /// Port of the targets.
    pub port: u16,
    /// Protocol to the targets, if given.
    pub protocol: Option<ListenerProtocol>,
    /// What the targets are.
    pub target_type: TargetType,
    /// The targets.
    pub targets: Vec<Target>,
    /// Whether targets see the client's address, if given.
    pub preserve_client_ip: Option<bool>,
}

/// A target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// What it is.
    pub at: TargetAt,
    /// Whether its health checks pass, as far as that is its own doing.
    pub healthy: bool,
}

/// What a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetAt {
    /// An address of an interface in the target group's VPC.
    Interface(Id<NetworkInterface>, IpAddr),
    /// An address elsewhere: a peered VPC, or a site.
    Address(IpAddr),
    /// An Application Load Balancer.
    LoadBalancer(Id<LoadBalancer>),
    /// A function.
    Function(Id<Function>),
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    // Groups of Gateway Load Balancers need no port.
    let scenario = resolver.scenario;
    let gateways = scenario
        .load_balancer
        .values()
        .filter(|balancer| balancer.load_balancer_type == LoadBalancerType::Gateway);
    let of_gateways: BTreeSet<&str> = gateways
        .flat_map(|balancer| &balancer.listeners)
        .map(|listener| listener.target_group.parts().1)
        .collect();
    for (name, written) in &scenario.target_group {
        let path = KeyPath::of(["target_group", name]);
        let vpc = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path.key("vpc"));
        let geneve = of_gateways.contains(name.as_str());
        let port = port(resolver, written, geneve, &path);
        let Some(vpc) = vpc else { continue };
        let targets = targets(resolver, topology, vpc, written, &path);
        let group = TargetGroup {
            vpc,
            port,
            protocol: written.protocol,
            target_type: written.target_type,
            targets,
            preserve_client_ip: written.preserve_client_ip,
        };
        topology.target_groups.add(name, group);
    }
}

/// The port of the targets; 0 for functions.
fn port(
    resolver: &mut Resolver<'_>,
    written: &scenario::TargetGroup,
    of_gateway: bool,
    path: &KeyPath,
) -> u16 {
    let port_path = path.key("port");
    let geneve = written.protocol == Some(ListenerProtocol::Geneve) || of_gateway;
    match (written.port, written.target_type) {
        (Some(port), TargetType::Instance | TargetType::Ip) if geneve => {
            if port != GENEVE {
                let message = format!("appliances listen to port {GENEVE}, not to {port}");
                resolver.error(port_path, message);
            }
            GENEVE
        }
        (None, TargetType::Instance | TargetType::Ip) if geneve => GENEVE,
        (given, TargetType::Lambda) => {
            if given.is_some() {
                resolver.error(port_path, "functions have no ports");
            }
            0
        }
        (Some(0), _) => {
            resolver.error(port_path, "0 is not between 1 and 65535");
            0
        }
        (Some(port), _) => port,
        (None, TargetType::Instance | TargetType::Ip | TargetType::Alb) => {
            resolver.lacking(
                Problem::error(path.clone(), "the target group has no `port`")
                    .help("add the port that its targets listen to"),
            );
            0
        }
    }
}

fn targets(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    vpc: Id<Vpc>,
    written: &scenario::TargetGroup,
    path: &KeyPath,
) -> Vec<Target> {
    let targets_path = path.key("targets");
    if written.target_type == TargetType::Alb && written.targets.len() > 1 {
        let message = "a target group of type \"alb\" has one target";
        resolver.error(targets_path.clone(), message);
    }
    let unhealthy: BTreeSet<&str> = written
        .unhealthy_targets
        .iter()
        .map(Reference::as_str)
        .collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut targets = Vec::new();
    for (index, reference) in written.targets.iter().enumerate() {
        let path = targets_path.index(index);
        if !seen.insert(reference.as_str()) {
            resolver.error(path, format!("`{reference}` is listed twice"));
            continue;
        }
        if let Some(at) = target(
            resolver,
            topology,
            vpc,
            written.target_type,
            reference,
            &path,
        ) {
            targets.push(Target {
                at,
                healthy: !unhealthy.contains(reference.as_str()),
            });
        }
    }
    for (index, reference) in written.unhealthy_targets.iter().enumerate() {
        if !seen.contains(reference.as_str()) {
            let path = path.key("unhealthy_targets").index(index);
            let message = format!("`{reference}` is not among the targets");
            let problem = Problem::error(path, message);
            resolver.report(problem.did_you_mean(reference.as_str(), seen.iter().copied()));
        }
    }
    targets
}

fn target(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    vpc: Id<Vpc>,
    target_type: TargetType,
    reference: &Reference,
    path: &KeyPath,
) -> Option<TargetAt> {
    match target_type {
        TargetType::Instance => {
            let id: Id<Instance> = find_in(resolver, topology, vpc, reference, path)?;
            Some(primary(topology, id))
        }
        TargetType::Alb => {
            let id: Id<LoadBalancer> = find_in(resolver, topology, vpc, reference, path)?;
            if topology.load_balancers[id].kind != LoadBalancerType::Application {
                let message = format!("`{reference}` is not an Application Load Balancer");
                resolver.error(path.clone(), message);
                return None;
            }
            Some(TargetAt::LoadBalancer(id))
        }
        TargetType::Lambda => {
            let id = resolver.find(&topology.functions, "function", reference, path)?;
            Some(TargetAt::Function(id))
        }
        TargetType::Ip => match reference.as_str().parse() {
            Ok(address) => by_address(resolver, topology, vpc, address, path),
            Err(_) if reference.parts().0 == Some("instance") => {
                let id: Id<Instance> = find_in(resolver, topology, vpc, reference, path)?;
                Some(primary(topology, id))
            }
            Err(_) => {
                let id = network_interface::find(resolver, topology, reference, path)?;
                let theirs = topology.vpc_of(id);
                super::vpc::same_vpc(resolver, topology, vpc, theirs, path, reference).then(|| {
                    let address = topology.network_interfaces[id].private_ip();
                    TargetAt::Interface(id, IpAddr::V4(address))
                })
            }
        },
    }
}

/// The primary address of the primary interface.
fn primary(topology: &Topology, instance: Id<Instance>) -> TargetAt {
    let interface = topology.instances[instance].network_interfaces[0];
    let address = topology.network_interfaces[interface].private_ip();
    TargetAt::Interface(interface, IpAddr::V4(address))
}

/// Whoever has an address of the VPC, or the address itself elsewhere.
fn by_address(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    vpc: Id<Vpc>,
    address: IpAddr,
    path: &KeyPath,
) -> Option<TargetAt> {
    if topology.vpcs[vpc].contains(address) {
        if let Some(&interface) = topology.addresses.get(&(vpc, address)) {
            return Some(TargetAt::Interface(interface, address));
        }
        let vpc = topology.vpcs.name(vpc);
        let message = format!("nothing in vpc `{vpc}` has the address {address}");
        resolver.report(Problem::warning(path.clone(), message).help(
            "the target fails its health checks; add a [network_interface] with this `private_ip`",
        ));
        return Some(TargetAt::Address(address));
    }
    let private = match address {
        IpAddr::V4(address) => OUTSIDE
            .iter()
            .any(|&(network, length)| Ipv4Net::new_assert(network, length).contains(&address)),
        IpAddr::V6(_) => false,
    };
    if !private {
        resolver.report(
            Problem::error(path.clone(), format!("{address} cannot be a target"))
                .help("targets outside the VPC have private addresses, such as those of a peered VPC or a site"),
        );
        return None;
    }
    Some(TargetAt::Address(address))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::*;

    const TARGETS: &str = "[instance.app]\ninstance_type = \"m5.large\"\nsubnet = \"a\"\nprivate_ip = \"10.0.0.10\"\n\
                           [network_interface.db]\nsubnet = \"b\"\nprivate_ip = \"10.0.1.10\"\n";

    fn group(keys: &str) -> String {
        format!("{TARGETS}[target_group.x]\nvpc = \"main\"\nport = 80\n{keys}\n")
    }

    fn targets(keys: &str) -> Vec<String> {
        let topology = right(&group(keys));
        let group = topology.target_groups.find("x").unwrap();
        let targets = topology.target_groups[group].targets.iter();
        targets
            .map(|target| {
                let at = match target.at {
                    TargetAt::Interface(id, address) => {
                        format!("{} {address}", topology.network_interfaces.name(id))
                    }
                    TargetAt::Address(address) => address.to_string(),
                    TargetAt::LoadBalancer(_) | TargetAt::Function(_) => format!("{:?}", target.at),
                };
                format!("{at} {}", target.healthy)
            })
            .collect()
    }

    #[test]
    fn targets_are_instances_interfaces_or_addresses() {
        assert_eq!(
            targets("targets = [\"instance.app\"]\nunhealthy_targets = [\"instance.app\"]"),
            ["instance.app 10.0.0.10 false"]
        );
        assert_eq!(
            targets(
                "target_type = \"ip\"\ntargets = [\"network_interface.db\", \"10.0.0.10\", \"192.168.1.1\"]"
            ),
            [
                "network_interface.db 10.0.1.10 true",
                "instance.app 10.0.0.10 true",
                "192.168.1.1 true"
            ]
        );
        let function = "target_type = \"lambda\"\ntargets = [\"f\"]\n\
                        [function.f]\nruntime = \"python3.12\"\nmemory = \"128 MB\"\nduration = \"1 ms\"";
        let topology = right(&group(function).replace("port = 80\n", ""));
        let group = topology.target_groups.find("x").unwrap();
        let function = topology.functions.find("f").unwrap();
        let at = topology.target_groups[group].targets[0].at;
        assert_eq!(at, TargetAt::Function(function));
    }

    #[test]
    fn an_address_that_nothing_has_is_warned_of_and_a_public_one_refused() {
        assert_eq!(
            wrong(&group("target_type = \"ip\"\ntargets = [\"10.0.0.77\"]")),
            "warning: target_group.x.targets[0]: nothing in vpc `main` has the address 10.0.0.77 (the \
             target fails its health checks; add a [network_interface] with this `private_ip`)\n"
        );
        assert_eq!(
            wrong(&group("target_type = \"ip\"\ntargets = [\"8.8.8.8\"]")),
            "target_group.x.targets[0]: 8.8.8.8 cannot be a target (targets outside the VPC have private \
             addresses, such as those of a peered VPC or a site)\n"
        );
    }

    #[test]
    fn unhealthy_targets_are_among_the_targets() {
        assert_eq!(
            wrong(&group(
                "targets = [\"instance.app\"]\nunhealthy_targets = [\"instance.ap\"]"
            )),
            "target_group.x.unhealthy_targets[0]: `instance.ap` is not among the targets (did you mean \
             `instance.app`?)\n"
        );
        assert_eq!(
            wrong(&group("targets = [\"instance.app\", \"instance.app\"]")),
            "target_group.x.targets[1]: `instance.app` is listed twice\n"
        );
    }

    #[test]
    fn a_group_has_a_port_and_appliances_their_own() {
        let text = group("").replace("port = 80\n", "");
        assert_eq!(
            wrong(&text),
            "target_group.x: the target group has no `port` (add the port that its targets listen to)\n"
        );
        let topology = right(&format!("{text}protocol = \"GENEVE\""));
        let id = topology.target_groups.find("x").unwrap();
        assert_eq!(topology.target_groups[id].port, 6081);
        assert_eq!(
            wrong(&group("protocol = \"GENEVE\"")),
            "target_group.x.port: appliances listen to port 6081, not to 80\n"
        );
        assert_eq!(
            wrong(&group("target_type = \"lambda\"")),
            "target_group.x.port: functions have no ports\n"
        );
    }
}
