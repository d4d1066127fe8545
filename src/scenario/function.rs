//! Lambda functions, and the account's Lambda.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{OneOrMany, Reference};
use crate::engine::Distribution;
use crate::units::{Bytes, Duration, Memory, Share};

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
    /// `"zip"` or `"image"`. Default: `"zip"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"image\""))]
    pub package_type: PackageType,
    /// `"x86_64"` or `"arm64"`. Default: `"x86_64"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"arm64\""))]
    pub architecture: Architecture,
    /// Size of the zip archive, dependencies included. Default: a few kB, which take no time of
    /// their own. An image is loaded as it is read, so that its size does not matter.
    #[schemars(extend("example" = "\"14 MB\""))]
    pub code_size: Option<Bytes>,
    /// Time the handler takes once the runtime is there. Give this or `handler`.
    #[schemars(extend("example" = "{ lognormal = { p50 = \"20 ms\", p99 = \"120 ms\" } }"))]
    pub duration: Option<Distribution>,
    /// What the handler does, step after step. Give this or `duration`.
    #[serde(default)]
    #[schemars(extend("example" = "[{ compute = \"2 ms\" }, { call = \"request.orders\" }]"))]
    pub handler: Vec<HandlerStep>,
    /// Share of the invocations that end with an error of the function. Default: none.
    #[schemars(extend("example" = "\"0.1 %\""))]
    pub error_rate: Option<Share>,
    /// The longest that the handler may take. Default: 15 min, the most that Lambda allows.
    #[schemars(extend("example" = "\"30 s\""))]
    pub timeout: Option<Duration>,
    /// Initialisation of its own code and libraries, beyond that of the runtime. Default: none.
    #[schemars(extend("example" = "{ lognormal = { p50 = \"150 ms\", p99 = \"400 ms\" } }"))]
    pub init: Option<Distribution>,
    /// Initialisation of its extensions. Default: none.
    #[schemars(extend("example" = "\"80 ms\""))]
    pub extension_init: Option<Distribution>,
    /// Whether a cold start restores a snapshot of the initialised environment (Lambda
    /// `SnapStart`), instead of initialising it. Default: false.
    #[serde(default)]
    #[schemars(extend("example" = "true"))]
    pub snap_start: bool,
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
    /// When it is created. With Hyperplane it is `Pending` until its network interface is there,
    /// and cannot be invoked. Default: long before the scenario begins.
    #[schemars(extend("example" = "\"0 s\""))]
    pub created_at: Option<Duration>,
    /// Environments it may have busy at once, set aside for it; further invocations are throttled.
    /// Default: what the account has left, see `lambda.concurrency_limit`.
    #[schemars(extend("example" = "100"))]
    pub reserved_concurrency: Option<u32>,
    /// Environments that are initialised beforehand and stay; invocations beyond them take others.
    /// Default: none.
    #[schemars(extend("example" = "50"))]
    pub provisioned_concurrency: Option<u32>,
    /// How long an idle environment is kept. Default: profile `lambda.keep_alive`.
    #[schemars(extend("example" = "\"10 min\""))]
    pub keep_alive: Option<Distribution>,
    /// In place of `keep_alive`: of the environments that idle, half are gone after each such time.
    #[schemars(extend("example" = "\"380 s\""))]
    pub keep_alive_halving: Option<Duration>,
    /// The age at which an environment is not reused any more. Default: none, however old.
    #[schemars(extend("example" = "{ exponential = { mean = \"6 h\" } }"))]
    pub environment_lifetime: Option<Distribution>,
}

impl Function {
    /// Mean time that its handler computes, in seconds; what it waits for is not in it.
    #[must_use]
    pub fn mean_compute_secs(&self) -> f64 {
        let steps = self.handler.iter().filter_map(|step| {
            let times = f64::from(step.times.unwrap_or(1));
            Some(step.compute.as_ref()?.mean_secs() * times)
        });
        let duration = self.duration.as_ref().map(Distribution::mean_secs);
        duration.into_iter().chain(steps).sum()
    }
}

/// What a handler does next; exactly one of the keys `compute` and `call`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HandlerStep {
    /// Computes for this long.
    #[schemars(extend("example" = "{ exponential = { mean = \"5 ms\" } }"))]
    pub compute: Option<Distribution>,
    /// Sends a request from this function, or invokes another, and waits for the answer; of several,
    /// all at once, and for the last answer. What it names has no `arrivals` of its own.
    #[schemars(extend("example" = "[\"request.orders\", \"invoke.audit\"]"))]
    pub call: Option<OneOrMany>,
    /// How often, one after the other. Default: once.
    #[schemars(extend("example" = "3"))]
    pub times: Option<u32>,
}

/// How the code of a function is packaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PackageType {
    /// A zip archive.
    #[default]
    Zip,
    /// A container image.
    Image,
}

/// The instruction set of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
pub enum Architecture {
    /// 64-bit x86.
    #[default]
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit ARM (Graviton).
    #[serde(rename = "arm64")]
    Arm64,
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

/// Lambda in the account and Region, for all functions together.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lambda {
    /// Environments of all functions that may be busy at once. Default: profile
    /// `lambda.concurrency_limit`.
    #[schemars(extend("example" = "5000"))]
    pub concurrency_limit: Option<u32>,
    /// How fast environments are added: `"per_function"` (since November 2023) or
    /// `"regional_burst"` (before). Default: `"per_function"`.
    #[schemars(extend("example" = "\"regional_burst\""))]
    pub scaling: Scaling,
    /// Network interfaces that the Region may have for functions with `per_environment_eni`. Default:
    /// profile `lambda.network_interface_limit`.
    #[schemars(extend("example" = "350"))]
    pub network_interface_limit: Option<u32>,
}

/// How fast environments are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// Since November 2023: each function by 1,000 environments every 10 s, refilled continuously.
    #[default]
    PerFunction,
    /// Until November 2023: all functions of the Region by a burst, then by 500 a minute.
    RegionalBurst,
}
