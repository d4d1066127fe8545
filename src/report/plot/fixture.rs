//! Results made up for tests.

use std::collections::BTreeMap;

use toml::Value;

use crate::cost::Bill;
use crate::experiment::PointResults;
use crate::report::lambda::fixture::{Function, secs};
use crate::sim::{Part, Results, ThrottleReason, WorkloadResults};
use crate::stats::{Latency, Sums, Timeline};
use crate::units::{Duration, Time};

/// A point with workloads that had these latencies in milliseconds.
pub(super) fn point(parameters: &[(&str, &str)], workloads: &[(&str, &[u64])]) -> PointResults {
    let parameters: Vec<(String, Value)> = parameters
        .iter()
        .map(|(path, value)| ((*path).to_owned(), Value::String((*value).to_owned())))
        .collect();
    PointResults {
        label: format!("{parameters:?}"),
        parameters,
        replications: 2,
        results: Results {
            resources: Vec::new(),
            workloads: workloads
                .iter()
                .map(|(name, ms)| workload(name, ms))
                .collect(),
            functions: Vec::new(),
            events: 1,
            packets: 1,
            simulated: Time::ZERO,
            warmup: Time::ZERO,
        },
        bill: Bill::default(),
    }
}

/// A point per combination, with a workload `users` that is slower at each point and has a function
/// that started cold.
pub(super) fn sweep(axes: &[(&str, &[&str])]) -> Vec<PointResults> {
    let mut combinations: Vec<Vec<(&str, &str)>> = vec![Vec::new()];
    for (path, values) in axes {
        combinations = combinations
            .iter()
            .flat_map(|begun| {
                let longer = |value| [begun.clone(), vec![(*path, value)]].concat();
                values.iter().copied().map(longer)
            })
            .collect();
    }
    (1_u64..)
        .zip(combinations)
        .map(|(n, parameters)| {
            let ms: Vec<u64> = (1..=3000).map(|sample| n * 20 + sample % 97).collect();
            point(&parameters, &[("users", &ms)])
        })
        .collect()
}

/// Gives every point a function with these phases of a cold start, in milliseconds.
pub(super) fn with_cold_starts(
    mut points: Vec<PointResults>,
    phases: &[(&'static str, &[u64])],
) -> Vec<PointResults> {
    for point in &mut points {
        let mut function = Function::new("api").replication(10, &[0.001; 10]);
        for (name, ms) in phases {
            let secs: Vec<f64> = ms.iter().map(|&ms| ms as f64 / 1e3).collect();
            function = function.phase(name, &secs);
        }
        point.results.functions.push(function.results());
    }
    points
}

/// Gives every point a function that is invoked more and more often, and at each point more; it is throttled
/// if so wanted.
pub(super) fn spikes(mut points: Vec<PointResults>, throttled: bool) -> Vec<PointResults> {
    for (n, point) in (1..).zip(&mut points) {
        let ramp: Vec<(f64, u64)> = (0..80_u32)
            .map(|at| (f64::from(at) / 8.0, n * u64::from(at)))
            .collect();
        let mut function = Function::new("api").replication(100, &[0.2]).busy(&ramp);
        if throttled {
            let wave = (0..40_u32).map(|at| (f64::from(at) / 4.0, u64::from(at % 7) * 1000 * n));
            function = function
                .queued(&wave.collect::<Vec<_>>())
                .interfaces(&[(2.0, 5 * n), (6.0, 30 * n)], 350);
            for at in 20..60_u32 {
                let time = secs(f64::from(at) / 8.0);
                let reason = ThrottleReason::ConcurrencyScalingRateExceeded;
                function = function.throttled(reason, u64::from(at) * n, time);
            }
        }
        point.results.functions.push(function.results());
    }
    points
}

fn workload(name: &str, ms: &[u64]) -> WorkloadResults {
    let parts = vec![Part::NitroEgressQueue as usize, Part::Service as usize];
    let sums = |parity: usize| {
        let mut sums = Sums::default();
        let half = ms.iter().skip(parity).step_by(2);
        half.for_each(|&ms| sums.record(Duration::from_us(1000 * ms)));
        sums
    };
    WorkloadResults {
        name: name.to_owned(),
        refusal: None,
        as_expected: true,
        payload: crate::units::Bytes::new(0),
        sent: ms.len() as u64,
        completed: ms.len() as u64,
        failed: BTreeMap::new(),
        delivered: None,
        latency: recorded(parts, ms),
        timeline: Timeline::new(),
        transport: crate::sim::Transport::default(),
        replications: [(0, sums(0)), (1, sums(1))].into(),
    }
}

/// Latencies of which a quarter is waiting.
fn recorded(parts: Vec<usize>, ms: &[u64]) -> Latency {
    let mut latency = Latency::new(parts);
    for &ms in ms {
        let mut charges = [Duration::ZERO; Part::COUNT];
        charges[Part::NitroEgressQueue as usize] = Duration::from_us(250 * ms);
        charges[Part::Service as usize] = Duration::from_us(750 * ms);
        latency.record(Duration::from_us(1000 * ms), &charges);
    }
    latency
}
