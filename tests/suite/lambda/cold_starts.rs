//! The cold starts of `scenarios/lambda_coldstart.toml` against what was measured.
//!
//! Measured: simplybusiness/lambda-coldstart-comparison, all-traces.csv @2dcabfd, of March 2019.
//! Tolerances for measured quantiles are those that the profile claims for its figures.

use netsim::report::{FunctionSummary, PhaseSummary, PointSummary, Summary};

use crate::oracles::agrees;
use crate::world::{Experiment, Named, shipped};

const MEMORY: [&str; 6] = [
    "128 MB", "256 MB", "512 MB", "1024 MB", "2048 MB", "3008 MB",
];
const COLD_STARTS: u64 = 20_000;

fn run(edits: &[&str]) -> Summary {
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

fn phase<'a>(function: &'a FunctionSummary, name: &str) -> &'a PhaseSummary {
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
    let summary = run(&[]);
    let none = by_memory(&summary, "none");
    assert!(none.iter().all(|f| f.cold_starts == COLD_STARTS));

    // Before September 2019. Published: p50 9.18 s and p99 23.2 s for a new network interface.
    let interface = by_memory(&summary, "per_environment_eni");
    let created = "vpc_attach.create_network_interface";
    let largest = phase(interface[5], created);
    within("create_network_interface p50", largest.p50, 0.03, 9.18);
    within("create_network_interface p99", largest.p99, 0.08, 23.2);
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

    // Since. Measured: +82 to +233 ms at the median, 2019 to 2021; then 0.2 ms (AWS, 2026).
    let hyperplane = by_memory(&summary, "hyperplane");
    let prewarmed = by_memory(&summary, "hyperplane_prewarmed");
    for at in 0..MEMORY.len() {
        let added = cold_p50(hyperplane[at]) - cold_p50(none[at]);
        assert!((0.08..0.25).contains(&added), "{}: {added}", MEMORY[at]);
        let added = cold_p50(prewarmed[at]) - cold_p50(none[at]);
        assert!((0.0..0.005).contains(&added), "{}: {added}", MEMORY[at]);
    }
}

/// Placement, boot and code together, which is what was measured: a runtime that starts at once
/// leaves nothing else of a cold start.
#[test]
fn setup_takes_as_long_as_measured() {
    let summary = run(&[
        r#"profile."lambda.runtime_init.python3.12"="0 s""#,
        r#"sweep={ "function.api.vpc_attachment" = ["none"], "function.api.memory" = ["128 MB", "256 MB", "512 MB", "1024 MB", "2048 MB", "3008 MB"] }"#,
    ]);
    let measured_ms = [91.0, 91.0, 92.0, 180.0, 188.0, 177.0];
    let setups = by_memory(&summary, "none");
    for ((setup, measured), memory) in setups.iter().zip(measured_ms).zip(MEMORY) {
        let p50_ms = 1e3 * cold_p50(setup);
        within(&format!("setup at {memory}"), p50_ms, 0.08, measured);
    }
}
