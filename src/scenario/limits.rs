//! Keys of limits: placement groups and connection tracking.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::units::Duration;

/// A placement group.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacementGroup {
    /// `"cluster"`: its instances are in one rack of one zone, and a flow between them has 10 Gbps;
    /// `"partition"`: they are dealt out to seven partitions of a zone with racks of their own;
    /// `"spread"`: each is in a rack of its own, at most seven in a zone.
    #[schemars(extend("example" = "\"cluster\""))]
    pub strategy: PlacementStrategy,
}

/// How a placement group places its instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlacementStrategy {
    /// Close together.
    Cluster,
    /// In partitions that share no rack.
    Partition,
    /// In distinct racks.
    Spread,
}

/// For how long security groups remember idle connections. Each has the default of the EC2 API, which
/// the profile holds as `limit.conntrack`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionTracking {
    /// TCP connections, between 60 s and 5 days. Default: 350 s on Nitro version 6, otherwise 5 days.
    #[schemars(extend("example" = "\"350 s\""))]
    pub tcp_established_timeout: Option<Duration>,
    /// UDP with more than one request and response, between 60 s and 180 s. Default: 180 s.
    #[schemars(extend("example" = "\"60 s\""))]
    pub udp_stream_timeout: Option<Duration>,
    /// UDP in one direction or with a single response, between 30 s and 60 s. Default: 30 s.
    #[schemars(extend("example" = "\"60 s\""))]
    pub udp_timeout: Option<Duration>,
}
