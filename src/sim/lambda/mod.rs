//! AWS Lambda: which environment an invocation gets, or why it gets none. State machines without
//! engine and clock; how invocations run is in `world/invocation.rs`.

mod allowance;
mod cold_start;
mod fleet;
mod function;
mod interfaces;
mod results;
#[cfg(test)]
mod tests;

pub(super) use function::{
    Account, Asynchronous, Attach, Draws, Fraction, Function, HandlerAction, HandlerStep,
    HyperplaneInterface, Init, KeepAlive, Purpose, Scaling, Start,
};
pub use results::{FunctionResults, InvocationCounts, InvokeError, ThrottleReason};

use super::part::{Charges, Part};
use super::slab::{Key, Slab};
use crate::engine::{Stream, StreamFamily};
use crate::units::{Duration, Time};
use allowance::Allowance;
use cold_start::{ColdStart, Joining, Workers};
use fleet::{Counts, Fleet};
use interfaces::{Interfaces, needed};

/// An execution environment.
#[derive(Debug)]
struct Environment {
    function: usize,
    provisioned: bool,
    /// When it is too old to be used again.
    retires: Time,
}

/// An invocation that has got an environment.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) environment: Key,
    /// What is spent until the handler runs.
    pub(super) charges: Charges,
    /// Whether the environment was idle, and its keep-alive is to be stopped.
    pub(super) was_idle: bool,
}

/// Why an invocation gets no environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Throttled(ThrottleReason),
    Error(InvokeError),
}

/// What becomes of an environment after an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Released {
    /// It is kept for this long.
    Idle(Duration),
    /// It is kept for ever.
    Provisioned,
    Gone,
}

/// All functions of the account.
#[derive(Debug)]
pub(super) struct Lambda<'p> {
    functions: &'p [Function],
    account: &'p Account,
    fleets: Vec<Fleet>,
    environments: Slab<Environment>,
    keep_alives: Vec<Stream>,
    workers: Workers,
    interfaces: Interfaces,
    /// Environments that functions without a reservation may have busy, beyond provisioned ones, and
    /// how many are.
    shared_limit: u64,
    shared_busy: u64,
    /// Of all functions together: how fast environments are added; of those without a reservation:
    /// how often they may be invoked.
    scaling: Option<Allowance>,
    requests: Allowance,
}

impl<'p> Lambda<'p> {
    /// Nothing has been invoked; provisioned environments are there.
    pub(super) fn new(
        functions: &'p [Function],
        account: &'p Account,
        streams: StreamFamily,
        (warmup, horizon): (Time, Time),
    ) -> Self {
        let aside = |function: &Function| function.reserved.unwrap_or(function.provisioned);
        let set_aside: u32 = functions.iter().map(aside).sum();
        let limit = account.concurrency_limit;
        let mut lambda = Self {
            functions,
            account,
            fleets: Vec::new(),
            environments: Slab::default(),
            keep_alives: functions
                .iter()
                .map(|function| streams.stream(&function.name, "keep_alive"))
                .collect(),
            workers: Workers::new(account),
            interfaces: Interfaces::new(account),
            shared_limit: u64::from(limit.saturating_sub(set_aside)),
            shared_busy: 0,
            scaling: match account.scaling {
                Scaling::PerFunction { .. } => None,
                Scaling::Regional { burst, per_minute } => {
                    Some(Allowance::new(burst, per_minute, Duration::from_secs(60)))
                }
            },
            requests: requests(account, limit),
        };
        for (index, function) in functions.iter().enumerate() {
            let fleet = lambda.fleet(index, function, streams, (warmup, horizon));
            lambda.fleets.push(fleet);
        }
        lambda
    }

