//! What peering connections, transit gateways and VPN connections refuse, in words.

use std::net::IpAddr;

use super::{Explainer, Words};
use crate::path::{Resource, gateway};
use crate::topology::{
    AttachedTo, CustomerGateway, Id, Subnet, TransitGateway, TransitGatewayAttachment,
    TransitGatewayRouteTable, Vpc, VpcPeeringConnection, VpnConnection, VpnGateway,
};

impl Explainer<'_> {
    pub(super) fn peering_edge(&self, peering: Id<VpcPeeringConnection>, source: bool) -> Words {
        let t = self.topology;
        let to = self.header.destination.address;
        let from = self.header.source.address;

        let vpcs = t.vpc_peering_connections[peering]
            .vpcs
            .map(|vpc| t.vpcs.name(vpc));
        let (what, address) = if source {
            ("source", from)
        } else {
            ("destination", to)
        };
        Words::new(
            self.name(Resource::VpcPeeringConnection(peering)),
            what,
            format!(
                "its {what} {address} is in neither of the VPCs it joins ({} and {}): peering is not transitive",
                vpcs[0], vpcs[1]
            ),
            "peer the two VPCs themselves, or join all of them by a transit gateway",
        )
    }

    pub(super) fn not_attached(&self, gateway: Id<TransitGateway>, vpc: Id<Vpc>) -> Words {
        let t = self.topology;
        Words::new(
            self.name(Resource::TransitGateway(gateway)),
            "attachment",
            format!("vpc `{}` is not attached to it", t.vpcs.name(vpc)),
            "add a [transit_gateway_vpc_attachment.NAME] for the VPC",
        )
    }

    pub(super) fn attachment_zone(
        &self,
        attachment: Id<TransitGatewayAttachment>,
        subnet: Id<Subnet>,
    ) -> Words {
        let t = self.topology;

        let zone = t.substrate.fabrics.name(t.subnets[subnet].zone);
        let at = self.name(Resource::TransitGatewayAttachment(attachment));
        Words::new(
            &at,
            zone,
            format!(
                "the attachment has no subnet in {zone}, so nothing in that zone reaches the transit gateway"
            ),
            format!("add a subnet in {zone} to the subnets of {at}"),
        )
    }

    pub(super) fn not_associated(&self, attachment: Id<TransitGatewayAttachment>) -> Words {
        let at = self.name(Resource::TransitGatewayAttachment(attachment));
        Words::new(
            &at,
            "association",
            "the attachment is associated with no route table",
            format!("add \"{at}\" to the associations of a transit_gateway_route_table"),
        )
    }

    pub(super) fn no_transit_route(&self, table: Id<TransitGatewayRouteTable>) -> Words {
        let to = self.header.destination.address;

        let at = self.name(Resource::TransitGatewayRouteTable(table));
        let remedy = match self.attachment_of(to) {
            Some(attachment) => format!(
                "add \"{}\" to the propagations of {at}",
                self.name(Resource::TransitGatewayAttachment(attachment))
            ),
            None => format!("add a route to {to} to {at}"),
        };
        Words::new(at, "routes", format!("no route leads to {to}"), remedy)
    }

    pub(super) fn transit_blackhole(&self, table: Id<TransitGatewayRouteTable>) -> Words {
        let t = self.topology;
        let to = self.header.destination.address;

        let route = t.transit_gateway_route_tables[table].lookup(to);
        let block = route.map_or_else(|| to.to_string(), |route| route.destination.to_string());
        Words::new(
            self.name(Resource::TransitGatewayRouteTable(table)),
            &block,
            format!("the route to {block} is a blackhole"),
            format!("remove the blackhole route to {block}, or add a more specific route"),
        )
    }

    pub(super) fn attachment_pending(&self, attachment: Id<TransitGatewayAttachment>) -> Words {
        let at = self.name(Resource::TransitGatewayAttachment(attachment));
        Words::new(
            &at,
            "accepted",
            "the attachment has not been accepted",
            format!("set accepted = true on {at}"),
        )
    }

    pub(super) fn tunnel_down(&self, id: Id<VpnConnection>) -> Words {
        let at = self.name(Resource::VpnConnection(id));
        Words::new(
            &at,
            "tunnel_up",
            "no tunnel is up",
            format!("bring a tunnel of {at} up"),
        )
    }

    pub(super) fn no_vpn_route(&self, id: Id<VpnGateway>) -> Words {
        let to = self.header.destination.address;
        Words::new(
            self.name(Resource::VpnGateway(id)),
            "routes",
            format!("none of its VPN connections leads to {to}"),
            format!(
                "add {to} to the static_routes of a vpn_connection, or to the networks of its customer gateway"
            ),
        )
    }

    pub(super) fn vpn_edge(&self, id: Id<VpnGateway>) -> Words {
        let to = self.header.destination.address;
        let from = self.header.source.address;
        Words::new(
            self.name(Resource::VpnGateway(id)),
            "edge",
            format!("it carries packets from and to its own VPC only, not from {from} to {to}"),
            "use a transit gateway, which routes between attachments",
        )
    }

    pub(super) fn no_vpn_connection(&self, site: Id<CustomerGateway>) -> Words {
        Words::new(
            self.name(Resource::CustomerGateway(site)),
            "vpn_connection",
            "the site has no VPN connection",
            "add a [vpn_connection.NAME] for it",
        )
    }

    /// The attachment of the VPC or site that has an address.
    fn attachment_of(&self, address: IpAddr) -> Option<Id<TransitGatewayAttachment>> {
        let t = self.topology;
        let mut all = t.transit_gateway_attachments.iter();
        let found = all.find(|(_, attachment)| match &attachment.to {
            AttachedTo::Vpc { vpc, .. } => t.vpcs[*vpc].contains(address),
            AttachedTo::Vpn(id) => gateway::in_blocks(&t.vpn_connections[*id].routes, address),
            AttachedTo::Peering { .. } => false,
        });
        found.map(|(id, _)| id)
    }
}
