//! The figures of AWS Lambda. What each means, its source and its validity stand in
//! `figures/lambda.toml`, initialisations of runtimes in `figures/lambda_runtimes.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Figure;
use crate::engine::Distribution;
use crate::units::{Duration, Memory};

/// AWS Lambda.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LambdaFigures {
    /// Choosing a worker.
    pub placement: Figure<Distribution>,
    /// Boot of a microVM on a worker new to the function.
    pub microvm_boot_new_worker: Figure<Distribution>,
    /// Boot of a microVM on a worker that runs the function already.
    pub microvm_boot_existing_worker: Figure<Distribution>,
    /// How much longer a boot takes while others are under way on the same worker host; linear between
    /// the points.
    pub microvm_boot_slowdown: Figure<Vec<SlowdownAtBoots>>,
    /// Worker hosts over which the environments of an account are spread.
    pub workers: Figure<u32>,
    /// Share of cold starts that land on a new worker, by memory; linear between the points.
    pub new_worker_share: Figure<Vec<ShareAtMemory>>,
    /// Loading the code of a small zip archive.
    pub code: Figure<Distribution>,
    /// Loading and unpacking each further MB (of 10⁶ bytes) of a zip archive.
    pub code_per_mb: Figure<Duration>,
    /// Loading what a cold start reads of a container image.
    pub image: Figure<Distribution>,
    /// Joining a VPC.
    pub vpc_attach: VpcAttachFigures,
    /// Runtime initialisation by runtime identifier: zip archive, x86-64.
    pub runtime_init: BTreeMap<String, Figure<Distribution>>,
    /// The same on arm64.
    pub runtime_init_arm64: BTreeMap<String, Figure<Distribution>>,
    /// The same from a container image, on x86-64.
    pub runtime_init_image: BTreeMap<String, Figure<Distribution>>,
    /// The same from a container image, on arm64.
    pub runtime_init_image_arm64: BTreeMap<String, Figure<Distribution>>,
    /// Runtime initialisation on a worker new to the function, where it is known to differ; zip
    /// archive, x86-64.
    pub runtime_init_new_worker: BTreeMap<String, Figure<Distribution>>,
    /// The same from a container image, on x86-64.
    pub runtime_init_image_new_worker: BTreeMap<String, Figure<Distribution>>,
    /// Time that the initialisation may take before it is begun anew.
    pub init_limit: Figure<Duration>,
    /// Restoring a snapshot (`SnapStart`).
    pub restore: Figure<Distribution>,
    /// The front end's share of every invocation.
    pub invoke_overhead: Figure<Distribution>,
    /// What a function URL adds to an invocation.
    pub function_url: Figure<Distribution>,
    /// What Amazon API Gateway adds to an invocation.
    pub api_gateway: Figure<Distribution>,
    /// How long an idle environment is kept.
    pub keep_alive: Figure<Distribution>,
    /// Environments an account may have at once in a Region.
    pub concurrency_limit: Figure<u32>,
    /// Invocations a second for each unit of concurrency.
    pub requests_per_concurrency: Figure<u32>,
    /// How fast environments are added.
    pub scaling: ScalingFigures,
    /// Events that nobody waits for.
    pub asynchronous: AsynchronousFigures,
    /// Network interfaces of functions that a Region may have, with an interface per environment.
    pub network_interface_limit: Figure<u32>,
    /// Network interfaces that may be created at once before EC2 throttles.
    pub network_interface_burst: Figure<u32>,
    /// How many more may be created a minute.
    pub network_interfaces_per_minute: Figure<u32>,
    /// Memory of environments that share a network interface, with an interface per environment.
    pub memory_per_network_interface: Figure<Memory>,
    /// Hyperplane interfaces that a VPC may have for functions.
    pub hyperplane_interface_limit: Figure<u32>,
    /// Creating a Hyperplane interface, during which a function is `Pending`.
    pub hyperplane_interface_creation: Figure<Distribution>,
    /// After this time without an invocation the interface is reclaimed and the function `Inactive`.
    pub hyperplane_interface_idle: Figure<Duration>,
}

/// How fast Lambda adds environments.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalingFigures {
    /// Since November 2023: environments that a function may add at once.
    pub function_burst: Figure<u32>,
    /// Since November 2023: the time in which as many more may be added.
    pub function_period: Figure<Duration>,
    /// Until November 2023: environments that all functions of a Region may add at once.
    pub regional_burst: Figure<u32>,
    /// Until November 2023: environments a minute beyond that.
    pub regional_per_minute: Figure<u32>,
}

/// Events that nobody waits for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsynchronousFigures {
    /// Before the first retry after an error of the function; before the second, twice as long.
    pub retry_delay: Figure<Duration>,
    /// Before the first retry after a throttle; doubled with each.
    pub throttle_backoff: Figure<Duration>,
    /// At most.
    pub max_throttle_backoff: Figure<Duration>,
    /// Age at which an event is given up.
    pub max_event_age: Figure<Duration>,
}

/// How much longer a boot takes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowdownAtBoots {
    /// Boots under way on the worker host, with this one.
    pub boots: u32,
    /// The factor.
    pub factor: f64,
}

/// A share of cold starts at one memory size.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareAtMemory {
    /// Memory of the function.
    pub memory: Memory,
    /// Share of its cold starts.
    pub share: f64,
}

/// Joining a VPC, by era.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VpcAttachFigures {
    /// 2016–2019: a network interface is created and attached.
    pub create_network_interface: Figure<Distribution>,
    /// 2016–2019: the worker has one already.
    pub reuse_network_interface: Figure<Distribution>,
    /// 2019: a tunnel to a shared Hyperplane interface is set up on the hot path.
    pub hyperplane: Figure<Distribution>,
    /// Now: the tunnel is there before the environment.
    pub hyperplane_prewarmed: Figure<Distribution>,
}
