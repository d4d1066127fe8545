//! Network interfaces, the atomic unit of a VPC: everything in a VPC that has an address has one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::attachment::{Attachment, Devices};
use super::{
    Fabric, Function, HostId, Id, Instance, LoadBalancer, NatGateway, Resolver, SecurityGroup,
    Subnet, Topology, TransitGatewayAttachment, Vpc, VpcEndpoint, placement_group, security_group,
};
use crate::scenario::{ConnectionTracking, KeyPath, Problem, Reference};

const KIND: &str = "network_interface";
/// Most connections that a server process may be told to accept: more than a scenario opens.
const MAX_CONNECTIONS: u32 = 10_000_000;

/// An elastic network interface (ENI).
#[derive(Debug, Clone)]
pub struct NetworkInterface {
    /// The subnet it is in.
    pub subnet: Id<Subnet>,
    /// Its private IPv4 addresses, the primary one first.
    pub private_ips: Vec<Ipv4Addr>,
    /// Its IPv6 addresses.
    pub ipv6_addresses: Vec<Ipv6Addr>,
    /// Public addresses, at most one for each private one.
    pub public_ips: Vec<PublicIp>,
    /// Its hardware address, locally administered.
    pub mac_address: [u8; 6],
    /// Its security groups. Empty for interfaces that have none and are not filtered: those of NAT
    /// gateways, transit gateways and load balancers without groups.
    pub security_groups: Vec<Id<SecurityGroup>>,
    /// Whether it drops what is neither from nor to it.
    pub source_dest_check: bool,
    /// Whether it puts its own address in place of the source of what it forwards; `None`: only of
    /// what it sends to the internet.
    pub masquerade: Option<bool>,
    /// What it belongs to.
    pub owner: InterfaceOwner,
    /// Where its packets are handled.
    pub location: Location,
    /// The numbers of its fleet's nodes in their cell; empty on a card, and where nodes are not shared.
    pub fleet_nodes: Vec<u32>,
    /// For how long its security groups remember, where that is given.
    pub connection_tracking: ConnectionTracking,
    /// Connections that the server process behind it accepts at once; of an instance, that has it.
    pub max_connections: Option<u32>,
    /// For the reader.
    pub description: Option<String>,
}

/// A public address and the private one that stands for it inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicIp {
    /// Inside the VPC.
    pub private: Ipv4Addr,
    /// On the internet.
    pub public: Ipv4Addr,
}

/// What a network interface belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceOwner {
    /// An instance.
    Instance {
        /// Which.
        instance: Id<Instance>,
        /// Which of its devices; 0 is the primary interface.
        device_index: u32,
    },
    /// Nothing that the scenario names: a database, a container task, or nothing at all.
    Unattached,
    /// A NAT gateway.
    NatGateway(Id<NatGateway>),
    /// A VPC endpoint of the types interface and Gateway Load Balancer.
    VpcEndpoint(Id<VpcEndpoint>),
    /// A node of a load balancer.
    LoadBalancer(Id<LoadBalancer>),
    /// An attachment of a transit gateway.
    TransitGateway(Id<TransitGatewayAttachment>),
    /// Lambda functions, on Hyperplane or on the host of a worker; the first of them is named.
    Function(Id<Function>),
}

/// Where the packets of an interface are handled.
#[derive(Debug, Clone)]
pub enum Location {
    /// On the Nitro card of a host.
    Host(HostId),
    /// On the nodes of a Hyperplane fleet. Never empty.
    Fleet(Vec<HostId>),
}

impl NetworkInterface {
    /// Its primary private IPv4 address.
    #[must_use]
    pub fn private_ip(&self) -> Ipv4Addr {
        self.private_ips[0]
    }

    /// Whether `address` is one of its private or IPv6 addresses.
    #[must_use]
    pub fn has_address(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.private_ips.contains(&address),
            IpAddr::V6(address) => self.ipv6_addresses.contains(&address),
        }
    }

    /// The public address of its private address `private`.
    #[must_use]
    pub fn public_ip_of(&self, private: Ipv4Addr) -> Option<Ipv4Addr> {
        let found = self.public_ips.iter().find(|pair| pair.private == private);
        found.map(|pair| pair.public)
    }
}

