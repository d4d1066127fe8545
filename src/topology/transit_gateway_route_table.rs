//! Route tables of transit gateways.

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::transit_gateway::find_attachment;
use super::{
    AttachedTo, Id, Resolver, Topology, TransitGateway, TransitGatewayAttachment, prefix_list,
};
use crate::scenario::{self, KeyPath, Problem, Reference};

/// A route table of a transit gateway.
#[derive(Debug, Clone)]
pub struct TransitGatewayRouteTable {
    /// The transit gateway it belongs to.
    pub transit_gateway: Id<TransitGateway>,
    /// Its routes, static and propagated.
    pub routes: Vec<TransitGatewayRoute>,
}

/// A route of a transit gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransitGatewayRoute {
    /// The addresses it is for.
    pub destination: IpNet,
    /// Where it leads; `None` is a blackhole.
    pub target: Option<Id<TransitGatewayAttachment>>,
    /// The place of a static route in the written list; `None` for a propagated one.
    pub index: Option<u32>,
}

impl TransitGatewayRouteTable {
    /// The route for `destination`: the longest prefix, a static one before a propagated one.
    #[must_use]
    pub fn lookup(&self, destination: std::net::IpAddr) -> Option<&TransitGatewayRoute> {
        let matching = self
            .routes
            .iter()
            .filter(|route| route.destination.contains(&destination));
        // `max_by_key` takes the last of equals; the first written is meant.
        matching
            .rev()
            .max_by_key(|route| (route.destination.prefix_len(), route.index.is_some()))
    }
}

const KIND: &str = "transit_gateway_route_table";

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let scenario = resolver.scenario;
    let mut tables = Vec::new();
    for (name, written) in &scenario.transit_gateway_route_table {
        let path = KeyPath::of([KIND, name, "transit_gateway"]);
        let reference = &written.transit_gateway;
        let gateways = &topology.transit_gateways;
        if let Some(gateway) = resolver.find(gateways, "transit_gateway", reference, &path) {
            let id = topology.transit_gateway_route_tables.add(
                name,
                TransitGatewayRouteTable {
                    transit_gateway: gateway,
                    routes: Vec::new(),
                },
            );
            tables.push((id, name, written));
        }
    }
    for &(id, name, written) in &tables {
        associate(resolver, topology, id, written, &KeyPath::of([KIND, name]));
    }
    for (id, name, written) in tables {
        let path = KeyPath::of([KIND, name]);
        static_routes(resolver, topology, id, &written.routes, &path.key("routes"));
        propagate(resolver, topology, id, &written.propagations, &path);
    }
    let gateways: Vec<Id<TransitGateway>> =
        topology.transit_gateways.iter().map(|(id, _)| id).collect();
    for gateway in gateways {
        default_table(resolver, topology, gateway);
    }
}

/// Attachments are associated with at most one table.
fn associate(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    table: Id<TransitGatewayRouteTable>,
    written: &scenario::TransitGatewayRouteTable,
    path: &KeyPath,
) {
    let gateway = topology.transit_gateway_route_tables[table].transit_gateway;
    for (index, reference) in written.associations.iter().enumerate() {
        let path = path.key("associations").index(index);
        let found = find_attachment(resolver, topology, gateway, reference, &path);
        let Some(id) = found else { continue };
        match topology.transit_gateway_attachments[id].route_table {
            None => topology.transit_gateway_attachments[id].route_table = Some(table),
            Some(other) => {
                let other = topology.transit_gateway_route_tables.name(other);
                let message = format!("`{reference}` is associated with table `{other}` already");
                resolver.report(
                    Problem::error(path, message)
                        .help("one table routes what comes from an attachment"),
                );
            }
        }
    }
}

