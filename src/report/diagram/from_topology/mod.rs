//! The model of a resolved topology.

mod links;
mod routes;
#[cfg(test)]
mod tests;

use super::model::{
    Flow, Kind, Model, NodeId, Peering, Region, Subnet, Thing, TransitGateway, Vpc,
};
use crate::scenario::LoadBalancerType;
use crate::topology::{
    self, EndpointKind, EndpointTarget, Id, InterfaceOwner, NetworkInterface, Topology,
};

/// Longest description of an interface that is worth its place.
const DESCRIPTION: usize = 16;

impl Model {
    /// What is in a topology, with the ways of flows.
    ///
    /// Things are called as their tables are: `vpc.main`, `subnet.app-a`, `nat_gateway.a`,
    /// `internet_gateway.main`, `transit_gateway.core`, `vpc_peering_connection.ab`,
    /// `customer_gateway.hq`, `service.s3`, `vpc_endpoint_service.pay`, `vpc_endpoint.s3` for a
    /// gateway endpoint. What has a network interface in a subnet is called as the interface is in
    /// the topology: `instance.app`, `load_balancer.web (us-east-1a)`. The internet is `internet`.
    #[must_use]
    pub fn from_topology(topology: &Topology, flows: Vec<Flow>) -> Self {
        let interfaces = by_subnet(topology);
        let regions = topology.regions.iter().map(|(id, _)| Region {
            name: topology.regions.name(id).to_owned(),
            vpcs: vpcs(topology, id, &interfaces),
            transit_gateways: transit_gateways(topology, id),
        });
        let regions = regions
            .filter(|region| !region.vpcs.is_empty() || !region.transit_gateways.is_empty())
            .collect();
        let outside = outside(topology, &flows);
        Self {
            regions,
            outside,
            peerings: peerings(topology),
            links: links::links(topology),
            flows,
        }
    }
}

impl NodeId {
    /// What a network interface is called.
    #[must_use]
    pub fn interface(topology: &Topology, interface: Id<NetworkInterface>) -> Self {
        Self::new(topology.network_interfaces.name(interface))
    }
}

/// The id of a row of a table.
fn id(table: &str, name: &str) -> NodeId {
    NodeId::new(format!("{table}.{name}"))
}

fn thing(table: &str, kind: Kind, name: &str, detail: impl Into<String>) -> Thing {
    Thing {
        id: id(table, name),
        kind,
        name: name.to_owned(),
        detail: detail.into(),
    }
}

/// The interfaces of each subnet.
fn by_subnet(topology: &Topology) -> Vec<Vec<Id<NetworkInterface>>> {
    let mut interfaces = vec![Vec::new(); topology.subnets.len()];
    for (id, interface) in topology.network_interfaces.iter() {
        interfaces[interface.subnet.index()].push(id);
    }
    interfaces
}

fn vpcs(
    topology: &Topology,
    region: Id<topology::Region>,
    interfaces: &[Vec<Id<NetworkInterface>>],
) -> Vec<Vpc> {
    let own = topology.vpcs.iter().filter(|(_, vpc)| vpc.region == region);
    own.map(|(vpc, _)| self::vpc(topology, vpc, interfaces))
        .collect()
}

fn vpc(
    topology: &Topology,
    vpc: Id<topology::Vpc>,
    interfaces: &[Vec<Id<NetworkInterface>>],
) -> Vpc {
    let name = topology.vpcs.name(vpc);
    let resolved = &topology.vpcs[vpc];
    let own = || {
        topology
            .subnets
            .iter()
            .filter(|(_, subnet)| subnet.vpc == vpc)
    };
    let zones = &topology.regions[resolved.region].zones;
    let used = zones
        .iter()
        .filter(|&&zone| own().any(|(_, subnet)| subnet.zone == zone));
    let used: Vec<_> = used.copied().collect();
    let subnets = own().map(|(subnet, resolved)| {
        let zone = used.iter().position(|&zone| zone == resolved.zone);
        let table = &topology.route_tables[resolved.route_table];
        let blocks = [resolved.cidr_block.to_string()].into_iter();
        let resources = interfaces[subnet.index()].iter();
        Subnet {
            id: id("subnet", topology.subnets.name(subnet)),
            name: topology.subnets.name(subnet).to_owned(),
            blocks: blocks
                .chain(resolved.ipv6_cidr_block.map(|block| block.to_string()))
                .collect(),
            zone: zone.expect("zones with a subnet are used"),
            tier: routes::tier(table),
            routes: routes::described(topology, table),
            resources: resources
                .map(|&interface| resource(topology, interface))
                .collect(),
        }
    });
    let blocks = resolved.cidr_blocks.iter().map(ToString::to_string);
    Vpc {
        id: id("vpc", name),
        name: name.to_owned(),
        blocks: blocks
            .chain(resolved.ipv6_cidr_block.map(|block| block.to_string()))
            .collect(),
        subnets: subnets.collect(),
        zones: used
            .iter()
            .map(|&zone| topology.substrate.fabrics.name(zone).to_owned())
            .collect(),
        gateways: gateways(topology, vpc),
    }
}

