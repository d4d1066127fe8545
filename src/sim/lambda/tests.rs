//! Environments of one function, invocation by invocation, without an engine.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use proptest::prelude::*;

use super::*;
use crate::engine::Distribution;

fn nothing() -> Distribution {
    Distribution::constant(Duration::ZERO)
}

/// A function whose cold starts take no time.
fn function() -> Function {
    Function {
        name: "f".to_owned(),
        invoke_overhead: nothing(),
        start: Start {
            new_worker_share: 0.5,
            placement: nothing(),
            boot_new_worker: nothing(),
            boot_existing_worker: nothing(),
            code: nothing(),
            code_size_time: Duration::ZERO,
            attach: Attach::None,
            init: Init::Run {
                extensions: None,
                runtime: nothing(),
                runtime_new_worker: nothing(),
                function: None,
                limit: Duration::from_secs(10),
            },
        },
        handler: Vec::new(),
        error_rate: 0.0,
        timeout: Duration::from_secs(900),
        keep_alive: KeepAlive::Drawn(Distribution::constant(Duration::from_secs(600))),
        lifetime: None,
        reserved: None,
        provisioned: 0,
        interface: None,
    }
}

fn account(concurrency_limit: u32) -> Account {
    Account {
        concurrency_limit,
        scaling: Scaling::PerFunction {
            burst: 100_000,
            period: Duration::from_secs(10),
        },
        requests_per_concurrency: 1_000_000,
        workers: 4,
        boot_slowdown: Vec::new(),
        interface_limit: 350,
        interface_burst: 10_000,
        interfaces_per_minute: 10_000,
        free_addresses: vec![251, 10],
        asynchronous: Asynchronous {
            retry_delay: Duration::from_secs(60),
            throttle_backoff: Duration::from_secs(1),
            max_throttle_backoff: Duration::from_secs(300),
        },
    }
}

fn lambda<'p>(functions: &'p [Function], account: &'p Account) -> Lambda<'p> {
    let streams = StreamFamily::new(1, 0);
    Lambda::new(functions, account, streams, (Time::ZERO, Time::MAX))
}

fn draws(sample: u64) -> Draws {
    Draws {
        stream: StreamFamily::new(1, 0).stream("users", "invocation"),
        sample,
        attempt: 0,
    }
}

fn at(ps: u64) -> Time {
    Time::ZERO + Duration::from_ps(ps)
}

/// Invokes until it is refused, at one instant: how many got an environment, and the refusal.
fn fill(lambda: &mut Lambda<'_>, function: usize, now: Time) -> (u64, Refusal) {
    let mut count = 0;
    loop {
        match lambda.invoke(now, function, draws(count), true) {
            Ok(_) => count += 1,
            Err(refusal) => return (count, refusal),
        }
    }
}

/// Environments alive as the state machine has them, and the steps of its busy ones.
#[derive(Default)]
struct Watched {
    /// Times at which the number of busy environments changed, and to what.
    busy: Vec<(u64, u64)>,
}

impl Watched {
    fn now(&self) -> u64 {
        self.busy.last().map_or(0, |(_, busy)| *busy)
    }

    /// The most that were busy at any time within `length` until now.
    fn most(&self, length: u64, now: u64) -> u64 {
        let from = now.saturating_sub(length);
        let before = self.busy.iter().rev().find(|(at, _)| *at <= from);
        let within = self.busy.iter().filter(|(at, _)| *at > from);
        within
            .chain(before)
            .map(|(_, busy)| *busy)
            .max()
            .unwrap_or(0)
    }
}

/// What happens, by time: ends of invocations and of keep-alives come before arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    End(usize),
    Expire(usize, u32),
    Arrive,
}

