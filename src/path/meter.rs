//! What is charged by volume on a way.

use crate::topology::{
    Fabric, Id, LoadBalancer, NatGateway, Region, TransitGatewayAttachment, VpcEndpoint,
};

/// Something on a way that is charged by volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meter {
    /// Processed by a NAT gateway.
    NatGateway(Id<NatGateway>),
    /// Passed on by a gateway endpoint, which is free.
    GatewayEndpoint(Id<VpcEndpoint>),
    /// Processed by an interface endpoint.
    InterfaceEndpoint(Id<VpcEndpoint>),
    /// Processed by a Gateway Load Balancer endpoint.
    GatewayLoadBalancerEndpoint(Id<VpcEndpoint>),
    /// Sent into a transit gateway by this attachment.
    TransitGateway(Id<TransitGatewayAttachment>),
    /// Processed by a load balancer.
    LoadBalancer(Id<LoadBalancer>),
    /// From one Availability Zone to another of the same Region, billed to both sides.
    CrossZone(Id<Fabric>, Id<Fabric>),
    /// From one Region to another.
    CrossRegion(Id<Region>, Id<Region>),
    /// Out of a Region to the internet or to a site.
    InternetEgress(Id<Region>),
}
