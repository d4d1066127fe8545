//! Handlers that call others: their latency is composed from what the network says.

use netsim::report::{PointSummary, WorkloadSummary};
use netsim::sim::{Failure, InvokeError};

use crate::world::{Experiment, Named, point};

/// A function in a VPC with a database; `handler` and further tables are given.
fn scenario(handler: &str, more: &str) -> String {
    format!(
        r#"
        duration = "60 s"
        replications = 1

        [region]
        name = "us-east-1"
        availability_zones = ["us-east-1a"]

        [profile]
        "lambda.invoke_overhead" = "0 s"

        [vpc.main]
        cidr_block = "10.0.0.0/16"
        [subnet.private]
        vpc = "main"
        availability_zone = "us-east-1a"
        cidr_block = "10.0.16.0/20"
        [security_group.app]
        vpc = "main"
        [security_group.db]
        vpc = "main"
        ingress = [{{ protocol = "tcp", ports = 5432, source = "security_group.app" }}]

        [instance.db]
        instance_type = "m5.large"
        subnet = "private"
        security_groups = ["db"]
        service_time = "2 ms"

        [function.api]
        runtime = "python3.12"
        memory = "512 MB"
        vpc_attachment = "hyperplane_prewarmed"
        subnets = ["private"]
        security_groups = ["app"]
        handler = {handler}

        [request.db]
        from = "function.api"
        to = "instance.db"
        port = 5432
        connection = "keep_alive"

        [invoke.users]
        target = "function.api"
        arrivals = {{ interval = {{ every = "1 s" }} }}
        {more}
        "#
    )
}

fn mean(workload: &WorkloadSummary) -> f64 {
    workload.latency_s.as_ref().unwrap().mean
}

/// Time of cold starts, per invocation.
fn cold(summary: &PointSummary, workload: &str) -> f64 {
    let hops = summary.workloads[workload].hops.iter();
    let start = hops.filter(|hop| {
        hop.hop.starts_with("lambda.") && !matches!(hop.hop, "lambda.handler" | "lambda.invoke")
    });
    start.map(|hop| hop.mean_s).sum()
}

/// Two computing steps and three queries, one after the other: the latency is the sum of all, and the
/// environment keeps its connection.
#[test]
fn a_handler_takes_as_long_as_its_steps() {
    let handler =
        r#"[{ compute = "3 ms" }, { call = "request.db", times = 3 }, { compute = "1 ms" }]"#;
    let experiment = Experiment::run("handler", &scenario(handler, ""), &[]);
    let summary = experiment.point();
    let (users, db) = (summary.workload("users"), summary.workload("db"));
    assert_eq!((users.completed, db.completed), (60, 180));
    let composed = 0.004 + 3.0 * mean(db) + cold(&summary, "users");
    assert!((mean(users) - composed).abs() < 1e-9, "{composed}");
    // Each of its hops is one of the invocation's, three times.
    for hop in &db.hops {
        let of_users = users.hops.iter().find(|other| other.hop == hop.hop);
        let of_users = of_users.map_or(0.0, |other| other.mean_s);
        assert!((of_users - 3.0 * hop.mean_s).abs() < 1e-9, "{}", hop.hop);
    }
    let transport = experiment.outcome.points[0].results.workloads[0].transport;
    assert_eq!(transport.connections, 1);
    // The database is asked through the function's interface, and answers in two milliseconds.
    assert!(db.hops.iter().any(|hop| hop.hop == "lambda_interface"));
    assert!(
        (db.hops
            .iter()
            .find(|hop| hop.hop == "service")
            .unwrap()
            .mean_s
            - 0.002)
            .abs()
            < 1e-12
    );
}

/// Calls at once take as long as the longest of them.
#[test]
fn calls_in_parallel_take_as_long_as_the_longest() {
    let handler = r#"[{ call = ["request.db", "invoke.slow", "invoke.fast"] }]"#;
    let more = r#"
        [function.slow]
        runtime = "python3.12"
        memory = "128 MB"
        duration = "400 ms"
        [function.fast]
        runtime = "python3.12"
        memory = "128 MB"
        duration = "100 ms"
        [invoke.slow]
        target = "function.slow"
        [invoke.fast]
        target = "function.fast"
    "#;
    let summary = point(&scenario(handler, more), &["replications=1"]);
    let (users, slow) = (summary.workload("users"), summary.workload("slow"));
    let own_start = cold(&summary, "users") - cold(&summary, "slow");
    let composed = mean(slow) + own_start;
    assert!((mean(users) - composed).abs() < 1e-9, "{composed}");
    assert_eq!(summary.workload("fast").completed, 60);
    assert_eq!(summary.function("slow").invocations, 60);
}

