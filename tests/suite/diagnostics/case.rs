//! Mistakes, made in a scenario that has none.

use std::fmt::Write as _;

use super::told;

/// A scenario without a mistake, in which the cases make theirs.
pub(super) const RIGHT: &str = r#"title = "Right"
duration = "1 s"

[region]
name = "us-east-1"
availability_zones = ["us-east-1a", "us-east-1b"]

[vpc.main]
cidr_block = "10.0.0.0/16"

[subnet.public-a]
vpc = "main"
availability_zone = "us-east-1a"
cidr_block = "10.0.0.0/20"
route_table = "public"

[subnet.private-a]
vpc = "main"
availability_zone = "us-east-1a"
cidr_block = "10.0.16.0/28"

[internet_gateway.main]
vpc = "main"

[nat_gateway.a]
subnet = "public-a"

[route_table.public]
vpc = "main"
routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]

[security_group.all]
vpc = "main"
ingress = [{ protocol = "all", source = "10.0.0.0/16" }]

[instance.client]
instance_type = "m5.xlarge"
subnet = "private-a"
security_groups = ["all"]

[instance.server]
instance_type = "m5.xlarge"
subnet = "private-a"
security_groups = ["all"]

[ping.probe]
from = "instance.client"
to = "instance.server"
arrivals = { interval = { every = "10 ms" } }
"#;

/// A mistake.
pub(super) enum Case<'a> {
    /// The first text in the right scenario becomes the second.
    Becomes(&'a str, &'a str),
    /// More at the end.
    More(&'a str),
    /// A scenario of its own.
    Whole(&'a str),
    /// An option `--set`.
    Set(&'a str),
    /// An option `--sweep`.
    Sweep(&'a str),
}

use Case::{Becomes, More, Set, Sweep, Whole};

impl Case<'_> {
    fn told(&self) -> String {
        match self {
            Becomes(right, wrong) => {
                assert!(RIGHT.contains(right), "{right}");
                told(&RIGHT.replacen(right, wrong, 1), &[], &[])
            }
            More(text) => told(&format!("{RIGHT}\n{text}"), &[], &[]),
            Whole(text) => told(text, &[], &[]),
            Set(set) => told(RIGHT, &[set], &[]),
            Sweep(sweep) => told(RIGHT, &[], &[sweep]),
        }
    }
}

/// Holds what a user is told in every case, under the name of each, to the snapshot `name`.
pub(super) fn shows(name: &str, cases: &[(&str, Case<'_>)]) {
    insta::assert_snapshot!(name, all(cases));
}

fn all(cases: &[(&str, Case<'_>)]) -> String {
    cases.iter().fold(String::new(), |mut text, (name, case)| {
        let _ = writeln!(text, "=== {name}\n{}", case.told());
        text
    })
}
