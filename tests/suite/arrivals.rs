//! Arrival processes, held to their exact means and variances.
//!
//! Invocations that take no time are counted: those of a stretch of time are those after a warm-up that
//! ends where the stretch begins.

use std::sync::atomic::AtomicBool;

use netsim::experiment::Plan;
use netsim::scenario::Document;
use netsim::sim::WorkloadResults;

use crate::oracles::{agree, agrees};
use crate::world::Experiment;

/// A function that takes no time, invoked at `arrivals`; `keys` are top-level ones.
fn scenario(arrivals: &str, keys: &str) -> String {
    format!(
        r#"
        {keys}

        [region]
        name = "us-east-1"
        availability_zones = ["us-east-1a"]

        [profile]
        "lambda.placement" = "0 s"
        "lambda.microvm_boot_new_worker" = "0 s"
        "lambda.microvm_boot_existing_worker" = "0 s"
        "lambda.code" = "0 s"
        "lambda.runtime_init.python3.12" = "0 s"
        "lambda.invoke_overhead" = "0 s"

        [function.f]
        runtime = "python3.12"
        memory = "128 MB"
        duration = "0 s"

        [invoke.users]
        target = "function.f"
        arrivals = {{ {arrivals} }}
        "#
    )
}

/// The numbers of arrivals from `from` to `to` seconds, in each of the replications.
fn counts(arrivals: &str, (from, to): (u32, u32), replications: u32) -> Vec<f64> {
    let keys =
        format!("warmup = \"{from} s\"\nduration = \"{to} s\"\nreplications = {replications}");
    let experiment = Experiment::run("arrivals", &scenario(arrivals, &keys), &[]);
    let workload = &experiment.outcome.points[0].results.workloads[0];
    let counts = workload.replications.values();
    let counts: Vec<f64> = counts.map(|sums| sums.count as f64).collect();
    assert_eq!(counts.len(), replications as usize);
    counts
}

/// Holds counts to their mean, and their squared distances from it to the variance.
fn spread(what: &str, counts: &[f64], mean: f64, variance: f64) {
    agree(&format!("{what}: mean"), counts, mean);
    let squares: Vec<f64> = counts.iter().map(|n| (n - mean).powi(2)).collect();
    agree(&format!("{what}: variance"), &squares, variance);
}

/// On for Exp(1/α) and off for Exp(1/β), on first: on at t with the probability
/// q(t) = p + (1 - p)e^{-γt}, p = β/γ, γ = α + β. Hence E[N] = λ∫q and
/// Var[N] = E[N] + 2λ²∫∫ q(s) q(t - s) - E[N]², over 0 < s < t < T.
#[test]
fn an_interrupted_poisson_process() {
    let (rate, on, off, end) = (20.0, 2.0, 3.0, 30.0);
    let gamma = 1.0 / on + 1.0 / off;
    let p = on / (on + off);
    let on_until = |t: f64| p * t + (1.0 - p) * -(-gamma * t).exp_m1() / gamma;
    let mean = rate * on_until(end);
    let steps = 100_000_u32;
    let width = end / f64::from(steps);
    let pairs: f64 = (0..steps)
        .map(|step| {
            let s = (f64::from(step) + 0.5) * width;
            (p + (1.0 - p) * (-gamma * s).exp()) * on_until(end - s) * width
        })
        .sum();
    let variance = mean + 2.0 * rate * rate * pairs - mean * mean;
    // Far from Poisson, and more than in the long run, λpT = 240.
    assert!(mean > 247.0 && variance > 10.0 * mean);
    let arrivals = format!(
        r#"on_off = {{ rate = "{rate}/s", on = {{ exponential = {{ mean = "{on} s" }} }}, off = {{ exponential = {{ mean = "{off} s" }} }} }}"#
    );
    spread(
        "on and off",
        &counts(&arrivals, (0, 30), 4000),
        mean,
        variance,
    );
    // Periods that do not vary: Poisson within the first, nothing within the second.
    let arrivals = r#"on_off = { rate = "20/s", on = "2 s", off = "3 s" }"#;
    spread("on", &counts(arrivals, (5, 7), 2000), 40.0, 40.0);
    assert!(counts(arrivals, (7, 10), 100).iter().all(|&n| n == 0.0));
}

/// The counts of each stretch of a schedule are Poisson.
#[test]
fn a_scheduled_rate() {
    let arrivals = r#"schedule = [
        { at = "0 s", rate = "5/s" }, { at = "10 s", rate = "0/s" }, { at = "20 s", rate = "50/s" },
        { at = "21 s", rate = "2/s" }]"#
        .replace('\n', " ");
    for (stretch, mean) in [((0, 10), 50.0), ((20, 21), 50.0), ((22, 62), 80.0)] {
        let what = format!("{stretch:?}");
        spread(&what, &counts(&arrivals, stretch, 2000), mean, mean);
    }
    // Across a boundary, too.
    spread("9 s to 21 s", &counts(&arrivals, (9, 21), 2000), 55.0, 55.0);
    assert!(counts(&arrivals, (10, 20), 100).iter().all(|&n| n == 0.0));
}

