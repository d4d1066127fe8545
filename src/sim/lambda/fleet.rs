//! The execution environments of one function: which are idle, which are busy, and what was counted.

use std::collections::BTreeMap;

use super::cold_start::{ColdStart, PHASES};
use super::function::Function;
use super::results::{FunctionResults, InvokeError, ThrottleReason};
use super::{Refusal, allowance::Allowance};
use crate::sim::slab::Key;
use crate::stats::{Latency, Level, Timeline};
use crate::units::{Duration, Time};

/// The environments of a function.
#[derive(Debug)]
pub(super) struct Fleet {
    /// Idle environments, the most recently used last; some may be gone.
    pub(super) idle: Vec<Key>,
    /// Idle ones of those that are provisioned.
    pub(super) provisioned_idle: Vec<Key>,
    /// How often an environment became idle.
    pub(super) idled: u64,
    /// Environments that are not provisioned.
    pub(super) on_demand: u64,
    /// Network interfaces of its workers.
    pub(super) interfaces: u64,
    /// When its Hyperplane interface is there, and when it was last used.
    pub(super) ready_at: Time,
    pub(super) last_invoked: Time,
    /// Of its own: how fast environments are added, how often it may be invoked.
    pub(super) scaling: Option<Allowance>,
    pub(super) requests: Option<Allowance>,
    pub(super) counts: Counts,
}

/// What a function has counted.
#[derive(Debug)]
pub(super) struct Counts {
    warmup: Time,
    invocations: u64,
    cold_starts: u64,
    throttled: BTreeMap<ThrottleReason, u64>,
    first_throttled: BTreeMap<ThrottleReason, Time>,
    attempts: Timeline,
    errors: BTreeMap<InvokeError, u64>,
    provisioned: u64,
    spillovers: u64,
    billed_ms: [u64; 2],
    pub(super) environments: Level,
    pub(super) concurrency: Level,
    pub(super) on_demand: Level,
    pub(super) queued: Level,
    pub(super) interfaces: Level,
    cold_start: Latency,
    phases: Vec<(&'static str, Latency)>,
}

impl Counts {
    pub(super) fn new(warmup: Time, horizon: Time) -> Self {
        let empty = || Latency::new(Vec::new());
        let level = || Level::new(warmup, horizon);
        Self {
            warmup,
            invocations: 0,
            cold_starts: 0,
            throttled: BTreeMap::new(),
            first_throttled: BTreeMap::new(),
            attempts: Timeline::new(),
            errors: BTreeMap::new(),
            provisioned: 0,
            spillovers: 0,
            billed_ms: [0; 2],
            environments: level(),
            concurrency: level(),
            on_demand: level(),
            queued: level(),
            interfaces: level(),
            cold_start: empty(),
            phases: PHASES.iter().map(|&name| (name, empty())).collect(),
        }
    }

    fn recorded(&self, now: Time) -> bool {
        now >= self.warmup
    }

    pub(super) fn refused(&mut self, now: Time, refusal: Refusal) {
        self.attempts.sent(now);
        if let Refusal::Throttled(_) = refusal {
            self.attempts.failed(now);
        }
        if !self.recorded(now) {
            return;
        }
        self.invocations += 1;
        match refusal {
            Refusal::Throttled(reason) => {
                *self.throttled.entry(reason).or_default() += 1;
                self.first_throttled.entry(reason).or_insert(now);
            }
            Refusal::Error(error) => *self.errors.entry(error).or_default() += 1,
        }
    }

    /// An invocation got an environment, which is provisioned, or is not although others are.
    pub(super) fn admitted(&mut self, now: Time, function: &Function, provisioned: bool) {
        self.attempts.sent(now);
        if self.recorded(now) {
            self.invocations += 1;
            self.provisioned += u64::from(provisioned);
            self.spillovers += u64::from(!provisioned && function.provisioned > 0);
        }
    }

    pub(super) fn started_cold(&mut self, now: Time, start: &ColdStart, total: Duration) {
        if !self.recorded(now) {
            return;
        }
        self.cold_starts += 1;
        self.cold_start.record(total, &[]);
        for ((_, latency), time) in self.phases.iter_mut().zip(start.phases()) {
            if let Some(time) = time {
                latency.record(time, &[]);
            }
        }
    }

    /// An invocation that began at `began` ended, with or without an error.
    pub(super) fn ended(&mut self, began: Time, error: Option<InvokeError>) {
        if let Some(error) = error.filter(|_| self.recorded(began)) {
            *self.errors.entry(error).or_default() += 1;
        }
    }

    /// What is billed of an invocation that began at `began`.
    pub(super) fn billed(&mut self, began: Time, provisioned: bool, time: Duration) {
        const PS_PER_MS: u64 = 1_000_000_000;
        if self.recorded(began) {
            let ms = time.as_ps().div_ceil(PS_PER_MS).max(1);
            self.billed_ms[usize::from(!provisioned)] += ms;
        }
    }

    pub(super) fn finish(
        self,
        name: String,
        network_interface_limit: Option<u64>,
        end: Time,
        replication: u32,
    ) -> FunctionResults {
        let count = |at: usize| self.phases[at].1.count();
        let joined = count(4) + count(5);
        assert!(
            joined == 0 || joined == count(3),
            "a network interface is created or reused"
        );
        let mut results = FunctionResults {
            name,
            invocations: self.invocations,
            cold_starts: self.cold_starts,
            throttled: self.throttled,
            first_throttled: self.first_throttled,
            attempts: self.attempts,
            errors: self.errors,
            provisioned: self.provisioned,
            spillovers: self.spillovers,
            billed_ms: self.billed_ms,
            environments: self.environments.finish(end, replication),
            concurrency: self.concurrency.finish(end, replication),
            on_demand_concurrency: self.on_demand.finish(end, replication),
            queued: self.queued.finish(end, replication),
            network_interfaces: self.interfaces.finish(end, replication),
            network_interface_limit,
            cold_start: self.cold_start,
            replications: BTreeMap::new(),
            counts: BTreeMap::new(),
            phases: self.phases,
        };
        results.end_replication(replication);
        results
    }
}
