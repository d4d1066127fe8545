//! The phases of a cold start.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::function::{Account, Attach, Draws, Init, Purpose, Start};
use crate::sim::part::{Charges, Part};
use crate::stats::linear_between;
use crate::units::{Duration, Time};

/// Phases as reported, in their order; one with a point is part of the phase before the point.
pub(super) const PHASES: [&str; 10] = [
    "placement",
    "microvm_boot",
    "code",
    "vpc_attach",
    "vpc_attach.create_network_interface",
    "vpc_attach.reuse_network_interface",
    "extension_init",
    "runtime_init",
    "function_init",
    "restore",
];

/// How an environment joins its VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joining {
    /// Not at all, or over an interface that is there.
    Ready,
    /// A network interface is created for the worker.
    Creates,
    /// The worker has one.
    Reuses,
}

/// How long each phase took; `None` for one that there was not.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColdStart {
    placement: Duration,
    boot: Duration,
    code: Option<Duration>,
    attach: Option<Duration>,
    joining: Joining,
    extensions: Option<Duration>,
    runtime: Option<Duration>,
    function: Option<Duration>,
    restore: Option<Duration>,
}

impl ColdStart {
    /// A cold start at `now`, on a worker that is new to the function or not: that decides how its
    /// microVM boots and its runtime initialises.
    pub(super) fn draw(
        start: &Start,
        draws: Draws,
        (new_worker, joining): (bool, Joining),
        slowdown: f64,
    ) -> Self {
        let sample = |distribution: &crate::engine::Distribution, purpose| {
            distribution.sample(&mut draws.draw(purpose))
        };
        let boot = if new_worker {
            &start.boot_new_worker
        } else {
            &start.boot_existing_worker
        };
        let boot = sample(boot, Purpose::Boot).as_ps() as f64 * slowdown;
        let attach = match (&start.attach, joining) {
            (Attach::None, _) => None,
            (Attach::Hyperplane(time), _) => Some(time),
            (Attach::PerEnvironmentInterface { create, .. }, Joining::Creates) => Some(create),
            (Attach::PerEnvironmentInterface { reuse, .. }, _) => Some(reuse),
        };
        let whole = Self {
            placement: sample(&start.placement, Purpose::Placement),
            boot: Duration::from_ps_f64(boot),
            code: Some(sample(&start.code, Purpose::Code) + start.code_size_time),
            attach: attach.map(|time| sample(time, Purpose::Attach)),
            joining,
            extensions: None,
            runtime: None,
            function: None,
            restore: None,
        };
        match &start.init {
            Init::Restore(time) => Self {
                // What a start reads of the code is in the snapshot.
                code: None,
                restore: Some(sample(time, Purpose::Restore)),
                ..whole
            },
            Init::Run {
                extensions,
                runtime,
                runtime_new_worker,
                function,
                limit,
            } => {
                let runtime = if new_worker {
                    runtime_new_worker
                } else {
                    runtime
                };
                let mut with_init = Self {
                    extensions: extensions
                        .as_ref()
                        .map(|time| sample(time, Purpose::Extensions)),
                    runtime: Some(sample(runtime, Purpose::Runtime)),
                    function: function
                        .as_ref()
                        .map(|time| sample(time, Purpose::FunctionInit)),
                    ..whole
                };
                if with_init.init() > *limit {
                    // Broken off, and done again within the first invocation.
                    let own = with_init.function.unwrap_or(Duration::ZERO);
                    with_init.function = Some(own + *limit);
                }
                with_init
            }
        }
    }

    /// The initialisation.
    pub(super) fn init(&self) -> Duration {
        let phases = [self.extensions, self.runtime, self.function];
        phases
            .into_iter()
            .flatten()
            .fold(Duration::ZERO, |sum, time| sum + time)
    }

    /// When the microVM has booted, if the cold start begins at `now`.
    pub(super) fn booted(&self, now: Time) -> Time {
        now + self.placement + self.boot
    }

    /// Charges its phases.
    pub(super) fn charge(&self, charges: &mut Charges) {
        let phases = [
            (Part::LambdaPlacement, Some(self.placement)),
            (Part::LambdaMicrovmBoot, Some(self.boot)),
            (Part::LambdaCode, self.code),
            (Part::LambdaVpcAttach, self.attach),
            (Part::LambdaExtensionInit, self.extensions),
            (Part::LambdaRuntimeInit, self.runtime),
            (Part::LambdaFunctionInit, self.function),
            (Part::LambdaRestore, self.restore),
        ];
        for (part, time) in phases {
            charges.add(part, time.unwrap_or(Duration::ZERO));
        }
    }

    /// The times of [`PHASES`].
    pub(super) fn phases(&self) -> [Option<Duration>; PHASES.len()] {
        let if_joining = |joining| self.attach.filter(|_| self.joining == joining);
        [
            Some(self.placement),
            Some(self.boot),
            self.code,
            self.attach,
            if_joining(Joining::Creates),
            if_joining(Joining::Reuses),
            self.extensions,
            self.runtime,
            self.function,
            self.restore,
        ]
    }
}

/// The worker hosts, and the microVMs that boot on them.
#[derive(Debug)]
pub(super) struct Workers {
    /// By host: when each of the boots under way ends.
    boots: Vec<BinaryHeap<Reverse<Time>>>,
}

impl Workers {
    pub(super) fn new(account: &Account) -> Self {
        Self {
            boots: vec![BinaryHeap::new(); account.workers.max(1) as usize],
        }
    }

    /// The host of a cold start.
    pub(super) fn choose(&self, draws: Draws) -> usize {
        let hosts = u32::try_from(self.boots.len()).expect("few hosts");
        draws.draw(Purpose::Host).below(hosts) as usize
    }

    /// How much longer another boot takes on a host.
    pub(super) fn slowdown(&mut self, account: &Account, host: usize, now: Time) -> f64 {
        let boots = &mut self.boots[host];
        while boots.peek().is_some_and(|Reverse(end)| *end <= now) {
            boots.pop();
        }
        let count = u32::try_from(boots.len() + 1).unwrap_or(u32::MAX);
        linear_between(&account.boot_slowdown, f64::from(count)).unwrap_or(1.0)
    }

    /// A microVM boots on a host until `end`.
    pub(super) fn boots(&mut self, host: usize, end: Time) {
        self.boots[host].push(Reverse(end));
    }
}