    fn fleet(
        &mut self,
        index: usize,
        function: &Function,
        streams: StreamFamily,
        (warmup, horizon): (Time, Time),
    ) -> Fleet {
        let ready_at = function.interface.as_ref().and_then(|interface| {
            let mut draw = streams.stream(&function.name, "interface").draw(0);
            let creation = interface.creation.sample(&mut draw);
            Some(Time::ZERO + interface.created_at? + creation)
        });
        let provisioned = (0..function.provisioned).map(|_| {
            self.environments.add(Environment {
                function: index,
                provisioned: true,
                retires: Time::MAX,
            })
        });
        let mut counts = Counts::new(warmup, horizon);
        let there = u64::from(function.provisioned);
        counts.environments.set(Time::ZERO, there);
        Fleet {
            idle: Vec::new(),
            provisioned_idle: provisioned.collect(),
            idled: 0,
            on_demand: 0,
            interfaces: 0,
            ready_at: ready_at.unwrap_or(Time::ZERO),
            last_invoked: Time::ZERO,
            scaling: match self.account.scaling {
                Scaling::PerFunction { burst, period } => {
                    Some(Allowance::new(burst, burst, period))
                }
                Scaling::Regional { .. } => None,
            },
            requests: function
                .reserved
                .map(|reserved| requests(self.account, reserved)),
            counts,
        }
    }

    /// Finds an environment for an invocation. A synchronous one counts towards the requests a second
    /// that concurrency allows.
    ///
    /// # Errors
    /// If the function is throttled, or cannot be invoked.
    pub(super) fn invoke(
        &mut self,
        now: Time,
        function: usize,
        draws: Draws,
        synchronous: bool,
    ) -> Result<Admission, Refusal> {
        let admitted = self.admit(now, function, draws, synchronous);
        if let Err(refusal) = admitted {
            self.fleets[function].counts.refused(now, refusal);
        }
        admitted
    }

    fn admit(
        &mut self,
        now: Time,
        index: usize,
        draws: Draws,
        synchronous: bool,
    ) -> Result<Admission, Refusal> {
        let function = &self.functions[index];
        self.check_interface(now, index, draws)
            .map_err(Refusal::Error)?;
        let mut charges = Charges::NONE;
        charges.add(
            Part::LambdaInvoke,
            function
                .invoke_overhead
                .sample(&mut draws.draw(Purpose::Overhead)),
        );
        let provisioned = self.fleets[index].provisioned_idle.last().copied();
        if provisioned.is_none() {
            self.check_concurrency(index)?;
        }
        if synchronous {
            self.check_requests(now, index)?;
        }
        let idle = provisioned.or_else(|| self.most_recently_idle(index));
        let (environment, was_idle) = match idle {
            Some(environment) => (environment, true),
            None => (self.start(now, index, draws, &mut charges)?, false),
        };
        let fleet = &mut self.fleets[index];
        if provisioned.is_some() {
            fleet.provisioned_idle.pop();
        } else {
            let busy = fleet.counts.on_demand.value() + 1;
            fleet.counts.on_demand.set(now, busy);
            self.shared_busy += u64::from(function.reserved.is_none());
        }
        let busy = fleet.counts.concurrency.value() + 1;
        fleet.counts.concurrency.set(now, busy);
        fleet.counts.admitted(now, function, provisioned.is_some());
        let allowance = fleet.requests.as_mut().unwrap_or(&mut self.requests);
        if synchronous {
            allowance.take();
        }
        Ok(Admission {
            environment,
            charges,
            was_idle: was_idle && provisioned.is_none(),
        })
    }

    /// Whether the function's Hyperplane interface is there. One that was reclaimed is made anew.
    fn check_interface(
        &mut self,
        now: Time,
        index: usize,
        draws: Draws,
    ) -> Result<(), InvokeError> {
        let Some(interface) = &self.functions[index].interface else {
            return Ok(());
        };
        let fleet = &mut self.fleets[index];
        if now < fleet.ready_at {
            return Err(InvokeError::ResourceConflict);
        }
        let idle = now.since(fleet.last_invoked.max(fleet.ready_at));
        fleet.last_invoked = now;
        if idle > interface.idle {
            let mut draw = draws.draw(Purpose::Interface);
            fleet.ready_at = now + interface.creation.sample(&mut draw);
            return Err(InvokeError::ResourceNotReady);
        }
        Ok(())
    }

