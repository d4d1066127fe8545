//! Route tables, and the gateways that a VPC has of its own.

use ipnet::{Ipv4Net, Ipv6Net};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Reference;
use super::values::{ipv6_block, optional_ipv4_block};

/// A route table. The local routes of its VPC are always there, and gateway endpoints add theirs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteTable {
    /// The VPC it belongs to.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
    /// Its routes; the longest matching prefix wins.
    #[serde(default)]
    #[schemars(extend("example" = "[{ destination_cidr_block = \"0.0.0.0/0\", target = \"nat_gateway.a\" }]"))]
    pub routes: Vec<Route>,
    /// Virtual private gateways that propagate the routes of their VPN connections into it.
    #[serde(default)]
    #[schemars(extend("example" = "[\"main\"]"))]
    pub propagating_vgws: Vec<Reference>,
    /// The internet gateway or virtual private gateway whose incoming traffic it routes; it is then a
    /// gateway route table, and no subnet's. Default: none.
    #[schemars(extend("example" = "\"internet_gateway.main\""))]
    pub gateway: Option<Reference>,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"private-a\" }"))]
    pub tags: super::Tags,
}

/// Where packets for some addresses go: a target and exactly one of the destinations.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The IPv4 addresses it is for.
    #[serde(default, deserialize_with = "optional_ipv4_block")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"0.0.0.0/0\""))]
    pub destination_cidr_block: Option<Ipv4Net>,
    /// The IPv6 addresses it is for.
    #[serde(default, deserialize_with = "ipv6_block")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"::/0\""))]
    pub destination_ipv6_cidr_block: Option<Ipv6Net>,
    /// The prefix list it is for.
    #[schemars(extend("example" = "\"prefix_list.offices\""))]
    pub destination_prefix_list: Option<Reference>,
    /// Where it leads: `"internet_gateway.NAME"`, `"egress_only_internet_gateway.NAME"`,
    /// `"nat_gateway.NAME"`, `"network_interface.NAME"`, `"instance.NAME"`,
    /// `"vpc_peering_connection.NAME"`, `"transit_gateway.NAME"`, `"vpn_gateway.NAME"`,
    /// `"vpc_endpoint.NAME"` (of type `gateway_load_balancer`), `"local"`, or `"blackhole"` for a
    /// target that no longer exists.
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
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"main\" }"))]
    pub tags: super::Tags,
}

/// An egress-only internet gateway: IPv6 to the internet, and only replies back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EgressOnlyInternetGateway {
    /// The VPC it belongs to.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
}

/// A NAT gateway: many private addresses behind one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NatGateway {
    /// The subnet it is in; a public one's routes must lead to an internet gateway.
    #[schemars(extend("example" = "\"public-a\""))]
    pub subnet: Reference,
    /// `"public"`: to the internet, with an Elastic IP address; `"private"`: to other VPCs and sites.
    /// Default: `"public"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"private\""))]
    pub connectivity_type: ConnectivityType,
    /// Its private IPv4 address. Default: a free one of the subnet.
    #[serde(default, deserialize_with = "super::values::ipv4_address")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"10.0.0.10\""))]
    pub private_ip: Option<std::net::Ipv4Addr>,
    /// Private IPv4 addresses beside its primary one, at most 7, each with ports of its own. Default: 0.
    #[serde(default)]
    #[schemars(extend("example" = "7"))]
    pub secondary_private_ip_address_count: u32,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"nat-a\" }"))]
    pub tags: super::Tags,
}

/// Where a NAT gateway leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConnectivityType {
    /// To the internet.
    #[default]
    Public,
    /// To other VPCs and sites.
    Private,
}
