//! Routes that are not written: those of gateway endpoints, and those that virtual private gateways
//! propagate.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::vpc::find_in;
use super::{
    EndpointKind, EndpointTarget, Id, Resolver, Route, RouteOrigin, RouteTable, RouteTarget,
    Topology,
};
use crate::scenario::{self, KeyPath, Problem};

/// Propagated routes of a table. (VPC user guide, "Amazon VPC quotas", 2023.)
const MAX_PROPAGATED: usize = 100;

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.route_table {
        if let Some(id) = topology.route_tables.find(name) {
            let path = KeyPath::of(["route_table", name, "propagating_vgws"]);
            propagate(resolver, topology, id, written, &path);
        }
    }
    endpoint_routes(resolver, topology);
}

/// Adds the routes of VPN connections whose gateways propagate into the table.
fn propagate(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    table: Id<RouteTable>,
    written: &scenario::RouteTable,
    path: &KeyPath,
) {
    let vpc = topology.route_tables[table].vpc;
    let mut routes = Vec::new();
    for (index, reference) in written.propagating_vgws.iter().enumerate() {
        let path = path.index(index);
        let Some(gateway) = find_in(resolver, topology, vpc, reference, &path) else {
            continue;
        };
        if written.propagating_vgws[..index].contains(reference) {
            resolver.error(path, format!("`{reference}` is listed twice"));
            continue;
        }
        let connections = topology.vpn_gateways[gateway].vpn_connections.iter();
        let up = connections
            .map(|&id| &topology.vpn_connections[id])
            .filter(|connection| connection.tunnel_up);
        let blocks = up.flat_map(|connection| &connection.routes);
        routes.extend(blocks.map(|&block| Route {
            destination: IpNet::V4(block),
            target: RouteTarget::VpnGateway(gateway),
            origin: RouteOrigin::Propagated,
        }));
    }
    if topology.route_tables[table].gateway.is_some() && !written.propagating_vgws.is_empty() {
        let message = "routes are not propagated into a gateway route table";
        resolver.error(path.clone(), message);
        return;
    }
    // What lies inside the VPC takes the local route, and two tunnels to one site are one route.
    routes.retain(|route| {
        let mut local = topology.vpcs[vpc].blocks();
        !local.any(|block| block.contains(&route.destination))
    });
    let mut seen = BTreeSet::new();
    routes.retain(|route| seen.insert(route.destination));
    if routes.len() > MAX_PROPAGATED {
        let count = routes.len();
        let message = format!("{count} propagated routes are more than {MAX_PROPAGATED}");
        resolver.report(
            Problem::error(path.clone(), message)
                .help("let the site announce fewer, larger blocks, or a default route"),
        );
    }
    topology.route_tables[table].routes.extend(routes);
}

/// Adds the routes of gateway endpoints.
fn endpoint_routes(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.vpc_endpoint {
        let Some(id) = topology.vpc_endpoints.find(name) else {
            continue;
        };
        let endpoint = &topology.vpc_endpoints[id];
        let (EndpointKind::Gateway, EndpointTarget::Service(service)) =
            (&endpoint.kind, endpoint.service)
        else {
            continue;
        };
        let vpc = endpoint.vpc;
        let list = topology.services[service].prefix_list;
        for (index, reference) in written.route_tables.iter().enumerate() {
            let path = KeyPath::of(["vpc_endpoint", name])
                .key("route_tables")
                .index(index);
            let found = find_in(resolver, topology, vpc, reference, &path);
            let (Some(table), Some(list)) = (found, list) else {
                continue;
            };
            let table: &mut RouteTable = &mut topology.route_tables[table];
            let origin = RouteOrigin::PrefixList { list, index: None };
            let is_there = |route: &Route| matches!(route.origin, RouteOrigin::PrefixList { list: other, .. } if other == list);
            if table.routes.iter().any(is_there) {
                let service = topology.services.name(service);
                let message = format!("`{reference}` has a route to `{service}` already");
                resolver.error(path, message);
                continue;
            }
            if table.gateway.is_some() {
                let message = "a gateway route table has no routes of endpoints";
                resolver.error(path, message);
                continue;
            }
            let entries = &topology.prefix_lists[list].entries;
            table
                .routes
                .extend(entries.iter().map(|&destination| Route {
                    destination,
                    target: RouteTarget::GatewayEndpoint(id),
                    origin,
                }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::*;

    const SITE: &str = r#"
        [vpn_gateway.vgw]
        vpc = "main"
        [customer_gateway.office]
        cidr_blocks = ["192.168.0.0/16", "10.0.5.0/24"]
        [vpn_connection.office]
        customer_gateway = "office"
        vpn_gateway = "vgw"
    "#;

    fn origins(text: &str, table: &str) -> Vec<(String, RouteOrigin)> {
        let topology = right(text);
        let table = topology.route_tables.find(table).unwrap();
        let routes = topology.route_tables[table].routes.iter();
        routes
            .map(|route| (route.destination.to_string(), route.origin))
            .collect()
    }

    #[test]
    fn a_gateway_endpoint_adds_a_route_per_entry_of_its_services_list() {
        let text = r#"
            [route_table.x]
            vpc = "main"
            [vpc_endpoint.s3]
            vpc = "main"
            service = "s3"
            vpc_endpoint_type = "gateway"
            route_tables = ["x"]
        "#;
        let topology = right(text);
        let list = topology.prefix_lists.find("s3").unwrap();
        let entries = topology.prefix_lists[list].entries.len();
        let origin = RouteOrigin::PrefixList { list, index: None };
        let routes = origins(text, "x");
        assert_eq!(routes.len(), 1 + entries);
        assert!(routes[1..].iter().all(|(_, of_route)| *of_route == origin));
        let twice = text.replace("[\"x\"]", "[\"x\", \"x\"]");
        assert_eq!(
            wrong(&twice),
            "vpc_endpoint.s3.route_tables[1]: `x` has a route to `s3` already\n"
        );
    }

    #[test]
    fn routes_of_connections_that_are_up_propagate_outside_the_vpc() {
        let table = "[route_table.x]\nvpc = \"main\"\npropagating_vgws = [\"vgw\"]\n";
        let local = ("10.0.0.0/16".to_owned(), RouteOrigin::Local);
        let propagated = |block: &str| (block.to_owned(), RouteOrigin::Propagated);
        let up = origins(&format!("{SITE}{table}"), "x");
        assert_eq!(up, [local.clone(), propagated("192.168.0.0/16")]);
        let own = format!("{SITE}static_routes = [\"172.16.0.0/12\"]\n{table}");
        assert_eq!(
            origins(&own, "x"),
            [local.clone(), propagated("172.16.0.0/12")]
        );
        let down = format!("{SITE}tunnel_up = false\n{table}");
        assert_eq!(origins(&down, "x"), [local]);
    }

    #[test]
    fn more_than_a_hundred_propagated_routes_are_refused() {
        let blocks: Vec<String> = (0..101).map(|n| format!("\"192.168.{n}.0/24\"")).collect();
        let text = format!(
            "{SITE}static_routes = [{}]\n[route_table.x]\nvpc = \"main\"\npropagating_vgws = [\"vgw\"]",
            blocks.join(", ")
        );
        assert_eq!(
            wrong(&text),
            "route_table.x.propagating_vgws: 101 propagated routes are more than 100 (let the site \
             announce fewer, larger blocks, or a default route)\n"
        );
    }
}
