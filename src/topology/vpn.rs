//! Site-to-Site VPN: virtual private gateways, customer gateways, and connections between them.

use ipnet::Ipv4Net;

use super::{AttachedTo, Id, Resolver, Topology, TransitGatewayAttachment, Vpc};
use crate::engine::Distribution;
use crate::scenario::{self, KeyPath, Problem};

/// A virtual private gateway.
#[derive(Debug, Clone)]
pub struct VpnGateway {
    /// The VPC it is attached to.
    pub vpc: Id<Vpc>,
    /// Its VPN connections.
    pub vpn_connections: Vec<Id<VpnConnection>>,
    /// The gateway route table of what comes in through it.
    pub route_table: Option<Id<super::RouteTable>>,
}

/// A customer gateway: a site.
#[derive(Debug, Clone)]
pub struct CustomerGateway {
    /// The site's networks.
    pub cidr_blocks: Vec<Ipv4Net>,
    /// One way between the Region and the site.
    pub latency: Distribution,
}

/// A Site-to-Site VPN connection.
#[derive(Debug, Clone)]
pub struct VpnConnection {
    /// The site.
    pub customer_gateway: Id<CustomerGateway>,
    /// Where it ends.
    pub end: VpnEnd,
    /// The networks it leads to.
    pub routes: Vec<Ipv4Net>,
    /// Whether a tunnel is up.
    pub tunnel_up: bool,
}

/// The AWS end of a VPN connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VpnEnd {
    /// A virtual private gateway.
    VpnGateway(Id<VpnGateway>),
    /// An attachment of a transit gateway.
    TransitGateway(Id<TransitGatewayAttachment>),
}

/// The gateways; connections come after the transit gateways that they may end at.
pub(super) fn resolve_gateways(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let scenario = resolver.scenario;
    for (name, written) in &scenario.vpn_gateway {
        let path = KeyPath::of(["vpn_gateway", name, "vpc"]);
        let Some(vpc) = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path) else {
            continue;
        };
        if topology.vpcs[vpc].vpn_gateway.is_some() {
            resolver.report(
                Problem::error(path, "the VPC has a virtual private gateway already")
                    .help("a VPC has at most one virtual private gateway"),
            );
            continue;
        }
        let gateway = VpnGateway {
            vpc,
            vpn_connections: Vec::new(),
            route_table: None,
        };
        let id = topology.vpn_gateways.add(name, gateway);
        topology.vpcs[vpc].vpn_gateway = Some(id);
    }
    for (name, written) in &scenario.customer_gateway {
        if written.cidr_blocks.is_empty() {
            let path = KeyPath::of(["customer_gateway", name, "cidr_blocks"]);
            resolver.report(Problem::warning(path, "the site has no networks"));
        }
        let default = &topology.profile.internet.latency.value;
        let gateway = CustomerGateway {
            cidr_blocks: written.cidr_blocks.clone(),
            latency: written.latency.as_ref().unwrap_or(default).clone(),
        };
        topology.customer_gateways.add(name, gateway);
    }
}

/// The connections, with the attachments of those that end at a transit gateway.
pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.vpn_connection {
        let path = KeyPath::of(["vpn_connection", name]);
        let site = resolver.find(
            &topology.customer_gateways,
            "customer_gateway",
            &written.customer_gateway,
            &path.key("customer_gateway"),
        );
        let end = end(resolver, topology, name, written, &path);
        let (Some(customer_gateway), Some(end)) = (site, end) else {
            continue;
        };
        let all = &topology.customer_gateways[customer_gateway].cidr_blocks;
        let connection = VpnConnection {
            customer_gateway,
            end,
            routes: written.static_routes.as_ref().unwrap_or(all).clone(),
            tunnel_up: written.tunnel_up,
        };
        let id = topology.vpn_connections.add(name, connection);
        match end {
            VpnEnd::VpnGateway(gateway) => {
                topology.vpn_gateways[gateway].vpn_connections.push(id);
            }
            VpnEnd::TransitGateway(attachment) => {
                topology.transit_gateway_attachments[attachment].to = AttachedTo::Vpn(id);
            }
        }
    }
}

/// The AWS end of a connection.
fn end(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    name: &str,
    written: &scenario::VpnConnection,
    path: &KeyPath,
) -> Option<VpnEnd> {
    match (&written.vpn_gateway, &written.transit_gateway) {
        (Some(reference), None) => {
            let path = path.key("vpn_gateway");
            let id = resolver.find(&topology.vpn_gateways, "vpn_gateway", reference, &path)?;
            Some(VpnEnd::VpnGateway(id))
        }
        (None, Some(reference)) => {
            let path = path.key("transit_gateway");
            let gateways = &topology.transit_gateways;
            let transit_gateway = resolver.find(gateways, "transit_gateway", reference, &path)?;
            let attachment = TransitGatewayAttachment {
                transit_gateway,
                // The connection is the next one.
                to: AttachedTo::Vpn(topology.vpn_connections.next_id()),
                route_table: None,
                security_group_referencing_support: false,
            };
            let attachment = topology
                .transit_gateway_attachments
                .add(format!("vpn_connection.{name}"), attachment);
            Some(VpnEnd::TransitGateway(attachment))
        }
        (given, _) => {
            let help = "give one of `vpn_gateway` and `transit_gateway`";
            let problem = |message| Problem::error(path.clone(), message).help(help);
            if given.is_some() {
                resolver.report(problem("the connection has two ends at AWS"));
            } else {
                resolver.lacking(problem("the connection has no end at AWS"));
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::*;

    const SITE: &str = "[vpn_gateway.vgw]\nvpc = \"main\"\n\
                        [customer_gateway.office]\ncidr_blocks = [\"192.168.0.0/16\"]\n\
                        [vpn_connection.office]\ncustomer_gateway = \"office\"\n";

    #[test]
    fn a_connection_has_one_end_at_aws() {
        let topology = right(&format!("{SITE}vpn_gateway = \"vgw\""));
        let gateway = topology.vpn_gateways.find("vgw").unwrap();
        let connection = topology.vpn_connections.find("office").unwrap();
        assert_eq!(topology.vpn_gateways[gateway].vpn_connections, [connection]);
        assert_eq!(topology.vpn_connections[connection].routes.len(), 1);
        let topology = right(&format!(
            "{SITE}transit_gateway = \"hub\"\n[transit_gateway.hub]"
        ));
        let VpnEnd::TransitGateway(attachment) = topology.vpn_connections[connection].end else {
            panic!("{:?}", topology.vpn_connections);
        };
        let to = &topology.transit_gateway_attachments[attachment].to;
        assert!(matches!(to, AttachedTo::Vpn(id) if *id == connection));
        let help = "(give one of `vpn_gateway` and `transit_gateway`)\n";
        assert_eq!(
            wrong(SITE),
            format!("vpn_connection.office: the connection has no end at AWS {help}")
        );
        assert_eq!(
            wrong(&format!(
                "{SITE}transit_gateway = \"hub\"\nvpn_gateway = \"vgw\"\n[transit_gateway.hub]"
            )),
            format!("vpn_connection.office: the connection has two ends at AWS {help}")
        );
    }

    #[test]
    fn a_vpc_has_one_virtual_private_gateway() {
        assert_eq!(
            wrong("[vpn_gateway.x]\nvpc = \"main\"\n[vpn_gateway.y]\nvpc = \"main\""),
            "vpn_gateway.y.vpc: the VPC has a virtual private gateway already (a VPC has at most one \
             virtual private gateway)\n"
        );
    }
}