proptest! {
    /// With the environment reused that idled last, unlimited scale and a fixed keep-alive T, as many
    /// are alive as were busy at once at any time of the last T: at every event, for any arrivals and
    /// times of service.
    #[test]
    fn as_many_are_alive_as_were_busy_within_the_keep_alive(
        invocations in prop::collection::vec((1_u64..400, 1_u64..900), 1..120),
        kept in 1_u64..1000,
    ) {
        let mut own = function();
        // Odd, so that nothing else happens when a keep-alive ends.
        let kept = 2 * kept + 1;
        own.keep_alive = KeepAlive::Drawn(Distribution::constant(Duration::from_ps(kept)));
        let functions = [own];
        let account = account(100_000);
        let mut lambda = lambda(&functions, &account);
        let mut agenda = BinaryHeap::new();
        let mut time = 0;
        let mut services = Vec::new();
        for (gap, service) in invocations {
            time += 2 * gap;
            services.push(2 * service);
            agenda.push(Reverse((time, What::Arrive)));
        }
        let mut services = services.into_iter();
        // Each environment ever used, with the number of its present keep-alive.
        let mut keys: Vec<(Key, u32)> = Vec::new();
        let mut watched = Watched::default();
        let mut sample = 0;
        while let Some(Reverse((now, what))) = agenda.pop() {
            match what {
                What::Arrive => {
                    sample += 1;
                    let admitted = lambda.invoke(at(now), 0, draws(sample), true).unwrap();
                    let known = keys.iter().position(|(key, _)| *key == admitted.environment);
                    prop_assert_eq!(known.is_some(), admitted.was_idle);
                    let index = known.unwrap_or_else(|| {
                        keys.push((admitted.environment, 0));
                        keys.len() - 1
                    });
                    keys[index].1 += 1;
                    let end = now + services.next().unwrap();
                    agenda.push(Reverse((end, What::End(index))));
                    watched.busy.push((now, watched.now() + 1));
                }
                What::End(index) => {
                    let (key, number) = keys[index];
                    let times = (at(0), Duration::ZERO);
                    let released = lambda.release(at(now), key, times, None);
                    prop_assert_eq!(released, Released::Idle(Duration::from_ps(kept)));
                    agenda.push(Reverse((now + kept, What::Expire(index, number))));
                    watched.busy.push((now, watched.now() - 1));
                }
                What::Expire(index, number) if keys[index].1 == number => {
                    lambda.expire(at(now), keys[index].0);
                }
                What::Expire(..) => {}
            }
            if agenda.peek().is_some_and(|Reverse((next, _))| *next == now) {
                // More happens at this instant.
                continue;
            }
            let counts = &lambda.fleets[0].counts;
            prop_assert_eq!(counts.concurrency.value(), watched.now());
            // When its keep-alive ends, an environment has just gone.
            prop_assert_eq!(counts.environments.value(), watched.most(kept, now));
        }
        prop_assert_eq!(lambda.fleets[0].counts.environments.value(), 0);
    }
}

#[test]
fn environments_are_added_as_fast_as_the_rule_says() {
    let functions = [function(), function()];
    let mut account = account(50_000);
    account.scaling = Scaling::PerFunction {
        burst: 1000,
        period: Duration::from_secs(10),
    };
    let too_fast = Refusal::Throttled(ThrottleReason::ConcurrencyScalingRateExceeded);
    let mut each = lambda(&functions, &account);
    assert_eq!(fill(&mut each, 0, Time::ZERO), (1000, too_fast));
    assert_eq!(fill(&mut each, 1, Time::ZERO), (1000, too_fast));
    let later = Time::ZERO + Duration::from_secs(40);
    assert_eq!(fill(&mut each, 0, later), (1000, too_fast));

    account.scaling = Scaling::Regional {
        burst: 3000,
        per_minute: 500,
    };
    let mut all = lambda(&functions, &account);
    assert_eq!(fill(&mut all, 0, Time::ZERO), (3000, too_fast));
    assert_eq!(fill(&mut all, 1, Time::ZERO), (0, too_fast));
    let minute = Time::ZERO + Duration::from_secs(60);
    assert_eq!(fill(&mut all, 1, minute), (500, too_fast));
}

#[test]
fn what_is_reserved_for_one_is_not_there_for_others() {
    let mut functions = [function(), function(), function()];
    functions[0].reserved = Some(30);
    functions[0].provisioned = 10;
    functions[1].provisioned = 20;
    let account = account(100);
    let mut lambda = lambda(&functions, &account);
    let reserved =
        Refusal::Throttled(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded);
    let shared = Refusal::Throttled(ThrottleReason::ConcurrentInvocationLimitExceeded);
    assert_eq!(fill(&mut lambda, 0, Time::ZERO), (30, reserved));
    // 20 provisioned, and all of the 50 that nobody has set aside.
    assert_eq!(fill(&mut lambda, 1, Time::ZERO), (70, shared));
    assert_eq!(fill(&mut lambda, 2, Time::ZERO), (0, shared));
}

