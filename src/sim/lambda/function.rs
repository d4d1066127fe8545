//! What is compiled of Lambda: functions and the account's rules. It does not change during a run.

use crate::engine::{Distribution, Draw, Stream};
use crate::units::Duration;

/// A Lambda function.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Function {
    pub(in crate::sim) name: String,
    /// The front end's share of an invocation.
    pub(in crate::sim) invoke_overhead: Distribution,
    pub(in crate::sim) start: Start,
    /// What the handler does, step after step.
    pub(in crate::sim) handler: Vec<HandlerStep>,
    /// Share of invocations that end with an error.
    pub(in crate::sim) error_rate: f64,
    /// The longest that the handler may take.
    pub(in crate::sim) timeout: Duration,
    pub(in crate::sim) keep_alive: KeepAlive,
    /// The age at which an environment is not reused.
    pub(in crate::sim) lifetime: Option<Distribution>,
    /// Environments that may be busy, provisioned ones included; `None` for what the account has left.
    pub(in crate::sim) reserved: Option<u32>,
    /// Environments that are there from the start and stay.
    pub(in crate::sim) provisioned: u32,
    /// Set if it has a Hyperplane interface, which comes and goes.
    pub(in crate::sim) interface: Option<HyperplaneInterface>,
}

impl Function {
    /// Whether its handler waits for others.
    pub(in crate::sim) fn calls(&self) -> bool {
        let mut steps = self.handler.iter();
        steps.any(|step| matches!(step.what, HandlerAction::Call(_)))
    }
}

/// One step of a handler, some number of times.
#[derive(Debug, Clone)]
pub(in crate::sim) struct HandlerStep {
    pub(in crate::sim) what: HandlerAction,
    pub(in crate::sim) times: u32,
}

#[derive(Debug, Clone)]
pub(in crate::sim) enum HandlerAction {
    Compute(Distribution),
    /// Requests or invocations, by the number of their workload, all at once.
    Call(Vec<usize>),
}

/// What a cold start consists of.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Start {
    /// Share of cold starts on a worker that is new to the function.
    pub(in crate::sim) new_worker_share: f64,
    pub(in crate::sim) placement: Distribution,
    pub(in crate::sim) boot_new_worker: Distribution,
    pub(in crate::sim) boot_existing_worker: Distribution,
    /// Loading of code or image, and what its size adds.
    pub(in crate::sim) code: Distribution,
    pub(in crate::sim) code_size_time: Duration,
    pub(in crate::sim) attach: Attach,
    pub(in crate::sim) init: Init,
}

/// Making an environment ready for its first invocation.
#[derive(Debug, Clone)]
pub(in crate::sim) enum Init {
    /// Extensions, the runtime and the function's own code are initialised, within a limit.
    Run {
        extensions: Option<Distribution>,
        runtime: Distribution,
        runtime_new_worker: Distribution,
        function: Option<Distribution>,
        limit: Duration,
    },
    /// A snapshot of the initialised environment is restored.
    Restore(Distribution),
}

/// Joining a VPC at a cold start.
#[derive(Debug, Clone)]
pub(in crate::sim) enum Attach {
    None,
    /// A new worker creates a network interface; another reuses its own.
    PerEnvironmentInterface {
        create: Distribution,
        reuse: Distribution,
        /// How much of an interface one environment needs.
        interfaces_per_environment: Fraction,
        /// Where they may be, by the number of the subnet.
        subnets: Vec<usize>,
    },
    Hyperplane(Distribution),
}

/// A fraction of whole numbers.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) struct Fraction {
    pub(in crate::sim) numerator: u64,
    pub(in crate::sim) denominator: u64,
}

impl Fraction {
    /// So many times as much, rounded up.
    pub(super) const fn times(self, count: u64) -> u64 {
        (count * self.numerator).div_ceil(self.denominator)
    }
}

/// How long an idle environment is kept.
#[derive(Debug, Clone)]
pub(in crate::sim) enum KeepAlive {
    Drawn(Distribution),
    /// Of those that idle, half are gone after each period.
    Halving(Duration),
}

