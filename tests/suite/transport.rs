//! Requests over TCP and TLS: round trips, store-and-forward, and waiting for a server, each where
//! the exact answer is known.
//!
//! Two zones with nothing between them but the delay of their link: all other latencies are zero.
//! What is left is serialisation, which is counted to the picosecond.

use std::fmt::Write as _;

use crate::oracles::agree;
use crate::world::{Experiment, Measured, Named, point};

/// Between client and server: two links to a spine and the border, the zones' own, and two down.
const LINKS: u64 = 5;
/// Bytes of IP and TCP headers with the timestamp option in each segment.
const HEADERS: u64 = 52;
/// The allowance of a c6in.32xlarge, at which its card sends.
const CARD_GBPS: u64 = 200;
/// The largest IP packet in a VPC.
const MTU: u64 = 9001;

/// A client in one zone and a server in the other, with rates in Gbps.
pub(crate) fn zones(
    link_gbps: u64,
    zone_gbps: u64,
    delay: &str,
    server: &str,
    workload: &str,
) -> String {
    let zero = [
        "guest.send",
        "guest.receive",
        "nitro.egress_first",
        "nitro.egress_cached",
        "nitro.ingress_first",
        "nitro.ingress_cached",
        "tls.client_compute",
        "tls.server_compute",
        "fabric.link_latency",
    ];
    let mut profile = String::new();
    for figure in zero {
        let _ = writeln!(profile, "\"{figure}\" = \"0 s\"");
    }
    format!(
        r#"
        duration = "10 s"
        replications = 1

        [region]
        name = "us-east-1"
        availability_zones = ["us-east-1a", "us-east-1b"]

        [profile]
        {profile}
        "nitro.encapsulation" = "0 B"
        "limit.card.flow_rate" = "100000 Gbps"
        "fabric.host_link_rate" = "{link_gbps} Gbps"
        "fabric.fabric_link_rate" = "{link_gbps} Gbps"
        "fabric.zone_link_rate" = "{zone_gbps} Gbps"
        "fabric.zone_link_latency" = "{delay}"

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

        [instance.client]
        instance_type = "c6in.32xlarge"
        subnet = "a"

        [instance.server]
        instance_type = "c6in.32xlarge"
        subnet = "b"
        {server}

        [request.probe]
        from = "instance.client"
        to = "instance.server"
        port = 443
        {workload}
        "#
    )
}

/// Picoseconds that a byte takes at so many Gbps.
const fn ps_per_byte(gbps: u64) -> u64 {
    8000 / gbps
}

#[track_caller]
pub(crate) fn exactly(what: &str, measured_s: f64, expected_ps: u64) {
    let off_ps = (measured_s * 1e12 - expected_ps as f64).abs();
    // A floating-point number holds 0.2 s to a hundredth of a picosecond.
    assert!(
        off_ps < 0.5,
        "{what}: {measured_s} s is not {expected_ps} ps"
    );
}

/// A connection takes one round trip (RFC 9293), TLS 1.3 one more (RFC 8446) and none with early
/// data, TLS 1.2 two more (RFC 5246) and one if resumed; the request itself takes one.
#[test]
fn round_trips_of_a_request() {
    // Payloads of the messages besides connection and request: hellos, certificates of 3 kB, keys.
    let handshakes: [(&str, u64, &[u64]); 5] = [
        ("none", 2, &[]),
        ("1.3_0rtt", 2, &[]),
        ("1.3", 3, &[320, 3400]),
        ("1.2_resumed", 3, &[320, 220]),
        ("1.2", 4, &[320, 3400, 130, 60]),
    ];
    // One way and service, as written and in picoseconds.
    let delays: [(&str, u64, &str, u64); 3] = [
        ("0.25 ms", 250_000_000, "2 ms", 2_000_000_000),
        ("0.5 ms", 500_000_000, "2 ms", 2_000_000_000),
        ("35 ms", 35_000_000_000, "5 ms", 5_000_000_000),
    ];
    // Every byte is sent by a card and over the links, at 1 Tbps.
    let per_byte = ps_per_byte(CARD_GBPS) + LINKS * ps_per_byte(1000);
    for (delay, one_way, service, service_ps) in delays {
        let server = format!("service_time = \"{service}\"");
        for (tls, round_trips, payloads) in handshakes {
            let bytes = |payloads: &[u64]| payloads.iter().map(|p| p + HEADERS).sum::<u64>();
            let request = bytes(&[500, 1000]);
            let first = round_trips * 2 * one_way
                + service_ps
                + per_byte * (bytes(&[0, 0]) + bytes(payloads) + request);
            let name = format!("TLS {tls}, {delay} one way");

            let arrivals = format!(
                "tls = \"{tls}\"\ncount = 3\narrivals = {{ interval = {{ every = \"1 s\" }} }}"
            );
            let run = |connection: &str| {
                let workload = format!("connection = \"{connection}\"\n{arrivals}");
                point(&zones(1000, 1000, delay, &server, &workload), &[])
            };
            let new = run("new");
            let latency = new.workload("probe").latency();
            exactly(&name, latency.min, first);
            exactly(&name, latency.max, first);

            // A kept connection needs the one round trip of the request.
            let kept = run("keep_alive");
            let latency = kept.workload("probe").latency();
            let later = 2 * one_way + service_ps + per_byte * request;
            exactly(&format!("{name}, the first"), latency.max, first);
            exactly(&format!("{name}, kept"), latency.min, later);
            let all = 3.0 * latency.mean;
            exactly(&format!("{name}, all three"), all, first + 2 * later);
        }
    }
}

