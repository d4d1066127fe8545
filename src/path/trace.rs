//! Asking for a path: where a packet starts, its walk there, and the walk of its answer back.

use super::choice::Choice;
use super::connection::Connection;
use super::destination::{self, Destination};
use super::substrate::{self, Position};
use super::walk::{At, MTU_VPC, Sender, Walk};
use super::worker::{WORKER, Worker};
use super::{
    Admission, Cause, Direction, EPHEMERAL_OF_INSTANCES, Endpoint, Header, Hop, Leg, Meter, Note,
    Path, Query, Refusal, Resource, Server, Socket, Step, Tracking, ena_express, gateway,
    link_local,
};
use crate::scenario::{LoadBalancerType, Protocol};
use crate::topology::{
    CustomerGateway, EndpointKind, Fabric, Id, InterfaceOwner, Location, NetworkInterface, Service,
    Topology,
};

/// All variants of a path that exist. A load balancer sends to targets that it reaches only, so some
/// may be missing; then the first that exists has a note of it.
///
/// # Errors
/// The first variant, with what refuses it, if there is none.
pub fn resolve(topology: &Topology, query: &Query<'_>) -> Result<Vec<Path>, Box<Path>> {
    let (mut open, mut refused) = (Vec::new(), Vec::new());
    let (mut variants, mut choice) = (1, 0);
    while choice < variants {
        let path = trace(topology, query, choice);
        variants = variants.max(path.variants);
        if path.is_reachable() {
            open.push(path);
        } else {
            refused.push(path);
        }
        choice += 1;
    }
    let first = refused.first().map(|path| path.refusals[0]);
    match (open.first_mut(), first) {
        (None, _) => Err(Box::new(refused.swap_remove(0))),
        (Some(_), None) => Ok(open),
        (Some(path), Some(first)) => {
            path.notes.push(Note::PartlyRefused {
                refused: u32::try_from(refused.len()).expect("few variants"),
                variants,
                first,
            });
            Ok(open)
        }
    }
}

/// Whether a path exists, found out as fast as possible.
#[must_use]
pub fn is_reachable(topology: &Topology, query: &Query<'_>) -> bool {
    let (mut variants, mut choice) = (1, 0);
    while choice < variants {
        let path = walk(topology, query, choice, true);
        if path.is_reachable() {
            return true;
        }
        variants = variants.max(path.variants);
        choice += 1;
    }
    false
}

/// The path of a flow that chooses by `choice`, with everything that refuses it.
#[must_use]
pub fn trace(topology: &Topology, query: &Query<'_>, choice: u32) -> Path {
    walk(topology, query, choice, false)
}