#[test]
fn each_unit_of_concurrency_is_good_for_ten_requests_a_second() {
    let mut functions = [function(), function()];
    functions[0].reserved = Some(2);
    let mut account = account(12);
    account.requests_per_concurrency = 10;
    let mut lambda = lambda(&functions, &account);
    // Nothing takes any time, so that environments do not run out.
    let mut invoked = |function, now| {
        let mut count = 0;
        loop {
            match lambda.invoke(now, function, draws(count), true) {
                Ok(admitted) => {
                    count += 1;
                    let times = (now, Duration::ZERO);
                    lambda.release(now, admitted.environment, times, None);
                }
                Err(Refusal::Throttled(reason)) => return (count, reason),
                Err(Refusal::Error(error)) => panic!("{error:?}"),
            }
        }
    };
    let own = ThrottleReason::ReservedFunctionInvocationRateLimitExceeded;
    let all = ThrottleReason::FunctionInvocationRateLimitExceeded;
    assert_eq!(invoked(0, Time::ZERO), (20, own));
    assert_eq!(invoked(1, Time::ZERO), (120, all));
    let half = Time::ZERO + Duration::from_us(500_000);
    assert_eq!(invoked(0, half), (10, own));
    assert_eq!(invoked(1, half), (60, all));
}

/// 1.5 GB need half an interface: 251 addresses are enough for 502 environments.
#[test]
fn interfaces_end_with_addresses_or_with_the_quota() {
    let of = |mb: u64, subnets: Vec<usize>, limit: u32| {
        let mut own = function();
        own.start.attach = Attach::PerEnvironmentInterface {
            create: nothing(),
            reuse: nothing(),
            interfaces_per_environment: Fraction {
                numerator: mb,
                denominator: 3072,
            },
            subnets,
        };
        let functions = [own];
        let mut account = account(50_000);
        account.interface_limit = limit;
        fill(&mut lambda(&functions, &account), 0, Time::ZERO)
    };
    let addresses = Refusal::Error(InvokeError::SubnetIpAddressLimitReached);
    let quota = Refusal::Error(InvokeError::EniLimitReached);
    assert_eq!(of(1536, vec![0], 350), (502, addresses));
    assert_eq!(of(128, vec![0], 350), (6024, addresses));
    assert_eq!(of(3072, vec![0, 1], 350), (261, addresses));
    assert_eq!(of(3008, vec![0], 200), (204, quota));
    let functions = {
        let mut own = function();
        own.start.attach = Attach::PerEnvironmentInterface {
            create: nothing(),
            reuse: nothing(),
            interfaces_per_environment: Fraction {
                numerator: 3072,
                denominator: 3072,
            },
            subnets: vec![0],
        };
        [own]
    };
    let mut slow = account(50_000);
    slow.interface_burst = 100;
    slow.interfaces_per_minute = 60;
    let throttled = Refusal::Error(InvokeError::Ec2Throttled);
    let mut lambda = lambda(&functions, &slow);
    assert_eq!(fill(&mut lambda, 0, Time::ZERO), (100, throttled));
    assert_eq!(fill(&mut lambda, 0, at(5_000_000_000_000)), (5, throttled));
}

/// A function that nobody invoked for 14 days fails once, and is `Pending` until it has an interface.
#[test]
fn an_idle_hyperplane_interface_is_reclaimed() {
    let day = 24 * 3600;
    let mut own = function();
    own.interface = Some(HyperplaneInterface {
        created_at: Some(Duration::from_secs(10)),
        creation: Distribution::constant(Duration::from_secs(90)),
        idle: Duration::from_secs(14 * day),
    });
    let functions = [own];
    let account = account(1000);
    let mut lambda = lambda(&functions, &account);
    let mut invoke = |seconds| {
        let now = Time::ZERO + Duration::from_secs(seconds);
        let admitted = lambda.invoke(now, 0, draws(seconds), true);
        let refusal = admitted.as_ref().err().copied();
        if let Ok(admitted) = admitted {
            lambda.release(now, admitted.environment, (now, Duration::ZERO), None);
        }
        refusal
    };
    let pending = Some(Refusal::Error(InvokeError::ResourceConflict));
    let inactive = Some(Refusal::Error(InvokeError::ResourceNotReady));
    assert_eq!(
        (invoke(0), invoke(99), invoke(100)),
        (pending, pending, None)
    );
    assert_eq!(invoke(14 * day + 100), None);
    let late = 28 * day + 101;
    assert_eq!(
        (invoke(late), invoke(late + 89), invoke(late + 90)),
        (inactive, pending, None)
    );
}