fn static_routes(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    table: Id<TransitGatewayRouteTable>,
    written: &[scenario::Route],
    path: &KeyPath,
) {
    let gateway = topology.transit_gateway_route_tables[table].transit_gateway;
    let mut seen: BTreeMap<IpNet, u32> = BTreeMap::new();
    for (index, route) in (0_u32..).zip(written) {
        let path = path.index(index as usize);
        let target_path = path.key("target");
        let target = if route.target.as_str() == "blackhole" {
            Some(None)
        } else {
            find_attachment(resolver, topology, gateway, &route.target, &target_path).map(Some)
        };
        let destinations = destinations(resolver, topology, route, &path);
        let Some(target) = target else { continue };
        for destination in destinations {
            if let Some(other) = seen.insert(destination, index)
                && other != index
            {
                let message = format!("there is a route to {destination} already");
                resolver.error(path.clone(), message);
                continue;
            }
            let route = TransitGatewayRoute {
                destination,
                target,
                index: Some(index),
            };
            topology.transit_gateway_route_tables[table]
                .routes
                .push(route);
        }
    }
}

/// The blocks that a static route is for.
fn destinations(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    route: &scenario::Route,
    path: &KeyPath,
) -> Vec<IpNet> {
    match (
        route.destination_cidr_block,
        route.destination_ipv6_cidr_block,
        &route.destination_prefix_list,
    ) {
        (Some(block), None, None) => vec![IpNet::V4(block)],
        (None, Some(block), None) => vec![IpNet::V6(block)],
        (None, None, Some(reference)) => {
            let path = path.key("destination_prefix_list");
            let list = prefix_list::find(resolver, topology, reference, &path);
            list.map_or_else(Vec::new, |id| topology.prefix_lists[id].entries.clone())
        }
        (None, None, None) | (Some(_), ..) | (_, Some(_), _) => {
            super::route::report_destinations(resolver, route, path);
            Vec::new()
        }
    }
}

/// Adds the routes to the networks of attachments.
fn propagate(
    resolver: &mut Resolver<'_>,
    topology: &mut Topology,
    table: Id<TransitGatewayRouteTable>,
    written: &[Reference],
    path: &KeyPath,
) {
    let gateway = topology.transit_gateway_route_tables[table].transit_gateway;
    let mut propagating = Vec::new();
    for (index, reference) in written.iter().enumerate() {
        let path = path.key("propagations").index(index);
        let found = find_attachment(resolver, topology, gateway, reference, &path);
        let Some(id) = found else { continue };
        let attachment = &topology.transit_gateway_attachments[id];
        if matches!(attachment.to, AttachedTo::Peering { .. }) {
            resolver.report(
                Problem::error(path, "a peering attachment does not propagate routes")
                    .help("add static `routes` to it"),
            );
        } else if propagating.contains(&id) {
            resolver.error(
                path,
                format!("`{reference}` propagates into this table already"),
            );
        } else {
            propagating.push(id);
        }
    }
    for id in propagating {
        let routes = propagated(topology, id);
        topology.transit_gateway_route_tables[table]
            .routes
            .extend(routes);
    }
}

/// The routes that an attachment propagates.
fn propagated(topology: &Topology, id: Id<TransitGatewayAttachment>) -> Vec<TransitGatewayRoute> {
    let blocks: Vec<IpNet> = match &topology.transit_gateway_attachments[id].to {
        AttachedTo::Vpc { vpc, .. } => topology.vpcs[*vpc].blocks().collect(),
        AttachedTo::Vpn(connection) => {
            let connection = &topology.vpn_connections[*connection];
            let up = connection.routes.iter().filter(|_| connection.tunnel_up);
            up.copied().map(IpNet::V4).collect()
        }
        AttachedTo::Peering { .. } => Vec::new(),
    };
    let route = |destination| TransitGatewayRoute {
        destination,
        target: Some(id),
        index: None,
    };
    blocks.into_iter().map(route).collect()
}

