//! Streams in whole scenarios: what flows get, how long they take, and what packets beside them see.

use netsim::report::WorkloadSummary;

use crate::oracles::agrees;
use crate::world::{Experiment, Measured as _, Named as _, point, shipped};

/// Bare hosts in two racks with links of 10 Gbps and 1 µs, and one spine.
const FABRIC: &str = r#"
[fabric.f]
racks = 2
hosts_per_rack = 4
spines = 1
host_link_rate = "10 Gbps"
fabric_link_rate = "40 Gbps"
link_latency = "1 us"
buffer = "1 MB"
"#;

/// A scenario whose keys of the top level come before the fabric.
fn fabric(text: &str) -> String {
    let (top, tables) = text.split_at(text.find('[').unwrap());
    [top, FABRIC, tables].concat()
}

fn close(found: f64, exact: f64, relative: f64) {
    assert!(
        (found / exact - 1.0).abs() < relative,
        "{found} is not {exact}"
    );
}

fn throughput(workload: &WorkloadSummary) -> f64 {
    workload.throughput_bps.expect("a stream has one")
}

/// Of 9001 bytes on a link without encapsulation, 8949 are payload.
const PAYLOAD: f64 = 8949.0 / 9001.0;

/// With credits that 1.25 Gbps earn in 70 minutes, which are (10 - 1.25) Gbps for 600 s: a rate above
/// 1.25 Gbps uses them up; then 1.25 Gbps.
#[test]
fn burst_credits_last_as_long_as_they_are_not_used() {
    for (flows, rate) in [(2, 6.0 / PAYLOAD), (4, 10.0), (16, 10.0)] {
        let set = format!("stream.bulk.flows={flows}");
        let experiment = Experiment::run(
            "burst_credits",
            &shipped("burst_credits"),
            &[
                &set,
                "replications=1",
                r#"profile."limit.card.credit_fill"="70 min""#,
            ],
        );
        let summary = experiment.summary();
        let bulk = summary.points[0].workload("bulk");
        let lasts = 8.75 * 600.0 / (rate - 1.25);
        let gbit = rate * lasts + 1.25 * (1800.0 - lasts);
        close(throughput(bulk), gbit * 1e9 / 1800.0 * PAYLOAD, 1e-5);
        assert_eq!(bulk.completed, flows);
        let bytes = bulk.delivered_bytes.unwrap() as f64;
        close(bytes, throughput(bulk) * 1800.0 / 8.0, 1e-12);
        assert!(summary.points[0].engine.events < 1_000);
    }
}

/// EC2 user guide: 5 Gbps for a flow between instances that are not in one cluster placement group.
#[test]
fn a_single_flow_between_instances_has_five_gigabits() {
    let edits = [
        "stream.bulk.flows=1",
        r#"stream.bulk.rate="100 Gbps""#,
        r#"duration="60 s""#,
        "replications=1",
        r#"instance.client.instance_type="m5.24xlarge""#,
    ];
    let summary = Experiment::run("t", &shipped("burst_credits"), &edits).summary();
    close(
        throughput(summary.points[0].workload("bulk")),
        5e9 * PAYLOAD,
        1e-4,
    );
}

/// One flow alone: a round trip for the handshake, slow start from ten segments, and the rest at the
/// rate of the link; by hand.
#[test]
fn a_flow_alone_takes_its_time() {
    let text = r#"
replications = 1
[stream.one]
from = "fabric.f"
to = "fabric.f"
pattern = "permutation"
size = "10 MB"
count = 1
"#;
    let point = point(&fabric(text), &["fabric.f.racks=1"]);
    let one = point.workload("one");
    // Two links: 7.2008 us for 9001 bytes on each, one of which the fluid counts; 52 bytes back.
    let (packet, back) = (9001.0 * 8.0 / 10e9, 52.0 * 8.0 / 10e9);
    let forward = 2e-6 + packet;
    let rtt = forward + 2e-6 + 2.0 * back;
    // A SYN and its answer are as small as an acknowledgement.
    let handshake = 4e-6 + 4.0 * back;
    close(one.hop("tcp.handshake"), handshake, 1e-6);
    // Ten segments take longer than a round trip: the window never limits.
    assert!(rtt + 2.0 * packet < 10.0 * packet);
    assert!(one.hop("tcp.window").abs() < 1e-15);
    let segments = (10_000_000_f64 / 8949.0).ceil();
    let transfer = (10_000_000.0 + segments * 52.0) * 8.0 / 10e9;
    close(one.hop("transfer"), transfer, 1e-9);
    close(one.hop("propagation"), forward, 1e-6);
    close(one.latency().mean, handshake + transfer + forward, 1e-6);
}