/// The counts of a part of the period are Poisson, with the integral of the rate as their mean, in
/// every period.
#[test]
fn a_rate_that_repeats_itself() {
    let arrivals = r#"diurnal = { rates = ["2/s", "10/s", "0/s"], period = "30 s" }"#;
    let rate = |t: f64| {
        let t = t.rem_euclid(30.0);
        if t < 10.0 {
            2.0 + 0.8 * t
        } else if t < 20.0 {
            20.0 - t
        } else {
            0.2 * (t - 20.0)
        }
    };
    for (from, to) in [(0, 5), (5, 15), (15, 30), (65, 78)] {
        // Exact for straight pieces whose ends are whole seconds.
        let mean: f64 = (from..to)
            .map(|second| f64::midpoint(rate(f64::from(second)), rate(f64::from(second + 1))))
            .sum();
        let what = format!("{from} s to {to} s");
        spread(&what, &counts(arrivals, (from, to), 2000), mean, mean);
    }
}

/// An environment without work of its own is gone if its next invocation is more than T away:
/// P(cold) = 1 - F(T) for independent times between invocations with the distribution F.
#[test]
fn cold_starts_between_renewals() {
    // Of the same mean of 600 s: shape 1/2; coefficient of variation 2; shape 0.6.
    let gamma = r#"{ gamma = { mean = "600 s", stddev = "848.528137424 s" } }"#;
    let lognormal = r#"{ lognormal = { mean = "600 s", stddev = "1200 s" } }"#;
    let weibull = r#"{ weibull = { scale = "398.783576 s", shape = 0.6 } }"#;
    let cases = [
        (gamma, 380, 0.426_135),
        (gamma, 600, 0.317_311),
        (lognormal, 380, 0.391_935),
        (lognormal, 600, 0.262_937),
        (weibull, 380, 0.378_528),
        (weibull, 600, 0.278_662),
    ];
    for (between, keep_alive, exact) in cases {
        let arrivals = format!("renewal = {{ between = {between} }}");
        let text = scenario(&arrivals, "replications = 4").replace(
            "duration = \"0 s\"",
            &format!("duration = \"0 s\"\nkeep_alive = \"{keep_alive} s\""),
        );
        let text = text.replace("[invoke.users]", "[invoke.users]\ncount = 25_000");
        let experiment = Experiment::run("renewals", &text, &[]);
        let function = &experiment.outcome.points[0].results.functions[0];
        assert_eq!(function.invocations, 100_000);
        // The first of a replication is always cold; the others are independent trials.
        let trials = 4.0 * 24_999.0;
        let share = (function.cold_starts as f64 - 4.0) / trials;
        let standard_error = (exact * (1.0 - exact) / trials).sqrt();
        let what = format!("P(cold) after {between}, T = {keep_alive} s");
        agrees(&what, share, standard_error, exact);
    }
}

/// What ends by itself needs no end: 5000 at one instant, to the picosecond, from each source.
#[test]
fn a_step() {
    let sent = |arrivals: &str, keys: &str| {
        let experiment = Experiment::run("step", &scenario(arrivals, keys), &[]);
        experiment.outcome.points[0].results.workloads[0].sent
    };
    let step = r#"step = { at = "3 s", size = 5000 }"#;
    assert_eq!(sent(step, "replications = 1"), 5000);
    let keys = |warmup: u64| {
        let until = 3_000_000_000_001_u64;
        format!("replications = 1\nwarmup = \"{warmup} ps\"\nduration = \"{until} ps\"")
    };
    assert_eq!(sent(step, &keys(3_000_000_000_000)), 5000);
    let early = "replications = 1\nduration = \"3 s\"";
    assert_eq!(sent(step, early), 0);
    assert_eq!(sent("step = { size = 7 }", "replications = 1"), 7);
    // Of the many, as many as are wanted.
    let text =
        scenario(step, "replications = 1").replace("[invoke.users]", "[invoke.users]\ncount = 12");
    let experiment = Experiment::run("step", &text, &[]);
    assert_eq!(experiment.outcome.points[0].results.workloads[0].sent, 12);
}

/// Every sender of a workload is a source of its own, with a luck of its own.
#[test]
fn each_sender_has_its_own_arrivals() {
    let text = r#"
        duration = "20 s"
        warmup = "10 s"
        replications = 1000

        [fabric.x]
        spines = 1
        racks = 1
        hosts_per_rack = 4

        [datagram.load]
        from = "fabric.x"
        to = "fabric.x"
        size = "100 B"
        arrivals = { schedule = [{ at = "0 s", rate = "0/s" }, { at = "10 s", rate = "1/s" }] }
    "#;
    let experiment = Experiment::run("senders", text, &[]);
    let workload = &experiment.outcome.points[0].results.workloads[0];
    let counts: Vec<f64> = workload
        .replications
        .values()
        .map(|sums| sums.count as f64)
        .collect();
    spread("four senders", &counts, 40.0, 40.0);
}

