//! Instances, network interfaces and Elastic IP addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use schemars::JsonSchema;
use serde::Deserialize;

use super::values::{ipv4_address, ipv4_addresses, ipv6_addresses};
use super::{ConnectionTracking, Reference};
use crate::engine::Distribution;

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
    /// The groups of its primary network interface. Default: the VPC's default group.
    #[serde(default)]
    #[schemars(extend("example" = "[\"app\"]"))]
    pub security_groups: Vec<Reference>,
    /// Its primary private IPv4 address. Default: a free one of the subnet.
    #[serde(default, deserialize_with = "ipv4_address")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"10.0.16.10\""))]
    pub private_ip: Option<Ipv4Addr>,
    /// Further private IPv4 addresses of its primary network interface. Default: none.
    #[serde(default, deserialize_with = "ipv4_addresses")]
    #[schemars(with = "Vec<String>")]
    #[schemars(extend("example" = "[\"10.0.16.11\"]"))]
    pub secondary_private_ips: Vec<Ipv4Addr>,
    /// IPv6 addresses of its primary network interface. Default: none.
    #[serde(default, deserialize_with = "ipv6_addresses")]
    #[schemars(with = "Vec<String>")]
    #[schemars(extend("example" = "[\"2600:1f18:1234:5601::10\"]"))]
    pub ipv6_addresses: Vec<Ipv6Addr>,
    /// Whether its primary address has a public IPv4 address, without which an internet gateway does
    /// not serve it. Default: `map_public_ip_on_launch` of the subnet.
    #[schemars(extend("example" = "true"))]
    pub associate_public_ip_address: Option<bool>,
    /// Whether its primary network interface drops what is neither from nor to it; false for a router
    /// or NAT instance. Default: true.
    #[serde(default = "super::yes")]
    #[schemars(extend("example" = "false"))]
    pub source_dest_check: bool,
    /// For a router (`source_dest_check = false`): whether it puts its own address in place of the
    /// source, as a NAT instance does. Default: only for what it sends to the internet.
    #[schemars(extend("example" = "true"))]
    pub masquerade: Option<bool>,
    /// The host it runs on. Default: any host of the zone, chosen by its name.
    #[schemars(extend("example" = "{ same_host_as = \"instance.client\" }"))]
    pub placement: Option<Placement>,
    /// The placement group it is in, in place of `placement`. Default: none.
    #[schemars(extend("example" = "\"hpc\""))]
    pub placement_group: Option<Reference>,
    /// Whether it has ENA Express, which sends the packets of a flow over many paths to other
    /// instances of the zone that have it, too. Default: false.
    #[serde(default)]
    #[schemars(extend("example" = "true"))]
    pub ena_express: bool,
    /// For how long idle connections of its primary network interface are tracked.
    #[schemars(extend("example" = "{ tcp_established_timeout = \"350 s\" }"))]
    pub connection_tracking: Option<ConnectionTracking>,
    /// Time its server process takes to answer a request. Default: profile
    /// `instance.service_time`.
    #[schemars(extend("example" = "{ exponential = { mean = \"1 ms\" } }"))]
    pub service_time: Option<Distribution>,
    /// Requests it serves at once; others wait. Default: unlimited.
    #[schemars(extend("example" = "4"))]
    pub servers: Option<u32>,
    /// TCP connections that its server process accepts at once, as `max_connections` of a database; a
    /// client that opens another gets a RST. Default: unlimited.
    #[schemars(extend("example" = "100"))]
    pub max_connections: Option<u32>,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"bastion\" }"))]
    pub tags: super::Tags,
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

/// An elastic network interface (ENI) beside the primary ones that instances have: a further
/// interface of an instance, or, without an attachment, the interface of a managed resource such as
/// a database or a container task.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkInterface {
    /// The subnet it is in.
    #[schemars(extend("example" = "\"isolated-a\""))]
    pub subnet: Reference,
    /// Its groups. Default: the VPC's default group.
    #[serde(default)]
    #[schemars(extend("example" = "[\"db\"]"))]
    pub security_groups: Vec<Reference>,
    /// Its primary private IPv4 address. Default: a free one of the subnet.
    #[serde(default, deserialize_with = "ipv4_address")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"10.0.32.100\""))]
    pub private_ip: Option<Ipv4Addr>,
    /// Further private IPv4 addresses. Default: none.
    #[serde(default, deserialize_with = "ipv4_addresses")]
    #[schemars(with = "Vec<String>")]
    #[schemars(extend("example" = "[\"10.0.32.101\"]"))]
    pub secondary_private_ips: Vec<Ipv4Addr>,
    /// IPv6 addresses. Default: none.
    #[serde(default, deserialize_with = "ipv6_addresses")]
    #[schemars(with = "Vec<String>")]
    #[schemars(extend("example" = "[\"2600:1f18:1234:5601::20\"]"))]
    pub ipv6_addresses: Vec<Ipv6Addr>,
    /// Whether it drops what is neither from nor to it. Default: true.
    #[serde(default = "super::yes")]
    #[schemars(extend("example" = "false"))]
    pub source_dest_check: bool,
    /// For a router (`source_dest_check = false`): whether it puts its own address in place of the
    /// source. Default: only for what it sends to the internet.
    #[schemars(extend("example" = "false"))]
    pub masquerade: Option<bool>,
    /// The instance it is attached to. Default: none.
    #[schemars(extend("example" = "{ instance = \"db\", device_index = 1 }"))]
    pub attachment: Option<Attachment>,
    /// For how long its idle connections are tracked.
    #[schemars(extend("example" = "{ udp_timeout = \"60 s\" }"))]
    pub connection_tracking: Option<ConnectionTracking>,
    /// TCP connections that the server process behind it accepts at once, as `max_connections` of a
    /// database; a client that opens another gets a RST. With an attachment, the instance has it.
    /// Default: unlimited.
    #[schemars(extend("example" = "5000"))]
    pub max_connections: Option<u32>,
    /// For the reader.
    #[schemars(extend("example" = "\"Stable interface of the primary database\""))]
    pub description: Option<String>,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"db-primary-eni\" }"))]
    pub tags: super::Tags,
}

/// To which instance a network interface is attached.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// The instance, in the interface's zone and VPC.
    #[schemars(extend("example" = "\"db\""))]
    pub instance: Reference,
    /// Which of the instance's devices it is; 0 is the primary interface, which comes with the
    /// instance and cannot be detached.
    #[schemars(extend("example" = "1"))]
    pub device_index: u32,
}

/// An Elastic IP address. Give what has it: an instance, a network interface, a NAT gateway or a
/// Network Load Balancer.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ElasticIp {
    /// The instance whose primary network interface has it.
    #[schemars(extend("example" = "\"bastion\""))]
    pub instance: Option<Reference>,
    /// The network interface that has it.
    #[schemars(extend("example" = "\"appliance\""))]
    pub network_interface: Option<Reference>,
    /// The public NAT gateway that has it; one without has an address made for it.
    #[schemars(extend("example" = "\"a\""))]
    pub nat_gateway: Option<Reference>,
    /// The private address it belongs to. Default: the primary one.
    #[serde(deserialize_with = "ipv4_address")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"10.0.16.11\""))]
    pub private_ip: Option<Ipv4Addr>,
    /// The address itself. Default: one of 198.18.0.0/16, by its name.
    #[serde(deserialize_with = "ipv4_address")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("example" = "\"198.51.100.7\""))]
    pub public_ip: Option<Ipv4Addr>,
    /// For the reader.
    #[schemars(extend("example" = "{ Name = \"bastion\" }"))]
    pub tags: super::Tags,
}