impl KeepAlive {
    /// The time for the `number`th environment to idle, by draws of `stream`.
    ///
    /// Halving takes the ruler sequence of the numbers, so that of any 2ⁿ in a row exactly half stay
    /// after each of the first n periods; a random mask makes replications differ.
    pub(super) fn sample(&self, stream: Stream, number: u64) -> Duration {
        match self {
            Self::Drawn(distribution) => distribution.sample(&mut stream.draw(number)),
            Self::Halving(period) => {
                let mask = stream.draw(0).word();
                let periods = 1 + u64::from((number ^ mask).trailing_zeros());
                Duration::from_ps(period.as_ps().saturating_mul(periods))
            }
        }
    }
}

/// The Hyperplane interface of a function.
#[derive(Debug, Clone)]
pub(in crate::sim) struct HyperplaneInterface {
    /// When the function is created; `None` for long before.
    pub(in crate::sim) created_at: Option<Duration>,
    /// How long it takes to be there.
    pub(in crate::sim) creation: Distribution,
    /// Time without an invocation after which it is reclaimed.
    pub(in crate::sim) idle: Duration,
}

/// What the account's functions share.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Account {
    /// Environments busy at once, those set aside for functions included.
    pub(in crate::sim) concurrency_limit: u32,
    pub(in crate::sim) scaling: Scaling,
    /// Invocations a second for each unit of concurrency.
    pub(in crate::sim) requests_per_concurrency: u32,
    /// Worker hosts.
    pub(in crate::sim) workers: u32,
    /// How much longer a boot takes with so many under way; linear between.
    pub(in crate::sim) boot_slowdown: Vec<(f64, f64)>,
    /// Network interfaces of the Region.
    pub(in crate::sim) interface_limit: u32,
    pub(in crate::sim) interface_burst: u32,
    pub(in crate::sim) interfaces_per_minute: u32,
    /// Free addresses of the subnets that functions have interfaces in.
    pub(in crate::sim) free_addresses: Vec<u64>,
    pub(in crate::sim) asynchronous: Asynchronous,
}

/// How fast environments are added.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) enum Scaling {
    /// Each function by itself.
    PerFunction { burst: u32, period: Duration },
    /// All functions together.
    Regional { burst: u32, per_minute: u32 },
}

/// What becomes of events that nobody waits for.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) struct Asynchronous {
    pub(in crate::sim) retry_delay: Duration,
    pub(in crate::sim) throttle_backoff: Duration,
    pub(in crate::sim) max_throttle_backoff: Duration,
}

/// The draws of one attempt to invoke a function.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) struct Draws {
    pub(in crate::sim) stream: Stream,
    pub(in crate::sim) sample: u64,
    pub(in crate::sim) attempt: u32,
}

/// What is drawn, each by its own part of the sample; steps of the handler come after these.
#[repr(u32)]
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) enum Purpose {
    Overhead,
    Placement,
    NewWorker,
    Host,
    Boot,
    Code,
    Attach,
    Extensions,
    Runtime,
    FunctionInit,
    Restore,
    Lifetime,
    Error,
    Interface,
    FirstStep,
}

impl Draws {
    pub(in crate::sim) fn draw(self, purpose: Purpose) -> Draw {
        self.draw_part(purpose as u32)
    }

    /// The draw of the `number`th computing step.
    pub(in crate::sim) fn step(self, number: u32) -> Draw {
        self.draw_part(Purpose::FirstStep as u32 + number)
    }

    fn draw_part(self, part: u32) -> Draw {
        self.stream
            .draw_part(self.sample, (self.attempt << 16) | part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StreamFamily;

    /// Half of the pool of idle environments disappears every 380 s (`SeBS`, Middleware 2021).
    #[test]
    fn half_of_those_that_idle_are_gone_after_each_period() {
        let period = Duration::from_secs(380);
        let stream = StreamFamily::new(1, 0).stream("f", "keep_alive");
        let keep_alive = KeepAlive::Halving(period);
        let warm = |count: u64, after: u64| {
            let all = (1..=count).map(|number| keep_alive.sample(stream, number));
            all.filter(|kept| *kept > Duration::from_secs(after))
                .count()
        };
        assert_eq!((warm(8, 300), warm(8, 381), warm(8, 761)), (8, 4, 2));
        assert_eq!((warm(20, 761), warm(1024, 1141)), (5, 128));
    }

    #[test]
    fn interfaces_are_counted_as_documented() {
        let of = |mb| Fraction {
            numerator: mb,
            denominator: 3072,
        };
        assert_eq!(of(1536).times(1000), 500);
        assert_eq!((of(3008).times(357), of(3008).times(358)), (350, 351));
        assert_eq!((of(128).times(6024), of(128).times(6025)), (251, 252));
    }
}
