//! Route tables of subnets and of gateways.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{
    EgressOnlyInternetGateway, Id, InternetGateway, NatGateway, NetworkInterface, PrefixList,
    Resolver, Topology, TransitGateway, Vpc, VpcEndpoint, VpcPeeringConnection, VpnGateway,
};
use crate::scenario::KeyPath;

/// A route table.
#[derive(Debug, Clone)]
pub struct RouteTable {
    /// The VPC it belongs to.
    pub vpc: Id<Vpc>,
    /// All its routes: local, static, of gateway endpoints, and propagated. A route to a prefix list
    /// is one route per entry.
    pub routes: Vec<Route>,
    /// The gateway whose incoming traffic it routes, if it is a gateway route table.
    pub gateway: Option<EdgeGateway>,
}

/// A gateway that a route table can be associated with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeGateway {
    /// An internet gateway.
    InternetGateway(Id<InternetGateway>),
    /// A virtual private gateway.
    VpnGateway(Id<VpnGateway>),
}

/// A route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The addresses it is for.
    pub destination: IpNet,
    /// Where it leads.
    pub target: RouteTarget,
    /// Where it comes from.
    pub origin: RouteOrigin,
}

/// Where a route comes from, in the order in which equal prefixes are preferred. (VPC user guide,
/// "Route priority", 2023.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteOrigin {
    /// Propagated by a virtual private gateway.
    Propagated,
    /// Written to a prefix list, or added by a gateway endpoint.
    PrefixList {
        /// The list.
        list: Id<PrefixList>,
        /// Its place in the written list; `None` if a gateway endpoint added it.
        index: Option<u32>,
    },
    /// A local route of the VPC.
    Local,
    /// Written to a block.
    Static {
        /// Its place in the written list.
        index: u32,
    },
}

/// What a route leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteTarget {
    /// Whoever has the address in the VPC.
    Local,
    /// The internet, for interfaces with a public address.
    InternetGateway(Id<InternetGateway>),
    /// The internet by IPv6, outwards only.
    EgressOnlyInternetGateway(Id<EgressOnlyInternetGateway>),
    /// Another network, by address translation.
    NatGateway(Id<NatGateway>),
    /// A router or middlebox.
    NetworkInterface(Id<NetworkInterface>),
    /// Another VPC.
    VpcPeeringConnection(Id<VpcPeeringConnection>),
    /// Other VPCs and sites.
    TransitGateway(Id<TransitGateway>),
    /// A site.
    VpnGateway(Id<VpnGateway>),
    /// An AWS service.
    GatewayEndpoint(Id<VpcEndpoint>),
    /// Appliances behind a Gateway Load Balancer, and back.
    GatewayLoadBalancerEndpoint(Id<VpcEndpoint>),
    /// Nothing any more.
    Blackhole,
}

impl RouteTable {
    /// A table of `vpc` without routes.
    pub(super) const fn new(vpc: Id<Vpc>) -> Self {
        Self {
            vpc,
            routes: Vec::new(),
            gateway: None,
        }
    }

    /// The route for `destination`: the longest prefix, between equal ones the preferred origin. A
    /// local route beats every propagated one, even a more specific one. (VPC user guide, "Route
    /// tables and VPN routes", 2023.)
    #[must_use]
    pub fn lookup(&self, destination: IpAddr) -> Option<&Route> {
        let matching = || {
            self.routes
                .iter()
                .filter(|route| route.destination.contains(&destination))
        };
        let local = matching().any(|route| route.origin == RouteOrigin::Local);
        matching()
            .filter(|route| !(local && route.origin == RouteOrigin::Propagated))
            .max_by_key(|route| (route.destination.prefix_len(), route.origin))
    }
}

/// Tables get their routes once what these lead to is known.
pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, table) in &resolver.scenario.route_table {
        let path = KeyPath::of(["route_table", name, "vpc"]);
        if let Some(vpc) = resolver.find(&topology.vpcs, "vpc", &table.vpc, &path) {
            topology.route_tables.add(name, RouteTable::new(vpc));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(routes: &[(&str, RouteOrigin)]) -> RouteTable {
        let routes = routes.iter().map(|(destination, origin)| Route {
            destination: destination.parse().unwrap(),
            target: RouteTarget::Blackhole,
            origin: *origin,
        });
        RouteTable {
            vpc: Id::new(0),
            routes: routes.collect(),
            gateway: None,
        }
    }

    fn found(table: &RouteTable, destination: &str) -> Option<(String, RouteOrigin)> {
        let route = table.lookup(destination.parse().unwrap())?;
        Some((route.destination.to_string(), route.origin))
    }

    const LIST: RouteOrigin = RouteOrigin::PrefixList {
        list: Id::FIRST,
        index: Some(1),
    };
    const STATIC: RouteOrigin = RouteOrigin::Static { index: 0 };

    #[test]
    fn the_longest_prefix_wins() {
        let table = table(&[
            ("0.0.0.0/0", STATIC),
            ("10.0.0.0/16", RouteOrigin::Local),
            ("10.0.5.0/24", STATIC),
        ]);
        let destination = |address| found(&table, address).map(|(block, _)| block);
        assert_eq!(destination("10.0.5.9").as_deref(), Some("10.0.5.0/24"));
        assert_eq!(destination("10.0.6.9").as_deref(), Some("10.0.0.0/16"));
        assert_eq!(destination("8.8.8.8").as_deref(), Some("0.0.0.0/0"));
        assert_eq!(destination("2001:db8::1"), None);
    }

    #[test]
    fn between_equal_prefixes_static_beats_prefix_list_beats_propagated() {
        let block = "192.168.0.0/16";
        let all = [
            (block, RouteOrigin::Propagated),
            (block, STATIC),
            (block, LIST),
        ];
        let origin = |routes: &[_]| found(&table(routes), "192.168.1.1").unwrap().1;
        assert_eq!(origin(&all), STATIC);
        assert_eq!(origin(&[all[0], all[2]]), LIST);
        assert_eq!(origin(&all[..1]), RouteOrigin::Propagated);
    }

    #[test]
    fn a_propagated_route_never_beats_the_local_one() {
        let table = table(&[
            ("10.0.0.0/16", RouteOrigin::Local),
            ("10.0.5.0/24", RouteOrigin::Propagated),
        ]);
        assert_eq!(found(&table, "10.0.5.9").unwrap().1, RouteOrigin::Local);
    }
}
