//! What route tables say about subnets.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::report::diagram::model::{NodeId, Tier};
use crate::topology::{Route, RouteOrigin, RouteTable, RouteTarget, Topology};

/// The route of everything that has no other, by IPv4 and by IPv6.
pub(super) fn defaults(table: &RouteTable) -> [Option<&Route>; 2] {
    let default = |v4: bool| {
        let whole = |route: &&Route| {
            route.destination.prefix_len() == 0
                && matches!(route.destination.addr(), IpAddr::V4(_)) == v4
        };
        table
            .routes
            .iter()
            .filter(whole)
            .max_by_key(|route| route.origin)
    };
    [default(true), default(false)]
}

/// How subnets with this table reach the internet.
pub(super) fn tier(table: &RouteTable) -> Tier {
    let tiers = defaults(table).map(|route| match route.map(|route| route.target) {
        Some(RouteTarget::InternetGateway(_)) => Some(Tier::Public),
        Some(RouteTarget::NatGateway(_) | RouteTarget::EgressOnlyInternetGateway(_)) => {
            Some(Tier::Private)
        }
        Some(
            RouteTarget::NetworkInterface(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::GatewayLoadBalancerEndpoint(_),
        ) => Some(Tier::Other),
        Some(RouteTarget::Local | RouteTarget::GatewayEndpoint(_) | RouteTarget::Blackhole)
        | None => None,
    });
    match tiers {
        [Some(tier), _] | [None, Some(tier)] => tier,
        [None, None] => Tier::Isolated,
    }
}

/// What a target is called; `None` for what is not worth telling.
pub(super) fn target(topology: &Topology, target: RouteTarget) -> Option<NodeId> {
    let id = |table: &str, name: &str| Some(NodeId::new(format!("{table}.{name}")));
    match target {
        RouteTarget::InternetGateway(gateway) => {
            id("internet_gateway", topology.internet_gateways.name(gateway))
        }
        RouteTarget::EgressOnlyInternetGateway(gateway) => id(
            "egress_only_internet_gateway",
            topology.egress_only_internet_gateways.name(gateway),
        ),
        RouteTarget::NatGateway(gateway) => id("nat_gateway", topology.nat_gateways.name(gateway)),
        RouteTarget::NetworkInterface(interface) => Some(NodeId::interface(topology, interface)),
        RouteTarget::VpcPeeringConnection(peering) => id(
            "vpc_peering_connection",
            topology.vpc_peering_connections.name(peering),
        ),
        RouteTarget::TransitGateway(gateway) => {
            id("transit_gateway", topology.transit_gateways.name(gateway))
        }
        RouteTarget::VpnGateway(gateway) => id("vpn_gateway", topology.vpn_gateways.name(gateway)),
        RouteTarget::GatewayEndpoint(endpoint)
        | RouteTarget::GatewayLoadBalancerEndpoint(endpoint) => {
            id("vpc_endpoint", topology.vpc_endpoints.name(endpoint))
        }
        RouteTarget::Local | RouteTarget::Blackhole => None,
    }
}

/// What the default routes lead to, or all others if there are none.
pub(super) fn main_targets(topology: &Topology, table: &RouteTable) -> BTreeSet<NodeId> {
    let defaults = defaults(table).into_iter().flatten();
    let targets: BTreeSet<NodeId> = defaults
        .filter_map(|route| target(topology, route.target))
        .collect();
    if !targets.is_empty() {
        return targets;
    }
    // Gateway endpoints are in the picture by themselves.
    let is_endpoint = |route: &&Route| matches!(route.target, RouteTarget::GatewayEndpoint(_));
    let others = table.routes.iter().filter(|route| !is_endpoint(route));
    others
        .filter_map(|route| target(topology, route.target))
        .collect()
}

/// The routes of a table that are not local, default ones first, one for each list and each block.
pub(super) fn described(topology: &Topology, table: &RouteTable) -> Vec<String> {
    let is_default = |destination: IpNet| destination.prefix_len() == 0;
    let described = |route: &Route| {
        let target = match (route.target, target(topology, route.target)) {
            (RouteTarget::Blackhole, _) => "blackhole".to_owned(),
            (_, Some(target)) => target.to_string(),
            (_, None) => return None,
        };
        let destination = match route.origin {
            RouteOrigin::PrefixList { list, .. } => topology.prefix_lists.name(list).to_owned(),
            RouteOrigin::Propagated | RouteOrigin::Local | RouteOrigin::Static { .. } => {
                route.destination.to_string()
            }
        };
        Some(format!("{destination} → {target}"))
    };
    let first = defaults(table).into_iter().flatten();
    let others = table
        .routes
        .iter()
        .filter(|route| !is_default(route.destination));
    let mut routes: Vec<String> = Vec::new();
    for route in first.chain(others).filter_map(described) {
        if !routes.contains(&route) {
            routes.push(route);
        }
    }
    routes
}
