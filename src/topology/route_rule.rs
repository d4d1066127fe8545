//! Which destinations and targets of written routes go together.
//!
//! Rules are those of the VPC user guide, "Configure route tables", 2023.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::route::Table;
use super::{RouteTarget, Topology};
use crate::scenario::{KeyPath, Problem};

/// Addresses of AWS's own services on every host, which no route is for.
fn unroutable() -> [IpNet; 2] {
    [
        IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 168, 0), 22)),
        IpNet::V6(Ipv6Net::new_assert(
            Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0),
            32,
        )),
    ]
}

/// IPv4 addresses in IPv6 ones: NAT64, which a NAT gateway does.
fn nat64() -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96)
}

impl Table<'_> {
    /// Whether a route to `destination` may lead to `target`.
    pub(super) fn check(
        &self,
        topology: &Topology,
        destination: IpNet,
        target: RouteTarget,
        path: &KeyPath,
    ) -> Result<(), Problem> {
        let error = |message| Problem::error(path.clone(), message);
        if let Some(block) = unroutable()
            .iter()
            .find(|block| block.contains(&destination))
        {
            return Err(error(format!("{destination} is inside {block}"))
                .help("these addresses are AWS's own on every host, and are not routed"));
        }
        check_family(destination, target).map_err(|(message, help)| error(message).help(help))?;
        let vpc = &topology.vpcs[self.vpc];
        let name = topology.vpcs.name(self.vpc);
        let Some(local) = vpc.blocks().find(|block| block.contains(&destination)) else {
            if target == RouteTarget::Local {
                return Err(
                    error(format!("{destination} is not a block of vpc `{name}`"))
                        .help("only the VPC's own addresses are local"),
                );
            }
            if self.gateway {
                return Err(
                    error(format!("{destination} is outside vpc `{name}`")).help(
                        "what comes in through a gateway is for the VPC: routes of a gateway route \
                     table are to its blocks and subnets",
                    ),
                );
            }
            return Ok(());
        };
        let whole_subnet = self.context.subnets.contains(&(self.vpc, destination));
        if destination != local && !whole_subnet {
            let message = format!("{destination} lies inside the VPC's local route {local}");
            return Err(error(message).help(
                "traffic inside a VPC takes the local route; a more specific route must be to the \
                 whole block of a subnet",
            ));
        }
        match target {
            RouteTarget::Local
            | RouteTarget::NetworkInterface(_)
            | RouteTarget::GatewayLoadBalancerEndpoint(_)
            | RouteTarget::Blackhole => Ok(()),
            RouteTarget::NatGateway(_) if !self.gateway => Ok(()),
            RouteTarget::NatGateway(_)
            | RouteTarget::InternetGateway(_)
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::GatewayEndpoint(_) => {
                let nat = if self.gateway { "" } else { "a NAT gateway, " };
                Err(error(format!(
                    "{destination} is inside vpc `{name}`, and the target leads out of it"
                ))
                .help(format!(
                    "a route inside a VPC leads to {nat}a network interface, an instance or a \
                     Gateway Load Balancer endpoint, or is \"local\""
                )))
            }
        }
    }
}