/// Everybody sends to everybody: 4 of 7 receivers are in the other rack, over 40 Gbps for 16 flows,
/// and each host has 10 Gbps for 7 flows, which is less.
#[test]
fn all_to_all_shares_the_hosts_links() {
    let text = r#"
replications = 1
duration = "1 s"
warmup = "100 ms"

[stream.shuffle]
from = "fabric.f"
to = "fabric.f"
"#;
    let summary = point(&fabric(text), &[]);
    let shuffle = summary.workload("shuffle");
    assert_eq!(
        (shuffle.sent, shuffle.completed),
        (0, 0),
        "all before the warm-up"
    );
    close(throughput(shuffle), 8.0 * 10e9 * PAYLOAD, 1e-6);
}

#[test]
fn incast_shares_the_link_of_one_receiver() {
    let text = r#"
replications = 1
[stream.query]
from = "fabric.f"
to = "fabric.f"
pattern = "incast"
size = "1 MB"
arrivals = { interval = { every = "1 s" } }
count = 70
"#;
    let summary = point(&fabric(text), &[]);
    let query = summary.workload("query");
    assert_eq!(query.completed, 70);
    let segments = (1_000_000_f64 / 8949.0).ceil();
    let transfer = 7.0 * (1_000_000.0 + segments * 52.0) * 8.0 / 10e9;
    // The two racks' round trips differ by some microseconds.
    close(query.latency().max, transfer + 35e-6, 5e-3);
}

/// Of two racks of 16 hosts, half the hosts of each send to the other rack, over 16 spines. The hash
/// gives n = 8.3 flows 16·(1 - (15/16)ⁿ) = 6.6 different uplinks of 10 Gbps on average, so that 10 % of
/// all is lost; sprayed packets have no collisions.
#[test]
fn flows_collide_where_their_hash_sends_them() {
    let text = r#"
duration = "1 s"

[stream.pairs]
from = "fabric.f"
to = "fabric.f"
pattern = "permutation"
"#;
    let total = |ecmp: &str| {
        let set = format!("fabric.f.ecmp=\"{ecmp}\"");
        let edits = [
            "fabric.f.spines=16",
            "fabric.f.hosts_per_rack=16",
            r#"fabric.f.fabric_link_rate="10 Gbps""#,
            "replications=20",
            &set,
        ];
        throughput(point(&fabric(text), &edits).workload("pairs"))
    };
    let all = 32.0 * 10e9 * PAYLOAD;
    assert!(total("per_packet") > 0.995 * all);
    let hashed = total("per_flow");
    assert!((0.88 * all..0.92 * all).contains(&hashed), "{hashed}");
}

/// Flows at random over one link, with windows that do not grow, are processor sharing: a flow is 1/(1-ρ) times as long as alone.
#[test]
fn flows_at_random_slow_each_other_down_as_processor_sharing_does() {
    let text = r#"
replications = 8
[stream.web]
from = "fabric.f"
to = "fabric.f"
pattern = "permutation"
size = "10 MB"
window = "89490 B"
load = "50 %"
count = 4000
"#;
    let edits = ["fabric.f.racks=1", "fabric.f.hosts_per_rack=2"];
    let summary = point(&fabric(text), &edits);
    let web = summary.workload("web");
    let latency = web.latency();
    let [low, high] = latency.mean_ci95.unwrap();
    // Headers and the round trips are not part of the theory.
    let segments = (10_000_000_f64 / 8949.0).ceil();
    let alone = (10_000_000.0 + segments * 52.0) * 8.0 / 10e9;
    let load = 0.5 * alone / (10_000_000.0 * 8.0 / 10e9);
    let exact = alone / (1.0 - load) + web.hop("tcp.handshake") + web.hop("propagation");
    agrees("mean completion", latency.mean, (high - low) / 4.7, exact);
}

