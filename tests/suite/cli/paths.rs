//! `netsim path`: verdicts, exit statuses, and what programs can read of them.

use super::Place;

/// Two tiers, of which only the upper one may reach the lower one, and a way out by NAT.
const TIERS: &str = r#"
[region]
name = "us-east-1"
availability_zones = ["us-east-1a"]

[vpc.main]
cidr_block = "10.0.0.0/16"

[internet_gateway.main]
vpc = "main"

[subnet.public]
vpc = "main"
availability_zone = "us-east-1a"
cidr_block = "10.0.0.0/24"
route_table = "public"

[subnet.private]
vpc = "main"
availability_zone = "us-east-1a"
cidr_block = "10.0.1.0/24"
route_table = "private"

[nat_gateway.a]
subnet = "public"

[route_table.public]
vpc = "main"
routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]

[route_table.private]
vpc = "main"
routes = [{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.a" }]

[security_group.app]
vpc = "main"

[security_group.db]
vpc = "main"
ingress = [{ protocol = "tcp", ports = 5432, source = "security_group.app" }]

[instance.app]
instance_type = "m6i.large"
subnet = "private"
security_groups = ["app"]

[instance.db]
instance_type = "m6i.large"
subnet = "private"
security_groups = ["db"]
"#;

fn place() -> Place {
    Place::with(&[("tiers.toml", TIERS)])
}

#[test]
fn the_exit_status_is_the_verdict_or_whether_it_is_expected() {
    let place = place();
    let ask = |arguments: &[&str]| {
        let mut all = vec!["path", "tiers.toml"];
        all.extend(arguments);
        place.netsim(&all).status.unwrap()
    };
    assert_eq!(ask(&["app", "db", "--port", "5432"]), 0);
    assert_eq!(ask(&["db", "app", "--port", "5432"]), 1);
    let unreachable = ["--expect", "unreachable"];
    assert_eq!(ask(&[&["db", "app"][..], &unreachable].concat()), 0);
    let open = ["app", "db", "--port", "5432"];
    assert_eq!(ask(&[&open[..], &unreachable].concat()), 1);
    assert_eq!(ask(&["app", "nobody"]), 2);
}

#[test]
fn a_nat_path_reads_like_a_story_within_a_hundred_columns() {
    let ask = ["path", "tiers.toml", "app", "internet"];
    let ended = place().netsim(&ask).status(0);
    for line in ended.stdout.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    insta::assert_snapshot!("nat_path", ended.stdout);
}

#[test]
fn a_refusal_names_the_rule_the_code_and_the_remedy() {
    let ask = ["path", "tiers.toml", "app", "db", "--port", "22"];
    let ended = place().netsim(&ask).status(1);
    insta::assert_snapshot!("refused_path", ended.stdout);
}

#[test]
fn programs_read_the_same_as_json() {
    let place = place();
    let read = |arguments: &[&str]| -> serde_json::Value {
        let mut all = vec!["path", "tiers.toml", "--format", "json"];
        all.extend(arguments);
        serde_json::from_str(&place.netsim(&all).stdout).unwrap()
    };
    let refused = read(&["app", "db", "--port", "22"]);
    assert_eq!(refused["reachable"], false);
    let refusal = &refused["refusals"][0];
    assert_eq!(refusal["code"], "ENI_SG_RULES_MISMATCH");
    assert_eq!(refusal["at"], "security_group.db");
    assert_eq!(refusal["direction"], "forward");

    let open = read(&["app", "internet"]);
    let passed: Vec<&str> = open["forward"]["hops"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hop| hop["resource"].as_str().unwrap())
        .collect();
    assert_eq!(
        passed,
        [
            "instance.app",
            "nat_gateway.a",
            "internet_gateway.main",
            "internet"
        ]
    );
    assert!(open["round_trip_s"]["p50"].as_f64().unwrap() > 0.0);
    assert_eq!(open["forward"]["usd_per_gb"], "0.135");

    let matrix = read(&["--matrix"]);
    let reaches = matrix["reaches"].as_array().unwrap();
    let reach = |from: &str, to: &str| {
        let mut all = reaches.iter();
        all.find(|reach| reach["from"] == from && reach["to"] == to)
            .map(|reach| reach["ports"].as_str().unwrap().to_owned())
    };
    assert_eq!(
        reach("instance.app", "instance.db").as_deref(),
        Some("tcp/5432")
    );
    assert_eq!(reach("instance.db", "instance.app"), None);
    assert_eq!(reach("instance.app", "internet").as_deref(), Some("all"));
}

#[test]
fn all_tells_whom_some_senders_reach() {
    let ask = ["path", "tiers.toml", "--all", "instance.app"];
    let ended = place().netsim(&ask).status(0);
    let line = ended
        .stdout
        .lines()
        .find(|line| line.starts_with("instance.app"));
    assert!(line.unwrap().contains("tcp/5432"), "{}", ended.stdout);
}

#[test]
fn a_scenario_without_workloads_can_be_asked_but_not_run() {
    let place = place();
    place.netsim(&["check", "tiers.toml"]).status(0);
    let ended = place.netsim(&["run", "tiers.toml"]).status(2);
    assert!(
        ended
            .stderr
            .contains("tiers has no workload, so there is nothing to run"),
        "{}",
        ended.stderr
    );
}
