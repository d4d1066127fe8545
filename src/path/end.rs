//! The ends of a path, and how a user names them.

use std::net::IpAddr;

use super::hop::{LinkLocal, Resource};
use crate::scenario::nearest;
use crate::topology::{
    CustomerGateway, Function, HostId, Id, Instance, LoadBalancer, NetworkInterface, Record,
    Service, Topology, Vpc, VpcEndpoint,
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

    /// As a refusal names it.
    pub(super) fn resource(self, topology: &Topology) -> Resource {
        match self {
            Self::Interface(id) => Resource::NetworkInterface(id),
            Self::Function(id) => {
                let first = topology.functions[id].network_interfaces.first();
                first.map_or(Resource::Function(id), |&id| Resource::NetworkInterface(id))
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
