//! The parts that a latency is charged to.

use crate::units::Duration;

/// What some of a latency was spent on. Waiting in a queue is a part of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)] // the names say what they are; `name` gives them as reported
pub enum Part {
    LambdaFrontEnd,
    LambdaInvoke,
    LambdaQueue,
    LambdaPlacement,
    LambdaMicrovmBoot,
    LambdaCode,
    LambdaVpcAttach,
    LambdaExtensionInit,
    LambdaRuntimeInit,
    LambdaFunctionInit,
    LambdaRestore,
    LambdaHandler,
    ClientFailedAttempt,
    ClientBackoff,
    ClientHedge,
    ConnectionPoolQueue,
    TcpHandshake,
    TcpWindow,
    TcpRetransmission,
    Transfer,
    Propagation,
    GuestSend,
    NitroEgressQueue,
    NitroEgress,
    NitroTurnaroundQueue,
    NitroTurnaround,
    HostLinkQueue,
    HostLink,
    FabricLinkQueue,
    FabricLink,
    ZoneLinkQueue,
    ZoneLink,
    NatGatewayQueue,
    NatGateway,
    InterfaceEndpointQueue,
    InterfaceEndpoint,
    TransitGatewayQueue,
    TransitGateway,
    NetworkLoadBalancerQueue,
    NetworkLoadBalancer,
    ApplicationLoadBalancerQueue,
    ApplicationLoadBalancer,
    GatewayLoadBalancerQueue,
    GatewayLoadBalancer,
    LambdaInterfaceQueue,
    LambdaInterface,
    GatewayEndpoint,
    LinkLocal,
    InternetGateway,
    Internet,
    VpnGateway,
    Site,
    NitroIngressQueue,
    NitroIngress,
    GuestReceive,
    TlsServer,
    TlsClient,
    ServiceQueue,
    Service,
}

impl Part {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// All parts, in the order in which a report shows them.
    pub const ALL: [Self; 59] = [
        Self::LambdaFrontEnd,
        Self::LambdaInvoke,
        Self::LambdaQueue,
        Self::LambdaPlacement,
        Self::LambdaMicrovmBoot,
        Self::LambdaCode,
        Self::LambdaVpcAttach,
        Self::LambdaExtensionInit,
        Self::LambdaRuntimeInit,
        Self::LambdaFunctionInit,
        Self::LambdaRestore,
        Self::LambdaHandler,
        Self::ClientFailedAttempt,
        Self::ClientBackoff,
        Self::ClientHedge,
        Self::ConnectionPoolQueue,
        Self::TcpHandshake,
        Self::TcpWindow,
        Self::TcpRetransmission,
        Self::Transfer,
        Self::Propagation,
        Self::GuestSend,
        Self::NitroEgressQueue,
        Self::NitroEgress,
        Self::NitroTurnaroundQueue,
        Self::NitroTurnaround,
        Self::HostLinkQueue,
        Self::HostLink,
        Self::FabricLinkQueue,
        Self::FabricLink,
        Self::ZoneLinkQueue,
        Self::ZoneLink,
        Self::NatGatewayQueue,
        Self::NatGateway,
        Self::InterfaceEndpointQueue,
        Self::InterfaceEndpoint,
        Self::TransitGatewayQueue,
        Self::TransitGateway,
        Self::NetworkLoadBalancerQueue,
        Self::NetworkLoadBalancer,
        Self::ApplicationLoadBalancerQueue,
        Self::ApplicationLoadBalancer,
        Self::GatewayLoadBalancerQueue,
        Self::GatewayLoadBalancer,
        Self::LambdaInterfaceQueue,
        Self::LambdaInterface,
        Self::GatewayEndpoint,
        Self::LinkLocal,
        Self::InternetGateway,
        Self::Internet,
        Self::VpnGateway,
        Self::Site,
        Self::NitroIngressQueue,
        Self::NitroIngress,
        Self::GuestReceive,
        Self::TlsServer,
        Self::TlsClient,
        Self::ServiceQueue,
        Self::Service,
    ];

