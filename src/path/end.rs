//! The ends of a path, how a user names them, and the addresses that names resolve to.

use std::net::{IpAddr, Ipv4Addr};

use super::choice::Choice;
use super::gateway::{INTERNET_HOST, INTERNET_HOST_V6};
use super::hop::{LinkLocal, Resource};
use super::refusal::Cause;
use crate::scenario::nearest;
use crate::topology::{
    CustomerGateway, EndpointKind, EndpointTarget, Function, HostId, Id, Instance, LoadBalancer,
    NetworkInterface, Record, Service, Topology, Vpc, VpcEndpoint,
};

/// An end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// A network interface, by its primary address: of an instance, of a managed resource.
    Interface(Id<NetworkInterface>),
    /// A Lambda function, by one of its interfaces.
    Function(Id<Function>),
    /// A load balancer, by its name.
    LoadBalancer(Id<LoadBalancer>),
    /// An AWS service, by its public name.
    Service(Id<Service>),
    /// An interface endpoint, by its own name.
    VpcEndpoint(Id<VpcEndpoint>),
    /// A site.
    Site(Id<CustomerGateway>),
    /// A host on the internet.
    Internet,
    /// Whoever has the address.
    Address(IpAddr),
    /// A service that the sender's own host answers.
    LinkLocal(LinkLocal),
    /// A bare host of a fabric: no guest, no card, no overlay.
    Host(HostId),
}

/// How a name came to stand for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The private DNS of an interface endpoint.
    PrivateDns(Id<VpcEndpoint>),
    /// The public DNS of a service.
    PublicDns(Id<Service>),
    /// The name of an endpoint itself.
    EndpointName(Id<VpcEndpoint>),
    /// The name of a load balancer.
    LoadBalancer(Id<LoadBalancer>),
}

/// Why a text names no end of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEnd {
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// What may be meant.
    pub help: Option<String>,
}

/// What a destination comes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Destination {
    pub(super) address: IpAddr,
    /// The interface meant, if it is one.
    pub(super) interface: Option<Id<NetworkInterface>>,
    pub(super) resolution: Option<Resolution>,
}

impl Endpoint {
    /// Whether ends of paths are of a kind of tables.
    #[must_use]
    pub fn is_kind(kind: &str) -> bool {
        KINDS.contains(&kind)
    }

    /// The primary interface of an instance.
    #[must_use]
    pub fn instance(topology: &Topology, id: Id<Instance>) -> Self {
        Self::Interface(topology.instances[id].network_interfaces[0])
    }

