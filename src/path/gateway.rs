//! Internet gateways, egress-only internet gateways, NAT gateways, and the public network.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;

use super::connection::Inspector;
use super::hop::{Hop, Resource, Step};
use super::refusal::Cause;
use super::walk::{Arrival, At, Walk};
use super::{Header, Meter, Server, Socket};
use crate::scenario::Protocol;
use crate::topology::{
    EgressOnlyInternetGateway, Fabric, Id, InternetGateway, NatGateway, NetworkInterface,
    RouteTable, RouteTarget, Service, Topology, Vpc,
};

/// A host on the internet, in a block kept for documentation. (RFC 5737, RFC 3849.)
pub(super) const INTERNET_HOST: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
pub(super) const INTERNET_HOST_V6: std::net::Ipv6Addr =
    std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);

/// Largest IP packet through an internet gateway, and what AWS services take. (EC2 user guide,
/// "Network MTU", 2023.)
pub(super) const MTU_INTERNET: u64 = 1500;
/// Largest IP packet through a NAT gateway. (VPC user guide, "NAT gateway basics", 2025.)
const MTU_NAT_GATEWAY: u64 = 8500;

impl Walk<'_> {
    /// Out through an internet gateway: the public address of the sender takes the place of its
    /// private one.
    pub(super) fn go_out(&mut self, id: Id<InternetGateway>, zone: Id<Fabric>) -> At {
        let topology = self.topology;
        let vpc = topology.internet_gateways[id].vpc;
        self.pass_edge(zone, Hop::InternetGateway);
        self.push(Step::Through(Resource::InternetGateway(id)));
        self.limit_mtu(MTU_INTERNET);
        let destination = self.header.destination.address;
        if topology.vpcs[vpc].contains(destination) {
            return self.lose(Cause::OwnVpcDestination(id));
        }
        if let Some(shared) = private_kind(destination) {
            self.refuse(Cause::PrivateDestination {
                gateway: id,
                shared,
            });
            return self.look_ahead();
        }
        let source = self.header.source.address;
        self.check_redirection(id, source);
        let sender = topology.addresses.get(&(vpc, source)).copied();
        match source {
            IpAddr::V4(private) => {
                let own = sender.map(|sender| &topology.network_interfaces[sender]);
                match own.and_then(|own| own.public_ip_of(private)) {
                    Some(public) => {
                        let source = Socket {
                            address: public.into(),
                            ..self.header.source
                        };
                        let after = Header {
                            source,
                            ..self.header
                        };
                        self.translate(Resource::InternetGateway(id), after);
                    }
                    None => {
                        self.refuse(Cause::NoPublicAddress {
                            gateway: id,
                            sender,
                        });
                        return self.look_ahead();
                    }
                }
            }
            IpAddr::V6(_) if sender.is_none() => {
                self.refuse(Cause::NoPublicAddress {
                    gateway: id,
                    sender,
                });
                return self.look_ahead();
            }
            IpAddr::V6(_) => {}
        }
        self.lose_sender(Resource::InternetGateway(id));
        At::Public
    }

    /// What an internet gateway's route table redirects to an appliance on the way in must pass the
    /// appliance on the way out, too.
    fn check_redirection(&mut self, id: Id<InternetGateway>, source: IpAddr) {
        let Some(table) = self.topology.internet_gateways[id].route_table else {
            return;
        };
        let route = self.topology.route_tables[table].lookup(source);
        let appliance = match route.map(|route| route.target) {
            Some(RouteTarget::NetworkInterface(interface)) => Inspector::Router(interface),
            Some(RouteTarget::GatewayLoadBalancerEndpoint(id)) => Inspector::Endpoint(id),
            _ => return,
        };
        if !self.connection.inspected.contains(&appliance) {
            self.refuse(Cause::Redirected { gateway: id, table });
        }
    }

    /// Out through an egress-only internet gateway, with the sender's IPv6 address as it is.
    pub(super) fn go_out_only(
        &mut self,
        id: Id<EgressOnlyInternetGateway>,
        zone: Id<Fabric>,
    ) -> At {
        let resource = Resource::EgressOnlyInternetGateway(id);
        self.pass_edge(zone, Hop::InternetGateway);
        self.push(Step::Through(resource));
        self.limit_mtu(MTU_INTERNET);
        if self.header.destination.address.is_ipv4() {
            return self.lose(Cause::Protocol(resource));
        }
        // What it has let out is answered from outside.
        if self.is_reply() {
            return self.lose(Cause::UnknownConnection(resource));
        }
        self.passed_out_through = Some(id);
        self.lose_sender(resource);
        At::Public
    }

    /// On the public network: to another public address of AWS, to a service, or out to the internet.
    pub(super) fn on_public_network(&mut self) -> At {
        let topology = self.topology;
        let destination = self.header.destination.address;
        if let Some(at) = self.come_back_to_worker() {
            return at;
        }
        if let Some(at) = self.public_owner(destination) {
            return at;
        }
        if let Some(service) = service_at(topology, destination) {
            let zone = self.zone().unwrap_or_else(|| self.home_zone());
            let front_end = topology.services[service].hosts[zone.index()];
            self.arrive_at_host(front_end);
            self.push(Step::Through(Resource::Service(service)));
            return At::Arrived(Server::Service(service, zone));
        }
        if private_kind(destination).is_some() {
            return self.lose(Cause::NotPublic(None));
        }
        if let Some(zone) = self.zone() {
            let region = topology.region_of_zone(zone);
            self.leg.meters.push(Meter::InternetEgress(region));
        }
        self.push(Step::Hop(Hop::Internet));
        self.push(Step::Through(Resource::Internet));
        self.leave_substrate();
        At::Arrived(Server::Internet)
    }

    /// The internet gateway in front of whoever in a VPC has a public address.
    fn public_owner(&mut self, destination: IpAddr) -> Option<At> {
        let topology = self.topology;
        let (interface, private) = match destination {
            IpAddr::V4(public) => {
                let &(interface, private) = topology.public_addresses.get(&public)?;
                (interface, IpAddr::V4(private))
            }
            IpAddr::V6(_) => {
                let vpc = self.vpc_with(destination)?;
                let found = topology.addresses.get(&(vpc, destination)).copied();
                let Some(interface) = found else {
                    return Some(self.lose(Cause::NobodyHasAddress(vpc)));
                };
                (interface, destination)
            }
        };
        let vpc = topology.vpc_of(interface);
        if let (true, Some(gateway), IpAddr::V6(_)) =
            (self.is_reply(), self.passed_out_through, destination)
        {
            return Some(self.come_back_through(gateway, interface));
        }
        Some(match topology.vpcs[vpc].internet_gateway {
            Some(gateway) => At::Incoming(gateway, private),
            None => match self.egress_only_of(vpc) {
                Some(only) if destination.is_ipv6() => self.lose(Cause::OutboundOnly(
                    Resource::EgressOnlyInternetGateway(only),
                )),
                _ => self.lose(Cause::NoInternetGateway(vpc)),
            },
        })
    }

    /// A reply comes back through an egress-only internet gateway.
    fn come_back_through(
        &mut self,
        gateway: Id<EgressOnlyInternetGateway>,
        interface: Id<NetworkInterface>,
    ) -> At {
        let zone = self.topology.zone_of(interface);
        self.pass_edge(zone, Hop::InternetGateway);
        self.push(Step::Through(Resource::EgressOnlyInternetGateway(gateway)));
        At::Local(self.topology.vpc_of(interface), None)
    }

    /// In through an internet gateway: the private address takes the place of the public one, and a
    /// gateway route table may lead through an appliance.
    pub(super) fn come_in(&mut self, id: Id<InternetGateway>, private: IpAddr) -> At {
        let topology = self.topology;
        let gateway = &topology.internet_gateways[id];
        let vpc = gateway.vpc;
        let receiver = topology.addresses.get(&(vpc, private)).copied();
        let zone = receiver.map_or_else(|| self.home_zone(), |id| topology.zone_of(id));
        self.pass_edge(zone, Hop::InternetGateway);
        self.push(Step::Through(Resource::InternetGateway(id)));
        self.limit_mtu(MTU_INTERNET);
        if self.header.destination.address != private {
            let destination = Socket {
                address: private,
                ..self.header.destination
            };
            let after = Header {
                destination,
                ..self.header
            };
            self.translate(Resource::InternetGateway(id), after);
        }
        self.lose_sender(Resource::InternetGateway(id));
        match gateway.route_table {
            Some(table) => self.by_gateway_route_table(table, vpc),
            None => At::Local(vpc, None),
        }
    }

    /// What a gateway route table says of incoming traffic.
    pub(super) fn by_gateway_route_table(&mut self, table: Id<RouteTable>, vpc: Id<Vpc>) -> At {
        let Some(route) = self.look_up(table) else {
            return self.lose(Cause::NoIngressRoute(table));
        };
        match route.target {
            RouteTarget::Local => At::Local(vpc, None),
            RouteTarget::NetworkInterface(interface) => At::Entering(Arrival {
                interface,
                from: None,
                routed: true,
            }),
            RouteTarget::GatewayLoadBalancerEndpoint(id) => {
                self.to_gateway_load_balancer_endpoint(id, None)
            }
            RouteTarget::Blackhole
            | RouteTarget::InternetGateway(_)
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::NatGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::GatewayEndpoint(_) => self.lose(Cause::Blackhole { table, route }),
        }
    }

    /// In a NAT gateway: a reply finds the client's address, what a route has led here gets the
    /// gateway's, and everything else is dropped.
    pub(super) fn at_nat_gateway(&mut self, id: Id<NatGateway>, routed: bool) -> At {
        let topology = self.topology;
        let gateway = &topology.nat_gateways[id];
        let interface = gateway.network_interface;
        let resource = Resource::NatGateway(id);
        self.push(Step::Through(resource));
        self.leg.meters.push(Meter::NatGateway(id));
        self.limit_mtu(MTU_NAT_GATEWAY);
        if let Some(binding) = self.connection.binding(interface, self.header) {
            return self.undo(resource, binding);
        }
        if !routed {
            return self.lose(Cause::OutboundOnly(resource));
        }
        if self.is_reply() {
            return self.lose(Cause::UnknownConnection(resource));
        }
        let before = self.header;
        let known = matches!(
            before.protocol,
            Protocol::Tcp | Protocol::Udp | Protocol::Icmp
        );
        if !known || before.source.address.is_ipv6() {
            return self.lose(Cause::Protocol(resource));
        }
        let vpc = topology.vpc_of(interface);
        if !topology.vpcs[vpc].contains(before.source.address) && !self.passed_transit_gateway {
            self.refuse(Cause::ForeignSource(resource));
        }
        let own = topology.network_interfaces[interface].private_ip();
        let after = Header {
            source: Socket::ephemeral(own.into()),
            ..before
        };
        self.connection.bind(interface, before, after);
        self.translate(resource, after);
        self.lose_sender(resource);
        At::Leaving(interface)
    }

    /// The VPC that has an IPv6 address.
    fn vpc_with(&self, address: IpAddr) -> Option<Id<Vpc>> {
        let mut vpcs = self.topology.vpcs.iter();
        vpcs.find(|(_, vpc)| vpc.contains(address))
            .map(|(id, _)| id)
    }

    fn egress_only_of(&self, vpc: Id<Vpc>) -> Option<Id<EgressOnlyInternetGateway>> {
        let mut gateways = self.topology.egress_only_internet_gateways.iter();
        let found = gateways.find(|(_, gateway)| gateway.vpc == vpc);
        found.map(|(id, _)| id)
    }

    /// Whether an address belongs inside: it is private, a VPC's or a site's.
    pub(super) fn is_inside(&self, address: IpAddr) -> bool {
        let topology = self.topology;
        let mut vpcs = topology.vpcs.iter();
        let mut sites = topology.customer_gateways.iter();
        private_kind(address).is_some()
            || vpcs.any(|(_, vpc)| vpc.contains(address))
            || sites.any(|(_, site)| in_blocks(&site.cidr_blocks, address))
    }

    fn home_zone(&self) -> Id<Fabric> {
        let zones = self.topology.substrate.zones().next();
        zones.expect("a public network is only reached in a Region, which has zones")
    }
}

