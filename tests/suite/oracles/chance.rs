//! Independent trials: the slowest of a fan-out, and flows that meet on a path.

use netsim::engine::{Distribution, Stream, StreamFamily};
use netsim::units::Duration;

use super::agrees;

fn stream(purpose: &str) -> Stream {
    StreamFamily::new(1, 0).stream("trials", purpose)
}

/// The mean of the maximum of n exponentials is Hₙ = Σ 1/k; its variance is Σ 1/k².
#[test]
fn the_slowest_of_a_fan_out() {
    const TRIALS: u64 = 20_000;
    let stream = stream("latency");
    let exponential = Distribution::exponential(Duration::from_secs(1));
    for (n, exact) in [(10, 2.928_968_254), (100, 5.187_377_518)] {
        let slowest = |trial| {
            let latency = |part| exponential.sample(&mut stream.draw_part(trial, part));
            (0..n).map(latency).max().unwrap().as_secs_f64()
        };
        let mean = (0..TRIALS).map(slowest).sum::<f64>() / TRIALS as f64;
        let variance: f64 = (1..=n).map(|k| f64::from(k).powi(-2)).sum();
        let standard_error = (variance / TRIALS as f64).sqrt();
        agrees(
            &format!("maximum of {n} exponentials"),
            mean,
            standard_error,
            exact,
        );
    }
}

/// Flows hashed to equal paths; each case counts trials of probability p, with variance p(1-p).
#[test]
fn flows_meet_on_a_path() {
    const TRIALS: u64 = 200_000;
    let stream = stream("path");
    let share_of_trials_apart = |flows, paths| {
        let apart = |&trial: &u64| {
            let path = |flow| stream.draw_part(trial, flow).below(paths);
            let taken: std::collections::BTreeSet<u32> = (0..flows).map(path).collect();
            taken.len() == flows as usize
        };
        (0..TRIALS).filter(apart).count() as f64 / TRIALS as f64
    };
    let cases = [
        (
            "4 flows on 4 paths, none shared, 4!/4⁴",
            share_of_trials_apart(4, 4),
            0.093_75,
        ),
        (
            "2 flows on 8 paths, shared, 1/8",
            1.0 - share_of_trials_apart(2, 8),
            0.125,
        ),
    ];
    for (what, share, exact) in cases {
        let standard_error = (exact * (1.0 - exact) / TRIALS as f64).sqrt();
        agrees(what, share, standard_error, exact);
    }
}
