//! What a run leaves behind, and how options change it.

use std::fs;

use serde_json::Value;

use super::{Place, SMALL, files};
use crate::world::folder;

#[test]
fn a_run_leaves_the_documented_files() {
    let place = Place::small();
    let ended = place.netsim(&["run", "small.toml"]).status(0);
    assert!(ended.stdout.starts_with("Small\n"), "{}", ended.stdout);
    assert!(
        ended.stderr.contains("files in output/small"),
        "{}",
        ended.stderr
    );
    let expected = [
        "cost.csv",
        "hops.csv",
        "latency.csv",
        "manifest.json",
        "metrics.csv",
        "plots",
        "summary.json",
        "timeline.csv",
    ];
    let found = files(&place.path("output/small"));
    let documented: Vec<&String> = found.iter().filter(|name| *name != "report.html").collect();
    assert_eq!(documented, expected);
    let table = place.read("output/small/latency.csv");
    assert_eq!(table.lines().count(), 2, "a header and a workload: {table}");

    // Elsewhere, and once more over what is there.
    for _ in 0..2 {
        place
            .netsim(&["run", "small.toml", "--output", "else/where"])
            .status(0);
    }
    assert_eq!(files(&place.path("else/where/small")), found);
    // Only the manifest knows of time and place.
    for name in [
        "summary.json",
        "latency.csv",
        "hops.csv",
        "timeline.csv",
        "cost.csv",
    ] {
        let twice = ["output", "else/where"].map(|at| place.read(&format!("{at}/small/{name}")));
        assert!(twice[0] == twice[1], "{name}");
    }
}

#[test]
fn functions_have_tables_of_their_own_while_there_are_any() {
    const FUNCTION: &str = r#"
title = "Small"
replications = 2
duration = "2 s"

[region]
name = "us-east-1"
availability_zones = ["us-east-1a"]

[function.api]
runtime = "python3.12"
memory = "1024 MB"
duration = "20 ms"

[invoke.users]
target = "function.api"
arrivals = { poisson = { rate = "50/s" } }
"#;
    const TABLES: [&str; 3] = ["cold_starts.csv", "environments.csv", "functions.csv"];
    let place = Place::with(&[("small.toml", FUNCTION)]);
    let ended = place.netsim(&["run", "small.toml"]).status(0);
    assert!(
        ended.stdout.contains("invocations were cold"),
        "{}",
        ended.stdout
    );
    let found = files(&place.path("output/small"));
    assert!(
        TABLES
            .iter()
            .all(|table| found.iter().any(|name| name == table))
    );
    let summary = place.json("output/small/summary.json");
    let answer = summary["answers"]["api"][0].as_str().unwrap();
    assert!(answer.contains("invocations were cold"), "{answer}");
    let table = place.read("output/small/functions.csv");
    assert_eq!(table.lines().count(), 2, "a header and a function: {table}");
    assert!(place.path("output/small/plots/environments.svg").exists());

    // The same place without a function.
    fs::write(place.path("small.toml"), SMALL).unwrap();
    place.netsim(&["run", "small.toml"]).status(0);
    let found = files(&place.path("output/small"));
    assert!(
        !TABLES
            .iter()
            .any(|table| found.iter().any(|name| name == table))
    );
    assert!(!place.path("output/small/plots/environments.svg").exists());
}

