//! One function with as many environments as it takes, or with some that are provisioned, against
//! exact results of queueing theory.

use super::{Case, results};
use crate::oracles::agree;

/// Handlers that take an exponential time.
fn exponential(mean: f64) -> String {
    format!(r#"{{ exponential = {{ mean = "{mean} s" }} }}"#)
}

fn poisson(rate: f64) -> String {
    format!(r#"poisson = {{ rate = "{rate}/s" }}"#)
}

/// M/M/∞ with a fixed keep-alive T, the last idled reused first: an invocation is cold if it takes
/// the number of busy environments to a height not reached within T. Exact values by the matrix
/// exponential of first passages; means of what is alive by
/// `Σ_k [1 - π exp(Q_k T) 1]`, of what is busy by Little's law.
#[test]
fn a_fleet_under_poisson_load_with_a_fixed_keep_alive() {
    struct Exact {
        rate: f64,
        service: f64,
        kept: f64,
        p_cold: Option<f64>,
        alive: f64,
        days: u32,
    }
    let cases = [
        Exact {
            rate: 0.9,
            service: 1.991,
            kept: 600.0,
            p_cold: Some(0.001_329_31),
            alive: 7.691_93,
            days: 4,
        },
        Exact {
            rate: 0.1,
            service: 1.976,
            kept: 600.0,
            p_cold: Some(0.007_067_78),
            alive: 2.640_96,
            days: 20,
        },
        Exact {
            rate: 0.5,
            service: 2.0067,
            kept: 600.0,
            p_cold: None,
            alive: 5.632_43,
            days: 4,
        },
        Exact {
            rate: 1.0,
            service: 2.0217,
            kept: 600.0,
            p_cold: Some(0.001_245_74),
            alive: 8.219_6,
            days: 4,
        },
        Exact {
            rate: 5.0,
            service: 0.2,
            kept: 380.0,
            p_cold: Some(0.000_277_693),
            alive: 6.669_89,
            days: 2,
        },
        Exact {
            rate: 0.016_38,
            service: 1.959,
            kept: 600.0,
            p_cold: Some(0.022_968),
            alive: 1.261_88,
            days: 60,
        },
    ];
    for case in cases {
        let experiment = Case {
            arrivals: &poisson(case.rate),
            handler: &exponential(case.service),
            keys: &format!(r#"keep_alive = "{} s""#, case.kept),
            // The state is stationary once the keep-alive has passed.
            warmup: "1000 s",
            duration: &format!("{} d", case.days),
            replications: 12,
            ..Case::DEFAULT
        }
        .run();
        let (function, _) = results(&experiment);
        let name = format!("λ = {}/s", case.rate);
        let counts = function.counts.values();
        let cold: Vec<f64> = counts
            .map(|counts| counts.cold_starts as f64 / counts.invocations as f64)
            .collect();
        if let Some(exact) = case.p_cold {
            agree(&format!("{name}: P(cold)"), &cold, exact);
        }
        let mean = |level: &netsim::stats::LevelResults| -> Vec<f64> {
            level
                .replications
                .values()
                .map(netsim::stats::LevelSums::mean)
                .collect()
        };
        agree(
            &format!("{name}: alive"),
            &mean(&function.environments),
            case.alive,
        );
        agree(
            &format!("{name}: busy"),
            &mean(&function.concurrency),
            case.rate * case.service,
        );
        assert_eq!(function.throttles(), 0);
    }
}

/// From an empty start the number of busy ones at t is Poisson with mean λS(1 - e^{-t/S}) (M/G/∞):
/// 259.399 at 3 s, λ = 200/s and S = 1.5 s. The last moment before the end is the mean over the last
/// bin of time.
#[test]
fn a_fleet_fills_as_theory_says() {
    let (rate, service) = (200.0, 1.5_f64);
    let experiment = Case {
        arrivals: &poisson(rate),
        handler: &exponential(service),
        duration: "3 s",
        replications: 64,
        ..Case::DEFAULT
    }
    .run();
    let (function, _) = results(&experiment);
    let width = function.concurrency.width().as_secs_f64();
    let (start, mean, _) = function.concurrency.over_time().last().unwrap();
    let start = start.as_secs_f64();
    assert!(start < 3.0 && start + width >= 3.0, "{start} {width}");
    // Integral of the mean from the start of the bin to the end, over its length.
    let up_to = |t: f64| rate * service * (t + service * (-t / service).exp());
    let exact = (up_to(3.0) - up_to(start)) / (3.0 - start);
    assert!((rate * service * (1.0 - (-3.0 / service).exp()) - 259.399).abs() < 1e-3);
    let standard_error = (exact / 64.0).sqrt();
    crate::oracles::agrees("busy at the end", mean, standard_error, exact);
}

/// P provisioned environments and as many others as it takes: what overflows is Erlang's B, and the
/// number of others that are busy has the moments of Riordan and Wilkinson: mean M = aB, variance
/// M(1 - M + a/(P + 1 + M - a)).
#[test]
fn what_overflows_from_provisioned_environments() {
    // P, offered load, share that overflows, mean and variance of others that are busy.
    let cases = [
        (100, 90.0, 0.026_957_4, 2.426_16, 12.803_3),
        (50, 60.0, 0.216_119, 12.967_1, 40.939_9),
    ];
    for (provisioned, load, spill, mean, variance) in cases {
        let experiment = Case {
            arrivals: &poisson(load),
            handler: &exponential(1.0),
            keys: &format!("provisioned_concurrency = {provisioned}\nkeep_alive = \"10 d\""),
            warmup: "60 s",
            duration: "1860 s",
            replications: 48,
            ..Case::DEFAULT
        }
        .run();
        let (function, _) = results(&experiment);
        let name = format!("P = {provisioned}, a = {load}");
        let others = function.on_demand_concurrency.replications.values();
        let (means, variances): (Vec<f64>, Vec<f64>) = others
            .map(|sums| {
                // About the exact mean, so that the estimate has no bias.
                let about = sums.variance() + (sums.mean() - mean).powi(2);
                (sums.mean(), about)
            })
            .unzip();
        agree(&format!("{name}: others busy"), &means, mean);
        agree(&format!("{name}: their variance"), &variances, variance);
        let share = function.spillovers as f64 / function.invocations as f64;
        // Overflows come in clusters: by their number in each replication, which is proportional to
        // the mean of others busy (service times of one second on average).
        let spread: f64 = {
            let n = means.len() as f64;
            let m = means.iter().sum::<f64>() / n;
            means.iter().map(|x| (x - m).powi(2)).sum::<f64>() / (n - 1.0) / n
        };
        crate::oracles::agrees(
            &format!("{name}: share that overflows"),
            share,
            spread.sqrt() / mean * spill,
            spill,
        );
        assert_eq!(
            function.provisioned + function.spillovers,
            function.invocations
        );
        let there = function.environments.replications.values();
        assert!(
            there
                .clone()
                .all(|sums| sums.mean() >= f64::from(provisioned))
        );
    }
}

/// Quantiles of a mixture of warm and cold latencies solve `p F_cold + (1 - p) F_warm = q`.
#[test]
fn quantiles_of_warm_and_cold_latencies() {
    let cases = [(0.005, 0.010_025_2, 0.028_000_5), (0.02, 0.010_102_8, 0.5)];
    for (p, median, p99) in cases {
        // Quantiles of log-normals: 10 ms with σ = 0.4, 500 ms with σ = 0.3.
        let z = 2.326_347_874;
        let (warm, cold) = (10.0 * f64::exp(0.4 * z), 500.0 * f64::exp(0.3 * z));
        let experiment = Case {
            arrivals: r#"interval = { every = "1 ms" }"#,
            handler: &format!(
                r#"{{ mixture = [
                    {{ weight = {}, value = {{ lognormal = {{ p50 = "10 ms", p99 = "{warm} ms" }} }} }},
                    {{ weight = {p}, value = {{ lognormal = {{ p50 = "500 ms", p99 = "{cold} ms" }} }} }},
                ] }}"#,
                1.0 - p
            ),
            account: "concurrency_limit = 5000",
            duration: "1000 s",
            ..Case::DEFAULT
        }
        .run();
        let (_, users) = results(&experiment);
        let n = users.completed as f64;
        // The standard error of a quantile is √(q(1-q)/n) over the density there, taken from the
        // distance of two quantiles around it.
        let quantile = |q: f64| users.latency.quantile_secs(q).unwrap();
        for (q, exact) in [(0.5, median), (0.99, p99)] {
            let step = (q * (1.0 - q) / n).sqrt();
            let spread = (quantile(q + 4.0 * step) - quantile(q - 4.0 * step)) / 8.0;
            // Quantiles are those of a histogram that is exact to a thousandth.
            let standard_error = spread.max(exact * 2.5e-4);
            crate::oracles::agrees(
                &format!("p = {p}: quantile {q}"),
                quantile(q),
                standard_error,
                exact,
            );
        }
    }
}
