//! The same results, bit for bit, at any number of threads and after changes elsewhere; different
//! ones for another seed.

use netsim::report::{PointSummary, Summary, WorkloadSummary};
use serde_json::Value;

use crate::world::{Experiment, shipped};

/// The scenarios, shortened.
const SCENARIOS: [(&str, &[&str]); 4] = [
    ("lambda_coldstart", &[r#"duration="5 h""#, "replications=3"]),
    (
        "leaf_spine",
        &["datagram.uniform.count=10_000", "replications=3"],
    ),
    ("packet_path", &[r#"duration="1 s""#, "replications=3"]),
    ("security_layers", &[r#"duration="2 s""#, "replications=3"]),
];

fn json(jobs: usize, name: &str, edits: &[&str]) -> String {
    Experiment::run_on(jobs, name, &shipped(name), edits)
        .summary()
        .to_json()
}

#[test]
fn threads_and_repetition_change_nothing_and_another_seed_everything() {
    for (name, edits) in SCENARIOS {
        let first = json(1, name, edits);
        assert!(first == json(1, name, edits), "{name}: twice");
        assert!(first == json(2, name, edits), "{name}: two threads");
        assert!(first == json(3, name, edits), "{name}: three threads");
        let reseeded = [edits, &["seed=12345"]].concat();
        let other: Value = serde_json::from_str(&json(2, name, &reseeded)).unwrap();
        let first: Value = serde_json::from_str(&first).unwrap();
        assert_ne!(first["points"], other["points"], "{name}: another seed");
    }
}

fn bits(workload: &WorkloadSummary) -> String {
    serde_json::to_string(workload).unwrap()
}

/// Every workload of `before` is the same in `after`.
fn unchanged(before: &PointSummary, after: &PointSummary) {
    for (name, workload) in &before.workloads {
        assert!(
            bits(workload) == bits(&after.workloads[name]),
            "{name} has changed"
        );
    }
    for (name, function) in &before.functions {
        let after = serde_json::to_string(&after.functions[name]).unwrap();
        assert!(
            serde_json::to_string(function).unwrap() == after,
            "{name} has changed"
        );
    }
}

/// Instances with a ping between them, in a zone of their own, and a function: placed before
/// everything else, so that whatever is numbered in the order of the file gets other numbers.
const STRANGERS: &str = r#"
[subnet.aaa]
vpc = "main"
availability_zone = "us-east-1b"
cidr_block = "10.0.240.0/24"

[security_group.aaa]
vpc = "main"
ingress = [{ protocol = "all", source = "0.0.0.0/0" }]

[instance.aaa]
instance_type = "m5.xlarge"
subnet = "aaa"
security_groups = ["aaa"]

[instance.aab]
instance_type = "m5.xlarge"
subnet = "aaa"
security_groups = ["aaa"]

[ping.aaa]
from = "instance.aaa"
to = "instance.aab"
arrivals = { poisson = { rate = "700/s" } }

[function.aaa]
runtime = "python3.12"
memory = "512 MB"
duration = "20 ms"

[invoke.aab]
target = "function.aaa"
arrivals = { poisson = { rate = "20/s" } }
"#;

#[test]
fn strangers_change_nothing() {
    for name in ["packet_path", "security_layers"] {
        let alone = shipped(name);
        // Top-level keys first, then tables: the strangers stand before the first table.
        let (head, tables) = alone.split_once("\n[").unwrap();
        let together = format!("{head}\n{STRANGERS}\n[{tables}");
        let edits = [r#"duration="2 s""#, "replications=2"];
        let alone = Experiment::run(name, &alone, &edits).point();
        let together = Experiment::run(name, &together, &edits).point();
        assert_eq!(together.workloads.len(), alone.workloads.len() + 2);
        unchanged(&alone, &together);
    }
}

/// A fabric of its own beside the leaf–spine one, with its own load.
#[test]
fn another_fabric_changes_nothing() {
    let alone = shipped("leaf_spine");
    let together = format!(
        r#"{alone}
        [fabric.aaa]
        racks = 2
        hosts_per_rack = 3
        spines = 2

        [datagram.aaa]
        from = "fabric.aaa"
        to = "fabric.aaa"
        size = "300 B"
        load = "30 %"
        count = 5000
        "#
    );
    let edits = ["datagram.uniform.count=20_000"];
    unchanged(
        &Experiment::run("alone", &alone, &edits).point(),
        &Experiment::run("together", &together, &edits).point(),
    );
}

fn sweep(edits: &[&str]) -> Summary {
    Experiment::run("security_layers", &shipped("security_layers"), edits).summary()
}

#[test]
fn points_do_not_depend_on_each_other() {
    let short = [r#"duration="1 s""#, "replications=2"];
    let servers = |values: &str| {
        let sweep_edit = format!(r#"sweep={{ "instance.application.servers" = {values} }}"#);
        sweep(&[&short[..], &[sweep_edit.as_str()]].concat())
    };
    let (two, three) = (servers("[4, 8]"), servers("[2, 4, 8]"));
    unchanged(&two.points[0], &three.points[1]);
    unchanged(&two.points[1], &three.points[2]);
    // And a point alone is what it is in a sweep.
    let alone = sweep(&[&short[..], &["instance.application.servers=4"]].concat());
    unchanged(&alone.points[0], &two.points[0]);
}

/// A replication is what it is, however many there are besides.
#[test]
fn replications_do_not_depend_on_each_other() {
    let run = |replications: &str| {
        let edits = [r#"duration="1 s""#, replications];
        Experiment::run("packet_path", &shipped("packet_path"), &edits)
    };
    let (three, four) = (run("replications=3"), run("replications=4"));
    let workloads =
        |experiment: &Experiment| experiment.outcome.points[0].results.workloads.clone();
    for (three, four) in workloads(&three).iter().zip(workloads(&four)) {
        assert_eq!(three.replications.len(), 3);
        for (replication, sums) in &three.replications {
            assert_eq!(*sums, four.replications[replication], "{}", three.name);
        }
    }
}
