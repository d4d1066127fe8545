//! Refusals in words: which resource, by which rule, why, and the smallest change that would help.

mod connectivity;
mod end;
mod filtering;
mod gateway;
mod routing;
mod service;

use std::fmt;
use std::net::IpAddr;

use super::hop::{Resource, Side};
use super::{Cause, Direction, Header, ReasonCode, Refusal};
use crate::scenario::{PortRange, Protocol};
use crate::topology::{Id, InterfaceOwner, NetworkInterface, Topology, Vpc};

/// A refusal in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// There, or back.
    pub direction: Direction,
    /// The code of AWS Reachability Analyzer for the cause, if it has one.
    pub code: Option<ReasonCode>,
    /// The resource that refuses, as `kind.name`; several groups are joined by commas.
    pub at: String,
    /// The rule that decides, or what is missing: `rule 100`, `ingress`, `0.0.0.0/0`.
    pub rule: String,
    /// Why, in a sentence without a full stop.
    pub reason: String,
    /// The smallest change to the scenario that would allow it.
    pub remedy: String,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.reason)?;
        match self.code {
            Some(code) => write!(f, " [{code}]"),
            None => Ok(()),
        }
    }
}

/// What an explanation says besides direction and code.
struct Words {
    at: String,
    rule: String,
    reason: String,
    remedy: String,
}

impl Words {
    fn new(
        at: impl Into<String>,
        rule: impl Into<String>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            at: at.into(),
            rule: rule.into(),
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }
}

impl Refusal {
    /// The refusal in words.
    #[must_use]
    pub fn explain(&self, topology: &Topology) -> Explanation {
        let words = Explainer {
            topology,
            header: self.header,
            direction: self.direction,
        }
        .words(self.cause);
        Explanation {
            direction: self.direction,
            code: self.code(topology),
            at: words.at,
            rule: words.rule,
            reason: words.reason,
            remedy: words.remedy,
        }
    }

    /// The code of AWS Reachability Analyzer for the cause, if it has one.
    #[must_use]
    pub fn code(&self, topology: &Topology) -> Option<ReasonCode> {
        Some(ReasonCode::new(match self.cause {
            Cause::SecurityGroup {
                interface,
                side,
                lost,
                named,
                ..
            } => match lost.filter(|_| named) {
                Some(Resource::TransitGatewayAttachment(_)) => "SG_REFERENCING_SUPPORT",
                Some(_) => "SG_REFERENCES_NOT_PRESERVED",
                None if has_no_rules(topology, interface, side) => "SG_HAS_NO_RULES",
                None => "ENI_SG_RULES_MISMATCH",
            },
            Cause::NetworkAcl { .. } => "SUBNET_ACL_RESTRICTION",
            Cause::SourceDestCheck(_) => "ENI_SOURCE_DEST_CHECK_RESTRICTION",
            Cause::NoRoute(_) | Cause::NoVpnRoute(_) | Cause::NoIngressRoute(_) => {
                "NO_ROUTE_TO_DESTINATION"
            }
            Cause::Blackhole { .. } | Cause::PeeringPending { .. } => "BAD_STATE_ROUTE",
            Cause::NobodyHasAddress(_)
            | Cause::NoServer(_)
            | Cause::WrongReceiver { .. }
            | Cause::AnswerAstray(_) => "NO_POSSIBLE_DESTINATION",
            Cause::NoPublicAddress { .. } => "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
            Cause::PrivateDestination { shared: false, .. } => {
                "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"
            }
            Cause::PrivateDestination { shared: true, .. } => {
                "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"
            }
            Cause::OwnVpcDestination(_) => "IGW_DESTINATION_ADDRESS_IN_VPC_CIDRS",
            Cause::NotPublic(_) | Cause::NoInternetGateway(_) => {
                "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
            }
            Cause::Redirected { .. } => "INGRESS_RTB_TRAFFIC_REDIRECTION",
            Cause::ForeignSource(_) => "NGW_REQUIRES_SOURCE_IN_VPC",
            Cause::OutboundOnly(Resource::NatGateway(_)) => "NGW_DEST_ADDRESS_PRESERVATION",
            Cause::Protocol(Resource::VpcEndpoint(_)) => "VPCE_GATEWAY_PROTOCOL_RESTRICTION",
            Cause::Protocol(_) => "PROTOCOL_RESTRICTION",
            Cause::PeeringEdge { .. } => "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
            Cause::NotAttached(..) | Cause::AttachmentPending(_) => "BAD_STATE_ATTACHMENT",
            Cause::AttachmentZone(..) => "TGW_ROUTE_AZ_RESTRICTION",
            Cause::NotAssociated(_) => "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION",
            Cause::NoTransitRoute(_) => "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
            Cause::TransitBlackhole(_) => "TGW_RTB_BAD_STATE_ROUTE",
            Cause::TunnelDown(id) => match topology.vpn_connections[id].end {
                crate::topology::VpnEnd::VpnGateway(_) => "BAD_STATE_VPN",
                crate::topology::VpnEnd::TransitGateway(_) => "TGW_BAD_STATE_VPN",
            },
            Cause::VpnEdge(id) => {
                let vpc = topology.vpn_gateways[id].vpc;
                let inside = |address| topology.vpcs[vpc].contains(address);
                let (source, destination) = (self.header.source, self.header.destination);
                if inside(destination.address) || inside(source.address) {
                    "VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS"
                } else {
                    "VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
                }
            }
            Cause::EndpointPending(_) | Cause::ZoneFailed(_) => "BAD_STATE",
            Cause::EndpointZone(..) => "VPCE_SERVICE_NOT_INSTALLED_IN_AZ",
            Cause::NoListener(_) => "ELBV2_LISTENERS_MISMATCH",
            Cause::NoTargets(..) => "ELBV2_LISTENER_HAS_NO_TG",
            Cause::NoTargetsInZone(..) => "ELBV2_NO_TARGETS_IN_AZ",
            Cause::Hairpin(..) => "ELBV2_SOURCE_ADDRESS_PRESERVATION",
            Cause::NoNetwork { .. } => "DISCONNECTED_VPCS",
            Cause::Loop(_)
            | Cause::OutboundOnly(_)
            | Cause::UnknownConnection(_)
            | Cause::NoVpnConnection(_)
            | Cause::EndpointForeignSource(_)
            | Cause::EndpointPolicy(_)
            | Cause::NoIpv6Address(_)
            | Cause::OutsideVpc { .. }
            | Cause::DoesNotSend(_)
            | Cause::DnsDisabled(_) => return None,
        }))
    }
}