    /// Whether one more environment may be busy that is not provisioned.
    fn check_concurrency(&self, index: usize) -> Result<(), Refusal> {
        let function = &self.functions[index];
        let busy = self.fleets[index].counts.on_demand.value();
        let (full, reason) = match function.reserved {
            Some(reserved) => (
                busy >= u64::from(reserved.saturating_sub(function.provisioned)),
                ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded,
            ),
            None => (
                self.shared_busy >= self.shared_limit,
                ThrottleReason::ConcurrentInvocationLimitExceeded,
            ),
        };
        if full {
            Err(Refusal::Throttled(reason))
        } else {
            Ok(())
        }
    }

    /// Whether the function may be invoked once more at `now`.
    fn check_requests(&mut self, now: Time, index: usize) -> Result<(), Refusal> {
        let (allowance, reason) = match &mut self.fleets[index].requests {
            Some(own) => (
                own,
                ThrottleReason::ReservedFunctionInvocationRateLimitExceeded,
            ),
            None => (
                &mut self.requests,
                ThrottleReason::FunctionInvocationRateLimitExceeded,
            ),
        };
        if allowance.allows(now) {
            Ok(())
        } else {
            Err(Refusal::Throttled(reason))
        }
    }

    /// Takes the environment that idled last.
    fn most_recently_idle(&mut self, index: usize) -> Option<Key> {
        while let Some(idle) = self.fleets[index].idle.pop() {
            if self.environments.contains(idle) {
                return Some(idle);
            }
        }
        None
    }

    /// Starts an environment, and charges its phases.
    fn start(
        &mut self,
        now: Time,
        index: usize,
        draws: Draws,
        charges: &mut Charges,
    ) -> Result<Key, Refusal> {
        if !self.scaling_of(index).allows(now) {
            let reason = ThrottleReason::ConcurrencyScalingRateExceeded;
            return Err(Refusal::Throttled(reason));
        }
        let function = &self.functions[index];
        let fleet = &mut self.fleets[index];
        let share = function.start.new_worker_share;
        let mut new_worker = draws.draw(Purpose::NewWorker).unit() < share;
        let mut joining = Joining::Ready;
        if let Attach::PerEnvironmentInterface { subnets, .. } = &function.start.attach {
            // One for so much memory; beyond that, a worker that is new to the function needs one of
            // its own, and one that has no environment any more gives its up.
            if needed(&function.start.attach, fleet.on_demand + 1) > fleet.interfaces {
                let created = self.interfaces.create(now, subnets);
                created.map_err(Refusal::Error)?;
                fleet.interfaces += 1;
                fleet.counts.interfaces.set(now, fleet.interfaces);
                new_worker = true;
            }
            joining = if new_worker {
                Joining::Creates
            } else {
                Joining::Reuses
            };
        }
        self.scaling_of(index).take();
        let fleet = &mut self.fleets[index];
        let host = self.workers.choose(draws);
        let slowdown = self.workers.slowdown(self.account, host, now);
        let start = ColdStart::draw(&function.start, draws, (new_worker, joining), slowdown);
        self.workers.boots(host, start.booted(now));
        let before = charges.total();
        start.charge(charges);
        let total = Duration::from_ps(charges.total().as_ps() - before.as_ps());
        fleet.counts.started_cold(now, &start, total);
        fleet.on_demand += 1;
        let there = fleet.on_demand + u64::from(function.provisioned);
        fleet.counts.environments.set(now, there);
        let lifetime = function.lifetime.as_ref();
        let retires = lifetime.map_or(Time::MAX, |lifetime| {
            now + total + lifetime.sample(&mut draws.draw(Purpose::Lifetime))
        });
        Ok(self.environments.add(Environment {
            function: index,
            provisioned: false,
            retires,
        }))
    }

