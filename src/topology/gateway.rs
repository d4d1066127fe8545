//! Internet gateways, egress-only ones, and NAT gateways.

use super::network_interface::FleetInterface;
use super::{HostId, Id, InterfaceOwner, NetworkInterface, Resolver, RouteTable, Topology, Vpc};
use crate::scenario::{ConnectivityType, KeyPath, Problem};

/// An internet gateway.
#[derive(Debug, Clone, Copy)]
pub struct InternetGateway {
    /// The VPC it is attached to.
    pub vpc: Id<Vpc>,
    /// The gateway route table of what comes in through it.
    pub route_table: Option<Id<RouteTable>>,
}

/// An egress-only internet gateway.
#[derive(Debug, Clone, Copy)]
pub struct EgressOnlyInternetGateway {
    /// The VPC it belongs to.
    pub vpc: Id<Vpc>,
}

/// A NAT gateway: a fleet of Hyperplane nodes behind a network interface.
#[derive(Debug, Clone, Copy)]
pub struct NatGateway {
    /// Its interface; a public one's has a public address.
    pub network_interface: Id<NetworkInterface>,
    /// Where it leads.
    pub connectivity_type: ConnectivityType,
    /// Addresses that it has, each with ports of its own.
    pub addresses: u32,
}

/// Addresses of a NAT gateway beside its first. (Amazon VPC user guide, "NAT gateway basics", 2023.)
const MOST_SECONDARY: u32 = 7;

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let scenario = resolver.scenario;
    for (name, written) in &scenario.internet_gateway {
        let path = KeyPath::of(["internet_gateway", name, "vpc"]);
        let Some(vpc) = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path) else {
            continue;
        };
        if topology.vpcs[vpc].internet_gateway.is_some() {
            resolver.report(
                Problem::error(path, "the VPC has an internet gateway already")
                    .help("a VPC has at most one internet gateway"),
            );
            continue;
        }
        let gateway = InternetGateway {
            vpc,
            route_table: None,
        };
        let id = topology.internet_gateways.add(name, gateway);
        topology.vpcs[vpc].internet_gateway = Some(id);
    }
    for (name, written) in &scenario.egress_only_internet_gateway {
        let path = KeyPath::of(["egress_only_internet_gateway", name, "vpc"]);
        if let Some(vpc) = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path) {
            let gateway = EgressOnlyInternetGateway { vpc };
            topology.egress_only_internet_gateways.add(name, gateway);
        }
    }
    for (name, written) in &scenario.nat_gateway {
        let path = KeyPath::of(["nat_gateway", name, "subnet"]);
        let found = resolver.find(&topology.subnets, "subnet", &written.subnet, &path);
        let Some(subnet) = found else { continue };
        let count = KeyPath::of(["nat_gateway", name, "secondary_private_ip_address_count"]);
        let secondary = written.secondary_private_ip_address_count;
        resolver.check_range(count, secondary, 0..=MOST_SECONDARY);
        let owner = format!("nat_gateway.{name}");
        let interface = FleetInterface {
            name: owner.clone(),
            fleet: &owner,
            subnet,
            private_ip: written.private_ip,
            security_groups: Vec::new(),
            source_dest_check: false,
            owner: InterfaceOwner::NatGateway(topology.nat_gateways.next_id()),
            nodes: topology.profile.nat_gateway.nodes.value,
            cell: Some("nat_gateway"),
        };
        let added = topology.add_fleet_interface(resolver, interface, &path);
        let Some(network_interface) = added else {
            continue;
        };
        let gateway = NatGateway {
            network_interface,
            connectivity_type: written.connectivity_type,
            addresses: 1 + written
                .secondary_private_ip_address_count
                .min(MOST_SECONDARY),
        };
        topology.nat_gateways.add(name, gateway);
    }
}

impl Topology {
    /// Hosts for the nodes of a fleet in a zone. Nodes are ordinary hosts of the zone, so that the
    /// way to them crosses the fabric.
    pub(super) fn fleet_hosts(
        &self,
        resolver: &Resolver<'_>,
        owner: &str,
        zone: Id<super::Fabric>,
        nodes: u32,
    ) -> Vec<HostId> {
        let fabric = &self.substrate.fabrics[zone];
        let zone_name = self.substrate.fabrics.name(zone);
        (0..nodes.clamp(1, super::MAX_NODES))
            .map(|node| {
                let purpose = format!("node {node} in {zone_name}");
                fabric.host(resolver.choose(owner, &purpose, fabric.host_count()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::super::{InterfaceOwner, Location};

    #[test]
    fn a_nat_gateway_is_a_fleet_behind_an_interface_with_a_public_address() {
        let topology = right(
            "[nat_gateway.a]\nsubnet = \"a\"\nprivate_ip = \"10.0.0.10\"\n\
             [nat_gateway.p]\nsubnet = \"b\"\nconnectivity_type = \"private\"\n",
        );
        let [public, private] = ["a", "p"].map(|name| topology.nat_gateways.find(name).unwrap());
        let id = topology.nat_gateways[public].network_interface;
        let interface = &topology.network_interfaces[id];
        assert_eq!(topology.network_interfaces.name(id), "nat_gateway.a");
        assert_eq!(interface.owner, InterfaceOwner::NatGateway(public));
        assert_eq!(interface.private_ip().to_string(), "10.0.0.10");
        assert!(matches!(&interface.location, Location::Fleet(nodes) if nodes.len() == 5));
        assert!(interface.public_ip_of(interface.private_ip()).is_some());
        let id = topology.nat_gateways[private].network_interface;
        assert!(topology.network_interfaces[id].public_ips.is_empty());
    }

    #[test]
    fn a_vpc_has_one_internet_gateway() {
        let text = "[internet_gateway.one]\nvpc = \"main\"\n";
        let topology = right(text);
        let vpc = topology.vpcs.find("main").unwrap();
        let gateway = topology.internet_gateways.find("one");
        assert_eq!(topology.vpcs[vpc].internet_gateway, gateway);
        assert_eq!(
            wrong(&format!("{text}[internet_gateway.two]\nvpc = \"main\"")),
            "internet_gateway.two.vpc: the VPC has an internet gateway already (a VPC has at most one \
             internet gateway)\n"
        );
    }
}