fn has_no_rules(topology: &Topology, interface: Id<NetworkInterface>, side: Side) -> bool {
    let groups = &topology.network_interfaces[interface].security_groups;
    groups
        .iter()
        .all(|&group| super::filtering::rules(&topology.security_groups[group], side).is_empty())
}

/// The packet that was refused, for sentences about it.
struct Explainer<'t> {
    topology: &'t Topology,
    header: Header,
    direction: Direction,
}

impl Explainer<'_> {
    /// One method for each cause, by what refuses in a file of its own.
    fn words(&self, cause: Cause) -> Words {
        match cause {
            Cause::SecurityGroup {
                interface,
                side,
                nameable,
                lost,
                named,
            } => {
                let by = lost.filter(|_| named);
                self.security_group(interface, side, nameable, by)
            }
            Cause::NetworkAcl {
                acl,
                subnet,
                side,
                rule_number,
            } => self.network_acl(acl, subnet, side, rule_number),
            Cause::NoRoute(table) => self.no_route(table),
            Cause::SourceDestCheck(id) => self.source_dest_check(id),
            Cause::Blackhole { table, route } => self.blackhole(table, route),
            Cause::PeeringPending { table, route } => self.peering_pending(table, route),
            Cause::NobodyHasAddress(vpc) => self.nobody_has_address(vpc),
            Cause::Loop(at) => self.circle(at),
            Cause::NoIngressRoute(table) => self.no_ingress_route(table),
            Cause::NoPublicAddress { gateway, sender } => self.no_public_address(gateway, sender),
            Cause::ForeignSource(at) => self.foreign_source(at),
            Cause::PrivateDestination { gateway, .. } => self.private_destination(gateway),
            Cause::OwnVpcDestination(gateway) => self.own_vpc_destination(gateway),
            Cause::NotPublic(id) => self.not_public(id),
            Cause::NoInternetGateway(vpc) => self.no_internet_gateway(vpc),
            Cause::Redirected { gateway, table } => self.redirected(gateway, table),
            Cause::OutboundOnly(at) => self.outbound_only(at),
            Cause::UnknownConnection(at) => self.unknown_connection(at),
            Cause::Protocol(at) => self.protocol(at),
            Cause::PeeringEdge { peering, source } => self.peering_edge(peering, source),
            Cause::NotAttached(gateway, vpc) => self.not_attached(gateway, vpc),
            Cause::AttachmentZone(attachment, subnet) => self.attachment_zone(attachment, subnet),
            Cause::NotAssociated(attachment) => self.not_associated(attachment),
            Cause::NoTransitRoute(table) => self.no_transit_route(table),
            Cause::TransitBlackhole(table) => self.transit_blackhole(table),
            Cause::AttachmentPending(attachment) => self.attachment_pending(attachment),
            Cause::TunnelDown(id) => self.tunnel_down(id),
            Cause::NoVpnRoute(id) => self.no_vpn_route(id),
            Cause::VpnEdge(id) => self.vpn_edge(id),
            Cause::NoVpnConnection(site) => self.no_vpn_connection(site),
            Cause::EndpointForeignSource(id) => self.endpoint_foreign_source(id),
            Cause::EndpointPolicy(id) => self.endpoint_policy(id),
            Cause::EndpointPending(id) => self.endpoint_pending(id),
            Cause::EndpointZone(id, service) => self.endpoint_zone(id, service),
            Cause::NoListener(id) => self.no_listener(id),
            Cause::NoTargets(id, group) => self.no_targets(id, group),
            Cause::NoTargetsInZone(id, group) => self.no_targets_in_zone(id, group),
            Cause::Hairpin(id, group) => self.hairpin(id, group),
            Cause::NoServer(at) => self.no_server(at),
            Cause::WrongReceiver { wanted, reached } => self.wrong_receiver(wanted, reached),
            Cause::AnswerAstray(at) => self.answer_astray(at),
            Cause::DoesNotSend(at) => self.does_not_send(at),
            Cause::NoIpv6Address(at) => self.no_ipv6_address(at),
            Cause::OutsideVpc { function, wanted } => self.outside_vpc(function, wanted),
            Cause::DnsDisabled(vpc) => self.dns_disabled(vpc),
            Cause::NoNetwork { from, to } => self.no_network(from, to),
            Cause::ZoneFailed(id) => self.zone_failed(id),
        }
    }

    /// Whether the packet comes from a function's interface in a VPC.
    fn is_from_function(&self, vpc: Id<Vpc>) -> bool {
        let t = self.topology;
        let sender = t.addresses.get(&(vpc, self.header.source.address));
        let owner = sender.map(|&id| t.network_interfaces[id].owner);
        matches!(owner, Some(InterfaceOwner::Function(_)))
    }

    /// A resource as the scenario names it.
    fn name(&self, resource: Resource) -> String {
        self.topology.resource_name(resource)
    }

    /// Protocol and destination port, as `tcp/443`.
    fn flow(&self) -> String {
        match self.header.protocol {
            Protocol::Tcp | Protocol::Udp => {
                format!("{}/{}", self.protocol_name(), self.header.destination.ports)
            }
            Protocol::Icmp | Protocol::Icmpv6 | Protocol::All => self.protocol_name(),
        }
    }

    fn protocol_name(&self) -> String {
        self.header.protocol.to_string()
    }

    /// The key `ports` of a rule that would let the packet through.
    fn ports(&self) -> String {
        let PortRange { from, to } = self.header.destination.ports;
        match self.header.protocol {
            Protocol::Tcp | Protocol::Udp if from == to => format!(", ports = {from}"),
            Protocol::Tcp | Protocol::Udp => format!(", ports = \"{from}-{to}\""),
            Protocol::Icmp | Protocol::Icmpv6 | Protocol::All => String::new(),
        }
    }

    /// The packet in a sentence: `from 10.0.1.5 (tcp/443)`.
    fn described(&self) -> String {
        format!(
            "from {} to {} ({})",
            self.header.source.address,
            self.header.destination.address,
            self.flow()
        )
    }
}

/// An address as a block of its own.
fn host_block(address: IpAddr) -> String {
    let bits = if address.is_ipv4() { 32 } else { 128 };
    format!("{address}/{bits}")
}
