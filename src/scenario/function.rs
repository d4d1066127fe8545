//! Lambda functions.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Reference;
use crate::engine::Distribution;
use crate::units::Memory;

/// A Lambda function.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The runtime identifier.
    #[schemars(extend("example" = "\"python3.12\""))]
    pub runtime: String,
    /// Its memory, 128 MB to 10240 MB.
    #[schemars(extend("example" = "\"1024 MB\""))]
    pub memory: Memory,
    /// Time the handler takes once the runtime is there.
    #[schemars(extend("example" = "{ lognormal = { p50 = \"20 ms\", p99 = \"120 ms\" } }"))]
    pub duration: Distribution,
    /// How its environments join a VPC: `"none"`, `"per_environment_eni"` (2016–2019),
    /// `"hyperplane"` (from 2019) or `"hyperplane_prewarmed"` (now). Default: `"none"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"hyperplane\""))]
    pub vpc_attachment: VpcAttachment,
    /// The subnets of its network interfaces; required with a VPC attachment.
    #[serde(default)]
    #[schemars(extend("example" = "[\"private-a\"]"))]
    pub subnets: Vec<Reference>,
    /// The groups of its network interfaces.
    #[serde(default)]
    #[schemars(extend("example" = "[\"app\"]"))]
    pub security_groups: Vec<Reference>,
    /// Environments it may have at once; further invocations are throttled. Default: the account's
    /// limit, profile `lambda.concurrency_limit`.
    #[schemars(extend("example" = "100"))]
    pub reserved_concurrency: Option<u32>,
    /// How long an idle environment is kept. Default: profile `lambda.keep_alive`.
    #[schemars(extend("example" = "\"10 min\""))]
    pub keep_alive: Option<Distribution>,
}

/// How the environments of a function join a VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VpcAttachment {
    /// Not at all.
    #[default]
    None,
    /// 2016–2019: each worker creates a network interface, or reuses the one it has.
    PerEnvironmentEni,
    /// From September 2019: a tunnel to a shared Hyperplane interface, set up on the hot path.
    Hyperplane,
    /// Now: tunnels are there before the environments.
    HyperplanePrewarmed,
}