/// Some targets are for one family only.
fn check_family(destination: IpNet, target: RouteTarget) -> Result<(), (String, &'static str)> {
    match (destination, target) {
        (IpNet::V6(block), RouteTarget::NatGateway(_)) if !nat64().contains(&block) => Err((
            format!("a NAT gateway does not translate IPv6, and {destination} is IPv6"),
            "IPv6 leaves by an egress-only internet gateway; a NAT gateway serves 64:ff9b::/96 only",
        )),
        (IpNet::V4(_), RouteTarget::EgressOnlyInternetGateway(_)) => Err((
            format!("an egress-only internet gateway is for IPv6, and {destination} is IPv4"),
            "IPv4 leaves by a NAT gateway or an internet gateway",
        )),
        (
            IpNet::V4(_) | IpNet::V6(_),
            RouteTarget::Local
            | RouteTarget::InternetGateway(_)
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::NatGateway(_)
            | RouteTarget::NetworkInterface(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::GatewayEndpoint(_)
            | RouteTarget::GatewayLoadBalancerEndpoint(_)
            | RouteTarget::Blackhole,
        ) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};

    const TARGETS: &str = r#"
        [internet_gateway.igw]
        vpc = "main"
        [egress_only_internet_gateway.eigw]
        vpc = "main"
        [nat_gateway.nat]
        subnet = "a"
        [network_interface.eni]
        subnet = "a"
    "#;

    fn table(routes: &str) -> String {
        format!("{TARGETS}[route_table.x]\nvpc = \"main\"\nroutes = [{routes}]\n")
    }

    fn to(destination: &str, target: &str) -> String {
        let key = if destination.contains(':') {
            "destination_ipv6_cidr_block"
        } else {
            "destination_cidr_block"
        };
        format!("{{ {key} = \"{destination}\", target = \"{target}\" }},")
    }

    /// The routes of table `x`.
    fn routes(text: &str) -> Vec<String> {
        let topology = right(text);
        let table = topology.route_tables.find("x").unwrap();
        let routes = topology.route_tables[table].routes.iter();
        routes
            .map(|route| {
                format!(
                    "{} {:?} {:?}",
                    route.destination, route.target, route.origin
                )
            })
            .collect()
    }

    /// The only problem of a table with one route, without its path.
    fn refusal(destination: &str, target: &str) -> String {
        let told = wrong(&table(&to(destination, target)));
        assert_eq!(told.lines().count(), 1, "{told}");
        told.split_once(": ").unwrap().1.trim_end().to_owned()
    }

    #[test]
    fn the_target_of_a_local_route_can_be_replaced() {
        assert_eq!(
            routes(&table(&to("10.0.0.0/16", "network_interface.eni"))),
            ["10.0.0.0/16 NetworkInterface(#1) Static { index: 0 }"]
        );
        assert_eq!(
            routes(&table(&to("10.0.0.0/16", "local"))),
            ["10.0.0.0/16 Local Local"]
        );
        assert_eq!(
            refusal("10.0.0.0/16", "internet_gateway.igw"),
            "10.0.0.0/16 is inside vpc `main`, and the target leads out of it (a route inside a VPC \
             leads to a NAT gateway, a network interface, an instance or a Gateway Load Balancer \
             endpoint, or is \"local\")"
        );
    }

    #[test]
    fn a_more_specific_route_than_local_must_be_a_whole_subnet() {
        assert_eq!(
            routes(&table(&to("10.0.1.0/24", "network_interface.eni"))).len(),
            2
        );
        assert_eq!(
            refusal("10.0.1.0/25", "network_interface.eni"),
            "10.0.1.0/25 lies inside the VPC's local route 10.0.0.0/16 (traffic inside a VPC takes the \
             local route; a more specific route must be to the whole block of a subnet)"
        );
        assert!(refusal("10.0.1.0/24", "internet_gateway.igw").contains("leads out of it"));
    }

    #[test]
    fn only_the_vpcs_own_blocks_are_local() {
        assert_eq!(
            refusal("10.9.0.0/16", "local"),
            "10.9.0.0/16 is not a block of vpc `main` (only the VPC's own addresses are local)"
        );
    }

    #[test]
    fn some_addresses_are_not_routed() {
        assert_eq!(
            refusal("169.254.169.0/24", "nat_gateway.nat"),
            "169.254.169.0/24 is inside 169.254.168.0/22 (these addresses are AWS's own on every host, \
             and are not routed)"
        );
        assert!(
            refusal("fd00:ec2::/32", "internet_gateway.igw").contains("is inside fd00:ec2::/32")
        );
        assert_eq!(
            routes(&table(&to("169.254.0.0/16", "nat_gateway.nat"))).len(),
            2
        );
    }

    #[test]
    fn gateways_for_one_family_get_no_routes_of_the_other() {
        assert_eq!(
            refusal("::/0", "nat_gateway.nat"),
            "a NAT gateway does not translate IPv6, and ::/0 is IPv6 (IPv6 leaves by an egress-only \
             internet gateway; a NAT gateway serves 64:ff9b::/96 only)"
        );
        assert_eq!(
            refusal("0.0.0.0/0", "egress_only_internet_gateway.eigw"),
            "an egress-only internet gateway is for IPv6, and 0.0.0.0/0 is IPv4 (IPv4 leaves by a NAT \
             gateway or an internet gateway)"
        );
        let both = to("64:ff9b::/96", "nat_gateway.nat")
            + &to("::/0", "egress_only_internet_gateway.eigw");
        assert_eq!(routes(&table(&both)).len(), 3);
    }
}