/// A network interface of a fleet, to be made.
pub(super) struct FleetInterface<'a> {
    /// What it is called, and what its address is chosen by.
    pub(super) name: String,
    /// What its nodes are chosen by.
    pub(super) fleet: &'a str,
    pub(super) subnet: Id<Subnet>,
    /// Its address, if it is written and reserved.
    pub(super) private_ip: Option<Ipv4Addr>,
    pub(super) security_groups: Vec<Id<SecurityGroup>>,
    pub(super) source_dest_check: bool,
    pub(super) owner: InterfaceOwner,
    /// How many nodes the fleet has.
    pub(super) nodes: u32,
    /// The kind of cell that they are in; `None` if they are nobody else's.
    pub(super) cell: Option<&'static str>,
}

impl Topology {
    /// The subnet of an interface.
    #[must_use]
    pub fn subnet_of(&self, interface: Id<NetworkInterface>) -> &Subnet {
        &self.subnets[self.network_interfaces[interface].subnet]
    }

    /// The VPC of an interface.
    #[must_use]
    pub fn vpc_of(&self, interface: Id<NetworkInterface>) -> Id<Vpc> {
        self.subnet_of(interface).vpc
    }

    /// The zone of an interface.
    #[must_use]
    pub fn zone_of(&self, interface: Id<NetworkInterface>) -> Id<Fabric> {
        self.subnet_of(interface).zone
    }

    /// How many TCP connections the server process behind an interface accepts at once, if there is a
    /// limit.
    #[must_use]
    pub fn max_connections(&self, interface: Id<NetworkInterface>) -> Option<u32> {
        let own = &self.network_interfaces[interface];
        match own.owner {
            InterfaceOwner::Instance { instance, .. } => self.instances[instance].max_connections,
            InterfaceOwner::Unattached
            | InterfaceOwner::NatGateway(_)
            | InterfaceOwner::VpcEndpoint(_)
            | InterfaceOwner::LoadBalancer(_)
            | InterfaceOwner::TransitGateway(_)
            | InterfaceOwner::Function(_) => own.max_connections,
        }
    }

    /// Whether the zone of an interface has failed.
    #[must_use]
    pub fn has_failed(&self, interface: Id<NetworkInterface>) -> bool {
        !self.failed_zones.is_empty() && self.failed_zones.contains(&self.zone_of(interface))
    }

    /// The table of the scenario that an interface comes from.
    pub(super) fn table_of(&self, interface: Id<NetworkInterface>) -> KeyPath {
        let name = self.network_interfaces.name(interface);
        let (kind, rest) = name.split_once('.').unwrap_or((name, ""));
        // Interfaces of one resource differ by their zone, in brackets.
        let name = rest.split_once(" (").map_or(rest, |(name, _)| name);
        KeyPath::of([kind, name])
    }

    /// Adds an interface, and notes who has its addresses.
    pub(super) fn add_interface(
        &mut self,
        name: impl Into<String>,
        interface: NetworkInterface,
    ) -> Id<NetworkInterface> {
        let vpc = self.subnets[interface.subnet].vpc;
        let id = self.network_interfaces.next_id();
        let ipv4 = interface.private_ips.iter().copied().map(IpAddr::V4);
        let ipv6 = interface.ipv6_addresses.iter().copied().map(IpAddr::V6);
        for address in ipv4.chain(ipv6) {
            self.addresses.entry((vpc, address)).or_insert(id);
        }
        self.network_interfaces.add(name, interface)
    }

