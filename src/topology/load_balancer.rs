//! Load balancers and their nodes.

use super::network_interface::FleetInterface;
use super::{
    Id, InterfaceOwner, Listener, NetworkInterface, Resolver, SecurityGroup, Subnet, Topology, Vpc,
    security_group, subnet,
};
use crate::scenario::{self, KeyPath, LoadBalancerType, Problem};

/// A load balancer.
#[derive(Debug, Clone)]
pub struct LoadBalancer {
    /// Application, Network or Gateway.
    pub kind: LoadBalancerType,
    /// The VPC it is in.
    pub vpc: Id<Vpc>,
    /// Whether its name resolves to private addresses.
    pub internal: bool,
    /// Its nodes, one per zone. Those of an internet-facing one have public addresses.
    pub network_interfaces: Vec<Id<NetworkInterface>>,
    /// What it listens to.
    pub listeners: Vec<Listener>,
    /// Whether a node sends to targets in other zones.
    pub cross_zone: bool,
}

impl LoadBalancer {
    /// Whether its nodes have public addresses.
    #[must_use]
    pub fn has_public_ips(&self) -> bool {
        !self.internal && self.kind != LoadBalancerType::Gateway
    }
}

/// A kind of load balancer as a reader says it.
pub(super) const fn kind_name(kind: LoadBalancerType) -> &'static str {
    match kind {
        LoadBalancerType::Application => "an Application Load Balancer",
        LoadBalancerType::Network => "a Network Load Balancer",
        LoadBalancerType::Gateway => "a Gateway Load Balancer",
    }
}

/// The load balancers with their nodes; listeners come after the target groups.
pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.load_balancer {
        let path = KeyPath::of(["load_balancer", name]);
        let kind = written.load_balancer_type;
        let subnets_path = path.key("subnets");
        let listed = &written.subnets;
        let subnets = subnet::one_per_zone(
            resolver,
            topology,
            None,
            listed,
            &subnets_path,
            kind_name(kind),
        );
        check_zones(
            resolver,
            topology,
            kind,
            (listed.len(), &subnets),
            &subnets_path,
        );
        let Some(&first) = subnets.first() else {
            continue;
        };
        let vpc = topology.subnets[first].vpc;
        let security_groups = groups(resolver, topology, vpc, written, &path);
        let figures = &topology.profile;
        let fleet = match kind {
            LoadBalancerType::Application => &figures.application_load_balancer,
            LoadBalancerType::Network => &figures.network_load_balancer,
            LoadBalancerType::Gateway => &figures.gateway_load_balancer,
        };
        let nodes = fleet.nodes.value;
        let owner = format!("load_balancer.{name}");
        let id = topology.load_balancers.next_id();
        let mut network_interfaces = Vec::new();
        for subnet in subnets {
            let zone = topology
                .substrate
                .fabrics
                .name(topology.subnets[subnet].zone);
            let interface = FleetInterface {
                name: format!("{owner} ({zone})"),
                fleet: &owner,
                subnet,
                private_ip: None,
                security_groups: security_groups.clone(),
                source_dest_check: kind == LoadBalancerType::Application,
                owner: InterfaceOwner::LoadBalancer(id),
                nodes,
                cell: match kind {
                    LoadBalancerType::Application => None,
                    LoadBalancerType::Network => Some("network_load_balancer"),
                    LoadBalancerType::Gateway => Some("gateway_load_balancer"),
                },
            };
            let added = topology.add_fleet_interface(resolver, interface, &subnets_path);
            network_interfaces.extend(added);
        }
        if written.listeners.is_empty() {
            let path = path.key("listeners");
            resolver.lacking(Problem::warning(
                path,
                "the load balancer listens to nothing",
            ));
        }
        let balancer = LoadBalancer {
            kind,
            vpc,
            internal: written.internal,
            network_interfaces,
            listeners: Vec::new(),
            cross_zone: written
                .enable_cross_zone_load_balancing
                .unwrap_or(kind == LoadBalancerType::Application),
        };
        topology.load_balancers.add(name, balancer);
    }
}

