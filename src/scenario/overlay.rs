//! The overlay: VPCs and what is in them, by the names of the EC2 API.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::Deserialize;

use super::values::{ipv4_address, ipv4_block};
use super::{PortRange, Protocol, Reference};
use crate::engine::Distribution;

/// A virtual private cloud.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// The VPC's IPv4 addresses, /16 to /28.
    #[serde(deserialize_with = "ipv4_block")]
    #[schemars(with = "String")]
    #[schemars(extend("example" = "\"10.0.0.0/16\""))]
    pub cidr_block: Ipv4Net,
}

/// A subnet: a range of a VPC's addresses in one Availability Zone.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// The VPC it belongs to.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
    /// The zone it is in.
    #[schemars(extend("example" = "\"us-east-1a\""))]
    pub availability_zone: Reference,
    /// Its addresses, inside the VPC's; the first four and the last are reserved by AWS.
    #[serde(deserialize_with = "ipv4_block")]
    #[schemars(with = "String")]
    #[schemars(extend("example" = "\"10.0.16.0/20\""))]
    pub cidr_block: Ipv4Net,
    /// Its route table. Default: only the local route of the VPC.
    #[schemars(extend("example" = "\"private-a\""))]
    pub route_table: Option<Reference>,
}

/// A route table; the local route of the VPC is always there.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteTable {
    /// The VPC it belongs to.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
    /// Its routes; the longest matching prefix wins. Gateway endpoints add their own.
    #[serde(default)]
    #[schemars(extend("example" = "[{ destination_cidr_block = \"0.0.0.0/0\", target = \"nat_gateway.a\" }]"))]
    pub routes: Vec<Route>,
}

/// Where packets for some addresses go.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The addresses it is for.
    #[serde(deserialize_with = "ipv4_block")]
    #[schemars(with = "String")]
    #[schemars(extend("example" = "\"0.0.0.0/0\""))]
    pub destination_cidr_block: Ipv4Net,
    /// Where it leads: `"internet_gateway.NAME"` or `"nat_gateway.NAME"`.
    #[schemars(extend("example" = "\"internet_gateway.main\""))]
    pub target: Reference,
}

/// An internet gateway, attached to a VPC.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InternetGateway {
    /// The VPC it is attached to; one per VPC.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
}

/// A NAT gateway in a public subnet.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NatGateway {
    /// The subnet it is in, whose routes must lead to an internet gateway.
    #[schemars(extend("example" = "\"public-a\""))]
    pub subnet: Reference,
}

/// A VPC endpoint of an AWS service.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VpcEndpoint {
    /// The VPC it is in.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
    /// The service, of the profile or of a `[service]` table.
    #[schemars(extend("example" = "\"s3\""))]
    pub service: Reference,
    /// `"gateway"` (`s3` and `dynamodb`: a route) or `"interface"` (network interfaces in subnets).
    #[schemars(extend("example" = "\"gateway\""))]
    pub vpc_endpoint_type: EndpointType,
    /// For a gateway endpoint: the route tables that get its route.
    #[serde(default)]
    #[schemars(extend("example" = "[\"private-a\"]"))]
    pub route_tables: Vec<Reference>,
    /// For an interface endpoint: the subnets that get a network interface, at most one per zone.
    #[serde(default)]
    #[schemars(extend("example" = "[\"private-a\"]"))]
    pub subnets: Vec<Reference>,
    /// For an interface endpoint: the groups of its network interfaces. Default: the VPC's default
    /// group, which admits only its own members.
    #[serde(default)]
    #[schemars(extend("example" = "[\"endpoints\"]"))]
    pub security_groups: Vec<Reference>,
    /// For an interface endpoint: whether the service's public name resolves to it. Default: true.
    #[serde(default = "yes")]
    #[schemars(extend("example" = "false"))]
    pub private_dns_enabled: bool,
}

const fn yes() -> bool {
    true
}

/// The two kinds of VPC endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EndpointType {
    /// A route to the service.
    Gateway,
    /// Network interfaces in subnets.
    Interface,
}

