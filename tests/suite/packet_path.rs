//! The price of every kind of hop: `scenarios/packet_path.toml` against measured round trips, and
//! every difference between two paths against the hops in which they differ.

use netsim::report::{PointSummary, WorkloadSummary};

use crate::world::{Measured, Named, point, shipped};

fn packet_path() -> PointSummary {
    point(&shipped("packet_path"), &[r#"duration="10 s""#])
}

/// Standard errors that are put down to chance.
const TOLERANCE: f64 = 4.0;

/// The mean latency of what is far less that of what is near, within 4 standard errors of `expected`.
fn differ_by(far: &WorkloadSummary, near: &WorkloadSummary, expected: f64) {
    let error = |w: &WorkloadSummary| w.latency().stddev.unwrap().powi(2) / w.completed as f64;
    let tolerated = TOLERANCE * (error(far) + error(near)).sqrt();
    let difference = far.latency().mean - near.latency().mean;
    assert!(
        (difference - expected).abs() <= tolerated,
        "{difference} is not {expected} ± {tolerated}"
    );
}

/// The network's part of a request: without the service, and without computing for TLS.
fn network(request: &WorkloadSummary) -> f64 {
    let others = ["service.queue", "service", "tls.server", "tls.client"];
    request.latency().mean - others.map(|hop| request.hop(hop)).iter().sum::<f64>()
}

#[test]
fn farther_is_slower() {
    let results = packet_path();
    let median = |name: &str| results.workload(name).latency().p50;
    let pings = [
        "same-host-ping",
        "same-rack-ping",
        "other-rack-ping",
        "other-zone-ping",
    ];
    assert!(pings.map(median).is_sorted(), "{:?}", pings.map(median));
    let requests = ["same-host", "same-rack", "other-rack", "other-zone"];
    assert!(
        requests.map(median).is_sorted(),
        "{:?}",
        requests.map(median)
    );
    // Services differ in their own time. On the network, a route is cheaper than an interface, and
    // that is cheaper than a NAT gateway with the internet gateway behind it.
    let services = [
        "s3-gateway-endpoint",
        "secret-interface-endpoint",
        "queue-nat",
    ];
    let costs = services.map(|name| network(results.workload(name)));
    assert!(costs.is_sorted(), "{costs:?}");
    assert!(network(results.workload("other-rack")) < costs[0]);
    for service in services {
        assert!(median(service) > median("other-zone"), "{service}");
    }
}

#[test]
fn every_mean_is_the_sum_of_its_parts() {
    for (name, workload) in &packet_path().workloads {
        let sum: f64 = workload.hops.iter().map(|hop| hop.mean_s).sum();
        let mean = workload.latency().mean;
        assert!(
            (sum / mean - 1.0).abs() < 1e-9,
            "{name}: {sum} is not {mean}"
        );
        let shares: f64 = workload.hops.iter().map(|hop| hop.share).sum();
        assert!((shares - 1.0).abs() < 1e-9, "{name}: {shares}");
        assert_eq!(workload.sent, workload.completed, "{name}");
    }
}

/// What two paths have in common costs the same on both, chance apart; so their latencies differ by
/// what only one of them has.
#[test]
fn paths_differ_by_their_own_hops() {
    let results = packet_path();
    let w = |name: &str| results.workload(name);
    let hops = |name: &str, hops: &[&str]| hops.iter().map(|hop| w(name).hop(hop)).sum::<f64>();

    // Through two cards and two links, instead of round in one card.
    let wire = hops(
        "same-rack-ping",
        &["nitro.egress", "nitro.ingress", "fabric.host_link"],
    );
    let turned = hops("same-host-ping", &["nitro.turnaround"]);
    differ_by(w("same-rack-ping"), w("same-host-ping"), wire - turned);
    // To a spine and down again, on both ways: 4 links of 600 ns, and 84 B + 64 B at 800 Gbps.
    let spine = 4.0 * (600e-9 + 148.0 * 8.0 / 800e9);
    assert!((hops("other-rack-ping", &["fabric.spine_link"]) - spine).abs() < 1e-12);
    differ_by(w("other-rack-ping"), w("same-rack-ping"), spine);
    // Between zones twice: 475 µs, and 148 B at 400 Gbps.
    let zones = 2.0 * (475e-6 + 148.0 * 8.0 / 400e9);
    assert!((hops("other-zone-ping", &["zone_link"]) - zones).abs() < 1e-12);
    differ_by(w("other-zone-ping"), w("other-rack-ping"), zones);
    // A request is two round trips: one for the connection, one for itself. 52 B of headers each, a
    // request of 500 B, a response of 1000 B, and 64 B of encapsulation.
    let bytes = 4.0 * (52.0 + 64.0) + 1500.0;
    let zones = 4.0 * 475e-6 + bytes * 8.0 / 400e9;
    assert!((hops("other-zone", &["zone_link"]) - zones).abs() < 1e-11);
    differ_by(w("other-zone"), w("other-rack"), zones);
}

/// Measured: cockroachlabs/cloud-report of 2019, pings between two m5.4xlarge of one zone, as of nine
/// instance types: medians of 55 to 96 µs; m5.4xlarge has a p99 of 82 µs. That two instances shared
/// a host is unlikely, so the ping on one host is left out. Between zones, published averages are
/// about a millisecond (the median of 47 pairs of zones is 1.015 ms).
#[test]
fn pings_take_as_long_as_measured() {
    let results = packet_path();
    for name in ["same-rack-ping", "other-rack-ping"] {
        let latency = results.workload(name).latency();
        assert!(
            (55e-6..=96e-6).contains(&latency.p50),
            "{name}: {}",
            latency.p50
        );
        assert!(
            (latency.p99 / 82e-6 - 1.0).abs() <= 0.3,
            "{name}: {}",
            latency.p99
        );
    }
    let median = results.workload("other-zone-ping").latency().p50;
    assert!((0.9e-3..=1.2e-3).contains(&median), "{median}");
}

#[test]
fn paths_pass_what_they_should_and_nothing_else() {
    let results = packet_path();
    let passing = |hop: &str| -> Vec<&str> {
        let workloads = results.workloads.iter();
        workloads
            .filter(|(_, w)| w.passes(hop))
            .map(|(name, _)| name.as_str())
            .collect()
    };
    let inside = |prefix: &str| -> Vec<&str> {
        let touches = |w: &WorkloadSummary| w.hops.iter().any(|hop| hop.hop.starts_with(prefix));
        let workloads = results.workloads.iter();
        workloads
            .filter(|(_, w)| touches(w))
            .map(|(name, _)| name.as_str())
            .collect()
    };
    assert_eq!(passing("nat_gateway"), ["queue-nat"]);
    assert_eq!(passing("internet_gateway"), ["queue-nat"]);
    assert_eq!(passing("gateway_endpoint"), ["s3-gateway-endpoint"]);
    assert_eq!(passing("interface_endpoint"), ["secret-interface-endpoint"]);
    assert_eq!(passing("zone_link"), ["other-zone-ping", "other-zone"]);
    assert_eq!(passing("nitro.turnaround"), ["same-host-ping", "same-host"]);
    assert_eq!(passing("internet"), [""; 0]);
    // One host: never on the fabric. One rack: never at a spine.
    let fabric = inside("fabric.");
    assert!(!fabric.contains(&"same-host") && !fabric.contains(&"same-host-ping"));
    assert_eq!(fabric.len(), results.workloads.len() - 2);
    let spines = inside("fabric.spine_link");
    assert!(!spines.contains(&"same-rack") && !spines.contains(&"same-rack-ping"));
    assert!(spines.contains(&"other-rack") && spines.contains(&"other-zone-ping"));
}
