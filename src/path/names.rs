//! Resources as the scenario names them.

use super::Resource;
use crate::topology::{Id, InterfaceOwner, NetworkInterface, Topology};

impl Topology {
    /// What an interface belongs to, as a reader knows it: `kind.name`.
    #[must_use]
    pub fn owner_name(&self, interface: Id<NetworkInterface>) -> String {
        let own = &self.network_interfaces[interface];
        match own.owner {
            InterfaceOwner::NatGateway(id) => {
                format!("nat_gateway.{}", self.nat_gateways.name(id))
            }
            InterfaceOwner::VpcEndpoint(id) => {
                format!("vpc_endpoint.{}", self.vpc_endpoints.name(id))
            }
            InterfaceOwner::LoadBalancer(id) => {
                format!("load_balancer.{}", self.load_balancers.name(id))
            }
            InterfaceOwner::TransitGateway(id) => {
                self.transit_gateway_attachments.name(id).to_owned()
            }
            InterfaceOwner::Function(_)
            | InterfaceOwner::Instance { .. }
            | InterfaceOwner::Unattached => self.network_interfaces.name(interface).to_owned(),
        }
    }

    /// A resource as the scenario names it: `kind.name`.
    #[must_use]
    pub fn resource_name(&self, resource: Resource) -> String {
        match resource {
            Resource::NetworkInterface(id) => self.owner_name(id),
            Resource::SecurityGroup(id) => {
                format!("security_group.{}", self.security_groups.name(id))
            }
            Resource::NetworkAcl(id) => format!("network_acl.{}", self.network_acls.name(id)),
            Resource::Subnet(id) => format!("subnet.{}", self.subnets.name(id)),
            Resource::Vpc(id) => format!("vpc.{}", self.vpcs.name(id)),
            Resource::RouteTable(id) => format!("route_table.{}", self.route_tables.name(id)),
            Resource::InternetGateway(id) => {
                format!("internet_gateway.{}", self.internet_gateways.name(id))
            }
            Resource::EgressOnlyInternetGateway(id) => format!(
                "egress_only_internet_gateway.{}",
                self.egress_only_internet_gateways.name(id)
            ),
            Resource::NatGateway(id) => format!("nat_gateway.{}", self.nat_gateways.name(id)),
            Resource::VpcPeeringConnection(id) => format!(
                "vpc_peering_connection.{}",
                self.vpc_peering_connections.name(id)
            ),
            Resource::TransitGateway(id) => {
                format!("transit_gateway.{}", self.transit_gateways.name(id))
            }
            Resource::TransitGatewayAttachment(id) => {
                self.transit_gateway_attachments.name(id).to_owned()
            }
            Resource::TransitGatewayRouteTable(id) => format!(
                "transit_gateway_route_table.{}",
                self.transit_gateway_route_tables.name(id)
            ),
            Resource::VpnGateway(id) => format!("vpn_gateway.{}", self.vpn_gateways.name(id)),
            Resource::VpnConnection(id) => {
                format!("vpn_connection.{}", self.vpn_connections.name(id))
            }
            Resource::CustomerGateway(id) => {
                format!("customer_gateway.{}", self.customer_gateways.name(id))
            }
            Resource::VpcEndpoint(id) => format!("vpc_endpoint.{}", self.vpc_endpoints.name(id)),
            Resource::LoadBalancer(id) => {
                format!("load_balancer.{}", self.load_balancers.name(id))
            }
            Resource::Service(id) => format!("service.{}", self.services.name(id)),
            Resource::Function(id) => format!("function.{}", self.functions.name(id)),
            Resource::LinkLocal(service) => service.name().to_owned(),
            Resource::Internet => "internet".to_owned(),
            Resource::Host(host) => {
                let fabric = self.substrate.fabric_of(host);
                format!("a host of fabric.{}", self.substrate.fabrics.name(fabric))
            }
        }
    }
}