    /// The end that `text` names: a resource as `kind.name` or by a name that only one has, an
    /// address, `"internet"`, or a DNS name as `from` resolves it.
    ///
    /// # Errors
    /// If nothing is called that, or more than one thing.
    pub fn parse(topology: &Topology, text: &str, from: Option<Self>) -> Result<Self, UnknownEnd> {
        if text == "internet" || text.starts_with("internet_gateway.") {
            return Ok(Self::Internet);
        }
        if let Some(service) = LinkLocal::ALL
            .into_iter()
            .find(|service| service.name() == text)
        {
            return Ok(Self::LinkLocal(service));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Address(address));
        }
        if let Some((kind, name)) = text.split_once('.') {
            if let Some(names) = names_of(topology, kind) {
                return named(topology, kind, name).ok_or_else(|| UnknownEnd {
                    message: format!("{} `{name}` is not defined", kind.replace('_', " ")),
                    help: suggestion(name, &names),
                });
            }
            if OTHER_KINDS.contains(&kind) {
                return Err(UnknownEnd {
                    message: format!(
                        "`{text}` is a {}, which neither sends nor receives",
                        kind.replace('_', " ")
                    ),
                    help: Some(format!("write one of {}", KINDS.join(", "))),
                });
            }
            return super::dns::resolve_name(topology, text, from);
        }
        let found: Vec<(&str, Self)> = KINDS
            .iter()
            .filter_map(|kind| Some((*kind, named(topology, kind, text)?)))
            .collect();
        match found.as_slice() {
            [(_, only)] => Ok(*only),
            [] => {
                let names: Vec<String> = KINDS
                    .iter()
                    .flat_map(|kind| names_of(topology, kind).unwrap_or_default())
                    .collect();
                Err(UnknownEnd {
                    message: format!("nothing is called `{text}`"),
                    help: suggestion(text, &names),
                })
            }
            several => {
                let kinds: Vec<String> = several
                    .iter()
                    .map(|(kind, _)| format!("`{kind}.{text}`"))
                    .collect();
                Err(UnknownEnd {
                    message: format!("`{text}` may be {}", kinds.join(" or ")),
                    help: Some("name the kind, too".to_owned()),
                })
            }
        }
    }

    /// The VPC it is in, if it is in one.
    #[must_use]
    pub fn vpc(self, topology: &Topology) -> Option<Id<Vpc>> {
        match self {
            Self::Interface(id) => Some(topology.vpc_of(id)),
            Self::Function(id) => {
                let first = topology.functions[id].network_interfaces.first();
                first.map(|&id| topology.vpc_of(id))
            }
            Self::LoadBalancer(id) => Some(topology.load_balancers[id].vpc),
            Self::VpcEndpoint(id) => Some(topology.vpc_endpoints[id].vpc),
            Self::Address(address) => {
                let mut all = topology.addresses.keys();
                all.find(|(_, other)| *other == address)
                    .map(|(vpc, _)| *vpc)
            }
            Self::Service(_)
            | Self::Site(_)
            | Self::Internet
            | Self::LinkLocal(_)
            | Self::Host(_) => None,
        }
    }

    /// The address that a sender at `from` gets for this end, chosen by `choice` where there are
    /// several.
    pub(super) fn destination(
        self,
        topology: &Topology,
        from: Self,
        ipv6: bool,
        choice: &mut Choice,
    ) -> Result<Destination, Cause> {
        let plain = |address| Destination {
            address,
            interface: None,
            resolution: None,
        };
        match self {
            Self::Interface(id) => interface_address(topology, id, from, ipv6),
            Self::Function(id) => Err(Cause::NoServer(
                topology.functions[id]
                    .network_interfaces
                    .first()
                    .map_or(Resource::Internet, |&id| Resource::NetworkInterface(id)),
            )),
            Self::LoadBalancer(id) => load_balancer_address(topology, id, from, choice),
            Self::Service(id) => service_address(topology, id, from),
            Self::VpcEndpoint(id) => match &topology.vpc_endpoints[id].kind {
                EndpointKind::Interface {
                    network_interfaces, ..
                } => Ok(endpoint_address(
                    topology,
                    network_interfaces,
                    from,
                    Resolution::EndpointName(id),
                )),
                EndpointKind::Gateway | EndpointKind::GatewayLoadBalancer { .. } => {
                    Err(Cause::NoServer(Resource::VpcEndpoint(id)))
                }
            },
            Self::Site(id) => {
                let block = topology.customer_gateways[id].cidr_blocks.first();
                let host = block.and_then(|block| block.hosts().next());
                Ok(plain(host.unwrap_or(Ipv4Addr::UNSPECIFIED).into()))
            }
            Self::Internet if ipv6 => Ok(plain(INTERNET_HOST_V6.into())),
            Self::Internet => Ok(plain(INTERNET_HOST.into())),
            Self::LinkLocal(service) => Ok(plain(service.address().into())),
            Self::Address(address) => Ok(Destination {
                interface: interface_with(topology, address, from),
                ..plain(address)
            }),
            Self::Host(host) => Err(Cause::NoNetwork {
                from: from.resource(topology),
                to: Resource::Host(host),
            }),
        }
    }

    /// As a refusal names it.
    pub(super) fn resource(self, topology: &Topology) -> Resource {
        match self {
            Self::Interface(id) => Resource::NetworkInterface(id),
            Self::Function(id) => {
                let first = topology.functions[id].network_interfaces.first();
                first.map_or(Resource::Internet, |&id| Resource::NetworkInterface(id))
            }
            Self::LoadBalancer(id) => Resource::LoadBalancer(id),
            Self::Service(id) => Resource::Service(id),
            Self::VpcEndpoint(id) => Resource::VpcEndpoint(id),
            Self::Site(id) => Resource::CustomerGateway(id),
            Self::LinkLocal(service) => Resource::LinkLocal(service),
            Self::Internet | Self::Address(_) => Resource::Internet,
            Self::Host(host) => Resource::Host(host),
        }
    }
}

