//! From here to there, hop by hop through the overlay and down to the substrate, and back; or every
//! reason why not. A pure function of a topology, without a clock.
//!
//! [`trace`] walks one packet there and its answer back. What it meets are [`Step`]s: decisions of
//! security groups, network ACLs and route tables, exchanges of addresses, and [`Hop`]s, which take
//! time and are what a simulation is made of. Whatever refuses the packet is a [`Refusal`]; only
//! [`Refusal::explain`] turns it into words.

// Most of what is asked here is about one kind of many steps, resources and ends; and "to", "from" and
// "into" are directions of packets, not conversions.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::wrong_self_convention,
    clippy::similar_names,
    clippy::single_match_else
)]

mod choice;
mod connection;
mod connectivity;
mod destination;
mod dns;
mod ena_express;
mod end;
mod endpoint;
mod explain;
mod filtering;
mod gateway;
mod header;
mod hop;
mod load_balancer;
mod link_local;
mod matrix;
mod meter;
mod refusal;
mod names;
mod substrate;
mod trace;
mod vpc;
mod walk;
mod worker;

pub use end::{Endpoint, Resolution, UnknownEnd};
pub use explain::Explanation;
pub use header::{EPHEMERAL, EPHEMERAL_OF_INSTANCES, Flow, Header, Socket};
pub use hop::{Admission, Hop, Link, LinkLocal, Resource, Side, Step, Tracking};
pub use matrix::{Matrix, Ports, Reach, all_ends, matrix};
pub use meter::Meter;
pub use refusal::{Cause, ReasonCode, Refusal};

pub use trace::{is_reachable, resolve, trace};

use walk::MTU_VPC;

use crate::scenario::PortRange;
use crate::topology::{
    Fabric, Function, Id, LoadBalancer, NetworkAcl, NetworkInterface, Service, TargetGroup,
    VpcEndpoint,
};
use crate::units::Bytes;

/// There, or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the client to the server.
    Forward,
    /// From the server to the client.
    Return,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Who sends.
    pub from: Endpoint,
    /// To whom.
    pub to: Endpoint,
    /// Protocol and port.
    pub flow: Flow,
    /// Whether by IPv6, where the destination leaves that open.
    pub ipv6: bool,
    /// The client's port. `None`: any of [`EPHEMERAL`], of an instance any of
    /// [`EPHEMERAL_OF_INSTANCES`].
    pub source_port: Option<u16>,
    /// For endpoint policies: the action, such as `s3:GetObject`. `None`: any.
    pub action: Option<&'a str>,
    /// For endpoint policies: the resource's ARN. `None`: any.
    pub resource: Option<&'a str>,
}

impl Query<'_> {
    /// From one end to another, by IPv4, from any port, to do anything.
    #[must_use]
    pub const fn new(from: Endpoint, to: Endpoint, flow: Flow) -> Self {
        Self {
            from,
            to,
            flow,
            ipv6: false,
            source_port: None,
            action: None,
            resource: None,
        }
    }
}

/// One direction of a path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leg {
    /// What the packet meets, in order; on a refused path, all that could be found out.
    pub steps: Vec<Step>,
    /// What is charged by volume.
    pub meters: Vec<Meter>,
}

impl Leg {
    /// What takes time, in order.
    pub fn hops(&self) -> impl Iterator<Item = Hop> {
        self.steps.iter().filter_map(|step| match *step {
            Step::Hop(hop) => Some(hop),
            _ => None,
        })
    }
}

/// Who answers at the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// The process behind an interface.
    Interface(Id<NetworkInterface>),
    /// The front end of a service in a zone, by its public address.
    Service(Id<Service>, Id<Fabric>),
    /// The same, through a gateway endpoint.
    GatewayEndpoint(Id<Service>, Id<Fabric>, Id<VpcEndpoint>),
    /// The same, through a node of an interface endpoint.
    InterfaceEndpoint(Id<Service>, Id<Fabric>, Id<NetworkInterface>),
    /// A function behind a load balancer; on the way back, the function that asked.
    Function(Id<Function>),
    /// A service of the sender's own host.
    LinkLocal(LinkLocal),
    /// A host at a site, which answers at once.
    Site(Id<crate::topology::CustomerGateway>),
    /// A host on the internet, which answers at once.
    Internet,
    /// A bare host of a fabric.
    Host,
}

/// Something that a reader of a path should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A network ACL lets only some of the client's ports through.
    PartOfThePorts {
        /// The ACL.
        acl: Id<NetworkAcl>,
        /// The entry that lets them through.
        rule_number: u16,
        /// These.
        ports: PortRange,
    },
    /// The interface is attached to nothing that the scenario names; it is taken to be in use.
    Unattached(Id<NetworkInterface>),
    /// A router is taken to put its own address in place of the source.
    AssumedMasquerade(Id<NetworkInterface>),
    /// An appliance sees one direction of the connection only.
    OneDirectionOnly {
        /// Which.
        by: Resource,
        /// Whether a transit gateway lies on the way, which appliance mode would keep in one zone.
        transit: bool,
    },
    /// Whether appliances behind a Gateway Load Balancer let the packet through is theirs to decide.
    ApplianceDecides(Id<LoadBalancer>),
    /// Groups and ACLs do not filter a service of the host.
    LinkLocal(LinkLocal),
    /// No target is healthy, so all of them are sent to.
    FailsOpen(Id<TargetGroup>),
    /// Some variants of the path, such as by one of a load balancer's nodes, are refused.
    PartlyRefused {
        /// How many.
        refused: u32,
        /// Of how many.
        variants: u32,
        /// The first thing that refuses one of them.
        first: Refusal,
    },
}

/// A way there and a way back, or what refuses it.
#[derive(Debug, Clone)]
pub struct Path {
    /// From the client to the server.
    pub forward: Leg,
    /// From the server to the client.
    pub back: Leg,
    /// What refuses it, in the order of the way; empty if the path exists.
    pub refusals: Vec<Refusal>,
    /// What a reader should know.
    pub notes: Vec<Note>,
    /// Who answers; `None` if the packet does not arrive.
    pub server: Option<Server>,
    /// How the destination's name was resolved.
    pub resolution: Option<Resolution>,
    /// The packet as the client sends it; `None` if it has no address to send it to.
    pub header: Option<Header>,
    /// Largest IP packet that passes.
    pub mtu: Bytes,
    /// The node that ends the client's connection and opens its own, if one does: of an Application
    /// Load Balancer, or of a TLS listener.
    pub proxy: Option<Id<NetworkInterface>>,
    /// Whether its flows go by ENA Express.
    pub ena_express: bool,
    /// Variants of the path by what a flow's hash chooses, such as nodes and targets.
    pub variants: u32,
}

impl Path {
    /// Whether packets get there and answers back.
    #[must_use]
    pub const fn is_reachable(&self) -> bool {
        self.refusals.is_empty()
    }

    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            forward: Leg::default(),
            back: Leg::default(),
            refusals,
            notes: Vec::new(),
            server: None,
            resolution: None,
            header: None,
            mtu: MTU_VPC,
            proxy: None,
            ena_express: false,
            variants: 1,
        }
    }
}