/// The table of attachments that no table names.
fn default_table(resolver: &Resolver<'_>, topology: &mut Topology, gateway: Id<TransitGateway>) {
    let name = topology.transit_gateways.name(gateway);
    let written = &resolver.scenario.transit_gateway[name];
    let association = written.default_route_table_association;
    let propagation = written.default_route_table_propagation;
    if !association && !propagation {
        return;
    }
    let attachments: Vec<Id<TransitGatewayAttachment>> = topology
        .transit_gateway_attachments
        .iter()
        .filter(|(_, attachment)| attachment.transit_gateway == gateway)
        .map(|(id, _)| id)
        .collect();
    let mut routes = Vec::new();
    if propagation {
        routes.extend(attachments.iter().flat_map(|&id| propagated(topology, id)));
    }
    let name = format!("default ({name})");
    let table = TransitGatewayRouteTable {
        transit_gateway: gateway,
        routes,
    };
    let table = topology.transit_gateway_route_tables.add(name, table);
    if association {
        for id in attachments {
            let attachment = &mut topology.transit_gateway_attachments[id];
            attachment.route_table.get_or_insert(table);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{resolve, right, wrong};
    use super::*;

    const NETWORK: &str = r#"
        [vpc.other]
        cidr_block = "10.9.0.0/16"
        secondary_cidr_blocks = ["100.64.0.0/16"]
        [subnet.other]
        vpc = "other"
        availability_zone = "us-east-1a"
        cidr_block = "10.9.0.0/24"
        [transit_gateway.far]
        [transit_gateway_vpc_attachment.main]
        transit_gateway = "hub"
        vpc = "main"
        subnets = ["a"]
        [transit_gateway_vpc_attachment.other]
        transit_gateway = "hub"
        vpc = "other"
        subnets = ["other"]
        [transit_gateway_peering_attachment.p]
        transit_gateway = "far"
        peer_transit_gateway = "hub"
        [customer_gateway.office]
        cidr_blocks = ["192.168.0.0/16"]
        [vpn_connection.office]
        customer_gateway = "office"
        transit_gateway = "hub"
        [transit_gateway.hub]
    "#;
    const MAIN: &str = "transit_gateway_vpc_attachment.main";
    const OTHER: &str = "transit_gateway_vpc_attachment.other";
    const OFFICE: &str = "vpn_connection.office";

    /// The routes of a table: destination and the name of the attachment.
    fn routes(topology: &Topology, table: &str) -> Vec<(String, String)> {
        let table = topology.transit_gateway_route_tables.find(table).unwrap();
        let routes = topology.transit_gateway_route_tables[table].routes.iter();
        routes
            .map(|route| {
                let target = route
                    .target
                    .map(|id| topology.transit_gateway_attachments.name(id));
                let kind = if route.index.is_some() { "static " } else { "" };
                (
                    route.destination.to_string(),
                    format!("{kind}{}", target.unwrap_or("blackhole")),
                )
            })
            .collect()
    }

    fn table_of(topology: &Topology, attachment: &str) -> Option<String> {
        let id = topology
            .transit_gateway_attachments
            .find(attachment)
            .unwrap();
        let table = topology.transit_gateway_attachments[id].route_table?;
        Some(topology.transit_gateway_route_tables.name(table).to_owned())
    }

    fn table(name: &str, keys: &str) -> String {
        format!("[transit_gateway_route_table.{name}]\ntransit_gateway = \"hub\"\n{keys}\n")
    }

    #[test]
    fn attachments_join_the_default_table_by_themselves() {
        let topology = right(NETWORK);
        let expected = [
            ("10.0.0.0/16", MAIN),
            ("10.9.0.0/16", OTHER),
            ("100.64.0.0/16", OTHER),
            ("192.168.0.0/16", OFFICE),
        ];
        let expected = expected.map(|(block, name)| (block.to_owned(), name.to_owned()));
        assert_eq!(routes(&topology, "default (hub)"), expected);
        for attachment in [
            MAIN,
            OTHER,
            OFFICE,
            "transit_gateway_peering_attachment.p (peer)",
        ] {
            assert_eq!(
                table_of(&topology, attachment).as_deref(),
                Some("default (hub)")
            );
        }
        let down = right(&NETWORK.replace(
            "transit_gateway = \"hub\"\n        [transit_gateway.hub]",
            "transit_gateway = \"hub\"\ntunnel_up = false\n[transit_gateway.hub]",
        ));
        assert_eq!(routes(&down, "default (hub)").len(), 3);
    }

    #[test]
    fn the_default_table_can_be_switched_off() {
        let no =
            "default_route_table_association = false\ndefault_route_table_propagation = false\n";
        let topology = right(&format!("{NETWORK}{no}"));
        assert!(
            topology
                .transit_gateway_route_tables
                .find("default (hub)")
                .is_none()
        );
        assert_eq!(table_of(&topology, MAIN), None);
        let no = "default_route_table_propagation = false\n";
        let topology = right(&format!("{NETWORK}{no}"));
        assert!(routes(&topology, "default (hub)").is_empty());
    }

    #[test]
    fn an_explicit_association_beats_the_default_one_and_is_the_only_one() {
        let own = table(
            "own",
            &format!("associations = [\"{MAIN}\"]\npropagations = [\"{OTHER}\", \"{OFFICE}\"]"),
        );
        let topology = right(&format!("{NETWORK}{own}"));
        assert_eq!(table_of(&topology, MAIN).as_deref(), Some("own"));
        assert_eq!(table_of(&topology, OTHER).as_deref(), Some("default (hub)"));
        assert_eq!(routes(&topology, "own").len(), 3);
        let two = table("two", &format!("associations = [\"{MAIN}\"]"));
        assert_eq!(
            wrong(&format!("{NETWORK}{own}{two}")),
            format!(
                "transit_gateway_route_table.two.associations[0]: `{MAIN}` is associated with table \
                 `own` already (one table routes what comes from an attachment)\n"
            )
        );
    }

    #[test]
    fn static_routes_lead_to_attachments_or_nowhere() {
        let keys = format!(
            "routes = [
                {{ destination_cidr_block = \"10.0.0.0/8\", target = \"blackhole\" }},
                {{ destination_cidr_block = \"0.0.0.0/0\", target = \"{MAIN}\" }},
                {{ destination_cidr_block = \"172.16.0.0/12\", target = \"transit_gateway_peering_attachment.p\" }},
            ]"
        );
        let text = format!("{NETWORK}{}", table("own", &keys));
        let topology = right(&text);
        let expected = [
            ("10.0.0.0/8", "static blackhole".to_owned()),
            ("0.0.0.0/0", format!("static {MAIN}")),
            // This transit gateway is the other end.
            (
                "172.16.0.0/12",
                "static transit_gateway_peering_attachment.p (peer)".to_owned(),
            ),
        ];
        let expected = expected.map(|(block, name)| (block.to_owned(), name));
        assert_eq!(routes(&topology, "own"), expected);
        assert_eq!(
            wrong(&text.replace("172.16.0.0/12", "0.0.0.0/0")),
            "transit_gateway_route_table.own.routes[2]: there is a route to 0.0.0.0/0 already\n"
        );
        assert_eq!(
            wrong(&text.replace("\"blackhole\"", "\"vpc.main\"")),
            "transit_gateway_route_table.own.routes[0].target: `vpc.main` is not an attachment of a \
             transit gateway (write \"transit_gateway_vpc_attachment.NAME\", \
             \"transit_gateway_peering_attachment.NAME\" or \"vpn_connection.NAME\")\n"
        );
    }

    #[test]
    fn an_attachment_belongs_to_the_tables_transit_gateway() {
        let far = "[transit_gateway_route_table.far]\ntransit_gateway = \"far\"\n";
        assert_eq!(
            wrong(&format!("{NETWORK}{far}associations = [\"{MAIN}\"]")),
            format!(
                "transit_gateway_route_table.far.associations[0]: `{MAIN}` belongs to transit gateway \
                 `hub`, not to `far`\n"
            )
        );
        let (_, problems) = resolve(&format!(
            "{NETWORK}{far}associations = [\"transit_gateway_peering_attachment.p\"]"
        ));
        assert!(problems.is_empty());
        let vgw = "[vpn_gateway.v]\nvpc = \"main\"\n[vpn_connection.v]\ncustomer_gateway = \"office\"\nvpn_gateway = \"v\"\n";
        assert_eq!(
            wrong(&format!(
                "{NETWORK}{vgw}{}",
                table("own", "associations = [\"vpn_connection.v\"]")
            )),
            "transit_gateway_route_table.own.associations[0]: `vpn_connection.v` ends at a virtual \
             private gateway (give the connection a `transit_gateway` instead of a `vpn_gateway`)\n"
        );
    }

    #[test]
    fn a_peering_attachment_does_not_propagate() {
        let own = table(
            "own",
            "propagations = [\"transit_gateway_peering_attachment.p\"]",
        );
        assert_eq!(
            wrong(&format!("{NETWORK}{own}")),
            "transit_gateway_route_table.own.propagations[0]: a peering attachment does not propagate \
             routes (add static `routes` to it)\n"
        );
    }
}