    /// Adds an interface of a fleet, unless its subnet has no address for it.
    pub(super) fn add_fleet_interface(
        &mut self,
        resolver: &mut Resolver<'_>,
        written: FleetInterface<'_>,
        path: &KeyPath,
    ) -> Option<Id<NetworkInterface>> {
        let FleetInterface { subnet, fleet, .. } = written;
        let private_ip = match written.private_ip {
            Some(address) => address,
            None => self.allocate(resolver, subnet, fleet, path)?,
        };
        let zone = self.subnets[subnet].zone;
        let shard = self.shard(resolver, written.cell, fleet, zone, written.nodes);
        let interface = NetworkInterface {
            subnet,
            private_ips: vec![private_ip],
            ipv6_addresses: Vec::new(),
            public_ips: Vec::new(),
            mac_address: mac_address(resolver, &written.name),
            security_groups: written.security_groups,
            source_dest_check: written.source_dest_check,
            masquerade: None,
            owner: written.owner,
            location: Location::Fleet(shard.hosts),
            fleet_nodes: shard.numbers,
            connection_tracking: ConnectionTracking::default(),
            max_connections: None,
            description: None,
        };
        Some(self.add_interface(written.name, interface))
    }
}

/// The interface that `reference` at `path` names: `network_interface.NAME`, or the bare name. Those
/// of other resources are named by these.
pub(super) fn find(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    reference: &Reference,
    path: &KeyPath,
) -> Option<Id<NetworkInterface>> {
    let (None | Some(KIND), name) = reference.parts() else {
        // The resolver says so.
        return resolver.find(&topology.network_interfaces, KIND, reference, path);
    };
    let found = topology.network_interfaces.find(&format!("{KIND}.{name}"));
    if found.is_none() {
        resolver.dangling(KIND, name, std::iter::empty(), path);
    }
    found
}

/// A locally administered unicast address.
pub(super) fn mac_address(resolver: &Resolver<'_>, owner: &str) -> [u8; 6] {
    let [a, b, c, d] = resolver
        .choose(owner, "mac_address", u32::MAX)
        .to_be_bytes();
    [0x02, 0x00, a, b, c, d]
}

/// The interfaces that have tables of their own, attached to their instances.
pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let mut devices = Devices::new();
    for (name, written) in &resolver.scenario.network_interface {
        let path = KeyPath::of(["network_interface", name]);
        let owner = format!("network_interface.{name}");
        let subnet_path = path.key("subnet");
        let subnet = resolver.find(&topology.subnets, "subnet", &written.subnet, &subnet_path);
        let Some(subnet) = subnet else { continue };
        let groups = &written.security_groups;
        let groups_path = path.key("security_groups");
        let vpc = topology.subnets[subnet].vpc;
        let security_groups = security_group::groups(resolver, topology, vpc, groups, &groups_path);
        let primary = written
            .private_ip
            .or_else(|| topology.allocate(resolver, subnet, &owner, &subnet_path));
        let Some(primary) = primary else { continue };
        let id = topology.network_interfaces.next_id();
        let attached = written.attachment.as_ref().and_then(|attachment| {
            let attachment = Attachment {
                written: attachment,
                addresses: 1 + written.secondary_private_ips.len(),
                subnet,
            };
            attachment.resolve(resolver, topology, &mut devices, id, &path)
        });
        let tracking = written.connection_tracking;
        let connection_tracking = placement_group::check_tracking(resolver, tracking, &path);
        check_max_connections(resolver, written.max_connections, &path);
        if written.attachment.is_some() && written.max_connections.is_some() {
            let message = "the server process is that of the instance";
            resolver.report(
                Problem::error(path.key("max_connections"), message)
                    .help("give `max_connections` of the instance"),
            );
        }
        let secondary = written.secondary_private_ips.iter().copied();
        let interface = NetworkInterface {
            subnet,
            private_ips: std::iter::once(primary).chain(secondary).collect(),
            ipv6_addresses: written.ipv6_addresses.clone(),
            public_ips: Vec::new(),
            mac_address: mac_address(resolver, &owner),
            security_groups,
            source_dest_check: written.source_dest_check,
            masquerade: written.masquerade,
            owner: attached.unwrap_or(InterfaceOwner::Unattached),
            location: Location::Host(match attached {
                Some(InterfaceOwner::Instance { instance, .. }) => {
                    topology.instances[instance].host
                }
                _ => any_host(resolver, topology, subnet, &owner),
            }),
            fleet_nodes: Vec::new(),
            connection_tracking,
            max_connections: written.max_connections,
            description: written.description.clone(),
        };
        topology.add_interface(owner, interface);
    }
    for (instance, devices) in devices {
        let interfaces = &mut topology.instances[instance].network_interfaces;
        interfaces.extend(devices.into_values());
    }
}