/// Whether an address is in one of some blocks.
pub(super) fn in_blocks(blocks: &[Ipv4Net], address: IpAddr) -> bool {
    longest_prefix(blocks, address).is_some()
}

/// The longest prefix among the blocks that an address is in.
pub(super) fn longest_prefix(blocks: &[Ipv4Net], address: IpAddr) -> Option<u8> {
    let IpAddr::V4(address) = address else {
        return None;
    };
    let holding = blocks.iter().filter(|block| block.contains(&address));
    holding.map(Ipv4Net::prefix_len).max()
}

/// The service that has a public address.
pub(super) fn service_at(topology: &Topology, address: IpAddr) -> Option<Id<Service>> {
    let mut services = topology.services.iter();
    let found = services.find(|(_, service)| {
        let list = service.prefix_list.map(|id| &topology.prefix_lists[id]);
        IpAddr::V4(service.public_ip) == address
            || list.is_some_and(|list| list.entries.iter().any(|block| block.contains(&address)))
    });
    found.map(|(id, _)| id)
}

/// Whether an address is not routed on the internet: `Some(false)` for private ones (RFC 1918,
/// RFC 4193, link-local), `Some(true)` for shared ones (RFC 6598).
pub(super) fn private_kind(address: IpAddr) -> Option<bool> {
    match address {
        IpAddr::V4(address) if address.is_private() || address.is_link_local() => Some(false),
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            (a == 100 && b & 0b1100_0000 == 64).then_some(true)
        }
        IpAddr::V6(address) if address.is_unique_local() || address.is_unicast_link_local() => {
            Some(false)
        }
        IpAddr::V6(_) => None,
    }
}