#[test]
fn json_on_standard_output_is_the_file() {
    let place = Place::small();
    let ended = place
        .netsim(&["run", "small.toml", "--format", "json"])
        .status(0);
    assert_eq!(ended.stdout, place.read("output/small/summary.json"));
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// The keys of a function that is cold every time.
fn check_function(function: &Value, latency: &[&str]) {
    let expected = [
        "invocations",
        "served",
        "cold_starts",
        "cold_start_share",
        "cold_start_share_ci95",
        "throttles",
        "billed_s",
        "mean_environments",
        "mean_environments_ci95",
        "peak_environments",
        "mean_concurrency",
        "mean_concurrency_ci95",
        "peak_concurrency",
        "mean_on_demand_concurrency",
        "variance_on_demand_concurrency",
        "cold_start_s",
        "phases",
    ];
    assert_eq!(keys(function), expected);
    assert_eq!(keys(&function["cold_start_s"]), latency);
    assert_eq!(
        keys(&function["phases"][0]),
        ["phase", "count", "mean_s", "p50", "p90", "p99", "share"]
    );
}

#[test]
fn the_summary_has_the_documented_keys() {
    const LATENCY: [&str; 10] = [
        "mean",
        "mean_ci95",
        "stddev",
        "min",
        "p50",
        "p90",
        "p95",
        "p99",
        "p99_9",
        "max",
    ];
    let place = Place::with(&[]);
    let scenarios = folder("scenarios");
    let run = |name: &str, edits: &[&str]| {
        let file = scenarios.join(format!("{name}.toml"));
        let mut arguments = vec!["run", file.to_str().unwrap(), "--quiet"];
        arguments.extend(edits.iter().flat_map(|edit| ["--set", edit]));
        place.netsim(&arguments).status(0);
        place.json(&format!("output/{name}/summary.json"))
    };
    let sweep = r#"sweep={ "function.api.vpc_attachment" = ["hyperplane"], "function.api.memory" = ["512 MB"] }"#;
    let summary = run("lambda_coldstart", &[r#"duration="5 h""#, sweep]);
    assert_eq!(
        keys(&summary),
        ["schema", "netsim_version", "scenario", "answers", "points"]
    );
    assert_eq!(summary["schema"], 1);
    assert_eq!(summary["netsim_version"], env!("CARGO_PKG_VERSION"));
    let scenario = ["name", "title", "sha256", "seed", "duration_s"];
    assert_eq!(keys(&summary["scenario"]), scenario);
    assert_eq!(summary["scenario"]["duration_s"], 18_000.0);
    let point = &summary["points"][0];
    let expected = [
        "parameters",
        "replications",
        "workloads",
        "functions",
        "cost",
        "engine",
    ];
    assert_eq!(keys(point), expected);
    assert_eq!(
        keys(&point["parameters"]),
        ["function.api.vpc_attachment", "function.api.memory"]
    );
    assert_eq!(keys(&point["engine"]), ["events", "packets", "simulated_s"]);
    let workload = &point["workloads"]["users"];
    assert_eq!(
        keys(workload),
        [
            "sent",
            "completed",
            "failed",
            "goodput_bps",
            "latency_s",
            "hops"
        ]
    );
    assert_eq!(keys(&workload["latency_s"]), LATENCY);
    let hop = ["hop", "mean_s", "share", "share_slowest_1pct"];
    assert_eq!(keys(&workload["hops"][0]), hop);
    check_function(&point["functions"]["api"], &LATENCY);

    let summary = run("security_layers", &[r#"duration="2 s""#]);
    let refused = &summary["points"][0]["workloads"]["application-ping"];
    let expected = [
        "sent",
        "completed",
        "failed",
        "goodput_bps",
        "latency_s",
        "hops",
        "refusal",
    ];
    assert_eq!(keys(refused), expected);
    assert_eq!(refused["latency_s"], Value::Null);
    assert_eq!(
        keys(&refused["refusal"]),
        ["code", "at", "reason", "remedy", "expected"]
    );
    assert_eq!(keys(&refused["failed"]), ["ENI_SG_RULES_MISMATCH"]);
}

#[test]
fn options_change_the_scenario() {
    let place = Place::small();
    let run = |options: &[&str]| {
        let arguments = [&["run", "small.toml", "--format", "json"], options].concat();
        let ended = place.netsim(&arguments).status(0);
        serde_json::from_str::<Value>(&ended.stdout).unwrap()
    };
    let plain = run(&[]);
    assert_eq!(plain["points"][0]["replications"], 2);
    assert_eq!(plain["points"][0]["workloads"]["load"]["sent"], 1000);
    assert_eq!(
        run(&["--replications", "3"])["points"][0]["replications"],
        3
    );
    let reseeded = run(&["--seed", "9"]);
    assert_eq!(reseeded["scenario"]["seed"], 9);
    assert_ne!(reseeded["points"], plain["points"]);
    let more = run(&[
        "--set",
        "datagram.load.count=700",
        "--set",
        "title=\"Other\"",
    ]);
    assert_eq!(more["points"][0]["workloads"]["load"]["sent"], 1400);
    assert_eq!(more["scenario"]["title"], "Other");
    let sweep = [
        "--sweep",
        "datagram.load.load=10%,20%",
        "--sweep",
        "fabric.lab.spines=1,2,3",
    ];
    let swept = run(&sweep);
    let points = swept["points"].as_array().unwrap();
    assert_eq!(points.len(), 6);
    assert_eq!(points[0]["parameters"]["datagram.load.load"], "10%");
    assert_eq!(points[5]["parameters"]["fabric.lab.spines"], 3);
    for jobs in ["1", "2", "0"] {
        assert_eq!(run(&["--jobs", jobs]), plain);
    }
    let wrong = place
        .netsim(&["run", "small.toml", "--set", "title"])
        .status(2);
    assert!(wrong.stderr.contains("PATH=VALUE"), "{}", wrong.stderr);
    for (axis, why) in [
        (
            "title",
            "error: --sweep: `title` is not of the form PATH=V1,V2,…\n",
        ),
        ("title=", "error: --sweep: `title=` has no values\n"),
        (
            "a b=1",
            "error: --sweep: `a b` is not a path such as function.api.memory\n",
        ),
    ] {
        let wrong = place
            .netsim(&["run", "small.toml", "--sweep", axis])
            .status(2);
        assert_eq!(wrong.stderr, why);
    }
}

#[test]
fn several_files_each_get_a_folder() {
    let place = Place::with(&[("a.toml", SMALL), ("b.toml", SMALL)]);
    place.netsim(&["run", "a.toml", "b.toml"]).status(0);
    assert_eq!(files(&place.path("output")), ["a", "b"]);
    let (a, b) = (
        place.json("output/a/summary.json"),
        place.json("output/b/summary.json"),
    );
    assert_eq!(a["points"], b["points"]);
    let manifest = place.json("output/b/manifest.json");
    let line = manifest["command_line"].as_array().unwrap();
    assert_eq!(line[1..], ["run", "a.toml", "b.toml"]);
    assert_eq!(manifest["interrupted"], false);
}

/// Files of recorded arrivals lie beside the scenario, wherever that is.
#[test]
fn recorded_arrivals_are_found_and_hashed() {
    let place = Place::small();
    fs::create_dir_all(place.path("far/traces")).unwrap();
    let text = SMALL.replace(
        "load = \"10 %\"\ncount = 500",
        "arrivals = { trace = { file = \"traces/times.csv\" } }",
    );
    fs::write(place.path("far/replay.toml"), text).unwrap();
    let ended = place.netsim(&["check", "far/replay.toml"]).status(2);
    assert!(
        ended.stderr.contains("cannot read `traces/times.csv`"),
        "{}",
        ended.stderr
    );
    fs::write(place.path("far/traces/times.csv"), "abc\n0.5\n0.25\n").unwrap();
    place.netsim(&["check", "far/replay.toml"]).status(0);
    place.netsim(&["run", "far/replay.toml"]).status(0);
    let summary = place.json("output/replay/summary.json");
    // Two from each of four hosts, twice.
    assert_eq!(summary["points"][0]["workloads"]["load"]["sent"], 16);
    let manifest = place.json("output/replay/manifest.json");
    // echo -en 'abc\n0.5\n0.25\n' | sha256sum
    let sha256 = "13ce6d344d6c552ae8d64dbdeca078e8d17e64abad8361d3234b3047bab1b058";
    assert_eq!(manifest["trace_sha256"]["traces/times.csv"], sha256);
}
