//! Messages about syntax, values, references and networks, in groups of one snapshot each.

use std::fmt::Write as _;

use super::case::Case::{Becomes, More, Set, Whole};
use super::case::{RIGHT, shows};
use super::told;

#[test]
fn nothing_is_wrong_with_the_right_one() {
    assert_eq!(told(RIGHT, &[], &[]), "(it runs)\n");
}

#[test]
fn syntax() {
    shows(
        "syntax",
        &[
            (
                "several at once",
                Whole("title = \n[vpc.main\ncidr_block = 10.0.0.0/16\n"),
            ),
            (
                "a string that does not end",
                Whole("title = \"Right\nduration = \"1 s\"\n"),
            ),
            (
                "a key twice",
                Becomes(
                    "duration = \"1 s\"",
                    "duration = \"1 s\"\nduration = \"2 s\"",
                ),
            ),
            (
                "a table twice",
                More("[vpc.main]\ncidr_block = \"10.1.0.0/16\""),
            ),
            ("an empty file", Whole("")),
            ("garbage", Whole("\u{0}\u{1}ELF\u{fffd}\u{7f}")),
        ],
    );
}

#[test]
fn values() {
    shows(
        "values",
        &[
            ("an unknown key", Becomes("instance_type", "instance_typ")),
            ("an unknown key at the top", Becomes("title", "titel")),
            ("an unknown table", More("[lambdas.f]\nmemory = \"128 MB\"")),
            ("a bad unit", Becomes("10 ms", "10 mms")),
            ("a bare number", Becomes("\"10 ms\"", "10")),
            ("a number without a unit", Becomes("10 ms", "10")),
            (
                "a missing key",
                Becomes("instance_type = \"m5.xlarge\"\n", ""),
            ),
            (
                "missing keys",
                Becomes("from = \"instance.client\"\nto = \"instance.server\"\n", ""),
            ),
            (
                "a list for a name",
                Becomes("subnet = \"private-a\"", "subnet = [\"private-a\"]"),
            ),
            (
                "a name for a list",
                Becomes("security_groups = [\"all\"]", "security_groups = \"all\""),
            ),
            ("a bad block", Becomes("10.0.0.0/16", "10.0.0.0/33")),
            ("host bits", Becomes("10.0.0.0/16", "10.0.0.1/16")),
            (
                "an unknown protocol",
                Becomes("\"all\", source", "\"tpc\", source"),
            ),
            (
                "a port too large",
                Becomes("\"all\", source", "\"tcp\", ports = 70000, source"),
            ),
            (
                "ports the wrong way",
                Becomes("\"all\", source", "\"tcp\", ports = \"9-8\", source"),
            ),
            ("a negative seed", Set("seed=-1")),
            ("no replications", Set("replications=0")),
            ("a negative time", Set("duration=\"-1 s\"")),
            (
                "two distributions",
                Set(
                    "instance.server.service_time={ exponential = { mean = \"1 ms\" }, uniform = { min = \"1 ms\", max = \"2 ms\" } }",
                ),
            ),
            (
                "an unknown distribution",
                Set("instance.server.service_time={ exponental = { mean = \"1 ms\" } }"),
            ),
            (
                "a distribution without its parameters",
                Set("instance.server.service_time={ lognormal = { p50 = \"1 ms\" } }"),
            ),
            (
                "a lognormal the wrong way",
                Set(
                    "instance.server.service_time={ lognormal = { p50 = \"5 ms\", p99 = \"1 ms\" } }",
                ),
            ),
        ],
    );
}

