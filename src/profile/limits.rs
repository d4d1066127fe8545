//! The figures of limits by name. What each means stands in `figures/limits.toml`.

use serde::Deserialize;

use super::Figure;
use crate::engine::Distribution;
use crate::units::{Bytes, Duration, Rate};

/// What cards, gateways and endpoints let through, and what they remember.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitFigures {
    /// The Nitro card of an instance.
    pub card: CardFigures,
    /// ENA Express.
    pub ena_express: EnaExpressFigures,
    /// Connection tracking on the card.
    pub conntrack: ConntrackFigures,
    /// Link-local services.
    pub link_local: LinkLocalFigures,
    /// NAT gateways.
    pub nat_gateway: NatGatewayLimits,
    /// Interface endpoints.
    pub interface_endpoint: InterfaceEndpointLimits,
    /// Network Load Balancers.
    pub network_load_balancer: NetworkLoadBalancerLimits,
    /// Gateway Load Balancers.
    pub gateway_load_balancer: GatewayLoadBalancerLimits,
    /// The network interface of Lambda functions.
    pub lambda_interface: LambdaInterfaceLimits,
    /// Server processes.
    pub server: ServerLimits,
    /// How capacities grow.
    pub growth: GrowthFigures,
    /// The fleet.
    pub hyperplane: HyperplaneFigures,
}

/// The allowances of a card that are not the instance type's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardFigures {
    /// Credits at launch, as the time in which the baseline earns them.
    pub credit_fill: Figure<Distribution>,
    /// The shortest burst of a full bucket.
    pub burst_min: Figure<Duration>,
    /// The longest.
    pub burst_max: Figure<Duration>,
    /// What waits for bandwidth in one direction.
    pub queue: Figure<Bytes>,
    /// A wait that does not count as exceeding the allowance.
    pub tolerance: Figure<Duration>,
    /// Packets of this size at burst bandwidth are the packet allowance.
    pub packet_size: Figure<Bytes>,
    /// Packets that may come at once, as time.
    pub packet_credit: Figure<Duration>,
    /// Packets that wait, as time.
    pub packet_queue: Figure<Duration>,
    /// To internet gateways.
    pub internet_rate: Figure<Rate>,
    /// The share of a large instance's bandwidth to internet gateways.
    pub internet_share: Figure<f64>,
    /// From how many vCPUs an instance is large.
    pub internet_vcpus: Figure<u32>,
    /// One flow.
    pub flow_rate: Figure<Rate>,
    /// One flow in a cluster placement group.
    pub flow_rate_cluster: Figure<Rate>,
    /// One flow by ENA Express.
    pub flow_rate_ena_express: Figure<Rate>,
}

/// ENA Express.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnaExpressFigures {
    /// Added to each packet.
    pub latency: Figure<Distribution>,
    /// Largest IP packet.
    pub mtu: Figure<Bytes>,
}

/// Connection tracking on the card.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConntrackFigures {
    /// Connections for each vCPU.
    pub per_vcpu: Figure<u64>,
    /// Idle timeout of TCP.
    pub tcp_established: Figure<Duration>,
    /// The same on the sixth version of Nitro.
    pub tcp_established_v6: Figure<Duration>,
    /// Families on the sixth version of Nitro.
    pub nitro_v6_families: Figure<Vec<String>>,
    /// Of a connection that is being opened.
    pub tcp_opening: Figure<Duration>,
    /// Of a closed connection.
    pub tcp_closing: Figure<Duration>,
    /// Of UDP.
    pub udp: Figure<Duration>,
    /// Of UDP streams.
    pub udp_stream: Figure<Duration>,
}

/// Link-local services.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkLocalFigures {
    /// Per network interface.
    pub packets_per_second: Figure<u32>,
    /// Time of the resolver.
    pub resolver: Figure<Distribution>,
    /// Time of the metadata service.
    pub instance_metadata: Figure<Distribution>,
    /// Time of the time service.
    pub time_sync: Figure<Distribution>,
}

/// What server processes and their kernels remember.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerLimits {
    /// After how long a connection is dead from which nothing comes.
    pub keep_alive: Figure<Duration>,
}

/// Limits of a NAT gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NatGatewayLimits {
    /// Connections of one address to one destination.
    pub ports: Figure<u64>,
    /// Idle timeout.
    pub idle_timeout: Figure<Duration>,
    /// For how long ports of closed connections are held.
    pub port_hold: Figure<Duration>,
    /// Bandwidth at first.
    pub rate: Figure<Rate>,
    /// Bandwidth when it has grown.
    pub rate_grown: Figure<Rate>,
    /// Packets per second at first.
    pub packets: Figure<u64>,
    /// Packets per second when it has grown.
    pub packets_grown: Figure<u64>,
}

/// Limits of an interface endpoint in one zone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterfaceEndpointLimits {
    /// Idle timeout.
    pub idle_timeout: Figure<Duration>,
    /// Bandwidth at first.
    pub rate: Figure<Rate>,
    /// Bandwidth when it has grown.
    pub rate_grown: Figure<Rate>,
}

/// Limits of a Network Load Balancer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkLoadBalancerLimits {
    /// Idle timeout of TCP.
    pub tcp_idle_timeout: Figure<Duration>,
    /// Idle timeout of UDP.
    pub udp_idle_timeout: Figure<Duration>,
    /// Connections to one target.
    pub ports: Figure<u64>,
    /// For how long ports of closed connections are held.
    pub port_hold: Figure<Duration>,
}

/// Limits of a Gateway Load Balancer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayLoadBalancerLimits {
    /// Idle timeout of TCP.
    pub tcp_idle_timeout: Figure<Duration>,
    /// Idle timeout of UDP.
    pub udp_idle_timeout: Figure<Duration>,
}

/// Limits of the interface that Lambda functions share.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LambdaInterfaceLimits {
    /// Connections of one interface.
    pub connections: Figure<u64>,
    /// Idle timeout.
    pub idle_timeout: Figure<Duration>,
}

/// How capacities grow.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrowthFigures {
    /// Between two looks at the use.
    pub period: Figure<Duration>,
    /// What may come at once, as time.
    pub burst: Figure<Duration>,
}

/// The fleet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HyperplaneFigures {
    /// Nodes of a cell.
    pub cell_nodes: Figure<u32>,
    /// Packets at a node.
    pub queue: Figure<u32>,
}
