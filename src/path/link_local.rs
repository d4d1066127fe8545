//! Services at link-local addresses: the resolver, the instance metadata and the time service, which
//! the host of an instance answers. No security group and no network ACL filters them, and no route
//! leads to them. (Amazon VPC user guide, "Control traffic to your AWS resources using security
//! groups", 2023.)

use std::net::IpAddr;

use super::hop::{Hop, LinkLocal, Resource, Step};
use super::refusal::{Cause, Refusal};
use super::{Direction, Endpoint, Flow, Header, Note, Path, Query, Server, Socket};
use crate::topology::{Id, InterfaceOwner, Location, NetworkInterface, Topology, Vpc};

/// The service that has an address, as seen from an end, if it listens to the flow. The resolver has
/// the address of the VPC's network plus two, too.
pub(super) fn at(
    topology: &Topology,
    from: Endpoint,
    address: IpAddr,
    flow: Flow,
) -> Option<LinkLocal> {
    let IpAddr::V4(address) = address else {
        return None;
    };
    let listens = |service: &LinkLocal| match service {
        LinkLocal::Resolver => flow.port == 53,
        LinkLocal::InstanceMetadata | LinkLocal::TimeSync => flow == service.flow(),
    };
    let mut all = LinkLocal::ALL.into_iter().filter(listens);
    if let Some(service) = all.find(|service| service.address() == address) {
        return Some(service);
    }
    let vpc = &topology.vpcs[from.vpc(topology)?];
    let base = vpc.cidr_blocks.first()?.network();
    let is_resolver = u32::from(base).checked_add(2) == Some(u32::from(address));
    Some(LinkLocal::Resolver).filter(|service| is_resolver && listens(service))
}

/// The way to a service and back.
pub(super) fn trace(
    topology: &Topology,
    query: &Query<'_>,
    from: Endpoint,
    service: LinkLocal,
) -> Path {
    let refused = |cause| {
        Path::refused(vec![Refusal {
            direction: Direction::Forward,
            after: 0,
            header: Header::nothing(query.flow.protocol),
            cause,
        }])
    };
    let interface = match from {
        Endpoint::Interface(id) if on_host(topology, id) => id,
        _ => return refused(Cause::NoServer(Resource::LinkLocal(service))),
    };
    let vpc: Id<Vpc> = topology.vpc_of(interface);
    if service == LinkLocal::Resolver && !topology.vpcs[vpc].enable_dns_support {
        return refused(Cause::DnsDisabled(vpc));
    }
    let source = topology.network_interfaces[interface].private_ip();
    let mut path = Path::refused(Vec::new());
    path.header = Some(Header {
        protocol: query.flow.protocol,
        source: Socket {
            address: source.into(),
            ports: super::EPHEMERAL_OF_INSTANCES,
        },
        destination: Socket::new(service.address().into(), query.flow.port),
        reply: false,
    });
    path.forward.steps = vec![
        Step::Hop(Hop::GuestSend),
        Step::Leaves(interface),
        Step::Hop(Hop::NitroEgress(interface)),
        Step::Hop(Hop::LinkLocal(interface, service)),
        Step::Through(Resource::LinkLocal(service)),
    ];
    path.back.steps = vec![
        Step::Through(Resource::LinkLocal(service)),
        Step::Hop(Hop::NitroIngress(interface)),
        Step::Hop(Hop::GuestReceive),
        Step::Enters(interface),
    ];
    path.server = Some(Server::LinkLocal(service));
    path.notes.push(Note::LinkLocal(service));
    path
}

/// Whether an interface is that of a guest on a host; environments of functions are none.
fn on_host(topology: &Topology, interface: Id<NetworkInterface>) -> bool {
    let own = &topology.network_interfaces[interface];
    matches!(own.location, Location::Host(_)) && !matches!(own.owner, InterfaceOwner::Function(_))
}
