//! Functions made up for tests.

use std::collections::BTreeMap;

use toml::Value;

use crate::cost::Bill;
use crate::experiment::PointResults;
use crate::sim::{FunctionResults, InvocationCounts, InvokeError, Results, ThrottleReason};
use crate::stats::{Latency, Level, LevelResults, Timeline};
use crate::units::{Duration, Time, Usd};

/// How long levels are watched.
const WATCHED: u64 = 10;

/// A function in the making. Times are in seconds.
pub(in crate::report) struct Function {
    results: FunctionResults,
    busy: Vec<(f64, u64)>,
    queued: Vec<(f64, u64)>,
    interfaces: Vec<(f64, u64)>,
}

/// A time after the start.
pub(in crate::report) fn secs(secs: f64) -> Time {
    Time::ZERO + Duration::from_secs_f64(secs)
}

impl Function {
    /// One that was never invoked.
    pub(in crate::report) fn new(name: &str) -> Self {
        let none = || level(&[], 0);
        Self {
            results: FunctionResults {
                name: name.to_owned(),
                invocations: 0,
                cold_starts: 0,
                throttled: BTreeMap::new(),
                first_throttled: BTreeMap::new(),
                errors: BTreeMap::new(),
                provisioned: 0,
                spillovers: 0,
                billed_ms: [0; 2],
                environments: none(),
                concurrency: none(),
                on_demand_concurrency: none(),
                queued: none(),
                network_interfaces: none(),
                network_interface_limit: None,
                attempts: Timeline::new(),
                cold_start: Latency::new(Vec::new()),
                replications: BTreeMap::new(),
                counts: BTreeMap::new(),
                phases: Vec::new(),
            },
            busy: Vec::new(),
            queued: Vec::new(),
            interfaces: Vec::new(),
        }
    }

    /// Another replication, with so many invocations and these cold starts.
    pub(in crate::report) fn replication(mut self, invocations: u64, cold: &[f64]) -> Self {
        let mut own = Latency::new(Vec::new());
        for &cold in cold {
            own.record(Duration::from_secs_f64(cold), &[]);
        }
        let results = &mut self.results;
        let number = u32::try_from(results.replications.len()).unwrap();
        results.invocations += invocations;
        results.cold_starts += own.count();
        results.replications.insert(number, *own.sums());
        let counts = InvocationCounts {
            invocations,
            served: invocations,
            cold_starts: own.count(),
            throttles: 0,
        };
        results.counts.insert(number, counts);
        results.cold_start.merge(&own);
        self
    }

    /// A phase of its cold starts.
    pub(in crate::report) fn phase(mut self, name: &'static str, times: &[f64]) -> Self {
        let mut latency = Latency::new(Vec::new());
        for &time in times {
            latency.record(Duration::from_secs_f64(time), &[]);
        }
        self.results.phases.push((name, latency));
        self
    }

    /// So many invocations of the last replication were throttled, the first at this time.
    pub(in crate::report) fn throttled(
        mut self,
        reason: ThrottleReason,
        count: u64,
        first: Time,
    ) -> Self {
        *self.results.throttled.entry(reason).or_default() += count;
        let earliest = self.results.first_throttled.entry(reason);
        let earliest = earliest.or_insert(first);
        *earliest = first.min(*earliest);
        for _ in 0..count {
            self.results.attempts.failed(first);
        }
        if let Some(mut last) = self.results.counts.last_entry() {
            let last = last.get_mut();
            last.throttles += count;
            // There were at least as many.
            let more = last.throttles.saturating_sub(last.invocations);
            last.invocations += more;
            self.results.invocations += more;
            last.served = last.served.saturating_sub(count);
        }
        self
    }

    /// So many invocations failed.
    pub(in crate::report) fn failed(mut self, error: InvokeError, count: u64) -> Self {
        *self.results.errors.entry(error).or_default() += count;
        if let Some(mut last) = self.results.counts.last_entry()
            && error.is_retryable()
        {
            last.get_mut().served -= count;
        }
        self
    }

    /// So many found a provisioned environment, and so many did not.
    pub(in crate::report) fn provisioned(mut self, served: u64, spilled: u64) -> Self {
        self.results.provisioned = served;
        self.results.spillovers = spilled;
        self
    }

    /// So many environments were busy from these times on, none of them provisioned.
    pub(in crate::report) fn busy(mut self, changes: &[(f64, u64)]) -> Self {
        self.busy = changes.to_vec();
        self
    }

    /// So many events waited from these times on.
    pub(in crate::report) fn queued(mut self, changes: &[(f64, u64)]) -> Self {
        self.queued = changes.to_vec();
        self
    }

    /// So many network interfaces there were from these times on, of those that may be.
    pub(in crate::report) fn interfaces(mut self, changes: &[(f64, u64)], limit: u64) -> Self {
        self.interfaces = changes.to_vec();
        self.results.network_interface_limit = Some(limit);
        self
    }

    pub(in crate::report) fn results(self) -> FunctionResults {
        let replications = u32::try_from(self.results.replications.len()).unwrap();
        let level = |changes: &[(f64, u64)]| level(changes, replications);
        // An environment stays until the end.
        let mut most = 0;
        let kept = self.busy.iter().map(|&(time, busy)| {
            most = busy.max(most);
            (time, most)
        });
        FunctionResults {
            environments: level(&kept.collect::<Vec<_>>()),
            concurrency: level(&self.busy),
            on_demand_concurrency: level(&self.busy),
            queued: level(&self.queued),
            network_interfaces: level(&self.interfaces),
            ..self.results
        }
    }
}

/// A level of these values from these times on, the same in all replications.
fn level(changes: &[(f64, u64)], replications: u32) -> LevelResults {
    let end = secs(WATCHED as f64);
    let replication = |number| {
        let mut level = Level::new(Time::ZERO, end);
        for &(time, value) in changes {
            level.set(secs(time), value);
        }
        level.finish(end, number)
    };
    let mut all = replication(0);
    for number in 1..replications {
        all.merge(&replication(number));
    }
    all
}

/// A point of a sweep with functions, which costs so many cents a month.
pub(in crate::report) fn point(
    parameters: &[(&str, &str)],
    functions: Vec<Function>,
    cents: i64,
) -> PointResults {
    let parameters: Vec<(String, Value)> = parameters
        .iter()
        .map(|(path, value)| ((*path).to_owned(), Value::String((*value).to_owned())))
        .collect();
    let functions: Vec<_> = functions.into_iter().map(Function::results).collect();
    let replications = functions.iter().map(|function| function.counts.len());
    PointResults {
        label: String::new(),
        parameters,
        replications: u32::try_from(replications.max().unwrap_or(0)).unwrap(),
        results: Results {
            workloads: Vec::new(),
            functions,
            resources: Vec::new(),
            events: 1,
            packets: 1,
            simulated: secs(WATCHED as f64),
            warmup: Time::ZERO,
        },
        bill: Bill {
            total: Usd::from_cents(cents),
            ..Bill::default()
        },
    }
}