/// The interface that has an address, as seen from `from`: in its own VPC first.
pub(super) fn interface_with(
    topology: &Topology,
    address: IpAddr,
    from: Endpoint,
) -> Option<Id<NetworkInterface>> {
    let own = from.vpc(topology);
    let in_own = own.and_then(|vpc| topology.addresses.get(&(vpc, address)));
    let public = || match address {
        IpAddr::V4(address) => topology.public_addresses.get(&address).map(|(id, _)| id),
        IpAddr::V6(_) => None,
    };
    let anywhere = || {
        let mut all = topology.addresses.iter();
        all.find(|((_, other), _)| *other == address)
            .map(|(_, id)| id)
    };
    in_own.or_else(public).or_else(anywhere).copied()
}

/// An interface's primary address: the public one for a sender on the internet.
fn interface_address(
    topology: &Topology,
    id: Id<NetworkInterface>,
    from: Endpoint,
    ipv6: bool,
) -> Result<Destination, Cause> {
    let own = &topology.network_interfaces[id];
    let address = if ipv6 {
        let first = own.ipv6_addresses.first();
        IpAddr::V6(*first.ok_or(Cause::NoIpv6Address(id))?)
    } else if from == Endpoint::Internet {
        let public = own.public_ip_of(own.private_ip());
        IpAddr::V4(public.ok_or(Cause::NotPublic(Some(id)))?)
    } else {
        IpAddr::V4(own.private_ip())
    };
    Ok(Destination {
        address,
        interface: Some(id),
        resolution: None,
    })
}

fn load_balancer_address(
    topology: &Topology,
    id: Id<LoadBalancer>,
    from: Endpoint,
    choice: &mut Choice,
) -> Result<Destination, Cause> {
    let balancer = &topology.load_balancers[id];
    // Nodes of zones that have failed are taken out of the name.
    let all = &balancer.network_interfaces;
    let works = |node: &&Id<NetworkInterface>| !topology.has_failed(**node);
    let working = all.iter().filter(works).count();
    let count = if working == 0 { all.len() } else { working };
    let chosen = choice.decide(count);
    let node = if working == 0 {
        all[chosen]
    } else {
        let mut nodes = all.iter().filter(works);
        *nodes
            .nth(chosen)
            .expect("fewer than there are were counted")
    };
    let own = &topology.network_interfaces[node];
    let private = own.private_ip();
    if balancer.internal && from == Endpoint::Internet {
        return Err(Cause::NotPublic(Some(node)));
    }
    let public = own.public_ip_of(private).filter(|_| !balancer.internal);
    Ok(Destination {
        address: public.unwrap_or(private).into(),
        interface: Some(node),
        resolution: Some(Resolution::LoadBalancer(id)),
    })
}

/// A service's name: the private address of an endpoint whose private DNS answers in the sender's VPC,
/// otherwise the service's public address.
fn service_address(
    topology: &Topology,
    id: Id<Service>,
    from: Endpoint,
) -> Result<Destination, Cause> {
    if let Some(vpc) = from.vpc(topology) {
        if !topology.vpcs[vpc].enable_dns_support {
            return Err(Cause::DnsDisabled(vpc));
        }
        if let Some((endpoint, interfaces)) =
            private_dns(topology, vpc, EndpointTarget::Service(id))
        {
            let how = Resolution::PrivateDns(endpoint);
            return Ok(endpoint_address(topology, interfaces, from, how));
        }
    }
    Ok(Destination {
        address: topology.services[id].public_ip.into(),
        interface: None,
        resolution: Some(Resolution::PublicDns(id)),
    })
}

/// The endpoint whose private DNS answers for a service in a VPC.
pub(super) fn private_dns(
    topology: &Topology,
    vpc: Id<Vpc>,
    service: EndpointTarget,
) -> Option<(Id<VpcEndpoint>, &[Id<NetworkInterface>])> {
    topology
        .vpc_endpoints
        .iter()
        .find_map(|(id, endpoint)| match &endpoint.kind {
            EndpointKind::Interface {
                network_interfaces,
                private_dns_enabled: true,
            } if endpoint.vpc == vpc && endpoint.service == service => {
                Some((id, network_interfaces.as_slice()))
            }
            _ => None,
        })
}

