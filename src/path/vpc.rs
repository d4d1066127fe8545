//! Inside a VPC: leaving an interface, the route table, delivery, and entering an interface.

use super::connection::Inspector;
use super::hop::{Resource, Side, Step};
use super::refusal::Cause;
use super::walk::{Arrival, At, Sender, Walk};
use super::{Direction, Header, Note, Server, Socket};
use crate::topology::{Id, InterfaceOwner, NetworkInterface, RouteTarget, Subnet, Vpc};

impl Walk<'_> {
    /// Out of an interface: source check, groups, then the subnet or its boundary.
    pub(super) fn leave(&mut self, interface: Id<NetworkInterface>) -> At {
        let topology = self.topology;
        let own = &topology.network_interfaces[interface];
        self.push(Step::Leaves(interface));
        self.send_from(interface);
        let guarded = is_guest(own.owner);
        if guarded && own.source_dest_check && !own.has_address(self.header.source.address) {
            self.refuse(Cause::SourceDestCheck(interface));
        }
        self.ask_security_groups(interface, Side::Egress);
        let from = own.subnet;
        // The replies of a target that sees the client's address return to its load balancer.
        if let Some(node) = self
            .connection
            .node_of(interface)
            .filter(|_| self.is_reply())
        {
            if topology.network_interfaces[node].subnet != from {
                self.ask_network_acl(from, Side::Egress);
            }
            return At::Entering(Arrival {
                interface: node,
                from: Some(from),
                routed: true,
            });
        }
        // Neighbours find each other without the router; nothing in the way but the groups.
        let subnet = &topology.subnets[from];
        let destination = self.header.destination.address;
        let neighbour = match destination {
            std::net::IpAddr::V4(address) => subnet.cidr_block.contains(&address),
            std::net::IpAddr::V6(address) => subnet
                .ipv6_cidr_block
                .is_some_and(|block| block.contains(&address)),
        };
        if neighbour {
            return At::Local(subnet.vpc, Some(from));
        }
        self.ask_network_acl(from, Side::Egress);
        At::Routed(from)
    }

    /// What the route table of a subnet says.
    pub(super) fn route(&mut self, from: Id<Subnet>) -> At {
        let subnet = &self.topology.subnets[from];
        let (table, vpc) = (subnet.route_table, subnet.vpc);
        let Some(route) = self.look_up(table) else {
            self.refuse(Cause::NoRoute(table));
            return self.look_ahead();
        };
        match route.target {
            RouteTarget::Local => At::Local(vpc, Some(from)),
            RouteTarget::NetworkInterface(interface) => At::Entering(Arrival {
                interface,
                from: Some(from),
                routed: true,
            }),
            RouteTarget::NatGateway(id) => At::Entering(Arrival {
                interface: self.topology.nat_gateways[id].network_interface,
                from: Some(from),
                routed: true,
            }),
            RouteTarget::GatewayLoadBalancerEndpoint(id) => {
                self.to_gateway_load_balancer_endpoint(id, Some(from))
            }
            RouteTarget::InternetGateway(id) => self.go_out(id, subnet.zone),
            RouteTarget::EgressOnlyInternetGateway(id) => self.go_out_only(id, subnet.zone),
            RouteTarget::VpcPeeringConnection(id) => {
                if self.topology.vpc_peering_connections[id].accepted {
                    return self.over_peering(id, vpc);
                }
                self.refuse(Cause::PeeringPending { table, route });
                self.look_ahead()
            }
            RouteTarget::TransitGateway(id) => self.into_transit(id, from),
            RouteTarget::VpnGateway(id) => self.over_vpn(id, vpc),
            RouteTarget::GatewayEndpoint(id) => self.through_gateway_endpoint(id, subnet.zone),
            RouteTarget::Blackhole => {
                self.refuse(Cause::Blackhole { table, route });
                self.look_ahead()
            }
        }
    }

    /// After a dead end on the way there: what would refuse at the receiver, if it is in a VPC that the
    /// sender's belongs to, so that all that has to change is known at once.
    pub(super) fn look_ahead(&mut self) -> At {
        let Some(interface) = self
            .aimed_at
            .filter(|_| self.direction == Direction::Forward)
        else {
            return At::Lost;
        };
        self.ask_network_acl(
            self.topology.network_interfaces[interface].subnet,
            Side::Ingress,
        );
        self.ask_security_groups(interface, Side::Ingress);
        At::Lost
    }

    /// To whoever has the destination in a VPC.
    pub(super) fn deliver(&mut self, vpc: Id<Vpc>, from: Option<Id<Subnet>>) -> At {
        let key = (vpc, self.header.destination.address);
        match self.topology.addresses.get(&key) {
            Some(&interface) => At::Entering(Arrival {
                interface,
                from,
                routed: false,
            }),
            None => self.lose(Cause::NobodyHasAddress(vpc)),
        }
    }

    /// Into an interface: the subnet's boundary, groups, destination check, then what it belongs to.
    pub(super) fn enter(&mut self, arrival: Arrival) -> At {
        let topology = self.topology;
        let interface = arrival.interface;
        let own = &topology.network_interfaces[interface];
        if arrival.from != Some(own.subnet) {
            self.ask_network_acl(own.subnet, Side::Ingress);
        }
        self.receive_at(interface);
        self.push(Step::Enters(interface));
        self.ask_security_groups(interface, Side::Ingress);
        match own.owner {
            InterfaceOwner::Instance { .. } | InterfaceOwner::Unattached => {
                self.to_guest(interface)
            }
            InterfaceOwner::Function(_) => self.to_function(interface),
            InterfaceOwner::NatGateway(id) => self.at_nat_gateway(id, arrival.routed),
            InterfaceOwner::VpcEndpoint(id) => self.at_interface_endpoint(id, interface),
            InterfaceOwner::LoadBalancer(id) => self.at_load_balancer(id, interface),
            InterfaceOwner::TransitGateway(_) => {
                self.lose(Cause::NoServer(Resource::NetworkInterface(interface)))
            }
        }
    }

    /// A guest that is the destination, or a router.
    fn to_guest(&mut self, interface: Id<NetworkInterface>) -> At {
        let own = &self.topology.network_interfaces[interface];
        if let Some(binding) = self.connection.binding(interface, self.header) {
            return self.undo(Resource::NetworkInterface(interface), binding);
        }
        if own.has_address(self.header.destination.address) {
            if own.owner == InterfaceOwner::Unattached {
                self.note(Note::Unattached(interface));
            }
            return At::Arrived(Server::Interface(interface));
        }
        if own.source_dest_check {
            self.refuse(Cause::SourceDestCheck(interface));
        }
        self.through_router(interface)
    }

    /// A router passes the packet on; as a NAT instance, under its own address.
    fn through_router(&mut self, interface: Id<NetworkInterface>) -> At {
        let own = &self.topology.network_interfaces[interface];
        let vpc = self.vpc_of(interface);
        self.push(Step::Through(Resource::NetworkInterface(interface)));
        self.inspected_by(Inspector::Router(interface));
        let destination = self.header.destination.address;
        let internet = !self.is_inside(destination);
        let masquerades = own.masquerade.unwrap_or(internet) && !self.is_reply();
        // Only its own addresses leave under their own name.
        if masquerades && !own.has_address(self.header.source.address) {
            if own.masquerade.is_none() {
                self.note(Note::AssumedMasquerade(interface));
            }
            let before = self.header;
            let after = Header {
                source: Socket::ephemeral(own.private_ip().into()),
                ..before
            };
            self.connection.bind(interface, before, after);
            self.translate(Resource::NetworkInterface(interface), after);
            self.sender = Sender::In(vpc);
        } else {
            self.lose_sender(Resource::NetworkInterface(interface));
        }
        At::Leaving(interface)
    }

    /// A function's interface takes replies only.
    fn to_function(&mut self, interface: Id<NetworkInterface>) -> At {
        if self.is_reply() {
            At::Arrived(Server::Interface(interface))
        } else {
            self.lose(Cause::NoServer(Resource::NetworkInterface(interface)))
        }
    }
}

/// Whether an interface is a guest's, with a check of source and destination.
const fn is_guest(owner: InterfaceOwner) -> bool {
    matches!(
        owner,
        InterfaceOwner::Instance { .. } | InterfaceOwner::Unattached | InterfaceOwner::Function(_)
    )
}
