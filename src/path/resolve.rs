//! The overlay's decisions in the order in which AWS takes them, and the substrate's links between
//! them.

use std::fmt;
use std::net::Ipv4Addr;

use super::security::{Other, Side, check};
use super::trip::{Trip, links};
use super::{Hop, ReasonCode, Refusal};
use crate::scenario::Protocol;
use crate::topology::{
    Fabric, HostId, Id, Instance, InterfaceEndpoint, RouteTarget, Service, Subnet, Topology,
};
use crate::units::Bytes;

/// Largest IP packet inside a VPC. (EC2 user guide, "Network MTU", 2023.)
const MTU_VPC: Bytes = Bytes::new(9001);
/// Largest IP packet through an internet gateway, and what AWS services take. (Same source.)
const MTU_INTERNET: Bytes = Bytes::new(1500);
/// Largest IP packet through an interface endpoint. ("AWS `PrivateLink` quotas", 2024.)
const MTU_INTERFACE_ENDPOINT: Bytes = Bytes::new(8500);
/// An address outside every VPC, for the public side of services and the internet (RFC 5737).
const PUBLIC_ADDRESS: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);

/// An end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// An instance.
    Instance(Id<Instance>),
    /// An AWS service, by its public name.
    Service(Id<Service>),
    /// A host on the internet.
    Internet,
    /// A bare host of a fabric: no guest, no card, no overlay.
    Host(HostId),
}

/// What rules see of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// The protocol.
    pub protocol: Protocol,
    /// The server's port; 0 where the protocol has none.
    pub port: u16,
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            Protocol::Tcp | Protocol::Udp => write!(f, "{}/{}", self.protocol, self.port),
            Protocol::Icmp | Protocol::All => write!(f, "{}", self.protocol),
        }
    }
}

/// Which node of a Hyperplane fleet a flow is hashed to, in each direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NodeChoice {
    /// On the way there.
    pub forward: u32,
    /// On the way back: the directions of a flow are hashed separately.
    pub back: u32,
}

/// Who answers at the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// The process on an instance.
    Instance(Id<Instance>),
    /// The front end of a service in a zone.
    Service(Id<Service>, Id<Fabric>),
    /// A host that answers at once.
    Internet,
    /// A bare host.
    Host,
}

/// A way there and a way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Hops from the client to the server.
    pub forward: Vec<Hop>,
    /// Hops from the server to the client.
    pub back: Vec<Hop>,
    /// Who answers.
    pub server: Server,
    /// Largest IP packet that passes.
    pub mtu: Bytes,
    /// Nodes among which a flow is hashed; 1 without a Hyperplane fleet on the way.
    pub nodes: u32,
}

/// The path of a flow, or why there is none.
///
/// # Errors
/// The first thing on the way that refuses the flow.
pub fn resolve(
    topology: &Topology,
    from: Endpoint,
    to: Endpoint,
    flow: Flow,
    choice: NodeChoice,
) -> Result<Path, Refusal> {
    let client = match from {
        Endpoint::Instance(client) => client,
        Endpoint::Host(_) | Endpoint::Service(_) | Endpoint::Internet => {
            return bare(topology, from, to);
        }
    };
    match to {
        Endpoint::Instance(server) => between_instances(topology, client, server, flow),
        Endpoint::Service(service) => match private_dns(topology, client, service) {
            Some(endpoint) => through_interface(topology, client, endpoint, flow, choice),
            None => outside(topology, client, Some(service), flow, choice),
        },
        Endpoint::Internet => outside(topology, client, None, flow, choice),
        Endpoint::Host(_) => Err(no_overlay(topology, from, to)),
    }
}

/// Hosts of one fabric, without an overlay.
fn bare(topology: &Topology, from: Endpoint, to: Endpoint) -> Result<Path, Refusal> {
    let (Endpoint::Host(a), Endpoint::Host(b)) = (from, to) else {
        return Err(no_overlay(topology, from, to));
    };
    let (mut forward, mut back) = (Vec::new(), Vec::new());
    if topology.substrate.fabric_of(a) != topology.substrate.fabric_of(b) {
        return Err(no_overlay(topology, from, to));
    }
    links(topology, a, b, &mut forward);
    links(topology, b, a, &mut back);
    Ok(Path {
        forward,
        back,
        server: Server::Host,
        mtu: MTU_VPC,
        nodes: 1,
    })
}

fn no_overlay(topology: &Topology, from: Endpoint, to: Endpoint) -> Refusal {
    Refusal {
        code: ReasonCode::NoRouteToDestination,
        at: topology.endpoint_name(from),
        reason: format!(
            "there is no network that leads to {}",
            topology.endpoint_name(to)
        ),
        remedy: "use two instances, or hosts of one fabric".into(),
    }
}

