//! The environments of one function: reuse, expiry and throttling, where theory is exact.
//!
//! Cold starts take no time of their own here unless said otherwise, so that an invocation lasts
//! as long as its handler.

use std::collections::BTreeMap;

use netsim::stats::Sums;

use super::{Case, results};
use crate::oracles::{agree, agrees};

/// Counts of each replication in the order of their numbers.
fn counts(replications: &BTreeMap<u32, Sums>) -> impl Iterator<Item = f64> + '_ {
    replications.values().map(|sums| sums.count as f64)
}

/// A single environment and Poisson arrivals at rate λ: an invocation is served cold if its
/// predecessor ended more than T ago, P(cold | served) = e^{-λT}, independently of every other; and
/// throttled while one runs, P(429) = λE[S]/(1+λE[S]) whatever the law of S.
#[test]
fn a_single_environment() {
    // Rate, keep-alive, warm and cold service in seconds, P(cold | served), P(429).
    let cases = [
        (1.0 / 300.0, 600.0, 0.5, 2.0, 0.135_335, 0.002_337_9),
        (1.0 / 600.0, 600.0, 1.0, 3.0, 0.367_879, 0.002_884_6),
        (0.01, 380.0, 2.0, 2.5, 0.022_370_8, 0.019_715_3),
    ];
    for (rate, keep_alive, warm, cold, p_cold, p_throttled) in cases {
        let experiment = Case {
            arrivals: &format!(r#"poisson = {{ rate = "{rate}/s" }}"#),
            handler: &format!(r#""{warm} s""#),
            keys: &format!("keep_alive = \"{keep_alive} s\"\nreserved_concurrency = 1"),
            cold: &format!("{} s", cold - warm),
            duration: "200 d",
            replications: 4,
            ..Case::DEFAULT
        }
        .run();
        let (function, invocations) = results(&experiment);
        let name = format!("λ = {rate}/s");
        assert_eq!(
            function.invocations,
            invocations.completed + function.throttles()
        );

        // The first of a replication is always cold; the others are independent trials.
        let served = invocations.completed as f64 - 4.0;
        let share = (function.cold_starts as f64 - 4.0) / served;
        let standard_error = (p_cold * (1.0 - p_cold) / served).sqrt();
        agrees(
            &format!("{name}: P(cold | served)"),
            share,
            standard_error,
            p_cold,
        );

        // While one is served K others come: a ratio of sums over independent cycles, in which K has
        // the mean k = λE[S] and the variance λE[S] + λ²Var[S].
        let spread = cold - warm;
        let k = rate * (warm + p_cold * spread);
        let variance = k + (rate * spread).powi(2) * p_cold * (1.0 - p_cold);
        let standard_error = (variance / served).sqrt() / (1.0 + k).powi(2);
        let share = function.throttles() as f64 / function.invocations as f64;
        agrees(
            &format!("{name}: P(429)"),
            share,
            standard_error,
            p_throttled,
        );
        assert!((k / (1.0 + k) - p_throttled).abs() < 1e-6);
    }
}

/// Without a limit, and with the environment reused that idled last, the environments alive at t are
/// as many as ran at once at any time in [t-T, t]. Hence an invocation is cold exactly if it takes
/// the number of running ones (M/M/∞) to a height not reached within T:
/// `P(cold) = Σ_k π_{k-1} P(τ_{k-1→k} > T)`, π Poisson(λS), τ the first passage, by its matrix
/// exponential. Cold starts come in clusters, so that the error is that between replications.
#[test]
fn the_last_idled_is_reused_first() {
    let cases = [
        ("0.01638", "1.959", "170 d", 0.022_968),
        ("0.1", "1.976", "60 d", 0.007_067_8),
    ];
    for (rate, service, duration, exact) in cases {
        let experiment = Case {
            arrivals: &format!(r#"poisson = {{ rate = "{rate}/s" }}"#),
            handler: &format!(r#"{{ exponential = {{ mean = "{service} s" }} }}"#),
            keys: r#"keep_alive = "600 s""#,
            // The state is stationary once the keep-alive has passed.
            warmup: "1000 s",
            duration,
            replications: 8,
            ..Case::DEFAULT
        }
        .run();
        let (function, invocations) = results(&experiment);
        let shares: Vec<f64> = counts(&function.replications)
            .zip(counts(&invocations.replications))
            .map(|(cold, all)| cold / all)
            .collect();
        agree(&format!("P(cold) at {rate}/s"), &shares, exact);
        assert_eq!(function.throttles(), 0);
    }
}

/// Erlang's B for a = 100 and c = 100, which holds for every law of service (M/G/c/c).
#[test]
fn environments_run_out_as_erlang_says() {
    for handler in [r#"{ exponential = { mean = "2 s" } }"#, r#""2 s""#] {
        let experiment = Case {
            arrivals: r#"poisson = { rate = "50/s" }"#,
            handler,
            keys: "keep_alive = \"200 d\"\nreserved_concurrency = 100",
            warmup: "60 s",
            duration: "360 s",
            replications: 32,
            ..Case::DEFAULT
        }
        .run();
        let (function, invocations) = results(&experiment);
        assert_eq!(function.environments.peak, 100);
        assert_eq!(function.throttles(), invocations.failures());
        // Arrivals of a replication are Poisson and independent of the state: 15 000 on average. The
        // mean over replications of served / 15 000 is without bias.
        let lost: Vec<f64> = counts(&invocations.replications)
            .map(|served| 1.0 - served / 15_000.0)
            .collect();
        agree(&format!("P(429), {handler}"), &lost, 0.075_700_5);
    }
}

/// An environment that is invoked every D and busy for S idles for D - S: it is gone if that is more
/// than T, and stays if it is less. The clock starts when the handler ends.
#[test]
fn a_steady_period_is_always_cold_or_never() {
    // Period, handler, keep-alive in seconds; whether every invocation is cold.
    let cases = [
        (600, 2, 600, false),
        (300, 1, 380, false),
        (400, 1, 380, true),
        (603, 2, 600, true),
    ];
    for (period, handler, keep_alive, cold) in cases {
        let experiment = Case {
            arrivals: &format!(r#"interval = {{ every = "{period} s" }}"#),
            handler: &format!(r#""{handler} s""#),
            keys: &format!(r#"keep_alive = "{keep_alive} s""#),
            duration: &format!("{} s", 50 * period),
            ..Case::DEFAULT
        }
        .run();
        let (function, _) = results(&experiment);
        assert_eq!(function.invocations, 50);
        let expected = if cold { 50 } else { 1 };
        assert_eq!(
            function.cold_starts, expected,
            "D = {period}, S = {handler}, T = {keep_alive}"
        );
        assert_eq!(function.environments.peak, 1);
    }
}

/// The keep-alive of the profile is random: P(cold) = E[e^{-λT}] for Poisson arrivals and no time of
/// service, from the published points (mikhailshilkov/mikhailio-hugo, January 2021): 0.3 % of idle
/// environments are gone by 5 min, 40.6 % by 6 min, all by 7 min, linear between.
#[test]
fn a_random_keep_alive() {
    for (interval_s, exact) in [(600.0, 0.545_0), (1800.0, 0.816_5)] {
        let experiment = Case {
            arrivals: &format!(r#"poisson = {{ rate = "{}/h" }}"#, 3600.0 / interval_s),
            duration: "150 d",
            ..Case::DEFAULT
        }
        .run();
        let (function, _) = results(&experiment);
        let after_the_first = function.invocations as f64 - 1.0;
        let share = (function.cold_starts as f64 - 1.0) / after_the_first;
        let standard_error = (exact * (1.0 - exact) / after_the_first).sqrt();
        agrees(
            &format!("P(cold) every {interval_s} s"),
            share,
            standard_error,
            exact,
        );
    }
}