    /// An invocation that began at `began` is done with its environment after `billed` in the handler.
    /// One that ran out of time takes its environment with it.
    pub(super) fn release(
        &mut self,
        now: Time,
        key: Key,
        (began, billed): (Time, Duration),
        error: Option<InvokeError>,
    ) -> Released {
        let environment = self.environments.get(key);
        let environment = environment.expect("a busy environment is there");
        let (index, provisioned) = (environment.function, environment.provisioned);
        let worn = now >= environment.retires || error == Some(InvokeError::FunctionTimedOut);
        let fleet = &mut self.fleets[index];
        let counts = &mut fleet.counts;
        counts.concurrency.set(now, counts.concurrency.value() - 1);
        counts.billed(began, provisioned, billed);
        counts.ended(began, error);
        if provisioned {
            fleet.provisioned_idle.push(key);
            return Released::Provisioned;
        }
        counts.on_demand.set(now, counts.on_demand.value() - 1);
        self.shared_busy -= u64::from(self.functions[index].reserved.is_none());
        if worn {
            self.remove(now, key);
            return Released::Gone;
        }
        fleet.idled += 1;
        fleet.idle.push(key);
        let keep_alive = &self.functions[index].keep_alive;
        Released::Idle(keep_alive.sample(self.keep_alives[index], fleet.idled))
    }

    /// The keep-alive of an idle environment is over; gives its function.
    pub(super) fn expire(&mut self, now: Time, key: Key) -> usize {
        self.remove(now, key)
    }

    fn remove(&mut self, now: Time, key: Key) -> usize {
        let gone = self.environments.remove(key);
        let index = gone.expect("it is there").function;
        let fleet = &mut self.fleets[index];
        fleet.on_demand -= 1;
        let there = fleet.on_demand + u64::from(self.functions[index].provisioned);
        fleet.counts.environments.set(now, there);
        index
    }

    /// Whether an environment is still there.
    pub(super) fn is_there(&self, key: Key) -> bool {
        self.environments.contains(key)
    }

    /// Whether an event would get an environment of a function.
    pub(super) fn has_room(&mut self, now: Time, function: usize) -> bool {
        if !self.fleets[function].provisioned_idle.is_empty() {
            return true;
        }
        if self.check_concurrency(function).is_err() {
            return false;
        }
        if let Some(idle) = self.most_recently_idle(function) {
            self.fleets[function].idle.push(idle);
            return true;
        }
        self.scaling_of(function).allows(now)
    }

    fn scaling_of(&mut self, function: usize) -> &mut Allowance {
        let own = self.fleets[function].scaling.as_mut();
        own.or(self.scaling.as_mut())
            .expect("a rule for each function, or one for all")
    }

    /// Events that wait for an environment of a function.
    pub(super) fn queued(&self, function: usize) -> u64 {
        self.fleets[function].counts.queued.value()
    }

    /// So many events more, or fewer, wait for an environment of a function.
    pub(super) fn queue(&mut self, now: Time, function: usize, change: i64) {
        let queued = &mut self.fleets[function].counts.queued;
        let value = queued.value().saturating_add_signed(change);
        queued.set(now, value);
    }

    /// An event of a function, begun at `began`, came to nothing.
    pub(super) fn gave_up(&mut self, function: usize, began: Time, error: InvokeError) {
        self.fleets[function].counts.ended(began, Some(error));
    }

    /// What the functions experienced, once nothing is under way.
    pub(super) fn finish(self, end: Time, replication: u32) -> Vec<FunctionResults> {
        let fleets = self.fleets.into_iter().zip(self.functions);
        let finished = fleets.map(|(fleet, function)| {
            assert!(
                fleet.counts.concurrency.value() == 0,
                "an environment is busy after the last invocation"
            );
            let per_worker = matches!(
                function.start.attach,
                Attach::PerEnvironmentInterface { .. }
            );
            let limit = per_worker.then_some(u64::from(self.account.interface_limit));
            let name = function.name.clone();
            fleet.counts.finish(name, limit, end, replication)
        });
        finished.collect()
    }
}

/// The invocations a second that some concurrency allows.
fn requests(account: &Account, concurrency: u32) -> Allowance {
    let each_second = concurrency.saturating_mul(account.requests_per_concurrency);
    Allowance::new(each_second, each_second, Duration::from_secs(1))
}