fn between_instances(
    topology: &Topology,
    client: Id<Instance>,
    server: Id<Instance>,
    flow: Flow,
) -> Result<Path, Refusal> {
    let (a, b) = (&topology.instances[client], &topology.instances[server]);
    let (a_eni, b_eni) = (&a.network_interface, &b.network_interface);
    let [a_name, b_name] =
        [client, server].map(|id| format!("instance.{}", topology.instances.name(id)));
    let to_b = Other {
        address: b_eni.private_ip,
        groups: &b_eni.security_groups,
    };
    check(
        topology,
        &a_eni.security_groups,
        Side::Egress,
        flow,
        to_b,
        &a_name,
    )?;
    let (a_vpc, b_vpc) = (
        topology.subnets[a_eni.subnet].vpc,
        topology.subnets[b_eni.subnet].vpc,
    );
    if a_vpc != b_vpc {
        return Err(Refusal {
            code: ReasonCode::NoRouteToDestination,
            at: format!("subnet.{}", topology.subnets.name(a_eni.subnet)),
            reason: format!("no route leads to {} of another VPC", b_eni.private_ip),
            remedy: format!("put {b_name} into vpc `{}`", topology.vpcs.name(a_vpc)),
        });
    }
    let from_a = Other {
        address: a_eni.private_ip,
        groups: &a_eni.security_groups,
    };
    check(
        topology,
        &b_eni.security_groups,
        Side::Ingress,
        flow,
        from_a,
        &b_name,
    )?;
    let way = |from: Id<Instance>, to: Id<Instance>| {
        let (x, y) = (topology.instances[from].host, topology.instances[to].host);
        let mut hops = vec![Hop::GuestSend];
        if x == y {
            hops.push(Hop::NitroTurnaround(from));
        } else {
            hops.push(Hop::NitroEgress(from));
            links(topology, x, y, &mut hops);
            hops.push(Hop::NitroIngress(to));
        }
        hops.push(Hop::GuestReceive);
        hops
    };
    Ok(Path {
        forward: way(client, server),
        back: way(server, client),
        server: Server::Instance(server),
        mtu: MTU_VPC,
        nodes: 1,
    })
}

/// The interface endpoint that the service's name resolves to in the client's VPC: the one in the
/// client's zone if there is one.
fn private_dns(
    topology: &Topology,
    client: Id<Instance>,
    service: Id<Service>,
) -> Option<Id<InterfaceEndpoint>> {
    let subnet = &topology.subnets[topology.instances[client].network_interface.subnet];
    let candidates = topology.interface_endpoints.iter().filter(|(_, endpoint)| {
        endpoint.service == service && endpoint.vpc == subnet.vpc && endpoint.private_dns_enabled
    });
    let in_zone = |id: Id<InterfaceEndpoint>| {
        topology.subnets[topology.interface_endpoints[id].subnet].zone == subnet.zone
    };
    candidates.map(|(id, _)| id).min_by_key(|&id| !in_zone(id))
}

fn through_interface(
    topology: &Topology,
    client: Id<Instance>,
    id: Id<InterfaceEndpoint>,
    flow: Flow,
    choice: NodeChoice,
) -> Result<Path, Refusal> {
    let instance = &topology.instances[client];
    let eni = &instance.network_interface;
    let endpoint = &topology.interface_endpoints[id];
    let client_name = format!("instance.{}", topology.instances.name(client));
    let to = Other {
        address: endpoint.private_ip,
        groups: &endpoint.security_groups,
    };
    check(
        topology,
        &eni.security_groups,
        Side::Egress,
        flow,
        to,
        &client_name,
    )?;
    let from = Other {
        address: eni.private_ip,
        groups: &eni.security_groups,
    };
    let name = format!("vpc_endpoint.{}", topology.interface_endpoints.name(id));
    check(
        topology,
        &endpoint.security_groups,
        Side::Ingress,
        flow,
        from,
        &name,
    )?;
    let zone = topology.subnets[endpoint.subnet].zone;
    let front_end = topology.services[endpoint.service].hosts[zone.index()];
    let node = |hash: u32| {
        let index = hash % length(&endpoint.nodes);
        (
            endpoint.nodes[index as usize],
            Hop::InterfaceEndpoint(id, index),
        )
    };
    let there = Trip {
        client,
        middle: vec![node(choice.forward)],
        front_end: Some(front_end),
    };
    let back = Trip {
        client,
        middle: vec![node(choice.back)],
        front_end: Some(front_end),
    };
    Ok(Path {
        forward: there.forward(topology),
        back: back.back(topology),
        server: Server::Service(endpoint.service, zone),
        mtu: MTU_INTERFACE_ENDPOINT,
        nodes: length(&endpoint.nodes),
    })
}

