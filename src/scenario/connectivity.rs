//! What joins VPCs with each other and with other networks: peering, transit gateways, VPN.

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Reference;
use super::values::ipv4_blocks;
use crate::engine::Distribution;

/// A peering connection between two VPCs. It is not transitive.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VpcPeeringConnection {
    /// The requester.
    #[schemars(extend("example" = "\"app\""))]
    pub vpc: Reference,
    /// The accepter; its addresses must not overlap with the requester's.
    #[schemars(extend("example" = "\"shared\""))]
    pub peer_vpc: Reference,
    /// Whether it has been accepted, and so is active. Default: true.
    #[serde(default = "super::yes")]
    #[schemars(extend("example" = "false"))]
    pub accepted: bool,
    /// Whether public DNS names of instances in one VPC resolve to private addresses in the other.
    /// Default: false.
    #[serde(default)]
    #[schemars(extend("example" = "true"))]
    pub allow_remote_vpc_dns_resolution: bool,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"app-shared\" }"))]
    pub tags: super::Tags,
}

/// A transit gateway: a regional router between VPCs and other networks.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TransitGateway {
    /// The Region it is in. Default: the Region of `[region]`.
    #[schemars(extend("example" = "\"eu-west-1\""))]
    pub region: Option<Reference>,
    /// Whether attachments that no route table names are associated with its default route table.
    /// Default: true.
    #[schemars(extend("example" = "false"))]
    pub default_route_table_association: bool,
    /// Whether attachments propagate their routes to its default route table. Default: true.
    #[schemars(extend("example" = "false"))]
    pub default_route_table_propagation: bool,
    /// Whether security groups may refer to groups of other attached VPCs in ingress rules. Default:
    /// false.
    #[schemars(extend("example" = "true"))]
    pub security_group_referencing_support: bool,
    /// For the reader.
    #[schemars(extend("example" = "{ Name = \"hub\" }"))]
    pub tags: super::Tags,
}

impl Default for TransitGateway {
    fn default() -> Self {
        Self {
            region: None,
            default_route_table_association: true,
            default_route_table_propagation: true,
            security_group_referencing_support: false,
            tags: super::Tags::default(),
        }
    }
}

/// The attachment of a VPC to a transit gateway.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitGatewayVpcAttachment {
    /// The transit gateway.
    #[schemars(extend("example" = "\"hub\""))]
    pub transit_gateway: Reference,
    /// The VPC.
    #[schemars(extend("example" = "\"app\""))]
    pub vpc: Reference,
    /// The subnets that get a network interface of the transit gateway, at most one per zone. Only
    /// resources in these zones reach the transit gateway.
    #[schemars(extend("example" = "[\"app-tgw-a\", \"app-tgw-b\"]"))]
    pub subnets: Vec<Reference>,
    /// Whether both directions of a flow use the same zone, as a stateful appliance in this VPC needs
    /// it. Default: false.
    #[serde(default)]
    #[schemars(extend("example" = "true"))]
    pub appliance_mode_support: bool,
    /// Whether security groups may refer to groups across this attachment, if the transit gateway
    /// supports it. Default: true.
    #[serde(default = "super::yes")]
    #[schemars(extend("example" = "false"))]
    pub security_group_referencing_support: bool,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"app\" }"))]
    pub tags: super::Tags,
}

/// The attachment of a transit gateway to another one, of this or of another Region. Its routes are
/// static.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitGatewayPeeringAttachment {
    /// The requester.
    #[schemars(extend("example" = "\"hub\""))]
    pub transit_gateway: Reference,
    /// The accepter.
    #[schemars(extend("example" = "\"hub-eu\""))]
    pub peer_transit_gateway: Reference,
    /// Whether it has been accepted. Default: true.
    #[serde(default = "super::yes")]
    #[schemars(extend("example" = "false"))]
    pub accepted: bool,
}

/// A route table of a transit gateway. An attachment is `"transit_gateway_vpc_attachment.NAME"`,
/// `"transit_gateway_peering_attachment.NAME"` or `"vpn_connection.NAME"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitGatewayRouteTable {
    /// The transit gateway it belongs to.
    #[schemars(extend("example" = "\"hub\""))]
    pub transit_gateway: Reference,
    /// Attachments whose incoming traffic it routes; each attachment has one table.
    #[serde(default)]
    #[schemars(extend("example" = "[\"transit_gateway_vpc_attachment.app\"]"))]
    pub associations: Vec<Reference>,
    /// Attachments that propagate routes to their networks into it.
    #[serde(default)]
    #[schemars(extend("example" = "[\"transit_gateway_vpc_attachment.shared\"]"))]
    pub propagations: Vec<Reference>,
    /// Its static routes, which beat propagated ones to the same block; the target is an attachment or
    /// `"blackhole"`.
    #[serde(default)]
    #[schemars(extend("example" = "[{ destination_cidr_block = \"10.0.0.0/8\", target = \"blackhole\" }]"))]
    pub routes: Vec<super::Route>,
}

/// A virtual private gateway: the VPC's end of VPN connections.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VpnGateway {
    /// The VPC it is attached to; one per VPC.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"main\" }"))]
    pub tags: super::Tags,
}

/// A customer gateway: the site at the other end of a VPN connection.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerGateway {
    /// The site's networks. Its hosts answer at once and are not filtered.
    #[serde(deserialize_with = "ipv4_blocks")]
    #[schemars(with = "Vec<String>")]
    #[schemars(extend("example" = "[\"192.168.0.0/16\"]"))]
    pub cidr_blocks: Vec<Ipv4Net>,
    /// One way over the internet between the Region and the site. Default: profile
    /// `internet.latency`.
    #[schemars(extend("example" = "\"12 ms\""))]
    pub latency: Option<Distribution>,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"office\" }"))]
    pub tags: super::Tags,
}

/// A Site-to-Site VPN connection, to a virtual private gateway or to a transit gateway.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VpnConnection {
    /// The site.
    #[schemars(extend("example" = "\"office\""))]
    pub customer_gateway: Reference,
    /// The virtual private gateway it ends at.
    #[schemars(extend("example" = "\"main\""))]
    pub vpn_gateway: Option<Reference>,
    /// The transit gateway it ends at, instead.
    #[schemars(extend("example" = "\"hub\""))]
    pub transit_gateway: Option<Reference>,
    /// Static routes to the site. Default: BGP announces all networks of the site.
    #[serde(default, deserialize_with = "super::values::optional_ipv4_blocks")]
    #[schemars(with = "Option<Vec<String>>")]
    #[schemars(extend("example" = "[\"192.168.0.0/16\"]"))]
    pub static_routes: Option<Vec<Ipv4Net>>,
    /// Whether a tunnel is up. Default: true.
    #[serde(default = "super::yes")]
    #[schemars(extend("example" = "false"))]
    pub tunnel_up: bool,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"office\" }"))]
    pub tags: super::Tags,
}