/// What stands on the border of a VPC.
fn gateways(topology: &Topology, vpc: Id<topology::Vpc>) -> Vec<Thing> {
    let mut gateways = Vec::new();
    for (gateway, resolved) in topology.vpn_gateways.iter() {
        if resolved.vpc == vpc {
            let name = topology.vpn_gateways.name(gateway);
            gateways.push(thing("vpn_gateway", Kind::VpnGateway, name, ""));
        }
    }
    for (gateway, resolved) in topology.internet_gateways.iter() {
        if resolved.vpc == vpc {
            let name = topology.internet_gateways.name(gateway);
            gateways.push(thing("internet_gateway", Kind::InternetGateway, name, ""));
        }
    }
    for (gateway, resolved) in topology.egress_only_internet_gateways.iter() {
        if resolved.vpc == vpc {
            let name = topology.egress_only_internet_gateways.name(gateway);
            let kind = Kind::EgressOnlyInternetGateway;
            gateways.push(thing("egress_only_internet_gateway", kind, name, ""));
        }
    }
    for (endpoint, resolved) in topology.vpc_endpoints.iter() {
        if resolved.vpc == vpc && matches!(resolved.kind, EndpointKind::Gateway) {
            let name = topology.vpc_endpoints.name(endpoint);
            gateways.push(thing("vpc_endpoint", Kind::GatewayEndpoint, name, ""));
        }
    }
    for (service, resolved) in topology.vpc_endpoint_services.iter() {
        if topology.load_balancers[resolved.load_balancer].vpc == vpc {
            let name = topology.vpc_endpoint_services.name(service);
            gateways.push(thing(
                "vpc_endpoint_service",
                Kind::EndpointService,
                name,
                "",
            ));
        }
    }
    gateways
}

/// What an interface is in the picture.
fn resource(topology: &Topology, interface: Id<NetworkInterface>) -> Thing {
    let resolved = &topology.network_interfaces[interface];
    let (kind, name, detail) = match resolved.owner {
        InterfaceOwner::Instance {
            instance,
            device_index: 0,
        } => (
            Kind::Instance,
            topology.instances.name(instance),
            String::new(),
        ),
        InterfaceOwner::Instance { instance, .. } => (
            Kind::NetworkInterface,
            own_name(topology, interface),
            format!("of {}", topology.instances.name(instance)),
        ),
        InterfaceOwner::Unattached => {
            let description = resolved.description.clone().unwrap_or_default();
            let short = Some(description).filter(|text| text.chars().count() <= DESCRIPTION);
            let name = own_name(topology, interface);
            (Kind::NetworkInterface, name, short.unwrap_or_default())
        }
        InterfaceOwner::NatGateway(gateway) => (
            Kind::NatGateway,
            topology.nat_gateways.name(gateway),
            String::new(),
        ),
        InterfaceOwner::VpcEndpoint(endpoint) => {
            let name = topology.vpc_endpoints.name(endpoint);
            (Kind::Endpoint, name, service_of(topology, endpoint, name))
        }
        InterfaceOwner::LoadBalancer(balancer) => {
            let kind = match topology.load_balancers[balancer].kind {
                LoadBalancerType::Application => "ALB",
                LoadBalancerType::Network => "NLB",
                LoadBalancerType::Gateway => "GWLB",
            };
            let name = topology.load_balancers.name(balancer);
            (Kind::LoadBalancer, name, kind.to_owned())
        }
        InterfaceOwner::TransitGateway(attachment) => {
            let gateway = topology.transit_gateway_attachments[attachment].transit_gateway;
            let name = topology.transit_gateways.name(gateway);
            (Kind::Attachment, name, String::new())
        }
        InterfaceOwner::Function(function) => (
            Kind::Function,
            topology.functions.name(function),
            String::new(),
        ),
    };
    let detail = match detail.as_str() {
        "" => resolved.private_ip().to_string(),
        _ => detail,
    };
    Thing {
        id: NodeId::interface(topology, interface),
        kind,
        name: name.to_owned(),
        detail,
    }
}

