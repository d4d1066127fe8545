//! What joins the things of a topology.

use std::collections::{BTreeMap, BTreeSet};

use super::{id, routes};
use crate::report::diagram::model::{Link, LinkKind, NodeId};
use crate::topology::{
    AttachedTo, EndpointKind, EndpointTarget, Id, LoadBalancer, NetworkInterface, TargetAt,
    Topology, VpnEnd,
};

/// Every connection but those between VPCs and transit gateways or peering connections.
pub(super) fn links(topology: &Topology) -> Vec<Link> {
    let mut links = main_routes(topology);
    links.extend(internet(topology));
    links.extend(gateway_endpoints(topology));
    links.extend(private_links(topology));
    links.extend(targets(topology));
    links.extend(vpn(topology));
    links.extend(between_transit_gateways(topology));
    links
}

fn link(kind: LinkKind, from: Vec<NodeId>, to: Vec<NodeId>) -> Link {
    Link { kind, from, to }
}

fn interfaces(topology: &Topology, interfaces: &[Id<NetworkInterface>]) -> Vec<NodeId> {
    let ids = interfaces.iter();
    ids.map(|&interface| NodeId::interface(topology, interface))
        .collect()
}

fn nodes_of(topology: &Topology, balancer: Id<LoadBalancer>) -> Vec<NodeId> {
    interfaces(
        topology,
        &topology.load_balancers[balancer].network_interfaces,
    )
}

/// From the subnets of each VPC to what their main routes lead to.
fn main_routes(topology: &Topology) -> Vec<Link> {
    let mut by_target: BTreeMap<_, Vec<NodeId>> = BTreeMap::new();
    for (subnet, resolved) in topology.subnets.iter() {
        let table = &topology.route_tables[resolved.route_table];
        for target in routes::main_targets(topology, table) {
            let from = by_target.entry((resolved.vpc, target)).or_default();
            from.push(id("subnet", topology.subnets.name(subnet)));
        }
    }
    let links = by_target.into_iter();
    links
        .map(|((_, target), from)| link(LinkKind::Route, from, vec![target]))
        .collect()
}

fn internet(topology: &Topology) -> Vec<Link> {
    let gateways = topology.internet_gateways.names();
    let gateways = gateways.map(|name| id("internet_gateway", name));
    let egress = topology.egress_only_internet_gateways.names();
    let egress = egress.map(|name| id("egress_only_internet_gateway", name));
    gateways
        .chain(egress)
        .map(|gateway| {
            link(
                LinkKind::Route,
                vec![gateway],
                vec![NodeId::new(NodeId::INTERNET)],
            )
        })
        .collect()
}

fn gateway_endpoints(topology: &Topology) -> Vec<Link> {
    let mut links = Vec::new();
    for (endpoint, resolved) in topology.vpc_endpoints.iter() {
        if let (EndpointKind::Gateway, EndpointTarget::Service(service)) =
            (&resolved.kind, resolved.service)
        {
            links.push(link(
                LinkKind::Service,
                vec![id("vpc_endpoint", topology.vpc_endpoints.name(endpoint))],
                vec![id("service", topology.services.name(service))],
            ));
        }
    }
    links
}

/// From the endpoints of each VPC to the endpoint services, and from these to their load balancers.
fn private_links(topology: &Topology) -> Vec<Link> {
    let mut by_service: BTreeMap<_, Vec<NodeId>> = BTreeMap::new();
    for (_, endpoint) in topology.vpc_endpoints.iter() {
        let EndpointTarget::EndpointService(service) = endpoint.service else {
            continue;
        };
        let own = match &endpoint.kind {
            EndpointKind::Gateway => Vec::new(),
            EndpointKind::Interface {
                network_interfaces, ..
            } => interfaces(topology, network_interfaces),
            EndpointKind::GatewayLoadBalancer { network_interface } => {
                interfaces(topology, &[*network_interface])
            }
        };
        by_service
            .entry((endpoint.vpc, service))
            .or_default()
            .extend(own);
    }
    let name = |service| {
        id(
            "vpc_endpoint_service",
            topology.vpc_endpoint_services.name(service),
        )
    };
    let mut links: Vec<Link> = by_service
        .into_iter()
        .map(|((_, service), from)| link(LinkKind::PrivateLink, from, vec![name(service)]))
        .collect();
    for (service, resolved) in topology.vpc_endpoint_services.iter() {
        let to = nodes_of(topology, resolved.load_balancer);
        links.push(link(LinkKind::PrivateLink, vec![name(service)], to));
    }
    links
}

/// From the nodes of each load balancer to all its targets.
fn targets(topology: &Topology) -> Vec<Link> {
    let mut links = Vec::new();
    for (balancer, resolved) in topology.load_balancers.iter() {
        let groups: BTreeSet<_> = resolved.listeners.iter().map(|l| l.target_group).collect();
        let targets = groups
            .iter()
            .flat_map(|&group| &topology.target_groups[group].targets);
        let mut to = BTreeSet::new();
        for target in targets {
            match target.at {
                TargetAt::Interface(interface, _) => {
                    to.insert(NodeId::interface(topology, interface));
                }
                // In a VPC that is peered, or at a site: the picture does not know which.
                TargetAt::Address(_) => {}
                TargetAt::LoadBalancer(other) => to.extend(nodes_of(topology, other)),
                TargetAt::Function(function) => {
                    let own = &topology.functions[function].network_interfaces;
                    to.extend(interfaces(topology, own));
                    to.insert(id("function", topology.functions.name(function)));
                }
            }
        }
        let from = nodes_of(topology, balancer);
        links.push(link(LinkKind::Targets, from, to.into_iter().collect()));
    }
    links
}

fn vpn(topology: &Topology) -> Vec<Link> {
    let connections = topology.vpn_connections.iter();
    connections
        .map(|(_, connection)| {
            let end = match connection.end {
                VpnEnd::VpnGateway(gateway) => {
                    id("vpn_gateway", topology.vpn_gateways.name(gateway))
                }
                VpnEnd::TransitGateway(attachment) => {
                    let gateway = topology.transit_gateway_attachments[attachment].transit_gateway;
                    id("transit_gateway", topology.transit_gateways.name(gateway))
                }
            };
            let site = topology.customer_gateways.name(connection.customer_gateway);
            link(LinkKind::Vpn, vec![id("customer_gateway", site)], vec![end])
        })
        .collect()
}

fn between_transit_gateways(topology: &Topology) -> Vec<Link> {
    let attachments = &topology.transit_gateway_attachments;
    let mut links = Vec::new();
    for (attachment, resolved) in attachments.iter() {
        if let AttachedTo::Peering { other, .. } = resolved.to
            && attachment < other
        {
            let ends = [resolved.transit_gateway, attachments[other].transit_gateway];
            let [a, b] = ends.map(|end| id("transit_gateway", topology.transit_gateways.name(end)));
            links.push(link(LinkKind::Peering, vec![a], vec![b]));
        }
    }
    links
}