/// A new environment opens a connection of its own, and takes it along when it goes, without a word:
/// the database's entry stays until it is idle for too long.
#[test]
fn each_environment_has_its_own_connections() {
    let handler = r#"[{ call = "request.db" }, { compute = "500 ms" }]"#;
    let text = scenario(handler, "");
    let edits = [
        "invoke.users.arrivals={ step = { size = 20 } }",
        r#"function.api.keep_alive="10 s""#,
    ];
    let experiment = Experiment::run("storm", &text, &edits);
    let results = &experiment.outcome.points[0].results;
    assert_eq!(results.functions[0].environments.peak, 20);
    assert_eq!(results.workloads[0].transport.connections, 20);
    // One after the other there is one environment, and one connection.
    let edits = [r#"invoke.users.arrivals={ interval = { every = "1 s" } }"#];
    let experiment = Experiment::run("calm", &text, &edits);
    let results = &experiment.outcome.points[0].results;
    assert_eq!(results.workloads[0].transport.connections, 1);
}

/// A handler whose call is refused has failed, and one that takes too long is stopped, and its
/// environment with it.
#[test]
fn handlers_fail_and_run_out_of_time() {
    let handler = r#"[{ compute = "1 ms" }, { call = "request.db" }]"#;
    let text = scenario(handler, "").replace("ports = 5432, source", "ports = 5433, source");
    let experiment = Experiment::run("refused", &text, &["request.db.expect=\"refused\""]);
    let results = &experiment.outcome.points[0].results;
    let users = &results.workloads[1];
    let error = Failure::Invoke(InvokeError::FunctionError);
    assert_eq!((users.completed, users.failed[&error]), (0, 60));

    for handler in [
        r#"[{ compute = "2 s" }, { call = "request.db" }]"#,
        r#"[{ compute = "500 ms" }, { call = "request.db" }]"#,
    ] {
        let edits = [
            r#"function.api.timeout="800 ms""#,
            r#"instance.db.service_time="10 s""#,
        ];
        let experiment = Experiment::run("timeout", &scenario(handler, ""), &edits);
        let results = &experiment.outcome.points[0].results;
        let users = results
            .workloads
            .iter()
            .find(|w| w.name == "users")
            .unwrap();
        let error = Failure::Invoke(InvokeError::FunctionTimedOut);
        assert_eq!(users.failed[&error], 60, "{handler}");
        assert_eq!(results.functions[0].cold_starts, 60, "{handler}");
    }
}

/// An invocation over the network takes its way to the Lambda API and back on top: through the
/// endpoint that the VPC has for it.
#[test]
fn an_invocation_over_the_network_takes_its_way() {
    let more = r#"
        [instance.web]
        instance_type = "m5.large"
        subnet = "private"
        security_groups = ["app"]
        [security_group.endpoint]
        vpc = "main"
        ingress = [{ protocol = "tcp", ports = 443, source = "security_group.app" }]
        [vpc_endpoint.lambda]
        vpc = "main"
        service = "lambda"
        vpc_endpoint_type = "interface"
        subnets = ["private"]
        security_groups = ["endpoint"]
        private_dns_enabled = true
        [invoke.web]
        target = "function.api"
        from = "instance.web"
        arrivals = { interval = { every = "1 s" } }
    "#;
    let summary = point(
        &scenario(r#"[{ compute = "3 ms" }, { call = "request.db" }]"#, more),
        &[],
    );
    let web = summary.workload("web");
    assert_eq!(web.completed, 60);
    let hop = |name: &str| web.hops.iter().find(|hop| hop.hop == name);
    assert!(hop("interface_endpoint").is_some());
    assert!((hop("lambda.handler").unwrap().mean_s - 0.003).abs() < 1e-12);
    let all: f64 = web.hops.iter().map(|hop| hop.mean_s).sum();
    assert!((all - mean(web)).abs() < 1e-9);
}
