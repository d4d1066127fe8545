//! What holds in every scenario: nothing is lost unnoticed, parts sum to wholes, and security groups
//! are sets that only ever allow.

use std::fmt::Write as _;

use netsim::report::WorkloadSummary;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::world::{Named, point};

/// Two zones with a subnet each, in which everything may talk to everything.
const NETWORK: &str = r#"
[region]
name = "us-east-1"
availability_zones = ["us-east-1a", "us-east-1b"]

[vpc.main]
cidr_block = "10.0.0.0/16"

[subnet.a]
vpc = "main"
availability_zone = "us-east-1a"
cidr_block = "10.0.0.0/24"

[subnet.b]
vpc = "main"
availability_zone = "us-east-1b"
cidr_block = "10.0.1.0/24"
"#;

/// A fabric whose links are slow and whose buffers are short, so that packets wait and are dropped.
fn narrow(buffer_kb: u32) -> String {
    ["us-east-1a", "us-east-1b"].map(|zone| {
        format!(
            "[fabric.{zone}]\nracks = 2\nhosts_per_rack = 2\nspines = 2\nhost_link_rate = \"1 Gbps\"\n\
             fabric_link_rate = \"2 Gbps\"\nbuffer = \"{buffer_kb} kB\"\n"
        )
    })
    .concat()
}

fn instance() -> impl Strategy<Value = String> {
    let kind = select(&["m5.large", "m5.4xlarge", "c5.xlarge"][..]);
    let subnet = select(&["a", "b"][..]);
    let place = select(
        &[
            "",
            "placement = { rack = 1, host = 1 }",
            "placement = { rack = 2 }",
        ][..],
    );
    let servers = select(&["", "servers = 1", "servers = 3"][..]);
    (kind, subnet, place, servers).prop_map(|(kind, subnet, place, servers)| {
        format!(
            "instance_type = \"{kind}\"\nsubnet = \"{subnet}\"\n{place}\n{servers}\n\
             service_time = {{ exponential = {{ mean = \"200 us\" }} }}\n"
        )
    })
}

/// A workload without its ends: its kind, and its keys.
fn workload() -> impl Strategy<Value = (&'static str, String)> {
    let arrivals = prop_oneof![
        (1_u32..40).prop_map(|n| format!("poisson = {{ rate = \"{}/s\" }}", n * 500)),
        (50_u32..900).prop_map(|us| format!("interval = {{ every = \"{us} us\" }}")),
        (1_u32..30).prop_map(|size| format!("burst = {{ rate = \"400/s\", size = {size} }}")),
    ];
    let keys = prop_oneof![
        (28_u32..9001).prop_map(|size| ("ping", format!("size = \"{size} B\""))),
        (1_u32..9001).prop_map(|size| ("datagram", format!("size = \"{size} B\""))),
        (
            select(&["new", "keep_alive"][..]),
            select(&["none", "1.2", "1.2_resumed", "1.3", "1.3_0rtt"][..]),
            1_u32..60_000,
        )
            .prop_map(|(connection, tls, size)| {
                let keys = format!(
                    "port = 443\nconnection = \"{connection}\"\ntls = \"{tls}\"\n\
                     response_size = \"{size} B\""
                );
                ("request", keys)
            }),
    ];
    (keys, arrivals)
        .prop_map(|((kind, keys), arrivals)| (kind, format!("{keys}\narrivals = {{ {arrivals} }}")))
}

fn scenario() -> impl Strategy<Value = String> {
    let instances = vec(instance(), 2..4);
    let workloads = vec((workload(), 0_usize..3, 0_usize..2), 1..4);
    (instances, workloads, 10_u32..100, 1_u32..1000).prop_map(
        |(instances, workloads, buffer, seed)| {
            let mut text = format!(
                "seed = {seed}\nduration = \"20 ms\"\nwarmup = \"2 ms\"\nreplications = 2\n\
                 allow_overload = true\n{NETWORK}\n{}",
                narrow(buffer)
            );
            let count = instances.len();
            for (number, keys) in instances.iter().enumerate() {
                let _ = writeln!(text, "[instance.i{number}]\n{keys}");
            }
            for (number, ((kind, keys), from, step)) in workloads.iter().enumerate() {
                let from = from % count;
                let to = (from + 1 + step % (count - 1)) % count;
                let _ = writeln!(
                    text,
                    "[{kind}.w{number}]\nfrom = \"instance.i{from}\"\nto = \"instance.i{to}\"\n{keys}"
                );
            }
            text
        },
    )
}