/// CUBIC keeps the drop-tail queue in front of a full link between 70 % and 100 % full; packets queue
/// behind that. A link that is half used makes them wait for half a segment on average.
#[test]
fn packets_queue_behind_streams() {
    let text = r#"
replications = 1
duration = "100 ms"

[stream.bulk]
from = "fabric.f"
to = "fabric.f"
pattern = "permutation"

[datagram.probe]
from = "fabric.f"
to = "fabric.f"
size = "100 B"
arrivals = { poisson = { rate = "1000/s" } }
"#;
    let mean = |edits: &[&str]| {
        let edits = [edits, &["fabric.f.racks=1", "fabric.f.hosts_per_rack=2"]].concat();
        let summary = point(&fabric(text), &edits);
        (
            summary.workload("probe").hop("fabric.host_link.queue"),
            throughput(summary.workload("bulk")),
        )
    };
    let (standing, full) = mean(&[]);
    // The host's link holds the queue, 85 % of 1 MB; to the receiver's, segments come at its rate, and
    // half of one is ahead on average.
    let segment = 9001.0 * 8.0 / 10e9;
    close(standing, 0.85 * 8e6 / 10e9 + segment / 2.0, 0.02);
    close(full, 2.0 * 10e9 * PAYLOAD, 2e-3);
    let (waiting, _) = mean(&[r#"stream.bulk.rate="5 Gbps""#]);
    let used = 0.5 / PAYLOAD;
    close(waiting, 2.0 * segment * used / (2.0 * (1.0 - used)), 0.05);
}

/// Packets and streams draw on one credit: what datagrams take is missing at the end.
#[test]
fn packets_and_streams_share_burst_credits() {
    let text = r#"
[datagram.beside]
from = "instance.client"
to = "instance.server"
port = 5201
size = "1250 B"
arrivals = { interval = { every = "100 us" } }
expect = "either"
"#;
    let edits = [
        r#"profile."limit.card.burst_min"="1 s""#,
        r#"profile."limit.card.credit_fill"="1 ms""#,
        r#"duration="10 s""#,
        "replications=1",
        "stream.bulk.flows=2",
        r#"security_group.server.ingress=[{ protocol = "all", source = "0.0.0.0/0" }]"#,
    ];
    let scenario = shipped("burst_credits").replace("[sweep]\n\"stream.bulk.flows\" = [2, 4]", "");
    let without = point(&scenario, &edits);
    let with = point(&[scenario.as_str(), text].concat(), &edits);
    let (without, with) = (without.workload("bulk"), with.workload("bulk"));
    // 0.1 Gbps of datagrams for the 8.75 Gbit of credits: the drain is 4.785 + 0.1 Gbps.
    let gbit = |drain: f64| {
        let lasts = 8.75 / drain;
        (6.0 / PAYLOAD) * lasts + 1.25 * (10.0 - lasts)
    };
    let drain = 6.0 / PAYLOAD - 1.25;
    close(throughput(without), gbit(drain) * 1e8 * PAYLOAD, 1e-3);
    close(throughput(with), gbit(drain + 0.1) * 1e8 * PAYLOAD, 1e-2);
    assert!(throughput(with) < throughput(without));
}

#[test]
fn a_stream_that_is_refused_moves_nothing() {
    let summary = Experiment::run(
        "t",
        &shipped("burst_credits"),
        &["stream.bulk.port=80", "stream.bulk.flows=1"],
    )
    .summary();
    let bulk = summary.points[0].workload("bulk");
    assert_eq!((bulk.sent, bulk.completed), (5, 0));
    assert!(bulk.refusal.is_some());
}

/// Twenty replications of random flows, on one thread and on several.
#[test]
fn flows_are_the_same_on_any_number_of_threads() {
    let text = r#"
replications = 20

[stream.rpc]
from = "fabric.f"
to = "fabric.f"
sizes = "hadoop"
load = "60 %"
count = 300

[stream.fan-in]
from = "fabric.f"
to = "fabric.f"
pattern = "incast"
flows = 3
size = "100 kB"
arrivals = { poisson = { rate = "2000/s" } }
count = 200
"#;
    let [one, several] =
        [1, 4].map(|jobs| Experiment::run_on(jobs, "t", &fabric(text), &[]).summary());
    assert_eq!(one.to_json(), several.to_json());
    assert_eq!(one.points[0].workload("fan-in").completed, 20 * 200);
}
