//! The execution environments of a Lambda function: cold starts in phases, warm reuse most
//! recently idled first, and idle environments that expire.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Distribution, Stream};
use crate::sim::part::{Charges, Part};
use crate::sim::program::{Attach, Function};
use crate::sim::results::FunctionResults;
use crate::stats::Latency;
use crate::units::{Duration, Time};

/// The draws of an invocation, each by its own part of the sample.
#[repr(u32)]
#[derive(Clone, Copy)]
enum Purpose {
    Placement,
    Worker,
    Boot,
    Code,
    Attach,
    RuntimeInit,
    Overhead,
    Handler,
}

/// Phases of a cold start as reported.
const PHASES: [&str; 7] = [
    "placement",
    "microvm_boot",
    "code",
    "vpc_attach",
    "vpc_attach.create_network_interface",
    "vpc_attach.reuse_network_interface",
    "runtime_init",
];
const CREATE: usize = 4;
const REUSE: usize = 5;

/// An invocation that got an environment.
#[derive(Debug)]
pub(super) struct Admitted {
    /// What its latency will be spent on.
    pub(super) charges: Charges,
    /// The idle environment that it took; `None` for a cold start.
    pub(super) reused: Option<u64>,
}

/// The environments of one function.
#[derive(Debug)]
pub(super) struct Fleet {
    busy: usize,
    /// Idle environments by the order in which they became idle; the newest is reused first.
    idle: BTreeSet<u64>,
    idled: u64,
    results: FunctionResults,
}

impl Fleet {
    pub(super) fn new(function: &Function) -> Self {
        let empty = || Latency::new(Vec::new());
        Self {
            busy: 0,
            idle: BTreeSet::new(),
            idled: 0,
            results: FunctionResults {
                name: function.name.clone(),
                invocations: 0,
                cold_starts: 0,
                throttles: 0,
                peak_environments: 0,
                cold_start: empty(),
                replications: BTreeMap::new(),
                phases: PHASES.iter().map(|&name| (name, empty())).collect(),
            },
        }
    }

    /// An invocation, whose draws are those of `sample` in `stream`; `None` if it is throttled.
    pub(super) fn invoke(
        &mut self,
        function: &Function,
        stream: Stream,
        sample: u64,
        recorded: bool,
    ) -> Option<Admitted> {
        let draw = |distribution: &Distribution, purpose: Purpose| {
            distribution.sample(&mut stream.draw_part(sample, purpose as u32))
        };
        self.results.invocations += u64::from(recorded);
        let mut charges = Charges::NONE;
        charges.add(
            Part::LambdaInvoke,
            draw(&function.invoke_overhead, Purpose::Overhead),
        );
        let reused = self.idle.pop_last();
        if reused.is_none() {
            if self.busy >= function.concurrency {
                self.results.throttles += u64::from(recorded);
                return None;
            }
            let worker = stream.draw_part(sample, Purpose::Worker as u32).unit();
            let start = cold_start(function, worker < function.new_worker_share, &draw);
            for (part, time) in start.phases() {
                charges.add(part, time);
            }
            if recorded {
                self.record(&start);
            }
        }
        self.busy += 1;
        let environments = (self.busy + self.idle.len()) as u64;
        self.results.peak_environments = self.results.peak_environments.max(environments);
        charges.add(
            Part::LambdaHandler,
            draw(&function.duration, Purpose::Handler),
        );
        Some(Admitted { charges, reused })
    }

    /// An invocation ended; returns its environment, now idle.
    pub(super) fn idle(&mut self) -> u64 {
        self.busy -= 1;
        self.idled += 1;
        self.idle.insert(self.idled);
        self.idled
    }

    /// An idle environment's time is over.
    pub(super) fn expire(&mut self, environment: u64) {
        self.idle.remove(&environment);
    }

    fn record(&mut self, start: &ColdStart) {
        self.results.cold_starts += 1;
        self.results.cold_start.record(start.total(), &[]);
        let attach = start.attach.map(|(time, _)| time);
        let created = start
            .attach
            .filter(|(_, created)| *created == Some(true))
            .map(|(time, _)| time);
        let reused = start
            .attach
            .filter(|(_, created)| *created == Some(false))
            .map(|(time, _)| time);
        let all = [
            Some(start.placement),
            Some(start.boot),
            Some(start.code),
            attach,
            created,
            reused,
            Some(start.runtime_init),
        ];
        for ((_, latency), time) in self.results.phases.iter_mut().zip(all) {
            if let Some(time) = time {
                latency.record(time, &[]);
            }
        }
    }

    pub(super) fn finish(mut self, replication: u32) -> FunctionResults {
        assert!(
            self.busy == 0,
            "an environment is busy after the last invocation"
        );
        let created = self.results.phases[CREATE].1.count() + self.results.phases[REUSE].1.count();
        let joined = self.results.phases[CREATE - 1].1.count();
        assert!(
            created == 0 || created == joined,
            "a network interface is created or reused"
        );
        self.results
            .replications
            .insert(replication, *self.results.cold_start.sums());
        self.results
    }
}

/// The phases of one cold start.
#[derive(Debug, Clone, Copy)]
struct ColdStart {
    placement: Duration,
    boot: Duration,
    code: Duration,
    /// Time, and whether a network interface was created or reused, where it matters.
    attach: Option<(Duration, Option<bool>)>,
    runtime_init: Duration,
}

impl ColdStart {
    fn phases(&self) -> [(Part, Duration); 5] {
        [
            (Part::LambdaPlacement, self.placement),
            (Part::LambdaMicrovmBoot, self.boot),
            (Part::LambdaCode, self.code),
            (
                Part::LambdaVpcAttach,
                self.attach.map_or(Duration::ZERO, |(time, _)| time),
            ),
            (Part::LambdaRuntimeInit, self.runtime_init),
        ]
    }

    fn total(&self) -> Duration {
        self.phases()
            .iter()
            .fold(Duration::ZERO, |sum, (_, time)| sum + *time)
    }
}

/// A cold start on a worker that is new to the function or not. The worker decides both how its
/// microVM boots and, with an interface per environment, whether one must be created.
fn cold_start(
    function: &Function,
    new_worker: bool,
    draw: &impl Fn(&Distribution, Purpose) -> Duration,
) -> ColdStart {
    let boot = if new_worker {
        &function.boot_new_worker
    } else {
        &function.boot_existing_worker
    };
    let attach = match &function.attach {
        Attach::None => None,
        Attach::Hyperplane(time) => Some((draw(time, Purpose::Attach), None)),
        Attach::PerEnvironmentInterface { create, reuse } => {
            let time = if new_worker { create } else { reuse };
            Some((draw(time, Purpose::Attach), Some(new_worker)))
        }
    };
    ColdStart {
        placement: draw(&function.placement, Purpose::Placement),
        boot: draw(boot, Purpose::Boot),
        code: draw(&function.code, Purpose::Code),
        attach,
        runtime_init: draw(&function.runtime_init, Purpose::RuntimeInit),
    }
}

/// An invocation that is running.
#[derive(Debug, Clone, Copy)]
pub(super) struct Invocation {
    pub(super) function: usize,
    pub(super) workload: usize,
    pub(super) started: Time,
    pub(super) charges: Charges,
}