/// What becomes of invocations at the arrivals in a file; `keys` are top-level ones.
fn replayed(trace: &str, contents: &str, keys: &str) -> WorkloadResults {
    let text = scenario(
        &format!("trace = {{ file = \"trace.csv\", {trace} }}"),
        keys,
    );
    let document = Document::parse("replayed.toml", text).unwrap();
    let document = document.with_traces(&[], &[], |name| {
        assert_eq!(name, "trace.csv");
        Ok(contents.as_bytes().to_vec())
    });
    let plan = Plan::new(&document, &[], &[]);
    let plan = plan.unwrap_or_else(|diagnosis| panic!("{}", diagnosis.render(false)));
    let outcome = plan.run(0, &AtomicBool::new(false), &|_| {}).unwrap();
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    outcome.points[0].results.workloads[0].clone()
}

/// Arrivals within a picosecond: as many as are written for it, in any order, in every replication.
#[test]
fn recorded_times_are_exact() {
    let contents = "time_s,who\n12.5,a\n0.000000000001,b\n3,c\n12.5,d\n1e-3,e\n";
    let trace = "column = \"time_s\"";
    assert_eq!(replayed(trace, contents, "replications = 3").sent, 15);
    let times = [
        (1_u64, 1),
        (1_000_000_000, 1),
        (3_000_000_000_000, 1),
        (12_500_000_000_000, 2),
    ];
    for (time, arrivals) in times {
        let until = time + 1;
        let keys = format!("replications = 3\nwarmup = \"{time} ps\"\nduration = \"{until} ps\"");
        assert_eq!(
            replayed(trace, contents, &keys).sent,
            3 * arrivals,
            "{time} ps"
        );
    }
    let keys = "replications = 1\nduration = \"12499999999999 ps\"";
    assert_eq!(
        replayed(trace, contents, keys).sent,
        2 + 1,
        "before the last ones"
    );
    let first = "replications = 1\nduration = \"12500000000000 ps\"";
    let shifted = "column = \"time_s\", from_first = true";
    assert_eq!(replayed(shifted, contents, first).sent, 5, "1 ps earlier");
}

/// Invocations arrive when they begin.
#[test]
fn recorded_invocations_arrive_at_their_beginning() {
    let contents = "app,func,end_timestamp,duration\na,f,5.5,2.25\na,g,9,1\nb,f,4,0.5\n";
    let window = |at: u64| {
        let at = at * 1_000_000_000;
        format!(
            "replications = 1\nwarmup = \"{at} ps\"\nduration = \"{} ps\"",
            at + 1
        )
    };
    let format = "format = \"azure_functions_2021\"";
    for (at_ms, arrivals) in [(3250, 1), (3500, 1), (8000, 1), (4000, 0)] {
        assert_eq!(replayed(format, contents, &window(at_ms)).sent, arrivals);
    }
    let one = format!("{format}, function = \"f\", app = \"b\"");
    assert_eq!(replayed(&one, contents, "replications = 1").sent, 1);
    assert_eq!(replayed(&one, contents, &window(3500)).sent, 1);
}

/// The counts of each minute are those written, in every replication; within a minute of 60 arrivals
/// the number in its first 20 s is binomial, 60 with the probability 1/3.
#[test]
fn recorded_counts_are_exact_in_every_minute() {
    let contents = "HashOwner,HashApp,HashFunction,Trigger,1,2,3,4\n\
                    o,a,f,http,60,0,7,1\no,a,g,timer,0,0,1000,0\n";
    let minutes = |from: u32, to: u32| {
        format!("replications = 20\nwarmup = \"{from} min\"\nduration = \"{to} min\"")
    };
    let format = "format = \"azure_functions_2019\"";
    for (minute, [all, f]) in (0..).zip([[60, 60], [0, 0], [1007, 7], [1, 1], [0, 0]]) {
        let within = minutes(minute, minute + 1);
        for (trace, exact) in [
            (format.to_owned(), all),
            (format!("{format}, function = \"f\""), f),
        ] {
            let workload = replayed(&trace, contents, &within);
            let counts = workload.replications.values().map(|sums| sums.count);
            assert_eq!(
                counts.collect::<Vec<_>>(),
                [exact; 20],
                "minute {minute} of {trace}"
            );
        }
    }
    let keys = "replications = 2000\nduration = \"20 s\"";
    let workload = replayed(format, contents, keys);
    let counts: Vec<f64> = workload
        .replications
        .values()
        .map(|sums| sums.count as f64)
        .collect();
    spread(
        "20 s of a minute",
        &counts,
        20.0,
        60.0 * (1.0 / 3.0) * (2.0 / 3.0),
    );
}