/// A server process that accepts no connection is none.
pub(super) fn check_max_connections(
    resolver: &mut Resolver<'_>,
    most: Option<u32>,
    table: &KeyPath,
) {
    if let Some(most) = most {
        resolver.check_range(table.key("max_connections"), most, 1..=MAX_CONNECTIONS);
    }
}

/// The host of an interface that belongs to no instance: one of its zone, chosen by its name.
pub(super) fn any_host(
    resolver: &Resolver<'_>,
    topology: &Topology,
    subnet: Id<Subnet>,
    owner: &str,
) -> HostId {
    let fabric = &topology.substrate.fabrics[topology.subnets[subnet].zone];
    let rack = resolver.choose(owner, "rack", fabric.racks);
    let host = resolver.choose(owner, "host", fabric.hosts_per_rack);
    fabric.host(rack * fabric.hosts_per_rack + host)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::*;

    const INSTANCE: &str = "[instance.app]\ninstance_type = \"m5.large\"\nsubnet = \"a\"\n";

    fn attached(name: &str, index: u32) -> String {
        format!(
            "[network_interface.{name}]\nsubnet = \"a\"\n\
             attachment = {{ instance = \"app\", device_index = {index} }}\n"
        )
    }

    #[test]
    fn interfaces_of_an_instance_are_in_the_order_of_their_devices_on_its_host() {
        let topology = right(&format!(
            "{INSTANCE}{}{}",
            attached("two", 2),
            attached("one", 1)
        ));
        let instance = &topology.instances[topology.instances.find("app").unwrap()];
        let interfaces = instance.network_interfaces.iter();
        let names: Vec<&str> = interfaces
            .map(|&id| topology.network_interfaces.name(id))
            .collect();
        assert_eq!(
            names,
            [
                "instance.app",
                "network_interface.one",
                "network_interface.two"
            ]
        );
        for &id in &instance.network_interfaces {
            let location = &topology.network_interfaces[id].location;
            assert!(matches!(location, Location::Host(host) if *host == instance.host));
        }
    }

    #[test]
    fn a_limit_of_connections_is_that_of_a_server_process_and_of_one() {
        let app = format!("{INSTANCE}max_connections = 100\n{}", attached("one", 1));
        let topology = right(&format!(
            "{app}[network_interface.db]\nsubnet = \"b\"\nmax_connections = 5\n"
        ));
        let limits: Vec<Option<u32>> = topology
            .network_interfaces
            .iter()
            .map(|(id, _)| topology.max_connections(id))
            .collect();
        assert_eq!(limits, [Some(100), Some(100), Some(5)]);
        assert_eq!(
            wrong(&format!(
                "{INSTANCE}max_connections = 0\n{}max_connections = 5\n",
                attached("one", 1)
            )),
            "instance.app.max_connections: 0 is not between 1 and 10000000\n\
             network_interface.one.max_connections: the server process is that of the instance (give \
             `max_connections` of the instance)\n"
        );
    }

    #[test]
    fn an_interface_without_an_attachment_is_somewhere_in_its_zone() {
        let topology = right(
            "[network_interface.db]\nsubnet = \"b\"\nprivate_ip = \"10.0.1.100\"\n\
             secondary_private_ips = [\"10.0.1.101\"]\ndescription = \"Database\"",
        );
        let id = topology
            .network_interfaces
            .find("network_interface.db")
            .unwrap();
        let interface = &topology.network_interfaces[id];
        assert_eq!(interface.owner, InterfaceOwner::Unattached);
        let Location::Host(host) = interface.location else {
            panic!("{interface:?}");
        };
        assert_eq!(topology.substrate.fabric_of(host), topology.zone_of(id));
        for address in ["10.0.1.100", "10.0.1.101"] {
            let address: IpAddr = address.parse().unwrap();
            assert!(interface.has_address(address));
            assert_eq!(
                topology.addresses.get(&(topology.vpc_of(id), address)),
                Some(&id)
            );
        }
    }
}