/// There are subnets, for an Application Load Balancer in two zones.
fn check_zones(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    kind: LoadBalancerType,
    (listed, subnets): (usize, &[Id<Subnet>]),
    path: &KeyPath,
) {
    if listed == 0 {
        let message = format!("{} needs a subnet", kind_name(kind));
        resolver.lacking(Problem::error(path.clone(), message));
    } else if kind == LoadBalancerType::Application && listed == 1 && subnets.len() == 1 {
        let zone = topology.subnets[subnets[0]].zone;
        let zone = topology.substrate.fabrics.name(zone);
        resolver.report(
            Problem::error(
                path.clone(),
                format!("an Application Load Balancer needs subnets in two zones; this is in {zone} only"),
            )
            .help("add a subnet of another Availability Zone"),
        );
    }
}

/// The groups of the nodes.
fn groups(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    vpc: Id<Vpc>,
    written: &scenario::LoadBalancer,
    path: &KeyPath,
) -> Vec<Id<SecurityGroup>> {
    let path = path.key("security_groups");
    let listed = &written.security_groups;
    match written.load_balancer_type {
        LoadBalancerType::Application => {
            security_group::groups(resolver, topology, vpc, listed, &path)
        }
        LoadBalancerType::Network if listed.is_empty() => Vec::new(),
        LoadBalancerType::Network => security_group::groups(resolver, topology, vpc, listed, &path),
        LoadBalancerType::Gateway => {
            if !listed.is_empty() {
                let message = "a Gateway Load Balancer has no security groups";
                resolver.error(path, message);
            }
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Location;
    use super::super::fixture::{right, wrong};

    fn balancer(kind: &str, subnets: &str, listeners: &str) -> String {
        format!(
            "[target_group.web]\nvpc = \"main\"\nport = 8080\n\
             [load_balancer.x]\nload_balancer_type = \"{kind}\"\nsubnets = {subnets}\nlisteners = [{listeners}]\n"
        )
    }

    const BOTH: &str = "[\"a\", \"b\"]";
    const HTTPS: &str = "{ port = 443, protocol = \"HTTPS\", target_group = \"web\" }";
    const TCP: &str = "{ port = 443, protocol = \"TCP\", target_group = \"web\" }";

    #[test]
    fn a_load_balancer_has_a_node_in_each_zone() {
        for (kind, listener, nodes, public, groups, cross) in [
            ("application", HTTPS, 2, true, 1, true),
            ("network", TCP, 5, true, 0, false),
            ("gateway", "{ target_group = \"web\" }", 5, false, 0, false),
        ] {
            let text = balancer(kind, BOTH, listener);
            let text = if kind == "gateway" {
                text.replace("port = 8080\n", "")
            } else {
                text
            };
            let topology = right(&text);
            let id = topology.load_balancers.find("x").unwrap();
            let balancer = &topology.load_balancers[id];
            assert_eq!(balancer.cross_zone, cross, "{kind}");
            assert_eq!(balancer.network_interfaces.len(), 2);
            for (&interface, zone) in balancer
                .network_interfaces
                .iter()
                .zip(["us-east-1a", "us-east-1b"])
            {
                let name = topology.network_interfaces.name(interface);
                assert_eq!(name, format!("load_balancer.x ({zone})"));
                let interface = &topology.network_interfaces[interface];
                assert!(
                    matches!(&interface.location, Location::Fleet(hosts) if hosts.len() == nodes)
                );
                assert_eq!(interface.public_ips.len(), usize::from(public), "{kind}");
                assert_eq!(interface.security_groups.len(), groups, "{kind}");
            }
        }
    }

    #[test]
    fn an_application_load_balancer_needs_two_zones() {
        assert_eq!(
            wrong(&balancer("application", "[\"a\"]", HTTPS)),
            "load_balancer.x.subnets: an Application Load Balancer needs subnets in two zones; this is \
             in us-east-1a only (add a subnet of another Availability Zone)\n"
        );
        right(&balancer("network", "[\"a\"]", TCP));
    }
}
