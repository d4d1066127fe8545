//! Security groups of network interfaces and network ACLs of subnets.

use ipnet::{Ipv4Net, Ipv6Net};
use schemars::JsonSchema;
use serde::Deserialize;

use super::values::{ipv6_block, optional_ipv4_block};
use super::{OneOrMany, PortRange, Protocol, Reference};

/// A security group: what may come in and go out of the network interfaces that have it. Rules
/// only allow; replies are always allowed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    /// The VPC it belongs to.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
    /// What may come in; `source` is an address block, a group or a prefix list. Default: nothing.
    #[serde(default)]
    #[schemars(extend("example" = "[{ protocol = \"tcp\", ports = 8080, source = \"security_group.alb\" }]"))]
    pub ingress: Vec<SecurityGroupRule>,
    /// What may go out; `destination` is an address block, a group or a prefix list. Default:
    /// everything.
    #[schemars(extend("example" = "[{ protocol = \"tcp\", ports = 443, destination = \"0.0.0.0/0\" }]"))]
    pub egress: Option<Vec<SecurityGroupRule>>,
    /// For the reader.
    #[schemars(extend("example" = "\"Application tier\""))]
    pub description: Option<String>,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"app\" }"))]
    pub tags: super::Tags,
}

/// A rule of a security group.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroupRule {
    /// `"tcp"`, `"udp"`, `"icmp"`, `"icmpv6"` or `"all"`.
    #[schemars(extend("example" = "\"tcp\""))]
    pub protocol: Protocol,
    /// For TCP and UDP: the ports of the server's side. Default: all.
    #[schemars(extend("example" = "\"8000-8100\""))]
    pub ports: Option<PortRange>,
    /// For ICMP: the type of message, such as 8 for an echo request. Default: all.
    #[schemars(extend("example" = "8"))]
    pub icmp_type: Option<u8>,
    /// For ICMP: the code of the message, with a type. Default: all.
    #[schemars(extend("example" = "0"))]
    pub icmp_code: Option<u8>,
    /// For ingress: an IPv4 or IPv6 block, `"security_group.NAME"` for the interfaces in that group,
    /// `"prefix_list.NAME"`, or `"self"` for the group itself; or a list of these, each a rule of its
    /// own.
    #[schemars(extend("example" = "\"10.0.0.0/16\""))]
    pub source: Option<OneOrMany>,
    /// For egress: as `source`.
    #[schemars(extend("example" = "\"security_group.db\""))]
    pub destination: Option<OneOrMany>,
    /// For the reader.
    #[schemars(extend("example" = "\"HTTPS from anywhere\""))]
    pub description: Option<String>,
}

/// A network ACL: numbered entries that allow or deny what crosses the boundary of a subnet. It is
/// stateless, so replies need an entry, too. What no entry matches is denied.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkAcl {
    /// The VPC it belongs to.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
    /// Entries for what enters a subnet. Default: none, so everything is denied.
    #[serde(default)]
    #[schemars(extend("example" = "[{ rule_number = 100, action = \"allow\", protocol = \"tcp\", ports = 443, cidr_block = \"0.0.0.0/0\" }]"))]
    pub ingress: Vec<NetworkAclEntry>,
    /// Entries for what leaves a subnet. Default: none, so everything is denied.
    #[serde(default)]
    #[schemars(extend("example" = "[{ rule_number = 100, action = \"allow\", protocol = \"tcp\", ports = \"1024-65535\", cidr_block = \"0.0.0.0/0\" }]"))]
    pub egress: Vec<NetworkAclEntry>,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"private\" }"))]
    pub tags: super::Tags,
}

/// An entry of a network ACL; the matching one with the lowest number decides.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkAclEntry {
    /// Its place in the order, 1 to 32766.
    #[schemars(extend("example" = "100"))]
    pub rule_number: u16,
    /// `"allow"` or `"deny"`.
    #[schemars(extend("example" = "\"deny\""))]
    pub action: AclAction,
    /// `"tcp"`, `"udp"`, `"icmp"`, `"icmpv6"` or `"all"`.
    #[schemars(extend("example" = "\"tcp\""))]
    pub protocol: Protocol,
    /// For TCP and UDP: the destination ports of the packet. Default: all.
    #[schemars(extend("example" = "\"1024-65535\""))]
    pub ports: Option<PortRange>,
    /// For ICMP: the type of message. Default: all.
    #[schemars(extend("example" = "8"))]
    pub icmp_type: Option<u8>,
    /// For ICMP: the code of the message, with a type. Default: all.
    #[schemars(extend("example" = "0"))]
    pub icmp_code: Option<u8>,
    /// The IPv4 addresses of the other side: the source on ingress, the destination on egress.
    #[serde(default, deserialize_with = "optional_ipv4_block")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"0.0.0.0/0\""))]
    pub cidr_block: Option<Ipv4Net>,
    /// The IPv6 addresses of the other side; instead of `cidr_block`.
    #[serde(default, deserialize_with = "ipv6_block")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"::/0\""))]
    pub ipv6_cidr_block: Option<Ipv6Net>,
}

/// What an entry of a network ACL does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AclAction {
    /// Lets the packet through.
    Allow,
    /// Drops it.
    Deny,
}