fn consistent(workload: &WorkloadSummary) -> Result<(), TestCaseError> {
    let failed: u64 = workload.failed.values().sum();
    prop_assert_eq!(workload.sent, workload.completed + failed);
    let Some(latency) = &workload.latency_s else {
        prop_assert_eq!(workload.completed, 0);
        return Ok(());
    };
    let parts: f64 = workload.hops.iter().map(|hop| hop.mean_s).sum();
    prop_assert!(
        (parts / latency.mean - 1.0).abs() < 1e-9,
        "{} {}",
        parts,
        latency.mean
    );
    let shares: f64 = workload.hops.iter().map(|hop| hop.share).sum();
    prop_assert!((shares - 1.0).abs() < 1e-9);
    let slowest: f64 = workload.hops.iter().map(|hop| hop.share_slowest_1pct).sum();
    prop_assert!((slowest - 1.0).abs() < 1e-9);
    let order = [
        latency.min,
        latency.p50,
        latency.p90,
        latency.p95,
        latency.p99,
        latency.p99_9,
        latency.max,
    ];
    prop_assert!(order.is_sorted(), "{:?}", order);
    prop_assert!(latency.min <= latency.mean && latency.mean <= latency.max);
    Ok(())
}

/// A rule of a security group in TOML, without its peer's key.
fn rule() -> impl Strategy<Value = (String, &'static str)> {
    let what = select(
        &[
            "protocol = \"tcp\", ports = 443",
            "protocol = \"tcp\", ports = \"400-500\"",
            "protocol = \"tcp\", ports = 80",
            "protocol = \"tcp\"",
            "protocol = \"udp\", ports = 443",
            "protocol = \"icmp\"",
            "protocol = \"all\"",
        ][..],
    );
    let peer = select(
        &[
            "0.0.0.0/0",
            "10.0.0.0/24",
            "10.0.1.0/24",
            "192.168.0.0/16",
            "security_group.client",
            "security_group.server",
        ][..],
    );
    (what, peer).prop_map(|(what, peer)| (what.to_owned(), peer))
}

type Rules = Vec<(String, &'static str)>;

/// Whether a client's requests reach a server; the groups have these rules.
fn reaches(ingress: &Rules, egress: &Rules) -> bool {
    let list = |rules: &Rules, key: &str| {
        let one = |(what, peer): &(String, &str)| format!("{{ {what}, {key} = \"{peer}\" }}");
        rules.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let text = format!(
        r#"
        replications = 1
        {NETWORK}
        [security_group.client]
        vpc = "main"
        egress = [{}]

        [security_group.server]
        vpc = "main"
        ingress = [{}]

        [instance.client]
        instance_type = "m5.large"
        subnet = "a"
        security_groups = ["client"]

        [instance.server]
        instance_type = "m5.large"
        subnet = "b"
        security_groups = ["server"]

        [request.probe]
        from = "instance.client"
        to = "instance.server"
        port = 443
        connection = "new"
        count = 1
        arrivals = {{ interval = {{ every = "1 s" }} }}
        "#,
        list(egress, "destination"),
        list(ingress, "source"),
    );
    let point = point(&text, &[]);
    let probe = point.workload("probe");
    assert_eq!(probe.refusal.is_none(), probe.completed == 1);
    probe.completed == 1
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_sent_completes_or_fails_and_parts_sum_to_wholes(text in scenario()) {
        for workload in point(&text, &[]).workloads.values() {
            consistent(workload)?;
        }
    }

    #[test]
    fn the_order_of_rules_does_not_matter_and_more_rules_never_refuse(
        (ingress, some_ingress, shuffled_ingress) in rules(),
        (egress, some_egress, shuffled_egress) in rules(),
    ) {
        let all = reaches(&ingress, &egress);
        prop_assert_eq!(all, reaches(&shuffled_ingress, &shuffled_egress));
        if reaches(&some_ingress, &some_egress) {
            prop_assert!(all);
        }
    }
}

/// Rules, some of them, and all of them in another order.
fn rules() -> impl Strategy<Value = (Rules, Rules, Rules)> {
    vec(rule(), 1..6).prop_flat_map(|rules| {
        let count = rules.len();
        (
            Just(rules.clone()),
            subsequence(rules.clone(), 0..=count),
            Just(rules).prop_shuffle(),
        )
    })
}

/// The scenarios above do drop packets and fill queues: the properties are not tested on idle ones.
#[test]
fn narrow_fabrics_drop() {
    let text = format!(
        "duration = \"20 ms\"\nreplications = 1\n{NETWORK}\n{}\n\
         [instance.i0]\ninstance_type = \"m5.large\"\nsubnet = \"a\"\n\
         [instance.i1]\ninstance_type = \"m5.large\"\nsubnet = \"a\"\n\
         placement = {{ spread_from = \"instance.i0\" }}\n\
         [datagram.w]\nfrom = \"instance.i0\"\nto = \"instance.i1\"\nsize = \"9000 B\"\n\
         arrivals = {{ poisson = {{ rate = \"19500/s\" }} }}\n",
        narrow(20)
    );
    let results = point(&text, &[]);
    let datagrams = results.workload("w");
    assert!(
        datagrams.failed["dropped:fabric.host_link"] > 50,
        "{:?}",
        datagrams.failed
    );
    assert!(datagrams.completed > 50);
}