#[test]
fn references() {
    shows(
        "references",
        &[
            (
                "to a subnet",
                Becomes("subnet = \"private-a\"", "subnet = \"privat-a\""),
            ),
            (
                "to a group",
                Becomes(
                    "security_groups = [\"all\"]",
                    "security_groups = [\"al\", \"web\"]",
                ),
            ),
            (
                "to an instance",
                Becomes("to = \"instance.server\"", "to = \"instance.sever\""),
            ),
            (
                "of a wrong kind",
                Becomes("to = \"instance.server\"", "to = \"subnet.private-a\""),
            ),
            (
                "to a zone",
                Becomes("\"us-east-1a\"\ncidr", "\"us-east-1c\"\ncidr"),
            ),
            (
                "to a VPC",
                Becomes(
                    "[subnet.public-a]\nvpc = \"main\"",
                    "[subnet.public-a]\nvpc = \"mian\"",
                ),
            ),
            (
                "to a route table",
                Becomes("route_table = \"public\"", "route_table = \"pubic\""),
            ),
            (
                "to a target",
                Becomes(
                    "target = \"internet_gateway.main\"",
                    "target = \"internet_gateway.man\"",
                ),
            ),
            (
                "to a target of no kind",
                Becomes("target = \"internet_gateway.main\"", "target = \"main\""),
            ),
            (
                "from a rule to a group",
                Becomes(
                    "source = \"10.0.0.0/16\"",
                    "source = \"security_group.alb\"",
                ),
            ),
            (
                "from a rule to nothing",
                Becomes(", source = \"10.0.0.0/16\"", ""),
            ),
            (
                "a rule the wrong way",
                Becomes("source = \"10.0.0.0/16\"", "destination = \"10.0.0.0/16\""),
            ),
            (
                "to something with a mistake of its own",
                Becomes(
                    "cidr_block = \"10.0.16.0/28\"",
                    "cidr_block = \"10.0.16.0/99\"",
                ),
            ),
            ("to an instance type", Becomes("m5.xlarge", "m5.xlrage")),
            (
                "to a runtime",
                More(
                    "[function.f]\nruntime = \"python3.99\"\nmemory = \"128 MB\"\nduration = \"1 ms\"",
                ),
            ),
            (
                "to a function",
                More(
                    "[invoke.users]\ntarget = \"function.g\"\narrivals = { poisson = { rate = \"1/s\" } }",
                ),
            ),
            (
                "to a service",
                More(
                    "[request.api]\nfrom = \"instance.client\"\nto = \"service.s4\"\nport = 443\nconnection = \"new\"\narrivals = { poisson = { rate = \"1/s\" } }",
                ),
            ),
            (
                "to a figure",
                More("[profile]\n\"fabric.link_latncy\" = \"1 us\"\n\"fabric.racks\" = \"many\""),
            ),
        ],
    );
}

#[test]
fn networks() {
    shows(
        "networks",
        &[
            ("subnets overlap", Becomes("10.0.16.0/28", "10.0.8.0/24")),
            (
                "a subnet outside its VPC",
                Becomes("10.0.16.0/28", "10.1.16.0/28"),
            ),
            (
                "a subnet too small",
                Becomes("10.0.16.0/28", "10.0.16.0/29"),
            ),
            (
                "a VPC too large",
                Becomes(
                    "cidr_block = \"10.0.0.0/16\"",
                    "cidr_block = \"10.0.0.0/8\"",
                ),
            ),
            (
                "two internet gateways",
                More("[internet_gateway.other]\nvpc = \"main\""),
            ),
            (
                "a gateway endpoint for a service without one",
                More(
                    "[vpc_endpoint.q]\nvpc = \"main\"\nservice = \"sqs\"\nvpc_endpoint_type = \"gateway\"\nroute_tables = [\"public\"]",
                ),
            ),
            (
                "an endpoint of no kind",
                More(
                    "[vpc_endpoint.q]\nvpc = \"main\"\nservice = \"sqs\"\nvpc_endpoint_type = \"gatway\"",
                ),
            ),
            (
                "an interface endpoint in no subnet",
                More(
                    "[vpc_endpoint.q]\nvpc = \"main\"\nservice = \"sqs\"\nvpc_endpoint_type = \"interface\"",
                ),
            ),
            (
                "an address outside the subnet",
                Set("instance.client.private_ip=\"10.0.17.1\""),
            ),
            (
                "a reserved address",
                Set("instance.client.private_ip=\"10.0.16.1\""),
            ),
            (
                "an address taken",
                More(
                    "[instance.a]\ninstance_type = \"m5.xlarge\"\nsubnet = \"private-a\"\nprivate_ip = \"10.0.16.9\"\n[instance.b]\ninstance_type = \"m5.xlarge\"\nsubnet = \"private-a\"\nprivate_ip = \"10.0.16.9\"",
                ),
            ),
            ("no address left", More(&instances(10))),
            (
                "a function in a VPC without subnets",
                More(
                    "[function.f]\nruntime = \"python3.12\"\nmemory = \"128 MB\"\nduration = \"1 ms\"\nvpc_attachment = \"hyperplane\"",
                ),
            ),
            (
                "things of two VPCs",
                More(
                    "[vpc.other]\ncidr_block = \"10.9.0.0/16\"\n[security_group.other]\nvpc = \"other\"\n[instance.x]\ninstance_type = \"m5.large\"\nsubnet = \"private-a\"\nsecurity_groups = [\"other\"]",
                ),
            ),
        ],
    );
}

/// So many instances, one more than the subnet has room for together with the two that are there.
fn instances(count: u32) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = writeln!(
            text,
            "[instance.i{number}]\ninstance_type = \"m5.large\"\nsubnet = \"private-a\""
        );
        text
    })
}
