//! Gateway route tables: they route what comes in through an internet gateway or a virtual private
//! gateway.

use super::vpc::find_in;
use super::{EdgeGateway, Id, Resolver, RouteTable, Topology};
use crate::scenario::{KeyPath, Problem};

/// Joins gateway route tables with their gateways.
pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.route_table {
        let (Some(table), Some(reference)) = (topology.route_tables.find(name), &written.gateway)
        else {
            continue;
        };
        let path = KeyPath::of(["route_table", name, "gateway"]);
        let vpc = topology.route_tables[table].vpc;
        let (gateway, other) = match reference.parts().0 {
            Some("internet_gateway") => {
                let Some(id) = find_in(resolver, topology, vpc, reference, &path) else {
                    continue;
                };
                let association = &mut topology.internet_gateways[id].route_table;
                (
                    EdgeGateway::InternetGateway(id),
                    *association.get_or_insert(table),
                )
            }
            Some("vpn_gateway") => {
                let Some(id) = find_in(resolver, topology, vpc, reference, &path) else {
                    continue;
                };
                let association = &mut topology.vpn_gateways[id].route_table;
                (
                    EdgeGateway::VpnGateway(id),
                    *association.get_or_insert(table),
                )
            }
            Some(_) | None => {
                let message = format!("`{reference}` is not a gateway with a route table");
                resolver.report(
                    Problem::error(path, message)
                        .help("write \"internet_gateway.NAME\" or \"vpn_gateway.NAME\""),
                );
                continue;
            }
        };
        if other != table {
            let other = topology.route_tables.name(other);
            resolver.error(
                path,
                format!("`{reference}` has the route table `{other}` already"),
            );
            continue;
        }
        topology.route_tables[table].gateway = Some(gateway);
        check_not_of_subnets(resolver, topology, table);
    }
}

/// A gateway route table is no subnet's, and no main one.
fn check_not_of_subnets(resolver: &mut Resolver<'_>, topology: &Topology, table: Id<RouteTable>) {
    let name = topology.route_tables.name(table);
    let message = format!("route table `{name}` is a gateway's");
    let help = "a gateway route table is for what comes in through the gateway; make another table";
    for (name, written) in &resolver.scenario.subnet {
        let of_subnet = topology
            .subnets
            .find(name)
            .map(|id| topology.subnets[id].route_table);
        if of_subnet == Some(table) && written.route_table.is_some() {
            let path = KeyPath::of(["subnet", name, "route_table"]);
            resolver.report(Problem::error(path, message.clone()).help(help));
        }
    }
    for (id, vpc) in topology.vpcs.iter() {
        if vpc.main_route_table == table {
            let path = KeyPath::of(["vpc", topology.vpcs.name(id), "main_route_table"]);
            resolver.report(Problem::error(path, message.clone()).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::*;

    fn table(name: &str, more: &str) -> String {
        format!(
            "[route_table.{name}]\nvpc = \"main\"\ngateway = \"internet_gateway.igw\"\n{more}\n"
        )
    }

    const TARGETS: &str = "[internet_gateway.igw]\nvpc = \"main\"\n\
                           [network_interface.eni]\nsubnet = \"a\"\n[nat_gateway.nat]\nsubnet = \"a\"\n";

    fn routed(destination: &str, target: &str) -> String {
        let routes = format!(
            "routes = [{{ destination_cidr_block = \"{destination}\", target = \"{target}\" }}]"
        );
        format!("{TARGETS}{}", table("edge", &routes))
    }

    #[test]
    fn a_gateway_route_table_sends_a_subnets_traffic_to_a_middlebox() {
        let topology = right(&routed("10.0.1.0/24", "network_interface.eni"));
        let edge = topology.route_tables.find("edge").unwrap();
        let gateway = topology.internet_gateways.find("igw").unwrap();
        assert_eq!(topology.internet_gateways[gateway].route_table, Some(edge));
        let association = topology.route_tables[edge].gateway;
        assert_eq!(association, Some(EdgeGateway::InternetGateway(gateway)));
        assert_eq!(topology.route_tables[edge].routes.len(), 2);
    }

    #[test]
    fn its_routes_stay_inside_the_vpc() {
        assert_eq!(
            wrong(&routed("0.0.0.0/0", "network_interface.eni")),
            "route_table.edge.routes[0].destination_cidr_block: 0.0.0.0/0 is outside vpc `main` (what \
             comes in through a gateway is for the VPC: routes of a gateway route table are to its \
             blocks and subnets)\n"
        );
        assert_eq!(
            wrong(&routed("10.0.1.0/24", "nat_gateway.nat")),
            "route_table.edge.routes[0].destination_cidr_block: 10.0.1.0/24 is inside vpc `main`, and the \
             target leads out of it (a route inside a VPC leads to a network interface, an instance or a \
             Gateway Load Balancer endpoint, or is \"local\")\n"
        );
    }

    #[test]
    fn it_is_no_subnets_table() {
        let subnet = "[subnet.c]\nvpc = \"main\"\navailability_zone = \"us-east-1c\"\n\
                      cidr_block = \"10.0.2.0/24\"\nroute_table = \"edge\"\n";
        assert_eq!(
            wrong(&format!("{TARGETS}{}{subnet}", table("edge", ""))),
            "subnet.c.route_table: route table `edge` is a gateway's (a gateway route table is for what \
             comes in through the gateway; make another table)\n"
        );
    }

    #[test]
    fn a_gateway_has_one_table_and_no_propagation() {
        assert_eq!(
            wrong(&format!(
                "{TARGETS}{}{}",
                table("edge", ""),
                table("two", "")
            )),
            "route_table.two.gateway: `internet_gateway.igw` has the route table `edge` already\n"
        );
        let vgw = "[vpn_gateway.vgw]\nvpc = \"main\"\n";
        assert_eq!(
            wrong(&format!(
                "{TARGETS}{}{vgw}",
                table("edge", "propagating_vgws = [\"vgw\"]")
            )),
            "route_table.edge.propagating_vgws: routes are not propagated into a gateway route table\n"
        );
        assert_eq!(
            wrong("[route_table.x]\nvpc = \"main\"\ngateway = \"nat_gateway.a\""),
            "route_table.x.gateway: `nat_gateway.a` is not a gateway with a route table (write \
             \"internet_gateway.NAME\" or \"vpn_gateway.NAME\")\n"
        );
    }
}
