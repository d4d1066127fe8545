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
