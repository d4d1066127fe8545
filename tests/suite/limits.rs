//! Documented limits, exactly, in whole scenarios: the last connection that gets a port and the first
//! that does not, the last second of an idle connection, the last packet of an allowance.

use crate::world::{Named, point};

/// A private subnet with a NAT gateway, an instance and a function in it.
fn vpc(workload: &str) -> String {
    format!(
        r#"
        duration = "1 h"
        replications = 1

        [tcp]
        syn_retries = 0

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
        cidr_block = "10.0.0.0/20"
        route_table = "public"

        [subnet.private]
        vpc = "main"
        availability_zone = "us-east-1a"
        cidr_block = "10.0.16.0/20"
        route_table = "private"

        [route_table.public]
        vpc = "main"
        routes = [{{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }}]

        [route_table.private]
        vpc = "main"
        routes = [{{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.a" }}]

        [nat_gateway.a]
        subnet = "public"

        [security_group.any]
        vpc = "main"
        ingress = [{{ protocol = "all", source = "0.0.0.0/0" }}]
        egress = [{{ protocol = "all", destination = "0.0.0.0/0" }}]

        [instance.client]
        instance_type = "m6i.32xlarge"
        subnet = "private"
        security_groups = ["any"]

        [instance.server]
        instance_type = "m6i.32xlarge"
        subnet = "private"
        security_groups = ["any"]

        [function.sender]
        runtime = "python3.12"
        memory = "1024 MB"
        subnets = ["private"]
        security_groups = ["any"]
        vpc_attachment = "hyperplane_prewarmed"
        duration = "1 ms"

        {workload}
        "#
    )
}

/// Connections that stay open, one every 100 µs: each request comes before the answer to the one
/// before it is there.
fn connections(from: &str, to: &str, count: u32) -> String {
    vpc(&format!(
        r#"
        [request.opened]
        from = "{from}"
        to = "{to}"
        port = 443
        connection = "new"
        timeout = "30 min"
        count = {count}
        arrivals = {{ interval = {{ every = "20 us" }} }}
        "#
    ))
}

/// "A NAT gateway can support up to 55,000 simultaneous connections to each unique destination."
/// (Amazon VPC user guide, NAT gateways, 2023.) All come within the minute for which the ports of
/// closed connections are held.
#[test]
fn the_55_001st_connection_finds_no_port() {
    let run = |count| point(&connections("instance.client", "internet", count), &[]);
    let enough = run(55_000);
    let opened = enough.workload("opened");
    assert_eq!((opened.completed, opened.failed.len()), (55_000, 0));
    let one_more = run(55_001);
    let opened = one_more.workload("opened");
    assert_eq!(opened.completed, 55_000);
    assert_eq!(opened.failed["dropped:ErrorPortAllocation"], 1);
    let nat = &one_more.resources["nat_gateway.a"];
    assert_eq!(nat["ErrorPortAllocation"].value, 1);
}

/// "Each Hyperplane ENI supports 65,000 connections/ports"; then Lambda adds another. (AWS Lambda
/// developer guide, VPC networking, 2026.)
#[test]
fn the_65_001st_connection_needs_another_interface_of_lambda() {
    let run = |count| {
        let text = connections("function.sender", "instance.server", count);
        let results = point(&text, &[]);
        let opened = results.workload("opened");
        assert_eq!(
            (opened.completed, opened.failed.len()),
            (u64::from(count), 0)
        );
        let mut interfaces = results.resources.iter();
        let lambda = interfaces.find_map(|(name, metrics)| {
            name.contains("sender")
                .then(|| metrics["NetworkInterfaces"].value)
        });
        lambda.expect("the function's interface is counted")
    };
    assert_eq!(run(65_000), 1);
    assert_eq!(run(65_001), 2);
}

/// A connection through a NAT gateway that is idle for 350 seconds is forgotten, and what comes then
/// is answered with a RST (Amazon VPC user guide, "Troubleshoot NAT gateways", 2023).
#[test]
fn a_nat_gateway_forgets_after_350_seconds() {
    let polls = |every: &str| {
        let text = vpc(&format!(
            r#"
            [request.poll]
            from = "instance.client"
            to = "internet"
            port = 443
            connection = "keep_alive"
            count = 4
            arrivals = {{ interval = {{ every = "{every}" }} }}
            "#
        ));
        point(&text, &[])
    };
    // The last packet of an answer, its acknowledgement, follows the request by less than a second.
    let kept = polls("350 s");
    let poll = kept.workload("poll");
    assert_eq!(
        (poll.completed, poll.transport.unwrap().connections),
        (4, 1)
    );
    let forgotten = polls("351 s");
    let poll = forgotten.workload("poll");
    assert_eq!((poll.completed, poll.failed["reset"]), (2, 2));
    assert_eq!(poll.transport.unwrap().connections, 2);
    assert_eq!(
        forgotten.resources["nat_gateway.a"]["IdleTimeoutCount"].value,
        2
    );
}

/// 1,024 packets per second to link-local services from each network interface (Amazon VPC user guide,
/// quotas, 2023).
#[test]
fn a_second_has_1024_link_local_packets() {
    // Chance in the guest and in the card would bring some packets closer together than they were sent.
    let steady = [
        r#"profile."guest.send"="5 us""#,
        r#"profile."nitro.egress_first"="8 us""#,
    ];
    let queries = |every: &str| {
        let text = vpc(&format!(
            r#"
            [request.query]
            from = "instance.client"
            to = "resolver"
            port = 53
            protocol = "udp"
            count = 10240
            arrivals = {{ interval = {{ every = "{every}" }} }}
            "#
        ));
        point(&text, &steady)
    };
    // A second holds 1,024 of them exactly.
    let within = queries("976.5625 us");
    assert_eq!(within.workload("query").completed, 10_240);
    let above = queries("970 us");
    let query = above.workload("query");
    let dropped = query.failed["dropped:linklocal_allowance_exceeded"];
    // 1,030.9 come in each of almost ten seconds, and 1,024 pass.
    assert!(
        (60..=75).contains(&dropped),
        "{dropped} of {} dropped",
        query.sent
    );
    let counted = above.resources["instance.client"]["linklocal_allowance_exceeded"].value;
    assert_eq!(counted, dropped);
}

/// What opens a connection every 3 s and holds it for 10 s, at a server that accepts three.
fn three_places(retry: &str) -> netsim::report::PointSummary {
    let text = vpc(&format!(
        r#"
        [request.query]
        from = "instance.client"
        to = "instance.server"
        port = 5432
        connection = "new"
        count = 8
        arrivals = {{ interval = {{ every = "3 s" }} }}
        {retry}
        "#
    ));
    let server = [
        "instance.server.max_connections=3",
        "instance.server.service_time=\"10 s\"",
    ];
    point(&text, &server)
}

/// Of connections opened at 0, 3, 6, … s, the fourth finds three that are open, and so does the eighth;
/// the fifth takes the place of the first, which was closed at 10 s.
#[test]
fn the_connection_beyond_max_connections_gets_a_rst_and_one_that_closes_makes_room() {
    let results = three_places("");
    let query = results.workload("query");
    assert_eq!((query.completed, query.sent), (6, 8));
    assert_eq!(query.failed["refused:max_connections"], 2);
    assert_eq!(query.failed.len(), 1);
    assert_eq!(query.transport.unwrap().resets, 2);
    // At once, not when a timer ends.
    assert_eq!(query.transport.unwrap().timeouts, 0);
    let server = &results.resources["instance.server"];
    assert_eq!(server["DatabaseConnections"].value, 3);
    assert_eq!(server["RejectedConnectionCount"].value, 2);
}

#[test]
fn who_tries_again_finds_a_place_when_one_is_free() {
    let results = three_places("retry = { attempts = 10, backoff = \"1 s\" }");
    let query = results.workload("query");
    assert_eq!((query.completed, query.failed.len()), (8, 0));
    let server = &results.resources["instance.server"];
    assert_eq!(server["DatabaseConnections"].value, 3);
    assert_eq!(
        server["RejectedConnectionCount"].value,
        query.transport.unwrap().retries
    );
}

/// The interface of a managed database has a limit like an instance.
#[test]
fn a_database_behind_an_interface_of_its_own_has_a_limit() {
    let text = vpc(r#"
        [network_interface.db]
        subnet = "private"
        security_groups = ["any"]
        max_connections = 1

        [request.first]
        from = "instance.client"
        to = "network_interface.db"
        port = 5432
        connection = "keep_alive"
        count = 1
        arrivals = { interval = { every = "1 s" } }

        [request.second]
        from = "instance.server"
        to = "network_interface.db"
        port = 5432
        connection = "new"
        count = 2
        arrivals = { interval = { every = "5 s" } }
        "#);
    let results = point(&text, &[]);
    assert_eq!(results.workload("first").completed, 1);
    let second = results.workload("second");
    assert_eq!(
        (
            second.completed,
            second.failed.get("refused:max_connections")
        ),
        (0, Some(&2))
    );
    let database = &results.resources["network_interface.db"];
    assert_eq!(database["DatabaseConnections"].value, 1);
    assert_eq!(database["RejectedConnectionCount"].value, 2);
}
