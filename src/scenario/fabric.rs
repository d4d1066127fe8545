//! The physical side: the Region, its zones' fabrics, and the links between zones.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::Reference;
use crate::units::{Bytes, Duration, Rate, parse_size};

/// The AWS Region and its Availability Zones.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// The Region's name.
    #[schemars(extend("example" = "\"us-east-1\""))]
    pub name: String,
    /// Its zones; each is a leaf–spine fabric, linked to every other.
    #[schemars(extend("example" = "[\"us-east-1a\", \"us-east-1b\"]"))]
    pub availability_zones: Vec<String>,
    /// Zones, of any Region, that have failed: nothing in them sends, receives or forwards. Default:
    /// none.
    #[serde(default)]
    #[schemars(extend("example" = "[\"us-east-1a\"]"))]
    pub failed_availability_zones: Vec<Reference>,
}

/// Another Region, for VPCs that are not in the Region of `[region]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherRegion {
    /// Its zones.
    #[schemars(extend("example" = "[\"eu-west-1a\", \"eu-west-1b\"]"))]
    pub availability_zones: Vec<String>,
}

/// A leaf–spine fabric: racks with a leaf switch each, every leaf linked to every spine. Called like an
/// Availability Zone, it is that zone's; otherwise it stands alone, and its bare hosts are
/// `"fabric.NAME"` in a datagram workload. What is not given comes from the profile.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Fabric {
    /// Racks, each with one leaf switch. Default: profile `fabric.racks`.
    #[schemars(extend("example" = "8"))]
    pub racks: Option<u32>,
    /// Hosts in each rack. Default: profile `fabric.hosts_per_rack`.
    #[schemars(extend("example" = "8"))]
    pub hosts_per_rack: Option<u32>,
    /// Spine switches. Default: profile `fabric.spines`.
    #[schemars(extend("example" = "4"))]
    pub spines: Option<u32>,
    /// Rate of the link between a host and its leaf, in each direction. Default: profile
    /// `fabric.host_link_rate`.
    #[schemars(extend("example" = "\"25 Gbps\""))]
    pub host_link_rate: Option<Rate>,
    /// Rate of a link between a leaf and a spine, in each direction. Default: profile
    /// `fabric.fabric_link_rate`.
    #[schemars(extend("example" = "\"25 Gbps\""))]
    pub fabric_link_rate: Option<Rate>,
    /// Propagation over one link and switching at its end. Default: profile `fabric.link_latency`.
    #[schemars(extend("example" = "\"1 us\""))]
    pub link_latency: Option<Duration>,
    /// Room in front of each link, in bytes, or `"unlimited"`. Default: profile `fabric.buffer`.
    #[schemars(extend("example" = "\"2 MB\""))]
    pub buffer: Option<Buffer>,
    /// Queue of a link from which on it marks packets (explicit congestion notification, RFC 3168) for
    /// ends that answer marks (`tcp.ecn`). Default: none is marked.
    #[schemars(extend("example" = "\"200 kB\""))]
    pub ecn_threshold: Option<Bytes>,
    /// How a spine is chosen: `"per_flow"` by a hash of the flow, or `"per_packet"` at random.
    /// Default: `"per_flow"`.
    #[schemars(extend("example" = "\"per_packet\""))]
    pub ecmp: Ecmp,
}

/// A spine switch that fails, with all its links. What is on its way to it is lost; after a while leaves
/// take it out, and flows that were hashed to it are hashed to the others.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpineFailure {
    /// The fabric; that of an Availability Zone is called like the zone.
    #[schemars(extend("example" = "\"us-east-1a\""))]
    pub fabric: Reference,
    /// The spine by its number, from 1.
    #[schemars(extend("example" = "2"))]
    pub spine: u32,
    /// When it fails.
    #[schemars(extend("example" = "\"10 s\""))]
    pub at: Duration,
    /// When it is back, and taken in again. Default: never.
    #[schemars(extend("example" = "\"20 s\""))]
    pub until: Option<Duration>,
    /// How long leaves go on sending to it. Default: profile `fabric.reroute_after`.
    #[schemars(extend("example" = "\"50 ms\""))]
    pub reroute_after: Option<Duration>,
}

/// How a leaf chooses among the spines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ecmp {
    /// All packets of a flow take one spine, by a hash.
    #[default]
    PerFlow,
    /// Each packet takes a spine at random; packets of a flow can overtake each other.
    PerPacket,
}

/// The room in front of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Buffer {
    /// A queue of any length.
    Unlimited,
    /// Waiting and in transmission, in bytes; what does not fit is dropped.
    Limited(Bytes),
}

impl Buffer {
    /// The limit, if there is one.
    #[must_use]
    pub const fn limit(self) -> Option<Bytes> {
        match self {
            Self::Unlimited => None,
            Self::Limited(bytes) => Some(bytes),
        }
    }
}

impl<'de> Deserialize<'de> for Buffer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SizeOrUnlimited;
        impl Visitor<'_> for SizeOrUnlimited {
            type Value = Buffer;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size with a unit, such as \"2 MB\", or \"unlimited\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Buffer, E> {
                match text {
                    "unlimited" => Ok(Buffer::Unlimited),
                    _ => parse_size(text).map(Buffer::Limited).map_err(E::custom),
                }
            }
        }
        deserializer.deserialize_any(SizeOrUnlimited)
    }
}

impl JsonSchema for Buffer {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Buffer".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a size with a unit, such as \"2 MB\", or \"unlimited\"",
            "type": "string"
        })
    }
}

/// The link between two Availability Zones; both directions are alike and have a queue each.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZoneLink {
    /// The two zones it joins.
    #[schemars(extend("example" = "[\"us-east-1a\", \"us-east-1b\"]"))]
    pub availability_zones: [Reference; 2],
    /// One way, border to border. Default: profile `fabric.zone_link_latency`.
    #[schemars(extend("example" = "\"0.4 ms\""))]
    pub latency: Option<Duration>,
    /// Rate in each direction. Default: profile `fabric.zone_link_rate`.
    #[schemars(extend("example" = "\"400 Gbps\""))]
    pub rate: Option<Rate>,
    /// Room in front of the link, in bytes, or `"unlimited"`. Default: profile
    /// `fabric.zone_link_buffer`.
    #[schemars(extend("example" = "\"64 MB\""))]
    pub buffer: Option<Buffer>,
}
