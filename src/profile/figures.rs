//! The figures by name. What each means, its source and its validity stand in `figures/*.toml`.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde::Deserialize;

use super::{LambdaFigures, LimitFigures, Prices};
use crate::engine::Distribution;
use crate::units::{Bytes, Duration, Rate, Share, Usd};

/// The source of a figure that the scenario overrides.
pub(super) const OF_SCENARIO: &str = "the scenario's [profile]";

/// A figure of the modelled world and where it comes from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure<T> {
    /// The figure.
    pub value: T,
    /// How well it is known.
    pub kind: Evidence,
    /// Who published it.
    pub source: String,
    /// When.
    pub date: String,
    /// Conditions, validity, and why an assumed figure is what it is.
    pub note: Option<String>,
}

impl<T> Figure<T> {
    /// Whether the scenario gives it.
    #[must_use]
    pub fn is_of_scenario(&self) -> bool {
        self.source == OF_SCENARIO
    }
}

/// How well a figure is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Measured by someone who published the measurement.
    Measured,
    /// Stated by AWS.
    Documented,
    /// Computed from published figures.
    Derived,
    /// Nobody published it; the note gives the reason for the value.
    Assumed,
}

/// All figures.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Kernel and ENA driver.
    pub guest: GuestFigures,
    /// The Nitro card.
    pub nitro: NitroFigures,
    /// What is let through, and what is remembered.
    pub limit: LimitFigures,
    /// TLS handshakes.
    pub tls: TlsFigures,
    /// Server processes on instances.
    pub instance: InstanceFigures,
    /// The physical network.
    pub fabric: FabricFigures,
    /// Distances between Regions.
    pub region: RegionFigures,
    /// NAT gateways.
    pub nat_gateway: FleetFigures,
    /// Interface endpoints.
    pub interface_endpoint: FleetFigures,
    /// Application Load Balancers.
    pub application_load_balancer: FleetFigures,
    /// Network Load Balancers.
    pub network_load_balancer: FleetFigures,
    /// Gateway Load Balancers.
    pub gateway_load_balancer: FleetFigures,
    /// Transit gateways.
    pub transit_gateway: FleetFigures,
    /// Network interfaces of Lambda functions.
    pub lambda_interface: FleetFigures,
    /// Gateway endpoints.
    pub gateway_endpoint: EndpointFigures,
    /// Internet gateways.
    pub internet_gateway: EndpointFigures,
    /// The AWS end of VPN connections.
    pub vpn_gateway: EndpointFigures,
    /// Hosts on the internet.
    pub internet: EndpointFigures,
    /// AWS services by name.
    pub service: BTreeMap<String, ServiceFigures>,
    /// AWS Lambda.
    pub lambda: LambdaFigures,
    /// Bulk transfers.
    pub stream: StreamFigures,
    /// EC2 instance types by name.
    pub instance_type: BTreeMap<String, InstanceType>,
    /// What AWS charges.
    pub price: Prices,
}

/// One side of a packet in the guest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuestFigures {
    /// From the socket to the card.
    pub send: Figure<Distribution>,
    /// From the card to the socket.
    pub receive: Figure<Distribution>,
}

/// Packet processing in the Nitro card.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NitroFigures {
    /// Egress, first packet of a flow: security groups, routes, encapsulation.
    pub egress_first: Figure<Distribution>,
    /// Egress, flow cached.
    pub egress_cached: Figure<Distribution>,
    /// Ingress, first packet of a flow.
    pub ingress_first: Figure<Distribution>,
    /// Ingress, flow cached.
    pub ingress_cached: Figure<Distribution>,
    /// Egress and ingress on one host, first packet of a flow.
    pub turnaround_first: Figure<Distribution>,
    /// Egress and ingress on one host, flow cached.
    pub turnaround_cached: Figure<Distribution>,
    /// Bytes the overlay adds on the wire.
    pub encapsulation: Figure<Bytes>,
}

/// Computing in a TLS handshake.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFigures {
    /// The client's.
    pub client_compute: Figure<Distribution>,
    /// The server's.
    pub server_compute: Figure<Distribution>,
}

/// Server processes on instances.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceFigures {
    /// Time to answer a request unless the scenario says otherwise.
    pub service_time: Figure<Distribution>,
}

