//! What a packet passes on its way: decisions of the overlay, and the places that take time.

use std::net::Ipv4Addr;

use super::{Flow, Header};
use crate::scenario::Protocol;
use crate::topology::{
    CustomerGateway, EgressOnlyInternetGateway, Fabric, Function, HostId, Id, InternetGateway,
    LoadBalancer, NatGateway, NetworkAcl, NetworkInterface, Route, RouteTable, SecurityGroup,
    Service, Subnet, TransitGateway, TransitGatewayAttachment, TransitGatewayRoute,
    TransitGatewayRouteTable, Vpc, VpcEndpoint, VpcPeeringConnection, VpnConnection, VpnGateway,
};
use crate::units::Bytes;

/// One step of a packet, in its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It leaves an interface into its subnet.
    Leaves(Id<NetworkInterface>),
    /// It is delivered to an interface.
    Enters(Id<NetworkInterface>),
    /// The security groups of an interface let it through.
    SecurityGroup {
        /// The interface.
        interface: Id<NetworkInterface>,
        /// Out of it or into it.
        side: Side,
        /// What lets it through.
        by: Admission,
    },
    /// The network ACL of a subnet lets it through.
    NetworkAcl {
        /// The subnet whose boundary it crosses.
        subnet: Id<Subnet>,
        /// The ACL.
        acl: Id<NetworkAcl>,
        /// Out of the subnet or into it.
        side: Side,
        /// The number of the entry that decides.
        rule_number: u16,
    },
    /// A route table decides.
    Route {
        /// The table.
        table: Id<RouteTable>,
        /// The route.
        route: Route,
    },
    /// A route table of a transit gateway decides.
    TransitGatewayRoute {
        /// The table.
        table: Id<TransitGatewayRouteTable>,
        /// The route.
        route: TransitGatewayRoute,
    },
    /// It passes something that is neither an interface nor a table.
    Through(Resource),
    /// Addresses are exchanged.
    Translates {
        /// By whom.
        by: Resource,
        /// The header as it came.
        before: Header,
        /// The header as it goes on.
        after: Header,
    },
    /// From here on, larger packets do not pass.
    LimitsMtu(Bytes),
    /// It takes time at some place of the substrate.
    Hop(Hop),
}

/// What lets a packet through the security groups of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// A rule, by its place in the written list.
    Rule {
        /// The group that has it.
        group: Id<SecurityGroup>,
        /// Its place.
        index: u32,
        /// Whether the connection is tracked.
        tracking: Tracking,
    },
    /// It belongs to a connection that was let through in the other direction.
    Reply,
}

/// Whether a security group tracks a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracking {
    /// Yes: it has an entry that ends with an idle timeout, and counts against the allowance.
    Tracked,
    /// No: all of it is allowed both ways, so that replies need no memory.
    Untracked,
}

/// Out of or into something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Out.
    Egress,
    /// In.
    Ingress,
}

/// A resource that a step or a refusal names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the names say what they are
pub enum Resource {
    NetworkInterface(Id<NetworkInterface>),
    SecurityGroup(Id<SecurityGroup>),
    NetworkAcl(Id<NetworkAcl>),
    Subnet(Id<Subnet>),
    Vpc(Id<Vpc>),
    RouteTable(Id<RouteTable>),
    InternetGateway(Id<InternetGateway>),
    EgressOnlyInternetGateway(Id<EgressOnlyInternetGateway>),
    NatGateway(Id<NatGateway>),
    VpcPeeringConnection(Id<VpcPeeringConnection>),
    TransitGateway(Id<TransitGateway>),
    TransitGatewayAttachment(Id<TransitGatewayAttachment>),
    TransitGatewayRouteTable(Id<TransitGatewayRouteTable>),
    VpnGateway(Id<VpnGateway>),
    VpnConnection(Id<VpnConnection>),
    CustomerGateway(Id<CustomerGateway>),
    VpcEndpoint(Id<VpcEndpoint>),
    LoadBalancer(Id<LoadBalancer>),
    Service(Id<Service>),
    Function(Id<Function>),
    /// A service of the host.
    LinkLocal(LinkLocal),
    Internet,
    /// A bare host of a fabric.
    Host(HostId),
}

/// A service at a link-local address, which the host of an instance answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkLocal {
    /// The resolver of the VPC.
    Resolver,
    /// The instance metadata service.
    InstanceMetadata,
    /// The time service.
    TimeSync,
}

impl LinkLocal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Resolver, Self::InstanceMetadata, Self::TimeSync];

    /// As a scenario names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resolver => "resolver",
            Self::InstanceMetadata => "instance_metadata",
            Self::TimeSync => "time_sync",
        }
    }

    /// What it listens to.
    #[must_use]
    pub const fn flow(self) -> Flow {
        let (protocol, port) = match self {
            Self::Resolver => (Protocol::Udp, 53),
            Self::InstanceMetadata => (Protocol::Tcp, 80),
            Self::TimeSync => (Protocol::Udp, 123),
        };
        Flow { protocol, port }
    }

    /// Its address. (Amazon VPC user guide, "Amazon DNS server", and Amazon EC2 user guide, 2023.)
    #[must_use]
    pub const fn address(self) -> Ipv4Addr {
        match self {
            Self::Resolver => Ipv4Addr::new(169, 254, 169, 253),
            Self::InstanceMetadata => Ipv4Addr::new(169, 254, 169, 254),
            Self::TimeSync => Ipv4Addr::new(169, 254, 169, 123),
        }
    }
}

/// Something that takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// The sender's kernel and ENA driver.
    GuestSend,
    /// The receiver's kernel and ENA driver.
    GuestReceive,
    /// The sender's Nitro card: security groups, routes, encapsulation, bandwidth.
    NitroEgress(Id<NetworkInterface>),
    /// The receiver's Nitro card.
    NitroIngress(Id<NetworkInterface>),
    /// Sender and receiver on one host: turned round in the card, never on the fabric.
    NitroTurnaround(Id<NetworkInterface>, Id<NetworkInterface>),
    /// A service of the host, for the interface that asks it.
    LinkLocal(Id<NetworkInterface>, LinkLocal),
    /// A link of the substrate.
    Link(Link),
    /// A node of a fleet that an interface stands for: of a NAT gateway, an interface endpoint, a load
    /// balancer, a transit gateway, or Lambda functions.
    Fleet(Id<NetworkInterface>, u32),
    /// The edge that a gateway endpoint's route leads to.
    GatewayEndpoint,
    /// The edge that internet gateways stand for.
    InternetGateway,
    /// The AWS end of a VPN connection.
    VpnGateway,
    /// Between the Region's edge and a site.
    Site(Id<CustomerGateway>),
    /// Between the Region's edge and a host on the internet.
    Internet,
}

/// One direction of a link, with its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// From a host to its leaf.
    HostUp(HostId),
    /// From a leaf to a host.
    HostDown(HostId),
    /// From a leaf to the spine of the flow's plane.
    LeafUp(Id<Fabric>, u32),
    /// From the spine of the flow's plane to a leaf.
    LeafDown(Id<Fabric>, u32),
    /// From one zone to another.
    Zone(Id<Fabric>, Id<Fabric>),
}
