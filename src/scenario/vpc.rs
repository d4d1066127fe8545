//! VPCs, subnets, and the prefix lists that rules and routes share.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Reference;
use super::values::{blocks, ipv4_block, ipv4_blocks, ipv6_block};

/// A virtual private cloud.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// The VPC's primary IPv4 addresses, /16 to /28.
    #[serde(deserialize_with = "ipv4_block")]
    #[schemars(with = "String")]
    #[schemars(extend("example" = "\"10.0.0.0/16\""))]
    pub cidr_block: Ipv4Net,
    /// Further IPv4 addresses, each block /16 to /28, none overlapping another. Default: none.
    #[serde(default, deserialize_with = "ipv4_blocks")]
    #[schemars(with = "Vec<String>")]
    #[schemars(extend("example" = "[\"100.64.0.0/16\"]"))]
    pub secondary_cidr_blocks: Vec<Ipv4Net>,
    /// The VPC's IPv6 addresses, /44 to /60. Default: no IPv6.
    #[serde(default, deserialize_with = "ipv6_block")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"2600:1f18:1234:5600::/56\""))]
    pub ipv6_cidr_block: Option<Ipv6Net>,
    /// The Region it is in. Default: the Region of `[region]`.
    #[schemars(extend("example" = "\"eu-west-1\""))]
    pub region: Option<Reference>,
    /// The route table of subnets that name none. Default: one with only the local routes.
    #[schemars(extend("example" = "\"main\""))]
    pub main_route_table: Option<Reference>,
    /// The network ACL of subnets that name none. Default: one that allows everything.
    #[schemars(extend("example" = "\"locked-down\""))]
    pub default_network_acl: Option<Reference>,
    /// The security group of interfaces that name none. Default: one that admits its own members
    /// and lets everything out.
    #[schemars(extend("example" = "\"baseline\""))]
    pub default_security_group: Option<Reference>,
    /// Whether the resolver at the VPC's second address answers. Default: true.
    #[serde(default = "super::yes")]
    #[schemars(extend("example" = "false"))]
    pub enable_dns_support: bool,
    /// Whether instances with public addresses have public DNS names; private DNS of endpoints needs
    /// it, too. Default: true, as the console's "VPC and more" sets it; the API's own default is
    /// false.
    #[serde(default = "super::yes")]
    #[schemars(extend("example" = "false"))]
    pub enable_dns_hostnames: bool,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"production\" }"))]
    pub tags: super::Tags,
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
    /// Its addresses, inside one of the VPC's blocks; the first four and the last are reserved by
    /// AWS.
    #[serde(deserialize_with = "ipv4_block")]
    #[schemars(with = "String")]
    #[schemars(extend("example" = "\"10.0.16.0/20\""))]
    pub cidr_block: Ipv4Net,
    /// Its IPv6 addresses, a /64 inside the VPC's. Default: no IPv6.
    #[serde(default, deserialize_with = "ipv6_block")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"2600:1f18:1234:5601::/64\""))]
    pub ipv6_cidr_block: Option<Ipv6Net>,
    /// Its route table. Default: the VPC's main one.
    #[schemars(extend("example" = "\"private-a\""))]
    pub route_table: Option<Reference>,
    /// Its network ACL. Default: the VPC's default one.
    #[schemars(extend("example" = "\"private\""))]
    pub network_acl: Option<Reference>,
    /// Whether its instances get a public IPv4 address unless they say otherwise. Default: false.
    #[serde(default)]
    #[schemars(extend("example" = "true"))]
    pub map_public_ip_on_launch: bool,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Tier = \"private\" }"))]
    pub tags: super::Tags,
}

/// A customer-managed prefix list: address blocks with one name, for rules and routes. Those of AWS,
/// such as `"prefix_list.s3"`, exist without a table.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrefixList {
    /// The blocks, all IPv4 or all IPv6.
    #[serde(deserialize_with = "blocks")]
    #[schemars(with = "Vec<String>")]
    #[schemars(extend("example" = "[\"10.0.0.0/8\", \"192.168.0.0/16\"]"))]
    pub entries: Vec<IpNet>,
    /// How many entries it may have; a rule that names it counts as so many. Default: as many as it
    /// has.
    #[schemars(extend("example" = "20"))]
    pub max_entries: Option<u32>,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"offices\" }"))]
    pub tags: super::Tags,
}

/// A private hosted zone of Route 53: names that resolve inside its VPCs only.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostedZone {
    /// The domain.
    #[schemars(extend("example" = "\"corp.internal\""))]
    pub name: String,
    /// The VPCs it is associated with.
    #[schemars(extend("example" = "[\"main\"]"))]
    pub vpcs: Vec<Reference>,
    /// Its records: a name inside the domain (empty for the domain itself) to an address or a
    /// resource.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    #[schemars(extend("example" = "{ db = \"instance.db\", cache = \"10.0.32.10\" }"))]
    pub records: indexmap::IndexMap<String, Reference>,
}