/// n packets of equal size, sent at once through stations that take t₁, t₂, …: the last arrives
/// after Σt + (n-1) max t.
#[test]
fn a_response_of_many_segments_is_stored_and_forwarded() {
    const SEGMENTS: u64 = 10;
    // Links of hosts and spines, and the one between the zones, in Gbps.
    for (link, zone) in [(200, 200), (1000, 1000), (1000, 100), (100, 200), (40, 50)] {
        let workload = format!(
            "connection = \"keep_alive\"\ncount = 2\nresponse_size = \"{} B\"\n\
             arrivals = {{ interval = {{ every = \"1 s\" }} }}",
            SEGMENTS * (MTU - HEADERS)
        );
        let text = zones(link, zone, "0 s", "service_time = \"0 s\"", &workload);
        let results = point(&text, &[]);
        let stations = [CARD_GBPS, link, link, zone, link, link].map(ps_per_byte);
        let sum: u64 = stations.iter().sum();
        let slowest = stations.iter().max().unwrap();
        let request = (500 + HEADERS) * sum;
        let response = MTU * (sum + (SEGMENTS - 1) * slowest);
        let latency = results.workload("probe").latency();
        exactly(
            &format!("{link} and {zone} Gbps"),
            latency.min,
            request + response,
        );
        // The sum of the parts holds for a train, too.
        let parts: f64 = results
            .workload("probe")
            .hops
            .iter()
            .map(|hop| hop.mean_s)
            .sum();
        assert!((parts / latency.mean - 1.0).abs() < 1e-9);
    }
}

/// M/M/c from end to end: Poisson requests to an instance with c servers wait as Erlang's C says,
/// E[W] = C/(cμ-λ), and in the part that is called so.
#[test]
fn requests_wait_for_a_server_as_erlang_says() {
    // Servers, requests per second, mean wait in units of the mean service, 1 ms.
    for (servers, rate, wait) in [
        (1, 500, 1.0),
        (2, 1600, 1.777_777_8),
        (8, 6400, 0.286_028_1),
    ] {
        let server = format!(
            "servers = {servers}\nservice_time = {{ exponential = {{ mean = \"1 ms\" }} }}"
        );
        let workload = format!(
            "connection = \"keep_alive\"\narrivals = {{ poisson = {{ rate = \"{rate}/s\" }} }}"
        );
        let text = zones(1000, 1000, "0 s", &server, &workload);
        let edits = [r#"duration="3 s""#, r#"warmup="1 s""#, "replications=32"];
        let experiment = Experiment::run("waiting", &text, &edits);
        let measured = &experiment.outcome.points[0].results.workloads[0];
        let means: Vec<f64> = measured
            .replications
            .values()
            .map(|sums| sums.mean_secs().unwrap() * 1e3)
            .collect();
        // Serialisation adds some 0.1 µs, a ten-thousandth of the service.
        agree(
            &format!("M/M/{servers} from end to end"),
            &means,
            wait + 1.0,
        );

        let point = experiment.point();
        let probe = point.workload("probe");
        let waited = probe.hop("service.queue");
        let service = probe.hop("service");
        let rest = probe.latency().mean - waited - service;
        assert!((0.0..1e-6).contains(&rest), "{rest}");
        // Service is drawn independently: its mean has the standard error 1 ms/√n.
        let standard_error = 1e-3 / (probe.completed as f64).sqrt();
        assert!((service - 1e-3).abs() < 4.0 * standard_error, "{service}");
    }
}
