//! The cold starts of `scenarios/lambda_coldstart.toml` against what was measured.
//!
//! Measured: simplybusiness/lambda-coldstart-comparison, all-traces.csv @2dcabfd, of March 2019. Medians agree
//! within 5 %, p99 within 10 %.

use netsim::report::{FunctionSummary, PhaseSummary, PointSummary, Summary};

use crate::oracles::agrees;
use crate::world::{Experiment, Named, shipped};

pub(super) const MEMORY: [&str; 6] = [
    "128 MB", "256 MB", "512 MB", "1024 MB", "2048 MB", "3008 MB",
];
const COLD_STARTS: u64 = 20_000;

pub(super) fn run(edits: &[&str]) -> Summary {
    Experiment::run("lambda_coldstart", &shipped("lambda_coldstart"), edits).summary()
}

/// The points with this way of joining a VPC, by memory.
fn by_memory<'a>(summary: &'a Summary, attachment: &str) -> Vec<&'a FunctionSummary> {
    let is = |point: &PointSummary, key: &str, value: &str| point.parameters[key] == value;
    let found = MEMORY.iter().map(|memory| {
        let wanted = |point: &&PointSummary| {
            is(point, "function.api.vpc_attachment", attachment)
                && is(point, "function.api.memory", memory)
        };
        summary.points.iter().find(wanted).unwrap().function("api")
    });
    found.collect()
}

pub(super) fn phase<'a>(function: &'a FunctionSummary, name: &str) -> &'a PhaseSummary {
    function.phases.iter().find(|p| p.phase == name).unwrap()
}

fn cold_p50(function: &FunctionSummary) -> f64 {
    function.cold_start_s.as_ref().unwrap().p50
}

fn within(what: &str, value: f64, share: f64, expected: f64) {
    assert!(
        (value / expected - 1.0).abs() <= share,
        "{what}: {value} is not {expected} within {share}"
    );
}

/// All four eras at once: the run is the most expensive of this file.
#[test]
fn eras_differ_as_measured() {
    let eras = [
        "none",
        "per_environment_eni",
        "hyperplane",
        "hyperplane_prewarmed",
    ];
    let summary = run(&[&format!(
        "sweep={{ \"function.api.vpc_attachment\" = {eras:?}, \"function.api.memory\" = {MEMORY:?} }}"
    )]);
    let none = by_memory(&summary, "none");
    assert!(none.iter().all(|f| f.cold_starts == COLD_STARTS));

    // Before September 2019. Published: p50 9.18 s and p99 23.2 s for a new network interface.
    let interface = by_memory(&summary, "per_environment_eni");
    let created = "vpc_attach.create_network_interface";
    let largest = phase(interface[5], created);
    // The published times hold some 0.18 s of boot and code.
    within(
        "create_network_interface p50",
        largest.p50 + 0.18,
        0.05,
        9.18,
    );
    within(
        "create_network_interface p99",
        largest.p99 + 0.18,
        0.10,
        23.2,
    );
    let shares = [0.071, 0.131, 0.433, 0.645, 0.809, 0.979];
    for ((function, share), memory) in interface.iter().zip(shares).zip(MEMORY) {
        let creations = phase(function, created).count as f64;
        // Binomial.
        let standard_error = (share * (1.0 - share) / COLD_STARTS as f64).sqrt();
        agrees(
            &format!("share of cold starts with a new interface at {memory}"),
            creations / function.cold_starts as f64,
            standard_error,
            share,
        );
        let reuses = phase(function, "vpc_attach.reuse_network_interface").count as f64;
        assert!((creations + reuses - COLD_STARTS as f64).abs() < 0.5);
    }

    // Since. Measured: +210 and +233 ms at the median, 2020 and 2021; then 0.2 ms (AWS, 2026).
    let hyperplane = by_memory(&summary, "hyperplane");
    let prewarmed = by_memory(&summary, "hyperplane_prewarmed");
    for at in 0..MEMORY.len() {
        let added = cold_p50(hyperplane[at]) - cold_p50(none[at]);
        assert!((0.15..0.25).contains(&added), "{}: {added}", MEMORY[at]);
        let added = cold_p50(prewarmed[at]) - cold_p50(none[at]);
        assert!((0.0..0.005).contains(&added), "{}: {added}", MEMORY[at]);
    }
}

/// Placement, boot, code and joining a VPC together, which is what was measured: a runtime that starts at
/// once leaves nothing else of a cold start.
fn setups(attachment: &str) -> Vec<(f64, f64)> {
    let summary = run(&[
        r#"profile."lambda.runtime_init.python3.12"="0 s""#,
        "replications=50",
        &format!(
            "sweep={{ \"function.api.vpc_attachment\" = [{attachment:?}], \"function.api.memory\" = {MEMORY:?} }}"
        ),
    ]);
    let functions = by_memory(&summary, attachment);
    let starts = functions.iter().map(|f| f.cold_start_s.as_ref().unwrap());
    starts.map(|start| (start.p50, start.p99)).collect()
}

fn agree_by_memory(setups: &[(f64, f64)], published: [(f64, f64); 6]) {
    for ((setup, published), memory) in setups.iter().zip(published).zip(MEMORY) {
        within(&format!("p50 at {memory}"), setup.0, 0.05, published.0);
        within(&format!("p99 at {memory}"), setup.1, 0.10, published.1);
    }
}

/// 618 to 620 cold starts at each size. 128, 512, 2048 and 3008 MB were used for the figures; 256 and
/// 1024 MB are checks.
#[test]
fn setup_outside_a_vpc_takes_as_long_as_measured() {
    let published = [
        (0.0909, 0.23395),
        (0.0907, 0.23088),
        (0.0919, 0.24842),
        (0.1804, 0.30003),
        (0.1884, 0.28952),
        (0.177, 0.32843),
    ];
    agree_by_memory(&setups("none"), published);
}

/// 619 or 620 cold starts at each size, all used for the figures.
#[test]
fn setup_in_a_vpc_took_as_long_as_measured() {
    let published = [
        (0.1251, 9.72633),
        (0.1256, 12.46547),
        (0.1358, 19.73505),
        (8.6485, 19.6378),
        (9.1292, 20.65796),
        (9.1841, 23.4562),
    ];
    agree_by_memory(&setups("per_environment_eni"), published);
}
