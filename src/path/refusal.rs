//! Why there is no path: what refuses, by which rule, with the code that AWS uses for it.

use std::fmt;

use super::hop::{Resource, Side};
use super::{Direction, Header};
use crate::topology::{
    CustomerGateway, Function, Id, InternetGateway, LoadBalancer, NetworkAcl, NetworkInterface,
    Route, RouteTable, SecurityGroup, Subnet, TargetGroup, TransitGateway,
    TransitGatewayAttachment, TransitGatewayRouteTable, Vpc, VpcEndpoint, VpcEndpointService,
    VpcPeeringConnection, VpnConnection, VpnGateway,
};

/// What refuses a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// On the way there or on the way back.
    pub direction: Direction,
    /// How many steps of that way lie before it.
    pub after: usize,
    /// The packet as it comes to what refuses it.
    pub header: Header,
    /// What refuses it, and why.
    pub cause: Cause,
}

/// What refuses a packet, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are the resources that the explanation names
pub enum Cause {
    /// No rule of the interface's groups allows it.
    SecurityGroup {
        interface: Id<NetworkInterface>,
        side: Side,
        /// A group by which a rule can name the other side on this way.
        nameable: Option<Id<SecurityGroup>>,
        /// What on the way does not carry references to the sender's groups on.
        lost: Option<Resource>,
        /// Whether a rule names a group of the sender in vain.
        named: bool,
    },
    /// An entry of the subnet's network ACL denies it.
    NetworkAcl {
        acl: Id<NetworkAcl>,
        subnet: Id<Subnet>,
        side: Side,
        rule_number: u16,
    },
    /// The interface drops what is neither from nor to it.
    SourceDestCheck(Id<NetworkInterface>),
    /// The table has no route for the destination.
    NoRoute(Id<RouteTable>),
    /// The route leads to something that no longer exists.
    Blackhole { table: Id<RouteTable>, route: Route },
    /// Nobody in the VPC has the address.
    NobodyHasAddress(Id<Vpc>),
    /// The packet goes round in a circle.
    Loop(Resource),
    /// The sender has no public address.
    NoPublicAddress {
        gateway: Id<InternetGateway>,
        sender: Option<Id<NetworkInterface>>,
    },
    /// The sender is not in the gateway's VPC.
    ForeignSource(Resource),
    /// The internet gateway does not send to private addresses.
    PrivateDestination {
        gateway: Id<InternetGateway>,
        shared: bool,
    },
    /// The internet gateway does not send to its own VPC.
    OwnVpcDestination(Id<InternetGateway>),
    /// Nothing has this public address.
    NotPublic(Option<Id<NetworkInterface>>),
    /// The VPC has no internet gateway.
    NoInternetGateway(Id<Vpc>),
    /// A gateway route table has no route for the destination.
    NoIngressRoute(Id<RouteTable>),
    /// What comes in is redirected to an appliance, so nothing may go straight out.
    Redirected {
        gateway: Id<InternetGateway>,
        table: Id<RouteTable>,
    },
    /// Nothing may be started from outside through this resource.
    OutboundOnly(Resource),
    /// The packet answers a connection that the resource has not seen.
    UnknownConnection(Resource),
    /// The resource does not carry the protocol.
    Protocol(Resource),
    /// The route leads to a peering connection that has not been accepted.
    PeeringPending { table: Id<RouteTable>, route: Route },
    /// A peering connection carries packets between addresses of its two VPCs only.
    PeeringEdge {
        peering: Id<VpcPeeringConnection>,
        source: bool,
    },
    /// The VPC has no attachment to the transit gateway.
    NotAttached(Id<TransitGateway>, Id<Vpc>),
    /// The attachment has no interface in the sender's zone.
    AttachmentZone(Id<TransitGatewayAttachment>, Id<Subnet>),
    /// The attachment is associated with no route table.
    NotAssociated(Id<TransitGatewayAttachment>),
    /// The transit gateway's table has no route.
    NoTransitRoute(Id<TransitGatewayRouteTable>),
    /// The transit gateway's table drops it.
    TransitBlackhole(Id<TransitGatewayRouteTable>),
    /// The peering of transit gateways has not been accepted.
    AttachmentPending(Id<TransitGatewayAttachment>),
    /// No tunnel of the VPN connection is up.
    TunnelDown(Id<VpnConnection>),
    /// No VPN connection of the gateway leads to the destination.
    NoVpnRoute(Id<VpnGateway>),
    /// A virtual private gateway carries packets from and to its VPC only.
    VpnEdge(Id<VpnGateway>),
    /// The site has no VPN connection that leads to the destination.
    NoVpnConnection(Id<CustomerGateway>),
    /// The endpoint serves its own VPC only.
    EndpointForeignSource(Id<VpcEndpoint>),
    /// The endpoint's policy denies it.
    EndpointPolicy(Id<VpcEndpoint>),
    /// The endpoint has not been accepted.
    EndpointPending(Id<VpcEndpoint>),
    /// The service does not exist in the endpoint's zone.
    EndpointZone(Id<VpcEndpoint>, Id<VpcEndpointService>),
    /// No listener takes it.
    NoListener(Id<LoadBalancer>),
    /// The target group has no targets.
    NoTargets(Id<LoadBalancer>, Id<TargetGroup>),
    /// The target group has no targets in the node's zone.
    NoTargetsInZone(Id<LoadBalancer>, Id<TargetGroup>),
    /// A target cannot reach itself under its own address.
    Hairpin(Id<LoadBalancer>, Id<TargetGroup>),
    /// Nothing there takes connections.
    NoServer(Resource),
    /// The interface or function has no IPv6 address.
    NoIpv6Address(Resource),
    /// The address is private, and the function that asks is attached to no VPC.
    OutsideVpc {
        function: Id<Function>,
        /// Whose address it is.
        wanted: Option<Id<NetworkInterface>>,
    },
    /// The sender's network has another resource under the receiver's address.
    WrongReceiver { wanted: Resource, reached: Resource },
    /// The answer reaches something else than the client.
    AnswerAstray(Resource),
    /// The resource starts no connections.
    DoesNotSend(Resource),
    /// The name does not resolve in the VPC.
    DnsDisabled(Id<Vpc>),
    /// The zone of something on the way has failed.
    ZoneFailed(Id<NetworkInterface>),
    /// There is no network between the two ends.
    NoNetwork { from: Resource, to: Resource },
}

/// The explanation codes of AWS Reachability Analyzer. (Reachability Analyzer guide, "Explanation
/// codes", 2026.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReasonCode(&'static str);

impl ReasonCode {
    pub(super) const fn new(code: &'static str) -> Self {
        Self(code)
    }

    /// The code as AWS writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
