//! What functions experienced, and why they could not be invoked.

use std::collections::BTreeMap;

use crate::stats::{Latency, LevelResults, Sums, Timeline};
use crate::units::Time;

/// Why an invocation was throttled (HTTP 429, `TooManyRequestsException`), as the `Reason` of the
/// Lambda API says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ThrottleReason {
    /// The account has as many environments busy as it may.
    ConcurrentInvocationLimitExceeded,
    /// The function has as many busy as are reserved for it.
    ReservedFunctionConcurrentInvocationLimitExceeded,
    /// Environments are not added as fast. The API has no reason of its own for that: it says "Rate
    /// exceeded".
    ConcurrencyScalingRateExceeded,
    /// The account's functions are invoked more often than ten times a second for each unit of
    /// concurrency.
    FunctionInvocationRateLimitExceeded,
    /// The same of what is reserved for the function.
    ReservedFunctionInvocationRateLimitExceeded,
}

impl ThrottleReason {
    /// All reasons, in their order.
    pub const ALL: [Self; 5] = [
        Self::ConcurrentInvocationLimitExceeded,
        Self::ReservedFunctionConcurrentInvocationLimitExceeded,
        Self::ConcurrencyScalingRateExceeded,
        Self::FunctionInvocationRateLimitExceeded,
        Self::ReservedFunctionInvocationRateLimitExceeded,
    ];

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConcurrentInvocationLimitExceeded => "ConcurrentInvocationLimitExceeded",
            Self::ReservedFunctionConcurrentInvocationLimitExceeded => {
                "ReservedFunctionConcurrentInvocationLimitExceeded"
            }
            Self::ConcurrencyScalingRateExceeded => "ConcurrencyScalingRateExceeded",
            Self::FunctionInvocationRateLimitExceeded => "FunctionInvocationRateLimitExceeded",
            Self::ReservedFunctionInvocationRateLimitExceeded => {
                "ReservedFunctionInvocationRateLimitExceeded"
            }
        }
    }
}

/// Why an invocation failed otherwise, by the name of the exception in the Lambda API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InvokeError {
    /// Subnets have no address left for another network interface (HTTP 502).
    SubnetIpAddressLimitReached,
    /// The Region has as many network interfaces as it may (HTTP 502).
    EniLimitReached,
    /// Network interfaces are not created as fast (HTTP 502).
    Ec2Throttled,
    /// The function is `Inactive`: its network interface was reclaimed (HTTP 502).
    ResourceNotReady,
    /// The function is `Pending`: its network interface is not there yet (HTTP 409).
    ResourceConflict,
    /// The handler ended with an error; the call itself succeeded.
    FunctionError,
    /// The handler took longer than the function's timeout.
    FunctionTimedOut,
    /// An event failed as often as it may.
    RetriesExhausted,
    /// An event got too old.
    EventAgeExceeded,
}

impl InvokeError {
    /// All errors, in their order.
    pub const ALL: [Self; 9] = [
        Self::SubnetIpAddressLimitReached,
        Self::EniLimitReached,
        Self::Ec2Throttled,
        Self::ResourceNotReady,
        Self::ResourceConflict,
        Self::FunctionError,
        Self::FunctionTimedOut,
        Self::RetriesExhausted,
        Self::EventAgeExceeded,
    ];

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SubnetIpAddressLimitReached => "SubnetIPAddressLimitReachedException",
            Self::EniLimitReached => "ENILimitReachedException",
            Self::Ec2Throttled => "EC2ThrottledException",
            Self::ResourceNotReady => "ResourceNotReadyException",
            Self::ResourceConflict => "ResourceConflictException",
            Self::FunctionError => "FunctionError",
            Self::FunctionTimedOut => "Sandbox.Timedout",
            Self::RetriesExhausted => "RetriesExhausted",
            Self::EventAgeExceeded => "EventAgeExceeded",
        }
    }

    /// Whether a client is told of it as a failure of the service, and tries again.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        match self {
            Self::SubnetIpAddressLimitReached
            | Self::EniLimitReached
            | Self::Ec2Throttled
            | Self::ResourceNotReady
            | Self::ResourceConflict => true,
            Self::FunctionError
            | Self::FunctionTimedOut
            | Self::RetriesExhausted
            | Self::EventAgeExceeded => false,
        }
    }
}

