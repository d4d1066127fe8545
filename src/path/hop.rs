//! What a packet passes on its way.

use crate::topology::{
    Fabric, GatewayEndpoint, HostId, Id, Instance, InterfaceEndpoint, InternetGateway, NatGateway,
};

/// One hop of a path, in the direction of the packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// The sender's kernel and ENA driver.
    GuestSend,
    /// The receiver's kernel and ENA driver.
    GuestReceive,
    /// The sender's Nitro card: security groups, routes, encapsulation, bandwidth.
    NitroEgress(Id<Instance>),
    /// The receiver's Nitro card.
    NitroIngress(Id<Instance>),
    /// Sender and receiver on one host: turned round in the card, never on the fabric.
    NitroTurnaround(Id<Instance>),
    /// A link of the substrate.
    Link(Link),
    /// A Hyperplane node of a NAT gateway.
    NatGateway(Id<NatGateway>, u32),
    /// A Hyperplane node of an interface endpoint.
    InterfaceEndpoint(Id<InterfaceEndpoint>, u32),
    /// The edge that a gateway endpoint's route leads to.
    GatewayEndpoint(Id<GatewayEndpoint>),
    /// The edge that an internet gateway stands for.
    InternetGateway(Id<InternetGateway>),
    /// From the Region's edge to a host on the internet.
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
