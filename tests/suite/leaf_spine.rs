//! The leaf–spine fabric of bare hosts, the yardstick of the engine: exact at vanishing load, and at
//! 40 % load in agreement with nine independent simulators of the same fabric.

use netsim::report::PointSummary;

use crate::oracles::agrees;
use crate::world::{Measured, Named, point, shipped};

/// 1500 bytes at 25 Gbps are 480 ns; each link adds 1 µs.
const LINK: f64 = 1.48e-6;
/// Far below what a picosecond would change.
const EXACT: f64 = 1e-15;

fn leaf_spine(edits: &[&str]) -> PointSummary {
    point(&shipped("leaf_spine"), edits)
}

/// Of 63 destinations, 7 are two links away and 56 four.
#[test]
fn an_empty_fabric_takes_two_or_four_links() {
    const COUNT: u32 = 40_000;
    let near = 7.0 / 63.0;
    // So rare are the datagrams that two of them hardly ever meet.
    let results = leaf_spine(&[&format!("datagram.uniform.count={COUNT}"), LONELY]);
    let datagrams = results.workload("uniform");
    let latency = datagrams.latency();
    assert!((latency.min - 2.0 * LINK).abs() < EXACT, "{}", latency.min);
    assert!((latency.max - 4.0 * LINK).abs() < EXACT, "{}", latency.max);

    // A mixture of two values that differ by two links has the variance (2 links)² p(1-p).
    let links_error = 2.0 * (near * (1.0 - near) / f64::from(COUNT)).sqrt();
    let links = (datagrams.hop("fabric.host_link") + datagrams.hop("fabric.spine_link")) / LINK;
    agrees("links per datagram", links, links_error, 34.0 / 9.0);
    agrees(
        "latency in an empty fabric",
        latency.mean,
        links_error * LINK,
        5.591_111e-6,
    );
    // The latency is that of the links alone, and the links of hosts are always two.
    assert!((latency.mean - links * LINK).abs() < EXACT);
    assert!((datagrams.hop("fabric.host_link") - 2.0 * LINK).abs() < EXACT);
}

const LONELY: &str = "datagram.uniform.load=0.0001 %";

/// Nine independent simulators of this fabric agree on a mean of 6.8585 µs, with a standard deviation
/// of 6 ns between runs of a million datagrams. The variance of a mean is inversely proportional to
/// the number of datagrams.
#[test]
fn forty_percent_load_waits_as_in_other_simulators() {
    const COUNT: u32 = 200_000;
    const REPLICATIONS: u32 = 3;
    let results = leaf_spine(&[
        &format!("datagram.uniform.count={COUNT}"),
        &format!("replications={REPLICATIONS}"),
    ]);
    let datagrams = results.workload("uniform");
    let sent = COUNT * REPLICATIONS;
    let standard_error = 0.006e-6 * (1e6 / f64::from(sent)).sqrt();
    let mean = datagrams.latency().mean;
    agrees("latency at 40 % load", mean, standard_error, 6.8585e-6);

    assert_eq!(datagrams.sent, u64::from(sent));
    assert_eq!(datagrams.completed, u64::from(sent));
    assert!(datagrams.failed.is_empty());
    assert_eq!(results.engine.packets, u64::from(sent));
}

/// The waiting alone, against queueing theory where it is exact: the first link of a host carries
/// its own Poisson arrivals only, which makes it an M/D/1 queue; all other queues are fed by links.
#[test]
fn waiting_is_shared_out_to_the_links() {
    let results = leaf_spine(&["datagram.uniform.count=200_000", "replications=1"]);
    let datagrams = results.workload("uniform");
    let parts: f64 = datagrams.hops.iter().map(|hop| hop.mean_s).sum();
    assert!((parts / datagrams.latency().mean - 1.0).abs() < 1e-9);
    let waiting =
        datagrams.hop("fabric.host_link.queue") + datagrams.hop("fabric.spine_link.queue");
    // M/D/1 at 0.4 waits ρD/2(1-ρ) = 160 ns at the first link; the rest can only add to it.
    assert!(datagrams.hop("fabric.host_link.queue") > 160e-9);
    assert!(waiting > datagrams.hop("fabric.host_link.queue"));
}
