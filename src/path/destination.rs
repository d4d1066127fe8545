//! The addresses that names of ends resolve to, as a sender gets them.

use std::net::{IpAddr, Ipv4Addr};

use super::choice::Choice;
use super::end::{Endpoint, Resolution};
use super::gateway::{INTERNET_HOST, INTERNET_HOST_V6};
use super::hop::Resource;
use super::refusal::Cause;
use crate::topology::{
    EndpointKind, EndpointTarget, Id, LoadBalancer, NetworkInterface, Service, Topology, Vpc,
    VpcEndpoint,
};

/// What a destination comes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Destination {
    pub(super) address: IpAddr,
    /// The interface meant, if it is one.
    pub(super) interface: Option<Id<NetworkInterface>>,
    pub(super) resolution: Option<Resolution>,
}

impl Endpoint {
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
            Self::Function(_) => Err(Cause::NoServer(self.resource(topology))),
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

/// An interface's primary address: the public one for a sender outside VPCs.
fn interface_address(
    topology: &Topology,
    id: Id<NetworkInterface>,
    from: Endpoint,
    ipv6: bool,
) -> Result<Destination, Cause> {
    let own = &topology.network_interfaces[id];
    let address = if ipv6 {
        let first = own.ipv6_addresses.first();
        IpAddr::V6(*first.ok_or(Cause::NoIpv6Address(Resource::NetworkInterface(id)))?)
    } else if from == Endpoint::Internet {
        let public = own.public_ip_of(own.private_ip());
        IpAddr::V4(public.ok_or(Cause::NotPublic(Some(id)))?)
    } else if from.is_outside(topology) {
        // Names of instances resolve to their public addresses there.
        let public = own.public_ip_of(own.private_ip());
        IpAddr::V4(public.unwrap_or(own.private_ip()))
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