/// What a function experienced. Counts leave out the warm-up.
#[derive(Debug, Clone)]
pub struct FunctionResults {
    /// Its name.
    pub name: String,
    /// Attempts to invoke it.
    pub invocations: u64,
    /// Of these, cold.
    pub cold_starts: u64,
    /// Of these, turned away, by reason.
    pub throttled: BTreeMap<ThrottleReason, u64>,
    /// When the first of these was turned away, by reason: the earliest in any replication.
    pub first_throttled: BTreeMap<ThrottleReason, Time>,
    /// Of these, failed otherwise, by error.
    pub errors: BTreeMap<InvokeError, u64>,
    /// Of these, served by provisioned environments (`ProvisionedConcurrencyInvocations`).
    pub provisioned: u64,
    /// Of these, served by others although there are provisioned ones
    /// (`ProvisionedConcurrencySpilloverInvocations`).
    pub spillovers: u64,
    /// Sum of the times of handlers and, where it is billed, of initialisation, each rounded up to a
    /// millisecond: of provisioned environments, then of others.
    pub billed_ms: [u64; 2],
    /// Environments that are there, busy or idle, provisioned ones included.
    pub environments: LevelResults,
    /// Environments that are busy (`ConcurrentExecutions`).
    pub concurrency: LevelResults,
    /// Of these, not provisioned.
    pub on_demand_concurrency: LevelResults,
    /// Events and messages that wait for an environment.
    pub queued: LevelResults,
    /// Network interfaces, if each worker needs one.
    pub network_interfaces: LevelResults,
    /// How many of these the Region may have for all its functions, if each worker needs one.
    pub network_interface_limit: Option<u64>,
    /// Attempts to invoke it over simulated time, the warm-up included: all as sent, those that were
    /// throttled as failed.
    pub attempts: Timeline,
    /// Time from the invocation to the handler, of cold starts.
    pub cold_start: Latency,
    /// The sums of each replication by its number, for intervals.
    pub replications: BTreeMap<u32, Sums>,
    /// The counts of each replication by its number, for intervals.
    pub counts: BTreeMap<u32, InvocationCounts>,
    /// The phases of cold starts, in their order; a phase that some cold starts do not have counts
    /// those that do. A name with a point is part of the phase before the point.
    pub phases: Vec<(&'static str, Latency)>,
}

/// How often a function was invoked in one replication, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InvocationCounts {
    /// Attempts to invoke it.
    pub invocations: u64,
    /// Of these, those that got an environment.
    pub served: u64,
    /// Of these, cold.
    pub cold_starts: u64,
    /// Attempts that were throttled.
    pub throttles: u64,
}

impl FunctionResults {
    /// Notes the sums and counts so far as those of a replication, which is over.
    pub(in crate::sim) fn end_replication(&mut self, number: u32) {
        self.replications.insert(number, *self.cold_start.sums());
        let counts = InvocationCounts {
            invocations: self.invocations,
            served: self.served(),
            cold_starts: self.cold_starts,
            throttles: self.throttles(),
        };
        self.counts.insert(number, counts);
    }

    /// Attempts that got an environment: those that were neither throttled nor refused. `CloudWatch`
    /// counts these as `Invocations`.
    #[must_use]
    pub fn served(&self) -> u64 {
        let errors = self.errors.iter();
        let refused = errors.filter(|(error, _)| error.is_retryable());
        self.invocations - self.throttles() - refused.map(|(_, count)| count).sum::<u64>()
    }

    /// How often it was throttled, for whatever reason.
    #[must_use]
    pub fn throttles(&self) -> u64 {
        self.throttled.values().sum()
    }

    pub(in crate::sim) fn merge(&mut self, other: &Self) {
        self.invocations += other.invocations;
        self.cold_starts += other.cold_starts;
        for (&reason, count) in &other.throttled {
            *self.throttled.entry(reason).or_default() += count;
        }
        for (&reason, &time) in &other.first_throttled {
            let first = self.first_throttled.entry(reason).or_insert(time);
            *first = time.min(*first);
        }
        for (&error, count) in &other.errors {
            *self.errors.entry(error).or_default() += count;
        }
        self.provisioned += other.provisioned;
        self.spillovers += other.spillovers;
        for (into, from) in self.billed_ms.iter_mut().zip(other.billed_ms) {
            *into += from;
        }
        self.environments.merge(&other.environments);
        self.concurrency.merge(&other.concurrency);
        self.on_demand_concurrency
            .merge(&other.on_demand_concurrency);
        self.queued.merge(&other.queued);
        self.network_interfaces.merge(&other.network_interfaces);
        self.attempts.merge(&other.attempts);
        self.cold_start.merge(&other.cold_start);
        self.replications.extend(&other.replications);
        self.counts.extend(&other.counts);
        for ((_, into), (_, from)) in self.phases.iter_mut().zip(&other.phases) {
            into.merge(from);
        }
    }
}