fn walk(topology: &Topology, query: &Query<'_>, choice: u32, hasty: bool) -> Path {
    if let Endpoint::Host(_) = query.from {
        return bare(topology, query);
    }
    let from = match query.from {
        // What has an address is what sends from it.
        Endpoint::Address(address) => source_of(topology, address),
        other => other,
    };
    let nowhere = |cause| {
        Path::refused(vec![Refusal {
            direction: Direction::Forward,
            after: 0,
            header: Header::nothing(query.flow.protocol),
            cause,
        }])
    };
    let local = match query.to {
        Endpoint::LinkLocal(service) => Some(service),
        Endpoint::Address(address) => link_local::at(topology, from, address, query.flow),
        _ => None,
    };
    if let Some(service) = local {
        return link_local::trace(topology, query, from, service);
    }
    let mut choice = Choice::new(choice);
    let destination = match query
        .to
        .destination(topology, from, query.ipv6, &mut choice)
    {
        Ok(destination) => destination,
        Err(cause) => return nowhere(cause),
    };
    let (start, header, sender) = match start(topology, query, from, destination, &mut choice) {
        Ok(started) => started,
        Err(cause) => return nowhere(cause),
    };
    let (origin, worker) = match start {
        At::Leaving(interface) => (Some(interface), None),
        At::LeavingWorker(worker) => (None, Some(worker)),
        _ => (None, None),
    };
    let mut walk = Walk {
        topology,
        header,
        further_ports: Vec::new(),
        direction: Direction::Forward,
        sender,
        connection: Connection::default(),
        choice,
        mtu: MTU_VPC,
        position: Position::default(),
        leg: Leg::default(),
        refusals: Vec::new(),
        notes: Vec::new(),
        hasty,
        origin,
        worker,
        aimed_at: destination.interface,
        proxy: None,
        passed_transit_gateway: false,
        passed_out_through: None,
        appliance_interfaces: Vec::new(),
        action: query.action,
        resource: query.resource,
    };
    if from == Endpoint::Internet {
        walk.push(Step::Through(Resource::Internet));
        walk.push(Step::Hop(Hop::Internet));
    }
    let server = walk.run(start);
    let forward = std::mem::take(&mut walk.leg);
    if let Some(server) = server {
        walk.check_receiver(query.to, server);
        walk.answer(server, start, &forward);
    }
    let mut forward = forward;
    if forward.steps.iter().any(|step| tracks(topology, *step)) {
        for step in &mut forward.steps {
            track(step);
        }
    }
    let back = walk.leg;
    let ena_express = ena_express::carries(topology, query.flow.protocol, &forward, &back);
    let mtu = if ena_express {
        walk.mtu.min(topology.profile.limit.ena_express.mtu.value)
    } else {
        walk.mtu
    };
    Path {
        forward,
        back,
        refusals: walk.refusals,
        notes: walk.notes,
        server,
        resolution: destination.resolution,
        header: Some(header),
        mtu,
        ena_express,
        proxy: walk.proxy,
        variants: walk.choice.variants(),
    }
}

/// Whether everything that passes a step is tracked, whatever the rules say: what is translated, and
/// what passes transit gateways, endpoints, Network and Gateway Load Balancers, egress-only internet
/// gateways, and Lambda's interfaces. (Amazon EC2 user guide, "Automatically tracked connections",
/// 2025.)
fn tracks(topology: &Topology, step: Step) -> bool {
    match step {
        Step::Through(resource) => match resource {
            Resource::NatGateway(_)
            | Resource::TransitGateway(_)
            | Resource::EgressOnlyInternetGateway(_) => true,
            Resource::VpcEndpoint(id) => {
                !matches!(topology.vpc_endpoints[id].kind, EndpointKind::Gateway)
            }
            Resource::LoadBalancer(id) => {
                topology.load_balancers[id].kind != LoadBalancerType::Application
            }
            _ => false,
        },
        Step::Leaves(interface) => {
            let owner = topology.network_interfaces[interface].owner;
            matches!(owner, InterfaceOwner::Function(_)) && !on_host(topology, interface)
        }
        _ => false,
    }
}

/// Whether packets of an interface are handled by a card.
fn on_host(topology: &Topology, interface: Id<NetworkInterface>) -> bool {
    let location = &topology.network_interfaces[interface].location;
    matches!(location, Location::Host(_))
}

fn track(step: &mut Step) {
    if let Step::SecurityGroup {
        by: Admission::Rule { tracking, .. },
        ..
    } = step
    {
        *tracking = Tracking::Tracked;
    }
}

/// Whose address an address is, as a sender.
fn source_of(topology: &Topology, address: std::net::IpAddr) -> Endpoint {
    if let Some(id) = destination::interface_with(topology, address, Endpoint::Internet) {
        return Endpoint::Interface(id);
    }
    let mut sites = topology.customer_gateways.iter();
    let site = sites.find(|(_, site)| gateway::in_blocks(&site.cidr_blocks, address));
    site.map_or(Endpoint::Internet, |(id, _)| Endpoint::Site(id))
}