/// To a public address: of a service, or on the internet.
fn outside(
    topology: &Topology,
    client: Id<Instance>,
    service: Option<Id<Service>>,
    flow: Flow,
    choice: NodeChoice,
) -> Result<Path, Refusal> {
    let instance = &topology.instances[client];
    let eni = &instance.network_interface;
    let client_name = format!("instance.{}", topology.instances.name(client));
    let to = Other {
        address: PUBLIC_ADDRESS,
        groups: &[],
    };
    check(
        topology,
        &eni.security_groups,
        Side::Egress,
        flow,
        to,
        &client_name,
    )?;
    let subnet = &topology.subnets[eni.subnet];
    let zone = subnet.zone;
    let edge = topology.edges[zone.index()];
    let mut nodes = 1;
    let (there, back) = match next_hop(topology, eni.subnet, service)? {
        Next::GatewayEndpoint(id) => {
            let middle = vec![(edge, Hop::GatewayEndpoint(id))];
            (middle.clone(), middle)
        }
        Next::Route(RouteTarget::InternetGateway(id)) => {
            if !eni.has_public_ip {
                return Err(Refusal {
                    code: ReasonCode::IgwPublicIpAssociationForEgress,
                    at: format!("internet_gateway.{}", topology.internet_gateways.name(id)),
                    reason: format!("{client_name} has no public address"),
                    remedy: format!(
                        "add associate_public_ip_address = true to {client_name}, or route through a NAT gateway"
                    ),
                });
            }
            let middle = vec![(edge, Hop::InternetGateway(id))];
            (middle.clone(), middle)
        }
        Next::Route(RouteTarget::NatGateway(nat)) => {
            let gateway = &topology.nat_gateways[nat];
            let nat_subnet = &topology.subnets[gateway.subnet];
            let Next::Route(RouteTarget::InternetGateway(igw)) =
                next_hop(topology, gateway.subnet, None)?
            else {
                return Err(Refusal {
                    code: ReasonCode::NoRouteToDestination,
                    at: format!("nat_gateway.{}", topology.nat_gateways.name(nat)),
                    reason: "its subnet has no route to an internet gateway".into(),
                    remedy: format!(
                        "give subnet `{}` a route table with 0.0.0.0/0 to an internet gateway",
                        topology.subnets.name(gateway.subnet)
                    ),
                });
            };
            nodes = length(&gateway.nodes);
            let edge = topology.edges[nat_subnet.zone.index()];
            let way = |hash: u32| {
                let index = hash % nodes;
                let node = (gateway.nodes[index as usize], Hop::NatGateway(nat, index));
                vec![node, (edge, Hop::InternetGateway(igw))]
            };
            (way(choice.forward), way(choice.back))
        }
    };
    let zone = there
        .last()
        .map_or(zone, |&(host, _)| topology.substrate.fabric_of(host));
    let front_end = service.map(|id| topology.services[id].hosts[zone.index()]);
    let there = Trip {
        client,
        middle: there,
        front_end,
    };
    let back = Trip {
        client,
        middle: back,
        front_end,
    };
    Ok(Path {
        forward: there.forward(topology),
        back: back.back(topology),
        server: service.map_or(Server::Internet, |id| Server::Service(id, zone)),
        mtu: MTU_INTERNET,
        nodes,
    })
}

/// What a subnet's route table says about a public address.
enum Next {
    GatewayEndpoint(Id<crate::topology::GatewayEndpoint>),
    Route(RouteTarget),
}

/// The longest matching prefix. A gateway endpoint's prefix list is more specific than any default
/// route; the local route never matches a public address.
fn next_hop(
    topology: &Topology,
    subnet: Id<Subnet>,
    service: Option<Id<Service>>,
) -> Result<Next, Refusal> {
    let table = topology.subnets[subnet].route_table;
    let found = table.and_then(|id| {
        let table = &topology.route_tables[id];
        let endpoint = table
            .gateway_endpoints
            .iter()
            .find(|&&endpoint| Some(topology.gateway_endpoints[endpoint].service) == service);
        if let Some(&endpoint) = endpoint {
            return Some(Next::GatewayEndpoint(endpoint));
        }
        let matching = table
            .routes
            .iter()
            .filter(|route| route.destination.contains(&PUBLIC_ADDRESS));
        matching
            .max_by_key(|route| route.destination.prefix_len())
            .map(|r| Next::Route(r.target))
    });
    found.ok_or_else(|| {
        let what = service.map_or_else(
            || "the internet".to_owned(),
            |id| format!("service `{}`", topology.services.name(id)),
        );
        let at = match table {
            Some(id) => format!("route_table.{}", topology.route_tables.name(id)),
            None => format!("subnet.{}", topology.subnets.name(subnet)),
        };
        let remedy = match table {
            Some(_) => format!("add a route to {at}, or a VPC endpoint"),
            None => format!("give {at} a route table, or add a VPC endpoint"),
        };
        Refusal {
            code: ReasonCode::NoRouteToDestination,
            at,
            reason: format!("no route leads to {what}"),
            remedy,
        }
    })
}

fn length(nodes: &[HostId]) -> u32 {
    u32::try_from(nodes.len()).expect("a fleet has few nodes")
}

impl Topology {
    /// An endpoint as the scenario names it.
    #[must_use]
    pub fn endpoint_name(&self, endpoint: Endpoint) -> String {
        match endpoint {
            Endpoint::Instance(id) => format!("instance.{}", self.instances.name(id)),
            Endpoint::Service(id) => format!("service.{}", self.services.name(id)),
            Endpoint::Internet => "internet".to_owned(),
            Endpoint::Host(host) => {
                let fabric = self.substrate.fabric_of(host);
                format!("a host of fabric.{}", self.substrate.fabrics.name(fabric))
            }
        }
    }
}