/// The physical network of an Availability Zone, and between zones.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FabricFigures {
    /// Racks in a zone, each with a leaf switch.
    pub racks: Figure<u32>,
    /// Hosts in a rack.
    pub hosts_per_rack: Figure<u32>,
    /// Spine switches in a zone.
    pub spines: Figure<u32>,
    /// Between a host and its leaf.
    pub host_link_rate: Figure<Rate>,
    /// Between a leaf and a spine.
    pub fabric_link_rate: Figure<Rate>,
    /// Propagation over one link and switching at its end.
    pub link_latency: Figure<Duration>,
    /// Queue of a link, in bytes.
    pub buffer: Figure<Bytes>,
    /// How long leaves send to a spine that has failed.
    pub reroute_after: Figure<Duration>,
    /// One way between two zones.
    pub zone_link_latency: Figure<Duration>,
    /// Between two zones, in each direction.
    pub zone_link_rate: Figure<Rate>,
    /// Queue of a link between zones, in bytes.
    pub zone_link_buffer: Figure<Bytes>,
}

/// Distances between Regions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionFigures {
    /// Round trip between two Regions of which none is known.
    pub unknown_round_trip: Figure<Duration>,
    /// Round trips between two Regions: by the name that comes first, then by the other.
    pub round_trip: BTreeMap<String, BTreeMap<String, Figure<Duration>>>,
}

impl RegionFigures {
    /// The round trip between two Regions, if it is known.
    #[must_use]
    pub fn round_trip(&self, a: &str, b: &str) -> Option<Duration> {
        let (first, second) = if a < b { (a, b) } else { (b, a) };
        let figure = self.round_trip.get(first)?.get(second)?;
        Some(figure.value)
    }
}

/// A fleet of nodes that process packets, most of them on Hyperplane.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetFigures {
    /// Nodes of one tenant's shuffle shard.
    pub nodes: Figure<u32>,
    /// Packets a node processes at once.
    pub servers: Figure<u32>,
    /// Time a packet occupies one of them.
    pub service_time: Figure<Distribution>,
    /// Latency of a packet of an established flow.
    pub established_latency: Figure<Distribution>,
    /// Latency of the first packet of a flow.
    pub new_flow_latency: Figure<Distribution>,
}

/// Something that only adds latency.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointFigures {
    /// One way.
    pub latency: Figure<Distribution>,
}

/// An AWS service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceFigures {
    /// Time inside the service to answer a small request.
    pub service_time: Figure<Distribution>,
    /// Whether the service has a gateway endpoint.
    pub gateway_endpoint: Option<Figure<bool>>,
    /// Its public IPv4 addresses, if AWS publishes a prefix list of them.
    pub prefix_list: Option<Figure<Vec<Ipv4Net>>>,
}

/// Bulk transfers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamFigures {
    /// Segments that a new connection sends at once.
    pub initial_window: Figure<u32>,
    /// Share of a limited buffer that is full in front of a link that flows saturate.
    pub standing_queue: Figure<Share>,
    /// Sizes of flows.
    pub flow_sizes: FlowSizeFigures,
}

/// Distributions of the sizes of flows; linear between the points.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowSizeFigures {
    /// A web search cluster.
    pub web_search: Figure<Vec<ShareAtSize>>,
    /// A Hadoop cluster.
    pub hadoop: Figure<Vec<ShareAtSize>>,
    /// A storage cluster.
    pub storage: Figure<Vec<ShareAtSize>>,
    /// Remote procedure calls.
    pub rpc: Figure<Vec<ShareAtSize>>,
}

/// A point of a distribution of sizes.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareAtSize {
    /// A size.
    pub size: Bytes,
    /// How many of all are at most that.
    pub share: Share,
}

/// What is published of an EC2 instance type.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceType {
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Bandwidth it always has, per direction.
    pub baseline: Rate,
    /// Bandwidth while credits last, per direction.
    pub burst: Rate,
    /// Network interfaces it can have.
    pub max_network_interfaces: u32,
    /// Private IPv4 addresses per interface.
    pub ipv4_per_network_interface: u32,
    /// An hour on demand with Linux in us-east-1; `None` if AWS lists no price there.
    pub usd_per_hour: Option<Usd>,
}
