//! Between VPCs and to sites: peering connections, transit gateways, virtual private gateways.

use super::gateway::longest_prefix;
use super::hop::{Hop, Resource, Side, Step};
use super::refusal::Cause;
use super::walk::{At, Sender, Walk};
use super::{Meter, Note, Server};
use crate::topology::{
    AttachedTo, CustomerGateway, Fabric, Id, NetworkInterface, Subnet, TransitGateway,
    TransitGatewayAttachment, Vpc, VpcPeeringConnection, VpnConnection, VpnEnd, VpnGateway,
};

/// Largest IP packet through a transit gateway. (Transit Gateway guide, "Quotas: MTU", 2025.)
const MTU_TRANSIT_GATEWAY: u64 = 8500;
/// Largest IP packet over a peering between Regions, and through a VPN tunnel. (EC2 user guide,
/// "Network MTU", 2025.)
const MTU_PEERING: u64 = 8500;
const MTU_VPN: u64 = 1500;

impl Walk<'_> {
    /// Over a peering connection: only between addresses of the two VPCs, and straight to the
    /// receiver, past the other VPC's route tables.
    pub(super) fn over_peering(&mut self, id: Id<VpcPeeringConnection>, own: Id<Vpc>) -> At {
        let topology = self.topology;
        let peering = &topology.vpc_peering_connections[id];
        self.push(Step::Through(Resource::VpcPeeringConnection(id)));
        let Some(other) = peering.other(own) else {
            return self.lose(Cause::PeeringEdge {
                peering: id,
                source: true,
            });
        };
        let contains = |vpc: Id<Vpc>, address| topology.vpcs[vpc].contains(address);
        if !contains(own, self.header.source.address) {
            return self.lose(Cause::PeeringEdge {
                peering: id,
                source: true,
            });
        }
        if !contains(other, self.header.destination.address) {
            self.refuse(Cause::PeeringEdge {
                peering: id,
                source: false,
            });
            return self.look_ahead();
        }
        if self.region_of(own) != self.region_of(other) {
            self.limit_mtu(MTU_PEERING);
            self.lose_sender(Resource::VpcPeeringConnection(id));
        }
        At::Local(other, None)
    }

    /// Into a transit gateway, by the attachment's interface in the sender's zone.
    pub(super) fn into_transit(&mut self, id: Id<TransitGateway>, from: Id<Subnet>) -> At {
        let topology = self.topology;
        let subnet = &topology.subnets[from];
        self.limit_mtu(MTU_TRANSIT_GATEWAY);
        let mut attachments = topology.transit_gateway_attachments.iter();
        let found = attachments.find_map(|(attachment, candidate)| match &candidate.to {
            AttachedTo::Vpc {
                vpc,
                network_interfaces,
                ..
            } if candidate.transit_gateway == id && *vpc == subnet.vpc => {
                Some((attachment, network_interfaces))
            }
            _ => None,
        });
        let Some((attachment, interfaces)) = found else {
            return self.lose(Cause::NotAttached(id, subnet.vpc));
        };
        let in_zone =
            |interface: &&Id<NetworkInterface>| topology.zone_of(**interface) == subnet.zone;
        let Some(&interface) = interfaces.iter().find(in_zone) else {
            self.refuse(Cause::AttachmentZone(attachment, from));
            return self.look_ahead();
        };
        // The ACL of the attachment's subnet is asked even if the sender is in it. (Transit Gateway
        // guide, "Network ACLs for transit gateways", 2025.)
        self.ask_network_acl(topology.network_interfaces[interface].subnet, Side::Ingress);
        self.receive_at(interface);
        self.push(Step::Enters(interface));
        At::InTransit(attachment)
    }

    /// What the transit gateway's route table says of what comes by an attachment.
    pub(super) fn transit(&mut self, from: Id<TransitGatewayAttachment>) -> At {
        let topology = self.topology;
        let attachment = &topology.transit_gateway_attachments[from];
        let gateway = attachment.transit_gateway;
        self.push(Step::Through(Resource::TransitGateway(gateway)));
        self.passed_transit_gateway = true;
        // What comes by a peering was charged at the other end. (Transit Gateway pricing, 2024.)
        if !matches!(attachment.to, AttachedTo::Peering { .. }) {
            self.leg.meters.push(Meter::TransitGateway(from));
        }
        let Some(table) = attachment.route_table else {
            self.refuse(Cause::NotAssociated(from));
            return self.look_ahead();
        };
        let destination = self.header.destination.address;
        let Some(&route) = topology.transit_gateway_route_tables[table].lookup(destination) else {
            self.refuse(Cause::NoTransitRoute(table));
            return self.look_ahead();
        };
        self.push(Step::TransitGatewayRoute { table, route });
        let Some(to) = route.target else {
            self.refuse(Cause::TransitBlackhole(table));
            return self.look_ahead();
        };
        let target = &topology.transit_gateway_attachments[to];
        if !topology.transit_gateways[gateway].security_group_referencing_support {
            self.lose_sender(Resource::TransitGateway(gateway));
        }
        for end in [from, to] {
            if !topology.transit_gateway_attachments[end].security_group_referencing_support {
                self.lose_sender(Resource::TransitGatewayAttachment(end));
            }
        }
        match &target.to {
            AttachedTo::Vpc {
                network_interfaces,
                appliance_mode,
                ..
            } => {
                let interface = self.attachment_interface(network_interfaces, *appliance_mode);
                self.push(Step::Through(Resource::TransitGatewayAttachment(to)));
                At::Leaving(interface)
            }
            AttachedTo::Vpn(connection) => self.to_site(*connection),
            AttachedTo::Peering { other, accepted } => {
                if !accepted {
                    return self.lose(Cause::AttachmentPending(to));
                }
                self.limit_mtu(MTU_TRANSIT_GATEWAY);
                self.push(Step::Through(Resource::TransitGatewayAttachment(to)));
                self.lose_sender(Resource::TransitGateway(gateway));
                At::InTransit(*other)
            }
        }
    }

    /// The interface by which a packet leaves a transit gateway into a VPC: the one in the zone that
    /// the packet is in, so that it stays there; in appliance mode the one that the flow's hash
    /// chooses, for both directions. (Transit Gateway guide, "Stateful appliances and appliance mode",
    /// 2023.)
    fn attachment_interface(
        &mut self,
        interfaces: &[Id<NetworkInterface>],
        appliance_mode: bool,
    ) -> Id<NetworkInterface> {
        let topology = self.topology;
        let given =
            |interface: &&Id<NetworkInterface>| self.appliance_interfaces.contains(interface);
        if let Some(&kept) = interfaces.iter().find(given).filter(|_| appliance_mode) {
            return kept;
        }
        let zone = self.zone();
        let in_zone =
            |interface: &&Id<NetworkInterface>| Some(topology.zone_of(**interface)) == zone;
        let near = interfaces.iter().find(in_zone);
        let chosen = match near.filter(|_| !appliance_mode) {
            Some(&interface) => interface,
            None => interfaces[self.choice.decide(interfaces.len())],
        };
        self.appliance_interfaces.push(chosen);
        chosen
    }

    /// Through a virtual private gateway to a site: for interfaces of its own VPC only.
    pub(super) fn over_vpn(&mut self, id: Id<VpnGateway>, own: Id<Vpc>) -> At {
        let topology = self.topology;
        self.push(Step::Through(Resource::VpnGateway(id)));
        if !topology.vpcs[own].contains(self.header.source.address) {
            return self.lose(Cause::VpnEdge(id));
        }
        let destination = self.header.destination.address;
        // Of those that lead there the one that works, then the longest prefix, then the first.
        let connections = topology.vpn_gateways[id].vpn_connections.iter().rev();
        let leading = connections.filter_map(|&connection| {
            let own = &topology.vpn_connections[connection];
            let prefix = longest_prefix(&own.routes, destination)?;
            Some((own.tunnel_up, prefix, connection))
        });
        match leading.max_by_key(|(up, prefix, _)| (*up, *prefix)) {
            Some((_, _, connection)) => self.to_site(connection),
            None => self.lose(Cause::NoVpnRoute(id)),
        }
    }

    /// Over a VPN connection to its site.
    fn to_site(&mut self, id: Id<VpnConnection>) -> At {
        let topology = self.topology;
        let connection = &topology.vpn_connections[id];
        if let Some(zone) = self.zone() {
            self.pass_edge(zone, Hop::VpnGateway);
        }
        self.push(Step::Through(Resource::VpnConnection(id)));
        if !connection.tunnel_up {
            return self.lose(Cause::TunnelDown(id));
        }
        let site = connection.customer_gateway;
        self.limit_mtu(MTU_VPN);
        if let Some(zone) = self.zone() {
            let region = topology.region_of_zone(zone);
            self.leg.meters.push(Meter::InternetEgress(region));
        }
        self.push(Step::Hop(Hop::Site(site)));
        self.push(Step::Through(Resource::CustomerGateway(site)));
        self.leave_substrate();
        At::Arrived(Server::Site(site))
    }

    /// From a site into AWS, by the VPN connection that leads to the destination.
    pub(super) fn leave_site(&mut self, site: Id<CustomerGateway>) -> At {
        let topology = self.topology;
        let destination = self.header.destination.address;
        let own = || {
            topology
                .vpn_connections
                .iter()
                .filter(|(_, connection)| connection.customer_gateway == site)
        };
        let leads = |end: VpnEnd| match end {
            VpnEnd::VpnGateway(gateway) => {
                topology.vpcs[topology.vpn_gateways[gateway].vpc].contains(destination)
            }
            VpnEnd::TransitGateway(attachment) => {
                let table = topology.transit_gateway_attachments[attachment].route_table;
                let lookup =
                    |table| topology.transit_gateway_route_tables[table].lookup(destination);
                table.and_then(lookup).is_some()
            }
        };
        let best = own()
            .filter(|(_, connection)| leads(connection.end))
            .max_by_key(|(_, connection)| connection.tunnel_up)
            .or_else(|| own().max_by_key(|(_, connection)| connection.tunnel_up));
        let Some((id, connection)) = best else {
            return self.lose(Cause::NoVpnConnection(site));
        };
        self.push(Step::Through(Resource::CustomerGateway(site)));
        self.push(Step::Hop(Hop::Site(site)));
        self.push(Step::Through(Resource::VpnConnection(id)));
        self.limit_mtu(MTU_VPN);
        if !connection.tunnel_up {
            return self.lose(Cause::TunnelDown(id));
        }
        match connection.end {
            VpnEnd::TransitGateway(attachment) => {
                self.sender = Sender::Unknown(None);
                At::InTransit(attachment)
            }
            VpnEnd::VpnGateway(gateway) => self.from_vpn(gateway),
        }
    }

    fn from_vpn(&mut self, id: Id<VpnGateway>) -> At {
        let topology = self.topology;
        let gateway = &topology.vpn_gateways[id];
        let destination = self.header.destination.address;
        let receiver = topology.addresses.get(&(gateway.vpc, destination));
        if let Some(&receiver) = receiver {
            let zone: Id<Fabric> = topology.zone_of(receiver);
            self.pass_edge(zone, Hop::VpnGateway);
        }
        self.push(Step::Through(Resource::VpnGateway(id)));
        if !topology.vpcs[gateway.vpc].contains(destination) {
            return self.lose(Cause::VpnEdge(id));
        }
        self.lose_sender(Resource::VpnGateway(id));
        match gateway.route_table {
            Some(table) => self.by_gateway_route_table(table, gateway.vpc),
            None => At::Local(gateway.vpc, None),
        }
    }

    /// Notes that an appliance behind a transit gateway sees one direction only.
    pub(super) fn check_inspection(&mut self, there: &[super::connection::Inspector]) {
        for inspector in there {
            if !self.connection.inspected.contains(inspector) {
                let name = match *inspector {
                    super::connection::Inspector::Endpoint(id) => Resource::VpcEndpoint(id),
                    super::connection::Inspector::Router(id) => Resource::NetworkInterface(id),
                };
                self.note(Note::OneDirectionOnly {
                    by: name,
                    transit: self.passed_transit_gateway,
                });
            }
        }
    }
}
