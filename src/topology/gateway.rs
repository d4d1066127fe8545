//! Internet gateways and NAT gateways.

use std::net::Ipv4Addr;

use super::{HostId, Id, Resolver, Subnet, Topology, Vpc};
use crate::scenario::{KeyPath, Problem};

/// An internet gateway.
#[derive(Debug, Clone, Copy)]
pub struct InternetGateway {
    /// The VPC it is attached to.
    pub vpc: Id<Vpc>,
}

/// A NAT gateway: a fleet of Hyperplane nodes with a network interface in a public subnet.
#[derive(Debug, Clone)]
pub struct NatGateway {
    /// The subnet of its interface.
    pub subnet: Id<Subnet>,
    /// The address of its interface.
    pub private_ip: Ipv4Addr,
    /// The hosts of its Hyperplane nodes.
    pub nodes: Vec<HostId>,
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let scenario = resolver.scenario;
    for (name, written) in &scenario.internet_gateway {
        let path = KeyPath::of(["internet_gateway", name, "vpc"]);
        let Some(vpc) = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path) else {
            continue;
        };
        if topology
            .internet_gateways
            .iter()
            .any(|(_, other)| other.vpc == vpc)
        {
            resolver.report(
                Problem::error(path, "the VPC has an internet gateway already")
                    .help("a VPC has at most one internet gateway"),
            );
            continue;
        }
        topology
            .internet_gateways
            .add(name, InternetGateway { vpc });
    }
    for (name, written) in &scenario.nat_gateway {
        let path = KeyPath::of(["nat_gateway", name, "subnet"]);
        let found = resolver.find(&topology.subnets, "subnet", &written.subnet, &path);
        let Some(subnet) = found else { continue };
        let owner = format!("nat_gateway.{name}");
        let Some(private_ip) = topology.subnets[subnet].allocate(resolver, &owner) else {
            resolver.error(path, format!("the subnet has no address left for {owner}"));
            continue;
        };
        let nodes = topology.profile.nat_gateway.nodes.value;
        let nodes = topology.fleet_hosts(resolver, &owner, topology.subnets[subnet].zone, nodes);
        topology.nat_gateways.add(
            name,
            NatGateway {
                subnet,
                private_ip,
                nodes,
            },
        );
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
