//! How fast environments are added, and how the idle ones go, against published rules.

use std::fmt::Write as _;

use netsim::sim::ThrottleReason;

use super::{Case, results};

/// When 5,000 requests that come at once have an environment each: 40 s at 1,000 every 10 s, 240 s by
/// a burst of 3,000 and 500 a minute. (AWS Lambda developer guide, scaling behaviour, 2023 and 2022.)
#[test]
fn five_thousand_requests_at_once() {
    for (scaling, seconds) in [("per_function", 40.0), ("regional_burst", 240.0)] {
        let experiment = Case {
            arrivals: "step = { size = 5000 }",
            handler: r#""10 min""#,
            account: &format!("concurrency_limit = 5000\nscaling = \"{scaling}\""),
            // Each is tried again every 500 ms.
            invoke: r#"retry = { attempts = 1000, backoff = "500 ms", max_backoff = "500 ms", jitter = "none" }"#,
            duration: "20 min",
            ..Case::DEFAULT
        }
        .run();
        let (function, users) = results(&experiment);
        assert_eq!((users.completed, users.failures()), (5000, 0), "{scaling}");
        assert_eq!(function.environments.peak, 5000);
        assert!(
            function
                .throttled
                .keys()
                .eq([&ThrottleReason::ConcurrencyScalingRateExceeded])
        );
        // The last one has waited for that long, and then has had its handler.
        let waited = users.latency.max_secs().unwrap() - 600.0;
        assert!(
            (waited - seconds).abs() <= 0.5,
            "{scaling}: {waited} s is not {seconds} s"
        );
    }
}

/// The examples of the AWS Lambda Operator Guide: 10,000 invocations at once, in two and in three
/// minutes, with a burst of 3,000 and 500 more a minute.
#[test]
fn ten_thousand_requests_at_once_and_spread() {
    let cases: [(&[u32], &[u64]); 3] = [
        (&[10_000], &[7000]),
        (&[5000, 5000], &[2000, 1500]),
        (&[3333, 3333, 3334], &[333, 0, 0]),
    ];
    for (sizes, throttled) in cases {
        let mut text = Case {
            arrivals: &format!("step = {{ size = {} }}", sizes[0]),
            handler: r#""10 s""#,
            account: "concurrency_limit = 10000\nscaling = \"regional_burst\"",
            duration: "5 min",
            ..Case::DEFAULT
        }
        .text();
        for (minute, size) in sizes.iter().enumerate().skip(1) {
            let _ = write!(
                text,
                "[invoke.minute-{minute}]\ntarget = \"function.f\"\n\
                 arrivals = {{ step = {{ at = \"{minute} min\", size = {size} }} }}\n"
            );
        }
        let experiment = crate::world::Experiment::run("burst", &text, &[]);
        let workloads = &experiment.outcome.points[0].results.workloads;
        let failed: Vec<u64> = workloads
            .iter()
            .map(netsim::sim::WorkloadResults::failures)
            .collect();
        assert_eq!(failed, throttled, "{sizes:?}");
    }
}

/// Half of the idle environments disappear every 380 s (`SeBS`, Middleware 2021): N after `dt` are
/// N / 2^⌊dt/380⌋.
#[test]
fn idle_environments_are_halved() {
    for (count, after, warm) in [(8, 300, 8), (8, 381, 4), (20, 761, 5), (64, 1141, 8)] {
        let text = Case {
            arrivals: &format!("step = {{ size = {count} }}"),
            handler: r#""1 ms""#,
            keys: r#"keep_alive_halving = "380 s""#,
            duration: "1 h",
            ..Case::DEFAULT
        }
        .text();
        let text = text
            + &format!(
                "[invoke.later]\ntarget = \"function.f\"\n\
                 arrivals = {{ step = {{ at = \"{after} s\", size = {count} }} }}\n"
            );
        let experiment = crate::world::Experiment::run("halving", &text, &[]);
        let function = &experiment.outcome.points[0].results.functions[0];
        let still_warm = 2 * count - function.cold_starts;
        assert_eq!(still_warm, warm, "{count} after {after} s");
    }
}

/// Reserved concurrency is turned down with its own reason, and nothing at all is let in at zero.
#[test]
fn reasons_of_throttles() {
    let case = |keys| {
        Case {
            arrivals: "step = { size = 30 }",
            handler: r#""1 s""#,
            keys,
            account: "concurrency_limit = 20",
            duration: "1 min",
            ..Case::DEFAULT
        }
        .run()
    };
    let of = |keys, reason, count| {
        let experiment = case(keys);
        let (function, users) = results(&experiment);
        assert_eq!(function.throttled.get(&reason), Some(&count), "{keys}");
        assert_eq!(users.failures(), count);
        assert_eq!(function.first_throttled[&reason].as_ps(), 0);
    };
    of("", ThrottleReason::ConcurrentInvocationLimitExceeded, 10);
    let reserved = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
    of("reserved_concurrency = 5", reserved, 25);
    of("reserved_concurrency = 0", reserved, 30);
}