    /// The name in reports: the hop, and `.queue` for waiting at it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LambdaFrontEnd => "lambda.front_end",
            Self::LambdaInvoke => "lambda.invoke",
            Self::LambdaQueue => "lambda.queue",
            Self::LambdaPlacement => "lambda.placement",
            Self::LambdaMicrovmBoot => "lambda.microvm_boot",
            Self::LambdaCode => "lambda.code",
            Self::LambdaVpcAttach => "lambda.vpc_attach",
            Self::LambdaExtensionInit => "lambda.extension_init",
            Self::LambdaRuntimeInit => "lambda.runtime_init",
            Self::LambdaFunctionInit => "lambda.function_init",
            Self::LambdaRestore => "lambda.restore",
            Self::LambdaHandler => "lambda.handler",
            Self::ClientFailedAttempt => "client.failed_attempt",
            Self::ClientBackoff => "client.backoff",
            Self::ClientHedge => "client.hedge",
            Self::ConnectionPoolQueue => "connection_pool.queue",
            Self::TcpWindow => "tcp.window",
            Self::TcpRetransmission => "tcp.retransmission",
            Self::GuestSend => "guest.send",
            Self::NitroEgressQueue => "nitro.egress.queue",
            Self::NitroEgress => "nitro.egress",
            Self::NitroTurnaroundQueue => "nitro.turnaround.queue",
            Self::NitroTurnaround => "nitro.turnaround",
            Self::HostLinkQueue => "fabric.host_link.queue",
            Self::HostLink => "fabric.host_link",
            Self::FabricLinkQueue => "fabric.spine_link.queue",
            Self::FabricLink => "fabric.spine_link",
            Self::ZoneLinkQueue => "zone_link.queue",
            Self::ZoneLink => "zone_link",
            Self::NatGatewayQueue => "nat_gateway.queue",
            Self::NatGateway => "nat_gateway",
            Self::InterfaceEndpointQueue => "interface_endpoint.queue",
            Self::InterfaceEndpoint => "interface_endpoint",
            Self::TransitGatewayQueue => "transit_gateway.queue",
            Self::TransitGateway => "transit_gateway",
            Self::NetworkLoadBalancerQueue => "network_load_balancer.queue",
            Self::NetworkLoadBalancer => "network_load_balancer",
            Self::ApplicationLoadBalancerQueue => "application_load_balancer.queue",
            Self::ApplicationLoadBalancer => "application_load_balancer",
            Self::GatewayLoadBalancerQueue => "gateway_load_balancer.queue",
            Self::GatewayLoadBalancer => "gateway_load_balancer",
            Self::LambdaInterfaceQueue => "lambda_interface.queue",
            Self::LambdaInterface => "lambda_interface",
            Self::GatewayEndpoint => "gateway_endpoint",
            Self::LinkLocal => "link_local",
            Self::InternetGateway => "internet_gateway",
            Self::Internet => "internet",
            Self::VpnGateway => "vpn_gateway",
            Self::Site => "vpn_connection",
            Self::NitroIngressQueue => "nitro.ingress.queue",
            Self::NitroIngress => "nitro.ingress",
            Self::GuestReceive => "guest.receive",
            Self::TlsServer => "tls.server",
            Self::TlsClient => "tls.client",
            Self::ServiceQueue => "service.queue",
            Self::Service => "service",
            Self::TcpHandshake => "tcp.handshake",
            Self::Transfer => "transfer",
            Self::Propagation => "propagation",
        }
    }
}

/// What a latency has been spent on so far, by part.
///
/// Invariant: the charges sum to the age of what carries them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charges([Duration; Part::COUNT]);

impl Charges {
    /// Nothing charged.
    pub const NONE: Self = Self([Duration::ZERO; Part::COUNT]);

    /// Charges `time` to `part`.
    #[inline]
    pub fn add(&mut self, part: Part, time: Duration) {
        self.0[part as usize] += time;
    }

    /// Charges all that `other` has charged.
    pub fn add_all(&mut self, other: &Self) {
        for (into, from) in self.0.iter_mut().zip(&other.0) {
            *into += *from;
        }
    }

    /// All charges, indexed by part.
    #[inline]
    #[must_use]
    pub const fn as_slice(&self) -> &[Duration] {
        &self.0
    }

    /// The sum of all charges.
    #[inline]
    #[must_use]
    pub fn total(&self) -> Duration {
        self.0
            .iter()
            .fold(Duration::ZERO, |sum, &charge| sum + charge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_listed_in_the_order_of_their_numbers_with_distinct_names() {
        for (index, part) in Part::ALL.into_iter().enumerate() {
            assert_eq!(part as usize, index);
        }
        let names: std::collections::BTreeSet<&str> =
            Part::ALL.into_iter().map(Part::name).collect();
        assert_eq!(names.len(), Part::COUNT);
    }
}