/// Where a packet starts, with its header.
fn start(
    topology: &Topology,
    query: &Query<'_>,
    from: Endpoint,
    to: Destination,
    choice: &mut Choice,
) -> Result<(At, Header, Sender), Cause> {
    use std::net::IpAddr;
    let v6 = to.address.is_ipv6();
    let of_interface = |id: Id<NetworkInterface>| {
        let own = &topology.network_interfaces[id];
        let given = match query.from {
            Endpoint::Address(address) if own.has_address(address) => Some(address),
            _ => None,
        };
        let address = match given {
            Some(address) => address,
            None if v6 => {
                let first = own.ipv6_addresses.first();
                IpAddr::V6(*first.ok_or(Cause::NoIpv6Address(Resource::NetworkInterface(id)))?)
            }
            None => IpAddr::V4(own.private_ip()),
        };
        Ok((At::Leaving(id), address, Sender::In(topology.vpc_of(id))))
    };
    let (at, source, sender) = match from {
        Endpoint::Interface(id) => of_interface(id)?,
        Endpoint::Function(id) => {
            let all = &topology.functions[id].network_interfaces;
            if all.is_empty() {
                let worker = Worker::of(topology, id, (query.to, v6), choice)?;
                let sender = Sender::Unknown(None);
                (At::LeavingWorker(worker), WORKER.into(), sender)
            } else {
                of_interface(all[choice.decide(all.len())])?
            }
        }
        Endpoint::Site(id) => {
            let given = match query.from {
                Endpoint::Address(address) => Some(address),
                _ => None,
            };
            let block = topology.customer_gateways[id].cidr_blocks.first();
            let first = block.and_then(|block| block.hosts().next());
            let address = given.unwrap_or_else(|| {
                first.map_or(std::net::Ipv4Addr::UNSPECIFIED.into(), IpAddr::V4)
            });
            (At::LeavingSite(id), address, Sender::Unknown(None))
        }
        Endpoint::Internet => {
            let given = match query.from {
                Endpoint::Address(address) => Some(address),
                _ => None,
            };
            let host = if v6 {
                IpAddr::V6(gateway::INTERNET_HOST_V6)
            } else {
                IpAddr::V4(gateway::INTERNET_HOST)
            };
            let sender = Sender::Unknown(None);
            (At::Public, given.unwrap_or(host), sender)
        }
        Endpoint::LoadBalancer(_)
        | Endpoint::Service(_)
        | Endpoint::VpcEndpoint(_)
        | Endpoint::Address(_)
        | Endpoint::LinkLocal(_)
        | Endpoint::Host(_) => {
            return Err(Cause::DoesNotSend(from.resource(topology)));
        }
    };
    let flow = query.flow;
    let ported = matches!(flow.protocol, Protocol::Tcp | Protocol::Udp);
    let protocol = match flow.protocol {
        Protocol::Icmp if v6 => Protocol::Icmpv6,
        other => other,
    };
    // A guest's kernel takes the port, unless Hyperplane puts its own in place of it.
    let by_kernel = match (from, at) {
        (Endpoint::Interface(_), _) => true,
        (Endpoint::Function(_), At::Leaving(id)) => on_host(topology, id),
        _ => false,
    };
    let (source, port) = if ported {
        let socket = match (query.source_port, from) {
            (Some(port), _) => Socket::new(source, port),
            (None, _) if by_kernel => Socket {
                address: source,
                ports: EPHEMERAL_OF_INSTANCES,
            },
            (None, _) => Socket::ephemeral(source),
        };
        (socket, flow.port)
    } else {
        (Socket::new(source, 0), 0)
    };
    let header = Header {
        protocol,
        source,
        destination: Socket::new(to.address, port),
        reply: false,
    };
    Ok((at, header, sender))
}