/// The address of an endpoint: in the sender's zone if it has one there.
pub(super) fn endpoint_address(
    topology: &Topology,
    interfaces: &[Id<NetworkInterface>],
    from: Endpoint,
    how: Resolution,
) -> Destination {
    let zone = match from {
        Endpoint::Interface(id) => Some(topology.zone_of(id)),
        Endpoint::Function(id) => {
            let first = topology.functions[id].network_interfaces.first();
            first.map(|&id| topology.zone_of(id))
        }
        _ => None,
    };
    let working = || interfaces.iter().filter(|&&id| !topology.has_failed(id));
    let near = working().find(|&&id| Some(topology.zone_of(id)) == zone);
    let interface = near
        .or_else(|| working().next())
        .or_else(|| interfaces.first())
        .copied();
    Destination {
        address: interface.map_or(Ipv4Addr::UNSPECIFIED.into(), |id| {
            topology.network_interfaces[id].private_ip().into()
        }),
        interface,
        resolution: Some(how),
    }
}

/// Kinds whose bare names are tried.
const KINDS: [&str; 8] = [
    "instance",
    "network_interface",
    "load_balancer",
    "function",
    "vpc_endpoint",
    "customer_gateway",
    "service",
    "nat_gateway",
];

/// The name that is meant, or the first of those that there are.
fn suggestion(name: &str, names: &[String]) -> Option<String> {
    const SHOWN: usize = 12;
    if let Some(near) = nearest(name, names.iter().map(String::as_str)) {
        return Some(format!("did you mean `{near}`?"));
    }
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = if names.len() > SHOWN { ", …" } else { "" };
    (!shown.is_empty()).then(|| format!("there are {}{more}", shown.join(", ")))
}

/// Kinds of tables that are no ends of paths.
const OTHER_KINDS: [&str; 15] = [
    "vpc",
    "subnet",
    "route_table",
    "security_group",
    "network_acl",
    "prefix_list",
    "elastic_ip",
    "target_group",
    "vpc_endpoint_service",
    "vpc_peering_connection",
    "transit_gateway",
    "transit_gateway_vpc_attachment",
    "vpn_gateway",
    "vpn_connection",
    "hosted_zone",
];

/// The names of a kind; `None` if ends of paths are not of that kind.
fn names_of(topology: &Topology, kind: &str) -> Option<Vec<String>> {
    fn all<T>(arena: &crate::topology::Arena<T>) -> Vec<String> {
        arena.names().map(str::to_owned).collect()
    }
    let interfaces = |kind: &str| {
        let prefix = format!("{kind}.");
        let names = topology.network_interfaces.names();
        names
            .filter_map(|name| name.strip_prefix(&prefix).map(str::to_owned))
            .collect()
    };
    Some(match kind {
        "instance" => all(&topology.instances),
        "network_interface" | "nat_gateway" => interfaces(kind),
        "load_balancer" => all(&topology.load_balancers),
        "function" => all(&topology.functions),
        "vpc_endpoint" => all(&topology.vpc_endpoints),
        "customer_gateway" => all(&topology.customer_gateways),
        "service" => all(&topology.services),
        _ => return None,
    })
}

/// The end of a kind with a name.
fn named(topology: &Topology, kind: &str, name: &str) -> Option<Endpoint> {
    Some(match kind {
        "instance" => Endpoint::instance(topology, topology.instances.find(name)?),
        "network_interface" | "nat_gateway" => {
            let full = format!("{kind}.{name}");
            Endpoint::Interface(topology.network_interfaces.find(&full)?)
        }
        "load_balancer" => Endpoint::LoadBalancer(topology.load_balancers.find(name)?),
        "function" => Endpoint::Function(topology.functions.find(name)?),
        "vpc_endpoint" => Endpoint::VpcEndpoint(topology.vpc_endpoints.find(name)?),
        "customer_gateway" => Endpoint::Site(topology.customer_gateways.find(name)?),
        "service" => Endpoint::Service(topology.services.find(name)?),
        _ => return None,
    })
}

impl Record {
    /// As an end of a path.
    #[must_use]
    pub fn endpoint(self) -> Endpoint {
        match self {
            Self::Address(address) => Endpoint::Address(address),
            Self::Interface(id) => Endpoint::Interface(id),
            Self::LoadBalancer(id) => Endpoint::LoadBalancer(id),
            Self::VpcEndpoint(id) => Endpoint::VpcEndpoint(id),
        }
    }
}