/// The name of an interface with a table of its own.
fn own_name(topology: &Topology, interface: Id<NetworkInterface>) -> &str {
    let name = topology.network_interfaces.name(interface);
    name.split_once('.').map_or(name, |(_, name)| name)
}

/// What an endpoint leads to, unless its name says so.
fn service_of(topology: &Topology, endpoint: Id<topology::VpcEndpoint>, name: &str) -> String {
    let service = match topology.vpc_endpoints[endpoint].service {
        EndpointTarget::Service(service) => topology.services.name(service),
        EndpointTarget::EndpointService(service) => topology.vpc_endpoint_services.name(service),
    };
    if name.contains(service) {
        String::new()
    } else {
        service.to_owned()
    }
}

fn transit_gateways(topology: &Topology, region: Id<topology::Region>) -> Vec<TransitGateway> {
    let own = topology
        .transit_gateways
        .iter()
        .filter(|(_, gateway)| gateway.region == region);
    own.map(|(gateway, _)| {
        let name = topology.transit_gateways.name(gateway);
        let attachments = topology.transit_gateway_attachments.iter();
        let own = attachments.filter(|(_, other)| other.transit_gateway == gateway);
        let vpcs = own.filter_map(|(_, attachment)| attachment.vpc());
        TransitGateway {
            id: id("transit_gateway", name),
            name: name.to_owned(),
            vpcs: vpcs.map(|vpc| id("vpc", topology.vpcs.name(vpc))).collect(),
        }
    })
    .collect()
}

fn peerings(topology: &Topology) -> Vec<Peering> {
    let peerings = topology.vpc_peering_connections.iter();
    peerings
        .map(|(peering, resolved)| {
            let name = topology.vpc_peering_connections.name(peering);
            Peering {
                id: id("vpc_peering_connection", name),
                name: name.to_owned(),
                vpcs: resolved.vpcs.map(|vpc| id("vpc", topology.vpcs.name(vpc))),
            }
        })
        .collect()
}

/// What is in no VPC and joined with something: by a gateway, or by a flow.
fn outside(topology: &Topology, flows: &[Flow]) -> Vec<Thing> {
    let passed = |id: &NodeId| flows.iter().any(|flow| flow.through.contains(id));
    let mut outside = Vec::new();
    for (site, resolved) in topology.customer_gateways.iter() {
        let mut connections = topology.vpn_connections.iter();
        if connections.any(|(_, connection)| connection.customer_gateway == site) {
            let name = topology.customer_gateways.name(site);
            let blocks: Vec<_> = resolved
                .cidr_blocks
                .iter()
                .map(ToString::to_string)
                .collect();
            outside.push(thing(
                "customer_gateway",
                Kind::Site,
                name,
                blocks.join(", "),
            ));
        }
    }
    let internet = Thing {
        id: NodeId::new(NodeId::INTERNET),
        kind: Kind::Internet,
        name: "Internet".to_owned(),
        detail: String::new(),
    };
    let gateways = topology.internet_gateways.len() + topology.egress_only_internet_gateways.len();
    if gateways > 0 || passed(&internet.id) {
        outside.push(internet);
    }
    for (service, _) in topology.services.iter() {
        let name = topology.services.name(service);
        let thing = thing("service", Kind::Service, name, "AWS service");
        let mut endpoints = topology.vpc_endpoints.iter();
        let by_gateway = endpoints.any(|(_, endpoint)| {
            endpoint.service == EndpointTarget::Service(service)
                && matches!(endpoint.kind, EndpointKind::Gateway)
        });
        if by_gateway || passed(&thing.id) {
            outside.push(thing);
        }
    }
    for (function, resolved) in topology.functions.iter() {
        if resolved.network_interfaces.is_empty() {
            let name = topology.functions.name(function);
            outside.push(thing(
                "function",
                Kind::Function,
                name,
                "function outside VPCs",
            ));
        }
    }
    outside
}