impl Walk<'_> {
    /// What the packet has reached is what was meant: addresses of other networks may be the same.
    fn check_receiver(&mut self, to: Endpoint, server: Server) {
        let wanted = match (to, server) {
            (Endpoint::Interface(wanted), Server::Interface(reached)) if wanted == reached => {
                return;
            }
            (Endpoint::Site(_), Server::Site(reached)) if self.is_at(reached) => return,
            (Endpoint::Interface(wanted), _) => Resource::NetworkInterface(wanted),
            (Endpoint::Site(wanted), _) => Resource::CustomerGateway(wanted),
            _ => return,
        };
        let reached = match server {
            Server::Interface(id) => Resource::NetworkInterface(id),
            Server::Site(id) => Resource::CustomerGateway(id),
            _ => return,
        };
        self.refuse(Cause::WrongReceiver { wanted, reached });
    }

    /// Whether the packet's destination is in a network of the site.
    fn is_at(&self, site: Id<CustomerGateway>) -> bool {
        let blocks = &self.topology.customer_gateways[site].cidr_blocks;
        gateway::in_blocks(blocks, self.header.destination.address)
    }

    /// The answer's way back.
    fn answer(&mut self, server: Server, start: At, forward: &Leg) {
        let there = std::mem::take(&mut self.connection.inspected);
        self.direction = Direction::Return;
        self.header = self.header.reversed();
        self.aimed_at = None;
        self.origin = None;
        self.position = Position::default();
        let topology = self.topology;
        let front_end =
            |service: Id<Service>, zone: Id<Fabric>| topology.services[service].hosts[zone.index()];
        self.sender = Sender::Unknown(None);
        let at = match server {
            Server::Interface(id) => {
                self.origin = Some(id);
                self.sender = Sender::In(topology.vpc_of(id));
                At::Leaving(id)
            }
            Server::Service(service, zone) => {
                self.start_at_host(front_end(service, zone));
                At::Public
            }
            Server::GatewayEndpoint(service, zone, endpoint) => {
                self.start_at_host(front_end(service, zone));
                self.from_gateway_endpoint(endpoint, zone)
            }
            Server::InterfaceEndpoint(service, zone, interface) => {
                self.start_at_host(front_end(service, zone));
                if let InterfaceOwner::VpcEndpoint(id) =
                    topology.network_interfaces[interface].owner
                {
                    self.leg.meters.push(Meter::InterfaceEndpoint(id));
                }
                At::Leaving(interface)
            }
            Server::Function(_) => {
                let last = forward.steps.iter().rev().find_map(|step| match *step {
                    Step::Enters(interface) => Some(interface),
                    _ => None,
                });
                match last {
                    Some(node) => At::Leaving(node),
                    None => return,
                }
            }
            Server::Site(id) => At::LeavingSite(id),
            Server::Internet => {
                self.push(Step::Through(Resource::Internet));
                self.push(Step::Hop(Hop::Internet));
                At::Public
            }
            Server::Host | Server::LinkLocal(_) => return,
        };
        let client = self.run(at);
        let home = match (start, client) {
            (At::Leaving(own), Some(Server::Interface(reached))) => own == reached,
            (At::Public, Some(Server::Internet)) => true,
            (At::LeavingSite(_), Some(Server::Site(reached))) => self.is_at(reached),
            (At::LeavingWorker(own), Some(Server::Function(reached))) => own.function == reached,
            (_, None) => return,
            _ => false,
        };
        if !home && self.refusals.is_empty() {
            self.refuse(Cause::AnswerAstray(match client {
                Some(Server::Interface(id)) => Resource::NetworkInterface(id),
                Some(Server::Site(id)) => Resource::CustomerGateway(id),
                _ => Resource::Internet,
            }));
        }
        if self.refusals.is_empty() {
            self.check_inspection(&there);
        }
    }
}

/// Hosts of one fabric, without an overlay.
fn bare(topology: &Topology, query: &Query<'_>) -> Path {
    let (Endpoint::Host(a), to) = (query.from, query.to) else {
        return Path::refused(Vec::new());
    };
    let same = |b| topology.substrate.fabric_of(a) == topology.substrate.fabric_of(b);
    let b = match to {
        Endpoint::Host(b) if same(b) => b,
        _ => {
            return Path::refused(vec![Refusal {
                direction: Direction::Forward,
                after: 0,
                header: Header::nothing(query.flow.protocol),
                cause: Cause::NoNetwork {
                    from: Resource::Host(a),
                    to: to.resource(topology),
                },
            }]);
        }
    };
    let way = |from, to| {
        let mut leg = Leg::default();
        substrate::links(topology, from, to, |link| {
            leg.steps.push(Step::Hop(Hop::Link(link)));
        });
        leg
    };
    Path {
        forward: way(a, b),
        back: way(b, a),
        server: Some(Server::Host),
        ..Path::refused(Vec::new())
    }
}