/// A security group: what may come in and go out of the network interfaces that have it. Rules
/// only allow; replies are always allowed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    /// The VPC it belongs to.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
    /// What may come in; `source` is an address block or a group. Default: nothing.
    #[serde(default)]
    #[schemars(extend("example" = "[{ protocol = \"tcp\", ports = 8080, source = \"security_group.alb\" }]"))]
    pub ingress: Vec<SecurityGroupRule>,
    /// What may go out; `destination` is an address block or a group. Default: everything.
    #[schemars(extend("example" = "[{ protocol = \"tcp\", ports = 443, destination = \"0.0.0.0/0\" }]"))]
    pub egress: Option<Vec<SecurityGroupRule>>,
}

/// A rule of a security group.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroupRule {
    /// `"tcp"`, `"udp"`, `"icmp"` or `"all"`.
    #[schemars(extend("example" = "\"tcp\""))]
    pub protocol: Protocol,
    /// For TCP and UDP: the ports of the server's side. Default: all.
    #[schemars(extend("example" = "\"8000-8100\""))]
    pub ports: Option<PortRange>,
    /// For ingress: an address block, or `"security_group.NAME"` for the interfaces in that group.
    #[schemars(extend("example" = "\"10.0.0.0/16\""))]
    pub source: Option<Reference>,
    /// For egress: an address block, or `"security_group.NAME"` for the interfaces in that group.
    #[schemars(extend("example" = "\"security_group.db\""))]
    pub destination: Option<Reference>,
    /// For the reader.
    #[schemars(extend("example" = "\"HTTPS from anywhere\""))]
    pub description: Option<String>,
}

/// An EC2 instance with its primary network interface.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// The EC2 instance type.
    #[schemars(extend("example" = "\"m5.xlarge\""))]
    pub instance_type: String,
    /// The subnet of its primary network interface.
    #[schemars(extend("example" = "\"private-a\""))]
    pub subnet: Reference,
    /// The groups of its primary network interface. Default: the VPC's default group, whose
    /// members may talk to each other.
    #[serde(default)]
    #[schemars(extend("example" = "[\"app\"]"))]
    pub security_groups: Vec<Reference>,
    /// Its primary private IPv4 address. Default: a free one of the subnet.
    #[serde(default, deserialize_with = "ipv4_address")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"10.0.16.10\""))]
    pub private_ip: Option<Ipv4Addr>,
    /// Whether it has a public IPv4 address, without which an internet gateway does not serve it.
    /// Default: false.
    #[serde(default)]
    #[schemars(extend("example" = "true"))]
    pub associate_public_ip_address: bool,
    /// The host it runs on. Default: any host of the zone, chosen by its name.
    #[schemars(extend("example" = "{ same_host_as = \"instance.client\" }"))]
    pub placement: Option<Placement>,
    /// Time its server process takes to answer a request. Default: profile
    /// `instance.service_time`.
    #[schemars(extend("example" = "{ exponential = { mean = \"1 ms\" } }"))]
    pub service_time: Option<Distribution>,
    /// Requests it serves at once; others wait. Default: unlimited.
    #[schemars(extend("example" = "4"))]
    pub servers: Option<u32>,
}

/// Where an instance runs: at most one of the keys `host`, `same_host_as`, `same_rack_as` and
/// `spread_from`; `rack` alone, or with `host`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Placement {
    /// A rack by its number in the zone, from 1.
    #[schemars(extend("example" = "1"))]
    pub rack: Option<u32>,
    /// A host by its number in the rack, from 1.
    #[schemars(extend("example" = "3"))]
    pub host: Option<u32>,
    /// The host of another instance.
    #[schemars(extend("example" = "\"instance.client\""))]
    pub same_host_as: Option<Reference>,
    /// Another host in the rack of another instance.
    #[schemars(extend("example" = "\"instance.client\""))]
    pub same_rack_as: Option<Reference>,
    /// A host in another rack than another instance.
    #[schemars(extend("example" = "\"instance.client\""))]
    pub spread_from: Option<Reference>,
}

/// An AWS service, or one's own behind an endpoint; overrides the profile's of the same name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Time inside the service to answer a request. Default: the profile's, if it knows the
    /// service.
    #[schemars(extend("example" = "{ lognormal = { p50 = \"5 ms\", p99 = \"25 ms\" } }"))]
    pub service_time: Option<Distribution>,
    /// Requests each zone's front end serves at once; others wait. Default: unlimited.
    #[schemars(extend("example" = "16"))]
    pub servers: Option<u32>,
}
