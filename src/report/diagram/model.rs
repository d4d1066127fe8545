//! What there is to draw, without coordinates and without knowledge of where it came from.

use std::fmt;

/// The name that links and flows know a thing by, such as `instance.app` or `nat_gateway.a`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(String);

impl NodeId {
    /// The internet, of which there is one.
    pub const INTERNET: &'static str = "internet";

    /// The id of what is called `name`.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T: Into<String>> From<T> for NodeId {
    fn from(name: T) -> Self {
        Self::new(name)
    }
}

/// A topology as a picture shows it.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Regions, from top to bottom.
    pub regions: Vec<Region>,
    /// What is in no VPC: the internet, sites, services.
    pub outside: Vec<Thing>,
    /// Peering connections.
    pub peerings: Vec<Peering>,
    /// Other connections.
    pub links: Vec<Link>,
    /// The ways of workloads.
    pub flows: Vec<Flow>,
}

/// A Region.
#[derive(Debug, Clone, Default)]
pub struct Region {
    /// Its name.
    pub name: String,
    /// Its VPCs.
    pub vpcs: Vec<Vpc>,
    /// Its transit gateways.
    pub transit_gateways: Vec<TransitGateway>,
}

/// A VPC.
#[derive(Debug, Clone)]
pub struct Vpc {
    /// What links call it.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// Its address blocks.
    pub blocks: Vec<String>,
    /// The zones that its subnets are in, in the order of their columns.
    pub zones: Vec<String>,
    /// Its subnets.
    pub subnets: Vec<Subnet>,
    /// What stands on its border: gateways and endpoint services.
    pub gateways: Vec<Thing>,
}

/// A subnet.
#[derive(Debug, Clone)]
pub struct Subnet {
    /// What links call it.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// Its address blocks.
    pub blocks: Vec<String>,
    /// Its zone, as an index into those of the VPC.
    pub zone: usize,
    /// How it reaches the internet.
    pub tier: Tier,
    /// Routes worth showing, such as `0.0.0.0/0 → nat_gateway.a`.
    pub routes: Vec<String>,
    /// What has a network interface in it.
    pub resources: Vec<Thing>,
}

/// How a subnet reaches the internet, in the order of the rows of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// By an internet gateway.
    Public,
    /// By address translation.
    Private,
    /// Not at all.
    Isolated,
    /// By something else: a transit gateway, an appliance, a site.
    Other,
}

/// Something with a name and a glyph.
#[derive(Debug, Clone)]
pub struct Thing {
    /// What links and flows call it.
    pub id: NodeId,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What else the reader wants to know, shown if there is room; may be empty.
    pub detail: String,
}

/// What a thing is, in the order in which the things of a subnet stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A node of a load balancer.
    LoadBalancer,
    /// A NAT gateway.
    NatGateway,
    /// An EC2 instance.
    Instance,
    /// A network interface of something else: a database, a container task.
    NetworkInterface,
    /// A Lambda function, or its interface in a VPC.
    Function,
    /// An interface of a VPC endpoint.
    Endpoint,
    /// A transit gateway's interface in a VPC, or its attachment to the VPC.
    Attachment,
    /// An internet gateway.
    InternetGateway,
    /// An egress-only internet gateway.
    EgressOnlyInternetGateway,
    /// A virtual private gateway.
    VpnGateway,
    /// A gateway endpoint.
    GatewayEndpoint,
    /// An endpoint service: where other VPCs reach a load balancer.
    EndpointService,
    /// A transit gateway.
    TransitGateway,
    /// A peering connection.
    Peering,
    /// The internet.
    Internet,
    /// A site beyond a customer gateway.
    Site,
    /// An AWS service.
    Service,
    /// What there is no room for.
    More,
}

impl Kind {
    /// What one of it is called in running text.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::LoadBalancer => "load balancer",
            Self::NatGateway => "NAT gateway",
            Self::Instance => "instance",
            Self::NetworkInterface => "network interface",
            Self::Function => "function",
            Self::Endpoint => "interface endpoint",
            Self::Attachment => "transit gateway attachment",
            Self::InternetGateway => "internet gateway (IGW)",
            Self::EgressOnlyInternetGateway => "egress-only internet gateway (EIGW)",
            Self::VpnGateway => "virtual private gateway (VGW)",
            Self::GatewayEndpoint => "gateway endpoint",
            Self::EndpointService => "endpoint service",
            Self::TransitGateway => "transit gateway",
            Self::Peering => "peering connection",
            Self::Internet => "internet",
            Self::Site => "site",
            Self::Service => "AWS service",
            Self::More => "not shown in full",
        }
    }
}

/// A transit gateway.
#[derive(Debug, Clone)]
pub struct TransitGateway {
    /// What links and flows call it.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// The VPCs that are attached to it.
    pub vpcs: Vec<NodeId>,
}

/// A peering connection.
#[derive(Debug, Clone)]
pub struct Peering {
    /// What links and flows call it.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// Its ends.
    pub vpcs: [NodeId; 2],
}

/// A connection from each of some things to each of others, drawn as one tree.
#[derive(Debug, Clone)]
pub struct Link {
    /// What it is.
    pub kind: LinkKind,
    /// Where it starts.
    pub from: Vec<NodeId>,
    /// Where it ends.
    pub to: Vec<NodeId>,
}

/// What a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkKind {
    /// A default route, any route where there is none, or the way on from a gateway.
    Route,
    /// From a load balancer to its targets.
    Targets,
    /// From endpoints to a service of one's own in another VPC.
    PrivateLink,
    /// From an endpoint to an AWS service.
    Service,
    /// Between a VPC and a transit gateway.
    Attachment,
    /// Between VPCs, or between transit gateways.
    Peering,
    /// Between a gateway and a site.
    Vpn,
}

/// The way of a workload's packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// The workload.
    pub name: String,
    /// What they pass, from the client to the server.
    pub through: Vec<NodeId>,
}
