//! Load balancers and their target groups.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Reference;

/// An Application, Network or Gateway Load Balancer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancer {
    /// `"application"`, `"network"` or `"gateway"`.
    #[schemars(extend("example" = "\"application\""))]
    pub load_balancer_type: LoadBalancerType,
    /// The subnets that get a node of it, at most one per zone.
    #[schemars(extend("example" = "[\"public-a\", \"public-b\"]"))]
    pub subnets: Vec<Reference>,
    /// Whether its name resolves to private addresses only; an internet-facing one has public
    /// addresses. Default: false.
    #[serde(default)]
    #[schemars(extend("example" = "true"))]
    pub internal: bool,
    /// The groups of its network interfaces. Default: the VPC's default group for an Application
    /// Load Balancer; none, which admits everything, for a Network Load Balancer.
    #[serde(default)]
    #[schemars(extend("example" = "[\"alb\"]"))]
    pub security_groups: Vec<Reference>,
    /// What it listens to. A Gateway Load Balancer takes every packet: give it one listener with a
    /// target group only.
    #[schemars(extend("example" = "[{ port = 443, protocol = \"HTTPS\", target_group = \"app\" }]"))]
    pub listeners: Vec<Listener>,
    /// Whether a node sends to targets in other zones, too. Default: true for an Application Load
    /// Balancer, otherwise false.
    #[schemars(extend("example" = "true"))]
    pub enable_cross_zone_load_balancing: Option<bool>,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"web\" }"))]
    pub tags: super::Tags,
}

/// The kinds of load balancers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LoadBalancerType {
    /// HTTP and HTTPS; ends connections and opens its own.
    Application,
    /// TCP, UDP and TLS; passes connections on.
    Network,
    /// Every packet, to appliances.
    Gateway,
}

/// What a load balancer listens to, and where it sends that.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// The port; not for a Gateway Load Balancer.
    #[schemars(extend("example" = "443"))]
    pub port: Option<u16>,
    /// `"HTTP"` or `"HTTPS"`; `"TCP"`, `"UDP"`, `"TCP_UDP"` or `"TLS"`; not for a Gateway Load
    /// Balancer.
    #[schemars(extend("example" = "\"HTTPS\""))]
    pub protocol: Option<ListenerProtocol>,
    /// The target group of its default action.
    #[schemars(extend("example" = "\"app\""))]
    pub target_group: Reference,
    /// For how long an idle TCP connection is kept, between 60 s and 6000 s: `tcp.idle_timeout.seconds`
    /// of a TCP listener, or of a Gateway Load Balancer. Default: 350 s.
    #[schemars(extend("example" = "\"1000 s\""))]
    pub tcp_idle_timeout: Option<crate::units::Duration>,
}

/// Protocols of listeners and target groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum ListenerProtocol {
    /// HTTP, of an Application Load Balancer.
    #[serde(rename = "HTTP", alias = "http")]
    Http,
    /// HTTPS, of an Application Load Balancer.
    #[serde(rename = "HTTPS", alias = "https")]
    Https,
    /// TCP, of a Network Load Balancer.
    #[serde(rename = "TCP", alias = "tcp")]
    Tcp,
    /// UDP, of a Network Load Balancer.
    #[serde(rename = "UDP", alias = "udp")]
    Udp,
    /// Both, of a Network Load Balancer.
    #[serde(rename = "TCP_UDP", alias = "tcp_udp")]
    TcpUdp,
    /// TLS, ended by a Network Load Balancer.
    #[serde(rename = "TLS", alias = "tls")]
    Tls,
    /// Encapsulated packets, to the appliances of a Gateway Load Balancer.
    #[serde(rename = "GENEVE", alias = "geneve")]
    Geneve,
}

impl fmt::Display for ListenerProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::TcpUdp => "TCP_UDP",
            Self::Tls => "TLS",
            Self::Geneve => "GENEVE",
        })
    }
}

/// What a load balancer sends to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetGroup {
    /// The VPC of its targets.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
    /// Protocol to the targets. Default: that of the listener, without TLS.
    #[schemars(extend("example" = "\"HTTP\""))]
    pub protocol: Option<ListenerProtocol>,
    /// Port of the targets. Default: 6081 for `"GENEVE"`; otherwise it must be given.
    #[schemars(extend("example" = "8080"))]
    pub port: Option<u16>,
    /// `"instance"`, `"ip"`, `"alb"` or `"lambda"`. Default: `"instance"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"ip\""))]
    pub target_type: TargetType,
    /// The targets: instances, network interfaces or addresses for `"ip"`, an Application Load
    /// Balancer for `"alb"`, a function for `"lambda"`.
    #[serde(default)]
    #[schemars(extend("example" = "[\"instance.app-a\", \"instance.app-b\"]"))]
    pub targets: Vec<Reference>,
    /// Those of the targets that fail their health checks for reasons of their own. Default: none.
    #[serde(default)]
    #[schemars(extend("example" = "[\"instance.app-b\"]"))]
    pub unhealthy_targets: Vec<Reference>,
    /// For a Network Load Balancer: whether targets see the client's address. Default: true, but
    /// false for TCP and TLS to targets of type `"ip"`.
    #[schemars(extend("example" = "false"))]
    pub preserve_client_ip: Option<bool>,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"app\" }"))]
    pub tags: super::Tags,
}

/// What the targets of a group are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TargetType {
    /// Instances, by the primary address of their primary interface.
    #[default]
    Instance,
    /// Private addresses.
    Ip,
    /// An Application Load Balancer, behind a Network Load Balancer.
    Alb,
    /// A Lambda function, behind an Application Load Balancer.
    Lambda,
}
